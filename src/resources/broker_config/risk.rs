use std::cmp::Ordering;

use crate::model::Risk;

/// Configs that nobody notices: how much the brokers do at once in the background.
const UNNOTICED: &[&str] = &[
    "background.threads",
    "log.cleaner.backoff.ms",
    "log.cleaner.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
];

/// Configs that topics fall back to and that decide how long records are kept.
const RETENTION: &[&str] =
    &["log.retention.ms", "log.retention.bytes", "log.local.retention.ms", "log.local.retention.bytes"];

/// What a change of a config may cost, and why.
pub(super) fn risk_of(key: &str, before: Option<&str>, after: Option<&str>) -> (Risk, Option<String>) {
    let number = |value: Option<&str>| value.and_then(|value| value.parse::<i64>().ok());
    // Without end is more than any number.
    let unbounded = |number: i64| if number < 0 { i64::MAX } else { number };
    let (was, is) = (number(before).map(unbounded), number(after).map(unbounded));
    let order = was.zip(is).map(|(was, is)| is.cmp(&was));
    match key {
        _ if UNNOTICED.contains(&key) => (Risk::Safe, None),
        _ if RETENTION.contains(&key) && order == Some(Ordering::Greater) => (Risk::Safe, None),
        _ if RETENTION.contains(&key) => (
            Risk::Destructive,
            Some(format!(
                "{key}: every topic without a value of its own may drop records that are older or do not fit"
            )),
        ),
        "log.cleanup.policy" => (
            Risk::Destructive,
            Some(
                "log.cleanup.policy: every topic without a value of its own keeps and drops records otherwise"
                    .to_owned(),
            ),
        ),
        "unclean.leader.election.enable" if after == Some("true") => {
            (Risk::Destructive, Some("a replica that lacks records may become leader: they are lost".to_owned()))
        }
        _ => (Risk::Disruptive, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drops_records_is_destructive() {
        let risk = |key, before, after| risk_of(key, before, after).0;
        assert_eq!(risk("log.retention.ms", Some("10"), Some("5")), Risk::Destructive);
        assert_eq!(risk("log.retention.ms", Some("-1"), Some("5")), Risk::Destructive);
        assert_eq!(risk("log.retention.ms", None, Some("5")), Risk::Destructive);
        assert_eq!(risk("log.retention.ms", Some("5"), Some("-1")), Risk::Safe);
        assert_eq!(risk("unclean.leader.election.enable", Some("false"), Some("true")), Risk::Destructive);
        assert_eq!(risk("unclean.leader.election.enable", Some("true"), Some("false")), Risk::Disruptive);
        assert_eq!(risk("log.cleaner.threads", Some("1"), Some("2")), Risk::Safe);
        assert_eq!(risk("max.connections", Some("1"), Some("2")), Risk::Disruptive);
    }
}
