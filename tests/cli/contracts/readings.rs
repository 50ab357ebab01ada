//! What consumers make of samples.

use serde_json::Value;

use super::{ID, TOPIC, avro, found, history, test};
use crate::support::workspace::Scratch;
use crate::validate::undated;

#[test]
fn a_record_that_a_later_version_cannot_read_is_shown_in_both_files() {
    let bitrate = format!("{ID},\n    {{ \"name\": \"bitrate\", \"type\": \"int\" }}");
    let scratch = history(
        &[&avro(ID), &avro(&bitrate)],
        &[("plain.json", "{ \"id\": \"a\" }\n"), ("new.json", "{ \"id\": \"a\", \"bitrate\": 320 }\n")],
    );
    let run = test(&scratch, &[]).ended(3);
    insta::assert_snapshot!(undated(&run.out), @r#"
    error[BUS321]: a consumer on v2 cannot read the sample `plain.json` of v1: field `bitrate` of `media.Track` has no default, and the record was written without it
     --> schemas/media/fixtures/media.track.v1/plain.json:1:1
      |
    1 | { "id": "a" }
      | ^^^^^^^^^^^^^ as it was written
      |
     ::: schemas/media/media.track.v1.avsc:7:15
      |
    7 |     { "name": "bitrate", "type": "int" }
      |               --------- read with this
      |
      = help: add a default to the field, or the writer's name for it as an alias if it was renamed, or make a new major version: `busctl new version media.track.v1`
      = waiver: - { code: BUS321, resource: topic/media.track.v1, reason: "…", expires: DAY }

    1 error in 1 file

    media.track.v1 v1 → v2
      [ ] compatibility: backward is broken with v1: field `bitrate` of `Track`: the writer does not have it, and it has no default; change the schema, or make a new major version with `busctl new version media.track.v1`
      [x] fixtures: a sample shows what is new
      [ ] contract tests: a consumer on v2 cannot read the sample `plain.json` of v1: field `bitrate` of `media.Track` has no default, and the record was written without it
    "#);
}

#[test]
fn what_keeps_its_promise_is_counted() {
    let bitrate = format!("{ID},\n    {{ \"name\": \"bitrate\", \"type\": [\"null\", \"int\"], \"default\": null }}");
    let scratch = history(
        &[&avro(ID), &avro(&bitrate)],
        &[("plain.v1.json", "{ \"id\": \"a\" }\n"), ("new.json", "{ \"id\": \"a\", \"bitrate\": 320 }\n")],
    );
    test(&scratch, &[]).ended(0).says(&["2 samples of 1 schema, 3 readings."]);
    let run = test(&scratch, &["--checklist"]).ended(0);
    insta::assert_snapshot!(run.out, @"
    media.track.v1 v1 → v2
      [x] compatibility: nothing breaks backward with the versions in Git
      [x] fixtures: a sample shows what is new
      [x] contract tests: consumers read every sample
    ");
    let run = test(&scratch, &["--checklist", "--format", "markdown"]).ended(0);
    insta::assert_snapshot!(run.out, @"
    <!-- busctl:contract -->
    ### Review checklist

    `media.track.v1` v1 → v2

    - [x] compatibility: nothing breaks backward with the versions in Git
    - [x] fixtures: a sample shows what is new
    - [x] contract tests: consumers read every sample
    ");
}

#[test]
fn a_change_that_no_sample_shows_is_flagged_unless_there_is_nothing_to_show() {
    let (one, two) = (avro(ID), avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\", \"default\": 0 }}")));
    let old = [("plain.json", "{ \"id\": \"a\" }")];
    assert_eq!(found(&history(&[&one, &two], &old)), ["BUS324 error"]);
    let with_doc = one.replace("\"string\"", "\"string\", \"doc\": \"Its id.\"");
    assert_eq!(found(&history(&[&one, &with_doc], &old)), [""; 0]);
    let enumeration = |symbols: &str| {
        avro(&format!(
            r#"{{ "name": "k", "type": {{ "type": "enum", "name": "K", "symbols": [{symbols}], "default": "A" }} }}"#
        ))
    };
    let sample = [("a.json", r#"{ "k": "A" }"#)];
    let (narrow, wide) = (enumeration("\"A\""), enumeration("\"A\", \"B\""));
    assert_eq!(found(&history(&[&wide, &narrow], &sample)), [""; 0]);
    assert_eq!(found(&history(&[&narrow, &wide], &sample)), ["BUS324 error"]);
    let both = [("a.json", r#"{ "k": "A" }"#), ("b.json", r#"{ "k": "B" }"#)];
    assert_eq!(found(&history(&[&narrow, &wide], &both)), [""; 0]);
    // What was written for the wide one is read as the default.
    let old = [("b.v1.json", r#"{ "k": "B" }"#)];
    assert_eq!(found(&history(&[&wide, &narrow], &old)), ["BUS322 warn"]);
}

#[test]
fn a_path_may_have_parts_that_mean_nothing() {
    let added = avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\", \"default\": 0 }}"));
    let scratch = history(&[&avro(ID), &added], &[("plain.json", "{ \"id\": \"a\" }")]);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ value: ./media.track.v1.avsc }}\n"));
    assert_eq!(found(&scratch), ["BUS324 error"]);
}

#[test]
fn the_level_says_which_earlier_versions_have_to_read() {
    let field = |name: &str| format!("{ID},\n    {{ \"name\": \"{name}\", \"type\": \"int\", \"default\": 0 }}");
    let required = ID.to_owned();
    let versions = [avro(&required), avro(&field("n")), avro("{ \"name\": \"n\", \"type\": \"int\" }")];
    let versions = versions.iter().map(String::as_str).collect::<Vec<_>>();
    let scratch = history(&versions, &[("new.json", "{ \"n\": 1 }")]);
    for (level, expected) in [
        ("backward_transitive", &[][..]),
        ("forward", &["BUS321 error"]),
        ("forward_transitive", &["BUS321 error", "BUS321 error"]),
        ("none", &[]),
    ] {
        scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ compatibility: {level} }}\n"));
        assert_eq!(found(&scratch), expected, "{level}");
    }
    // What the level does not promise is worth a warning.
    let scratch =
        history(&versions[..2], &[("old.v1.json", "{ \"id\": \"a\" }"), ("new.json", "{ \"id\": \"\", \"n\": 1 }")]);
    scratch.write("schemas/media/media.track.v1.avsc", avro(&field("n")).replace(", \"default\": 0", ""));
    assert_eq!(found(&scratch), ["BUS321 error"]);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ compatibility: forward }}\n"));
    assert_eq!(found(&scratch), ["BUS321 warn"]);
}

#[test]
fn a_renamed_field_without_an_alias_is_noticed() {
    let named = |field: &str| avro(&format!("{ID},\n    {field}"));
    let one = named(r#"{ "name": "title", "type": "string", "default": "" }"#);
    let renamed = named(r#"{ "name": "name", "type": "string", "default": "" }"#);
    let aliased = named(r#"{ "name": "name", "type": "string", "default": "", "aliases": ["title"] }"#);
    let samples = [("old.json", r#"{ "id": "a", "title": "x" }"#), ("new.json", r#"{ "id": "a", "name": "x" }"#)];
    assert_eq!(found(&history(&[&one, &renamed], &samples)), ["BUS323 warn"]);
    assert_eq!(found(&history(&[&one, &aliased], &samples)), [""; 0]);
}

#[test]
fn json_and_protobuf_have_contracts_too() {
    let scratch = Scratch::with(&[("topics/track.yaml", TOPIC)]);
    let folder = "schemas/media";
    let json =
        |field: &str| format!(r#"{{ "type": "object", "properties": {{ "id": {{ "type": "string" }}{field} }} }}"#);
    let required =
        json(r#", "n": { "type": "integer" }"#).replace("\"properties\"", "\"required\": [\"n\"], \"properties\"");
    scratch.write(&format!("{folder}/versions/media.track.v1/1.json"), json(""));
    scratch.write(&format!("{folder}/media.track.v1.json"), required);
    scratch.write(&format!("{folder}/fixtures/media.track.v1/old.json"), r#"{ "id": "a" }"#);
    assert_eq!(found(&scratch), ["BUS321 error", "BUS324 error"]);
    scratch.write(&format!("{folder}/fixtures/media.track.v1/new.json"), r#"{ "id": "a", "n": 1 }"#);
    assert_eq!(found(&scratch), ["BUS321 error"]);

    let scratch = Scratch::with(&[("topics/track.yaml", TOPIC)]);
    let proto = |fields: &str| format!("syntax = \"proto3\";\nmessage Track {{ string id = 1; {fields} }}\n");
    scratch.write(&format!("{folder}/versions/media.track.v1/1.proto"), proto("int32 n = 2;"));
    scratch.write(&format!("{folder}/media.track.v1.proto"), proto("int32 n = 3; string more = 4;"));
    scratch.write(&format!("{folder}/fixtures/media.track.v1/old.v1.json"), r#"{ "id": "a", "n": 7 }"#);
    assert_eq!(found(&scratch), ["BUS324 error", "BUS323 warn"]);
    scratch.write(&format!("{folder}/fixtures/media.track.v1/new.json"), r#"{ "id": "a", "more": "x" }"#);
    assert_eq!(found(&scratch), ["BUS323 warn"]);
    scratch.write(&format!("{folder}/fixtures/media.track.v1/bad.json"), "{\n  \"id\": \"a\",\n  \"title\": 1\n}");
    let run = test(&scratch, &["--format", "json"]).ended(3);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let finding = document["findings"].as_array().unwrap().iter().find(|found| found["code"] == "BUS320").unwrap();
    assert_eq!((&finding["place"]["line"], &finding["place"]["column"]), (&3.into(), &4.into()), "{finding:#}");
}

#[test]
fn what_a_schema_refers_to_is_not_for_versions_of_another_format() {
    let price = r#"{ "type": "record", "name": "a.Price", "fields": [] }"#;
    let track = avro(&format!("{ID},\n    {{ \"name\": \"price\", \"type\": \"a.Price\" }}"));
    let scratch = history(&[&track], &[("x.json", r#"{ "id": "a", "price": {} }"#)]);
    let refers = "schema: { compatibility: none, references: [{ name: a.Price, subject: price }] }\n";
    scratch.write("topics/track.yaml", format!("{TOPIC}{refers}"));
    scratch.write("schemas/media/price.yaml", "subject: price\nschema: price.avsc\n");
    scratch.write("schemas/media/price.avsc", price);
    scratch.write("schemas/media/fixtures/price/x.json", "{}");
    let proto = "syntax = \"proto3\";\npackage media;\nmessage Track { string id = 1; }\n";
    scratch.write("schemas/media/versions/media.track.v1/1.proto", proto);
    assert_eq!(found(&scratch), [""; 0]);
}

/// A record that several versions take may have been written with each of them.
#[test]
fn a_sample_is_read_as_each_version_that_it_fits_wrote_it() {
    let proto = |field: &str| format!("syntax = \"proto3\";\nmessage Track {{ {field} e = 1; }}\n");
    let pairs = [
        ("float", "double", "1.5", "BUS321 error"),
        ("int64", "fixed64", "7", "BUS321 error"),
        ("int32", "sint32", "7", "BUS322 warn"),
    ];
    for (was, is, value, expected) in pairs {
        let scratch = Scratch::with(&[("topics/track.yaml", TOPIC)]);
        let folder = "schemas/media";
        scratch.write(&format!("{folder}/versions/media.track.v1/1.proto"), proto(was));
        scratch.write(&format!("{folder}/media.track.v1.proto"), proto(is));
        scratch.write(&format!("{folder}/fixtures/media.track.v1/x.json"), format!("{{ \"e\": {value} }}"));
        let found = found(&scratch);
        assert!(found.iter().any(|found| found == expected), "{was} → {is}: {found:?}");
        let run = test(&scratch, &[]);
        run.shows(&["the sample `x.json` of v1", "if nobody writes such records before v2, call it x.v2.json"]);
        // What its name says counts.
        std::fs::rename(
            scratch.path(&format!("{folder}/fixtures/media.track.v1/x.json")),
            scratch.path(&format!("{folder}/fixtures/media.track.v1/x.v2.json")),
        )
        .unwrap();
        let told = test(&scratch, &[]).out;
        assert!(!told.contains("the sample `x.v2.json`"), "{told}");
    }
    let number = |of: &str| avro(&format!("{{ \"name\": \"n\", \"type\": \"{of}\" }}"));
    let scratch = history(&[&number("long"), &number("float")], &[("x.json", "{ \"n\": 16777217 }")]);
    test(&scratch, &[]).shows(&["16777217 is read as 16777216, which is not the same"]);
    // What one sample shows of a reader is told once, of the newest version that it fits.
    let long = number("long");
    let scratch = history(&[&long, &number("int"), &long, &number("string")], &[("x.json", "{ \"n\": 1 }")]);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ compatibility: none }}\n"));
    let told = test(&scratch, &[]).out;
    assert!(told.contains("a consumer on v4 cannot read the sample `x.json` of v3"), "{told}");
    assert!(!told.contains("a consumer on v4 cannot read the sample `x.json` of v1"), "{told}");
    assert!(told.contains("a consumer on v2 cannot read the sample `x.json` of v1"), "{told}");
}
