use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::args::{ClusterArg, Global};
use super::baseline;
use super::context::{Base, Context, Samples};
use super::error::CommandError;
use super::planning::Planning;
use super::{output, snapshot};
use crate::diag::{Diagnostic, Findings, Fingerprints, take_known};
use crate::model::{Kind, counted};
use crate::policy::{self, BaseState};
use crate::render::printable;
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;

/// What the workspace is compared with, so that only what a change brings counts.
#[derive(Debug, clap::Args)]
pub struct AgainstArgs {
    /// Compare with a base: git:REF is the workspace at the last commit in common with a branch, tag or commit; FILE is a
    /// snapshot of a cluster. What the base has too does not count, and what the change takes away is told
    #[arg(long, value_name = "git:REF|FILE")]
    pub against: Option<BaseArg>,

    /// Leave out the findings that a file lists: those of an estate before it was governed
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write the file for --baseline, with every finding that there is now
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    pub write_baseline: Option<PathBuf>,
}

/// Where a base is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseArg {
    /// A commit, as Git resolves it.
    Git(String),
    /// A snapshot.
    Snapshot(PathBuf),
}

impl FromStr for BaseArg {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match git_reference(text)? {
            Some(reference) => Ok(Self::Git(reference.to_owned())),
            None if text.is_empty() => Err("write git:REF, or the path of a snapshot".to_owned()),
            None => Ok(Self::Snapshot(text.into())),
        }
    }
}

/// What `git:REF` names; `None` for what begins otherwise.
pub fn git_reference(text: &str) -> Result<Option<&str>, String> {
    match text.strip_prefix("git:") {
        Some("") => Err("name a branch, a tag or a commit behind `git:`".to_owned()),
        reference => Ok(reference),
    }
}

/// What was found of a workspace.
pub struct Checked {
    /// The workspace, with the files of its base among its sources.
    pub context: &'static Context,
    /// The clusters that were looked at.
    pub clusters: Vec<&'static ClusterSpec>,
    /// What counts.
    pub findings: Findings,
    /// What the base has too, or the baseline lists.
    pub known: Findings,
    /// What the workspace was compared with, in words.
    pub compared_with: Option<String>,
    /// The workspace that it was compared with.
    pub base: Option<&'static Base>,
    /// What the comparison leaves out, because some manifests cannot be read.
    pub untold: Option<&'static str>,
}

/// Checks a workspace, for every cluster or for one, and sorts out what counts.
pub fn check(cluster: &ClusterArg, args: &AgainstArgs, samples: Samples) -> Result<Checked, CommandError> {
    check_with(cluster, args, samples, |_| Ok(Vec::new()))
}

/// The same with further findings of what was checked, which baselines are for too.
pub fn check_with(
    cluster: &ClusterArg,
    args: &AgainstArgs,
    samples: Samples,
    more: impl FnOnce(&Checked) -> Result<Vec<Diagnostic>, CommandError>,
) -> Result<Checked, CommandError> {
    let mut checked = match &args.against {
        None => alone(cluster, samples)?,
        Some(BaseArg::Git(reference)) => against_commit(cluster, reference, samples)?,
        Some(BaseArg::Snapshot(file)) => against_snapshot(cluster, file, samples)?,
    };
    let more = more(&checked)?;
    checked.findings.extend(more);
    let sources = &checked.context.workspace.sources;
    if let Some(file) = &args.write_baseline {
        baseline::write(file, &checked.findings, sources)?;
    }
    if let Some(file) = args.baseline.as_ref().or(args.write_baseline.as_ref()) {
        let mut listed = baseline::read(file)?;
        if let Some(base) = checked.base {
            baseline::keep_to(file, &mut listed, &base.commit, (&base.name, &checked.context.root));
        }
        let known = baseline::take_listed(&mut checked.findings, sources, &listed);
        if args.against.is_none() {
            baseline::tell_mended(file, &listed, &known, sources, cluster);
        }
        checked.known.append(known);
    }
    Ok(checked)
}

/// Whether a finding is of the loader: of what it cannot read, nobody knows what it says.
fn is_unread(finding: &Diagnostic) -> bool {
    policy::rule(finding.code).is_some_and(|rule| matches!(rule.check, policy::Check::Loader))
}

fn alone(cluster: &ClusterArg, samples: Samples) -> Result<Checked, CommandError> {
    let context = load(samples)?;
    let clusters = context.checked_clusters(cluster)?;
    let findings = context.findings(&clusters)?;
    let known = findings.none();
    Ok(Checked { context, clusters, findings, known, compared_with: None, base: None, untold: None })
}

fn against_commit(cluster: &ClusterArg, reference: &str, samples: Samples) -> Result<Checked, CommandError> {
    let (context, base) = Context::open_with_base(reference, samples)?;
    // To the end of the program, as the workspace itself.
    let (context, base): (&Context, &Base) = (Box::leak(Box::new(context)), Box::leak(Box::new(base)));
    let clusters = context.checked_clusters(cluster)?;
    let short = base.commit.get(..12).unwrap_or(&base.commit);
    let compared_with = match base.is_empty {
        true => format!("git:{reference} ({short}), which has no workspace here"),
        false => format!("git:{reference} ({short})"),
    };
    let state = BaseState::Manifests(policy::Base { name: &base.name, workspace: &base.workspace });
    let (mut findings, untold) = match base.is_empty {
        true => (context.findings(&clusters)?, None),
        false => (context.findings_against(&clusters, state)?, policy::untold(&context.workspace, state)),
    };
    let mut known = findings.none();
    // Of what there is nothing now, nobody needs to know whether the base had it.
    let mut codes: BTreeSet<_> = findings.iter().map(|finding| finding.code).collect();
    codes.retain(|code| policy::is_of_manifests(&context.workspace, code));
    if !codes.is_empty() {
        let sources = &context.workspace.sources;
        let mut prints = Fingerprints::new(sources);
        let of_base = base.findings(&clusters, codes)?;
        let had = of_base.iter().map(|finding| prints.of(&finding)).collect();
        output::whole(&of_base)?;
        // Of a file that the change edits, what cannot be read is its own mistake.
        let is_edited = |finding: &Diagnostic| is_unread(finding) && !base.has_file(finding);
        known = take_known(&mut findings, sources, &had, |finding| !is_edited(finding));
    }
    Ok(Checked { context, clusters, findings, known, compared_with: Some(compared_with), base: Some(base), untold })
}

fn against_snapshot(cluster: &ClusterArg, file: &Path, samples: Samples) -> Result<Checked, CommandError> {
    if !file.exists() {
        let shown = file.display();
        return Err(CommandError::system(format!("there is no snapshot {shown}"))
            .hint(format!("a commit is `--against git:{shown}`; a snapshot is written by `busctl snapshot`")));
    }
    let context = load(samples)?;
    let clusters = context.clusters(cluster)?;
    let (of, saved) = match &cluster.cluster {
        Some(_) => {
            let of = context.cluster(cluster)?;
            (of, snapshot::read(file, of)?)
        }
        None => snapshot::read_of_any(file, context)?,
    };
    let name = file.display().to_string();
    if let Some(pinned) = of.cluster_id.as_ref().filter(|pinned| pinned.value != saved.live.cluster.id) {
        let found = printable(&saved.live.cluster.id).into_owned();
        return Err(CommandError::refused(format!("{name} is of cluster {found}, not of {}", pinned.value)).hint(
            format!(
                "take a new one with `busctl snapshot --cluster {} -o FILE`, or correct the id at {}",
                of.cluster.value,
                context.workspace.place(pinned.span)
            ),
        ));
    }
    let state = BaseState::Live { name: &name, cluster: of, live: &saved.live };
    let mut findings = context.findings_against(&clusters, state)?;
    let untold = policy::untold(&context.workspace, state);
    let (desired, _) = Desired::resolve(&context.workspace, of);
    // The rest of it was compared just now.
    let schemas: Vec<_> = desired.addresses().filter(|address| address.kind == Kind::Schema).collect();
    let plan =
        Planning::new(desired.only(&schemas), None).plan(&saved.live, saved.impact.as_ref(), saved.versions.as_ref());
    let of_schemas = plan.findings.iter().filter(|finding| policy::is_of_registered(&finding.code));
    findings.extend(of_schemas.map(|finding| context.diagnostic(finding, &of.cluster.value)));
    for (failure, count) in saved.live.unseen() {
        let resources = counted(count as u64, "resource");
        anstream::eprintln!(
            "{resources} not seen when {name} was taken, and not compared: {}",
            printable(&failure.to_string())
        );
    }
    let compared_with = Some(format!("{name}, a snapshot of cluster `{}`", of.cluster.value));
    let known = findings.none();
    Ok(Checked { context, clusters, findings, known, compared_with, base: None, untold })
}

/// To the end of the program, as a workspace without a base.
fn load(samples: Samples) -> Result<&'static Context, CommandError> {
    Ok(Box::leak(Box::new(Context::open_with(samples)?)))
}

impl Checked {
    /// Says what the findings were compared with and how many do not count.
    ///
    /// # Errors
    ///
    /// There are very many, and not all could be kept until now.
    pub fn tell(&self, global: &Global) -> Result<(), CommandError> {
        if let Some(base) = &self.compared_with {
            anstream::eprintln!("compared with {base}");
            if let Some(untold) = self.untold {
                anstream::eprintln!("{untold}");
            }
        }
        match (self.known.len(), global.verbose) {
            (0, _) => {}
            (_, true) => {
                anstream::eprintln!("known before, and not counted:");
                self.context.print_findings(&self.known, global)?;
            }
            (count, false) => anstream::eprintln!(
                "{} known before, not shown and not counted; --verbose shows them",
                counted(count as u64, "finding")
            ),
        }
        Ok(())
    }
}
