//! What sample records keep to: the rules of contract tests, which `schema test` runs.

use crate::diag::Level;
use crate::policy::Content::{self, Text};
use crate::policy::{Check, Example, Rule};

const FILE: &str = "schemas/media/media.raw_ingest.v1.avsc";
const EARLIER: &str = "schemas/media/versions/media.raw_ingest.v1/1.avsc";
const SAMPLE: &str = "schemas/media/fixtures/media.raw_ingest.v1/plain.json";

/// Where versions are not compared, nothing else is found than what samples show.
const UNCOMPARED: (&str, Content) =
    ("topics/media/media.raw_ingest.v1.yaml", Text("schema: { compatibility: none }\n"));

/// The schema of the base as an earlier version.
const FIRST: (&str, Content) = (
    EARLIER,
    Text(
        r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The asset's id." }]
}
"#,
    ),
);

const WITH_SIZE: Content = record!(
    r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
    r#"{ "name": "size", "type": "long", "default": -1, "doc": "Its bytes; -1 where nobody counted them." }"#
);
const SIZE_IS_REQUIRED: Content = record!(
    r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
    r#"{ "name": "size", "type": "long", "doc": "Its bytes." }"#
);
const WITH_BYTES: Content = record!(
    r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
    r#"{ "name": "bytes", "type": "long", "default": -1, "doc": "Its bytes; -1 where nobody counted them." }"#
);
const WITH_ALIAS: Content = record!(
    r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
    r#"{ "name": "bytes", "aliases": ["size"], "type": "long", "default": -1, "doc": "Its bytes; -1 where nobody counted them." }"#
);
const FORMATS: Content = record!(
    r#"{ "name": "format", "doc": "How it is stored.",
      "type": { "type": "enum", "name": "Format", "symbols": ["OTHER", "WAV", "FLAC"], "default": "OTHER" } }"#
);
const FEWER_FORMATS: Content = record!(
    r#"{ "name": "format", "doc": "How it is stored.",
      "type": { "type": "enum", "name": "Format", "symbols": ["OTHER", "WAV"], "default": "OTHER" } }"#
);

const RECORD: Content = Text("{ \"asset_id\": \"a-2\" }\n");
const OLD: Content = Text("{ \"asset_id\": \"a-1\", \"size\": 4096 }\n");
const NEW_SAMPLE: (&str, Content) =
    ("schemas/media/fixtures/media.raw_ingest.v1/with-size.json", Text("{ \"asset_id\": \"a-2\", \"size\": 4096 }\n"));
const BYTES_SAMPLE: (&str, Content) = (
    "schemas/media/fixtures/media.raw_ingest.v1/with-bytes.json",
    Text("{ \"asset_id\": \"a-2\", \"bytes\": 4096 }\n"),
);

/// BUS320.
pub static MISFIT: Rule = Rule {
    code: "BUS320",
    name: "sample-fits",
    summary: "A sample record is of a version of its schema",
    explanation: "A record in `schemas/DOMAIN/fixtures/TOPIC/` is a record that producers have written or will write, so \
it fits a version exactly: for Avro and Protobuf each field of the record is one of the schema, and for Avro each field of \
the schema is there, whether or not it has a default. `NAME.v2.json` says which version it was written for; another file \
may be of each one that it fits. `NAME.key.json` is a key.

Avro's values are written as in Avro's JSON encoding, `{\"string\": \"x\"}` for a branch of a union, or by themselves where only \
one branch takes them. Bytes and fixed are strings of the characters U+0000 to U+00FF; logical types are written as what \
they are made of, such as milliseconds. Protobuf is written in its JSON form, as the first message of the file.

Where a record fitted until the schema was changed, it is the schema that broke: a record that was written stays as it is. \
Keep the version that it is of (`busctl schema keep`), so that it is read with the new one, or take the change back.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(SAMPLE, Text("{ \"asset_id\": 7 }\n"))]),
    good: Example(&[(SAMPLE, Text("{ \"asset_id\": \"7\" }\n"))]),
    check: Check::Samples,
};

/// BUS321.
pub static UNREADABLE: Rule = Rule {
    code: "BUS321",
    name: "sample-is-read",
    summary: "Consumers read every sample record that was written before",
    explanation: "The record is encoded with the version that it was written for, or with each one that it fits where its \
name says none, and decoded with every later one, for topics keep old records and consumers move on. Where the subject's level is forward or full, it is decoded with the earlier \
versions of which the level speaks, too: producers may be ahead. What the level does not promise (none, and later versions \
under forward) is a warning, unless `rules:` gives one level to all.

For Avro, what decides is what Apache Avro for Java makes of the bytes. Where it disagrees with the compatibility of the \
schemas, it is because the record at hand does not have what would break, or because the comparison knows names less well \
than the decoder.

A value of Protobuf that comes in the encoding of another type than its field has in the reader, text for a number or several \
packed numbers for one, is lost without an error: most consumers take it for a field that they do not know. Some refuse the \
record.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[UNCOMPARED, FIRST, (FILE, SIZE_IS_REQUIRED), NEW_SAMPLE]),
    good: Example(&[UNCOMPARED, FIRST, (FILE, WITH_SIZE), NEW_SAMPLE]),
    check: Check::Samples,
};

/// BUS322.
pub static ALTERED: Rule = Rule {
    code: "BUS322",
    name: "sample-is-read-as-written",
    summary: "Consumers see what was written",
    explanation: "Nothing fails here, and consumers still see something else than was written: a symbol that their enum \
does not have became its default, a number was rounded, bytes that are no UTF-8 were read as text, an enum of Protobuf has a \
value that they do not know, or fields or values of an enum have each other's numbers.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        UNCOMPARED,
        (EARLIER, FORMATS),
        (FILE, FEWER_FORMATS),
        (SAMPLE, Text("{ \"format\": \"FLAC\" }\n")),
    ]),
    good: Example(&[UNCOMPARED, (EARLIER, FORMATS), (FILE, FORMATS), (SAMPLE, Text("{ \"format\": \"FLAC\" }\n"))]),
    check: Check::Samples,
};

/// BUS323.
pub static RENAMED: Rule = Rule {
    code: "BUS323",
    name: "renamed-without-alias",
    summary: "A field that was renamed keeps its old name as an alias",
    explanation: "A field that was written is not read, and a field of the same type that only the reader has came back as \
its default. Readers find a renamed field by its `aliases` (Avro) or by its number (Protobuf); without, all old records lose \
its value, and no comparison of schemas objects. Where it is no renaming but one field that went and another that came, \
nothing is wrong.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[UNCOMPARED, (EARLIER, WITH_SIZE), (FILE, WITH_BYTES), (SAMPLE, OLD), BYTES_SAMPLE]),
    good: Example(&[UNCOMPARED, (EARLIER, WITH_SIZE), (FILE, WITH_ALIAS), (SAMPLE, OLD), BYTES_SAMPLE]),
    check: Check::Samples,
};

/// BUS324.
pub static NOT_SHOWN: Rule = Rule {
    code: "BUS324",
    name: "change-has-a-sample",
    summary: "A change of a schema comes with a sample record that shows it",
    explanation: "The schema takes records that the version before did not, and no sample is one of them, so that nothing \
tells whether consumers survive what is new. Write one: with the new field, the new symbol, the new branch. A change that \
only takes something away needs none. Where a sample is of no version, that is told first: it may be the one.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[FIRST, (FILE, WITH_SIZE)]),
    good: Example(&[FIRST, (FILE, WITH_SIZE), NEW_SAMPLE]),
    check: Check::Samples,
};

/// BUS325.
pub static NO_SAMPLE: Rule = Rule {
    code: "BUS325",
    name: "schema-has-samples",
    summary: "A schema has sample records",
    explanation: "Without a record in `schemas/DOMAIN/fixtures/TOPIC/` nothing is tested. One that is taken from a real \
topic, with its personal data replaced, is worth more than one that is made up.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SAMPLE, Text(""))]),
    good: Example(&[]),
    check: Check::Samples,
};

/// BUS326.
pub static NO_SCHEMA: Rule = Rule {
    code: "BUS326",
    name: "sample-has-a-schema",
    summary: "Sample records belong to a topic or subject with a schema",
    explanation: "Records that stand elsewhere are tested with nothing: in a folder that is called like nothing that has a schema, \
or whose topic has none in the folder of its domain; in a further folder below; keys where the keys have no schema, and values \
where the values have none; in a file that does not end with `.json`, in small letters. The place is \
`schemas/DOMAIN/fixtures/TOPIC/NAME.json`, named after the topic, or after the file of the subject's schema.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[("schemas/media/fixtures/media.raw_ingset.v1/another.json", RECORD)]),
    good: Example(&[("schemas/media/fixtures/media.raw_ingest.v1/another.json", RECORD)]),
    check: Check::Samples,
};
