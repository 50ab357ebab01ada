use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{LiveTopic, LiveTopics};
use crate::model::TopicName;
use crate::ports::kafka::{KafkaAdmin, OngoingReassignment, TopicInfo};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::Scope;

/// How often, and how often at most, topics are read again that brokers tell of as if their move had not ended.
const SERVED_PAUSE: Duration = Duration::from_millis(200);
const MOST_LOOKS: usize = 50;

/// Reads the topics of a cluster: all of their partitions, and the configs of those in the scope.
///
/// Kafka leaves topics out of its list where the caller may not see them. A declared topic that is not listed is asked
/// for by name, which tells "there is none" from "you may not see it".
pub async fn observe(kafka: &impl KafkaAdmin, declared: &[TopicName], scope: Scope) -> Result<LiveTopics, Failure> {
    // Once more before the topics: a move that ends meanwhile is in none of what is read after it.
    let moved = kafka.reassignments().await.unwrap_or_default();
    let listed = match scope {
        Scope::Named => Vec::new(),
        Scope::Declared | Scope::Everything => kafka.topics().await?,
    };
    let mut live = LiveTopics::default();
    let mut infos: BTreeMap<TopicName, TopicInfo> =
        listed.into_iter().map(|topic| (topic.name.clone(), topic)).collect();
    let unlisted: Vec<_> = declared.iter().filter(|name| !infos.contains_key(name.as_str())).cloned().collect();
    let asked: Vec<_> = match scope {
        Scope::Named => declared.to_vec(),
        Scope::Declared => declared.iter().filter(|name| infos.contains_key(name.as_str())).cloned().collect(),
        Scope::Everything => infos.values().filter(|topic| !topic.internal).map(|topic| topic.name.clone()).collect(),
    };
    let (described, configs, moving) =
        tokio::join!(describe(kafka, &unlisted), kafka.topic_configs(&asked), kafka.reassignments());
    let mut configs = configs?;
    let mut found = Vec::new();
    for (name, answer) in unlisted.into_iter().zip(described?) {
        match answer {
            Ok(info) => {
                found.push(name.clone());
                infos.insert(name, info);
            }
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => drop(live.hidden.insert(name, failure)),
        }
    }
    // Created after the list was made.
    found.retain(|name| !configs.overrides.contains_key(name));
    if !found.is_empty() {
        configs.overrides.extend(kafka.topic_configs(&found).await?.overrides);
    }
    live.defaults = std::mem::take(&mut configs.defaults);
    match moving {
        Ok(moving) => {
            let ended: Vec<OngoingReassignment> = moved.into_iter().filter(|one| !has(&moving, one)).collect();
            read_again(kafka, &mut infos, &ended).await?;
            moving.into_iter().for_each(|moving| mark(&mut infos, moving));
        }
        // Without the list a topic looks as if it had replicas already that are still being made.
        Err(failure) if failure.kind.may_be_done() => return Err(failure),
        Err(failure) => live.moves_hidden = Some(failure),
    }
    for (name, info) in infos {
        let configs = match configs.overrides.remove(&name) {
            Some(overrides) => Observed::from(overrides),
            None => Observed::Known(BTreeMap::new()),
        };
        live.topics
            .insert(name, LiveTopic { internal: info.internal, id: info.id, partitions: info.partitions, configs });
    }
    Ok(live)
}

fn has(moving: &[OngoingReassignment], one: &OngoingReassignment) -> bool {
    moving.iter().any(|other| other.topic == one.topic && other.partition == one.partition)
}

/// Reads topics again until none of these moves, which have ended, looks as if it had not.
async fn read_again(
    kafka: &impl KafkaAdmin,
    infos: &mut BTreeMap<TopicName, TopicInfo>,
    ended: &[OngoingReassignment],
) -> Result<(), Failure> {
    for _ in 0..MOST_LOOKS {
        let stale = ended.iter().filter(|one| {
            let found = infos.get(&one.topic).and_then(|info| info.partitions.get(one.partition as usize));
            found.is_some_and(|found| is_as_under_way(&found.replicas, one))
        });
        let stale: Vec<TopicName> = stale.map(|one| one.topic.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        if stale.is_empty() {
            return Ok(());
        }
        for (name, answer) in stale.iter().zip(describe(kafka, &stale).await?) {
            match answer {
                Ok(info) => drop(infos.insert(name.clone(), info)),
                Err(failure) if failure.kind == FailureKind::NotFound => drop(infos.remove(name)),
                Err(failure) => return Err(failure),
            }
        }
        tokio::time::sleep(SERVED_PAUSE).await;
    }
    Ok(())
}

/// Whether these are the old and the new replicas of a move at once, as they are while it is under way.
fn is_as_under_way(replicas: &[i32], moved: &OngoingReassignment) -> bool {
    let set = |brokers: &[i32]| brokers.iter().copied().collect::<BTreeSet<i32>>();
    !moved.removing.is_empty() && !moved.adding.is_empty() && set(replicas) == set(&moved.replicas)
}

/// Notes what of a partition is being moved. The broker that was asked for topics may not know of it yet.
fn mark(infos: &mut BTreeMap<TopicName, TopicInfo>, moving: OngoingReassignment) {
    let topic = infos.get_mut(&moving.topic);
    let Some(partition) = topic.and_then(|topic| topic.partitions.get_mut(moving.partition as usize)) else { return };
    partition.replicas = moving.replicas;
    partition.adding = moving.adding;
    partition.removing = moving.removing;
}

async fn describe(kafka: &impl KafkaAdmin, names: &[TopicName]) -> Result<Vec<Result<TopicInfo, Failure>>, Failure> {
    if names.is_empty() { Ok(Vec::new()) } else { kafka.describe_topics(names).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_that_has_ended_is_told_from_one_under_way() {
        let one = |replicas: &[i32], adding: &[i32], removing: &[i32]| OngoingReassignment {
            topic: "a".parse().expect("a topic"),
            partition: 0,
            replicas: replicas.to_vec(),
            adding: adding.to_vec(),
            removing: removing.to_vec(),
        };
        let moved = one(&[3, 1, 2], &[3], &[2]);
        assert!(is_as_under_way(&[1, 2, 3], &moved));
        assert!(!is_as_under_way(&[3, 1], &moved) && !is_as_under_way(&[1, 2], &moved));
        // With all that were on their way it is where it was to be.
        assert!(!is_as_under_way(&[1, 2], &one(&[1, 2], &[2], &[])));
    }
}
