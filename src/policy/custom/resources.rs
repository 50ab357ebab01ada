//! The resources of a cluster, as rules see them.

use std::borrow::Cow;

use super::item::{Fields, Item, Record};
use super::shape::{CLUSTER, CONSUMER, GRANT, SCHEMA, SCHEMA_FIELD, SERVICE, TOPIC};
use crate::model::{Address, PatternType, Subject};
use crate::policy::waivers::owner_of;
use crate::ports::kafka::Acl;
use crate::resources::acl::address_of;
use crate::resources::broker_config;
use crate::resources::catalog::ServiceSpec;
use crate::resources::cluster::{ClusterSpec, NodeRole};
use crate::resources::schema::DesiredSubject;
use crate::resources::topic::{ConfigValue, DesiredTopic, TopicSpec};
use crate::resources::{Desired, Resolved};
use crate::schema::{fields, parse, record_name};
use crate::source::{Span, Spanned};

/// A resource, its address and where it is declared.
pub(super) struct Seen<'w> {
    pub record: Record<'w>,
    pub address: String,
    pub span: Span,
}

fn text<'w, T: AsRef<str>>(written: &'w Option<Spanned<T>>) -> Option<Item<'w>> {
    written.as_ref().map(|written| Item::text(written.value.as_ref()))
}

fn shown<'w, T: ToString>(written: &Option<Spanned<T>>) -> Option<Item<'w>> {
    written.as_ref().map(|written| Item::text(written.value.to_string()))
}

fn span<T>(written: &Option<Spanned<T>>) -> Option<Span> {
    written.as_ref().map(|written| written.span)
}

/// A cluster.
pub(super) fn cluster(spec: &ClusterSpec, used: Fields) -> Record<'_> {
    let mut record = Record::new(&CLUSTER, used);
    let kafka = spec.kafka.as_ref();
    record.put_at("name", Some(spec.cluster.span), || Some(Item::text(spec.cluster.as_str())));
    record.put_at("environment", span(&spec.environment), || shown(&spec.environment));
    record.put("labels", || Some(Item::texts(spec.labels.iter().map(|label| label.as_str()))));
    record.put_at("description", span(&spec.description), || text(&spec.description));
    record.put_at("region", span(&spec.region), || text(&spec.region));
    record.put_at("cluster_id", span(&spec.cluster_id), || text(&spec.cluster_id));
    record.put_at("schema_registry", span(&spec.schema_registry), || shown(&spec.schema_registry));
    record.put_at("allow", span(&spec.allow), || shown(&spec.allow));
    record.put_at("version", kafka.and_then(|kafka| span(&kafka.version)), || text(&kafka?.version));
    record.put_at("deployment", kafka.and_then(|kafka| span(&kafka.deployment)), || {
        Some(Item::text(kafka?.deployment?.value.as_str()))
    });
    record.put_at("authorizer", kafka.and_then(|kafka| span(&kafka.authorizer)), || {
        Some(Item::text(kafka?.authorizer?.value.as_str()))
    });
    record.put("brokers", || {
        let serves = |role: &Spanned<NodeRole>| role.value == NodeRole::Broker;
        Some(Item::Int(kafka?.nodes.iter().filter(|node| node.roles.iter().any(serves)).count() as i64))
    });
    record.put("racks", || {
        let racks = kafka?.nodes.iter().filter_map(|node| node.rack.as_ref());
        let racks: std::collections::BTreeSet<_> = racks.map(|rack| rack.value.as_str()).collect();
        Some(Item::texts(racks))
    });
    record.put("config", || {
        let configs = kafka?.config.iter();
        let configs = configs.filter_map(|(key, node)| Some(((&*key.value).into(), broker_config::text(key, node)?)));
        Some(Item::Map(configs.collect()))
    });
    record
}

/// A topic as it is on a cluster.
pub(super) fn topic<'w>(
    desired: &'w Desired<'_>,
    spec: &'w TopicSpec,
    topic: &'w DesiredTopic,
    used: Fields,
) -> Record<'w> {
    let workspace = desired.workspace;
    let mut record = Record::new(&TOPIC, used);
    record.put_at("name", Some(topic.span), || Some(Item::text(topic.name.as_str())));
    record.put("domain", || Some(Item::text(workspace.domain_of(&spec.topic.value))));
    record.put_at("owner", span(&spec.owner), || workspace.owner_of(spec).map(Item::text));
    record.put_at("class", span(&spec.class), || spec.class.as_ref().map(|class| Item::text(class.as_str())));
    record.put_at("description", span(&spec.description), || text(&spec.description));
    record.put_at("managed_by", span(&spec.managed_by), || Some(Item::text(topic.managed_by.as_str())));
    record.put_at("key", span(&spec.key), || text(&spec.key));
    record.put_at("keyed", span(&spec.key), || Some(Item::Bool(topic.keyed)));
    record.put_at("partitions", topic.partitions.span(), || Some(Item::Int(topic.partitions.value.into())));
    record.put_at("replication_factor", topic.replication_factor.span(), || {
        Some(Item::Int(topic.replication_factor.value.into()))
    });
    let numbers = [
        ("min_insync_replicas", "min.insync.replicas"),
        ("retention", "retention.ms"),
        ("retention_bytes", "retention.bytes"),
        ("max_message_bytes", "max.message.bytes"),
    ];
    for (field, key) in numbers {
        let config = topic.configs.get(key);
        record.put_at(field, config.and_then(Resolved::span), || Some(Item::Int(config?.value.as_i64()?)));
    }
    let cleanup = topic.configs.get("cleanup.policy");
    record.put_at("cleanup", cleanup.and_then(Resolved::span), || {
        Some(Item::texts(cleanup?.value.as_str().split(',').filter(|word| !word.is_empty())))
    });
    record.put("config", || {
        let text = |(key, value): (&'w std::sync::Arc<str>, &'w Resolved<ConfigValue>)| {
            (Cow::Borrowed(&**key), Cow::Borrowed(value.value.as_str()))
        };
        Some(Item::Map(topic.configs.iter().map(text).collect()))
    });
    record.put("producers", || Some(Item::texts(spec.producers.iter().map(|producer| producer.service.as_str()))));
    record.put("consumers", || {
        let consumer = |consumer: &'w crate::resources::topic::ConsumerSpec| {
            let mut record = Record::new(&CONSUMER, Fields::ALL);
            record.put("service", || Some(Item::text(consumer.service.as_str())));
            record.put("max_lag", || Some(Item::Int(consumer.max_lag?.value.into())));
            record.put("dlq", || Some(Item::Bool(consumer.has_dead_letters())));
            let letters = consumer.dead_letters();
            record.put("retry", || Some(Item::Bool(letters?.has_retry())));
            record.put("parking", || Some(Item::Bool(letters?.has_parking())));
            let most = letters.map(|letters| &letters.thresholds);
            record.put("max_depth", || Some(Item::Int(most?.depth?.value.into())));
            record.put("max_age", || Some(Item::Int(most?.age?.value.0)));
            record.put("max_rate", || Some(Item::text(most?.rate?.value.to_string())));
            record.put("max_ratio", || Some(Item::text(most?.ratio?.value.to_string())));
            Item::Record(record)
        };
        Some(Item::List(spec.consumers.iter().map(consumer).collect()))
    });
    record.put_at("retention_rationale", span(&spec.retention_rationale), || text(&spec.retention_rationale));
    record.put_at("change_request", span(&spec.change_request), || text(&spec.change_request));
    record.put_at("adr", span(&spec.adr), || text(&spec.adr));
    let successor = spec.deprecated_by.as_ref();
    record.put_at("deprecated_by", successor.map(|successor| successor.span), || {
        successor.map(|it| Item::text(it.as_str()))
    });
    record.put("schemas", || {
        let schemas = workspace.schemas_of(spec);
        Some(Item::texts(schemas.iter().map(|schema| schema.path.to_string_lossy().into_owned())))
    });
    record
}

/// One entry of access.
pub(super) fn grant<'w>(desired: &'w Desired<'_>, acl: &'w Acl, place: Span, used: Fields) -> Option<Seen<'w>> {
    let owner = desired.grants.owners.get(&acl.principal)?;
    let mut record = Record::new(&GRANT, used);
    record.put_at("service", Some(owner.span), || Some(Item::text(&*owner.name)));
    record.put("owner", || {
        let catalog = &desired.workspace.catalog;
        let service = catalog.services.get(&owner.name).map(|service| service.owner.as_str());
        service.or_else(|| catalog.roles.get(&owner.name).map(|role| role.owner.as_str())).map(Item::text)
    });
    record.put("principal", || Some(Item::text(acl.principal.as_str())));
    record.put("resource", || Some(Item::text(acl.resource.as_str())));
    record.put("name", || Some(Item::text(&*acl.name)));
    record.put("pattern", || Some(Item::text(pattern_word(acl.pattern))));
    record.put("operation", || Some(Item::text(acl.operation.as_str())));
    record.put("permission", || Some(Item::text(acl.permission.as_str())));
    record.put("host", || Some(Item::text(&*acl.host)));
    Some(Seen { record, address: address_of(&owner.name, acl).to_string(), span: place })
}

fn pattern_word(pattern: PatternType) -> &'static str {
    match pattern {
        PatternType::Literal => "literal",
        PatternType::Prefixed => "prefixed",
    }
}

/// A service with what it asks for on a cluster.
pub(super) fn service<'w>(
    desired: &'w Desired<'_>,
    name: &'w str,
    spec: &'w Spanned<ServiceSpec>,
    used: Fields,
) -> Seen<'w> {
    let workspace = desired.workspace;
    let asks = workspace.grants.get(name).filter(|asks| workspace.selects(&asks.clusters, desired.cluster));
    let mut record = Record::new(&SERVICE, used);
    record.put_at("name", Some(spec.span), || Some(Item::text(name)));
    record.put_at("owner", Some(spec.owner.span), || Some(Item::text(spec.owner.as_str())));
    record.put_at("domain", span(&spec.domain), || spec.domain.as_ref().map(|domain| Item::text(domain.as_str())));
    record.put_at("kind", span(&spec.kind), || Some(Item::text(spec.kind?.value.as_str())));
    record.put_at("description", span(&spec.description), || text(&spec.description));
    record.put("produces", || Some(Item::texts(asks?.produces.iter().map(|topic| topic.topic.as_str()))));
    record.put("consumes", || Some(Item::texts(asks?.consumes.iter().map(|topic| topic.topic.as_str()))));
    record.put("groups", || Some(Item::texts(asks?.groups())));
    record
        .put("transactional_ids", || Some(Item::texts(asks?.transactional_ids.iter().map(|id| id.value.to_string()))));
    let quota = asks.and_then(|asks| asks.quota.as_ref());
    let rate = |written: Option<Spanned<crate::model::Rate>>| Some(Item::Int(written?.value.0));
    let produce = quota.and_then(|quota| quota.produce);
    let consume = quota.and_then(|quota| quota.consume);
    record.put_at("produce_quota", span(&produce), || rate(produce));
    record.put_at("consume_quota", span(&consume), || rate(consume));
    record.put("approval", || text_of_external(asks?));
    Seen { record, address: format!("service/{name}"), span: asks.map_or(spec.span, |asks| asks.service.span) }
}

fn text_of_external(asks: &crate::resources::acl::GrantSpec) -> Option<Item<'_>> {
    asks.external.as_ref().map(|external| Item::text(&*external.approval.value))
}

/// A subject of a cluster's registry.
pub(super) fn schema<'w>(
    desired: &'w Desired<'_>,
    subject: &'w Subject,
    schema: &'w DesiredSubject,
    used: Fields,
) -> Seen<'w> {
    let workspace = desired.workspace;
    let topic = schema.topic.as_ref().and_then(|topic| workspace.topics.get(topic));
    let parsed = std::cell::OnceCell::new();
    // Most rules ask for neither the fields nor the record, and then nothing is parsed.
    let parsed = || {
        let parse = || parse(schema.format, &schema.text, &workspace.resolve_references(&schema.references)).ok();
        parsed.get_or_init(parse).as_ref()
    };
    let mut record = Record::new(&SCHEMA, used);
    record.put("subject", || Some(Item::text(subject.as_str())));
    record.put("topic", || Some(Item::text(schema.topic.as_ref()?.as_str())));
    record.put("domain", || Some(Item::text(workspace.domain_of(schema.topic.as_ref()?))));
    record.put("owner", || {
        // Of a subject that is called after a record the name tells no topic.
        let of_topic = || workspace.owner_of(topic?);
        owner_of(&Address::schema(subject).to_string(), workspace).or_else(of_topic).map(Item::text)
    });
    record.put("file", || Some(Item::text(workspace.sources.file(schema.file).path.to_string_lossy())));
    record.put("format", || Some(Item::text(schema.format.as_str())));
    record
        .put_at("compatibility", schema.compatibility.span(), || Some(Item::text(schema.compatibility.value.as_str())));
    record.put("record", || Some(Item::text(record_name(parsed()?)?)));
    record.put("fields", || {
        let field = |field: crate::schema::SchemaField| {
            let mut record = Record::new(&SCHEMA_FIELD, Fields::ALL);
            record.put("path", || Some(Item::text(field.path)));
            record.put("type", || Some(Item::text(field.field_type)));
            record.put("doc", || field.doc.map(Item::text));
            record.put("default", || field.default.map(Item::text));
            record.put("required", || Some(Item::Bool(field.required)));
            Item::Record(record)
        };
        Some(Item::List(fields(parsed()?).into_iter().map(field).collect()))
    });
    record.put("references", || {
        Some(Item::texts(schema.references.iter().map(|reference| reference.subject.value.as_str())))
    });
    Seen { record, address: Address::schema(subject).to_string(), span: schema.span }
}
