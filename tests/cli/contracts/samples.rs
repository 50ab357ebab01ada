//! Samples that are none, and where they stand.

use serde_json::Value;

use super::{ID, TOPIC, avro, found, history, test};
use crate::support::workspace::Scratch;

#[test]
fn samples_that_are_none_are_found_with_their_place() {
    let scratch = history(
        &[&avro(ID)],
        &[
            ("a.json", "{ \"id\": 3 }"),
            ("b.json", "{ \"id\": \"a\" "),
            ("c.v7.json", "{ \"id\": \"a\" }"),
            ("d.v1.json", "{ \"id\": \"a\",\n  \"more\": 1 }"),
            ("notes.txt", "no sample"),
        ],
    );
    scratch.write("schemas/media/fixtures/media.trakc.v1/a.json", "{}");
    let run = test(&scratch, &["--format", "json"]).ended(3);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let findings = document["findings"].as_array().unwrap().iter();
    let shown: Vec<String> = findings
        .map(|found| {
            let place = &found["place"];
            let file = place["file"].as_str().unwrap().rsplit('/').next().unwrap();
            let message = found["message"].as_str().unwrap();
            format!("{} {file}:{}:{} {message}", found["code"].as_str().unwrap(), place["line"], place["column"])
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    BUS320 a.json:1:9 the sample is not of its schema: at `id`: `string` is expected, and this is a number
    BUS320 b.json:1:13 the sample is no JSON: the text ends where `,` or `}` should be
    BUS320 c.v7.json:1:1 the sample's name says v7, and `media.track.v1` has no such version
    BUS320 d.v1.json:2:3 the sample is not of v1, as its name says: `media.Track` has no field `more`
    BUS326 a.json:1:1 no topic with a schema and no subject is called after the samples in schemas/media/fixtures/media.trakc.v1
    ");
}

/// A record that was written stays as it is: where the schema changed under it, the advice is about the schema.
#[test]
fn a_sample_that_the_schema_left_behind() {
    let number = r#"{"name": "id", "type": "long", "doc": "Its id."}"#;
    let scratch = history(&[&avro(number)], &[("a.json", "{ \"id\": \"a\" }")]);
    test(&scratch, &[]).ended(3).shows(&[
        "error[BUS320]: the sample is not of its schema: at `id`",
        "help: correct the record if it is wrong. If it fitted before the schema changed, the change breaks what was written: \
         take it back, or keep the version that the record is of (`busctl schema keep media.track.v1` before the change is \
         committed;",
    ]);
    // What its name says is wrong where it is of another version.
    let scratch = history(&[&avro(ID), &avro(number)], &[("a.v2.json", "{ \"id\": \"a\" }")]);
    test(&scratch, &[]).ended(3).shows(&[
        "error[BUS320]: the sample is not of v2, as its name says",
        "help: it is of v1: say so in its name, or correct the record",
    ]);
}

#[test]
fn a_sample_that_is_none_by_its_name_is_told() {
    let record = "{ \"id\": \"a\" }";
    let scratch = history(
        &[&avro(ID)],
        &[("a.json", record), ("b.JSON", record), ("c.v0.json", record), ("d.v99999999999.json", record)],
    );
    test(&scratch, &[]).ended(3).shows(&[
        "warning[BUS326]: `b.JSON` is tested with nothing: a sample's name ends with .json",
        "help: call it b.json",
        "error[BUS320]: the sample's name says v0, and no version is called so",
        "the sample's name says v99999999999, and no version is called so",
        "help: its versions are v1;",
    ]);
}

#[test]
fn a_schema_without_samples_is_a_warning() {
    assert_eq!(found(&history(&[&avro(ID)], &[])), ["BUS325 warn"]);
    test(&history(&[&avro(ID)], &[]), &[]).ended(0);
}

#[test]
fn names_are_those_of_topics_and_subjects() {
    let scratch = history(&[&avro(ID)], &[("a.json", "{ \"id\": 3 }")]);
    scratch.write("schemas/media/money.avsc", "{ \"type\": \"record\", \"name\": \"Money\", \"fields\": [] }");
    scratch.write("schemas/media/money.yaml", "subject: money\nschema: money.avsc\n");
    scratch.write("schemas/media/fixtures/money/none.json", "{}");
    test(&scratch, &["media.track.v1"]).ended(3);
    test(&scratch, &["money"]).ended(0).says(&["1 sample of 1 schema, 1 reading."]);
    test(&scratch, &["media.trakc.v1"]).ended(64).says(&["did you mean `media.track.v1`?"]);
}

#[test]
fn keys_have_samples_of_their_own() {
    let scratch = history(&[&avro(ID)], &[("a.json", "{ \"id\": \"a\" }"), ("a.key.json", "{ \"key\": \"a\" }")]);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ key: track.key.avsc }}\n"));
    scratch.write("schemas/media/track.key.avsc", avro(r#"{ "name": "key", "type": "string" }"#));
    assert_eq!(found(&scratch), [""; 0]);
    scratch.write("schemas/media/fixtures/media.track.v1/b.key.json", "{ \"id\": \"a\" }");
    assert_eq!(found(&scratch), ["BUS320 error"]);
}

#[test]
fn a_broken_workspace_is_told_and_nothing_is_said_of_samples() {
    let scratch = history(&[&avro(ID)], &[("a.json", "{ \"id\": \"a\" }")]);
    scratch.write("topics/track.yaml", "topic: media.track.v1\npartitons: 3\n");
    let run = test(&scratch, &["media.track.v1"]).ended(3).shows(&["partitons"]);
    assert!(!run.out.contains("BUS32"), "{}", run.out);
    scratch.write("topics/track.yaml", "topic: [");
    let run = test(&scratch, &[]).ended(3);
    assert!(run.out.contains("topics/track.yaml") && !run.out.contains("BUS32"), "{}", run.out);
}

#[test]
fn samples_in_no_place_of_a_sample_are_told_where_they_belong() {
    let sample = "{ \"id\": \"a\" }";
    let scratch = history(&[&avro(ID)], &[("a.json", sample), ("old/b.json", sample), ("c.key.json", "3")]);
    scratch.write("schemas/fixtures/media.track.v1/a.json", sample);
    let run = test(&scratch, &[]).ended(0).shows(&[
        "nothing is tested in schemas/media/fixtures/media.track.v1/old: 1 file in no sample's place",
        "`c.key.json` is a key by its name, and the keys of `media.track.v1` have no schema",
        "the samples in schemas/fixtures/media.track.v1 are tested with nothing",
    ]);
    assert!(!run.out.contains("remove"), "{}", run.out);
    test(&scratch, &["media.track.v1"]).ended(0).shows(&["media.track.v1/old", "`c.key.json`"]);

    // The schema is in another folder than that of its domain.
    let scratch = history(&[&avro(ID)], &[("a.json", sample)]);
    scratch.write("schemas/shop/media.track.v1.avsc", avro(ID));
    scratch.remove("schemas/media/media.track.v1.avsc");
    let run = test(&scratch, &[]).ended(0).shows(&[
        "the topic `media.track.v1` has no schema that the samples in schemas/media/fixtures/media.track.v1 could be tested with",
        "schemas/shop/media.track.v1.avsc is not used: move it to schemas/media/",
    ]);
    assert!(!run.out.contains("remove"), "{}", run.out);
}

#[test]
fn one_cause_is_one_error() {
    let added = avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\", \"default\": 0 }}"));
    // The sample that was to show the change has a mistake.
    let scratch = history(&[&avro(ID), &added], &[("new.json", "{ \"id\": \"a\", \"m\": 1 }")]);
    assert_eq!(found(&scratch), ["BUS320 error"]);
    let samples = [("a.json", "{ \"id\": \"a\" }"), ("b.json", "{ \"id\": 3 }")];
    assert_eq!(found(&history(&[&added.replace("\"int\"", "\"itn\"")], &samples)), ["BUS301 error"]);
    let scratch = history(&[&avro(ID)], &samples[..1]);
    scratch.write("schemas/media/versions/media.track.v1/first.avsc", avro(ID));
    assert_eq!(found(&scratch), ["BUS308 error"]);
}

#[test]
fn a_mistake_in_a_sample_is_told_with_what_was_meant() {
    let fields =
        r#"{ "name": "title", "type": "string" }, { "name": "length", "type": ["null", "int"], "default": null }"#;
    let misspelt = "{\n  \"length\": null,\n  \"titel\": \"x\"\n}";
    let branch = "{ \"title\": \"x\", \"length\": { \"long\": 5000 } }";
    let run = test(&history(&[&avro(fields)], &[("a.json", misspelt), ("b.json", branch)]), &[]).ended(3);
    run.shows(&[
        "field `title` of `media.Track` is missing, and it has no field `titel`: did you mean `title`?",
        "a.json:3:3",
        "at `length`: the union has no branch `long`; write 5000 or {\"int\": 5000}",
    ]);
}

#[test]
fn hostile_samples_end() {
    let record = avro(r#"{ "name": "next", "type": ["null", "Track", { "type": "map", "values": "Track" }] }"#);
    let deep = format!("{}null{}", "{\"next\":".repeat(100_000), "}".repeat(100_000));
    let maps = format!("{}null{}", "{\"next\":".repeat(60), "}".repeat(60));
    let long = format!("{{ \"id\": \"{}\" }}", "x".repeat(9 << 20));
    let scratch = history(&[&record], &[("deep.json", &deep), ("maps.json", &maps)]);
    scratch.write("schemas/media/fixtures/media.track.v1/huge.json", vec![b' '; (10 << 20) + 1]);
    assert_eq!(found(&scratch), ["BUS320 error", "BUS002 error", "BUS320 error"]);
    let scratch = history(&[&avro(ID)], &[("long.json", &long)]);
    assert_eq!(found(&scratch), [""; 0]);
}

#[test]
fn the_samples_of_the_sample_workspace_are_read() {
    let run = Scratch::new().run(&["-C", env!("CARGO_MANIFEST_DIR"), "schema", "test"]).ended(0);
    assert!(run.out.starts_with("no findings\n"), "{}", run.out);
    assert!(run.out.contains("[x] decision record"), "{}", run.out);
    assert!(!run.out.contains("[ ]"), "{}", run.out);
}

#[test]
fn a_manifest_with_a_slip_leaves_the_samples_of_others_to_be_tested() {
    let scratch = history(&[&avro(ID)], &[("one.json", "{ \"id\": 7 }\n")]);
    scratch.write("topics/other.yaml", "topic: media.other.v1\nclas: raw\n");
    scratch.write("schemas/media/fixtures/media.other.v1/one.json", "{}\n");
    let run = test(&scratch, &[]).ended(3).shows(&["error[BUS004]", "error[BUS320]"]);
    assert!(!run.out.contains("BUS326"), "{}", run.out);
    // Nobody knows whether it has a schema.
    test(&scratch, &["media.other.v1"]).ended(3).shows(&["error[BUS004]"]);
}
