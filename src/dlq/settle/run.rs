use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::course::{Course, course, course_of_original};
use super::exported::{ExportedBefore, export_all};
use super::repair::{Repair, Repaired};
use super::transaction::{BATCH_TIME, Batch};
use super::{Done, Limits, Originals, Progress, Refusal, Stop, Terms};
use crate::dlq::{Export, Filter, Fingerprint, LedgerRun, Queue, Seen, Settled, Shape, Told};
use crate::model::{TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::records::{Record, RecordSink, RecordSource, Stretch};

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
    /// What was seen of each partition before.
    pub seen: &'a BTreeMap<i32, Seen>,
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

impl<'a> Work<'a> {
    /// What makes values anew, where that is asked for.
    pub fn repair(&self) -> Option<&'a Repair> {
        match self {
            Self::Redrive { repair, .. } => *repair,
            Self::Discard => None,
        }
    }
}

/// Settles the dead letters that wait and are meant: what is sent, the entries in the ledger and the run's position are one
/// transaction. Without a `sink` nothing is done, and it is told what would be. What is given up goes to the `export` before: that of
/// each transaction, or all of it where the export is kept as a whole only.
///
/// What was done before a failure stands beside it.
pub fn run<'a, R: RecordSource, S: RecordSink>(
    source: &'a R,
    sink: Option<&'a mut S>,
    export: Option<&'a mut (dyn Export + 'a)>,
    of: &'a Run<'a>,
    progress: &'a mut (dyn Progress + 'a),
) -> (Done, Result<(), Failure>) {
    let mut export = export;
    let exported = match export.as_deref_mut().filter(|export| sink.is_some() && export.is_kept_whole()) {
        Some(export) => match export_all(source, of, export, progress) {
            Ok(ControlFlow::Continue(exported)) => Some(exported),
            Ok(ControlFlow::Break(stop)) => return (Done { stopped: Some(stop), ..Done::default() }, Ok(())),
            Err(failure) => return (Done::default(), Err(failure)),
        },
        None => None,
    };
    let mut under_way = UnderWay {
        of,
        source,
        sink,
        export,
        progress,
        shape: Shape::default(),
        done: Done::default(),
        open: Batch::default(),
        originals: Originals::default(),
        exported,
        is_recorded: false,
        is_canary_over: false,
        reached: of.whole_from_the_start(),
        seen: of.seen_at_the_start(),
        noted: of.seen.clone(),
        began: Instant::now(),
        taken: 0,
        sent: 0,
    };
    of.filter.unjudged();
    let read = source.scan(&of.queue.topic, of.stretches, &mut |record| under_way.record(record));
    let ended = read.and_then(|()| under_way.finish());
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

    /// What is seen of those partitions.
    fn seen_at_the_start(&self) -> BTreeMap<i32, Seen> {
        let starts = self.whole_from_the_start().into_keys().filter_map(|partition| {
            let mut seen = self.seen.get(&partition).copied().unwrap_or_default();
            seen.go_on(*self.starts.get(&partition)?);
            Some((partition, seen))
        });
        starts.collect()
    }
}

pub(super) struct UnderWay<'a, R, S> {
    pub(super) of: &'a Run<'a>,
    pub(super) source: &'a R,
    pub(super) sink: Option<&'a mut S>,
    pub(super) export: Option<&'a mut (dyn Export + 'a)>,
    pub(super) progress: &'a mut (dyn Progress + 'a),
    pub(super) shape: Shape,
    pub(super) done: Done,
    pub(super) open: Batch,
    /// Those whose records are to be had from their origins.
    pub(super) originals: Originals,
    /// What was exported before, where all of it was.
    pub(super) exported: Option<ExportedBefore>,
    pub(super) is_recorded: bool,
    pub(super) is_canary_over: bool,
    pub(super) reached: BTreeMap<i32, Reached>,
    pub(super) seen: BTreeMap<i32, Seen>,
    /// What the ledger says that was seen, the open transaction included.
    pub(super) noted: BTreeMap<i32, Seen>,
    pub(super) began: Instant,
    /// How many were sent or parked, those of the open transaction among them.
    pub(super) taken: u64,
    /// How many of these were sent.
    pub(super) sent: u64,
}

/// How far all dead letters of a partition are settled.
#[derive(Clone, Copy)]
pub(super) enum Reached {
    /// Up to this offset.
    Up(i64),
    /// The same, and the next one waits.
    Waits(i64),
}

impl<R: RecordSource, S: RecordSink> UnderWay<'_, R, S> {
    fn record(&mut self, letter: &Record<'_>) -> Result<ControlFlow<()>, Failure> {
        const STEP: u64 = 1_024;
        // Also where nothing is meant for long, nobody waits for the end of a transaction, and who wants to stop it can.
        if self.done.records > 0 && self.done.records.is_multiple_of(STEP) {
            self.progress.records(STEP);
            if self.open.is_old() {
                self.commit()?;
            }
            if self.go_on().is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.done.records += 1;
        if let Some(seen) = self.seen.get_mut(&letter.partition) {
            seen.add(letter.offset);
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
        let is_left = |all: &ExportedBefore| !all.letters.contains(letter.partition, letter.offset);
        if letter.is_whole() && self.exported.as_ref().is_some_and(is_left) {
            // The limit held for what was exported.
            self.reach(letter, false);
            return Ok(ControlFlow::Continue(()));
        }
        if self.is_enough()? {
            return Ok(ControlFlow::Break(()));
        }
        let (course, repaired) = match &self.of.work {
            _ if !letter.is_whole() => (Course::Stay(Refusal::UnreadableHeader), None),
            Work::Redrive { terms, is_superseded, repair } => {
                let course = course(letter, &told, terms, &mut |topic| is_superseded(topic, letter, &told));
                repaired(*repair, letter, &told, self.of, course)
            }
            Work::Discard => (Course::Discard { attempts: told.redrives() }, None),
        };
        match course {
            Course::Fetch(origin) => {
                self.reach(letter, false);
                self.originals.add(letter, origin);
                if self.originals.is_full() { self.fetch() } else { Ok(ControlFlow::Continue(())) }
            }
            course => self.settle(letter, letter, &told, &course, repaired.as_ref()),
        }
    }

    /// Whether as many were taken as were to be. Those whose originals have not been fetched yet may stay.
    fn is_enough(&mut self) -> Result<bool, Failure> {
        let Some(max) = self.of.limits.max.filter(|_| self.exported.is_none()) else { return Ok(false) };
        let with = |waiting: usize| self.taken + u64::try_from(waiting).unwrap_or(u64::MAX);
        if with(self.originals.len()) < max {
            return Ok(false);
        }
        if self.fetch()?.is_break() {
            return Ok(true);
        }
        if self.taken >= max {
            self.done.stopped = Some(Stop::Max);
            self.commit()?;
        }
        Ok(self.done.stopped.is_some())
    }

    /// Has the records of dead letters that are elsewhere, and settles these.
    fn fetch(&mut self) -> Result<ControlFlow<()>, Failure> {
        let originals = std::mem::take(&mut self.originals);
        let (of, mut goes_on) = (self.of, ControlFlow::Continue(()));
        originals.fetch(self.source, &mut |letter, topic, original| {
            let told = Told::of(letter);
            let (course, repaired) = match (original, &of.work) {
                (None, _) => (Course::Stay(Refusal::OriginalGone(topic.clone())), None),
                (Some(original), _) if !original.is_whole() => (Course::Stay(Refusal::UnreadableHeader), None),
                (Some(original), Work::Redrive { terms, is_superseded, repair }) => {
                    let mut is_superseded = |topic: &TopicName| is_superseded(topic, original, &told);
                    let course = course_of_original(letter, &told, original, terms, &mut is_superseded);
                    // It is told by where the dead letter stands.
                    let meant = Record { partition: letter.partition, offset: letter.offset, ..*original };
                    repaired(*repair, &meant, &told, of, course)
                }
                (Some(_), Work::Discard) => (Course::Discard { attempts: told.redrives() }, None),
            };
            goes_on = self.settle(letter, original.unwrap_or(letter), &told, &course, repaired.as_ref())?;
            Ok(goes_on)
        })?;
        Ok(goes_on)
    }

    /// Does with a dead letter what is to become of it. `record` is what is sent.
    fn settle(
        &mut self,
        letter: &Record<'_>,
        record: &Record<'_>,
        told: &Told<'_>,
        course: &Course,
        repaired: Option<&Repaired>,
    ) -> Result<ControlFlow<()>, Failure> {
        if let Course::Stay(refusal) = course {
            *self.done.stay.entry(refusal.clone()).or_default() += 1;
            self.reach(letter, false);
            return Ok(ControlFlow::Continue(()));
        }
        if let ControlFlow::Break(stop) = self.pace()? {
            self.done.stopped = Some(stop);
            return Ok(ControlFlow::Break(()));
        }
        let fingerprint = Fingerprint::of(self.shape.fill(told, self.of.queue.presumed_origin()));
        self.take(letter, record, told, course, repaired, fingerprint)?;
        self.reach(letter, true);
        self.commit_if_full()
    }

    pub(super) fn go_on(&mut self) -> ControlFlow<()> {
        match self.progress.committed(&self.done) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(stop) => {
                self.done.stopped = Some(stop);
                ControlFlow::Break(())
            }
        }
    }

    /// Settles what was met last, and commits what was seen behind it.
    fn finish(&mut self) -> Result<(), Failure> {
        if self.done.stopped.is_none() {
            // Where that breaks off, nothing is left to be done either.
            let _ = self.fetch()?;
        }
        if self.is_recorded && !self.news().is_empty() {
            self.begin()?;
        }
        self.commit()?;
        if self.done.stopped.is_none() && self.exported.as_ref().is_some_and(|exported| exported.is_cut) {
            self.done.stopped = Some(Stop::Max);
        }
        Ok(())
    }

    /// Waits until the next one may be sent. Nothing is left open meanwhile.
    fn pace(&mut self) -> Result<ControlFlow<Stop>, Failure> {
        if self.sink.is_none() {
            return Ok(ControlFlow::Continue(()));
        }
        if self.of.limits.canary == Some(self.sent) && !self.is_canary_over {
            self.is_canary_over = true;
            let since = Instant::now();
            self.commit()?;
            if let ControlFlow::Break(stop) = self.progress.canary(&self.done) {
                return Ok(ControlFlow::Break(stop));
            }
            // What could have been sent meanwhile is not made up for.
            self.began += since.elapsed();
        }
        let Some(rate) = self.of.limits.rate else { return Ok(ControlFlow::Continue(())) };
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

/// What is to become of a record, and its value made anew where that is asked for.
fn repaired(
    repair: Option<&Repair>,
    record: &Record<'_>,
    told: &Told<'_>,
    of: &Run<'_>,
    course: Course,
) -> (Course, Option<Repaired>) {
    match (repair, &of.work) {
        (Some(repair), Work::Redrive { terms, .. }) => {
            repair.on_course(record, told, of.queue.presumed_origin(), terms, course)
        }
        _ => (course, None),
    }
}
