use std::collections::BTreeMap;

use super::cluster::Replicated;
use crate::model::TopicName;

/// What all replicas, all bytes and all traffic of a cluster weigh, each of them.
const WHOLE: u128 = 1 << 40;

/// How much each broker has to carry.
///
/// A replica weighs its share of all replicas, of all bytes and of all traffic, as far as these are known: the three
/// count alike, so that neither a broker full of empty partitions nor one with the only large one passes for idle.
#[derive(Debug, Clone, Default)]
pub struct Loads {
    replicas: u128,
    bytes: u128,
    traffic: u128,
    of_broker: BTreeMap<i32, u128>,
    of_topic: BTreeMap<TopicName, BTreeMap<i32, usize>>,
}

impl Loads {
    /// What the brokers carry of these partitions.
    pub fn of<'p>(partitions: impl Iterator<Item = &'p Replicated> + Clone) -> Self {
        let mut loads = Self::default();
        for partition in partitions.clone() {
            let replicas = partition.replicas.len() as u128;
            loads.replicas += replicas;
            loads.bytes += u128::from(partition.bytes) * replicas;
            loads.traffic += u128::from(partition.traffic) * replicas;
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
        share(1, self.replicas)
            + share(partition.bytes.into(), self.bytes)
            + share(partition.traffic.into(), self.traffic)
    }

    /// What a broker carries.
    pub fn of_broker(&self, broker: i32) -> u128 {
        self.of_broker.get(&broker).copied().unwrap_or(0)
    }

    /// How many replicas of a topic a broker has.
    pub fn of_topic(&self, topic: &TopicName, broker: i32) -> usize {
        self.of_topic.get(topic).and_then(|brokers| brokers.get(&broker)).copied().unwrap_or(0)
    }

    /// A broker gets a replica.
    pub fn add(&mut self, partition: &Replicated, broker: i32) {
        *self.of_broker.entry(broker).or_default() += self.weight(partition);
        *self.of_topic.entry(partition.topic.clone()).or_default().entry(broker).or_default() += 1;
    }

    /// A broker loses a replica.
    pub fn remove(&mut self, partition: &Replicated, broker: i32) {
        let weight = self.weight(partition);
        if let Some(load) = self.of_broker.get_mut(&broker) {
            *load = load.saturating_sub(weight);
        }
        if let Some(count) = self.of_topic.get_mut(&partition.topic).and_then(|brokers| brokers.get_mut(&broker)) {
            *count = count.saturating_sub(1);
        }
    }
}
