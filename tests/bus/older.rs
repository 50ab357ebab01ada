//! The Kafka and the registry of the years before: 3.9 and Apicurio 2.6.

use busctl::adapters::kafka::KafkaClient;
use busctl::localbus::progress::Silent;
use busctl::localbus::{BusSpec, EphemeralBus, Host};
use busctl::ports::connection::{Connection, Login, Sasl};
use busctl::ports::kafka::KafkaAdmin;

use crate::sample::{
    apply, assert_settled, changes, connect, name, order_with_note, plan, set_config, topic_file, workspace,
};
use crate::server::bus;

#[tokio::test(flavor = "multi_thread")]
async fn an_older_bus_is_governed_as_well() {
    let spec = BusSpec {
        kafka_version: "3.9.1".parse().unwrap(),
        registry_version: Some("2.6.13.Final".parse().unwrap()),
        ..BusSpec::with_logins(Vec::new())
    };
    let host = Host::from_environment().unwrap();
    let older = EphemeralBus::start(&host, "older", &spec, &Silent).await.unwrap();
    let access = older.access();
    let scratch = workspace(bus().await, "older");
    let connection = format!(
        "  bootstrap: [\"{}\"]\n  sasl: {{ mechanism: plain, username: admin, password: \"file:{}\" }}\n",
        access.bootstrap,
        access.secrets.file("admin").display()
    );
    connect(&scratch, "older", &connection);
    let url = access.registry_url.clone().unwrap();
    scratch.write("clusters/registry.yaml", format!("registry: main\nurl: {url}\n"));

    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @r"
    create schema/older.order.v1-value [safe] compatibility none → backward; schema · → version 1 (Avro)
    create topic/older.order.v1 [safe] partitions · → 6; replication_factor · → 1; config.cleanup.policy · → delete; config.min.insync.replicas · → 1; config.retention.ms · → 14d
    create grant/older-reader/group/older-reader [safe] User:older-reader read · → allow
    create grant/older-reader/topic/older.order.v1 [safe] User:older-reader read · → allow; User:older-reader describe · → allow
    create grant/older-writer/topic/older.order.v1 [safe] User:older-writer write · → allow; User:older-writer describe · → allow
    ");
    apply(&scratch);
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    scratch.edit(
        &topic_file("older", "order"),
        "key: id",
        "key: id\npartitions: 8\nconfig: { max.message.bytes: 2MiB }\nschema: { compatibility: full }",
    );
    scratch.write("schemas/older/older.order.v1.avsc", order_with_note("older"));
    let checked = scratch.run(&["plan", "--server-check", "--format", "json"]).ended(0);
    insta::assert_snapshot!(changes(&checked), @r"
    update schema/older.order.v1-value [safe] compatibility backward → full; schema version 1 (Avro) → version 2 (Avro)
    update topic/older.order.v1 [disruptive] partitions 6 → 8; config.max.message.bytes 1048588B → 2MiB
    ");
    let states: Vec<_> = checked.json()["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let part = |part: &str| change["verification"][part].as_str().unwrap().to_owned();
            (part("state"), part("reason"))
        })
        .collect();
    // The registry answers by the level that the change gives up.
    assert_eq!((states[0].0.as_str(), states[1].0.as_str()), ("unverifiable", "verified"), "{}", checked.out);
    assert!(states[0].1.starts_with("the registry finds it compatible"), "{}", checked.out);
    apply(&scratch);
    assert_settled(&scratch);

    // What somebody does to the record is not left so.
    let audit = [name("_busctl-audit")];
    let connection = Connection {
        bootstrap: vec![access.bootstrap.clone()],
        tls: None,
        sasl: Some(Sasl::Plain(Login { username: "admin".to_owned(), password: access.admin().unwrap().password })),
        timeout: std::time::Duration::from_secs(30),
    };
    let hand = KafkaClient::connect(connection).await.unwrap();
    set_config(&hand, "_busctl-audit", "cleanup.policy", Some("delete")).await;
    scratch.edit(&topic_file("older", "order"), "2MiB", "3MiB");
    let repaired = scratch.run(&["apply", "--yes"]).ended(0);
    repaired.says(&["warning: cleanup.policy of _busctl-audit was delete, and is compact again"]);
    let configs = hand.topic_configs(&audit).await.unwrap().overrides;
    assert_eq!(configs["_busctl-audit"].as_ref().unwrap()["cleanup.policy"], "compact");
    older.close().await;
}
