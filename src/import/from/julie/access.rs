//! The ACLs that Julie makes of each role.

use super::super::acls::{CLUSTER, Grant};
use super::super::keys::Keys;
use super::super::reader::Reader;
use super::super::values::about;
use super::Project;
use super::naming::Naming;
use crate::model::Principal;
use crate::ports::kafka::{AclOperation, AclResourceType};
use crate::source::Node;

use AclOperation::{All, Create, Describe, IdempotentWrite, Read, Write};
use AclResourceType::{Cluster, Group, Topic, TransactionalId};

/// Whoever has access: its keys, and who it is.
pub fn party<'n>(reader: &mut Reader<'_>, node: &'n Node, what: &str) -> Option<(Keys<'n>, Principal)> {
    let mut keys = Keys::of(node, what, reader);
    let place = keys.place("principal");
    let principal = keys.required("principal", reader).and_then(|text| reader.principal(place, text))?;
    keys.called(format!("{what} {principal}"));
    let about = about(&mut keys, &["metadata"], reader);
    reader.about(&principal, about);
    Some((keys, principal))
}

/// Consumers and producers of topics: of each one by its name, or of all of a project by what they start with.
pub fn parties(
    reader: &mut Reader<'_>,
    consumers: &[&Node],
    producers: &[&Node],
    topics: &[String],
    prefix: Option<&str>,
) {
    for node in consumers {
        let Some((mut keys, principal)) = party(reader, node, "the consumer") else { continue };
        let group = keys.text("group", reader).unwrap_or("*");
        on_each(&principal, topics, prefix, &[Describe, Read], reader);
        if prefix.is_some() || !topics.is_empty() {
            Grant::by_star(&principal, Group, group).allow(&[Read], reader);
        }
        keys.rest(reader);
    }
    for node in producers {
        let Some((mut keys, principal)) = party(reader, node, "the producer") else { continue };
        let id = keys.text("transactionId", reader);
        // That the key is there is what counts.
        let is_idempotent = keys.take("idempotence").is_some();
        on_each(&principal, topics, prefix, &[Describe, Write], reader);
        if prefix.is_some() || !topics.is_empty() {
            if let Some(id) = id {
                Grant::by_star(&principal, TransactionalId, id).allow(&[Describe, Write], reader);
            }
            if id.is_some() || is_idempotent {
                Grant::of(&principal, Cluster, CLUSTER).allow(&[IdempotentWrite], reader);
            }
        }
        keys.rest(reader);
    }
}

fn on_each(
    principal: &Principal,
    topics: &[String],
    prefix: Option<&str>,
    operations: &[AclOperation],
    reader: &mut Reader<'_>,
) {
    if let Some(prefix) = prefix {
        return Grant::prefixed(principal, Topic, prefix).allow(operations, reader);
    }
    for topic in topics {
        Grant::of(principal, Topic, topic).allow(operations, reader);
    }
}

/// The topics that an application names in full.
fn read_and_written(reader: &mut Reader<'_>, keys: &mut Keys<'_>, principal: &Principal) {
    let Some(mut topics) = keys.keys("topics", reader) else { return };
    for (key, operation) in [("read", Read), ("write", Write)] {
        for (topic, _) in topics.texts(key, reader) {
            Grant::of(principal, Topic, topic).allow(&[operation], reader);
        }
    }
    topics.rest(reader);
}

/// What the names of an application's own topics and groups start with.
fn application<'n>(reader: &mut Reader<'_>, keys: &mut Keys<'n>, project: &'n Project) -> Option<&'n str> {
    let id = keys.text("applicationId", reader).unwrap_or(&project.prefix);
    if id.is_empty() {
        reader.leave(keys.span, format!("{} has neither an `applicationId` nor a project with a name", keys.what()));
    }
    Some(id).filter(|id| !id.is_empty())
}

/// A Kafka Streams application.
pub fn streams(reader: &mut Reader<'_>, node: &Node, project: &Project) {
    let Some((mut keys, principal)) = party(reader, node, "the Streams application") else { return };
    read_and_written(reader, &mut keys, &principal);
    let is_exact = keys.is_true("exactlyOnce", reader);
    let observers = keys.list("observerPrincipals");
    if let Some(id) = application(reader, &mut keys, project) {
        Grant::prefixed(&principal, Topic, id).allow(&[All], reader);
        Grant::prefixed(&principal, Group, id).allow(&[Read], reader);
        if is_exact {
            Grant::prefixed(&principal, TransactionalId, id).allow(&[Write, Describe], reader);
        }
        for node in observers {
            let Some((keys, observer)) = party(reader, node, "the observer") else { continue };
            Grant::prefixed(&observer, Topic, id).allow(&[Read, Describe], reader);
            Grant::prefixed(&observer, Group, id).allow(&[Read], reader);
            if is_exact {
                Grant::prefixed(&observer, TransactionalId, id).allow(&[Read, Describe], reader);
            }
            keys.rest(reader);
        }
    }
    keys.rest(reader);
}

/// A principal of Connect workers.
pub fn connector(reader: &mut Reader<'_>, node: &Node, naming: &Naming) {
    let Some((mut keys, principal)) = party(reader, node, "the connector") else { return };
    for (key, default) in
        [("status_topic", "connect-status"), ("offset_topic", "connect-offsets"), ("configs_topic", "connect-configs")]
    {
        let topic = keys.text(key, reader).unwrap_or(default);
        Grant::of(&principal, Topic, topic).allow(&[Read, Write], reader);
    }
    if naming.may_create {
        Grant::of(&principal, Cluster, CLUSTER).allow(&[Create], reader);
    }
    let group = keys.text("group", reader).unwrap_or("connect-cluster");
    Grant::of(&principal, Group, group).allow(&[Read], reader);
    read_and_written(reader, &mut keys, &principal);
    keys.leave(&["cluster_id", "connectors"], "it is for roles of Confluent's platform", reader);
    keys.rest(reader);
}

/// An application of ksqlDB.
pub fn ksql(reader: &mut Reader<'_>, node: &Node, project: &Project) {
    let Some((mut keys, principal)) = party(reader, node, "the ksqlDB application") else { return };
    read_and_written(reader, &mut keys, &principal);
    if let Some(id) = application(reader, &mut keys, project) {
        Grant::prefixed(&principal, Topic, id).allow(&[All], reader);
        Grant::prefixed(&principal, Group, id).allow(&[All], reader);
    }
    keys.leave(&["ksqlDbId"], "it is for roles of Confluent's platform", reader);
    keys.rest(reader);
}
