use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{Timestamp, TopicName};
use crate::ports::journal::Event;
use crate::ports::kafka::OngoingReassignment;

/// What is being moved on a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The id that the brokers answered.
    pub cluster_id: String,
    /// Topics with replicas that are being moved.
    pub topics: Vec<MovedTopic>,
    /// Topics that are not moved any more, and whose throttle is still set: the run that set it was killed, or a broker
    /// was down.
    pub throttled: Vec<ThrottledTopic>,
    /// About how many bytes are still to be copied; `None` where sizes could not be read.
    pub bytes_left: Option<u64>,
    /// About how many bytes are copied in a second; `None` where nothing was in the time of the look.
    pub bytes_per_second: Option<u64>,
    /// About how many seconds the rest takes at that pace.
    pub seconds_left: Option<u64>,
    /// Brokers that are down and without which moves do not come to their end.
    pub waits_for: Vec<i32>,
}

/// The brokers without which moves do not come to their end: they are down, and get replicas or alone have what is to be
/// copied.
pub fn waits_for(ongoing: &[OngoingReassignment], there: &BTreeSet<i32>) -> Vec<i32> {
    let of = |one: &OngoingReassignment| {
        let has = one.replicas.iter().filter(|broker| !one.adding.contains(broker));
        let nobody_has = has.clone().all(|broker| !there.contains(broker));
        let sources: Vec<i32> = if nobody_has { has.copied().collect() } else { Vec::new() };
        let receivers = one.adding.iter().copied().filter(|broker| !there.contains(broker));
        receivers.chain(sources).collect::<Vec<_>>()
    };
    ongoing.iter().flat_map(of).collect::<BTreeSet<i32>>().into_iter().collect()
}

/// A topic whose moves are over and whose throttle was not taken away yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThrottledTopic {
    /// Its name.
    pub topic: String,
    /// The run of busctl that set the throttle.
    pub begun_by: BegunBy,
}

/// A topic with replicas that are being moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedTopic {
    /// Its name.
    pub topic: TopicName,
    /// Its partitions that are moved.
    pub partitions: Vec<MovedPartition>,
    /// The run of busctl that began it; `None` where somebody else did.
    pub begun_by: Option<BegunBy>,
}

/// A partition whose replicas are being moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedPartition {
    /// Its number.
    pub partition: u32,
    /// The brokers that it is on, without those that are getting a replica.
    pub replicas: Vec<i32>,
    /// Brokers that are getting a replica.
    pub adding: Vec<i32>,
    /// Brokers that lose theirs in the end.
    pub removing: Vec<i32>,
}

/// Who began to move replicas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunBy {
    /// The apply.
    pub apply_id: String,
    /// The person, or the pipeline's name for itself.
    pub who: String,
    /// When.
    pub time: Timestamp,
    /// The most bytes a second that a broker sends or receives for it; `None` where there is no limit of busctl's.
    pub throttle: Option<u64>,
}

impl BegunBy {
    fn of(intent: &Event) -> Self {
        Self {
            apply_id: intent.apply_id.clone(),
            who: intent.origin.who.clone(),
            time: intent.time,
            throttle: intent.throttles.iter().find_map(|throttle| {
                throttle.on.broker()?;
                throttle.value.parse().ok()
            }),
        }
    }
}

impl ThrottledTopic {
    /// Those of runs that nothing says the end of and that move nothing any more: who still moves something takes away
    /// everything at once.
    pub fn of(intents: &[Event], moved: &[MovedTopic]) -> Vec<Self> {
        let moves = |apply_id: &str| moved.iter().flat_map(|moved| &moved.begun_by).any(|run| run.apply_id == apply_id);
        let left = intents.iter().filter(|intent| !intent.throttles.is_empty() && !moves(&intent.apply_id));
        let left = left.filter_map(|intent| Some((intent.address.as_ref()?.name.clone(), BegunBy::of(intent))));
        // Of a topic that several runs have moved, the last one.
        let left: BTreeMap<String, BegunBy> = left.collect();
        left.into_iter().map(|(topic, begun_by)| Self { topic, begun_by }).collect()
    }
}

impl MovedTopic {
    /// A topic, with what the record says of the move: the last of these intents that is about it.
    pub fn new(topic: &TopicName, partitions: Vec<OngoingReassignment>, intents: &[Event]) -> Self {
        let of_topic = |intent: &&Event| intent.address.as_ref().is_some_and(|address| address.name == topic.as_str());
        let begun_by = intents.iter().rev().find(of_topic).map(BegunBy::of);
        let partition = |one: OngoingReassignment| MovedPartition {
            partition: one.partition,
            replicas: one.replicas.iter().copied().filter(|broker| !one.adding.contains(broker)).collect(),
            adding: one.adding,
            removing: one.removing,
        };
        Self { topic: topic.clone(), partitions: partitions.into_iter().map(partition).collect(), begun_by }
    }
}

impl Moves {
    /// Notes what is left some time after the first look, and what that says of the pace.
    pub fn pace(&mut self, left: Option<u64>, apart: Duration) {
        let first = std::mem::replace(&mut self.bytes_left, left);
        let (Some(first), Some(left)) = (first, left) else { return };
        let copied = first.saturating_sub(left);
        let per_second = u128::from(copied) * 1_000 / apart.as_millis().max(1);
        self.bytes_per_second = u64::try_from(per_second).ok().filter(|pace| *pace > 0);
        self.seconds_left = self.bytes_per_second.map(|pace| left / pace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_down_and_needed_is_waited_for() {
        let one = |replicas: &[i32], adding: &[i32]| OngoingReassignment {
            topic: "a".parse().expect("a topic"),
            partition: 0,
            replicas: replicas.to_vec(),
            adding: adding.to_vec(),
            removing: Vec::new(),
        };
        let there = BTreeSet::from([1, 2, 3]);
        // One that is left may be down; one that gets a replica, or alone has it, may not.
        assert_eq!(waits_for(&[one(&[3, 1, 4], &[3])], &there), Vec::<i32>::new());
        assert_eq!(waits_for(&[one(&[5, 1, 2], &[5]), one(&[3, 4], &[3])], &there), [4, 5]);
    }
}
