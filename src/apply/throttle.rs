//! The throttle of replicas that are copied (KIP-73): set before they are moved, taken away afterwards.
//!
//! What is set stands in the record before it is set, so that the next run takes it away where this one is killed. What
//! stands there already is somebody else's, unless an earlier run of ours has recorded it: it is neither changed nor
//! taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::TopicName;
use crate::plan::PartitionMove;
use crate::ports::journal::{SetThrottle, Throttled};
use crate::ports::kafka::{ConfigAlteration, ConfigsOfBroker, KafkaAdmin};
use crate::ports::{Failure, FailureKind};

const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
const LEADER_REPLICAS: &str = "leader.replication.throttled.replicas";
const FOLLOWER_REPLICAS: &str = "follower.replication.throttled.replicas";

/// What throttles the moves of a topic to a rate in bytes a second, on each broker that sends or receives.
pub fn wanted(topic: &TopicName, moves: &[PartitionMove], rate: u64) -> Vec<SetThrottle> {
    let copied: Vec<_> = moves.iter().filter(|one| one.added().next().is_some()).collect();
    if copied.is_empty() {
        return Vec::new();
    }
    let replicas = |brokers: &dyn Fn(&PartitionMove) -> Vec<i32>| {
        let of = |one: &&PartitionMove| {
            let number = one.partition;
            brokers(one).into_iter().map(move |broker| format!("{number}:{broker}")).collect::<Vec<_>>()
        };
        copied.iter().flat_map(of).collect::<Vec<_>>().join(",")
    };
    let of_topic = |key: &str, value| SetThrottle { on: Throttled::Topic(topic.clone()), key: key.to_owned(), value };
    let of_broker =
        |key: &str, broker| SetThrottle { on: Throttled::Broker(broker), key: key.to_owned(), value: rate.to_string() };
    let senders: BTreeSet<i32> = copied.iter().flat_map(|one| one.before.iter().copied()).collect();
    let receivers: BTreeSet<i32> = copied.iter().flat_map(|one| one.added()).collect();
    // The rates first: replicas that are named without one are not held back.
    let rates = senders.into_iter().map(|broker| of_broker(LEADER_RATE, broker));
    let rates = rates.chain(receivers.into_iter().map(|broker| of_broker(FOLLOWER_RATE, broker)));
    rates
        .chain([
            of_topic(LEADER_REPLICAS, replicas(&|one| one.before.clone())),
            of_topic(FOLLOWER_REPLICAS, replicas(&|one| one.added().collect())),
        ])
        .collect()
}

/// What is set now of brokers and topics. A broker that does not answer has nothing that could be told.
#[derive(Debug, Default)]
pub struct Present {
    set: BTreeMap<Throttled, BTreeMap<Arc<str>, String>>,
    gone: BTreeMap<Throttled, Failure>,
}

impl Present {
    /// Reads what is set where these would be.
    pub async fn read(kafka: &impl KafkaAdmin, throttles: &[SetThrottle]) -> Result<Self, Failure> {
        let on: BTreeSet<&Throttled> = throttles.iter().map(|throttle| &throttle.on).collect();
        let brokers: Vec<i32> = on.iter().filter_map(|on| on.broker()).collect();
        let topics: Vec<TopicName> = on.iter().filter_map(|on| on.topic().cloned()).collect();
        let read_topics =
            async { if topics.is_empty() { Ok(Default::default()) } else { kafka.topic_configs(&topics).await } };
        let read_brokers = async { if brokers.is_empty() { Vec::new() } else { kafka.broker_configs(&brokers).await } };
        let (of_brokers, of_topics) = tokio::join!(read_brokers, read_topics);
        let mut present = Self::default();
        for (broker, answer) in brokers.into_iter().zip(of_brokers) {
            match answer {
                Ok(configs) => drop(present.set.insert(Throttled::Broker(broker), own(configs))),
                Err(failure) if is_gone(&failure) => drop(present.gone.insert(Throttled::Broker(broker), failure)),
                Err(failure) => return Err(failure),
            }
        }
        for (topic, answer) in of_topics?.overrides {
            match answer {
                Ok(set) => drop(present.set.insert(Throttled::Topic(topic), set)),
                // With the topic its configs are gone.
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(present)
    }

    /// What is set there now.
    pub fn value(&self, throttle: &SetThrottle) -> Option<&str> {
        self.set.get(&throttle.on)?.get(throttle.key.as_str()).map(String::as_str)
    }

    /// The brokers that do not answer.
    pub fn away(&self) -> BTreeSet<i32> {
        self.gone.keys().filter_map(Throttled::broker).collect()
    }

    /// Whether each place has one of these values for its key, as far as it can be told.
    fn is_as_set(&self, throttles: &[SetThrottle]) -> bool {
        let is_there = |one: &SetThrottle| self.value(one) == Some(one.value.as_str());
        throttles.iter().all(|place| {
            let mut same = throttles.iter().filter(|one| one.on == place.on && one.key == place.key);
            !self.set.contains_key(&place.on) || same.any(is_there)
        })
    }

    /// Whether it may be set: nothing is there, or what an earlier run of ours has left.
    pub fn is_free(&self, throttle: &SetThrottle, ours: &[SetThrottle]) -> bool {
        let is_ours = |value: &str| {
            let same = |known: &&SetThrottle| known.on == throttle.on && known.key == throttle.key;
            ours.iter().filter(same).any(|known| known.value == value)
        };
        !self.gone.contains_key(&throttle.on) && self.value(throttle).is_none_or(is_ours)
    }
}

/// What is set on a broker itself while it runs.
fn own(configs: ConfigsOfBroker) -> BTreeMap<Arc<str>, String> {
    configs.into_iter().filter_map(|(key, config)| Some((key, config.own()?.to_owned()))).collect()
}

/// A broker that is down cannot be asked; every other answer is one.
fn is_gone(failure: &Failure) -> bool {
    failure.kind.may_be_done() || failure.kind == FailureKind::NotFound
}

/// Sets throttles; those on brokers before those on topics.
pub async fn set(kafka: &impl KafkaAdmin, throttles: &[SetThrottle]) -> Result<(), Failure> {
    alter(kafka, throttles.iter().map(|throttle| (throttle, Some(throttle.value.clone())))).await
}

/// Takes away what is still as it was set, or puts another value in its place; answers where it was taken away. Nobody sees what is
/// set on a broker that is down: there it is what the record says, for whoever would have changed it must have been quick.
pub async fn leave(
    kafka: &impl KafkaAdmin,
    throttles: &[(SetThrottle, Option<String>)],
) -> Result<BTreeSet<Throttled>, Failure> {
    if throttles.is_empty() {
        return Ok(BTreeSet::new());
    }
    let set: Vec<SetThrottle> = throttles.iter().map(|(throttle, _)| throttle.clone()).collect();
    let present = seen(kafka, &set).await?;
    let is_there = |throttle: &SetThrottle| present.value(throttle) == Some(throttle.value.as_str());
    let is_gone = |throttle: &SetThrottle| present.gone.contains_key(&throttle.on);
    let altered = |is_it: &dyn Fn(&SetThrottle) -> bool| {
        let those = throttles.iter().filter(|(throttle, _)| is_it(throttle));
        those.map(|(throttle, next)| (throttle, next.clone())).collect::<Vec<_>>()
    };
    alter(kafka, altered(&is_there).into_iter()).await?;
    match alter(kafka, altered(&is_gone).into_iter()).await {
        Err(failure) if failure.kind.may_be_done() => Err(Failure {
            tried: "take the throttle of moved replicas away from a broker that is down".into(),
            hint: Some(
                "it does nothing while the broker is down. The next apply, rebalance or `busctl reassign cancel --yes` takes \
                 it away once the broker is back; until then `busctl reassign status` shows it"
                    .into(),
            ),
            ..failure
        }),
        Err(failure) => Err(failure),
        Ok(()) => {
            let left = throttles.iter().filter(|(throttle, next)| next.is_none() && (is_there(throttle) || is_gone(throttle)));
            Ok(left.map(|(throttle, _)| throttle.on.clone()).collect())
        }
    }
}

/// How long what was set is looked for where something else is told: a broker that has just come back tells for a moment what was
/// set before.
const SERVED_PATIENCE: Duration = Duration::from_secs(5);

/// What there is, once that is what was set, or something else for long enough.
async fn seen(kafka: &impl KafkaAdmin, throttles: &[SetThrottle]) -> Result<Present, Failure> {
    let started = Instant::now();
    loop {
        let present = Present::read(kafka, throttles).await?;
        if started.elapsed() >= SERVED_PATIENCE || present.is_as_set(throttles) {
            return Ok(present);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn alter<'t>(
    kafka: &impl KafkaAdmin,
    throttles: impl Iterator<Item = (&'t SetThrottle, Option<String>)>,
) -> Result<(), Failure> {
    let mut brokers: BTreeMap<Option<i32>, Vec<ConfigAlteration>> = BTreeMap::new();
    let mut topics: BTreeMap<TopicName, Vec<ConfigAlteration>> = BTreeMap::new();
    for (throttle, value) in throttles {
        let alteration = (throttle.key.as_str().into(), value);
        match &throttle.on {
            Throttled::Broker(broker) => brokers.entry(Some(*broker)).or_default().push(alteration),
            Throttled::Topic(topic) => topics.entry(topic.clone()).or_default().push(alteration),
        }
    }
    let mut outcomes = Vec::new();
    if !brokers.is_empty() {
        outcomes.extend(kafka.alter_broker_configs(&brokers.into_iter().collect::<Vec<_>>(), false).await);
    }
    if !topics.is_empty() {
        let altered = kafka.alter_topic_configs(&topics.into_iter().collect::<Vec<_>>(), false).await;
        // With the topic its configs are gone.
        outcomes.extend(
            altered
                .into_iter()
                .filter(|outcome| !matches!(outcome, Err(failure) if failure.kind == FailureKind::NotFound)),
        );
    }
    outcomes.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(throttles: &[SetThrottle]) -> Vec<String> {
        throttles.iter().map(|throttle| format!("{} {} {}", throttle.on, throttle.key, throttle.value)).collect()
    }

    #[test]
    fn who_sends_and_who_receives_is_held_back() {
        let topic: TopicName = "a".parse().expect("a topic");
        let moves = [
            PartitionMove { partition: 0, before: vec![1, 2], after: vec![1, 3] },
            // Only the preferred leader changes: nothing is copied.
            PartitionMove { partition: 1, before: vec![1, 2], after: vec![2, 1] },
        ];
        assert_eq!(
            shown(&wanted(&topic, &moves, 1_000)),
            [
                "broker 1 leader.replication.throttled.rate 1000",
                "broker 2 leader.replication.throttled.rate 1000",
                "broker 3 follower.replication.throttled.rate 1000",
                "topic a leader.replication.throttled.replicas 0:1,0:2",
                "topic a follower.replication.throttled.replicas 0:3",
            ]
        );
        assert!(wanted(&topic, &moves[1..], 1_000).is_empty());
    }

    fn rate(value: &str) -> SetThrottle {
        SetThrottle { on: Throttled::Broker(1), key: LEADER_RATE.into(), value: value.into() }
    }

    fn there(value: &str) -> Present {
        let set = BTreeMap::from([(LEADER_RATE.into(), value.to_owned())]);
        Present { set: BTreeMap::from([(Throttled::Broker(1), set)]), ..Present::default() }
    }

    #[test]
    fn what_is_told_otherwise_than_it_was_set_is_looked_at_again() {
        assert!(there("5").is_as_set(&[rate("5")]));
        assert!(!there("3").is_as_set(&[rate("5")]), "a broker that has just come back");
        assert!(there("3").is_as_set(&[rate("5"), rate("3")]), "an earlier run has set it");
        assert!(Present::default().is_as_set(&[rate("5")]), "with its topic it is gone");
    }

    #[test]
    fn what_somebody_else_has_set_is_not_ours() {
        assert!(Present::default().is_free(&rate("5"), &[]));
        let present = there("7");
        assert!(!present.is_free(&rate("5"), &[]) && !present.is_free(&rate("7"), &[]));
        assert!(!present.is_free(&rate("5"), &[rate("6")]));
        assert!(present.is_free(&rate("5"), &[rate("6"), rate("7")]));
    }
}
