//! What was moved is moved back: a replication factor, and a rebalance, from the plan that was saved.

use busctl::localbus::kafka;
use serde_json::Value;

use crate::estate::{TOPIC, hand, replicas, with_factor, workspace};
use crate::support::sample::{assert_settled, topic_file};
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::{Scratch, assert_valid};
use crate::traffic::fill;

/// A plan that was saved, as its schema describes it.
fn saved(scratch: &Scratch, file: &str) -> Value {
    let saved = serde_json::from_str(&scratch.read(file)).unwrap();
    assert_valid("saved-plan.schema.json", &saved);
    saved
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_moved_is_moved_back() {
    let nodes = ThreeNodes::start_four(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes, 2);
    scratch.run(&["apply", "--yes"]).ended(0);
    let by_hand = hand(&nodes).await;
    fill(&nodes, TOPIC, 40, 1_000).await;
    let with_two = replicas(&by_hand).await;
    let apply = |file| ["apply", file, "--yes", "--allow", "disruptive"];

    // A replication factor: each partition is again on the brokers that it was on, in the same order.
    let file = topic_file("shop", "order");
    scratch.write(&file, with_factor(3));
    scratch.run(&["plan", "-o", "three.json"]).ended(0);
    scratch.run(&apply("three.json")).ended(0);
    let with_three = replicas(&by_hand).await;
    assert!(with_three.iter().all(|replicas| replicas.len() == 3), "{with_three:?}");
    let undone = scratch.run(&["plan", "--undo", "three.json", "-o", "two.json"]).ended(0);
    undone.shows(&["replication_factor: 3 → 2", "4 replicas of 4 partitions are deleted in the end"]);
    scratch.run(&apply("two.json")).ended(0);
    assert_eq!(replicas(&by_hand).await, with_two);
    scratch.run(&["plan", "--undo", "three.json"]).ended(0).shows(&["Nothing to do"]);
    // The manifest still asks for three; and what takes fewer replicas back makes more.
    scratch.run(&["plan"]).ended(0).shows(&["replication_factor: 2 → 3"]);
    scratch.run(&["apply", "--yes", "--allow", "disruptive"]).ended(0);
    let with_three = replicas(&by_hand).await;
    scratch.write(&file, with_factor(2));
    scratch.run(&["plan", "-o", "fewer.json"]).ended(0);
    scratch.run(&apply("fewer.json")).ended(0);
    scratch.run(&["plan", "--undo", "fewer.json", "-o", "more.json"]).ended(0);
    scratch.run(&apply("more.json")).ended(0);
    assert_eq!(replicas(&by_hand).await, with_three);
    scratch.write(&file, with_factor(3));
    assert_settled(&scratch);

    // A rebalance: reviewed in a file, applied from it, and taken back.
    let before = replicas(&by_hand).await;
    scratch.run(&["rebalance", "--drain", "4", "--yes", "-o", "drain.json"]).ended(64);
    let planned = scratch.run(&["rebalance", "--drain", "4", "-o", "drain.json"]).ended(0);
    planned.says(&["saved to drain.json; apply it with: busctl apply drain.json"]);
    assert_eq!(replicas(&by_hand).await, before);
    let placements = saved(&scratch, "drain.json")["rebalance"]["placements"].clone();
    assert!(placements[TOPIC].is_object(), "{placements:#}");
    // To ask for it is to allow it, unless it is said that nothing may be disrupted.
    scratch.run(&["apply", "drain.json", "--yes", "--allow", "safe"]).ended(4).says(&["--allow disruptive"]);
    scratch.run(&apply("drain.json")).ended(0);
    assert!(replicas(&by_hand).await.iter().all(|replicas| !replicas.contains(&4)));
    scratch.run(&apply("drain.json")).ended(0).shows(&["Nothing to do"]);
    let undone = scratch.run(&["plan", "--undo", "drain.json", "-o", "back.json"]).ended(0);
    undone.shows(&["are copied, about ", "to broker 4"]);
    assert!(saved(&scratch, "back.json")["undoes"].is_null());
    scratch.run(&apply("back.json")).ended(0);
    assert_eq!(replicas(&by_hand).await, before);
    scratch.run(&["plan", "--undo", "drain.json"]).ended(0).shows(&["Nothing to do"]);
    // The inverse of the inverse is the rebalance; what was reviewed and has moved since is refused.
    scratch.run(&["plan", "--undo", "back.json", "-o", "again.json"]).ended(0);
    scratch.run(&["rebalance", "--drain", "3", "--yes"]).ended(0);
    scratch.run(&apply("again.json")).ended(4).says(&["the plan is stale", "topic/shop.order.v1: replicas."]);
}
