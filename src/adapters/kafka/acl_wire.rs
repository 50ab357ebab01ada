//! The ACL requests of Kafka's protocol.
//!
//! krafka 0.28.1 sends other codes for pattern types than Kafka's (2 for LITERAL, which is MATCH to Kafka, and 3 for
//! PREFIXED, which is LITERAL), so that a prefix would silently become a literal name. It also has no words for the
//! operations CreateTokens, DescribeTokens and TwoPhaseCommit and the resource type User, and an ACL that is not seen
//! would be taken for absent. So these three requests are written and read here.

use std::ops::Deref;

use krafka::__private::protocol::ApiKey;

use super::answers::{self, Described, OPERATIONS, Outcome, PATTERNS, PERMISSIONS, RESOURCES};
use super::brokers::{Api, BESIDE_TOPICS, Brokers, negotiate, while_it_stands};
use super::wire::{WireError, Writer};
use crate::ports::kafka::Acl;

const DESCRIBE: Api = Api { key: ApiKey::DescribeAcls, min: 1, max: 3 };
const CREATE: Api = Api { key: ApiKey::CreateAcls, min: 1, max: 3 };
const DELETE: Api = Api { key: ApiKey::DeleteAcls, min: 1, max: 3 };

/// Stands for every value in a filter.
const ANY: i8 = 1;

/// Every ACL, or the one given, that there are words for, and the codes of those that a newer Kafka has.
pub(super) async fn describe(brokers: &Brokers, only: Option<&Acl>) -> krafka::Result<Described> {
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
            let asking = connection.send_request(DESCRIBE.key, version, |buffer| body.copy_to(buffer));
            Ok((while_it_stands(&connection, asking).await?, version))
        })
        .await?;
    Ok(answers::acls(&answer, version)??)
}

/// Creates ACLs; an answer for each, in order.
pub(super) async fn create(brokers: &Brokers, acls: &[Acl]) -> krafka::Result<Vec<krafka::Result<()>>> {
    let (answer, version) = write(brokers, CREATE, acls).await?;
    Ok(told(answers::created(&answer, version)?))
}

/// Deletes exactly these ACLs; an answer for each, in order.
pub(super) async fn delete(brokers: &Brokers, acls: &[Acl]) -> krafka::Result<Vec<krafka::Result<()>>> {
    let (answer, version) = write(brokers, DELETE, acls).await?;
    Ok(told(answers::deleted(&answer, version)?))
}

fn told(outcomes: Vec<Outcome<()>>) -> Vec<krafka::Result<()>> {
    outcomes.into_iter().map(|outcome| outcome.map_err(Into::into)).collect()
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
    let asking = connection.send_request(api.key, version, |buffer| body.copy_to(buffer));
    Ok((while_it_stands(&connection, asking).await?, version))
}

/// An ACL, or the filter that matches it alone.
fn write_acl(body: &mut Writer, acl: &Acl) -> Result<(), WireError> {
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

/// The byte that stands for a value; 0 is Kafka's own "unknown", which it refuses.
fn code<T: PartialEq>(table: &[(T, i8)], wanted: T) -> i8 {
    table.iter().find(|(value, _)| *value == wanted).map_or(0, |(_, code)| *code)
}
