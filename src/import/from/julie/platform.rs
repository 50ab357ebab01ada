//! What the parts of Confluent's platform are allowed, and client quotas.

use super::super::acls::{CLUSTER, Grant};
use super::super::keys::Keys;
use super::super::reader::Reader;
use super::super::values::quota;
use super::access::party;
use super::naming::Naming;
use crate::ports::kafka::{AclOperation, AclResourceType};
use crate::source::{Node, Value};

use AclOperation::{All, Create, Describe, DescribeConfigs, Read, Write};
use AclResourceType::{Cluster, Group, Topic};

const ROLES: &str = "roles of Confluent's platform are no ACLs of Kafka";

/// Reads the platform.
pub fn read(reader: &mut Reader<'_>, mut platform: Keys<'_>, naming: &Naming) {
    if let Some(mut kafka) = platform.keys("kafka", reader) {
        for node in kafka.list("quotas") {
            client_quota(reader, node);
        }
        kafka.leave(&["rbac"], ROLES, reader);
        kafka.rest(reader);
    }
    if let Some(mut connect) = platform.keys("kafka_connect", reader) {
        connect.leave(&["rbac"], ROLES, reader);
        connect.rest(reader);
    }
    for node in instances(reader, &mut platform, "schema_registry") {
        schema_registry(reader, node);
    }
    for node in instances(reader, &mut platform, "control_center") {
        control_center(reader, node, naming);
    }
    for key in ["ksql", "ksql_server"] {
        for node in instances(reader, &mut platform, key) {
            ksql_server(reader, node);
        }
    }
    platform.rest(reader);
}

/// The instances of a part; earlier versions have them without a key of their own.
fn instances<'n>(reader: &mut Reader<'_>, platform: &mut Keys<'n>, key: &str) -> Vec<&'n Node> {
    match platform.take(key) {
        None => Vec::new(),
        Some(Node { value: Value::Sequence(items), .. }) => items.iter().collect(),
        Some(node) => {
            let mut keys = Keys::of(node, format!("`{key}` of the platform"), reader);
            let instances = keys.list("instances");
            keys.leave(&["rbac"], ROLES, reader);
            keys.rest(reader);
            instances
        }
    }
}

const RATES: &[(&str, &str)] = &[
    ("producer_byte_rate", "producer_byte_rate"),
    ("consumer_byte_rate", "consumer_byte_rate"),
    ("request_percentage", "request_percentage"),
];

fn client_quota(reader: &mut Reader<'_>, node: &Node) {
    let Some((mut keys, principal)) = party(reader, node, "the quota of") else { return };
    let user = principal.as_str().split_once(':').map(|(_, user)| user.to_owned());
    let quota = quota(&mut keys, [("user", user)], RATES, reader);
    reader.quota(node.span, quota);
    keys.rest(reader);
}

fn schema_registry(reader: &mut Reader<'_>, node: &Node) {
    let Some((mut keys, principal)) = party(reader, node, "the schema registry") else { return };
    let topic = keys.text("topic", reader).unwrap_or("_schemas");
    Grant::of(&principal, Topic, topic).allow(&[Create, DescribeConfigs, Describe, Write, Read], reader);
    let offsets = keys.text("consumer_offsets_topic", reader).unwrap_or("__consumer_offsets");
    Grant::of(&principal, Topic, offsets).allow(&[Describe], reader);
    let group = keys.text("group", reader).unwrap_or("schema-registry");
    Grant::of(&principal, Group, group).allow(&[Read], reader);
    keys.rest(reader);
}

fn control_center(reader: &mut Reader<'_>, node: &Node, naming: &Naming) {
    let Some((mut keys, principal)) = party(reader, node, "the Control Center") else { return };
    let every = [Write, Read, Create, Describe];
    if let Some(id) = keys.required("appId", reader) {
        Grant::prefixed(&principal, Group, id).allow(&[Read], reader);
        Grant::prefixed(&principal, Group, &format!("{id}-command")).allow(&[Read], reader);
    }
    Grant::of(&principal, Group, "*").allow(&[Describe], reader);
    for topic in &naming.control_center {
        Grant::of(&principal, Topic, topic).allow(&every, reader);
    }
    Grant::prefixed(&principal, Topic, "_confluent-controlcenter").allow(&every, reader);
    Grant::of(&principal, Topic, "*").allow(&[Create], reader);
    Grant::of(&principal, Cluster, CLUSTER).allow(&[Describe, DescribeConfigs], reader);
    keys.rest(reader);
}

fn ksql_server(reader: &mut Reader<'_>, node: &Node) {
    let Some((mut keys, principal)) = party(reader, node, "the ksqlDB server") else { return };
    if let Some(id) = keys.required("ksqlDbId", reader) {
        let prefix = format!("_confluent-ksql-{id}");
        Grant::of(&principal, Cluster, CLUSTER).allow(&[DescribeConfigs], reader);
        Grant::prefixed(&principal, Topic, &prefix).allow(&[All], reader);
        Grant::of(&principal, Topic, &format!("{id}ksql_processing_log")).allow(&[All], reader);
        Grant::prefixed(&principal, Group, &prefix).allow(&[All], reader);
    }
    keys.leave(&["owner"], "it is for roles of Confluent's platform", reader);
    keys.rest(reader);
}
