use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::custom::{self, CustomRules};
use super::{Check, rules};
use crate::diag::Diagnostic;
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Workspace};

/// Everything in a workspace that breaks a rule, in the order of files, places and codes: for the workspace as a whole
/// and for what it means on each of `clusters`. What the loader found is not repeated; levels and waivers are not
/// applied yet.
///
/// A finding that holds on several clusters is made once and names them; one that holds on all of at least two names
/// none.
pub fn check(workspace: &Workspace, clusters: &[&ClusterSpec]) -> Vec<Diagnostic> {
    let (own, unreadable) = custom::compile(workspace);
    let on = |cluster: &&ClusterSpec| {
        let (desired, findings) = Desired::resolve(workspace, cluster);
        check_cluster(&desired, findings, &own)
    };
    let (mut whole, by_cluster) =
        rayon::join(|| check_workspace(workspace), || clusters.par_iter().map(on).collect::<Vec<_>>());
    whole.extend(unreadable);
    merge(whole, clusters, by_cluster)
}

/// The same for one cluster whose desired state is there already, with what resolving it found: who goes on with that
/// state does not have it made twice.
pub fn check_resolved(desired: &Desired<'_>, resolving: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let (own, unreadable) = custom::compile(desired.workspace);
    let (mut whole, here) =
        rayon::join(|| check_workspace(desired.workspace), || check_cluster(desired, resolving, &own));
    whole.extend(unreadable);
    merge(whole, &[desired.cluster], vec![here])
}

pub(super) fn merge(
    whole: Vec<Diagnostic>,
    clusters: &[&ClusterSpec],
    by_cluster: Vec<Vec<Diagnostic>>,
) -> Vec<Diagnostic> {
    let mut merged = Merged::default();
    whole.into_iter().for_each(|finding| merged.add(finding, None));
    for (cluster, findings) in clusters.iter().zip(by_cluster) {
        findings.into_iter().for_each(|finding| merged.add(finding, Some(cluster.cluster.as_str())));
    }
    let mut findings = merged.finish(clusters.len());
    sort(&mut findings);
    findings
}

/// The order in which findings are shown: by file, place and code; those without a place last.
pub(super) fn sort(findings: &mut [Diagnostic]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Diagnostic| (finding.span().is_none(), finding.span().map(|span| (span.file, span.start)));
        key(a)
            .cmp(&key(b))
            .then_with(|| a.code.cmp(b.code))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.cluster.cmp(&b.cluster))
    });
}

pub(super) fn check_workspace(workspace: &Workspace) -> Vec<Diagnostic> {
    let checks = rules().par_iter().filter_map(|rule| match rule.check {
        Check::Workspace(check) => Some(check),
        _ => None,
    });
    checks
        .flat_map_iter(|check| {
            let mut findings = Vec::new();
            check(workspace, &mut findings);
            findings
        })
        .collect()
}

pub(super) fn check_cluster(
    desired: &Desired<'_>,
    mut findings: Vec<Diagnostic>,
    own: &CustomRules<'_>,
) -> Vec<Diagnostic> {
    for rule in rules() {
        if let Check::Cluster(check) = rule.check {
            check(desired, &mut findings);
        }
    }
    custom::check(desired, own, &mut findings);
    findings
}

/// Findings with the clusters on which each holds; no cluster where it was found in the workspace itself.
#[derive(Default)]
struct Merged {
    findings: Vec<(Diagnostic, BTreeSet<String>)>,
    /// Indexes of findings by code, message and main place.
    known: HashMap<(crate::diag::Code, String, Option<crate::source::Span>), usize>,
}

impl Merged {
    fn add(&mut self, finding: Diagnostic, cluster: Option<&str>) {
        let index = *self.known.entry((finding.code, finding.message.clone(), finding.span())).or_insert_with(|| {
            self.findings.push((finding, cluster.map(str::to_owned).into_iter().collect()));
            self.findings.len() - 1
        });
        let (_, clusters) = &mut self.findings[index];
        match cluster {
            // Found in the workspace itself, it holds everywhere.
            _ if clusters.is_empty() => {}
            Some(cluster) => {
                clusters.insert(cluster.to_owned());
            }
            None => clusters.clear(),
        }
    }

    fn finish(self, checked: usize) -> Vec<Diagnostic> {
        let name = |(mut finding, clusters): (Diagnostic, BTreeSet<String>)| {
            let everywhere = clusters.is_empty() || (checked > 1 && clusters.len() == checked);
            finding.cluster = (!everywhere).then(|| clusters.into_iter().collect::<Vec<_>>().join(", "));
            finding
        };
        self.findings.into_iter().map(name).collect()
    }
}
