//! kafka-gitops: a state file with topics, services and users, of which parts may stand in files beside it.
//!
//! Sources: <https://devshawn.github.io/kafka-gitops> (specification, services) and the project: `ApplicationService`,
//! `KafkaConnectService`, `KafkaStreamsService` and `RoleService` say which ACLs are made.

use std::collections::BTreeMap;

use super::acls::{self, CLUSTER, Grant};
use super::keys::Keys;
use super::reader::Reader;
use super::values::{configs, format, level, references};
use crate::import::{About, FoundTopic};
use crate::model::Principal;
use crate::ports::kafka::{AclOperation, AclResourceType};
use crate::ports::registry::NewSchema;
use crate::source::{Node, Span};

use AclOperation::{Alter, AlterConfigs, Create, Delete, Describe, DescribeConfigs, Read, Write};
use AclResourceType::{Cluster, Group, Topic};

/// What the settings say of everything else.
#[derive(Default)]
struct Settings {
    partitions: Option<u32>,
    replication: Option<u32>,
    /// Whether Describe is granted beside Read and Write.
    describes: bool,
    /// The level of schemas that say none.
    level: Option<String>,
    /// Whether principals are accounts of Confluent Cloud, whose ids are in no file.
    is_cloud: bool,
}

/// Who a service or user is.
type Principals<'n> = BTreeMap<&'n str, Option<Principal>>;

/// Reads the state, and what it says stands elsewhere.
pub fn read(reader: &mut Reader<'_>) {
    let mut documents = reader.documents(&[], &|_, _| None);
    let mut named = Vec::new();
    for document in &documents {
        let files = document.get("settings").and_then(|settings| settings.get("files"));
        for key in ["schemas", "services", "topics", "users"] {
            let name = files.and_then(|files| files.get(key));
            named.extend(name.and_then(|node| Some((node.span, node.scalar()?.to_owned()))));
        }
    }
    for (span, name) in named {
        documents.extend(reader.documents_of(span, &name));
    }
    let mut settings = Settings::default();
    for document in &documents {
        if let Some(keys) = Keys::of(document, "the state", reader).keys("settings", reader) {
            read_settings(reader, keys, &mut settings);
        }
    }
    let (mut services, mut users) = (Principals::new(), Principals::new());
    let mut customs = Vec::new();
    for document in &documents {
        let mut keys = Keys::of(document, "the state", reader);
        keys.pass(&["settings"]);
        for (name, node) in keys.named("topics", reader) {
            topic(reader, name, node, &settings);
        }
        for (name, node) in keys.named("schemas", reader) {
            schema(reader, name, node, &settings);
        }
        for (name, node) in keys.named("services", reader) {
            let principal = service(reader, name, node, &settings);
            services.insert(name, principal);
        }
        for (name, node) in keys.named("users", reader) {
            let principal = user(reader, name, node, &settings);
            users.insert(name, principal);
        }
        for (key, is_user) in [("customServiceAcls", false), ("customUserAcls", true)] {
            customs.extend(keys.named(key, reader).into_iter().map(|(name, node)| (name, node, is_user)));
        }
        keys.rest(reader);
    }
    let has_access = services.values().any(Option::is_some);
    if let (false, true, Some(document)) = (settings.describes, has_access, documents.first()) {
        reader.ask(
            document.span,
            "may services have Describe beside Read and Write, which imply it? kafka-gitops leaves it out, and so what \
             they ask for are raw entries; with it they are `consumes` and `produces`",
        );
    }
    for (name, node, is_user) in customs {
        let known = if is_user { users.get(name) } else { services.get(name) };
        match known {
            Some(principal) => custom(reader, name, node, principal.as_ref()),
            None => {
                let kind = if is_user { "user" } else { "service" };
                reader.leave(node.span, format!("the ACLs of {name} are not used: no {kind} is called so"));
            }
        }
    }
}

fn read_settings(reader: &mut Reader<'_>, mut keys: Keys<'_>, settings: &mut Settings) {
    keys.called("the settings");
    for key in ["ccloud", "confluent"] {
        if let Some(mut cloud) = keys.keys(key, reader) {
            settings.is_cloud |= cloud.is_true("enabled", reader);
            cloud.rest(reader);
        }
    }
    if let Some(mut topics) = keys.keys("topics", reader) {
        if let Some(mut defaults) = topics.keys("defaults", reader) {
            settings.replication = defaults.count("replication", reader).or(settings.replication);
            settings.partitions = defaults.count("partitions", reader).or(settings.partitions);
            defaults.rest(reader);
        }
        if let Some(mut blacklist) = topics.keys("blacklist", reader) {
            for (prefix, span) in blacklist.texts("prefixed", reader) {
                reader.ask(span, format!("who looks after the topics {prefix}*? kafka-gitops leaves them alone; `manages` says what is ours"));
            }
            blacklist.rest(reader);
        }
        topics.rest(reader);
    }
    // Both are written in the tool's own examples.
    for key in ["schema", "schemas"] {
        let Some(mut schemas) = keys.keys(key, reader) else { continue };
        if let Some(mut defaults) = schemas.keys("defaults", reader) {
            settings.level = level(&mut defaults, "compatibility", reader).or(settings.level.take());
            defaults.rest(reader);
        }
        schemas.rest(reader);
    }
    if let Some(mut services) = keys.keys("services", reader) {
        if let Some(mut acls) = services.keys("acls", reader) {
            settings.describes |= acls.is_true("describeTopicEnabled", reader);
            acls.rest(reader);
        }
        services.rest(reader);
    }
    if let Some(mut files) = keys.keys("files", reader) {
        files.pass(&["schemas", "services", "topics", "users"]);
        files.rest(reader);
    }
    keys.rest(reader);
}

fn topic(reader: &mut Reader<'_>, name: &str, node: &Node, settings: &Settings) {
    let mut keys = Keys::of(node, format!("the topic {name}"), reader);
    let mut set = BTreeMap::new();
    if let Some(node) = keys.take("configs") {
        set = configs(node, keys.what(), reader);
    }
    let topic = FoundTopic {
        partitions: keys.count("partitions", reader).or(settings.partitions).unwrap_or(0),
        replication_factor: keys.count("replication", reader).or(settings.replication).unwrap_or(0),
        configs: set,
        ..FoundTopic::default()
    };
    reader.topic(node.span, name, topic);
    keys.rest(reader);
}

/// A subject of the registry.
fn schema(reader: &mut Reader<'_>, name: &str, node: &Node, settings: &Settings) {
    let mut keys = Keys::of(node, format!("the schema {name}"), reader);
    let format = format(&mut keys, "type", reader);
    let level = level(&mut keys, "compatibility", reader).or_else(|| settings.level.clone());
    let references = references(&mut keys, reader);
    let (file, text) = (keys.take("file"), keys.take("schema").and_then(Node::scalar));
    let schema = match (format, file, text) {
        (Some(format), Some(file), _) => reader.schema_file(file, format, references),
        (Some(format), None, Some(text)) => Some(NewSchema { format, text: text.to_owned(), references }),
        (Some(_), None, None) => {
            reader.leave(node.span, format!("the schema {name} has neither a `file` nor a `schema`"));
            None
        }
        (None, ..) => None,
    };
    if let Some(schema) = schema {
        reader.subject(node.span, name, schema, level);
    }
    keys.rest(reader);
}

/// Who it is; said where no file knows.
fn principal_of(
    reader: &mut Reader<'_>,
    keys: &mut Keys<'_>,
    (kind, name): (&str, &str),
    settings: &Settings,
) -> Option<Principal> {
    if keys.take("principal").is_none() {
        let why = match settings.is_cloud {
            true => "Confluent Cloud makes its principal, which is in no file; import its ACLs from the cluster",
            false => "it has no `principal`",
        };
        reader.leave(keys.span, format!("the ACLs of {} are not taken over: {why}", keys.what()));
        return None;
    }
    let place = keys.place("principal");
    let principal = keys.text("principal", reader).and_then(|text| reader.principal(place, text))?;
    if principal.as_str().split_once(':').is_none_or(|(_, user)| user != name) {
        let notes = vec![format!("kafka-gitops calls it the {kind} {name}")];
        reader.about(&principal, About { notes, ..About::default() });
    }
    Some(principal)
}

/// The topics that somebody writes and reads.
fn named_topics(
    reader: &mut Reader<'_>,
    keys: &mut Keys<'_>,
    principal: Option<&Principal>,
    settings: &Settings,
) -> bool {
    let mut reads = false;
    for (key, operation) in [("produces", Write), ("consumes", Read)] {
        for (topic, _) in keys.texts(key, reader) {
            reads |= operation == Read;
            let Some(principal) = principal else { continue };
            let grant = Grant::of(principal, Topic, topic);
            grant.allow(&[operation], reader);
            if settings.describes {
                grant.allow(&[Describe], reader);
            }
        }
    }
    reads
}

fn service(reader: &mut Reader<'_>, name: &str, node: &Node, settings: &Settings) -> Option<Principal> {
    let mut keys = Keys::of(node, format!("the service {name}"), reader);
    let kind = keys.required("type", reader);
    let principal = principal_of(reader, &mut keys, ("service", name), settings);
    let principal = principal.as_ref();
    match kind {
        Some("application") => {
            let group = keys.text("group-id", reader).unwrap_or(name);
            let pattern =
                keys.text("pattern", reader).and_then(|text| acls::pattern(text, keys.place("pattern"), reader));
            let reads = named_topics(reader, &mut keys, principal, settings);
            if let Some(principal) = principal.filter(|_| reads) {
                let grant = Grant::of(principal, Group, group);
                Grant { pattern: pattern.unwrap_or(grant.pattern), ..grant }.allow(&[Read], reader);
            }
        }
        Some("kafka-streams") => {
            let id = keys.text("application-id", reader).unwrap_or(name);
            named_topics(reader, &mut keys, principal, settings);
            if let Some(principal) = principal {
                let own = [Read, Write, Describe, Delete, Create, Alter, AlterConfigs, DescribeConfigs];
                Grant::prefixed(principal, Topic, id).allow(&own, reader);
                Grant::of(principal, Group, id).allow(&[Read, Describe, Delete], reader);
                Grant::of(principal, Cluster, CLUSTER).allow(&[DescribeConfigs], reader);
            }
        }
        Some("kafka-connect") => connect(reader, name, &mut keys, principal, settings),
        Some(other) => reader.leave(keys.place("type"), format!("the service {name}: nobody knows the type {other}")),
        None => {}
    }
    keys.rest(reader);
    principal.cloned()
}

fn connect(
    reader: &mut Reader<'_>,
    name: &str,
    keys: &mut Keys<'_>,
    principal: Option<&Principal>,
    settings: &Settings,
) {
    named_topics(reader, keys, principal, settings);
    let group = keys.text("group-id", reader).unwrap_or(name);
    let mut storage = keys.keys("storage-topics", reader);
    for (key, start) in [("config", "connect-configs"), ("offset", "connect-offsets"), ("status", "connect-status")] {
        let said = storage.as_mut().and_then(|storage| storage.text(key, reader)).map(str::to_owned);
        let topic = said.unwrap_or_else(|| format!("{start}-{name}"));
        if let Some(principal) = principal {
            Grant::of(principal, Topic, &topic).allow(&[Read, Write], reader);
        }
    }
    if let Some(storage) = storage {
        storage.rest(reader);
    }
    if let Some(principal) = principal {
        Grant::of(principal, Group, group).allow(&[Read], reader);
    }
    for (connector, node) in keys.named("connectors", reader) {
        let mut keys = Keys::of(node, format!("the connector {connector}"), reader);
        let reads = named_topics(reader, &mut keys, principal, settings);
        if let Some(principal) = principal.filter(|_| reads) {
            Grant::of(principal, Group, &format!("connect-{connector}")).allow(&[Read], reader);
        }
        keys.rest(reader);
    }
}

fn user(reader: &mut Reader<'_>, name: &str, node: &Node, settings: &Settings) -> Option<Principal> {
    let mut keys = Keys::of(node, format!("the user {name}"), reader);
    let principal = principal_of(reader, &mut keys, ("user", name), settings);
    for (role, span) in keys.texts("roles", reader) {
        if let Some(principal) = &principal {
            grant_role(reader, principal, role, span);
        }
    }
    keys.rest(reader);
    principal
}

/// What kafka-gitops gives to each of its roles.
fn grant_role(reader: &mut Reader<'_>, principal: &Principal, role: &str, span: Span) {
    let topics = Grant::of(principal, Topic, "*");
    let groups = Grant::of(principal, Group, "*");
    match role.to_ascii_lowercase().as_str() {
        "reader" => {
            topics.allow(&[Read], reader);
            groups.allow(&[Read], reader);
        }
        "writer" => topics.allow(&[Write], reader),
        "operator" => {
            Grant::of(principal, Cluster, CLUSTER).allow(&[Describe], reader);
            topics.allow(&[Describe, DescribeConfigs], reader);
            groups.allow(&[Read, Describe], reader);
        }
        _ => reader.leave(span, format!("nobody knows the role {role}")),
    }
}

/// ACLs that are written one by one.
fn custom(reader: &mut Reader<'_>, of: &str, node: &Node, inherited: Option<&Principal>) {
    for entry in super::reader::entries(node) {
        let mut keys = Keys::of(&entry.value, format!("the ACL {} of {of}", entry.key.value), reader);
        let mut word = |key: &str, reader: &mut Reader<'_>| Some((keys.required(key, reader)?, keys.place(key)));
        let words = ["name", "type", "pattern", "operation", "permission"].map(|key| word(key, reader));
        let host = keys.text("host", reader).unwrap_or("*");
        let own = keys.text("principal", reader).map(|text| (text, keys.place("principal")));
        let principal = match own {
            Some((text, span)) => reader.principal(span, text),
            None => inherited.cloned(),
        };
        if principal.is_none() && own.is_none() {
            reader.leave(entry.key.span, format!("{} has no `principal`", keys.what()));
        }
        keys.rest(reader);
        let [Some((name, _)), Some(kind), Some(pattern), Some(operation), Some(permission)] = words else { continue };
        let resource = acls::resource(kind.0, kind.1, reader);
        let pattern = acls::pattern(pattern.0, pattern.1, reader);
        let operation = acls::operation(operation.0, operation.1, reader);
        let permission = acls::permission(permission.0, permission.1, reader);
        if let (Some(principal), Some(resource), Some(pattern), Some(operation), Some(permission)) =
            (principal, resource, pattern, operation, permission)
        {
            Grant { principal: &principal, resource, name, pattern, host, permission }.allow(&[operation], reader);
        }
    }
}
