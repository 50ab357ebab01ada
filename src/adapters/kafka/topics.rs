//! Reading topics and their partitions.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use krafka::__private::protocol::{
    MetadataPartitionResponse, MetadataRequest, MetadataResponse, MetadataTopicResponse,
};
use krafka::KrafkaError;
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::brokers::METADATA;
use crate::model::{TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::kafka::{PartitionInfo, TopicInfo};

/// Topics that are described in one request.
pub(super) const TOPICS_PER_REQUEST: usize = 500;

impl KafkaClient {
    /// Every topic that the caller may see.
    pub(super) async fn all_topics(&self) -> Result<Vec<TopicInfo>, Failure> {
        let metadata = self.metadata(0, &MetadataRequest::all_topics()).await;
        let metadata = metadata.map_err(|error| self.failure("list the topics", &error))?;
        // A topic that is being deleted or that has no leader yet comes with an error beside its partitions.
        let there = metadata.topics.into_iter().filter(|topic| topic.error_code != ErrorCode::UnknownTopicOrPartition);
        let mut topics: Vec<TopicInfo> =
            there.filter_map(|topic| Some(topic_info(topic.name.as_deref()?.parse().ok()?, topic))).collect();
        topics.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Topics by name, in order.
    pub(super) async fn topics_by_name(&self, names: &[TopicName]) -> Result<Vec<Result<TopicInfo, Failure>>, Failure> {
        let chunks = names.chunks(TOPICS_PER_REQUEST).enumerate();
        let requests: Vec<_> = chunks.map(|(turn, chunk)| self.describe_chunk(turn, chunk)).collect();
        let chunks: Vec<_> = stream::iter(requests).buffered(self.brokers.lanes()).try_collect().await?;
        Ok(chunks.into_iter().flatten().collect())
    }

    async fn describe_chunk(
        &self,
        turn: usize,
        names: &[TopicName],
    ) -> Result<Vec<Result<TopicInfo, Failure>>, Failure> {
        let request = MetadataRequest::for_topics(names.iter().map(TopicName::as_str).collect());
        let metadata = self.metadata(turn, &request).await;
        let metadata = metadata.map_err(|error| self.failure("describe topics", &error))?;
        let mut described: HashMap<String, MetadataTopicResponse> =
            metadata.topics.into_iter().filter_map(|topic| Some((topic.name.clone()?, topic))).collect();
        let answer = |name: &TopicName| {
            let error = match described.remove(name.as_str()) {
                Some(topic) if topic.error_code.is_ok() || !topic.partitions.is_empty() => {
                    return Ok(topic_info(name.clone(), topic));
                }
                Some(topic) => KrafkaError::broker(topic.error_code, ""),
                None => KrafkaError::illegal_state("the answer does not speak of it"),
            };
            Err(self.failure(&format!("describe the topic {name}"), &error))
        };
        Ok(names.iter().map(answer).collect())
    }

    pub(super) async fn metadata(&self, turn: usize, request: &MetadataRequest) -> krafka::Result<MetadataResponse> {
        let metadata: MetadataResponse = self.brokers.ask(turn, METADATA, request).await?;
        match metadata.error_code {
            ErrorCode::None => Ok(metadata),
            code => Err(KrafkaError::broker(code, "")),
        }
    }
}

fn topic_info(name: TopicName, topic: MetadataTopicResponse) -> TopicInfo {
    let mut partitions = topic.partitions;
    partitions.sort_unstable_by_key(|partition| partition.partition_index);
    let partition = |partition: MetadataPartitionResponse| PartitionInfo {
        replicas: partition.replica_nodes,
        isr: partition.isr_nodes,
        leader: (partition.leader_id >= 0).then_some(partition.leader_id),
        ..PartitionInfo::default()
    };
    TopicInfo {
        name,
        internal: topic.is_internal,
        id: topic.topic_id.and_then(TopicId::of_bytes),
        partitions: partitions.into_iter().map(partition).collect(),
    }
}
