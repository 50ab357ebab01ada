use std::collections::BTreeMap;
use std::time::Duration;

use super::{LiveTopic, LiveTopics};
use crate::model::TopicName;
use crate::ports::kafka::{KafkaAdmin, OngoingReassignment, TopicConfigs, TopicInfo};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::Scope;

/// While replicas are moved: how long is waited between two looks, and how often is looked at most.
const LOOK_PAUSE: Duration = Duration::from_millis(500);
const MOST_LOOKS: usize = 10;

/// Reads the topics of a cluster: all of their partitions, and the configs of those in the scope.
///
/// Kafka leaves topics out of its list where the caller may not see them. A declared topic that is not listed is asked
/// for by name, which tells "there is none" from "you may not see it".
pub async fn observe(kafka: &impl KafkaAdmin, declared: &[TopicName], scope: Scope) -> Result<LiveTopics, Failure> {
    let list = async {
        // Once more before the topics: a move that ends meanwhile is in none of what is read after it.
        let before = kafka.reassignments().await.unwrap_or_default();
        let listed = match scope {
            Scope::Named => Vec::new(),
            Scope::Declared | Scope::Everything => kafka.topics().await?,
        };
        Ok((before, listed))
    };
    // Nothing takes as long as the configs, and of what is declared they can be asked for before the list is there.
    let early = async {
        match scope {
            Scope::Declared => kafka.topic_configs(declared).await,
            Scope::Named | Scope::Everything => Ok(TopicConfigs::default()),
        }
    };
    let ((before, listed), mut configs) = tokio::try_join!(Box::pin(list), Box::pin(early))?;
    let mut live = LiveTopics::default();
    let mut infos: BTreeMap<TopicName, TopicInfo> =
        listed.into_iter().map(|topic| (topic.name.clone(), topic)).collect();
    let unlisted: Vec<_> = declared.iter().filter(|name| !infos.contains_key(name.as_str())).cloned().collect();
    let asked: Vec<_> = match scope {
        Scope::Named => declared.to_vec(),
        // Created after its configs were asked for.
        Scope::Declared => {
            let is_new = |name: &&TopicName| infos.contains_key(name.as_str()) && !is_told(&configs, name);
            declared.iter().filter(is_new).cloned().collect()
        }
        // Of what no manifest may declare nobody compares the configs, and who plans need not have a right on them.
        Scope::Everything => {
            let is_compared = |topic: &&TopicInfo| !topic.internal && !topic.name.is_reserved();
            infos.values().filter(is_compared).map(|topic| topic.name.clone()).collect()
        }
    };
    let (described, late, moving) =
        tokio::join!(describe(kafka, &unlisted), kafka.topic_configs(&asked), kafka.reassignments());
    let late = late?;
    configs.overrides.extend(late.overrides);
    configs.defaults.extend(late.defaults);
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
    found.retain(|name| !is_told(&configs, name));
    if !found.is_empty() {
        configs.overrides.extend(kafka.topic_configs(&found).await?.overrides);
    }
    live.defaults = std::mem::take(&mut configs.defaults);
    match moving {
        Ok(mut moving) => {
            if !before.is_empty() || !moving.is_empty() {
                moving = read_until_still(kafka, &mut infos, moving).await?;
            }
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

/// Whether the configs of a topic were asked for while it was there.
fn is_told(configs: &TopicConfigs, name: &TopicName) -> bool {
    let answer = configs.overrides.get(name);
    answer.is_some_and(|answer| !matches!(answer, Err(failure) if failure.kind == FailureKind::NotFound))
}

/// Reads topics and moves until two looks at both are the same. The controllers list the moves and brokers tell of the
/// topics a moment later: one that has just ended looks in between as if its topic had the old and the new replicas for good.
async fn read_until_still(
    kafka: &impl KafkaAdmin,
    infos: &mut BTreeMap<TopicName, TopicInfo>,
    mut moving: Vec<OngoingReassignment>,
) -> Result<Vec<OngoingReassignment>, Failure> {
    for _ in 0..MOST_LOOKS {
        tokio::time::sleep(LOOK_PAUSE).await;
        let names: Vec<TopicName> = infos.keys().cloned().collect();
        let described = describe(kafka, &names).await?;
        let listed = kafka.reassignments().await?;
        let mut is_still = listed == moving;
        for (name, answer) in names.into_iter().zip(described) {
            match answer {
                Ok(info) => {
                    is_still &= infos.get(&name).is_some_and(|known| is_on_the_same(known, &info));
                    infos.insert(name, info);
                }
                Err(failure) if failure.kind == FailureKind::NotFound => drop(infos.remove(&name)),
                Err(failure) => return Err(failure),
            }
        }
        moving = listed;
        if is_still {
            break;
        }
    }
    Ok(moving)
}

fn is_on_the_same(one: &TopicInfo, other: &TopicInfo) -> bool {
    one.partitions.iter().map(|partition| &partition.replicas).eq(other.partitions.iter().map(|other| &other.replicas))
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
