use super::loss::{cleanup_after, has, is_cut, is_less, value};
use super::{DesiredTopic, LiveTopic, LiveTopics};
use crate::model::{Risk, counted, thousands};
use crate::plan::FieldChange;
use crate::ports::kafka::PartitionInfo;
use crate::resources::placement::FACTOR;

/// What one field of an update may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How much.
    pub risk: Risk,
    /// In a sentence.
    pub sentence: String,
    /// Whether it is so only where records fall out, which is to be measured.
    pub if_lost: bool,
}

/// What the fields of an update may cost, before anything is measured.
pub fn verdicts(topic: &DesiredTopic, found: &LiveTopic, live: &LiveTopics, fields: &[FieldChange]) -> Vec<Verdict> {
    verdicts_by_field(topic, found, live, fields).into_iter().map(|(_, verdict)| verdict).collect()
}

/// The same, each with its field.
pub fn verdicts_by_field<'f>(
    topic: &DesiredTopic,
    found: &LiveTopic,
    live: &LiveTopics,
    fields: &'f [FieldChange],
) -> Vec<(&'f FieldChange, Verdict)> {
    let cleanup = cleanup_after(fields, found, live);
    // Replicas are moved before configs are set.
    let factor = fields.iter().any(|field| field.field == FACTOR).then_some(topic.replication_factor.value);
    let of = |field| Some((field, verdict(topic, found, (&cleanup, factor), field)?));
    fields.iter().filter_map(of).collect()
}

fn verdict(
    topic: &DesiredTopic,
    found: &LiveTopic,
    (cleanup, factor): (&str, Option<u32>),
    field: &FieldChange,
) -> Option<Verdict> {
    let (before, after) = (value(field.before.as_ref()), value(field.after.as_ref()));
    let cut = is_cut(field);
    let verdict = |risk, sentence: &str| Some(Verdict { risk, sentence: sentence.into(), if_lost: false });
    let if_lost = |sentence: &str| Some(Verdict { risk: Risk::Destructive, sentence: sentence.into(), if_lost: true });
    match field.field.as_str() {
        "partitions" if has(cleanup, "compact") => verdict(
            Risk::Disruptive,
            "the topic is compacted: the last record of a key before and the next one lie in different partitions, so \
             that both stay and readers may see the older one last",
        ),
        "partitions" if topic.keyed => verdict(
            Risk::Disruptive,
            "the topic is keyed: records of a key written before and after lie in different partitions and lose their \
             order; what is joined with it needs the same number of partitions",
        ),
        "replication_factor" if is_less(before, after) => verdict(
            Risk::Disruptive,
            "replicas are moved: the brokers copy them beside their other work, and until then it is as safe as it was",
        ),
        "replication_factor" => verdict(
            Risk::Disruptive,
            "replicas are given up: fewer brokers can be lost without losing records or stopping writes",
        ),
        "config.retention.ms" | "config.retention.bytes" if cut && !has(cleanup, "delete") => {
            match has(cleanup, "compact") {
                true => verdict(Risk::Safe, "the topic is only compacted: a retention deletes nothing there"),
                false => verdict(
                    Risk::Safe,
                    "without a cleanup policy every record stays: a retention deletes nothing there",
                ),
            }
        }
        "config.retention.ms" if cut => if_lost("a shorter retention drops the records that are older"),
        "config.retention.bytes" if cut => if_lost("a smaller size drops the oldest records of each partition"),
        "config.cleanup.policy" => of_cleanup(before.unwrap_or("delete"), after.unwrap_or("delete")),
        "config.max.message.bytes" if cut => verdict(Risk::Disruptive, "producers of larger records are refused"),
        "config.min.insync.replicas" if is_less(before, after) => {
            verdict(Risk::Disruptive, &in_sync(found, after.unwrap_or_default(), factor))
        }
        key => of_config(key.strip_prefix("config.")?, cleanup, cut, (before, after)),
    }
}

/// What clients notice of other configs, by their documentation in Kafka.
fn of_config(key: &str, cleanup: &str, cut: bool, (before, after): (Option<&str>, Option<&str>)) -> Option<Verdict> {
    let disruptive =
        |sentence: &str| Some(Verdict { risk: Risk::Disruptive, sentence: sentence.into(), if_lost: false });
    match key {
        "unclean.leader.election.enable" if after == Some("true") => {
            disruptive("a replica that lacks records may become leader: records that were acknowledged can be lost")
        }
        "message.timestamp.before.max.ms"
        | "message.timestamp.after.max.ms"
        | "message.timestamp.difference.max.ms"
            if cut =>
        {
            disruptive("producers of records whose timestamps are further away are refused")
        }
        "message.timestamp.type" => {
            disruptive("the time of a record means another moment from now on: retention and searches by time go by it")
        }
        "message.downconversion.enable" if after == Some("false") => {
            disruptive("consumers that are older than the format of the records can no longer read them")
        }
        "delete.retention.ms" if cut && has(cleanup, "compact") => {
            disruptive("readers that are further behind than that do not see that a key was deleted")
        }
        "min.compaction.lag.ms" | "max.compaction.lag.ms" if cut && has(cleanup, "compact") => {
            disruptive("records that a newer one of their key replaces go sooner: readers that are behind see fewer")
        }
        "remote.storage.enable" if before == Some("true") => Some(Verdict {
            risk: Risk::Destructive,
            sentence: "records that are in remote storage alone are no longer there".into(),
            if_lost: false,
        }),
        _ => None,
    }
}

/// What a higher `min.insync.replicas` does at once, and what later. Where the topic gets another number of replicas with
/// it, the new ones are in sync by then.
fn in_sync(found: &LiveTopic, least: &str, factor: Option<u32>) -> String {
    const LATER: &str = "writes with acks=all fail sooner when replicas fall behind";
    let least = least.parse::<usize>().unwrap_or(0);
    let added = |partition: &PartitionInfo| {
        factor.map_or(0, |factor| (factor as usize).saturating_sub(partition.settled().len()))
    };
    let by_then = |partition: &&PartitionInfo| partition.isr.len() + added(partition) < least;
    let short = found.partitions.iter().filter(by_then).count();
    let when = if found.partitions.iter().any(|one| added(one) > 0) { "with the new ones" } else { "now" };
    let all = counted(found.partitions.len() as u64, "partition");
    match short {
        0 => format!("{LATER}; all {all} have enough replicas in sync {when}"),
        _ => format!(
            "{LATER}; {} of {all} have fewer than {least} in sync {when} and refuse such writes at once",
            thousands(short as u64)
        ),
    }
}

fn of_cleanup(before: &str, after: &str) -> Option<Verdict> {
    let destructive =
        |sentence: &str, if_lost| Some(Verdict { risk: Risk::Destructive, sentence: sentence.into(), if_lost });
    let is = |policies: &str| (has(policies, "compact"), has(policies, "delete"));
    match (is(before), is(after)) {
        ((false, _), (true, true)) => destructive(
            "compaction drops all but the last record of each key, and refuses records without a key from now on",
            false,
        ),
        ((false, _), (true, false)) => destructive(
            "compaction drops all but the last record of each key, and refuses records without a key from now on; the \
             last record of a key is never dropped again",
            false,
        ),
        ((false, false), (false, true)) => {
            destructive("every record stays now: those beyond the retention are dropped from now on", true)
        }
        ((false, true), (false, false)) => Some(Verdict {
            risk: Risk::Safe,
            sentence: "no record is ever dropped again: the topic grows without end".into(),
            if_lost: false,
        }),
        ((true, _), (false, false)) => destructive(
            "without compaction every record of a key stays, tombstones do not take it away, and the topic grows without end",
            false,
        ),
        ((true, true), (false, true)) => {
            destructive("without compaction every record is kept until its retention ends, and no longer", false)
        }
        ((true, false), (false, true)) => {
            destructive("without compaction the last record of a key is dropped when its retention ends", false)
        }
        ((true, false), (true, true)) => {
            destructive("records older than the retention are dropped from now on, the last of their key too", true)
        }
        ((true, true), (true, false)) => Some(Verdict {
            risk: Risk::Safe,
            sentence: "the last record of a key is never dropped again: the topic grows with its number of keys".into(),
            if_lost: false,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_notice_is_not_safe() {
        let risk = |key: &str, cut: bool, before: &str, after: &str, cleanup: &str| {
            of_config(key, cleanup, cut, (Some(before), Some(after))).map(|verdict| verdict.risk)
        };
        assert_eq!(risk("unclean.leader.election.enable", false, "false", "true", "delete"), Some(Risk::Disruptive));
        assert_eq!(risk("unclean.leader.election.enable", false, "true", "false", "delete"), None);
        assert_eq!(risk("message.timestamp.before.max.ms", true, "9", "1", "delete"), Some(Risk::Disruptive));
        assert_eq!(risk("delete.retention.ms", true, "9", "1", "compact"), Some(Risk::Disruptive));
        assert_eq!(risk("delete.retention.ms", true, "9", "1", "delete"), None);
        assert_eq!(risk("remote.storage.enable", false, "true", "false", "delete"), Some(Risk::Destructive));
        assert_eq!(risk("segment.ms", true, "9", "1", "delete"), None);
    }

    #[test]
    fn giving_up_or_adding_compaction_is_destructive_whatever_is_lost() {
        for (before, after) in [
            ("delete", "compact"),
            ("compact", "delete"),
            ("compact,delete", "delete"),
            ("delete", "compact,delete"),
            ("compact", ""),
            ("compact,delete", ""),
        ] {
            let verdict = of_cleanup(before, after).expect("it costs something");
            assert_eq!((verdict.risk, verdict.if_lost), (Risk::Destructive, false), "{before} {after}");
        }
    }

    #[test]
    fn dropping_by_age_is_destructive_where_something_is_lost() {
        let verdict = of_cleanup("compact", "compact,delete").expect("it costs something");
        assert_eq!((verdict.risk, verdict.if_lost), (Risk::Destructive, true));
        assert_eq!(of_cleanup("compact,delete", "compact").map(|verdict| verdict.risk), Some(Risk::Safe));
        assert_eq!(of_cleanup("delete", "delete"), None);
    }

    #[test]
    fn where_every_record_stays_any_policy_takes_some_away() {
        let risk = |before: &str, after: &str| of_cleanup(before, after).map(|verdict| (verdict.risk, verdict.if_lost));
        assert_eq!(risk("", "delete"), Some((Risk::Destructive, true)));
        for after in ["compact", "compact,delete"] {
            assert_eq!(risk("", after), Some((Risk::Destructive, false)), "{after}");
        }
        assert_eq!(risk("delete", ""), Some((Risk::Safe, false)));
        assert_eq!(risk("", ""), None);
    }
}
