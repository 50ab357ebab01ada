use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::filter::FilterArgs;
use super::queue::OpenQueue;
use super::settling::Settling;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::dlq::settle::{Limits, Newest, Repair, Target, Terms, Timing, Work};
use crate::dlq::{Filter, VARIABLES};
use crate::model::TopicName;
use crate::policy::custom::{ExpressionError, OpenExpression};
use crate::ports::kafka::KafkaAdmin;
use crate::ports::{Failure, FailureKind};

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

    /// Make their values anew with this expression in CEL, or with that of a file: `value.with({'price': 0})`. What it makes is
    /// encoded with the newest schema of the topic, and stays in the queue where it does not fit that
    #[arg(long, value_name = "FILE|EXPRESSION")]
    transform: Option<String>,

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
    let transform = args.transform.as_deref().map(expression).transpose()?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    let filter = open.filtered(filter);
    let repair = transform.as_ref().map(|transform| transform.repair(&open)).transpose()?;
    let terms = terms(&open, args, &filter, now.unix_millis()).await?;
    let newest = newest(&open, &filter, &terms)?;
    let settling = Settling {
        open: &open,
        filter: &filter,
        given: args.filter.as_given(),
        work: Work::Redrive {
            terms: &terms,
            is_superseded: &|topic, letter, told| newest.supersedes(topic, letter, told),
            repair: repair.as_ref(),
        },
        limits: Limits { max: args.max, rate: args.rate },
        yes: args.yes,
        reason: args.reason.clone(),
    };
    settling.carry_out(None, args.format.format, global)
}

/// An expression that makes values anew.
struct Transform {
    text: String,
    /// The file that it is in.
    file: Option<PathBuf>,
}

/// The largest file that is read for one, in bytes.
const LARGEST: u64 = 1 << 20;

/// The expression of `--transform`: that of a file, where there is one of this name or the name says that it is meant.
fn expression(given: &str) -> Result<Transform, CommandError> {
    let path = Path::new(given);
    let is_file = path.is_file();
    let looks_like_one = path.extension().is_some_and(|extension| extension == "cel");
    if !is_file && !looks_like_one {
        let transform = Transform { text: given.to_owned(), file: None };
        return transform.checked();
    }
    let failed = |error: io::Error| {
        CommandError::usage(format!("--transform: could not read {}: {error}", path.display()))
            .hint("name a file with an expression in it, or write the expression itself")
    };
    let file = File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(failed)?;
    Transform { text: text.trim_end().to_owned(), file: Some(path.to_owned()) }.checked()
}

impl Transform {
    /// The same, where it can be read.
    fn checked(self) -> Result<Self, CommandError> {
        match OpenExpression::compile(&self.text, VARIABLES) {
            Ok(_) => Ok(self),
            Err(error) => Err(self.wrong(&error)),
        }
    }

    fn wrong(&self, error: &ExpressionError) -> CommandError {
        match &self.file {
            Some(file) => CommandError::usage(format!(
                "--transform {}:{}:{}: {}",
                file.display(),
                error.line,
                error.column,
                error.message
            ))
            .hint(error.help.clone().unwrap_or_else(|| "docs/dlq.md shows how expressions are written".to_owned())),
            None => CommandError::usage(format!("--transform: {error}"))
                .hint("there is no file of that name, so it is taken for the expression itself"),
        }
    }

    fn repair(&self, open: &OpenQueue) -> Result<Repair, CommandError> {
        Repair::new(&self.text, open.decoder.clone()).map_err(|error| self.wrong(&error))
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

/// The topics that dead letters come from which wait and are meant, by their own word.
fn origins(open: &OpenQueue, filter: &Filter) -> Result<BTreeSet<TopicName>, Failure> {
    let mut origins = BTreeSet::new();
    open.each_waiting(filter, |_, told| {
        if let Some(origin) = told.origin.topic.as_deref().and_then(|topic| topic.parse().ok()) {
            origins.insert(origin);
        }
    })?;
    Ok(origins)
}

/// The newest records of the keys of dead letters in compacted topics.
fn newest(open: &OpenQueue, filter: &Filter, terms: &Terms) -> Result<Newest, Failure> {
    let compacted: Vec<&TopicName> =
        terms.targets.iter().filter(|(_, target)| target.is_compacted).map(|(topic, _)| topic).collect();
    let mut newest = Newest::default();
    if compacted.is_empty() {
        return Ok(newest);
    }
    let mut keys = HashSet::new();
    open.each_waiting(filter, |letter, _| keys.extend(letter.key.map(Into::into)))?;
    tokio::task::block_in_place(|| compacted.into_iter().try_for_each(|topic| newest.read(&open.kafka, topic, &keys)))?;
    Ok(newest)
}
