use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::access::AuthorizerSettings;
use super::desired::address_of;
use super::effect::Effect;
use super::impact::{Judged, acl_in_words, judge};
use super::lockout::locked_out;
use crate::diag::{Diagnostic, Level};
use crate::model::{Address, PatternType};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Unmanaged, Verification};
use crate::ports::journal::LEDGER_TOPIC;
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::ports::{FailureKind, Observed};
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Difference, Live, fingerprint};
use crate::source::Span;

/// What one address differs by.
#[derive(Default)]
struct Pair<'a> {
    added: Vec<(&'a Acl, Span)>,
    removed: Vec<&'a Acl>,
    kept: bool,
}

/// Compares the grants of a cluster with its ACLs.
pub fn diff(desired: &Desired<'_>, live: &Live) -> Difference {
    let mut difference = Difference::default();
    let found = match &live.acls {
        Observed::Known(acls) => acls,
        Observed::Hidden(failure) => {
            if failure.kind == FailureKind::Unsupported {
                if !desired.grants.acls.is_empty() {
                    difference.findings.push(no_authorizer(desired.cluster));
                }
            } else {
                let mut unseen: BTreeMap<Address, Span> = BTreeMap::new();
                for (acl, span) in desired.grants.acls.iter().filter(|(acl, _)| is_ours(desired, acl)) {
                    let Some(owner) = desired.grants.owners.get(&acl.principal) else { continue };
                    unseen.entry(address_of(&owner.name, acl)).or_insert(*span);
                }
                // What a service has and no longer asks for is not seen either.
                for owner in desired.grants.owners.values() {
                    unseen.entry(Address::grant(&owner.name, "*")).or_insert(owner.span);
                }
                let unseen = unseen.into_iter().map(|(address, span)| Incomplete {
                    address,
                    failure: failure.clone(),
                    place: Some(desired.workspace.place(span)),
                });
                difference.incomplete.extend(unseen);
            }
            return difference;
        }
    };
    let found: BTreeSet<&Acl> = found.iter().collect();
    let mut pairs: BTreeMap<Address, (String, Pair<'_>)> = BTreeMap::new();
    for (acl, span) in &desired.grants.acls {
        let Some(owner) = desired.grants.owners.get(&acl.principal) else { continue };
        if !is_ours(desired, acl) {
            continue;
        }
        if !found.contains(acl) {
            let entry = pairs.entry(address_of(&owner.name, acl));
            entry.or_insert_with(|| (owner.name.clone(), Pair::default())).1.added.push((acl, *span));
        }
    }
    for acl in found.iter().copied() {
        if desired.grants.acls.contains_key(acl) {
            continue;
        }
        match desired.grants.owners.get(&acl.principal) {
            Some(owner) if is_ours(desired, acl) => {
                let entry = pairs.entry(address_of(&owner.name, acl));
                entry.or_insert_with(|| (owner.name.clone(), Pair::default())).1.removed.push(acl);
            }
            Some(_) => difference.unmanaged.push(unmanaged(acl, "outside the cluster's `manages`")),
            None => difference.unmanaged.push(unmanaged(acl, "no manifest declares its principal")),
        }
    }
    if pairs.is_empty() {
        return difference;
    }
    mark_kept(desired, &found, &mut pairs);
    let settings = AuthorizerSettings::of(desired.cluster);
    let removed: HashSet<&Acl> = pairs.values().flat_map(|(_, pair)| pair.removed.iter().copied()).collect();
    let makers: BTreeMap<&Acl, Address> = pairs
        .iter()
        .flat_map(|(address, (_, pair))| pair.added.iter().map(|(acl, _)| (*acl, address.clone())))
        .collect();
    let after = found.iter().copied().filter(|acl| !removed.contains(acl)).chain(makers.keys().copied());
    let effect = Effect::new(found.iter().copied(), after, &settings, &live.topics, &desired.grants.owners);
    for (address, (owner, pair)) in &pairs {
        let added: Vec<&Acl> = pair.added.iter().map(|(acl, _)| *acl).collect();
        let judged = judge(&effect, &added, &pair.removed, &makers);
        difference.changes.push(change(desired, address.clone(), owner, pair, judged));
    }
    difference.findings.extend(locked_out(desired, &live.topics, &effect, &difference.changes));
    difference
}

/// Marks the addresses of which something stays as it is. Those of which everything stays have no change and no entry:
/// where nothing is to be done, tens of thousands of addresses are never made.
fn mark_kept<'a>(desired: &Desired<'_>, live: &BTreeSet<&'a Acl>, pairs: &mut BTreeMap<Address, (String, Pair<'a>)>) {
    for acl in desired.grants.acls.keys().filter(|acl| live.contains(acl) && is_ours(desired, acl)) {
        let owner = desired.grants.owners.get(&acl.principal);
        if let Some((_, pair)) = owner.and_then(|owner| pairs.get_mut(&address_of(&owner.name, acl))) {
            pair.kept = true;
        }
    }
}

fn change(desired: &Desired<'_>, address: Address, owner: &str, pair: &Pair<'_>, judged: Judged) -> Change {
    let mut fields: Vec<FieldChange> = pair
        .added
        .iter()
        .map(|(acl, span)| FieldChange {
            field: field_name(acl),
            before: None,
            after: Some(FieldValue::plain(acl.permission)),
            place: Some(desired.workspace.place(*span)),
        })
        .collect();
    fields.extend(pair.removed.iter().map(|acl| FieldChange {
        field: field_name(acl),
        before: Some(FieldValue::plain(acl.permission)),
        after: None,
        place: None,
    }));
    let mut steps = Vec::new();
    if !pair.added.is_empty() {
        steps.push(Step::CreateAcls(pair.added.iter().map(|(acl, _)| (*acl).clone()).collect()));
    }
    if !pair.removed.is_empty() {
        steps.push(Step::DeleteAcls(pair.removed.iter().map(|acl| (*acl).clone()).collect()));
    }
    let place = pair.added.first().map(|(_, span)| *span).or_else(|| {
        desired.grants.owners.values().find(|candidate| candidate.name == owner).map(|candidate| candidate.span)
    });
    let topic = pair
        .added
        .first()
        .filter(|(acl, _)| acl.resource == AclResourceType::Topic && acl.pattern == PatternType::Literal);
    let mut depends_on: Vec<Address> = topic.map(|(acl, _)| Address::topic(&acl.name)).into_iter().collect();
    // Where what keeps access up could not be added, it must not be taken away. A change that adds something itself
    // waits for nobody: two such changes could wait for each other.
    if pair.added.is_empty() {
        depends_on.extend(judged.kept_up_by);
    }
    Change {
        address,
        action: match (pair.added.is_empty(), pair.removed.is_empty() && !pair.kept) {
            (false, true) => Action::Create,
            (true, _) if !pair.kept => Action::Delete,
            _ => Action::Update,
        },
        fields,
        risk: judged.risk,
        impact: judged.impact,
        measured: None,
        access: judged.access,
        fingerprint: fingerprint(pair.removed.iter().map(|acl| format!("{acl:?}"))),
        verification: Verification::unverifiable("brokers have no validate-only request for ACLs"),
        place: place.map(|span| desired.workspace.place(span)),
        depends_on,
        steps,
    }
}

/// The name of an ACL among the fields of its grant: principal, operation, and the host where it is one.
pub fn field_name(acl: &Acl) -> String {
    let host = if acl.host == "*" { String::new() } else { format!(" from {}", acl.host) };
    // A deny can stand beside an allow of the same.
    let deny = if acl.permission == AclPermission::Deny { "deny " } else { "" };
    format!("{deny}{} {}{host}", acl.principal, acl.operation)
}

/// Whether an ACL's principal and resource are in what the cluster declares as ours.
pub fn in_scope(cluster: &ClusterSpec, acl: &Acl) -> bool {
    manages_resource(cluster, acl) && cluster.manages_principal(acl.principal.as_str())
}

/// Whether an ACL's resource is, whoever the ACL is for.
pub fn manages_resource(cluster: &ClusterSpec, acl: &Acl) -> bool {
    match acl.resource {
        AclResourceType::Topic => cluster.manages_topic(&acl.name),
        AclResourceType::Group | AclResourceType::TransactionalId => cluster.manages_group(&acl.name),
        AclResourceType::Cluster | AclResourceType::DelegationToken | AclResourceType::User => true,
    }
}

/// Whether an ACL is given and taken by manifests: it is in what the cluster declares as ours, or it is on the ledger of dead
/// letters, for somebody whom a manifest has look after them. Others have theirs on the ledger by hand, and keep them.
pub(in crate::resources) fn is_ours(desired: &Desired<'_>, acl: &Acl) -> bool {
    let tends = || {
        let read = Acl {
            pattern: PatternType::Literal,
            host: "*".into(),
            operation: AclOperation::Read,
            permission: AclPermission::Allow,
            ..acl.clone()
        };
        desired.grants.acls.contains_key(&read) && desired.cluster.manages_principal(acl.principal.as_str())
    };
    let is_on_ledger = acl.resource == AclResourceType::Topic && &*acl.name == LEDGER_TOPIC;
    in_scope(desired.cluster, acl) || (is_on_ledger && tends())
}

fn unmanaged(acl: &Acl, reason: &str) -> Unmanaged {
    Unmanaged { kind: "acl".into(), name: acl_in_words(acl), reason: reason.into() }
}

fn no_authorizer(cluster: &ClusterSpec) -> Diagnostic {
    Diagnostic::new(
        "BUS502",
        format!("the brokers of `{}` have no authorizer: grants have no effect", cluster.cluster.value),
    )
    .level(Level::Warn)
    .at(cluster.cluster.span, "")
    .help(
        "set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer on every node, \
             or declare `kafka.authorizer: none`",
    )
    .cluster(&cluster.cluster.value)
}

#[cfg(test)]
mod tests;
