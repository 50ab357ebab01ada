//! Jikkou: resources with `apiVersion`, `kind`, `metadata` and `spec`, several in a file, or lists of them.
//!
//! Sources: <https://www.jikkou.io/docs/> (its providers for Kafka and the schema registry) and the project's examples.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::acls::{self, Grant};
use super::keys::Keys;
use super::reader::Reader;
use super::values::{LABELS, about, configs, format, level, quota, references};
use crate::import::{About, FoundTopic};
use crate::model::Principal;
use crate::ports::registry::NewSchema;
use crate::source::{Node, Value};

/// Resources of one kind that are used by name.
#[derive(Default)]
struct Shared<'n> {
    /// The `data` of each ConfigMap.
    maps: BTreeMap<&'n str, BTreeMap<Arc<str>, String>>,
    /// The ACLs of each role.
    roles: BTreeMap<&'n str, Vec<&'n Node>>,
}

/// Reads every resource.
pub fn read(reader: &mut Reader<'_>) {
    let documents = reader.documents(&["kind"], &in_its_folder);
    let mut shared = Shared::default();
    for document in &documents {
        for item in items(document) {
            share(reader, item, &mut shared);
        }
    }
    for document in &documents {
        let mut keys = Keys::of(document, "the document", reader);
        let Some(kind) = keys.required("kind", reader) else { continue };
        keys.called(format!("the {kind}"));
        keys.pass(&["apiVersion"]);
        let Some(items) = list_of(kind).filter(|_| document.get("items").is_some()) else {
            resource(reader, kind, keys, &shared);
            continue;
        };
        let metadata = metadata(reader, &mut keys);
        for item in keys.list("items") {
            let mut item = Keys::of(item, format!("an item of the {kind}"), reader);
            item.pass(&["apiVersion", "kind"]);
            if !metadata.is_deleted {
                resource(reader, items, item, &shared);
            } else {
                reader.leave(item.span, "it is to be deleted, and is not taken over");
            }
        }
        keys.rest(reader);
    }
}

/// A text with what the only variable that is known without running Jikkou stands for: the folder of the file.
fn in_its_folder(path: &Path, text: &str) -> Option<String> {
    const FOLDER: &str = "resource.directoryPath";
    if !text.contains(FOLDER) {
        return None;
    }
    let folder = path.parent().map(|parent| parent.display().to_string()).filter(|parent| !parent.is_empty());
    let folder = folder.unwrap_or_else(|| ".".to_owned());
    let forms = [format!("{{{{ {FOLDER} }}}}"), format!("{{{{{FOLDER}}}}}")];
    Some(forms.iter().fold(text.to_owned(), |text, form| text.replace(form, &folder)))
}

/// What a list holds.
fn list_of(kind: &str) -> Option<&str> {
    match kind {
        "KafkaTopicAuthorizationList" => Some("KafkaPrincipalAuthorization"),
        kind => kind.strip_suffix("List"),
    }
}

/// A document, or the items of a list.
fn items(document: &Node) -> Vec<(&str, &Node)> {
    let kind = document.get("kind").and_then(Node::scalar).unwrap_or_default();
    match (list_of(kind), document.get("items").map(|items| &items.value)) {
        (Some(kind), Some(Value::Sequence(items))) => items.iter().map(|item| (kind, item)).collect(),
        _ => vec![(kind, document)],
    }
}

/// Notes what others use by name.
fn share<'n>(reader: &mut Reader<'_>, (kind, item): (&str, &'n Node), shared: &mut Shared<'n>) {
    let Some(name) = item.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::scalar) else {
        return;
    };
    match kind {
        "ConfigMap" => {
            let data = item.get("data").map(|data| configs(data, &format!("the ConfigMap {name}"), reader));
            shared.maps.insert(name, data.unwrap_or_default());
        }
        "KafkaPrincipalRole" => {
            let acls = item.get("spec").and_then(|spec| spec.get("acls")).or_else(|| item.get("acls"));
            let acls = acls.map(|acls| match &acls.value {
                Value::Sequence(items) => items.iter().collect(),
                _ => vec![acls],
            });
            shared.roles.insert(name, acls.unwrap_or_default());
        }
        _ => {}
    }
}

/// What stands in `metadata`.
#[derive(Default)]
struct Metadata {
    name: Option<String>,
    about: About,
    is_deleted: bool,
}

fn metadata(reader: &mut Reader<'_>, keys: &mut Keys<'_>) -> Metadata {
    let Some(mut keys) = keys.keys("metadata", reader) else { return Metadata::default() };
    let name = keys.text("name", reader).map(str::to_owned);
    let annotation = |key: &str, node: Option<&Node>| {
        let said = node.and_then(|node| node.get(key)).and_then(Node::scalar);
        said.is_some_and(|text| text.eq_ignore_ascii_case("true"))
    };
    let annotations = keys.take("annotations");
    let is_deleted = ["jikkou.io/delete", "jikkou.io/ignore"].iter().any(|key| annotation(key, annotations));
    let about = about(&mut keys, LABELS, reader);
    keys.rest(reader);
    Metadata { name, about, is_deleted }
}

/// Reads one resource.
fn resource(reader: &mut Reader<'_>, kind: &str, mut keys: Keys<'_>, shared: &Shared<'_>) {
    let metadata = metadata(reader, &mut keys);
    let name = metadata.name.as_deref().unwrap_or_default();
    let what = format!("the {kind} {name}").trim_end().to_owned();
    if metadata.is_deleted {
        return reader.leave(keys.span, format!("{what} is to be deleted or ignored, and is not taken over"));
    }
    keys.called(what.clone());
    let is_known = matches!(
        kind,
        "KafkaTopic"
            | "KafkaTopicList"
            | "KafkaPrincipalAuthorization"
            | "KafkaAuthorizationList"
            | "KafkaClientQuota"
            | "KafkaUser"
            | "SchemaRegistrySubject"
            | "User"
    );
    match kind {
        // What they hold was read before, where somebody uses it.
        "ConfigMap" => {
            keys.pass(&["data"]);
            return keys.rest(reader);
        }
        "KafkaPrincipalRole" => {
            keys.pass(&["acls"]);
            if let Some(mut spec) = keys.keys("spec", reader) {
                spec.pass(&["acls"]);
                spec.rest(reader);
            }
            return keys.rest(reader);
        }
        _ if !is_known => return reader.leave(keys.span, format!("{what}: it is nothing that manifests have")),
        _ => {}
    }
    let place = keys.place("spec");
    let spec = keys.keys("spec", reader);
    keys.rest(reader);
    let Some(mut spec) = spec else { return reader.leave(place, format!("{what} has no `spec`")) };
    spec.called(what);
    match kind {
        "KafkaTopic" => topic(reader, spec, &metadata, shared),
        "KafkaTopicList" => topics(reader, spec, &metadata, shared),
        "KafkaPrincipalAuthorization" => authorization(reader, spec, &metadata, shared),
        "KafkaAuthorizationList" => authorizations(reader, spec),
        "KafkaClientQuota" => client_quota(reader, spec),
        "KafkaUser" | "User" => user(reader, spec, &metadata),
        _ => subject(reader, spec, &metadata),
    }
}

fn topic(reader: &mut Reader<'_>, mut spec: Keys<'_>, metadata: &Metadata, shared: &Shared<'_>) {
    let Some(name) = metadata.name.as_deref() else { return reader.leave(spec.span, "a KafkaTopic has no name") };
    let partitions = spec.count("partitions", reader);
    let counts = ["replicas", "replicationFactor", "replication_factor"].map(|key| spec.count(key, reader));
    let mut set = BTreeMap::new();
    // Of several maps the later one counts, and before all of them what the topic says itself.
    for (map, span) in spec.texts("configMapRefs", reader) {
        match shared.maps.get(map) {
            Some(map) => set.extend(map.clone()),
            None => reader.leave(span, format!("no ConfigMap is called {map}")),
        }
    }
    if let Some(node) = spec.take("configs") {
        set.extend(configs(node, spec.what(), reader));
    }
    let topic = FoundTopic {
        partitions: partitions.unwrap_or(0),
        replication_factor: counts.into_iter().flatten().next().unwrap_or(0),
        configs: set,
        about: metadata.about.clone(),
        ..FoundTopic::default()
    };
    reader.topic(spec.span, name, topic);
    spec.rest(reader);
}

/// Topics in the form of `v1beta1`.
fn topics(reader: &mut Reader<'_>, mut spec: Keys<'_>, metadata: &Metadata, shared: &Shared<'_>) {
    for node in spec.list("topics") {
        let mut keys = Keys::of(node, "a topic of the KafkaTopicList", reader);
        let Some(name) = keys.required("name", reader) else { continue };
        keys.called(format!("the topic {name}"));
        let of_topic = Metadata { name: Some(name.to_owned()), about: metadata.about.clone(), is_deleted: false };
        topic(reader, keys, &of_topic, shared);
    }
    spec.rest(reader);
}

fn authorization(reader: &mut Reader<'_>, mut spec: Keys<'_>, metadata: &Metadata, shared: &Shared<'_>) {
    let name = metadata.name.as_deref().unwrap_or_default();
    let Some(principal) = reader.principal(spec.span, name) else { return };
    reader.about(&principal, metadata.about.clone());
    for (role, span) in spec.texts("roles", reader) {
        match shared.roles.get(role) {
            Some(acls) => acls.iter().for_each(|node| acl(reader, node, &principal)),
            None => reader.leave(span, format!("no KafkaPrincipalRole is called {role}")),
        }
    }
    for node in spec.list("acls") {
        acl(reader, node, &principal);
    }
    spec.rest(reader);
}

fn acl(reader: &mut Reader<'_>, node: &Node, principal: &Principal) {
    let mut keys = Keys::of(node, format!("an ACL of {principal}"), reader);
    let resource = keys.keys("resource", reader);
    let host = keys.text("host", reader).unwrap_or("*");
    let kind = keys.required("type", reader).and_then(|text| acls::permission(text, keys.place("type"), reader));
    let operations = keys.texts("operations", reader);
    let operations: Vec<_> =
        operations.into_iter().filter_map(|(text, span)| acls::operation(text, span, reader)).collect();
    if let (Some(resource), Some(permission)) = (resource, kind)
        && let Some((kind, name, pattern)) = resource_of(reader, resource)
    {
        let grant = Grant { principal, resource: kind, name, pattern, host, permission };
        grant.allow(&operations, reader);
    }
    keys.rest(reader);
}

fn resource_of<'n>(
    reader: &mut Reader<'_>,
    mut keys: Keys<'n>,
) -> Option<(crate::ports::kafka::AclResourceType, &'n str, crate::model::PatternType)> {
    let kind = keys.required("type", reader).and_then(|text| acls::resource(text, keys.place("type"), reader));
    let name = keys.required("pattern", reader);
    let key = if keys.has("pattern_type") { "pattern_type" } else { "patternType" };
    let pattern = keys.text(key, reader).unwrap_or("LITERAL");
    let pattern = acls::pattern(pattern, keys.place(key), reader);
    keys.rest(reader);
    Some((kind?, name?, pattern?))
}

/// Roles and users in the form of `v1beta1`: what is allowed is written `OPERATION:HOST`.
fn authorizations(reader: &mut Reader<'_>, mut spec: Keys<'_>) {
    let mut roles: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in spec.list("roles") {
        let mut keys = Keys::of(node, "a role", reader);
        if let Some(name) = keys.required("name", reader) {
            roles.insert(name, keys.list("permissions"));
        }
        keys.rest(reader);
    }
    for node in spec.list("users") {
        let mut keys = Keys::of(node, "a user", reader);
        let principal = keys.required("principal", reader).and_then(|text| reader.principal(node.span, text));
        let mut permissions = keys.list("permissions");
        for (role, span) in keys.texts("roles", reader) {
            match roles.get(role) {
                Some(of_role) => permissions.extend(of_role),
                None => reader.leave(span, format!("no role is called {role}")),
            }
        }
        if let Some(principal) = principal {
            permissions.into_iter().for_each(|node| permission(reader, node, &principal));
        }
        keys.rest(reader);
    }
    spec.rest(reader);
}

fn permission(reader: &mut Reader<'_>, node: &Node, principal: &Principal) {
    let mut keys = Keys::of(node, format!("a permission of {principal}"), reader);
    let resource = keys.keys("resource", reader).and_then(|keys| resource_of(reader, keys));
    for (text, span) in keys.texts("allow_operations", reader) {
        let (operation, host) = text.split_once(':').unwrap_or((text, "*"));
        let Some(operation) = acls::operation(operation, span, reader) else { continue };
        if let Some((resource, name, pattern)) = resource {
            Grant { pattern, host, ..Grant::of(principal, resource, name) }.allow(&[operation], reader);
        }
    }
    keys.rest(reader);
}

/// A user that logs in with SCRAM. Passwords are never taken out of a file.
fn user(reader: &mut Reader<'_>, mut spec: Keys<'_>, metadata: &Metadata) {
    let Some(name) = metadata.name.as_deref() else { return reader.leave(spec.span, "a KafkaUser has no name") };
    let Some(principal) = reader.principal(spec.span, &format!("User:{name}")) else { return };
    reader.about(&principal, metadata.about.clone());
    for node in spec.list("authentications") {
        let mut keys = Keys::of(node, format!("an authentication of {name}"), reader);
        let mechanism = keys.required("type", reader);
        let iterations = keys.count("iterations", reader);
        let kept = keys.take("password").map(|password| {
            let file = reader.path_of(password.span.file).display();
            format!("the file {file}, which is no place for it")
        });
        keys.pass(&["salt"]);
        keys.rest(reader);
        if let Some(mechanism) = mechanism {
            reader.scram(node.span, name, mechanism, iterations, kept);
        }
    }
    spec.rest(reader);
}

/// How Jikkou calls the values of quotas.
const RATES: &[(&str, &str)] = &[
    ("producerByteRate", "producer_byte_rate"),
    ("consumerByteRate", "consumer_byte_rate"),
    ("requestPercentage", "request_percentage"),
];

fn client_quota(reader: &mut Reader<'_>, mut spec: Keys<'_>) {
    let kind = spec.required("type", reader);
    let entity = spec.keys("entity", reader);
    let (mut user, mut client) = (None, None);
    if let Some(mut entity) = entity {
        user = entity.text("user", reader).map(str::to_owned);
        client = entity.text("clientId", reader).map(str::to_owned);
        entity.rest(reader);
    }
    let entity = match (kind.map(str::to_ascii_uppercase).as_deref(), user, client) {
        (Some("USERS_DEFAULT"), ..) => Some(vec![("user", None)]),
        (Some("USER"), Some(user), _) => Some(vec![("user", Some(user))]),
        (Some("USER_CLIENT"), Some(user), Some(client)) => {
            Some(vec![("user", Some(user)), ("client-id", Some(client))])
        }
        (Some("USER_ALL_CLIENTS"), Some(user), _) => Some(vec![("user", Some(user)), ("client-id", None)]),
        (Some("CLIENTS_DEFAULT"), ..) => Some(vec![("client-id", None)]),
        (Some("CLIENT"), _, Some(client)) => Some(vec![("client-id", Some(client))]),
        _ => None,
    };
    match (entity, spec.keys("configs", reader)) {
        (None, _) => reader.leave(spec.span, "the quota is not taken over: its `entity` does not fit its `type`"),
        (Some(_), None) => reader.leave(spec.span, "the quota has no `configs`"),
        (Some(entity), Some(mut configs)) => {
            let quota = quota(&mut configs, entity, RATES, reader);
            configs.rest(reader);
            reader.quota(spec.span, quota);
        }
    }
    spec.pass(&["configs"]);
    spec.rest(reader);
}

fn subject(reader: &mut Reader<'_>, mut spec: Keys<'_>, metadata: &Metadata) {
    let Some(name) = metadata.name.as_deref() else {
        return reader.leave(spec.span, "a SchemaRegistrySubject has no name");
    };
    let level = level(&mut spec, "compatibilityLevel", reader);
    let format = format(&mut spec, "schemaType", reader);
    let references = references(&mut spec, reader);
    let schema = spec.take("schema");
    let why = "it is no matter of manifests";
    spec.leave(&["mode", "schemaRegistry"], why, reader);
    let (Some(format), Some(node)) = (format, schema) else {
        if schema.is_none() {
            reader.leave(spec.span, format!("the subject {name} has no `schema`"));
        }
        return spec.rest(reader);
    };
    let file = node.get("$ref").or_else(|| node.get("file"));
    let text = node.scalar().or_else(|| node.get("value").and_then(Node::scalar));
    let schema = match (file, text) {
        (Some(file), _) => reader.schema_file(file, format, references),
        (None, Some(text)) => Some(NewSchema { format, text: text.to_owned(), references }),
        (None, None) => {
            reader.leave(node.span, format!("the subject {name}: its schema is neither a text nor a file"));
            None
        }
    };
    if let Some(schema) = schema {
        reader.subject(spec.span, name, schema, level);
    }
    spec.rest(reader);
}
