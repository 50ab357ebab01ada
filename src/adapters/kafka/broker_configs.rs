//! Reading and setting configs of brokers. Each broker tells and takes its own.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use krafka::__private::protocol::{
    AlterConfigOp, AlterableConfig, ApiKey, DescribeConfigsEntry, DescribeConfigsRequest, DescribeConfigsResponse,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResource, IncrementalAlterConfigsResponse, VersionedDecode,
    VersionedEncode, versions,
};
use krafka::KrafkaError;
use krafka::admin::ConfigResourceType;

use super::brokers::Api;
use super::configs::{DESCRIBE_CONFIGS, source};
use super::log_dirs::BROKERS_AT_ONCE;
use super::write::unanswered;
use super::{KafkaClient, failure};
use crate::ports::kafka::{BrokerConfig, ConfigAlteration, ConfigSource, ConfigsOfBroker, Outcomes};
use crate::ports::{Failure, FailureKind};

const ALTER_CONFIGS: Api = Api {
    key: ApiKey::IncrementalAlterConfigs,
    min: versions::INCREMENTAL_ALTER_CONFIGS_MIN,
    max: versions::INCREMENTAL_ALTER_CONFIGS_MAX,
};

/// Where each broker is reached.
type Addresses = Result<BTreeMap<i32, String>, Failure>;

type Item = (Option<i32>, Vec<ConfigAlteration>);

impl KafkaClient {
    pub(super) async fn configs_by_broker(&self, brokers: &[i32]) -> Vec<Result<ConfigsOfBroker, Failure>> {
        let addresses = self.addresses().await;
        let asked: Vec<_> = brokers.iter().map(|broker| self.configs_of(*broker, &addresses)).collect();
        stream::iter(asked).buffered(BROKERS_AT_ONCE).collect().await
    }

    async fn configs_of(&self, broker: i32, addresses: &Addresses) -> Result<ConfigsOfBroker, Failure> {
        let tried = format!("describe the configs of broker {broker}");
        // All are asked for: those of listeners have the listeners' names in them, which nobody knows yet.
        let mut request = DescribeConfigsRequest::for_broker(broker);
        request.include_synonyms = true;
        let answer: DescribeConfigsResponse =
            self.ask_broker(broker, addresses, DESCRIBE_CONFIGS, &request, &tried).await?;
        let result = answer.results.into_iter().next().ok_or_else(unanswered).and_then(|result| {
            match result.error_code.is_ok() {
                true => Ok(result.configs),
                false => Err(KrafkaError::broker(result.error_code, result.error_message.unwrap_or_default())),
            }
        });
        let configs = result.map_err(|error| self.failure(&tried, &error))?.into_iter();
        Ok(configs.map(|entry| (entry.name.as_str().into(), config(entry))).collect())
    }

    pub(super) async fn alter_configs_by_broker(&self, brokers: &[Item], validate_only: bool) -> Outcomes {
        let is_of_one = brokers.iter().any(|(broker, _)| broker.is_some());
        let addresses = if is_of_one { self.addresses().await } else { Ok(BTreeMap::new()) };
        // One request for each: where one is gone the others are still to be told.
        let sends: Vec<_> = brokers.iter().map(|item| self.alter_configs_of(item, &addresses, validate_only)).collect();
        stream::iter(sends).buffered(BROKERS_AT_ONCE).collect().await
    }

    async fn alter_configs_of(
        &self,
        (broker, alterations): &Item,
        addresses: &Addresses,
        validate_only: bool,
    ) -> Result<(), Failure> {
        self.permit().await?;
        let config = |(key, value): &ConfigAlteration| AlterableConfig {
            name: key.to_string(),
            config_operation: if value.is_some() { AlterConfigOp::Set } else { AlterConfigOp::Delete },
            value: value.clone(),
        };
        let resource = IncrementalAlterConfigsResource {
            resource_type: ConfigResourceType::Broker,
            // That of all brokers has no name.
            resource_name: broker.map(|broker| broker.to_string()).unwrap_or_default(),
            configs: alterations.iter().map(config).collect(),
        };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only };
        let (tried, answer) = match broker {
            Some(broker) => {
                let tried = format!("alter the configs of broker {broker}");
                let answer = match self.ask_broker(*broker, addresses, ALTER_CONFIGS, &request, &tried).await {
                    // The controllers keep it, and the broker goes by it when it is back.
                    Err(failure) if failure.kind == FailureKind::Unreachable => {
                        self.ask_controller(ALTER_CONFIGS, &request).await.map_err(|_| failure)
                    }
                    answer => answer,
                };
                (tried, answer)
            }
            None => {
                let tried = "alter the configs of all brokers".to_owned();
                let answer = self.brokers.ask(0, ALTER_CONFIGS, &request).await;
                let answer = answer.map_err(|error| self.failure(&tried, &error));
                (tried, answer)
            }
        };
        let answer: IncrementalAlterConfigsResponse = answer?;
        let result = answer.results.into_iter().next().ok_or_else(unanswered).and_then(|result| {
            match result.error_code.is_ok() {
                true => Ok(()),
                false => Err(KrafkaError::broker(result.error_code, result.error_message.unwrap_or_default())),
            }
        });
        result.map_err(|error| self.failure(&tried, &error))
    }

    /// Asks one broker, and once more where the connection was lost: it may have been started again since. Every request
    /// of this file may be sent twice.
    async fn ask_broker<Q, A>(
        &self,
        broker: i32,
        addresses: &Addresses,
        api: Api,
        request: &Q,
        tried: &str,
    ) -> Result<A, Failure>
    where
        Q: VersionedEncode + Sync,
        A: VersionedDecode,
    {
        let address = addresses.as_ref().map_err(Clone::clone)?.get(&broker).ok_or_else(|| {
            let answer = format!("broker {broker} does not take part in the cluster now");
            failure::build(FailureKind::Unreachable, tried, &self.access, answer, None)
        })?;
        let answer = match self.brokers.ask_at(address, api, request).await {
            Err(KrafkaError::Network(_) | KrafkaError::Closed { .. }) => {
                self.brokers.ask_at(address, api, request).await
            }
            answer => answer,
        };
        answer.map_err(|error| self.failure(tried, &error))
    }
}

/// A config with its values, the one that holds first. Behind it stand what it would fall back to, under whatever name.
fn config(entry: DescribeConfigsEntry) -> BrokerConfig {
    let (own, name) = (source(entry.config_source), entry.name);
    let mut values: Vec<(ConfigSource, String)> = entry.value.into_iter().map(|value| (own, value)).collect();
    let behind = entry.synonyms.into_iter().filter(|synonym| synonym.name == name);
    for synonym in behind.filter(|synonym| source(synonym.source) != own) {
        values.extend(synonym.value.map(|value| (source(synonym.source), value)));
    }
    BrokerConfig { values, read_only: entry.read_only, sensitive: entry.is_sensitive }
}
