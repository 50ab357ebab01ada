use std::collections::BTreeSet;

use rayon::prelude::*;

use super::custom::{self, CustomRules};
use super::rules::secrets::SECRET;
use super::{Check, Rule, rule, rules};
use crate::diag::{Code, Diagnostic};
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Workspace};

/// Everything in a workspace that breaks a rule, in the order of files, places and codes: for the workspace as a whole
/// and for what it means on each of `clusters`. What the loader found is not repeated; levels and waivers are not
/// applied yet.
///
/// A finding that holds on several clusters is made once and names them; one that holds on all of at least two names
/// none.
pub fn check(workspace: &Workspace, clusters: &[&ClusterSpec]) -> Vec<Diagnostic> {
    check_asked(workspace, clusters, &Asked::All)
}

/// The same for findings of some codes; there may be others among them. What levels and waivers say depends on every other
/// finding, and what is wrong with a value as such any rule may say that takes it apart: all rules are asked of these.
pub fn check_for(workspace: &Workspace, clusters: &[&ClusterSpec], codes: BTreeSet<Code>) -> Vec<Diagnostic> {
    let is_of_all = |code: &Code| rule(code).is_some_and(|rule| matches!(rule.check, Check::Levels | Check::Loader));
    let asked = if codes.iter().any(is_of_all) { Asked::All } else { Asked::Codes(codes) };
    check_asked(workspace, clusters, &asked)
}

fn check_asked(workspace: &Workspace, clusters: &[&ClusterSpec], asked: &Asked) -> Vec<Diagnostic> {
    let (own, unreadable) = match asked.has_own() {
        true => custom::compile(workspace),
        false => (CustomRules::default(), Vec::new()),
    };
    let on = |cluster: &&ClusterSpec| {
        let (desired, findings) = Desired::resolve(workspace, cluster);
        check_cluster(&desired, findings, &own, asked)
    };
    let (mut whole, by_cluster) =
        rayon::join(|| check_workspace(workspace, asked), || clusters.par_iter().map(on).collect());
    whole.extend(unreadable);
    merge(whole, clusters, by_cluster)
}

/// Which rules are asked.
pub(super) enum Asked {
    /// Each.
    All,
    /// Those that findings of these codes come of.
    Codes(BTreeSet<Code>),
}

impl Asked {
    fn has(&self, rule: &Rule) -> bool {
        match self {
            Self::All => true,
            // What is a secret is taken out of every other finding.
            Self::Codes(codes) => codes.iter().any(|code| says(rule, code)) || rule.code == SECRET.code,
        }
    }

    fn has_own(&self) -> bool {
        let is_own = |code: &Code| rule(code).is_none_or(|rule| matches!(rule.check, Check::Custom));
        match self {
            Self::All => true,
            Self::Codes(codes) => codes.iter().any(is_own),
        }
    }
}

/// Whether findings of a code come of a rule: its own, and those of rules whose work it does.
fn says(rule: &Rule, code: Code) -> bool {
    let is_with = || {
        matches!(
        self::rule(code), Some(Rule { check: Check::With(with) | Check::Earlier(with), .. }) if *with == rule.code)
    };
    rule.code == code || is_with()
}

/// Asks a rule. That a manifest lacks what is there and could not be read is nothing to tell: the loader has told why. What it
/// says by a code that is not its own could not be asked for.
fn ask(rule: &Rule, workspace: &Workspace, findings: &mut Vec<Diagnostic>, check: impl FnOnce(&mut Vec<Diagnostic>)) {
    let before = findings.len();
    check(findings);
    if !workspace.lost.is_empty() {
        let is_there = |finding: &Diagnostic| workspace.lost.iter().any(|(span, key)| finding.is_of_lack(*span, key));
        let kept: Vec<_> = findings.drain(before..).filter(|finding| !is_there(finding)).collect();
        findings.extend(kept);
    }
    let is_loaders = |code: Code| self::rule(code).is_some_and(|rule| matches!(rule.check, Check::Loader));
    let stranger = |finding: &&Diagnostic| !says(rule, finding.code) && !is_loaders(finding.code);
    debug_assert_eq!(findings[before..].iter().find(stranger), None, "found by {}", rule.code);
}

/// The same for one cluster whose desired state is there already, with what resolving it found: who goes on with that
/// state does not have it made twice.
pub fn check_resolved(desired: &Desired<'_>, resolving: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let (own, unreadable) = custom::compile(desired.workspace);
    let (mut whole, here) = rayon::join(
        || check_workspace(desired.workspace, &Asked::All),
        || check_cluster(desired, resolving, &own, &Asked::All),
    );
    whole.extend(unreadable);
    merge(whole, &[desired.cluster], vec![here])
}

pub(super) fn merge(
    whole: Vec<Diagnostic>,
    clusters: &[&ClusterSpec],
    by_cluster: Vec<Vec<Diagnostic>>,
) -> Vec<Diagnostic> {
    let mut all = whole;
    for (cluster, mut findings) in clusters.iter().zip(by_cluster) {
        findings.iter_mut().for_each(|finding| finding.cluster = Some(cluster.cluster.to_string()));
        all.reserve_exact(findings.len());
        all.append(&mut findings);
    }
    // In order, those that say the same stand together: what holds everywhere first, then by cluster.
    sort(&mut all);
    all.dedup_by(|again, first| {
        says_the_same(again, first) && {
            if let (Some(first), Some(again)) = (&mut first.cluster, &again.cluster)
                && first.rsplit(", ").next() != Some(again.as_str())
            {
                first.push_str(", ");
                first.push_str(again);
            }
            true
        }
    });
    let names: BTreeSet<&str> = clusters.iter().map(|cluster| cluster.cluster.as_str()).collect();
    if names.len() > 1 {
        let everywhere = names.into_iter().collect::<Vec<_>>().join(", ");
        for finding in &mut all {
            finding.cluster.take_if(|cluster| *cluster == everywhere);
        }
    }
    all
}

fn says_the_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.code, &a.message, a.span()) == (b.code, &b.message, b.span())
}

/// The order in which findings are shown: by file, place and code; those without a place last.
pub(super) fn sort(findings: &mut [Diagnostic]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Diagnostic| (finding.span().is_none(), finding.span().map(|span| (span.file, span.start)));
        key(a)
            .cmp(&key(b))
            .then_with(|| a.code.cmp(b.code))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.span().cmp(&b.span()))
            .then_with(|| a.cluster.cmp(&b.cluster))
    });
}

pub(super) fn check_workspace(workspace: &Workspace, asked: &Asked) -> Vec<Diagnostic> {
    let check = |rule: &&'static Rule| {
        let mut findings = Vec::new();
        match rule.check {
            Check::Workspace(check) if asked.has(rule) => {
                ask(rule, workspace, &mut findings, |findings| check(workspace, findings));
            }
            _ => {}
        }
        findings
    };
    rules().par_iter().flat_map_iter(check).collect()
}

pub(super) fn check_cluster(
    desired: &Desired<'_>,
    mut findings: Vec<Diagnostic>,
    own: &CustomRules<'_>,
    asked: &Asked,
) -> Vec<Diagnostic> {
    for rule in rules() {
        match rule.check {
            Check::Cluster(check) if asked.has(rule) => {
                ask(rule, desired.workspace, &mut findings, |findings| check(desired, findings));
            }
            _ => {}
        }
    }
    custom::check(desired, own, &mut findings);
    findings
}
