//! `docs/permissions.md` lists the least ACLs of each command: with them a principal that is no super user can do it,
//! and without any one of them it cannot see or do everything.

use busctl::adapters::kafka::KafkaClient;
use busctl::ports::kafka::{Acl, AclOperation, AclResourceType, KafkaAdmin};

use crate::sample::{
    acl, apply, assert_settled, changes, connect, grant, name, order, plan, revoke, sasl, topic, topic_file, workspace,
};
use crate::server::bus;
use crate::support::least::{least, of_the_record};
use crate::support::terminal::Terminal;
use crate::support::workspace::Scratch;

/// The workspace of a domain, applied, and a client for what is done by hand.
async fn applied(domain: &str, login: &str) -> (Scratch, KafkaClient) {
    let bus = bus().await;
    let scratch = workspace(bus, domain);
    apply(&scratch);
    connect(&scratch, domain, &sasl(bus, login));
    (scratch, bus.hand().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_needs_what_the_page_says() {
    let login = "perms-reader";
    let (scratch, hand) = applied("permsread", login).await;
    let acls = least("`plan`, `snapshot`, `import`, `diff`, lists", login, "permsread.*");
    assert_eq!(acls.len(), 4);
    // With none at all, a declared topic is not taken for one that does not exist.
    let blind = plan(&scratch).ended(1);
    assert_eq!(changes(&blind), "");
    let hidden: Vec<_> =
        blind.json()["incomplete"].as_array().unwrap().iter().map(|it| it["address"].clone()).collect();
    assert_eq!(
        hidden,
        [
            "topic/permsread.order.v1",
            // What a service may have beyond what is declared is not seen either.
            "grant/permsread-reader/*",
            "grant/permsread-reader/group/permsread-reader",
            "grant/permsread-reader/topic/permsread.order.v1",
            "grant/permsread-writer/*",
            "grant/permsread-writer/topic/permsread.order.v1",
            "quota/*",
        ]
    );
    scratch.run(&["plan"]).ended(1).shows(&["lacks an ACL"]);
    // Groups that brokers do not tell of are not missing.
    let groups = scratch.run(&["groups", "permsread-reader"]).ended(1);
    groups.shows(&["permsread-reader  unseen"]).says(&["not seen: groups that busctl may not describe"]);

    grant(&hand, &acls).await;
    scratch.run(&["groups", "permsread-reader"]).ended(0).shows(&["permsread-reader  missing"]);
    assert_settled(&scratch);
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    for list in ["topics", "services", "schemas"] {
        scratch.run(&[list]).ended(0).shows(&["on main: ", " settled"]);
    }
    for missing in &acls {
        revoke(&hand, std::slice::from_ref(missing)).await;
        let run = scratch.run(&["snapshot", "--output", "live.json"]);
        assert_eq!(run.code, Some(1), "without {missing:?}: {}", run.err);
        grant(&hand, std::slice::from_ref(missing)).await;
    }
    // It may read, and no more.
    scratch.edit(&topic_file("permsread", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    assert!(changes(&plan(&scratch).ended(0)).starts_with("update topic/permsread.order.v1"));
    scratch.run(&["apply", "--yes"]).ended(1).says(&["lacks an ACL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_by_the_servers_needs_what_the_page_says() {
    let login = "perms-checker";
    let (scratch, hand) = applied("permscheck", login).await;
    let acls = least("`plan --server-check`", login, "permscheck.*");
    assert_eq!(acls.len(), 8);
    grant(&hand, &acls).await;
    // One change for each request: a creation, partitions, a config, a quota.
    more(&scratch, "permscheck");
    limit(&scratch);
    let check = ["plan", "--server-check", "--format", "json"];
    let states = |run: &crate::support::workspace::Run| -> Vec<String> {
        let plan = run.json();
        let is_asked = |address: &str| ["topic/", "quota/"].iter().any(|kind| address.starts_with(kind));
        let asked = plan["changes"].as_array().unwrap().iter();
        let asked = asked.filter(|it| is_asked(it["address"].as_str().unwrap()));
        asked.map(|it| it["verification"]["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&scratch.run(&check).ended(0)), ["verified"; 3]);
    for missing in acls
        .iter()
        .filter(|acl| matches!(acl.operation, AclOperation::Create | AclOperation::Alter | AclOperation::AlterConfigs))
    {
        revoke(&hand, std::slice::from_ref(missing)).await;
        let run = scratch.run(&check).ended(3);
        assert!(states(&run).contains(&"refused".to_owned()), "without {missing:?}: {}", run.out);
        grant(&hand, std::slice::from_ref(missing)).await;
    }
}

/// A quota of one of the services.
fn limit(scratch: &Scratch) {
    scratch.edit("acls/writer.yaml", "produces: [", "quota: { produce: 100MiB/s }\nproduces: [");
}

/// A new topic with its grants, more partitions and another config.
fn more(scratch: &Scratch, domain: &str) {
    scratch.edit(
        &topic_file(domain, "order"),
        "key: id",
        "key: id\npartitions: 8\nconfig: { max.message.bytes: 2MiB }",
    );
    scratch.write(&topic_file(domain, "refund"), topic(domain, "refund"));
    scratch.write(&format!("schemas/{domain}/{domain}.refund.v1.avsc"), order(&format!("{domain}.refund")));
    scratch.edit("acls/writer.yaml", "produces: [", &format!("produces: [{domain}.refund.v1, "));
    scratch.edit("acls/reader.yaml", "consumes: [", &format!("consumes: [{domain}.refund.v1, "));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_needs_what_the_page_says() {
    let login = "perms-writer";
    let (scratch, hand) = applied("permswrite", login).await;
    let acls = least("`apply`", login, "permswrite.*");
    assert_eq!(acls.len(), 9 + 7);
    grant(&hand, &acls).await;
    more(&scratch, "permswrite");
    limit(&scratch);
    let all = changes(&plan(&scratch).ended(0)).lines().count();
    assert_eq!(all, 6);
    // Without one of those that write, what needs it fails and nothing else.
    let writes = [AclOperation::Create, AclOperation::Alter, AclOperation::AlterConfigs];
    let needed = acls.iter().filter(|acl| writes.contains(&acl.operation) && !of_the_record(acl));
    let needed: Vec<_> = needed.collect();
    assert_eq!(needed.len(), 5);
    revoke(&hand, &needed.iter().map(|acl| (*acl).clone()).collect::<Vec<_>>()).await;
    let refused = scratch.run(&["apply", "--yes", "--allow", "disruptive", "--format", "json"]).ended(5).json();
    let failed = refused["outcomes"].as_array().unwrap().iter().filter(|it| it["status"] == "failed").count();
    assert_eq!(failed, 3, "{refused:#}");
    for needed in needed {
        grant(&hand, std::slice::from_ref(needed)).await;
    }
    // What cannot be recorded is not done.
    let record: Vec<Acl> = acls.iter().filter(|acl| of_the_record(acl)).cloned().collect();
    revoke(&hand, &record).await;
    scratch.run(&["apply", "--yes", "--allow", "disruptive"]).ended(1).says(&["_busctl-lock", "lacks an ACL"]);
    grant(&hand, &record).await;
    apply(&scratch);
    // Who may see the topics of the record need not see how they are configured.
    scratch.run(&["snapshot", "--output", "live.json"]).ended(0);
    scratch.run(&["diff", "live.json", "main"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_are_taken_away_in_mid_apply_leave_what_the_next_one_does() {
    let login = "revoked-tool";
    let (scratch, hand) = applied("revoked", login).await;
    let acls = least("`apply`", login, "revoked.*");
    grant(&hand, &acls).await;
    more(&scratch, "revoked");
    let mut terminal = Terminal::start(&scratch, &["apply", "--allow", "disruptive"]);
    terminal.wait_for("Only `yes` goes on");
    revoke(&hand, &acls).await;
    terminal.types("yes\n");
    let (code, shown) = terminal.wait();
    assert!(matches!(code, 1 | 5) && shown.contains("lacks an ACL"), "{code}: {shown}");
    grant(&hand, &acls).await;
    apply(&scratch);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_may_not_be_seen_holds_up_no_other() {
    let login = "blind-tool";
    let (scratch, hand) = applied("blind", login).await;
    more(&scratch, "blind");
    let mut acls = least("`apply`", login, "blind.refund.v1");
    grant(&hand, &acls).await;
    let planned = plan(&scratch).ended(1);
    assert_eq!(planned.json()["incomplete"][0]["address"], "topic/blind.order.v1");
    assert_eq!(planned.json()["incomplete"][0]["failure"]["kind"], "authorization");
    assert!(
        changes(&planned).contains("create topic/blind.refund.v1")
            && !changes(&planned).contains("topic/blind.order.v1 [")
    );
    // The rest is done, and the code says that it was not all.
    scratch.run(&["apply", "--yes"]).ended(5).shows(&["NOT SEEN, NOT PLANNED: 1 resource", "topic/blind.order.v1"]);
    assert!(hand.describe_topics(&[name("blind.refund.v1")]).await.unwrap()[0].is_ok());
    // With nothing else to do it is not success either.
    scratch.run(&["apply", "--yes"]).ended(1);
    // It may be seen, and its configs may not.
    acls = vec![acl(login, AclResourceType::Topic, "blind.order.v1", AclOperation::Describe)];
    grant(&hand, &acls).await;
    let planned = plan(&scratch).ended(1);
    assert_eq!(planned.json()["incomplete"][0]["address"], "topic/blind.order.v1");
    assert_eq!(changes(&planned), "");
}
