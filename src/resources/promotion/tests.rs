use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::resources::{WorkspaceFiles, load};

const CLUSTERS: &str = "cluster: staging\nenvironment: test\n---\ncluster: production\nenvironment: live\n";

fn promoted(files: &[(&str, &str)]) -> (Vec<String>, BTreeMap<PathBuf, String>) {
    let mut all = WorkspaceFiles::default();
    let settings = [("clusters/c.yaml", CLUSTERS), ("busctl.yaml", "version: 1\n")];
    for (path, text) in settings.iter().chain(files) {
        all.texts.insert(Path::new(path).to_owned(), Ok(Arc::from(*text)));
    }
    let (workspace, findings) = load(all);
    assert!(findings.is_empty(), "{findings:#?}");
    let (from, to) = (&workspace.clusters["staging"], &workspace.clusters["production"]);
    let mut promotion = promotion(&workspace, from, to);
    let texts = promotion.texts(&workspace);
    let told = promotion.lacks.iter().map(|lack| {
        let present = lack.present.as_ref().map(|present| format!(" > {}", present.value)).unwrap_or_default();
        let left = lack.left.as_ref().map(|left| format!(" ({left})")).unwrap_or_default();
        format!("{} {}: {}{present}{left}", lack.address, lack.field, lack.before.value)
    });
    (told.collect(), texts)
}

#[test]
fn selections_are_widened() {
    let (lacks, texts) = promoted(&[
        ("topics/a.yaml", "topic: a.x.v1 # one\nclusters: [test] # not yet\n---\ntopic: a.y.v1\nclusters: [live]\n"),
        ("topics/b.yaml", "topic: b.x.v1\nclusters:\n  - staging # a trial\n"),
        ("acls/s.yaml", "service: s\nclusters: [staging]\n"),
        (
            "busctl.yaml",
            "version: 1\npolicy:\n  ORG1: { over: topic, check: \"true\", message: m, clusters: [test] }\n",
        ),
    ]);
    assert_eq!(
        lacks,
        [
            "topic/a.x.v1 clusters: test",
            "topic/b.x.v1 clusters: staging",
            "service/s clusters: staging",
            "policy/ORG1 clusters: test"
        ]
    );
    let text = |path: &str| texts[Path::new(path)].as_str();
    assert_eq!(
        text("topics/a.yaml"),
        "topic: a.x.v1 # one\nclusters: [test, live] # not yet\n---\ntopic: a.y.v1\nclusters: [live]\n"
    );
    assert_eq!(text("topics/b.yaml"), "topic: b.x.v1\nclusters:\n  - staging # a trial\n  - live\n");
    assert_eq!(text("acls/s.yaml"), "service: s\nclusters: [staging, live]\n");
    assert!(text("busctl.yaml").contains("clusters: [test, live] }"));
}

#[test]
fn a_word_that_yaml_reads_otherwise_is_quoted() {
    for word in ["true", "2024"] {
        let clusters =
            format!("cluster: staging\nenvironment: test\n---\ncluster: production\nenvironment: \"{word}\"\n");
        let topic = "topic: a.x.v1\nclusters: [test]\n";
        let (_, texts) = promoted(&[("topics/a.yaml", topic), ("clusters/c.yaml", &clusters)]);
        let text = texts.get(Path::new("topics/a.yaml")).map(String::as_str);
        assert_eq!(text, Some(format!("topic: a.x.v1\nclusters: [test, \"{word}\"]\n").as_str()));
    }
}

#[test]
fn overrides_are_taken_over_where_the_other_has_none() {
    let topic = "topic: a.x.v1\npartitions: 6\nconfig: { retention.ms: 7d }\noverrides:\n  \
                 staging: { partitions: 12, replication_factor: 1, config: { retention.ms: 14d, segment.ms: 1h } } # more\n  \
                 live:\n    config: { segment.ms: 2h }\n";
    let (lacks, texts) = promoted(&[("topics/a.yaml", topic)]);
    assert_eq!(
        lacks,
        [
            "topic/a.x.v1 config.retention.ms: 1209600000 > 604800000",
            "topic/a.x.v1 config.segment.ms: 3600000 > 7200000 (it has its own, at topics/a.yaml:7:27)",
            "topic/a.x.v1 partitions: 12 > 6",
            "topic/a.x.v1 replication_factor: 1 > 3 (it has more, and less is seldom meant)",
        ]
    );
    let text = &texts[Path::new("topics/a.yaml")];
    let end = "  live:\n    config: { segment.ms: 2h, retention.ms: 14d }\n    partitions: 12\n";
    assert!(text.ends_with(end) && text.contains("} # more\n"), "{text}");
    let (lacks, texts) = promoted(&[("topics/a.yaml", "topic: a.x.v1\noverrides: { test: { partitions: 9 } }\n")]);
    assert_eq!(lacks, ["topic/a.x.v1 partitions: 9 > 6"]);
    let text = &texts[Path::new("topics/a.yaml")];
    assert_eq!(text, "topic: a.x.v1\noverrides: { test: { partitions: 9 }, live: { partitions: 9 } }\n");
    // What comes to the same is not lacking.
    let same = "topic: a.x.v1\nconfig: { retention.ms: 14d }\noverrides: { test: { config: { retention.ms: 2w } } }\n";
    assert_eq!(promoted(&[("topics/a.yaml", same)]).0, Vec::<String>::new());
}

#[test]
fn policy_is_taken_over_and_never_given_up() {
    let settings = "version: 1\nrules:\n  BUS203: { default: warn, test: error } # soon\n  BUS204: { staging: off }\n  \
                    BUS205: { test: warn, live: info }\n";
    let (lacks, texts) = promoted(&[("busctl.yaml", settings)]);
    assert_eq!(
        lacks,
        [
            "rule/BUS203 level: error > warn",
            "rule/BUS204 level: off (it would be given up there)",
            "rule/BUS205 level: warn > info (it has its own, at busctl.yaml:5:31)",
        ]
    );
    let text = &texts[Path::new("busctl.yaml")];
    assert!(text.contains("BUS203: { default: warn, test: error, live: error } # soon\n"), "{text}");
}

#[test]
fn quotas_of_a_cluster_are_taken_over_where_the_other_has_none() {
    let clusters = "cluster: staging\nenvironment: test\nquotas:\n  - { user: <default>, produce: 1MiB/s }\n  \
                    - { client_id: old, consume: 1MiB/s }\n  - { ip: 10.0.0.7, connections: 10/s }\n---\ncluster: production\n\
                    environment: live\nquotas: [{ client_id: old, consume: 2MiB/s }] # few\n";
    let (lacks, texts) = promoted(&[("clusters/c.yaml", clusters)]);
    assert_eq!(
        lacks,
        [
            "quota/user/<default> quotas: { user: <default>, produce: 1MiB/s }",
            "quota/client-id/old quotas: { client_id: old, consume: 1MiB/s } > { client_id: old, consume: 2MiB/s } (it has its own, \
             at clusters/c.yaml:10:10)",
            "quota/ip/10.0.0.7 quotas: { ip: 10.0.0.7, connections: 10/s }",
        ]
    );
    let text = &texts[Path::new("clusters/c.yaml")];
    let end = "quotas: [{ client_id: old, consume: 2MiB/s }, { user: <default>, produce: 1MiB/s }, \
               { ip: 10.0.0.7, connections: 10/s }] # few\n";
    assert!(text.ends_with(end), "{text}");
    let (_, texts) = promoted(&[(
        "clusters/c.yaml",
        &clusters.replace("quotas: [{ client_id: old, consume: 2MiB/s }] # few\n", ""),
    )]);
    let text = &texts[Path::new("clusters/c.yaml")];
    assert!(text.contains("environment: live\nquotas:"), "{text}");
    let (workspace, findings) = load(WorkspaceFiles {
        texts: [(PathBuf::from("clusters/c.yaml"), Ok(Arc::from(text.as_str())))].into(),
        ..WorkspaceFiles::default()
    });
    assert!(findings.is_empty() && workspace.clusters["production"].quotas.len() == 3, "{text}");
}

#[test]
fn configs_of_all_brokers_are_taken_over_where_the_other_has_none() {
    let clusters = "cluster: staging\nenvironment: test\nkafka:\n  config: { log.retention.ms: 7d, log.cleaner.threads: 2, max.connections: 9 }\n\
                    ---\ncluster: production\nenvironment: live\nkafka:\n  config: { log.cleaner.threads: 4, max.connections: 9 } # few\n";
    let (lacks, texts) = promoted(&[("clusters/c.yaml", clusters)]);
    assert_eq!(
        lacks,
        [
            "broker-config/<default> config.log.cleaner.threads: 2 > 4 (it has its own, at clusters/c.yaml:9:34)",
            "broker-config/<default> config.log.retention.ms: 604800000",
        ]
    );
    let text = &texts[Path::new("clusters/c.yaml")];
    assert!(text.ends_with("max.connections: 9, log.retention.ms: 604800000 } # few\n"), "{text}");
}
