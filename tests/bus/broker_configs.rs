//! Configs of brokers: set on all of them and on one, changed by hand, taken back; and those that take a restart.

use busctl::adapters::kafka::KafkaClient;
use busctl::ports::kafka::{ConfigSource, KafkaAdmin};

use crate::sample::{ANY_DISK, SUPER_USERS, assert_settled, bare, changes, findings, plan};
use crate::server::bus;
use crate::support::workspace::{Scratch, assert_valid};

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
