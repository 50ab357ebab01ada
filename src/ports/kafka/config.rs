//! Configs, where they come from, and what is to become of them.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ports::Failure;

/// Where a config's value comes from (KIP-226).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigSource {
    /// Set on the topic.
    Topic,
    /// Set on one broker while it runs.
    DynamicBroker,
    /// Set on all brokers while they run.
    DynamicDefaultBroker,
    /// In the broker's file.
    StaticBroker,
    /// Kafka's own default.
    Default,
    /// One that this version does not know.
    Unknown,
}

/// A config of a broker, as the broker itself tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerConfig {
    /// Its values and where each comes from; the first one holds. What is not set has none, and neither has what is
    /// sensitive.
    pub values: Vec<(ConfigSource, String)>,
    /// Whether it is read when the broker starts, and then no more.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub read_only: bool,
    /// Whether brokers never tell it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub sensitive: bool,
}

impl BrokerConfig {
    /// What is set for the broker alone while it runs.
    pub fn own(&self) -> Option<&str> {
        self.of(ConfigSource::DynamicBroker)
    }

    /// What one source says, where it says anything.
    pub fn of(&self, source: ConfigSource) -> Option<&str> {
        self.values.iter().find(|(from, _)| *from == source).map(|(_, value)| value.as_str())
    }
}

/// The configs of a broker by key.
pub type ConfigsOfBroker = BTreeMap<Arc<str>, BrokerConfig>;

/// The configs of brokers by id and key. Keys of JSON are texts, also those that are numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "ConfigsByText", try_from = "ConfigsByText")]
pub struct BrokerConfigs(pub BTreeMap<i32, ConfigsOfBroker>);

type ConfigsByText = BTreeMap<String, ConfigsOfBroker>;

impl From<BrokerConfigs> for ConfigsByText {
    fn from(configs: BrokerConfigs) -> Self {
        configs.0.into_iter().map(|(id, configs)| (id.to_string(), configs)).collect()
    }
}

impl TryFrom<ConfigsByText> for BrokerConfigs {
    type Error = std::num::ParseIntError;
    fn try_from(configs: ConfigsByText) -> Result<Self, Self::Error> {
        configs.into_iter().map(|(id, configs)| Ok((id.parse()?, configs))).collect()
    }
}

impl BrokerConfigs {
    /// What these brokers have answered, in their order. Where one of them did not tell its configs, nothing is said of any.
    pub fn of(brokers: &[i32], answers: Vec<Result<ConfigsOfBroker, Failure>>) -> Result<Self, Failure> {
        brokers.iter().zip(answers).map(|(broker, answer)| Ok((*broker, answer?))).collect()
    }
}

impl FromIterator<(i32, ConfigsOfBroker)> for BrokerConfigs {
    fn from_iter<I: IntoIterator<Item = (i32, ConfigsOfBroker)>>(configs: I) -> Self {
        Self(configs.into_iter().collect())
    }
}

impl Deref for BrokerConfigs {
    type Target = BTreeMap<i32, ConfigsOfBroker>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A config to set, or with `None` to take away so that the default shows again.
pub type ConfigAlteration = (Arc<str>, Option<String>);
