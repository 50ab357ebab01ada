//! The loop of `validate --fix`: find, mend what may be mended, look again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ClusterArg;
use super::context::Context;
use super::error::CommandError;
use crate::diag::{Diagnostic, Findings, Fix, Level, Safety, mend};
use crate::resources::WorkspaceFiles;

/// A fix can make room for the next one at the same place: ten services that are added to one list are ten rounds.
const MOST_ROUNDS: usize = 100;

/// What was mended, and what is left.
pub struct Mending {
    /// The workspace as it is then.
    pub context: Context,
    /// What is found in it.
    pub findings: Findings,
    /// What was done, with the place that it had before.
    pub done: Vec<String>,
    /// The files with another text than before, or that are new.
    pub texts: BTreeMap<PathBuf, String>,
}

/// Mends what is allowed, in memory, until nothing is left that can be mended.
pub fn mending(
    root: &Path,
    mut files: WorkspaceFiles,
    cluster: &ClusterArg,
    allowed: &[Safety],
) -> Result<Mending, CommandError> {
    let mut done = Vec::new();
    let mut texts = BTreeMap::new();
    let mut before = Round::of(root, files.clone(), cluster)?;
    for _ in 0..MOST_ROUNDS {
        let mendable: Vec<(&Diagnostic, &Fix)> = before
            .findings
            .iter()
            .filter_map(|finding| Some((finding, finding.fix.as_deref()?)))
            .filter(|(_, fix)| allowed.contains(&fix.safety))
            .collect();
        let mended = mend(mendable.iter().map(|(_, fix)| *fix), &before.context.workspace.sources);
        if mended.applied.is_empty() {
            break;
        }
        let mut next = files.clone();
        next.texts.extend(mended.texts.iter().map(|(path, text)| (path.clone(), Ok(Arc::from(text.as_str())))));
        let after = Round::of(root, next.clone(), cluster)?;
        // A guess may be wrong in a way that leaves a manifest unreadable. Then nothing more is done by guesses.
        if after.broken() > before.broken() {
            break;
        }
        done.extend(mended.applied.iter().map(|index| {
            let (finding, fix) = mendable[*index];
            let place =
                finding.span().map(|span| format!("{}: ", before.context.workspace.place(span))).unwrap_or_default();
            format!("{place}{} {}", finding.code, fix.title)
        }));
        texts.extend(mended.texts);
        files = next;
        before = after;
    }
    let findings = Findings::listed(before.findings, &before.context.workspace.sources);
    Ok(Mending { context: before.context, findings, done, texts })
}

struct Round {
    context: Context,
    findings: Vec<Diagnostic>,
}

impl Round {
    fn of(root: &Path, files: WorkspaceFiles, cluster: &ClusterArg) -> Result<Self, CommandError> {
        let context = Context::of_files(root, files);
        let findings = context.findings(&context.checked_clusters(cluster)?)?.into_vec();
        Ok(Self { context, findings })
    }

    fn broken(&self) -> usize {
        self.context.loading.iter().filter(|finding| finding.level == Level::Error).count()
    }
}

/// How what is left can be mended, by the option that does it; nothing where nothing can.
pub fn left(findings: &Findings) -> Option<String> {
    let options = [
        (Safety::Safe, "--fix"),
        (Safety::Consent, "--fix-consent"),
        (Safety::Guess, "--fix --unsafe-fixes, by a guess"),
    ];
    let mut counts: BTreeMap<Safety, usize> = BTreeMap::new();
    for safety in findings.iter().filter_map(|finding| finding.fix.as_ref().map(|fix| fix.safety)) {
        *counts.entry(safety).or_default() += 1;
    }
    let counted = options.iter().filter_map(|(safety, option)| {
        let count = counts.get(safety)?;
        Some(format!("{count} with {option}"))
    });
    let counted: Vec<_> = counted.collect();
    (!counted.is_empty()).then(|| format!("can be mended: {}", counted.join(", ")))
}
