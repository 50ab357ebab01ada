//! Contract tests: sample records and the versions that consumers have.

use serde_json::{Value, json};

use crate::support::workspace::{Run, Scratch};

const TOPIC: &str = "topic: media.track.v1\n";

/// A record schema with these fields.
fn avro(fields: &str) -> String {
    format!(
        r#"{{
  "type": "record",
  "name": "Track",
  "namespace": "media",
  "fields": [
    {fields}
  ]
}}
"#
    )
}

const ID: &str = r#"{ "name": "id", "type": "string" }"#;

/// A topic whose schema has these versions, the last of them the present one, with these samples.
fn history(versions: &[&str], samples: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::with(&[("topics/track.yaml", TOPIC)]);
    let (present, earlier) = versions.split_last().unwrap();
    for (index, version) in earlier.iter().enumerate() {
        scratch.write(&format!("schemas/media/versions/media.track.v1/{}.avsc", index + 1), version);
    }
    scratch.write("schemas/media/media.track.v1.avsc", present);
    for (name, text) in samples {
        scratch.write(&format!("schemas/media/fixtures/media.track.v1/{name}"), text);
    }
    scratch
}

fn test(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["schema", "test"], arguments].concat())
}

/// Code and level of each finding.
fn found(scratch: &Scratch) -> Vec<String> {
    let run = test(scratch, &["--format", "json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let findings = document["findings"].as_array().unwrap().iter();
    findings.map(|found| format!("{} {}", found["code"].as_str().unwrap(), found["level"].as_str().unwrap())).collect()
}

#[test]
fn a_record_that_a_later_version_cannot_read_is_shown_in_both_files() {
    let bitrate = format!("{ID},\n    {{ \"name\": \"bitrate\", \"type\": \"int\" }}");
    let scratch = history(
        &[&avro(ID), &avro(&bitrate)],
        &[("plain.json", "{ \"id\": \"a\" }\n"), ("new.json", "{ \"id\": \"a\", \"bitrate\": 320 }\n")],
    );
    let run = test(&scratch, &[]).ended(3);
    insta::assert_snapshot!(run.out, @r#"
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
fn a_key_that_is_not_read_is_told_in_the_checklist_of_its_topic() {
    let added = avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\", \"default\": 0 }}"));
    let samples = [("a.json", "{ \"id\": \"a\", \"n\": 1 }"), ("a.key.json", "{ \"key\": 3 }")];
    let scratch = history(&[&avro(ID), &added], &samples);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ key: track.key.avsc }}\n"));
    scratch.write("schemas/media/track.key.avsc", avro(r#"{ "name": "key", "type": "string" }"#));
    let run = test(&scratch, &["--checklist"]).ended(0).shows(&["[ ] contract tests: the sample is not of its schema"]);
    assert!(!run.out.contains("consumers read every sample"), "{}", run.out);
    // By its subject, by its path.
    test(&scratch, &["media.track.v1-value"]).ended(0).says(&["1 sample of 1 schema"]);
    test(&scratch, &["schemas/media/track.key.avsc"]).ended(3);
    scratch.remove("schemas/media/fixtures/media.track.v1/a.key.json");
    test(&scratch, &[]).ended(0).shows(&["the keys of `media.track.v1` have a schema and no sample records"]);
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
fn each_kind_of_finding_is_explained() {
    let scratch = Scratch::new();
    for code in ["BUS320", "bus321", "BUS322", "BUS323", "BUS324", "BUS325", "BUS326"] {
        scratch.run(&["explain", code]).ended(0).shows(&["found by `busctl schema test`"]);
    }
}

#[test]
fn the_samples_of_the_sample_workspace_are_read() {
    let run = Scratch::new().run(&["-C", env!("CARGO_MANIFEST_DIR"), "schema", "test"]).ended(0);
    assert!(run.out.starts_with("no findings\n"), "{}", run.out);
    assert!(run.out.contains("[x] decision record"), "{}", run.out);
    assert!(!run.out.contains("[ ]"), "{}", run.out);
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
    assert_eq!(found(&scratch), ["BUS323 warn", "BUS324 error"]);
    scratch.write(&format!("{folder}/fixtures/media.track.v1/new.json"), r#"{ "id": "a", "more": "x" }"#);
    assert_eq!(found(&scratch), ["BUS323 warn"]);
    scratch.write(&format!("{folder}/fixtures/media.track.v1/bad.json"), "{\n  \"id\": \"a\",\n  \"title\": 1\n}");
    let run = test(&scratch, &["--format", "json"]).ended(3);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let finding = document["findings"].as_array().unwrap().iter().find(|found| found["code"] == "BUS320").unwrap();
    assert_eq!((&finding["place"]["line"], &finding["place"]["column"]), (&3.into(), &4.into()), "{finding:#}");
}

/// Saves a registry with this newest version of the topic's subject, and these versions beside it, as `live.json`.
fn save_registry(scratch: &Scratch, latest: &Value, versions: &Value) {
    for (path, text) in busctl::policy::BASE.iter().filter(|(path, _)| path.starts_with("clusters/")) {
        scratch.write(path, text);
    }
    let subject = json!({ "latest": latest, "compatibility": { "known": null } });
    let info = json!({ "compatibility": "BACKWARD", "mode": "READWRITE" });
    let registry = json!({ "info": info, "subjects": { "media.track.v1-value": subject }, "others": [] });
    let live = json!({
        "format_version": 1,
        "name": "production",
        "cluster": { "id": "KjaDqFKeSJGm-ebAeEki8g", "brokers": [], "controller": null },
        "topics": { "topics": {}, "hidden": {}, "defaults": {} },
        "acls": { "known": [] },
        "quotas": { "known": [] },
        "registry": { "known": registry },
        "versions": versions,
    });
    scratch.write("live.json", live.to_string());
}

fn registered(version: u32, text: &str, references: &Value) -> Value {
    json!({ "known": { "version": version, "id": version, "format": "AVRO", "text": text, "references": references } })
}

#[test]
fn versions_of_the_registry_read_too() {
    let scratch = history(&[&avro(ID)], &[("plain.json", r#"{ "id": "a" }"#)]);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ compatibility: full }}\n"));
    let snapshot = |latest: &Value| {
        save_registry(&scratch, latest, &json!(null));
        test(&scratch, &["--live", "live.json"])
    };
    // What Git has is not read twice.
    snapshot(&registered(7, &avro(ID), &json!([]))).ended(0).says(&["1 sample of 1 schema, 1 reading."]);
    let bitrate = avro(&format!("{ID},\n    {{ \"name\": \"bitrate\", \"type\": \"int\" }}"));
    snapshot(&registered(7, &bitrate, &json!([]))).ended(3).shows(&[
        "a consumer on version 7 of the registry cannot read the sample `plain.json` of v1",
        "media.track.v1-value version 7 (registry):7:15",
    ]);
    // One that was registered behind the present one reads as well.
    let versions = json!({
        "numbers": { "media.track.v1-value": { "known": [6, 7] } },
        "versions": { "media.track.v1-value": [{ "number": 6, "found": registered(6, &avro(ID), &json!([])) }] },
    });
    save_registry(&scratch, &registered(7, &bitrate, &json!([])), &versions);
    test(&scratch, &["--live", "live.json"]).ended(3).shows(&["a consumer on version 7 of the registry cannot read"]);
    snapshot(&json!({ "known": null })).ended(0).says(&["1 sample of 1 schema, 1 reading."]);
}

#[test]
fn versions_of_the_registry_are_read_with_what_they_refer_to_there() {
    let price = |name: &str, of: &str| {
        format!(r#"{{ "type": "record", "name": "{name}", "fields": [{{ "name": "cents", "type": "{of}" }}] }}"#)
    };
    let with = |price: &str| avro(&format!("{ID},\n    {{ \"name\": \"price\", \"type\": \"{price}\" }}"));
    let scratch = history(&[&with("a.Price")], &[("x.json", r#"{ "id": "a", "price": { "cents": 1 } }"#)]);
    let refers = "schema: { compatibility: full_transitive, references: [{ name: a.Price, subject: price }] }\n";
    scratch.write("topics/track.yaml", format!("{TOPIC}{refers}"));
    scratch.write("schemas/media/price.yaml", "subject: price\nschema: price.avsc\n");
    scratch.write("schemas/media/price.avsc", price("a.Price", "long"));
    scratch.write("schemas/media/fixtures/price/x.json", r#"{ "cents": 1 }"#);
    let to = |name: &str, version: u32| json!([{ "name": name, "subject": "price", "version": version }]);
    let prices = json!([
        { "number": 1, "found": registered(1, &price("a.Cost", "long"), &json!([])) },
        { "number": 2, "found": registered(2, &price("a.Price", "int"), &json!([])) },
        { "number": 3, "found": registered(3, &price("a.Price", "long"), &json!([])) },
    ]);
    let save = |newest: u32, first: &Value| {
        let versions = json!({
            "numbers": { "media.track.v1-value": { "known": [1, 2] } },
            "versions": { "media.track.v1-value": [{ "number": 1, "found": first }], "price": prices },
        });
        save_registry(&scratch, &registered(2, &with("a.Price"), &to("a.Price", newest)), &versions);
        test(&scratch, &["--live", "live.json"])
    };
    // The first one knows the price by another name; the second is what Git has.
    let first = registered(1, &with("a.Cost"), &to("a.Cost", 1));
    save(3, &first).ended(0).says(&["2 samples of 2 schemas, 3 readings."]);
    // The text is that of Git, and the price was another one then.
    save(2, &first).ended(3).shows(&[
        "a consumer on version 2 of the registry cannot read the sample `x.json` of v1: it is `long`, and the reader expects",
        "1 error in 1 file",
    ]);
    // What could not be seen is not taken for absent.
    save(4, &first).ended(1).says(&["the snapshot does not have version 4 of `price`", "a new snapshot"]);
    let failure = |tried: &str| json!({ "hidden": { "kind": "authorization", "tried": tried, "server": "http://r", "answer": "403", "hint": null } });
    save(3, &failure("read version 1")).ended(1).says(&["could not read version 1 on http://r: 403"]);
    let numbers = json!({ "numbers": { "media.track.v1-value": failure("list the versions") } });
    save_registry(&scratch, &registered(2, &with("a.Price"), &json!([])), &numbers);
    test(&scratch, &["--live", "live.json"]).ended(1).says(&["could not list the versions on http://r: 403"]);
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

#[test]
fn a_version_that_cannot_be_read_is_not_passed_over() {
    let (one, broken) = (avro(ID), "{ \"type\": \"recor\" }");
    let three = avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\", \"default\": 0 }}"));
    let new = [("new.json", r#"{ "id": "a", "n": 1 }"#)];
    let scratch = history(&[&one, broken, &three], &new);
    let run = test(&scratch, &["--checklist"]).ended(0);
    insta::assert_snapshot!(run.out, @"
    media.track.v1 v2 → v3
      [ ] compatibility: v2 cannot be read
      [ ] fixtures: v2 cannot be read, so that nobody knows what is new
      [ ] contract tests: not a valid Avro schema: the type `recor` is not defined
    ");
    let level = |level: &str| {
        scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ compatibility: {level} }}\n"));
        test(&scratch, &["--checklist"]).ended(0)
    };
    level("backward_transitive").shows(&["[ ] compatibility: v2 cannot be read"]);
    level("none").shows(&["[x] compatibility: nothing breaks none"]);
    // One that no level looks at does no harm to the verdict.
    let scratch = history(&[broken, &one, &three], &new);
    test(&scratch, &["--checklist"]).ended(0).shows(&["[x] compatibility: nothing breaks backward", "v2 → v3"]);
    let scratch = history(&[broken, broken, &three], &new);
    test(&scratch, &["--checklist"]).ended(0).shows(&["v2 → v3", "[ ] compatibility: v2 cannot be read"]);
}

#[test]
fn the_decision_record_is_found_as_the_rule_finds_it() {
    let scratch = Scratch::with(&[("topics/track.yaml", "topic: media.track.v2\nadr: ././docs/why.md\n")]);
    scratch.write("schemas/media/media.track.v2.avsc", avro(ID));
    scratch.write("docs/why.md", "# Why\n");
    test(&scratch, &["--checklist"]).shows(&["[x] decision record: ././docs/why.md"]);
    scratch.write("topics/track.yaml", "topic: media.track.v2\nadr: ./docs/why_not.md\n");
    test(&scratch, &["--checklist"]).shows(&["[ ] decision record: write ./docs/why_not.md"]);
}
