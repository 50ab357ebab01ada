use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::cluster::{Brokers, Obstacle, Replicated};
use super::leaders::balance_leaders;
use super::load::Loads;
use super::replicas::replicas;
use crate::model::TopicName;
use crate::ports::kafka::BrokerInfo;
use crate::resources::topic::LiveTopics;

/// What a rebalance is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goal {
    /// Brokers that are to have no replica any more.
    pub drain: BTreeSet<i32>,
    /// Brokers that are to have their share.
    pub add: BTreeSet<i32>,
    /// Whether the preferred leaders of all partitions are spread evenly.
    pub leaders: bool,
}

/// What a rebalance comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebalanced {
    /// The brokers of each partition, in the order of the partitions.
    pub replicas: Vec<Vec<i32>>,
    /// Partitions that stay on brokers that are drained, also where they are being moved off them: nobody leads them, and
    /// nothing can be copied.
    pub stuck: Vec<(TopicName, u32)>,
}

/// The brokers of partitions, by topic and number.
pub type Placements = BTreeMap<TopicName, BTreeMap<u32, Vec<i32>>>;

/// What is to be agreed on: of all partitions, those that are not where they are to be, or on their way there, or that
/// another one leads where that is the goal.
pub fn placements(partitions: &[Replicated], live: &LiveTopics, goal: &Goal, done: &Rebalanced) -> Placements {
    let mut placements = Placements::new();
    for (partition, replicas) in partitions.iter().zip(&done.replicas) {
        let Some(found) = live.topics.get(&partition.topic) else { continue };
        let Some(found) = found.partitions.get(partition.number as usize) else { continue };
        // Without a leader it would be waited for without end.
        let Some(leader) = found.leader else { continue };
        let led_by_another = goal.leaders && replicas.first() != Some(&leader);
        if found.settled() != *replicas || found.is_moving() || led_by_another {
            placements.entry(partition.topic.clone()).or_default().insert(partition.number, replicas.clone());
        }
    }
    placements
}

/// Moves replicas off brokers, onto brokers, and the preferred leaders, in that order.
///
/// Who drains a broker moves what is on it and nothing else. Who adds one takes from whoever carries most, until the
/// new one carries its share: no more than that of all replicas, of all bytes and of all traffic, for a broker with few
/// replicas that are large would be the fullest. Nobody then carries more than before.
pub fn rebalance(partitions: &[Replicated], brokers: &[BrokerInfo], goal: &Goal) -> Result<Rebalanced, Obstacle> {
    let there = Brokers::without(brokers, &goal.drain);
    let mut placed: Vec<Replicated> = partitions.to_vec();
    let strangers = placed.iter().filter(|partition| partition.led).flat_map(|partition| &partition.replicas);
    if let Some(stranger) = strangers.into_iter().find(|broker| !there.has(**broker) && !goal.drain.contains(*broker)) {
        return Err(Obstacle::NotThere(*stranger));
    }
    let mut loads = Loads::of(placed.iter());
    let mut stuck = Vec::new();
    // Large ones first: the small ones then fill what is uneven.
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse((placed[*index].bytes, placed[*index].traffic)));
    for index in &order {
        let partition = &placed[*index];
        let is_drained = partition.replicas.iter().any(|broker| goal.drain.contains(broker));
        // Also what is on its way already never leaves a broker that alone has it.
        let leaves = partition.leaves.iter().any(|broker| goal.drain.contains(broker));
        if !partition.led && (is_drained || leaves) {
            stuck.push((partition.topic.clone(), partition.number));
        } else if is_drained {
            placed[*index].replicas = replicas(partition, partition.replicas.len(), &there, &mut loads)?;
        }
    }
    for broker in goal.add.iter().filter(|broker| there.has(**broker)) {
        fill(&mut placed, *broker, &there, &goal.add, &mut loads);
    }
    balance(partitions, &mut placed, goal);
    stuck.sort();
    Ok(Rebalanced { replicas: placed.into_iter().map(|partition| partition.replicas).collect(), stuck })
}

/// Moves replicas to a broker until it carries its share.
fn fill(placed: &mut [Replicated], broker: i32, there: &Brokers, new: &BTreeSet<i32>, loads: &mut Loads) {
    let (share, counted) = loads.share_of(there.ids());
    let mut donors = donors(placed, new, loads);
    loop {
        let mut fullest: Vec<i32> = donors.keys().copied().filter(|donor| loads.of_broker(*donor) > share).collect();
        fullest.sort_by_key(|donor| (std::cmp::Reverse(loads.of_broker(*donor)), *donor));
        // What does not fit now does not fit later either, for the broker only gets fuller.
        let found = fullest.into_iter().find_map(|donor| {
            let waiting = donors.get_mut(&donor)?;
            while let Some(index) = waiting.pop_front() {
                let partition = &placed[index];
                let fits = loads.of_broker(broker) + loads.weight(partition) <= share
                    && loads.counts_with(broker, partition).is_within(counted);
                if fits && !partition.replicas.contains(&broker) && keeps_racks(partition, donor, broker, there) {
                    return Some((donor, index));
                }
            }
            None
        });
        let Some((donor, index)) = found else { return };
        loads.remove(&placed[index], donor);
        loads.add(&placed[index], broker);
        for replica in placed[index].replicas.iter_mut().filter(|replica| **replica == donor) {
            *replica = broker;
        }
    }
}

/// What each broker that is not new could give away: the heaviest first, for fewer are moved then, and of equal ones
/// each topic's in turn.
fn donors(placed: &[Replicated], new: &BTreeSet<i32>, loads: &Loads) -> BTreeMap<i32, VecDeque<usize>> {
    let mut of_donor: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (index, partition) in placed.iter().enumerate() {
        for replica in partition.replicas.iter().filter(|replica| partition.led && !new.contains(replica)) {
            of_donor.entry(*replica).or_default().push(index);
        }
    }
    let in_turn = |indexes: Vec<usize>| {
        let mut of_topic: BTreeMap<&str, usize> = BTreeMap::new();
        let mut keyed: Vec<_> = indexes
            .into_iter()
            .map(|index| {
                let turn = of_topic.entry(placed[index].topic.as_str()).or_default();
                *turn += 1;
                (std::cmp::Reverse(loads.weight(&placed[index])), *turn, index)
            })
            .collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, _, index)| index).collect()
    };
    of_donor.into_iter().map(|(donor, indexes)| (donor, in_turn(indexes))).collect()
}

/// Whether a partition stands in no fewer racks when a replica moves.
fn keeps_racks(partition: &Replicated, from: i32, to: i32, there: &Brokers) -> bool {
    let moved: Vec<i32> =
        partition.replicas.iter().map(|replica| if *replica == from { to } else { *replica }).collect();
    there.spread(&moved) >= there.spread(&partition.replicas)
}

/// Spreads the preferred leaders: of all partitions where that is the goal, else of those alone whose leader was moved.
fn balance(before: &[Replicated], placed: &mut [Replicated], goal: &Goal) {
    let mut others: BTreeMap<i32, usize> = BTreeMap::new();
    let mut free = Vec::new();
    for (was, is) in before.iter().zip(placed) {
        let lost = was.replicas.first().is_some_and(|leader| !is.replicas.contains(leader));
        if is.led && (goal.leaders || lost) {
            free.push(&mut is.replicas);
        } else if let Some(leader) = is.replicas.first() {
            *others.entry(*leader).or_default() += 1;
        }
    }
    balance_leaders(&mut free, &others);
}
