//! Creating and deleting topics, adding partitions, setting configs.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use krafka::__private::protocol::{
    CreatableTopic, CreatableTopicConfig, CreatePartitionsRequest, CreatePartitionsTopic, CreateTopicsRequest,
    DeleteTopicState, DeleteTopicsRequest,
};
use krafka::KrafkaError;
use krafka::admin::{
    ConfigOp, ConfigResource, CreatePartitionsOptions, CreateTopicsOptions, DeleteTopicsOptions,
    IncrementalAlterConfigsOptions,
};

use super::KafkaClient;
use super::batch::{batches, send_all};
use crate::model::TopicName;
use crate::ports::kafka::{ConfigAlteration, NewTopic, Outcomes};
use crate::ports::{Failure, FailureKind};

/// Records of one request: each topic, partition and config is one. A controller refuses more than 10,000, also when it
/// only validates, and large requests take it less time than many.
pub(super) const RECORDS_PER_REQUEST: usize = 9_000;
/// Topics to delete in one request. The controller writes a record for each, and forgets their partitions by itself.
const DELETIONS_PER_REQUEST: usize = 2_000;
pub(super) const REQUESTS_AT_ONCE: usize = 2;

impl KafkaClient {
    pub(super) async fn create_topics_in_batches(&self, topics: &[NewTopic], validate_only: bool) -> Outcomes {
        // A topic takes a record more than is counted in Kafka's own documents: 1,428 with four configs are accepted where
        // 1,440 are not.
        let records = |topic: &NewTopic| 2 + topic.partitions as usize + topic.configs.len();
        send_all(
            batches(topics, RECORDS_PER_REQUEST, records),
            REQUESTS_AT_ONCE,
            || self.permit(),
            |batch| async move {
                let options = CreateTopicsOptions::default().validate_only(validate_only);
                let name = |topic: &NewTopic| topic.name.as_str().to_owned();
                let tried = |topic: &NewTopic| format!("create the topic {}", topic.name);
                self.mutate(
                    batch,
                    (name, tried),
                    |topics: &[&NewTopic]| CreateTopicsRequest {
                        topics: topics.iter().map(|topic| creatable(topic)).collect(),
                        timeout_ms: self.timeout_ms(),
                        validate_only,
                    },
                    |topics: Vec<&NewTopic>| {
                        let options = options.clone();
                        async move {
                            let request: krafka::Result<Vec<_>> = topics.into_iter().map(new_topic).collect();
                            self.admin().await?.create_topics(request?, options).await
                        }
                    },
                )
                .await
            },
        )
        .await
    }

    pub(super) async fn create_partitions_in_batches(
        &self,
        topics: &[(TopicName, u32)],
        validate_only: bool,
    ) -> Outcomes {
        // How many there are already is not known here; the number that is wanted is the most that can be added.
        let records = |(_, count): &(TopicName, u32)| *count as usize;
        send_all(
            batches(topics, RECORDS_PER_REQUEST, records),
            REQUESTS_AT_ONCE,
            || self.permit(),
            |batch| async move {
                let options = CreatePartitionsOptions::default().validate_only(validate_only);
                let name = |(name, _): &(TopicName, u32)| name.as_str().to_owned();
                let tried = |(name, count): &(TopicName, u32)| format!("raise {name} to {count} partitions");
                let outcomes = self.mutate(
                    batch,
                    (name, tried),
                    |topics: &[&(TopicName, u32)]| CreatePartitionsRequest {
                        topics: topics.iter().map(|topic| raised(topic)).collect(),
                        timeout_ms: self.timeout_ms(),
                        validate_only,
                    },
                    |topics: Vec<&(TopicName, u32)>| {
                        let options = options.clone();
                        async move {
                            let totals = topics.into_iter().map(|(name, count)| (name.as_str(), wire_count(*count)));
                            self.admin().await?.create_partitions(totals, options).await
                        }
                    },
                );
                outcomes.await.into_iter().map(raised_already).collect()
            },
        )
        .await
    }

    pub(super) async fn delete_topics_in_batches(&self, names: &[TopicName]) -> Outcomes {
        send_all(
            batches(names, DELETIONS_PER_REQUEST, |_| 1),
            REQUESTS_AT_ONCE,
            || self.permit(),
            |batch| async move {
                let name = |name: &TopicName| name.as_str().to_owned();
                let tried = |name: &TopicName| format!("delete the topic {name}");
                let outcomes = self.mutate(
                    batch,
                    (name, tried),
                    |names: &[&TopicName]| DeleteTopicsRequest {
                        topic_names: names.iter().map(ToString::to_string).collect(),
                        topics: names.iter().map(|name| by_name(name)).collect(),
                        timeout_ms: self.timeout_ms(),
                    },
                    |names: Vec<&TopicName>| async move {
                        let names = names.into_iter().map(TopicName::as_str);
                        self.admin().await?.delete_topics(names, DeleteTopicsOptions::default()).await
                    },
                );
                outcomes.await.into_iter().map(gone_already).collect()
            },
        )
        .await
    }

    pub(super) async fn alter_configs_in_batches(
        &self,
        topics: &[(TopicName, Vec<ConfigAlteration>)],
        validate_only: bool,
    ) -> Outcomes {
        type Item = (TopicName, Vec<ConfigAlteration>);
        let records = |(_, alterations): &Item| 1 + alterations.len();
        send_all(
            batches(topics, RECORDS_PER_REQUEST, records),
            REQUESTS_AT_ONCE,
            || self.permit(),
            |batch| async move {
                let options = IncrementalAlterConfigsOptions::default().validate_only(validate_only);
                let resource = |(name, _): &Item| ConfigResource::topic(name.as_str());
                let changes = batch.iter().map(|item| (resource(item), item.1.iter().map(config_op).collect()));
                let changes: Vec<_> = changes.collect();
                let answers = async { self.admin().await?.incremental_alter_configs(changes, options).await }.await;
                self.outcomes(batch, answers, resource, |(name, _)| format!("alter the configs of the topic {name}"))
            },
        )
        .await
    }

    /// How long the controller may take, in milliseconds.
    fn timeout_ms(&self) -> i32 {
        i32::try_from(self.timeout.as_millis()).unwrap_or(i32::MAX)
    }

    /// Each item's outcome, whether the request was answered item by item or failed as a whole.
    pub(super) fn outcomes<T, K: Hash + Eq>(
        &self,
        batch: &[T],
        answers: krafka::Result<Answers<K>>,
        key: impl Fn(&T) -> K,
        tried: impl Fn(&T) -> String,
    ) -> Outcomes {
        let mut answers = answers;
        let outcome = |item: &T| -> Result<(), Failure> {
            let answer = match &mut answers {
                Ok(answers) => answers.remove(&key(item)).unwrap_or_else(|| Err(unanswered())),
                Err(error) => Err(error.clone()),
            };
            answer.map_err(|error| self.failure(&tried(item), &error))
        };
        batch.iter().map(outcome).collect()
    }
}

fn gone_already(outcome: Result<(), Failure>) -> Result<(), Failure> {
    match outcome {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// More partitions are refused by the same code where the topic has as many already.
fn raised_already(outcome: Result<(), Failure>) -> Result<(), Failure> {
    outcome.map_err(|failure| match failure.answer.contains("INVALID_PARTITIONS") {
        true => Failure { kind: FailureKind::Exists, ..failure },
        false => failure,
    })
}

/// What became of each thing, by what it is known by.
pub(super) type Answers<K = String> = HashMap<K, krafka::Result<()>>;

pub(super) fn unanswered() -> KrafkaError {
    KrafkaError::illegal_state("the answer does not speak of it")
}

fn new_topic(topic: &NewTopic) -> krafka::Result<krafka::admin::NewTopic> {
    let factor = i16::try_from(topic.replication_factor).unwrap_or(i16::MAX);
    let mut new = krafka::admin::NewTopic::new(topic.name.as_str(), wire_count(topic.partitions), factor)?;
    new.configs = topic.configs.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
    Ok(new)
}

/// The same as it is sent.
fn creatable(topic: &NewTopic) -> CreatableTopic {
    let config =
        |(key, value): (&Arc<str>, &String)| CreatableTopicConfig { name: key.to_string(), value: Some(value.clone()) };
    CreatableTopic {
        name: topic.name.to_string(),
        num_partitions: wire_count(topic.partitions),
        replication_factor: i16::try_from(topic.replication_factor).unwrap_or(i16::MAX),
        assignments: Vec::new(),
        configs: topic.configs.iter().map(config).collect(),
    }
}

fn raised((name, count): &(TopicName, u32)) -> CreatePartitionsTopic {
    CreatePartitionsTopic { name: name.to_string(), count: wire_count(*count), assignments: None }
}

fn by_name(name: &TopicName) -> DeleteTopicState {
    DeleteTopicState { name: Some(name.to_string()), topic_id: [0; 16] }
}

/// A number of partitions as it is sent; what does not fit is refused by the controller.
fn wire_count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn config_op((key, value): &ConfigAlteration) -> ConfigOp {
    match value {
        Some(value) => ConfigOp::set(&**key, value),
        None => ConfigOp::delete(&**key),
    }
}
