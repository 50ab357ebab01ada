use std::collections::BTreeSet;

use super::apply::{RunArgs, ThrottleArg, Work, nothing_was_changed};
use super::args::{ClusterArg, Global, TimeoutArg};
use super::connect::{Systems, check_cluster_id, connect};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::interrupt::Interrupts;
use super::output;
use super::planning::Planning;
use crate::model::counted;
use crate::plan::Plan;
use crate::ports::journal::Journal;
use crate::render::Format;
use crate::render::plan::{PlanView, nothing_asked};
use crate::resources::cluster::ClusterSpec;
use crate::resources::placement::{Goal, Obstacle, observe, partitions_of, placements, rebalance};
use crate::resources::{Desired, Live, Rebalance};

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
    let interrupts = Interrupts::listen();
    let planned = async {
        let systems = connect(context, cluster, args.timeout.timeout).await?;
        systems.journal().prepare();
        let position = systems.journal().position().await.ok();
        let mut planning = Planning::new(choose(context, cluster, &systems, &goal).await?, None);
        let plan = planning.plan_live(&systems).await?;
        Ok::<_, CommandError>((systems, position, planning, plan))
    };
    let (systems, position, mut planning, plan) = tokio::select! {
        planned = planned => planned?,
        () = interrupts.interrupted() => return Err(nothing_was_changed()),
    };
    let work = Work {
        global,
        args: &args.run,
        throttle: args.throttle.bytes(),
        context,
        cluster,
        systems: &systems,
        position,
        interrupts: &interrupts,
    };
    work.on_request(plan, &mut planning, args.yes).await
}

impl Work<'_> {
    /// Shows a plan of what nobody declares, and carries it out where that is wanted.
    pub(super) async fn on_request(
        &self,
        plan: Plan,
        planning: &mut Planning<'_>,
        yes: bool,
    ) -> Result<Exit, CommandError> {
        let view = PlanView { plan: &plan, verbose: self.global.verbose };
        let nothing = plan.is_empty() && plan.complete && plan.findings.is_empty();
        match self.args.format.format {
            Format::Text if nothing => output::data(&nothing_asked(&plan))?,
            // Of what is not carried out, the plan is the data.
            format if !yes => output::view(&view, format, self.global)?,
            Format::Text => self.args.show(&view, Format::Text, self.global)?,
            _ => output::view_beside_data(&view, self.global),
        }
        if !plan.complete {
            anstream::eprintln!("nothing was changed: not everything could be seen");
            return Ok(Exit::CouldNot);
        }
        if !yes {
            if !plan.is_empty() {
                anstream::eprintln!("nothing was changed; to do it: --yes");
            }
            return Ok(Exit::Done);
        }
        if self.interrupts.stopped() {
            return Err(nothing_was_changed());
        }
        self.carry_out(plan, planning).await
    }
}

/// Looks at the brokers and chooses where everything goes.
async fn choose(
    context: &'static Context,
    cluster: &'static ClusterSpec,
    systems: &Systems,
    goal: &Goal,
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
            Obstacle::NotThere(broker) => {
                error.hint(format!("start it, or move what is on it elsewhere as well: --drain {broker}"))
            }
        }
    })?;
    let places = placements(&partitions, &live.topics, goal, done);
    let rebalance = Rebalance { elects: goal.leaders, cancels: BTreeSet::new() };
    Ok(Desired::of_brokers(&context.workspace, cluster, places, rebalance))
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
        Some(broker) => Err(unknown(*broker)),
        None => match goal.drain.iter().find(|broker| !there.contains(broker) && !used.contains(broker)) {
            Some(broker) => Err(unknown(*broker)),
            None => Ok(()),
        },
    }
}
