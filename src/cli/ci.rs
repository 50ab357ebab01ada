use std::path::{Path, PathBuf};

use super::against::{self, AgainstArgs, Checked};
use super::args::{ClusterArg, FindingsArgs, Global, TimeoutArg};
use super::connect::connect;
use super::context::{Base, Context, Samples, now};
use super::error::{CommandError, Exit};
use super::planning::Planning;
use super::{completions, output, plan, schema, snapshot};
use crate::diag::{Diagnostic, fingerprints, take_known};
use crate::model::counted;
use crate::plan::Plan;
use crate::render::ci::{CiView, Outcome, StepReport};
use crate::render::findings::Counts;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;
use crate::resources::schema::contract::Tested;

/// Options of `ci`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    against: AgainstArgs,

    /// Plan from a snapshot of a cluster too; may be given for several clusters
    #[arg(long, value_name = "FILE")]
    live: Vec<PathBuf>,

    /// Plan this cluster too, by a look at it; may be given for several clusters
    #[arg(long, value_name = "NAME")]
    plan: Vec<String>,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    forms: FindingsArgs,
}

/// The event catalog, from the root of the workspace.
const CATALOG: &str = "docs/event-catalog.md";

/// The completions and man pages, from the root of the workspace.
const COMPLETIONS: &str = "completions";

/// Checks all that a pull request has to pass: one report, one exit code. What fails keeps nothing else from being tried.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let mut checked = against::check(&args.cluster, &args.against, Samples::Read)?;
    let context = checked.context;
    // A name that means no cluster is a mistake of the call, and nothing that a pull request could mend.
    args.plan.iter().try_for_each(|name| named(context, name).map(drop))?;
    let mut steps = vec![of_rules(&checked)];
    let mut exits = vec![output::exit_of(&checked.findings)];
    let mut tested = schema::test_offline(context);
    if let (Some(tested), Some(base)) = (&mut tested, checked.base) {
        keep_what_changed(tested, &mut checked.known, context, base);
    }
    steps.push(of_contracts(tested.as_ref()));
    let Tested { findings, reviews, .. } = tested.unwrap_or_default();
    exits.push(output::exit_of(&findings));
    checked.findings.extend(findings);
    steps.push(of_catalog(context));
    steps.push(of_completions(context)?);
    let (plans, planned) = plans(context, args).await;
    for (step, exit) in planned {
        steps.push(step);
        exits.push(exit);
    }
    if steps.iter().any(|step| step.outcome == Outcome::Failed) {
        exits.push(Exit::Findings);
    }
    let exit = Exit::worst(exits);
    let view = CiView {
        findings: context.findings_view(&checked.findings),
        known: checked.known.len(),
        compared_with: checked.compared_with.as_deref(),
        steps: &steps,
        reviews: &reviews,
        plans: &plans,
        verbose: global.verbose,
    };
    output::report(&view, &args.forms, &context.repository(), global)?;
    if !args.forms.format.is_whole() {
        anstream::eprint!("{}", view.outcome());
    }
    Ok(exit)
}

/// Takes out of what contract tests found what the base has too: its findings, and the checklists of changes that were made
/// before.
fn keep_what_changed(tested: &mut Tested, known: &mut Vec<Diagnostic>, context: &Context, base: &Base) {
    let sources = &context.workspace.sources;
    if !tested.findings.is_empty() {
        let had = fingerprints(&schema::broken_by_base(base), sources).into_iter().collect();
        known.extend(take_known(&mut tested.findings, sources, &had));
    }
    tested.reviews.retain(|review| !base.has_same_schema(&context.workspace, &review.name));
}

fn of_rules(checked: &Checked) -> StepReport {
    let found = Counts::of(&checked.findings);
    let clusters = counted(checked.clusters.len() as u64, "cluster");
    let known = match checked.known.len() {
        0 => String::new(),
        count => format!("; {} known before", counted(count as u64, "finding")),
    };
    StepReport::judged("rules and schemas", found.errors == 0, format!("{found} on {clusters}{known}"))
}

fn of_contracts(tested: Option<&Tested>) -> StepReport {
    const NAME: &str = "contract tests";
    let Some(tested) = tested else {
        return StepReport::skipped(NAME, "what the manifests say of schemas cannot be read");
    };
    let [schemas, samples, readings] =
        [(tested.schemas, "schema"), (tested.samples, "sample"), (tested.readings, "reading")]
            .map(|(count, one)| counted(count as u64, one));
    let found = Counts::of(&tested.findings);
    StepReport::judged(NAME, found.errors == 0, format!("{samples} of {schemas}, {readings}: {found}"))
}

fn of_catalog(context: &Context) -> StepReport {
    const NAME: &str = "event catalog";
    if context.is_broken() {
        return StepReport::skipped(NAME, "the manifests cannot be read");
    }
    let made = crate::catalog::markdown(&context.workspace);
    match std::fs::read(context.root.join(CATALOG)) {
        Ok(written) if written == made.as_bytes() => StepReport::judged(NAME, true, "up to date"),
        Ok(_) => {
            StepReport::judged(NAME, false, format!("{CATALOG} is not up to date: write it with `busctl catalog`"))
        }
        Err(_) => StepReport::skipped(NAME, format!("there is no {CATALOG}; `busctl catalog` writes it")),
    }
}

fn of_completions(context: &Context) -> Result<StepReport, CommandError> {
    const NAME: &str = "completions";
    let folder = context.root.join(COMPLETIONS);
    let files = completions::files()?;
    let is_there = |name: &str| folder.join(name).is_file();
    if !files.iter().any(|(name, _)| is_there(name)) {
        return Ok(StepReport::skipped(NAME, format!("there are none in {COMPLETIONS}/")));
    }
    let stale = files.iter().find(|(name, text)| std::fs::read(folder.join(name)).ok().as_ref() != Some(text));
    Ok(match stale {
        None => StepReport::judged(NAME, true, "up to date"),
        Some((name, _)) => StepReport::judged(
            NAME,
            false,
            format!(
                "{COMPLETIONS}/{name} is not that of this busctl: write them with `busctl completions --all {COMPLETIONS}`"
            ),
        ),
    })
}

/// A plan of each cluster that was asked for, and how each came out.
async fn plans(context: &'static Context, args: &Args) -> (Vec<Plan>, Vec<(StepReport, Exit)>) {
    let mut plans = Vec::new();
    let mut steps = Vec::new();
    if args.live.is_empty() && args.plan.is_empty() {
        let why = "no cluster and no snapshot was named (--plan NAME, --live FILE)";
        return (plans, vec![(StepReport::skipped("plan", why), Exit::Done)]);
    }
    if context.is_broken() {
        return (plans, vec![(StepReport::skipped("plan", "the manifests cannot be read"), Exit::Done)]);
    }
    let mut add = |name: String, planned: Result<Plan, CommandError>| match planned {
        Ok(plan) => {
            let exit = plan::exit_of(&[], &plan, false);
            let says = crate::render::plan::summary(&plan);
            steps.push((StepReport::judged(name, exit == Exit::Done, says), exit));
            plans.push(plan);
        }
        Err(error) => {
            steps.push((StepReport::judged(name, false, error.told()), error.exit()));
        }
    };
    for file in &args.live {
        add(format!("plan of {}", file.display()), of_snapshot(context, file));
    }
    for name in &args.plan {
        add(format!("plan of {name}"), of_cluster(context, name, args).await);
    }
    (plans, steps)
}

fn of_snapshot(context: &'static Context, file: &Path) -> Result<Plan, CommandError> {
    let cluster = snapshot::cluster_of(file, context)?;
    let saved = snapshot::read(file, cluster)?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let plan = Planning::new(desired, None).plan(&saved.live, saved.impact.as_ref(), saved.versions.as_ref());
    snapshot::warn_of_age(&plan, saved.impact.as_ref(), now());
    Ok(plan)
}

fn named<'c>(context: &'c Context, name: &str) -> Result<&'c ClusterSpec, CommandError> {
    context.cluster(&ClusterArg { cluster: Some(name.to_owned()) })
}

async fn of_cluster(context: &'static Context, name: &str, args: &Args) -> Result<Plan, CommandError> {
    let cluster = named(context, name)?;
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    Planning::new(desired, None).plan_live(&systems).await
}
