use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Level};
use crate::model::{ClusterName, Principal};
use crate::policy::Content::{self, Text};
use crate::policy::{Base, Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::acl::{DesiredGrants, PrincipalsSpec, principals_for};
use crate::resources::cluster::ClusterSpec;
use crate::source::{Span, Spanned};

const CONSUMER: &str = "acls/normalizer.yaml";
const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

/// BUS705.
pub static DROPPED: Rule = Rule {
    code: "BUS705",
    name: "service-dropped",
    summary: "The grants of a service are not taken away with its file; a tombstone takes them away",
    explanation: "Where the file in `acls/` is gone, nobody knows any more that its principals are ours: their ACLs stay on \
the cluster, unmanaged. `state: absent` with a `reason` takes the ACLs away; once that is applied everywhere the file can go. \
So it is with a role that is gone, with `clusters` that leave a cluster out where the service had grants, and with a principal \
that is now another one: each principal that no manifest declares any more on a cluster keeps its ACLs there.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (CONSUMER, Text("")),
        (TOPIC, Text("consumers: []\n")),
        ("busctl.yaml", Text("rules: { BUS110: off }\n")),
        ("busctl.yaml", Content::Base("rules: { BUS110: off }\n")),
        (CONSUMER, Content::Base("service: normalizer\n")),
    ]),
    good: Example(&[
        (
            CONSUMER,
            Text("service: normalizer\nstate: absent\nreason: Replaced by the enricher (CR-2160).\nconsumes: []\n"),
        ),
        (TOPIC, Text("consumers: []\n")),
        ("busctl.yaml", Text("rules: { BUS110: off, BUS706: off }\n")),
        ("busctl.yaml", Content::Base("rules: { BUS110: off, BUS706: off }\n")),
        (CONSUMER, Content::Base("service: normalizer\n")),
    ]),
    check: Check::Base(dropped),
};

/// Principals that nobody declares any more, with whose they were, where that was declared, and the clusters.
type Lost<'w> = BTreeMap<(String, Principal), (Span, BTreeSet<&'w ClusterName>)>;

fn dropped(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let mut lost = Lost::new();
    for (name, cluster) in &workspace.clusters {
        let Some(before) = base.workspace.clusters.get(name) else { continue };
        let now = DesiredGrants::owners_on(workspace, cluster);
        for (principal, owner) in DesiredGrants::owners_on(base.workspace, before) {
            // What cannot be read is not taken away.
            if !owner.leaving && !now.contains_key(&principal) && !is_unknown(workspace, &owner.name) {
                lost.entry((owner.name, principal)).or_insert((owner.span, BTreeSet::new())).1.insert(name);
            }
        }
    }
    tell(workspace, base, lost, findings);
}

fn is_unknown(workspace: &Workspace, owner: &str) -> bool {
    let is_broken = |kind, name: &str| workspace.broken.contains(&(kind, name.to_owned()));
    let is_service = workspace.unread.contains("grants") || is_broken("service", owner);
    (is_service && !workspace.grants.contains_key(owner))
        || ((workspace.unread.contains("role") || is_broken("role", owner))
            && !workspace.catalog.roles.contains_key(owner))
}

fn tell(workspace: &Workspace, base: &Base<'_>, lost: Lost<'_>, findings: &mut Vec<Diagnostic>) {
    let label = format!("declared here in {}", base.name);
    let mut told = BTreeSet::new();
    // Of a template of principals, which is one line for all services.
    let mut by_template: BTreeMap<&ClusterName, Vec<String>> = BTreeMap::new();
    for ((owner, principal), (span, mut clusters)) in lost {
        let (what, written) = match (workspace.grants.get(&owner), workspace.catalog.roles.get(&owner)) {
            (Some(grants), _) => ("service", Written::of(&grants.principals, grants.service.span)),
            (None, Some(role)) => ("role", Written::of(&role.principals, role.span)),
            (None, None) => {
                if told.insert(owner.clone()) {
                    findings.push(gone(base, &owner).at(span, &*label));
                }
                continue;
            }
        };
        clusters.retain(|name| {
            let is_template = is_of_template(workspace, base, name, &owner, &principal);
            if is_template {
                by_template.entry(*name).or_default().push(format!("`{principal}`"));
            }
            !is_template
        });
        let Some(first) = clusters.first().and_then(|name| workspace.clusters.get(*name)) else { continue };
        let of_role = || workspace.catalog.roles.get(&owner).map(|role| &role.clusters);
        let selectors = workspace.grants.get(&owner).map(|grants| &grants.clusters).or_else(of_role);
        let selectors = selectors.map(Vec::as_slice).unwrap_or_default();
        let place = match workspace.selects(selectors, first) {
            true => written.place(first),
            false => selectors.first().map_or(written.name, |selector| selector.span),
        };
        let names: Vec<_> = clusters.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "`{principal}` of {what} `{owner}` is no longer declared on {}; its ACLs are still there",
            names.join(", ")
        );
        let help = "nobody governs them any more: declare the principal there in a manifest of grants with `state: absent` \
                    and a `reason`, which takes them away, or keep it";
        let finding = DROPPED.finding(message).at(place, "").at(span, &*label).help(help);
        findings.push(finding.resource(format_args!("{what}/{owner}")));
    }
    for (name, principals) in by_template {
        let Some(cluster) = workspace.clusters.get(name) else { continue };
        findings.push(of_template(base, cluster, &principals));
    }
}

/// Whose file or entry is gone.
fn gone(base: &Base<'_>, owner: &str) -> Diagnostic {
    if base.workspace.grants.contains_key(owner) {
        let message = format!("the grants of service `{owner}` are gone from the manifests; its ACLs are not");
        let help = "put the file back with `state: absent` and a `reason`: then its ACLs are taken away";
        return DROPPED.finding(message).help(help).resource(format_args!("service/{owner}"));
    }
    let message = format!("the role `{owner}` is gone from the manifests; its ACLs are not");
    let help =
        "put it back and take away what it `reads`, `writes` and uses: once that is applied everywhere it can go";
    DROPPED.finding(message).help(help).resource(format_args!("role/{owner}"))
}

/// The principals that somebody wrote for a service or a role.
struct Written<'w> {
    principals: &'w BTreeMap<Spanned<Box<str>>, PrincipalsSpec>,
    name: Span,
}

impl<'w> Written<'w> {
    fn of(principals: &'w BTreeMap<Spanned<Box<str>>, PrincipalsSpec>, name: Span) -> Self {
        Self { principals, name }
    }

    /// Where they are written for a cluster, else where the service is.
    fn place(&self, cluster: &ClusterSpec) -> Span {
        principals_for(cluster, self.principals).map_or(self.name, |(key, _)| key.span)
    }
}

/// Whether the template of a cluster made a principal, and now makes another one of the same name.
fn is_of_template(
    workspace: &Workspace,
    base: &Base<'_>,
    cluster: &ClusterName,
    owner: &str,
    principal: &Principal,
) -> bool {
    let template = |workspace: &Workspace| {
        let cluster = workspace.clusters.get(cluster)?;
        let grants = workspace.grants.get(owner).map(|grants| (&grants.clusters, &grants.principals));
        let role = || workspace.catalog.roles.get(owner).map(|role| (&role.clusters, &role.principals));
        let (clusters, written) = grants.or_else(role)?;
        if !workspace.selects(clusters, cluster) {
            return None;
        }
        principals_for(cluster, written).is_none().then(|| cluster.template().principal(owner))
    };
    let (now, before) = (template(workspace), template(base.workspace));
    now.is_some() && now != before && before.as_ref() == Some(principal)
}

fn of_template(base: &Base<'_>, cluster: &ClusterSpec, principals: &[String]) -> Diagnostic {
    const SHOWN: usize = 3;
    let name = &cluster.cluster.value;
    let shown = principals.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = match principals.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message =
        format!("`{name}` makes principals otherwise: {shown}{more} no longer declared, with their ACLs still there");
    let template = |cluster: &ClusterSpec| cluster.principal.as_ref().map(|template| template.span);
    let help = "nobody governs them any more: take these ACLs away once no client uses them, or declare the principals under \
                `principals` of their services";
    let finding = DROPPED.finding(message).at(template(cluster).unwrap_or(cluster.cluster.span), "");
    let was = base.workspace.clusters.get(name.as_str()).map(|was| template(was).unwrap_or(was.cluster.span));
    let finding = was.into_iter().fold(finding, |finding, was| finding.at(was, format!("as {} has it", base.name)));
    finding.help(help).resource(format_args!("cluster/{name}"))
}
