//! Everything that a pull request has to pass.

mod files;
mod plans;

use std::path::PathBuf;

use super::against::{self, AgainstArgs, Checked};
use super::args::{ClusterArg, FindingsArgs, Global, TimeoutArg, words};
use super::context::{Base, Context, Samples, store};
use super::error::{CommandError, Exit};
use super::{output, schema};
use crate::diag::{Findings, fingerprints, take_known};
use crate::model::{Risk, counted};
use crate::policy::custom;
use crate::render::ci::{CiView, StepReport};
use crate::render::findings::{Counts, FindingsView};
use crate::resources::schema::contract::Review;
use crate::source::Sources;

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

    /// The most risk that a planned change may have; by default what the manifest of its cluster allows. What the base
    /// would change too does not count
    #[arg(long, value_name = "RISK", value_parser = words(Risk::WORDS))]
    allow: Option<Risk>,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    forms: FindingsArgs,
}

/// A step that was done.
struct Step {
    report: StepReport,
    findings: Findings,
    exit: Exit,
}

impl Step {
    /// One that its findings judge.
    fn judged(name: impl Into<String>, findings: Findings, says: impl Into<String>) -> Self {
        let exit = output::exit_of(&findings);
        Self { report: StepReport::judged(name, exit == Exit::Done, says), findings, exit }
    }

    /// One in which nothing can be wrong but the whole.
    fn passed(name: impl Into<String>, says: impl Into<String>) -> Self {
        Self { report: StepReport::judged(name, true, says), findings: nothing(), exit: Exit::Done }
    }

    fn skipped(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { report: StepReport::skipped(name, why), findings: nothing(), exit: Exit::Done }
    }
}

fn nothing() -> Findings {
    Findings::listed([], &Sources::default())
}

/// Checks all that a pull request has to pass: one report, one exit code. What fails keeps nothing else from being tried.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let mut checked = against::check(&args.cluster, &args.against, Samples::Read)?;
    let context = checked.context;
    // A name that means no cluster is a mistake of the call, and nothing that a pull request could mend.
    args.plan.iter().try_for_each(|name| plans::named(context, name).map(drop))?;
    let mut steps = vec![of_rules(&mut checked)];
    let (contracts, reviews) = of_contracts(&mut checked);
    steps.push(contracts);
    steps.push(of_rules_of_its_own(context));
    // With the files that are none of the workspace's manifests.
    let mut sources = context.workspace.sources.clone();
    steps.push(files::catalog(context, checked.base, &mut sources));
    steps.push(files::completions(context, checked.base, &mut sources)?);
    let (plans, planned) = plans::of(context, checked.base, args).await;
    steps.extend(planned);
    let exit = Exit::worst(steps.iter().map(|step| step.exit));
    let mut findings = store(&sources).findings();
    let mut reports = Vec::new();
    for step in steps {
        findings.append(step.findings);
        reports.push(step.report);
    }
    let view = CiView {
        findings: FindingsView { findings: &findings, sources: &sources },
        known: checked.known.len(),
        compared_with: checked.compared_with.as_deref(),
        steps: &reports,
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
fn keep_what_changed(findings: &mut Findings, reviews: &mut Vec<Review>, checked: &mut Checked, base: &Base) {
    let context = checked.context;
    let sources = &context.workspace.sources;
    if !findings.is_empty() {
        let had = fingerprints(&schema::broken_by_base(base), sources).into_iter().collect();
        checked.known.append(take_known(findings, sources, &had, |_| true));
    }
    reviews.retain(|review| !base.has_same_schema(&context.workspace, &review.name));
}

fn of_rules(checked: &mut Checked) -> Step {
    let found = Counts::of(&checked.findings);
    let clusters = counted(checked.clusters.len() as u64, "cluster");
    let known = match checked.known.len() {
        0 => String::new(),
        count => format!("; {} known before", counted(count as u64, "finding")),
    };
    let untold = checked.untold.map(|untold| format!("; {untold}")).unwrap_or_default();
    let says = format!("{found} on {clusters}{known}{untold}");
    let nothing = checked.findings.none();
    Step::judged("rules and schemas", std::mem::replace(&mut checked.findings, nothing), says)
}

fn of_contracts(checked: &mut Checked) -> (Step, Vec<Review>) {
    const NAME: &str = "contract tests";
    let context = checked.context;
    let mut tested = match schema::test_offline(context) {
        Ok(tested) => tested,
        Err(errors) => return (Step::skipped(NAME, format!("not run, because of {errors}")), Vec::new()),
    };
    let mut findings = Findings::listed(std::mem::take(&mut tested.findings), &context.workspace.sources);
    if let Some(base) = checked.base {
        keep_what_changed(&mut findings, &mut tested.reviews, checked, base);
    }
    let [schemas, samples, readings] =
        [(tested.schemas, "schema"), (tested.samples, "sample"), (tested.readings, "reading")]
            .map(|(count, one)| counted(count as u64, one));
    let found = Counts::of(&findings);
    let left_out = schema::left_out(context)
        .map(|errors| format!("; what is declared there was left out, because of {errors}"))
        .unwrap_or_default();
    let step = Step::judged(NAME, findings, format!("{samples} of {schemas}, {readings}: {found}{left_out}"));
    (step, tested.reviews)
}

fn of_rules_of_its_own(context: &Context) -> Step {
    const NAME: &str = "rules of your own";
    if !context.workspace.knows_settings() {
        return Step::skipped(NAME, "not asked, because busctl.yaml cannot be read");
    }
    let tested = custom::test(&context.workspace, &[]);
    if tested.rules.is_empty() {
        return Step::skipped(NAME, "there are none in busctl.yaml");
    }
    let examples: usize = tested.rules.iter().map(|rule| rule.good + rule.bad).sum();
    let [rules, examples] =
        [(tested.rules.len(), "rule"), (examples, "example")].map(|(count, one)| counted(count as u64, one));
    let findings = Findings::listed(tested.findings, &context.workspace.sources);
    let found = Counts::of(&findings);
    Step::judged(NAME, findings, format!("{examples} of {rules}: {found}"))
}
