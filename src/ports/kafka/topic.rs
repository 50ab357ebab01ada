//! Topics as brokers tell and take them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ConfigSource;
use crate::model::{TopicId, TopicName};
use crate::ports::Failure;

/// A topic's partitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicInfo {
    /// Its name.
    pub name: TopicName,
    /// Whether Kafka itself owns it.
    pub internal: bool,
    /// What tells it from another topic of this name; `None` where the broker does not say it.
    pub id: Option<TopicId>,
    /// Its partitions in order of their numbers.
    pub partitions: Vec<PartitionInfo>,
}

/// A partition's replicas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionInfo {
    /// Brokers with a replica, the preferred leader first. While replicas are moved, old and new ones are among them.
    pub replicas: Vec<i32>,
    /// Brokers whose replica is in sync.
    pub isr: Vec<i32>,
    /// The broker that leads it; `None` where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leader: Option<i32>,
    /// Brokers that are getting a replica.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub adding: Vec<i32>,
    /// Brokers that lose theirs once those are in sync.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub removing: Vec<i32>,
}

impl PartitionInfo {
    /// A partition whose replicas are all in sync, and whose preferred leader leads.
    pub fn in_sync(replicas: Vec<i32>) -> Self {
        Self { isr: replicas.clone(), leader: replicas.first().copied(), replicas, ..Self::default() }
    }

    /// Whether its replicas are being moved.
    pub fn is_moving(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// The replicas that it has without what is being made.
    pub fn settled(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|broker| !self.adding.contains(broker)).collect()
    }

    /// The replicas that it will have once what is under way is done.
    pub fn target(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|broker| !self.removing.contains(broker)).collect()
    }
}

/// What a topic has where it sets nothing, by key, with where that comes from.
pub type TopicDefaults = BTreeMap<Arc<str>, (String, ConfigSource)>;

/// The configs of the topics that were asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TopicConfigs {
    /// What is set on each topic itself. Values of sensitive configs are never told by brokers and are empty.
    pub overrides: BTreeMap<TopicName, Result<BTreeMap<Arc<str>, String>, Failure>>,
    /// What a topic has where it sets nothing, with where that comes from.
    pub defaults: TopicDefaults,
}

impl TopicConfigs {
    /// Every config of a topic as it holds: what the topic sets, else what it has without.
    ///
    /// # Errors
    /// Fails where the topic's own could not be read.
    pub fn effective(&self, topic: &TopicName) -> Result<BTreeMap<Arc<str>, String>, Failure> {
        let mut configs: BTreeMap<_, _> =
            self.defaults.iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect();
        match self.overrides.get(topic) {
            Some(Ok(own)) => configs.extend(own.clone()),
            Some(Err(failure)) => return Err(failure.clone()),
            None => {}
        }
        Ok(configs)
    }
}

/// A topic to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTopic {
    /// Its name.
    pub name: TopicName,
    /// Number of partitions.
    pub partitions: u32,
    /// Number of replicas of each.
    pub replication_factor: u32,
    /// Its configs, as Kafka writes them.
    pub configs: BTreeMap<Arc<str>, String>,
}
