//! What rules of a workspace's own see: the fields of each kind of resource.

/// A kind of record: its fields with their types.
#[derive(Debug)]
pub struct Shape {
    /// Its variable in expressions: `topic`.
    pub name: &'static str,
    /// The heading of its table in `docs/policy.md`, as a link names it.
    pub anchor: &'static str,
    /// Its fields, in the order of the documentation.
    pub fields: &'static [Field],
}

/// A field of a record.
#[derive(Debug)]
pub struct Field {
    /// Its name in expressions.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What it has where nothing says it.
    pub absent: Absent,
    /// What it means.
    pub doc: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// true or false.
    Bool,
    /// A whole number.
    Int,
    /// Milliseconds.
    Millis,
    /// Bytes, or bytes per second.
    Bytes,
    /// Text.
    Text,
    /// A list of texts.
    Texts,
    /// Texts by key.
    Map,
    /// A list of records.
    Records(&'static Shape),
}

/// What a field has where nothing says it.
#[derive(Debug, Clone, Copy)]
pub enum Absent {
    /// Empty text, no entries, false; `has()` says that it is not there.
    Empty,
    /// This number.
    Number(i64),
    /// This text.
    Text(&'static str),
    /// Nothing: asking for it fails, but with `has()`.
    Unset,
}

impl Shape {
    /// The index of a field.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

impl Field {
    /// Its row in the table of `docs/policy.md`.
    pub fn row(&self) -> String {
        let holds = match self.holds {
            Holds::Bool => "true or false".to_owned(),
            Holds::Int => "number".to_owned(),
            Holds::Millis => "milliseconds".to_owned(),
            Holds::Bytes => "bytes".to_owned(),
            Holds::Text => "text".to_owned(),
            Holds::Texts => "list of texts".to_owned(),
            Holds::Map => "texts by key".to_owned(),
            Holds::Records(shape) => format!("list of [{}s](#{})", shape.name, shape.anchor),
        };
        let absent = match (self.absent, self.holds) {
            (Absent::Unset, _) => "not there".to_owned(),
            (Absent::Number(number), _) => number.to_string(),
            (Absent::Text(text), _) => format!("`{text}`"),
            (Absent::Empty, Holds::Bool) => "false".to_owned(),
            (Absent::Empty, _) => "empty".to_owned(),
        };
        format!("| `{}` | {holds} | {absent} | {} |", self.name, self.doc)
    }
}

/// Every kind of record that rules see.
pub static SHAPES: &[&Shape] =
    &[&TOPIC, &CONSUMER, &GRANT, &SERVICE, &SCHEMA, &SCHEMA_FIELD, &CLUSTER, &CHANGE, &CHANGED_FIELD];

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

const fn field(name: &'static str, holds: Holds, absent: Absent, doc: &'static str) -> Field {
    Field { name, holds, absent, doc }
}

use Absent::{Empty, Number, Text as Word, Unset};
use Holds::{Bool, Bytes, Int, Map, Millis, Records, Text, Texts};

/// A cluster; every rule sees it.
pub static CLUSTER: Shape = Shape {
    name: "cluster",
    anchor: "a-cluster",
    fields: &[
        field("name", Text, Word("example"), "Its name"),
        field("environment", Text, Empty, "Its environment"),
        field("labels", Texts, Empty, "More words that select it"),
        field("description", Text, Empty, "What it is for"),
        field("region", Text, Empty, "Where it runs"),
        field("cluster_id", Text, Empty, "The id that is pinned"),
        field("schema_registry", Text, Empty, "Its schema registry"),
        field("allow", Text, Word("safe"), "The most risk that apply takes without being told"),
        field("version", Text, Empty, "The brokers' version"),
        field("deployment", Text, Empty, "How the brokers are run"),
        field("authorizer", Text, Empty, "The authorizer"),
        field("brokers", Int, Number(0), "How many nodes serve clients"),
        field("racks", Texts, Empty, "The racks of the nodes, each once"),
        field("config", Map, Empty, "The brokers' configs, as the manifest writes them"),
    ],
};

/// A consumer of a topic.
pub static CONSUMER: Shape = Shape {
    name: "consumer",
    anchor: "a-consumer",
    fields: &[
        field("service", Text, Empty, "The service"),
        field("max_lag", Int, Unset, "The most records that it may be behind"),
        field("dlq", Bool, Empty, "Whether what it cannot process goes to a dead-letter topic"),
        field("retry", Bool, Empty, "Whether dead letters may be sent to a retry topic of its own"),
        field("parking", Bool, Empty, "Whether dead letters that came back too often go to a parking topic"),
        field("max_depth", Int, Unset, "The most dead letters that may wait"),
        field("max_age", Millis, Unset, "For how long the oldest of them may wait"),
        field("max_rate", Text, Empty, "How often one may arrive, as it is written: `10/min`"),
        field("max_ratio", Text, Empty, "The most that may fail of what the topic carries, as it is written: `1%`"),
    ],
};

/// A topic as it is on a cluster.
pub static TOPIC: Shape = Shape {
    name: "topic",
    anchor: "a-topic",
    fields: &[
        field("name", Text, Word("example"), "Its name"),
        field("domain", Text, Empty, "Its domain"),
        field("owner", Text, Empty, "The team that answers for it: its own, or its domain's"),
        field("class", Text, Empty, "Its class"),
        field("description", Text, Empty, "What one record means"),
        field("managed_by", Text, Word("busctl"), "Who creates and changes it"),
        field("key", Text, Empty, "What orders the records"),
        field("keyed", Bool, Empty, "Whether it has a key"),
        field("partitions", Int, Number(6), "Number of partitions"),
        field("replication_factor", Int, Number(3), "Number of replicas of each partition"),
        field("min_insync_replicas", Int, Unset, "`min.insync.replicas`"),
        field("retention", Millis, Unset, "`retention.ms`; -1 is without end"),
        field("retention_bytes", Bytes, Unset, "`retention.bytes`; -1 is without limit"),
        field("max_message_bytes", Bytes, Unset, "`max.message.bytes`"),
        field("cleanup", Texts, Empty, "`cleanup.policy`: delete, compact or both"),
        field("config", Map, Empty, "Every config that some layer sets, as Kafka writes it"),
        field("producers", Texts, Empty, "The services that write it"),
        field("consumers", Records(&CONSUMER), Empty, "The services that read it"),
        field("retention_rationale", Text, Empty, "Why records are kept as long as they are"),
        field("change_request", Text, Empty, "The change request that asked for it"),
        field("adr", Text, Empty, "The decision record behind a new major version"),
        field("deprecated_by", Text, Empty, "The topic that takes its place"),
        field("schemas", Texts, Empty, "The files of its schemas, from the workspace's root"),
    ],
};

/// One entry of access that a service is given on a cluster.
pub static GRANT: Shape = Shape {
    name: "grant",
    anchor: "a-grant",
    fields: &[
        field("service", Text, Empty, "The service or role that it belongs to"),
        field("owner", Text, Empty, "The team that answers for the service or role"),
        field("principal", Text, Empty, "Who: `User:CN=normalizer`"),
        field("resource", Text, Word("topic"), "What it is about: topic, group, transactional_id …"),
        field("name", Text, Empty, "The resource's name or prefix"),
        field("pattern", Text, Word("literal"), "How the name is meant: literal or prefixed"),
        field("operation", Text, Word("read"), "What may be done: read, write, describe …"),
        field("permission", Text, Word("allow"), "allow or deny"),
        field("host", Text, Word("*"), "From where; `*` is everywhere"),
    ],
};

/// A service of the catalog with what it asks for on a cluster.
pub static SERVICE: Shape = Shape {
    name: "service",
    anchor: "a-service",
    fields: &[
        field("name", Text, Word("example"), "Its name"),
        field("owner", Text, Empty, "The team that answers for it"),
        field("domain", Text, Empty, "The domain it belongs to"),
        field("kind", Text, Word("service"), "service, streams, connect or external"),
        field("description", Text, Empty, "What it does"),
        field("produces", Texts, Empty, "Topics that it writes"),
        field("consumes", Texts, Empty, "Topics that it reads"),
        field("groups", Texts, Empty, "Its consumer groups"),
        field("transactional_ids", Texts, Empty, "Its transactional ids; a trailing `*` makes a prefix"),
        field("produce_quota", Bytes, Unset, "Bytes that it may write to each broker in a second"),
        field("consume_quota", Bytes, Unset, "Bytes that it may read from each broker in a second"),
        field("approval", Text, Empty, "The approval of an external service"),
    ],
};

/// A field of a schema.
pub static SCHEMA_FIELD: Shape = Shape {
    name: "field",
    anchor: "a-field-of-a-schema",
    fields: &[
        field("path", Text, Empty, "Where it is: `customer.address.city`"),
        field("type", Text, Empty, "Its type as people write it: `null | string`"),
        field("doc", Text, Empty, "What it means"),
        field("default", Text, Unset, "Its default as JSON"),
        field("required", Bool, Empty, "Whether records must have it"),
    ],
};

/// A subject of a cluster's registry.
pub static SCHEMA: Shape = Shape {
    name: "schema",
    anchor: "a-schema",
    fields: &[
        field("subject", Text, Word("example-value"), "Its subject"),
        field("topic", Text, Empty, "The topic whose key or value it is for"),
        field("domain", Text, Empty, "The domain of that topic"),
        field("owner", Text, Empty, "The team that answers for it"),
        field("file", Text, Empty, "Its file, from the workspace's root"),
        field("format", Text, Word("avro"), "avro, json or protobuf"),
        field("compatibility", Text, Word("backward"), "The subject's compatibility level"),
        field("record", Text, Empty, "The full name of its record or message"),
        field("fields", Records(&SCHEMA_FIELD), Empty, "Its fields, those of records in it too"),
        field("references", Texts, Empty, "The subjects that it refers to"),
    ],
};

/// A field that a change touches.
pub static CHANGED_FIELD: Shape = Shape {
    name: "field",
    anchor: "a-field-that-changes",
    fields: &[
        field("name", Text, Empty, "The field: `partitions`, `config.retention.ms` …"),
        field("before", Text, Unset, "What it is, as the system writes it"),
        field("after", Text, Unset, "What it will be"),
    ],
};

/// A change of a plan.
pub static CHANGE: Shape = Shape {
    name: "change",
    anchor: "a-change",
    fields: &[
        field("address", Text, Word("topic/example"), "The resource: `topic/media.raw_ingest.v1`"),
        field(
            "kind",
            Text,
            Word("topic"),
            "topic, grant, schema, quota, scram-user, broker-config, client-config or records",
        ),
        field("name", Text, Word("example"), "What stands behind the kind"),
        field("owner", Text, Empty, "The team that answers for the resource, where the manifests tell"),
        field("action", Text, Word("update"), "create, update or delete"),
        field("risk", Text, Word("safe"), "safe, disruptive or destructive"),
        field("fields", Records(&CHANGED_FIELD), Empty, "What differs"),
        field("impact", Texts, Empty, "What it costs, in sentences"),
    ],
};
