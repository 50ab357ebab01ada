//! Contract tests: sample records and the versions that consumers have.

mod checklist;
mod readings;
mod registry;
mod rules;
mod samples;

use serde_json::Value;

use crate::support::workspace::{Run, Scratch};

const TOPIC: &str = "topic: media.track.v1\n";

/// A record schema with these fields.
fn avro(fields: &str) -> String {
    format!(
        r#"{{
  "type": "record",
  "name": "Track",
  "namespace": "media",
  "fields": [
    {fields}
  ]
}}
"#
    )
}

const ID: &str = r#"{ "name": "id", "type": "string" }"#;

/// A topic whose schema has these versions, the last of them the present one, with these samples.
fn history(versions: &[&str], samples: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::with(&[("topics/track.yaml", TOPIC)]);
    let (present, earlier) = versions.split_last().unwrap();
    for (index, version) in earlier.iter().enumerate() {
        scratch.write(&format!("schemas/media/versions/media.track.v1/{}.avsc", index + 1), version);
    }
    scratch.write("schemas/media/media.track.v1.avsc", present);
    for (name, text) in samples {
        scratch.write(&format!("schemas/media/fixtures/media.track.v1/{name}"), text);
    }
    scratch
}

fn test(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["schema", "test"], arguments].concat())
}

/// Code and level of each finding.
fn found(scratch: &Scratch) -> Vec<String> {
    let run = test(scratch, &["--format", "json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let findings = document["findings"].as_array().unwrap().iter();
    findings.map(|found| format!("{} {}", found["code"].as_str().unwrap(), found["level"].as_str().unwrap())).collect()
}
