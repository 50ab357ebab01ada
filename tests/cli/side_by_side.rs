//! Several clusters in one run: their plans, and two of them compared.

use crate::against::{repository, snapshot};
use crate::support::workspace::{Scratch, assert_valid, start};

/// Three clusters: `alpha`, whose bus is not up; `beta`, at an address where nobody answers; `gamma`, of which nothing is
/// known.
fn clusters() -> Scratch {
    let scratch = repository();
    let nowhere = "connection: { bootstrap: [127.0.0.1:1] }\n";
    scratch.write("clusters/b.yaml", format!("cluster: beta\nenvironment: test\n{nowhere}schema_registry: main\n"));
    scratch.write("clusters/c.yaml", "cluster: gamma\nenvironment: test\nschema_registry: main\n");
    // Only the codes of the plans are looked at here.
    scratch.edit(
        "busctl.yaml",
        "rules: {",
        "rules: { BUS405: off, BUS406: off, BUS407: off, BUS107: off, BUS401: off,",
    );
    scratch
}

#[test]
fn a_cluster_that_cannot_be_reached_does_not_stop_the_others() {
    let scratch = clusters();
    scratch.write("alpha.json", snapshot(6));
    let all = ["plan", "--all", "--live", "alpha.json", "--timeout", "5s"];
    let run = scratch.run(&[&all[..], &["--format", "json"]].concat()).ended(1);
    let plans = run.json();
    assert_valid("plans.schema.json", &plans);
    let clusters = plans["clusters"].as_array().unwrap();
    let names: Vec<_> = clusters.iter().map(|cluster| cluster["cluster"].as_str().unwrap()).collect();
    assert_eq!(names, ["alpha", "beta", "gamma"]);
    assert_eq!(clusters[0]["plan"]["cluster"], "alpha");
    assert!(clusters[1]["error"].as_str().unwrap().contains("127.0.0.1:1"), "{}", clusters[1]);
    assert!(clusters[2]["error"].as_str().unwrap().contains("has no `connection`"), "{}", clusters[2]);

    let text = scratch.run(&all).ended(1).out;
    let table: Vec<&str> = text.lines().rev().take(4).collect();
    assert_eq!(table[3], "cluster  create  update  delete  risk  findings");
    let create = clusters[0]["plan"]["summary"]["create"].as_u64().unwrap();
    assert!(create > 0 && table[2].starts_with(&format!("alpha    {create:>6}       0       0  safe")), "{text}");
    assert!(table[1].starts_with("beta          -       -       -  -            -  not planned: "), "{text}");
    assert!(table[0].contains("not planned: cluster `gamma` has no `connection`"), "{text}");
    let markdown = scratch.run(&[&all[..], &["--format", "markdown"]].concat()).ended(1).out;
    assert!(markdown.contains("| `beta` | - | - | - | - | - | not planned"), "{markdown}");
    assert!(markdown.contains("| create | `grant/"), "{markdown}");
}

#[test]
fn a_local_bus_that_is_not_up_is_left_out() {
    let scratch = repository();
    scratch.edit("busctl.yaml", "rules: {", "rules: { BUS107: off,");
    let run = scratch.run(&["plan", "--all", "--detailed-exitcode"]).ended(0);
    run.shows(&["alpha         -       -       -  -            -  left out: its local bus is not up"]);
    scratch.write("alpha.json", snapshot(6));
    scratch.run(&["plan", "--all", "--live", "alpha.json", "--detailed-exitcode"]).ended(2);
    // More partitions than are declared are an error of the plan.
    scratch.write("alpha.json", snapshot(12));
    scratch.run(&["plan", "--all", "--live", "alpha.json"]).ended(3).shows(&["refused: 1 finding at level error"]);
    scratch.write("copy.json", snapshot(6));
    let twice = ["plan", "--all", "--live", "alpha.json", "--live", "copy.json"];
    scratch.run(&twice).ended(64).says(&["two snapshots are of cluster `alpha`"]);
    scratch.run(&["plan", "--live", "alpha.json", "--live", "copy.json"]).ended(64).says(&["--all"]);
    scratch.run(&["plan", "--all", "--cluster", "alpha"]).ended(64).says(&["--cluster names one"]);
    let mut command = scratch.command(&["plan", "--all"]);
    command.env("BUSCTL_CLUSTER", "alpha");
    start(command).wait().ended(0).shows(&["left out"]);
    for option in [["--output", "x"], ["--target", "topic/x"], ["--exclude", "topic/x"]] {
        scratch.run(&[&["plan", "--all"][..], &option].concat()).ended(64);
    }
}

#[test]
fn two_snapshots_are_compared() {
    let scratch = repository();
    scratch.write("before.json", snapshot(6));
    let after = snapshot(12).replace("2592000000", "604800000").replace("other.topic", "third.topic");
    scratch.write("after.json", &after);
    let run = scratch.run(&["diff", "before.json", "after.json"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    - topic/other.topic
        cleanup.policy delete, min.insync.replicas 2, retention.ms 30d, partitions 6, replication_factor 3
    ~ topic/shop.order.v1
        retention.ms: 30d (2592000000) → 7d (604800000)
        partitions: 6 → 12
    + topic/third.topic
        cleanup.policy delete, min.insync.replicas 2, retention.ms 7d, partitions 12, replication_factor 3

    alpha (after.json), beside alpha (before.json), has 1 resource that alpha (before.json) lacks, lacks 1, has 1 otherwise.
    ");
    let json = scratch.run(&["diff", "before.json", "after.json", "--format", "json"]).ended(0).json();
    assert_valid("diff.schema.json", &json);
    let markdown = scratch.run(&["diff", "before.json", "after.json", "--format", "markdown"]).ended(0);
    markdown.shows(&["| differs | `topic/shop.order.v1` | `retention.ms: 30d (2592000000) → 7d (604800000)`<br>"]);
    scratch.run(&["diff", "before.json", "after.json", "--detailed-exitcode"]).ended(2);
    let same = scratch.run(&["diff", "after.json", "after.json", "--detailed-exitcode"]).ended(0);
    assert_eq!(same.out, "alpha (after.json) has what alpha (after.json) has.\n");

    // What could not be seen is not taken for the same.
    let hidden = r#""acls": { "hidden": { "kind": "authorization", "tried": "list the ACLs", "server": "k:9092", "answer": "no", "hint": null } }"#;
    scratch.write("hidden.json", after.replace(r#""acls": { "known": [] }"#, hidden));
    let run = scratch.run(&["diff", "hidden.json", "after.json", "--format", "json"]).ended(1);
    assert_valid("diff.schema.json", &run.json());
    scratch.run(&["diff", "hidden.json", "after.json"]).ended(1).shows(&[
        "NOT SEEN: grant/* of alpha: could not list the ACLs on k:9092: no",
        "1 resource could not be seen and not be compared",
    ]);
    scratch.run(&["diff", "nowhere.json", "after.json"]).ended(1).says(&["could not read the snapshot nowhere.json"]);
    scratch.run(&["diff", "after.json", "alphaa"]).ended(64).says(&["did you mean `alpha`?"]);
}
