use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::model::{Bytes, ClusterName, Duration, Pattern, Percent, Principal, Rate, SecretRef, TopicName};
use crate::policy::{BASE, lay_over, rules};
use crate::resources::topic::config::decode_config;
use crate::resources::{WorkspaceFiles, load};
use crate::source::{Decoder, FileId, Node, Value, parse_yaml};

fn validator(kind: ManifestKind) -> Validator {
    jsonschema::draft7::new(&json_schema(kind)).expect("a schema of draft 7")
}

/// A document as an editor reads it.
fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Sequence(items) => items.iter().map(to_json).collect(),
        Value::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.value.to_string(), to_json(&entry.value))).collect()
        }
        Value::Scalar { text, .. } => match node.kind() {
            "nothing" => Json::Null,
            "a boolean" => Json::Bool(text.eq_ignore_ascii_case("true")),
            "an integer" => text.parse::<i64>().expect("an integer").into(),
            "a number" => text.parse::<f64>().expect("a number").into(),
            _ => Json::String(text.to_string()),
        },
    }
}

fn documents(path: &Path, text: &str) -> Vec<(ManifestKind, Node)> {
    let (documents, _) = parse_yaml(FileId(0), text);
    documents.into_iter().map(|node| (ManifestKind::of(path, |key| node.get(key).is_some()), node)).collect()
}

fn decodes(kind: ManifestKind, node: &Node) -> bool {
    let mut decoder = Decoder::default();
    let decoded = match kind {
        ManifestKind::Catalog => CatalogSpec::decode(node, &mut decoder).is_some(),
        ManifestKind::Cluster => ClusterSpec::decode(node, &mut decoder).is_some(),
        ManifestKind::Grants => GrantSpec::decode(node, &mut decoder).is_some(),
        ManifestKind::Registry => RegistrySpec::decode(node, &mut decoder).is_some(),
        ManifestKind::Settings => SettingsSpec::decode(node, &mut decoder).is_some(),
        ManifestKind::Subject => SubjectSpec::decode(node, &mut decoder).is_some(),
        ManifestKind::Topic => TopicSpec::decode(node, &mut decoder).is_some(),
        ManifestKind::Version => VersionSpec::decode(node, &mut decoder).is_some(),
    };
    decode_configs(node, &mut decoder);
    decoded && decoder.findings.is_empty()
}

/// Configs of topics are decoded where they are resolved.
fn decode_configs(node: &Node, decoder: &mut Decoder) {
    let Value::Mapping(entries) = &node.value else { return };
    for entry in entries.iter().filter(|entry| &*entry.key.value != "kafka") {
        match &entry.value.value {
            Value::Mapping(configs) if &*entry.key.value == "config" => {
                configs.iter().for_each(|config| drop(decode_config(&config.key, &config.value, decoder)));
            }
            _ => decode_configs(&entry.value, decoder),
        }
    }
}

fn read(root: &Path, path: &Path, files: &mut WorkspaceFiles) {
    let full = root.join(path);
    if full.is_dir() {
        let entries = std::fs::read_dir(full).expect("list").map(|entry| entry.expect("entry").file_name());
        entries.for_each(|name| read(root, &path.join(name), files));
    } else if path.extension().is_some_and(|extension| extension == "yaml") {
        files.texts.insert(path.to_owned(), Ok(std::fs::read_to_string(full).expect("text").into()));
    }
}

type Manifest = (PathBuf, ManifestKind, Node);

/// Every manifest of the sample and of the rules' examples.
fn manifests() -> Vec<Manifest> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sample = WorkspaceFiles::default();
    for start in ["busctl.yaml", "acls", "catalog", "clusters", "schemas", "topics"] {
        read(root, Path::new(start), &mut sample);
    }
    let examples = rules().iter().flat_map(|rule| [rule.bad, rule.good]).map(|example| lay_over(&example));
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for files in std::iter::once(sample).chain(examples) {
        for (path, text) in files.texts {
            let Ok(text) = text else { continue };
            let is_manifest = path.extension().is_some_and(|extension| extension == "yaml");
            if is_manifest && seen.insert((path.clone(), text.clone())) {
                found.extend(documents(&path, &text).into_iter().map(|(kind, node)| (path.clone(), kind, node)));
            }
        }
    }
    found
}

#[test]
fn what_the_loader_takes_its_schema_takes() {
    let validators: BTreeMap<_, _> = ManifestKind::WORDS.iter().map(|(_, kind)| (*kind, validator(*kind))).collect();
    let mut counted: BTreeMap<ManifestKind, usize> = BTreeMap::new();
    let mut refused = Vec::new();
    for (path, kind, node) in manifests() {
        if decodes(kind, &node) {
            *counted.entry(kind).or_default() += 1;
            let json = to_json(&node);
            let errors = validators[&kind].iter_errors(&json);
            refused.extend(errors.map(|error| format!("{}: {error} at {}", path.display(), error.instance_path())));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert_eq!(counted.len(), ManifestKind::WORDS.len(), "no manifest of some kind was tried: {counted:?}");
}

#[test]
fn schemas_are_of_draft_7_and_have_every_key_with_its_description() {
    for (word, kind) in ManifestKind::WORDS {
        assert_eq!(kind.as_str(), *word);
        let schema = json_schema(*kind);
        assert!(jsonschema::draft7::meta::is_valid(&schema), "{word}");
        let Shape::Mapping(mapping) = kind.shape() else { panic!("{word} is a mapping") };
        for field in &mapping.fields {
            let described = schema["properties"][field.key]["description"].as_str();
            assert!(described.is_some_and(|text| !text.is_empty()), "{word}: {}", field.key);
        }
        let definitions = schema["definitions"].as_object().cloned().unwrap_or_default();
        for (name, definition) in &definitions {
            let keys = definition["properties"].as_object().expect("properties");
            assert!(keys.values().all(|key| key["description"].is_string()), "{word}: {name}");
        }
    }
}

#[test]
fn a_key_may_be_without_a_value_where_it_may_be_left_out() {
    let topic = validator(ManifestKind::Topic);
    assert!(topic.is_valid(&json!({ "topic": "a.b.v1", "class": null, "schema": null, "producers": null })));
    assert!(topic.is_valid(&json!({ "topic": "a.b.v1", "state": null, "partitions": null })));
    assert!(!topic.is_valid(&json!({ "topic": null })));
}

#[test]
fn what_is_plainly_wrong_is_refused() {
    let topic = validator(ManifestKind::Topic);
    let with = |key: &str, value: Json| {
        let mut manifest = json!({ "topic": "a.b.v1" });
        manifest[key] = value;
        topic.is_valid(&manifest)
    };
    assert!(with("partitions", json!(3)) && !with("partitions", json!("3")) && !with("partitions", json!(-1)));
    assert!(with("config", json!({ "retention.ms": "30d" })) && !with("config", json!({ "retention.ms": "30 dogs" })));
    assert!(with("config", json!({ "confluent.tier.enable": "true" })));
    assert!(with("consumers", json!(["a", { "service": "b", "dlq": true }])) && !with("consumers", json!([{}])));
    let settings = validator(ManifestKind::Settings);
    assert!(settings.is_valid(&json!({ "version": 1 })) && !settings.is_valid(&json!({ "version": 2 })));
    assert!(!with("partitons", json!(3)) && !with("state", json!("gone")) && with("state", json!("absent")));
}

#[test]
fn a_modeline_leads_from_a_manifest_to_its_schema() {
    let path = Path::new("topics/media/media.raw_ingest.v1.yaml");
    let line = "# yaml-language-server: $schema=../../docs/schemas/manifests/topic.schema.json\n";
    assert_eq!(modeline(ManifestKind::Topic, path), line);
    let files = |documents: &[&str]| WorkspaceFiles {
        texts: BASE.iter().map(|(path, text)| (PathBuf::from(path), Ok((*text).into()))).collect(),
        documents: documents.iter().map(PathBuf::from).collect(),
    };
    let write = |documents: &[&str], text: &str| {
        with_modeline(&load(files(documents)).0, ManifestKind::Topic, path, text.to_owned())
    };
    assert_eq!(write(&[], "topic: a\n"), "topic: a\n");
    let kept = &["docs/schemas/manifests/topic.schema.json"];
    assert_eq!(write(kept, "topic: a\n"), format!("{line}topic: a\n"));
    assert_eq!(write(kept, &format!("{line}topic: a\n")), format!("{line}topic: a\n"));
}

/// A value of another form than the one that stands there.
fn other_form(node: &Node, choice: usize) -> Json {
    let forms = [json!({ "unexpected": 1 }), json!([["unexpected"]]), json!("\u{0}"), json!(-7), json!(true)];
    let same = |form: &Json| match &node.value {
        Value::Mapping(_) => form.is_object(),
        Value::Sequence(_) => form.is_array(),
        Value::Scalar { .. } => false,
    };
    let others: Vec<_> = forms.into_iter().filter(|form| !same(form)).collect();
    others[choice % others.len()].clone()
}

/// Puts something wrong into a document: at the place that `at` chooses, an unknown key or a value of another form.
fn spoil(node: &Node, json: &mut Json, at: &mut usize, choice: usize) -> bool {
    if *at == 0 {
        match json {
            Json::Object(object) if choice.is_multiple_of(2) => drop(object.insert("no_such_key".into(), json!("x"))),
            json => *json = other_form(node, choice),
        }
        return true;
    }
    *at -= 1;
    match (&node.value, json) {
        (Value::Mapping(entries), Json::Object(object)) => entries
            .iter()
            .any(|entry| object.get_mut(&*entry.key.value).is_some_and(|json| spoil(&entry.value, json, at, choice))),
        (Value::Sequence(items), Json::Array(array)) => {
            items.iter().zip(array).any(|(item, json)| spoil(item, json, at, choice))
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn what_a_schema_refuses_the_loader_refuses(manifest in any::<prop::sample::Index>(), at in 0_usize..60, choice in 0_usize..10) {
        thread_local! {
            static KNOWN: (Vec<Manifest>, BTreeMap<ManifestKind, Validator>) =
                (manifests(), ManifestKind::WORDS.iter().map(|(_, kind)| (*kind, validator(*kind))).collect());
        }
        KNOWN.with(|(manifests, validators)| {
            let (_, kind, node) = manifest.get(manifests);
            let mut json = to_json(node);
            spoil(node, &mut json, &mut { at }, choice);
            // JSON is YAML too.
            let (documents, _) = parse_yaml(FileId(0), &json.to_string());
            let decodes = documents.first().is_some_and(|node| decodes(*kind, node));
            prop_assert!(!decodes || validators[kind].is_valid(&json), "{}: {json}", kind.as_str());
            Ok(())
        })?;
    }

    #[test]
    fn what_is_parsed_matches_its_pattern(text in "[0-9._ ]{0,3}(ms|s|m|min|h|d|w|B|[KMGTP]iB|k?B|MB)?(/s|%)?|-1|forever|[a-z.*:{}%+-]{0,6}|(env|file|vault):[a-z#]{0,2}") {
        fn holds<T: Decode + std::str::FromStr>(text: &str) -> Result<(), TestCaseError> {
            let Shape::Scalar(scalar) = T::shape() else { panic!("a scalar") };
            let pattern = scalar.pattern.expect("a pattern");
            let matches = jsonschema::draft7::is_valid(&json!({ "pattern": pattern }), &json!(text));
            prop_assert!(matches || text.parse::<T>().is_err(), "{text:?} is parsed and does not match {pattern}");
            Ok(())
        }
        holds::<Duration>(&text)?;
        holds::<Bytes>(&text)?;
        holds::<Rate>(&text)?;
        holds::<Percent>(&text)?;
        holds::<TopicName>(&text)?;
        holds::<ClusterName>(&text)?;
        holds::<Pattern>(&text)?;
        holds::<Principal>(&text)?;
        holds::<SecretRef>(&text)?;
    }
}
