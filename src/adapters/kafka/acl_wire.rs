//! The ACL requests of Kafka's protocol.
//!
//! krafka 0.28.1 sends other codes for pattern types than Kafka's (2 for LITERAL, which is MATCH to Kafka, and 3 for
//! PREFIXED, which is LITERAL), so that a prefix would silently become a literal name. It also has no words for the
//! operations CreateTokens, DescribeTokens and TwoPhaseCommit and the resource type User, and an ACL that is not seen
//! would be taken for absent. So these three requests are written and read here.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use krafka::__private::protocol::ApiKey;

use super::brokers::{Api, BESIDE_TOPICS, Brokers, negotiate};
use super::wire::{Reader, Writer};
use crate::model::{PatternType, Principal};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};

const DESCRIBE: Api = Api { key: ApiKey::DescribeAcls, min: 1, max: 3 };
const CREATE: Api = Api { key: ApiKey::CreateAcls, min: 1, max: 3 };
const DELETE: Api = Api { key: ApiKey::DeleteAcls, min: 1, max: 3 };

/// Stands for every value in a filter.
const ANY: i8 = 1;

/// Resource type, pattern type, operation and permission as they are sent.
type Codes = [i8; 4];

/// Every ACL, or the one given, that there are words for, and the codes of those that a newer Kafka has.
pub(super) async fn describe(brokers: &Brokers, only: Option<&Acl>) -> krafka::Result<(Vec<Acl>, Vec<Codes>)> {
    let (answer, version) = brokers
        .on_any(BESIDE_TOPICS, |connection| async move {
            let version = negotiate(&connection, DESCRIBE)?;
            let mut body = Writer::new(version);
            match only {
                Some(acl) => write_acl(&mut body, acl)?,
                None => {
                    body.code(ANY);
                    body.string(None)?;
                    body.code(ANY);
                    body.string(None)?;
                    body.string(None)?;
                    body.code(ANY);
                    body.code(ANY);
                    body.end();
                }
            }
            let answer = connection.send_request(DESCRIBE.key, version, |buffer| body.copy_to(buffer)).await?;
            Ok((answer, version))
        })
        .await?;
    let mut answer = Reader::new(&answer, version);
    answer.i32()?;
    answer.outcome()??;
    let (mut acls, mut unknown) = (Vec::new(), Vec::new());
    let mut principals: HashMap<&str, Principal> = HashMap::new();
    for _ in 0..answer.length()? {
        let resource = answer.i8()?;
        let name: Arc<str> = answer.string()?.into();
        let pattern = answer.i8()?;
        for _ in 0..answer.length()? {
            let (principal, host) = (answer.string()?, answer.string()?);
            let codes = [resource, pattern, answer.i8()?, answer.i8()?];
            answer.end()?;
            let principal = match principals.get(principal) {
                Some(known) => Some(known.clone()),
                None => {
                    let new: Option<Principal> = principal.parse().ok();
                    principals.extend(new.clone().map(|new| (principal, new)));
                    new
                }
            };
            match principal.and_then(|principal| acl(codes, &name, principal, host)) {
                Some(acl) => acls.push(acl),
                None => unknown.push(codes),
            }
        }
        answer.end()?;
    }
    Ok((acls, unknown))
}

/// Creates ACLs; an answer for each, in order.
pub(super) async fn create(brokers: &Brokers, acls: &[Acl]) -> krafka::Result<Vec<krafka::Result<()>>> {
    let (answer, version) = write(brokers, CREATE, acls).await?;
    let mut answer = Reader::new(&answer, version);
    answer.i32()?;
    let count = answer.length()?;
    let outcome = |_| {
        let outcome = answer.outcome()?;
        answer.end()?;
        Ok(outcome)
    };
    (0..count).map(outcome).collect()
}

/// Deletes exactly these ACLs; an answer for each, in order.
pub(super) async fn delete(brokers: &Brokers, acls: &[Acl]) -> krafka::Result<Vec<krafka::Result<()>>> {
    let (answer, version) = write(brokers, DELETE, acls).await?;
    let mut answer = Reader::new(&answer, version);
    answer.i32()?;
    let count = answer.length()?;
    let outcome = |_| {
        let mut outcome = answer.outcome()?;
        for _ in 0..answer.length()? {
            let deleted = answer.outcome()?;
            answer.i8()?;
            answer.string()?;
            answer.i8()?;
            answer.string()?;
            answer.string()?;
            answer.take::<2>()?;
            answer.end()?;
            outcome = outcome.and(deleted);
        }
        answer.end()?;
        Ok(outcome)
    };
    (0..count).map(outcome).collect()
}

/// ACLs to create and filters that match them exactly are the same bytes. Sent once: a request whose answer was lost may
/// have been carried out.
async fn write(brokers: &Brokers, api: Api, acls: &[Acl]) -> krafka::Result<(impl Deref<Target = [u8]>, i16)> {
    let connection = brokers.open_any().await?;
    let version = negotiate(&connection, api)?;
    let mut body = Writer::new(version);
    body.length(acls.len());
    for acl in acls {
        write_acl(&mut body, acl)?;
    }
    body.end();
    Ok((connection.send_request(api.key, version, |buffer| body.copy_to(buffer)).await?, version))
}

/// An ACL, or the filter that matches it alone.
fn write_acl(body: &mut Writer, acl: &Acl) -> krafka::Result<()> {
    body.code(code(RESOURCES, acl.resource));
    body.string(Some(&acl.name))?;
    body.code(code(PATTERNS, acl.pattern));
    body.string(Some(acl.principal.as_str()))?;
    body.string(Some(&acl.host))?;
    body.code(code(OPERATIONS, acl.operation));
    body.code(code(PERMISSIONS, acl.permission));
    body.end();
    Ok(())
}

fn acl(
    [resource, pattern, operation, permission]: Codes,
    name: &Arc<str>,
    principal: Principal,
    host: &str,
) -> Option<Acl> {
    Some(Acl {
        resource: value(RESOURCES, resource)?,
        name: name.clone(),
        pattern: value(PATTERNS, pattern)?,
        principal,
        host: if host == "*" { "*".into() } else { host.to_owned().into() },
        operation: value(OPERATIONS, operation)?,
        permission: value(PERMISSIONS, permission)?,
    })
}

const RESOURCES: &[(AclResourceType, i8)] = &[
    (AclResourceType::Topic, 2),
    (AclResourceType::Group, 3),
    (AclResourceType::Cluster, 4),
    (AclResourceType::TransactionalId, 5),
    (AclResourceType::DelegationToken, 6),
    (AclResourceType::User, 7),
];

const PATTERNS: &[(PatternType, i8)] = &[(PatternType::Literal, 3), (PatternType::Prefixed, 4)];

const OPERATIONS: &[(AclOperation, i8)] = &[
    (AclOperation::All, 2),
    (AclOperation::Read, 3),
    (AclOperation::Write, 4),
    (AclOperation::Create, 5),
    (AclOperation::Delete, 6),
    (AclOperation::Alter, 7),
    (AclOperation::Describe, 8),
    (AclOperation::ClusterAction, 9),
    (AclOperation::DescribeConfigs, 10),
    (AclOperation::AlterConfigs, 11),
    (AclOperation::IdempotentWrite, 12),
    (AclOperation::CreateTokens, 13),
    (AclOperation::DescribeTokens, 14),
    (AclOperation::TwoPhaseCommit, 15),
];

const PERMISSIONS: &[(AclPermission, i8)] = &[(AclPermission::Deny, 2), (AclPermission::Allow, 3)];

/// The byte that stands for a value; 0 is Kafka's own "unknown", which it refuses.
fn code<T: PartialEq>(table: &[(T, i8)], wanted: T) -> i8 {
    table.iter().find(|(value, _)| *value == wanted).map_or(0, |(_, code)| *code)
}

fn value<T: Copy>(table: &[(T, i8)], wanted: i8) -> Option<T> {
    table.iter().find(|(_, code)| *code == wanted).map(|(value, _)| *value)
}
