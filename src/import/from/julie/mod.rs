//! JulieOps, before that the Kafka Topology Builder: topologies of projects, with plans and roles beside them.
//!
//! Sources: <https://julieops.readthedocs.io> and the project: `TopologyCustomDeserializer`, `TopicCustomDeserializer` and
//! `AclsBindingsBuilder` say what is read and which ACLs are made of it.

mod access;
mod naming;
mod platform;
mod roles;
mod topics;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys::Keys;
use super::reader::Reader;
use super::values::configs;
use crate::source::Node;
use naming::Naming;
use roles::Roles;

/// What holds for all topologies of a folder.
struct Setting<'n> {
    naming: Naming,
    /// The configs of each plan.
    plans: BTreeMap<&'n str, BTreeMap<Arc<str>, String>>,
    roles: Roles<'n>,
}

/// A project, as its ACLs and topics see it.
struct Project {
    /// What the names of its topics start with, the separator included.
    prefix: String,
    /// The attributes that names are made of.
    attributes: Vec<(String, String)>,
}

/// Reads every topology, with the plans, roles and properties that lie beside them.
pub fn read(reader: &mut Reader<'_>) {
    let naming = Naming::read(reader);
    let documents = reader.documents(&["context", "projects", "plans", "roles"], &|_, _| None);
    let mut setting = Setting { naming, plans: BTreeMap::new(), roles: Roles::default() };
    for document in &documents {
        for (name, node) in Keys::of(document, "the document", reader).named("plans", reader) {
            let mut keys = Keys::of(node, format!("the plan {name}"), reader);
            let of_plan = keys.take("config").map(|node| configs(node, &format!("the plan {name}"), reader));
            setting.plans.insert(name, of_plan.unwrap_or_default());
            keys.pass(&["alias"]);
            keys.rest(reader);
        }
        if document.get("context").is_none() {
            setting.roles.add(reader, document);
        }
    }
    for document in &documents {
        let is_other = ["plans", "roles"].iter().any(|key| document.get(key).is_some());
        match document.get("context").is_some() || document.get("projects").is_some() {
            true => topology(reader, document, &setting),
            false if is_other => {
                let mut keys = Keys::of(document, "the document", reader);
                keys.pass(&["plans", "roles"]);
                keys.rest(reader);
            }
            false => reader.leave(document.span, "it is no topology, and holds neither plans nor roles"),
        }
    }
}

fn topology(reader: &mut Reader<'_>, document: &Node, setting: &Setting<'_>) {
    let mut keys = Keys::of(document, "the topology", reader);
    let Some(context) = keys.required("context", reader) else { return };
    keys.called(format!("the topology {context}"));
    let projects = keys.list("projects");
    let platform = keys.keys("platform", reader);
    let special = keys.list("special_topics");
    keys.pass(&["plans", "roles"]);
    // Every other key is a part of the names, in the order of the file.
    let mut attributes = vec![("context".to_owned(), context.to_owned())];
    for entry in keys.others() {
        let what = format!("`{}` of the topology {context}", entry.key.value);
        if let Some(text) = super::keys::text_of(&entry.value, &what, reader) {
            attributes.push((entry.key.value.to_string(), text.to_owned()));
        }
    }
    keys.rest(reader);
    for node in projects {
        project(reader, node, &attributes, setting);
    }
    for node in special {
        topics::special(reader, node, setting);
    }
    if let Some(platform) = platform {
        platform::read(reader, platform, &setting.naming);
    }
}

fn project(reader: &mut Reader<'_>, node: &Node, attributes: &[(String, String)], setting: &Setting<'_>) {
    let mut keys = Keys::of(node, "a project", reader);
    let name = keys.text("name", reader).unwrap_or_default();
    keys.called(format!("the project {name}"));
    let mut attributes = attributes.to_vec();
    attributes.push(("project".to_owned(), name.to_owned()));
    let prefix = setting.naming.project(&attributes);
    let project = Project { prefix, attributes };
    let consumers = keys.list("consumers");
    let producers = keys.list("producers");
    let topics: Vec<_> = keys.list("topics");
    let names: Vec<String> = topics.iter().flat_map(|topic| topics::topic(reader, topic, &project, setting)).collect();
    let is_optimized = setting.naming.is_optimized;
    access::parties(reader, &consumers, &producers, &names, is_optimized.then_some(&*project.prefix));
    for node in keys.list("streams") {
        access::streams(reader, node, &project);
    }
    for node in parts(reader, &mut keys, "connectors") {
        access::connector(reader, node, &setting.naming);
    }
    for node in parts(reader, &mut keys, "ksql") {
        access::ksql(reader, node, &project);
    }
    let why = "rights in the registry and roles of Confluent's platform are no ACLs of Kafka";
    keys.leave(&["schemas", "rbac"], why, reader);
    for entry in keys.others() {
        setting.roles.apply(reader, entry, &project);
    }
    keys.rest(reader);
}

/// Those who have access under a key that may hold more than them.
fn parts<'n>(reader: &mut Reader<'_>, keys: &mut Keys<'n>, key: &str) -> Vec<&'n Node> {
    let node = keys.take(key);
    let is_split =
        |node: &&Node| ["access_control", "artefacts", "artifacts"].iter().any(|key| node.get(key).is_some());
    let Some(node) = node.filter(is_split) else { return keys.list(key) };
    let mut keys = Keys::of(node, format!("`{key}` of {}", keys.what()), reader);
    keys.leave(&["artefacts", "artifacts"], "it is for Connect and ksqlDB, not for Kafka", reader);
    let parts = keys.list("access_control");
    keys.rest(reader);
    parts
}
