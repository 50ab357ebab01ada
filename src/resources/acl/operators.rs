//! What a role that looks after dead letters may do with topics: what `busctl dlq` needs, and no more.

use crate::resources::Workspace;
use crate::resources::catalog::RoleSpec;
use crate::resources::topic::{CompanionKind, TopicSpec};

/// What whoever looks after dead letters does with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tending {
    /// Reads it: it holds dead letters, or it is compacted and tells which record of a key is the newest.
    pub reads: bool,
    /// Sends dead letters to it.
    pub writes: bool,
    /// Deletes records that were settled from it.
    pub deletes: bool,
    /// Settles what is in it, in a group and by a transactional id that are named after it.
    pub settles: bool,
}

impl Workspace {
    /// What a role does with a topic because it looks after dead letters.
    pub fn tending(&self, role: &RoleSpec, topic: &TopicSpec) -> Tending {
        let mut tending = Tending::default();
        let Some(dlq) = role.dlq.as_ref().filter(|_| topic.is_present()) else { return tending };
        if dlq.means(topic.topic.as_str()) && topic.consumers.iter().any(|consumer| consumer.has_dead_letters()) {
            tending.writes = true;
            tending.reads = topic.is_compacted(&self.settings);
        }
        let Some((kind, of)) = self.companion_kind_of(&topic.topic) else { return tending };
        if dlq.means(of.topic.as_str()) && of.consumers.iter().any(|consumer| kind.is_wanted_by(consumer)) {
            let holds = kind != CompanionKind::Retry;
            tending.reads |= holds;
            tending.settles |= holds;
            tending.deletes |= kind == CompanionKind::DeadLetters && dlq.delete_records.is_some_and(|yes| yes.value);
            // What was discarded is restored to where it was.
            tending.writes = true;
        }
        tending
    }
}
