//! Reading and setting configs of brokers.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt, stream};
use krafka::__private::protocol::{
    DescribeConfigsEntry, DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResponse,
};
use krafka::KrafkaError;
use krafka::admin::{ConfigResource, ConfigResourceType, IncrementalAlterConfigsOptions};

use super::KafkaClient;
use super::batch::{batches, send_all};
use super::configs::{DESCRIBE_CONFIGS, source};
use super::write::{RECORDS_PER_REQUEST, config_op};
use crate::ports::Failure;
use crate::ports::kafka::{BrokerConfig, BrokerConfigs, ConfigAlteration, ConfigSource, Outcomes};

const BROKERS_AT_ONCE: usize = 16;

type Item = (Option<i32>, Vec<ConfigAlteration>);

impl KafkaClient {
    /// Every config of these brokers. A broker tells its own alone.
    pub(super) async fn configs_by_broker(&self, brokers: &[i32]) -> Result<BrokerConfigs, Failure> {
        let addresses = self.addresses().await?;
        let asked: Vec<_> = brokers
            .iter()
            .map(|broker| {
                let address = addresses.get(broker).cloned();
                async move {
                    let failed =
                        |error: KrafkaError| self.failure(&format!("describe the configs of broker {broker}"), &error);
                    let address = address.ok_or_else(|| failed(KrafkaError::closed("the broker is not there")))?;
                    Ok::<_, Failure>((*broker, self.configs_at(*broker, &address).await.map_err(failed)?))
                }
            })
            .collect();
        let answers: Vec<Result<_, Failure>> = stream::iter(asked).buffered(BROKERS_AT_ONCE).collect().await;
        answers.into_iter().collect()
    }

    async fn configs_at(&self, broker: i32, address: &str) -> krafka::Result<BTreeMap<Arc<str>, BrokerConfig>> {
        let resource = DescribeConfigsResource {
            resource_type: ConfigResourceType::Broker,
            resource_name: broker.to_string(),
            config_names: None,
        };
        let request =
            DescribeConfigsRequest { resources: vec![resource], include_synonyms: true, include_documentation: false };
        let answer: DescribeConfigsResponse = self.brokers.ask_at(address, DESCRIBE_CONFIGS, &request).await?;
        let Some(result) = answer.results.into_iter().next() else {
            return Err(KrafkaError::illegal_state("the answer does not speak of it"));
        };
        if !result.error_code.is_ok() {
            return Err(KrafkaError::broker(result.error_code, result.error_message.unwrap_or_default()));
        }
        Ok(result.configs.into_iter().map(|entry| (entry.name.as_str().into(), config(entry))).collect())
    }

    pub(super) async fn alter_broker_configs_in_batches(&self, brokers: &[Item], validate_only: bool) -> Outcomes {
        let records = |(_, alterations): &Item| alterations.len();
        send_all(
            batches(brokers, RECORDS_PER_REQUEST, records),
            1,
            || self.permit(),
            |batch| async move {
                let options = IncrementalAlterConfigsOptions::default().validate_only(validate_only);
                let resource =
                    |(broker, _): &Item| broker.map_or_else(ConfigResource::broker_default, ConfigResource::broker);
                let changes = batch.iter().map(|item| (resource(item), item.1.iter().map(config_op).collect()));
                let changes: Vec<_> = changes.collect();
                let answers = async { self.admin().await?.incremental_alter_configs(changes, options).await }.await;
                self.outcomes(batch, answers, resource, |(broker, _)| match broker {
                    Some(broker) => format!("alter the configs of broker {broker}"),
                    None => "alter the configs of all brokers".to_owned(),
                })
            },
        )
        .await
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
