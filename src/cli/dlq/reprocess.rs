use std::time::Duration;

use super::filter::FilterArgs;
use super::guard::refuse_live_consumers;
use super::queue::OpenQueue;
use super::settling::{Across, Settling};
use super::terms::{Asked, Sources, newest, terms};
use super::transform::expression;
use super::watching::Watching;
use crate::adapters::kafka::KafkaClient;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg, parse_time};
use crate::cli::connect::{check_cluster_id, connect};
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::dlq::settle::{Limits, Timing, Work};
use crate::model::{GroupId, Percent, TopicName};
use crate::ports::journal::LEDGER_TOPIC;
use crate::ports::kafka::KafkaAdmin;

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

    /// Send them to this topic; by default each goes to where it comes from
    #[arg(long, value_name = "TOPIC")]
    to: Option<TopicName>,

    /// Send those that failed in this consumer group to its retry topic, so that no other group gets them again
    #[arg(long, value_name = "GROUP", conflicts_with = "to")]
    to_retry: Option<GroupId>,

    /// Send them to another cluster: each one at least once, for no transaction spans two
    #[arg(long, value_name = "CLUSTER", conflicts_with_all = ["to_retry", "canary"])]
    to_cluster: Option<String>,

    /// Send at most so many
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    /// Send at most so many a second
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    rate: Option<f64>,

    /// Send so many first, and the others where none of these came back and their group has read them
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    canary: Option<u64>,

    /// How long to wait after these
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_time)]
    canary_wait: Duration,

    /// Stop when more than this share of what was sent came back into the queue
    #[arg(long, value_name = "SHARE", default_value = "5%")]
    max_failures: Percent,

    /// Send also where a consumer group reads the dead-letter topic itself
    #[arg(long)]
    with_live_consumer: bool,

    /// How often a record may be sent again; one that came back as often is parked
    #[arg(long, value_name = "NUMBER", default_value = "3", value_parser = clap::value_parser!(u32).range(1..))]
    max_attempts: u32,

    /// The topic that takes those which were sent again often enough; by default the one that `naming.parking` names, where it is
    /// there, else they stay
    #[arg(long, value_name = "TOPIC")]
    park: Option<TopicName>,

    /// The timestamp that they get: keep, or now
    #[arg(long, value_name = "WHICH", default_value = "keep", hide_possible_values = true)]
    timestamp: TimingArg,

    /// Make their values anew with this expression in CEL, or with that of a file: `value.with({'price': 0})`. What it makes is
    /// encoded with the newest schema of the topic, and stays in the queue where it does not fit that
    #[arg(long, value_name = "FILE|EXPRESSION", conflicts_with = "to_cluster")]
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
    // A slower run has no end that a clock could tell.
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate >= 0.001);
    rate.ok_or_else(|| "write how many records a second: a number from 0.001 on, such as 50 or 0.5".to_owned())
}

/// Says what would be sent, and sends it where that is wanted.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let now = now();
    let filter = args.filter.filter(now)?;
    let transform = args.transform.as_deref().map(expression).transpose()?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    open.refuse_what_is_no_queue()?;
    let filter = open.filtered(filter)?;
    let repair = transform.as_ref().map(|transform| transform.repair(&open)).transpose()?;
    let there = match &args.to_cluster {
        Some(name) => Some(other_cluster(&open, name, args.timeout.timeout).await?),
        None => None,
    };
    // With one topic for all, where they come from matters to nobody but to who looks how it goes.
    let sources = match args.to.is_none() || args.canary.is_some() {
        true => Sources::read(&open, &filter)?,
        false => Sources::default(),
    };
    let asked = Asked {
        to: args.to.as_ref(),
        to_retry: args.to_retry.as_ref(),
        park: args.park.as_ref(),
        max_attempts: args.max_attempts,
        timing: match args.timestamp {
            TimingArg::Keep => Timing::Keep,
            TimingArg::Now => Timing::Now,
        },
        there: there.as_ref().zip(args.to_cluster.as_deref()),
    };
    let terms = terms(&open, &asked, &sources, now.unix_millis()).await?;
    refuse_live_consumers(&open, args.with_live_consumer, !args.yes).await?;
    let newest = newest(&open, &filter, &terms, there.as_ref().unwrap_or(&open.kafka))?;
    let stays = || terms.parking.iter().map(|parking| parking.topic.clone()).chain(LEDGER_TOPIC.parse().ok()).collect();
    let settling = Settling {
        open: &open,
        filter: &filter,
        given: args.filter.as_given(),
        work: Work::Redrive {
            terms: &terms,
            is_superseded: &|topic, letter, told| match there {
                None => newest.supersedes(topic, letter, told),
                // On another cluster the same offset is another record.
                Some(_) => newest.supersedes(topic, letter, &told.elsewhere()),
            },
            repair: repair.as_ref(),
        },
        limits: Limits { max: args.max, rate: args.rate, canary: args.canary },
        yes: args.yes,
        reason: args.reason.clone(),
        // What another cluster's consumers cannot process comes into no queue of this one.
        watching: there.is_none().then(|| Watching {
            canary_wait: args.canary_wait,
            max_failures: args.max_failures,
            groups: args.to_retry.clone().map_or_else(|| sources.groups(&open), |group| vec![group]),
            topics: args.canary.iter().flat_map(|_| terms.targets.keys().cloned()).collect(),
        }),
        across: there.as_ref().map(|kafka| Across { kafka, stays: stays() }),
    };
    settling.carry_out(None, args.format.format, global)
}

/// Connects to another cluster of the workspace.
async fn other_cluster(open: &OpenQueue, name: &str, timeout: Duration) -> Result<KafkaClient, CommandError> {
    let cluster = open.context.cluster(&ClusterArg { cluster: Some(name.to_owned()) })?;
    let kafka = connect(open.context, cluster, timeout).await?.kafka;
    let id = kafka.cluster().await?.id;
    check_cluster_id(open.context, cluster, &id)?;
    if id == open.kafka.cluster().await?.id {
        return Err(CommandError::usage(format!("{name} is the cluster that {} is on", open.queue.topic))
            .hint("leave --to-cluster out: on one cluster each record arrives once"));
    }
    Ok(kafka)
}
