//! ACLs: reading, creating, deleting.

use krafka::KrafkaError;
use krafka::admin::{
    AclBinding, AclFilter, AclPatternType, AclPermissionType, CreateAclsOptions, DeleteAclsOptions, DescribeAclsOptions,
};

use super::KafkaClient;
use super::batch::{batches, send_all};
use crate::model::PatternType;
use crate::ports::Failure;
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType, Outcomes};

/// ACLs in one request. A controller takes at most 10,000.
const ACLS_PER_REQUEST: usize = 2_000;
const REQUESTS_AT_ONCE: usize = 2;

type WireResource = krafka::admin::AclResourceType;
type WireOperation = krafka::admin::AclOperation;

impl KafkaClient {
    /// Every ACL.
    pub(super) async fn all_acls(&self) -> Result<Vec<Acl>, Failure> {
        let bindings = self
            .admin
            .describe_acls(AclFilter::all(), DescribeAclsOptions::default())
            .await
            .map_err(|error| self.failure("describe the ACLs", &error))?;
        let mut acls: Vec<Acl> = bindings.into_iter().filter_map(acl).collect();
        acls.sort_unstable();
        Ok(acls)
    }

    pub(super) async fn create_acls_in_batches(&self, acls: &[Acl]) -> Outcomes {
        send_all(batches(acls, ACLS_PER_REQUEST, |_| 1), REQUESTS_AT_ONCE, |batch| async move {
            let bindings = batch.iter().map(binding).collect();
            let answers = self.admin.create_acls(bindings, CreateAclsOptions::default()).await;
            let failed =
                |acl: &Acl, error: &KrafkaError| self.failure(&format!("create the ACL {}", describe(acl)), error);
            match answers {
                Ok(answers) => {
                    let pairs = batch.iter().zip(answers);
                    pairs.map(|(acl, (_, answer))| answer.map_err(|error| failed(acl, &error))).collect()
                }
                Err(error) => batch.iter().map(|acl| Err(failed(acl, &error))).collect(),
            }
        })
        .await
    }

    pub(super) async fn delete_acls_in_batches(&self, acls: &[Acl]) -> Outcomes {
        send_all(batches(acls, ACLS_PER_REQUEST, |_| 1), REQUESTS_AT_ONCE, |batch| async move {
            let filters = batch.iter().map(exactly).collect();
            let answers = self.admin.delete_acls(filters, DeleteAclsOptions::default()).await;
            let failed =
                |acl: &Acl, error: &KrafkaError| self.failure(&format!("delete the ACL {}", describe(acl)), error);
            match answers {
                Ok(answers) => {
                    let outcome = |(acl, (_, answer)): (&Acl, (AclFilter, krafka::Result<_>))| {
                        let result: krafka::admin::DeleteAclsResult = answer.map_err(|error| failed(acl, &error))?;
                        result.failed.first().map_or(Ok(()), |(_, error)| Err(failed(acl, error)))
                    };
                    batch.iter().zip(answers).map(outcome).collect()
                }
                Err(error) => batch.iter().map(|acl| Err(failed(acl, &error))).collect(),
            }
        })
        .await
    }
}

fn describe(acl: &Acl) -> String {
    let pattern = match acl.pattern {
        PatternType::Literal => "",
        PatternType::Prefixed => " (prefix)",
    };
    let Acl { permission, principal, operation, resource, name, host, .. } = acl;
    format!("{permission} {principal} {operation} on {resource} {name}{pattern} from {host}")
}

fn binding(acl: &Acl) -> AclBinding {
    AclBinding {
        resource_type: wire_resource(acl.resource),
        resource_name: acl.name.clone(),
        pattern_type: wire_pattern(acl.pattern),
        principal: acl.principal.as_str().to_owned(),
        host: acl.host.clone(),
        operation: wire_operation(acl.operation),
        permission_type: wire_permission(acl.permission),
    }
}

fn exactly(acl: &Acl) -> AclFilter {
    AclFilter::for_resource(wire_resource(acl.resource), &acl.name)
        .pattern_type(wire_pattern(acl.pattern))
        .principal(acl.principal.as_str())
        .host(&acl.host)
        .operation(wire_operation(acl.operation))
        .permission_type(wire_permission(acl.permission))
}

fn acl(binding: AclBinding) -> Option<Acl> {
    Some(Acl {
        resource: resource(binding.resource_type)?,
        name: binding.resource_name,
        pattern: match binding.pattern_type {
            AclPatternType::Literal => PatternType::Literal,
            AclPatternType::Prefixed => PatternType::Prefixed,
            _ => return None,
        },
        principal: binding.principal.parse().ok()?,
        host: binding.host,
        operation: operation(binding.operation)?,
        permission: match binding.permission_type {
            AclPermissionType::Allow => AclPermission::Allow,
            AclPermissionType::Deny => AclPermission::Deny,
            _ => return None,
        },
    })
}

/// The operations that krafka can send.
const OPERATIONS: &[(AclOperation, WireOperation)] = &[
    (AclOperation::All, WireOperation::All),
    (AclOperation::Read, WireOperation::Read),
    (AclOperation::Write, WireOperation::Write),
    (AclOperation::Create, WireOperation::Create),
    (AclOperation::Delete, WireOperation::Delete),
    (AclOperation::Alter, WireOperation::Alter),
    (AclOperation::Describe, WireOperation::Describe),
    (AclOperation::ClusterAction, WireOperation::ClusterAction),
    (AclOperation::DescribeConfigs, WireOperation::DescribeConfigs),
    (AclOperation::AlterConfigs, WireOperation::AlterConfigs),
    (AclOperation::IdempotentWrite, WireOperation::IdempotentWrite),
];

const RESOURCES: &[(AclResourceType, WireResource)] = &[
    (AclResourceType::Topic, WireResource::Topic),
    (AclResourceType::Group, WireResource::Group),
    (AclResourceType::Cluster, WireResource::Cluster),
    (AclResourceType::TransactionalId, WireResource::TransactionalId),
    (AclResourceType::DelegationToken, WireResource::DelegationToken),
];

fn operation(wire: WireOperation) -> Option<AclOperation> {
    OPERATIONS.iter().find(|(_, known)| *known == wire).map(|(operation, _)| *operation)
}

fn wire_operation(operation: AclOperation) -> WireOperation {
    OPERATIONS.iter().find(|(known, _)| *known == operation).map_or(WireOperation::Unknown, |(_, wire)| *wire)
}

fn resource(wire: WireResource) -> Option<AclResourceType> {
    RESOURCES.iter().find(|(_, known)| *known == wire).map(|(resource, _)| *resource)
}

fn wire_resource(resource: AclResourceType) -> WireResource {
    RESOURCES.iter().find(|(known, _)| *known == resource).map_or(WireResource::Unknown, |(_, wire)| *wire)
}

fn wire_pattern(pattern: PatternType) -> AclPatternType {
    match pattern {
        PatternType::Literal => AclPatternType::Literal,
        PatternType::Prefixed => AclPatternType::Prefixed,
    }
}

fn wire_permission(permission: AclPermission) -> AclPermissionType {
    match permission {
        AclPermission::Allow => AclPermissionType::Allow,
        AclPermission::Deny => AclPermissionType::Deny,
    }
}
