use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use uuid::Uuid;

use super::filter::FilterArgs;
use super::queue::OpenQueue;
use super::scanning::Scanning;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::context::{Context, now};
use crate::cli::error::{CommandError, Exit};
use crate::cli::interrupt::Interrupts;
use crate::cli::{author, output};
use crate::dlq::redrive::{Limits, Progress, Redrive, Redriven, Stop, Target, Terms, Timing, redrive};
use crate::dlq::{Filter, Ledger, LedgerRun, Told};
use crate::model::{TopicName, counted};
use crate::ports::journal::LEDGER_TOPIC;
use crate::ports::kafka::KafkaAdmin;
use crate::ports::records::RecordSource;
use crate::ports::{Failure, FailureKind};
use crate::render::dlq::reprocess::{ReprocessDocument, ReprocessView};

/// Options of `dlq reprocess`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dead-letter topic
    topic: TopicName,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    filter: FilterArgs,

    /// Send them; without it nothing is sent, and it is shown what would be
    #[arg(short, long)]
    yes: bool,

    /// Send them to this topic, such as the retry topic of one consumer group; by default each goes to where it comes from
    #[arg(long, value_name = "TOPIC")]
    to: Option<TopicName>,

    /// Send at most so many
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    /// Send at most so many a second
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    rate: Option<f64>,

    /// How often a record may be sent again; one that came back as often is parked
    #[arg(long, value_name = "NUMBER", default_value = "3", value_parser = clap::value_parser!(u32).range(1..))]
    max_attempts: u32,

    /// The topic that takes those which were sent again often enough; by default they stay
    #[arg(long, value_name = "TOPIC")]
    park: Option<TopicName>,

    /// The timestamp that they get: keep, or now
    #[arg(long, value_name = "WHICH", default_value = "keep", hide_possible_values = true)]
    timestamp: TimingArg,

    /// Why, for the ledger
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    format: FormatArg,
}

/// Which timestamp records get.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum TimingArg {
    Keep,
    Now,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "write how many records a second: a number above 0, such as 50 or 0.5".to_owned())
}

/// Says what would be sent, and sends it where that is wanted.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let now = now();
    let filter = args.filter.filter(now)?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    let terms = terms(&open, args, &filter, now.unix_millis()).await?;
    let interrupts = Interrupts::listen();
    let sending = Sending { open: &open, args, filter: &filter, terms: &terms, interrupts: &interrupts };
    let (run, done, ended) = tokio::task::block_in_place(|| sending.run(global))?;
    let document =
        ReprocessDocument::of(&open.queue, open.cluster.cluster.as_str(), run, args.yes, &done, ended.as_ref().err());
    output::view(&ReprocessView { document: &document }, args.format.format, global)?;
    let some = done.total_sent() + done.parked > 0;
    match (ended, done.stopped) {
        (Err(failure), _) => {
            let error = CommandError::from(told(failure, &open));
            // What was sent stays sent.
            Err(if some && args.yes { error.partly() } else { error })
        }
        (Ok(()), Some(Stop::Interrupted | Stop::Returned)) if some && args.yes => Ok(Exit::Partly),
        (Ok(()), Some(Stop::Interrupted)) => Ok(Exit::Interrupted),
        _ => Ok(Exit::Done),
    }
}

/// A failure in words of dead letters.
fn told(failure: Failure, open: &OpenQueue) -> Failure {
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

/// What the topics that are written to take.
async fn terms(open: &OpenQueue, args: &Args, filter: &Filter, now: i64) -> Result<Terms, CommandError> {
    let mut names: BTreeSet<TopicName> = args.to.iter().chain(&args.park).chain(&open.queue.origin).cloned().collect();
    if args.to.is_none() {
        names.extend(origins(open, filter)?);
    }
    if names.contains(&open.queue.topic) {
        return Err(CommandError::usage(format!("{} would be sent its own records", open.queue.topic))
            .hint("name another topic with --to"));
    }
    let names: Vec<TopicName> = names.into_iter().collect();
    let (described, configs) = tokio::join!(open.kafka.describe_topics(&names), open.kafka.topic_configs(&names));
    let (described, configs) = (described?, configs?);
    let mut targets = BTreeMap::new();
    for (name, described) in names.iter().zip(described) {
        match described {
            Ok(info) => {
                let partitions = i32::try_from(info.partitions.len()).unwrap_or(i32::MAX);
                targets.insert(name.clone(), Target::of(partitions, &configs.effective(name)?));
            }
            // Its records stay, which is told of them.
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    for asked in args.to.iter().chain(&args.park) {
        if !targets.contains_key(asked) {
            return Err(CommandError::usage(format!("there is no topic {asked} on {}", open.cluster.cluster.value)));
        }
    }
    Ok(Terms {
        to: args.to.clone(),
        presumed_origin: open.queue.origin.clone(),
        max_attempts: args.max_attempts,
        parking: args.park.clone(),
        timing: match args.timestamp {
            TimingArg::Keep => Timing::Keep,
            TimingArg::Now => Timing::Now,
        },
        targets,
        now,
    })
}

/// The topics that dead letters come from, by their own word.
fn origins(open: &OpenQueue, filter: &Filter) -> Result<BTreeSet<TopicName>, Failure> {
    let mut origins = BTreeSet::new();
    tokio::task::block_in_place(|| {
        open.kafka.scan(&open.queue.topic, &open.stretches_of(filter), &mut |record| {
            let told = Told::of(record);
            if let Some(origin) = told.origin.topic.as_deref().and_then(|topic| topic.parse().ok()) {
                origins.insert(origin);
            }
            Ok(ControlFlow::Continue(()))
        })
    })?;
    Ok(origins)
}

/// A run, and what it needs.
struct Sending<'a> {
    open: &'a OpenQueue,
    args: &'a Args,
    filter: &'a Filter,
    terms: &'a Terms,
    interrupts: &'a Interrupts,
}

impl Sending<'_> {
    /// Sends, or says what would be sent. It blocks.
    fn run(&self, global: &Global) -> Result<(Uuid, Redriven, Result<(), Failure>), CommandError> {
        let (open, run) = (self.open, Uuid::now_v7());
        let stretches = open.stretches_of(self.filter);
        let mut sink = None;
        let mut settled = &open.ledger.settled;
        let newest;
        let mut ledger_partitions = 1;
        if self.args.yes {
            // Whoever worked on the queue before has ended now, and what it did is in the ledger.
            let id = open.transactional_id();
            let tried = format!("send the dead letters of {}", open.queue.topic);
            sink = Some(open.kafka.transactions(&id, &tried).map_err(|failure| told(failure, open))?);
            ledger_partitions = open.ledger_partitions()?;
            newest = Ledger::read(&open.kafka, open.id)?;
            settled = &newest.settled;
            self.interrupts.begin_to_write();
        }
        let about = LedgerRun {
            format_version: 1,
            topic: open.queue.topic.to_string(),
            origin: author::origin(Context::load()?),
            began: now(),
            reason: self.args.reason.clone(),
            filter: self.args.filter.as_given(),
        };
        let plan = Redrive {
            queue: &open.queue,
            id: open.id,
            run,
            about: &about,
            ledger_partitions,
            filter: self.filter,
            terms: self.terms,
            limits: Limits { max: self.args.max, rate: self.args.rate },
            stretches: &stretches,
            settled,
            starts: open.stretches.iter().map(|stretch| (stretch.partition, stretch.from)).collect(),
            is_superseded: &|_, _, _| false,
        };
        let mut watch = Watch { scanning: Scanning::new(&stretches), interrupts: self.interrupts, global, said: 0 };
        let (done, ended) = redrive(&open.kafka, sink.as_mut(), &plan, &mut watch);
        Ok((run, done, ended))
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

    fn committed(&mut self, so_far: &Redriven) -> ControlFlow<Stop> {
        let sent = so_far.total_sent();
        if self.global.verbose && sent > self.said {
            anstream::eprintln!("{} sent", counted(sent, "record"));
            self.said = sent;
        }
        if self.interrupts.stopped() { ControlFlow::Break(Stop::Interrupted) } else { ControlFlow::Continue(()) }
    }
}

impl OpenQueue {
    /// How many partitions the ledger has.
    fn ledger_partitions(&self) -> Result<usize, CommandError> {
        let ledger: TopicName = LEDGER_TOPIC.parse().expect("the name is a topic's");
        match self.kafka.partitions(&ledger) {
            Ok(partitions) => Ok(partitions.len()),
            Err(failure) if failure.kind == FailureKind::NotFound => Err(CommandError::refused(format!(
                "the ledger {LEDGER_TOPIC} is not there, so that nothing could be known of what is sent"
            ))
            .hint("`busctl apply` makes it, with the other topics of the tool's own")),
            Err(failure) => Err(failure.into()),
        }
    }
}
