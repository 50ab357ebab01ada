//! Configs of brokers: set on all of them and on one, changed by hand, taken back; and those that take a restart.

use busctl::adapters::kafka::KafkaClient;
use busctl::ports::kafka::{ConfigSource, KafkaAdmin};

use crate::open_broker::node as open_node;
use crate::sample::{ANY_DISK, SUPER_USERS, assert_settled, bare, changes, findings, plain, plan, said};
use crate::server::{Server, bus};
use crate::support::workspace::{Run, Scratch, assert_valid};

/// What is set on the broker, of a config, for itself and for all.
async fn held(hand: &KafkaClient, key: &str) -> [Option<String>; 2] {
    let configs = hand.broker_configs(&[1]).await.remove(0).unwrap();
    [ConfigSource::DynamicBroker, ConfigSource::DynamicDefaultBroker]
        .map(|source| configs[key].of(source).map(str::to_owned))
}

async fn set(hand: &KafkaClient, broker: Option<i32>, key: &str, value: Option<&str>) {
    let altered = [(broker, vec![(key.into(), value.map(str::to_owned))])];
    let outcomes = hand.alter_broker_configs(&altered, false).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

fn declare(scratch: &Scratch, node: &str, all: &str) {
    let text = scratch.read("clusters/main.yaml");
    let (head, _) = text.split_once("kafka:").unwrap();
    scratch.write(
        "clusters/main.yaml",
        format!(
            "{head}kafka:\n  deployment: self_managed\n  authorizer: standard\n  super_users: [{SUPER_USERS}]\n  {ANY_DISK}\n  \
             nodes: [{{ id: 1, roles: [broker, controller]{node} }}]\n{all}"
        ),
    );
}

const APPLY: [&str; 4] = ["apply", "--yes", "--allow", "disruptive"];

/// No other test on this broker minds how many threads clean logs, or how many connections there may be.
#[tokio::test(flavor = "multi_thread")]
async fn configs_of_brokers_are_set_changed_mended_and_taken_away() {
    let bus = bus().await;
    let hand = bus.hand().await;
    let scratch = bare(bus, "tuned");
    declare(
        &scratch,
        ", config: { max.connections: 100001 }",
        "  config: { log.cleaner.threads: 2, max.connections: 100000, log.cleaner.backoff.ms: 20s, auto.create.topics.enable: true }\n",
    );
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @r"
    create broker-config/1 [disruptive] config.max.connections · → 100001
    update broker-config/<default> [disruptive] config.log.cleaner.backoff.ms · → 20s; config.log.cleaner.threads · → 2; config.max.connections · → 100000
    ");
    // What is read when a broker starts is no change.
    assert_eq!(findings(&plan(&scratch)), ["BUS514 warn"]);
    scratch.run(&["plan"]).ended(0).shows(&["`auto.create.topics.enable` is false on broker 1", "restart them"]);
    let checked = scratch.run(&["plan", "--server-check", "--format", "json"]).ended(0).json();
    assert_valid("plan.schema.json", &checked);
    let states = checked["changes"].as_array().unwrap().iter().map(|it| it["verification"]["state"].clone());
    assert_eq!(states.collect::<Vec<_>>(), ["verified", "verified"]);
    scratch.run(&["plan", "-o", "plan.json"]).ended(0);
    scratch.run(&["apply", "plan.json", "--yes", "--allow", "disruptive"]).ended(0);
    assert_eq!(held(&hand, "max.connections").await, [Some("100001".to_owned()), Some("100000".to_owned())]);
    assert_eq!(changes(&plan(&scratch).ended(0)), "");
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    assert_valid("snapshot.schema.json", &serde_json::from_str(&scratch.read("live.json")).unwrap());
    assert_eq!(changes(&scratch.run(&["plan", "--live", "live.json", "--format", "json"]).ended(0)), "");

    // By hand: another value, one on the broker alone, one that nobody declared.
    set(&hand, None, "log.cleaner.threads", Some("3")).await;
    set(&hand, Some(1), "log.cleaner.backoff.ms", Some("30000")).await;
    set(&hand, None, "background.threads", Some("11")).await;
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @r"
    update broker-config/1 [safe] config.log.cleaner.backoff.ms 30s → ·
    update broker-config/<default> [safe] config.log.cleaner.threads 3 → 2
    ");
    let drift = scratch.run(&["drift", "--format", "json"]).ended(2).json();
    assert_valid("drift.schema.json", &drift);
    assert_eq!(drift["drifted"][0]["cause"], "outside");
    let unmanaged = plan(&scratch).json()["unmanaged"].as_array().unwrap().clone();
    assert!(unmanaged.iter().any(|it| it["name"] == "<default> background.threads"), "{unmanaged:#?}");
    scratch.run(&APPLY).ended(0);
    assert_eq!(held(&hand, "log.cleaner.backoff.ms").await, [None, Some("20000".to_owned())]);

    // What the controller would not take is said beforehand.
    declare(&scratch, "", "  config: { log.cleaner.threads: 0 }\n");
    scratch.run(&["plan", "--server-check"]).ended(3).shows(&["refused"]);

    // It is taken back as it was, and taken away where nothing is to be set.
    declare(
        &scratch,
        "",
        "  config: { log.cleaner.threads: 2 }\n  reset: [max.connections, log.cleaner.backoff.ms, background.threads]\n",
    );
    insta::assert_snapshot!(changes(&scratch.run(&["plan", "--undo", "plan.json", "--format", "json"]).ended(0)), @r"
    update broker-config/1 [disruptive] config.max.connections 100001 → ·
    update broker-config/<default> [safe] config.log.cleaner.backoff.ms 20s → ·; config.log.cleaner.threads 2 → ·; config.max.connections 100000 → ·
    ");
    scratch.run(&APPLY).ended(0);
    declare(&scratch, ", reset: [max.connections]", "  reset: [log.cleaner.threads, max.connections]\n");
    scratch.run(&APPLY).ended(0);
    for key in ["max.connections", "log.cleaner.threads", "log.cleaner.backoff.ms", "background.threads"] {
        assert_eq!(held(&hand, key).await, [None, None], "{key}");
    }
    assert_settled(&scratch);
}

/// A broker of its own: what is set on all brokers for good is what topics of other tests fall back to.
#[tokio::test(flavor = "multi_thread")]
async fn with_eligible_leader_replicas_brokers_have_one_number_and_it_is_told_beforehand() {
    let server = Server::start(open_node).await;
    let hand = server.hand().await;
    let scratch = Scratch::with(&[("busctl.yaml", "version: 1\n")]);
    // A cluster that is made by Kafka 4.3 has the feature, and with it a number for all.
    assert_eq!(held(&hand, MIN_IN_SYNC).await, [None, Some("1".to_owned())]);
    for (broker, value) in [(Some(1), Some("1")), (Some(1), None), (None, None)] {
        let altered = [(broker, vec![(MIN_IN_SYNC.into(), value.map(str::to_owned))])];
        let refused = hand.alter_broker_configs(&altered, false).await.remove(0).unwrap_err();
        assert!(refused.answer.contains("while ELR is enabled"), "{refused:?}");
    }
    // So the plan has what Kafka takes, says what it does not, and is done.
    let kafka = |node: &str, rest: &str| {
        scratch.write(
            "clusters/main.yaml",
            format!(
                "cluster: main\nenvironment: dev\nconnection:\n{}defaults: {{ replication_factor: 1, min_insync_replicas: 1 }}\nkafka:\n  deployment: self_managed\n  authorizer: none\n  \
                 {ANY_DISK}\n  nodes: [{{ id: 1, roles: [broker, controller], {node} }}]\n{rest}",
                plain(server.node.port("PLAIN").unwrap())
            ),
        );
    };
    kafka("config: { min.insync.replicas: 3, log.cleaner.threads: 2 }", "  config: { min.insync.replicas: 2 }\n");
    let planned = plan(&scratch).ended(0);
    insta::assert_snapshot!(changes(&planned), @r"
    create broker-config/1 [safe] config.log.cleaner.threads · → 2
    update broker-config/<default> [disruptive] config.min.insync.replicas 1 → 2
    ");
    assert_eq!(
        about_brokers(&planned),
        [
            "BUS514: `min.insync.replicas` is 1 on broker 1, and is not applied: with eligible leader replicas Kafka takes it for \
         all brokers alone"
        ]
    );
    scratch.run(&["plan", "--server-check"]).ended(0);
    scratch.run(&APPLY).ended(0);
    assert_eq!(held(&hand, MIN_IN_SYNC).await, [None, Some("2".to_owned())]);
    assert_eq!(changes(&plan(&scratch).ended(0)), "");
    kafka("config: { log.cleaner.threads: 2 }", "  reset: [min.insync.replicas]\n");
    let planned = plan(&scratch).ended(0);
    assert_eq!(changes(&planned), "");
    assert_eq!(
        about_brokers(&planned),
        [
            "BUS514: `min.insync.replicas` is 2 for all brokers, and is not taken away: with eligible leader replicas Kafka always \
         has one"
        ]
    );
    // What the manifest says of the feature is compared, and believed offline.
    kafka(
        "config: { min.insync.replicas: 3 }",
        "  features: { eligible.leader.replicas.version: 0, transaction.version: 2, group.version: 3 }\n",
    );
    let told = about_brokers(&plan(&scratch));
    assert_eq!(
        told[1..],
        [
            "BUS531: `main` works at eligible.leader.replicas.version 1, and 0 is declared",
            "BUS531: `main` works at group.version 1, and 3 is declared",
        ]
    );
    scratch
        .run(&["plan"])
        .ended(0)
        .shows(&["--feature eligible.leader.replicas.version=0", "no broker knows group.version 3"]);
    kafka("config: { min.insync.replicas: 3 }", "  features: { eligible.leader.replicas.version: 1 }\n");
    scratch
        .run(&["validate"])
        .ended(3)
        .shows(&["BUS411", "broker 1 of `main` cannot have a `min.insync.replicas` of its own"]);
}

const MIN_IN_SYNC: &str = "min.insync.replicas";

fn about_brokers(planned: &Run) -> Vec<String> {
    said(planned).into_iter().filter(|finding| finding.starts_with("BUS514") || finding.starts_with("BUS531")).collect()
}
