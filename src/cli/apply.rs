use std::path::PathBuf;

use super::args::{ClusterArg, Global, RetentionStepArg, TimeoutArg};
use super::baseline::BaselineArg;
use super::connect::connect;
use super::consent::ConsentArgs;
use super::context::Context;
use super::error::{CommandError, Exit};
use super::interrupt::Interrupts;
use super::plan::{exit_of, forbids_apply};
use super::planning::Planning;
use super::select::SelectionArgs;
use super::work::{RunArgs, ThrottleArg, Work, hold_to, nothing_was_changed};
use super::{output, saved};
use crate::diag::Findings;
use crate::model::Risk;
use crate::plan::{Plan, SavedPlan};
use crate::ports::journal::Journal;
use crate::render::Format;
use crate::render::plan::PlanView;
use crate::resources::Desired;

/// Options of `apply`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plan that `plan -o FILE` or `rebalance -o FILE` saved: only what was reviewed is done, and nothing where something moved meanwhile
    #[arg(value_name = "FILE", conflicts_with_all = ["target", "exclude", "retention_step"])]
    file: Option<PathBuf>,

    /// Apply FILE only if this Ed25519 key (PEM) verifies its signature; the manifests are taken from the file
    #[arg(long, value_name = "PUBLIC_KEY", requires = "file")]
    verify: Option<PathBuf>,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    selection: SelectionArgs,

    #[command(flatten)]
    consent: ConsentArgs,

    #[command(flatten)]
    retention: RetentionStepArg,

    #[command(flatten)]
    baseline: BaselineArg,

    #[command(flatten)]
    throttle: ThrottleArg,

    #[command(flatten)]
    run: RunArgs,
}

/// Plans, asks, and applies.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let listed = args.baseline.read()?;
    let mut reviewed = args.file.as_ref().map(|file| saved::read(file, args.verify.as_deref())).transpose()?;
    let verified = reviewed.as_mut().filter(|_| args.verify.is_some());
    let signed = verified.and_then(|saved| Some((saved.workspace.take()?, saved.commit.clone())));
    let context = match signed {
        Some((workspace, commit)) => Context::of_saved(workspace, commit),
        None => Context::load()?,
    };
    let cluster = context.cluster_of(&args.cluster, reviewed.as_ref())?;
    let rebalance = reviewed.as_mut().and_then(|saved| saved.rebalance.take());
    let (mut desired, mut findings) = match rebalance {
        // It is about no manifest, and what is wrong with them is not its concern.
        Some(rebalance) => {
            (rebalance.desired(&context.workspace, cluster), Findings::listed([], &context.workspace.sources))
        }
        None => {
            let (desired, resolving) = Desired::resolve(&context.workspace, cluster);
            let findings = context.findings_of(&desired, resolving)?;
            (desired, findings)
        }
    };
    listed.leave_out(&mut findings, &context.workspace.sources);
    context.print_findings(&findings, global)?;
    if output::exit_of(&findings) == Exit::Findings {
        return Ok(Exit::Findings);
    }
    let interrupts = Interrupts::listen();
    desired.retention_step = reviewed.as_ref().map_or(args.retention.step(), |reviewed| reviewed.retention_step);
    desired.reviewed_steps = reviewed.as_ref().map(SavedPlan::reviewed_steps).unwrap_or_default();
    let undone = reviewed.as_mut().and_then(|saved| saved.undoes.take());
    let reviewed = reviewed.map(SavedPlan::into_plan);
    if desired.rebalance.is_none() {
        desired.placements = reviewed.as_ref().map(Plan::placements).unwrap_or_default();
    }
    let mut planning = Planning::new(desired, undone.map(|undone| undone.into_plan()));
    let planned = async {
        let systems = connect(context, cluster, args.timeout.timeout).await?;
        systems.journal().prepare();
        // Before anything is read: who applies meanwhile moves it. Without a right on it the lock cannot be had either.
        let position = systems.journal().position().await.ok();
        let mut plan = planning.plan_live(&systems).await?;
        match &reviewed {
            Some(reviewed) => match hold_to(&mut plan, reviewed)? {
                0 => {}
                unreviewed => {
                    anstream::eprintln!("note: {unreviewed} changes are not in the reviewed plan and are left out");
                }
            },
            None => args.selection.select(&mut plan, &planning.desired)?,
        }
        Ok::<_, CommandError>((systems, position, plan))
    };
    let (systems, position, plan) = tokio::select! {
        planned = planned => planned?,
        () = interrupts.interrupted() => return Err(nothing_was_changed()),
    };
    let view = PlanView { plan: &plan, verbose: global.verbose };
    match args.run.format.format {
        Format::Text => args.run.show(&view, Format::Text, global)?,
        // What is asked about, refused or not seen is shown in every case; the data is the report alone.
        _ => output::view_beside_data(&view, global),
    }
    let planned_exit = exit_of(output::exit_of(&findings), &plan, false);
    if forbids_apply(&plan) || matches!(planned_exit, Exit::Findings | Exit::Refused) {
        anstream::eprintln!(
            "nothing was changed: a finding at level error, or a change that a server has refused, forbids it"
        );
        if args.file.is_none() && planned_exit != Exit::Refused {
            anstream::eprintln!(" help: mend it, or leave its resource out with --exclude ADDRESS");
        }
        return Ok(planned_exit);
    }
    // Who moves replicas off a broker means just that, and whoever reviewed it has read what it does.
    let asked_for = if planning.desired.rebalance.is_some() { Risk::Disruptive } else { Risk::Safe };
    args.consent.check(&plan, cluster, asked_for)?;
    if !plan.is_empty() {
        args.consent.confirm(&plan, &interrupts).await?;
    }
    if interrupts.stopped() {
        return Err(nothing_was_changed());
    }
    let (run, throttle, timeout) = (&args.run, args.throttle.bytes(), args.timeout.timeout);
    let work = Work {
        global,
        args: run,
        timeout,
        throttle,
        context,
        cluster,
        systems: &systems,
        position,
        interrupts: &interrupts,
        is_saved: reviewed.is_some(),
    };
    work.carry_out(plan, &mut planning).await
}
