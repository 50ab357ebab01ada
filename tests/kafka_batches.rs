//! Requests are as large as a real controller takes, and no larger.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::localbus::progress::Silent;
use busctl::localbus::{Access, BusSpec, EphemeralBus, Host};
use busctl::ports::connection::{Connection, Login, Sasl};
use busctl::ports::kafka::{KafkaAdmin, NewTopic};

async fn client(access: &Access) -> KafkaClient {
    let admin = access.admin().unwrap();
    let connection = Connection {
        bootstrap: vec![access.bootstrap.clone()],
        tls: None,
        sasl: Some(Sasl::Plain(Login { username: admin.name, password: admin.password })),
        timeout: Duration::from_secs(60),
    };
    KafkaClient::connect(connection).await.unwrap()
}

/// Topics that are alike, with the first of these configs.
fn topics(count: usize, partitions: u32, configs: usize) -> Vec<NewTopic> {
    let known = [
        ("cleanup.policy", "delete"),
        ("max.message.bytes", "2097152"),
        ("min.insync.replicas", "1"),
        ("retention.ms", "2592000000"),
    ];
    let configs: BTreeMap<Arc<str>, String> =
        known.iter().take(configs).map(|(key, value)| ((*key).into(), (*value).to_owned())).collect();
    let topic = |number| NewTopic {
        name: format!("media.event{number:05}.v1").parse().unwrap(),
        partitions,
        replication_factor: 1,
        configs: configs.clone(),
    };
    (0..count).map(topic).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_controller_takes_every_batch_of_new_topics() {
    let mut spec = BusSpec::with_logins(Vec::new());
    spec.registry_version = None;
    let bus = EphemeralBus::start(&Host::from_environment().unwrap(), "dev", &spec, &Silent).await.unwrap();
    let kafka = client(bus.access()).await;
    let mut refused = Vec::new();
    // What a topic weighs may lie in its name, its partitions or its configs.
    for (count, partitions, configs) in [(9_500, 1, 0), (3_000, 1, 4), (700, 30, 0), (700, 30, 4)] {
        let outcomes = kafka.create_topics(&topics(count, partitions, configs), true).await;
        let failure = outcomes.into_iter().find_map(Result::err).map(|failure| failure.answer);
        refused.extend(failure.map(|answer| (count, partitions, configs, answer)));
    }
    bus.close().await;
    assert_eq!(refused, []);
}
