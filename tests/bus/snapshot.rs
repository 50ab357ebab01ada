//! A saved live state gives the same plan as the live one, with no network.

use std::process::Command;

use crate::sample::{apply, order_with_note, topic_file, workspace};
use crate::server::bus;
use crate::support::workspace::{assert_valid, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_from_a_snapshot_is_the_live_plan() {
    let bus = bus().await;
    let scratch = workspace(bus, "saved");
    apply(&scratch);
    scratch.edit(&topic_file("saved", "order"), "key: id", "key: id\npartitions: 8\nconfig: { retention.ms: 1d }");
    scratch.write("schemas/saved/saved.order.v1.avsc", order_with_note("saved"));
    scratch.write("acls/reader.yaml", "service: saved-reader\nconsumes: [{ topic: saved.order.v1, group: another }]\n");

    scratch.run(&["snapshot", "--impact", "--output", "live.json"]).ended(0).says(&["live.json", &bus.cluster_id]);
    let written: serde_json::Value = serde_json::from_str(&scratch.read("live.json")).expect("it is JSON");
    assert_valid("snapshot.schema.json", &written);
    assert!(!written["topics"]["topics"]["saved.order.v1"].is_null() && !written["impact"].is_null(), "{written:#}");
    let mut live = scratch.run(&["plan", "--format", "json"]).ended(0).json();
    // No network at all, where the system lets us take it away; else nothing that could be reached.
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", env!("CARGO_BIN_EXE_busctl"), "plan", "--live", "live.json"]);
    command.args(["--format", "json"]).current_dir(scratch.root());
    let isolated = Command::new("unshare").args(["--map-root-user", "--net", "true"]).status();
    let saved = if isolated.is_ok_and(|status| status.success()) {
        start(command).wait()
    } else {
        crate::sample::connect(&scratch, "saved", &crate::sample::plain(1));
        scratch.run(&["plan", "--live", "live.json", "--format", "json"])
    };
    let mut saved = saved.ended(0).json();
    // The registry was asked by the one alone.
    let mut states = Vec::new();
    // Other tests create resources between the two.
    for plan in [&mut live, &mut saved] {
        plan.as_object_mut().unwrap().remove("unmanaged").unwrap();
        for change in plan["changes"].as_array_mut().unwrap() {
            // They were not measured in one moment.
            if let Some(measured) = change.get_mut("measured") {
                measured["taken_at"] = serde_json::Value::Null;
            }
            if change["address"] == "schema/saved.order.v1-value" {
                states.push(change["verification"].take()["state"].take());
            }
        }
    }
    assert_eq!(live, saved);
    assert_eq!(states, ["verified", "offline"]);
    assert_eq!(live["changes"].as_array().unwrap().len(), 4, "{live:#}");

    // A file of another cluster is not taken for this one's.
    let cluster = scratch.read("clusters/main.yaml");
    scratch.write("clusters/main.yaml", cluster.replace("cluster: main", "cluster: other"));
    scratch.run(&["plan", "--live", "live.json"]).ended(4).says(&["is a snapshot of cluster `main`, not of `other`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_snapshot_is_said() {
    let bus = bus().await;
    let scratch = workspace(bus, "nosnap");
    let plan = ["plan", "--live", "live.json"];
    scratch.run(&plan).ended(1).says(&["could not read the snapshot live.json"]);
    scratch.write("live.json", "{}");
    scratch.run(&plan).ended(1).says(&["live.json is not a snapshot", "busctl snapshot -o FILE"]);
    scratch.write("live.json", r#"{ "format_version": 99 }"#);
    scratch.run(&plan).ended(1).says(&["its format_version is 99"]);
    scratch.run(&["plan", "--live", "live.json", "--server-check"]).ended(64);
    scratch.run(&["snapshot", "--output", "/proc/nowhere/live.json"]).ended(1).says(&["could not write"]);
}
