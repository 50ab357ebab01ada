//! Reading the configs of topics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{StreamExt, stream};
use krafka::KrafkaError;
use krafka::admin::{ConfigEntry, ConfigResource, DescribeConfigsOptions};

use super::KafkaClient;
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::kafka::{ConfigSource, TopicConfigs};

const TOPICS_PER_REQUEST: usize = 250;
const REQUESTS_AT_ONCE: usize = 4;

impl KafkaClient {
    /// Every override of each topic, and the defaults of the rest.
    pub(super) async fn configs_by_topic(&self, names: &[TopicName]) -> Result<TopicConfigs, Failure> {
        let requests: Vec<_> =
            names.chunks(TOPICS_PER_REQUEST).map(|chunk| self.describe_config_chunk(chunk)).collect();
        let mut requests = stream::iter(requests).buffered(REQUESTS_AT_ONCE);
        let mut reading = Reading::default();
        while let Some(answers) = requests.next().await {
            for (name, entries) in answers? {
                let overrides = match entries {
                    Ok(entries) => Ok(reading.take(entries)),
                    Err(error) => Err(self.failure(&format!("describe the configs of the topic {name}"), &error)),
                };
                reading.configs.overrides.insert(name, overrides);
            }
        }
        Ok(reading.configs)
    }

    async fn describe_config_chunk(
        &self,
        names: &[TopicName],
    ) -> Result<Vec<(TopicName, krafka::Result<Vec<ConfigEntry>>)>, Failure> {
        const TRIED: &str = "describe the configs of topics";
        let resources = names.iter().map(|name| ConfigResource::topic(name.as_str()));
        let mut described = self
            .admin
            .describe_configs(resources, DescribeConfigsOptions::default())
            .await
            .map_err(|error| self.failure(TRIED, &error))?;
        let answer = |name: &TopicName| match described.remove(&ConfigResource::topic(name.as_str())) {
            Some(answer @ (Ok(_) | Err(KrafkaError::Broker { .. }))) => Ok((name.clone(), answer)),
            Some(Err(error)) => Err(self.failure(TRIED, &error)),
            None => Err(self.failure(TRIED, &KrafkaError::illegal_state(format!("no answer for {name}")))),
        };
        names.iter().map(answer).collect()
    }
}

/// What was read so far. Every key is kept once, however many topics have it.
#[derive(Default)]
struct Reading {
    configs: TopicConfigs,
    keys: BTreeSet<Arc<str>>,
}

impl Reading {
    fn take(&mut self, entries: Vec<ConfigEntry>) -> BTreeMap<Arc<str>, String> {
        let mut overrides = BTreeMap::new();
        for entry in entries {
            let source = source(entry.config_source);
            if source == ConfigSource::Topic {
                overrides.insert(self.key(&entry.name), entry.value.unwrap_or_default());
            } else if !self.configs.defaults.contains_key(entry.name.as_str()) {
                let key = self.key(&entry.name);
                self.configs.defaults.insert(key, (entry.value.unwrap_or_default(), source));
            }
        }
        overrides
    }

    fn key(&mut self, name: &str) -> Arc<str> {
        if let Some(key) = self.keys.get(name) {
            return key.clone();
        }
        let key: Arc<str> = name.into();
        self.keys.insert(key.clone());
        key
    }
}

/// `ConfigSource` of KIP-226 as it is sent.
fn source(code: i8) -> ConfigSource {
    match code {
        1 => ConfigSource::Topic,
        2 => ConfigSource::DynamicBroker,
        3 => ConfigSource::DynamicDefaultBroker,
        4 => ConfigSource::StaticBroker,
        5 => ConfigSource::Default,
        _ => ConfigSource::Unknown,
    }
}
