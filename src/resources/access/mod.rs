//! Who may do what, and why: the ACL that decides it, and the manifest that asks for that ACL.

mod answer;
mod observe;
mod subject;

use serde::Serialize;

use super::acl::access::Operations;
use crate::model::Principal;
use crate::ports::kafka::{Acl, AclOperation, AclResourceType};
use crate::source::{Place, word_enum};

pub use answer::{Question, answer};
pub use observe::{Sight, observe};
pub use subject::{Known, Subject};

/// What somebody may do, or who may do something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Access {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The id that its brokers answered; `None` where they were not asked.
    pub cluster_id: Option<String>,
    /// Whether the brokers have an authorizer; of brokers that were not asked, whether one is declared.
    pub authorizer: bool,
    /// Who or what is asked about.
    pub about: About,
    /// The one resource that it is about, where somebody is asked about with one.
    pub on: Option<About>,
    /// What limits the answer, in sentences.
    pub notes: Vec<String>,
    /// Who may do what: what is allowed first.
    pub entries: Vec<AccessEntry>,
}

/// Who or what is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// `service`, `role`, `principal`, or the type of a resource.
    pub kind: &'static str,
    /// Its name; of resources with a trailing `*` a prefix.
    pub name: String,
    /// The principals that it has.
    pub principals: Vec<Principal>,
}

/// What one principal may do with a resource for one reason, or may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessEntry {
    /// Who.
    pub principal: Principal,
    /// The service or role that it belongs to.
    pub client: Option<String>,
    /// The type of the resource; `None` means each resource of each type, as far as `only_without_acl` does not say otherwise.
    pub resource: Option<AclResourceType>,
    /// The resource's name; with a trailing `*` a prefix, `*` alone each.
    pub name: String,
    /// From which host, as the authorizer sees it; `*` from everywhere.
    pub host: String,
    /// Whether it may.
    pub allowed: bool,
    /// What.
    pub operations: Vec<AclOperation>,
    /// Why.
    pub because: Reason,
    /// The ACLs that decide it.
    pub acls: Vec<Acl>,
    /// What asks for that, in which file and line; `None` where no manifest does.
    pub place: Option<Place>,
    /// Whether the next apply takes these ACLs away, which no manifest asks for.
    pub leaving: bool,
    /// Whether it holds only for those of these resources that have no ACL at all, whomever it names.
    pub only_without_acl: bool,
    /// How many topics it concerns now; `None` of other resources.
    pub topics: Option<u64>,
}

word_enum! {
    /// Why somebody may do something, or may not.
    Reason, "reason", {
        /// An ACL says so.
        Acl = "acl",
        /// It is a super user.
        SuperUser = "super_user",
        /// The resource has no ACL at all and is open to everybody for that (`allow.everyone.if.no.acl.found`).
        Open = "open",
        /// The brokers have no authorizer.
        NoAuthorizer = "no_authorizer",
        /// No ACL allows it.
        NotAllowed = "not_allowed",
    }
}

/// The operations that are meant: `all` means each, and so does none.
pub fn operations_meant(asked: &[AclOperation]) -> Operations {
    match asked {
        [] => Operations::allowed_by(AclOperation::All),
        asked if asked.contains(&AclOperation::All) => Operations::allowed_by(AclOperation::All),
        asked => Operations::these(asked),
    }
}
