//! What the loader finds while it reads, decodes and resolves manifests.

use crate::diag::Level;
use crate::policy::Content::{Text, Unreadable};
use crate::policy::{Check, Example, Rule};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

/// BUS001.
pub static INVALID_YAML: Rule = Rule {
    code: "BUS001",
    name: "invalid-yaml",
    summary: "A manifest is YAML 1.2",
    explanation: "A file that is not YAML declares nothing, and whatever other manifests say of it would look wrong. \
Documents of the same file that can be read are still checked. Where busctl.yaml is such a file, only rules are asked that it \
cannot change: nobody knows what it switches off, what it excepts and what its classes give. Aliases may be used, but a file that unfolds to more than \
200,000 values or is nested more than 64 levels deep is refused: such a file is a mistake or an attack. A merge conflict that \
was left in a file is told as such, in a schema, a kept version and a sample record too.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(TOPIC, Text("config: { max.message.bytes: 2MiB\n"))]),
    good: Example(&[(TOPIC, Text("config: { max.message.bytes: 2MiB }\n"))]),
    check: Check::Loader,
};

/// BUS002.
pub static UNREADABLE_FILE: Rule = Rule {
    code: "BUS002",
    name: "unreadable-file",
    summary: "Every file of the workspace can be read",
    explanation: "A folder where a file should be, a file that is not UTF-8, one that is larger than any manifest, a link \
that leads nowhere, in a circle or out of the workspace: what such a file says is not known, and a plan made without it could \
take away what it declares.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[("topics/media/media.ingested.v1.yaml", Unreadable("the file is not UTF-8: byte 12 is not valid"))]),
    good: Example(&[]),
    check: Check::Loader,
};

/// BUS003.
pub static DUPLICATE_KEY: Rule = Rule {
    code: "BUS003",
    name: "duplicate-key",
    summary: "A mapping has each key once",
    explanation: "YAML forbids duplicate keys, and readers that take them differ in which one wins. After a merge of two \
branches one of the two is often the old value.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(TOPIC, Text("partitions: 6\npartitions: 12\n"))]),
    good: Example(&[(TOPIC, Text("partitions: 12\n"))]),
    check: Check::Loader,
};

/// BUS004.
pub static UNKNOWN_KEY: Rule = Rule {
    code: "BUS004",
    name: "unknown-key",
    summary: "A manifest has only keys that mean something",
    explanation: "A key that is not known is a slip or belongs elsewhere. If it were ignored, the topic would silently be \
made without it.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(TOPIC, Text("partition: 12\n"))]),
    good: Example(&[(TOPIC, Text("partitions: 12\n"))]),
    check: Check::Loader,
};

/// BUS005.
pub static WRONG_TYPE: Rule = Rule {
    code: "BUS005",
    name: "wrong-type",
    summary: "A value has the type that its key takes",
    explanation: "Text is not turned into numbers or numbers into text, because YAML already reads `4.3`, `no` and `0123` \
in more ways than one. Quotes make a text of whatever they hold.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(TOPIC, Text("partitions: twelve\n"))]),
    good: Example(&[(TOPIC, Text("partitions: 12\n"))]),
    check: Check::Loader,
};

/// BUS006.
pub static BAD_VALUE: Rule = Rule {
    code: "BUS006",
    name: "bad-value",
    summary: "A value means something where it stands",
    explanation: "A unit that is not one, a word that is none of those listed, a number out of range, a name with \
characters that Kafka does not take. Durations and sizes carry their unit: `30d`, `2MiB`.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(TOPIC, Text("config: { max.message.bytes: 2mib }\n"))]),
    good: Example(&[(TOPIC, Text("config: { max.message.bytes: 2MiB }\n"))]),
    check: Check::Loader,
};

/// BUS007.
pub static MISSING_KEY: Rule = Rule {
    code: "BUS007",
    name: "missing-key",
    summary: "A manifest has the keys without which it means nothing",
    explanation: "Keys whose absence a rule of the bus forbids, such as a topic's description, have rules of their own; \
this one is about keys that the manifest cannot be read without.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(
        "catalog/domains.yaml",
        Text("domains:\n  catalog: { description: What viewers are offered. }\n"),
    )]),
    good: Example(&[(
        "catalog/domains.yaml",
        Text("domains:\n  catalog: { description: What viewers are offered., owner: media-platform }\n"),
    )]),
    check: Check::Loader,
};

/// BUS008.
pub static DECLARED_TWICE: Rule = Rule {
    code: "BUS008",
    name: "declared-twice",
    summary: "Everything is declared once",
    explanation: "Two manifests of one topic, cluster, service, domain, role or subject say two things, and which one \
holds would depend on the names of their files. A subject that two topics share (`strategy: record`) is declared by both, \
but with the same schema.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[("catalog/teams.yaml", Text("teams:\n  media-platform: { description: Takes assets in. }\n"))]),
    good: Example(&[("catalog/teams.yaml", Text("teams:\n  playback: { description: Serves streams to players. }\n"))]),
    check: Check::Loader,
};

/// BUS011.
pub static UNKNOWN_KIND: Rule = Rule {
    code: "BUS011",
    name: "unknown-kind",
    summary: "A document in `clusters/` is a cluster or a registry",
    explanation: "`clusters/` holds both kinds. A document with the key `cluster` is a cluster, one with the key \
`registry` a schema registry.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[("clusters/staging-registry.yaml", Text("registri: staging\nurl: https://registry.example.com\n"))]),
    good: Example(&[(
        "clusters/staging-registry.yaml",
        Text("registry: staging\nurl: https://registry.example.com\n"),
    )]),
    check: Check::Loader,
};
