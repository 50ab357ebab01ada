//! The bus that the repository carries has what a real one has, so that trying it tries everything.

use std::collections::BTreeSet;
use std::path::Path;

use busctl::adapters::disk;
use busctl::resources::{Desired, Workspace, load};
use busctl::schema::SchemaFormat;

fn workspace() -> Workspace {
    let (workspace, findings) = load(disk::read_workspace(Path::new(env!("CARGO_MANIFEST_DIR"))));
    assert!(findings.is_empty(), "{findings:#?}");
    workspace
}

#[test]
fn three_clusters_of_which_two_survive_the_loss_of_a_rack() {
    let workspace = workspace();
    let names: Vec<_> = workspace.clusters.keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["dev", "production", "staging"]);
    for cluster in workspace.clusters.values() {
        assert!(cluster.schema_registry.is_some());
        let kafka = cluster.kafka.as_ref().unwrap();
        if cluster.is_local() {
            assert_eq!(kafka.nodes.len(), 1);
            continue;
        }
        let racks: BTreeSet<_> = kafka.nodes.iter().map(|node| node.rack.as_ref().unwrap().to_string()).collect();
        assert_eq!((kafka.nodes.len(), racks.len()), (3, 3));
        let listeners: BTreeSet<_> = kafka.listeners.keys().map(|name| &*name.value).collect();
        for listener in ["INTERNAL_TLS", "CLIENT_TLS", "EDGE_TLS"] {
            assert!(listeners.contains(listener), "{listeners:?}");
        }
        assert!(kafka.storage.is_some());
    }
}

#[test]
fn every_kind_of_topic_schema_and_client_is_there() {
    let workspace = workspace();
    for topic in
        ["media.raw_ingest.v1", "media.ingested.v1", "media.metadata_snapshot.v1", "media.raw_ingest.v1.normalizer.dlq"]
    {
        assert!(workspace.topics.contains_key(topic), "{topic}");
    }
    let classes: BTreeSet<_> =
        workspace.topics.values().filter_map(|topic| topic.class.as_ref()).map(|class| class.to_string()).collect();
    assert!(["raw", "processed", "audit", "state", "dlq"].iter().all(|class| classes.contains(*class)), "{classes:?}");
    let owners: BTreeSet<_> = workspace.topics.values().filter_map(|topic| workspace.owner_of(topic)).collect();
    assert!(workspace.catalog.domains.len() > 1 && owners.len() > 1, "{owners:?}");
    let grants = || workspace.grants.values();
    assert!(grants().any(|grant| grant.streams.is_some()));
    assert!(grants().any(|grant| grant.connect.is_some()));
    assert!(grants().any(|grant| grant.external.is_some()));

    for cluster in workspace.clusters.values() {
        let (desired, _) = Desired::resolve(&workspace, cluster);
        let formats: BTreeSet<_> = desired.subjects.values().map(|subject| subject.format.as_str()).collect();
        assert_eq!(formats.len(), 3, "{formats:?}");
        assert!(desired.subjects.values().any(|subject| !subject.references.is_empty()));
        // Each value has a schema, and in Avro each field its documentation.
        for (subject, schema) in &desired.subjects {
            if schema.format == SchemaFormat::Avro {
                let json: serde_json::Value = serde_json::from_str(&schema.text).unwrap();
                assert_documented(subject.as_str(), &json);
            }
        }
    }
}

#[test]
fn schemas_of_two_formats_have_a_history_and_a_topic_a_major_version_after_it() {
    let workspace = workspace();
    for (path, earlier) in
        [("schemas/media/media.raw_ingest.v1.avsc", [1, 2]), ("schemas/playback/playback.event.v1.proto", [1, 2])]
    {
        let numbers: Vec<_> = workspace.schemas.earlier(Path::new(path)).iter().map(|version| version.number).collect();
        assert_eq!(numbers, earlier, "{path}");
    }
    assert!(["catalog.title.v1", "catalog.title.v2"].iter().all(|topic| workspace.topics.contains_key(*topic)));
}

/// Fails where a record's field has no `doc`.
fn assert_documented(subject: &str, schema: &serde_json::Value) {
    match schema {
        serde_json::Value::Array(branches) => branches.iter().for_each(|branch| assert_documented(subject, branch)),
        serde_json::Value::Object(keys) => {
            for field in keys.get("fields").and_then(serde_json::Value::as_array).into_iter().flatten() {
                assert!(field["doc"].is_string(), "{subject}: {field}");
                assert_documented(subject, &field["type"]);
            }
            for inner in ["type", "items", "values"] {
                keys.get(inner).into_iter().for_each(|inner| assert_documented(subject, inner));
            }
        }
        _ => {}
    }
}
