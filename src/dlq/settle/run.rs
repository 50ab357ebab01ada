use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::course::{Course, Refusal, Terms, course};
use super::repair::{Repair, Repaired};
use crate::dlq::convention::{REDRIVE_ATTEMPT, REDRIVE_ID};
use crate::dlq::ledger::{FORMAT_VERSION, note};
use crate::dlq::{
    Convention, Export, Fate, Filter, Fingerprint, LedgerEntry, LedgerKey, LedgerRun, Queue, Settled, Shape, Told,
    Unjudged,
};
use crate::model::{TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::records::{Header, Outgoing, Position, Record, RecordSink, RecordSource, Stretch};

/// How many dead letters one transaction settles at most. A run that is killed begins at most so many again.
pub(super) const BATCH_RECORDS: u64 = 1_000;

/// How many bytes one transaction takes at most, for brokers hold what is open.
const BATCH_BYTES: usize = 4 << 20;

/// How long a transaction is open at most. Readers of what was committed wait for its end.
const BATCH_TIME: Duration = Duration::from_secs(1);

/// A run over a queue that settles dead letters.
pub struct Run<'a> {
    /// The queue.
    pub queue: &'a Queue,
    /// The id of its topic.
    pub id: TopicId,
    /// The run.
    pub run: Uuid,
    /// What the ledger says of it.
    pub about: &'a LedgerRun,
    /// How many partitions the ledger has.
    pub ledger_partitions: usize,
    /// Which dead letters are meant.
    pub filter: &'a Filter,
    /// What is done with them.
    pub work: Work<'a>,
    /// How many, and how fast.
    pub limits: Limits,
    /// The parts of the queue that are read, as they were at the beginning.
    pub stretches: &'a [Stretch],
    /// Whose fate is known.
    pub settled: &'a Settled,
    /// The first offset of each partition.
    pub starts: BTreeMap<i32, i64>,
}

/// What is done with dead letters.
pub enum Work<'a> {
    /// They are sent again.
    Redrive {
        /// Where they go.
        terms: &'a Terms,
        /// Whether a compacted topic has a record of the key that is newer than this dead letter.
        is_superseded: &'a dyn Fn(&TopicName, &Record<'_>, &Told<'_>) -> bool,
        /// What makes their values anew.
        repair: Option<&'a Repair>,
    },
    /// They are given up.
    Discard,
}

/// How many dead letters are sent, and how fast.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// At most so many.
    pub max: Option<u64>,
    /// At most so many a second.
    pub rate: Option<f64>,
}

/// Why a run stopped before the end of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It has sent as many as it was to.
    Max,
    /// Somebody wanted it to.
    Interrupted,
}

/// What became of the dead letters that a run met. What a transaction holds that was not committed is not counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Done {
    /// How many were looked at.
    pub records: u64,
    /// How many had met their fate before.
    pub settled: u64,
    /// How many are not meant.
    pub left_out: u64,
    /// How many were sent to each topic; in a dry run, would be.
    pub sent: BTreeMap<TopicName, u64>,
    /// How many were parked.
    pub parked: u64,
    /// How many were given up.
    pub discarded: u64,
    /// How many stay, and why.
    pub stay: BTreeMap<Refusal, u64>,
    /// How many there are of each reason for which they failed, of those that were sent or parked.
    pub reasons: BTreeMap<Fingerprint, u64>,
    /// Of which records the filter's expression had no answer.
    pub unjudged: Unjudged,
    /// Why it stopped early.
    pub stopped: Option<Stop>,
}

impl Done {
    /// How many were sent.
    pub fn total_sent(&self) -> u64 {
        self.sent.values().sum()
    }

    /// How many were settled, in whatever way.
    pub fn total(&self) -> u64 {
        self.total_sent() + self.parked + self.discarded
    }
}

/// Who is told how a run goes.
pub trait Progress {
    /// So many more were looked at.
    fn records(&mut self, more: u64);

    /// Everything up to here is settled for good. Says whether to go on.
    fn committed(&mut self, so_far: &Done) -> ControlFlow<Stop>;
}

/// Settles the dead letters that wait and are meant: what is sent, the entries in the ledger and the run's position are one
/// transaction. Without a `sink` nothing is done, and it is told what would be. What is given up goes to the `export` before.
///
/// What was done before a failure stands beside it.
pub fn run<'a, S: RecordSink>(
    source: &impl RecordSource,
    sink: Option<&'a mut S>,
    export: Option<&'a mut (dyn Export + 'a)>,
    of: &'a Run<'a>,
    progress: &'a mut (dyn Progress + 'a),
) -> (Done, Result<(), Failure>) {
    let mut under_way = UnderWay {
        of,
        sink,
        export,
        progress,
        shape: Shape::default(),
        done: Done::default(),
        open: Batch::default(),
        is_recorded: false,
        reached: of.whole_from_the_start(),
        began: Instant::now(),
        taken: 0,
    };
    of.filter.unjudged();
    let read = source.scan(&of.queue.topic, of.stretches, &mut |record| under_way.record(record));
    let ended = read.and_then(|()| under_way.commit());
    under_way.done.unjudged = of.filter.unjudged();
    (under_way.done, ended)
}

impl Run<'_> {
    /// The partitions that are read from their first record on. Of the others it is not known what waits before.
    fn whole_from_the_start(&self) -> BTreeMap<i32, Reached> {
        let is_whole = |stretch: &&Stretch| self.starts.get(&stretch.partition) == Some(&stretch.from);
        let whole = self.stretches.iter().filter(is_whole);
        whole.map(|stretch| (stretch.partition, Reached::Up(stretch.from))).collect()
    }
}

struct UnderWay<'a, S> {
    of: &'a Run<'a>,
    sink: Option<&'a mut S>,
    export: Option<&'a mut (dyn Export + 'a)>,
    progress: &'a mut (dyn Progress + 'a),
    shape: Shape,
    done: Done,
    open: Batch,
    is_recorded: bool,
    reached: BTreeMap<i32, Reached>,
    began: Instant,
    /// How many were sent or parked, those of the open transaction among them.
    taken: u64,
}

/// What a transaction holds.
#[derive(Default)]
struct Batch {
    since: Option<Instant>,
    count: u64,
    bytes: usize,
    sent: BTreeMap<TopicName, u64>,
    parked: u64,
    discarded: u64,
    reasons: BTreeMap<Fingerprint, u64>,
}

/// How far all dead letters of a partition are settled.
#[derive(Clone, Copy)]
enum Reached {
    /// Up to this offset.
    Up(i64),
    /// The same, and the next one waits.
    Waits(i64),
}

impl<S: RecordSink> UnderWay<'_, S> {
    fn record(&mut self, letter: &Record<'_>) -> Result<ControlFlow<()>, Failure> {
        const STEP: u64 = 1_024;
        self.done.records += 1;
        if self.done.records.is_multiple_of(STEP) {
            self.progress.records(STEP);
        }
        if self.of.settled.contains(letter.partition, letter.offset) {
            self.done.settled += 1;
            self.reach(letter, true);
            return Ok(ControlFlow::Continue(()));
        }
        let told = Told::of(letter);
        let presumed = self.of.queue.presumed_origin();
        if !self.of.filter.takes(letter, &told, presumed, &mut self.shape) {
            self.done.left_out += 1;
            self.reach(letter, false);
            return Ok(ControlFlow::Continue(()));
        }
        if self.of.limits.max.is_some_and(|max| self.taken >= max) {
            self.done.stopped = Some(Stop::Max);
            self.commit()?;
            return Ok(ControlFlow::Break(()));
        }
        let (course, repaired) = match &self.of.work {
            Work::Redrive { terms, is_superseded, repair } => {
                let course = course(letter, &told, terms, &mut |topic| is_superseded(topic, letter, &told));
                match repair {
                    Some(repair) => repair.on_course(letter, &told, presumed, terms, course),
                    None => (course, None),
                }
            }
            Work::Discard => (Course::Discard, None),
        };
        if let Course::Stay(refusal) = course {
            *self.done.stay.entry(refusal).or_default() += 1;
            self.reach(letter, false);
            return Ok(ControlFlow::Continue(()));
        }
        if let ControlFlow::Break(stop) = self.pace()? {
            self.done.stopped = Some(stop);
            return Ok(ControlFlow::Break(()));
        }
        let fingerprint = Fingerprint::of(self.shape.fill(&told, presumed));
        self.take(letter, &course, repaired.as_ref(), fingerprint)?;
        self.reach(letter, true);
        self.commit_if_full()
    }

    /// Adds a dead letter to the open transaction.
    fn take(
        &mut self,
        letter: &Record<'_>,
        course: &Course,
        repaired: Option<&Repaired>,
        fingerprint: Fingerprint,
    ) -> Result<(), Failure> {
        self.begin()?;
        self.taken += 1;
        self.open.count += 1;
        self.open.bytes += letter.key.map_or(0, <[u8]>::len) + letter.value.map_or(0, <[u8]>::len);
        *self.open.reasons.entry(fingerprint).or_default() += 1;
        let fate = match course {
            Course::Send { to, partition, attempt, .. } => {
                *self.open.sent.entry(to.clone()).or_default() += 1;
                Fate::Redriven {
                    to: to.to_string(),
                    partition: *partition,
                    attempt: *attempt,
                    transformed: repaired.is_some(),
                }
            }
            Course::Park { to, attempts } => {
                self.open.parked += 1;
                Fate::Parked { to: to.to_string(), attempts: *attempts }
            }
            Course::Discard => {
                self.open.discarded += 1;
                Fate::Discarded {
                    export: self.export.as_ref().map(|export| export.name().to_owned()).unwrap_or_default(),
                }
            }
            Course::Stay(_) => return Ok(()),
        };
        let Some(sink) = &mut self.sink else { return Ok(()) };
        match course {
            Course::Send { to, partition, timestamp, attempt } => {
                let (run, attempt) = (self.of.run.to_string(), attempt.to_string());
                // What says why it failed is over; what the record had before stays.
                let is_over =
                    |name: &str| Convention::of_header(name).is_some() || name == REDRIVE_ID || name == REDRIVE_ATTEMPT;
                let mut headers: Vec<Header<'_>> =
                    letter.headers.iter().filter(|header| !is_over(header.name)).copied().collect();
                if let Some(repaired) = repaired {
                    repaired.put_header(&mut headers);
                }
                headers.push(Header { name: REDRIVE_ID, value: Some(run.as_bytes()) });
                headers.push(Header { name: REDRIVE_ATTEMPT, value: Some(attempt.as_bytes()) });
                sink.send(&Outgoing {
                    topic: to.as_str(),
                    partition: *partition,
                    timestamp: *timestamp,
                    key: letter.key,
                    value: repaired.map_or(letter.value, |repaired| Some(&repaired.value)),
                    headers: &headers,
                })?;
            }
            // Why it failed is what somebody wants to know of it.
            Course::Park { to, .. } => sink.send(&Outgoing {
                topic: to.as_str(),
                partition: None,
                timestamp: letter.timestamp,
                key: letter.key,
                value: letter.value,
                headers: letter.headers,
            })?,
            Course::Discard => {
                if let Some(export) = &mut self.export {
                    export.write(letter)?;
                }
            }
            Course::Stay(_) => {}
        }
        let key = LedgerKey::Letter { topic: self.of.id, partition: letter.partition, offset: letter.offset };
        let entry = LedgerEntry {
            format_version: FORMAT_VERSION,
            fate,
            run: self.of.run,
            fingerprint,
            written: letter.timestamp,
        };
        self.note(key, &entry)
    }

    fn begin(&mut self) -> Result<(), Failure> {
        if self.open.since.is_some() {
            return Ok(());
        }
        self.open.since = Some(Instant::now());
        let Some(sink) = &mut self.sink else { return Ok(()) };
        sink.begin()?;
        if !self.is_recorded {
            self.note(LedgerKey::Run { topic: self.of.id, run: self.of.run }, self.of.about)?;
        }
        Ok(())
    }

    /// Adds a record of the ledger.
    fn note(&mut self, key: LedgerKey, entry: &impl serde::Serialize) -> Result<(), Failure> {
        match &mut self.sink {
            Some(sink) => note(*sink, self.of.ledger_partitions, key, entry),
            None => Ok(()),
        }
    }

    fn commit_if_full(&mut self) -> Result<ControlFlow<()>, Failure> {
        let is_old = self.open.since.is_some_and(|since| since.elapsed() >= BATCH_TIME);
        if self.open.count < BATCH_RECORDS && self.open.bytes < BATCH_BYTES && !is_old {
            return Ok(ControlFlow::Continue(()));
        }
        self.commit()?;
        Ok(self.go_on())
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        match self.progress.committed(&self.done) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(stop) => {
                self.done.stopped = Some(stop);
                ControlFlow::Break(())
            }
        }
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.open);
        if batch.since.is_none() {
            return Ok(());
        }
        if let Some(sink) = &mut self.sink {
            let reached = self.reached.iter().map(|(partition, reached)| match reached {
                Reached::Up(offset) | Reached::Waits(offset) => Position { partition: *partition, offset: *offset },
            });
            // What is given up is kept elsewhere before it is said to be.
            if let Some(export) = self.export.as_mut().filter(|_| batch.discarded > 0) {
                export.sync()?;
            }
            sink.commit(&self.of.queue.topic, &reached.collect::<Vec<_>>())?;
            self.is_recorded = true;
        }
        for (to, count) in batch.sent {
            *self.done.sent.entry(to).or_default() += count;
        }
        for (reason, count) in batch.reasons {
            *self.done.reasons.entry(reason).or_default() += count;
        }
        self.done.parked += batch.parked;
        self.done.discarded += batch.discarded;
        Ok(())
    }

    /// Waits until the next one may be sent. Nothing is left open meanwhile.
    fn pace(&mut self) -> Result<ControlFlow<Stop>, Failure> {
        let (Some(rate), Some(_)) = (self.of.limits.rate, &self.sink) else { return Ok(ControlFlow::Continue(())) };
        let due = self.began + Duration::from_secs_f64(self.taken as f64 / rate);
        if due.saturating_duration_since(Instant::now()) > BATCH_TIME / 10 {
            self.commit()?;
        }
        while let Some(left) = due.checked_duration_since(Instant::now()) {
            if self.go_on().is_break() {
                return Ok(ControlFlow::Break(self.done.stopped.unwrap_or(Stop::Interrupted)));
            }
            std::thread::sleep(left.min(BATCH_TIME / 5));
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Remembers up to where nothing waits any more.
    fn reach(&mut self, letter: &Record<'_>, is_settled: bool) {
        let Some(reached) = self.reached.get_mut(&letter.partition) else { return };
        if let Reached::Up(offset) = *reached {
            *reached =
                if is_settled { Reached::Up(letter.offset + 1) } else { Reached::Waits(offset.max(letter.offset)) };
        }
    }
}
