use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{TopicId, TopicName};
use crate::ports::kafka::{PartitionInfo, TopicDefaults};
use crate::ports::{Failure, Observed};

/// A topic as a cluster has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveTopic {
    /// Whether Kafka itself owns it.
    pub internal: bool,
    /// What tells it from another topic of this name; `None` where the broker does not say it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<TopicId>,
    /// Its partitions in order of their numbers.
    pub partitions: Vec<PartitionInfo>,
    /// What is set on the topic itself.
    pub configs: Observed<BTreeMap<Arc<str>, String>>,
}

impl LiveTopic {
    /// Replicas of the partition that has the fewest, without those that are being made.
    pub fn replication_factor(&self) -> u32 {
        self.partitions.iter().map(|partition| partition.settled().len() as u32).min().unwrap_or(0)
    }

    /// How many replicas a partition has that has not this many; `None` where each has.
    pub fn other_factor(&self, wanted: u32) -> Option<u32> {
        self.partitions.iter().map(|partition| partition.settled().len() as u32).filter(|count| *count != wanted).min()
    }

    /// Whether replicas of it are being moved.
    pub fn is_moving(&self) -> bool {
        self.partitions.iter().any(PartitionInfo::is_moving)
    }
}

/// The topics of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LiveTopics {
    /// Those that could be seen.
    pub topics: BTreeMap<TopicName, LiveTopic>,
    /// Declared topics that could not be seen, and why.
    pub hidden: BTreeMap<TopicName, Failure>,
    /// What a topic has where it sets nothing.
    pub defaults: TopicDefaults,
    /// Why it is not known which replicas are being moved, where it is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub moves_hidden: Option<Failure>,
}

impl LiveTopics {
    /// Those that are neither Kafka's own nor busctl's.
    pub fn of_applications(&self) -> impl Iterator<Item = (&TopicName, &LiveTopic)> {
        self.topics.iter().filter(|(name, topic)| !topic.internal && !name.is_reserved())
    }
}
