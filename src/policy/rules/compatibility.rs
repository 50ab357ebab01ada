//! What a plan finds about the schemas that it registers behind others.

use crate::diag::Level;
use crate::policy::Content::{Answer, Live, Text};
use crate::policy::{Check, Example, Rule};

const SNAPSHOT: &str = "production.snapshot.json";
const CHECK: &str = "/compatibility/subjects/media.raw_ingest.v1-value/versions/latest";

/// A registry whose newest version has these fields, and a level.
macro_rules! registered {
    ($level:literal, $fields:literal) => {
        registered!($level, $fields, "")
    };
    ($level:literal, $fields:literal, $more:literal) => {
        concat!(
            r#"{
  "registry": {
    "known": {
      "info": { "compatibility": "BACKWARD", "mode": "READWRITE" },
      "subjects": {
        "media.raw_ingest.v1-value": {
          "latest": {
            "known": {
              "version": 3, "id": 7, "format": "AVRO", "references": [],
              "text": "{\"type\":\"record\",\"name\":\"RawIngest\",\"namespace\":\"example.media\",\"fields\":["#,
            $fields,
            r#"]}"
            }
          },
          "compatibility": { "known": ""#,
            $level,
            r#"" }
        }
      },
      "others": []
    }
  }"#,
            $more,
            "
}
"
        )
    };
}

/// The id was a number.
const BREAKING: &str = registered!("BACKWARD", r#"{\"name\":\"asset_id\",\"type\":\"long\"}"#);

/// There was a field more.
const HARMLESS: &str =
    registered!("BACKWARD", r#"{\"name\":\"asset_id\",\"type\":\"string\"},{\"name\":\"size\",\"type\":\"long\"}"#);

const COMPATIBLE: &str = "{ \"is_compatible\": true }\n";

/// BUS510.
pub static INCOMPATIBLE: Rule = Rule {
    code: "BUS510",
    name: "incompatible-schema",
    summary: "Consumers survive each version that is registered behind others",
    explanation: "Consumers and producers do not change at once: as long as both are there, one has another version of the \
schema than the other. The level of the subject says which side may be ahead. What is registered is compared with the \
versions that the registry has, at the level that will hold then: that of the manifests, which the plan sets first. The \
finding says what breaks for whom; where the level changes, it names both. Keep the change readable, as the finding \
proposes, or make a new major version of the topic (`busctl new version TOPIC`) and move its users there. A waiver does not \
change what the registry does: it refuses the version all the same.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(BREAKING))]),
    good: Example(&[(SNAPSHOT, Live(HARMLESS))]),
    check: Check::Live,
};

/// BUS511.
pub static REFUSED: Rule = Rule {
    code: "BUS511",
    name: "refused-by-registry",
    summary: "The registry takes what busctl finds compatible",
    explanation: "busctl decides as the Confluent registry does. Others have rules of their own: Apicurio 3 judges about a \
quarter of all changes of a JSON Schema otherwise, and a third of those of Protobuf. The registry that is there decides what \
is registered, so the plan asks it about each version that is to follow others, and nothing is applied that it would refuse. \
It is asked at the level that the subject has: where the plan sets another one first, its answer says nothing, and busctl \
alone decides.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (SNAPSHOT, Live(HARMLESS)),
        (CHECK, Answer("{ \"is_compatible\": false, \"messages\": [\"a field was removed\"] }\n")),
    ]),
    good: Example(&[(SNAPSHOT, Live(HARMLESS)), (CHECK, Answer(COMPATIBLE))]),
    check: Check::Live,
};

/// BUS512.
pub static ACCEPTED: Rule = Rule {
    code: "BUS512",
    name: "accepted-by-registry",
    summary: "The registry sees what busctl finds incompatible",
    explanation: "The registry decides, so the change may be applied; but it may look at less than the Confluent registry \
does, and consumers may break all the same. See whether yours survive what the finding names. Where the bus must not \
depend on it, raise the rule to an error: `rules: { BUS512: error }`.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(BREAKING)), (CHECK, Answer(COMPATIBLE))]),
    good: Example(&[(SNAPSHOT, Live(HARMLESS)), (CHECK, Answer(COMPATIBLE))]),
    check: Check::Live,
};

/// BUS513.
pub static NOT_COMPARED: Rule = Rule {
    code: "BUS513",
    name: "not-compared",
    summary: "Everything is compared that the level of a subject looks at",
    explanation: "A transitive level looks at all versions of a subject, and a version may refer to others. A version that \
is hidden, gone or no schema to busctl cannot be compared, and the finding says so instead of taking it for compatible. A \
snapshot has all versions of the subjects that were declared and had a transitive level, in the registry or in the manifests, \
when it was taken: take a new one where a manifest asks for more. Where the registry has compared them, the finding is for \
information.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        ("topics/media/media.raw_ingest.v1.yaml", Text("schema: { compatibility: backward_transitive }\n")),
        (
            SNAPSHOT,
            Live(registered!(
                "BACKWARD_TRANSITIVE",
                r#"{\"name\":\"id\",\"type\":\"null\"},{\"name\":\"asset_id\",\"type\":\"string\"}"#
            )),
        ),
    ]),
    good: Example(&[
        ("topics/media/media.raw_ingest.v1.yaml", Text("schema: { compatibility: backward_transitive }\n")),
        (
            SNAPSHOT,
            Live(registered!(
                "BACKWARD_TRANSITIVE",
                r#"{\"name\":\"id\",\"type\":\"null\"},{\"name\":\"asset_id\",\"type\":\"string\"}"#,
                r#",
  "versions": { "numbers": { "media.raw_ingest.v1-value": { "known": [3] } } }"#
            )),
        ),
    ]),
    check: Check::Live,
};

/// Whether a finding is of the comparison of a schema with what is registered.
pub fn is_of_registered(code: &str) -> bool {
    [&INCOMPATIBLE, &REFUSED, &ACCEPTED, &NOT_COMPARED].iter().any(|rule| rule.code == code)
}
