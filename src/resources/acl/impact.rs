//! What a change of ACLs costs, in words, and its risk.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{Authorizer, Because, Decision, Operations, Target};
use super::effect::{ANY_HOST, Effect};
use crate::model::{Address, PatternType, Risk};
use crate::plan::AccessChange;
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};

/// How many of those that lose or gain access are told in sentences; the document has all.
const TOLD: usize = 5;

/// How many resources a sentence names.
const NAMED: usize = 3;

/// What a change of ACLs costs.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) risk: Risk,
    pub(super) impact: Vec<String>,
    pub(super) access: Vec<AccessChange>,
    /// Other changes of the plan whose new ACLs keep up what this one takes away.
    pub(super) kept_up_by: BTreeSet<Address>,
}

/// Judges the ACLs that a change adds and removes. `makers` are the changes of the plan that add ACLs.
pub(super) fn judge(effect: &Effect<'_>, added: &[&Acl], removed: &[&Acl], makers: &BTreeMap<&Acl, Address>) -> Judged {
    let access = effect.of_change(added, removed);
    let mut impact = Vec::new();
    let loses = access.iter().any(|access| !access.lost.is_empty());
    // An opening that nobody wrote down is not safe, though no client notices it.
    let opens = |access: &&AccessChange| access.principal.is_everybody() && !access.gained.is_empty();
    let opened = access.iter().find(|access| opens(access) && !writes_for_everybody(added));
    impact.extend(flip(effect, added, removed, &access));
    impact.extend(sentences(&access, "loses", |access| &access.lost));
    if loses {
        impact.push("clients that still use it are refused at their next request".into());
    }
    if added.iter().any(|acl| acl.permission == AclPermission::Deny) {
        impact.push("a deny wins over every allow, also over those of other manifests".into());
    }
    // What an allow gives is what its own manifest asks for; what comes by other ways is worth a sentence.
    if removed.iter().any(|acl| acl.permission == AclPermission::Deny)
        || opened.is_some()
        || writes_for_everybody(added)
    {
        impact.extend(sentences(&access, "gains", |access| &access.gained));
    }
    // Somebody refused it on purpose, perhaps a minute ago.
    let lets_in = removed.iter().any(|acl| acl.permission == AclPermission::Deny)
        && access.iter().any(|access| !access.gained.is_empty());
    let kept = kept(effect, removed);
    if !loses {
        impact.extend(kept.first().copied().map(nothing_lost));
    }
    let risk = if loses || lets_in || opened.is_some() { Risk::Disruptive } else { Risk::Safe };
    let kept_up_by = kept.into_iter().filter_map(|decision| maker(decision.because, makers)).collect();
    Judged { risk, impact, access, kept_up_by }
}

/// What is said now to what the removed allows allowed, for each operation to which the same was said before.
fn kept<'e>(effect: &Effect<'e>, removed: &[&Acl]) -> Vec<Decision<'e>> {
    let allows = removed.iter().filter(|acl| acl.permission == AclPermission::Allow);
    let operations = allows.flat_map(|acl| {
        let host = if acl.host == "*" { ANY_HOST } else { &acl.host };
        let allowed = Operations::of(acl.resource).common(Operations::allowed_by(acl.operation));
        allowed.iter().map(move |operation| (acl, host, operation))
    });
    operations
        .filter_map(|(acl, host, operation)| {
            let ask = |side: &Authorizer<'e>| side.may(&acl.principal, host, operation, acl.resource, Target::of(acl));
            let (before, after) = (ask(&effect.before), ask(&effect.after));
            (before.allowed == after.allowed).then_some(after)
        })
        .collect()
}

fn maker(because: Because<'_>, makers: &BTreeMap<&Acl, Address>) -> Option<Address> {
    match because {
        Because::Acl(acl) => makers.get(acl).cloned(),
        Because::SuperUser | Because::Default => None,
    }
}

fn nothing_lost(decision: Decision<'_>) -> String {
    match decision.because {
        Because::Acl(acl) if acl.permission == AclPermission::Deny => {
            format!("no access is lost: `{}` refuses it already", acl_in_words(acl))
        }
        Because::Acl(acl) => format!("no access is lost: `{}` still allows it", acl_in_words(acl)),
        Because::SuperUser => "no access is lost: the principal is a super user".into(),
        Because::Default if decision.allowed => {
            "no access is lost: what has no ACL is open to everybody (allow.everyone.if.no.acl.found is true)".into()
        }
        Because::Default => "no access is lost: it was refused before".into(),
    }
}

/// The first ACL on something that was open to everybody for having none, or the last one.
fn flip(effect: &Effect<'_>, added: &[&Acl], removed: &[&Acl], access: &[AccessChange]) -> Option<String> {
    let of_everybody = access.iter().find(|access| access.principal.is_everybody())?;
    let by = |acls: &[&Acl]| acls.iter().any(|acl| effect.flips(acl.resource, Target::of(acl)));
    let what = what(of_everybody);
    if by(added) && !of_everybody.lost.is_empty() {
        return Some(format!(
            "the first ACL on {what}: so far it was open to everybody (allow.everyone.if.no.acl.found is true)"
        ));
    }
    (by(removed) && !of_everybody.gained.is_empty()).then(|| {
        format!("the last ACL on {what} goes: it will be open to everybody (allow.everyone.if.no.acl.found is true)")
    })
}

fn writes_for_everybody(added: &[&Acl]) -> bool {
    added.iter().any(|acl| acl.principal.is_everybody() && acl.permission == AclPermission::Allow)
}

fn sentences<'c>(
    access: &'c [AccessChange],
    verb: &str,
    operations: impl Fn(&'c AccessChange) -> &'c Vec<AclOperation>,
) -> Vec<String> {
    let told: Vec<&AccessChange> = access.iter().filter(|access| !operations(access).is_empty()).collect();
    let line = |access: &&'c AccessChange| {
        let from = access.host.as_ref().map(|host| format!(" from {host}")).unwrap_or_default();
        let operations = operations(access);
        let everything = Operations::these(operations) == Operations::of(access.resource);
        let operations = if everything { "every operation".to_owned() } else { list(operations) };
        format!("{} {verb} {operations} on {}{from}", who(access), what(access))
    };
    let mut lines: Vec<String> = told.iter().take(TOLD).map(line).collect();
    if told.len() > TOLD {
        lines.push(format!("and {} more, which the JSON document names", told.len() - TOLD));
    }
    lines
}

fn who(access: &AccessChange) -> String {
    match &access.service {
        Some(service) => format!("{service} ({})", access.principal),
        None if access.principal.is_everybody() => "everybody whom no ACL there names".into(),
        None => format!("{}, which no manifest declares,", access.principal),
    }
}

fn what(access: &AccessChange) -> String {
    let kind = kind(access.resource);
    match (access.resource, access.pattern, access.name.as_str()) {
        (AclResourceType::Cluster, ..) => "the cluster".into(),
        (_, PatternType::Literal, "*") => format!("every {kind}{}", there(access)),
        (_, PatternType::Literal, name) if access.existing == Some(0) => {
            format!("{kind} {name}, which is not there now")
        }
        (_, PatternType::Literal, name) => format!("{kind} {name}"),
        (_, PatternType::Prefixed, prefix) => format!("{kind}s {prefix}*{}", there(access)),
    }
}

/// Which live resources a prefix or `*` stands for, where they are known.
fn there(access: &AccessChange) -> String {
    match access.existing {
        None => String::new(),
        Some(0) => " (none there now)".into(),
        Some(count) => {
            let named: Vec<&str> = access.examples.iter().take(NAMED).map(String::as_str).collect();
            let more = if count > NAMED { ", …" } else { "" };
            format!(" ({count} there now: {}{more})", named.join(", "))
        }
    }
}

pub(super) fn kind(resource: AclResourceType) -> &'static str {
    match resource {
        AclResourceType::Topic => "topic",
        AclResourceType::Group => "group",
        AclResourceType::Cluster => "cluster",
        AclResourceType::TransactionalId => "transactional id",
        AclResourceType::DelegationToken => "delegation token",
        AclResourceType::User => "user",
    }
}

/// `read, write and describe`.
pub(super) fn list(operations: &[AclOperation]) -> String {
    let words: Vec<&str> = operations.iter().map(|operation| operation.as_str()).collect();
    match words.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// An ACL in words that name everything.
pub(super) fn acl_in_words(acl: &Acl) -> String {
    let pattern = if acl.pattern == PatternType::Prefixed { "*" } else { "" };
    format!(
        "{} {} {} on {} {}{pattern} from {}",
        acl.permission, acl.principal, acl.operation, acl.resource, acl.name, acl.host
    )
}
