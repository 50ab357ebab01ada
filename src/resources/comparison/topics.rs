use std::collections::{BTreeMap, BTreeSet};

use super::{Deviation, Fields, Observation, Unseen, changed, unseen};
use crate::model::{Address, TopicName};
use crate::plan::{Action, FieldValue};
use crate::resources::topic::{LiveTopic, LiveTopics, is_transient, kafka_value, source_name};

/// Compares topics, but for Kafka's own and those that the tool keeps for itself.
pub(super) fn compare(first: Observation<'_>, second: Observation<'_>, incomplete: &mut Vec<Unseen>) -> Vec<Deviation> {
    let (a, b) = (&first.live.topics, &second.live.topics);
    let mut hidden: BTreeSet<&TopicName> = BTreeSet::new();
    for of in [first, second] {
        let live = &of.live.topics;
        let unread = live.topics.iter().filter_map(|(name, topic)| Some((name, topic.configs.hidden()?)));
        for (name, failure) in live.hidden.iter().chain(unread) {
            incomplete.push(unseen(of, Address::topic(name).to_string(), failure));
            hidden.insert(name);
        }
    }
    let is_compared = |name: &TopicName, live: &LiveTopics| {
        !name.is_reserved() && !hidden.contains(name) && live.topics.get(name).is_none_or(|topic| !topic.internal)
    };
    let names: BTreeSet<&TopicName> = a.topics.keys().chain(b.topics.keys()).collect();
    let names = names.into_iter().filter(|name| is_compared(name, a) && is_compared(name, b));
    let of = |name: &TopicName| {
        let address = Address::topic(name);
        let (action, fields) = match (a.topics.get(name), b.topics.get(name)) {
            (Some(one), Some(other)) => (Action::Update, changed(&fields(one, other, a), &fields(other, one, b))),
            (Some(one), None) => (Action::Delete, changed(&fields(one, one, a), &Fields::new())),
            (None, Some(other)) => (Action::Create, changed(&Fields::new(), &fields(other, other, b))),
            (None, None) => return None,
        };
        (action != Action::Update || !fields.is_empty()).then_some(Deviation { address, action, fields })
    };
    names.filter_map(of).collect()
}

/// What a topic has. Of configs that the other one alone sets, what it has by default: that both come to the same is no
/// difference.
fn fields(topic: &LiveTopic, other: &LiveTopic, live: &LiveTopics) -> Fields {
    let none = BTreeMap::new();
    let own = topic.configs.known().unwrap_or(&none);
    let of_other = other.configs.known().unwrap_or(&none);
    let mut fields = Fields::from([
        ("partitions".to_owned(), FieldValue::plain(topic.partitions.len())),
        ("replication_factor".to_owned(), FieldValue::plain(topic.replication_factor())),
    ]);
    for key in own.keys().chain(of_other.keys()).filter(|key| !is_transient(key)) {
        let value = match (own.get(key), live.defaults.get(key)) {
            (Some(raw), _) => kafka_value(key, raw),
            (None, Some((raw, source))) => kafka_value(key, raw).from_source(source_name(*source)),
            (None, None) => continue,
        };
        fields.insert(format!("config.{key}"), value);
    }
    fields
}
