use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::Bus;
use super::reach::in_options;
use crate::adapters::disk;
use crate::cli::args::Global;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::cli::planning::Planning;
use crate::cli::{baseline, output};
use crate::diag::{Diagnostic, Findings, fingerprints};
use crate::import::Imported;
use crate::model::counted;
use crate::plan::{Plan, Summary};
use crate::render::Format;
use crate::render::plan::PlanView;
use crate::resources::{Desired, Live};

/// Says what was written, and what people have to decide.
pub fn tell(made: &Imported, global: &Global) {
    if global.verbose || made.created.len() + made.changed.len() <= 12 {
        made.created.keys().for_each(|path| anstream::println!("created {}", path.display()));
        made.changed.keys().for_each(|path| anstream::println!("changed {}", path.display()));
    }
    let counts = made.counts;
    let of = |count: usize, one: &str| counted(count as u64, one);
    anstream::println!(
        "Imported {} ({} of applications), {} and {}, in {}.",
        of(counts.topics, "topic"),
        counts.internal,
        of(counts.services, "service"),
        of(counts.subjects, "subject"),
        of(made.created.len() + made.changed.len(), "file")
    );
    if counts.raw > 0 {
        anstream::println!(
            "Raw entries in acls/, which `consumes`, `produces` and the like do not express: {}.",
            counts.raw
        );
    }
    if counts.broker_configs > 0 {
        anstream::println!("Configs that are set on brokers while they run: {}.", counts.broker_configs);
    }
    for (head, lines) in [("Questions", &made.questions), ("Not in the manifests", &made.left)] {
        if !lines.is_empty() {
            anstream::println!("\n{head}:");
            lines.iter().for_each(|line| anstream::println!("- {line}"));
        }
    }
    anstream::println!();
}

/// Where what the bus breaks is listed.
pub struct Baseline {
    /// The file; none where nobody asked for one.
    file: Option<PathBuf>,
    /// What it lists already.
    listed: HashSet<String>,
}

impl Baseline {
    /// That which is asked for, or that of a new workspace. Nothing is written yet, so that a file which is none stops the import.
    pub fn of(before: &Context, asked: Option<&Path>) -> Result<Self, CommandError> {
        let is_new_workspace = before.workspace.sources.find(Path::new(disk::SETTINGS_FILE)).is_none();
        let file = asked.map(Path::to_owned).or_else(|| is_new_workspace.then(|| PathBuf::from("baseline.json")));
        let listed = match &file {
            Some(file) if file.exists() => baseline::read(file)?,
            _ => HashSet::new(),
        };
        Ok(Self { file, listed })
    }
}

/// Lists what the bus breaks in a baseline; answers what to say of it.
pub fn list_findings(before: &Context, after: &Context, baseline: Baseline) -> Result<Option<String>, CommandError> {
    let of = |context: &Context| context.findings(&context.workspace.clusters.values().collect::<Vec<_>>());
    let sources = &after.workspace.sources;
    let findings = of(after)?.into_vec();
    let known: HashSet<String> = fingerprints(&of(before)?.into_vec(), &before.workspace.sources).into_iter().collect();
    let Baseline { file, listed } = baseline;
    let Some(file) = file else {
        let prints = fingerprints(&findings, sources);
        let new = prints.iter().filter(|print| !known.contains(*print)).count();
        let said = format!(
            "{} of what was imported: see `busctl validate`, or list them with --baseline FILE",
            counted(new as u64, "finding")
        );
        return Ok((new > 0).then_some(said));
    };
    // What a baseline lists already stays listed; what was found before and is not in it is not excused by an import.
    let prints = fingerprints(&findings, sources);
    let kept = findings.iter().zip(prints).filter(|(_, print)| listed.contains(print) || !known.contains(print));
    let kept: Vec<Diagnostic> = kept.map(|(finding, _)| finding.clone()).collect();
    if kept.is_empty() {
        return Ok(None);
    }
    baseline::write(&file, &Findings::listed(kept, sources), sources)?;
    Ok(Some(format!(
        "What the bus breaks of the rules is listed: give --baseline {} to validate, ci, plan and apply",
        file.display()
    )))
}

/// Plans the manifests against what they were made of.
pub fn prove(before: &Context, after: &Context, bus: &Bus, global: &Global) -> Result<Exit, CommandError> {
    let Some(live) = &bus.live else {
        anstream::println!("plan: not made; busctl plan --cluster {} compares with the cluster", bus.cluster);
        return Ok(Exit::Done);
    };
    let plan = |context: &Context| -> Option<Plan> {
        let cluster = context.workspace.clusters.get(&bus.cluster)?;
        let (desired, _) = Desired::resolve(&context.workspace, cluster);
        let mut planning = Planning::new(desired, None);
        Some(planning.plan(live, bus.facts.as_ref(), bus.histories.as_ref()))
    };
    let known: BTreeSet<_> = plan(before).into_iter().flat_map(|plan| plan.changes).map(|it| it.address).collect();
    let Some(mut plan) = plan(after) else { return Ok(Exit::Done) };
    let all = plan.changes.len();
    plan.changes.retain(|change| !known.contains(&change.address));
    let earlier = all - plan.changes.len();
    if earlier > 0 {
        let were = if earlier == 1 { "was there before and is" } else { "were there before and are" };
        anstream::println!("plan: {} {were} not of the import", counted(earlier as u64, "change"));
    }
    if plan.changes.is_empty() {
        anstream::println!("plan: nothing to do");
        return Ok(Exit::Done);
    }
    plan.summary = Summary::of(&plan.changes);
    output::view(&PlanView { plan: &plan, verbose: global.verbose }, Format::Text, global)?;
    Ok(Exit::Changes)
}

/// Says what could not be seen, and so is in no manifest.
pub fn tell_unseen(bus: &Bus) {
    for (failure, count) in bus.live.as_ref().map(Live::unseen).unwrap_or_default() {
        anstream::eprintln!("error: not imported, {count} of them: {failure}");
        if let Some(hint) = &failure.hint {
            let hint = if bus.by_options { in_options(hint) } else { hint.clone() };
            anstream::eprintln!(" help: {hint}");
        }
    }
}
