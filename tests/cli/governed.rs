//! What a change lets out of sight: principals that nobody declares, levels that it lowers for itself, and what it points
//! elsewhere.

use std::os::unix::fs::symlink;

use crate::against::{repository, snapshot};
use crate::support::workspace::{Run, Scratch};

fn against(scratch: &Scratch) -> Run {
    scratch.run(&["validate", "--against", "git:main"])
}

/// Takes what is written for the base, too.
fn rebase(scratch: &Scratch) {
    scratch.git(&["add", "--all"]);
    scratch.git(&["commit", "--quiet", "--message", "Base"]);
    scratch.git(&["branch", "--force", "main"]);
}

#[test]
fn each_principal_that_nobody_declares_any_more_is_told() {
    let scratch = repository();
    scratch.write("clusters/b.yaml", scratch.read("clusters/a.yaml").replace("alpha", "beta").replace("dev", "live"));
    scratch.edit("clusters/a.yaml", "environment: dev", "environment: dev\nprincipal: \"User:CN={service}\"");
    scratch.edit("catalog/all.yaml", "domains:", "roles: { operators: { owner: sales, reads: [shop.*] } }\ndomains:");
    scratch.write("acls/till.yaml", "service: till\nprincipals: { beta: \"User:old\" }\nproduces: [shop.order.v1]\n");
    rebase(&scratch);
    assert!(!against(&scratch).out.contains("BUS705"));

    let ledger = scratch.read("acls/ledger.yaml");
    scratch.write("acls/ledger.yaml", ledger.clone() + "clusters: [dev]\n");
    scratch.edit("acls/till.yaml", "User:old", "User:new");
    let run = against(&scratch).ended(3).shows(&[
        "error[BUS705]: `User:ledger` of service `ledger` is no longer declared on `beta`; its ACLs are still there\n --> \
         acls/ledger.yaml:3:12",
        "error[BUS705]: `User:old` of service `till` is no longer declared on `beta`; its ACLs are still there\n --> \
         acls/till.yaml:2:15",
    ]);
    assert_eq!(run.out.matches("BUS705]").count(), 2, "{}", run.out);
    // Somebody else has the principal now.
    scratch.write("acls/ledger.yaml", &ledger);
    scratch.edit("acls/till.yaml", "User:new", "User:old");
    scratch.edit("clusters/a.yaml", "User:CN=", "User:OU=");
    let run = against(&scratch).ended(3).shows(&[
        "error[BUS705]: `alpha` makes principals otherwise: `User:CN=ledger`, `User:CN=operators`, `User:CN=till` no longer \
         declared, with their ACLs still there\n --> clusters/a.yaml:3:12",
    ]);
    assert_eq!(run.out.matches("BUS705]").count(), 1, "{}", run.out);
    scratch.edit("clusters/a.yaml", "User:OU=", "User:CN=");
    scratch.edit("catalog/all.yaml", "roles: { operators: { owner: sales, reads: [shop.*] } }\n", "");
    against(&scratch).ended(3).shows(&[
        "error[BUS705]: the role `operators` is gone from the manifests; its ACLs are not",
        "main:catalog/all.yaml",
    ]);
}

#[test]
fn a_change_does_not_lower_the_level_of_what_tells_of_it() {
    let scratch = repository();
    scratch.edit("busctl.yaml", "rules: {", "rules: { BUS711: error,");
    rebase(&scratch);
    scratch.edit("busctl.yaml", "BUS711: error,", "BUS711: info, BUS701: off, BUS705: off,");
    scratch.remove("acls/ledger.yaml");
    scratch.edit("topics/order.yaml", "consumers: [ledger]", "consumers: []");
    against(&scratch).ended(3).shows(&[
        "error[BUS711]: BUS701 counts less",
        "error[BUS711]: BUS711 counts less: its level becomes info, it was error",
        "error[BUS705]: the grants of service `ledger` are gone",
    ]);
    // A level that is gone, too.
    scratch.git(&["checkout", "--quiet", "."]);
    scratch.edit("busctl.yaml", "BUS711: error,", "");
    against(&scratch).ended(3).shows(&["error[BUS711]: BUS711 counts less: its level becomes warn, it was error"]);
    // A higher one holds at once.
    scratch.git(&["checkout", "--quiet", "."]);
    scratch.edit("busctl.yaml", "BUS711: error,", "BUS711: error, BUS703: error,");
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    against(&scratch).ended(3).shows(&["error[BUS703]"]);
}

#[test]
fn what_is_no_longer_governed_is_told() {
    let scratch = repository();
    scratch.write("clusters/registry.yaml", "registry: main\nurl: http://127.0.0.1:8081\n");
    scratch.write("clusters/other.yaml", "registry: other\nurl: http://127.0.0.1:8082\n");
    scratch.edit(
        "clusters/a.yaml",
        "environment: dev",
        "environment: dev\ncluster_id: one\nconnection: { bootstrap: [\"a:9092\"] }",
    );
    rebase(&scratch);
    scratch.edit("topics/order.yaml", "class: raw", "class: raw\nmanaged_by: external");
    scratch.edit("clusters/a.yaml", "schema_registry: main", "schema_registry: other\nmanages: { topics: [other.*] }");
    scratch.edit("clusters/a.yaml", "cluster_id: one", "cluster_id: two");
    scratch.edit("clusters/a.yaml", "a:9092", "b:9092");
    scratch.edit("clusters/other.yaml", "8082", "8083");
    scratch.edit("busctl.yaml", "version: 1", "version: 1\nnaming: { topic: \"<domain>.<event>\" }");
    against(&scratch).shows(&[
        "warning[BUS711]: topic `shop.order.v1` is no longer managed here: `managed_by` becomes external",
        "warning[BUS711]: `alpha` has another registry: `schema_registry` becomes other, it was main",
        "warning[BUS711]: `alpha` may be another cluster: `cluster_id` becomes two; it was one",
        "warning[BUS711]: `alpha` is reached elsewhere: `connection.bootstrap` names b:9092",
        "warning[BUS711]: less of `alpha` is governed: `manages.topics` takes what it does not name out",
        "warning[BUS711]: registry `other` is somewhere else: `url` becomes http://127.0.0.1:8083",
        "warning[BUS711]: other names pass: `naming.topic` becomes `<domain>.<event>`, it was `<domain>.<event>.v<number>`",
    ]);
}

#[test]
fn a_snapshot_of_a_foreign_cluster_is_refused() {
    let scratch = repository();
    scratch.write("alpha.json", snapshot(6));
    scratch.edit("clusters/a.yaml", "environment: dev", "environment: dev\ncluster_id: one");
    let run = scratch.run(&["validate", "--against", "alpha.json"]).ended(4);
    run.says(&["alpha.json is of cluster x, not of one", "busctl snapshot --cluster alpha"]);
}

#[test]
fn a_baseline_that_the_change_brings_lists_nothing() {
    let scratch = repository();
    scratch.edit("schemas/shop/shop.order.v1.avsc", "\"doc\"", "\"pii\": \"id\", \"doc\"");
    scratch.run(&["validate", "--write-baseline", "known.json"]);
    let with = |file: &str| scratch.run(&["validate", "--against", "git:main", "--baseline", file]);
    let _ = with("known.json").ended(3).shows(&["BUS641"]).says(&["that known.json lists only since main"]);
    // What whoever runs the gate gives it is no part of the change.
    let elsewhere = Scratch::empty();
    elsewhere.write("known.json", scratch.read("known.json"));
    with(&elsewhere.path("known.json").display().to_string()).ended(0);
}

#[test]
fn a_secret_is_stars_wherever_a_finding_says_it() {
    let scratch = repository();
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    scratch.edit("topics/order.yaml", "change_request: CR-1", &format!("change_request: CR-1\nowner: {token}"));
    scratch.write(&format!("topics/{token}.yaml"), format!("topic: {token}\nclass: raw\n"));
    for form in ["text", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "azure", "rdjson"] {
        let run = scratch.run(&["validate", "--format", form]).ended(3);
        assert!(run.out.contains("BUS640") && !run.out.contains(token), "{form}: {}", run.out);
    }
}

#[test]
fn a_catalog_is_not_written_through_a_link_out_of_the_workspace() {
    let scratch = repository();
    let outside = Scratch::empty();
    outside.write("victim", "mine\n");
    std::fs::create_dir_all(scratch.path("docs")).unwrap();
    symlink(outside.path("victim"), scratch.path("docs/event-catalog.md")).unwrap();
    let run = scratch.run(&["catalog"]).ended(1);
    run.says(&["could not write docs/event-catalog.md: the link docs/event-catalog.md leads out of the workspace"]);
    assert_eq!(outside.read("victim"), "mine\n");
}

#[test]
fn a_generated_file_has_its_place_and_its_page() {
    let scratch = repository();
    scratch.write("docs/event-catalog.md", "old\n");
    scratch.write("completions/busctl.bash", "old\n");
    rebase(&scratch);
    scratch.remove("completions/busctl.bash");
    let ci = |form: &str| scratch.run(&["ci", "--against", "git:main", "--format", form]).ended(3);
    let github = ci("github").out;
    assert!(github.contains("file=docs/event-catalog.md"), "{github}");
    ci("text").shows(&["FAIL  completions: completions/busctl.bash is gone: write them with"]);
    let page = scratch.run(&["explain", "stale_file"]).ended(0).out;
    assert!(page.contains("STALE_FILE") && page.contains("busctl catalog"), "{page}");
}

#[test]
fn settings_that_say_nothing_lack_their_version() {
    let scratch = repository();
    for text in ["", "# nothing\n", "---\n"] {
        scratch.write("busctl.yaml", text);
        scratch.run(&["validate"]).ended(3).shows(&["error[BUS007]: busctl.yaml needs the key `version`"]);
    }
}

#[test]
fn a_broken_registry_leaves_the_clusters_to_be_told() {
    let scratch = repository();
    scratch.write("clusters/registry.yaml", "registry: main\nurl: [\n");
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    against(&scratch).ended(3).shows(&["error[BUS001]", "warning[BUS703]: `shop.order.v1` keeps less"]);
    scratch.write("clusters/registry.yaml", "registry: main\nurls: x\n");
    against(&scratch).ended(3).shows(&["error[BUS004]", "warning[BUS703]: `shop.order.v1` keeps less"]);
}

#[test]
fn a_second_waiver_of_the_same_is_told() {
    let scratch = repository();
    let waiver = "- { code: BUS107, resource: topic/shop.order.v1, reason: Later., expires: 2099-01-01 }\n";
    let settings = scratch.read("busctl.yaml") + "waivers:\n" + waiver;
    scratch.write("busctl.yaml", &settings);
    assert!(!scratch.run(&["validate"]).out.contains("has two waivers"));
    scratch.write("busctl.yaml", settings + waiver);
    scratch.run(&["validate"]).shows(&["`topic/shop.order.v1` has two waivers of BUS107"]);
}

#[test]
fn a_link_to_what_is_hidden_is_called_so() {
    let scratch = repository();
    scratch.write(".env", "topic: shop.env.v1\n");
    symlink("../.env", scratch.path("topics/env.yaml")).unwrap();
    scratch.run(&["validate"]).ended(3).shows(&["topics/env.yaml", "this link leads to what is hidden"]);
}

#[test]
fn a_report_takes_the_place_of_no_manifest() {
    let scratch = repository();
    let before = scratch.read("busctl.yaml");
    let report = |file: &str| scratch.run(&["validate", "--report", &format!("json={file}")]);
    report("busctl.yaml").ended(64).says(&["busctl.yaml is a file of the workspace, and no report"]);
    report("./topics/order.yaml").ended(64).says(&["is a file of the workspace"]);
    symlink("busctl.yaml", scratch.path("found.json")).unwrap();
    report("found.json").ended(64).says(&["is a file of the workspace"]);
    assert_eq!(scratch.read("busctl.yaml"), before);
    report("reports/findings.json").ended(3);
}
