//! Plans of every cluster in one run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::args::Global;
use super::connect::{connect, is_down};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::plan::{Args, exit_of, hint_cluster_id};
use super::planning::Planning;
use super::{output, snapshot};
use crate::apply::verify;
use crate::plan::{ClusterPlan, Plan, PlanOutcome, Plans};
use crate::render::plans::PlansView;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;

/// How many clusters are asked at once.
const AT_ONCE: usize = 8;

/// Plans every cluster. One that cannot be reached does not stop the others.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    // What the environment says for every command is no contradiction.
    if args.cluster.cluster.is_some() && args.cluster.cluster != std::env::var("BUSCTL_CLUSTER").ok() {
        return Err(
            CommandError::usage("--all plans every cluster, and --cluster names one").hint("give one of the two")
        );
    }
    let context = Context::load()?;
    let clusters: Vec<&'static ClusterSpec> = context.workspace.clusters.values().collect();
    if let Some(unreadable) = context.unreadable_clusters().filter(|_| clusters.is_empty()) {
        return Err(unreadable);
    }
    if clusters.is_empty() {
        return Err(CommandError::usage("the workspace has no cluster").hint("`busctl new cluster NAME` makes one"));
    }
    let listed = args.baseline.read()?;
    let mut saved = snapshots(context, &args.live)?;
    let checking = tokio::task::spawn_blocking({
        let clusters = clusters.clone();
        move || context.findings(&clusters)
    });
    let planned = match context.is_broken() {
        true => None,
        false => {
            let planned = stream::iter(clusters).map(|cluster| {
                let saved = saved.remove(cluster.cluster.as_str());
                async move { (cluster, of_cluster(context, cluster, saved, args).await) }
            });
            Some(planned.buffered(AT_ONCE).collect::<Vec<_>>().await)
        }
    };
    let mut findings = checking.await.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))?;
    listed.leave_out(&mut findings, &context.workspace.sources);
    context.print_findings(&findings, global)?;
    let Some(planned) = planned else { return Ok(Exit::Findings) };
    let mut exits = vec![output::exit_of(&findings)];
    let mut plans = Plans { format_version: 1, clusters: Vec::new() };
    for (cluster, planned) in planned {
        let outcome = match planned {
            Ok(Some(plan)) => {
                hint_cluster_id(context, cluster, &plan);
                exits.push(exit_of(Exit::Done, &plan, args.detailed_exitcode));
                PlanOutcome::Plan(Box::new(plan))
            }
            Ok(None) => PlanOutcome::LeftOut("its local bus is not up".to_owned()),
            Err(error) => {
                // That one cluster says too little of itself is no wrong usage of the command.
                exits.push(match error.exit() {
                    exit @ (Exit::Findings | Exit::Refused) => exit,
                    _ => Exit::CouldNot,
                });
                PlanOutcome::Error(error.told())
            }
        };
        plans.clusters.push(ClusterPlan { cluster: cluster.cluster.value.to_string(), outcome });
    }
    // Those of manifests stand above, and are counted beside those of the plan.
    let mut of_manifests: BTreeMap<String, usize> = BTreeMap::new();
    let holding = findings.iter().filter(|finding| finding.waiver.is_none());
    for cluster in holding.filter_map(|finding| finding.cluster.clone()) {
        *of_manifests.entry(cluster).or_default() += 1;
    }
    output::view(
        &PlansView { plans: &plans, of_manifests: &of_manifests, verbose: global.verbose },
        args.format.format,
        global,
    )?;
    Ok(Exit::worst(exits))
}

type Saved = snapshot::Snapshot<crate::resources::Live>;

/// The snapshots that were given, by the clusters that they stand in for.
fn snapshots(context: &Context, files: &[PathBuf]) -> Result<BTreeMap<String, Saved>, CommandError> {
    let mut saved = BTreeMap::new();
    for file in files {
        let (cluster, snapshot) = snapshot::read_of_any(file, context)?;
        if saved.insert(cluster.cluster.value.to_string(), snapshot).is_some() {
            let message = format!("two snapshots are of cluster `{}`", cluster.cluster.value);
            return Err(CommandError::usage(message).hint("give one of them"));
        }
    }
    Ok(saved)
}

/// The plan of one cluster; none of a local one that is not up, for that is no cluster of everybody's.
async fn of_cluster(
    context: &'static Context,
    cluster: &'static ClusterSpec,
    saved: Option<Saved>,
    args: &Args,
) -> Result<Option<Plan>, CommandError> {
    if saved.is_none() && is_down(context, cluster) {
        return Ok(None);
    }
    let (mut desired, _) = Desired::resolve(&context.workspace, cluster);
    desired.retention_step = args.retention.step();
    let mut planning = Planning::new(Arc::new(desired), None);
    if let Some(saved) = saved {
        let plan = planning.plan(&saved.live, saved.impact.as_ref(), saved.versions.as_ref());
        snapshot::warn_of_age(&plan, saved.impact.as_ref(), now());
        return Ok(Some(plan));
    }
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let mut plan = planning.plan_live(&systems).await?;
    if args.server_check {
        verify(&mut plan, &systems.kafka).await;
    }
    Ok(Some(plan))
}
