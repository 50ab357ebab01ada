//! The workspace, and what brokers say of replicas and throttles.

use std::panic::Location;
use std::time::{Duration, Instant};

use busctl::adapters::kafka::KafkaClient;
use busctl::model::TopicName;
use busctl::ports::kafka::{ConfigAlteration, KafkaAdmin, PartitionInfo};
use serde_json::Value;

use crate::support::sample::{order, topic, topic_file};
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::{Scratch, start};

/// The topic of these tests.
pub const TOPIC: &str = "shop.order.v1";
/// How many partitions it has.
pub const PARTITIONS: i32 = 4;

/// The topic with this many replicas.
pub fn with_factor(factor: u32) -> String {
    topic("shop", "order") + &format!("partitions: {PARTITIONS}\nreplication_factor: {factor}\n")
}

/// A workspace with one topic, whose number of replicas may be anything.
pub fn workspace(nodes: &ThreeNodes, factor: u32) -> Scratch {
    let settings = "version: 1\nclasses:\n  processed: { cleanup: [delete], retention: 14d }\n\
                    rules: { BUS104: off, BUS105: off, BUS501: off }\n";
    let scratch = Scratch::with(&[
        ("busctl.yaml", settings),
        (
            "catalog/catalog.yaml",
            "domains:\n  shop: { owner: sales }\n\
             services:\n  shop-writer: { owner: sales }\n  shop-reader: { owner: sales }\n\
             teams:\n  sales: { contacts: { email: sales@example.com } }\n",
        ),
        ("acls/writer.yaml", "service: shop-writer\nproduces: [shop.order.v1]\n"),
        ("acls/reader.yaml", "service: shop-reader\nconsumes: [shop.order.v1]\n"),
        (&topic_file("shop", "order"), &with_factor(factor)),
        ("schemas/shop/shop.order.v1.avsc", &order("shop")),
    ]);
    connect(&scratch, nodes, &nodes.manifest());
    scratch
}

/// Writes the cluster's manifest with this connection.
pub fn connect(scratch: &Scratch, nodes: &ThreeNodes, connection: &str) {
    scratch.write(
        "clusters/main.yaml",
        format!(
            "cluster: main\nenvironment: production\ncluster_id: {}\nconnection:\n{connection}\
             principal: \"User:CN={{service}}\"\ndefaults: {{ replication_factor: 3, min_insync_replicas: 1 }}\n\
             kafka: {{ deployment: self_managed, authorizer: standard }}\n",
            nodes.cluster_id,
        ),
    );
}

/// A connection by hand.
pub async fn hand(nodes: &ThreeNodes) -> KafkaClient {
    KafkaClient::connect(nodes.connection(&nodes.admin)).await.unwrap()
}

/// The partitions of a topic.
pub async fn partitions(hand: &KafkaClient, topic: &str) -> Vec<PartitionInfo> {
    let name: TopicName = topic.parse().unwrap();
    let described = hand.describe_topics(&[name]).await.unwrap();
    described.into_iter().next().unwrap().unwrap().partitions
}

/// The replicas of each partition of the topic.
pub async fn replicas(hand: &KafkaClient) -> Vec<Vec<i32>> {
    partitions(hand, TOPIC).await.into_iter().map(|partition| partition.replicas).collect()
}

/// Waits until something is so.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until replicas are being moved.
pub async fn until_moving(hand: &KafkaClient) {
    until("replicas are moved", async || hand.reassignments().await.is_ok_and(|ongoing| !ongoing.is_empty())).await;
}

/// Everything that is set anywhere to throttle moves.
pub async fn throttles(nodes: &ThreeNodes, hand: &KafkaClient) -> Vec<String> {
    let brokers: Vec<i32> = (1..=nodes.processes.len() as i32).collect();
    throttles_of(&brokers, hand).await
}

/// Fails unless this is all that throttles moves. A broker that has just come back tells for a moment what was set before.
#[track_caller]
pub fn assert_throttles<'a>(
    nodes: &'a ThreeNodes,
    hand: &'a KafkaClient,
    expected: &'a [String],
) -> impl Future<Output = ()> + 'a {
    let caller = Location::caller();
    async move {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let found = throttles(nodes, hand).await;
            if found == expected {
                return;
            }
            assert!(Instant::now() < until, "at {caller}: {found:#?} and not {expected:#?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Everything that is set on these brokers and on topics to throttle moves.
pub async fn throttles_of(brokers: &[i32], hand: &KafkaClient) -> Vec<String> {
    let mut found = Vec::new();
    for (broker, set) in brokers.iter().zip(hand.broker_configs(brokers).await) {
        let set = set.unwrap().into_iter().filter(|(key, _)| key.contains("throttled"));
        found.extend(set.filter_map(|(key, set)| Some(format!("broker {broker} {key}={}", set.own()?))));
    }
    let topics = hand.topics().await.unwrap().into_iter().map(|topic| topic.name).collect::<Vec<_>>();
    for (topic, set) in hand.topic_configs(&topics).await.unwrap().overrides {
        let set = set.unwrap().into_iter().filter(|(key, _)| key.contains("throttled"));
        found.extend(set.map(|(key, value)| format!("topic {topic} {key}={value}")));
    }
    found
}

/// Sets a config of a broker by hand.
pub async fn set_on_broker(hand: &KafkaClient, broker: i32, key: &str, value: Option<&str>) {
    let alteration: ConfigAlteration = (key.into(), value.map(str::to_owned));
    for outcome in hand.alter_broker_configs(&[(Some(broker), vec![alteration])], false).await {
        outcome.unwrap();
    }
}

/// What a plan says of a run that succeeds.
#[track_caller]
pub fn json(scratch: &Scratch, arguments: &[&str]) -> Value {
    scratch.run(arguments).ended(0).json()
}

/// Starts a run, and has it killed once replicas are being moved.
pub async fn kill_while_moving(scratch: &Scratch, hand: &KafkaClient, arguments: &[&str]) {
    let running = start(scratch.command(arguments));
    until_moving(hand).await;
    running.signal("KILL");
    assert_eq!(running.wait().code, None);
}
