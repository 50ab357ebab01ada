use super::*;

pub const CLUSTER: &str = r#"
meta:
  name: main
  environment: production
  region: eu-west-1
  description: The bus.
spec:
  bootstrapAddrs: [kafka-0.example.com:9092, kafka-1.example.com:9092]
  clusterID: MkU3OEVBNTcwNTJENDM2Qg
  zkAddrs: [zk.example.com:2181]
  zkPrefix: /kafka
  zkLockPath: /locks
  versionMajor: v2
  defaultThrottleMB: 40
  defaultRetentionDropStepDuration: 24h
  tls: { enabled: true, caCertPath: ca.pem, skipVerify: true }
  sasl: { enabled: true, mechanism: plain, username: admin, password: hunter2 }
  shelf: 1
"#;

pub const TOPIC: &str = r#"
meta:
  name: shop.order.v1
  cluster: main
  environment: production
  region: eu-west-1
  description: |
    One record
    for each order.
  labels: { owner: sales, tier: gold }
  consumers: [stock-keeper, audit]
spec:
  partitions: 6
  replicationFactor: 3
  retentionMinutes: 43200
  settings: { cleanup.policy: delete, max.message.bytes: 2097152, preallocate: false }
  placement: { strategy: cross-rack, picker: lowest-index, staticAssignments: [[1, 2]] }
  migration: { throttleMB: 10, partitionBatchSize: 2 }
  shelf: 1
---
meta: { name: shop.stock.v1, cluster: main }
spec:
  partitions: 3
  replicationFactor: 2
  settings:
    cleanup.policy: [compact, delete]
    leader.replication.throttled.replicas: "0:1"
    retention.ms: soon
  placement: { strategy: any }
"#;

pub const ACLS: &str = r#"
meta: { name: shop, cluster: main, environment: production, region: r, description: For the shop. }
spec:
  acls:
    - resource:
        type: topic
        name: shop.order.v1
        patternType: literal
        principal: User:till
        host: "*"
        permission: allow
        shelf: 1
      operations: [Write, Describe]
    - resource: { type: group, name: stock-, patternType: prefixed, principal: "User:stock", host: 10.0.0.1, permission: deny }
      operations: [Read]
    - resource: { type: topic, name: a, patternType: match, principal: "User:stock", host: "*", permission: allow }
      operations: [Read]
"#;

#[test]
fn every_key_of_clusters_topics_and_acls_is_taken_over_or_said() {
    let user =
        "meta: { name: u, cluster: main }\nspec: { authentication: { type: scram-sha-512, password: hunter2 } }\n";
    let texts = [("it/a.yaml", ACLS), ("it/cluster.yaml", CLUSTER), ("it/topic.yaml", TOPIC), ("it/user.yaml", user)];
    let found = reading(Tool::Topicctl, &texts);
    insta::assert_snapshot!(topics(&found), @"
    shop.order.v1 6x3 cleanup.policy=delete max.message.bytes=2097152 preallocate=false retention.ms=2592000000
    shop.stock.v1 3x2 cleanup.policy=compact,delete
    ");
    insta::assert_snapshot!(acls(&found), @"
    User:stock group stock-* from 10.0.0.1: not read
    User:till topic shop.order.v1: write describe
    ");
    let about = &found.found.topics["shop.order.v1"].about;
    assert_eq!(about.owner.as_deref(), Some("sales"));
    assert_eq!(about.description().as_deref(), Some("One record for each order."));
    assert_eq!(about.notes, ["labels: tier=gold", "expected to be read by: stock-keeper, audit"]);
    assert_eq!(found.found.cluster_id.as_deref(), Some("MkU3OEVBNTcwNTJENDM2Qg"));
    assert_eq!(found.found.cluster.environment.as_deref(), Some("production"));
    assert_eq!(found.found.cluster.region.as_deref(), Some("eu-west-1"));
    assert_eq!(found.found.cluster.description.as_deref(), Some("The bus."));
    assert_eq!(found.bootstrap, ["kafka-0.example.com:9092", "kafka-1.example.com:9092"]);
    assert!(found.tls.is_some());
    assert!(!left(&found).contains("hunter2"));
    insta::assert_snapshot!(left(&found), @"
    it/a.yaml:12: `shelf` of `resource` of an ACL of shop is not taken over
    it/a.yaml:16: the ACL is not taken over: a MATCH stands for the topics that the cluster has when it is applied; import these from the cluster
    it/cluster.yaml:16: `caCertPath` of `tls` of the cluster main: say it with --ca, --certificate and --key, each a reference to a secret
    it/cluster.yaml:16: `skipVerify` of `tls` of the cluster main: connections have no word for it
    it/cluster.yaml:17: `sasl` of the cluster main: say it with --sasl, --username and --password; no secret is taken over
    it/cluster.yaml:10: `zkAddrs` of the cluster main: manifests know no ZooKeeper
    it/cluster.yaml:11: `zkPrefix` of the cluster main: manifests know no ZooKeeper
    it/cluster.yaml:12: `zkLockPath` of the cluster main: manifests know no ZooKeeper
    it/cluster.yaml:13: `versionMajor` of the cluster main: it is no matter of manifests
    it/cluster.yaml:14: `defaultThrottleMB` of the cluster main: it is no matter of manifests
    it/cluster.yaml:15: `defaultRetentionDropStepDuration` of the cluster main: it is no matter of manifests
    it/cluster.yaml:18: `shelf` of the cluster main is not taken over
    it/topic.yaml:17: the placement cross-rack of shop.order.v1: manifests say how many replicas, not where
    it/topic.yaml:17: `picker` of `placement` of the topic shop.order.v1: manifests say how many replicas, not where
    it/topic.yaml:17: `staticAssignments` of `placement` of the topic shop.order.v1: manifests say how many replicas, not where
    it/topic.yaml:18: `migration` of the topic shop.order.v1: it is how topicctl moves partitions
    it/topic.yaml:19: `shelf` of the topic shop.order.v1 is not taken over
    it/topic.yaml:27: `leader.replication.throttled.replicas` of the topic shop.stock.v1 is not taken over: whoever moves replicas sets it for a while
    it/topic.yaml:28: `retention.ms` of the topic shop.stock.v1: no manifest can say its value
    it/user.yaml:1: users and their passwords are not taken over
    ");
}

#[test]
fn a_user_is_no_topic() {
    let user = "meta: { name: app, cluster: main }\nspec: { name: app, mechanism: scram-sha-256, password: hunter2, iterations: 4096 }\n";
    let found = reading(Tool::Topicctl, &[("it/user.yaml", user)]);
    assert_eq!(topics(&found), "");
    assert_eq!(left(&found), "it/user.yaml:1: users and their passwords are not taken over");
}

#[test]
fn an_environment_that_is_no_label_is_said() {
    let cluster = CLUSTER.replace("environment: production", "environment: Prod Env");
    let made = imported(&reading(Tool::Topicctl, &[("it/cluster.yaml", &cluster), ("it/topic.yaml", TOPIC)]));
    let text = &made.created[Path::new("clusters/production.yaml")];
    let question = "# question: which environment is it? The files say \"Prod Env\", which is no label; write `environment: …` here\n";
    assert!(text.contains(question), "{text}");
}
