//! Schemas by themselves: files, histories, and many pairs.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::workspace::{Run, Scratch};

const OLD: &str = r#"{"type": "record", "name": "Track", "fields": [{"name": "id", "type": "string"}]}"#;
const NEW: &str = r#"{
  "type": "record",
  "name": "Track",
  "fields": [
    { "name": "id", "type": "string" },
    { "name": "bitrate", "type": "int" }
  ]
}
"#;

fn scratch() -> Scratch {
    Scratch::with(&[("old.avsc", OLD), ("new.avsc", NEW)])
}

fn check(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["schema", "check"], arguments].concat())
}

#[test]
fn what_breaks_is_shown_in_both_files_with_the_way_out() {
    let run = check(&scratch(), &["--old", "old.avsc", "--new", "new.avsc"]).ended(3);
    insta::assert_snapshot!(run.out, @r#"
    error[READER_FIELD_MISSING_DEFAULT_VALUE]: a consumer on new.avsc cannot read records of old.avsc: field `bitrate` of `Track`: the writer does not have it, and it has no default (at /fields/1)
     --> new.avsc:6:15
      |
    6 |     { "name": "bitrate", "type": "int" }
      |               ^^^^^^^^^ read as this
      |
     ::: old.avsc:1:1
      |
    1 | {"type": "record", "name": "Track", "fields": [{"name": "id", "type": "string"}]}
      | --------------------------------------------------------------------------------- written as this
      |
      = help: add a default to the field, or the writer's name for it as an alias if it was renamed

    1 error in 1 file
    "#);
}

#[test]
fn the_level_says_who_has_to_read_what() {
    let scratch = scratch();
    for level in ["forward", "FORWARD_TRANSITIVE", "none"] {
        check(&scratch, &["--old", "old.avsc", "--new", "new.avsc", "--level", level])
            .ended(0)
            .says(&["new.avsc may follow"]);
    }
    check(&scratch, &["--old", "old.avsc", "--new", "new.avsc", "--level", "full"]).ended(3);
    // What is not transitive looks at the version before alone.
    let history = ["--old", "old.avsc", "--old", "new.avsc", "--new", "new.avsc"];
    check(&scratch, &history).ended(0);
    let transitive = check(&scratch, &[&history[..], &["--level", "backward_transitive"]].concat()).ended(3);
    assert!(transitive.out.contains("a consumer on new.avsc cannot read records of old.avsc"), "{}", transitive.out);
}

#[test]
fn each_format_is_told_by_its_extension_or_by_name() {
    let scratch = Scratch::with(&[
        ("old.proto", "syntax = \"proto3\"; message A { int32 a = 1; }"),
        ("new.proto", "syntax = \"proto3\"; message A { string a = 1; }"),
        ("old.json", r#"{"type": "object", "properties": {"a": {"type": "integer"}}}"#),
        ("new.json", r#"{"type": "object", "properties": {"a": {"type": "string"}}}"#),
        ("old.txt", "\"int\""),
        ("new.txt", "\"long\""),
    ]);
    check(&scratch, &["--old", "old.proto", "--new", "new.proto"])
        .ended(3)
        .shows(&["error[FIELD_SCALAR_KIND_CHANGED]"]);
    check(&scratch, &["--old", "old.json", "--new", "new.json"]).ended(3).shows(&["error[TYPE_CHANGED]"]);
    check(&scratch, &["--old", "old.txt", "--new", "new.txt"]).ended(64).says(&["--type avro, json or protobuf"]);
    check(&scratch, &["--old", "old.txt", "--new", "new.txt", "--type", "avro"]).ended(0);
}

#[test]
fn what_is_no_schema_says_where() {
    let scratch = Scratch::with(&[("old.avsc", OLD), ("new.avsc", "{\"type\": \"recrod\"}")]);
    check(&scratch, &["--old", "old.avsc", "--new", "new.avsc"]).ended(3).shows(&["error[BUS301]", "new.avsc:1:"]);
    check(&scratch, &["--old", "old.avsc", "--new", "gone.avsc"]).ended(1).says(&["could not read gone.avsc"]);
    check(&scratch, &["--old", "old.avsc"]).ended(64).says(&["--new"]);
    check(&scratch, &["--old", "old.avsc", "--new", "new.avsc", "--level", "sideways"]).ended(64).says(&["backward"]);
}

#[test]
fn references_are_files_too() {
    let scratch = Scratch::with(&[
        ("id.avsc", r#"{"type": "fixed", "name": "Id", "size": 16}"#),
        ("old.avsc", r#"{"type": "record", "name": "T", "fields": [{"name": "id", "type": "Id"}]}"#),
        ("new.avsc", r#"{"type": "record", "name": "T", "fields": []}"#),
    ]);
    let files = ["--old", "old.avsc", "--new", "new.avsc"];
    check(&scratch, &files).ended(3).shows(&["error[BUS301]"]);
    check(&scratch, &[&files[..], &["--reference", "Id=id.avsc"]].concat()).ended(0);
}

#[test]
fn a_schema_is_printed_in_its_normal_form() {
    let scratch = Scratch::with(&[
        (
            "a.avsc",
            r#"{"fields": [{"type": {"type": "string"}, "doc": "d", "name": "id"}], "name": "n.T", "type": "record"}"#,
        ),
        ("a.json", r#"{"required": ["b", "a"], "type": "object", "title": "t"}"#),
        ("a.proto", "syntax = 'proto3'; message A { .A next = 2; // the id\n string id = 1; }"),
        ("a.txt", "\"int\""),
    ]);
    let avro = scratch.run(&["schema", "normalize", "a.avsc"]).ended(0);
    insta::assert_snapshot!(avro.out, @r#"
    {
      "type": "record",
      "name": "T",
      "namespace": "n",
      "fields": [
        { "name": "id", "doc": "d", "type": "string" }
      ]
    }
    "#);
    let json = scratch.run(&["schema", "normalize", "a.json"]).ended(0);
    insta::assert_snapshot!(json.out, @r#"{ "title": "t", "type": "object", "required": ["a", "b"] }"#);
    let protobuf = scratch.run(&["schema", "normalize", "a.proto"]).ended(0);
    insta::assert_snapshot!(protobuf.out, @r#"
    syntax = "proto3";

    message A {
      string id = 1;
      // the id
      A next = 2;
    }
    "#);
    scratch.run(&["schema", "normalize", "a.txt"]).ended(64).says(&["--type avro, json or protobuf"]);
    assert_eq!(scratch.run(&["schema", "normalize", "a.txt", "--type", "avro"]).ended(0).out, "\"int\"\n");
}

#[test]
fn the_normal_form_may_take_the_place_of_the_schema() {
    let scratch = scratch();
    let shown = scratch.run(&["schema", "normalize", "new.avsc"]).ended(0).out;
    assert_eq!(scratch.run(&["schema", "normalize", "new.avsc", "-o", "new.avsc"]).ended(0).out, "");
    assert_eq!(scratch.read("new.avsc"), shown);
    assert_eq!(scratch.run(&["schema", "normalize", "new.avsc"]).ended(0).out, shown);
}

#[test]
fn what_cannot_be_normalised_stays_as_it_is() {
    let scratch = Scratch::with(&[("a.avsc", "{\"type\": \"int\",}")]);
    let run =
        scratch.run(&["schema", "normalize", "a.avsc", "-o", "a.avsc"]).ended(3).says(&["error[BUS301]", "a.avsc:1:"]);
    assert_eq!((run.out.as_str(), scratch.read("a.avsc").as_str()), ("", "{\"type\": \"int\",}"));
    scratch.run(&["schema", "normalize", "gone.avsc"]).ended(1).says(&["could not read gone.avsc"]);
}

/// Answers to lines of JSON on standard input.
fn answers(lines: &str) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busctl"));
    command.args(["schema", "check", "--pairs", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answers = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), answers, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn many_pairs_are_answered_line_by_line() {
    let question = |id: &str, rest: serde_json::Value| {
        let mut question = serde_json::json!({ "id": id, "format": "avro", "new": NEW });
        question.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        format!("{question}\n")
    };
    let lines = [
        question("same", serde_json::json!({ "old": NEW })),
        question("added", serde_json::json!({ "old": OLD })),
        question("forward", serde_json::json!({ "old": OLD, "level": "FORWARD" })),
        question("history", serde_json::json!({ "previous": [OLD, NEW], "level": "BACKWARD_TRANSITIVE" })),
        question("first", serde_json::json!({ "previous": [] })),
        question("broken", serde_json::json!({ "old": "{" })),
    ];
    let (code, answers, _) = answers(&lines.concat());
    assert_eq!(code, Some(3));
    let told: Vec<_> = answers
        .iter()
        .map(|answer| (answer["id"].as_str().unwrap(), answer["valid"] == true, answer["compatible"] == true))
        .collect();
    assert_eq!(
        told,
        [
            ("same", true, true),
            ("added", true, false),
            ("forward", true, true),
            ("history", true, false),
            ("first", true, true),
            ("broken", false, false),
        ]
    );
    let broken = &answers[1]["incompatibilities"][0];
    assert_eq!((&broken["code"], &broken["path"]), (&"READER_FIELD_MISSING_DEFAULT_VALUE".into(), &"/fields/1".into()));
    assert!(broken["message"].as_str().unwrap().contains("bitrate"), "{broken}");
}

#[test]
fn a_line_that_is_no_question_is_named() {
    for (line, said) in [
        ("{", "line 1 is no question"),
        (r#"{"format": "xml", "old": "", "new": ""}"#, "line 1: there is no format `xml`"),
        (r#"{"format": "avro", "new": ""}"#, "line 1: it has neither `old` nor `previous`"),
        (r#"{"format": "avro", "old": "", "new": "", "level": "UP"}"#, "line 1: there is no level `UP`"),
    ] {
        let (code, answers, error) = answers(line);
        assert_eq!((code, answers.len()), (Some(64), 0), "{line}");
        assert!(error.contains(said), "{error}");
    }
}
