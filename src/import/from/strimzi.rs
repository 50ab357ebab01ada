//! Strimzi: the resources of its topic and user operators, as they stand in Git or come from `kubectl get -o yaml`.
//!
//! Sources: <https://strimzi.io/docs/operators/latest/configuring> (KafkaTopicSpec, KafkaUserSpec, AclRule, KafkaUserQuotas).

use std::collections::BTreeSet;

use super::acls::{self, CLUSTER, Grant};
use super::keys::Keys;
use super::reader::Reader;
use super::values::{LABELS, about, configs, quota};
use crate::import::{About, FoundTopic};
use crate::model::{PatternType, Principal};
use crate::ports::kafka::{AclPermission, AclResourceType};
use crate::source::{Node, Value};

/// The label that says which cluster a resource is for.
const OF_CLUSTER: &str = "strimzi.io/cluster";

/// The annotation that says whether the operator looks after a resource.
const MANAGED: &str = "strimzi.io/managed";

/// Reads every topic and user.
pub fn read(reader: &mut Reader<'_>) {
    let documents = reader.documents(&["kind"], &|_, _| None);
    let resources: Vec<&Node> = documents.iter().flat_map(items).collect();
    let clusters: BTreeSet<String> = resources.iter().filter_map(|node| cluster_of(node)).map(str::to_owned).collect();
    reader.out.clusters.clone_from(&clusters);
    for node in resources {
        let mut keys = Keys::of(node, "the document", reader);
        let Some(kind) = keys.required("kind", reader) else { continue };
        // What Kubernetes and the operators keep there is no wish of anybody.
        keys.pass(&["apiVersion", "status"]);
        let name = node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::scalar);
        let what = format!("the {kind} {}", name.unwrap_or_default());
        keys.called(what.clone());
        if !matches!(kind, "KafkaTopic" | "KafkaUser") {
            reader.leave(node.span, format!("{what}: topics and users alone are taken over"));
            continue;
        }
        if !reader.is_meant(&clusters, cluster_of(node)) {
            continue;
        }
        if is_unmanaged(node) {
            reader.leave(node.span, format!("{what}: {MANAGED} is false, so that the operator leaves it as it is"));
            continue;
        }
        let Some(mut metadata) = keys.keys("metadata", reader) else {
            reader.leave(node.span, format!("{what} has no `metadata`"));
            continue;
        };
        let name = metadata.required("name", reader);
        metadata.pass(&["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"]);
        let mut about = about(&mut metadata, LABELS, reader);
        about.notes.extend(metadata.text("namespace", reader).map(|namespace| format!("namespace: {namespace}")));
        metadata.pass(&["finalizers", "ownerReferences"]);
        metadata.rest(reader);
        let spec = keys.keys("spec", reader);
        keys.rest(reader);
        let Some(name) = name else { continue };
        match (kind, spec) {
            ("KafkaTopic", spec) => topic(reader, node, spec, name, about),
            (_, Some(spec)) => user(reader, spec, name, about),
            (_, None) => reader.leave(node.span, format!("{what} has no `spec`")),
        }
    }
    if !reader.out.is_empty() {
        reader.out.questions.push(
            "who looks after these topics and users from now on? Where Strimzi's operators still do, a topic is \
             `managed_by: strimzi`, and the cluster's `kafka` says `deployment: strimzi`"
                .to_owned(),
        );
    }
}

/// Whether the operator does not look after a resource.
fn is_unmanaged(node: &Node) -> bool {
    let annotations = node.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let said = annotations.and_then(|annotations| annotations.get(MANAGED)).and_then(Node::scalar);
    said.is_some_and(|text| text.eq_ignore_ascii_case("false"))
}

/// A resource, or those of a `List`.
fn items(document: &Node) -> Vec<&Node> {
    let is_list = document.get("kind").and_then(Node::scalar).is_some_and(|kind| kind.ends_with("List"));
    match document.get("items").map(|items| &items.value) {
        Some(Value::Sequence(items)) if is_list => items.iter().collect(),
        _ => vec![document],
    }
}

fn cluster_of(node: &Node) -> Option<&str> {
    node.get("metadata")?.get("labels")?.get(OF_CLUSTER)?.scalar()
}

fn topic(reader: &mut Reader<'_>, node: &Node, spec: Option<Keys<'_>>, name: &str, about: About) {
    let mut topic = FoundTopic { about, ..FoundTopic::default() };
    let mut called = name.to_owned();
    if let Some(mut spec) = spec {
        topic.partitions = spec.count("partitions", reader).unwrap_or(0);
        topic.replication_factor = spec.count("replicas", reader).unwrap_or(0);
        if let Some(node) = spec.take("config") {
            topic.configs = configs(node, spec.what(), reader);
        }
        if let Some(name) = spec.text("topicName", reader) {
            called = name.to_owned();
        }
        spec.rest(reader);
    }
    reader.topic(node.span, &called, topic);
}

/// How Strimzi calls the values of quotas.
const RATES: &[(&str, &str)] = &[
    ("producerByteRate", "producer_byte_rate"),
    ("consumerByteRate", "consumer_byte_rate"),
    ("requestPercentage", "request_percentage"),
    ("controllerMutationRate", "controller_mutation_rate"),
];

fn user(reader: &mut Reader<'_>, mut spec: Keys<'_>, name: &str, about: About) {
    let authentication = spec.keys("authentication", reader).and_then(|mut keys| {
        let kind = keys.required("type", reader).map(str::to_owned);
        match kind.as_deref() {
            Some("scram-sha-512") => scram(reader, &mut keys, name),
            _ => keys.leave(&["password"], "the secret stays where it is", reader),
        }
        keys.rest(reader);
        kind
    });
    // The operator makes certificates with the name of the user as their common name.
    let user = match authentication.as_deref() {
        Some("tls" | "tls-external") => format!("CN={name}"),
        _ => name.to_owned(),
    };
    let Some(principal) = reader.principal(spec.span, &format!("User:{user}")) else { return };
    reader.about(&principal, about);
    if let Some(mut authorization) = spec.keys("authorization", reader) {
        match authorization.required("type", reader) {
            Some("simple") => {
                for node in authorization.list("acls") {
                    acl(reader, node, &principal);
                }
                authorization.rest(reader);
            }
            Some(other) => reader.leave(authorization.span, format!("the authorization {other} of {name} has no ACLs")),
            None => {}
        }
    }
    if let Some(mut quotas) = spec.keys("quotas", reader) {
        let quota = quota(&mut quotas, [("user", Some(user))], RATES, reader);
        let span = quotas.span;
        quotas.rest(reader);
        reader.quota(span, quota);
    }
    spec.leave(&["template"], "it is for Kubernetes", reader);
    spec.rest(reader);
}

/// A user that logs in with SCRAM. Its password is in a secret of Kubernetes: one that the user names, or that the operator makes.
fn scram(reader: &mut Reader<'_>, keys: &mut Keys<'_>, name: &str) {
    let secret = |node: &Node| {
        let named = node.get("valueFrom")?.get("secretKeyRef")?;
        Some((named.get("name")?.scalar()?.to_owned(), named.get("key")?.scalar()?.to_owned()))
    };
    let (secret, key) = match keys.take("password") {
        None => (name.to_owned(), "password".to_owned()),
        Some(node) => match secret(node) {
            Some(named) => named,
            None => {
                reader.leave(node.span, format!("the password of the KafkaUser {name} is in no secret that is named"));
                return reader.scram(keys.span, name, "scram-sha-512", None, None);
            }
        },
    };
    let kept = format!("`{key}` of the Kubernetes secret `{secret}`");
    reader.scram(keys.span, name, "scram-sha-512", None, Some(kept));
}

fn acl(reader: &mut Reader<'_>, node: &Node, principal: &Principal) {
    let mut keys = Keys::of(node, format!("an ACL of {principal}"), reader);
    let permission = match keys.text("type", reader) {
        Some(text) => acls::permission(text, keys.place("type"), reader),
        None => Some(AclPermission::Allow),
    };
    let host = keys.text("host", reader).unwrap_or("*");
    let mut operations = keys.texts("operations", reader);
    operations.extend(keys.text("operation", reader).map(|text| (text, keys.place("operation"))));
    let operations: Vec<_> =
        operations.into_iter().filter_map(|(text, span)| acls::operation(text, span, reader)).collect();
    if operations.is_empty() {
        reader.leave(node.span, format!("an ACL of {principal} allows nothing that is known"));
    }
    let resource = keys.keys("resource", reader);
    if let (Some(mut resource), Some(permission)) = (resource, permission) {
        let place = resource.place("type");
        let kind = resource.required("type", reader).and_then(|text| acls::resource(text, place, reader));
        let name = match kind {
            Some(AclResourceType::Cluster) => Some(resource.text("name", reader).unwrap_or(CLUSTER)),
            // A topic or group without a name is every one.
            Some(_) => Some(resource.text("name", reader).unwrap_or("*")),
            None => None,
        };
        let pattern = match resource.text("patternType", reader) {
            Some(text) => acls::pattern(text, resource.place("patternType"), reader),
            None => Some(PatternType::Literal),
        };
        if let (Some(resource), Some(name), Some(pattern)) = (kind, name, pattern) {
            Grant { principal, resource, name, pattern, host, permission }.allow(&operations, reader);
        }
        resource.rest(reader);
    }
    keys.rest(reader);
}
