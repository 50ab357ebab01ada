//! A workspace made of a live broker and registry.

use std::time::Duration;

use busctl::ports::kafka::{AclOperation, AclResourceType, KafkaAdmin};
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::open_broker::node as open_node;
use crate::sample::{acl, apply, changes, create_topic, grant, order_with_note, plan, workspace};
use crate::server::{Server, bus};
use crate::support::workspace::Scratch;

/// What everything is reached by that has no manifest yet.
fn reached<'a>(bootstrap: &'a str, registry: &'a str) -> [&'a str; 7] {
    ["import", "--cluster", "adopted", "--bootstrap", bootstrap, "--registry", registry]
}

/// Fails unless a live plan has nothing to do, whatever rules the bus breaks.
#[track_caller]
fn assert_nothing_to_do(scratch: &Scratch) {
    assert_eq!(changes(&plan(scratch).ended(3)), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_workspace_applied_another_one_imports() {
    let bus = bus().await;
    let first = workspace(bus, "adopt");
    apply(&first);
    first.run(&["schema", "keep", "adopt.order.v1"]).ended(0);
    first.write("schemas/adopt/adopt.order.v1.avsc", order_with_note("adopt"));
    apply(&first);
    let hand = bus.hand().await;
    create_topic(&hand, "adopt.stock.v1", 3, &[("cleanup.policy", "compact"), ("max.message.bytes", "2097152")]).await;
    grant(&hand, &[acl("adopt-reader", AclResourceType::Topic, "adopt.stock.*", AclOperation::Describe)]).await;

    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    let reached = reached(&bootstrap, &url);
    let run = scratch.run(&[&reached[..], &["--only", "adopt.*"]].concat()).ended(0);
    run.shows(&["Imported 2 topics (0 of applications), 2 services and 1 subject", "plan: nothing to do"]);
    assert_nothing_to_do(&scratch);
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    // What was there before does not stand in the way of the first change.
    let listed = ["--baseline", "baseline.json"];
    scratch.run(&[&["plan"][..], &listed].concat()).ended(0).says(&["that baseline.json lists not shown"]);
    scratch.run(&["apply", "--yes"]).ended(3);
    scratch.edit(
        "topics/adopt/adopt.order.v1.yaml",
        "topic: adopt.order.v1\n",
        "topic: adopt.order.v1\nconfig: { max.message.bytes: 3MiB }\n",
    );
    scratch.run(&[&["apply", "--yes"][..], &listed].concat()).ended(0).shows(&["1 done"]);
    scratch.run(&[&["plan", "--all", "--detailed-exitcode"][..], &listed].concat()).ended(0);
    assert!(scratch.read("clusters/adopted.yaml").contains(&bus.cluster_id));
    assert_eq!(scratch.read("acls/adopt-writer.yaml"), "service: adopt-writer\nproduces: [adopt.order.v1]\n");
    let reader = scratch.read("acls/adopt-reader.yaml");
    assert!(reader.starts_with("service: adopt-reader\nconsumes: [adopt.order.v1]\n"), "{reader}");
    assert!(reader.contains("  - resource: topic\n    name: adopt.stock.*\n    operation: describe\n"), "{reader}");
    // Both versions are there, and the present one has what the first has not.
    assert!(scratch.read("schemas/adopt/adopt.order.v1.avsc").contains("note"));
    assert!(!scratch.read("schemas/adopt/versions/adopt.order.v1/1.avsc").contains("note"));

    // What comes later is adopted beside what people have written meanwhile.
    create_topic(&hand, "adopt.refund.v1", 1, &[]).await;
    grant(
        &hand,
        &[
            acl("adopt-writer", AclResourceType::Topic, "adopt.refund.v1", AclOperation::Write),
            acl("adopt-writer", AclResourceType::Topic, "adopt.refund.v1", AclOperation::Describe),
        ],
    )
    .await;
    scratch.edit("acls/adopt-writer.yaml", "produces:", "# Two tills.\nproduces:");
    scratch.run(&["import", "--only", "adopt.refund.v1"]).ended(0).shows(&["plan: nothing to do"]);
    assert_eq!(
        scratch.read("acls/adopt-writer.yaml"),
        "service: adopt-writer\n# Two tills.\nproduces: [adopt.order.v1, adopt.refund.v1]\n"
    );
    assert!(scratch.read("topics/adopt/adopt.refund.v1.yaml").contains("producers: [adopt-writer]\n"));
    assert_nothing_to_do(&scratch);
    scratch.run(&["import", "--only", "adopt.*"]).ended(0).shows(&["Nothing to import"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_where_the_registry_does_not_answer() {
    let bus = bus().await;
    create_topic(&bus.hand().await, "alone.order.v1", 1, &[("cleanup.policy", "")]).await;
    let scratch = Scratch::empty();
    let bootstrap = format!("127.0.0.1:{}", bus.plain);
    let only = ["--only", "alone.*"];
    let run = scratch.run(&[&reached(&bootstrap, "http://127.0.0.1:1")[..], &only].concat()).ended(1);
    run.says(&["127.0.0.1:1", "nothing was written"]);
    assert!(!scratch.path("busctl.yaml").exists() && !scratch.path("topics").exists());
    scratch
        .run(&[&reached(&bootstrap, &bus.registry.url)[..], &only].concat())
        .ended(0)
        .shows(&["plan: nothing to do"]);
    assert!(scratch.read("topics/alone/alone.order.v1.yaml").contains("cleanup.policy: []"));
    // Whoever takes that away has it deleted by the brokers' retention.
    scratch.edit("topics/alone/alone.order.v1.yaml", "config: { cleanup.policy: [] }\n", "");
    let plan = scratch.run(&["plan", "--baseline", "baseline.json", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["fields"][0]["field"], "config.cleanup.policy", "{plan:#}");
    assert!(plan["changes"][0]["measured"]["records"].is_u64(), "{plan:#}");
}

/// Whatever all the other tests have on the broker and in the registry at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_bus_is_imported() {
    let bus = bus().await;
    apply(&workspace(bus, "whole"));
    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    scratch.run(&reached(&bootstrap, &url)).ended(0).shows(&["plan: nothing to do"]);
    assert_eq!(scratch.read("acls/whole-writer.yaml"), "service: whole-writer\nproduces: [whole.order.v1]\n");
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_taken_from_a_topic_without_its_personal_data() {
    let bus = bus().await;
    let first = workspace(bus, "sampled");
    let schema = r#"{ "type": "record", "name": "Order", "namespace": "sampled", "fields": [
        { "name": "id", "type": "string", "doc": "Its id." },
        { "name": "mail", "type": ["null", "string"], "default": null, "doc": "Whose.", "pii": "email" }
    ] }"#;
    first.write("schemas/sampled/sampled.order.v1.avsc", schema);
    first.edit("busctl.yaml", "version: 1", "version: 1\nrules: { BUS641: \"off\", BUS645: \"off\" }");
    apply(&first);
    let listed = first.run(&["schemas", "sampled.order.v1-value", "--format", "json"]).ended(0).json();
    let id = listed["items"][0]["id"].as_u64().unwrap() as u32;
    let mut producer = ClientConfig::new();
    // What many topics are compressed with has to be read as well.
    producer.set("bootstrap.servers", format!("127.0.0.1:{}", bus.plain)).set("compression.type", "zstd");
    let producer: FutureProducer = producer.create().unwrap();
    for order in ["first", "second", "third"] {
        let text = |text: &str| [&[text.len() as u8 * 2], text.as_bytes()].concat();
        let value = [&[0][..], &id.to_be_bytes(), &text(order), &[2], &text("someone@example.org")].concat();
        let record = FutureRecord::<str, _>::to("sampled.order.v1").partition(0).payload(&value);
        producer.send(record, Duration::from_secs(20)).await.unwrap();
    }

    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    let import = [&reached(&bootstrap, &url)[..], &["--only", "sampled.*", "--fixtures", "2"]].concat();
    scratch.run(&import).ended(0).shows(&["plan: nothing to do"]);
    let sample = |number: u8| scratch.read(&format!("schemas/sampled/fixtures/sampled.order.v1/sampled-{number}.json"));
    assert_eq!(sample(1), "{\n  \"id\": \"third\",\n  \"mail\": { \"string\": \"masked\" }\n}\n");
    assert!(sample(2).contains("second"), "{}", sample(2));
    scratch.run(&["schema", "test", "sampled.order.v1"]).ended(0).says(&["2 samples of 1 schema"]);
}

/// A topic with its number of partitions and its configs.
type Made<'t> = (&'t str, u32, &'t [(&'t str, &'t str)]);

/// What a principal may do with a resource.
type Granted<'t> = (&'t str, AclResourceType, &'t str, &'t [AclOperation]);

/// What Kafka has when the other tool has applied its files: each topic with its configs, and each ACL.
async fn bring(topics: &[Made<'_>], acls: &[Granted<'_>]) {
    let hand = bus().await.hand().await;
    for (topic, partitions, configs) in topics {
        create_topic(&hand, topic, *partitions, configs).await;
    }
    let each = acls.iter().flat_map(|(who, resource, name, operations)| {
        operations.iter().map(|operation| acl(who, *resource, name, *operation))
    });
    grant(&hand, &each.collect::<Vec<_>>()).await;
}

/// Imports the files of a tool in `old`, and plans the workspace against the broker on which `bring` has made what they ask
/// for: nothing is to do.
#[track_caller]
fn assert_moved(scratch: &Scratch, tool: &str, port: u16) {
    let bootstrap = format!("127.0.0.1:{port}");
    let import = ["import", "--from", tool, "old", "--cluster", "moved", "--bootstrap", &bootstrap];
    scratch.run(&import).ended(0).shows(&["plan: not made; busctl plan --cluster moved compares with the cluster"]);
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
    assert_nothing_to_do(scratch);
    // A snapshot tells the same without a server.
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    let again = Scratch::empty();
    again.write("live.json", scratch.read("live.json"));
    for file in std::fs::read_dir(scratch.path("old")).unwrap() {
        let file = file.unwrap();
        again.write(&format!("old/{}", file.file_name().to_str().unwrap()), std::fs::read(file.path()).unwrap());
    }
    let import = ["import", "--from", tool, "old", "--snapshot", "live.json"];
    again.run(&import).ended(0).shows(&["plan: nothing to do"]);
}

use AclOperation::{Alter, AlterConfigs, Create, Delete, Describe, DescribeConfigs, IdempotentWrite, Read, Write};
use AclResourceType::{Cluster, Group, Topic, TransactionalId};

#[tokio::test(flavor = "multi_thread")]
async fn what_strimzi_has_made_needs_no_plan() {
    bring(
        &[
            ("strimzi.order.v1", 3, &[("retention.ms", "2592000000")]),
            ("strimzi.stock.v1", 2, &[("cleanup.policy", "compact")]),
        ],
        &[
            ("CN=strimzi-till", Topic, "strimzi.order.v1", &[Write, Describe]),
            ("CN=strimzi-till", TransactionalId, "strimzi-till-*", &[Write, Describe]),
            ("strimzi-stock", Topic, "strimzi.order.v1", &[Read, Describe]),
            ("strimzi-stock", Topic, "strimzi.*", &[DescribeConfigs]),
            ("strimzi-stock", Group, "strimzi-stock", &[Read]),
        ],
    )
    .await;
    let scratch = Scratch::empty();
    scratch.write(
        "old/topics.yaml",
        "kind: KafkaTopic\nmetadata: { name: order }\nspec: { topicName: strimzi.order.v1, partitions: 3, replicas: 1, config: { retention.ms: 2592000000 } }\n\
         ---\nkind: KafkaTopic\nmetadata: { name: strimzi.stock.v1 }\nspec: { partitions: 2, replicas: 1, config: { cleanup.policy: compact } }\n",
    );
    scratch.write(
        "old/users.yaml",
        "kind: KafkaUser\nmetadata: { name: strimzi-till }\nspec:\n  authentication: { type: tls }\n  authorization:\n    type: simple\n    acls:\n      \
         - { resource: { type: topic, name: strimzi.order.v1 }, operations: [Write, Describe] }\n      \
         - { resource: { type: transactionalId, name: strimzi-till-, patternType: prefix }, operations: [Write, Describe] }\n\
         ---\nkind: KafkaUser\nmetadata: { name: strimzi-stock }\nspec:\n  authentication: { type: scram-sha-512 }\n  authorization:\n    type: simple\n    acls:\n      \
         - { resource: { type: topic, name: strimzi.order.v1 }, operations: [Read, Describe] }\n      \
         - { resource: { type: topic, name: strimzi., patternType: prefix }, operation: DescribeConfigs }\n      \
         - { resource: { type: group, name: strimzi-stock }, operations: [Read] }\n",
    );
    assert_moved(&scratch, "strimzi", bus().await.plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kafka_gitops_has_made_needs_no_plan() {
    let own = [Read, Write, Describe, Delete, Create, Alter, AlterConfigs, DescribeConfigs];
    bring(
        &[("gitops.order.v1", 3, &[("cleanup.policy", "delete"), ("retention.ms", "2592000000")])],
        &[
            ("gitops-till", Topic, "gitops.order.v1", &[Write]),
            ("gitops-stock", Topic, "gitops.order.v1", &[Read]),
            ("gitops-stock", Group, "gitops-stock", &[Read]),
            ("gitops-counts", Topic, "gitops.order.v1", &[Read]),
            ("gitops-counts", Topic, "gitops-counts*", &own),
            ("gitops-counts", Group, "gitops-counts", &[Read, Describe, Delete]),
            ("gitops-counts", Cluster, "kafka-cluster", &[DescribeConfigs]),
            ("gitops-search", Topic, "connect-configs-gitops-search", &[Read, Write]),
            ("gitops-search", Topic, "connect-offsets-gitops-search", &[Read, Write]),
            ("gitops-search", Topic, "connect-status-gitops-search", &[Read, Write]),
            ("gitops-search", Group, "gitops-search", &[Read]),
            ("gitops-search", Topic, "gitops.order.v1", &[Read]),
            ("gitops-search", Group, "connect-sink", &[Read]),
            ("gitops-ops", Cluster, "kafka-cluster", &[Describe]),
        ],
    )
    .await;
    let scratch = Scratch::empty();
    scratch.write(
        "old/state.yaml",
        "settings: { topics: { defaults: { replication: 1 } }, files: { services: services.yaml } }\n\
         topics:\n  gitops.order.v1: { partitions: 3, configs: { cleanup.policy: delete, retention.ms: 2592000000 } }\n\
         users: { ops: { principal: \"User:gitops-ops\" } }\n\
         customUserAcls:\n  ops:\n    look: { name: kafka-cluster, type: CLUSTER, pattern: LITERAL, host: \"*\", operation: DESCRIBE, permission: ALLOW }\n",
    );
    scratch.write(
        "old/services.yaml",
        "services:\n  gitops-till: { type: application, principal: \"User:gitops-till\", produces: [gitops.order.v1] }\n  \
         gitops-stock: { type: application, principal: \"User:gitops-stock\", consumes: [gitops.order.v1] }\n  \
         gitops-counts: { type: kafka-streams, principal: \"User:gitops-counts\", consumes: [gitops.order.v1] }\n  \
         gitops-search:\n    type: kafka-connect\n    principal: User:gitops-search\n    connectors: { sink: { consumes: [gitops.order.v1] } }\n",
    );
    assert_moved(&scratch, "kafka-gitops", bus().await.plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_julie_has_made_needs_no_plan() {
    bring(
        &[("julie.acme.orders.placed.avro", 3, &[("retention.ms", "5000")]), ("julie.acme.orders.paid", 2, &[])],
        &[
            ("julie-stock", Topic, "julie.acme.orders.placed.avro", &[Describe, Read]),
            ("julie-stock", Topic, "julie.acme.orders.paid", &[Describe, Read]),
            ("julie-stock", Group, "julie-stock", &[Read]),
            ("julie-till", Topic, "julie.acme.orders.placed.avro", &[Describe, Write]),
            ("julie-till", TransactionalId, "julie-till*", &[Describe, Write]),
            ("julie-till", Cluster, "kafka-cluster", &[IdempotentWrite]),
            ("julie-counts", Topic, "julie.acme.orders.paid", &[Read]),
            ("julie-counts", Topic, "julie-counts*", &[AclOperation::All]),
            ("julie-counts", Group, "julie-counts*", &[Read]),
        ],
    )
    .await;
    let scratch = Scratch::empty();
    scratch.write(
        "old/topology.yaml",
        "context: julie\ncompany: acme\nprojects:\n  - name: orders\n    consumers: [{ principal: \"User:julie-stock\", group: julie-stock }]\n    \
         streams:\n      - { principal: \"User:julie-counts\", applicationId: julie-counts, topics: { read: [julie.acme.orders.paid] } }\n    \
         topics:\n      - name: placed\n        dataType: avro\n        plan: gold\n        config: { num.partitions: \"3\", replication.factor: \"1\" }\n        \
         producers: [{ principal: \"User:julie-till\", transactionId: julie-till* }]\n      \
         - { name: paid, config: { num.partitions: \"2\", replication.factor: \"1\" } }\n",
    );
    scratch.write("old/plans.yaml", "plans: { gold: { alias: gold, config: { retention.ms: \"5000\" } } }\n");
    assert_moved(&scratch, "julie", bus().await.plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_topicctl_has_made_needs_no_plan() {
    bring(
        &[("topicctl.order.v1", 3, &[("retention.ms", "43200000"), ("max.message.bytes", "2097152")])],
        &[
            ("topicctl-till", Topic, "topicctl.order.v1", &[Write, Describe]),
            ("topicctl-stock", Topic, "topicctl.*", &[Read]),
        ],
    )
    .await;
    let scratch = Scratch::empty();
    let bus = bus().await;
    scratch.write(
        "old/cluster.yaml",
        format!("meta: {{ name: moved, environment: test }}\nspec: {{ bootstrapAddrs: [\"127.0.0.1:{}\"], clusterID: {} }}\n", bus.plain, bus.cluster_id),
    );
    scratch.write(
        "old/topic.yaml",
        "meta: { name: topicctl.order.v1, cluster: moved, description: Orders. }\nspec:\n  partitions: 3\n  replicationFactor: 1\n  \
         retentionMinutes: 720\n  settings: { max.message.bytes: 2097152 }\n  placement: { strategy: any }\n",
    );
    scratch.write(
        "old/acls.yaml",
        "meta: { name: shop, cluster: moved }\nspec:\n  acls:\n    \
         - { resource: { type: topic, name: topicctl.order.v1, patternType: literal, principal: \"User:topicctl-till\", host: \"*\", permission: allow }, operations: [Write, Describe] }\n    \
         - { resource: { type: topic, name: topicctl., patternType: prefixed, principal: \"User:topicctl-stock\", host: \"*\", permission: allow }, operations: [Read] }\n",
    );
    assert_moved(&scratch, "topicctl", bus.plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_jikkou_has_made_needs_no_plan() {
    bring(
        &[
            ("jikkou.order.v1", 3, &[("cleanup.policy", "delete"), ("min.insync.replicas", "1")]),
            ("jikkou.stock.v1", 1, &[]),
        ],
        &[
            ("jikkou-till", Topic, "jikkou.order.v1", &[Write, Describe]),
            ("jikkou-stock", Topic, "jikkou.*", &[Read, Describe]),
            ("jikkou-stock", Group, "jikkou-stock", &[Read]),
        ],
    )
    .await;
    let scratch = Scratch::empty();
    scratch.write(
        "old/topics.yaml",
        "apiVersion: core.jikkou.io/v1beta2\nkind: ConfigMap\nmetadata: { name: Shared }\ndata: { cleanup.policy: delete, min.insync.replicas: 2 }\n---\n\
         apiVersion: kafka.jikkou.io/v1\nkind: KafkaTopic\nmetadata: { name: jikkou.order.v1 }\n\
         spec: { partitions: 3, replicas: 1, configMapRefs: [Shared], configs: { min.insync.replicas: 1 } }\n---\n\
         apiVersion: kafka.jikkou.io/v1beta2\nkind: KafkaTopicList\nitems: [{ metadata: { name: jikkou.stock.v1 }, spec: { partitions: 1, replicas: 1 } }]\n",
    );
    scratch.write(
        "old/access.yaml",
        "kind: KafkaPrincipalRole\nmetadata: { name: Reader }\nspec:\n  acls:\n    \
         - { type: ALLOW, operations: [READ, DESCRIBE], resource: { type: topic, pattern: jikkou., patternType: PREFIXED }, host: \"*\" }\n---\n\
         kind: KafkaPrincipalAuthorization\nmetadata: { name: \"User:jikkou-stock\" }\nspec:\n  roles: [Reader]\n  acls:\n    \
         - { type: ALLOW, operations: [READ], resource: { type: group, pattern: jikkou-stock, patternType: LITERAL } }\n---\n\
         kind: KafkaPrincipalAuthorization\nmetadata: { name: \"User:jikkou-till\" }\nspec:\n  acls:\n    \
         - { type: ALLOW, operations: [WRITE, DESCRIBE], resource: { type: topic, pattern: jikkou.order.v1, patternType: LITERAL } }\n",
    );
    assert_moved(&scratch, "jikkou", bus().await.plain);
}

/// A broker of its own: others would import what is set here.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_on_brokers_is_imported() {
    let server = Server::start(open_node).await;
    let hand = server.hand().await;
    let set = |broker, key: &str, value: &str| (broker, vec![(key.into(), Some(value.to_owned()))]);
    let all = [
        set(None, "log.retention.ms", "604800000"),
        set(None, "max.connections", "1000"),
        set(Some(1), "max.connections", "900"),
        set(Some(1), "log.cleaner.threads", "2"),
        // What moves of replicas leave is theirs.
        set(Some(1), "leader.replication.throttled.rate", "1000"),
    ];
    for outcome in hand.alter_broker_configs(&all, false).await {
        outcome.unwrap();
    }
    let scratch = Scratch::empty();
    let bootstrap = format!("127.0.0.1:{}", server.node.port("PLAIN").unwrap());
    let reached = ["import", "--cluster", "adopted", "--bootstrap", &bootstrap];
    scratch.run(&reached).ended(0).shows(&["set on brokers while they run: 5", "plan: nothing to do"]);
    let text = scratch.read("clusters/adopted.yaml");
    let (_, kafka) = text.split_once("kafka:\n").unwrap();
    insta::assert_snapshot!(kafka, @r"
      nodes:
        - { id: 1, roles: [broker, controller], config: { log.cleaner.threads: 2, max.connections: 900 } }
      config: { log.retention.ms: 7d, max.connections: 1000, min.insync.replicas: 1 }
    ");
    let planned = scratch.run(&["plan", "--baseline", "baseline.json", "--format", "json"]).ended(0);
    assert_eq!(changes(&planned), "");
    assert_eq!(planned.json()["unmanaged"].as_array().unwrap().len(), 0);
    scratch.run(&["import"]).ended(0).shows(&["Nothing to import"]);
    // What nobody declares is told, live as from a snapshot.
    let text = scratch.read("clusters/adopted.yaml");
    scratch.write(
        "clusters/adopted.yaml",
        text.split_once("kafka:").unwrap().0.to_owned() + "kafka: { deployment: self_managed }\n",
    );
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    for live in [&["plan", "--format", "json"][..], &["plan", "--live", "live.json", "--format", "json"]] {
        let names = scratch.run(live).json()["unmanaged"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].clone())
            .collect::<Vec<_>>();
        assert_eq!(
            names,
            [
                "1 log.cleaner.threads",
                "1 max.connections",
                "<default> log.retention.ms",
                "<default> max.connections",
                "<default> min.insync.replicas",
            ]
        );
    }
    scratch.write("clusters/adopted.yaml", text);

    // What comes later is written beside what people have; what is said of a config already stays.
    for outcome in hand
        .alter_broker_configs(
            &[
                set(None, "background.threads", "12"),
                set(Some(1), "max.connections", "800"),
                set(Some(1), "num.io.threads", "9"),
            ],
            false,
        )
        .await
    {
        outcome.unwrap();
    }
    scratch.run(&["import"]).ended(0).shows(&["changed clusters/adopted.yaml", "set on brokers while they run: 2"]);
    let text = scratch.read("clusters/adopted.yaml");
    assert!(text.contains("max.connections: 900, num.io.threads: 9 } }"), "{text}");
    assert!(text.contains("min.insync.replicas: 1, background.threads: 12 }"), "{text}");
    insta::assert_snapshot!(changes(&plan(&scratch)), @"update broker-config/1 [disruptive] config.max.connections 800 → 900");
}
