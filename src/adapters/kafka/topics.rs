//! Reading topics and their partitions.

use futures::{StreamExt, TryStreamExt, stream};
use krafka::KrafkaError;
use krafka::admin::{DescribeTopicsOptions, ListTopicsOptions, TopicDescription};

use super::KafkaClient;
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::kafka::{PartitionInfo, TopicInfo};

/// Topics in one request. A broker answers at most 2,000 partitions at once, so that more topics only mean more pages.
const TOPICS_PER_REQUEST: usize = 300;
const REQUESTS_AT_ONCE: usize = 4;

impl KafkaClient {
    /// Every topic that the caller may see.
    pub(super) async fn all_topics(&self) -> Result<Vec<TopicInfo>, Failure> {
        let options = ListTopicsOptions::default().include_internal(true);
        let names = self.admin.list_topics(options).await.map_err(|error| self.failure("list the topics", &error))?;
        let names: Vec<TopicName> = names.into_iter().filter_map(|name| name.parse().ok()).collect();
        // A topic that went away between the two requests is not there.
        Ok(self.topics_by_name(&names).await?.into_iter().flatten().collect())
    }

    /// Topics by name, in order.
    pub(super) async fn topics_by_name(&self, names: &[TopicName]) -> Result<Vec<Result<TopicInfo, Failure>>, Failure> {
        let requests: Vec<_> = names.chunks(TOPICS_PER_REQUEST).map(|chunk| self.describe_chunk(chunk)).collect();
        let chunks: Vec<_> = stream::iter(requests).buffered(REQUESTS_AT_ONCE).try_collect().await?;
        Ok(chunks.into_iter().flatten().collect())
    }

    async fn describe_chunk(&self, names: &[TopicName]) -> Result<Vec<Result<TopicInfo, Failure>>, Failure> {
        const TRIED: &str = "describe topics";
        let wanted = names.iter().map(TopicName::as_str);
        let mut described = self
            .admin
            .describe_topics(wanted, DescribeTopicsOptions::default())
            .await
            .map_err(|error| self.failure(TRIED, &error))?;
        let answer = |name: &TopicName| match described.remove(name.as_str()) {
            Some(Ok(description)) => Ok(Ok(topic_info(name.clone(), description))),
            Some(Err(error @ KrafkaError::Broker { .. })) => {
                Ok(Err(self.failure(&format!("describe the topic {name}"), &error)))
            }
            Some(Err(error)) => Err(self.failure(TRIED, &error)),
            None => Err(self.failure(TRIED, &KrafkaError::illegal_state(format!("no answer for {name}")))),
        };
        names.iter().map(answer).collect()
    }
}

fn topic_info(name: TopicName, description: TopicDescription) -> TopicInfo {
    let partition = |partition: krafka::admin::PartitionDescription| PartitionInfo {
        replicas: partition.replicas,
        isr: partition.isr,
    };
    let partitions = description.partitions.into_iter().map(partition).collect();
    TopicInfo { name, internal: description.is_internal, partitions }
}
