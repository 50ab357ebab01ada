use serde::{Deserialize, Serialize};

/// A partition whose replicas are moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionMove {
    /// Its number.
    pub partition: u32,
    /// The brokers that it is on, the preferred leader first.
    pub before: Vec<i32>,
    /// The brokers that it will be on.
    pub after: Vec<i32>,
}

impl PartitionMove {
    /// The brokers that get a replica.
    pub fn added(&self) -> impl Iterator<Item = i32> {
        self.after.iter().copied().filter(|broker| !self.before.contains(broker))
    }
}

/// What all changes of a plan move between brokers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reassignment {
    /// Partitions whose brokers, or the order of them, change.
    pub partitions: usize,
    /// Replicas that are copied to another broker.
    pub copies: usize,
    /// About how many bytes are copied; `None` where the sizes of replicas could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
    /// Each broker of the cluster.
    pub brokers: Vec<BrokerShare>,
}

/// A broker before and after a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerShare {
    /// `node.id`.
    pub broker: i32,
    /// Its rack.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rack: Option<String>,
    /// What it has.
    pub before: Share,
    /// What it will have.
    pub after: Share,
}

/// What a broker has of the topics that could be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Replicas.
    pub replicas: usize,
    /// Partitions of which it is the preferred leader.
    pub leaders: usize,
    /// About how many bytes; `None` where the sizes of replicas could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
    /// About how many bytes were written to it in the last hour, as leader or follower; `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub written: Option<u64>,
}
