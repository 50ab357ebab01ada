//! What somebody on call meets: what cannot be done, what others do, and what is under way already.

use busctl::localbus::kafka;
use busctl::ports::kafka::{Assignment, KafkaAdmin};

use crate::estate::{TOPIC, assert_throttles, hand, json, replicas, throttles, until, until_moving, workspace};
use crate::support::sample::assert_settled;
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::start;
use crate::traffic::fill;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_and_what_others_do_is_seen() {
    let nodes = ThreeNodes::start_four(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes, 3);
    // What is outside of `manages` stands on brokers too.
    scratch.edit("clusters/main.yaml", "principal:", "manages: { topics: [\"shop.*\"] }\nprincipal:");
    scratch.run(&["apply", "--yes"]).ended(0);
    let by_hand = hand(&nodes).await;
    fill(&nodes, TOPIC, 1_200, 40_000).await;
    scratch.run(&["reassign", "status"]).ended(0).shows(&["Nothing is being moved on main"]);
    scratch.run(&["reassign", "cancel"]).ended(0).shows(&["Nothing to do"]);
    scratch.run(&["reassign", "cancel", "--yes"]).ended(0);

    let drained = scratch.run(&["rebalance", "--drain", "3,4"]).ended(4);
    drained.says(&["3 replicas need as many brokers, and there are 2 for them", "start another broker first"]);
    scratch.run(&["rebalance", "--add", "9"]).ended(64).says(&["there is no broker 9", "4 brokers: 1, 2, 3, 4"]);
    scratch.run(&["rebalance", "--drain", "2", "--add", "2"]).ended(64);
    // The only broker of a rack may leave, and what that means is said.
    let planned = scratch.run(&["rebalance", "--drain", "3"]).ended(0);
    planned.shows(&["in fewer racks than now", "broker 3 (rack-3): replicas", "__", "written"]);

    // Another tool moves: it is seen, left alone unless that is asked for, and two runs do not meet.
    let before = replicas(&by_hand).await;
    let elsewhere: Vec<Assignment> = (0..)
        .zip(&before)
        .map(|(partition, replicas)| {
            let other = (1..=4).find(|broker| !replicas.contains(broker)).unwrap();
            let replicas = replicas.iter().skip(1).copied().chain([other]).collect();
            Assignment { topic: TOPIC.parse().unwrap(), partition, replicas: Some(replicas) }
        })
        .collect();
    for broker in 1..=4 {
        crate::estate::set_on_broker(&by_hand, broker, "leader.replication.throttled.rate", Some("50000")).await;
    }
    let everything: Vec<_> = vec![("leader.replication.throttled.replicas".into(), Some("*".to_owned()))];
    by_hand
        .alter_topic_configs(&[(TOPIC.parse().unwrap(), everything)], false)
        .await
        .into_iter()
        .for_each(|it| it.unwrap());
    by_hand.reassign(&elsewhere).await.into_iter().for_each(|outcome| outcome.unwrap());
    until_moving(&by_hand).await;
    let status = scratch.run(&["reassign", "status"]).ended(0);
    status.shows(&["shop.order.v1: 4 partitions, not begun by busctl"]);
    let cancel = scratch.run(&["reassign", "cancel", "--yes"]).ended(0);
    cancel.says(&["busctl did not begin to move 1 topic, such as shop.order.v1: --all takes them too"]);
    assert!(!by_hand.reassignments().await.unwrap().is_empty());
    let planned = scratch.run(&["rebalance", "--drain", "4"]).ended(0);
    planned.shows(&["way to other brokers now, which is given up"]);
    scratch.run(&["reassign", "cancel", "--all", "--yes"]).ended(0);
    until("nothing is moved", async || by_hand.reassignments().await.is_ok_and(|ongoing| ongoing.is_empty())).await;
    assert_eq!(throttles(&nodes, &by_hand).await.len(), 5, "what others have set is theirs");
    for broker in 1..=4 {
        crate::estate::set_on_broker(&by_hand, broker, "leader.replication.throttled.rate", None).await;
    }
    let nothing: Vec<_> = vec![("leader.replication.throttled.replicas".into(), None)];
    by_hand
        .alter_topic_configs(&[(TOPIC.parse().unwrap(), nothing)], false)
        .await
        .into_iter()
        .for_each(|it| it.unwrap());

    // While one run moves, another one says who does, and a plan says what is left.
    let running = start(scratch.command(&["rebalance", "--drain", "4", "--yes", "--throttle", "50KiB/s"]));
    until_moving(&by_hand).await;
    let second = scratch.run(&["rebalance", "--drain", "4", "--yes"]).ended(4);
    second.says(&["the lock is held by", "nothing was changed"]);
    let cancelled = scratch.run(&["reassign", "cancel", "--yes"]).ended(4);
    cancelled.says(&["the lock is held by", "nothing was changed"]);
    let planned = json(&scratch, &["rebalance", "--drain", "4", "--format", "json"]);
    let mut changes = planned["changes"].as_array().unwrap().iter();
    assert!(changes.any(|change| change["address"] == "topic/shop.order.v1"), "{planned:#}");
    let status = scratch.run(&["reassign", "status"]).ended(0);
    assert!(!status.out.contains("may still be there"), "it takes its throttle away itself: {status:#?}");
    status.shows(&["shop.order.v1: ", "begun by ", "at most 50.0KiB/s"]);
    running.signal("INT");
    running.wait().ended(5).says(&["are still being moved"]);

    // Somebody takes its moves back by hand: that its throttle is left over is said in every form.
    let ongoing = by_hand.reassignments().await.unwrap().into_iter();
    let back = ongoing.map(|one| Assignment { topic: one.topic, partition: one.partition, replicas: None });
    by_hand.reassign(&back.collect::<Vec<_>>()).await.into_iter().for_each(|outcome| outcome.unwrap());
    until("nothing is moved", async || by_hand.reassignments().await.is_ok_and(|ongoing| ongoing.is_empty())).await;
    let (left, how) = ("whose throttle is left over (set by ", "nothing was changed; to do it: --yes");
    scratch.run(&["reassign", "cancel"]).ended(0).shows(&[left]).says(&[how]);
    scratch.run(&["reassign", "cancel", "--format", "json"]).ended(0).says(&[left, how]);
    scratch.run(&["reassign", "cancel", "--yes"]).ended(0).shows(&[left]);
    assert_throttles(&nodes, &by_hand, &[]).await;

    // An empty broker is filled, and the leaders are spread.
    scratch.run(&["rebalance", "--drain", "4", "--yes"]).ended(0);
    scratch.run(&["rebalance", "--add", "4", "--leaders"]).ended(0).shows(&["broker 4 (rack-1): replicas 0 → "]);
    scratch.run(&["rebalance", "--add", "4", "--leaders", "--yes"]).ended(0);
    assert!(replicas(&by_hand).await.iter().flatten().any(|broker| *broker == 4));
    assert_settled(&scratch);
}
