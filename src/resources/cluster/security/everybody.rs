use std::collections::BTreeMap;

use super::identities::is_anonymous;
use super::{SNAPSHOT, Seen, acl};
use crate::diag::{Diagnostic, Level};
use crate::model::PatternType;
use crate::policy::Content;
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::resources::acl::{manages_resource, written_name};
use crate::resources::{Desired, Live};

/// BUS814.
pub static LIVE: Rule = Rule {
    code: "BUS814",
    name: "live-open-acl",
    summary: "Outside development no ACL allows something to everybody, or to whoever shows nothing",
    explanation: "An ACL for `User:*` holds for every client there is and will be, also for those of listeners that let in whoever \
comes; one for `User:ANONYMOUS` for whoever shows no certificate and no login. No owner of a topic agreed to either. The rule \
looks at ACLs that no manifest asks for, of everything that is managed here. An ACL that denies may speak of everybody.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Content::Live(acl!(
            r#""resource": "topic", "name": "media.", "pattern": "prefixed",
        "principal": "User:*", "host": "*", "operation": "read", "permission": "allow""#
        )),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Content::Live(acl!(
            r#""resource": "topic", "name": "media.", "pattern": "prefixed",
        "principal": "User:*", "host": "*", "operation": "write", "permission": "deny""#
        )),
    )]),
    check: Check::Live,
};

pub(super) fn compare(seen: &Seen<'_>, desired: &Desired<'_>, live: &Live) -> Vec<Diagnostic> {
    if seen.cluster.is_development() {
        return Vec::new();
    }
    let of_all = |acl: &&Acl| acl.principal.is_everybody() || is_anonymous(&acl.principal);
    let open = live.acls.known().into_iter().flatten().filter(of_all).filter(|acl| {
        acl.permission == AclPermission::Allow && !desired.grants.acls.contains_key(*acl) && concerns(seen, live, acl)
    });
    let mut by_pattern: BTreeMap<_, Vec<AclOperation>> = BTreeMap::new();
    for acl in open {
        by_pattern.entry((&acl.principal, acl.resource, written_name(acl), &acl.host)).or_default().push(acl.operation);
    }
    let finding = |((principal, resource, name, host), operations): (
        (_, AclResourceType, String, &_),
        Vec<AclOperation>,
    )| {
        let what = AclOperation::listed(&operations);
        let from = if *host == "*" { String::new() } else { format!(" from {host}") };
        let message = format!("an ACL of `{}` allows {principal} {what} on {resource} {name}{from}", seen.name());
        let help =
            "take it away by hand once each client has a grant of its own (`busctl access` says who uses it), or deny";
        seen.finding(&LIVE, message).at(seen.authorizer(), "").help(help)
    };
    by_pattern.into_iter().map(finding).collect()
}

/// Whether an ACL is about something that is managed here, whoever it is for.
fn concerns(seen: &Seen<'_>, live: &Live, acl: &Acl) -> bool {
    let is_wide = acl.pattern == PatternType::Prefixed || &*acl.name == "*";
    match acl.resource {
        AclResourceType::Topic if is_wide => {
            let prefix = if acl.pattern == PatternType::Prefixed { &*acl.name } else { "" };
            let mut names = live.topics.topics.keys().map(|name| name.as_str());
            seen.cluster.manages_topic(prefix)
                || names.any(|name| name.starts_with(prefix) && seen.cluster.manages_topic(name))
        }
        AclResourceType::Group | AclResourceType::TransactionalId if is_wide => true,
        _ => manages_resource(seen.cluster, acl),
    }
}
