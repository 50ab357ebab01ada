use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use super::connect::{Systems, check_cluster_id, connect};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::on_request::Request;
use super::output;
use super::work::RunArgs;
use crate::apply::{BegunBy, MovedTopic, Moves, ThrottledTopic, bytes_left, waits_for};
use crate::model::{TopicName, counted};
use crate::ports::Failure;
use crate::ports::journal::{Event, Journal};
use crate::ports::kafka::{KafkaAdmin, OngoingReassignment};
use crate::render::moves::MovesView;
use crate::resources::{Desired, Rebalance};

/// Between the two looks that tell how fast replicas are copied.
const LOOKS_APART: Duration = Duration::from_secs(3);

/// What `reassign` does.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show which replicas are being moved, by whom, and how far they are
    Status(StatusArgs),
    /// Take back moves that are under way, and the throttle that busctl has set for them
    Cancel(CancelArgs),
}

/// Options of `reassign status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Options of `reassign cancel`.
#[derive(Debug, clap::Args)]
pub struct CancelArgs {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Also those that busctl has not begun
    #[arg(long)]
    all: bool,

    /// Do it; without this, only say what would be done
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    run: RunArgs,
}

/// Runs one of them.
pub async fn run(global: &Global, command: Command) -> Result<Exit, CommandError> {
    match command {
        Command::Status(args) => status(global, &args).await,
        Command::Cancel(args) => cancel(global, &args).await,
    }
}

async fn status(global: &Global, args: &StatusArgs) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let info = systems.kafka.cluster().await?;
    check_cluster_id(context, cluster, &info.id)?;
    let ongoing = systems.kafka.reassignments().await?;
    let intents = begun(&systems).await.unwrap_or_else(|failure| {
        anstream::eprintln!("warning: who began to move what is not known: {failure}");
        Vec::new()
    });
    let first = left(&systems, &ongoing).await;
    let topics = topics(&ongoing, &intents);
    let mut moves = Moves {
        format_version: 1,
        cluster: cluster.cluster.value.to_string(),
        cluster_id: info.id,
        throttled: ThrottledTopic::of(&intents, &topics),
        topics,
        bytes_left: first,
        bytes_per_second: None,
        seconds_left: None,
        waits_for: waits_for(&ongoing, &info.brokers.iter().map(|broker| broker.id).collect()),
    };
    if !ongoing.is_empty() && first.is_some() {
        tokio::time::sleep(LOOKS_APART).await;
        moves.pace(left(&systems, &ongoing).await, LOOKS_APART);
    }
    output::view(&MovesView { moves: &moves, verbose: global.verbose }, args.format.format, global)?;
    Ok(Exit::Done)
}

/// The intents of runs that have begun to move replicas and that nothing says the end of.
async fn begun(systems: &Systems) -> Result<Vec<Event>, Failure> {
    let intents = systems.journal().open_intents().await?;
    Ok(intents.into_iter().filter(Event::moves_replicas).collect())
}

async fn left(systems: &Systems, ongoing: &[OngoingReassignment]) -> Option<u64> {
    if ongoing.is_empty() {
        return Some(0);
    }
    let sizes = systems.kafka.replica_sizes(&partitions_of(ongoing)).await.ok()?;
    Some(bytes_left(ongoing, &sizes))
}

/// The partitions by topic.
fn partitions_of(ongoing: &[OngoingReassignment]) -> Vec<(TopicName, Vec<u32>)> {
    let mut partitions: BTreeMap<&TopicName, Vec<u32>> = BTreeMap::new();
    for one in ongoing {
        partitions.entry(&one.topic).or_default().push(one.partition);
    }
    partitions.into_iter().map(|(topic, numbers)| (topic.clone(), numbers)).collect()
}

fn topics(ongoing: &[OngoingReassignment], intents: &[Event]) -> Vec<MovedTopic> {
    let mut topics: BTreeMap<&TopicName, Vec<OngoingReassignment>> = BTreeMap::new();
    for one in ongoing {
        topics.entry(&one.topic).or_default().push(one.clone());
    }
    topics.into_iter().map(|(topic, partitions)| MovedTopic::new(topic, partitions, intents)).collect()
}

async fn cancel(global: &Global, args: &CancelArgs) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let request = Request::new(global, (context, cluster), &args.timeout, &args.run);
    let choose = async |systems: &Systems| {
        check_cluster_id(context, cluster, &systems.kafka.cluster().await?.id)?;
        let ongoing = systems.kafka.reassignments().await?;
        let intents = begun(systems).await;
        let known = intents.as_deref().unwrap_or_default();
        let besides = left_over(&ThrottledTopic::of(known, &topics(&ongoing, known)));
        let cancels = to_cancel(ongoing, &intents, args.all)?;
        if let Err(failure) = &intents {
            anstream::eprintln!("warning: whether a throttle is left over is not known: {failure}");
        }
        let rebalance = Rebalance { elects: false, cancels };
        Ok((Desired::of_brokers(&context.workspace, cluster, BTreeMap::new(), rebalance), besides))
    };
    request.run(choose, |_| Ok(args.yes)).await
}

/// What is taken away of the throttles of moves that are over.
fn left_over(throttled: &[ThrottledTopic]) -> Option<String> {
    let first = throttled.first()?;
    let topics = counted(throttled.len() as u64, "topic");
    let BegunBy { who, time, .. } = &first.begun_by;
    Some(format!(
        "Nothing is being moved of {topics}, such as {}, whose throttle is left over (set by {who} at {time}): it is taken \
         away.",
        first.topic
    ))
}

/// The topics whose moves are to be taken back. Those that somebody else began are named and left alone.
fn to_cancel(
    ongoing: Vec<OngoingReassignment>,
    intents: &Result<Vec<Event>, Failure>,
    all: bool,
) -> Result<BTreeSet<TopicName>, CommandError> {
    let moving: BTreeSet<TopicName> = ongoing.into_iter().map(|one| one.topic).collect();
    if all || moving.is_empty() {
        return Ok(moving);
    }
    let intents = intents.as_ref().map_err(|failure| {
        let topics = counted(moving.len() as u64, "topic");
        let error = CommandError::system(format!("who began to move {topics} is not known: {failure}"));
        failure
            .hint
            .iter()
            .cloned()
            .fold(error, CommandError::hint)
            .hint("once the record can be read, run it again; --all takes back what others began, too")
    })?;
    let ours: BTreeSet<&str> =
        intents.iter().filter_map(|intent| intent.address.as_ref()).map(|address| address.name.as_str()).collect();
    let (ours, others): (BTreeSet<TopicName>, BTreeSet<TopicName>) =
        moving.into_iter().partition(|topic| ours.contains(topic.as_str()));
    if let Some(first) = others.first() {
        let topics = counted(others.len() as u64, "topic");
        anstream::eprintln!("note: busctl did not begin to move {topics}, such as {first}: --all takes them too");
    }
    Ok(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_asked_of_what_is_moved_alone() {
        let one = |topic: &str, partition| OngoingReassignment {
            topic: topic.parse().expect("a topic"),
            partition,
            replicas: vec![1, 2],
            adding: vec![2],
            removing: vec![1],
        };
        let asked = partitions_of(&[one("a", 3), one("a", i32::MAX as u32), one("b", 0)]);
        let asked: Vec<(&str, &[u32])> = asked.iter().map(|(topic, numbers)| (topic.as_str(), &**numbers)).collect();
        assert_eq!(asked, [("a", &[3, i32::MAX as u32][..]), ("b", &[0])]);
    }
}
