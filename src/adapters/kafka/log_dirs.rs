//! Sizes of replicas, which each broker tells of its own disks.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use krafka::__private::protocol::{
    ApiKey, DescribableLogDirTopic, DescribeLogDirsRequest, DescribeLogDirsResponse, MetadataRequest, versions,
};
use krafka::KrafkaError;
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::brokers::{Api, host_and_port};
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::kafka::{BrokerAnswer, ReplicaSize};

/// Partitions that are named in one request; the answer has a line for each that the broker holds.
const PARTITIONS_PER_REQUEST: usize = 20_000;
pub(super) const BROKERS_AT_ONCE: usize = 16;

pub(super) const DESCRIBE_LOG_DIRS: Api =
    Api { key: ApiKey::DescribeLogDirs, min: versions::DESCRIBE_LOG_DIRS_MIN, max: versions::DESCRIBE_LOG_DIRS_MAX };

impl KafkaClient {
    pub(super) async fn log_dir_sizes(
        &self,
        topics: &[(TopicName, Vec<u32>)],
    ) -> Result<Vec<BrokerAnswer<Vec<ReplicaSize>>>, Failure> {
        let asked: Vec<_> = self
            .addresses()
            .await?
            .into_iter()
            .map(|(broker, address)| async move {
                let answer = self.sizes_on(broker, &address, topics).await;
                BrokerAnswer { broker, answer }
            })
            .collect();
        Ok(stream::iter(asked).buffered(BROKERS_AT_ONCE).collect().await)
    }

    /// The brokers by id, each with its address.
    pub(super) async fn addresses(&self) -> Result<BTreeMap<i32, String>, Failure> {
        let metadata = self.metadata(0, &MetadataRequest::for_topics(Vec::new())).await;
        let metadata = metadata.map_err(|error| self.failure("list the brokers", &error))?;
        let address = |broker: krafka::__private::protocol::MetadataBroker| {
            (broker.node_id, host_and_port(&broker.host, broker.port))
        };
        Ok(metadata.brokers.into_iter().map(address).collect())
    }

    async fn sizes_on(
        &self,
        broker: i32,
        address: &str,
        topics: &[(TopicName, Vec<u32>)],
    ) -> Result<Vec<ReplicaSize>, Failure> {
        let failed = |error: KrafkaError| self.failure(&format!("describe the log dirs of broker {broker}"), &error);
        let mut sizes = Vec::new();
        for chunk in super::batch::batches(topics, PARTITIONS_PER_REQUEST, |(_, partitions)| partitions.len()) {
            let topic = |(name, partitions): &(TopicName, Vec<u32>)| DescribableLogDirTopic {
                topic: name.as_str().to_owned(),
                partitions: partitions.iter().filter_map(|number| i32::try_from(*number).ok()).collect(),
            };
            let request = DescribeLogDirsRequest::for_topics(chunk.iter().map(topic).collect());
            let answer: krafka::Result<DescribeLogDirsResponse> =
                self.brokers.ask_at(address, DESCRIBE_LOG_DIRS, &request).await;
            sizes.extend(replicas(answer.map_err(failed)?).map_err(failed)?);
        }
        Ok(sizes)
    }
}

/// Before version 3 of the request a broker has no other way to say no; every broker has a log dir.
pub(super) fn no_log_dir() -> KrafkaError {
    KrafkaError::broker(ErrorCode::ClusterAuthorizationFailed, "the broker names no log dir")
}

fn replicas(answer: DescribeLogDirsResponse) -> krafka::Result<Vec<ReplicaSize>> {
    if !answer.error_code.is_ok() {
        return Err(KrafkaError::broker(answer.error_code, ""));
    }
    if answer.results.is_empty() {
        return Err(no_log_dir());
    }
    let mut sizes = Vec::new();
    for dir in answer.results {
        if !dir.error_code.is_ok() {
            return Err(KrafkaError::broker(dir.error_code, format!("the log dir {} is not readable", dir.log_dir)));
        }
        for topic in dir.topics {
            // What no manifest can name is nobody's here.
            let Ok(name) = topic.name.parse::<TopicName>() else { continue };
            // A copy that is being moved to another disk is not there yet for anybody.
            for partition in topic.partitions.into_iter().filter(|partition| !partition.is_future_key) {
                sizes.push(ReplicaSize {
                    topic: name.clone(),
                    partition: u32::try_from(partition.partition_index).unwrap_or(u32::MAX),
                    bytes: u64::try_from(partition.partition_size).unwrap_or(0),
                });
            }
        }
    }
    Ok(sizes)
}
