//! The least ACLs of each command, as `docs/permissions.md` has them.

use std::collections::BTreeMap;

use busctl::ports::journal::{LOCK_GROUP, OWN_PREFIX, TRANSACTIONAL_ID};
use busctl::ports::kafka::{Acl, AclOperation, AclResourceType};

use super::sample::acl;

/// The ACLs that the tables in `docs/permissions.md` ask for in their columns of one name.
pub fn least(column: &str, user: &str, topics: &str) -> Vec<Acl> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let rows = rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    let mut at = None;
    let mut acls = Vec::new();
    for row in rows {
        if row[0] == "operation" {
            at = row.iter().position(|head| *head == column);
        } else if at.is_some_and(|at| row[at] == "✓") {
            acls.extend(row[0].split(", ").map(|word| wanted(user, row[1], operation(word), topics)));
        }
    }
    assert!(!acls.is_empty(), "no column {column}");
    acls
}

/// An operation as the page has it.
fn operation(word: &str) -> AclOperation {
    let snake = word.chars().fold(String::new(), |snake, c| match c {
        'A'..='Z' if !snake.is_empty() => format!("{snake}_{}", c.to_ascii_lowercase()),
        c => format!("{snake}{}", c.to_ascii_lowercase()),
    });
    AclOperation::WORDS.iter().copied().collect::<BTreeMap<_, _>>()[snake.as_str()]
}

/// The ACL for what a row of the page is about.
fn wanted(user: &str, on: &str, operation: AclOperation, topics: &str) -> Acl {
    let named = on.split('`').nth(1).unwrap_or_default();
    let (resource, name) = match on.split(' ').next().unwrap() {
        "each" => (AclResourceType::Topic, topics.to_owned()),
        "topics" => (AclResourceType::Topic, format!("{named}*")),
        "group" => (AclResourceType::Group, named.to_owned()),
        "transactional" => (AclResourceType::TransactionalId, named.to_owned()),
        "cluster" => (AclResourceType::Cluster, "kafka-cluster".to_owned()),
        other => panic!("{other}"),
    };
    acl(user, resource, &name, operation)
}

/// What of the least for `apply` its lock and its record take.
pub fn of_the_record(acl: &Acl) -> bool {
    [OWN_PREFIX, LOCK_GROUP, TRANSACTIONAL_ID].contains(&&*acl.name)
}
