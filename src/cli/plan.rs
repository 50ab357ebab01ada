use std::path::PathBuf;
use std::sync::Arc;

use super::args::{ClusterArg, FormatArg, Global, RetentionStepArg, TimeoutArg};
use super::baseline::BaselineArg;
use super::connect::connect;
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::planning::Planning;
use super::select::SelectionArgs;
use super::vault::secret_stores;
use super::{output, plans, saved, snapshot};
use crate::apply::verify;
use crate::diag::{Findings, Level};
use crate::plan::{Plan, SavedPlan, SavedRebalance, SavedWorkspace, undo_rebalance};
use crate::render::plan::PlanView;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;

/// Options of `plan`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) cluster: ClusterArg,

    /// Plan every cluster of the workspace, side by side; BUSCTL_CLUSTER says nothing then
    #[arg(long, conflicts_with_all = ["target", "exclude", "output", "undo"])]
    all: bool,

    #[command(flatten)]
    pub(super) timeout: TimeoutArg,

    /// Plan from a snapshot instead of the live cluster; nothing is asked of any server. Where all clusters are planned, it
    /// stands in for its own, and may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "server_check")]
    pub(super) live: Vec<PathBuf>,

    /// Have the brokers say of each change whether they would accept it, as the registry is asked in any case
    #[arg(long)]
    pub(super) server_check: bool,

    #[command(flatten)]
    selection: SelectionArgs,

    /// Save the plan to a file, for `apply FILE`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Sign the file with an Ed25519 key (PEM): a path, env:NAME or file:PATH. The signature goes to FILE.sig, and the
    /// manifests into the file, so that `apply FILE --verify KEY` needs no workspace
    #[arg(long, value_name = "KEY", requires = "output")]
    sign: Option<String>,

    /// Plan the inverse of a saved plan that was applied
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "exclude"])]
    undo: Option<PathBuf>,

    #[command(flatten)]
    pub(super) retention: RetentionStepArg,

    #[command(flatten)]
    pub(super) baseline: BaselineArg,

    /// End with 2 where there are changes
    #[arg(long)]
    pub(super) detailed_exitcode: bool,

    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// Shows what would change.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    if args.all {
        return plans::run(global, args).await;
    }
    if args.live.len() > 1 {
        return Err(CommandError::usage("a plan is of one snapshot").hint("several clusters are planned with --all"));
    }
    let context = Context::load()?;
    let listed = args.baseline.read()?;
    let undone = args.undo.as_ref().map(|file| saved::read(file, None)).transpose()?;
    let cluster = context.cluster_of(&args.cluster, undone.as_ref())?;
    let (moved_back, not_moved_back) = undone.as_ref().and_then(undo_rebalance).unzip();
    let (mut desired, resolving) = match moved_back {
        Some(rebalance) => (rebalance.desired(&context.workspace, cluster), Vec::new()),
        None => Desired::resolve(&context.workspace, cluster),
    };
    desired.retention_step = args.retention.step();
    let rebalance = SavedRebalance::of(&desired);
    // What is inverse to a rebalance is one, and needs no plan that it takes back.
    let undone = undone.filter(|_| rebalance.is_none());
    let desired = Arc::new(desired);
    // The rules are checked while the servers answer: on a large estate each takes about as long.
    let checked = desired.clone();
    let checking = tokio::task::spawn_blocking(move || match checked.rebalance {
        // It is about no manifest, and what is wrong with them is not its concern.
        Some(_) => Ok(Findings::listed([], &context.workspace.sources)),
        None => context.findings_of(&checked, resolving),
    });
    let planned = match context.is_broken() {
        true => None,
        false => Some(make(context, desired, args, undone.as_ref()).await),
    };
    let mut findings = checking.await.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))?;
    listed.leave_out(&mut findings, &context.workspace.sources);
    context.print_findings(&findings, global)?;
    let Some(planned) = planned else { return Ok(Exit::Findings) };
    let mut plan = match planned {
        // What is wrong with the connection is one of the findings.
        Err(error) if error.exit() == Exit::Findings && is_told(&findings, &error) => return Ok(Exit::Findings),
        planned => planned?,
    };
    plan.not_undone.extend(not_moved_back.into_iter().flatten());
    hint_cluster_id(context, cluster, &plan);
    output::view(&PlanView { plan: &plan, verbose: global.verbose }, args.format.format, global)?;
    let exit = exit_of(output::exit_of(&findings), &plan, args.detailed_exitcode);
    if let Some(file) = &args.output {
        let mut saved = SavedPlan::new(plan, now(), context.commit());
        saved.retention_step = args.retention.step();
        saved.rebalance = rebalance;
        saved.undoes = undone.map(Box::new);
        saved.workspace = args.sign.as_ref().map(|_| SavedWorkspace::of(&context.workspace));
        let secrets = secret_stores(context, Some(cluster), args.timeout.timeout);
        saved::write(file, &saved, args.sign.as_deref().map(|key| (key, &secrets))).await?;
        let file = file.display();
        match exit {
            Exit::Findings | Exit::Refused => {
                anstream::eprintln!("saved to {file}, for review: as it is, apply refuses it")
            }
            _ => anstream::eprintln!("saved to {file}; apply it with: busctl apply {file}"),
        }
    }
    Ok(exit)
}

/// Whether a finding at level error says what an error says.
fn is_told(findings: &Findings, error: &CommandError) -> bool {
    findings.iter().any(|finding| finding.level == Level::Error && error.message().ends_with(&finding.message))
}

async fn make(
    context: &Context,
    desired: Arc<Desired<'_>>,
    args: &Args,
    undone: Option<&SavedPlan>,
) -> Result<Plan, CommandError> {
    let cluster = desired.cluster;
    let mut planning = Planning::new(desired, undone.cloned().map(SavedPlan::into_plan));
    let Some(file) = args.live.first() else {
        let systems = connect(context, cluster, args.timeout.timeout).await?;
        let mut plan = planning.plan_live(&systems).await?;
        args.selection.select(&mut plan, &planning.desired)?;
        if args.server_check {
            verify(&mut plan, &systems.kafka).await;
        }
        return Ok(plan);
    };
    let saved = snapshot::read(file, cluster)?;
    let mut plan = planning.plan(&saved.live, saved.impact.as_ref(), saved.versions.as_ref());
    snapshot::warn_of_age(&plan, saved.impact.as_ref(), now());
    args.selection.select(&mut plan, &planning.desired)?;
    Ok(plan)
}

/// How a plan ends the program, beside what the findings of its workspace do.
pub fn exit_of(of_findings: Exit, plan: &Plan, detailed: bool) -> Exit {
    let wrong_cluster = plan.findings.iter().any(|finding| finding.code == "BUS505");
    let error = plan.findings.iter().any(|finding| finding.level == Level::Error && finding.code != "BUS505");
    Exit::worst([
        of_findings,
        if plan.complete { Exit::Done } else { Exit::CouldNot },
        if wrong_cluster { Exit::Refused } else { Exit::Done },
        if error || plan.is_refused() { Exit::Findings } else { Exit::Done },
        if detailed && !plan.is_empty() { Exit::Changes } else { Exit::Done },
    ])
}

/// Whether nothing of a plan may be applied: it was made from another cluster, or a finding is at level error. The exit
/// code does not tell, because 1 for what could not be seen goes before.
pub fn forbids_apply(plan: &Plan) -> bool {
    plan.findings.iter().any(|finding| finding.level == Level::Error)
}

/// Where no id is pinned, says what to pin: another cluster at the same address is then an error. A local bus is made
/// anew all the time.
pub fn hint_cluster_id(context: &Context, cluster: &ClusterSpec, plan: &Plan) {
    if cluster.cluster_id.is_some() || cluster.is_local() {
        return;
    }
    let file = context.workspace.place(cluster.cluster.span).file;
    anstream::eprintln!("help: pin the cluster, so that no other one is taken for it; add to {file}:");
    anstream::eprintln!("cluster_id: {}", plan.cluster_id);
}
