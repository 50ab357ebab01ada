//! The deletion that a tombstone asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::ConfigValue;
use super::diff::{fingerprint_of, shown};
use super::{DesiredTopic, LiveTopic};
use crate::model::{Address, Risk, Subject};
use crate::plan::{Action, Change, FieldChange, FieldValue, Step, Verification};
use crate::resources::Desired;

/// The change that deletes a topic.
pub(super) fn delete(
    desired: &Desired<'_>,
    topic: &DesiredTopic,
    found: &LiveTopic,
    overrides: &BTreeMap<Arc<str>, String>,
    subjects: &[&Subject],
) -> Change {
    let spec = desired.workspace.topics.get(&topic.name);
    let gone =
        |field: String, before: FieldValue| FieldChange { field, before: Some(before), after: None, place: None };
    let mut fields = vec![
        gone("partitions".into(), FieldValue::plain(found.partitions.len())),
        gone("replication_factor".into(), FieldValue::plain(found.replication_factor())),
    ];
    let configs = overrides.iter();
    fields
        .extend(configs.map(|(key, raw)| gone(format!("config.{key}"), shown(key, &ConfigValue::of_kafka(key, raw)))));
    let mut impact = vec!["the topic is deleted with all its records; nothing brings them back".to_owned()];
    if let Some(reason) = spec.and_then(|spec| spec.reason.as_ref()) {
        impact.push(format!("the reason given: {}", reason.value.trim()));
    }
    impact.extend(subjects_stay(desired, topic, subjects));
    let span = spec.and_then(|spec| spec.state.as_ref()).map_or(topic.span, |state| state.span);
    Change {
        address: Address::topic(&topic.name),
        action: Action::Delete,
        fields,
        risk: Risk::Destructive,
        impact,
        measured: None,
        access: Vec::new(),
        fingerprint: fingerprint_of(found, overrides),
        verification: Verification::unverifiable("brokers have no validate-only request for deletions"),
        place: Some(desired.workspace.place(span)),
        depends_on: Vec::new(),
        steps: vec![Step::DeleteTopic(topic.name.clone())],
    }
}

/// A topic's tombstone is not one of its subjects': other topics may be written with the same schema.
fn subjects_stay(desired: &Desired<'_>, topic: &DesiredTopic, subjects: &[&Subject]) -> Option<String> {
    let own = |subject: &Subject| {
        let part = subject.as_str().strip_prefix(topic.name.as_str()).and_then(|rest| rest.strip_prefix('-'));
        part.is_some() && !desired.removed_subjects.contains_key(subject)
    };
    let named: Vec<String> =
        subjects.iter().filter(|subject| own(subject)).map(|subject| format!("`{subject}`")).collect();
    let stay = if named.len() == 1 { "subject stays" } else { "subjects stay" };
    (!named.is_empty())
        .then(|| format!("its {stay} in the registry, until a tombstone in schemas/ asks for it: {}", named.join(", ")))
}
