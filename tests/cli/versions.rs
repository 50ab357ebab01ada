//! The earlier versions of schemas that are kept in Git.

use std::slice::from_ref;

use busctl::policy::BASE;

use crate::support::workspace::Scratch;
use crate::validate::undated;

const PRESENT: &str = "schemas/media/media.raw_ingest.v1.avsc";

fn record(fields: &str) -> String {
    format!("{{\n  \"type\": \"record\",\n  \"name\": \"RawIngest\",\n  \"fields\": [\n{fields}  ]\n}}\n")
}

fn field(name: &str, rest: &str) -> String {
    format!("    {{ \"name\": \"{name}\", \"doc\": \"D.\", {rest} }}")
}

/// A workspace without findings whose only schema has these versions, each a list of fields; the last is the present one.
fn history(versions: &[&[String]]) -> Scratch {
    let scratch = Scratch::with(BASE);
    let (present, earlier) = versions.split_last().unwrap();
    for (index, fields) in earlier.iter().enumerate() {
        scratch.write(&earlier_path(index + 1), record(&(fields.join(",\n") + "\n")));
    }
    scratch.write(PRESENT, record(&(present.join(",\n") + "\n")));
    scratch
}

fn earlier_path(number: usize) -> String {
    format!("schemas/media/versions/media.raw_ingest.v1/{number}.avsc")
}

fn compatibility(scratch: &Scratch, written: &str) {
    let base = BASE.iter().find(|(path, _)| path.starts_with("topics/")).unwrap();
    scratch.write(base.0, format!("{}schema: {{ compatibility: {written} }}\n", base.1));
}

#[test]
fn a_present_schema_that_breaks_its_consumers_is_an_error_in_both_files() {
    let id = field("id", r#""type": "string""#);
    let added = field("bitrate", r#""type": "int""#);
    let scratch = history(&[from_ref(&id), from_ref(&id), &[id.clone(), added]]);
    insta::assert_snapshot!(undated(&scratch.run(&["validate"]).ended(3).out), @r#"
    error[BUS307]: `media.raw_ingest.v1`: a consumer on v3 cannot read records of v2: field `bitrate` of `RawIngest`: the writer does not have it, and it has no default (READER_FIELD_MISSING_DEFAULT_VALUE, at /fields/1)
     --> schemas/media/media.raw_ingest.v1.avsc:6:15
      |
    6 |     { "name": "bitrate", "doc": "D.", "type": "int" }
      |               ^^^^^^^^^ read as this
      |
     ::: schemas/media/versions/media.raw_ingest.v1/2.avsc:1:1
      |
    1 | {
      | - written as this
      |
      = help: add a default to the field, or the writer's name for it as an alias if it was renamed; or make a new major version of the topic: `busctl new version media.raw_ingest.v1`, then put v2 back here
      = waiver: - { code: BUS307, resource: topic/media.raw_ingest.v1, reason: "…", expires: DAY, owner: media-platform }

    1 error in 1 file
    "#);
}

#[test]
fn the_level_says_which_versions_are_compared_and_how() {
    let (id, old) = (field("id", r#""type": "string""#), field("old", r#""type": "int""#));
    let added = field("added", r#""type": "int", "default": 0"#);
    // The newest has what the present lacks, the oldest lacks what the newest has.
    let scratch = history(&[from_ref(&id), &[id.clone(), old], &[id.clone(), added]]);
    for (level, who) in [
        ("none", &[][..]),
        ("backward", &[]),
        ("backward_transitive", &[]),
        ("forward", &["a consumer on v2 cannot read records of v3"]),
        ("forward_transitive", &["a consumer on v2 cannot read records of v3"]),
        ("full", &["a consumer on v2 cannot read records of v3"]),
    ] {
        compatibility(&scratch, level);
        let run = scratch.run(&["validate"]).ended(if who.is_empty() { 0 } else { 3 }).shows(who);
        assert_eq!(run.out.matches("error[BUS307]").count(), who.len(), "{level}\n{}", run.out);
    }
    scratch.write(&earlier_path(1), record(&field("id", r#""type": "int""#)));
    compatibility(&scratch, "backward");
    scratch.run(&["validate"]).ended(0);
    compatibility(&scratch, "full_transitive");
    scratch.run(&["validate"]).ended(3).shows(&[
        "a consumer on v3 cannot read records of v1",
        "a consumer on v1 cannot read records of v3",
        "a consumer on v2 cannot read records of v3",
    ]);
}

#[test]
fn a_cause_is_told_once_with_all_versions_that_it_holds_against() {
    let (id, added) = (field("id", r#""type": "string""#), field("added", r#""type": "int""#));
    let wide = field("id", r#""type": ["null", "string"]"#);
    let ids = from_ref(&id);
    let scratch = history(&[from_ref(&wide), ids, ids, ids, ids, &[id.clone(), added]]);
    compatibility(&scratch, "backward_transitive");
    let run = scratch.run(&["validate"]).ended(3).shows(&[
        "`media.raw_ingest.v1`: a consumer on v6 cannot read records of v5, v4, v3, v2 and v1: field `added`",
        "`media.raw_ingest.v1`: a consumer on v6 cannot read records of v1: ",
        "::: schemas/media/versions/media.raw_ingest.v1/5.avsc:1:1",
    ]);
    assert_eq!(run.out.matches("error[BUS307]").count(), 2, "{}", run.out);
    // An old version cannot be changed any more.
    scratch.write(PRESENT, record(""));
    compatibility(&scratch, "forward_transitive");
    let run = scratch.run(&["validate"]).ended(3).shows(&[
        "a consumer on v5, v4, v3, v2 and v1 cannot read records of v6: field `id`",
        "help: an earlier version stays as it is: keep the field: the earlier version has no default for it; or make a new major version",
        "then put v5 back here",
    ]);
    assert_eq!(run.out.matches("error[BUS307]").count(), 1, "{}", run.out);
    let fields: Vec<String> = (0..7).map(|index| field(&format!("f{index}"), r#""type": "int""#)).collect();
    scratch.write(PRESENT, record(&(fields.join(",\n") + "\n")));
    compatibility(&scratch, "backward_transitive");
    scratch.run(&["validate"]).ended(3).shows(&[
        "a consumer on v6 cannot read records of v5, v4, v3, v2 and v1: and 2 more incompatibilities",
        "1.avsc --old schemas/media/versions/media.raw_ingest.v1/2.avsc --old",
        "--new schemas/media/media.raw_ingest.v1.avsc --level backward_transitive` lists all of them",
    ]);
}

#[test]
fn many_incompatibilities_of_two_versions_are_cut() {
    let fields: Vec<String> = (0..12).map(|index| field(&format!("f{index}"), r#""type": "int""#)).collect();
    let scratch = history(&[&[field("id", r#""type": "string""#)], &fields]);
    let run = scratch.run(&["validate"]).ended(3).shows(&[
        "a consumer on v2 cannot read records of v1: and 7 more incompatibilities",
        "`busctl schema check --old schemas/media/versions/media.raw_ingest.v1/1.avsc --new \
         schemas/media/media.raw_ingest.v1.avsc` lists all of them",
    ]);
    assert_eq!(run.out.matches("error[BUS307]").count(), 6, "{}", run.out);
}

#[test]
fn what_is_wrong_below_versions_is_said_where_it_is() {
    let id = field("id", r#""type": "string""#);
    let scratch = history(&[from_ref(&id), from_ref(&id)]);
    scratch.write("schemas/media/versions/media.raw_ingest.v1/1.json", "{}");
    scratch.write("schemas/media/versions/media.raw_ingest.v1/newest.avsc", "{}");
    scratch.write("schemas/media/versions/media.raw_ingest.v2/1.avsc", "{}");
    scratch.write(&earlier_path(3), "{\n  \"type\": \"recrd\"\n}\n");
    insta::assert_snapshot!(undated(&scratch.run(&["validate"]).ended(3).out), @r#"
    error[BUS308]: version 1 is there twice
     --> schemas/media/versions/media.raw_ingest.v1/1.json
     ::: schemas/media/versions/media.raw_ingest.v1/1.avsc
      = note: the other one
      = help: give one of them the number under which it was registered, or remove it
      = waiver: - { code: BUS308, resource: topic/media.raw_ingest.v1, reason: "…", expires: DAY, owner: media-platform }

    error[BUS308]: version 3 is not a valid Avro schema: the type `recrd` is not defined
     --> schemas/media/versions/media.raw_ingest.v1/3.avsc:2:11
      |
    2 |   "type": "recrd"
      |           ^^^^^^^
      |
      = help: did you mean `record`?
      = waiver: - { code: BUS308, resource: topic/media.raw_ingest.v1, reason: "…", expires: DAY, owner: media-platform }

    error[BUS308]: newest.avsc is no version: its name is no number from 1
     --> schemas/media/versions/media.raw_ingest.v1/newest.avsc
      = help: name it by its place among the versions, such as 1, or move it out of `versions`
      = waiver: - { code: BUS308, resource: topic/media.raw_ingest.v1, reason: "…", expires: DAY, owner: media-platform }

    warning[BUS308]: these are earlier versions of no schema: there is no schemas/media/media.raw_ingest.v2.avsc, .json, .proto
     --> schemas/media/versions/media.raw_ingest.v2/1.avsc
      = help: name the folder as the schema is named, or remove it with the schema

    3 errors, 1 warning in 4 files
    "#);
    // What no level compares is not read.
    compatibility(&scratch, "none");
    let run = scratch.run(&["validate"]).ended(3);
    assert!(!run.out.contains("is not a valid Avro schema"), "{}", run.out);
}

#[test]
fn a_version_that_is_no_schema_is_not_replaced_by_the_one_before() {
    let id = field("id", r#""type": "string""#);
    let scratch = history(&[&[field("other", r#""type": "int""#)], &[], &[id]]);
    scratch.write(&earlier_path(2), "{");
    let run = scratch.run(&["validate"]).ended(3);
    assert!(run.out.contains("error[BUS308]") && !run.out.contains("BUS307"), "{}", run.out);
}

#[test]
fn references_are_those_of_the_present_schema() {
    let scratch = history(&[
        &[field("title", r#""type": "example.Text""#)],
        &[field("title", r#""type": "example.Text""#), field("size", r#""type": "int", "default": 0"#)],
    ]);
    let text = r#"{ "type": "record", "name": "Text", "namespace": "example",
      "fields": [{ "name": "text", "type": "string", "doc": "D." }] }"#;
    scratch.write("schemas/media/text.avsc", text);
    scratch.write("schemas/media/text.yaml", "subject: text\nschema: text.avsc\n");
    let topic = BASE.iter().find(|(path, _)| path.starts_with("topics/")).unwrap();
    let references = "schema: { references: [{ name: example.Text, subject: text }] }\n";
    scratch.write(topic.0, format!("{}{references}", topic.1));
    scratch.run(&["validate"]).ended(0);
    // One name for two subjects is a finding, and so is the same reference twice.
    for twice in ["other", "text"] {
        let second = format!(
            "schema: {{ references: [{{ name: example.Text, subject: text }}, {{ name: example.Text, subject: {twice} }}] }}\n"
        );
        scratch.write("schemas/media/other.avsc", text);
        scratch.write("schemas/media/other.yaml", "subject: other\nschema: other.avsc\n");
        scratch.write(topic.0, format!("{}{second}", topic.1));
        scratch.run(&["validate"]).ended(3).shows(&[
            "error[BUS304]: two references have the name `example.Text`: only one can be meant",
            "help: remove one of them",
        ]);
    }
    scratch.write(topic.0, format!("{}{references}", topic.1));
    // A reference that is missing is a finding of its own, and nothing is said of what needs it.
    scratch.write("schemas/media/text.yaml", "subject: text2\nschema: text.avsc\n");
    let run = scratch.run(&["validate"]).ended(3);
    assert!(run.out.contains("BUS304"), "{}", run.out);
    assert!(!run.out.contains("BUS301") && !run.out.contains("BUS307") && !run.out.contains("BUS308"), "{}", run.out);
}

#[test]
fn a_misplaced_version_is_told_its_place() {
    let scratch = Scratch::with(BASE);
    scratch.write("schemas/media/versions/1.avsc", "\"string\"");
    scratch.run(&["validate"]).ended(0).shows(&[
        "no topic and no subject uses schemas/media/versions/1.avsc",
        "earlier versions of schemas/DOMAIN/NAME.EXT are schemas/DOMAIN/versions/NAME/1.EXT and so on",
    ]);
}

#[test]
fn what_passes_the_registry_and_may_be_regretted_is_a_warning_of_the_category() {
    let id = field("id", r#""type": "string""#);
    let scratch = history(&[
        &[id.clone(), field("size", r#""type": "int""#), field("title", r#""type": "string", "default": """#)],
        &[id, field("size", r#""type": "long""#), field("name", r#""type": "string", "default": """#)],
    ]);
    insta::assert_snapshot!(undated(&scratch.run(&["validate"]).ended(0).out), @r#"
    warning[BUS314]: `media.raw_ingest.v1`: v2 after v1: field `title` of `RawIngest` is gone and `name` of the same type stands in its place: if it was renamed, records that have it are read as `""` (FIELD_RENAMED, wire, at /fields/2)
     --> schemas/media/media.raw_ingest.v1.avsc:7:15
      |
    7 |     { "name": "name", "doc": "D.", "type": "string", "default": "" }
      |               ^^^^^^ now
      |
     ::: schemas/media/versions/media.raw_ingest.v1/1.avsc:7:15
      |
    7 |     { "name": "title", "doc": "D.", "type": "string", "default": "" }
      |               ------- before
      |
      = help: add the alias `title` to `name` if it is the same thing, renamed
      = waiver: - { code: BUS314, resource: topic/media.raw_ingest.v1, reason: "…", expires: DAY, owner: media-platform }

    1 warning in 1 file
    "#);
    for (written, warnings) in
        [("none", 0), ("wire", 1), ("[backward, wire-json]", 1), ("[source, backward]", 2), ("[none, source]", 2)]
    {
        compatibility(&scratch, written);
        let run = scratch.run(&["validate"]).ended(0);
        assert_eq!(run.out.matches("warning[BUS31").count(), warnings, "{written}\n{}", run.out);
    }
    // What breaks consumers is told once.
    compatibility(&scratch, "[full, source]");
    let run = scratch.run(&["validate"]).ended(3);
    assert_eq!(run.out.matches("error[BUS307]").count(), 1, "{}", run.out);
    assert!(!run.out.contains("FIELD_TYPE_CHANGED"), "{}", run.out);
}

#[test]
fn a_text_of_another_format_is_told_by_what_it_looks_like() {
    let scratch = history(&[&[field("id", r#""type": "string""#)]]);
    scratch.write(PRESENT, "syntax = \"proto3\";\nmessage RawIngest {}\n");
    scratch.run(&["validate"]).ended(3).shows(&[
        "error[BUS301]: not a valid Avro schema",
        "help: this looks like Protobuf, and the extension of the file decides: name it .proto",
    ]);
}

#[test]
fn compatibility_is_a_level_a_category_or_one_of_each() {
    let scratch = history(&[&[field("id", r#""type": "string""#)]]);
    for (written, said) in [
        ("backwards", "`backwards` is neither a compatibility level nor a category of the second opinion"),
        ("[wire, source]", "`source` is the second of its sort"),
        ("[full, backward]", "`backward` is the second of its sort"),
        ("[]", "the list is empty"),
        ("{ level: full }", "expected a word (compatibility level or category of the second opinion), found a mapping"),
    ] {
        compatibility(&scratch, written);
        scratch.run(&["validate"]).ended(3).shows(&[said]);
    }
    compatibility(&scratch, "FULL");
    scratch
        .run(&["validate"])
        .ended(3)
        .shows(&["did you mean `full`?", "levels are none, backward, backward_transitive, forward,"]);
    let shown = |written: &str, values: &[(&str, &str)]| {
        compatibility(&scratch, written);
        let run = scratch.run(&["show", "media.raw_ingest.v1", "--format", "json"]).ended(0).json();
        let found = run["clusters"][0]["values"].as_array().unwrap();
        let found: Vec<_> = found
            .iter()
            .filter_map(|value| {
                let name = value["name"].as_str().unwrap().strip_prefix("schema/media.raw_ingest.v1-value.")?;
                Some((name, value["value"].as_str().unwrap()))
            })
            .collect();
        assert_eq!(found, values, "{written}");
    };
    shown("full", &[("compatibility", "FULL"), ("second_opinion", "wire-json")]);
    shown("source", &[("compatibility", "BACKWARD"), ("second_opinion", "source")]);
    shown("[wire, full]", &[("compatibility", "FULL"), ("second_opinion", "wire")]);
    shown("none", &[("compatibility", "NONE")]);
    // What the bus says holds for the part that the topic does not say.
    let settings = BASE.iter().find(|(path, _)| *path == "busctl.yaml").unwrap().1;
    scratch.write("busctl.yaml", format!("{settings}defaults: {{ compatibility: [forward, source] }}\n"));
    shown("full", &[("compatibility", "FULL"), ("second_opinion", "source")]);
    shown("wire", &[("compatibility", "FORWARD"), ("second_opinion", "wire")]);
    shown("none", &[("compatibility", "NONE"), ("second_opinion", "source")]);
}

#[test]
fn a_major_version_is_compared_for_information() {
    let scratch = history(&[&[field("id", r#""type": "string""#), field("kept", r#""type": "int""#)]]);
    let topic = BASE.iter().find(|(path, _)| path.starts_with("topics/")).unwrap().1;
    let topic = topic.replace(".v1", ".v2") + "adr: docs/adr/0001.md\n";
    scratch.write("topics/media/media.raw_ingest.v2.yaml", topic);
    scratch.write("docs/adr/0001.md", "# Why\n");
    scratch.edit("acls/normalizer.yaml", "[media.raw_ingest.v1]", "[media.raw_ingest.v1, media.raw_ingest.v2]");
    scratch.edit("acls/ingest-gateway.yaml", "[media.raw_ingest.v1]", "[media.raw_ingest.v1, media.raw_ingest.v2]");
    let fields: Vec<String> = (0..4).map(|index| field(&format!("f{index}"), r#""type": "int""#)).collect();
    let second = "schemas/media/media.raw_ingest.v2.avsc";
    scratch.write(second, record(&(fields.join(",\n") + "\n")));
    insta::assert_snapshot!(undated(&scratch.run(&["validate"]).ended(0).out), @r#"
    info[BUS317]: a consumer on `media.raw_ingest.v2` cannot read records of `media.raw_ingest.v1`, as a new major version may have it: field `f0` of `RawIngest`: the writer does not have it, and it has no default; field `f1` of `RawIngest`: the writer does not have it, and it has no default; field `f2` of `RawIngest`: the writer does not have it, and it has no default; and 1 more
     --> schemas/media/media.raw_ingest.v2.avsc:5:15
      |
    5 |     { "name": "f0", "doc": "D.", "type": "int" },
      |               ^^^^ read as this
      |
     ::: schemas/media/media.raw_ingest.v1.avsc:1:1
      |
    1 | {
      | - written as this
      |
      = waiver: - { code: BUS317, resource: topic/media.raw_ingest.v2, reason: "…", expires: DAY, owner: media-platform }

    1 info in 1 file
    "#);
    // Nothing is said of one that gets along with the first.
    scratch.write(second, record(&(field("kept", r#""type": "long""#) + "\n")));
    scratch.run(&["validate"]).ended(0).shows(&["no findings"]);
}

#[test]
fn versions_that_cannot_be_found_are_not_passed_over() {
    let scratch = Scratch::with(BASE);
    scratch.write("schemas/media/versions/media.raw_ingest.v1", "{}");
    std::os::unix::fs::symlink("itself", scratch.path("schemas/media/versions/itself")).unwrap();
    scratch.write("schemas/media/versions/README.md", "What was registered.");
    let run = scratch.run(&["validate"]).ended(3);
    assert_eq!(run.out.matches("error[BUS002]: this is not a folder of versions").count(), 2, "{}", run.out);
}

#[test]
fn a_subject_has_one_level() {
    let record = r#"{ "type": "record", "name": "example.media.Shared", "fields": [] }"#;
    let topic = |name: &str, compatibility: &str| {
        format!("topic: {name}\nclass: raw\nschema: {{ value: shared.avsc, strategy: record{compatibility} }}\n")
    };
    let found = |one: &str, other: &str| {
        let scratch = Scratch::with(BASE);
        scratch.write("schemas/media/shared.avsc", record);
        scratch.write("topics/one.yaml", topic("media.one.v1", one));
        scratch.write("topics/other.yaml", topic("media.other.v1", other));
        let run = scratch.run(&["validate", "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let findings = document["findings"].as_array().unwrap().iter();
        let told = findings.filter(|found| found["code"] == "BUS008").map(|found| {
            let place = &found["place"];
            assert_eq!(found["resource"], "schema/example.media.Shared");
            format!("{}:{} {}", place["file"].as_str().unwrap(), place["line"], found["message"].as_str().unwrap())
        });
        told.collect::<Vec<String>>()
    };
    assert_eq!(found(", compatibility: full", ", compatibility: [full, source]"), [""; 0]);
    assert_eq!(found(", compatibility: backward", ""), [""; 0]);
    let said = "subject `example.media.Shared` is declared twice with different levels: full and backward";
    assert_eq!(found(", compatibility: full", ""), [format!("topics/other.yaml:3 {said}")]);
}
