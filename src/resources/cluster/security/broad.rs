use std::collections::{BTreeMap, BTreeSet};

use super::{SNAPSHOT, Seen, acl};
use crate::diag::{Diagnostic, Level};
use crate::model::{PatternType, TopicName};
use crate::policy::Content::{self, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::resources::acl::{address_of, written_name};
use crate::resources::{Desired, Live, Workspace};
use crate::source::Span;

/// How many names are told.
const SHOWN: usize = 3;

const SECOND_DOMAIN: &str = "domains:
  media: { owner: media-platform }
  mail: { owner: media-platform }
services:
  ingest-gateway: { owner: media-platform }
  normalizer: { owner: media-platform }
teams:
  media-platform: { contacts: { email: media-platform@example.com } }
";

const MAIL: &str = "topic: mail.sent.v1
class: raw
description: One record for each mail that went out.
key: mail_id
producers: [ingest-gateway]
consumers: [normalizer]
retention_rationale: A month of mails answers what support is asked.
change_request: CR-2042
";

const MAIL_SCHEMA: &str = r#"{
  "type": "record",
  "name": "Sent",
  "namespace": "example.mail",
  "fields": [{ "name": "mail_id", "type": "string", "doc": "The mail's id." }]
}
"#;

/// BUS806.
pub static DECLARED: Rule = Rule {
    code: "BUS806",
    name: "broad-prefix",
    summary: "A prefix of a grant stays within one domain",
    explanation: "A prefix with a trailing `*` takes in every topic that is called so, also tomorrow's. Where declared topics of \
several domains are under it, whoever has the grant uses what teams never agreed to, and nobody who makes a topic in one of them \
knows of it. Write a prefix for each domain, which ends at a dot. Roles and raw ACLs have such prefixes.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        ("catalog/catalog.yaml", Text(SECOND_DOMAIN)),
        ("catalog/roles.yaml", Text("roles:\n  dlq-operator: { owner: media-platform, reads: [\"m*\"] }\n")),
        ("topics/mail/mail.sent.v1.yaml", Text(MAIL)),
        ("schemas/mail/mail.sent.v1.avsc", Text(MAIL_SCHEMA)),
        ("schemas/mail/fixtures/mail.sent.v1/plain.json", Text("{ \"mail_id\": \"m-1\" }\n")),
        ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v1, mail.sent.v1]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.raw_ingest.v1, mail.sent.v1]\n")),
    ]),
    good: Example(&[
        ("catalog/catalog.yaml", Text(SECOND_DOMAIN)),
        (
            "catalog/roles.yaml",
            Text("roles:\n  dlq-operator: { owner: media-platform, reads: [\"media.*\", \"mail.*\"] }\n"),
        ),
        ("topics/mail/mail.sent.v1.yaml", Text(MAIL)),
        ("schemas/mail/mail.sent.v1.avsc", Text(MAIL_SCHEMA)),
        ("schemas/mail/fixtures/mail.sent.v1/plain.json", Text("{ \"mail_id\": \"m-1\" }\n")),
        ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v1, mail.sent.v1]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.raw_ingest.v1, mail.sent.v1]\n")),
    ]),
    check: Check::Cluster(check),
};

/// BUS815.
pub static LIVE: Rule = Rule {
    code: "BUS815",
    name: "live-broad-prefix",
    summary: "No ACL outside the manifests is for everything, or takes in several domains",
    explanation: "As BUS204 and BUS806, of ACLs that are there and that no manifest asks for: of principals in the managed scope that \
belong to no service and no role. One for `*` takes in every topic, group or transactional id there is and every one there will be, \
and one for the operation `all` every operation that there is.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Content::Live(acl!(
            r#""resource": "topic", "name": "*", "pattern": "literal",
        "principal": "User:reporting", "host": "*", "operation": "read", "permission": "allow""#
        )),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Content::Live(acl!(
            r#""resource": "topic", "name": "media.", "pattern": "prefixed",
        "principal": "User:reporting", "host": "*", "operation": "read", "permission": "allow""#
        )),
    )]),
    check: Check::Live,
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let topics: BTreeSet<&TopicName> = desired.topics.keys().collect();
    let mut told: BTreeSet<(Span, &str)> = BTreeSet::new();
    for (acl, span) in &desired.grants.acls {
        let is_prefix = acl.resource == AclResourceType::Topic && acl.pattern == PatternType::Prefixed;
        if !is_prefix || acl.permission != AclPermission::Allow || !told.insert((*span, &acl.name)) {
            continue;
        }
        let Some(domains) = several_domains(desired.workspace, &topics, &acl.name) else { continue };
        let Some(owner) = desired.grants.owners.get(&acl.principal) else { continue };
        let message = format!("the prefix `{}*` of `{}` takes in topics of {domains}", acl.name, owner.name);
        let address = address_of(&owner.name, acl);
        findings.push(DECLARED.finding(message).at(*span, "").help(HELP).resource(address));
    }
}

const HELP: &str = "write a prefix for each domain that is meant, up to and with its dot";

pub(super) fn compare(seen: &Seen<'_>, desired: &Desired<'_>, live: &Live) -> Vec<Diagnostic> {
    let topics = live.topics.of_applications().map(|(name, _)| name).chain(desired.topics.keys());
    let topics: BTreeSet<&TopicName> = topics.filter(|name| seen.cluster.manages_topic(name.as_str())).collect();
    let is_ours = |acl: &&Acl| {
        !acl.principal.is_everybody()
            && acl.permission == AclPermission::Allow
            && seen.cluster.manages_principal(acl.principal.as_str())
            && !desired.grants.owners.contains_key(&acl.principal)
    };
    let mut found: BTreeMap<(&str, AclResourceType, String, String), Vec<AclOperation>> = BTreeMap::new();
    let mut domains_of: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for acl in live.acls.known().into_iter().flatten().filter(is_ours) {
        let what = match (acl.resource, acl.pattern, &*acl.name) {
            (resource, PatternType::Literal, "*") => Some(format!("every {resource}")),
            (AclResourceType::Topic, PatternType::Prefixed, prefix) => domains_of
                .entry(prefix)
                .or_insert_with(|| several_domains(desired.workspace, &topics, prefix))
                .as_ref()
                .map(|domains| format!("topics of {domains}")),
            _ => None,
        };
        let is_all = acl.operation == AclOperation::All;
        let what = what.or_else(|| is_all.then(|| "every operation".to_owned()));
        if let Some(what) = what {
            let key = (acl.principal.as_str(), acl.resource, written_name(acl), what);
            found.entry(key).or_default().push(acl.operation);
        }
    }
    let finding =
        |((principal, resource, name, what), operations): ((&str, AclResourceType, String, String), Vec<_>)| {
            let operations = AclOperation::listed(&operations);
            let message = format!(
                "an ACL of `{}` allows {principal} {operations} on {resource} {name}, which takes in {what}",
                seen.name()
            );
            let help = "give it narrower grants in a manifest, then take this ACL away by hand";
            seen.finding(&LIVE, message).at(seen.authorizer(), "").help(help)
        };
    found.into_iter().map(finding).collect()
}

/// The domains whose topics start with a prefix, in words, where there are several.
fn several_domains(workspace: &Workspace, topics: &BTreeSet<&TopicName>, prefix: &str) -> Option<String> {
    let under = topics.iter().filter(|name| name.as_str().starts_with(prefix));
    let domains: BTreeSet<&str> = under.map(|name| workspace.domain_of(name)).collect();
    let names: Vec<String> = domains.iter().take(SHOWN).map(|domain| format!("`{domain}`")).collect();
    let more = domains.len().saturating_sub(SHOWN);
    match domains.len() {
        0 | 1 => None,
        _ if more > 0 => Some(format!("{} and {more} more domains", names.join(", "))),
        _ => Some(names.join(" and ")),
    }
}
