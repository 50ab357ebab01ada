//! Plans of the clusters that were asked for, and what in them the change brings.

use std::collections::HashSet;
use std::path::Path;

use super::{Args, Step};
use crate::cli::args::ClusterArg;
use crate::cli::connect::connect;
use crate::cli::context::{Base, Context, now};
use crate::cli::error::{CommandError, Exit};
use crate::cli::planning::Planning;
use crate::cli::snapshot;
use crate::diag::{Diagnostic, intern};
use crate::model::{Risk, counted};
use crate::plan::{Change, Plan, PlanFinding};
use crate::render::ci::StepReport;
use crate::render::plan::summary;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;

/// A plan, and that of the base from the same state.
struct Planned {
    cluster: &'static ClusterSpec,
    plan: Plan,
    before: Option<Plan>,
}

/// A plan of each cluster that was asked for, and how each came out.
pub(super) async fn of(context: &'static Context, base: Option<&'static Base>, args: &Args) -> (Vec<Plan>, Vec<Step>) {
    if args.live.is_empty() && args.plan.is_empty() {
        let why = "no cluster and no snapshot was named (--plan NAME, --live FILE)";
        return (Vec::new(), vec![Step::skipped("plan", why)]);
    }
    if context.is_broken() {
        return (Vec::new(), vec![Step::skipped("plan", "the manifests cannot be read")]);
    }
    let (mut plans, mut steps) = (Vec::new(), Vec::new());
    let mut add = |name: String, planned: Result<Planned, CommandError>| match planned {
        Ok(planned) => {
            steps.push(judged(name, &planned, context, args.allow));
            plans.push(planned.plan);
        }
        Err(error) => {
            let finding = Diagnostic::new("PLAN_FAILED", format!("{name}: {}", error.told()));
            let report = StepReport::judged(name, false, error.told());
            steps.push(Step { report, findings: vec![finding], exit: error.exit() });
        }
    };
    for file in &args.live {
        add(format!("plan of {}", file.display()), of_snapshot(context, base, file));
    }
    for name in &args.plan {
        add(format!("plan of {name}"), of_cluster(context, base, name, args).await);
    }
    (plans, steps)
}

/// The cluster of a name.
pub(super) fn named<'c>(context: &'c Context, name: &str) -> Result<&'c ClusterSpec, CommandError> {
    context.cluster(&ClusterArg { cluster: Some(name.to_owned()) })
}

fn of_snapshot(context: &'static Context, base: Option<&'static Base>, file: &Path) -> Result<Planned, CommandError> {
    let cluster = snapshot::cluster_of(file, context)?;
    let saved = snapshot::read(file, cluster)?;
    let plan = |desired| Planning::new(desired, None).plan(&saved.live, saved.impact.as_ref(), saved.versions.as_ref());
    let before = desired_before(base, cluster).map(plan);
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let plan = plan(desired);
    snapshot::warn_of_age(&plan, saved.impact.as_ref(), now());
    Ok(Planned { cluster, plan, before })
}

async fn of_cluster(
    context: &'static Context,
    base: Option<&'static Base>,
    name: &str,
    args: &Args,
) -> Result<Planned, CommandError> {
    let cluster = named(context, name)?;
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let plan = Planning::new(desired, None).plan_live(&systems).await?;
    let before = match desired_before(base, cluster) {
        Some(desired) => Some(Planning::new(desired, None).plan_live(&systems).await?),
        None => None,
    };
    Ok(Planned { cluster, plan, before })
}

/// What the base means on a cluster, where it can be read and has it.
fn desired_before(base: Option<&'static Base>, cluster: &ClusterSpec) -> Option<Desired<'static>> {
    let base = base.filter(|base| !base.is_broken())?;
    let cluster = base.workspace.clusters.get(cluster.cluster.as_str())?;
    Some(Desired::resolve(&base.workspace, cluster).0)
}

/// What of a plan counts: its findings and its risks, but for those that the base's plan has too.
fn judged(name: String, planned: &Planned, context: &Context, allow: Option<Risk>) -> Step {
    let Planned { cluster, plan, before } = planned;
    let had: HashSet<(&str, &str)> = before
        .iter()
        .flat_map(|plan| &plan.findings)
        .map(|known| (known.code.as_str(), known.message.as_str()))
        .collect();
    let (known, new): (Vec<&PlanFinding>, Vec<&PlanFinding>) =
        plan.findings.iter().partition(|finding| had.contains(&(finding.code.as_str(), finding.message.as_str())));
    let mut findings: Vec<Diagnostic> = new.into_iter().map(|finding| diagnostic(finding, plan, context)).collect();
    let allowed = allow.or(cluster.allow.map(|allow| allow.value)).unwrap_or(Risk::Safe);
    let is_known = |change: &Change| {
        let same = |other: &Change| {
            (&other.address, other.action, &other.fields) == (&change.address, change.action, &change.fields)
        };
        before.as_ref().is_some_and(|plan| plan.changes.iter().any(same))
    };
    let risky = plan.changes.iter().filter(|change| change.risk > allowed && !is_known(change));
    let before_risky = findings.len();
    findings.extend(risky.map(|change| above(change, allowed, plan, context)));
    let risky = findings.len() - before_risky;
    if plan.is_refused() {
        let message = format!("`{}` refuses a change of the plan", plan.cluster);
        findings.push(Diagnostic::new("PLAN_REFUSED", message).cluster(&plan.cluster));
    }
    let mut says = summary(plan);
    if risky > 0 {
        says.push_str(&format!("; {} above `allow: {allowed}`", counted(risky as u64, "change")));
    }
    if !known.is_empty() {
        says.push_str(&format!("; {} known before", counted(known.len() as u64, "finding")));
    }
    let mut step = Step::judged(name, findings, says);
    if !plan.complete {
        let message = format!("the plan of `{}` is incomplete: something may not be seen", plan.cluster);
        step.findings.push(Diagnostic::new("PLAN_INCOMPLETE", message).cluster(&plan.cluster));
        step.report.outcome = crate::render::ci::Outcome::Failed;
        step.exit = Exit::worst([step.exit, Exit::CouldNot]);
    }
    step
}

fn diagnostic(finding: &PlanFinding, plan: &Plan, context: &Context) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(intern(&finding.code), finding.message.clone()).level(finding.level);
    let span = finding.place.as_ref().and_then(|place| context.workspace.sources.span_of(place));
    diagnostic = span.into_iter().fold(diagnostic, |diagnostic, span| diagnostic.at(span, ""));
    diagnostic.help.clone_from(&finding.help);
    diagnostic.resource.clone_from(&finding.resource);
    diagnostic.waiver = finding.waiver.clone().map(Box::new);
    diagnostic.cluster(&plan.cluster)
}

/// A change that `apply` would refuse.
fn above(change: &Change, allowed: Risk, plan: &Plan, context: &Context) -> Diagnostic {
    let impact: Vec<&str> = change.impact.iter().map(String::as_str).collect();
    let message = format!(
        "{} of {} is {}, and `{}` takes no more than {allowed}: {}",
        change.action,
        change.address,
        change.risk,
        plan.cluster,
        impact.join("; ")
    );
    let place = change.fields.iter().find_map(|field| field.place.as_ref()).or(change.place.as_ref());
    let span = place.and_then(|place| context.workspace.sources.span_of(place));
    let finding = Diagnostic::new("RISK_NOT_ALLOWED", message).resource(&change.address).cluster(&plan.cluster);
    let finding = span.into_iter().fold(finding, |finding, span| finding.at(span, ""));
    finding.help(format!(
        "where it is meant, review it and run `busctl ci --allow {0}`; `busctl apply --allow {0}` applies it",
        change.risk
    ))
}
