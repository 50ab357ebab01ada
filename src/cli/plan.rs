use std::path::PathBuf;

use super::args::{ClusterArg, FormatArg, Global, RetentionStepArg, TimeoutArg};
use super::connect::{Systems, connect};
use super::context::{Context, now, today};
use super::error::{CommandError, Exit};
use super::{output, snapshot};
use crate::apply::verify;
use crate::diag::{Diagnostic, Level};
use crate::plan::{Plan, make_plan};
use crate::render::plan::PlanView;
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Scope, impact, observe};

/// Options of `plan`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Plan from a snapshot instead of the live cluster; nothing is asked of any server
    #[arg(long, value_name = "FILE", conflicts_with = "server_check")]
    live: Option<PathBuf>,

    /// Have the brokers and the registry say of each change whether they would accept it
    #[arg(long)]
    server_check: bool,

    #[command(flatten)]
    retention: RetentionStepArg,

    /// End with 2 where there are changes
    #[arg(long)]
    detailed_exitcode: bool,

    #[command(flatten)]
    format: FormatArg,
}

/// Shows what would change.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load(global)?;
    let cluster = context.cluster(&args.cluster)?;
    let findings = context.findings(&[cluster]);
    context.print_findings(&findings, global);
    if context.is_broken() {
        return Ok(Exit::Findings);
    }
    let (mut desired, _) = Desired::resolve(&context.workspace, cluster);
    desired.retention_step = args.retention.step();
    let mut plan = match &args.live {
        Some(file) => {
            let (live, facts) = snapshot::read(file)?;
            let mut plan = make_plan(&desired, &live, today());
            impact::assess(&mut plan, &desired, &live.topics, facts.as_ref(), now());
            snapshot::warn_of_age(&plan, facts.as_ref(), now());
            plan
        }
        None => {
            let systems = connect(&context, cluster, args.timeout.timeout).await?;
            plan_live(&desired, &systems, args.server_check).await?
        }
    };
    hint_cluster_id(&context, cluster, &mut plan);
    output::view(&PlanView { plan: &plan, verbose: global.verbose }, args.format.format, global)?;
    Ok(exit_of(&findings, &plan, args.detailed_exitcode))
}

/// Reads the live state and compares; with `server_check` the servers are asked about each change.
pub async fn plan_live(desired: &Desired<'_>, systems: &Systems, server_check: bool) -> Result<Plan, CommandError> {
    let registry = systems.registry.as_ref().map(|registry| registry.as_ref().map_err(Clone::clone));
    let live = observe(&systems.kafka, registry, desired, Scope::Declared).await?;
    let mut plan = make_plan(desired, &live, today());
    let facts = impact::observe(&systems.kafka, &impact::needs_of_plan(&plan, &live.topics), now()).await;
    impact::assess(&mut plan, desired, &live.topics, Some(&facts), facts.taken_at);
    if server_check {
        verify(&mut plan, &systems.kafka, systems.usable_registry()).await;
    }
    Ok(plan)
}

/// How a plan ends the program.
pub fn exit_of(findings: &[Diagnostic], plan: &Plan, detailed: bool) -> Exit {
    let wrong_cluster = plan.findings.iter().any(|finding| finding.code == "BUS505");
    let error = plan.findings.iter().any(|finding| finding.level == Level::Error && finding.code != "BUS505");
    Exit::worst([
        output::exit_of(findings),
        if plan.complete { Exit::Done } else { Exit::CouldNot },
        if wrong_cluster { Exit::Refused } else { Exit::Done },
        if error || plan.is_refused() { Exit::Findings } else { Exit::Done },
        if detailed && !plan.is_empty() { Exit::Changes } else { Exit::Done },
    ])
}

/// Where no id is pinned, says what to pin: another cluster at the same address is then an error. A local bus is made
/// anew all the time.
fn hint_cluster_id(context: &Context, cluster: &ClusterSpec, plan: &mut Plan) {
    if let Some(line) = cluster_id_line(context, cluster, plan) {
        anstream::eprintln!("{line}");
    }
}

/// The line that pins the id of the cluster.
pub fn cluster_id_line(context: &Context, cluster: &ClusterSpec, plan: &Plan) -> Option<String> {
    if cluster.cluster_id.is_some() || cluster.is_local() {
        return None;
    }
    let file = context.workspace.place(cluster.cluster.span).file;
    Some(format!(
        "help: pin the cluster, so that no other one is taken for it; add to {file}:\ncluster_id: {}",
        plan.cluster_id
    ))
}
