//! Brokers that leave and come, on four.

use std::collections::{BTreeMap, BTreeSet};

use busctl::localbus::kafka;
use busctl::ports::kafka::KafkaAdmin;
use serde_json::Value;

use crate::estate::{
    PARTITIONS, TOPIC, assert_throttles, hand, json, kill_while_moving, partitions, replicas, throttles, until,
    until_moving, workspace,
};
use crate::support::sample::assert_settled;
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::{assert_valid, start};
use crate::traffic::{Traffic, fill};

/// What a plan says that a broker has.
fn share(plan: &Value, broker: i32, moment: &str, of: &str) -> u64 {
    let brokers = plan["reassignment"]["brokers"].as_array().unwrap();
    brokers.iter().find(|share| share["broker"] == broker).unwrap()[moment][of].as_u64().unwrap()
}

/// On which brokers anything is.
async fn used(hand: &busctl::adapters::kafka::KafkaClient) -> BTreeSet<i32> {
    let topics = hand.topics().await.unwrap();
    topics.into_iter().flat_map(|topic| topic.partitions).flat_map(|partition| partition.replicas).collect()
}

/// Waits until each partition is led by the first of its replicas.
async fn until_preferred_leaders_lead(hand: &busctl::adapters::kafka::KafkaClient) {
    until("the preferred leaders lead", async || {
        let topics = hand.topics().await.unwrap();
        topics.iter().flat_map(|topic| &topic.partitions).all(|one| one.leader == one.replicas.first().copied())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_leaves_and_comes_back_whoever_is_killed() {
    let mut nodes = ThreeNodes::start_four(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes, 3);
    scratch.run(&["apply", "--yes"]).ended(0);
    let by_hand = hand(&nodes).await;
    fill(&nodes, TOPIC, 1_200, 40_000).await;
    let traffic = Traffic::start(&nodes, TOPIC);
    let before = replicas(&by_hand).await;
    assert!(used(&by_hand).await.contains(&4));

    scratch.run(&["rebalance", "--drain", "9"]).ended(64).says(&["there is no broker 9", "1, 2, 3, 4"]);
    scratch.run(&["rebalance"]).ended(64);
    let drain = ["rebalance", "--drain", "4", "--format", "json"];
    let planned = json(&scratch, &drain);
    assert_valid("plan.schema.json", &planned);
    assert_eq!(share(&planned, 4, "after", "replicas"), 0, "{planned:#}");
    assert!(share(&planned, 4, "before", "replicas") > 0 && share(&planned, 4, "before", "bytes") > 0);
    assert_eq!(replicas(&by_hand).await, before, "a plan changes nothing");

    // Cancelled in mid move: everything is where it was, and nothing is held back any more.
    let slow = ["rebalance", "--drain", "4", "--yes", "--throttle", "30KiB/s"];
    kill_while_moving(&scratch, &by_hand, &slow).await;
    assert_ne!(throttles(&nodes, &by_hand).await, Vec::<String>::new());
    scratch.run(&["reassign", "cancel"]).ended(0).says(&["nothing was changed; to do it: --yes"]);
    scratch.run(&["reassign", "cancel", "--yes"]).ended(0);
    until("nothing is moved", async || by_hand.reassignments().await.is_ok_and(|ongoing| ongoing.is_empty())).await;
    assert_throttles(&nodes, &by_hand, &[]).await;
    // The order of replicas is Kafka's own by then.
    let sets = |all: Vec<Vec<i32>>| all.into_iter().map(BTreeSet::from_iter).collect::<Vec<BTreeSet<i32>>>();
    assert_eq!(sets(replicas(&by_hand).await), sets(before));
    scratch.run(&["reassign", "status"]).ended(0).shows(&["Nothing is being moved on main"]);

    // Drained, while another broker is killed in mid move.
    let mut running = start(scratch.command(&["rebalance", "--drain", "4", "--yes", "--throttle", "2MiB/s"]));
    until_moving(&by_hand).await;
    nodes.kill(2);
    nodes.start_again(2).await;
    running.wait_until_it_says("being moved");
    running.wait().ended(0);
    assert!(!used(&by_hand).await.contains(&4), "{:?}", replicas(&by_hand).await);
    assert_throttles(&nodes, &by_hand, &[]).await;
    scratch.run(&["rebalance", "--drain", "4", "--yes"]).ended(0);
    assert_settled(&scratch);

    // It comes back, and takes its share without anybody getting more.
    let planned = json(&scratch, &["rebalance", "--add", "4", "--format", "json"]);
    assert!(share(&planned, 4, "after", "replicas") > 0, "{planned:#}");
    for broker in 1..4 {
        let [before, after] = ["before", "after"].map(|moment| share(&planned, broker, moment, "replicas"));
        assert!(after <= before, "{planned:#}");
    }
    scratch.run(&["rebalance", "--add", "4", "--yes"]).ended(0);
    assert!(used(&by_hand).await.contains(&4));

    // The leaders are spread, and lead.
    scratch.run(&["rebalance", "--leaders", "--yes"]).ended(0);
    until_preferred_leaders_lead(&by_hand).await;
    let topics = by_hand.topics().await.unwrap();
    let all: Vec<Vec<i32>> = topics.into_iter().flat_map(|topic| topic.partitions).map(|one| one.replicas).collect();
    let mut leaders: BTreeMap<i32, usize> = (1..=4).map(|broker| (broker, 0)).collect();
    for replicas in &all {
        *leaders.entry(replicas[0]).or_default() += 1;
    }
    // Who has few replicas cannot lead more: nobody leads two more than another one that could lead one of them.
    for replicas in &all {
        for other in replicas {
            assert!(leaders[&replicas[0]] <= leaders[other] + 1, "{replicas:?} {leaders:?}");
        }
    }
    scratch.run(&["rebalance", "--leaders"]).ended(0).shows(&["Nothing to do"]);

    // A broker that was away leads again what it led, although nothing is to be moved, and once it has caught up.
    nodes.kill(3);
    until("others lead", async || {
        let topics = by_hand.topics().await.unwrap();
        topics.iter().flat_map(|topic| &topic.partitions).all(|one| one.leader.is_some_and(|leader| leader != 3))
    })
    .await;
    nodes.start_again(3).await;
    scratch.run(&["rebalance", "--leaders", "--yes"]).ended(0);
    until_preferred_leaders_lead(&by_hand).await;
    for partition in partitions(&by_hand, TOPIC).await {
        assert_eq!(partition.replicas.iter().collect::<BTreeSet<_>>().len(), 3);
    }
    traffic.assert_nothing_is_lost(&nodes, TOPIC, PARTITIONS).await;
}
