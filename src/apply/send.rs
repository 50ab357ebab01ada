//! The steps of a stage as requests to the brokers.

use std::time::{Duration, Instant};

use super::Passwords;
use crate::model::TopicName;
use crate::plan::Step;
use crate::ports::kafka::{KafkaAdmin, Outcomes};
use crate::ports::{Failure, FailureKind};

/// How long brokers may take to serve what the controller has, and how long is waited between two looks.
const SERVED_PATIENCE: Duration = Duration::from_secs(60);
const SERVED_PAUSE: Duration = Duration::from_millis(200);

/// Sends the steps of one stage to the brokers, in one call of the port.
pub async fn send_to_kafka<'p>(
    kafka: &impl KafkaAdmin,
    steps: impl Iterator<Item = &'p Step>,
    passwords: &Passwords,
) -> Outcomes {
    let mut topics = Vec::new();
    let mut partitions = Vec::new();
    let mut configs = Vec::new();
    let mut created = Vec::new();
    let mut deleted = Vec::new();
    let mut quotas = Vec::new();
    let mut scram = Vec::new();
    let mut unsalted = Vec::new();
    let mut brokers = Vec::new();
    let mut removed = Vec::new();
    let mut truncated = Vec::new();
    let mut elected = Vec::new();
    // How many items each step has: ACLs come in groups.
    let mut sizes = Vec::new();
    for step in steps {
        let size = match step {
            Step::CreateTopic(topic) => push(&mut topics, topic.clone()),
            Step::CreatePartitions { topic, count } => push(&mut partitions, (topic.clone(), *count)),
            Step::AlterConfigs { topic, alterations } => push(&mut configs, (topic.clone(), alterations.clone())),
            Step::CreateAcls(acls) => extend(&mut created, acls),
            Step::DeleteAcls(acls) => extend(&mut deleted, acls),
            Step::AlterBrokerConfigs { broker, alterations } => push(&mut brokers, (*broker, alterations.clone())),
            Step::AlterQuota(quota) => push(&mut quotas, quota.clone()),
            Step::SetScramPassword { .. } | Step::RemoveScramPassword { .. } => match passwords.alteration(step) {
                Some(Ok(alteration)) => push(&mut scram, alteration),
                Some(Err(failure)) => {
                    unsalted.push((sizes.len(), failure));
                    0
                }
                None => 0,
            },
            Step::DeleteRecords { topic, offsets } => {
                truncated.extend(offsets.iter().map(|(partition, offset)| (topic.clone(), *partition, *offset)));
                offsets.len()
            }
            Step::DeleteTopic(topic) => push(&mut removed, topic.clone()),
            Step::ElectLeaders { topic, partitions } => {
                let partitions: Vec<_> = partitions.iter().map(|partition| (topic.clone(), *partition)).collect();
                extend(&mut elected, &partitions)
            }
            Step::SetCompatibility { .. }
            | Step::RegisterSchema { .. }
            | Step::DeleteSubject(_)
            | Step::WriteKeys(_)
            | Step::Reassign { .. }
            | Step::CancelReassignment { .. } => 0,
        };
        sizes.push(size);
    }
    let mut results = Vec::new();
    if !topics.is_empty() {
        results.extend(kafka.create_topics(&topics, false).await.into_iter().map(already_there));
    }
    if !partitions.is_empty() {
        results.extend(create_partitions(kafka, &partitions).await);
    }
    if !configs.is_empty() {
        results.extend(kafka.alter_topic_configs(&configs, false).await);
    }
    if !created.is_empty() {
        results.extend(kafka.create_acls(&created).await);
    }
    if !deleted.is_empty() {
        results.extend(kafka.delete_acls(&deleted).await);
    }
    if !brokers.is_empty() {
        results.extend(kafka.alter_broker_configs(&brokers, false).await);
    }
    if !quotas.is_empty() {
        results.extend(kafka.alter_quotas(&quotas, false).await);
    }
    if !scram.is_empty() {
        results.extend(kafka.alter_scram_users(&scram).await);
    }
    if !truncated.is_empty() {
        results.extend(kafka.delete_records(&truncated).await);
    }
    if !removed.is_empty() {
        results.extend(kafka.delete_topics(&removed).await);
    }
    if !elected.is_empty() {
        results.extend(elect_preferred(kafka, &elected).await);
    }
    let mut results = results.into_iter();
    let mut outcomes: Outcomes =
        sizes.into_iter().map(|size| (0..size).filter_map(|_| results.next()).fold(Ok(()), Result::and)).collect();
    for (step, failure) in unsalted {
        outcomes[step] = Err(failure);
    }
    outcomes
}

/// Has preferred leaders lead. A controller refuses one whose replica is not in sync, which it is again some time after its
/// broker was started: until then it is asked again.
async fn elect_preferred(kafka: &impl KafkaAdmin, partitions: &[(TopicName, u32)]) -> Outcomes {
    let mut results = kafka.elect_preferred(partitions).await;
    let started = Instant::now();
    loop {
        let not_yet =
            |result: &Result<(), Failure>| matches!(result, Err(failure) if failure.kind == FailureKind::Server);
        let open: Vec<usize> = (0..results.len()).filter(|index| not_yet(&results[*index])).collect();
        if open.is_empty() || started.elapsed() > SERVED_PATIENCE {
            return results;
        }
        tokio::time::sleep(SERVED_PAUSE).await;
        let asked: Vec<_> = open.iter().map(|index| partitions[*index].clone()).collect();
        for (index, result) in open.into_iter().zip(kafka.elect_preferred(&asked).await) {
            results[index] = result;
        }
    }
}

/// Raises numbers of partitions. A controller refuses those that it has raised already, which brokers may serve much later:
/// after an apply that did not wait for them this is no failure.
async fn create_partitions(kafka: &impl KafkaAdmin, topics: &[(TopicName, u32)]) -> Outcomes {
    let mut results = kafka.create_partitions(topics, false).await;
    let refused = |result: &Result<(), Failure>| matches!(result, Err(failure) if failure.kind == FailureKind::Exists);
    let started = Instant::now();
    loop {
        let open: Vec<usize> = (0..results.len()).filter(|index| refused(&results[*index])).collect();
        if open.is_empty() || started.elapsed() > SERVED_PATIENCE {
            return results;
        }
        let names: Vec<TopicName> = open.iter().map(|index| topics[*index].0.clone()).collect();
        let Ok(served) = kafka.describe_topics(&names).await else { return results };
        let mut waiting = false;
        for (index, served) in open.into_iter().zip(served) {
            match served.map(|topic| (topic.partitions.len() as u32).cmp(&topics[index].1)) {
                Ok(std::cmp::Ordering::Equal) => results[index] = Ok(()),
                Ok(std::cmp::Ordering::Less) => waiting = true,
                // Somebody else made even more of them, or it is gone.
                Ok(std::cmp::Ordering::Greater) | Err(_) => {}
            }
        }
        if !waiting {
            return results;
        }
        tokio::time::sleep(SERVED_PAUSE).await;
    }
}

fn push<T>(items: &mut Vec<T>, item: T) -> usize {
    items.push(item);
    1
}

fn extend<T: Clone>(items: &mut Vec<T>, more: &[T]) -> usize {
    items.extend_from_slice(more);
    more.len()
}

fn already_there(result: Result<(), Failure>) -> Result<(), Failure> {
    result.map_err(|failure| match failure.kind {
        FailureKind::Exists => Failure {
            hint: Some("somebody created it after the plan was made: run plan again to see what differs".into()),
            ..failure
        },
        _ => failure,
    })
}
