use std::collections::{BTreeMap, BTreeSet};

use super::named;
use super::tell::numbered;
use crate::model::TopicName;
use crate::ports::kafka::PartitionInfo;

/// Partitions that nobody leads, of which nothing can be copied: by topic and number, the brokers that may have all of
/// their records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaderless(BTreeMap<TopicName, BTreeMap<u32, BTreeSet<i32>>>);

impl Leaderless {
    /// Adds a partition, as it was found.
    pub fn add(&mut self, topic: &TopicName, number: u32, found: &PartitionInfo) {
        // The controller may keep the last ones that were in sync out of the list (KIP-966).
        let holders = if found.isr.is_empty() { found.settled() } else { found.isr.clone() };
        self.0.entry(topic.clone()).or_default().insert(number, holders.into_iter().collect());
    }

    /// Which they are, and who has them: `partitions 0 and 2 of a: only broker 3 may have all of their records`, a phrase
    /// for each topic and its brokers.
    pub fn phrases(&self) -> Vec<String> {
        let of_topic = |(topic, partitions): (&TopicName, &BTreeMap<u32, BTreeSet<i32>>)| {
            let mut by_holders: BTreeMap<&BTreeSet<i32>, BTreeSet<u32>> = BTreeMap::new();
            for (number, holders) in partitions {
                by_holders.entry(holders).or_default().insert(*number);
            }
            let phrase = |(holders, numbers): (&BTreeSet<i32>, BTreeSet<u32>)| {
                let their = if numbers.len() == 1 { "its" } else { "their" };
                format!(
                    "{} of {topic}: only {} may have all of {their} records",
                    numbered("partition", &numbers),
                    named(holders)
                )
            };
            by_holders.into_iter().map(phrase).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of_topic).collect()
    }

    /// What can be done about them, and what follows once a broker that has them is there.
    pub fn help(&self, then: &str) -> String {
        let holders: BTreeSet<i32> = self.0.values().flat_map(BTreeMap::values).flatten().copied().collect();
        let is = if holders.len() == 1 { "it is" } else { "they are" };
        format!(
            "start {}{then}. Where {is} gone for good, so are records: a topic without another replica is deleted and made \
             anew; where there is one, an unclean election (`kafka-leader-election --election-type unclean`) has it lead with \
             what it has",
            named(&holders)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_one_is_named_with_who_has_its_records() {
        let mut leaderless = Leaderless::default();
        let (a, b) = ("a".parse().expect("a topic"), "b".parse().expect("a topic"));
        // The first is on its way from the broker that is gone to one that has nothing of it.
        let moved = PartitionInfo { replicas: vec![1, 3], adding: vec![1], removing: vec![3], ..Default::default() };
        leaderless.add(&a, 0, &moved);
        leaderless.add(&a, 2, &PartitionInfo { replicas: vec![3], ..Default::default() });
        leaderless.add(&a, 5, &PartitionInfo { replicas: vec![1, 2, 3], isr: vec![2], ..Default::default() });
        leaderless.add(&b, 1, &PartitionInfo { replicas: vec![3], isr: vec![3], ..Default::default() });
        insta::assert_snapshot!(leaderless.phrases().join("\n"), @r"
        partition 5 of a: only broker 2 may have all of its records
        partitions 0 and 2 of a: only broker 3 may have all of their records
        partition 1 of b: only broker 3 may have all of its records
        ");
        assert!(
            leaderless.help(", then run this again").starts_with("start brokers 2 and 3, then run this again. Where")
        );
    }
}
