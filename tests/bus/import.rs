//! A workspace made of a live broker and registry.

use busctl::ports::kafka::{AclOperation, AclResourceType};

use crate::sample::{acl, apply, changes, create_topic, grant, order_with_note, plan, workspace};
use crate::server::bus;
use crate::support::workspace::Scratch;

/// What everything is reached by that has no manifest yet.
fn reached<'a>(bootstrap: &'a str, registry: &'a str) -> [&'a str; 7] {
    ["import", "--cluster", "adopted", "--bootstrap", bootstrap, "--registry", registry]
}

/// Fails unless a live plan has nothing to do, whatever rules the bus breaks.
#[track_caller]
fn assert_nothing_to_do(scratch: &Scratch) {
    assert_eq!(changes(&plan(scratch).ended(3)), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_workspace_applied_another_one_imports() {
    let bus = bus().await;
    let first = workspace(bus, "adopt");
    apply(&first);
    first.run(&["schema", "keep", "adopt.order.v1"]).ended(0);
    first.write("schemas/adopt/adopt.order.v1.avsc", order_with_note("adopt"));
    apply(&first);
    let hand = bus.hand().await;
    create_topic(&hand, "adopt.stock.v1", 3, &[("cleanup.policy", "compact"), ("max.message.bytes", "2097152")]).await;
    grant(&hand, &[acl("adopt-reader", AclResourceType::Topic, "adopt.stock.*", AclOperation::Describe)]).await;

    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    let reached = reached(&bootstrap, &url);
    let run = scratch.run(&[&reached[..], &["--only", "adopt.*"]].concat()).ended(0);
    run.shows(&["Imported 2 topics (0 of applications), 2 services and 1 subject", "plan: nothing to do"]);
    assert_nothing_to_do(&scratch);
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    // What was there before does not stand in the way of the first change.
    let listed = ["--baseline", "baseline.json"];
    scratch.run(&[&["plan"][..], &listed].concat()).ended(0).says(&["that baseline.json lists not shown"]);
    scratch.run(&["apply", "--yes"]).ended(3);
    scratch.edit(
        "topics/adopt/adopt.order.v1.yaml",
        "topic: adopt.order.v1\n",
        "topic: adopt.order.v1\nconfig: { max.message.bytes: 3MiB }\n",
    );
    scratch.run(&[&["apply", "--yes"][..], &listed].concat()).ended(0).shows(&["1 done"]);
    scratch.run(&[&["plan", "--all", "--detailed-exitcode"][..], &listed].concat()).ended(0);
    assert!(scratch.read("clusters/adopted.yaml").contains(&bus.cluster_id));
    assert_eq!(scratch.read("acls/adopt-writer.yaml"), "service: adopt-writer\nproduces: [adopt.order.v1]\n");
    let reader = scratch.read("acls/adopt-reader.yaml");
    assert!(reader.starts_with("service: adopt-reader\nconsumes: [adopt.order.v1]\n"), "{reader}");
    assert!(reader.contains("  - resource: topic\n    name: adopt.stock.*\n    operation: describe\n"), "{reader}");
    // Both versions are there, and the present one has what the first has not.
    assert!(scratch.read("schemas/adopt/adopt.order.v1.avsc").contains("note"));
    assert!(!scratch.read("schemas/adopt/versions/adopt.order.v1/1.avsc").contains("note"));

    // What comes later is adopted beside what people have written meanwhile.
    create_topic(&hand, "adopt.refund.v1", 1, &[]).await;
    grant(
        &hand,
        &[
            acl("adopt-writer", AclResourceType::Topic, "adopt.refund.v1", AclOperation::Write),
            acl("adopt-writer", AclResourceType::Topic, "adopt.refund.v1", AclOperation::Describe),
        ],
    )
    .await;
    scratch.edit("acls/adopt-writer.yaml", "produces:", "# Two tills.\nproduces:");
    scratch.run(&["import", "--only", "adopt.refund.v1"]).ended(0).shows(&["plan: nothing to do"]);
    assert_eq!(
        scratch.read("acls/adopt-writer.yaml"),
        "service: adopt-writer\n# Two tills.\nproduces: [adopt.order.v1, adopt.refund.v1]\n"
    );
    assert!(scratch.read("topics/adopt/adopt.refund.v1.yaml").contains("producers: [adopt-writer]\n"));
    assert_nothing_to_do(&scratch);
    scratch.run(&["import", "--only", "adopt.*"]).ended(0).shows(&["Nothing to import"]);
}

/// Whatever all the other tests have on the broker and in the registry at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_bus_is_imported() {
    let bus = bus().await;
    apply(&workspace(bus, "whole"));
    let scratch = Scratch::empty();
    let (bootstrap, url) = (format!("127.0.0.1:{}", bus.plain), bus.registry.url.clone());
    scratch.run(&reached(&bootstrap, &url)).ended(0).shows(&["plan: nothing to do"]);
    assert_eq!(scratch.read("acls/whole-writer.yaml"), "service: whole-writer\nproduces: [whole.order.v1]\n");
    scratch.run(&["validate", "--baseline", "baseline.json"]).ended(0);
    scratch.run(&["fmt", "--check"]).ended(0);
}
