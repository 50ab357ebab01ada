use std::path::PathBuf;

use super::*;
use crate::diag::Store;
use crate::policy;
use crate::ports::kafka::{Acl, AclResourceType};
use crate::resources::{Desired, WorkspaceFiles, load, load_onto};

const SETTINGS: &str = "version: 1
classes:
  raw: { cleanup: [delete], retention: 30d, config: { max.message.bytes: 2MiB } }
  state: { cleanup: [compact] }
  dlq: { cleanup: [delete], retention: 14d }
";
const CATALOG: &str = "domains: { media: { owner: team } }
services:
  gate: { owner: team }
  reader: { owner: team }
teams: { team: {} }
roles:
  on-call: { owner: team, dlq: { topics: [media.*] } }
";
const TOPIC: &str = "topic: media.raw.v1
class: raw
description: One for each.
key: id
partitions: 3
producers: [gate]
consumers: [{ service: reader, dlq: { retry: true, parking: true } }]
retention_rationale: Because.
change_request: CR-1
config: { retention.ms: 7d }
overrides: { production: { partitions: 12, config: { max.message.bytes: 4MiB } } }
";
const CLUSTER: &str = "cluster: production
environment: prod
kafka: { deployment: local, nodes: [{ id: 1, roles: [broker, controller] }] }
defaults: { replication_factor: 1, min_insync_replicas: 1 }
";
const READER: &str = "service: reader\nconsumes: [{ topic: media.raw.v1, group: readers }]\n";
const SCHEMA: &str = r#"{ "type": "record", "name": "Raw", "namespace": "media", "fields": [{ "name": "id", "type": "string", "doc": "It." }] }"#;

const BASE: [(&str, &str); 7] = [
    ("busctl.yaml", SETTINGS),
    ("catalog/catalog.yaml", CATALOG),
    ("clusters/production.yaml", CLUSTER),
    ("topics/raw.yaml", TOPIC),
    ("acls/gate.yaml", "service: gate\nproduces: [media.raw.v1]\n"),
    ("acls/reader.yaml", READER),
    ("schemas/media/media.raw.v1.avsc", SCHEMA),
];

fn files(above: &[(&str, &str)]) -> WorkspaceFiles {
    let mut files = WorkspaceFiles::default();
    for (path, text) in BASE.iter().chain(above) {
        files.texts.insert(PathBuf::from(path), Ok((*text).into()));
    }
    files
}

/// The workspace with these files over the base, and what is found in it but for that.
fn loaded(above: &[(&str, &str)]) -> (Workspace, Vec<String>) {
    let (workspace, mut found) = load(files(above));
    let clusters: Vec<_> = workspace.clusters.values().collect();
    found.extend(policy::check(&workspace, &clusters, &Store::in_memory(&workspace.sources)));
    let told = found
        .iter()
        .filter(|finding| !["BUS326", "BUS106", "BUS305", "BUS306", "BUS511"].contains(&finding.code))
        .map(|finding| {
            let place = finding.span().map(|span| workspace.place(span).to_string()).unwrap_or_default();
            format!("{} {place} {}", finding.code, finding.message)
        });
    let told = told.collect();
    (workspace, told)
}

/// What a service or role may do, without the rights on what it has anyway.
fn rights(workspace: &Workspace, who: &str) -> Vec<String> {
    let (desired, _) = Desired::resolve(workspace, &workspace.clusters["production"]);
    let of = |acl: &&Acl| {
        acl.principal.as_str().contains(who)
            && !(acl.resource == AclResourceType::Topic && &*acl.name == "media.raw.v1" && who == "reader")
    };
    let mut rights: Vec<String> = desired
        .grants
        .acls
        .keys()
        .filter(of)
        .map(|acl| format!("{} {}: {}", acl.resource, acl.name, acl.operation))
        .collect();
    rights.sort();
    rights
}

#[test]
fn what_dlq_asks_for_is_there_as_if_it_were_declared() {
    let (workspace, found) = loaded(&[]);
    assert_eq!(found, [""; 0]);
    let cluster = &workspace.clusters["production"];
    let (desired, findings) = Desired::resolve(&workspace, cluster);
    assert!(findings.is_empty(), "{findings:?}");
    let shown: Vec<String> = desired
        .topics
        .values()
        .map(|topic| {
            let configs = topic.configs.iter().filter(|(key, _)| !key.contains("min.insync"));
            let configs: Vec<_> = configs.map(|(key, value)| format!("{key}={}", value.value.as_str())).collect();
            let place = workspace.place(topic.span);
            format!("{} {} {} {place}", topic.name, topic.partitions.value, configs.join(" "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "media.raw.v1 12 cleanup.policy=delete max.message.bytes=4194304 retention.ms=604800000 topics/raw.yaml:1:8",
            "media.raw.v1.reader.dlq 12 cleanup.policy=delete max.message.bytes=5242880 retention.ms=1209600000 \
             topics/raw.yaml:7:37",
            "media.raw.v1.reader.parking 12 cleanup.policy=delete max.message.bytes=5242880 retention.ms=1209600000 \
             topics/raw.yaml:7:37",
            "media.raw.v1.reader.retry 12 cleanup.policy=delete max.message.bytes=4194304 retention.ms=604800000 \
             topics/raw.yaml:7:37",
        ]
    );
    assert_eq!(
        rights(&workspace, "reader"),
        [
            "group readers: read",
            "topic media.raw.v1.reader.dlq: describe",
            "topic media.raw.v1.reader.dlq: write",
            "topic media.raw.v1.reader.retry: describe",
            "topic media.raw.v1.reader.retry: read",
        ]
    );
    let retry = &workspace.topics["media.raw.v1.reader.retry"];
    assert_eq!(workspace.owner_of(retry), Some("team"));
    assert_eq!(workspace.domain_of(&retry.topic), "media");
    let schemas = workspace.schemas_of(retry);
    assert_eq!(schemas.len(), 1);
    assert_eq!(schemas[0].path, PathBuf::from("schemas/media/media.raw.v1.avsc"));
}

#[test]
fn whoever_looks_after_dead_letters_may_do_that_and_no_more() {
    let (workspace, _) = loaded(&[]);
    assert_eq!(
        rights(&workspace, "on-call"),
        [
            "group busctl-dlq-media.raw.v1.reader.dlq: describe",
            "group busctl-dlq-media.raw.v1.reader.dlq: read",
            "group busctl-dlq-media.raw.v1.reader.parking: describe",
            "group busctl-dlq-media.raw.v1.reader.parking: read",
            "group readers: describe",
            "topic _busctl-dlq-ledger: describe",
            "topic _busctl-dlq-ledger: read",
            "topic _busctl-dlq-ledger: write",
            "topic media.raw.v1.reader.dlq: describe",
            "topic media.raw.v1.reader.dlq: describe_configs",
            "topic media.raw.v1.reader.dlq: read",
            "topic media.raw.v1.reader.dlq: write",
            "topic media.raw.v1.reader.parking: describe",
            "topic media.raw.v1.reader.parking: describe_configs",
            "topic media.raw.v1.reader.parking: read",
            "topic media.raw.v1.reader.parking: write",
            "topic media.raw.v1.reader.retry: describe",
            "topic media.raw.v1.reader.retry: describe_configs",
            "topic media.raw.v1.reader.retry: write",
            "topic media.raw.v1: describe",
            "topic media.raw.v1: describe_configs",
            "topic media.raw.v1: write",
            "transactional_id busctl-dlq-media.raw.v1.reader.dlq: describe",
            "transactional_id busctl-dlq-media.raw.v1.reader.dlq: write",
            "transactional_id busctl-dlq-media.raw.v1.reader.parking: describe",
            "transactional_id busctl-dlq-media.raw.v1.reader.parking: write",
        ]
    );
    let deletes = CATALOG.replace("topics: [media.*]", "delete_records: true");
    let (workspace, _) = loaded(&[("catalog/catalog.yaml", &deletes)]);
    let all = rights(&workspace, "on-call");
    let deletes: Vec<_> = all.iter().filter(|right| right.ends_with(" delete")).collect();
    assert_eq!(deletes, ["topic media.raw.v1.reader.dlq: delete"]);
    let elsewhere = CATALOG.replace("media.*", "other.*");
    let (workspace, _) = loaded(&[("catalog/catalog.yaml", &elsewhere)]);
    assert!(rights(&workspace, "on-call").iter().all(|right| right.contains("_busctl-dlq-ledger")));
}

#[test]
fn a_manifest_of_its_own_wins_and_is_checked() {
    const OWN: &str = "topic: media.raw.v1.reader.dlq\nclass: dlq\ndescription: Own.\nkey: id\nproducers: [reader]\n\
                       consumers: [on-call]\nretention_rationale: Own.\nchange_request: CR-2\npartitions: 1\n";
    let (workspace, found) = loaded(&[("topics/dlq.yaml", OWN)]);
    assert_eq!(found, [""; 0]);
    let name: TopicName = "media.raw.v1.reader.dlq".parse().expect("a name");
    assert!(!workspace.is_derived(&name));
    assert_eq!(workspace.topics[&name].partitions.map(|number| number.value), Some(1));
    // It need not be asked for in acls/ a second time, and may.
    let asked = format!("{READER}produces: [media.raw.v1.reader.dlq]\n");
    let (again, found) = loaded(&[("topics/dlq.yaml", OWN), ("acls/reader.yaml", &asked)]);
    assert_eq!(found, [""; 0]);
    assert_eq!(rights(&again, "reader"), rights(&workspace, "reader"));
    let unnamed = OWN.replace("producers: [reader]", "producers: [gate]");
    let gate = "service: gate\nproduces: [media.raw.v1, media.raw.v1.reader.dlq]\n";
    let (_, found) = loaded(&[("topics/dlq.yaml", &unnamed), ("acls/gate.yaml", gate)]);
    assert_eq!(
        found,
        ["BUS117 topics/raw.yaml:7:37 `media.raw.v1.reader.dlq` does not let `reader` write its dead letters"]
    );
}

#[test]
fn retries_of_a_compacted_topic_are_kept_each_one() {
    let compacted = TOPIC.replace("class: raw", "class: state").replace("config: { retention.ms: 7d }\n", "");
    let (workspace, found) = loaded(&[("topics/raw.yaml", &compacted)]);
    assert_eq!(found, [""; 0]);
    let (desired, _) = Desired::resolve(&workspace, &workspace.clusters["production"]);
    let retry = &desired.topics["media.raw.v1.reader.retry"];
    assert_eq!(retry.configs["cleanup.policy"].value.as_str(), "delete");
    assert_eq!(retry.configs["retention.ms"].value.as_str(), "1209600000");
    assert!(rights(&workspace, "on-call").contains(&"topic media.raw.v1: read".to_owned()), "the newest of each key");
}

#[test]
fn what_is_added_later_is_seen_as_if_it_had_been_there() {
    let (before, _) = load(files(&[]));
    let mut more = WorkspaceFiles::default();
    let own = "topic: media.raw.v1.reader.dlq\nclass: dlq\npartitions: 1\n";
    more.texts.insert("topics/dlq.yaml".into(), Ok(own.into()));
    let (after, found) = load_onto(before, more);
    assert!(found.is_empty(), "{found:?}");
    let name: TopicName = "media.raw.v1.reader.dlq".parse().expect("a name");
    assert!(!after.is_derived(&name));
    assert_eq!(after.derived.len(), 2);
    assert_eq!(after.grants["reader"].produces.len(), 1);
    assert_eq!(after.grants["reader"].consumes.len(), 2);
}

#[test]
fn a_name_that_cannot_be_is_told_at_the_place_that_asks_for_it() {
    let stage = format!("{SETTINGS}naming: {{ dlq: <topic>.<stage>.dlq, parking: <topic>.<service>.retry }}\n");
    let (workspace, found) = loaded(&[("busctl.yaml", &stage)]);
    assert_eq!(workspace.derived.len(), 1);
    assert_eq!(
        found,
        [
            "BUS117 topics/raw.yaml:7:37 the dead-letter topic of `reader` for `media.raw.v1` cannot be called \
             `media.raw.v1.<stage>.dlq`",
            "BUS117 topics/raw.yaml:7:37 the parking topic of `reader` for `media.raw.v1` and a retry topic are both \
             `media.raw.v1.reader.retry`",
        ]
    );
}

#[test]
fn a_name_without_the_service_is_for_all_of_them() {
    let shared = format!("{SETTINGS}naming: {{ dlq: <topic>.dlq }}\n");
    let two = TOPIC.replace("consumers: [", "consumers: [{ service: gate, dlq: true }, ");
    let gate = "service: gate\nproduces: [media.raw.v1]\nconsumes: [media.raw.v1]\n";
    let (workspace, found) = loaded(&[("busctl.yaml", &shared), ("topics/raw.yaml", &two), ("acls/gate.yaml", gate)]);
    assert_eq!(found, [""; 0]);
    for who in ["gate", "reader"] {
        let all = rights(&workspace, who);
        assert!(all.contains(&"topic media.raw.v1.dlq: write".to_owned()), "{who}: {all:?}");
    }
}

#[test]
fn nothing_follows_where_the_naming_is_not_known_or_a_manifest_may_declare_it() {
    let (workspace, _) = load(files(&[("busctl.yaml", "version: [")]));
    assert!(workspace.derived.is_empty());
    let broken = "topic: media.raw.v1.reader.dlq\npartitions: many\n";
    let (workspace, found) = loaded(&[("topics/dlq.yaml", broken)]);
    assert!(!workspace.topics.contains_key("media.raw.v1.reader.dlq"));
    assert!(!found.iter().any(|finding| finding.starts_with("BUS117")), "{found:?}");
}

#[test]
fn a_consumer_without_a_word_on_dead_letters_is_a_finding_where_the_bus_has_them() {
    let silent = TOPIC.replace("{ service: reader, dlq: { retry: true, parking: true } }", "reader");
    let (_, found) = loaded(&[("topics/raw.yaml", &silent)]);
    let told =
        "BUS125 topics/raw.yaml:7:13 nothing says where records of `media.raw.v1` go that `reader` cannot process";
    assert_eq!(found, [told]);
    let decided = TOPIC.replace("dlq: { retry: true, parking: true }", "dlq: false");
    assert_eq!(loaded(&[("topics/raw.yaml", &decided)]).1, [""; 0]);
    let without = SETTINGS.replace("  dlq: { cleanup: [delete], retention: 14d }\n", "");
    assert_eq!(loaded(&[("topics/raw.yaml", &silent), ("busctl.yaml", &without)]).1, [""; 0]);
}
