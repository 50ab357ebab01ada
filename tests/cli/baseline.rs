//! An estate that starts dirty.

use crate::support::workspace::Scratch;

fn dirty() -> Scratch {
    Scratch::with(&[
        (
            "catalog/a.yaml",
            "domains: { shop: { owner: sales } }\nservices: { till: { owner: sales } }\nteams: { sales: {} }\n",
        ),
        ("topics/a.yaml", "topic: shop.order.v1\nproducers: [till]\n"),
        ("clusters/a.yaml", "cluster: alpha\nenvironment: dev\nkafka: { deployment: local }\n"),
    ])
}

#[test]
fn what_a_baseline_lists_does_not_count() {
    let scratch = dirty();
    scratch.run(&["validate"]).ended(3);
    scratch.run(&["validate", "--write-baseline", "baseline.json"]).ended(0).says(&["baseline.json: "]);
    let run = || scratch.run(&["validate", "--baseline", "baseline.json"]);
    run().ended(0).says(&["known before, not shown and not counted"]);
    // The same finding of another topic is another one.
    scratch.write("topics/b.yaml", "topic: shop.refund.v1\nproducers: [till]\n");
    let found = run().ended(3);
    assert!(found.out.contains("shop.refund.v1") && !found.out.contains("shop.order.v1"), "{}", found.out);
    // What is mended is told: the entry would let it come back.
    scratch.remove("topics/b.yaml");
    scratch.remove("topics/a.yaml");
    run().ended(0).says(&["no longer there: write it anew"]);
}

#[test]
fn what_cannot_be_read_is_never_in_a_baseline() {
    let scratch = dirty();
    scratch.write("topics/b.yaml", "topic: [\n");
    let run = scratch.run(&["validate", "--write-baseline", "baseline.json"]).ended(3);
    let _ = run.says(&["1 finding not in it"]);
    assert!(!scratch.read("baseline.json").contains("BUS001"));
}

#[test]
fn what_breaks_a_fixed_rule_is_never_in_a_baseline_and_never_excused_by_one() {
    let scratch = dirty();
    scratch.write("topics/b.yaml", "topic: shop.refund.v1\nclass: no-such\nproducers: [till]\n");
    let run = scratch.run(&["validate", "--write-baseline", "baseline.json"]).ended(3);
    let run = run.says(&["1 finding not in it: what breaks a fixed rule has to be mended"]);
    assert!(run.out.contains("BUS009") && !run.out.contains("BUS107"), "{}", run.out);
    let baseline = scratch.read("baseline.json");
    assert!(!baseline.contains("BUS009") && baseline.contains("BUS107"), "{baseline}");
    // One that was written before, or by hand, excuses it no more.
    let entry = scratch.run(&["validate", "--format", "json"]).ended(3).out;
    let entry: serde_json::Value = serde_json::from_str(&entry).expect("JSON");
    let finding = entry["findings"].as_array().expect("findings").iter().find(|it| it["code"] == "BUS009");
    let finding = finding.expect("the reference to nothing").clone();
    for code in ["BUS009", "BUS107"] {
        let by_hand = serde_json::json!({ "format_version": 1, "findings": [
            { "code": code, "message": finding["message"], "fingerprint": finding["fingerprint"] }
        ] });
        scratch.write("baseline.json", by_hand.to_string());
        let run = scratch.run(&["validate", "--baseline", "baseline.json"]).ended(3);
        assert!(run.out.contains("BUS009"), "{}", run.out);
    }
}

#[test]
fn a_baseline_that_is_none_is_told() {
    let scratch = dirty();
    let run = || scratch.run(&["validate", "--baseline", "baseline.json"]);
    run().ended(1).says(&["could not read the baseline baseline.json", "--write-baseline"]);
    for text in ["", "[]", "{\"format_version\": 9, \"findings\": []}", "{\"format_version\": 1}"] {
        scratch.write("baseline.json", text);
        run().ended(1).says(&["baseline.json is not a baseline"]);
    }
}
