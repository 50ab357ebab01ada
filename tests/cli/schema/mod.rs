//! Schemas by themselves: files, histories, and many pairs.

mod check;
mod diff;
mod normalize;
mod opinion;
mod pairs;
mod references;

use crate::support::workspace::{Run, Scratch};

const OLD: &str = r#"{"type": "record", "name": "Track", "fields": [{"name": "id", "type": "string"}]}"#;
const NEW: &str = r#"{
  "type": "record",
  "name": "Track",
  "fields": [
    { "name": "id", "type": "string" },
    { "name": "bitrate", "type": "int" }
  ]
}
"#;

fn scratch() -> Scratch {
    Scratch::with(&[("old.avsc", OLD), ("new.avsc", NEW)])
}

fn check(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["schema", "check"], arguments].concat())
}
