//! Levels and waivers of what samples show.

use serde_json::{Value, json};

use super::{ID, avro, found, history, test};
use crate::support::workspace::Scratch;

/// The topic that `history` makes, with a schema whose samples break rules, and these lines of settings.
fn with_settings(settings: &str) -> Scratch {
    let scratch = history(&[&avro(ID)], &[("a.json", "{ \"id\": 3 }"), ("a.key.json", "3")]);
    scratch.write("busctl.yaml", format!("version: 1\n{settings}"));
    scratch
}

#[test]
fn rules_of_samples_have_levels() {
    assert_eq!(found(&with_settings("")), ["BUS320 error", "BUS326 warn"]);
    let scratch = with_settings("rules: { BUS320: off, BUS326: error }\n");
    assert_eq!(found(&scratch), ["BUS326 error"]);
    test(&scratch, &[]).ended(3);
    assert!(!scratch.run(&["validate"]).out.contains("[BUS6"), "its levels are known");
    let scratch = with_settings("rules: { BUS320: info }\n");
    assert_eq!(found(&scratch), ["BUS326 warn", "BUS320 info"]);
    test(&scratch, &[]).ended(0);
    let added = avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\" }}"));
    let scratch = history(
        &[&avro(ID), &added],
        &[("old.json", "{ \"id\": \"a\" }"), ("new.json", "{ \"id\": \"a\", \"n\": 1 }")],
    );
    test(&scratch, &["--checklist"]).shows(&["[ ] contract tests: a consumer on v2 cannot read the sample"]);
    scratch.write("busctl.yaml", "version: 1\nrules: { BUS321: off }\n");
    assert_eq!(found(&scratch), [""; 0]);
    test(&scratch, &["--checklist"]).shows(&["[x] contract tests"]);
}

#[test]
fn rules_of_samples_are_waived_by_what_findings_show() {
    let scratch = with_settings("");
    let run = test(&scratch, &["--format", "json"]).ended(3);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let waivers: Vec<Value> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            let (code, resource) = (&found["code"], &found["resource"]);
            json!({ "code": code, "resource": resource, "reason": "Old.", "expires": "2999-12-31", "owner": "media" })
        })
        .collect();
    scratch.write("busctl.yaml", format!("version: 1\nlongest_waiver: unlimited\nwaivers: {}\n", json!(waivers)));
    assert_eq!(found(&scratch), [""; 0]);
    // `validate` reads no samples, and cannot know whether a waiver of theirs is of use.
    let run = scratch.run(&["validate"]);
    assert!(!run.out.contains("[BUS6"), "{}", run.out);
    scratch.edit("busctl.yaml", "2999", "2001");
    assert_eq!(found(&scratch), ["BUS320 error", "BUS326 warn"]);
    scratch.run(&["validate"]).shows(&["the waiver of BUS320 for `topic/media.track.v1` ended on 2001-12-31"]);
}

#[test]
fn each_kind_of_finding_is_explained() {
    let scratch = Scratch::new();
    for code in ["BUS320", "bus321", "BUS322", "BUS323", "BUS324", "BUS325", "BUS326"] {
        scratch.run(&["explain", code]).ended(0).shows(&["found by `busctl schema test`"]);
    }
}
