use std::collections::BTreeMap;

use super::listeners::{chosen, listeners};
use super::model::{
    ClientConfig, ClientConfigs, ConnectAccess, ConsumedTopic, ProducedTopic, SchemaAccess, TopicSchemas,
};
use super::secrets::{Secrets, has_sasl, has_tls};
use super::standards::{STANDARDS, Scope};
use crate::model::{Bytes, Duration, Principal, TopicName};
use crate::resources::acl::{GrantSpec, consenting, principals_for, principals_of};
use crate::resources::schema::{Part, subject_of};
use crate::resources::topic::{SubjectStrategy, TopicSpec};
use crate::resources::{Desired, Workspace};
use crate::source::{Decoder, Entries, Node};

/// The header that says whose a record is.
pub const SERVICE_HEADER: &str = "service.name";
/// The header that says from which environment a record is.
pub const ENVIRONMENT_HEADER: &str = "deployment.env";
/// The header that says by which version of its schema a record was written.
pub const VERSION_HEADER: &str = "schema.version";

impl ClientConfig {
    /// What the clients of a service bootstrap from on a cluster; `None` where it has no manifest for it, or leaves.
    pub fn of(desired: &Desired<'_>, service: &str) -> Option<Self> {
        Self::at(desired, service, None)
    }

    /// The same at this listener, whether the cluster has it or not; by default at the one that the manifests tell.
    pub fn at(desired: &Desired<'_>, service: &str, listener: Option<&str>) -> Option<Self> {
        let (workspace, cluster) = (desired.workspace, desired.cluster);
        let grants = workspace.grants.get(service)?;
        if grants.is_leaving() || !workspace.selects(&grants.clusters, cluster) {
            return None;
        }
        let listeners = listeners(cluster);
        let listener = listener.map(str::to_owned).or_else(|| chosen(cluster, &grants.principals, &listeners));
        let principals = principals(desired, service, grants, listener.as_deref());
        let secrets = Secrets { cluster, service };
        let asks_certificate = listeners.values().any(|access| access.asks_certificate);
        let tls = listeners.values().any(has_tls).then(|| secrets.tls(asks_certificate));
        let sasl = listeners.values().any(has_sasl).then(|| secrets.sasl(grants, &principals)).flatten();
        let registry = cluster.schema_registry.as_ref();
        let registry = registry.and_then(|name| workspace.registries.get(name.as_str()));
        let environment = cluster.environment.as_ref().map(|environment| environment.to_string());
        let mut groups = grants.groups();
        groups.sort();
        groups.dedup();
        let mut config = Self {
            format_version: 1,
            service: service.to_owned(),
            cluster: cluster.cluster.to_string(),
            principals,
            listener,
            listeners,
            tls,
            sasl,
            registry: registry.map(|registry| secrets.registry(registry)),
            produces: produces(desired, service, grants),
            consumes: consumes(desired, service, grants),
            transactional_ids: grants.transactional_ids.iter().map(|id| id.value.to_string()).collect(),
            application_id: grants.streams.as_ref().map(|streams| streams.application_id.value.clone()),
            connect: grants.connect.as_ref().map(|connect| ConnectAccess {
                worker: connect.worker.value.clone(),
                transactional_id: connect.transactional_id(),
                connectors: connect
                    .connectors
                    .iter()
                    .map(|connector| (connector.to_string(), format!("connect-{}", connector.value)))
                    .collect(),
            }),
            groups,
            headers: [
                (SERVICE_HEADER, service.to_owned()),
                (ENVIRONMENT_HEADER, environment.clone().unwrap_or_else(|| cluster.cluster.to_string())),
            ]
            .into(),
            environment,
            configs: ClientConfigs::default(),
        };
        config.configs = configs(desired, &config);
        Some(config)
    }

    /// What every service of a cluster bootstraps from, by the services' names.
    pub fn all(desired: &Desired<'_>) -> BTreeMap<String, Self> {
        let services = desired.workspace.grants.keys();
        services.filter_map(|service| Some((service.clone(), Self::of(desired, service)?))).collect()
    }
}

/// Who the service is on the listener that is meant.
fn principals(desired: &Desired<'_>, service: &str, grants: &GrantSpec, listener: Option<&str>) -> Vec<Principal> {
    let written = principals_for(desired.cluster, &grants.principals).map(|(_, spec)| spec.by_listener.as_slice());
    let here = written.unwrap_or_default().iter().filter(|(name, _)| Some(&*name.value) == listener);
    let here: Vec<Principal> = here.map(|(_, principal)| principal.clone()).collect();
    if here.is_empty() { principals_of(desired.cluster, service, &grants.principals) } else { here }
}

fn produces(desired: &Desired<'_>, service: &str, grants: &GrantSpec) -> BTreeMap<TopicName, ProducedTopic> {
    let (workspace, cluster) = (desired.workspace, desired.cluster);
    let agreed = grants.produces.iter().filter_map(|produces| {
        consenting(workspace, cluster, &produces.topic).filter(|topic| topic.names_producer(service))
    });
    agreed
        .map(|topic| {
            let dead = workspace.dead_letters_of(topic.topic.as_str()).filter(|(_, reader)| *reader == service);
            let produced = ProducedTopic {
                schemas: schemas(workspace, topic),
                key: topic.key.as_ref().map(|key| key.value.clone()).filter(|key| key != "none"),
                max_message_bytes: config(desired, topic, "max.message.bytes").map(Bytes),
                dead_letters_of: dead.map(|(topic, _)| topic.clone()),
            };
            (topic.topic.value.clone(), produced)
        })
        .collect()
}

fn consumes(desired: &Desired<'_>, service: &str, grants: &GrantSpec) -> BTreeMap<TopicName, ConsumedTopic> {
    let (workspace, cluster) = (desired.workspace, desired.cluster);
    let mut consumed: BTreeMap<TopicName, ConsumedTopic> = BTreeMap::new();
    for consumes in &grants.consumes {
        let topic = consenting(workspace, cluster, &consumes.topic);
        let Some(topic) = topic.filter(|topic| topic.names_consumer(service)) else { continue };
        let name = &topic.topic.value;
        let groups = grants.groups_of(consumes);
        if let Some(known) = consumed.get_mut(name) {
            known.groups.extend(groups);
            continue;
        }
        let entry = topic.consumers.iter().find(|consumer| consumer.service.as_str() == service);
        let dlq = workspace.settings.dlq_pattern.make(&[("topic", name.as_str()), ("service", service)]);
        let dlq = workspace.topics.get(dlq.as_str()).map(|topic| &topic.topic);
        let dlq = dlq.filter(|dlq| consenting(workspace, cluster, dlq).is_some());
        let topic = ConsumedTopic {
            schemas: schemas(workspace, topic),
            groups,
            dlq: dlq.map(|dlq| dlq.value.clone()),
            retries: retries(desired, service, grants, name),
            max_lag: entry.and_then(|entry| entry.max_lag).map(|lag| lag.value),
            retention: config(desired, topic, "retention.ms").map(Duration),
            transactional: topic
                .producers
                .iter()
                .any(|producer| writes_in_transactions(workspace, producer.service.as_str())),
        };
        consumed.insert(name.clone(), topic);
    }
    for topic in consumed.values_mut() {
        topic.groups.sort();
        topic.groups.dedup();
    }
    consumed
}

/// Topics in which records of `topic` wait: the service both writes and reads them, and they are called after the topic
/// with `retry` behind it.
fn retries(desired: &Desired<'_>, service: &str, grants: &GrantSpec, topic: &TopicName) -> Vec<TopicName> {
    let (workspace, cluster) = (desired.workspace, desired.cluster);
    let called_after = |name: &TopicName| {
        let rest = name.as_str().strip_prefix(topic.as_str());
        rest.is_some_and(|rest| rest.starts_with(['.', '-', '_']) && rest.contains("retry"))
    };
    let written = grants.produces.iter().map(|produces| &produces.topic.value).filter(|name| called_after(name));
    let both = written.filter(|name| grants.consumes.iter().any(|consumes| consumes.topic.value == **name));
    let agreed = both.filter(|name| {
        consenting(workspace, cluster, name).is_some_and(|it| it.names_producer(service) && it.names_consumer(service))
    });
    let mut names: Vec<TopicName> = agreed.cloned().collect();
    names.sort();
    names
}

fn writes_in_transactions(workspace: &Workspace, service: &str) -> bool {
    let grants = workspace.grants.get(service);
    grants.is_some_and(|grants| !grants.transactional_ids.is_empty())
}

fn config(desired: &Desired<'_>, topic: &TopicSpec, key: &str) -> Option<i64> {
    desired.topics.get(&topic.topic.value)?.configs.get(key)?.value.as_str().parse().ok()
}

fn schemas(workspace: &Workspace, topic: &TopicSpec) -> TopicSchemas {
    let mut schemas = TopicSchemas::default();
    for schema in workspace.schemas_of(topic) {
        let Some(file) = schema.file else { continue };
        // What is wrong with a schema is found where subjects are resolved.
        let decoder = &mut Decoder::default();
        let Some(subject) = subject_of(workspace, topic, schema.part.as_str(), file, schema.span, decoder) else {
            continue;
        };
        let version = workspace.schemas.earlier(&schema.path).last().map_or(1, |last| last.number.saturating_add(1));
        let access = SchemaAccess { subject, format: file.format, version };
        match schema.part {
            Part::Key => schemas.key = Some(access),
            Part::Value => schemas.value = Some(access),
        }
    }
    let strategy = topic.schema.as_ref().and_then(|schema| schema.strategy).map(|strategy| strategy.value);
    schemas.subject_name_strategy = (schemas.key.is_some() || schemas.value.is_some()).then_some(match strategy {
        None | Some(SubjectStrategy::Topic) => "io.confluent.kafka.serializers.subject.TopicNameStrategy",
        Some(SubjectStrategy::Record) => "io.confluent.kafka.serializers.subject.RecordNameStrategy",
        Some(SubjectStrategy::TopicRecord) => "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy",
    });
    schemas
}

/// The largest request of a producer where nothing says it (`max.request.size`).
const LARGEST_REQUEST: i64 = 1 << 20;

/// The rules of the bus, its defaults over them, and those of the cluster over all.
fn configs(desired: &Desired<'_>, config: &ClientConfig) -> ClientConfigs {
    let mut configs = ClientConfigs::default();
    let (produces, consumes) = (!config.produces.is_empty(), !config.consumes.is_empty());
    for standard in STANDARDS {
        let of = match standard.scope {
            Scope::Common => &mut configs.common,
            Scope::Producer if produces => &mut configs.producer,
            Scope::Consumer if consumes => &mut configs.consumer,
            Scope::TransactionalConsumer if consumes && config.reads_transactions() => &mut configs.consumer,
            Scope::Serializer if config.registry.is_some() && produces => &mut configs.serializer,
            _ => continue,
        };
        of.insert(standard.key.to_owned(), standard.value.to_owned());
    }
    // A producer of Java takes no record that is larger than this, whatever the topic allows.
    let largest = config.produces.values().filter_map(|topic| topic.max_message_bytes).map(|bytes| bytes.0).max();
    if let Some(largest) = largest.filter(|largest| *largest > LARGEST_REQUEST) {
        configs.producer.insert("max.request.size".to_owned(), largest.to_string());
    }
    configs.common.insert("client.id".to_owned(), config.service.clone());
    if config.access().is_some_and(has_tls) {
        // Java's default; it is written so that a client of another make checks names too.
        configs.common.insert("ssl.endpoint.identification.algorithm".to_owned(), "https".to_owned());
    }
    let bus = desired.workspace.settings.clients.as_ref();
    let own = desired.cluster.clients.as_deref();
    let mut lay = |layer: [Option<&Entries<Node>>; 3]| {
        let [common, producer, consumer] = layer;
        overlay(&mut configs.common, common);
        if produces {
            overlay(&mut configs.producer, producer);
        }
        if consumes {
            overlay(&mut configs.consumer, consumer);
        }
    };
    lay([bus.map(|it| &it.config), bus.map(|it| &it.producer), bus.map(|it| &it.consumer)]);
    lay([own.map(|it| &it.config), own.map(|it| &it.producer), own.map(|it| &it.consumer)]);
    configs
}

fn overlay(configs: &mut BTreeMap<String, String>, written: Option<&Entries<Node>>) {
    for (key, node) in written.into_iter().flatten() {
        // What is no value is found by the rule of `clients`.
        if let Some(value) = super::value::decode(key, node, &mut Decoder::default()) {
            configs.insert(key.value.to_string(), value);
        }
    }
}
