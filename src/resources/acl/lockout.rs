//! Whether a plan would take from the tool itself what its commands need.

use std::collections::BTreeSet;

use super::access::{CLUSTER, Operations, Target};
use super::effect::{ANY_HOST, Effect};
use super::impact::{kind, list};
use crate::diag::{Diagnostic, Level};
use crate::model::Principal;
use crate::plan::{AccessChange, Change};
use crate::policy::rules::live::LOCKED_OUT;
use crate::ports::kafka::{AclOperation, AclResourceType};
use crate::resources::Desired;
use crate::resources::topic::LiveTopics;
use crate::source::Span;

use AclOperation::{Alter, AlterConfigs, Create, Describe, DescribeConfigs, Read, Write};

/// The name of the service or role that the tool's own principals are taken from, where nothing else says them.
const TOOL: &str = "busctl";

/// How many losses the finding tells.
const TOLD: usize = 3;

/// What the commands need of the cluster, as docs/permissions.md lists it.
const OF_CLUSTER: &[AclOperation] = &[Describe, DescribeConfigs, Alter, AlterConfigs];
/// What they need of each managed topic. Create of the cluster does for Create.
const OF_TOPICS: &[AclOperation] = &[Describe, DescribeConfigs, Create, Alter, AlterConfigs];
/// What they need for the lock and the record.
const OWN: &[(AclResourceType, Target<'static>, &[AclOperation])] = &[
    (AclResourceType::Topic, Target::Under("_busctl-"), &[Create, Read, Write, Describe]),
    (AclResourceType::Group, Target::Name("_busctl-lock"), &[Read, Describe]),
    (AclResourceType::TransactionalId, Target::Name("busctl"), &[Write, Describe]),
];

/// Who the tool is to the brokers of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ourselves {
    /// One of these, by what is written there.
    Known(BTreeSet<Principal>, Span),
    /// Nobody here can tell, and why.
    Unknown(&'static str),
}

/// What the ACL changes of a plan would take from the tool itself, or that nobody can tell.
pub(super) fn locked_out(
    desired: &Desired<'_>,
    topics: &LiveTopics,
    effect: &Effect<'_>,
    changes: &[Change],
) -> Option<Diagnostic> {
    let cluster = desired.cluster;
    let name = &cluster.cluster.value;
    // The tool is the super user of a local bus.
    if cluster.is_local() || changes.is_empty() {
        return None;
    }
    let finding = match ourselves(desired) {
        Ourselves::Known(principals, span) => {
            let lost: Vec<(&Principal, Vec<String>)> = principals
                .iter()
                .map(|principal| (principal, lost_by(principal, desired, topics, effect)))
                .filter(|(_, lost)| !lost.is_empty())
                .collect();
            let (principal, lost) = lost.first()?;
            let more = lost.len().saturating_sub(TOLD);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            let told = lost.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
            LOCKED_OUT
                .finding(format!("the plan would take from busctl itself, {principal} on `{name}`: {told}{more}"))
                .at(span, "this is how busctl is known")
                .help(
                    "ask for these ACLs in the manifests that declare this principal, or let no manifest declare it: \
                     then its ACLs are left alone",
                )
        }
        Ourselves::Unknown(why) => {
            changes.iter().flat_map(|change| &change.access).find(|access| may_be_ours(access))?;
            LOCKED_OUT
                .finding(format!(
                    "whether the plan takes from busctl itself what it needs on `{name}` is not known: {why}"
                ))
                .level(Level::Warn)
                .at(cluster.connection.as_ref().map_or(cluster.cluster.span, |connection| connection.span), "")
                .help("write busctl's own principal, as the brokers show it, under `connection.principal`")
        }
    };
    Some(finding.resource(format!("cluster/{name}")).cluster(name))
}

fn ourselves(desired: &Desired<'_>) -> Ourselves {
    let called = |name: &str, span: Span| match format!("User:{name}").parse() {
        Ok(principal) => Ourselves::Known(BTreeSet::from([principal]), span),
        Err(_) => Ourselves::Unknown("`sasl.username` is empty"),
    };
    let why = match &desired.cluster.connection {
        None => "the cluster has no `connection`",
        Some(connection) => match (&connection.principal, &connection.sasl, &connection.tls) {
            (Some(principal), _, _) => {
                return Ourselves::Known(BTreeSet::from([principal.value.clone()]), principal.span);
            }
            (None, Some(sasl), _) => match &sasl.username {
                Some(name) => return called(&name.value, name.span),
                None => "which principal a token gives is decided by the brokers",
            },
            (None, None, Some(tls)) if tls.certificate.is_some() => {
                "which principal a certificate gives is decided by the brokers (ssl.principal.mapping.rules)"
            }
            (None, None, _) => return called("ANONYMOUS", connection.span),
        },
    };
    let mut span = None;
    let mut named = BTreeSet::new();
    for (principal, owner) in desired.grants.owners.iter().filter(|(_, owner)| owner.name == TOOL) {
        span.get_or_insert(owner.span);
        named.insert(principal.clone());
    }
    span.map_or(Ourselves::Unknown(why), |span| Ourselves::Known(named, span))
}

/// What a principal needs and would no longer have.
fn lost_by(principal: &Principal, desired: &Desired<'_>, topics: &LiveTopics, effect: &Effect<'_>) -> Vec<String> {
    let lost = |resource: AclResourceType, target: Target<'_>, needed: &[AclOperation]| {
        effect.lost(principal, resource, target).common(Operations::these(needed))
    };
    let mut told = Vec::new();
    let mut tell = |what: String, lost: Operations| {
        if !lost.is_empty() {
            told.push(format!("{} on {what}", list(&lost.iter().collect::<Vec<_>>())));
        }
    };
    let of_cluster = (AclResourceType::Cluster, Target::Name(CLUSTER));
    tell("the cluster".into(), lost(of_cluster.0, of_cluster.1, OF_CLUSTER));
    // Who may create on the cluster needs no right to create each topic.
    let creates = effect.after.may(principal, ANY_HOST, Create, of_cluster.0, of_cluster.1).allowed;
    let create = if creates { Operations::these(&[Create]) } else { Operations::NONE };
    for (resource, target, needed) in OWN {
        tell(target_in_words(*resource, *target), lost(*resource, *target, needed).without(create));
    }
    let live = topics.topics.keys();
    let names: BTreeSet<&str> = live.chain(desired.topics.keys()).map(|name| name.as_str()).collect();
    for name in names.into_iter().filter(|name| desired.cluster.manages_topic(name)) {
        let target = Target::Name(name);
        tell(
            target_in_words(AclResourceType::Topic, target),
            lost(AclResourceType::Topic, target, OF_TOPICS).without(create),
        );
    }
    told
}

/// Whether access that somebody loses may be the tool's: of principals that no manifest declares, and of the cluster.
fn may_be_ours(access: &AccessChange) -> bool {
    let needed = match access.resource {
        AclResourceType::Cluster => OF_CLUSTER,
        AclResourceType::Topic => OF_TOPICS,
        _ => return false,
    };
    let needed = Operations::these(needed);
    (access.service.is_none() || access.resource == AclResourceType::Cluster)
        && access.lost.iter().any(|operation| needed.contains(*operation))
}

fn target_in_words(resource: AclResourceType, target: Target<'_>) -> String {
    match target {
        Target::Name(name) => format!("{} {name}", kind(resource)),
        Target::Under(prefix) => format!("{}s {prefix}*", kind(resource)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../../docs/permissions.md");

    /// The operations and the resources of each row of the tables.
    fn rows() -> Vec<(Vec<AclOperation>, &'static str)> {
        // Who looks after dead letters is somebody else.
        let (before, rest) = DOCUMENTED.split_once("### Dead letters").expect("its own part");
        let behind = rest.split_once("\n## ").expect("another part").1;
        let lines = before.lines().chain(behind.lines());
        let rows = lines.filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
        rows.filter(|(operations, _)| !["operation", "---"].contains(operations))
            .map(|(operations, rest)| {
                let operation = |word: &str| {
                    let known = AclOperation::WORDS.iter();
                    let same = |(known, _): &&(&str, AclOperation)| known.replace('_', "") == word.to_lowercase();
                    known.clone().find(same).map(|(_, operation)| *operation).expect("an operation")
                };
                let on = rest.split(" | ").next().expect("a resource");
                (operations.split(", ").map(operation).collect(), on)
            })
            .collect()
    }

    #[test]
    fn what_is_documented_as_needed_is_not_taken_away() {
        let rows = rows();
        assert!(rows.len() >= 8, "{rows:?}");
        for (operations, on) in &rows {
            let needed = match *on {
                "cluster" => OF_CLUSTER,
                "each managed topic" | "each managed topic, or cluster" => OF_TOPICS,
                // Without it no replica is moved, and everything else is done.
                "each topic that is moved" => continue,
                // Without it less is measured, and the plan says so.
                "each group that reads managed topics" => continue,
                own => {
                    let named = OWN.iter().find(|(_, target, _)| {
                        let (Target::Name(name) | Target::Under(name)) = target;
                        own.contains(&format!("`{name}`"))
                    });
                    named.unwrap_or_else(|| panic!("`{own}` is documented as needed, and not looked at")).2
                }
            };
            assert!(operations.iter().all(|operation| needed.contains(operation)), "{operations:?} on {on}");
        }
        for (needed, on) in [(OF_CLUSTER, "cluster"), (OF_TOPICS, "each managed topic")] {
            let documented = rows.iter().filter(|(_, documented)| documented.split(", ").next() == Some(on));
            let documented: Vec<_> = documented.flat_map(|(operations, _)| operations).collect();
            assert!(needed.iter().all(|operation| documented.contains(&operation)), "{documented:?} on {on}");
        }
    }
}
