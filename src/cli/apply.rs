use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::args::{ClusterArg, FormatArg, Global, RetentionStepArg, TimeoutArg, parse_time, words};
use super::connect::connect;
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use super::plan::{cluster_id_line, exit_of, plan_live};
use super::progress::ApplyProgress;
use crate::apply::{ApplyReport, Outcome, Status, apply, settle};
use crate::model::Risk;
use crate::plan::Plan;
use crate::ports::FailureKind;
use crate::render::Format;
use crate::render::apply::ApplyView;
use crate::render::plan::PlanView;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;

/// Options of `apply`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    /// The most risk to take: safe, disruptive or destructive; by default what the cluster's manifest allows
    #[arg(long, value_name = "RISK", value_parser = words(Risk::WORDS))]
    allow: Option<Risk>,

    #[command(flatten)]
    retention: RetentionStepArg,

    /// How long to wait afterwards until the brokers serve what the controller accepted
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_time)]
    settle: Duration,

    #[command(flatten)]
    format: FormatArg,
}

/// Plans, asks, and applies.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load(global)?;
    let cluster = context.cluster(&args.cluster)?;
    let findings = context.findings(&[cluster]);
    context.print_findings(&findings, global);
    if output::exit_of(&findings) == Exit::Findings {
        return Ok(Exit::Findings);
    }
    let stop = stop_on_interrupt();
    let (mut desired, _) = Desired::resolve(&context.workspace, cluster);
    desired.retention_step = args.retention.step();
    let planning = async {
        let systems = connect(&context, cluster, args.timeout.timeout).await?;
        let plan = plan_live(&desired, &systems, false).await?;
        Ok::<_, CommandError>((systems, plan))
    };
    let (systems, plan) = tokio::select! {
        planned = planning => planned?,
        () = interrupted(&stop) => return Err(CommandError::interrupted("interrupted: nothing was changed")),
    };
    if args.format.format == Format::Text {
        output::view(&PlanView { plan: &plan, verbose: global.verbose }, Format::Text, global)?;
    }
    let planned_exit = exit_of(&findings, &plan, false);
    if matches!(planned_exit, Exit::Findings | Exit::Refused) {
        return Ok(planned_exit);
    }
    check_risk(&plan, cluster, args.allow)?;
    if !plan.is_empty() && !args.yes {
        confirm(&plan, &stop).await?;
    }
    if stop.load(Ordering::Relaxed) {
        return Err(CommandError::interrupted("interrupted: nothing was changed"));
    }
    let mut progress = ApplyProgress::new(global.color);
    let outcomes = apply(&plan, &systems.kafka, systems.usable_registry(), &stop, &mut progress).await;
    let unsettled = if outcomes.iter().any(|outcome| outcome.status == Status::Done) {
        progress.waiting("waiting until the brokers serve it");
        let settling = settle(&plan, &outcomes, &systems.kafka, args.settle);
        tokio::select! {
            settled = settling => settled.map_err(|failure| failure.to_string()),
            () = interrupted(&stop) => Err("interrupted while waiting until the brokers serve it".to_owned()),
        }
    } else {
        Ok(Default::default())
    };
    progress.finish();
    let mut report = ApplyReport::new(&plan.cluster, &plan.cluster_id, outcomes);
    if stop.load(Ordering::Relaxed) {
        report = report.stopped("interrupted");
    }
    if !plan.is_empty() || args.format.format != Format::Text {
        output::view(&ApplyView { report: &report }, args.format.format, global)?;
    }
    match &unsettled {
        Ok(unsettled) if !unsettled.is_empty() => anstream::eprintln!(
            "warning: after {:?} the brokers do not serve everything yet ({} topics, {} ACLs); the next plan may show it",
            args.settle,
            unsettled.topics.len(),
            unsettled.acls
        ),
        Ok(_) => {}
        Err(why) => anstream::eprintln!("warning: whether the brokers serve it is not known: {why}"),
    }
    if let Some(line) = cluster_id_line(&context, cluster, &plan) {
        anstream::eprintln!("{line}");
    }
    Ok(report_exit(&report, &plan, stop.load(Ordering::Relaxed)))
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

fn check_risk(plan: &Plan, cluster: &ClusterSpec, allowed: Option<Risk>) -> Result<(), CommandError> {
    let limit = allowed.or(cluster.allow.map(|risk| risk.value)).unwrap_or(Risk::Safe);
    let above: Vec<_> = plan.changes.iter().filter(|change| change.risk > limit).collect();
    if above.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = above.iter().take(5).map(|change| format!("{} ({})", change.address, change.risk)).collect();
    let more = above.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(CommandError::refused(format!(
        "{} of {} changes are above the risk that is allowed ({limit}): {}{more}; nothing was changed",
        above.len(),
        plan.changes.len(),
        named.join(", ")
    ))
    .hint(format!("read the plan; to go on all the same: --allow {}", plan.risk())))
}

/// Asks whether to go on. Without a terminal nobody can answer.
async fn confirm(plan: &Plan, stop: &Arc<AtomicBool>) -> Result<(), CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::refused("nobody can be asked: standard input is no terminal; nothing was changed")
            .hint("apply without a question: --yes"));
    }
    eprint!("Apply {} changes to {}? Only `yes` goes on: ", plan.changes.len(), plan.cluster);
    std::io::stderr().flush().ok();
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    tokio::select! {
        answer = answer => match answer {
            Ok(Ok(answer)) if answer.trim() == "yes" => Ok(()),
            _ => Err(CommandError::refused("not confirmed: nothing was changed")),
        },
        () = interrupted(stop) => Err(CommandError::interrupted("interrupted: nothing was changed")),
    }
}

/// Set at the first Ctrl-C or SIGTERM, so that what is under way is finished and accounted for; the second ends the
/// program at once.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    tokio::spawn(async move {
        signal().await;
        seen.store(true, Ordering::Relaxed);
        anstream::eprintln!("stopping: what is under way is finished, the rest is not tried (again to quit at once)");
        signal().await;
        std::process::exit(130);
    });
    stop
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    tokio::signal::ctrl_c().await.ok();
}

async fn interrupted(stop: &Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
