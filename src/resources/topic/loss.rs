//! Which records a change takes away: the question, before anybody has measured how many.

use super::{LiveTopic, LiveTopics};
use crate::model::TopicName;
use crate::plan::{Action, Change, FieldChange};

/// The records that a change of a topic takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of them.
    Everything,
    /// All but the last of each key.
    Compacted,
    /// Those beyond a bound; Kafka deletes whole segments from the oldest on.
    Beyond {
        /// The retention that is new, in milliseconds.
        retention_ms: Option<i64>,
        /// The size of a partition that is new.
        retention_bytes: Option<i64>,
    },
}

/// What a change of a topic takes away.
pub fn loss_of(change: &Change, found: &LiveTopic, live: &LiveTopics) -> Option<Loss> {
    match change.action {
        Action::Create => None,
        Action::Delete => Some(Loss::Everything),
        Action::Update => loss_of_fields(&change.fields, found, live),
    }
}

fn loss_of_fields(fields: &[FieldChange], found: &LiveTopic, live: &LiveTopics) -> Option<Loss> {
    let before = config(found, live, "cleanup.policy").unwrap_or_else(|| "delete".into());
    let after = cleanup_after(fields, found, live);
    if !has(&before, "compact") && has(&after, "compact") {
        return Some(Loss::Compacted);
    }
    if !has(&after, "delete") {
        return None;
    }
    let newly = !has(&before, "delete");
    let bound = |key: &str| {
        let field = fields.iter().find(|field| field.field.strip_prefix("config.") == Some(key));
        let bound = match field {
            Some(field) if newly || is_cut(field) => value(field.after.as_ref()).map(str::to_owned),
            None if newly => config(found, live, key),
            _ => None,
        };
        bound.and_then(|bound| bound.parse::<i64>().ok()).filter(|bound| *bound >= 0)
    };
    let (retention_ms, retention_bytes) = (bound("retention.ms"), bound("retention.bytes"));
    (retention_ms.is_some() || retention_bytes.is_some()).then_some(Loss::Beyond { retention_ms, retention_bytes })
}

/// The cleanup policy that the topic will have.
pub(super) fn cleanup_after(fields: &[FieldChange], found: &LiveTopic, live: &LiveTopics) -> String {
    let field = fields.iter().find(|field| field.field == "config.cleanup.policy");
    let after = match field {
        Some(field) => value(field.after.as_ref()).map(str::to_owned),
        None => config(found, live, "cleanup.policy"),
    };
    after.unwrap_or_else(|| "delete".into())
}

/// The value that counts for a topic now: its own, else the broker's.
fn config(found: &LiveTopic, live: &LiveTopics, key: &str) -> Option<String> {
    let own = found.configs.known().and_then(|configs| configs.get(key));
    own.or_else(|| live.defaults.get(key).map(|(value, _)| value)).cloned()
}

impl LiveTopics {
    /// Whether Kafka only compacts a topic: it deletes no records of it.
    pub fn is_only_compacted(&self, topic: &TopicName) -> bool {
        let policy = self.topics.get(topic).and_then(|found| config(found, self, "cleanup.policy"));
        policy.is_some_and(|policy| has(&policy, "compact") && !has(&policy, "delete"))
    }
}

/// Whether a list of policies has this one.
pub(super) fn has(policies: &str, policy: &str) -> bool {
    policies.split(',').any(|part| part.trim() == policy)
}

/// Whether the new value is the stricter bound.
pub(super) fn is_cut(field: &FieldChange) -> bool {
    is_less(value(field.after.as_ref()), value(field.before.as_ref()))
}

pub(super) fn value(value: Option<&crate::plan::FieldValue>) -> Option<&str> {
    value.map(|value| value.value.as_str())
}

/// Whether `a` is a stricter bound than `b`; a negative number is no bound. What is not known is no bound either.
pub(super) fn is_less(a: Option<&str>, b: Option<&str>) -> bool {
    let bound = |value: Option<&str>| match value.and_then(|text| text.parse::<i64>().ok()) {
        Some(value) if value >= 0 => value,
        _ => i64::MAX,
    };
    bound(a) < bound(b)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::plan::FieldValue;
    use crate::ports::Observed;
    use crate::ports::kafka::ConfigSource;

    fn live(configs: &[(&str, &str)]) -> (LiveTopic, LiveTopics) {
        let configs = configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect();
        let found = LiveTopic { internal: false, id: None, partitions: Vec::new(), configs: Observed::Known(configs) };
        let default = |value: &str| (value.to_owned(), ConfigSource::Default);
        let defaults = BTreeMap::from([
            ("cleanup.policy".into(), default("delete")),
            ("retention.ms".into(), default("604800000")),
            ("retention.bytes".into(), default("-1")),
        ]);
        (found, LiveTopics { defaults, ..LiveTopics::default() })
    }

    fn field(key: &str, before: &str, after: &str) -> FieldChange {
        let value = |text| Some(FieldValue::plain(text));
        FieldChange { field: format!("config.{key}"), before: value(before), after: value(after), place: None }
    }

    fn beyond(retention_ms: Option<i64>, retention_bytes: Option<i64>) -> Option<Loss> {
        Some(Loss::Beyond { retention_ms, retention_bytes })
    }

    #[test]
    fn a_bound_is_compared_as_kafka_means_it() {
        assert!(is_less(Some("1"), Some("2")));
        assert!(is_less(Some("1"), Some("-1")));
        assert!(!is_less(Some("-1"), Some("1")));
        assert!(!is_less(Some("2"), Some("2")));
        assert!(is_less(Some("5"), None));
    }

    #[test]
    fn a_cut_takes_what_is_beyond_it() {
        let (found, live) = live(&[]);
        let loss = |fields: &[FieldChange]| loss_of_fields(fields, &found, &live);
        assert_eq!(loss(&[field("retention.ms", "2", "1")]), beyond(Some(1), None));
        assert_eq!(
            loss(&[field("retention.ms", "-1", "1"), field("retention.bytes", "9", "5")]),
            beyond(Some(1), Some(5))
        );
        assert_eq!(loss(&[field("retention.ms", "1", "2")]), None);
        assert_eq!(loss(&[field("retention.ms", "1", "-1"), field("segment.bytes", "9", "5")]), None);
    }

    #[test]
    fn what_is_only_compacted_keeps_its_records() {
        let topic: TopicName = "a".parse().expect("a topic");
        let is_only_compacted = |configs: &[(&str, &str)]| {
            let (found, mut live) = live(configs);
            live.topics.insert(topic.clone(), found);
            live.is_only_compacted(&topic)
        };
        assert!(is_only_compacted(&[("cleanup.policy", "compact")]));
        assert!(!is_only_compacted(&[("cleanup.policy", "delete, compact")]));
        assert!(!is_only_compacted(&[]), "the broker's own policy holds");
    }

    #[test]
    fn a_policy_decides_what_a_bound_takes() {
        let (compacted, of_compacted) = live(&[("cleanup.policy", "compact")]);
        let cut = field("retention.ms", "2", "1");
        assert_eq!(loss_of_fields(std::slice::from_ref(&cut), &compacted, &of_compacted), None);
        let policy = |after| field("cleanup.policy", "compact", after);
        for after in ["delete", "compact,delete"] {
            let loss = loss_of_fields(&[policy(after)], &compacted, &of_compacted);
            assert_eq!(loss, beyond(Some(604_800_000), None), "{after}");
            assert_eq!(loss_of_fields(&[policy(after), cut.clone()], &compacted, &of_compacted), beyond(Some(1), None));
        }
        let (deleted, of_deleted) = live(&[]);
        for after in ["compact", "compact,delete"] {
            let fields = [field("cleanup.policy", "delete", after), cut.clone()];
            assert_eq!(loss_of_fields(&fields, &deleted, &of_deleted), Some(Loss::Compacted), "{after}");
        }
        let (both, of_both) = live(&[("cleanup.policy", "compact,delete")]);
        for after in ["compact", "delete"] {
            let fields = [field("cleanup.policy", "compact,delete", after)];
            assert_eq!(loss_of_fields(&fields, &both, &of_both), None, "{after}");
        }
    }
}
