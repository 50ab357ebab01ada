use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Change, FieldValue, Plan, PlanFinding, Unmanaged};
use crate::diag::Level;
use crate::model::Address;
use crate::source::{Place, is_secret_setting, word_enum};

word_enum! {
    /// Who made the live state differ from the manifests; the least worrying first.
    Cause, "a cause of drift", {
        /// The manifests were changed and not applied yet.
        Pending = "pending",
        /// The cluster was changed outside Git.
        Outside = "outside",
        /// Both: neither is what was last applied.
        Both = "both",
        /// Nothing is remembered of an apply, so nobody can tell.
        Unknown = "unknown",
    }
}

/// A field that differs, with what was last applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftedField {
    /// The field.
    pub field: String,
    /// Who changed it.
    pub cause: Cause,
    /// What was last applied; `None` where it was not set or nothing is remembered.
    pub applied: Option<String>,
    /// What the cluster has.
    pub live: Option<FieldValue>,
    /// What the manifests say.
    pub declared: Option<FieldValue>,
    /// Where they say it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
}

/// A resource that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drifted {
    /// The resource.
    pub address: Address,
    /// What apply would do.
    pub action: Action,
    /// Who made it differ; `both` where its fields have different causes.
    pub cause: Cause,
    /// Its fields.
    pub fields: Vec<DriftedField>,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// How a live state differs from the manifests, and since when by whom as far as that is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The id that the brokers answered.
    pub cluster_id: String,
    /// Whether everything that was declared could be seen.
    pub complete: bool,
    /// What differs.
    pub drifted: Vec<Drifted>,
    /// What the live state breaks, and what differs although no apply can change it.
    #[serde(default)]
    pub findings: Vec<PlanFinding>,
    /// What is there and not ours: nothing that was applied tells whether it was made since.
    #[serde(default)]
    pub unmanaged: Vec<Unmanaged>,
}

/// The values that an apply left behind, by address and field, as the systems write them. What was not set is not in it.
pub type LastApplied = BTreeMap<Address, BTreeMap<String, String>>;

/// Tells what differs because of a change outside Git from what only waits to be applied.
///
/// Of a field three values are known: what was last applied, what the cluster has, and what the manifests say. Where the
/// cluster still has what was applied, the manifests moved; where the manifests still say it, the cluster did.
pub fn drift(plan: &Plan, applied: &LastApplied) -> Drift {
    Drift {
        format_version: 1,
        cluster: plan.cluster.clone(),
        cluster_id: plan.cluster_id.clone(),
        complete: plan.complete,
        drifted: plan.changes.iter().map(|change| drifted(change, memory_of(change, applied))).collect(),
        findings: plan.findings.iter().filter(|finding| finding.level != Level::Off).cloned().collect(),
        unmanaged: plan.unmanaged.clone(),
    }
}

/// What is remembered of a resource. One that is not there and of which nothing is remembered, while others are, was never
/// there.
fn memory_of<'a>(change: &Change, applied: &'a LastApplied) -> Option<&'a BTreeMap<String, String>> {
    static NOTHING: BTreeMap<String, String> = BTreeMap::new();
    let never_there = change.action == Action::Create && !applied.is_empty();
    applied.get(&change.address).or(never_there.then_some(&NOTHING))
}

fn drifted(change: &Change, applied: Option<&BTreeMap<String, String>>) -> Drifted {
    let fields: Vec<_> = change
        .fields
        .iter()
        // Which brokers replicas go to follows from how many there are to be; nobody declares it.
        .filter(|field| !field.field.starts_with("replicas."))
        .map(|field| {
            // What is remembered of a secret is that there was one, which an earlier version kept.
            let kept = |last: &String| match is_secret_setting(&field.field, last) {
                true => FieldValue::HIDDEN.to_owned(),
                false => last.clone(),
            };
            let last = applied.and_then(|applied| applied.get(&field.field)).map(kept);
            // Who reads of a drift is shown no secret.
            let shown = |value: &Option<FieldValue>| {
                let mut value = value.clone();
                value.iter_mut().for_each(FieldValue::hide);
                value
            };
            let (before, after) = (shown(&field.before), shown(&field.after));
            let live = before.as_ref().and_then(FieldValue::set_on_it);
            let declared = after.as_ref().and_then(FieldValue::set_on_it);
            let last_value = last.as_deref();
            let cause = match applied {
                None => Cause::Unknown,
                Some(_) if last_value == live => Cause::Pending,
                Some(_) if last_value == declared => Cause::Outside,
                Some(_) => Cause::Both,
            };
            DriftedField {
                field: field.field.clone(),
                cause,
                applied: last,
                live: before,
                declared: after,
                place: field.place.clone(),
            }
        })
        .collect();
    let mut causes: Vec<_> = fields.iter().map(|field| field.cause).collect();
    causes.dedup();
    let cause = match (&causes[..], applied) {
        ([one], _) => *one,
        ([], Some(_)) => Cause::Pending,
        ([], None) => Cause::Unknown,
        _ => Cause::Both,
    };
    Drifted { address: change.address.clone(), action: change.action, cause, fields, place: change.place.clone() }
}

impl Drift {
    /// Whether an apply would have nothing to do.
    pub fn is_empty(&self) -> bool {
        self.drifted.is_empty()
    }

    /// How many resources differ for this cause.
    pub fn count(&self, cause: Cause) -> usize {
        self.drifted.iter().filter(|drifted| drifted.cause == cause).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::samples::{change, field, plan_of};

    fn causes(applied: Option<&str>, live: Option<&str>, declared: Option<&str>) -> Cause {
        let address = Address::topic("a");
        let plan = plan_of(vec![change(address.clone(), Action::Update, vec![field("partitions", live, declared)])]);
        let fields = applied.map(|value| ("partitions".to_owned(), value.to_owned())).into_iter().collect();
        drift(&plan, &BTreeMap::from([(address, fields)])).drifted[0].cause
    }

    #[test]
    fn three_values_tell_who_moved() {
        assert_eq!(causes(Some("6"), Some("6"), Some("12")), Cause::Pending);
        assert_eq!(causes(Some("6"), Some("12"), Some("6")), Cause::Outside);
        assert_eq!(causes(Some("6"), Some("8"), Some("12")), Cause::Both);
        assert_eq!(causes(None, Some("5"), None), Cause::Outside);
        assert_eq!(causes(None, None, Some("5")), Cause::Pending);
    }

    #[test]
    fn without_a_memory_nobody_can_tell() {
        let update = change(Address::topic("a"), Action::Update, vec![field("partitions", Some("6"), Some("12"))]);
        let drift = drift(&plan_of(vec![update]), &BTreeMap::new());
        assert_eq!(drift.drifted[0].cause, Cause::Unknown);
        assert_eq!((drift.count(Cause::Unknown), drift.is_empty()), (1, false));
    }

    #[test]
    fn a_resource_that_was_never_there_is_new_in_git() {
        let create = change(Address::topic("a"), Action::Create, vec![field("partitions", None, Some("6"))]);
        let of = |applied: &LastApplied| drift(&plan_of(vec![create.clone()]), applied).drifted[0].cause;
        let fields = BTreeMap::from([("partitions".to_owned(), "6".to_owned())]);
        assert_eq!(of(&BTreeMap::from([(Address::topic("b"), fields.clone())])), Cause::Pending);
        assert_eq!(of(&BTreeMap::from([(Address::topic("a"), fields)])), Cause::Outside);
    }

    #[test]
    fn a_value_that_shows_through_is_not_set() {
        let mut retention = field("config.retention.ms", Some("5"), Some("7"));
        retention.after = retention.after.map(|after| after.from_source("Kafka's default"));
        let address = Address::topic("a");
        let plan = plan_of(vec![change(address.clone(), Action::Update, vec![retention])]);
        let applied = BTreeMap::from([(address, BTreeMap::new())]);
        assert_eq!(drift(&plan, &applied).drifted[0].cause, Cause::Outside);
    }
}
