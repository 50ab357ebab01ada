use std::collections::BTreeMap;

use super::cluster::Replicated;
use crate::model::TopicName;

/// What all replicas, all bytes and all traffic of a cluster weigh, each of them.
const WHOLE: u128 = 1 << 40;

/// What can be counted of replicas: how many they are, their bytes and their traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    replicas: u128,
    bytes: u128,
    traffic: u128,
}

impl Counts {
    fn of(partition: &Replicated) -> Self {
        Self { replicas: 1, bytes: partition.bytes.into(), traffic: partition.traffic.into() }
    }

    fn with(self, other: Self, count: impl Fn(u128, u128) -> u128) -> Self {
        Self {
            replicas: count(self.replicas, other.replicas),
            bytes: count(self.bytes, other.bytes),
            traffic: count(self.traffic, other.traffic),
        }
    }

    /// The sum of both.
    pub fn plus(self, other: Self) -> Self {
        self.with(other, u128::saturating_add)
    }

    /// Whether nothing of it is more.
    pub fn is_within(self, most: Self) -> bool {
        self.replicas <= most.replicas && self.bytes <= most.bytes && self.traffic <= most.traffic
    }

    fn minus(self, other: Self) -> Self {
        self.with(other, u128::saturating_sub)
    }

    fn part(self, of: usize) -> Self {
        self.with(Self::default(), |count, _| count / of.max(1) as u128)
    }
}

/// How much each broker has to carry.
///
/// A replica weighs its share of all replicas, of all bytes and of all traffic, as far as these are known: the three
/// count alike, so that neither a broker full of empty partitions nor one with the only large one passes for idle.
#[derive(Debug, Clone, Default)]
pub struct Loads {
    all: Counts,
    of_broker: BTreeMap<i32, u128>,
    counts: BTreeMap<i32, Counts>,
    of_topic: BTreeMap<TopicName, BTreeMap<i32, usize>>,
}

impl Loads {
    /// What the brokers carry of these partitions.
    pub fn of<'p>(partitions: impl Iterator<Item = &'p Replicated> + Clone) -> Self {
        let mut loads = Self::default();
        for partition in partitions.clone() {
            for _ in &partition.replicas {
                loads.all = loads.all.plus(Counts::of(partition));
            }
        }
        for partition in partitions {
            for broker in &partition.replicas {
                loads.add(partition, *broker);
            }
        }
        loads
    }

    /// What one replica of a partition weighs.
    pub fn weight(&self, partition: &Replicated) -> u128 {
        let share = |part: u128, all: u128| (WHOLE * part).checked_div(all).unwrap_or(0);
        share(1, self.all.replicas)
            + share(partition.bytes.into(), self.all.bytes)
            + share(partition.traffic.into(), self.all.traffic)
    }

    /// What a broker carries.
    pub fn of_broker(&self, broker: i32) -> u128 {
        self.of_broker.get(&broker).copied().unwrap_or(0)
    }

    /// What each of these brokers would carry if all carried alike, by weight and counted.
    pub fn share_of(&self, brokers: impl Iterator<Item = i32> + Clone) -> (u128, Counts) {
        let count = brokers.clone().count();
        let weight = brokers.clone().map(|broker| self.of_broker(broker)).sum::<u128>();
        let counted = brokers.map(|broker| self.counts_of(broker)).fold(Counts::default(), Counts::plus);
        (weight / count.max(1) as u128, counted.part(count))
    }

    /// What a broker would have with one more replica, counted.
    pub fn counts_with(&self, broker: i32, partition: &Replicated) -> Counts {
        self.counts_of(broker).plus(Counts::of(partition))
    }

    fn counts_of(&self, broker: i32) -> Counts {
        self.counts.get(&broker).copied().unwrap_or_default()
    }

    /// How many replicas of a topic a broker has.
    pub fn of_topic(&self, topic: &TopicName, broker: i32) -> usize {
        self.of_topic.get(topic).and_then(|brokers| brokers.get(&broker)).copied().unwrap_or(0)
    }

    /// A broker gets a replica.
    pub fn add(&mut self, partition: &Replicated, broker: i32) {
        *self.of_broker.entry(broker).or_default() += self.weight(partition);
        self.counts.insert(broker, self.counts_with(broker, partition));
        *self.of_topic.entry(partition.topic.clone()).or_default().entry(broker).or_default() += 1;
    }

    /// A broker loses a replica.
    pub fn remove(&mut self, partition: &Replicated, broker: i32) {
        let weight = self.weight(partition);
        if let Some(load) = self.of_broker.get_mut(&broker) {
            *load = load.saturating_sub(weight);
        }
        if let Some(counts) = self.counts.get_mut(&broker) {
            *counts = counts.minus(Counts::of(partition));
        }
        if let Some(count) = self.of_topic.get_mut(&partition.topic).and_then(|brokers| brokers.get_mut(&broker)) {
            *count = count.saturating_sub(1);
        }
    }
}
