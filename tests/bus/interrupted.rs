//! Ctrl-C before, in the middle of, and after the writes.

use busctl::ports::kafka::{Acl, KafkaAdmin};

use crate::sample::{apply, assert_settled, changes, connect, eventually, name, plain, plan, topic_file, workspace};
use crate::server::bus;
use crate::support::proxy::{Proxy, Request, Then};
use crate::support::terminal::{CTRL_C, Terminal};
use crate::support::workspace::Scratch;

/// Fails where anything was written.
#[track_caller]
fn assert_untouched(scratch: &Scratch, domain: &str) {
    let left = changes(&plan(scratch).ended(0));
    assert_eq!(left.lines().count(), 5, "{left}");
    assert!(left.contains(&format!("create topic/{domain}.order.v1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_question_nothing_is_changed() {
    let bus = bus().await;
    let scratch = workspace(bus, "question");
    for (keys, code, said) in
        [(CTRL_C, 130, "nothing was changed"), ("no\n", 4, "not confirmed"), ("y\n", 4, "not confirmed")]
    {
        let mut terminal = Terminal::start(&scratch, &["apply"]);
        terminal.wait_for("Apply 5 changes to main? Only `yes` goes on");
        terminal.types(keys);
        let (ended, shown) = terminal.wait();
        assert_eq!(ended, code, "{shown}");
        assert!(shown.contains(said), "{shown}");
    }
    assert_untouched(&scratch, "question");

    let mut terminal = Terminal::start(&scratch, &["apply"]);
    terminal.wait_for("Only `yes` goes on");
    terminal.types("yes\n");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("5 done."), "{shown}");
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_live_state_is_read_nothing_is_changed() {
    let bus = bus().await;
    let scratch = workspace(bus, "reading");
    let proxy = bus.proxy(2);
    connect(&scratch, "reading", &plain(proxy.port));
    for signal in ["INT", "TERM"] {
        proxy.at(Request::DescribeAcls, Then::Hold);
        let running = scratch.start(&["apply", "--yes"]);
        proxy.wait_until_reached();
        running.signal(signal);
        running.wait().ended(130).says(&["interrupted: nothing was changed"]);
        proxy.mend();
    }
    assert_untouched(&scratch, "reading");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_what_is_under_way_is_finished_and_the_rest_is_not_tried() {
    let bus = bus().await;
    let scratch = workspace(bus, "middle");
    let proxy = bus.proxy(3);
    connect(&scratch, "middle", &plain(proxy.port));
    proxy.at(Request::CreateTopics, Then::Hold);
    let mut running = scratch.start(&["apply", "--yes", "--format", "json"]);
    proxy.wait_until_reached();
    running.signal("INT");
    running.wait_until_it_says("stopping:");
    proxy.go_on();
    let ended = running.wait().ended(5).says(&["stopping: what is under way is finished"]);
    let report = ended.json();
    crate::support::workspace::assert_valid("apply.schema.json", &report);
    let statuses: Vec<_> =
        report["outcomes"].as_array().unwrap().iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["done", "done", "not_tried", "not_tried", "not_tried"], "{report:#}");
    assert_eq!(report["stopped"], "interrupted");
    let not_tried = ["audit", "--resource", "grant/middle-*", "--outcome", "not_tried", "--format", "json"];
    let not_tried = scratch.run(&not_tried).ended(0).json();
    assert_eq!(not_tried["entries"].as_array().unwrap().len(), 3, "{not_tried:#}");
    // The report is true.
    let hand = bus.hand().await;
    assert!(hand.describe_topics(&[name("middle.order.v1")]).await.unwrap()[0].is_ok());
    assert!(changes(&plan(&scratch)).lines().all(|line| line.starts_with("create grant/")));
    proxy.mend();
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_has_begun_is_finished_also_where_another_was_faster() {
    let bus = bus().await;
    let scratch = workspace(bus, "begun");
    apply(&scratch);
    let proxy = bus.proxy(9);
    connect(&scratch, "begun", &plain(proxy.port));
    scratch.edit(
        &topic_file("begun", "order"),
        "key: id",
        "key: id\npartitions: 8\nconfig: { max.message.bytes: 2MiB }",
    );
    proxy.at(Request::CreatePartitions, Then::Hold);
    let mut running = scratch.start(&["apply", "--yes", "--allow", "disruptive"]);
    proxy.wait_until_reached();
    running.signal("INT");
    running.wait_until_it_says("stopping:");
    // The controller refuses what is there already, as it does where the brokers did not serve yet what it has.
    let raised = bus.hand().await.create_partitions(&[(name("begun.order.v1"), 8)], false).await;
    assert!(raised[0].is_ok(), "{raised:?}");
    proxy.go_on();
    running.wait().ended(0).shows(&["1 done"]);
    proxy.mend();
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_time_ends_at_once_and_the_next_apply_finishes() {
    let bus = bus().await;
    let scratch = workspace(bus, "twice");
    let proxy = bus.proxy(4);
    connect(&scratch, "twice", &plain(proxy.port));
    proxy.at(Request::CreateTopics, Then::Hold);
    let mut running = scratch.start(&["apply", "--yes", "--format", "json"]);
    proxy.wait_until_reached();
    running.signal("INT");
    running.wait_until_it_says("stopping:");
    running.signal("INT");
    // Something was written, so that it is not the code for nothing.
    running.wait().ended(5).says(&["whether what was under way is done is not known", "run the same command again"]);
    proxy.mend();
    apply(&scratch);
}

/// Kills an apply before the brokers see this request.
fn kill_at(scratch: &Scratch, proxy: &Proxy, request: Request) {
    proxy.at(request, Then::Hold);
    let running = scratch.start(&["apply", "--yes"]);
    proxy.wait_until_reached();
    running.signal("KILL");
    assert_eq!(running.wait().code, None);
    proxy.mend();
}

/// What the record says became of the changes of a kind.
fn recorded(scratch: &Scratch, resource: &str) -> Vec<String> {
    let audit = scratch.run(&["audit", "--resource", resource, "--format", "json"]).ended(0).json();
    let entries = audit["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_the_very_end_the_next_apply_accounts_for_what_was_done() {
    let bus = bus().await;
    let scratch = workspace(bus, "atend");
    let proxy = bus.proxy(6);
    connect(&scratch, "atend", &plain(proxy.port));
    proxy.at(Request::CreateAcls, Then::Mute);
    let running = scratch.start(&["apply", "--yes"]);
    proxy.wait_until_reached();
    let hand = bus.hand().await;
    let of_this = |acl: &Acl| acl.principal.to_string().starts_with("User:atend-");
    eventually("the ACLs are there", || async { hand.acls().await.unwrap().into_iter().filter(of_this).count() == 5 })
        .await;
    running.signal("KILL");
    assert_eq!(running.wait().code, None);
    proxy.mend();
    // There is nothing left to do but to find that out.
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_eq!(recorded(&scratch, "grant/atend-*"), ["done", "done", "done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_of_a_part_knows_what_became_of_the_others() {
    let bus = bus().await;
    let scratch = workspace(bus, "partly");
    let proxy = bus.proxy(7);
    connect(&scratch, "partly", &plain(proxy.port));
    kill_at(&scratch, &proxy, Request::CreateTopics);
    scratch.run(&["apply", "--yes", "--target", "grant/partly-reader/group/*"]).ended(0);
    assert_eq!(recorded(&scratch, "topic/partly.*"), ["not_done"]);
    apply(&scratch);
    assert_eq!(recorded(&scratch, "topic/partly.*"), ["not_done", "done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_the_next_apply_finishes() {
    let bus = bus().await;
    let scratch = workspace(bus, "killed");
    let proxy = bus.proxy(5);
    connect(&scratch, "killed", &plain(proxy.port));
    for request in [Request::CreateTopics, Request::CreateAcls] {
        kill_at(&scratch, &proxy, request);
    }
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_manifest_speaks_of_any_more_is_accounted_for() {
    let bus = bus().await;
    let proxy = bus.proxy(8);
    for (domain, then, became) in [("revoked", Then::Hold, "not_done"), ("reverted", Then::Mute, "done")] {
        let scratch = workspace(bus, domain);
        connect(&scratch, domain, &plain(proxy.port));
        proxy.at(Request::CreateTopics, then);
        let running = scratch.start(&["apply", "--yes"]);
        proxy.wait_until_reached();
        let hand = bus.hand().await;
        let topic = name(&format!("{domain}.order.v1"));
        if became == "done" {
            let served = || async { hand.describe_topics(std::slice::from_ref(&topic)).await.unwrap()[0].is_ok() };
            eventually("the topic is there", served).await;
        }
        running.signal("KILL");
        assert_eq!(running.wait().code, None);
        proxy.mend();
        for file in [format!("topics/{domain}/{topic}.yaml"), "acls/writer.yaml".into(), "acls/reader.yaml".into()] {
            scratch.remove(&file);
        }
        scratch.run(&["apply", "--yes"]).ended(0);
        assert_eq!(recorded(&scratch, &format!("topic/{topic}")), [became]);
        assert_eq!(recorded(&scratch, &format!("schema/{domain}.*")), ["done"]);
    }
}
