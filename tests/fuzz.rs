//! What fuzzing has found worth keeping, tried with the properties that the fuzz targets try.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use busctl::schema::SchemaFormat;
use busctl::{diag, model, plan, policy, ports, render, resources, schema, source};

// What only clients of servers use is tried as the targets try it: from its sources.
#[path = "../src/adapters/kafka/answers.rs"]
#[allow(unused)]
mod answers;
#[path = "../src/adapters/certificate.rs"]
#[allow(unused)]
mod certificate;
#[path = "../src/adapters/oauth/claims.rs"]
mod claims;
#[path = "../fuzz/src/manifests.rs"]
mod manifests;
#[path = "../fuzz/src/outside.rs"]
mod outside;
#[path = "../fuzz/src/properties.rs"]
mod properties;
#[path = "../src/adapters/kafka/wire.rs"]
#[allow(unused)]
mod wire;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Tries every input that is kept of a target.
fn hold(name: &str, holds: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    let inputs = fs::read_dir(folder("fuzz/corpus").join(name)).unwrap();
    let mut inputs: Vec<PathBuf> = inputs.map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(inputs.len() > 15, "where is the corpus?");
    for input in inputs {
        let data = fs::read(&input).unwrap();
        if let Err(panic) = std::panic::catch_unwind(|| holds(&data)) {
            eprintln!("this was {}", input.display());
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn avro() {
    hold("avro", |data| properties::hold(SchemaFormat::Avro, data));
}

#[test]
fn json() {
    hold("json", |data| properties::hold(SchemaFormat::Json, data));
}

#[test]
fn manifests() {
    hold("manifests", manifests::hold);
}

#[test]
fn outside() {
    hold("outside", outside::hold);
}

#[test]
fn protobuf() {
    hold("protobuf", |data| properties::hold(SchemaFormat::Protobuf, data));
}

/// The name and version of each package in a lock file.
fn locked(path: &str) -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(folder(path)).unwrap();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in text.split("[[package]]\n").skip(1) {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            line.unwrap().trim_end_matches('"').to_owned()
        };
        versions.entry(value("name")).or_default().push(value("version"));
    }
    versions
}

#[test]
fn what_is_tried_is_built_from_the_same_libraries() {
    let (own, fuzzed) = (locked("Cargo.lock"), locked("fuzz/Cargo.lock"));
    assert!(fuzzed.contains_key("protox-parse"));
    for (name, versions) in fuzzed {
        let Some(own) = own.get(&name) else { continue };
        let differs = versions.iter().any(|version| !own.contains(version));
        assert!(!differs, "{name} {versions:?} is fuzzed, {own:?} is used: copy Cargo.lock to fuzz/ and build there");
    }
}
