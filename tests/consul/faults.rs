//! Faults made on purpose: other writers, tokens without rights, servers without a leader. What is left half done is told,
//! and a second run mends it.

use std::sync::Arc;
use std::time::Duration;

use crate::between::{Then, before_transaction, between};
use crate::delivery::{DISRUPTIVE, POLICY, of_deliveries, workspace};
use crate::many::more_topics;
use crate::support::consul::{Access, Consul};
use crate::support::sample::{assert_settled, plan};
use crate::support::server::{Bus, bus};
use crate::support::workspace::{Run, Scratch, assert_valid};

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

/// The most keys of one transaction.
const OF_ONE: usize = 64;

/// A workspace of which all is applied but what is delivered to the reader: more keys than two transactions take.
fn all_but_the_reader(bus: &Bus, domain: &str, consul: &Consul) -> Scratch {
    let scratch = workspace(bus, domain, &consul.address, "");
    let reader = format!("{domain}-reader");
    let topics = more_topics(&scratch, domain, 32, std::slice::from_ref(&reader));
    scratch.edit("acls/reader.yaml", "consumes: [", &format!("consumes: [{}, ", topics.join(", ")));
    scratch.run(&["apply", "--yes", "--exclude", &format!("client-config/{reader}")]).ended(0);
    assert_eq!(consul.keys(&format!("kafka/main/{reader}/")), [] as [&str; 0]);
    scratch
}

/// How many keys a plan has for the reader.
fn keys_of_the_reader(scratch: &Scratch) -> usize {
    let plan = plan(scratch).ended(0).json();
    let [change] = plan["changes"].as_array().unwrap().as_slice() else { panic!("one change: {plan:#}") };
    change["fields"].as_array().unwrap().len()
}

/// What is said of the one change of an apply that failed.
fn why(run: &Run) -> String {
    let report = run.json();
    assert_valid("apply.schema.json", &report);
    let [outcome] = report["outcomes"].as_array().unwrap().as_slice() else { panic!("one change: {report:#}") };
    assert_eq!((&outcome["status"], &outcome["error"]["kind"]), (&"failed".into(), &"partial".into()), "{outcome:#}");
    outcome["error"]["answer"].as_str().unwrap().to_owned()
}

/// What the audit says became of what was delivered to the reader, each time.
fn became(scratch: &Scratch, domain: &str) -> Vec<String> {
    let audit = scratch.run(&["audit", "--resource", &format!("client-config/{domain}-reader"), "--format", "json"]);
    let audit = audit.ended(0).json();
    let entries = audit["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_somebody_else_wrote_is_told() {
    let Some(consul) = Consul::start(Access::Open).await else { return };
    let consul = Arc::new(consul);
    let scratch = all_but_the_reader(bus().await, "part", &consul);
    let all = keys_of_the_reader(&scratch);
    assert!(all > 2 * OF_ONE, "{all} keys");
    // The last key of all, when the first of them are written.
    let other = Arc::clone(&consul);
    let act = move || other.put("kafka/main/part-reader/service", "theirs");
    let address = before_transaction(consul.port(), 2, act, Then::GoesOn);
    scratch.edit("clusters/main.yaml", &consul.address, &address);
    let why = why(&scratch.run(&["apply", "--yes", "--format", "json"]).ended(5));
    let written = consul.keys("kafka/main/part-reader/").len() - 1;
    assert!(written >= OF_ONE && written < all, "{written} of {all}");
    let told = format!("{written} of its {all} keys are written, the other {} are not", all - written);
    assert!(why.contains("index is stale") && why.ends_with(&told), "{why}");
    assert_eq!(became(&scratch, "part"), ["failed"]);
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
    assert_eq!(became(&scratch, "part"), ["partial", "done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_the_leader_was_lost_is_told() {
    let Some([first, second]) = Consul::start_two().await else { return };
    let second = Arc::new(second);
    let scratch = all_but_the_reader(bus().await, "half", &first);
    let all = keys_of_the_reader(&scratch);
    let other = Arc::clone(&second);
    let address = before_transaction(first.port(), 2, move || other.stop(), Then::GoesOn);
    scratch.edit("clusters/main.yaml", &first.address, &address);
    let why = why(&scratch.run(&["apply", "--yes", "--timeout", "5s", "--format", "json"]).ended(5));
    let left = all - 2 * OF_ONE;
    let told = format!("{OF_ONE} of its {all} keys are written, the last {left} are not; of {OF_ONE} nobody knows");
    assert!(why.contains("no leader that answers") && why.ends_with(&told), "{why}");
    second.start_again();
    first.wait_for_a_leader().await;
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    assert_eq!(became(&scratch, "half"), ["partial", "done"]);
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
