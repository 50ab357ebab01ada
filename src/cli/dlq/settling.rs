use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use uuid::Uuid;

use super::guard::tell_other_run;
use super::queue::OpenQueue;
use super::scanning::Scanning;
use super::watching::{Watch, Watching};
use crate::adapters::kafka::KafkaClient;
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::cli::interrupt::Interrupts;
use crate::cli::{Global, author, output};
use crate::dlq::settle::{self, Done, Limits, Repair, Returned, Run, Stop, Work};
use crate::dlq::{Export, Filter, Ledger, LedgerRun};
use crate::model::TopicName;
use crate::ports::journal::LEDGER_TOPIC;
use crate::ports::records::{RecordSink, RecordSource};
use crate::ports::{Failure, FailureKind};
use crate::render::Format;
use crate::render::dlq::settling::{Outcome, SettlingDocument, SettlingView};

/// What is to be done with the dead letters of a queue.
pub struct Settling<'a> {
    /// The queue.
    pub open: &'a OpenQueue,
    /// Which of them.
    pub filter: &'a Filter,
    /// The same in words.
    pub given: Vec<String>,
    /// What.
    pub work: Work<'a>,
    /// How many, and how fast.
    pub limits: Limits,
    /// Whether it is to be done; otherwise it is said what would be.
    pub yes: bool,
    /// Why, for the ledger.
    pub reason: Option<String>,
    /// When it stops by itself, where it does.
    pub watching: Option<Watching>,
    /// The other cluster that records are sent to, where it is another one.
    pub across: Option<Across<'a>>,
}

/// Another cluster that records are sent to.
pub struct Across<'a> {
    /// Its brokers.
    pub kafka: &'a KafkaClient,
    /// The topics that are not on it, but on the queue's cluster.
    pub stays: BTreeSet<TopicName>,
}

/// Opens the export of a run.
pub type OpenExport<'a> = &'a mut dyn FnMut(Uuid) -> Result<Box<dyn Export>, CommandError>;

impl Settling<'_> {
    /// Does it, or says what would be done, and shows that. What is given up is exported before.
    pub fn carry_out(
        self,
        export: Option<OpenExport<'_>>,
        format: Format,
        global: &Global,
    ) -> Result<Exit, CommandError> {
        let (open, yes, filter) = (self.open, self.yes, self.filter);
        let repair = self.work.repair();
        let interrupts = Interrupts::listen();
        let (outcome, ended) = tokio::task::block_in_place(|| self.run(export, &interrupts, global))?;
        if ended.is_ok() && outcome.done.total() == 0 && outcome.done.stay.is_empty() && outcome.done.left_out > 0 {
            open.tell_unmet(filter)?;
        }
        let document = SettlingDocument::of(&open.queue, open.cluster.cluster.as_str(), &outcome)
            .transformed(repair.map(Repair::told));
        output::view(&SettlingView { document: &document }, format, global)?;
        let is_begun = yes && outcome.done.total() > 0;
        // Nothing was meant or could be repaired because nothing could be read, and not because nothing is there.
        let has_read_none = outcome.done.total() == 0 && open.decoder.lost().is_some();
        match (ended, outcome.done.stopped) {
            // What was settled stays so.
            (Err(failure), _) if is_begun => Err(CommandError::from(told(failure, open)).partly()),
            (Err(failure), _) => Err(told(failure, open).into()),
            (Ok(()), Some(Stop::CanaryFailed | Stop::CanaryUnread | Stop::CanaryUnseen | Stop::FailedAgain)) => {
                Ok(Exit::Partly)
            }
            (Ok(()), Some(Stop::Interrupted)) if is_begun => Ok(Exit::Partly),
            (Ok(()), Some(Stop::Interrupted)) => Ok(Exit::Interrupted),
            _ if has_read_none => Ok(Exit::CouldNot),
            _ => Ok(Exit::Done),
        }
    }

    fn run(
        self,
        export: Option<OpenExport<'_>>,
        interrupts: &Interrupts,
        global: &Global,
    ) -> Result<(Outcome, Result<(), Failure>), CommandError> {
        let (open, run) = (self.open, Uuid::now_v7());
        let (stretches, before) = open.waiting_of(self.filter);
        Handle::current().block_on(tell_other_run(open, !self.yes));
        let most_bytes = match &self.work {
            Work::Redrive { terms, .. } => {
                let parking = terms.parking.iter().map(|parking| &parking.target);
                terms.targets.values().chain(parking).filter_map(|target| target.most_bytes).min()
            }
            Work::Discard => None,
        };
        let begun = match self.yes {
            true => Some(begin_across(open, "settle the dead letters", most_bytes, self.across.as_ref())?),
            false => None,
        };
        let (mut sink, newest) = match begun {
            Some(Begun { sink, ledger, partitions }) => (Some(sink), Some((ledger, partitions))),
            None => (None, None),
        };
        let repair = self.work.repair();
        let transform = repair.map(|repair| repair.digest().to_owned());
        let about = LedgerRun { transform, ..about(open, self.reason, self.given) };
        let of = Run {
            queue: &open.queue,
            id: open.id,
            run,
            about: &about,
            ledger_partitions: newest.as_ref().map_or(1, |(_, partitions)| *partitions),
            filter: self.filter,
            work: self.work,
            limits: self.limits,
            stretches: &stretches,
            settled: newest.as_ref().map_or(&open.ledger.settled, |(ledger, _)| &ledger.settled),
            seen: newest.as_ref().map_or(&open.ledger.seen, |(ledger, _)| &ledger.seen),
            starts: open.starts(),
        };
        let mut export = match export.filter(|_| self.yes) {
            Some(open) => Some(open(run)?),
            None => None,
        };
        if self.yes {
            interrupts.begin_to_write();
        }
        let mut watch = Watch::new(Scanning::new(&stretches), interrupts, global);
        if let Some(watching) = self.watching.as_ref().filter(|_| self.yes) {
            watch = watch.of_sent(open, watching, Returned::new(run, &open.queue.topic, &open.stretches));
        }
        let export_name = export.as_ref().map(|export| export.name().to_owned());
        let export = export.as_mut().map(|export| &mut **export as &mut dyn Export);
        let began = Instant::now();
        let (mut done, ended) = settle::run(&open.kafka, sink.as_mut(), export, &of, &mut watch);
        let took = began.elapsed();
        if let (Some(name), 0, Some(Stop::Interrupted)) = (export_name, done.total(), done.stopped) {
            anstream::eprintln!("nothing was given up; {name} stays as it is: run it again with another name");
        }
        let came_back = watch.came_back().filter(|_| done.total_sent() > 0);
        done.settled += before;
        let estimate = (!self.yes).then(|| estimate(&done, &of.limits, took, self.watching.as_ref()));
        let outcome = Outcome {
            run,
            is_real: self.yes,
            failure: ended.as_ref().err().cloned(),
            estimate,
            came_back,
            is_across: self.across.is_some(),
            done,
        };
        Ok((outcome, ended))
    }
}

/// How long it would take, from how long a dry run took.
fn estimate(done: &Done, limits: &Limits, took: Duration, watching: Option<&Watching>) -> Duration {
    let paced = limits.rate.map_or(0.0, |rate| done.total() as f64 / rate);
    let waits = watching.filter(|_| limits.canary.is_some_and(|canary| canary < done.total_sent()));
    let moving = Duration::try_from_secs_f64(paced).unwrap_or(Duration::MAX).max(took);
    moving.saturating_add(waits.map_or(Duration::ZERO, |watching| watching.canary_wait))
}

/// A writer to the ledger, and what it says now.
pub struct Begun {
    /// Whoever worked on the queue before has ended now.
    pub sink: Box<dyn RecordSink>,
    /// What was settled up to then.
    pub ledger: Ledger,
    /// How many partitions the ledger has.
    pub partitions: usize,
}

/// Begins to settle dead letters of a queue: nobody else does from now on. Batches are no larger than `most_bytes`. It blocks.
pub fn begin(open: &OpenQueue, what: &str, most_bytes: Option<i64>) -> Result<Begun, CommandError> {
    begin_across(open, what, most_bytes, None)
}

fn begin_across(
    open: &OpenQueue,
    what: &str,
    most_bytes: Option<i64>,
    across: Option<&Across<'_>>,
) -> Result<Begun, CommandError> {
    let partitions = ledger_partitions(open)?;
    let tried = format!("{what} of {}", open.queue.topic);
    let (id, mark) = (open.transactional_id(), open.mark());
    let boxed = |failure| told(failure, open);
    let sink: Box<dyn RecordSink> = match across {
        None => Box::new(open.kafka.transactions(&id, &mark, &tried, most_bytes).map_err(boxed)?),
        Some(across) => {
            let there = (across.kafka, across.stays.clone());
            Box::new(open.kafka.transactions_across(&id, &mark, &tried, most_bytes, there).map_err(boxed)?)
        }
    };
    let ledger = Ledger::read(&open.kafka, open.id)?;
    Ok(Begun { sink, ledger, partitions })
}

/// How many partitions the ledger has. Without one nothing is done. It blocks.
pub fn ledger_partitions(open: &OpenQueue) -> Result<usize, CommandError> {
    let name: TopicName = LEDGER_TOPIC.parse().expect("the name is a topic's");
    match open.kafka.partitions(&name) {
        Ok(partitions) => Ok(partitions.len()),
        Err(failure) if failure.kind == FailureKind::NotFound => Err(CommandError::refused(format!(
            "the ledger {LEDGER_TOPIC} is not there, so that nothing could be known of what is done"
        ))
        .hint("`busctl apply` makes it, with the other topics of the tool's own")),
        Err(failure) => Err(failure.into()),
    }
}

/// What the ledger says of a run that begins now.
pub fn about(open: &OpenQueue, reason: Option<String>, filter: Vec<String>) -> LedgerRun {
    LedgerRun { reason, filter, ..LedgerRun::new(&open.queue.topic, author::origin(open.context), now()) }
}

/// A failure in words of dead letters.
pub fn told(failure: Failure, open: &OpenQueue) -> Failure {
    match failure.kind {
        FailureKind::Fenced => Failure {
            answer: format!("another run has begun on {}, and this one has stopped", open.queue.topic),
            hint: Some(
                "what it had sent is in the ledger; see it with `busctl dlq ledger`, and let one run go on".into(),
            ),
            ..failure
        },
        _ => failure,
    }
}
