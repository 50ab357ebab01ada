//! Moving replicas, electing leaders, and what is set on brokers for the time of a move.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use krafka::__private::protocol::{
    AlterConfigOp, AlterableConfig, ApiKey, DescribeConfigsEntry, DescribeConfigsRequest, DescribeConfigsResource,
    DescribeConfigsResponse, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResource,
    IncrementalAlterConfigsResponse, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
    OngoingPartitionReassignment, VersionedDecode, VersionedEncode, versions,
};
use krafka::KrafkaError;
use krafka::admin::{
    AlterPartitionReassignmentsOptions, ConfigResourceType, ElectLeadersOptions, ElectionType, TopicPartition,
};
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::batch::{batches, send_all};
use super::brokers::Api;
use super::configs::DESCRIBE_CONFIGS;
use super::failure;
use super::write::unanswered;
use crate::model::TopicName;
use crate::ports::kafka::{Assignment, ConfigAlteration, OngoingReassignment, Outcomes};
use crate::ports::{Failure, FailureKind};

/// Partitions of one request: each is a record of the controller, which takes 10,000 at once.
const PARTITIONS_PER_REQUEST: usize = 5_000;
/// A broker that is gone must not hold up the others.
const BROKERS_AT_ONCE: usize = 16;
const ELECTION_PAUSE: Duration = Duration::from_millis(200);
/// The source of a config that is set on the broker while it runs (KIP-226).
const DYNAMIC_BROKER: i8 = 2;

/// Whichever broker is asked asks the controller (KIP-590).
const LIST_REASSIGNMENTS: Api = Api {
    key: ApiKey::ListPartitionReassignments,
    min: versions::LIST_PARTITION_REASSIGNMENTS_MIN,
    max: versions::LIST_PARTITION_REASSIGNMENTS_MAX,
};

const ALTER_CONFIGS: Api = Api {
    key: ApiKey::IncrementalAlterConfigs,
    min: versions::INCREMENTAL_ALTER_CONFIGS_MIN,
    max: versions::INCREMENTAL_ALTER_CONFIGS_MAX,
};

impl KafkaClient {
    pub(super) async fn ongoing_reassignments(&self) -> Result<Vec<OngoingReassignment>, Failure> {
        // The brokers know no controller while a new one is elected.
        let started = Instant::now();
        loop {
            match self.listed_reassignments().await {
                Err(failure) if failure.kind == FailureKind::Server && started.elapsed() < self.timeout => {
                    tokio::time::sleep(ELECTION_PAUSE).await;
                }
                answer => return answer,
            }
        }
    }

    async fn listed_reassignments(&self) -> Result<Vec<OngoingReassignment>, Failure> {
        const TRIED: &str = "list the partitions whose replicas are being moved";
        let timeout_ms = i32::try_from(self.timeout.as_millis()).unwrap_or(i32::MAX);
        let everything = ListPartitionReassignmentsRequest { timeout_ms, topics: None };
        let answer: krafka::Result<ListPartitionReassignmentsResponse> =
            self.brokers.ask(0, LIST_REASSIGNMENTS, &everything).await;
        let answer = answer.map_err(|error| self.failure(TRIED, &error))?;
        if !answer.error_code.is_ok() {
            let message = answer.error_message.unwrap_or_default();
            return Err(self.failure(TRIED, &KrafkaError::broker(answer.error_code, message)));
        }
        let mut ongoing = Vec::new();
        for topic in answer.topics {
            // What no manifest can name is nobody's here.
            let Ok(name) = topic.name.parse::<TopicName>() else { continue };
            ongoing.extend(topic.partitions.into_iter().map(|partition| of_wire(name.clone(), partition)));
        }
        ongoing.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
        Ok(ongoing)
    }

    pub(super) async fn reassign_in_batches(&self, assignments: &[Assignment]) -> Outcomes {
        send_all(
            batches(assignments, PARTITIONS_PER_REQUEST, |_| 1),
            1,
            || self.permit(),
            |batch| async move {
                let key = |item: &Assignment| partition(&item.topic, item.partition);
                let targets: Vec<_> = batch.iter().map(|item| (key(item), item.replicas.clone())).collect();
                let options = AlterPartitionReassignmentsOptions::default();
                let answers = async {
                    let mut answers = self.admin().await?.alter_partition_reassignments(targets, options).await?;
                    for item in batch.iter().filter(|item| item.replicas.is_none()) {
                        answers.entry(key(item)).and_modify(ended_already);
                    }
                    Ok(answers)
                };
                let answers = answers.await;
                self.outcomes(batch, answers, key, |item| match &item.replicas {
                    Some(replicas) => {
                        format!("move partition {} of {} to the brokers {replicas:?}", item.partition, item.topic)
                    }
                    None => format!("cancel the move of partition {} of {}", item.partition, item.topic),
                })
            },
        )
        .await
    }

    pub(super) async fn elect_in_batches(&self, partitions: &[(TopicName, u32)]) -> Outcomes {
        send_all(
            batches(partitions, PARTITIONS_PER_REQUEST, |_| 1),
            1,
            || self.permit(),
            |batch| async move {
                let key = |(topic, number): &(TopicName, u32)| partition(topic, *number);
                let asked: Vec<_> = batch.iter().map(key).collect();
                let answers = async {
                    let options = ElectLeadersOptions::default();
                    self.admin().await?.elect_leaders(ElectionType::Preferred, Some(asked), options).await
                };
                let answers = answers.await;
                self.outcomes(batch, answers, key, |(topic, number)| {
                    format!("elect the preferred leader of partition {number} of {topic}")
                })
            },
        )
        .await
    }

    pub(super) async fn overrides_of_brokers(
        &self,
        brokers: &[i32],
    ) -> Vec<Result<BTreeMap<Arc<str>, String>, Failure>> {
        let addresses = self.addresses().await;
        let asked: Vec<_> = brokers.iter().map(|broker| self.overrides_of(*broker, &addresses)).collect();
        stream::iter(asked).buffered(BROKERS_AT_ONCE).collect().await
    }

    async fn overrides_of(&self, broker: i32, addresses: &Addresses) -> Result<BTreeMap<Arc<str>, String>, Failure> {
        let tried = format!("describe what is set on broker {broker}");
        let resource = DescribeConfigsResource {
            resource_type: ConfigResourceType::Broker,
            resource_name: broker.to_string(),
            config_names: None,
        };
        let request =
            DescribeConfigsRequest { resources: vec![resource], include_synonyms: false, include_documentation: false };
        let answer: DescribeConfigsResponse =
            self.ask_broker(broker, addresses, DESCRIBE_CONFIGS, &request, &tried).await?;
        let result = answer.results.into_iter().next().ok_or_else(unanswered).and_then(|result| {
            match result.error_code.is_ok() {
                true => Ok(set_on_broker(result.configs)),
                false => Err(KrafkaError::broker(result.error_code, result.error_message.unwrap_or_default())),
            }
        });
        result.map_err(|error| self.failure(&tried, &error))
    }

    pub(super) async fn alter_overrides_of_brokers(&self, brokers: &[(i32, Vec<ConfigAlteration>)]) -> Outcomes {
        let addresses = self.addresses().await;
        // One request for each: where one is gone the others are still to be told.
        let sends: Vec<_> = brokers.iter().map(|item| self.alter_overrides_of(item, &addresses)).collect();
        stream::iter(sends).buffered(BROKERS_AT_ONCE).collect().await
    }

    async fn alter_overrides_of(
        &self,
        (broker, alterations): &(i32, Vec<ConfigAlteration>),
        addresses: &Addresses,
    ) -> Result<(), Failure> {
        self.permit().await?;
        let tried = format!("set the throttle of broker {broker}");
        let config = |(key, value): &ConfigAlteration| AlterableConfig {
            name: key.to_string(),
            config_operation: if value.is_some() { AlterConfigOp::Set } else { AlterConfigOp::Delete },
            value: value.clone(),
        };
        let resource = IncrementalAlterConfigsResource {
            resource_type: ConfigResourceType::Broker,
            resource_name: broker.to_string(),
            configs: alterations.iter().map(config).collect(),
        };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        let answer: IncrementalAlterConfigsResponse =
            self.ask_broker(*broker, addresses, ALTER_CONFIGS, &request, &tried).await?;
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
            failure::build(FailureKind::Unreachable, tried, self.access.told(), answer, None)
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

/// Where each broker is reached.
type Addresses = Result<BTreeMap<i32, String>, Failure>;

fn of_wire(topic: TopicName, partition: OngoingPartitionReassignment) -> OngoingReassignment {
    OngoingReassignment {
        topic,
        partition: u32::try_from(partition.partition_index).unwrap_or(u32::MAX),
        replicas: partition.replicas,
        adding: partition.adding_replicas,
        removing: partition.removing_replicas,
    }
}

fn partition(topic: &TopicName, number: u32) -> TopicPartition {
    TopicPartition::new(topic.as_str(), i32::try_from(number).unwrap_or(i32::MAX))
}

/// What has come to its end meanwhile is not to be cancelled any more.
fn ended_already(answer: &mut krafka::Result<()>) {
    if let Err(KrafkaError::Broker { code: ErrorCode::NoReassignmentInProgress, .. }) = answer {
        *answer = Ok(());
    }
}

fn set_on_broker(entries: Vec<DescribeConfigsEntry>) -> BTreeMap<Arc<str>, String> {
    let set = entries.into_iter().filter(|entry| entry.config_source == DYNAMIC_BROKER);
    set.map(|entry| (entry.name.into(), entry.value.unwrap_or_default())).collect()
}
