//! Who may do what: Kafka's `StandardAuthorizer`, decided here as brokers decide it.
//!
//! It answers for one resource at a time. What brokers ask across resources is not asked here: an idempotent producer
//! needs Write on some topic, whichever, or IdempotentWrite on the cluster.

mod index;
mod operations;

use std::collections::BTreeSet;

pub use index::Target;
pub use operations::Operations;

use crate::model::Principal;
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::resources::cluster::ClusterSpec;
use index::Index;

/// The name of the one resource of type cluster.
pub const CLUSTER: &str = "kafka-cluster";

/// What brokers decide by beside the ACLs. They do not tell; the cluster's manifest declares it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizerSettings {
    /// `super.users`: principals that may do everything.
    pub super_users: BTreeSet<Principal>,
    /// `allow.everyone.if.no.acl.found`: whether a resource without any ACL is open to everybody.
    pub allow_everyone_if_no_acl_found: bool,
}

impl AuthorizerSettings {
    /// What a cluster's manifest declares; Kafka's defaults where it says nothing.
    pub fn of(cluster: &ClusterSpec) -> Self {
        let Some(kafka) = &cluster.kafka else { return Self::default() };
        Self {
            super_users: kafka.every_super_user().map(|user| user.value).collect(),
            allow_everyone_if_no_acl_found: kafka.open_without_acl().is_some(),
        }
    }

    /// Whether a principal may do everything. Brokers compare names, so that `User:*` is nobody's name here.
    pub fn is_super_user(&self, principal: &Principal) -> bool {
        !principal.is_everybody() && self.super_users.contains(principal)
    }
}

/// Kafka's `StandardAuthorizer` with one set of ACLs.
#[derive(Debug)]
pub struct Authorizer<'a> {
    index: Index<'a>,
    settings: &'a AuthorizerSettings,
    everybody: Principal,
}

/// What the authorizer says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why.
    pub because: Because<'a>,
}

/// Why the authorizer says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because<'a> {
    /// An ACL that speaks of this principal, host, operation and resource.
    Acl(&'a Acl),
    /// The principal is a super user.
    SuperUser,
    /// No such ACL: refused, unless the resource has no ACL at all and is open to everybody for that.
    Default,
}

impl<'a> Authorizer<'a> {
    /// The authorizer with these ACLs.
    pub fn new(acls: impl IntoIterator<Item = &'a Acl>, settings: &'a AuthorizerSettings) -> Self {
        Self { index: Index::new(acls), settings, everybody: Principal::everybody() }
    }

    /// Whether a principal may do something from a host. A deny wins over every allow.
    ///
    /// Brokers ask for single operations only; to [`AclOperation::All`] the answer is that of an ACL with it.
    pub fn may(
        &self,
        principal: &Principal,
        host: &str,
        operation: AclOperation,
        resource: AclResourceType,
        target: Target<'_>,
    ) -> Decision<'a> {
        if self.settings.is_super_user(principal) {
            return Decision { allowed: true, because: Because::SuperUser };
        }
        let mut allow = None;
        for acl in self.speaking_of(principal, host, resource, target) {
            match acl.permission {
                AclPermission::Deny if Operations::denied_by(acl.operation).contains(operation) => {
                    return Decision { allowed: false, because: Because::Acl(acl) };
                }
                AclPermission::Allow if Operations::allowed_by(acl.operation).contains(operation) => {
                    allow = allow.or(Some(acl));
                }
                AclPermission::Allow | AclPermission::Deny => {}
            }
        }
        match allow {
            Some(acl) => Decision { allowed: true, because: Because::Acl(acl) },
            None => Decision { allowed: self.is_open(resource, target), because: Because::Default },
        }
    }

    /// Everything that a principal may do with a resource from a host: [`Authorizer::may`] for all operations at once.
    pub fn operations(
        &self,
        principal: &Principal,
        host: &str,
        resource: AclResourceType,
        target: Target<'_>,
    ) -> Operations {
        let every = Operations::of(resource);
        if self.settings.is_super_user(principal) || self.is_open(resource, target) {
            return every;
        }
        let (mut allowed, mut denied) = (Operations::NONE, Operations::NONE);
        for acl in self.speaking_of(principal, host, resource, target) {
            match acl.permission {
                AclPermission::Allow => allowed = allowed.and(Operations::allowed_by(acl.operation)),
                AclPermission::Deny => denied = denied.and(Operations::denied_by(acl.operation)),
            }
        }
        every.common(allowed).without(denied)
    }

    /// Whether a resource has no ACL at all, of whatever principal, and is open to everybody for that.
    pub fn is_open(&self, resource: AclResourceType, target: Target<'_>) -> bool {
        self.settings.allow_everyone_if_no_acl_found && self.index.matching(resource, target).next().is_none()
    }

    /// Those whom the ACLs there name, whatever these say.
    pub fn named(&self, resource: AclResourceType, target: Target<'_>) -> BTreeSet<&'a Principal> {
        self.index.matching(resource, target).flatten().map(|acl| &acl.principal).collect()
    }

    /// The single hosts from which the ACLs there mean something to a principal.
    pub fn hosts(&self, principal: &Principal, resource: AclResourceType, target: Target<'_>) -> BTreeSet<&'a str> {
        self.naming(principal, resource, target).map(|acl| &*acl.host).filter(|host| *host != "*").collect()
    }

    /// The settings that it decides by.
    pub fn settings(&self) -> &'a AuthorizerSettings {
        self.settings
    }

    pub(super) fn index(&self) -> &Index<'a> {
        &self.index
    }

    /// The ACLs that speak of a principal there, from whatever host.
    pub(super) fn naming<'s>(
        &'s self,
        principal: &'s Principal,
        resource: AclResourceType,
        target: Target<'s>,
    ) -> impl Iterator<Item = &'a Acl> + 's {
        let everybody = (!principal.is_everybody()).then_some(&self.everybody);
        let names = [Some(principal), everybody];
        self.index.naming(names, resource, target)
    }

    fn speaking_of<'s>(
        &'s self,
        principal: &'s Principal,
        host: &'s str,
        resource: AclResourceType,
        target: Target<'s>,
    ) -> impl Iterator<Item = &'a Acl> + 's {
        self.naming(principal, resource, target).filter(move |acl| acl.host == "*" || acl.host == host)
    }
}

#[cfg(test)]
mod tests;
