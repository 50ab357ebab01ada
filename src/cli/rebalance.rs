use std::collections::BTreeSet;
use std::path::PathBuf;

use super::args::{ClusterArg, Global, TimeoutArg};
use super::connect::{Systems, check_cluster_id};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::on_request::Request;
use super::planning::Planning;
use super::work::{RunArgs, ThrottleArg};
use crate::model::{TopicName, counted};
use crate::resources::cluster::ClusterSpec;
use crate::resources::placement::{Goal, Leaderless, Obstacle, observe, partitions_of, placements, rebalance};
use crate::resources::{Desired, Live, Rebalance};

/// Lines of what cannot be moved, where not everything is asked for.
const MOST_STUCK: usize = 20;

/// Options of `rebalance`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("goal").required(true).multiple(true))]
pub struct Args {
    /// Move everything off this broker: it leaves, or is gone. May be repeated, or several with commas
    #[arg(long, value_name = "BROKER", group = "goal", value_delimiter = ',')]
    drain: Vec<i32>,

    /// Move to this broker what its share is: it has come. May be repeated, or several with commas
    #[arg(long, value_name = "BROKER", group = "goal", value_delimiter = ',')]
    add: Vec<i32>,

    /// Spread the preferred leaders evenly, and have them lead
    #[arg(long, group = "goal")]
    leaders: bool,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Do it; without this, only say what would be done
    #[arg(short, long)]
    yes: bool,

    /// Save the plan to a file, for `apply FILE` and, later, `plan --undo FILE`
    #[arg(short, long, value_name = "FILE", conflicts_with = "yes")]
    output: Option<PathBuf>,

    #[command(flatten)]
    throttle: ThrottleArg,

    #[command(flatten)]
    run: RunArgs,
}

/// Plans a rebalance, and carries it out where that is wanted.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let goal = Goal {
        drain: args.drain.iter().copied().collect(),
        add: args.add.iter().copied().collect(),
        leaders: args.leaders,
    };
    if let Some(broker) = goal.drain.intersection(&goal.add).next() {
        return Err(CommandError::usage(format!("broker {broker} cannot be drained and added at once")));
    }
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let request = Request {
        throttle: args.throttle.bytes(),
        output: args.output.as_deref(),
        ..Request::new(global, (context, cluster), &args.timeout, &args.run)
    };
    let mut stuck = Vec::new();
    let choose = async |systems: &Systems| {
        Ok((choose((context, cluster), systems, &goal, &mut stuck, global.verbose).await?, None))
    };
    let exit = request.run(choose, |_| Ok(args.yes)).await?;
    if stuck.is_empty() || !args.yes || exit != Exit::Done {
        return Ok(exit);
    }
    anstream::eprintln!("not everything was moved: {} without a leader", counted(stuck.len() as u64, "partition"));
    Ok(Exit::Partly)
}

/// Looks at the brokers and chooses where everything goes.
async fn choose(
    (context, cluster): (&'static Context, &'static ClusterSpec),
    systems: &Systems,
    goal: &Goal,
    stuck: &mut Vec<(TopicName, u32)>,
    verbose: bool,
) -> Result<Desired<'static>, CommandError> {
    let nothing = Desired::of_brokers(&context.workspace, cluster, Default::default(), Rebalance::default());
    let live = Planning::new(nothing, None).observe(systems).await?;
    check_cluster_id(context, cluster, &live.cluster.id)?;
    if let Some(failure) = &live.topics.moves_hidden {
        return Err(failure.clone().into());
    }
    check_brokers(&live, goal)?;
    let sizes = observe(&systems.kafka, &live.topics, now()).await;
    if let Some(why) = sizes.missing.first() {
        anstream::eprintln!("warning: sizes are not all known, and count as nothing: {why}");
    }
    let partitions = partitions_of(&live.topics, Some(&sizes));
    let done = rebalance(&partitions, &live.cluster.brokers, goal).map_err(|obstacle| {
        let error = CommandError::refused(format!("could not find a place for every replica: {obstacle}"));
        match obstacle {
            Obstacle::TooFewBrokers { .. } => {
                error.hint("start another broker first, or lower the replication factor of what is on it")
            }
            Obstacle::NotThere(broker) | Obstacle::Gone(broker) => {
                error.hint(format!("start it, or move what is on it elsewhere as well: --drain {broker}"))
            }
        }
    })?;
    tell_stuck(&live, &done.stuck, verbose);
    let places = placements(&partitions, &live.topics, goal, &done);
    *stuck = done.stuck;
    let rebalance = Rebalance { elects: goal.leaders, cancels: BTreeSet::new() };
    Ok(Desired::of_brokers(&context.workspace, cluster, places, rebalance))
}

/// Says what stays on brokers that are drained, and what can be done about it.
fn tell_stuck(live: &Live, stuck: &[(TopicName, u32)], verbose: bool) {
    if stuck.is_empty() {
        return;
    }
    let mut leaderless = Leaderless::default();
    for (topic, number) in stuck {
        let found = live.topics.topics.get(topic).and_then(|found| found.partitions.get(*number as usize));
        found.into_iter().for_each(|found| leaderless.add(topic, *number, found));
    }
    let partitions = counted(stuck.len() as u64, "partition");
    anstream::eprintln!("warning: {partitions} cannot be moved: without a leader nothing is copied");
    let phrases = leaderless.phrases();
    let most = if verbose { usize::MAX } else { MOST_STUCK };
    phrases.iter().take(most).for_each(|phrase| anstream::eprintln!("    {phrase}"));
    if let Some(more) = phrases.len().checked_sub(most).filter(|more| *more > 0) {
        anstream::eprintln!("    … and {more} more (--verbose lists them)");
    }
    anstream::eprintln!(" help: {}", leaderless.help(", then run this again"));
}

/// Refuses brokers that nobody knows: most likely misspelt.
fn check_brokers(live: &Live, goal: &Goal) -> Result<(), CommandError> {
    let there: BTreeSet<i32> = live.cluster.brokers.iter().map(|broker| broker.id).collect();
    let partitions = live.topics.topics.values().flat_map(|topic| &topic.partitions);
    let used: BTreeSet<i32> = partitions.flat_map(|partition| partition.replicas.iter().copied()).collect();
    let unknown = |broker: i32| {
        let ids = there.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let brokers = counted(there.len() as u64, "broker");
        CommandError::usage(format!("there is no broker {broker}")).hint(format!("the cluster has {brokers}: {ids}"))
    };
    match goal.add.iter().find(|broker| !there.contains(broker)) {
        Some(broker) if used.contains(broker) => {
            Err(CommandError::refused(format!("broker {broker} does not take part in the cluster now"))
                .hint("start it, and run this again"))
        }
        Some(broker) => Err(unknown(*broker)),
        None => match goal.drain.iter().find(|broker| !there.contains(broker) && !used.contains(broker)) {
            Some(broker) => Err(unknown(*broker)),
            None => Ok(()),
        },
    }
}
