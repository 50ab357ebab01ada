use super::DesiredTopic;
use crate::model::Risk;
use crate::plan::FieldChange;

/// The risk of the fields of an update, and what each costs.
pub fn assess(topic: &DesiredTopic, fields: &[FieldChange]) -> (Risk, Vec<String>) {
    let mut risk = Risk::Safe;
    let mut impact = Vec::new();
    for field in fields {
        if let Some((field_risk, sentence)) = assess_field(topic, field) {
            risk = risk.max(field_risk);
            impact.push(sentence);
        }
    }
    (risk, impact)
}

fn assess_field(topic: &DesiredTopic, field: &FieldChange) -> Option<(Risk, String)> {
    let before = field.before.as_ref().map(|value| value.value.as_str());
    let after = field.after.as_ref().map(|value| value.value.as_str());
    let cut = is_less(after, before);
    match field.field.as_str() {
        "partitions" if topic.keyed => Some((
            Risk::Disruptive,
            "the topic is keyed: records of a key written before and after lie in different partitions and lose their \
             order"
                .into(),
        )),
        "config.retention.ms" if cut => {
            Some((Risk::Destructive, "a shorter retention drops the records that are older".into()))
        }
        "config.retention.bytes" if cut => {
            Some((Risk::Destructive, "a smaller size drops the oldest records of each partition".into()))
        }
        "config.cleanup.policy" => assess_cleanup(before.unwrap_or("delete"), after.unwrap_or("delete")),
        "config.max.message.bytes" if cut => Some((Risk::Disruptive, "producers of larger records are refused".into())),
        "config.min.insync.replicas" if is_less(before, after) => {
            Some((Risk::Disruptive, "writes with acks=all fail sooner when replicas fall behind".into()))
        }
        _ => None,
    }
}

fn assess_cleanup(before: &str, after: &str) -> Option<(Risk, String)> {
    let has = |policy: &str, word: &str| policy.split(',').any(|part| part == word);
    match (has(before, "compact"), has(after, "compact")) {
        (false, true) => Some((Risk::Destructive, "compaction drops all but the last record of each key".into())),
        (true, false) => Some((
            Risk::Destructive,
            "without compaction the last record of a key is dropped when its retention ends".into(),
        )),
        _ if !has(before, "delete") && has(after, "delete") => {
            Some((Risk::Destructive, "records older than the retention are dropped from now on".into()))
        }
        _ => None,
    }
}

/// Whether `a` is a stricter bound than `b`; a negative number is no bound. What is not known is no bound either.
fn is_less(a: Option<&str>, b: Option<&str>) -> bool {
    let bound = |value: Option<&str>| match value.and_then(|text| text.parse::<i64>().ok()) {
        Some(value) if value >= 0 => value,
        _ => i64::MAX,
    };
    bound(a) < bound(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_compared_as_kafka_means_it() {
        assert!(is_less(Some("1"), Some("2")));
        assert!(is_less(Some("1"), Some("-1")));
        assert!(!is_less(Some("-1"), Some("1")));
        assert!(!is_less(Some("2"), Some("2")));
        assert!(is_less(Some("5"), None));
    }

    #[test]
    fn giving_up_or_adding_compaction_is_destructive() {
        for (before, after) in [("delete", "compact"), ("compact", "delete"), ("compact,delete", "delete")] {
            assert_eq!(
                assess_cleanup(before, after).map(|(risk, _)| risk),
                Some(Risk::Destructive),
                "{before} {after}"
            );
        }
        assert_eq!(assess_cleanup("compact,delete", "compact"), None);
    }
}
