use crate::diag::Level;
use crate::policy::Content::{self, Text};
use crate::policy::{Check, Example, Rule};
use crate::schema::Kind;

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const AVRO: &str = "schemas/media/media.raw_ingest.v1.avsc";
const PROTOBUF: &str = "schemas/media/media.raw_ingest.v1.proto";
const NO_AVRO: (&str, Content) = (AVRO, Text(""));

/// The rule that an opinion breaks.
pub(super) fn rule_of(kind: Kind) -> &'static Rule {
    match kind {
        Kind::Wire => &PROTOBUF_WIRE,
        Kind::WireJson => &PROTOBUF_JSON,
        Kind::Source => &PROTOBUF_SOURCE,
        Kind::Names => &NAMES,
        Kind::Values => &VALUES,
        Kind::Meaning => &MEANING,
    }
}

const EARLIER_PROTOBUF: (&str, Content) = (
    "schemas/media/versions/media.raw_ingest.v1/1.proto",
    message!("// The asset's id.", "string asset_id = 1;", "// Its title.", "string title = 2;"),
);

/// BUS311.
pub static PROTOBUF_WIRE: Rule = Rule {
    code: "BUS311",
    name: "protobuf-wire",
    summary: "A change of a Protobuf schema that the registry takes misreads no record",
    explanation: "The registry lets pass what the binary encoding does not survive: a number that is given to another field, \
a type that takes some values for others, members of a oneof that can be set together. The present schema is compared with the \
newest of its earlier versions below `versions/`, and what one may regret is a warning with a code of its own, in the manner of \
`buf`. How far this goes is said by `compatibility`: `wire`, `wire-json` (the default) or `source`, alone or in a list with the \
level, such as `[backward, source]`. What BUS307 finds is not repeated.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[NO_AVRO, EARLIER_PROTOBUF, (PROTOBUF, message!("// The asset's id.", "string asset_id = 1;"))]),
    good: Example(&[
        NO_AVRO,
        EARLIER_PROTOBUF,
        (PROTOBUF, message!("reserved 2;", r#"reserved "title";"#, "// The asset's id.", "string asset_id = 1;")),
    ]),
    check: Check::Earlier("BUS301"),
};

/// BUS312.
pub static PROTOBUF_JSON: Rule = Rule {
    code: "BUS312",
    name: "protobuf-json",
    summary: "A change of a Protobuf schema that the registry takes misreads no record in JSON",
    explanation: "In JSON a record has names where its binary encoding has numbers: a field or a value of an enum that is \
renamed is found no more by whoever reads records as JSON, as REST proxies, stream processors and sinks do. The category is \
`wire-json`; see BUS311.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        NO_AVRO,
        EARLIER_PROTOBUF,
        (PROTOBUF, message!("// The asset's id.", "string asset_id = 1;", "// Its title.", "string name = 2;")),
    ]),
    good: Example(&[
        NO_AVRO,
        EARLIER_PROTOBUF,
        (
            PROTOBUF,
            message!(
                "// The asset's id.",
                "string asset_id = 1;",
                "// Its title.",
                r#"string name = 2 [json_name = "title"];"#
            ),
        ),
    ]),
    check: Check::Earlier("BUS301"),
};

/// BUS313.
pub static PROTOBUF_SOURCE: Rule = Rule {
    code: "BUS313",
    name: "protobuf-source",
    summary: "A change of a Protobuf schema leaves the code that is generated from it as it is",
    explanation: "A field that is renamed, an enum that is gone or another `java_package` harms no record, but code that uses \
it no longer compiles. Teams that share generated code ask for this with the category `source`; see BUS311.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        NO_AVRO,
        EARLIER_PROTOBUF,
        (TOPIC, Text("schema: { compatibility: [backward, source] }\n")),
        (
            PROTOBUF,
            message!(
                "// The asset's id.",
                "string asset_id = 1;",
                "// Its title.",
                r#"string name = 2 [json_name = "title"];"#
            ),
        ),
    ]),
    good: Example(&[
        NO_AVRO,
        EARLIER_PROTOBUF,
        (TOPIC, Text("schema: { compatibility: [backward, source] }\n")),
        (
            PROTOBUF,
            message!(
                "// The asset's id.",
                "string asset_id = 1;",
                "// Its title.",
                "string title = 2;",
                "// Its bytes.",
                "int64 size = 3;"
            ),
        ),
    ]),
    check: Check::Earlier("BUS301"),
};

const EARLIER_AVRO: (&str, Content) = (
    "schemas/media/versions/media.raw_ingest.v1/1.avsc",
    record!(
        r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
        r#"{ "name": "title", "type": "string", "default": "", "doc": "Its title; empty where it has none." }"#,
        r#"{ "name": "kind", "doc": "What it is.",
      "type": { "type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "FILM", "TRAILER"], "default": "UNKNOWN" } }"#
    ),
);

/// BUS314.
pub static NAMES: Rule = Rule {
    code: "BUS314",
    name: "schema-names",
    summary: "What records have under a name is found under it",
    explanation: "In Avro and JSON Schema a field is its name. One that is renamed without the old name as an alias is a new \
field to the registry, and where it has a default, nothing is refused: what records have in it is lost without an error. The \
same happens where an alias is removed while there are records of its time, and a changed namespace stops clients that are \
not written in Java. JSON Schema has no aliases: keep the old property beside the new one for a while. With the category \
`source` fields that are gone are found too; see BUS311 for the categories and what is compared.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        EARLIER_AVRO,
        (
            AVRO,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "name", "type": "string", "default": "", "doc": "Its title; empty where it has none." }"#,
                r#"{ "name": "kind", "doc": "What it is.",
      "type": { "type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "FILM", "TRAILER"], "default": "UNKNOWN" } }"#
            ),
        ),
    ]),
    good: Example(&[
        EARLIER_AVRO,
        (
            AVRO,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "name", "aliases": ["title"], "type": "string", "default": "",
      "doc": "Its title; empty where it has none." }"#,
                r#"{ "name": "kind", "doc": "What it is.",
      "type": { "type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "FILM", "TRAILER"], "default": "UNKNOWN" } }"#
            ),
        ),
    ]),
    check: Check::Earlier("BUS301"),
};

/// BUS315.
pub static VALUES: Rule = Rule {
    code: "BUS315",
    name: "schema-values",
    summary: "What records have is neither replaced by a default, nor rounded, nor refused where the registry does not look",
    explanation: "An enum with a default lets the registry pass any symbol that is removed: records that have it are read as \
the default, and nobody notices. Whole numbers are rounded where a field becomes a `float` or `double`, and a default that is \
removed leaves older records unreadable. In JSON Schema the registry takes a default for a property that becomes required, \
which no validator does, and looks at neither `format` nor `const`, nor into `contains`, \
`propertyNames`, `if` and patterns; what validators refuse there it takes. See BUS311 for the categories and what is compared.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        EARLIER_AVRO,
        (
            AVRO,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "title", "type": "string", "default": "", "doc": "Its title; empty where it has none." }"#,
                r#"{ "name": "kind", "doc": "What it is.",
      "type": { "type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "FILM"], "default": "UNKNOWN" } }"#
            ),
        ),
    ]),
    good: Example(&[
        EARLIER_AVRO,
        (
            AVRO,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "title", "type": "string", "default": "", "doc": "Its title; empty where it has none." }"#,
                r#"{ "name": "kind", "doc": "What it is. TRAILER: nobody writes it any more.",
      "type": { "type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "FILM", "TRAILER"], "default": "UNKNOWN" } }"#
            ),
        ),
    ]),
    check: Check::Earlier("BUS301"),
};

/// BUS316.
pub static MEANING: Rule = Rule {
    code: "BUS316",
    name: "schema-meaning",
    summary: "The same record means what it meant",
    explanation: "The registry compares what can be read, not what it means. Another default changes what records say that \
lack the field; `timestamp-millis` that becomes `timestamp-micros`, a decimal with another scale, another `unit` or `format` \
change what every record says that was ever written. A new meaning is a new field. See BUS311 for the categories and what is \
compared.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        EARLIER_AVRO,
        (
            AVRO,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "title", "type": "string", "default": "untitled", "doc": "Its title." }"#,
                r#"{ "name": "kind", "doc": "What it is.",
      "type": { "type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "FILM", "TRAILER"], "default": "UNKNOWN" } }"#
            ),
        ),
    ]),
    good: Example(&[
        EARLIER_AVRO,
        (
            AVRO,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "title", "type": "string", "default": "", "doc": "Its title; empty where it has none or nobody knows it." }"#,
                r#"{ "name": "kind", "doc": "What it is.",
      "type": { "type": "enum", "name": "Kind", "symbols": ["UNKNOWN", "FILM", "TRAILER"], "default": "UNKNOWN" } }"#
            ),
        ),
    ]),
    check: Check::Earlier("BUS301"),
};
