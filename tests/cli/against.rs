//! What a change brings, compared with the commit that it started from.

use crate::support::workspace::{Run, Scratch, assert_valid};

const TOPIC: &str = "topics/order.yaml";
const SCHEMA: &str = "schemas/shop/shop.order.v1.avsc";

/// A committed workspace that has findings of its own, with a branch for the change.
pub fn repository() -> Scratch {
    let scratch = workspace("");
    scratch.commit();
    scratch.git(&["checkout", "--quiet", "-b", "change"]);
    scratch
}

/// The same below a folder, not committed.
fn workspace(below: &str) -> Scratch {
    let scratch = if below.is_empty() { Scratch::new() } else { Scratch::empty() };
    let files = [
        (
            "busctl.yaml",
            "version: 1\nclasses:\n  raw: { cleanup: [delete], retention: 30d }\nrules: { BUS108: off, BUS110: off, BUS112: off, BUS113: off }\n",
        ),
        (
            "clusters/a.yaml",
            "cluster: alpha\nenvironment: dev\nkafka: { deployment: local }\ndefaults: { min_insync_replicas: 2 }\n\
             schema_registry: main\n",
        ),
        ("clusters/registry.yaml", "registry: main\nurl: http://127.0.0.1:8081\n"),
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: sales } }\nteams: { sales: { contacts: { email: sales@example.com } } }\n\
             services: { till: { owner: sales }, ledger: { owner: sales } }\n",
        ),
        ("acls/till.yaml", "service: till\nproduces: [shop.order.v1]\n"),
        ("acls/ledger.yaml", "service: ledger\nconsumes: [shop.order.v1]\n"),
        (
            TOPIC,
            "topic: shop.order.v1\nclass: raw\nkey: id\nproducers: [till]\nconsumers: [ledger]\nchange_request: CR-1\n",
        ),
        (
            SCHEMA,
            "{\n  \"type\": \"record\", \"name\": \"Order\", \"namespace\": \"shop\",\n  \"fields\": [\n    \
             { \"name\": \"id\", \"type\": \"string\", \"doc\": \"Its id.\" }\n  ]\n}\n",
        ),
    ];
    for (path, text) in files {
        scratch.write(&format!("{below}{path}"), text);
    }
    scratch
}

fn against(scratch: &Scratch) -> Run {
    scratch.run(&["validate", "--against", "git:main"])
}

#[test]
fn what_the_base_had_does_not_count() {
    let scratch = repository();
    // It has no description, and had none.
    scratch.run(&["validate"]).ended(3).shows(&["error[BUS107]"]);
    scratch.edit(TOPIC, "topic: shop.order.v1\n", "\n# moved down\ntopic: shop.order.v1\n");
    let run = against(&scratch).ended(0).says(&["compared with git:main (", "known before, not shown and not counted"]);
    assert_eq!(run.out, "no findings\n");
}

#[test]
fn what_the_change_breaks_counts() {
    let scratch = repository();
    scratch.write("acls/till.yaml", "service: till\nproduces: [shop.order.v1, shop.refund.v1]\n");
    let run = against(&scratch).ended(3).shows(&["acls/till.yaml:2:27", "shop.refund.v1"]);
    assert!(!run.out.contains("BUS107"), "{}", run.out);
}

#[test]
fn what_the_change_takes_away_is_told_at_its_line() {
    let scratch = repository();
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    scratch.write("acls/ledger.yaml", "service: ledger\n");
    scratch.edit(TOPIC, "consumers: [ledger]", "consumers: []");
    against(&scratch).ended(0).shows(&[
        "warning[BUS703]: `shop.order.v1` keeps less: retention.ms becomes 7d, it was 30d",
        "--> busctl.yaml:3:40",
        "main:busctl.yaml:3:40",
        "warning[BUS706]: `ledger` loses",
        "topic `shop.order.v1`",
    ]);
    scratch.git(&["checkout", "--quiet", "."]);
    scratch.remove(TOPIC);
    against(&scratch).ended(3).shows(&[
        "error[BUS701]: the manifest of topic `shop.order.v1` is gone; the topic itself is not",
        "--> main:topics/order.yaml:1:8",
    ]);
}

#[test]
fn what_loosens_the_check_is_told_beside_what_it_lets_pass() {
    let scratch = repository();
    scratch.edit(
        SCHEMA,
        "\"Its id.\" }",
        "\"Its id.\" },\n    { \"name\": \"customer\", \"type\": \"string\", \"doc\": \"Who.\", \"pii\": true }",
    );
    scratch.edit(
        "catalog/all.yaml",
        "{ shop: { owner: sales }",
        "{ shop: { owner: sales, prefixes: [shop.], limits: { topics: 3 } }",
    );
    scratch.edit("clusters/a.yaml", "environment: dev", "environment: dev\nprotect: [shop.*]\nresidency: elsewhere");
    let own = |code: &str, check: &str| format!("  {code}: {{ over: topic, check: {check}, message: No. }}\n");
    let settings = scratch.read("busctl.yaml");
    let policy = format!("policy:\n{}{}", own("ORG001", "topic.partitions > 1"), own("ORG002", "topic.partitions > 2"));
    scratch.write("busctl.yaml", settings.clone() + &policy);
    scratch.git(&["commit", "--quiet", "--all", "--message", "Limits"]);
    scratch.git(&["branch", "--force", "main"]);
    scratch.write("busctl.yaml", settings + "policy:\n" + &own("ORG001", "topic.partitions > 0"));
    let waiver = "not_secrets: [0123456789abcdef]\nwaivers:\n- { code: BUS107, resource: topic/shop.order.v1, reason: Later., expires: 2099-01-01 }\n";
    let settings = scratch.read("busctl.yaml").replace("rules: {", "rules: { ORG001: off, BUS307: off,") + waiver;
    scratch.write("busctl.yaml", settings);
    scratch.edit("clusters/a.yaml", "protect: [shop.*]\nresidency: elsewhere", "residency: eu\nallow: destructive");
    scratch.edit("catalog/all.yaml", "prefixes: [shop.], ", "");
    scratch.edit("catalog/all.yaml", "topics: 3", "topics: 300");
    scratch.edit(SCHEMA, ", \"pii\": true", "");
    let found = against(&scratch).ended(0);
    found.shows(&[
        "warning[BUS711]: BUS307 counts less: its level becomes off, it was error",
        "warning[BUS711]: a waiver is new: BUS107 no longer counts for `topic/shop.order.v1` until 2099-01-01 (Later.)",
        "warning[BUS711]: `alpha` takes more without being asked: `allow` becomes destructive, it was safe",
        "warning[BUS711]: ORG001 counts less: its level becomes off, it was error",
        "warning[BUS711]: the rule ORG001 asks something else than it did",
        "warning[BUS711]: the rule ORG002 is gone",
        "warning[BUS711]: `limits.topics` of domain `shop` becomes 300, it was 3",
        "customer` is no longer tagged as personal data, and still there",
        "warning[BUS711]: `alpha` no longer protects `shop.*`",
        "warning[BUS711]: `alpha` says that it is somewhere else: `residency` becomes eu",
        "warning[BUS711]: domain `shop` no longer claims the prefix `shop.`",
        "warning[BUS711]: a text that looks like a secret no longer counts as one",
    ]);
}

#[test]
fn rules_of_the_bus_s_own_see_changes() {
    let scratch = repository();
    let rule = "policy:\n  ORG001:\n    over: change\n    check: change.risk != 'destructive'\n    \
                message: \"{change.address} is {change.risk}\"\n";
    let settings = scratch.read("busctl.yaml") + rule;
    scratch.write("busctl.yaml", settings);
    scratch.git(&["commit", "--quiet", "--all", "--message", "Rule"]);
    scratch.git(&["branch", "--force", "main"]);
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    against(&scratch).ended(3).shows(&["error[ORG001]: topic/shop.order.v1 is destructive"]);
}

#[test]
fn a_topic_that_moves_to_another_file_is_not_gone() {
    let scratch = repository();
    let text = scratch.read(TOPIC);
    scratch.remove(TOPIC);
    scratch.write("topics/shop/order.yaml", text);
    assert_eq!(against(&scratch).ended(0).out, "no findings\n");
}

#[test]
fn a_manifest_that_cannot_be_read_is_not_gone() {
    let scratch = repository();
    scratch.write(TOPIC, "topic: [\n");
    let run = against(&scratch).ended(3).shows(&["error[BUS001]"]);
    assert!(!run.out.contains("BUS701") && !run.out.contains("BUS707"), "{}", run.out);
}

/// A committed workspace with a second topic, which the same services use.
fn with_another_topic() -> Scratch {
    let scratch = workspace("");
    scratch.write("topics/refund.yaml", scratch.read(TOPIC).replace("shop.order", "shop.refund"));
    for (file, verb) in [("acls/till.yaml", "produces"), ("acls/ledger.yaml", "consumes")] {
        scratch.edit(file, &format!("{verb}: [shop.order.v1]"), &format!("{verb}: [shop.order.v1, shop.refund.v1]"));
    }
    scratch.commit();
    scratch.git(&["checkout", "--quiet", "-b", "change"]);
    scratch
}

#[test]
fn a_slip_in_one_manifest_hides_nothing_of_the_others() {
    let scratch = with_another_topic();
    scratch.edit("topics/refund.yaml", "key: id", "keys: id");
    scratch.edit(TOPIC, "class: raw", "class: raw\nconfig: { retention.ms: 7d }");
    scratch.write("acls/ledger.yaml", "service: ledger\nconsumes: [shop.refund.v1]\n");
    let run = against(&scratch)
        .ended(3)
        .shows(&[
            "error[BUS004]",
            "warning[BUS703]: `shop.order.v1` keeps less",
            "`ledger` loses read and describe on topic `shop.order.v1`",
        ])
        .says(&["what the change takes away is told of the manifests that can be read, and of no other\n"]);
    assert!(!run.out.contains("on topic `shop.refund.v1`"), "{}", run.out);
    // Who loses access is not known where a manifest of grants is not.
    scratch.edit("acls/till.yaml", "produces:", "produce:");
    let run = against(&scratch).ended(3).shows(&["BUS703"]).says(&["who loses access is not told"]);
    assert!(!run.out.contains("BUS706"), "{}", run.out);
    // A manifest that cannot be read at all may have the topic that is nowhere else.
    scratch.edit("acls/till.yaml", "produce:", "produces:");
    scratch.write("topics/moved.yaml", scratch.read("topics/refund.yaml").replace("keys: id", "key: ["));
    scratch.remove("topics/refund.yaml");
    let run = against(&scratch).ended(3).shows(&[
        "error[BUS001]",
        "BUS703",
        "`ledger` loses read and describe on topic `shop.order.v1`",
    ]);
    assert!(!run.out.contains("BUS701") && !run.out.contains("BUS707"), "{}", run.out);
}

#[test]
fn a_lower_quota_is_told() {
    let scratch = workspace("");
    scratch.write(
        "acls/ledger.yaml",
        "service: ledger\nconsumes: [shop.order.v1]\nquota: { consume: 20MiB/s, produce: 1MiB/s }\n",
    );
    scratch.commit();
    scratch.git(&["checkout", "--quiet", "-b", "change"]);
    scratch.edit(
        "acls/ledger.yaml",
        "consume: 20MiB/s, produce: 1MiB/s",
        "consume: 10MiB/s, produce: 2MiB/s, request: 50%",
    );
    let run = against(&scratch).ended(0).shows(&[
        "warning[BUS712]: `ledger` may use less: `quota.consume` becomes 10MiB/s, it was 20MiB/s\n --> acls/ledger.yaml:3:19",
        "warning[BUS712]: `ledger` may use less: `quota.request` becomes 50%, there was none",
    ]);
    assert_eq!(run.out.matches("BUS712]").count(), 2, "{}", run.out);
    // Who has no quota is not held back.
    scratch.edit("acls/ledger.yaml", "quota: { consume: 10MiB/s, produce: 2MiB/s, request: 50% }\n", "");
    assert!(!against(&scratch).ended(0).out.contains("BUS712"));
}

#[test]
fn settings_with_a_slip_leave_changes_untold() {
    let scratch = repository();
    scratch.edit("busctl.yaml", "retention: 30d", "retentoin: 30d");
    let run = against(&scratch).ended(3).shows(&["error[BUS004]"]);
    let run = run.says(&["what the change takes away is not told, because busctl.yaml cannot be read"]);
    assert!(!run.out.contains("BUS703"), "{}", run.out);
}

#[test]
fn a_snapshot_is_compared_with_the_manifests_that_can_be_read() {
    let scratch = repository();
    scratch.write("alpha.json", snapshot(12));
    scratch.write("topics/other.yaml", "topic: shop.other.v1\nclas: raw\n");
    scratch.edit(TOPIC, "class: raw", "class: raw\nconfig: { retention.ms: 7d }");
    let run = scratch.run(&["validate", "--against", "alpha.json"]).ended(3);
    let run = run.shows(&["error[BUS004]", "BUS703"]).says(&["who loses access is not told"]);
    assert!(!run.out.contains("BUS706"), "{}", run.out);
}

#[test]
fn a_schema_is_compared_with_the_base_s_whether_or_not_it_was_kept() {
    let scratch = repository();
    let more = "\"Its id.\" },\n    { \"name\": \"sum\", \"type\": \"long\", \"doc\": \"Its sum.\" }";
    scratch.edit(SCHEMA, "\"Its id.\" }", more);
    against(&scratch).ended(3).shows(&[
        "error[BUS307]: `shop.order.v1`: a consumer on v2 cannot read records of v1",
        "--> schemas/shop/shop.order.v1.avsc:5:",
        "::: main:schemas/shop/shop.order.v1.avsc:1:1",
    ]);
    // Kept, it is compared once.
    scratch.run(&["schema", "keep", "shop.order.v1"]).ended(0);
    let run = against(&scratch).ended(3);
    assert_eq!(run.out.matches("error[BUS307]").count(), 1, "{}", run.out);
    // Another layout of the same schema is no change.
    scratch.git(&["checkout", "--quiet", "."]);
    scratch.git(&["clean", "--quiet", "-fd"]);
    scratch.edit(SCHEMA, "\n  ]", " ]");
    assert_eq!(against(&scratch).ended(0).out, "no findings\n");
}

/// A way around the check in the same change is told with what it would let pass, and does not.
#[test]
fn a_change_does_not_take_away_the_check_that_stops_it() {
    let scratch = repository();
    let more = "\"Its id.\" },\n    { \"name\": \"sum\", \"type\": \"long\", \"doc\": \"Its sum.\" }";
    scratch.edit(SCHEMA, "\"Its id.\" }", more);
    let breaks = "error[BUS307]: `shop.order.v1`: a consumer on v2 cannot read records of v1";
    for off in ["rules: { BUS307: off, ", "rules: { BUS307: { alpha: off }, "] {
        let settings = scratch.read("busctl.yaml");
        scratch.edit("busctl.yaml", "rules: { ", off);
        against(&scratch).ended(3).shows(&[breaks, "warning[BUS711]"]);
        scratch.write("busctl.yaml", settings);
    }
    scratch.edit(TOPIC, "class: raw", "class: raw\nschema: { compatibility: none }");
    against(&scratch).ended(3).shows(&[
        "error[BUS708]: `shop.order.v1-value` promises less: its compatibility becomes none, it was backward, at which a \
         consumer on what this change makes of it cannot read records of what main has: field `sum`",
    ]);
    // The level alone is a matter of review.
    scratch.git(&["checkout", "--quiet", "--", SCHEMA]);
    against(&scratch).ended(0).shows(&["warning[BUS708]"]);
}

#[test]
fn a_schema_that_moves_is_compared_with_what_it_was() {
    let scratch = workspace("");
    scratch.write("schemas/shop/versions/shop.order.v1/1.avsc", scratch.read(SCHEMA));
    scratch.edit(
        SCHEMA,
        "\"Its id.\" }",
        "\"Its id.\" },\n    { \"name\": \"sum\", \"type\": \"long\", \"default\": 0, \"doc\": \"Its sum.\" }",
    );
    scratch.commit();
    let text = scratch.read(SCHEMA);
    scratch.remove(SCHEMA);
    scratch.remove("schemas/shop/versions/shop.order.v1/1.avsc");
    scratch.write("schemas/shop/order.avsc", &text);
    scratch.edit(TOPIC, "key: id", "key: id\nschema: { value: order.avsc, compatibility: backward_transitive }");
    // Moved, it is the same; what was kept of it still counts.
    assert!(!against(&scratch).out.contains("BUS307"));
    scratch.edit("schemas/shop/order.avsc", "\"default\": 0, ", "");
    against(&scratch).ended(3).shows(&[
        "error[BUS307]: `shop.order.v1`: a consumer on v",
        "--> schemas/shop/order.avsc:5:",
        "main:schemas/shop/versions/shop.order.v1/1.avsc",
    ]);
}

#[test]
fn a_baseline_takes_nothing_that_the_change_lists_in_it() {
    let scratch = workspace("");
    scratch.run(&["validate", "--write-baseline", "known.json"]);
    scratch.commit();
    scratch.edit(SCHEMA, "\"doc\"", "\"pii\": \"id\", \"doc\"");
    scratch.run(&["validate", "--write-baseline", "known.json"]);
    scratch
        .run(&["validate", "--against", "git:main", "--baseline", "known.json"])
        .ended(3)
        .shows(&["BUS641"])
        .says(&["1 finding that known.json lists only since main counts all the same"]);
}

#[test]
fn a_kept_version_stays_as_it_was() {
    let scratch = workspace("");
    let kept = "schemas/shop/versions/shop.order.v1/1.avsc";
    scratch.write(kept, scratch.read(SCHEMA));
    scratch.commit();
    scratch.edit(kept, "Its id.", "Another id.");
    against(&scratch).ended(3).shows(&["error[BUS709]", kept, &format!("main:{kept}")]);
    scratch.remove(kept);
    against(&scratch).ended(3).shows(&["error[BUS709]: the kept version 1", "is gone"]);
}

#[test]
fn what_the_branch_got_meanwhile_is_no_change_of_ours() {
    let scratch = repository();
    scratch.edit(TOPIC, "key: id", "key: id\ndescription: One order.");
    scratch.git(&["commit", "--quiet", "--all", "--message", "Describe"]);
    scratch.git(&["checkout", "--quiet", "main"]);
    scratch.write("topics/refund.yaml", "topic: shop.refund.v1\nclass: raw\n");
    scratch.git(&["add", "--all"]);
    scratch.git(&["commit", "--quiet", "--message", "Refunds"]);
    scratch.git(&["checkout", "--quiet", "change"]);
    assert_eq!(against(&scratch).ended(0).out, "no findings\n");
}

#[test]
fn a_workspace_may_lie_in_a_subfolder_and_be_linked_together() {
    let scratch = workspace("platform/bus/");
    scratch.write("README.md", "The platform.\n");
    scratch.write("platform/bus/shared/refund.yaml", "topic: shop.refund.v1\nclass: raw\nkey: id\n");
    std::os::unix::fs::symlink("../shared/refund.yaml", scratch.path("platform/bus/topics/refund.yaml")).unwrap();
    scratch.commit();
    let run = || scratch.run(&["-C", "platform/bus", "validate", "--against", "git:main"]);
    assert_eq!(run().ended(0).out, "no findings\n");
    scratch.remove("platform/bus/topics/order.yaml");
    run().ended(3).shows(&["main:topics/order.yaml:1:8"]);
}

#[test]
fn a_base_that_has_no_workspace_leaves_everything_to_count() {
    let scratch = Scratch::empty();
    scratch.write("README.md", "Nothing yet.\n");
    scratch.commit();
    let ours = workspace("");
    for path in ["busctl.yaml", "clusters/a.yaml", "catalog/all.yaml", TOPIC, SCHEMA] {
        scratch.write(path, ours.read(path));
    }
    against(&scratch).ended(3).says(&["which has no workspace here"]);
}

/// What `alpha` has, as `busctl snapshot` saves it: the declared topic, kept for thirty days, and one that nobody declares.
pub fn snapshot(partitions: usize) -> String {
    let partitions = vec!["{ \"replicas\": [0, 1, 2], \"isr\": [0, 1, 2] }"; partitions].join(", ");
    let topic = format!(
        r#"{{ "internal": false, "partitions": [{partitions}], "configs": {{ "known":
           {{ "retention.ms": "2592000000", "cleanup.policy": "delete", "min.insync.replicas": "2" }} }} }}"#
    );
    format!(
        r#"{{ "format_version": 1, "name": "alpha", "cluster": {{ "id": "x", "brokers": [], "controller": null }},
           "topics": {{ "topics": {{ "shop.order.v1": {topic}, "other.topic": {topic} }}, "hidden": {{}}, "defaults": {{}} }},
           "acls": {{ "known": [] }}, "quotas": {{ "known": [] }}, "registry": null }}"#
    )
}

#[test]
fn a_snapshot_may_be_the_base() {
    let scratch = repository();
    scratch.write("alpha.json", snapshot(6));
    assert_valid("snapshot.schema.json", &serde_json::from_str(&snapshot(6)).expect("it is JSON"));
    scratch.edit(TOPIC, "key: id", "key: id\ndescription: One order.");
    let run = || scratch.run(&["validate", "--against", "alpha.json"]);
    let found = run().ended(0).says(&["compared with alpha.json, a snapshot of cluster `alpha`"]);
    // What no manifest declares may have been there for ever.
    assert!(!found.out.contains("BUS70") && !found.out.contains("other.topic"), "{}", found.out);
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    run().ended(0).shows(&["warning[BUS703]: `shop.order.v1` keeps less: retention.ms becomes 7d, it was 30d"]);
    scratch.edit("alpha.json", "\"name\": \"alpha\"", "\"name\": \"beta\"");
    run().ended(64).says(&["the workspace has no cluster `beta`"]);
    scratch.write("alpha.json", "{}");
    run().ended(1).says(&["alpha.json is not a snapshot"]);
    // A mistake is told where it is.
    scratch.write("alpha.json", snapshot(6).replacen("\"internal\": false", "\"internal\":\n\"no\"", 1));
    run().ended(1).says(&["invalid type: string \"no\", expected a boolean at line 3 column 4"]);
}

#[test]
fn a_schema_is_compared_with_the_registry_of_a_snapshot() {
    let scratch = repository();
    let fields = r#"[{\"name\":\"id\",\"type\":\"int\"}]"#;
    let text = format!(r#"{{\"type\":\"record\",\"name\":\"Order\",\"namespace\":\"shop\",\"fields\":{fields}}}"#);
    let latest =
        format!(r#"{{ "known": {{ "version": 3, "id": 3, "format": "AVRO", "text": "{text}", "references": [] }} }}"#);
    let registry = format!(
        r#""registry": {{ "known": {{ "info": {{ "compatibility": "BACKWARD", "mode": "READWRITE" }}, "others": [],
           "subjects": {{ "shop.order.v1-value": {{ "latest": {latest}, "compatibility": {{ "known": null }} }} }} }} }}"#
    );
    let snapshot = snapshot(6).replace(r#""registry": null"#, &registry);
    scratch.write("alpha.json", &snapshot);
    let run = || scratch.run(&["validate", "--against", "alpha.json"]);
    run().ended(3).shows(&["error[BUS510]", "shop.order.v1-value", "--> schemas/shop/shop.order.v1.avsc:"]);
    // What could not be seen is not taken for absent, nor for compared.
    let denied = r#"{ "hidden": { "kind": "authorization", "tried": "list ACLs", "server": "b", "answer": "not allowed", "hint": null } }"#;
    scratch.write("alpha.json", snapshot.replace(r#""acls": { "known": [] }"#, &format!(r#""acls": {denied}"#)));
    run().ended(3).says(&["1 resource not seen when alpha.json was taken, and not compared", "not allowed"]);
    // A mistake in a version is told where it is.
    let wrong = snapshot.replace(r#""id": 3"#, "\"id\":\n\"x\"");
    let line = wrong[..wrong.find("\n\"x\",").unwrap() + 1].matches('\n').count() + 1;
    scratch.write("alpha.json", &wrong);
    run().ended(1).says(&[&format!("invalid type: string \"x\", expected u64 at line {line} column 3")]);
}

#[test]
fn a_base_that_cannot_be_had_is_told_with_what_to_do() {
    let scratch = repository();
    let run = |reference: &str| scratch.run(&["validate", "--against", reference]);
    run("git:nowhere").ended(1).says(&["has no commit `nowhere`", "name a branch, a tag or a commit"]);
    run("git:--version").ended(1).says(&["has no commit `--version`"]);
    run("git:").ended(64).says(&["name a branch, a tag or a commit behind `git:`"]);
    run("snapshot.json").ended(1).says(&["there is no snapshot snapshot.json", "`--against git:snapshot.json`"]);
    scratch.git(&["checkout", "--quiet", "--orphan", "island"]);
    scratch.git(&["commit", "--quiet", "--allow-empty", "--message", "Elsewhere"]);
    run("git:main").ended(1).says(&["has no commit in common with `main`"]);
    let outside = workspace("");
    outside.run(&["validate", "--against", "git:main"]).ended(1).says(&["git finds no repository"]);
    outside.git(&["init", "--quiet", "--initial-branch", "main"]);
    outside.run(&["validate", "--against", "git:HEAD"]).ended(1).says(&["has no commit `HEAD`"]);
}

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let scratch = repository();
    scratch.git(&["commit", "--quiet", "--allow-empty", "--message", "One"]);
    scratch.git(&["checkout", "--quiet", "main"]);
    scratch.git(&["commit", "--quiet", "--allow-empty", "--message", "Two"]);
    scratch.git(&["checkout", "--quiet", "change"]);
    let clone = Scratch::empty();
    let from = format!("file://{}", scratch.root().display());
    clone.git(&["clone", "--quiet", "--depth", "1", "--branch", "change", &from, "."]);
    let run = || clone.run(&["validate", "--against", "git:origin/main"]);
    run().ended(1).says(&["has no commit `origin/main`", "this is a shallow clone", "fetch-depth: 0"]);
    clone.git(&["fetch", "--quiet", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    run().ended(1).says(&["is too shallow", "git fetch --unshallow origin"]);
    clone.git(&["fetch", "--quiet", "--unshallow", "origin"]);
    run().ended(0);
    clone.run(&["validate", "--against", "git:main"]).ended(1).says(&["did you mean `git:origin/main`?"]);
}

/// What a pull request brings may look like a repository, with a config that names programs to run.
#[test]
fn a_repository_that_a_pull_request_brings_is_not_taken_for_the_own_one() {
    let scratch = workspace("bus/");
    scratch.commit();
    let run = || scratch.run(&["-C", "bus", "validate", "--against", "git:main"]);
    run().ended(0);
    let bare = Scratch::empty();
    bare.git(&["clone", "--quiet", "--bare", &scratch.root().display().to_string(), "."]);
    for part in ["HEAD", "config", "packed-refs"] {
        scratch.write(&format!("bus/{part}"), bare.read(part));
    }
    for folder in ["objects", "refs"] {
        std::fs::create_dir_all(scratch.path(&format!("bus/{folder}"))).unwrap();
    }
    scratch.write(
        "bus/config",
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = touch pwned\n",
    );
    scratch.edit("bus/topics/order.yaml", "key: id", "kye: id");
    let found = run();
    // Either git goes on to the real repository, or it is told that it did not.
    assert!(found.code == Some(3) || found.err.contains("look like a repository of their own"), "{found:?}");
    assert!(!scratch.path("bus/pwned").exists());
}

#[test]
fn a_repository_that_the_environment_names_is_not_asked() {
    let scratch = workspace("bus/");
    scratch.commit();
    let other = repository();
    let mut command = scratch.command(&["-C", "bus", "validate", "--against", "git:main"]);
    command.env("GIT_DIR", other.path(".git")).env("GIT_WORK_TREE", other.root());
    let found = crate::support::workspace::start(command).wait().ended(0);
    assert!(!found.err.contains("has no workspace here"), "{}", found.err);
}

#[test]
fn a_workspace_that_moves_is_not_compared_with_nothing() {
    let scratch = workspace("bus/");
    scratch.commit();
    std::fs::rename(scratch.path("bus/topics"), scratch.path("topics")).unwrap();
    std::fs::rename(scratch.path("bus/busctl.yaml"), scratch.path("busctl.yaml")).unwrap();
    against(&scratch).ended(1).says(&["has its workspace in bus, where there is none any more"]);
}

#[test]
fn what_cannot_be_read_counts_where_the_change_edits_it() {
    let scratch = workspace("");
    scratch.write("topics/broken.yaml", "topic: [\n");
    scratch.commit();
    against(&scratch).ended(0).says(&["what the change takes away is told of the manifests that can be read"]);
    scratch.write("topics/broken.yaml", "topic: [\npartitions: 9\n");
    against(&scratch).ended(3).shows(&["error[BUS001]", "topics/broken.yaml"]);
}

#[test]
fn a_merge_conflict_that_was_left_is_told_once_and_where() {
    let scratch = repository();
    let text = scratch.read(TOPIC);
    let conflict = "<<<<<<< HEAD\nclass: raw\n=======\nclass: processed\n>>>>>>> change\n";
    scratch.write(TOPIC, text.replace("class: raw\n", conflict));
    let run = against(&scratch)
        .ended(3)
        .shows(&["error[BUS001]: a merge conflict was left in the file", "--> topics/order.yaml:2:1"]);
    assert_eq!(run.out.matches("error[").count(), 1, "{}", run.out);
}

#[test]
fn nobody_begins_to_use_what_is_deprecated() {
    let scratch = repository();
    scratch.write("topics/next.yaml", "topic: shop.order.v2\nclass: raw\nproducers: [till]\n");
    scratch.edit(TOPIC, "class: raw\n", "class: raw\ndeprecated_by: shop.order.v2\n");
    scratch.write("acls/audit.yaml", "service: audit\nconsumes: [shop.order.v1]\n");
    scratch.edit("catalog/all.yaml", "ledger: { owner: sales }", "ledger: { owner: sales }, audit: { owner: sales }");
    // What deprecates it may come with somebody who does not know yet.
    assert!(!against(&scratch).out.contains("BUS713"));
    scratch.commit();
    scratch.git(&["branch", "--force", "main"]);
    scratch.remove("acls/audit.yaml");
    scratch.commit();
    scratch.git(&["branch", "--force", "main"]);
    scratch.write("acls/audit.yaml", "service: audit\nconsumes: [shop.order.v1]\n");
    let run = against(&scratch).ended(3);
    let run =
        run.shows(&["error[BUS713]: `audit` begins to use `shop.order.v1`, which `shop.order.v2` takes the place of"]);
    assert!(!run.out.contains("`ledger`"), "{}", run.out);
    scratch.edit(TOPIC, "shop.order.v2", "shop.order.v3");
    against(&scratch).ended(3).shows(&["error[BUS009]", "shop.order.v3"]);
}
