//! Moves that have no end: of a partition that nobody leads nothing is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::moves::{Aim, Moving};
use crate::model::TopicName;
use crate::ports::kafka::{KafkaAdmin, OngoingReassignment, PartitionInfo, TopicInfo};
use crate::ports::{Failure, FailureKind};
use crate::resources::placement::Leaderless;

/// How long is waited for a leader: a broker that is started again is back by then.
const LEADER_PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at the leaders of what is being moved.
const LEADERS_PAUSE: Duration = Duration::from_secs(2);

/// What Kafka says where a move cannot be taken back either: nobody that it was on before has all records.
const UNCLEAN: &str = "unclean leader election";

/// Which partitions that are being moved have had no leader, since when.
#[derive(Default)]
pub(super) struct Lost {
    looked: Option<Instant>,
    since: BTreeMap<(TopicName, u32), (Instant, PartitionInfo)>,
}

impl Lost {
    /// Ends the wait for steps of which all that is left has had no leader for long.
    pub(super) async fn look(
        &mut self,
        kafka: &impl KafkaAdmin,
        moving: &mut [Moving<'_>],
        ongoing: &[OngoingReassignment],
    ) {
        let now = Instant::now();
        if self.looked.is_some_and(|looked| now.duration_since(looked) < LEADERS_PAUSE) {
            return;
        }
        self.looked = Some(now);
        let busy = by_topic(ongoing);
        let is_waited = |moving: &&mut Moving<'_>| moving.result.is_none() && busy.contains_key(moving.topic);
        let waited: Vec<&mut Moving<'_>> = moving.iter_mut().filter(is_waited).collect();
        if waited.is_empty() {
            return;
        }
        let names: Vec<TopicName> = waited.iter().map(|moving| moving.topic.clone()).collect();
        let Ok(described) = kafka.describe_topics(&names).await else { return };
        for (moving, found) in waited.into_iter().zip(described) {
            let Ok(mut found) = found else { continue };
            tell_moved(&mut found, &busy);
            let own: BTreeSet<u32> = moving.aim.partitions().into_iter().collect();
            let left = busy[moving.topic].iter().map(|one| one.partition).filter(|number| own.contains(number));
            let left: Vec<u32> = left.collect();
            self.note(moving.topic, &left, &found.partitions, now);
            if let Some(leaderless) = self.given_up(moving.topic, &left, now) {
                moving.result = Some(Err(no_end(moving.topic, &leaderless)));
            }
        }
    }

    /// Notes which of these partitions have a leader.
    fn note(&mut self, topic: &TopicName, left: &[u32], found: &[PartitionInfo], now: Instant) {
        for number in left {
            let key = (topic.clone(), *number);
            match found.get(*number as usize) {
                Some(partition) if partition.leader.is_none() => {
                    let since = self.since.get(&key).map_or(now, |(since, _)| *since);
                    self.since.insert(key, (since, partition.clone()));
                }
                _ => drop(self.since.remove(&key)),
            }
        }
    }

    /// These partitions, where all of them have had no leader for long: while one has one, there is something to wait for.
    fn given_up(&self, topic: &TopicName, left: &[u32], now: Instant) -> Option<Leaderless> {
        let mut leaderless = Leaderless::default();
        for number in left {
            let (since, found) = self.since.get(&(topic.clone(), *number))?;
            if now.duration_since(*since) < LEADER_PATIENCE {
                return None;
            }
            leaderless.add(topic, *number, found);
        }
        (!left.is_empty()).then_some(leaderless)
    }
}

fn by_topic(ongoing: &[OngoingReassignment]) -> BTreeMap<&TopicName, Vec<&OngoingReassignment>> {
    let mut topics: BTreeMap<&TopicName, Vec<&OngoingReassignment>> = BTreeMap::new();
    ongoing.iter().for_each(|one| topics.entry(&one.topic).or_default().push(one));
    topics
}

/// Who describes a topic is not told which of its replicas are new and have nothing yet.
fn tell_moved(found: &mut TopicInfo, busy: &BTreeMap<&TopicName, Vec<&OngoingReassignment>>) {
    for one in busy.get(&found.name).into_iter().flatten() {
        if let Some(partition) = found.partitions.get_mut(one.partition as usize) {
            partition.adding.clone_from(&one.adding);
            partition.removing.clone_from(&one.removing);
        }
    }
}

fn no_end(topic: &TopicName, leaderless: &Leaderless) -> Failure {
    Failure {
        kind: FailureKind::Timeout,
        tried: format!("move the replicas of {topic}"),
        server: "the cluster".into(),
        answer: format!(
            "without a leader nothing is copied, and they are not waited for any more: {}",
            leaderless.phrases().join("; ")
        ),
        hint: Some(leaderless.help(": the move then goes on by itself; run it again to wait for it")),
    }
}

/// Says of a move that Kafka does not take back who has the records that it would lose.
pub(super) async fn explain_refused_cancels(kafka: &impl KafkaAdmin, moving: &mut [Moving<'_>]) {
    let is_refused = |moving: &&mut Moving<'_>| {
        matches!(moving.aim, Aim::Cancel(_))
            && matches!(&moving.result, Some(Err(failure)) if failure.answer.contains(UNCLEAN) && failure.hint.is_none())
    };
    let refused: Vec<&mut Moving<'_>> = moving.iter_mut().filter(is_refused).collect();
    if refused.is_empty() {
        return;
    }
    let names: Vec<TopicName> = refused.iter().map(|moving| moving.topic.clone()).collect();
    let Ok(described) = kafka.describe_topics(&names).await else { return };
    let ongoing = kafka.reassignments().await.unwrap_or_default();
    let busy = by_topic(&ongoing);
    for (moving, found) in refused.into_iter().zip(described) {
        let Ok(mut found) = found else { continue };
        tell_moved(&mut found, &busy);
        let mut leaderless = Leaderless::default();
        for number in moving.aim.partitions() {
            let partition = found.partitions.get(number as usize).filter(|partition| partition.leader.is_none());
            partition.into_iter().for_each(|partition| leaderless.add(moving.topic, number, partition));
        }
        if let Some(Err(failure)) = moving.result.as_mut().filter(|_| leaderless != Leaderless::default()) {
            let help = leaderless.help(": the move then goes on by itself, or can be taken back");
            failure.hint = Some(format!("{}: {help}", leaderless.phrases().join("; ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_leads_is_waited_for_so_long_and_no_longer() {
        let topic: TopicName = "a".parse().expect("a topic");
        let led = PartitionInfo { replicas: vec![1, 2], adding: vec![1], leader: Some(2), ..Default::default() };
        let lost = PartitionInfo { replicas: vec![1, 3], adding: vec![1], removing: vec![3], ..Default::default() };
        let begun = Instant::now();
        let later = |seconds| begun + Duration::from_secs(seconds);
        let mut looks = Lost::default();
        looks.note(&topic, &[0, 1], &[led.clone(), lost.clone()], begun);
        assert_eq!(looks.given_up(&topic, &[0, 1], later(600)), None, "one is still copied");
        // It is there; of the other there is nothing to wait for.
        looks.note(&topic, &[1], &[led.clone(), lost.clone()], later(59));
        assert_eq!(looks.given_up(&topic, &[1], later(59)), None);
        let given_up = looks.given_up(&topic, &[1], later(60)).expect("it has been long enough");
        let failure = no_end(&topic, &given_up);
        assert!(failure.kind.may_be_done(), "its throttle and its record stay");
        insta::assert_snapshot!(failure, @"could not move the replicas of a on the cluster: without a leader nothing is copied, and they are not waited for any more: partition 1 of a: only broker 3 may have all of its records");
        // A leader that has come back begins anew.
        looks.note(&topic, &[1], &[led.clone(), led.clone()], later(61));
        looks.note(&topic, &[1], &[led, lost], later(62));
        assert_eq!(looks.given_up(&topic, &[1], later(121)), None);
        assert_eq!(looks.given_up(&topic, &[], later(600)), None);
    }
}
