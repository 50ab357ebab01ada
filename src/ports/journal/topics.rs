use std::sync::Arc;

use crate::model::TopicName;
use crate::ports::kafka::NewTopic;

/// What the names of the tool's own topics begin with. No manifest can declare such a topic and no plan touches one.
pub const OWN_PREFIX: &str = "_busctl-";

/// Who holds the lock; its one partition is the lock.
pub const LOCK_TOPIC: &str = "_busctl-lock";

/// What was changed.
pub const AUDIT_TOPIC: &str = "_busctl-audit";

/// What each resource was last made.
pub const APPLIED_TOPIC: &str = "_busctl-applied";

/// What became of each dead letter.
pub const LEDGER_TOPIC: &str = "_busctl-dlq-ledger";

/// The transactional id of whoever settles the dead letters of a topic, and their group: a run of later ends those of before.
pub fn dlq_id(topic: &TopicName) -> String {
    format!("busctl-dlq-{topic}")
}

/// How many partitions the ledger has, so that what is known of one queue is read without that of all others.
const LEDGER_PARTITIONS: u32 = 8;

/// The group whose one assigned member holds the lock.
pub const LOCK_GROUP: &str = "_busctl-lock";

/// The transactional id of whoever holds the lock: a holder of later fences those of before.
pub const TRANSACTIONAL_ID: &str = "busctl";

/// The largest record that is written: a change of a schema holds its text.
pub const MOST_BYTES: usize = 8 << 20;

/// Whether a topic is one of the tool's own.
pub fn is_own_topic(name: &str) -> bool {
    name.starts_with(OWN_PREFIX)
}

/// The topics that must exist before the lock is taken, for a cluster with this replication factor.
///
/// What is acknowledged must not be lost with one broker: two replicas have each record before it counts, where there
/// are two, and a replica that lacks records never becomes leader. Nothing is deleted by age or size, whatever the
/// brokers' defaults are; compaction takes only what a newer record of the same key replaces.
pub fn new_topics(replication_factor: u32) -> Vec<NewTopic> {
    let in_sync = replication_factor.clamp(1, 2).to_string();
    [LOCK_TOPIC, AUDIT_TOPIC, APPLIED_TOPIC, LEDGER_TOPIC]
        .into_iter()
        .map(|name| {
            let mut configs = vec![
                ("cleanup.policy", "compact"),
                ("min.insync.replicas", in_sync.as_str()),
                ("unclean.leader.election.enable", "false"),
                ("retention.ms", "-1"),
                ("retention.bytes", "-1"),
                // A broker that compresses again would have to unpack each batch.
                ("compression.type", "producer"),
            ];
            let most_bytes = MOST_BYTES.to_string();
            if name != LOCK_TOPIC {
                configs.push(("max.message.bytes", most_bytes.as_str()));
            }
            if name == LOCK_TOPIC {
                // The holder's record is renewed every few seconds, so segments are kept small and are compacted often.
                // Its time is the broker's: the age of a lease is told by one clock.
                configs.extend([("message.timestamp.type", "LogAppendTime"), ("segment.bytes", "1048576")]);
            }
            NewTopic {
                name: name.parse::<TopicName>().expect("the name is a topic's"),
                partitions: if name == LEDGER_TOPIC { LEDGER_PARTITIONS } else { 1 },
                replication_factor,
                configs: configs.into_iter().map(|(key, value)| (Arc::from(key), value.to_owned())).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_own_topic_is_known_as_one() {
        for topic in new_topics(3) {
            assert!(is_own_topic(topic.name.as_str()));
            assert_eq!(topic.configs["min.insync.replicas"], "2");
        }
        assert_eq!(new_topics(1)[0].configs["min.insync.replicas"], "1");
        assert!(!is_own_topic("media.raw_ingest.v1"));
    }
}
