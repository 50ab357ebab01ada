//! Faults made on purpose: other writers, tokens without rights, servers without a leader. What is left half done is told,
//! and a second run mends it.

use std::sync::Arc;
use std::time::Duration;

use crate::between::{Then, between};
use crate::delivery::{DISRUPTIVE, POLICY, of_deliveries, workspace};
use crate::support::consul::{Access, Consul};
use crate::support::sample::{assert_settled, plan};
use crate::support::server::bus;

#[tokio::test(flavor = "multi_thread")]
async fn another_writer_between_plan_and_apply_makes_a_reviewed_plan_stale() {
    let Some(consul) = Consul::start(Access::Open).await else { return };
    let scratch = workspace(bus().await, "stale", &consul.address, "");
    scratch.run(&["apply", "--yes"]).ended(0);
    consul.put("kafka/main/stale-reader/groups", "first");
    scratch.run(&["plan", "-o", "saved.json"]).ended(0);
    consul.put("kafka/main/stale-reader/groups", "second");
    let refused = scratch.run(&["apply", "saved.json", "--yes", "--allow", "disruptive"]).ended(4);
    refused.says(&["client-config/stale-reader: groups was first when it was reviewed and is second now"]);
    assert_eq!(consul.get("kafka/main/stale-reader/groups"), "second");
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_writer_in_mid_apply_is_not_written_over() {
    let Some(consul) = Consul::start(Access::Open).await else { return };
    let consul = Arc::new(consul);
    let bus = bus().await;
    // Somebody writes the very key, between the last look and the transaction.
    let other = Arc::clone(&consul);
    let act = move || other.put("kafka/main/race-reader/groups", "theirs");
    let address = between(consul.port(), act, Then::GoesOn);
    let scratch = workspace(bus, "race", &address, "");
    // Whichever service comes first: its transaction is made as a whole or not at all.
    let run = scratch.run(&["apply", "--yes"]).ended(5);
    run.shows(&["client-config/race-reader", "index is stale", "Run apply again, which plans again"]);
    assert_eq!(consul.keys("kafka/main/race-reader/"), ["kafka/main/race-reader/groups"]);
    assert_eq!(consul.get("kafka/main/race-reader/groups"), "theirs");
    // What does not depend on it was done.
    assert_eq!(consul.get("kafka/main/race-writer/service"), "race-writer");
    let lines = of_deliveries(&plan(&scratch).ended(0));
    assert!(
        lines.contains("update client-config/race-reader [disruptive]")
            && lines.contains("groups theirs → race-reader"),
        "{lines}"
    );
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_answer_is_lost_is_told_by_what_the_keys_have() {
    let Some(consul) = Consul::start(Access::Open).await else { return };
    let address = between(consul.port(), || {}, Then::IsNotAnswered);
    let scratch = workspace(bus().await, "lost", &address, "");
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    assert_eq!(consul.get("kafka/main/lost-reader/groups"), "lost-reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_rights_plans_in_part_and_writes_nothing() {
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    let scratch = workspace(bus().await, "rights", &consul.address, &consul.token(POLICY));
    scratch.run(&["apply", "--yes"]).ended(0);

    // It may read: the plan is whole, and what is to be written is denied.
    let reader = consul.token("key_prefix \"kafka/main/\" { policy = \"read\" }");
    scratch.write("secrets/consul", &reader);
    consul.put("kafka/main/rights-reader/groups", "by-hand");
    scratch.run(&["plan"]).ended(0).shows(&["client-config/rights-reader"]);
    let denied = scratch.run(&DISRUPTIVE).ended(1);
    let both = format!("{}{}", denied.out, denied.err);
    let both = both.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        both.contains("Permission denied") && both.contains("key_prefix \"kafka/main/\" { policy = \"write\" }"),
        "{both}"
    );
    assert!(!both.contains(&reader), "{both}");
    assert_eq!(consul.get("kafka/main/rights-reader/groups"), "by-hand");

    // It may not even read: what is hidden is not absent, and the rest is planned.
    scratch.write("secrets/consul", consul.token("key_prefix \"elsewhere/\" { policy = \"write\" }"));
    scratch.write(
        "acls/other.yaml",
        "service: rights-writer\nproduces: [rights.order.v1]\ntransactional_ids: [rights-tx]\n",
    );
    scratch.remove("acls/writer.yaml");
    let part = scratch.run(&["plan", "--format", "json"]).ended(1);
    assert_eq!(part.json()["complete"], false);
    assert_eq!(of_deliveries(&part), "");
    assert!(part.out.contains("grant/rights-writer/"), "{}", part.out);
    let unseen = part.json()["incomplete"].as_array().unwrap().clone();
    assert!(unseen.iter().any(|it| it["address"] == "client-config/rights-reader"), "{unseen:#?}");
    assert!(part.out.contains("a part of it is hidden by ACLs"), "{}", part.out);
    let applied = scratch.run(&DISRUPTIVE);
    assert!(matches!(applied.code, Some(1 | 5)), "{applied:#?}");

    // A token that Consul does not know, and one that is not there.
    scratch.write("secrets/consul", "11111111-2222-3333-4444-555555555555");
    let unknown = scratch.run(&["plan"]).ended(1);
    unknown.shows(&["ACL not found", "the token was deleted or has ended"]);
    scratch.remove("secrets/consul");
    scratch.run(&["plan"]).ended(1).shows(&["clusters/main.yaml:", "file:secrets/consul"]);

    scratch.write("secrets/consul", consul.token(POLICY));
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_lose_their_leader_in_mid_apply_are_told_and_mended_by_the_next_run() {
    let Some([first, second]) = Consul::start_two().await else { return };
    let bus = bus().await;
    let second = Arc::new(second);
    let other = Arc::clone(&second);
    let address = between(first.port(), move || other.stop(), Then::GoesOn);
    let scratch = workspace(bus, "leader", &address, "");
    let run = scratch.run(&["apply", "--yes", "--timeout", "5s"]).ended(5);
    run.shows(&["client-config/leader-", "no leader that answers"]);
    // What clients need of the brokers was done all the same; a plan says what it does not know.
    first.wait_for_no_leader().await;
    let part = scratch.run(&["plan", "--timeout", "5s"]).ended(1);
    part.shows(&["it has no leader", "consul operator raft"]);
    second.start_again();
    first.wait_for_a_leader().await;
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    assert_eq!(first.get("kafka/main/leader-reader/groups"), "leader-reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_is_killed_at_a_transaction_is_finished_by_the_next_one() {
    let Some(consul) = Consul::start(Access::Open).await else { return };
    let (reached, wait) = std::sync::mpsc::channel();
    let (go_on, held) = std::sync::mpsc::channel::<()>();
    let act = move || {
        reached.send(()).ok();
        held.recv().ok();
    };
    let address = between(consul.port(), act, Then::GoesOn);
    let scratch = workspace(bus().await, "killed", &address, "");
    let running = scratch.start(&["apply", "--yes"]);
    let reaches = tokio::task::spawn_blocking(move || wait.recv_timeout(Duration::from_secs(120)));
    reaches.await.unwrap().expect("the apply writes to Consul");
    running.signal("KILL");
    assert_eq!(running.wait().code, None);
    drop(go_on);
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    assert_eq!(consul.get("kafka/main/killed-reader/groups"), "killed-reader");
    assert_eq!(consul.get("kafka/main/killed-writer/service"), "killed-writer");
}
