use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Brokers, Obstacle, Replicated};
use super::leaders::balance_leaders;
use super::load::Loads;
use super::replicas::replicas;
use crate::model::{Kind, TopicName};
use crate::plan::{Change, FieldChange, FieldValue, PartitionMove, Step};
use crate::ports::Failure;
use crate::ports::kafka::{BrokerAnswer, PartitionInfo, ReplicaSize};
use crate::resources::topic::{LiveTopic, LiveTopics};
use crate::resources::{Desired, Live};

/// The field of a topic that says how many replicas each partition has.
pub(in crate::resources) const FACTOR: &str = "replication_factor";
/// What a field begins with that says which brokers a partition is on.
pub(in crate::resources) const REPLICAS: &str = "replicas.";

/// What a field begins with that says which broker leads a partition.
pub(in crate::resources) const LEADER: &str = "leader.";

/// How large the replicas of each partition are, the largest one, and how much is written to them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    bytes: BTreeMap<TopicName, BTreeMap<u32, u64>>,
    traffic: BTreeMap<TopicName, BTreeMap<u32, u64>>,
    /// Why some are not known.
    pub missing: Vec<String>,
}

impl Sizes {
    /// What the brokers tell of their disks.
    pub fn of(answers: Result<Vec<BrokerAnswer<Vec<ReplicaSize>>>, Failure>) -> Self {
        let mut sizes = Self::default();
        let answers = match answers {
            Ok(answers) => answers,
            Err(failure) => return Self { missing: vec![failure.to_string()], ..sizes },
        };
        for BrokerAnswer { answer, .. } in answers {
            match answer {
                Ok(replicas) => replicas.into_iter().for_each(|replica| {
                    let known = sizes.bytes.entry(replica.topic).or_default().entry(replica.partition).or_default();
                    *known = replica.bytes.max(*known);
                }),
                Err(failure) => sizes.missing.push(failure.to_string()),
            }
        }
        sizes
    }

    /// Adds what is written: about how many bytes an hour of each partition, by the records of the last hour and the size
    /// of all. `None` says nothing of a partition.
    pub fn add_traffic(&mut self, partitions: impl IntoIterator<Item = (TopicName, u32, Option<(u64, u64)>)>) {
        for (topic, number, records) in partitions {
            let (Some((lately, all)), Some(bytes)) = (records, self.of_partition(&topic, number)) else { continue };
            let written = u128::from(bytes) * u128::from(lately) / u128::from(all.max(1));
            let written = u64::try_from(written).unwrap_or(u64::MAX);
            self.traffic.entry(topic).or_default().insert(number, written);
        }
    }

    /// About how many bytes were written to a partition in the last hour, where that is known.
    pub fn traffic_of(&self, topic: &TopicName, number: u32) -> Option<u64> {
        self.traffic.get(topic)?.get(&number).copied()
    }

    /// About how many bytes a replica of a partition has, where that is known.
    pub fn of_partition(&self, topic: &TopicName, number: u32) -> Option<u64> {
        self.bytes.get(topic)?.get(&number).copied()
    }
}

/// Why the partitions of a topic cannot have this many replicas each, as far as brokers are known. Those that are on
/// their way, or for which brokers were agreed on, need nobody to choose: it does not matter who is down just then, but for a broker that is to
/// get a replica.
pub fn obstacle(
    name: &TopicName,
    found: &LiveTopic,
    factor: usize,
    desired: &Desired<'_>,
    live: &Live,
) -> Option<Obstacle> {
    let brokers = Brokers::without(&live.cluster.brokers, &BTreeSet::new());
    let agreed = desired.placements.get(name);
    let is_open = |(number, partition): &(usize, &PartitionInfo)| {
        partition.settled().len() != factor && target(agreed, *number as u32, partition, factor).is_none()
    };
    if brokers.count() == 0 {
        return None;
    }
    let unsettled = found.partitions.iter().enumerate().filter(|(_, partition)| partition.settled().len() != factor);
    let gone = unsettled.filter_map(|(number, partition)| {
        gone(partition, &target(agreed, number as u32, partition, factor)?, &brokers)
    });
    if let Some(broker) = { gone }.next() {
        return Some(Obstacle::Gone(broker));
    }
    let mut open = found.partitions.iter().enumerate().filter(is_open).map(|(_, partition)| partition).peekable();
    open.peek()?;
    if brokers.count() < factor {
        return Some(Obstacle::TooFewBrokers { wanted: factor, brokers: brokers.count() });
    }
    open.flat_map(PartitionInfo::target).find(|broker| !brokers.has(*broker)).map(Obstacle::NotThere)
}

/// A broker that is not there and is to get a replica, which is not on its way yet.
pub(in crate::resources) fn gone(partition: &PartitionInfo, target: &[i32], brokers: &Brokers) -> Option<i32> {
    target.iter().copied().find(|broker| !partition.replicas.contains(broker) && !brokers.has(*broker))
}

/// Where a partition is to go without a choice: what was agreed on, or where it is on its way to.
fn target(
    agreed: Option<&BTreeMap<u32, Vec<i32>>>,
    number: u32,
    partition: &PartitionInfo,
    factor: usize,
) -> Option<Vec<i32>> {
    let agreed = agreed.and_then(|agreed| agreed.get(&number)).filter(|agreed| agreed.len() == factor);
    agreed.cloned().or_else(|| Some(partition.target()).filter(|target| target.len() == factor))
}

/// Every partition of a cluster, as it is or is becoming.
pub fn partitions_of(live: &LiveTopics, sizes: Option<&Sizes>) -> Vec<Replicated> {
    let of_topic = |(name, topic): (&TopicName, &LiveTopic)| {
        let one = |(number, partition): (usize, &PartitionInfo)| replicated(name, number as u32, partition, sizes);
        topic.partitions.iter().enumerate().map(one).collect::<Vec<_>>()
    };
    live.topics.iter().flat_map(of_topic).collect()
}

fn replicated(name: &TopicName, number: u32, partition: &PartitionInfo, sizes: Option<&Sizes>) -> Replicated {
    let replicas = partition.target();
    Replicated {
        topic: name.clone(),
        number,
        leaves: partition.settled().into_iter().filter(|broker| !replicas.contains(broker)).collect(),
        replicas,
        led: partition.leader.is_some(),
        in_sync: partition.isr.clone(),
        bytes: sizes.and_then(|sizes| sizes.of_partition(name, number)).unwrap_or(0),
        traffic: sizes.and_then(|sizes| sizes.traffic_of(name, number)).unwrap_or(0),
    }
}

/// Puts into each change of a replication factor which brokers every partition goes to. What was agreed to before is
/// held to; where brokers are not known, nothing is said.
pub fn place_all(changes: &mut [Change], desired: &Desired<'_>, live: &Live, sizes: Option<&Sizes>) {
    let concerned = |change: &Change| {
        change.address.kind == Kind::Topic && change.fields.iter().any(|field| field.field == FACTOR) && {
            let topic = change.address.name.as_str();
            live.topics.topics.contains_key(topic) && desired.topics.contains_key(topic)
        }
    };
    if live.cluster.brokers.is_empty() || !changes.iter().any(concerned) {
        return;
    }
    let brokers = Brokers::without(&live.cluster.brokers, &BTreeSet::new());
    let mut loads = Loads::of(partitions_of(&live.topics, sizes).iter());
    for change in changes.iter_mut().filter(|change| concerned(change)) {
        let name = change.address.name.as_str();
        let Some((name, found)) = live.topics.topics.get_key_value(name) else { continue };
        let Some(topic) = desired.topics.get(name) else { continue };
        let factor = topic.replication_factor.value as usize;
        let agreed = desired.placements.get(name);
        let moves = of_topic((name, found), factor, &brokers, &mut loads, sizes, agreed);
        move_in(change, name, moves);
    }
}

/// What becomes of the partitions of one topic that have another number of replicas.
fn of_topic(
    (name, found): (&TopicName, &LiveTopic),
    factor: usize,
    brokers: &Brokers,
    loads: &mut Loads,
    sizes: Option<&Sizes>,
    agreed: Option<&BTreeMap<u32, Vec<i32>>>,
) -> Vec<PartitionMove> {
    let mut others: BTreeMap<i32, usize> = BTreeMap::new();
    let mut moves = Vec::new();
    let mut free: BTreeSet<u32> = BTreeSet::new();
    for (number, partition) in found.partitions.iter().enumerate() {
        let number = number as u32;
        let before = partition.settled();
        if before.len() == factor {
            before.first().into_iter().for_each(|leader| *others.entry(*leader).or_default() += 1);
            continue;
        }
        let after = match target(agreed, number, partition, factor) {
            Some(after) => {
                after.first().into_iter().for_each(|leader| *others.entry(*leader).or_default() += 1);
                after
            }
            None => {
                free.insert(number);
                match replicas(&replicated(name, number, partition, sizes), factor, brokers, loads) {
                    Ok(after) => after,
                    // It was looked for before the change was made; the brokers are others by now.
                    Err(_) => continue,
                }
            }
        };
        moves.push(PartitionMove { partition: number, before, after });
    }
    let mut led: Vec<_> =
        moves.iter_mut().filter(|one| free.contains(&one.partition)).map(|one| &mut one.after).collect();
    balance_leaders(&mut led, &others);
    moves
}

/// Puts moves into a change of a topic, in the place of those that it has.
pub(in crate::resources) fn move_in(change: &mut Change, topic: &TopicName, moves: Vec<PartitionMove>) {
    change.fields.retain(|field| !field.field.starts_with(REPLICAS));
    change.steps.retain(|step| !matches!(step, Step::Reassign { .. }));
    change.fields.extend(moves.iter().map(field));
    if !moves.is_empty() {
        change.steps.push(Step::Reassign { topic: topic.clone(), moves });
    }
}

fn field(one: &PartitionMove) -> FieldChange {
    FieldChange {
        field: format!("{REPLICAS}{}", one.partition),
        before: Some(FieldValue::plain(brokers_in_words(&one.before))),
        after: Some(FieldValue::plain(brokers_in_words(&one.after))),
        place: None,
    }
}

/// Brokers in their order: `1,2,3`.
pub(in crate::resources) fn brokers_in_words(brokers: &[i32]) -> String {
    brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// What is left to move until a topic is on the brokers that were agreed on, whatever manifests say of it.
pub fn place(found: &LiveTopic, agreed: &BTreeMap<u32, Vec<i32>>) -> Vec<PartitionMove> {
    let of = |(number, partition): (usize, &PartitionInfo)| {
        let after = agreed.get(&(number as u32))?;
        let before = partition.settled();
        (before != *after || partition.is_moving()).then(|| PartitionMove {
            partition: number as u32,
            before,
            after: after.clone(),
        })
    };
    found.partitions.iter().enumerate().filter_map(of).collect()
}
