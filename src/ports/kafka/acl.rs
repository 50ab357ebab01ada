//! ACLs.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{PatternType, Principal};
use crate::source::word_enum;

word_enum! {
    /// What an ACL is about.
    AclResourceType, "resource type", {
        /// A topic.
        Topic = "topic",
        /// A consumer group.
        Group = "group",
        /// The cluster.
        Cluster = "cluster",
        /// A transactional id.
        TransactionalId = "transactional_id",
        /// A delegation token.
        DelegationToken = "delegation_token",
        /// A user, for delegation tokens.
        User = "user",
    }
}

word_enum! {
    /// What an ACL allows or denies.
    AclOperation, "operation", {
        /// Everything.
        All = "all",
        /// Read.
        Read = "read",
        /// Write.
        Write = "write",
        /// Create.
        Create = "create",
        /// Delete.
        Delete = "delete",
        /// Alter.
        Alter = "alter",
        /// Describe.
        Describe = "describe",
        /// ClusterAction.
        ClusterAction = "cluster_action",
        /// DescribeConfigs.
        DescribeConfigs = "describe_configs",
        /// AlterConfigs.
        AlterConfigs = "alter_configs",
        /// IdempotentWrite.
        IdempotentWrite = "idempotent_write",
        /// CreateTokens.
        CreateTokens = "create_tokens",
        /// DescribeTokens.
        DescribeTokens = "describe_tokens",
        /// TwoPhaseCommit (KIP-939).
        TwoPhaseCommit = "two_phase_commit",
    }
}

impl AclOperation {
    /// Several as a list in words.
    pub fn listed(operations: &[Self]) -> String {
        operations.iter().map(|operation| operation.as_str()).collect::<Vec<_>>().join(", ")
    }
}

word_enum! {
    /// Whether an ACL allows or denies.
    AclPermission, "permission", {
        /// It allows.
        Allow = "allow",
        /// It denies; a deny wins over every allow.
        Deny = "deny",
    }
}

/// One ACL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Acl {
    /// What it is about.
    pub resource: AclResourceType,
    /// The resource's name or prefix. Most resources have several ACLs, which share it.
    pub name: Arc<str>,
    /// How the name is meant.
    pub pattern: PatternType,
    /// Who.
    pub principal: Principal,
    /// From where; `*` = everywhere. An estate has tens of thousands of them, and that one is never allocated.
    pub host: Cow<'static, str>,
    /// What.
    pub operation: AclOperation,
    /// Allow or deny.
    pub permission: AclPermission,
}
