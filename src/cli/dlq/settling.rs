use std::ops::ControlFlow;

use uuid::Uuid;

use super::queue::OpenQueue;
use super::scanning::Scanning;
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::cli::interrupt::Interrupts;
use crate::cli::{Global, author, output};
use crate::dlq::settle::{self, Done, Limits, Progress, Repair, Run, Stop, Work};
use crate::dlq::{Export, Filter, Ledger, LedgerRun};
use crate::model::{TopicName, counted};
use crate::ports::journal::LEDGER_TOPIC;
use crate::ports::records::RecordSource;
use crate::ports::{Failure, FailureKind};
use crate::render::Format;
use crate::render::dlq::settling::{SettlingDocument, SettlingView};

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
        let (open, yes) = (self.open, self.yes);
        let repair = match &self.work {
            Work::Redrive { repair, .. } => *repair,
            Work::Discard => None,
        };
        let interrupts = Interrupts::listen();
        let (run, done, ended) = tokio::task::block_in_place(|| self.run(export, &interrupts, global))?;
        let cluster = open.cluster.cluster.as_str();
        let document = SettlingDocument::of(&open.queue, cluster, run, yes, &done, ended.as_ref().err())
            .transformed(repair.map(Repair::told));
        output::view(&SettlingView { document: &document }, format, global)?;
        let is_begun = yes && done.total() > 0;
        match (ended, done.stopped) {
            // What was settled stays so.
            (Err(failure), _) if is_begun => Err(CommandError::from(told(failure, open)).partly()),
            (Err(failure), _) => Err(told(failure, open).into()),
            (Ok(()), Some(Stop::Interrupted)) if is_begun => Ok(Exit::Partly),
            (Ok(()), Some(Stop::Interrupted)) => Ok(Exit::Interrupted),
            _ => Ok(Exit::Done),
        }
    }

    fn run(
        self,
        export: Option<OpenExport<'_>>,
        interrupts: &Interrupts,
        global: &Global,
    ) -> Result<(Uuid, Done, Result<(), Failure>), CommandError> {
        let (open, run) = (self.open, Uuid::now_v7());
        let stretches = open.stretches_of(self.filter);
        let begun = if self.yes { Some(begin(open, "settle the dead letters")?) } else { None };
        let (mut sink, newest) = match begun {
            Some(Begun { sink, ledger, partitions }) => (Some(sink), Some((ledger, partitions))),
            None => (None, None),
        };
        let repair = match &self.work {
            Work::Redrive { repair, .. } => *repair,
            Work::Discard => None,
        };
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
            starts: open.stretches.iter().map(|stretch| (stretch.partition, stretch.from)).collect(),
        };
        let mut export = match export.filter(|_| self.yes) {
            Some(open) => Some(open(run)?),
            None => None,
        };
        if self.yes {
            interrupts.begin_to_write();
        }
        let mut watch = Watch { scanning: Scanning::new(&stretches), interrupts, global, said: 0 };
        let export = export.as_mut().map(|export| &mut **export as &mut dyn Export);
        let (done, ended) = settle::run(&open.kafka, sink.as_mut(), export, &of, &mut watch);
        Ok((run, done, ended))
    }
}

/// A writer to the ledger, and what it says now.
pub struct Begun<S> {
    /// Whoever worked on the queue before has ended now.
    pub sink: S,
    /// What was settled up to then.
    pub ledger: Ledger,
    /// How many partitions the ledger has.
    pub partitions: usize,
}

/// Begins to settle dead letters of a queue: nobody else does from now on. It blocks.
pub fn begin(
    open: &OpenQueue,
    what: &str,
) -> Result<Begun<impl crate::ports::records::RecordSink + use<>>, CommandError> {
    let name: TopicName = LEDGER_TOPIC.parse().expect("the name is a topic's");
    let partitions = match open.kafka.partitions(&name) {
        Ok(partitions) => partitions.len(),
        Err(failure) if failure.kind == FailureKind::NotFound => {
            return Err(CommandError::refused(format!(
                "the ledger {LEDGER_TOPIC} is not there, so that nothing could be known of what is done"
            ))
            .hint("`busctl apply` makes it, with the other topics of the tool's own"));
        }
        Err(failure) => return Err(failure.into()),
    };
    let tried = format!("{what} of {}", open.queue.topic);
    let sink = open.kafka.transactions(&open.transactional_id(), &tried).map_err(|failure| told(failure, open))?;
    let ledger = Ledger::read(&open.kafka, open.id)?;
    Ok(Begun { sink, ledger, partitions })
}

/// What the ledger says of a run that begins now.
pub fn about(open: &OpenQueue, reason: Option<String>, filter: Vec<String>) -> LedgerRun {
    LedgerRun {
        format_version: 1,
        topic: open.queue.topic.to_string(),
        origin: author::origin(open.context),
        began: now(),
        reason,
        filter,
        transform: None,
    }
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

struct Watch<'a> {
    scanning: Scanning,
    interrupts: &'a Interrupts,
    global: &'a Global,
    said: u64,
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
        if self.interrupts.stopped() { ControlFlow::Break(Stop::Interrupted) } else { ControlFlow::Continue(()) }
    }
}
