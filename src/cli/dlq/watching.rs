//! Watches how it goes with what was sent again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::guard::came_back;
use super::queue::OpenQueue;
use super::scanning::Scanning;
use crate::cli::Global;
use crate::cli::interrupt::Interrupts;
use crate::dlq::settle::{Done, Progress, Returned, Stop};
use crate::model::{GroupId, Percent, TopicName, counted};
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery};
use crate::ports::records::RecordSource;

/// How often it is looked for records that come back.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// How long the end of a transaction is waited for once brokers have taken it. They write it at once, but for those that are busy.
const LONGEST_UNTIL_ENDED: Duration = Duration::from_secs(15);

/// When a run that sends records stops by itself.
pub struct Watching {
    /// How long it waits after the first ones.
    pub canary_wait: Duration,
    /// How many of a hundred may come back.
    pub max_failures: Percent,
    /// The groups that failed.
    pub groups: Vec<GroupId>,
    /// The topics that are sent to.
    pub topics: Vec<TopicName>,
}

/// The end of each partition of topics.
type Ends = BTreeMap<TopicName, BTreeMap<i32, i64>>;

/// Shows how a run goes, and stops it.
pub struct Watch<'a> {
    scanning: Scanning,
    interrupts: &'a Interrupts,
    global: &'a Global,
    said: u64,
    sent: Option<Sent<'a>>,
}

/// What a run sends, as it is watched.
struct Sent<'a> {
    open: &'a OpenQueue,
    watching: &'a Watching,
    returned: Returned,
    looked: Instant,
    /// Where the topics ended before anything was sent to them.
    before: Ends,
    /// Whether it was not seen, when it was looked last, what came back.
    is_blind: bool,
    is_told: bool,
}

/// Whether the groups that failed have read what was sent first.
enum ReadBy {
    /// These have.
    All(Vec<String>),
    /// This one has not.
    Not(String),
    /// Nobody knows.
    Unknown,
}

impl<'a> Watch<'a> {
    /// Of a run that only reads, or gives records up.
    pub fn new(scanning: Scanning, interrupts: &'a Interrupts, global: &'a Global) -> Self {
        Self { scanning, interrupts, global, said: 0, sent: None }
    }

    /// The same of one that sends. It blocks.
    pub fn of_sent(self, open: &'a OpenQueue, watching: &'a Watching, returned: Returned) -> Self {
        let before = ends(open, &watching.topics);
        let sent = Sent { open, watching, returned, looked: Instant::now(), before, is_blind: false, is_told: false };
        Self { sent: Some(sent), ..self }
    }

    /// How many have come back up to now; none where it was not watched.
    pub fn came_back(&mut self) -> Option<u64> {
        self.sent.as_mut().map(Sent::look)
    }

    fn wanted_to_stop(&self) -> ControlFlow<Stop> {
        if self.interrupts.stopped() { ControlFlow::Break(Stop::Interrupted) } else { ControlFlow::Continue(()) }
    }
}

impl Progress for Watch<'_> {
    fn records(&mut self, more: u64) {
        self.scanning.more(more);
    }

    fn committed(&mut self, so_far: &Done) -> ControlFlow<Stop> {
        let settled = so_far.total();
        if self.global.verbose && settled > self.said {
            anstream::eprintln!("{} settled", counted(settled, "dead letter"));
            self.said = settled;
        }
        self.wanted_to_stop()?;
        match &mut self.sent {
            Some(sent) if sent.looked.elapsed() >= BETWEEN_LOOKS => sent.is_well(so_far),
            _ => ControlFlow::Continue(()),
        }
    }

    fn canary(&mut self, so_far: &Done) -> ControlFlow<Stop> {
        let Some(sent) = &self.sent else { return ControlFlow::Continue(()) };
        let (open, watching) = (sent.open, sent.watching);
        let first = counted(so_far.total_sent(), "record");
        let wait = crate::model::Duration(i64::try_from(watching.canary_wait.as_millis()).unwrap_or(i64::MAX));
        anstream::eprintln!("{first} sent first; it is looked for {wait} whether they come back");
        let sent_to: Vec<TopicName> = so_far.sent.keys().cloned().collect();
        let after = ends_with_what_was_sent(open, &sent_to);
        let until = Instant::now() + watching.canary_wait;
        loop {
            if self.came_back().is_some_and(|count| count > 0) {
                return ControlFlow::Break(Stop::CanaryFailed);
            }
            let next = until.min(Instant::now() + BETWEEN_LOOKS);
            if next <= Instant::now() {
                break;
            }
            while let Some(left) = next.checked_duration_since(Instant::now()) {
                self.wanted_to_stop()?;
                std::thread::sleep(left.min(Duration::from_millis(200)));
            }
        }
        let Some(sent) = &self.sent else { return ControlFlow::Continue(()) };
        let Some(after) = after.filter(|_| !sent.is_blind) else {
            anstream::eprintln!("it could not be seen whether they came back, or were read");
            return ControlFlow::Break(Stop::CanaryUnseen);
        };
        match sent.read_by(&after) {
            ReadBy::All(groups) => anstream::eprintln!("none came back, and {} has read them", groups.join(", ")),
            ReadBy::Unknown => anstream::eprintln!("none came back; whether they were read is not known"),
            ReadBy::Not(group) => {
                anstream::eprintln!("none came back, but {group} has not read them yet");
                return ControlFlow::Break(Stop::CanaryUnread);
            }
        }
        ControlFlow::Continue(())
    }
}

impl Sent<'_> {
    /// Looks for records that came back; returns how many did so far.
    fn look(&mut self) -> u64 {
        let looked = self.returned.look(&self.open.kafka);
        self.looked = Instant::now();
        match looked {
            Ok(count) => {
                self.is_blind = false;
                count
            }
            Err(failure) => {
                // What is sent is as well as it was; only nobody sees how it goes.
                if !self.is_told {
                    anstream::eprintln!("warning: it is not seen whether records come back: {failure}");
                }
                (self.is_blind, self.is_told) = (true, true);
                self.returned.count()
            }
        }
    }

    fn is_well(&mut self, so_far: &Done) -> ControlFlow<Stop> {
        let (count, sent) = (self.look(), so_far.total_sent());
        let most = u64::from(self.watching.max_failures.0);
        if count.saturating_mul(100) > sent.saturating_mul(most) {
            anstream::eprintln!("{} of {sent} so far, more than {}", came_back(count), self.watching.max_failures);
            return ControlFlow::Break(Stop::FailedAgain);
        }
        ControlFlow::Continue(())
    }

    /// Whether the groups have passed what was written to the topics between their ends before and after.
    fn read_by(&self, after: &Ends) -> ReadBy {
        let none = BTreeMap::new();
        let mut written: BTreeMap<&TopicName, BTreeMap<u32, i64>> = BTreeMap::new();
        let mut asked = Vec::new();
        for (topic, ends) in after {
            let before = self.before.get(topic).unwrap_or(&none);
            let is_longer = |(partition, end): &(&i32, &i64)| before.get(*partition).is_none_or(|before| before < *end);
            let longer = ends.iter().filter(is_longer);
            let longer = longer.filter_map(|(partition, end)| Some((u32::try_from(*partition).ok()?, *end)));
            written.insert(topic, longer.collect());
            asked.push((topic.clone(), u32::try_from(ends.len()).unwrap_or(u32::MAX)));
        }
        let committed = self.open.kafka.committed_offsets(&self.watching.groups, Some(&asked));
        let committed = Handle::current().block_on(committed);
        let mut have = Vec::new();
        for (group, committed) in self.watching.groups.iter().zip(committed) {
            let Ok(committed) = committed else { continue };
            let of = |topic: &TopicName, partition: u32| {
                committed.get(topic).and_then(|of| of.get(&partition)).copied().filter(|offset| *offset >= 0)
            };
            // Who has never committed anything there reads under another name, or not at all.
            if !asked.iter().any(|(topic, partitions)| (0..*partitions).any(|partition| of(topic, partition).is_some()))
            {
                continue;
            }
            // The end of a transaction has an offset too, which who has read the record before may not have passed.
            let has_read = |topic: &TopicName, partition: u32, end: i64| {
                of(topic, partition).is_some_and(|offset| offset + 1 >= end)
            };
            let have_all = written
                .iter()
                .all(|(topic, ends)| ends.iter().all(|(partition, end)| has_read(topic, *partition, *end)));
            if !have_all {
                return ReadBy::Not(group.to_string());
            }
            have.push(group.to_string());
        }
        if have.is_empty() { ReadBy::Unknown } else { ReadBy::All(have) }
    }
}

/// Where topics end with what was sent to them, for who reads what was committed; none where that is not seen in time. The end of
/// a transaction is written a moment after it has been taken, and until then the topics seem to end before it: whoever has read up
/// to there would be taken for one that has read it. It blocks.
fn ends_with_what_was_sent(open: &OpenQueue, topics: &[TopicName]) -> Option<Ends> {
    let until = Instant::now() + LONGEST_UNTIL_ENDED;
    let mut after = ends(open, topics);
    if after.len() < topics.len() {
        return None;
    }
    let latest = |(topic, partition): (&TopicName, i32)| {
        Some(OffsetQuery { topic: topic.clone(), partition: u32::try_from(partition).ok()?, at: OffsetAt::Latest })
    };
    let partitions = after.iter().flat_map(|(topic, ends)| ends.keys().map(move |partition| (topic, *partition)));
    let queries: Vec<OffsetQuery> = partitions.filter_map(latest).collect();
    let written = Handle::current().block_on(open.kafka.offsets(&queries));
    let written: Option<Vec<i64>> = written.into_iter().map(|end| Some(end.ok()??.offset)).collect();
    let written = written?;
    loop {
        let is_seen = |(query, end): (&OffsetQuery, &i64)| {
            let ends = after.get(&query.topic)?;
            ends.get(&query.partition.cast_signed()).map(|seen| seen >= end)
        };
        let seen: Option<Vec<bool>> = queries.iter().zip(&written).map(is_seen).collect();
        match seen {
            Some(seen) if seen.iter().all(|seen| *seen) => return Some(after),
            _ if Instant::now() >= until => return None,
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
        after = ends(open, topics);
    }
}

/// Where topics end now. It blocks. One that cannot be seen is left out.
fn ends(open: &OpenQueue, topics: &[TopicName]) -> Ends {
    let of = |topic: &TopicName| {
        let stretches = open.kafka.partitions(topic).ok()?;
        Some((topic.clone(), stretches.iter().map(|stretch| (stretch.partition, stretch.to)).collect()))
    };
    topics.iter().filter_map(of).collect()
}
