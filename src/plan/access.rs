use serde::{Deserialize, Serialize};

use crate::model::{Pattern, PatternType, Principal};
use crate::ports::kafka::{AclOperation, AclResourceType};

/// What a change of ACLs does to somebody's access, with all ACL changes of the plan carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    /// Whose access; `User:*` is everybody whom no ACL on the resource names.
    pub principal: Principal,
    /// The service or role that the principal belongs to, where one declares it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<String>,
    /// What it is access to.
    pub resource: AclResourceType,
    /// The resource's name, or the prefix or `*` that stands for those without an entry of their own.
    pub name: String,
    /// How the name is meant, as in ACLs.
    pub pattern: PatternType,
    /// The host, where it is another access than from everywhere else.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub host: Option<String>,
    /// What is no longer allowed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub lost: Vec<AclOperation>,
    /// What is newly allowed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub gained: Vec<AclOperation>,
    /// How many live resources it is, where they are known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub existing: Option<usize>,
    /// Some of the live resources that a prefix or `*` stands for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub examples: Vec<String>,
}

impl AccessChange {
    /// Whether somebody may no longer read a topic, or be a member of a group: Kafka asks for Read for both.
    pub fn takes_reading(&self) -> bool {
        matches!(self.resource, AclResourceType::Topic | AclResourceType::Group)
            && self.lost.contains(&AclOperation::Read)
    }

    /// The names that it is about.
    pub fn names(&self) -> Pattern {
        match (self.pattern, self.name.as_str()) {
            (PatternType::Literal, "*") => Pattern::prefix(""),
            (PatternType::Literal, name) => Pattern::literal(name),
            (PatternType::Prefixed, prefix) => Pattern::prefix(prefix),
        }
    }
}
