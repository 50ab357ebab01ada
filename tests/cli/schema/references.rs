//! A change of a schema that others refer to, which breaks their consumers as much as a change of their own.

use crate::support::workspace::{Run, Scratch};
use crate::validate::undated;

const MONEY: &str = "schemas/shop/money.avsc";
const MONEY_V1: &str = r#"{ "type": "record", "name": "Money", "namespace": "shop", "fields": [
  { "name": "amount", "type": "long", "doc": "Cents." }
] }
"#;
/// Nobody who has this reads what was written with the first.
const MONEY_V2: &str = r#"{ "type": "record", "name": "Money", "namespace": "shop", "fields": [
  { "name": "amount", "type": "long", "doc": "Cents." },
  { "name": "currency", "type": "string", "doc": "The currency." }
] }
"#;
const ORDER: &str = r#"{ "type": "record", "name": "Order", "namespace": "shop", "fields": [
  { "name": "total", "type": "Money", "doc": "The total." }
] }
"#;

/// A bus whose topic `shop.order.v1` refers to `shop.money`, of which this is the present text.
fn shop(money: &str, reference: &str) -> Scratch {
    Scratch::with(&[
        ("busctl.yaml", "version: 1\nclasses: { raw: { cleanup: [delete], retention: 30d } }\n"),
        (
            "catalog/shop.yaml",
            "domains: { shop: { owner: shop, description: The shop. } }\nteams: { shop: { contacts: { email: shop@example.org } } }\n",
        ),
        ("topics/shop.yaml", &order(reference)),
        ("schemas/shop/shop.order.v1.avsc", ORDER),
        ("schemas/shop/money.yaml", "subject: shop.money\nschema: money.avsc\n"),
        (MONEY, money),
    ])
}

fn order(reference: &str) -> String {
    format!(
        "topic: shop.order.v1\nclass: raw\ndescription: Orders.\nkey: none\nschema:\n  references: [{{ name: shop.Money, \
         subject: shop.money{reference} }}]\n"
    )
}

const KEPT_MONEY: &str = "schemas/shop/versions/money/1.avsc";
const KEPT_ORDER: &str = "schemas/shop/versions/shop.order.v1/1.avsc";
const RECORD: &str = "schemas/shop/versions/shop.order.v1/1.yaml";

fn record(version: u32) -> String {
    format!("references: [{{ name: shop.Money, subject: shop.money, version: {version} }}]\n")
}

/// The findings of the rules about earlier versions that are about the order.
fn found(run: &Run) -> Vec<String> {
    let of_order =
        run.out.lines().filter(|line| line.contains("`shop.order.v1`: ") || line.contains("`shop.money` is not in"));
    of_order
        .filter(|line| line.contains("BUS307") || line.contains("BUS308") || line.contains("BUS318"))
        .map(str::to_owned)
        .collect()
}

fn validate(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["validate"], arguments].concat())
}

#[test]
fn a_shared_schema_that_breaks_its_consumers_breaks_those_that_refer_to_it() {
    let scratch = shop(MONEY_V2, "");
    scratch.write(KEPT_MONEY, MONEY_V1);
    let run = validate(&scratch, &[]).ended(3);
    let shown = undated(&run.out);
    let start = shown.find("error[BUS307]: `shop.order.v1`").unwrap_or_else(|| panic!("{shown}"));
    let shown = &shown[start..];
    insta::assert_snapshot!(shown[..shown.find("\n\n").unwrap_or(shown.len())], @r#"
    error[BUS307]: `shop.order.v1`: a consumer on v1 cannot read records of v1 with v1 of `shop.money`: field `currency` of `Money`: the writer does not have it, and it has no default (READER_FIELD_MISSING_DEFAULT_VALUE, at /fields/0/type/fields/1)
     --> schemas/shop/shop.order.v1.avsc:2:13
      |
    2 |   { "name": "total", "type": "Money", "doc": "The total." }
      |             ^^^^^^^
      |
     ::: schemas/shop/money.avsc:3:13
      |
    3 |   { "name": "currency", "type": "string", "doc": "The currency." }
      |             ---------- it refers to `shop.money`, which has this now
      |
     ::: schemas/shop/versions/money/1.avsc:1:1
      |
    1 | { "type": "record", "name": "Money", "namespace": "shop", "fields": [
      | --------------------------------------------------------------------- and had this in v1
      |
      = help: mend `shop.money` (add a default to the field, or the writer's name for it as an alias if it was renamed); or write `version: 1` to the reference; or make another subject for what has to differ
      = waiver: - { code: BUS307, resource: topic/shop.order.v1, reason: "…", expires: DAY, owner: shop }
    "#);
}

#[test]
fn a_pinned_reference_keeps_its_version() {
    let scratch = shop(MONEY_V2, ", version: 1");
    scratch.write(KEPT_MONEY, MONEY_V1);
    assert_eq!(found(&validate(&scratch, &[])), Vec::<String>::new());
    // Where it moves on, consumers notice.
    scratch.write(KEPT_ORDER, ORDER);
    scratch.write(RECORD, record(1));
    assert_eq!(found(&validate(&scratch, &[])), Vec::<String>::new());
    scratch.write("topics/shop.yaml", order(", version: 2"));
    let found = found(&validate(&scratch, &[]).ended(3));
    assert!(
        found.len() == 1 && found[0].contains("a consumer on v2 cannot read records of v1 with v1 of `shop.money`"),
        "{found:?}"
    );
}

#[test]
fn a_kept_version_is_read_with_what_it_referred_to() {
    let scratch = shop(MONEY_V2, "");
    scratch.write(KEPT_MONEY, MONEY_V1);
    scratch.write(KEPT_ORDER, ORDER);
    // It was kept after the money had changed.
    scratch.write(RECORD, record(2));
    assert_eq!(found(&validate(&scratch, &[])), Vec::<String>::new());
    scratch.write(RECORD, record(1));
    let run = validate(&scratch, &[]).ended(3);
    assert!(found(&run)[0].contains("records of v1 with v1 of `shop.money`: field `currency`"), "{run:?}");
}

#[test]
fn what_is_not_known_of_references_is_told_once() {
    let scratch = shop(MONEY_V2, "");
    scratch.write(KEPT_MONEY, MONEY_V1);
    scratch.write(KEPT_ORDER, ORDER);
    let found = found(&validate(&scratch, &[]).ended(3));
    assert_eq!(found.iter().filter(|line| line.contains("BUS318")).count(), 1, "{found:?}");
    assert!(found.iter().any(|line| line.contains("BUS307") && line.contains("with v1 of `shop.money`")), "{found:?}");
    // A version that the manifest names and that nobody kept.
    let scratch = shop(MONEY_V2, ", version: 1");
    scratch.write("schemas/shop/versions/money/2.avsc", MONEY_V1);
    let found = self::found(&validate(&scratch, &[]));
    assert!(found.len() == 1 && found[0].contains("v1 of `shop.money` is not in Git"), "{found:?}");
}

#[test]
fn a_type_that_only_the_later_version_of_a_shared_schema_has_is_no_break() {
    // The order cannot have been with the first version: it would be no schema.
    let other = MONEY_V2.replace("\"Money\"", "\"Price\"");
    let scratch = shop(&other, "");
    scratch.write("schemas/shop/shop.order.v1.avsc", ORDER.replace("Money", "Price"));
    scratch.write("topics/shop.yaml", order("").replace("shop.Money", "shop.Price"));
    scratch.write(KEPT_MONEY, MONEY_V1);
    assert_eq!(found(&validate(&scratch, &[])), Vec::<String>::new());
}

#[test]
fn a_change_of_a_shared_schema_is_compared_with_the_base() {
    let scratch = shop(MONEY_V1, "");
    scratch.commit();
    scratch.write(MONEY, MONEY_V2);
    let run = validate(&scratch, &["--against", "git:HEAD"]).ended(3);
    assert!(
        found(&run).iter().any(|line| line.contains("records of v1 with v1 of `shop.money`: field `currency`")),
        "{run:?}"
    );
    // A schema that is new has no consumers yet.
    let scratch = shop(MONEY_V1, "");
    scratch.remove("schemas/shop/shop.order.v1.avsc");
    scratch.write(KEPT_MONEY, MONEY_V1);
    scratch.write(MONEY, MONEY_V2);
    scratch.commit();
    scratch.write("schemas/shop/shop.order.v1.avsc", ORDER);
    assert_eq!(found(&validate(&scratch, &["--against", "git:HEAD"])), Vec::<String>::new());
}

#[test]
fn keeping_a_version_keeps_what_it_refers_to() {
    let scratch = shop(MONEY_V1, "");
    scratch.commit();
    scratch.write(MONEY, MONEY_V2);
    let run = scratch.run(&["schema", "keep", "shop.order.v1"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    kept schemas/shop/versions/shop.order.v1/1.avsc
    kept schemas/shop/versions/shop.order.v1/1.yaml, which says what it refers to
    kept schemas/shop/versions/money/1.avsc, which is what was committed: what is kept refers to it, and the file has been edited since
    ");
    insta::assert_snapshot!(scratch.read(RECORD), @"references: [{ name: shop.Money, subject: shop.money, version: 1 }]");
    assert_eq!(scratch.read(KEPT_MONEY), MONEY_V1);
    let found = found(&validate(&scratch, &[]).ended(3));
    assert!(found.len() == 1 && found[0].contains("with v1 of `shop.money`"), "{found:?}");
    // What a version refers to is a part of it.
    scratch.run(&["schema", "keep", "shop.order.v1"]).ended(4);
}

#[test]
fn diff_and_show_tell_a_change_of_what_is_referred_to() {
    let scratch = shop(MONEY_V2, "");
    scratch.write(KEPT_MONEY, MONEY_V1);
    let run = scratch.run(&["schema", "diff", "shop.order.v1"]).ended(0);
    insta::assert_snapshot!(run.out, @r"
    v1 with v1 of shop.money, schemas/shop/shop.order.v1.avsc → v1, schemas/shop/shop.order.v1.avsc (Avro)

    in what it refers to:
    ~ shop.Money  schemas/shop/versions/money/1.avsc → schemas/shop/money.avsc
        + currency  field added: string  schemas/shop/money.avsc:3

    also breaks, by none of these changes:
      breaks BACKWARD: field `currency` of `Money`: the writer does not have it, and it has no default
             help: add a default to the field, or the writer's name for it as an alias if it was renamed

    1 reference changed, and the text means the same; compatible FORWARD, not BACKWARD
    ");
    let run = scratch.run(&["schema", "show", "shop.order.v1"]).ended(0);
    assert!(run.out.contains("v1 with v1 of shop.money"), "{}", run.out);
}

#[test]
fn contract_tests_and_the_checklist_read_with_what_was_referred_to() {
    let scratch = shop(MONEY_V2, "");
    scratch.write(KEPT_MONEY, MONEY_V1);
    scratch.write(KEPT_ORDER, ORDER);
    scratch.write(RECORD, record(1));
    scratch.write("schemas/shop/fixtures/shop.order.v1/old.v1.json", "{ \"total\": { \"amount\": 5 } }\n");
    let run = scratch.run(&["schema", "test", "shop.order.v1"]).ended(3);
    assert!(
        run.out.contains("a consumer on v2 cannot read the sample `old.v1.json` of v1 with v1 of `shop.money`"),
        "{}",
        run.out
    );
    let run = scratch.run(&["schema", "test", "--checklist", "shop.order.v1"]).ended(0);
    assert!(run.out.contains("backward is broken with v1 with v1 of `shop.money`"), "{}", run.out);
    // With the version that its consumers have, everything is as it was.
    scratch.write("topics/shop.yaml", order(", version: 1"));
    scratch.run(&["schema", "test", "shop.order.v1"]).ended(0);
}

#[test]
fn files_are_checked_with_what_each_of_them_refers_to() {
    let files = Scratch::with(&[("order.avsc", ORDER), ("v1.avsc", MONEY_V1), ("v2.avsc", MONEY_V2)]);
    let check = ["schema", "check", "--old", "order.avsc", "--new", "order.avsc", "--reference", "shop.Money=v2.avsc"];
    files.run(&check).ended(0);
    let run = files.run(&[check.as_slice(), &["--old-reference", "shop.Money=v1.avsc"]].concat()).ended(3);
    assert!(run.out.contains("field `currency`"), "{}", run.out);
    let diff = ["schema", "diff", "order.avsc", "order.avsc", "--reference", "shop.Money=v2.avsc"];
    let run = files.run(&[diff.as_slice(), &["--old-reference", "shop.Money=v1.avsc"]].concat()).ended(0);
    assert!(run.out.contains("BACKWARD"), "{}", run.out);
}

#[test]
fn each_version_of_a_question_may_have_references_of_its_own() {
    let to = |text: &str| serde_json::json!([{ "name": "shop.Money", "text": text }]);
    let questions = [
        serde_json::json!({ "id": 1, "format": "avro", "old": ORDER, "new": ORDER, "references": to(MONEY_V2) }),
        serde_json::json!({
            "id": 2, "format": "avro", "old": ORDER, "new": ORDER, "references": to(MONEY_V2), "old_references": to(MONEY_V1)
        }),
        serde_json::json!({
            "id": 3, "format": "avro", "new": ORDER, "references": to(MONEY_V2), "level": "backward_transitive",
            "previous": [{ "text": ORDER, "references": to(MONEY_V1) }, ORDER]
        }),
        serde_json::json!({
            "id": 4, "format": "avro", "new": ORDER, "references": to(MONEY_V2),
            "previous": [{ "text": ORDER, "references": to("{") }]
        }),
    ];
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let scratch = Scratch::with(&[("pairs.jsonl", &lines)]);
    let run = scratch.run(&["schema", "check", "--pairs", "pairs.jsonl"]).ended(3);
    let answers: Vec<serde_json::Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let compatible: Vec<_> = answers.iter().map(|answer| answer["compatible"].as_bool().unwrap()).collect();
    assert_eq!(compatible, [true, false, false, false]);
    assert_eq!(answers[2]["incompatibilities"][0]["version"], 1);
    let error = answers[3]["error"].as_str().unwrap();
    assert!(error.starts_with("`previous[0].references[0]` (`shop.Money`)"), "{error}");
}

#[test]
fn a_type_that_two_references_define_is_told_where_both_are_used() {
    let scratch = shop(MONEY_V1, "");
    scratch.write("schemas/shop/other.yaml", "subject: shop.other\nschema: other.avsc\n");
    scratch.write("schemas/shop/other.avsc", MONEY_V2);
    scratch.write(
        "topics/shop.yaml",
        order("").replace("subject: shop.money }", "subject: shop.money }, { name: shop.Other, subject: shop.other }"),
    );
    let run = validate(&scratch, &[]).ended(3);
    run.shows(&["the type `shop.Money` is defined twice", "schemas/shop/other.avsc:1:"]);
}

#[test]
fn a_name_that_is_none_is_told_what_was_meant() {
    let scratch = shop(MONEY_V1, "");
    let show = |name: &str| scratch.run(&["schema", "show", name]).ended(64);
    show("shop.order.v2").says(&["did you mean `shop.order.v1`?"]);
    show("shop.order.v1-valeu").says(&["did you mean `shop.order.v1-value`?"]);
    show("mon").says(&["there is `shop.money`"]);
    show("nope").says(&["it has `shop.money`, `shop.order.v1`"]);
}

/// What the manifest of a kept version does not say hides nothing: the version is read with the newest kept text.
#[test]
fn mistakes_in_the_manifest_of_a_kept_version_are_told() {
    let scratch = shop(MONEY_V2, "");
    scratch.write(KEPT_MONEY, MONEY_V1);
    scratch.write(KEPT_ORDER, ORDER);
    let of = |version: &str| format!("references: [{{ name: shop.Money, subject: shop.money{version} }}]\n");
    for version in ["", ", version: latest", ", version: 7"] {
        scratch.write(RECORD, of(version));
        let found = found(&scratch.run(&["validate"]));
        assert!(found.iter().any(|line| line.contains("BUS307")), "{version}: {found:?}");
        assert!(found.iter().any(|line| line.contains("BUS318")), "{version}: {found:?}");
    }
    scratch.write(RECORD, record(1));
    let known = found(&scratch.run(&["validate"]));
    assert!(known.iter().any(|line| line.contains("BUS307")) && !known.iter().any(|line| line.contains("BUS318")));
    scratch.write(RECORD, of(", version: 1").replace("subject: shop.money", "subject: shop.mony"));
    scratch.run(&["validate"]).shows(&[
        "BUS308",
        "no manifest declares the subject `shop.mony`",
        "did you mean `shop.money`?",
    ]);
    let one = "{ name: shop.Money, subject: shop.money, version: 1 }";
    scratch.write(RECORD, format!("references: [{one}, {one}]\n"));
    scratch.run(&["validate"]).shows(&["error[BUS308]: two references have the name `shop.Money`"]);
    scratch.write("schemas/shop/versions/shop.order.v1/01.yaml", of(", version: 1"));
    scratch.write(RECORD, of(", version: 1"));
    scratch.run(&["validate"]).shows(&["error[BUS308]: what this version refers to is said twice"]);
    scratch.remove("schemas/shop/versions/shop.order.v1/01.yaml");
    scratch.write("schemas/shop/versions/shop.order.v1/2.yaml", record(1));
    scratch
        .run(&["validate"])
        .shows(&["error[BUS308]: this is said of no version: there is no schemas/shop/versions/shop.order.v1/2.avsc"]);
}

#[test]
fn zeros_before_the_number_of_a_version_mean_nothing() {
    for (text, record_of_it) in [("01.avsc", "1.yaml"), ("1.avsc", "001.yaml"), ("01.avsc", "01.yaml")] {
        let scratch = shop(MONEY_V2, "");
        scratch.write(KEPT_MONEY, MONEY_V1);
        let folder = "schemas/shop/versions/shop.order.v1";
        scratch.write(&format!("{folder}/{text}"), ORDER);
        scratch.write(&format!("{folder}/{record_of_it}"), record(2));
        assert_eq!(found(&validate(&scratch, &[])), Vec::<String>::new(), "{text} and {record_of_it}");
        scratch.write(&format!("{folder}/{record_of_it}"), record(1));
        let found = found(&validate(&scratch, &[]).ended(3));
        assert!(found.len() == 1 && found[0].contains("records of v1 with v1 of `shop.money`"), "{text}: {found:?}");
    }
}

#[test]
fn a_number_that_is_larger_than_all_kept_ones_is_told() {
    let scratch = shop(MONEY_V2, ", version: 9");
    scratch.write(KEPT_MONEY, MONEY_V1);
    scratch
        .run(&["validate"])
        .shows(&["BUS318", "v9 of `shop.money` is not in Git; the present text is read in its place"]);
    // The next number is the present text's.
    scratch.write("topics/shop.yaml", order(", version: 2"));
    assert!(!scratch.run(&["validate"]).out.contains("BUS318"));
}

#[test]
fn a_reference_to_another_format_is_told_where_it_is_written() {
    let scratch = shop(MONEY_V1, "");
    for (path, text) in busctl::policy::BASE.iter().filter(|(path, _)| path.starts_with("clusters/")) {
        scratch.write(path, text);
    }
    scratch.remove(MONEY);
    scratch.write(
        "schemas/shop/money.proto",
        "syntax = \"proto3\";\npackage shop;\n// Money.\nmessage Money { int64 amount = 1; }\n",
    );
    scratch.write("schemas/shop/money.yaml", "subject: shop.money\nschema: money.proto\n");
    let said = "an Avro schema cannot refer to `shop.money`: that is a Protobuf schema";
    scratch.run(&["validate"]).shows(&["error[BUS304]", said, "topics/shop.yaml:6"]);
}

#[test]
fn a_reference_that_changed_compatibly_is_a_change() {
    let documented = MONEY_V1.replace("Cents.", "The cents.");
    let files = Scratch::with(&[("order.avsc", ORDER), ("v1.avsc", MONEY_V1), ("v2.avsc", &documented)]);
    let diff = [
        "schema",
        "diff",
        "order.avsc",
        "order.avsc",
        "--reference",
        "shop.Money=v2.avsc",
        "--old-reference",
        "shop.Money=v1.avsc",
        "--detailed-exitcode",
    ];
    let run = files.run(&diff).ended(2);
    assert!(run.out.contains("~ shop.Money  v1.avsc → v2.avsc") && !run.out.contains("identical"), "{}", run.out);
    let run = files.run(&[diff.as_slice(), &["--format", "json"]].concat()).ended(2);
    crate::support::workspace::assert_valid("schema-diff.schema.json", &run.json());
    assert_eq!(run.json()["references"][0]["changes"][0]["kind"], "doc_changed");
    assert_eq!(run.json()["identical"], false);
    let run = files.run(&[diff.as_slice(), &["--format", "markdown"]].concat()).ended(2);
    assert!(run.out.contains("`shop.Money`"), "{}", run.out);
    files
        .run(&[
            "schema",
            "diff",
            "order.avsc",
            "order.avsc",
            "--reference",
            "shop.Money=v2.avsc",
            "--detailed-exitcode",
        ])
        .ended(0);
}

#[test]
fn a_slip_in_the_name_of_an_old_reference_is_told() {
    let files = Scratch::with(&[("order.avsc", ORDER), ("v1.avsc", MONEY_V1), ("v2.avsc", MONEY_V2)]);
    for command in [
        &["schema", "check", "--old", "order.avsc", "--new", "order.avsc"][..],
        &["schema", "diff", "order.avsc", "order.avsc"],
    ] {
        let references = ["--reference", "shop.Money=v2.avsc", "--old-reference", "shop.Mony=v1.avsc"];
        files
            .run(&[command, &references].concat())
            .ended(64)
            .says(&["no earlier version refers to `shop.Mony`", "did you mean `shop.Money`?"]);
    }
}

/// What breaks in a reference is shown where it was changed.
#[test]
fn what_breaks_in_a_reference_is_shown_with_its_files() {
    let files = Scratch::with(&[
        ("order.avsc", ORDER),
        ("v1.avsc", MONEY_V1),
        ("v2.avsc", MONEY_V2),
        ("v3.avsc", &MONEY_V1.replace("Cents.", "Dollars.")),
    ]);
    let check =
        ["schema", "check", "--old", "order.avsc", "--new", "order.avsc", "--old-reference", "shop.Money=v1.avsc"];
    let run = files.run(&[check.as_slice(), &["--reference", "shop.Money=v2.avsc"]].concat()).ended(3);
    for part in ["::: v2.avsc:3:13", "`shop.Money` has this now", "::: v1.avsc:1:1", "and had this before"] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    let renamed = MONEY_V1.replace("\"amount\", \"type\"", "\"cents\", \"default\": 0, \"type\"");
    files.write("v4.avsc", renamed);
    let opinion = ["--reference", "shop.Money=v4.avsc", "--opinion", "source"];
    let run = files.run(&[check.as_slice(), &opinion].concat());
    assert!(
        run.out.contains("warning[") && run.out.contains("::: v4.avsc") && run.out.contains("::: v1.avsc"),
        "{}",
        run.out
    );
}
