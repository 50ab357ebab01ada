//! What two clusters are. What either of them does not tell is left out.

use std::collections::BTreeSet;

use super::{Fields, Live};
use crate::plan::FieldValue;
use crate::ports::kafka::ClusterFacts;

/// Of both clusters, by the same names.
pub(super) fn of(first: &Live, second: &Live) -> [Fields; 2] {
    let (Some(one), Some(other)) = (&first.facts, &second.facts) else { return Default::default() };
    let mut both = [of_one(one), of_one(other)];
    let is_told = |facts: &ClusterFacts| {
        let settings = facts.brokers.values().all(|broker| broker.settings.known().is_some());
        [facts.quorum.known().is_some(), settings, !facts.finalized.is_empty()]
    };
    let [quorum, settings, features] = [0, 1, 2].map(|thing| is_told(one)[thing] && is_told(other)[thing]);
    for fields in &mut both {
        fields.retain(|name, _| match name.as_str() {
            "controllers" => quorum,
            name if name.starts_with("feature.") => features,
            _ => settings,
        });
    }
    both
}

fn of_one(facts: &ClusterFacts) -> Fields {
    let mut fields = Fields::new();
    let voters = facts.quorum.known().map_or(0, |quorum| quorum.voters.len());
    fields.insert("controllers".to_owned(), FieldValue::plain(voters));
    for (feature, level) in &facts.finalized {
        fields.insert(format!("feature.{feature}"), FieldValue::plain(*level));
    }
    let settings = |key: &str| -> BTreeSet<&str> {
        let brokers = facts.brokers.values().filter_map(|broker| broker.settings.known()?.get(key));
        brokers.map(|value| value.as_deref().unwrap_or("there are some")).filter(|value| !value.is_empty()).collect()
    };
    let list = |values: BTreeSet<&str>| values.into_iter().collect::<Vec<_>>().join(", ");
    for (field, key) in [("authorizer", "authorizer.class.name"), ("super_users", "super.users")] {
        let values = settings(key);
        if !values.is_empty() {
            fields.insert(field.to_owned(), FieldValue::plain(list(values)));
        }
    }
    // Ports and hosts are each cluster's own.
    let listeners = settings("listeners");
    let names = listeners.iter().flat_map(|listeners| listeners.split(','));
    let names: BTreeSet<&str> =
        names.filter_map(|listener| listener.trim().split_once("://")).map(|(name, _)| name).collect();
    if !names.is_empty() {
        fields.insert("listeners".to_owned(), FieldValue::plain(list(names)));
    }
    fields
}
