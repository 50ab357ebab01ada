//! Answers of brokers that krafka does not read, from their bytes. What they say is not trusted.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::wire::{Reader, WireError};
use crate::model::{PatternType, Principal, TopicName};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType, CommittedOffsets};

/// Kafka's code for "no error", and for a topic that is gone.
const NONE: i16 = 0;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;

/// Resource type, pattern type, operation and permission as they are sent.
pub(super) type Codes = [i8; 4];

/// An error of a broker: Kafka's code and the broker's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: i16,
    pub(super) message: String,
}

/// What became of one item.
pub(super) type Outcome<T> = Result<T, Refusal>;

/// ACLs that there are words for, and the codes of those that a newer Kafka has.
pub(super) type Described = (Vec<Acl>, Vec<Codes>);

/// Every ACL of an answer.
pub(super) fn acls(answer: &[u8], version: i16) -> Result<Outcome<Described>, WireError> {
    let mut answer = Reader::new(answer, version);
    answer.i32()?;
    if let Err(refusal) = outcome(&mut answer)? {
        return Ok(Err(refusal));
    }
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
    Ok(Ok((acls, unknown)))
}

/// What became of each ACL that was to be created, in order.
pub(super) fn created(answer: &[u8], version: i16) -> Result<Vec<Outcome<()>>, WireError> {
    let mut answer = Reader::new(answer, version);
    answer.i32()?;
    let count = answer.length()?;
    let one = |_| {
        let outcome = outcome(&mut answer)?;
        answer.end()?;
        Ok(outcome)
    };
    (0..count).map(one).collect()
}

/// What became of each ACL that was to be deleted, in order.
pub(super) fn deleted(answer: &[u8], version: i16) -> Result<Vec<Outcome<()>>, WireError> {
    let mut answer = Reader::new(answer, version);
    answer.i32()?;
    let count = answer.length()?;
    let one = |_| {
        let mut of_filter = outcome(&mut answer)?;
        for _ in 0..answer.length()? {
            let deleted = outcome(&mut answer)?;
            answer.i8()?;
            answer.string()?;
            answer.i8()?;
            answer.string()?;
            answer.string()?;
            answer.take::<2>()?;
            answer.end()?;
            of_filter = of_filter.and(deleted);
        }
        answer.end()?;
        Ok(of_filter)
    };
    (0..count).map(one).collect()
}

/// The topics of a member's assignment in the consumer protocol (`ConsumerProtocolAssignment`).
pub(super) fn assigned(assignment: &[u8]) -> Result<Vec<TopicName>, WireError> {
    let mut reader = Reader::new(assignment, 0);
    reader.i16()?;
    let mut names = Vec::new();
    for _ in 0..reader.length()? {
        names.push(reader.string()?);
        for _ in 0..reader.length()? {
            reader.i32()?;
        }
    }
    Ok(topics_of(names))
}

/// The topics of a member's assignment, each once; what has a name that no topic can have is none.
pub(super) fn topics_of<'t>(names: impl IntoIterator<Item = &'t str>) -> Vec<TopicName> {
    let topics: BTreeSet<TopicName> = names.into_iter().filter_map(|name| name.parse().ok()).collect();
    topics.into_iter().collect()
}

/// The host and port of the coordinator of each group.
pub(super) fn coordinators(answer: &[u8], version: i16) -> Result<HashMap<String, Outcome<(String, i32)>>, WireError> {
    let mut answer = Reader::new(answer, version);
    answer.i32()?;
    let mut found = HashMap::new();
    for _ in 0..answer.length()? {
        let id = answer.string()?.to_owned();
        answer.i32()?;
        let address = (answer.string()?.to_owned(), answer.i32()?);
        let outcome = outcome(&mut answer)?;
        answer.end()?;
        found.insert(id, outcome.map(|()| address));
    }
    Ok(found)
}

/// What each group has committed.
pub(super) fn committed(answer: &[u8], version: i16) -> Result<HashMap<String, Outcome<CommittedOffsets>>, WireError> {
    let mut answer = Reader::new(answer, version);
    answer.i32()?;
    let mut groups = HashMap::new();
    for _ in 0..answer.length()? {
        let id = answer.string()?.to_owned();
        let mut offsets = CommittedOffsets::new();
        let mut refused = None;
        for _ in 0..answer.length()? {
            let topic = answer.string()?;
            for _ in 0..answer.length()? {
                let partition = answer.i32()?;
                let offset = answer.i64()?;
                answer.i32()?;
                answer.string()?;
                let code = answer.i16()?;
                answer.end()?;
                // Of a topic that is gone there is nothing to know.
                if code != NONE && code != UNKNOWN_TOPIC_OR_PARTITION {
                    refused.get_or_insert(code);
                }
                if let (true, Ok(topic), Ok(partition)) = (offset >= 0, topic.parse(), u32::try_from(partition)) {
                    offsets.entry(topic).or_default().insert(partition, offset);
                }
            }
            answer.end()?;
        }
        let code = answer.i16()?;
        answer.end()?;
        let outcome = match refused.unwrap_or(code) {
            NONE => Ok(offsets),
            code => Err(Refusal { code, message: String::new() }),
        };
        groups.insert(id, outcome);
    }
    Ok(groups)
}

/// An error code and a message: what became of an item, or of the request.
fn outcome(answer: &mut Reader<'_>) -> Result<Outcome<()>, WireError> {
    let code = answer.i16()?;
    let message = answer.string()?;
    Ok(if code == NONE { Ok(()) } else { Err(Refusal { code, message: message.to_owned() }) })
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

/// The codes of resource types.
pub(super) const RESOURCES: &[(AclResourceType, i8)] = &[
    (AclResourceType::Topic, 2),
    (AclResourceType::Group, 3),
    (AclResourceType::Cluster, 4),
    (AclResourceType::TransactionalId, 5),
    (AclResourceType::DelegationToken, 6),
    (AclResourceType::User, 7),
];

/// The codes of pattern types.
pub(super) const PATTERNS: &[(PatternType, i8)] = &[(PatternType::Literal, 3), (PatternType::Prefixed, 4)];

/// The codes of operations.
pub(super) const OPERATIONS: &[(AclOperation, i8)] = &[
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

/// The codes of permissions.
pub(super) const PERMISSIONS: &[(AclPermission, i8)] = &[(AclPermission::Deny, 2), (AclPermission::Allow, 3)];

fn value<T: Copy>(table: &[(T, i8)], wanted: i8) -> Option<T> {
    table.iter().find(|(_, code)| *code == wanted).map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_names_its_topics() {
        let mut bytes = vec![0, 1, 0, 0, 0, 2];
        for (topic, partitions) in [("b", [0_i32, 1].as_slice()), ("a", &[3])] {
            bytes.extend(1_i16.to_be_bytes());
            bytes.extend(topic.as_bytes());
            bytes.extend((partitions.len() as i32).to_be_bytes());
            partitions.iter().for_each(|partition| bytes.extend(partition.to_be_bytes()));
        }
        bytes.extend((-1_i32).to_be_bytes());
        let names: Vec<_> = assigned(&bytes).expect("it is whole").iter().map(ToString::to_string).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(assigned(&bytes[..9]).is_err());
    }

    #[test]
    fn what_is_claimed_and_not_there_is_an_error_at_once() {
        // A throttle, no error, no message, and two thousand million of what does not come.
        for (no_error, many, version) in
            [(&[0, 0, 0xff, 0xff][..], &[0x7f, 0xff, 0xff, 0xff][..], 1), (&[0, 0, 0], &[0xff, 0xff, 0xff, 0xff, 7], 9)]
        {
            let throttle = [0; 4];
            assert_eq!(acls(&[&throttle, no_error, many].concat(), version), Err(WireError::Truncated));
            let answer = [&throttle, many].concat();
            assert_eq!(created(&answer, version), Err(WireError::Truncated));
            assert_eq!(deleted(&answer, version), Err(WireError::Truncated));
            assert_eq!(coordinators(&answer, version), Err(WireError::Truncated));
            assert_eq!(committed(&answer, version), Err(WireError::Truncated));
        }
    }

    #[test]
    fn a_refusal_is_no_list() {
        let refused = [&[0, 0, 0, 0][..], &[0, 31], &[0, 2], b"no"].concat();
        assert_eq!(acls(&refused, 1), Ok(Err(Refusal { code: 31, message: "no".into() })));
    }
}
