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
    for (level, said) in [
        ("forward", "new.avsc may follow: nothing breaks forward."),
        ("FORWARD_TRANSITIVE", "new.avsc may follow: nothing breaks forward_transitive."),
        ("none", "new.avsc may follow: level none compares nothing."),
    ] {
        check(&scratch, &["--old", "old.avsc", "--new", "new.avsc", "--level", level]).ended(0).says(&[said]);
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
fn each_file_is_of_the_format_that_its_extension_tells() {
    let proto = "syntax = \"proto3\"; import \"id.proto\"; message Track { Id id = 1; }";
    let scratch = Scratch::with(&[
        ("old.avsc", OLD),
        ("new.proto", proto),
        ("id.proto", "syntax = \"proto3\"; message Id { string id = 1; }"),
        ("Id.avsc", r#"{"type": "fixed", "name": "Id", "size": 16}"#),
        ("old.txt", OLD),
    ]);
    // Each reference is for the versions of its format.
    let references = ["--reference", "id.proto=id.proto", "--reference", "Id=Id.avsc"];
    let run = check(&scratch, &[&["--old", "old.avsc", "--new", "new.proto"], &references[..]].concat()).ended(3);
    insta::assert_snapshot!(run.out, @r"
    error[SCHEMA_TYPE_CHANGED]: a consumer on new.proto cannot read records of old.avsc: the reader's schema is Protobuf, and the writer's Avro (at /)
     --> new.proto
      = help: a new format needs a new subject: make a new version of the topic

    1 error in 1 file
    ");
    check(&scratch, &["--old", "old.txt", "--new", "new.proto"]).ended(64).says(&["the extension of old.txt"]);
    // What was asked for goes before what extensions tell.
    let run = check(&scratch, &["--old", "old.avsc", "--new", "new.proto", "--type", "avro"]).ended(3);
    assert!(run.out.contains("error[BUS301]") && run.out.contains("new.proto:1:1"), "{}", run.out);
}

#[test]
fn what_the_registry_takes_and_validate_does_not_is_a_warning() {
    let wrong = r#"{"type": "record", "name": "Track", "fields": [
  {"name": "id", "type": "string"},
  {"name": "bitrate", "type": "int", "default": "high"}
]}"#;
    let scratch = Scratch::with(&[("old.avsc", OLD), ("new.avsc", wrong), ("last.avsc", NEW)]);
    let run = check(&scratch, &["--old", "old.avsc", "--new", "new.avsc"]).ended(0);
    insta::assert_snapshot!(run.out, @r#"
    warning[BUS301]: a registry may take it, `validate` does not: the default of `bitrate` does not fit its type
     --> new.avsc:3:49
      |
    3 |   {"name": "bitrate", "type": "int", "default": "high"}
      |                                                 ^^^^^^
      |
      = help: write a whole number of 32 bits

    1 warning in 1 file
    "#);
    assert_eq!(run.err, "nothing breaks backward, but `validate` refuses new.avsc.\n");
    // What is in the history is there already.
    let run = check(&scratch, &["--old", "new.avsc", "--new", "last.avsc"]).ended(0);
    assert_eq!(run.err, "last.avsc may follow: nothing breaks backward.\n");
}

#[test]
fn a_file_that_is_too_large_is_named() {
    let large = format!("{OLD}{}", " ".repeat(10 << 20));
    let scratch = Scratch::with(&[("old.avsc", OLD), ("new.avsc", large.as_str())]);
    for (old, new) in [("old.avsc", "new.avsc"), ("new.avsc", "old.avsc")] {
        let run = check(&scratch, &["--old", old, "--new", new]).ended(3);
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.out, @r"
        error[BUS301]: the schema is larger than 4 MiB
         --> new.avsc
          = help: split it: schemas can refer to each other

        1 error in 1 file
        ");
        }
    }
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
