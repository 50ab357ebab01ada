//! What counts where `busctl.yaml` cannot be read, and what its waivers are known to except.

use crate::against::repository;
use crate::support::workspace::Scratch;

const SCHEMA: &str = "schemas/shop/shop.order.v1.avsc";

/// The codes that `validate` finds.
fn codes(scratch: &Scratch, arguments: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["validate", "--format", "json"].iter().chain(arguments).copied().collect();
    let found = scratch.run(&arguments).json();
    let findings = found["findings"].as_array().expect("findings").iter();
    findings.filter_map(|finding| finding["code"].as_str()).map(str::to_owned).collect()
}

#[test]
fn nothing_is_concluded_from_settings_that_nobody_can_read() {
    let scratch = repository();
    // What the rules find by themselves: no description, and personal data that its domain keeps for seven days.
    scratch.edit(SCHEMA, "\"doc\"", "\"pii\": \"id\", \"doc\"");
    scratch.edit("catalog/all.yaml", "{ owner: sales }", "{ owner: sales, personal_data: { retention: 60d } }");
    scratch.edit("busctl.yaml", "version: 1\n", "version: 1\nnaming: { topic: \"<domain>.<event>.v<number>\" }\n");
    let before = scratch.read("busctl.yaml");
    assert_eq!(codes(&scratch, &[]).iter().filter(|code| *code == "BUS642").count(), 0);
    for broken in [
        before.replace("retention: 30d }", "retention: 30d"),
        before.replace("version: 1\n", "version: one\n"),
        before.replace("<number>", "<number"),
        format!("<<<<<<< HEAD\n{before}=======\n>>>>>>> change\n"),
        "- a\n".to_owned(),
    ] {
        scratch.write("busctl.yaml", &broken);
        for arguments in [&[][..], &["--against", "git:main"]] {
            let found = codes(&scratch, arguments);
            assert!(!found.is_empty() && found.iter().all(|code| code < &"BUS009".to_owned()), "{found:?}: {broken}");
        }
    }
    scratch.write("busctl.yaml", before.replace("retention: 30d }", "retention: 30d"));
    scratch.run(&["validate"]).ended(3).shows(&["until busctl.yaml can be read, most rules are not asked"]);
    // What does not hang on settings is told in the same run.
    scratch.edit("acls/till.yaml", "shop.order.v1", "shop.odrer.v1");
    scratch.run(&["validate"]).ended(3).shows(&["error[BUS009]", "did you mean `shop.order.v1`?"]);
}

#[test]
fn a_waiver_that_only_a_comparison_needs_is_not_called_unused() {
    let scratch = repository();
    let waiver = |code: &str, resource: &str| {
        format!("  - {{ code: {code}, resource: {resource}, reason: Agreed., owner: sales, expires: 2099-01-01 }}\n")
    };
    scratch.edit("acls/ledger.yaml", "consumes: [shop.order.v1]\n", "");
    scratch.edit("topics/order.yaml", "consumers: [ledger]\n", "");
    scratch.edit(SCHEMA, "\"type\": \"string\"", "\"type\": \"long\"");
    let against = ["validate", "--against", "git:main", "--format", "json"];
    let found = scratch.run(&against).json();
    let waivers: String = found["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| !finding["waiver"].is_null())
        .filter_map(|finding| Some(waiver(finding["code"].as_str()?, finding["resource"].as_str()?)))
        .collect();
    assert!(waivers.contains("BUS307") && waivers.contains("BUS70"), "{waivers}");
    let settings = scratch.read("busctl.yaml");
    scratch.write("busctl.yaml", format!("{settings}waivers:\n{waivers}"));
    for arguments in [&["validate"][..], &against] {
        let run = scratch.run(arguments);
        assert!(!run.out.contains("BUS602"), "{}", run.out);
    }
    // One that validate can judge is.
    scratch.write("busctl.yaml", format!("{settings}waivers:\n{waivers}{}", waiver("BUS104", "topic/shop.order.v1")));
    scratch.run(&["validate"]).shows(&["warning[BUS602]: nothing of `topic/shop.order.v1` breaks BUS104"]);
}

#[test]
fn a_waiver_has_an_owner_and_an_end() {
    let scratch = repository();
    let waiver = "waivers:\n  - { code: BUS107, resource: topic/shop.order.v1, reason: Old., expires: 9999-12-31 }\n";
    scratch.write("busctl.yaml", scratch.read("busctl.yaml") + waiver);
    scratch.run(&["validate"]).ended(0).shows(&[
        "warning[BUS606]: the waiver of BUS107 for `topic/shop.order.v1` has no owner",
        "`owner: sales`",
        "holds until 9999-12-31, longer than 365d from today",
    ]);
    scratch.edit("busctl.yaml", "9999-12-31 }", "9999-12-31, owner: sales }");
    scratch.edit("busctl.yaml", "waivers:", "longest_waiver: unlimited\nwaivers:");
    assert!(!codes(&scratch, &[]).contains(&"BUS606".to_owned()));
    // Who lets waivers hold for longer is told.
    let told = scratch.run(&["validate", "--against", "git:main"]);
    let _ = told.shows(&["warning[BUS711]: waivers may hold for longer: without end, it was 365d"]);
}
