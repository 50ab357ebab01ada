use std::collections::BTreeMap;

use super::config::configs_shape;
use super::dead_letters::DeadLetters;
use crate::model::{Label, Name, Subject, TopicName};
use crate::resources::personal::HandlingSpec;
use crate::resources::schema::CompatibilitySpec;
use crate::schema::ReferenceVersion;
use crate::source::{Decode, Decoder, Entries, Node, Shape, Spanned, Value, manifest, word_enum};

manifest! {
    "a topic"
    /// A topic and its change request in one.
    pub struct TopicSpec {
        /// The topic's name.
        topic: Spanned<TopicName>,
        /// `absent` asks for its deletion (a tombstone); needs `reason`.
        state: Option<Spanned<State>>,
        /// Why it is to be deleted.
        reason: Option<Spanned<String>>,
        /// Who creates and changes it: busctl (default), strimzi, connect, streams or external. Topics of others are
        /// observed, documented and checked, never applied.
        managed_by: Option<Spanned<ManagedBy>>,
        /// The clusters it is for, by name, environment or label; all by default.
        clusters: Vec<Spanned<Label>>,
        /// Its class in `busctl.yaml`, which gives cleanup and retention.
        class: Option<Spanned<Name>>,
        /// The topic that takes its place, where nobody should begin to use this one.
        deprecated_by: Option<Spanned<TopicName>>,
        /// What one record means.
        description: Option<Spanned<String>>,
        /// The team that answers for it; by default the owner of its domain.
        owner: Option<Spanned<Name>>,
        /// What orders the records: the field or fields of the key. `none` = unkeyed.
        key: Option<Spanned<String>>,
        /// Number of partitions.
        partitions: Option<Spanned<u32>>,
        /// Number of replicas of each partition.
        replication_factor: Option<Spanned<u32>>,
        /// Services that write it.
        producers: Vec<ProducerSpec>,
        /// Services that read it.
        consumers: Vec<ConsumerSpec>,
        /// Why records are kept as long as they are.
        retention_rationale: Option<Spanned<String>>,
        /// The change request that asked for the topic.
        change_request: Option<Spanned<String>>,
        /// The decision record behind a new major version, a path from the workspace's root.
        adr: Option<Spanned<String>>,
        /// How it deals with the personal data in its records.
        personal_data: Option<Box<Spanned<HandlingSpec>>>,
        /// Schemas of key and value; by convention `schemas/DOMAIN/TOPIC.avsc` (or `.json`, `.proto`).
        schema: Option<TopicSchemaSpec>,
        /// Kafka's topic configs, in human units.
        config: Entries<Node> => configs_shape(),
        /// What differs by environment or cluster; the cluster wins.
        overrides: BTreeMap<Spanned<Box<str>>, TopicOverrideSpec>,
    }
}

manifest! {
    "an override"
    /// What differs in one environment or cluster.
    pub struct TopicOverrideSpec {
        /// Number of partitions there.
        partitions: Option<Spanned<u32>>,
        /// Number of replicas there.
        replication_factor: Option<Spanned<u32>>,
        /// Topic configs there; they win over the topic's own.
        config: Entries<Node> => configs_shape(),
    }
}

manifest! {
    "a topic's schema"
    /// The schemas of a topic.
    pub struct TopicSchemaSpec {
        /// The file of the key's schema, in `schemas/DOMAIN/`.
        key: Option<Spanned<String>>,
        /// The file of the value's schema, in `schemas/DOMAIN/`.
        value: Option<Spanned<String>>,
        /// The clusters whose registries have them, by name, environment or label; by default all that the topic is for.
        clusters: Vec<Spanned<Label>>,
        /// How the subject is named: topic (default), record or topic_record.
        strategy: Option<Spanned<SubjectStrategy>>,
        /// The subject's compatibility level, the category of the second opinion, or a list of both.
        compatibility: Option<CompatibilitySpec>,
        /// Schemas of other subjects that these use.
        references: Vec<ReferenceSpec>,
    }
}

manifest! {
    "a schema reference"
    /// A schema of another subject that a schema uses.
    pub struct ReferenceSpec {
        /// How the schema names it: an Avro full name, a JSON Schema `$ref`, a Protobuf import.
        name: Spanned<String>,
        /// The subject it is registered under.
        subject: Spanned<Subject>,
        /// Its version there: a number, or `latest` (default), which is pinned in the plan.
        version: Option<Spanned<ReferenceVersion>>,
    }
}

/// A producer: the service's name alone, or a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct ProducerSpec {
    /// The service.
    pub service: Spanned<Name>,
}

/// A consumer: the service's name alone, or a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumerSpec {
    /// The service.
    pub service: Spanned<Name>,
    /// The most records that the service may be behind before somebody is called.
    pub max_lag: Option<Spanned<u32>>,
    /// Where records go that it cannot process.
    pub dlq: Option<Box<Spanned<DeadLetters>>>,
}

manifest! {
    "a producer"
    /// A producer in full.
    struct FullProducer {
        /// The service.
        service: Spanned<Name>,
    }
}

manifest! {
    "a consumer"
    /// A consumer in full.
    struct FullConsumer {
        /// The service.
        service: Spanned<Name>,
        /// The most records that the service may be behind before somebody is called.
        max_lag: Option<Spanned<u32>>,
        /// Where records go that it cannot process: true (a dead-letter topic), false (nowhere), or a mapping.
        dlq: Option<Box<Spanned<DeadLetters>>>,
    }
}

impl Decode for ProducerSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => FullProducer::decode(node, decoder).map(|full| Self { service: full.service }),
            _ => Spanned::decode(node, decoder).map(|service| Self { service }),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Name::shape(), FullProducer::shape()])
    }
}

impl Decode for ConsumerSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match node.value {
            Value::Mapping(_) => FullConsumer::decode(node, decoder).map(|full| Self {
                service: full.service,
                max_lag: full.max_lag,
                dlq: full.dlq,
            }),
            _ => Spanned::decode(node, decoder).map(|service| Self { service, max_lag: None, dlq: None }),
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Name::shape(), FullConsumer::shape()])
    }
}

word_enum! {
    /// Whether a resource is wanted.
    State, "state", {
        /// It must be there.
        Present = "present",
        /// It must not be there: a tombstone.
        Absent = "absent",
    }
}

word_enum! {
    /// Who creates and changes a topic.
    ManagedBy, "manager", {
        /// This tool.
        Busctl = "busctl",
        /// Strimzi's topic operator.
        Strimzi = "strimzi",
        /// A Connect worker.
        Connect = "connect",
        /// A Kafka Streams application.
        Streams = "streams",
        /// Somebody else.
        External = "external",
    }
}

word_enum! {
    /// How a subject is named after its topic (the serializers' `value.subject.name.strategy`).
    SubjectStrategy, "subject name strategy", {
        /// `TOPIC-value`, `TOPIC-key`: TopicNameStrategy.
        Topic = "topic",
        /// The schema's full name: RecordNameStrategy.
        Record = "record",
        /// `TOPIC-FULLNAME`: TopicRecordNameStrategy.
        TopicRecord = "topic_record",
    }
}

word_enum! {
    /// A cleanup policy (`cleanup.policy`).
    Cleanup, "cleanup policy", {
        /// Old segments are deleted.
        Delete = "delete",
        /// The last record of each key is kept.
        Compact = "compact",
    }
}
