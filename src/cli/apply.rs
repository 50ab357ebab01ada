use std::path::PathBuf;
use std::time::Duration;

use super::args::{ClusterArg, FormatArg, Global, TimeoutArg, parse_time};
use super::connect::{Systems, connect};
use super::consent::ConsentArgs;
use super::context::{Context, today};
use super::error::{CommandError, Exit};
use super::interrupt::Interrupts;
use super::plan::{cluster_id_line, exit_of, forbids_apply};
use super::planning::Planning;
use super::progress::ApplyProgress;
use super::select::SelectionArgs;
use super::{output, saved};
use crate::apply::{ApplyReport, Guarded, Outcome, Recheck, Status, Unsettled, apply, settle};
use crate::plan::{Plan, SavedPlan, Stale};
use crate::ports::FailureKind;
use crate::render::Format;
use crate::render::apply::ApplyView;
use crate::render::plan::PlanView;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;

/// Options of `apply`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plan that `plan -o FILE` saved: only what was reviewed is done, and nothing where something moved meanwhile
    #[arg(value_name = "FILE", conflicts_with_all = ["target", "exclude"])]
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

    /// How long to wait afterwards until the brokers serve what the controller accepted
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_time)]
    settle: Duration,

    #[command(flatten)]
    format: FormatArg,
}

/// Plans, asks, and applies.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let mut reviewed = args.file.as_ref().map(|file| saved::read(file, args.verify.as_deref())).transpose()?;
    let signed = reviewed.as_mut().filter(|_| args.verify.is_some()).and_then(|saved| saved.workspace.take());
    let context = match signed {
        Some(workspace) => Context::of_saved(workspace),
        None => Context::load(global)?,
    };
    let cluster = context.cluster_of(&args.cluster, reviewed.as_ref())?;
    let findings = context.findings(&[cluster]);
    context.print_findings(&findings, global);
    if output::exit_of(&findings) == Exit::Findings {
        return Ok(Exit::Findings);
    }
    let interrupts = Interrupts::listen();
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let undone = reviewed.as_mut().and_then(|saved| saved.undoes.take());
    let mut planning = Planning::new(desired, undone.map(|undone| undone.into_plan()));
    let reviewed = reviewed.map(SavedPlan::into_plan);
    let planned = async {
        let systems = connect(&context, cluster, args.timeout.timeout).await?;
        let mut plan = planning.plan_live(&systems).await?;
        match &reviewed {
            Some(reviewed) => hold_to(&mut plan, reviewed)?,
            None => args.selection.select(&mut plan, &planning.desired)?,
        }
        Ok::<_, CommandError>((systems, plan))
    };
    let (systems, plan) = tokio::select! {
        planned = planned => planned?,
        () = interrupts.interrupted() => return Err(CommandError::interrupted("interrupted: nothing was changed")),
    };
    if args.format.format == Format::Text {
        output::view(&PlanView { plan: &plan, verbose: global.verbose }, Format::Text, global)?;
    }
    let planned_exit = exit_of(&findings, &plan, false);
    if forbids_apply(&plan) || matches!(planned_exit, Exit::Findings | Exit::Refused) {
        return Ok(planned_exit);
    }
    args.consent.check(&plan, cluster)?;
    if !plan.is_empty() {
        args.consent.confirm(&plan, &interrupts).await?;
    }
    if interrupts.stopped() {
        return Err(CommandError::interrupted("interrupted: nothing was changed"));
    }
    let work =
        Work { global, args, context: &context, cluster, systems: &systems, plan: &plan, interrupts: &interrupts };
    work.carry_out(&planning.desired).await
}

/// A plan that was agreed to.
struct Work<'a> {
    global: &'a Global,
    args: &'a Args,
    context: &'a Context,
    cluster: &'a ClusterSpec,
    systems: &'a Systems,
    plan: &'a Plan,
    interrupts: &'a Interrupts,
}

impl Work<'_> {
    async fn carry_out(&self, desired: &Desired<'_>) -> Result<Exit, CommandError> {
        let Work { global, args, context, cluster, systems, plan, interrupts } = self;
        let mut progress = ApplyProgress::new(global.color);
        let kafka = &systems.kafka;
        let registry = systems.usable_registry();
        let mut guard = Guarded { recheck: Recheck { desired, kafka, registry, today: today() } };
        if !plan.is_empty() {
            interrupts.begin_to_write();
        }
        let applied = apply(plan, kafka, registry, &mut guard, interrupts.flag(), &mut progress).await;
        let unsettled = self.settle(&applied.outcomes, &progress).await;
        progress.finish();
        let mut report = ApplyReport::new(&plan.cluster, &plan.cluster_id, applied.outcomes);
        if let Some(failure) = &applied.stopped {
            report = report.stopped(failure.to_string());
        } else if interrupts.stopped() {
            report = report.stopped("interrupted");
        }
        if !plan.is_empty() || args.format.format != Format::Text {
            output::view(&ApplyView { report: &report }, args.format.format, global)?;
        }
        self.tell_unsettled(&unsettled);
        if let Some(line) = cluster_id_line(context, cluster, plan) {
            anstream::eprintln!("{line}");
        }
        Ok(report_exit(&report, plan, interrupts.stopped()))
    }

    /// Waits until the brokers serve what was done.
    async fn settle(&self, outcomes: &[Outcome], progress: &ApplyProgress) -> Result<Unsettled, String> {
        if !outcomes.iter().any(|outcome| outcome.status == Status::Done) {
            return Ok(Unsettled::default());
        }
        progress.waiting("waiting until the brokers serve it");
        tokio::select! {
            settled = settle(self.plan, outcomes, &self.systems.kafka, self.args.settle) => {
                settled.map_err(|failure| failure.to_string())
            }
            () = self.interrupts.interrupted() => Err("interrupted while waiting until the brokers serve it".to_owned()),
        }
    }

    fn tell_unsettled(&self, unsettled: &Result<Unsettled, String>) {
        match unsettled {
            Ok(unsettled) if !unsettled.is_empty() => anstream::eprintln!(
                "warning: after {:?} the brokers do not serve everything yet ({} topics, {} ACLs); the next plan may \
                 show it",
                self.args.settle,
                unsettled.topics.len(),
                unsettled.acls
            ),
            Ok(_) => {}
            Err(why) => anstream::eprintln!("warning: whether the brokers serve it is not known: {why}"),
        }
    }
}

/// Keeps of a plan what was reviewed, or says why that is not what it was any more.
fn hold_to(plan: &mut Plan, reviewed: &Plan) -> Result<(), CommandError> {
    match plan.hold_to(reviewed) {
        Ok(0) => Ok(()),
        Ok(unreviewed) => {
            anstream::eprintln!("note: {unreviewed} changes are not in the reviewed plan and are left out");
            Ok(())
        }
        Err(Stale::Cluster { reviewed, present }) => Err(CommandError::refused(format!(
            "the plan was made for cluster {reviewed}, and the brokers belong to {present}; nothing was changed"
        ))),
        Err(Stale::Manifests) => Err(CommandError::refused(
            "the plan is stale: the manifests are not those that it was made from; nothing was changed",
        )
        .hint("check out the commit that it names, or plan again")),
        Err(Stale::Moved(moved)) => {
            let lines: Vec<_> = moved.iter().map(|moved| format!("\n  {moved}")).collect();
            Err(CommandError::refused(format!(
                "the plan is stale: what was reviewed is no longer so; nothing was changed{}",
                lines.concat()
            ))
            .hint("plan again, and have the new plan reviewed"))
        }
    }
}

/// 5 once something was written and not everything done; 1 where nothing could be written; 130 where the user stopped
/// it before.
fn report_exit(report: &ApplyReport, plan: &Plan, stopped: bool) -> Exit {
    let any = |statuses: &[Status]| report.outcomes.iter().any(|outcome| statuses.contains(&outcome.status));
    // What failed half way was written to as well, and nobody knows how far one got that timed out.
    let may_have_written =
        |outcome: &Outcome| outcome.error.as_ref().is_some_and(|failure| failure.kind == FailureKind::Timeout);
    let written = any(&[Status::Done]) || report.outcomes.iter().any(may_have_written);
    let whole = !any(&[Status::Failed, Status::Blocked, Status::NotTried]) && plan.complete;
    match (whole, written) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Partly,
        (false, false) if stopped => Exit::Interrupted,
        (false, false) => Exit::CouldNot,
    }
}
