//! Groups and what they have read.

use std::collections::BTreeMap;

use crate::model::{GroupId, TopicName};
use crate::source::word_enum;

word_enum! {
    /// The protocol by which the members of a group agree (`group.type`).
    GroupKind, "kind of group", {
        /// The classic consumer protocol, or one of other clients such as Connect workers.
        Classic = "classic",
        /// The consumer protocol of KIP-848.
        Consumer = "consumer",
        /// A share group (KIP-932).
        Share = "share",
        /// A Streams group (KIP-1071).
        Streams = "streams",
        /// One that this version does not know.
        Unknown = "unknown",
    }
}

/// A group as brokers list it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedGroup {
    /// Its id.
    pub id: GroupId,
    /// Its kind; `Classic` where the broker is too old to say.
    pub kind: GroupKind,
    /// Its state, where the broker lists it.
    pub state: Option<String>,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// In Kafka's words: Stable, Empty, PreparingRebalance …
    pub state: String,
    /// Its members. Of share and Streams groups they are not asked for.
    pub members: Vec<GroupMember>,
}

/// A member of a group. Which principal is behind it, brokers do not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// `client.id`.
    pub client_id: String,
    /// The host that it connects from.
    pub host: String,
    /// The topics of its assignment.
    pub topics: Vec<TopicName>,
}

/// The offsets that a group has committed, by topic and partition.
pub type CommittedOffsets = BTreeMap<TopicName, BTreeMap<u32, i64>>;
