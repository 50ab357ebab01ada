//! A broker that never comes back, and one that is down when its throttle is taken away.

use std::collections::{BTreeMap, BTreeSet};

use busctl::adapters::kafka::KafkaClient;
use busctl::localbus::kafka;
use busctl::ports::kafka::{Assignment, KafkaAdmin, NewTopic};

use crate::estate::{
    PARTITIONS, TOPIC, assert_throttles, hand, json, kill_while_moving, throttles, throttles_of, until, until_moving,
    workspace,
};
use crate::support::sample::assert_settled;
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::{assert_valid, start};
use crate::traffic::{Traffic, fill};

const ALONE: &str = "elsewhere.alone";

/// A topic of nobody's whose only replica is on this broker.
async fn alone_on(hand: &KafkaClient, broker: i32) {
    let name = ALONE.parse().unwrap();
    let topic = NewTopic { name, partitions: 1, replication_factor: 1, configs: BTreeMap::new() };
    hand.create_topics(&[topic], false).await.into_iter().for_each(|outcome| outcome.unwrap());
    let there = Assignment { topic: ALONE.parse().unwrap(), partition: 0, replicas: Some(vec![broker]) };
    hand.reassign(&[there]).await.into_iter().for_each(|outcome| outcome.unwrap());
    until("it is alone there", async || {
        on(hand, broker).await.contains(ALONE) && hand.reassignments().await.unwrap().is_empty()
    })
    .await;
}

/// The topics with a replica on a broker.
async fn on(hand: &KafkaClient, broker: i32) -> BTreeSet<String> {
    let topics = hand.topics().await.unwrap().into_iter();
    let is_on = |topic: &busctl::ports::kafka::TopicInfo| {
        topic.partitions.iter().any(|partition| partition.replicas.contains(&broker))
    };
    topics.filter(is_on).map(|topic| topic.name.to_string()).collect()
}

async fn until_gone(hand: &KafkaClient, broker: i32) {
    until("the broker is known to be gone", async || {
        let cluster = hand.cluster().await;
        cluster.is_ok_and(|cluster| cluster.brokers.iter().all(|other| other.id != broker))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_gone_for_good_is_drained_and_leaves_no_throttle() {
    let mut nodes = ThreeNodes::start_four(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes, 3);
    scratch.run(&["apply", "--yes"]).ended(0);
    let by_hand = hand(&nodes).await;
    alone_on(&by_hand, 4).await;
    fill(&nodes, TOPIC, 1_200, 40_000).await;
    let traffic = Traffic::start(&nodes, TOPIC);
    assert!(on(&by_hand, 4).await.contains(TOPIC));
    nodes.kill(4);
    until_gone(&by_hand, 4).await;

    // What only that broker has is named and holds nothing else up.
    let lost = "1 partition cannot be moved: without a leader nothing is copied";
    let planned = scratch.run(&["rebalance", "--drain", "4", "--format", "json"]).ended(0);
    let planned = planned
        .says(&[lost, "partition 0 of elsewhere.alone: only broker 4 may have all of its records", "start broker 4"])
        .json();
    assert_valid("plan.schema.json", &planned);
    let shares = planned["reassignment"]["brokers"].as_array().unwrap();
    let gone = shares.iter().find(|share| share["broker"] == 4).unwrap();
    assert!(gone["before"]["replicas"].as_u64().unwrap() > 1, "{gone:#}");
    assert_eq!(gone["after"]["replicas"], 1, "{gone:#}");

    let added = scratch.run(&["rebalance", "--add", "4"]).ended(4);
    added.says(&["broker 4 does not take part in the cluster now", "start it, and run this again"]);

    // busctl is killed in mid move; the next run goes on, and takes away what the first has set.
    let slow = ["rebalance", "--drain", "4", "--yes", "--throttle", "300KiB/s"];
    kill_while_moving(&scratch, &by_hand, &slow).await;
    let status = json(&scratch, &["reassign", "status", "--format", "json"]);
    assert_valid("reassign-status.schema.json", &status);
    assert!(status["bytes_left"].as_u64().unwrap() > 0, "{status:#}");
    assert_eq!(status["waits_for"], serde_json::json!([]), "the broker that is left is not needed: {status:#}");
    let drained = scratch.run(&["rebalance", "--drain", "4", "--yes", "--throttle", "20MiB/s"]).ended(5);
    drained.says(&[lost, "not everything was moved: 1 partition without a leader"]);
    assert_eq!(on(&by_hand, 4).await, BTreeSet::from([ALONE.to_owned()]));
    assert_eq!(throttles_of(&[1, 2, 3], &by_hand).await, Vec::<String>::new());
    scratch.run(&["reassign", "status"]).ended(0).shows(&["Nothing is being moved on main"]);
    traffic.assert_nothing_is_lost(&nodes, TOPIC, PARTITIONS).await;

    // It is there again, gets its share back and dies in the middle of that. Without it the move has no end, which is
    // said; cancelled, the throttle is taken away from it too, although it is down.
    nodes.start_again(4).await;
    scratch.run(&["rebalance", "--drain", "4", "--yes"]).ended(0);
    let mut running = start(scratch.command(&["rebalance", "--add", "4", "--yes", "--throttle", "100KiB/s"]));
    until_moving(&by_hand).await;
    running.wait_until_it_says("being moved");
    assert!(throttles(&nodes, &by_hand).await.iter().any(|set| set.starts_with("broker 4 follower.")));
    nodes.kill(4);
    running.wait_until_it_says("not to be done without broker 4, which does not take part now");
    running.signal("KILL");
    running.wait();
    scratch.run(&["reassign", "status"]).ended(0).shows(&["Not to be done without broker 4"]);
    scratch.run(&["reassign", "cancel", "--yes"]).ended(0);
    assert_eq!(throttles_of(&[1, 2, 3], &by_hand).await, Vec::<String>::new());
    nodes.start_again(4).await;
    assert_throttles(&nodes, &by_hand, &[]).await;
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_broker_that_has_just_died_is_named_and_not_waited_for_without_end() {
    let nodes = ThreeNodes::start_four(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes, 3);
    scratch.run(&["apply", "--yes"]).ended(0);
    let by_hand = hand(&nodes).await;
    alone_on(&by_hand, 4).await;
    // The controller takes it for alive until its session is over: what it alone has seems to be movable.
    nodes.kill(4);
    let named = "partition 0 of elsewhere.alone: only broker 4 may have all of its records";
    scratch.run(&["rebalance", "--drain", "4", "--yes"]).ended(5).says(&[named]);
    scratch.run(&["rebalance", "--drain", "4", "--yes"]).ended(5).says(&[named, "start broker 4"]);
    scratch.run(&["reassign", "cancel", "--yes"]).ended(1).shows(&["start broker 4"]);
}
