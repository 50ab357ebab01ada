//! What one cluster lacks of another, by the manifests.

use std::collections::BTreeSet;

use crate::support::workspace::{Scratch, assert_valid};

/// The workspace of the rules' examples with a second cluster, and a topic that is on trial there.
fn scratch() -> Scratch {
    let scratch = Scratch::with(busctl::policy::BASE);
    let production = scratch.read("clusters/production.yaml");
    let staging =
        production.replace("production", "staging").replace("KjaDqFKeSJGm-ebAeEki8g", "Y6vYuAFVQC-CaH-M0SG04Q");
    scratch.write("clusters/staging.yaml", staging);
    let topic = scratch.read("topics/media/media.raw_ingest.v1.yaml");
    let trial =
        topic.replace("raw_ingest", "poster").replace("class: raw", "clusters: [staging] # a trial\nclass: raw");
    scratch.write("topics/media/media.poster.v1.yaml", trial);
    let schema = scratch.read("schemas/media/media.raw_ingest.v1.avsc").replace("RawIngest", "Poster");
    scratch.write("schemas/media/media.poster.v1.avsc", schema);
    scratch.edit("acls/ingest-gateway.yaml", "[media.raw_ingest.v1]", "[media.raw_ingest.v1, media.poster.v1]");
    scratch.edit("acls/normalizer.yaml", "[media.raw_ingest.v1]", "[media.raw_ingest.v1, media.poster.v1]");
    let topic = topic + "overrides: { staging: { partitions: 12 } } # more\n";
    scratch.write("topics/media/media.raw_ingest.v1.yaml", topic);
    scratch
        .write("busctl.yaml", scratch.read("busctl.yaml") + "rules: { BUS203: { default: warn, staging: error } }\n");
    scratch.run(&["validate"]).ended(0);
    scratch
}

#[test]
fn what_is_lacking_is_shown_and_written() {
    let scratch = scratch();
    let before = scratch.read("busctl.yaml");
    let promote = ["promote", "staging", "production"];
    let run = scratch.run(&promote).ended(0);
    insta::assert_snapshot!(run.out, @r"
    production lacks of staging:
      topic/media.poster.v1 clusters: staging  topics/media/media.poster.v1.yaml:2:12
      topic/media.raw_ingest.v1 partitions: 12, it has 6  topics/media/media.raw_ingest.v1.yaml:9:37
      rule/BUS203 level: error, it has warn  busctl.yaml:5:44

    production lacks 3 things of staging, in 3 files; --write writes it.
    ");
    assert_eq!(scratch.read("busctl.yaml"), before);
    assert_valid("promote.schema.json", &scratch.run(&[&promote[..], &["--format", "json"]].concat()).ended(0).json());
    scratch.run(&[&promote[..], &["--detailed-exitcode"]].concat()).ended(2);
    scratch
        .run(&[&promote[..], &["--format", "markdown"]].concat())
        .ended(0)
        .shows(&["| lacks | rule/BUS203 level", "`busctl.yaml:5:44`"]);

    scratch
        .run(&[&promote[..], &["--only", "topic/*", "--write"]].concat())
        .ended(0)
        .shows(&["2 things of staging written for production, to 2 files."]);
    let topic = scratch.read("topics/media/media.poster.v1.yaml");
    assert!(topic.contains("clusters: [staging, production] # a trial\n"), "{topic}");
    let topic = scratch.read("topics/media/media.raw_ingest.v1.yaml");
    let overrides = "overrides: { staging: { partitions: 12 }, production: { partitions: 12 } } # more\n";
    assert!(topic.ends_with(overrides), "{topic}");
    assert_eq!(scratch.read("busctl.yaml"), before);
    scratch.run(&[&promote[..], &["--write"]].concat()).ended(0);
    assert!(scratch.read("busctl.yaml").contains("{ default: warn, staging: error, production: error }"));
    scratch.run(&["validate"]).ended(0);
    let nothing = scratch.run(&promote).ended(0);
    assert_eq!(nothing.out, "The manifests give production all that they give staging.\n");
}

#[test]
fn what_would_break_a_rule_is_shown_and_not_written() {
    let scratch = scratch();
    scratch.edit(
        "clusters/production.yaml",
        "schema_registry: main",
        "schema_registry: main\nmanages: { topics: [media.raw_*] }",
    );
    scratch.edit("busctl.yaml", "rules: {", "rules: { BUS404: error,");
    let before = scratch.read("topics/media/media.poster.v1.yaml");
    let run = scratch.run(&["promote", "staging", "production", "--write", "--format", "json"]).ended(3);
    let found = run.json();
    assert_valid("promote.schema.json", &found);
    assert!(found["findings"][0]["message"].as_str().unwrap().contains("media.poster.v1"), "{found:#}");
    assert_eq!(found["written"], false);
    run.says(&["nothing was written"]);
    assert_eq!(scratch.read("topics/media/media.poster.v1.yaml"), before);
    scratch.run(&["promote", "staging", "production", "--write", "--only", "rule/BUS203"]).ended(0);
    assert!(scratch.read("busctl.yaml").contains("production: error"));
}

#[test]
fn what_names_a_clusters_own_is_left_to_it() {
    let scratch = scratch();
    let config = "config: { controller.listener.names: CONTROLLER, log.dirs: /var/kafka, num.io.threads: 16 }";
    let staging = scratch.read("clusters/staging.yaml");
    let (before, after) = staging.split_once("kafka:").unwrap_or((&staging, ""));
    assert!(!after.contains("config:"), "{staging}");
    let kafka = match after.trim_start().strip_prefix('{') {
        Some(rest) => format!("{before}kafka: {{ {config},{rest}"),
        None => format!("{before}kafka:\n  {config}{after}"),
    };
    scratch.write("clusters/staging.yaml", kafka);
    let run =
        scratch.run(&["promote", "staging", "production", "--only", "broker-config/*", "--format", "json"]).ended(0);
    let lacks = run.json()["lacks"].clone();
    let told: Vec<_> = lacks.as_array().unwrap().iter().map(|lack| (&lack["field"], lack["left"].is_null())).collect();
    let expected = [
        (&"config.controller.listener.names".into(), false),
        (&"config.log.dirs".into(), false),
        (&"config.num.io.threads".into(), true),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_lacking_of_every_kind_is_described() {
    const KINDS: [&str; 8] = ["topic", "service", "schema", "role", "quota", "broker-config", "rule", "policy"];
    let scratch = scratch();
    let cluster = scratch.read("clusters/staging.yaml");
    assert!(!cluster.contains("config:"), "{cluster}");
    let quotas = "quotas: [{ user: <default>, produce: 1MiB/s }, { client_id: old, consume: 1MiB/s }]\n";
    let cluster = cluster.replace("\nkafka:\n", "\nkafka:\n  config: { num.io.threads: 16 }\n");
    scratch.write("clusters/staging.yaml", cluster + quotas);
    scratch.write("acls/prober.yaml", "service: prober\nclusters: [staging]\n");
    let role = "roles:\n  on-call: { owner: media-platform, clusters: [staging], reads: [media.raw_ingest.v1] }\n";
    scratch.write("catalog/roles.yaml", role);
    let subject = "subject: media.shared\nschema: media.raw_ingest.v1.avsc\nclusters: [staging]\n";
    scratch.write("schemas/media/shared.yaml", subject);
    let policy = "policy:\n  ORG1: { over: topic, check: \"true\", message: m, clusters: [staging] }\n";
    scratch.write("busctl.yaml", scratch.read("busctl.yaml") + policy);
    let document = scratch.run(&["promote", "staging", "production", "--format", "json"]).ended(0).json();
    assert_valid("promote.schema.json", &document);
    let lacks = document["lacks"].as_array().unwrap().iter();
    let found: BTreeSet<&str> =
        lacks.map(|lack| lack["address"].as_str().unwrap().split_once('/').unwrap().0).collect();
    assert_eq!(found, BTreeSet::from(KINDS), "{document:#}");
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/schemas/promote.schema.json")).unwrap();
    let pattern = &schema["$defs"]["lack"]["properties"]["address"]["pattern"];
    assert_eq!(*pattern, format!("^({})/.", KINDS.join("|")));
}

#[test]
fn what_was_not_meant_is_said() {
    let scratch = scratch();
    scratch.run(&["promote", "staging", "staging"]).ended(64).says(&["lacks nothing of itself"]);
    scratch.run(&["promote", "staging", "prodution"]).ended(64).says(&["did you mean `production`?"]);
    let only = ["promote", "staging", "production", "--only", "topic/media.postr.v1"];
    scratch.run(&only).ended(64).says(&["did you mean `topic/media.poster.v1`?"]);
}
