//! Moving replicas: throttled, waited for, and accounted for when it is over or not to be waited for any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::lost::{Lost, explain_refused_cancels};
use super::{Guard, Run, Work};
use crate::apply::{throttle, waits_for};
use crate::model::{Address, TopicName};
use crate::plan::{PartitionMove, Step};
use crate::ports::kafka::{Assignment, BrokerAnswer, KafkaAdmin, OngoingReassignment, Outcomes, ReplicaSize};
use crate::ports::{Failure, FailureKind};

/// How long is waited between two looks at what is being moved, and between two at the sizes of replicas, which cost a
/// broker more.
const LOOK_PAUSE: Duration = Duration::from_millis(500);
const SIZES_PAUSE: Duration = Duration::from_secs(2);

/// How long brokers may take to serve what the controller has: what is not moved any more is where it is to be, or
/// somebody has cancelled it.
const SERVED_PATIENCE: Duration = Duration::from_secs(30);

/// How long a broker may take to come back that has a throttle.
const RESTART_PATIENCE: Duration = Duration::from_secs(60);

/// How replicas are moved.
#[derive(Debug, Clone, Copy, Default)]
pub struct MoveOptions {
    /// The most bytes a second that a broker sends and receives for moves; no limit where there is none.
    pub throttle: Option<u64>,
    /// How long moves are waited for; to their end where there is no limit.
    pub patience: Option<Duration>,
}

/// How far moves have come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoveProgress {
    /// Partitions that are still being moved.
    pub partitions: usize,
    /// About how many bytes are still to be copied; `None` where sizes could not be read.
    pub bytes: Option<u64>,
    /// About how long that takes at the pace since the beginning.
    pub time: Option<Duration>,
    /// Brokers that are down and without which it does not come to its end.
    pub waits_for: Vec<i32>,
}

/// What a step is to bring about.
#[derive(Clone, Copy)]
pub(super) enum Aim<'p> {
    Move(&'p [PartitionMove]),
    Cancel(&'p [u32]),
}

impl Aim<'_> {
    pub(super) fn moves(&self) -> &[PartitionMove] {
        match self {
            Self::Move(moves) => moves,
            Self::Cancel(_) => &[],
        }
    }

    pub(super) fn partitions(&self) -> Vec<u32> {
        match self {
            Self::Move(moves) => moves.iter().map(|one| one.partition).collect(),
            Self::Cancel(partitions) => partitions.to_vec(),
        }
    }
}

/// The moves of one step.
pub(super) struct Moving<'p> {
    address: &'p Address,
    pub(super) topic: &'p TopicName,
    pub(super) aim: Aim<'p>,
    /// What became of them, once that is known.
    pub(super) result: Option<Result<(), Failure>>,
}

impl<'p> Run<'p, '_> {
    /// Moves replicas and waits until they are where they are to be. What is not waited for any more goes on by itself
    /// and keeps its throttle; the next run takes that away.
    pub(super) async fn move_replicas(
        &mut self,
        batch: &[Work<'p>],
        kafka: &impl KafkaAdmin,
        guard: &mut impl Guard,
        stop: &AtomicBool,
    ) -> Result<Outcomes, Failure> {
        let mut moving: Vec<Moving<'p>> = batch
            .iter()
            .filter_map(|(index, step)| match step {
                Step::Reassign { topic, moves } => Some((index, topic, Aim::Move(moves))),
                Step::CancelReassignment { topic, partitions } => Some((index, topic, Aim::Cancel(partitions))),
                _ => None,
            })
            .map(|(index, topic, aim)| Moving { address: &self.changes[*index].address, topic, aim, result: None })
            .collect();
        let away = match self.throttle(batch, &moving, kafka, guard).await? {
            Ok(away) => away,
            Err(failure) => return Ok(unthrottled(&moving, failure, guard, stop).await),
        };
        begin(kafka, &mut moving).await;
        explain_refused_cancels(kafka, &mut moving).await;
        self.wait(batch, &mut moving, away, kafka, guard, stop).await?;
        elect(kafka, &moving).await;
        let over: Vec<&Address> =
            moving.iter().filter(|moving| !goes_on(&moving.result)).map(|moving| moving.address).collect();
        if let Err(failure) = unthrottle(guard, &over, stop).await {
            // The replicas are where they are to be, and the record has what is left to do.
            for moving in moving.iter_mut().filter(|moving| !goes_on(&moving.result)) {
                moving.result = Some(Err(Failure { kind: FailureKind::Timeout, ..failure.clone() }));
            }
        }
        Ok(moving.into_iter().map(|moving| moving.result.unwrap_or(Ok(()))).collect())
    }

    /// Sets the throttle of what is not over, which the record has before; answers which brokers are away and get theirs when
    /// they are back, or why it is not known to be set.
    async fn throttle(
        &mut self,
        batch: &[Work<'p>],
        moving: &[Moving<'p>],
        kafka: &impl KafkaAdmin,
        guard: &mut impl Guard,
    ) -> Result<Result<BTreeSet<i32>, Failure>, Failure> {
        let Some(rate) = self.moves.throttle else { return Ok(Ok(BTreeSet::new())) };
        let wanted: Vec<_> = batch
            .iter()
            .zip(moving)
            .filter(|(_, moving)| moving.result.is_none())
            .map(|((index, _), moving)| {
                (&self.changes[*index], throttle::wanted(moving.topic, moving.aim.moves(), rate))
            })
            .collect();
        Ok(match guard.throttle(&wanted).await? {
            Ok(chosen) => {
                // Those of a broker that was away are looked at again.
                let left = chosen.left.into_iter().filter(|one| !self.unthrottled.contains(one));
                let left: Vec<_> = left.collect();
                if !left.is_empty() {
                    self.watcher.unthrottled(&left);
                    self.unthrottled.extend(left);
                }
                throttle::set(kafka, &chosen.set).await.map(|()| chosen.away)
            }
            Err(failure) => Err(failure),
        })
    }

    /// Waits for moves to end. Of the brokers that are `away` each gets its throttle when it is back.
    async fn wait(
        &mut self,
        batch: &[Work<'p>],
        moving: &mut [Moving<'p>],
        mut away: BTreeSet<i32>,
        kafka: &impl KafkaAdmin,
        guard: &mut impl Guard,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let started = Instant::now();
        let mut pace = Pace::default();
        let mut lost = Lost::default();
        let mut is_told = false;
        // Since when each step is not among what is being moved.
        let mut quiet: BTreeMap<TopicName, Instant> = BTreeMap::new();
        while moving.iter().any(|moving| moving.result.is_none()) {
            let ongoing = match kafka.reassignments().await {
                Ok(ongoing) => ongoing,
                // The controller may be moving; it is asked again as long as everything else is.
                Err(failure) => {
                    if self.gives_up(started, stop) {
                        moving.iter_mut().for_each(|moving| not_waited_for(moving, Some(&failure)));
                    }
                    tokio::time::sleep(LOOK_PAUSE).await;
                    continue;
                }
            };
            settle(kafka, moving, &ongoing, &mut quiet).await;
            lost.look(kafka, moving, &ongoing).await;
            if self.gives_up(started, stop) {
                moving.iter_mut().for_each(|moving| not_waited_for(moving, None));
                return Ok(());
            }
            if moving.iter().all(|moving| moving.result.is_some()) {
                return Ok(());
            }
            if pace.look(kafka, moving, &ongoing).await
                && pace.there.as_ref().is_some_and(|there| !there.is_disjoint(&away))
            {
                match self.throttle(batch, moving, kafka, guard).await? {
                    Ok(still_away) => away = still_away,
                    // It is tried again at the next look.
                    Err(failure) if !is_told => {
                        self.watcher.not_throttled(&failure);
                        is_told = true;
                    }
                    Err(_) => {}
                }
            }
            self.watcher.moving(&pace.progress(moving, &ongoing));
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        Ok(())
    }

    fn gives_up(&self, started: Instant, stop: &AtomicBool) -> bool {
        stop.load(Ordering::Relaxed) || self.moves.patience.is_some_and(|patience| started.elapsed() >= patience)
    }
}

/// What cannot be throttled is not moved: what was set of the throttle is taken away.
async fn unthrottled(moving: &[Moving<'_>], failure: Failure, guard: &mut impl Guard, stop: &AtomicBool) -> Outcomes {
    let all: Vec<&Address> = moving.iter().map(|moving| moving.address).collect();
    let failure = match unthrottle(guard, &all, stop).await {
        Ok(()) => failure,
        // The record has what is left to do.
        Err(_) => Failure {
            kind: FailureKind::Timeout,
            hint: Some(
                "nothing is moved, but a part of the throttle may be set. The next apply, rebalance or `busctl reassign \
                 cancel --yes` takes it away; until then `busctl reassign status` shows it"
                    .into(),
            ),
            ..failure
        },
    };
    moving.iter().map(|_| Err(failure.clone())).collect()
}

/// Takes the throttle away. A broker that is down may come back in a moment.
async fn unthrottle(guard: &mut impl Guard, over: &[&Address], stop: &AtomicBool) -> Result<(), Failure> {
    let started = Instant::now();
    loop {
        match guard.unthrottle(over).await {
            Err(failure)
                if failure.kind.may_be_done()
                    && started.elapsed() < RESTART_PATIENCE
                    && !stop.load(Ordering::Relaxed) =>
            {
                tokio::time::sleep(LOOK_PAUSE).await;
            }
            result => return result,
        }
    }
}

/// Whether replicas are, or may be, still being moved although they are not waited for.
fn goes_on(result: &Option<Result<(), Failure>>) -> bool {
    matches!(result, Some(Err(failure)) if failure.kind.may_be_done())
}

/// Asks the controller for what is not refused already. A topic of which it refuses a part is not moved at all.
async fn begin(kafka: &impl KafkaAdmin, moving: &mut [Moving<'_>]) {
    let mut assignments = Vec::new();
    for moving in moving.iter().filter(|moving| moving.result.is_none()) {
        let topic = moving.topic;
        match moving.aim {
            Aim::Move(moves) => assignments.extend(moves.iter().map(|one| Assignment {
                topic: topic.clone(),
                partition: one.partition,
                replicas: Some(one.after.clone()),
            })),
            Aim::Cancel(partitions) => assignments.extend(partitions.iter().map(|partition| Assignment {
                topic: topic.clone(),
                partition: *partition,
                replicas: None,
            })),
        }
    }
    let mut outcomes = kafka.reassign(&assignments).await.into_iter();
    for moving in moving.iter_mut().filter(|moving| moving.result.is_none()) {
        // All of them are taken, so that the next topic has its own.
        let refused = outcomes.by_ref().take(moving.aim.partitions().len()).filter_map(Result::err).collect::<Vec<_>>();
        moving.result = refused.into_iter().next().map(Err);
    }
    let refused = moving.iter().filter(|moving| moving.result.is_some() && !goes_on(&moving.result));
    let begun = refused.flat_map(|moving| {
        let of =
            |one: &PartitionMove| Assignment { topic: moving.topic.clone(), partition: one.partition, replicas: None };
        moving.aim.moves().iter().map(of).collect::<Vec<_>>()
    });
    let begun: Vec<Assignment> = begun.filter(|one| assignments.iter().any(|sent| sent.topic == one.topic)).collect();
    if !begun.is_empty() {
        // What cannot be taken back is seen by the next plan.
        kafka.reassign(&begun).await;
    }
}

/// Tells which steps have come to their end.
async fn settle(
    kafka: &impl KafkaAdmin,
    moving: &mut [Moving<'_>],
    ongoing: &[OngoingReassignment],
    quiet: &mut BTreeMap<TopicName, Instant>,
) {
    let busy: BTreeSet<(&TopicName, u32)> = ongoing.iter().map(|one| (&one.topic, one.partition)).collect();
    let is_quiet = |moving: &Moving<'_>| {
        let is_busy = |partition: &u32| busy.contains(&(moving.topic, *partition));
        moving.result.is_none() && !moving.aim.partitions().iter().any(is_busy)
    };
    let candidates: Vec<usize> = (0..moving.len()).filter(|index| is_quiet(&moving[*index])).collect();
    let names: Vec<TopicName> = candidates.iter().map(|index| moving[*index].topic.clone()).collect();
    if names.is_empty() {
        return;
    }
    let Ok(described) = kafka.describe_topics(&names).await else { return };
    for (index, answer) in candidates.into_iter().zip(described) {
        let moving = &mut moving[index];
        let found = match answer {
            Ok(found) => found,
            Err(failure) if failure.kind == FailureKind::NotFound => {
                moving.result = Some(Err(failure));
                continue;
            }
            Err(_) => continue,
        };
        let is_there = |one: &PartitionMove| {
            found.partitions.get(one.partition as usize).is_some_and(|partition| partition.replicas == one.after)
        };
        let since = *quiet.entry(moving.topic.clone()).or_insert_with(Instant::now);
        if moving.aim.moves().iter().all(is_there) {
            moving.result = Some(Ok(()));
        } else if since.elapsed() >= SERVED_PATIENCE {
            moving.result = Some(Err(cancelled(moving.topic)));
        }
    }
}

/// Has preferred leaders that are new lead. Where one does not, the brokers see to it later by themselves.
async fn elect(kafka: &impl KafkaAdmin, moving: &[Moving<'_>]) {
    let done = moving.iter().filter(|moving| matches!(moving.result, Some(Ok(()))));
    let led_anew: Vec<_> = done
        .flat_map(|moving| moving.aim.moves().iter().map(move |one| (moving.topic, one)))
        .filter(|(_, one)| one.before.first() != one.after.first())
        .map(|(topic, one)| (topic.clone(), one.partition))
        .collect();
    if !led_anew.is_empty() {
        kafka.elect_preferred(&led_anew).await;
    }
}

/// How fast replicas are copied.
#[derive(Default)]
struct Pace {
    looked: Option<Instant>,
    /// When the first sizes were read, and what was left then.
    first: Option<(Instant, u64)>,
    left: Option<u64>,
    /// The brokers that take part; `None` where nobody could be asked.
    there: Option<BTreeSet<i32>>,
}

impl Pace {
    /// Looks, where it is time to; answers whether it was.
    async fn look(&mut self, kafka: &impl KafkaAdmin, moving: &[Moving<'_>], ongoing: &[OngoingReassignment]) -> bool {
        if self.looked.is_some_and(|looked| looked.elapsed() < SIZES_PAUSE) {
            return false;
        }
        let topics: Vec<_> = moving
            .iter()
            .filter(|moving| moving.result.is_none())
            .map(|moving| (moving.topic.clone(), moving.aim.partitions()))
            .collect();
        self.left = kafka.replica_sizes(&topics).await.ok().map(|sizes| bytes_left(ongoing, &sizes));
        let cluster = kafka.cluster().await.ok();
        self.there = cluster.map(|cluster| cluster.brokers.iter().map(|broker| broker.id).collect());
        self.looked = Some(Instant::now());
        if let (None, Some(left)) = (self.first, self.left) {
            self.first = Some((Instant::now(), left));
        }
        true
    }

    fn progress(&self, moving: &[Moving<'_>], ongoing: &[OngoingReassignment]) -> MoveProgress {
        let topics: BTreeSet<&TopicName> =
            moving.iter().filter(|moving| moving.result.is_none()).map(|moving| moving.topic).collect();
        let ours: Vec<OngoingReassignment> =
            ongoing.iter().filter(|one| topics.contains(&one.topic)).cloned().collect();
        let waits_for = self.there.as_ref().map(|there| waits_for(&ours, there)).unwrap_or_default();
        let time = match (self.first, self.left) {
            (Some((since, first)), Some(left)) => time_left(first, left, since.elapsed()),
            _ => None,
        };
        MoveProgress { partitions: ours.len(), bytes: self.left, time, waits_for }
    }
}

/// About how many bytes are still to be copied: what the new replicas lack of the largest one of their partition.
pub fn bytes_left(ongoing: &[OngoingReassignment], sizes: &[BrokerAnswer<Vec<ReplicaSize>>]) -> u64 {
    let mut known: BTreeMap<(&TopicName, u32), BTreeMap<i32, u64>> = BTreeMap::new();
    for BrokerAnswer { broker, answer } in sizes {
        for size in answer.iter().flatten() {
            known.entry((&size.topic, size.partition)).or_default().insert(*broker, size.bytes);
        }
    }
    let left = |one: &OngoingReassignment| {
        let sizes = known.get(&(&one.topic, one.partition))?;
        let whole = sizes.values().copied().max()?;
        let lacks = |broker: &i32| whole.saturating_sub(sizes.get(broker).copied().unwrap_or(0));
        Some(one.adding.iter().map(lacks).sum::<u64>())
    };
    ongoing.iter().filter_map(left).sum()
}

/// How long the rest takes, where something was copied in this time.
pub fn time_left(first: u64, left: u64, elapsed: Duration) -> Option<Duration> {
    let copied = first.checked_sub(left).filter(|copied| *copied > 0)?;
    let seconds = u128::from(left) * elapsed.as_millis() / u128::from(copied) / 1_000;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

fn not_waited_for(moving: &mut Moving<'_>, failure: Option<&Failure>) {
    if moving.result.is_some() {
        return;
    }
    let answer = match failure {
        Some(failure) => format!("they are not waited for any more, and were not seen at last: {}", failure.answer),
        None => "they are still being moved, and are not waited for any more".to_owned(),
    };
    moving.result = Some(Err(Failure {
        kind: FailureKind::Timeout,
        tried: format!("move the replicas of {}", moving.topic),
        server: "the cluster".into(),
        answer,
        hint: Some(
            "the brokers go on by themselves. Run it again to wait for them and to take the throttle away; see how far \
             they are with `busctl reassign status`, or take it back with `busctl reassign cancel`"
                .into(),
        ),
    }));
}

fn cancelled(topic: &TopicName) -> Failure {
    Failure {
        kind: FailureKind::Moved,
        tried: format!("move the replicas of {topic}"),
        server: "the cluster".into(),
        answer: "they are not being moved any more, and are not where they were to be: somebody cancelled it".into(),
        hint: Some("run it again where that was not meant".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Asked;
    use super::*;
    use crate::plan::Standing;

    #[tokio::test]
    async fn a_throttle_that_is_half_set_stays_on_record() {
        let (address, topic) = (Address::topic("a"), "a".parse().expect("a topic"));
        let moving = [Moving { address: &address, topic: &topic, aim: Aim::Move(&[]), result: None }];
        let refused = Failure { kind: FailureKind::Refused, ..cancelled(&topic) };
        let of = async |answer: Result<(), Failure>| {
            let mut guard = Asked { standing: Standing::AsReviewed, before: Vec::new(), unthrottled: answer };
            let outcomes = unthrottled(&moving, refused.clone(), &mut guard, &AtomicBool::new(true)).await;
            outcomes.into_iter().next().and_then(Result::err).expect("it is not moved")
        };
        assert_eq!(of(Ok(())).await, refused, "nothing is left");
        let left = of(Err(refused.clone())).await;
        assert!(left.kind.may_be_done(), "the next run looks at it again");
        assert_eq!(left.answer, refused.answer);
        assert!(left.hint.is_some_and(|hint| hint.contains("a part of the throttle may be set")));
    }

    #[test]
    fn what_is_left_is_what_new_replicas_lack() {
        let topic: TopicName = "a".parse().expect("a topic");
        let sizes = |broker, bytes: &[u64]| BrokerAnswer {
            broker,
            answer: Ok((0..)
                .zip(bytes)
                .map(|(partition, bytes)| ReplicaSize { topic: topic.clone(), partition, bytes: *bytes })
                .collect()),
        };
        let one = |partition, adding: &[i32]| OngoingReassignment {
            topic: topic.clone(),
            partition,
            replicas: vec![1, 2, 3],
            adding: adding.to_vec(),
            removing: Vec::new(),
        };
        let told = [sizes(1, &[100, 50]), sizes(2, &[40, 50])];
        assert_eq!(bytes_left(&[one(0, &[2, 3]), one(1, &[2])], &told), 60 + 100);
        assert_eq!(bytes_left(&[], &told), 0);
        assert_eq!(time_left(100, 75, Duration::from_secs(5)), Some(Duration::from_secs(15)));
        assert_eq!(time_left(100, 100, Duration::from_secs(5)), None);
        assert_eq!(time_left(100, 120, Duration::from_secs(5)), None);
    }
}
