//! Two live states side by side: what the second has otherwise than the first, by the fields that a plan has.

mod brokers;
mod clients;
mod facts;
mod subjects;
mod topics;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Live;
use crate::model::{Address, Principal};
use crate::plan::{Action, FieldChange, FieldValue};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::topic::{kafka_value, source_name};

/// What two live states differ by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The one that is compared with.
    pub first: Side,
    /// The one that is told.
    pub second: Side,
    /// Whether everything of both could be seen.
    pub complete: bool,
    /// What differs of the clusters themselves: brokers, racks, controllers, features, authorizer, listeners, defaults of topics, the
    /// registry's level.
    pub fields: Vec<FieldChange>,
    /// Resources that differ, by their addresses.
    pub differences: Vec<Deviation>,
    /// What could not be seen, and was not compared.
    pub incomplete: Vec<Unseen>,
    /// The counts.
    pub summary: Tally,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The id that its brokers answered.
    pub cluster_id: String,
    /// The file, where it is a snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
}

/// A resource that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deviation {
    /// The resource. A principal that no manifest declares stands in the place of a service.
    pub address: Address,
    /// `create` where the second alone has it, `delete` where the first alone has it, `update` where both have.
    pub action: Action,
    /// Its fields in the first and in the second.
    pub fields: Vec<FieldChange>,
}

/// What could not be seen on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// The cluster.
    pub cluster: String,
    /// The resource; a kind as a whole is `KIND/*`.
    pub address: String,
    /// Why.
    pub failure: Failure,
}

/// The counts of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Resources that the second alone has.
    pub create: usize,
    /// Resources that both have, otherwise.
    pub update: usize,
    /// Resources that the first alone has.
    pub delete: usize,
}

/// A live state with what is known of its clients.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// What it is called.
    pub side: &'a Side,
    /// The live state.
    pub live: &'a Live,
    /// The services and roles that principals are of, by the manifests for this cluster: clusters name the same service
    /// otherwise.
    pub owners: &'a BTreeMap<Principal, String>,
}

impl Observation<'_> {
    /// The owners, called as the other side calls them where a principal is on both: clusters are compared as they are, whatever
    /// their manifests call a service. Who has the name of such a one and is another stands for itself.
    fn with_names_of(self, other: Self) -> BTreeMap<Principal, String> {
        let same = |principal: &Principal| other.owners.get(principal);
        let renamed = self.owners.iter().filter_map(|(principal, own)| same(principal).filter(|name| *name != own));
        let taken: BTreeSet<&String> = renamed.collect();
        let name = |(principal, own): (&Principal, &String)| {
            let name = match same(principal) {
                Some(name) => name.clone(),
                None if taken.contains(own) => principal.to_string(),
                None => own.clone(),
            };
            (principal.clone(), name)
        };
        self.owners.iter().map(name).collect()
    }

    /// The owners, and of principals that no manifest knows here those that they have on the other side: a state may be of a
    /// cluster without a manifest.
    fn with_owners_of(self, other: Self) -> BTreeMap<Principal, String> {
        let known: BTreeSet<&String> = self.owners.values().collect();
        let more = other.owners.iter().filter(|(_, owner)| !known.contains(owner));
        let mut owners = self.owners.clone();
        for (principal, owner) in more {
            owners.entry(principal.clone()).or_insert_with(|| owner.clone());
        }
        owners
    }
}

/// Leaves principals of who has several on one side to stand for themselves: nobody says which of them is which on the other side,
/// and what one of them has must not hide what another lacks.
fn leave_several_alone(owners: &mut [BTreeMap<Principal, String>; 2]) {
    let several: BTreeSet<String> = owners
        .iter()
        .flat_map(|owners| {
            let mut seen = BTreeSet::new();
            owners.values().filter(move |owner| !seen.insert(*owner))
        })
        .cloned()
        .collect();
    for owners in owners {
        owners.retain(|_, owner| !several.contains(owner));
    }
}

/// Fields by their names.
type Fields = BTreeMap<String, FieldValue>;

impl Comparison {
    /// Compares two live states.
    pub fn of(first: Observation<'_>, second: Observation<'_>) -> Self {
        let named = second.with_names_of(first);
        let second = Observation { owners: &named, ..second };
        let mut owners = [first.with_owners_of(second), second.with_owners_of(first)];
        leave_several_alone(&mut owners);
        let [of_first, of_second] = &owners;
        let (first, second) = (Observation { owners: of_first, ..first }, Observation { owners: of_second, ..second });
        let mut incomplete = Vec::new();
        let mut differences = topics::compare(first, second, &mut incomplete);
        differences.extend(clients::grants(first, second, &mut incomplete));
        differences.extend(clients::quotas(first, second, &mut incomplete));
        differences.extend(clients::scram_users(first, second, &mut incomplete));
        differences.extend(brokers::configs(first, second, &mut incomplete));
        differences.extend(subjects::compare(first, second, &mut incomplete));
        differences.sort_by(|a, b| a.address.cmp(&b.address));
        let [mut before, mut after] = facts::of(first.live, second.live);
        before.extend(of_cluster(first));
        after.extend(of_cluster(second));
        let mut summary = Tally::default();
        for deviation in &differences {
            *match deviation.action {
                Action::Create => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Delete => &mut summary.delete,
            } += 1;
        }
        Self {
            format_version: 1,
            first: first.side.clone(),
            second: second.side.clone(),
            complete: incomplete.is_empty(),
            fields: changed(&before, &after),
            differences,
            incomplete,
            summary,
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty() && self.fields.is_empty()
    }
}

/// What is compared of a cluster itself.
fn of_cluster(of: Observation<'_>) -> Fields {
    let live = of.live;
    let mut fields = Fields::from([("brokers".to_owned(), FieldValue::plain(live.cluster.brokers.len()))]);
    let racks: BTreeSet<&str> = live.cluster.brokers.iter().filter_map(|broker| broker.rack.as_deref()).collect();
    if !racks.is_empty() {
        let racks = racks.into_iter().collect::<Vec<_>>().join(", ");
        fields.insert("racks".to_owned(), FieldValue::plain(racks));
    }
    for (key, (raw, source)) in &live.topics.defaults {
        let value = kafka_value(key, raw).from_source(source_name(*source));
        fields.insert(format!("config.{key}"), value);
    }
    if let Some(registry) = &live.registry {
        fields.insert("schema_registry".to_owned(), FieldValue::plain("there is one"));
        let level = registry.known().and_then(|registry| registry.info.compatibility.as_ref());
        fields.extend(level.map(|level| ("compatibility".to_owned(), FieldValue::plain(level.to_lowercase()))));
    }
    fields
}

/// The fields that differ by their values. Where they come from makes no difference.
fn changed(first: &Fields, second: &Fields) -> Vec<FieldChange> {
    let names: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    let change = |name: &String| {
        let (before, after) = (first.get(name), second.get(name));
        let differs = before.map(|value| &value.value) != after.map(|value| &value.value);
        differs.then(|| FieldChange {
            field: name.clone(),
            before: before.cloned(),
            after: after.cloned(),
            place: None,
        })
    };
    names.into_iter().filter_map(change).collect()
}

/// Compares resources by their fields.
fn deviations(first: &BTreeMap<Address, Fields>, second: &BTreeMap<Address, Fields>) -> Vec<Deviation> {
    let none = Fields::new();
    let addresses: BTreeSet<&Address> = first.keys().chain(second.keys()).collect();
    let of = |address: &Address| {
        let (before, after) = (first.get(address), second.get(address));
        let action = match (before, after) {
            (Some(_), Some(_)) => Action::Update,
            (None, _) => Action::Create,
            (Some(_), None) => Action::Delete,
        };
        let fields = changed(before.unwrap_or(&none), after.unwrap_or(&none));
        // A resource without a field that is set is there all the same.
        (action != Action::Update || !fields.is_empty()).then(|| Deviation { address: address.clone(), action, fields })
    };
    addresses.into_iter().filter_map(of).collect()
}

/// The value of each side, where both could see it. That a server does not have something hides nothing.
fn both_see<'a, T>(
    sides: [(Observation<'a>, &'a Observed<T>); 2],
    kind: &str,
    incomplete: &mut Vec<Unseen>,
) -> Option<[Option<&'a T>; 2]> {
    let mut seen = true;
    for (of, observed) in sides {
        if let Some(failure) = observed.hidden().filter(|failure| failure.kind != FailureKind::Unsupported) {
            incomplete.push(unseen(of, format!("{kind}/*"), failure));
            seen = false;
        }
    }
    seen.then(|| sides.map(|(_, observed)| observed.known()))
}

fn unseen(of: Observation<'_>, address: impl Into<String>, failure: &Failure) -> Unseen {
    Unseen { cluster: of.side.cluster.clone(), address: address.into(), failure: failure.clone() }
}

#[cfg(test)]
mod tests;
