//! What the cluster says of the lock's group, asked over the admin protocol.

use krafka::KrafkaError;
use krafka::admin::{DescribeConsumerGroupsOptions, DescribeFeaturesOptions};
use krafka::error::ErrorCode;

use super::member::Protocol;
use crate::adapters::kafka::KafkaClient;
use crate::ports::Failure;
use crate::ports::journal::{LOCK_GROUP, LOCK_TOPIC};

/// Whether the cluster serves the consumer group protocol of KIP-848. The feature tells, and not the brokers' version:
/// 3.9 knows the requests and refuses them, and an upgraded cluster keeps refusing until its features are raised.
pub(super) async fn protocol(client: &KafkaClient) -> Result<Protocol, Failure> {
    const TRIED: &str = "ask for the cluster's features";
    let features = async { client.admin().await?.describe_features(DescribeFeaturesOptions::default()).await };
    let features = features.await.map_err(|error| client.failure(TRIED, &error))?;
    let group = features.finalized.iter().find(|feature| feature.name == "group.version");
    Ok(match group {
        Some(group) if group.max_version_level >= 1 => Protocol::Consumer,
        _ => Protocol::Classic,
    })
}

/// The client id of the member that holds the lock.
pub(super) async fn of_lock(client: &KafkaClient) -> Result<Option<String>, Failure> {
    const TRIED: &str = "ask who has the lock";
    let options = DescribeConsumerGroupsOptions::default();
    let answer = async { client.admin().await?.describe_consumer_groups([LOCK_GROUP], options).await };
    let mut groups = answer.await.map_err(|error| client.failure(TRIED, &error))?;
    let group = match groups.remove(LOCK_GROUP) {
        Some(Ok(group)) => group,
        // Nobody has ever asked for the lock.
        Some(Err(KrafkaError::Broker { code: ErrorCode::GroupIdNotFound, .. })) | None => return Ok(None),
        Some(Err(error)) => return Err(client.failure(TRIED, &error)),
    };
    let has_it = |topics: &[krafka::admin::TopicPartitionAssignment]| {
        topics.iter().any(|topic| topic.topic_name == LOCK_TOPIC && topic.partitions.contains(&0))
    };
    let owner = group.members.into_iter().find(|member| member.assignment.as_deref().is_some_and(has_it));
    Ok(owner.map(|owner| owner.client_id))
}
