use std::collections::BTreeSet;

use rayon::prelude::*;

use super::custom::{self, CustomRules};
use super::rules::secrets::SECRET;
use super::{Check, Rule, rule, rules};
use crate::diag::{Code, Diagnostic, Findings, Store};
use crate::resources::catalog::rules::sums;
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Workspace};

/// Everything in a workspace that breaks a rule: for the workspace as a whole and for what it means on each of `clusters`.
/// What the loader found is not repeated; levels and waivers are not applied yet.
///
/// A finding that holds on several clusters is made once and names them; one that holds on all of at least two names
/// none.
pub fn check(workspace: &Workspace, clusters: &[&ClusterSpec], store: &Store) -> Findings {
    check_asked(workspace, clusters, &Asked::All, store)
}

/// The same for findings of some codes; there may be others among them. What levels and waivers say depends on every other
/// finding, and what is wrong with a value as such any rule may say that takes it apart: all rules are asked of these.
pub fn check_for(workspace: &Workspace, clusters: &[&ClusterSpec], codes: BTreeSet<Code>, store: &Store) -> Findings {
    let is_of_all = |code: &Code| rule(code).is_some_and(|rule| matches!(rule.check, Check::Levels | Check::Loader));
    let asked = if codes.iter().any(is_of_all) { Asked::All } else { Asked::Codes(codes) };
    check_asked(workspace, clusters, &asked, store)
}

fn check_asked(workspace: &Workspace, clusters: &[&ClusterSpec], asked: &Asked, store: &Store) -> Findings {
    let (own, unreadable) = match asked.has_own() {
        true => custom::compile(workspace),
        false => (CustomRules::default(), Vec::new()),
    };
    let on = |cluster: &&ClusterSpec| {
        let (desired, findings) = Desired::resolve(workspace, cluster);
        check_cluster(&desired, findings, None, (&own, asked), store)
    };
    let (mut whole, by_cluster) =
        rayon::join(|| check_workspace(workspace, asked, store), || clusters.par_iter().map(on).collect::<Vec<_>>());
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
fn ask(rule: &Rule, workspace: &Workspace, check: impl FnOnce(&mut Vec<Diagnostic>)) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    check(&mut findings);
    if !workspace.lost.is_empty() {
        let is_there = |finding: &Diagnostic| workspace.lost.iter().any(|(span, key)| finding.is_of_lack(*span, key));
        findings.retain(|finding| !is_there(finding));
    }
    let is_loaders = |code: Code| self::rule(code).is_some_and(|rule| matches!(rule.check, Check::Loader));
    let stranger = |finding: &&Diagnostic| !says(rule, finding.code) && !is_loaders(finding.code);
    debug_assert_eq!(findings.iter().find(stranger), None, "found by {}", rule.code);
    findings
}

/// The same for one cluster whose desired state is there already, with what resolving it found: who goes on with that
/// state does not have it made twice.
pub fn check_resolved(desired: &Desired<'_>, resolving: Vec<Diagnostic>, store: &Store) -> Findings {
    let (own, unreadable) = custom::compile(desired.workspace);
    let (mut whole, here) = rayon::join(
        || check_workspace(desired.workspace, &Asked::All, store),
        || check_cluster(desired, resolving, None, (&own, &Asked::All), store),
    );
    whole.extend(unreadable);
    merge(whole, &[desired.cluster], vec![here])
}

/// Makes one finding of those that say the same of the workspace as a whole and of several clusters.
pub(super) fn merge(whole: Findings, clusters: &[&ClusterSpec], by_cluster: Vec<Findings>) -> Findings {
    let names: BTreeSet<&str> = clusters.iter().map(|cluster| cluster.cluster.as_str()).collect();
    let everywhere = (names.len() > 1).then(|| names.into_iter().collect::<Vec<_>>().join(", "));
    let mut all = whole;
    by_cluster.into_iter().for_each(|findings| all.append(findings));
    let mut merged = all.none();
    let mut push = |mut finding: Diagnostic| {
        finding.cluster.take_if(|cluster| everywhere.as_deref() == Some(cluster.as_str()));
        merged.push(finding);
    };
    // In order, those that say the same stand together: what holds everywhere first, then by cluster.
    let mut all = all.into_iter();
    let mut first = all.next();
    for again in all {
        match &mut first {
            Some(first) if says_the_same(&again, first) => {
                if let (Some(first), Some(again)) = (&mut first.cluster, &again.cluster)
                    && first.rsplit(", ").next() != Some(again.as_str())
                {
                    first.push_str(", ");
                    first.push_str(again);
                }
            }
            _ => first.replace(again).into_iter().for_each(&mut push),
        }
    }
    first.into_iter().for_each(push);
    merged
}

fn says_the_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.code, &a.message, a.span()) == (b.code, &b.message, b.span())
}

pub(super) fn check_workspace(workspace: &Workspace, asked: &Asked, store: &Store) -> Findings {
    let check = |rule: &&'static Rule| {
        let mut findings = store.findings();
        match rule.check {
            Check::Workspace(check) if asked.has(rule) => {
                findings.extend(ask(rule, workspace, |findings| check(workspace, findings)));
            }
            _ => {}
        }
        findings
    };
    let by_rule: Vec<Findings> = rules().par_iter().map(check).collect();
    let mut findings = store.findings();
    by_rule.into_iter().for_each(|of_rule| findings.append(of_rule));
    findings
}

/// What breaks a rule on a cluster, with what resolving it found. Where it is compared with what was `before`, findings point
/// at what the change adds.
pub(super) fn check_cluster(
    desired: &Desired<'_>,
    resolving: Vec<Diagnostic>,
    before: Option<&Desired<'_>>,
    (own, asked): (&CustomRules<'_>, &Asked),
    store: &Store,
) -> Findings {
    let mut findings = store.findings();
    let mut add = |found: Vec<Diagnostic>| findings.extend(on(desired.cluster, found));
    add(resolving);
    for rule in rules() {
        match rule.check {
            Check::Cluster(check) if asked.has(rule) => {
                let mut found = ask(rule, desired.workspace, |found| check(desired, found));
                before.iter().for_each(|before| sums::point_at_added(&mut found, desired, before));
                add(found);
            }
            _ => {}
        }
    }
    custom::check(desired, own, add);
    findings
}

/// Has findings say that they hold on a cluster.
pub(super) fn on(cluster: &ClusterSpec, findings: Vec<Diagnostic>) -> impl Iterator<Item = Diagnostic> {
    findings.into_iter().map(|finding| finding.cluster(&*cluster.cluster))
}
