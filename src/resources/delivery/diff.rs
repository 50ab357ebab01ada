use std::collections::{BTreeMap, BTreeSet};

use super::{DesiredDelivery, address_of, by_service, field_of, separator_of};
use crate::model::{Address, Kind, Risk};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Unmanaged, Verification};
use crate::ports::consul::{KeyEntry, KeyWrite};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::{Desired, Difference, Live, fingerprint};
use crate::source::is_secret_setting;

/// The last parts of keys that are lists: who has a new item in one has lost nothing.
const LISTS: [&str; 8] =
    ["brokers", "consumes", "groups", "listeners", "principals", "produces", "retries", "transactional_ids"];

/// The last parts of keys that say something about the bus that no client is set to: nobody behaves in another way for them.
const DESCRIBING: [&str; 10] = [
    "description",
    "format",
    "format_version",
    "key",
    "max_lag",
    "max_message_bytes",
    "optional",
    "retention",
    "transactional",
    "version",
];

/// Compares what is delivered to services with what they are to have.
pub fn diff(desired: &Desired<'_>, live: &Live) -> Difference {
    let mut difference = Difference::default();
    let deliveries = &desired.deliveries;
    if !deliveries.is_declared {
        return difference;
    }
    let unread = not_read();
    let found = match &live.delivered {
        Some(Observed::Known(found)) => found,
        not_seen => {
            let failure = not_seen.as_ref().and_then(Observed::hidden).unwrap_or(&unread);
            let unseen = deliveries.wanted.iter().map(|(service, wanted)| Incomplete {
                address: address_of(service),
                failure: failure.clone(),
                place: Some(desired.workspace.place(wanted.span)),
            });
            difference.incomplete.extend(unseen);
            return difference;
        }
    };
    let (found, strangers) = by_service(found);
    let none = BTreeMap::new();
    let grants = grants_by_service(desired);
    let granted = |service: &String| grants.get(service.as_str()).into_iter().flatten().cloned();
    for (service, wanted) in &deliveries.wanted {
        let before = found.get(service.as_str()).unwrap_or(&none);
        difference.changes.extend(change(desired, service, wanted, before).map(|change| Change {
            // What a service is told of is made before.
            depends_on: wanted.topics.iter().map(Address::topic).chain(granted(service)).collect(),
            ..change
        }));
    }
    let unmanaged = |name: &str, reason: &str| Unmanaged {
        kind: Kind::ClientConfig.as_str().to_owned(),
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let of_nobody = found.keys().filter(|service| !deliveries.wanted.contains_key(**service));
    difference.unmanaged.extend(of_nobody.map(|service| unmanaged(service, "no manifest declares the service")));
    difference.unmanaged.extend(strangers.into_iter().map(|key| unmanaged(key, "it is in no service's folder")));
    difference
}

fn change(
    desired: &Desired<'_>,
    service: &str,
    wanted: &DesiredDelivery,
    before: &BTreeMap<&str, &KeyEntry>,
) -> Option<Change> {
    let all: BTreeSet<&str> = before.keys().copied().chain(wanted.keys.keys().map(String::as_str)).collect();
    let place = desired.workspace.place(wanted.span);
    let (mut fields, mut writes) = (Vec::new(), Vec::new());
    for key in all {
        let (was, is) = (before.get(key), wanted.keys.get(key));
        if was.map(|entry| &entry.value) == is {
            continue;
        }
        fields.push(FieldChange {
            field: field_of(key),
            before: was.map(|entry| seen(key, &entry.value)),
            after: is.map(|value| seen(key, value)),
            place: Some(place.clone()),
        });
        let index = was.map_or(0, |entry| entry.index);
        writes.push(KeyWrite { key: format!("{service}/{key}"), value: is.cloned(), index });
    }
    if fields.is_empty() {
        return None;
    }
    // Who reads in between finds too much rather than too little.
    writes.sort_by_key(|write| write.value.is_none());
    let action = match (before.is_empty(), wanted.keys.is_empty()) {
        (true, _) => Action::Create,
        (false, true) => Action::Delete,
        (false, false) => Action::Update,
    };
    let (risk, impact) = cost(service, action, &fields);
    Some(Change {
        address: address_of(service),
        action,
        risk,
        impact,
        measured: None,
        access: Vec::new(),
        fingerprint: fingerprint(before.iter().map(|(key, entry)| format!("{key}={}", as_seen(key, entry)))),
        verification: Verification::unverifiable("Consul has no validate-only request"),
        place: Some(place),
        depends_on: Vec::new(),
        steps: vec![Step::WriteKeys(writes)],
        fields,
    })
}

/// A value without showing what looks like a secret, which somebody else has put there. People read a list in one line.
fn seen(key: &str, value: &str) -> FieldValue {
    match is_secret_setting(key, value) {
        true => FieldValue::shown(value, FieldValue::HIDDEN),
        false if is_list(key) => FieldValue::shown(value, value.replace('\n', ", ")),
        false => FieldValue::plain(value),
    }
}

fn is_list(key: &str) -> bool {
    !key.starts_with("configs/") && LISTS.contains(&key.rsplit('/').next().unwrap_or_default())
}

/// Whether a list has all that it had, and more.
fn only_gains(field: &FieldChange) -> bool {
    let (Some(before), Some(after)) = (&field.before, &field.after) else { return false };
    let items = |of: &str| of.split(separator_of(&field.field)).map(str::to_owned).collect::<BTreeSet<_>>();
    is_list(&field.field) && items(&before.value).is_subset(&items(&after.value))
}

/// What tells the value of a key from another one. A secret is known by its last change: a digest of it could be guessed, and
/// who has it from a snapshot has no value.
fn as_seen(key: &str, entry: &KeyEntry) -> String {
    match seen(key, &entry.value).is_hidden() {
        true => format!("{} {}", FieldValue::HIDDEN, entry.index),
        false => entry.value.clone(),
    }
}

/// What clients may notice.
fn cost(service: &str, action: Action, fields: &[FieldChange]) -> (Risk, Vec<String>) {
    if action == Action::Delete {
        let impact = format!("clients of `{service}` that start find nothing to bootstrap from");
        return (Risk::Disruptive, vec![impact]);
    }
    let is_set_to = |field: &&FieldChange| !DESCRIBING.contains(&field.field.rsplit('/').next().unwrap_or_default());
    let noticed: Vec<&str> = fields
        .iter()
        .filter(|field| field.before.is_some() && !only_gains(field))
        .filter(is_set_to)
        .map(|field| field.field.as_str())
        .collect();
    match noticed.as_slice() {
        [] => (Risk::Safe, Vec::new()),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            let impact = format!("clients of `{service}` that read it again bootstrap otherwise: {first}{more}");
            (Risk::Disruptive, vec![impact])
        }
    }
}

/// The addresses of what each service may do.
fn grants_by_service<'d>(desired: &'d Desired<'_>) -> BTreeMap<&'d str, BTreeSet<Address>> {
    let mut grants: BTreeMap<&str, BTreeSet<Address>> = BTreeMap::new();
    for acl in desired.grants.acls.keys() {
        if let Some(owner) = desired.grants.owners.get(&acl.principal) {
            let address = crate::resources::acl::address_of(&owner.name, acl);
            grants.entry(&owner.name).or_default().insert(address);
        }
    }
    grants
}

/// What a snapshot says that has no keys in it.
fn not_read() -> Failure {
    Failure {
        kind: FailureKind::NotFound,
        tried: "compare the configuration that is delivered".into(),
        server: "the saved live state".into(),
        answer: "it has none: it was saved before the cluster said where it is delivered to".into(),
        hint: Some("take a new snapshot".into()),
    }
}

#[cfg(test)]
mod tests;
