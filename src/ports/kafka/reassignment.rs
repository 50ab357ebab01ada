use serde::{Deserialize, Serialize};

use crate::model::TopicName;

/// A partition whose replicas are being moved (KIP-455).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OngoingReassignment {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: u32,
    /// Brokers with a replica now, those that are being made among them.
    pub replicas: Vec<i32>,
    /// Brokers that are getting a replica.
    pub adding: Vec<i32>,
    /// Brokers that lose theirs in the end.
    pub removing: Vec<i32>,
}

/// Which brokers a partition is to have its replicas on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: u32,
    /// The brokers, the preferred leader first; `None` takes back what is under way.
    pub replicas: Option<Vec<i32>>,
}
