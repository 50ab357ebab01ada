//! Plans of the clusters that were asked for, and what in them the change brings.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::{Args, Step};
use crate::cli::args::ClusterArg;
use crate::cli::connect::connect;
use crate::cli::context::{Base, Context, now};
use crate::cli::error::{CommandError, Exit};
use crate::cli::planning::Planning;
use crate::cli::snapshot;
use crate::diag::{Diagnostic, Findings};
use crate::model::{Address, Risk, counted};
use crate::plan::{Change, Incomplete, Plan, PlanFinding};
use crate::policy::OTHER_CLUSTER;
use crate::render::ci::StepReport;
use crate::render::plan::summary;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;
use crate::resources::schema::is_in_fixtures;

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
    if let Some(errors) = context.errors_in(|path| !is_in_fixtures(path)) {
        return (Vec::new(), vec![Step::skipped("plan", format!("not made, because of {errors}"))]);
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
            let findings = Findings::listed([finding], &context.workspace.sources);
            steps.push(Step { report, findings, exit: error.exit() });
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
    let (cluster, saved) = snapshot::read_of_any(file, context)?;
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
    let mut planning = Planning::new(Desired::resolve(&context.workspace, cluster).0, None);
    let live = planning.observe(&systems).await?;
    let plan = planning.plan_measured(&systems, &live).await;
    // What the base would change is compared by its fields alone, which need no measuring.
    let before = desired_before(base, cluster).map(|desired| Planning::new(desired, None).plan(&live, None, None));
    Ok(Planned { cluster, plan, before })
}

/// What the base means on a cluster, where it can be read and has it.
fn desired_before(base: Option<&'static Base>, cluster: &ClusterSpec) -> Option<Desired<'static>> {
    let base = base.filter(|base| !base.is_broken())?;
    let cluster = base.workspace.clusters.get(cluster.cluster.as_str())?;
    Some(Desired::resolve(&base.workspace, cluster).0)
}

/// What the base's plan has: it would be so without the change, too.
#[derive(Default)]
struct Known<'p> {
    findings: HashSet<(&'p str, &'p str)>,
    changes: HashMap<&'p Address, &'p Change>,
}

impl<'p> Known<'p> {
    fn of(plan: &'p Plan) -> Self {
        let findings = plan.findings.iter().map(|finding| (finding.code.as_str(), finding.message.as_str()));
        // A plan of another cluster than was meant says nothing, whoever else made one.
        let findings = findings.filter(|(code, _)| *code != OTHER_CLUSTER.code).collect();
        Self { findings, changes: plan.changes.iter().map(|change| (&change.address, change)).collect() }
    }

    fn has(&self, finding: &PlanFinding) -> bool {
        self.findings.contains(&(finding.code.as_str(), finding.message.as_str()))
    }

    fn makes(&self, change: &Change) -> bool {
        let same = |other: &&Change| (other.action, &other.fields) == (change.action, &change.fields);
        self.changes.get(&change.address).is_some_and(same)
    }
}

/// What of a plan counts: its findings and its risks, but for those that the base's plan has too.
fn judged(name: String, planned: &Planned, context: &Context, allow: Option<Risk>) -> Step {
    let Planned { cluster, plan, before } = planned;
    let base = before.as_ref().map(Known::of).unwrap_or_default();
    let (known, new): (Vec<&PlanFinding>, Vec<&PlanFinding>) =
        plan.findings.iter().partition(|finding| base.has(finding));
    let mut findings: Vec<Diagnostic> =
        new.into_iter().map(|finding| context.diagnostic(finding, &plan.cluster)).collect();
    let allowed = allow.or(cluster.allow.map(|allow| allow.value)).unwrap_or(Risk::Safe);
    let risky: Vec<&Change> =
        plan.changes.iter().filter(|change| change.risk > allowed && !base.makes(change)).collect();
    findings.extend(risky.iter().map(|change| above(change, allowed, plan, context)));
    findings.extend(plan.incomplete.first().map(|unseen| incomplete(unseen, plan)));
    let mut says = summary(plan);
    if !risky.is_empty() {
        says.push_str(&format!("; {} above `allow: {allowed}`", counted(risky.len() as u64, "change")));
    }
    if !known.is_empty() {
        says.push_str(&format!("; {} known before", counted(known.len() as u64, "finding")));
    }
    let mut step = Step::judged(name, Findings::listed(findings, &context.workspace.sources), says);
    if !plan.complete {
        step.exit = Exit::worst([step.exit, Exit::CouldNot]);
    }
    step
}

/// What was not planned because it could not be seen.
fn incomplete(first: &Incomplete, plan: &Plan) -> Diagnostic {
    let count = counted(plan.incomplete.len() as u64, "resource");
    let message = format!("{count} of `{}` could not be seen and not be planned: {}", plan.cluster, first.failure);
    let finding = Diagnostic::new("PLAN_INCOMPLETE", message).resource(&first.address).cluster(&plan.cluster);
    first.failure.hint.iter().cloned().fold(finding, Diagnostic::help)
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
