//! Random ACLs for the tests of this folder.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::access::Operations;
use crate::model::{PatternType, Principal};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};

pub const TOPICS: [&str; 7] = ["a", "a.b", "a.b.c", "ab", "b", "b.a", "c"];
pub const PRINCIPALS: [&str; 5] = ["alpha", "beta", "gamma", "*", "nobody"];

pub fn principal(name: &str) -> Principal {
    format!("User:{name}").parse().expect("principal")
}

/// An ACL of a topic, by anybody but `nobody`.
pub fn acl() -> impl Strategy<Value = Acl> {
    let mut operations: Vec<AclOperation> = Operations::of(AclResourceType::Topic).iter().collect();
    operations.push(AclOperation::All);
    (
        select(PRINCIPALS[..4].to_vec()),
        select(vec!["a", "a.", "a.b", "ab", "b", "b.a", "*"]),
        any::<bool>(),
        select(vec!["*", "*", "10.0.0.1"]),
        select(operations),
        select(vec![AclPermission::Allow, AclPermission::Allow, AclPermission::Deny]),
    )
        .prop_map(|(who, name, prefixed, host, operation, permission)| Acl {
            resource: AclResourceType::Topic,
            name: name.into(),
            pattern: if prefixed && name != "*" { PatternType::Prefixed } else { PatternType::Literal },
            principal: principal(who),
            host: host.to_owned().into(),
            operation,
            permission,
        })
}

pub fn acls() -> impl Strategy<Value = Vec<Acl>> {
    vec(acl(), 0..9)
}
