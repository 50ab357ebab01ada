//! A replication factor that changes, on three brokers.

use std::collections::BTreeSet;

use busctl::localbus::kafka;
use busctl::ports::kafka::KafkaAdmin;

use crate::estate::{
    PARTITIONS, TOPIC, assert_throttles, hand, json, kill_while_moving, replicas, set_on_broker, throttles, until,
    with_factor, workspace,
};
use crate::support::sample::{assert_settled, changes, plan, topic_file};
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::assert_valid;
use crate::traffic::{Traffic, fill};

const RATE: &str = "leader.replication.throttled.rate";

#[tokio::test(flavor = "multi_thread")]
async fn more_replicas_are_made_and_fewer_kept_whoever_is_killed() {
    let mut nodes = ThreeNodes::start(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes, 1);
    scratch.run(&["apply", "--yes"]).ended(0);
    let by_hand = hand(&nodes).await;
    fill(&nodes, TOPIC, 400, 40_000).await;
    let traffic = Traffic::start(&nodes, TOPIC);

    let file = topic_file("shop", "order");
    scratch.write(&file, with_factor(3));
    let planned = plan(&scratch).ended(0);
    assert_valid("plan.schema.json", &planned.json());
    let told = changes(&planned);
    assert!(
        told.starts_with("update topic/shop.order.v1 [disruptive] replication_factor 1 → 3; replicas.0 "),
        "{told}"
    );
    let moved = &planned.json()["reassignment"];
    assert_eq!((&moved["partitions"], &moved["copies"]), (&4.into(), &8.into()), "{moved:#}");
    assert!(moved["bytes"].as_u64().unwrap() > 30_000_000, "{moved:#}");
    let shares = |moment: &str, of: &str| -> Vec<u64> {
        let brokers = moved["brokers"].as_array().unwrap().iter();
        brokers.map(|broker| broker[moment][of].as_u64().unwrap()).collect()
    };
    let gained: u64 =
        shares("after", "replicas").iter().sum::<u64>() - shares("before", "replicas").iter().sum::<u64>();
    assert_eq!(gained, 8);
    scratch.run(&["plan"]).ended(0).shows(&["8 replicas of 4 partitions are copied", "broker 1 (rack-1): replicas"]);
    scratch.run(&["apply", "--yes"]).ended(4).says(&["--allow disruptive"]);
    assert!(replicas(&by_hand).await.iter().all(|replicas| replicas.len() == 1));

    // Killed in mid move: the brokers go on, held back, and the next run waits for them and cleans up. What somebody
    // else has set stays.
    set_on_broker(&by_hand, 2, RATE, Some("123456789")).await;
    let slow = ["apply", "--yes", "--allow", "disruptive", "--throttle", "1MiB/s"];
    kill_while_moving(&scratch, &by_hand, &slow).await;
    let left = throttles(&nodes, &by_hand).await;
    assert!(left.contains(&format!("broker 1 {RATE}=1048576")), "{left:#?}");
    assert!(left.iter().any(|line| line.contains("topic shop.order.v1 follower.replication.throttled.replicas=")));
    let status = json(&scratch, &["reassign", "status", "--format", "json"]);
    assert_valid("reassign-status.schema.json", &status);
    assert!(status["bytes_left"].as_u64().unwrap() > 0, "{status:#}");
    assert_eq!(status["topics"][0]["begun_by"]["throttle"], 1_048_576, "{status:#}");
    // A plan in the middle still says what the whole is.
    assert!(changes(&plan(&scratch).ended(0)).contains("replication_factor 1 → 3"));
    // A broker that dies meanwhile is waited for; busctl is stopped by a limit, and goes on at the next run.
    nodes.kill(3);
    let limited =
        scratch.run(&["apply", "--yes", "--allow", "disruptive", "--throttle", "3MiB/s", "--move-timeout", "3s"]);
    limited.ended(5).says(&["are still being moved"]);
    nodes.start_again(3).await;
    scratch.run(&["apply", "--yes", "--allow", "disruptive", "--throttle", "20MiB/s"]).ended(0);
    assert!(replicas(&by_hand).await.iter().all(|replicas| replicas.iter().collect::<BTreeSet<_>>().len() == 3));
    assert_throttles(&nodes, &by_hand, &[format!("broker 2 {RATE}=123456789")]).await;
    assert_settled(&scratch);
    let leaders: BTreeSet<i32> = replicas(&by_hand).await.iter().map(|replicas| replicas[0]).collect();
    assert_eq!(leaders.len(), 3, "{leaders:?}");

    // The record tells what became of each run.
    let audit = json(&scratch, &["audit", "--resource", "topic/shop.order.v1", "--format", "json"]);
    let ended: Vec<&str> =
        audit["entries"].as_array().unwrap().iter().map(|entry| entry["status"].as_str().unwrap()).collect();
    assert_eq!(ended.last(), Some(&"done"), "{audit:#}");
    assert!(!ended.contains(&"unknown"), "{audit:#}");

    scratch.write(&file, with_factor(2));
    scratch.run(&["plan"]).ended(0).shows(&["replication_factor: 3 → 2", "4 replicas of 4 partitions are deleted"]);
    // What was reviewed is what is done: the brokers are not chosen again.
    let reviewed = json(&scratch, &["plan", "--output", "plan.json", "--format", "json"]);
    let field = |number: usize| {
        let fields = reviewed["changes"][0]["fields"].as_array().unwrap();
        let field = fields.iter().find(|field| field["field"] == format!("replicas.{number}")).unwrap();
        field["after"]["value"].as_str().unwrap().to_owned()
    };
    scratch.run(&["apply", "plan.json", "--yes", "--allow", "disruptive"]).ended(0);
    for (number, replicas) in replicas(&by_hand).await.iter().enumerate() {
        assert_eq!(replicas.iter().map(ToString::to_string).collect::<Vec<_>>().join(","), field(number));
        assert_eq!(replicas.len(), 2);
    }
    assert_settled(&scratch);
    until("nothing is moved", async || by_hand.reassignments().await.is_ok_and(|ongoing| ongoing.is_empty())).await;
    traffic.assert_nothing_is_lost(&nodes, TOPIC, PARTITIONS).await;
}
