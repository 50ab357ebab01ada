use std::time::{Duration, Instant};

use crate::ports::journal::new_topics;
use crate::ports::kafka::KafkaAdmin;
use crate::ports::{Failure, FailureKind};

const PAUSE: Duration = Duration::from_millis(20);

/// Makes the topics that the tool owns, where they are missing, and waits until the brokers serve them. A small cluster
/// has fewer replicas of them than is asked for.
pub async fn make_own_topics(kafka: &impl KafkaAdmin, replication_factor: u32, limit: Duration) -> Result<(), Failure> {
    let names: Vec<_> = new_topics(1).into_iter().map(|topic| topic.name).collect();
    let missing = missing(kafka, &names).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let brokers = u32::try_from(kafka.cluster().await?.brokers.len()).unwrap_or(u32::MAX);
    let factor = replication_factor.min(brokers).max(1);
    let mut topics = new_topics(factor);
    topics.retain(|topic| missing.contains(&topic.name));
    for outcome in kafka.create_topics(&topics, false).await {
        match outcome {
            // Somebody else applies for the first time too.
            Err(failure) if failure.kind == FailureKind::Exists => {}
            Err(failure) => {
                let hint = "apply writes nothing that it cannot record: let busctl create its own topics \
                            (docs/permissions.md), or create them for it";
                return Err(Failure { hint: Some(hint.to_owned()), ..failure });
            }
            Ok(()) => {}
        }
    }
    let started = Instant::now();
    while !self::missing(kafka, &names).await?.is_empty() && started.elapsed() < limit {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Those of the topics that are not there.
async fn missing(
    kafka: &impl KafkaAdmin,
    names: &[crate::model::TopicName],
) -> Result<Vec<crate::model::TopicName>, Failure> {
    let mut missing = Vec::new();
    for (name, answer) in names.iter().zip(kafka.describe_topics(names).await?) {
        match answer {
            Ok(_) => {}
            Err(failure) if failure.kind == FailureKind::NotFound => missing.push(name.clone()),
            Err(failure) => return Err(failure),
        }
    }
    Ok(missing)
}
