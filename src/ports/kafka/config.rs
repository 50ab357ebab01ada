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

/// The configs of brokers by id and key, and the brokers that did not tell theirs. Keys of JSON are texts, also those that are
/// numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "ConfigsByText", try_from = "ConfigsByText")]
pub struct BrokerConfigs {
    /// What each broker has.
    pub told: BTreeMap<i32, ConfigsOfBroker>,
    /// Why a broker did not tell.
    pub hidden: BTreeMap<i32, Failure>,
}

type ConfigsByText = BTreeMap<String, ConfigsOrWhy>;

/// No config is called `hidden`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ConfigsOrWhy {
    Why { hidden: Failure },
    Configs(ConfigsOfBroker),
}

impl From<BrokerConfigs> for ConfigsByText {
    fn from(configs: BrokerConfigs) -> Self {
        let told = configs.told.into_iter().map(|(id, configs)| (id.to_string(), ConfigsOrWhy::Configs(configs)));
        told.chain(configs.hidden.into_iter().map(|(id, hidden)| (id.to_string(), ConfigsOrWhy::Why { hidden })))
            .collect()
    }
}

impl TryFrom<ConfigsByText> for BrokerConfigs {
    type Error = std::num::ParseIntError;
    fn try_from(configs: ConfigsByText) -> Result<Self, Self::Error> {
        let mut all = Self::default();
        for (id, configs) in configs {
            match configs {
                ConfigsOrWhy::Configs(configs) => drop(all.told.insert(id.parse()?, configs)),
                ConfigsOrWhy::Why { hidden } => drop(all.hidden.insert(id.parse()?, hidden)),
            }
        }
        Ok(all)
    }
}

impl BrokerConfigs {
    /// What these brokers have answered, in their order.
    ///
    /// # Errors
    /// Fails where none of them told its configs.
    pub fn of(brokers: &[i32], answers: Vec<Result<ConfigsOfBroker, Failure>>) -> Result<Self, Failure> {
        let mut configs = Self::default();
        for (broker, answer) in brokers.iter().zip(answers) {
            match answer {
                Ok(told) => drop(configs.told.insert(*broker, told)),
                Err(failure) => drop(configs.hidden.insert(*broker, failure)),
            }
        }
        match configs.hidden.values().next() {
            Some(failure) if configs.told.is_empty() => Err(failure.clone()),
            _ => Ok(configs),
        }
    }

    /// Why what is set on this broker, or where none is named on all of them, is not known.
    pub fn hides(&self, broker: Option<i32>) -> Option<&Failure> {
        match broker {
            Some(broker) => self.hidden.get(&broker),
            None => self.hidden.values().next(),
        }
    }
}

impl FromIterator<(i32, ConfigsOfBroker)> for BrokerConfigs {
    fn from_iter<I: IntoIterator<Item = (i32, ConfigsOfBroker)>>(configs: I) -> Self {
        Self { told: configs.into_iter().collect(), hidden: BTreeMap::new() }
    }
}

impl Deref for BrokerConfigs {
    type Target = BTreeMap<i32, ConfigsOfBroker>;
    fn deref(&self) -> &Self::Target {
        &self.told
    }
}

/// A config to set, or with `None` to take away so that the default shows again.
pub type ConfigAlteration = (Arc<str>, Option<String>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::FailureKind;

    #[test]
    fn a_broker_that_did_not_tell_stays_one_in_a_snapshot() {
        let failure = Failure {
            kind: FailureKind::Unreachable,
            tried: "describe the configs of broker 3".into(),
            server: "kafka-3:9092".into(),
            answer: "refused".into(),
            hint: None,
        };
        let config = BrokerConfig { values: Vec::new(), read_only: true, sensitive: false };
        let told = ConfigsOfBroker::from([("hidden".into(), config)]);
        let configs = BrokerConfigs::of(&[1, 3], vec![Ok(told), Err(failure.clone())]).expect("one has told");
        let text = serde_json::to_string(&configs).expect("JSON");
        assert_eq!(serde_json::from_str::<BrokerConfigs>(&text).expect("its own JSON"), configs);
        assert_eq!(BrokerConfigs::of(&[3], vec![Err(failure.clone())]), Err(failure));
    }
}
