//! Whose a consumer group is. Brokers do not tell which principal is behind a member; manifests and ACLs tell as much as
//! can be known.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{Authorizer, AuthorizerSettings, Because, Target};
use super::desired::Owner;
use super::effect::ANY_HOST;
use super::spec::GrantSpec;
use crate::model::{PatternType, Principal};
use crate::plan::{AccessChange, AttributedBy, Attribution};
use crate::ports::kafka::{Acl, AclOperation, AclResourceType};
use crate::resources::Desired;

/// What tells whose a group is: the manifests that name groups, and who may be a member before and after a plan.
#[derive(Debug)]
pub struct Claims<'a> {
    before: Authorizer<'a>,
    after: Authorizer<'a>,
    /// The services whose manifests name a group.
    named: BTreeMap<String, BTreeSet<&'a str>>,
    owners: &'a BTreeMap<Principal, Owner>,
}

/// Somebody who loses access, and whether a group may be theirs.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose it would be, and by what.
    pub attribution: Attribution,
    /// The services whose manifests name the group, where that of who loses access does not.
    pub named_by: Vec<String>,
}

/// The groups that manifests name on a cluster, each with the services that do, of those manifests that are meant.
pub fn services_by_group<'a>(
    desired: &'a Desired<'_>,
    is_meant: impl Fn(&GrantSpec) -> bool,
) -> BTreeMap<String, BTreeSet<&'a str>> {
    let workspace = desired.workspace;
    let mut named: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let here = workspace.grants.iter().filter(|(_, spec)| workspace.selects(&spec.clusters, desired.cluster));
    for (service, spec) in here.filter(|(_, spec)| is_meant(spec)) {
        for group in spec.groups_with_raw() {
            named.entry(group).or_default().insert(service.as_str());
        }
    }
    named
}

impl<'a> Claims<'a> {
    /// With the ACLs before and after a plan.
    pub fn new(
        desired: &'a Desired<'_>,
        before: impl IntoIterator<Item = &'a Acl>,
        after: impl IntoIterator<Item = &'a Acl>,
        settings: &'a AuthorizerSettings,
    ) -> Self {
        Self {
            before: Authorizer::new(before, settings),
            after: Authorizer::new(after, settings),
            named: services_by_group(desired, |_| true),
            owners: &desired.grants.owners,
        }
    }

    /// Those of whom an entry speaks and whose the group may be. An entry about everybody speaks of each service whose
    /// principals no ACL there names.
    pub fn on(&self, access: &AccessChange, group: &str) -> Vec<Claim> {
        let nobody = BTreeSet::new();
        let named = self.named.get(group).unwrap_or(&nobody);
        let by_manifest = |principal: &Principal, service: &str| Claim {
            attribution: Attribution {
                principal: principal.clone(),
                service: Some(service.to_owned()),
                by: AttributedBy::Manifest,
            },
            named_by: Vec::new(),
        };
        let mut claims = Vec::new();
        if access.principal.is_everybody() {
            let of_named = self.owners.iter().filter(|(_, owner)| named.contains(owner.name.as_str()));
            claims.extend(of_named.map(|(principal, owner)| by_manifest(principal, &owner.name)));
        }
        match &access.service {
            Some(service) if named.contains(service.as_str()) => claims.push(by_manifest(&access.principal, service)),
            service => claims.push(Claim {
                attribution: Attribution {
                    principal: access.principal.clone(),
                    service: service.clone(),
                    by: AttributedBy::Acl,
                },
                named_by: named.iter().map(|service| (*service).to_owned()).collect(),
            }),
        }
        claims
    }

    /// Whether a principal may read a topic, or be a member of a group, before the plan and not after it, from a host.
    pub fn loses(&self, principal: &Principal, host: Option<&str>, resource: AclResourceType, name: &str) -> bool {
        let may = |side: &Authorizer<'_>| {
            side.may(principal, host.unwrap_or(ANY_HOST), AclOperation::Read, resource, Target::Name(name)).allowed
        };
        may(&self.before) && !may(&self.after)
    }

    /// Whether a principal may be a member of a group before the plan, from a host: `Some(true)` where an ACL says so that
    /// names the group itself.
    pub fn joins(&self, principal: &Principal, host: Option<&str>, group: &str) -> Option<bool> {
        let (host, resource) = (host.unwrap_or(ANY_HOST), AclResourceType::Group);
        let decision = self.before.may(principal, host, AclOperation::Read, resource, Target::Name(group));
        let by_name =
            matches!(decision.because, Because::Acl(acl) if acl.pattern == PatternType::Literal && *acl.name == *group);
        decision.allowed.then_some(by_name)
    }
}
