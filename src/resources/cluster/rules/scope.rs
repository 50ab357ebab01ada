use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Level};
use crate::model::PatternType;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::ports::journal::LEDGER_TOPIC;
use crate::ports::kafka::{Acl, AclResourceType};
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;
use crate::resources::quota::in_scope;
use crate::resources::scram;
use crate::resources::topic::{ManagedBy, State};

/// BUS404.
pub static SCOPE: Rule = Rule {
    code: "BUS404",
    name: "outside-scope",
    summary: "What is declared for a cluster is within its `manages`",
    explanation: "`manages` says which topics, groups and principals of a cluster are ours. Everything outside is never \
touched, so a topic, a grant, a quota or a SCRAM user that is declared but lies outside is never applied. The internal topics of a Streams \
application or a Connect worker are topics too: grants on them are applied where `manages.topics` takes in their names.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[("clusters/production.yaml", Text("manages: { topics: [\"audit.*\"] }\n"))]),
    good: Example(&[("clusters/production.yaml", Text("manages: { topics: [\"media.*\", \"audit.*\"] }\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(manages) = &cluster.manages else { return };
    let name = &cluster.cluster.value;
    let place = |patterns: &Option<Vec<crate::source::Spanned<crate::model::Pattern>>>| {
        patterns.as_ref().and_then(|patterns| patterns.first()).map_or(cluster.cluster.span, |pattern| pattern.span)
    };
    for topic in desired.topics.values() {
        let ours = topic.managed_by == ManagedBy::Busctl && topic.state == State::Present;
        if ours && !cluster.manages_topic(topic.name.as_str()) {
            findings.push(
                SCOPE
                    .finding(format!("`{}` is outside what `{name}` manages, and never applied there", topic.name))
                    .at(topic.span, "")
                    .at(place(&manages.topics), "what is managed")
                    .help(format!(
                        "add it to `manages.topics` of `{name}`, or take the cluster out of the topic's `clusters`"
                    ))
                    .resource(crate::model::Address::topic(&topic.name)),
            );
        }
    }
    for (entity, quota) in &desired.quotas.wanted {
        if !in_scope(cluster, entity) {
            let finding =
                SCOPE.finding(format!("the quota of {entity} is outside what `{name}` manages, and never applied"));
            findings.push(
                finding
                    .at(quota.span, "")
                    .at(place(&manages.principals), "what is managed")
                    .help(format!("add a pattern to `manages.principals` of `{name}`"))
                    .resource(entity.address()),
            );
        }
    }
    for (user, wanted) in &desired.scram_users.wanted {
        if !scram::in_scope(cluster, user) {
            let finding =
                SCOPE.finding(format!("the SCRAM user `{user}` is outside what `{name}` manages, and never applied"));
            findings.push(
                finding
                    .at(wanted.span, "")
                    .at(place(&manages.principals), "what is managed")
                    .help(format!("add a pattern to `manages.principals` of `{name}`"))
                    .resource(scram::address_of(user)),
            );
        }
    }
    let mut known = BTreeSet::new();
    for (acl, span) in &desired.grants.acls {
        let Some(owner) = desired.grants.owners.get(&acl.principal) else { continue };
        let Some((key, patterns, what)) = outside(cluster, acl) else { continue };
        let declared = acl.resource == AclResourceType::Topic && desired.topics.contains_key(&*acl.name);
        // A topic that is outside itself has its own finding.
        if declared && key == "topics" || !known.insert((owner.name.as_str(), what.clone())) {
            continue;
        }
        findings.push(
            SCOPE
                .finding(format!(
                    "grants of `{}` on `{name}` are never applied: {what} is outside what it manages",
                    owner.name
                ))
                .at(*span, "")
                .at(patterns.map_or(cluster.cluster.span, |span| span), "what is managed")
                .help(format!("add a pattern to `manages.{key}` of `{name}`"))
                .resource(format!("service/{}", owner.name)),
        );
    }
}

type Outside = (&'static str, Option<crate::source::Span>, String);

/// The key of `manages` that leaves an ACL out, its place, and what lies outside.
fn outside(cluster: &ClusterSpec, acl: &Acl) -> Option<Outside> {
    let manages = cluster.manages.as_ref()?;
    let first = |patterns: &Option<Vec<crate::source::Spanned<crate::model::Pattern>>>| {
        patterns.as_ref().and_then(|patterns| patterns.first()).map(|pattern| pattern.span)
    };
    if !cluster.manages_principal(acl.principal.as_str()) {
        return Some(("principals", first(&manages.principals), format!("the principal {}", acl.principal)));
    }
    let end = if acl.pattern == PatternType::Prefixed { "*" } else { "" };
    match acl.resource {
        AclResourceType::Topic if !cluster.manages_topic(&acl.name) && &*acl.name != LEDGER_TOPIC => {
            Some(("topics", first(&manages.topics), format!("the topic {}{end}", acl.name)))
        }
        AclResourceType::Group if !cluster.manages_group(&acl.name) => {
            Some(("groups", first(&manages.groups), format!("the group {}{end}", acl.name)))
        }
        AclResourceType::TransactionalId if !cluster.manages_group(&acl.name) => {
            Some(("groups", first(&manages.groups), format!("the transactional id {}{end}", acl.name)))
        }
        _ => None,
    }
}
