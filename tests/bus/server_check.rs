//! What the servers say of a plan beforehand.

use crate::sample::{apply, order_with_note, topic_file, workspace};
use crate::server::bus;
use crate::support::workspace::{Run, assert_valid};

/// The state of each change, and its reason.
fn states(run: &Run) -> String {
    let plan = run.json();
    assert_valid("plan.schema.json", &plan);
    let changes = plan["changes"].as_array().unwrap().iter();
    let lines = changes.map(|change| {
        let verification = &change["verification"];
        format!("{} {}: {}", change["address"], verification["state"], verification["reason"]).replace('"', "")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_says_how_far_it_is_verified() {
    let bus = bus().await;
    let scratch = workspace(bus, "checked");
    let check = ["plan", "--server-check", "--format", "json"];
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @r"
    schema/checked.order.v1-value offline: the subject is new: there is nothing that the registry could compare it with
    topic/checked.order.v1 verified: the controller would accept it
    grant/checked-reader/group/checked-reader unverifiable: brokers have no validate-only request for ACLs
    grant/checked-reader/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    grant/checked-writer/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    ");
    // Nothing was created by asking.
    insta::assert_snapshot!(states(&scratch.run(&["plan", "--format", "json"]).ended(0)), @r"
    schema/checked.order.v1-value offline: the server was not asked (--server-check asks it)
    topic/checked.order.v1 offline: the server was not asked (--server-check asks it)
    grant/checked-reader/group/checked-reader unverifiable: brokers have no validate-only request for ACLs
    grant/checked-reader/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    grant/checked-writer/topic/checked.order.v1 unverifiable: brokers have no validate-only request for ACLs
    ");
    apply(&scratch);

    let file = topic_file("checked", "order");
    scratch.edit(&file, "key: id", "key: id\npartitions: 8\nconfig: { retention.ms: 1d }");
    scratch.write("schemas/checked/checked.order.v1.avsc", order_with_note("checked"));
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @r"
    schema/checked.order.v1-value verified: the registry, at its present level, would accept it
    topic/checked.order.v1 verified: the controller would accept it
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_servers_would_refuse_is_known_before_apply() {
    let bus = bus().await;
    let scratch = workspace(bus, "refused");
    apply(&scratch);
    // The broker takes no segment that small; a manifest may hold it.
    scratch.edit(&topic_file("refused", "order"), "key: id", "key: id\nconfig: { segment.bytes: 20B }");
    let file = "schemas/refused/refused.order.v1.avsc";
    scratch.write(file, scratch.read(file).replace("\"string\"", "\"long\""));
    let checked = scratch.run(&["plan", "--server-check", "--format", "json"]);
    insta::assert_snapshot!(states(&checked), @r"
    schema/refused.order.v1-value refused: the registry finds it incompatible: it does not say why
    topic/refused.order.v1 refused: Invalid value 20 for configuration segment.bytes: Value must be at least 1048576 (INVALID_CONFIG)
    ");
    assert_eq!(checked.code, Some(3), "{}", checked.err);
    scratch.run(&["plan", "--server-check"]).ended(3).shows(&["(refused)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_that_no_registry_was_asked_about_is_not_verified() {
    let bus = bus().await;
    let scratch = workspace(bus, "leveled");
    apply(&scratch);
    let (file, schema) = (topic_file("leveled", "order"), "schemas/leveled/leveled.order.v1.avsc");
    let check = ["plan", "--server-check", "--format", "json"];
    let level = |level: &str| {
        let topic = crate::sample::topic("leveled", "order");
        scratch.write(&file, format!("{topic}schema: {{ compatibility: {level} }}\n"));
    };
    level("full");
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @"
    schema/leveled.order.v1-value unverifiable: registries have no request that only tries a level
    ");
    // The registry finds it compatible at the level that goes.
    scratch.write(schema, order_with_note("leveled"));
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @"
    schema/leveled.order.v1-value unverifiable: the registry finds it compatible at its present level. The change sets another level first, and registries have no request that only tries a level
    ");
    // At that level it would refuse this; the change gives the level up first.
    scratch.write(schema, scratch.read(schema).replace("\"string\", \"doc\": \"The", "\"long\", \"doc\": \"The"));
    level("none");
    insta::assert_snapshot!(states(&scratch.run(&check).ended(0)), @"
    schema/leveled.order.v1-value unverifiable: the registry finds it incompatible at its present level. The change sets another level first, and registries have no request that only tries a level
    ");
    apply(&scratch);
}
