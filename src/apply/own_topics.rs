use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::TopicName;
use crate::ports::journal::new_topics;
use crate::ports::kafka::{KafkaAdmin, TopicConfigs};
use crate::ports::{Failure, FailureKind};

const PAUSE: Duration = Duration::from_millis(20);

/// Configs of these topics without which records are lost or a lease is told by another clock. What else somebody sets on
/// them is theirs.
const VITAL: [&str; 3] = ["cleanup.policy", "unclean.leader.election.enable", "message.timestamp.type"];

/// A vital config of an own topic that somebody had changed, and that is as it has to be again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The topic.
    pub topic: TopicName,
    /// The config.
    pub key: Arc<str>,
    /// What it was; `None` where it was not set.
    pub was: Option<String>,
    /// What it is now.
    pub is: String,
}

/// Makes the topics that the tool owns, where they are missing, and waits until the brokers serve them; sets back what of
/// them must not be otherwise, where that can be seen. A small cluster has fewer replicas of them than is asked for.
pub async fn make_own_topics(
    kafka: &impl KafkaAdmin,
    replication_factor: u32,
    limit: Duration,
) -> Result<Vec<Repaired>, Failure> {
    let names: Vec<_> = new_topics(1).into_iter().map(|topic| topic.name).collect();
    let (missing, configs) = tokio::join!(missing(kafka, &names), kafka.topic_configs(&names));
    let missing = missing?;
    if missing.is_empty() {
        return repair(kafka, configs).await;
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
                // That brokers are slow or hold something back has a way out of its own.
                let own = failure.hint.clone().filter(|_| failure.kind != FailureKind::Authorization);
                return Err(Failure { hint: own.or_else(|| Some(hint.to_owned())), ..failure });
            }
            Ok(()) => {}
        }
    }
    let started = Instant::now();
    while !self::missing(kafka, &names).await?.is_empty() && started.elapsed() < limit {
        tokio::time::sleep(PAUSE).await;
    }
    repair(kafka, configs).await
}

/// Sets back what of the own topics must not be otherwise. Who may not see their configs goes on without.
async fn repair(kafka: &impl KafkaAdmin, configs: Result<TopicConfigs, Failure>) -> Result<Vec<Repaired>, Failure> {
    let mut overrides = configs.map(|configs| configs.overrides).unwrap_or_default();
    let mut repaired = Vec::new();
    for topic in new_topics(1) {
        let Some(Ok(present)) = overrides.remove(&topic.name) else { continue };
        for (key, is) in topic.configs.into_iter().filter(|(key, _)| VITAL.contains(&&**key)) {
            let was = present.get(&key).cloned();
            if was.as_ref() != Some(&is) {
                repaired.push(Repaired { topic: topic.name.clone(), key, was, is });
            }
        }
    }
    let of_topic =
        |repaired: &Repaired| (repaired.topic.clone(), vec![(repaired.key.clone(), Some(repaired.is.clone()))]);
    let alterations: Vec<_> = repaired.iter().map(of_topic).collect();
    if !alterations.is_empty() {
        for outcome in kafka.alter_topic_configs(&alterations, false).await {
            outcome.map_err(|failure| Failure {
                hint: Some(
                    "somebody has changed it, and the record would not last: set it back, or let busctl do it \
                     (docs/permissions.md)"
                        .into(),
                ),
                ..failure
            })?;
        }
    }
    Ok(repaired)
}

/// Those of the topics that are not there.
async fn missing(kafka: &impl KafkaAdmin, names: &[TopicName]) -> Result<Vec<TopicName>, Failure> {
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
