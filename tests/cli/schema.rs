//! Schemas by themselves: files, histories, and many pairs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::support::workspace::{Run, Scratch, assert_valid};

/// No answer takes so long: one that does is not coming.
const HANGS: Duration = Duration::from_secs(100);

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
fn programs_are_told_the_verdict_too() {
    let scratch = scratch();
    for (level, code, is_compatible) in [("backward", 3, false), ("forward", 0, true), ("FULL_TRANSITIVE", 3, false)] {
        let run = check(&scratch, &["--old", "old.avsc", "--new", "new.avsc", "--level", level, "--format", "json"]);
        let json = run.ended(code).json();
        assert_valid("findings.schema.json", &json);
        let verdict = serde_json::json!({ "compatible": is_compatible, "level": level.to_uppercase() });
        assert_eq!(json["verdict"], verdict, "{level}");
    }
}

#[test]
fn words_are_taken_in_capitals_and_near_ones_are_named() {
    let scratch = Scratch::with(&[("old.txt", "\"int\""), ("new.txt", "\"long\"")]);
    let files = ["--old", "old.txt", "--new", "new.txt"];
    check(&scratch, &[&files[..], &["--type", "AVRO"]].concat()).ended(0);
    scratch.run(&["schema", "normalize", "old.txt", "--type", "Avro"]).ended(0);
    check(&scratch, &[&files[..], &["--type", "avro", "--level", "backwards"]].concat())
        .ended(64)
        .says(&["did you mean `backward`?", "full_transitive"]);
}

#[test]
fn a_text_of_another_format_is_told_how_to_be_read() {
    let scratch = Scratch::with(&[
        ("old.json", OLD),
        ("old.avsc", OLD),
        ("new.avsc", "// A track.\nsyntax = \"proto3\";\nmessage Track {}\n"),
        ("old.txt", OLD),
    ]);
    check(&scratch, &["--old", "old.json", "--new", "old.json"]).ended(3).shows(&[
        "help: this looks like Avro: say so with --type avro; without it the extension decides, and .json is JSON Schema",
    ]);
    check(&scratch, &["--old", "old.json", "--new", "old.json", "--type", "avro"]).ended(0);
    check(&scratch, &["--old", "old.avsc", "--new", "new.avsc"])
        .ended(3)
        .shows(&["this looks like Protobuf: say so with --type protobuf", "the extension decides, and .avsc is Avro"]);
    check(&scratch, &["--old", "old.txt", "--new", "old.txt", "--type", "json"])
        .ended(3)
        .shows(&["this looks like Avro: say so with --type avro\n"]);
    let show = scratch.run(&["schema", "show", "old.txt"]).ended(64);
    assert!(show.err.contains("old.txt tells no format") && show.err.contains("--type avro"), "{}", show.err);
}

/// What is wrong in the file of a reference is told there.
#[test]
fn what_is_wrong_in_a_reference_has_its_place_there() {
    let avro = r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "Id"}]}"#;
    let scratch = Scratch::with(&[
        ("a.json", r#"{"$ref": "b.json"}"#),
        ("b.json", "{\n  \"type\": \"strin\"\n}"),
        ("a.avsc", avro),
        ("b.avsc", "{\n  \"type\": \"strin\"\n}"),
        ("a.proto", "syntax = \"proto3\"; import \"b.proto\"; message A { B b = 1; }"),
        ("b.proto", "syntax = \"proto3\";\nmessage B { strin b = 1; }"),
    ]);
    for (extension, name) in [("json", "b.json"), ("avsc", "Id"), ("proto", "b.proto")] {
        let (file, reference) = (format!("a.{extension}"), format!("{name}=b.{extension}"));
        let place = format!("--> b.{extension}:2:");
        let options = ["--reference", &reference];
        check(&scratch, &[&["--old", &file, "--new", &file][..], &options].concat()).ended(3).shows(&[&place]);
        for command in [&["schema", "diff", &file, &file][..], &["schema", "show", &file]] {
            scratch.run(&[command, &options].concat()).ended(3).shows(&[&place]);
        }
    }
}

#[test]
fn references_are_files_too() {
    let scratch = Scratch::with(&[
        ("id.avsc", r#"{"type": "fixed", "name": "Id", "size": 16}"#),
        ("old.avsc", r#"{"type": "record", "name": "T", "fields": [{"name": "id", "type": "Id"}]}"#),
        ("new.avsc", r#"{"type": "record", "name": "T", "fields": []}"#),
    ]);
    let files = ["--old", "old.avsc", "--new", "new.avsc"];
    check(&scratch, &files)
        .ended(3)
        .shows(&["error[BUS301]", "help: define it before it is used, or give its file: --reference Id=FILE"]);
    check(&scratch, &[&files[..], &["--reference", "Id=id.avsc"]].concat()).ended(0);
    scratch.run(&["schema", "diff", "--old", "new.avsc", "--new", "old.avsc"]).ended(3).shows(&["--reference Id=FILE"]);
    scratch.write("a.json", r#"{"$ref": "b.json#/a"}"#);
    scratch.write("a.proto", "syntax = \"proto3\"; import \"b.proto\";");
    for (file, help) in [
        ("a.json", "help: give its file: --reference b.json=FILE"),
        ("a.proto", "help: give its file: --reference b.proto=FILE"),
    ] {
        scratch.run(&["schema", "show", file]).ended(3).shows(&[help]);
    }
}

const OLD_PROTO: &str = "syntax = \"proto3\";\nmessage Track {\n  int64 plays = 1;\n  string title = 2;\n}\n";
const NEW_PROTO: &str = "syntax = \"proto3\";\nmessage Track {\n  int32 plays = 1;\n}\n";

#[test]
fn the_second_opinion_warns_of_what_passes_the_registry() {
    let scratch = Scratch::with(&[("old.proto", OLD_PROTO), ("new.proto", NEW_PROTO)]);
    let files = ["--old", "old.proto", "--new", "new.proto"];
    let run = check(&scratch, &[&files[..], &["--opinion", "wire"]].concat()).ended(0);
    insta::assert_snapshot!(run.out, @r#"
    warning[FIELD_NUMBER_NOT_RESERVED]: new.proto after old.proto: `title` (2) of `Track` is gone, and its number may be given to another field (wire, at #/Track/2)
     --> new.proto:2:9
      |
    2 | message Track {
      |         ^^^^^ now
      |
     ::: old.proto:4:10
      |
    4 |   string title = 2;
      |          ----- before
      |
      = help: write `reserved 2;` and `reserved "title";`

    warning[FIELD_VALUES_MISREAD]: new.proto after old.proto: `plays` (1) of `Track` was `int64` and is `int32`: values that do not fit are cut (wire, at #/Track/1)
     --> new.proto:3:3
      |
    3 |   int32 plays = 1;
      |   ^^^^^ now
      |
     ::: old.proto:3:3
      |
    3 |   int64 plays = 1;
      |   ----- before
      |
      = help: keep `int64`, or take a new number for `int32`

    2 warnings in 1 file
    "#);
    assert_eq!(run.err, "new.proto may follow: nothing breaks backward.\n");
    // The change is the same one, whoever reads, and where nobody has to.
    for level in ["forward", "full_transitive", "none"] {
        let other = check(&scratch, &[&files[..], &["--opinion", "wire", "--level", level]].concat()).ended(0);
        assert_eq!(other.out, run.out, "{level}");
    }
    // Nobody is warned who did not ask.
    check(&scratch, &files).ended(0).shows(&["no findings"]);
}

#[test]
fn a_second_opinion_has_a_category_and_no_say_in_the_verdict() {
    let scratch = Scratch::with(&[
        ("first.proto", OLD_PROTO),
        ("old.proto", NEW_PROTO),
        ("new.proto", "syntax = \"proto3\";\nmessage Track {\n  int32 played = 1 [json_name = \"plays\"];\n}\n"),
        ("broken.proto", "syntax = \"proto3\";\nmessage Track {\n  string plays = 1;\n}\n"),
    ]);
    let history = ["--old", "first.proto", "--old", "old.proto"];
    let run = |arguments: &[&str]| check(&scratch, &[&history[..], arguments].concat());
    for category in ["wire", "wire-json"] {
        run(&["--new", "new.proto", "--opinion", category]).ended(0).shows(&["no findings"]);
    }
    run(&["--new", "new.proto", "--opinion", "source"]).ended(0).shows(&[
        "warning[FIELD_RENAMED]: new.proto after old.proto: ",
        "(source, at #/Track/1)",
        "1 warning in 1 file",
    ]);
    // As far back as the level looks.
    run(&["--new", "new.proto", "--opinion", "wire", "--level", "backward_transitive"])
        .ended(0)
        .shows(&["warning[FIELD_VALUES_MISREAD]: new.proto after first.proto: "]);
    run(&["--new", "broken.proto", "--opinion", "wire", "--level", "backward_transitive"]).ended(3).shows(&[
        "error[FIELD_SCALAR_KIND_CHANGED]",
        "warning[FIELD_NUMBER_NOT_RESERVED]: broken.proto after first.proto: ",
        "2 errors, 1 warning in 1 file",
    ]);
    run(&["--new", "new.proto", "--opinion", "taste"]).ended(64).says(&["wire, wire-json, source"]);
}

#[test]
fn the_second_opinion_is_there_for_each_format() {
    let scratch = Scratch::with(&[
        ("old.avsc", r#"{"type": "record", "name": "A", "fields": [{"name": "x", "type": "long", "default": 0}]}"#),
        ("new.avsc", r#"{"type": "record", "name": "A", "fields": [{"name": "y", "type": "long", "default": 0}]}"#),
        ("old.json", r#"{"properties": {"x": {"type": "string", "format": "date"}}}"#),
        ("new.json", r#"{"properties": {"x": {"type": "string", "format": "date-time"}}}"#),
    ]);
    let run = |old: &str, new: &str| check(&scratch, &["--old", old, "--new", new, "--opinion", "wire"]).ended(0).out;
    insta::assert_snapshot!(run("old.avsc", "new.avsc"), @r#"
    warning[FIELD_RENAMED]: new.avsc after old.avsc: field `x` of `A` is gone and `y` of the same type stands in its place: if it was renamed, records that have it are read as `0` (wire, at /fields/0)
     --> new.avsc:1:53
      |
    1 | {"type": "record", "name": "A", "fields": [{"name": "y", "type": "long", "default": 0}]}
      |                                                     ^^^ now
      |
     ::: old.avsc:1:53
      |
    1 | {"type": "record", "name": "A", "fields": [{"name": "x", "type": "long", "default": 0}]}
      |                                                     --- before
      |
      = help: add the alias `x` to `y` if it is the same thing, renamed

    1 warning in 1 file
    "#);
    insta::assert_snapshot!(run("old.json", "new.json"), @r#"
    warning[FORMAT_CHANGED]: new.json after old.json: property `x`: `format` was `"date"` and is `"date-time"`: the registry does not look at it, and what was written need not have that form (wire, at #/properties/x)
     --> new.json:1:51
      |
    1 | {"properties": {"x": {"type": "string", "format": "date-time"}}}
      |                                                   ^^^^^^^^^^^ now
      |
     ::: old.json:1:51
      |
    1 | {"properties": {"x": {"type": "string", "format": "date"}}}
      |                                                   ------ before
      |
      = help: keep `"date"`, or add a property of another name for `"date-time"`

    1 warning in 1 file
    "#);
    // Of another format the verdict says enough.
    let other = check(&scratch, &["--old", "old.json", "--new", "new.avsc", "--opinion", "source"]).ended(3).out;
    assert_eq!(other.matches("[SCHEMA_TYPE_CHANGED]").count(), 1, "{other}");
    assert!(other.contains("1 error in 1 file"), "{other}");
}

/// Answers to lines of JSON on standard input.
fn answers(lines: impl AsRef<[u8]>) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busctl"));
    command.args(["schema", "check", "--pairs", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_ref()).unwrap();
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
    let (code, answers, _) = answers(lines.concat());
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
fn an_answer_comes_before_the_next_question() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busctl"));
    command.args(["schema", "check", "--pairs", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut questions, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let (sender, receiver) = channel();
    std::thread::spawn(move || answers.lines().try_for_each(|line| sender.send(line.unwrap())));
    let question = |id: u32| serde_json::json!({ "id": id, "format": "avro", "old": OLD, "new": OLD }).to_string();
    // What is sent before the next answer is read, a part of a line among it, and the ids of the answers that are due.
    let third = question(3);
    let (start, rest) = third.split_at(third.len() / 2);
    for (sent, due) in [
        (format!("{}\n", question(0)), vec![0]),
        (format!("{}\n\n{}\n{start}", question(1), question(2)), vec![1, 2]),
        (format!("{rest}\n"), vec![3]),
        ("{\n".to_owned(), vec![u64::MAX]),
    ] {
        questions.write_all(sent.as_bytes()).unwrap();
        for id in due {
            let answer: serde_json::Value = serde_json::from_str(&receiver.recv_timeout(HANGS).unwrap()).unwrap();
            assert_eq!(answer["id"].as_u64().unwrap_or(u64::MAX), id);
        }
    }
    drop(questions);
    assert_eq!(child.wait().unwrap().code(), Some(64));
}

#[test]
fn a_pair_has_the_references_of_both() {
    let refers = r#"{"type": "record", "name": "T", "fields": [{"name": "id", "type": "Id"}]}"#;
    let id = serde_json::json!({ "name": "Id", "text": r#"{"type": "fixed", "name": "Id", "size": 16}"# });
    let bad = serde_json::json!({ "name": "Id", "text": "{" });
    let question = |references: &[&serde_json::Value]| {
        format!("{}\n", serde_json::json!({ "format": "avro", "old": refers, "new": refers, "references": references }))
    };
    let (code, answers, _) = answers([question(&[&id]), question(&[]), question(&[&bad])].concat());
    assert_eq!(code, Some(3));
    let valid: Vec<_> =
        answers.iter().map(|answer| (&answer["valid"] == true, &answer["compatible"] == true)).collect();
    assert_eq!(valid, [(true, true), (false, false), (false, false)]);
    assert!(answers[2]["error"].as_str().unwrap().starts_with("`references[0]` (`Id`) at 1:"), "{}", answers[2]);
}

#[test]
fn an_answer_tells_who_reads_which_version_and_the_way_out() {
    let question = serde_json::json!({
        "id": "all", "format": "avro", "previous": [OLD, NEW, OLD], "new": NEW, "level": "FULL_TRANSITIVE"
    });
    let (code, given, _) = answers(format!("{question}\n"));
    assert_eq!(code, Some(3));
    assert_valid("schema-check-answer.schema.json", &given[0]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&given[0]["incompatibilities"]).unwrap(), @r#"
    [
      {
        "direction": "backward",
        "version": 3,
        "code": "READER_FIELD_MISSING_DEFAULT_VALUE",
        "path": "/fields/1",
        "message": "field `bitrate` of `Track`: the writer does not have it, and it has no default",
        "help": "add a default to the field, or the writer's name for it as an alias if it was renamed"
      },
      {
        "direction": "backward",
        "version": 1,
        "code": "READER_FIELD_MISSING_DEFAULT_VALUE",
        "path": "/fields/1",
        "message": "field `bitrate` of `Track`: the writer does not have it, and it has no default",
        "help": "add a default to the field, or the writer's name for it as an alias if it was renamed"
      }
    ]
    "#);
    // An old consumer of a longer one.
    let question = serde_json::json!({ "format": "avro", "old": NEW, "new": OLD, "level": "FULL" });
    let (_, given, _) = answers(format!("{question}\n"));
    let broken = &given[0]["incompatibilities"][0];
    assert_eq!((&broken["direction"], &broken["version"]), (&"forward".into(), &1.into()));
}

#[test]
fn an_answer_says_which_text_is_no_schema_and_where() {
    let wrong = "{\n  \"type\": \"recrod\"\n}";
    for (texts, said) in [
        (serde_json::json!({ "old": OLD, "new": wrong }), "`new` at 2:"),
        (serde_json::json!({ "old": wrong, "new": OLD }), "`old` at 2:"),
        (
            serde_json::json!({ "previous": [OLD, OLD, wrong], "new": OLD, "level": "FULL_TRANSITIVE" }),
            "`previous[2]` at 2:",
        ),
        (serde_json::json!({ "previous": [OLD, wrong], "new": OLD }), "`previous[1]` at 2:"),
    ] {
        let mut question = serde_json::json!({ "format": "avro" });
        question.as_object_mut().unwrap().extend(texts.as_object().unwrap().clone());
        let (code, given, _) = answers(format!("{question}\n"));
        assert_eq!(code, Some(3));
        assert_valid("schema-check-answer.schema.json", &given[0]);
        assert!(given[0]["error"].as_str().unwrap().starts_with(said), "{}", given[0]);
        assert!(given[0]["help"].as_str().unwrap().contains("record"), "{}", given[0]);
    }
}

#[test]
fn labels_of_other_tools_are_left_alone() {
    let mut question = serde_json::json!({ "id": 1, "format": "avro", "old": OLD, "new": OLD });
    let labels = serde_json::json!({
        "levels": {"FULL": true}, "labels": ["a"], "label": "x", "compatible": true, "valid": true,
        "incompatibilities": [], "changes": [], "mutations": [], "name": "n", "type": "t", "note": "FULL",
        "compatibility": "unknown", "reference": "a page", "previously": "", "now": "", "formats": []
    });
    question.as_object_mut().unwrap().extend(labels.as_object().unwrap().clone());
    let line = question.to_string().replace(r#""levels":{"FULL":true}"#, r#""levels":"some""#);
    assert_eq!(answers(format!("{line}\n")).0, Some(0));
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let line = question.to_string().replacen('{', &format!("{{\"deep\": {deep}, "), 1);
    let (code, answers, error) = answers(format!("{line}\n"));
    assert_eq!((code, &answers[0]["id"], &answers[0]["compatible"]), (Some(0), &1.into(), &true.into()), "{error}");
}

#[test]
fn a_pair_is_held_to_the_formats_own_rules_and_a_history_to_the_registrys() {
    let wrong = r#"{"type": "record", "name": "T", "fields": [{"name": "x", "type": "int", "default": "high"}]}"#;
    let pair = serde_json::json!({ "format": "avro", "old": wrong, "new": wrong });
    let history = serde_json::json!({ "format": "avro", "previous": [wrong], "new": wrong });
    let (code, answers, _) = answers(format!("{pair}\n{history}\n"));
    assert_eq!((code, &answers[0]["valid"], &answers[1]["valid"]), (Some(3), &false.into(), &true.into()));
}

#[test]
fn a_line_that_is_no_question_is_answered_and_named() {
    let good = serde_json::json!({ "id": "good", "format": "avro", "old": OLD, "new": OLD });
    for (line, id, said) in [
        (&b"{"[..], serde_json::Value::Null, "it is no JSON: it ends too early, at column 1"),
        (br#"{"id": 7, "format": "avro", "old": ""}"#, 7.into(), "it has no `new`"),
        (
            br#"{"id": 7, "format": "xml", "old": "", "new": ""}"#,
            7.into(),
            "there is no format `xml`; formats are avro",
        ),
        (br#"{"id": [1], "format": "avro", "new": ""}"#, [1].into(), "it has neither `old` nor `previous`"),
        (br#"{"id": 7, "format": "avro", "old": "", "previous": [], "new": ""}"#, 7.into(), "it has both `old` and"),
        (br#"{"format": "avro", "old": "", "new": "", "level": "UP"}"#, ().into(), "there is no level `UP`"),
        (
            b"{\"id\": 7, \"format\": \"avro\", \"old\": \"\xff\", \"new\": \"\"}",
            ().into(),
            "it is no JSON: invalid unicode code point, at column ",
        ),
        (b"[]", ().into(), "a question is a JSON object, and this is a list"),
        (b"\"avro\"", ().into(), "a question is a JSON object, and this is a string"),
        (b"7 8", ().into(), "it is no JSON: "),
        (
            br#"{"id": 7, "format": "avro", "old": null, "new": ""}"#,
            7.into(),
            "it has neither `old` nor `previous` (`old` is null, which counts as none)",
        ),
        (br#"{"id": 7, "format": "avro", "old": "", "new": 7}"#, 7.into(), "`new` has to be a string, and is a number"),
        (
            br#"{"format": "avro", "old": {"type": "int"}, "new": ""}"#,
            ().into(),
            "`old` has to be a string that holds the text, and is an object",
        ),
        (
            br#"{"format": "avro", "previous": ["", 1], "new": ""}"#,
            ().into(),
            "`previous[1]` has to be a string, and is a number",
        ),
        (
            br#"{"format": "avro", "old": "", "new": "", "references": [{"name": "Id"}]}"#,
            ().into(),
            "`references[0]` has no `text`",
        ),
        (br#"{"format": "avro", "old": "", "old": "", "new": ""}"#, ().into(), "it has `old` twice"),
        (
            br#"{"format": "avro", "old": "", "new": "", "lvl": "FULL"}"#,
            ().into(),
            "it has `lvl` and no `level`: did you mean `level`?",
        ),
        (br#"{"format": "avro", "old": "", "new": "", "compatibility": "FULL"}"#, ().into(), "did you mean `level`?"),
        (br#"{"format": "avro", "old": "", "new": "", "levels": "FULL"}"#, ().into(), "did you mean `level`?"),
        (br#"{"format": "avro", "prevous": [""], "new": ""}"#, ().into(), "did you mean `previous`?"),
        (br#"{"format": "avro", "old": "", "new": "", "refernces": []}"#, ().into(), "did you mean `references`?"),
    ] {
        let lines = [line, b"\n", good.to_string().as_bytes(), b"\n"].concat();
        let (code, answers, error) = answers(lines);
        let shown = String::from_utf8_lossy(line);
        assert_eq!((code, answers.len()), (Some(64), 2), "{shown}");
        assert_eq!(
            (&answers[0]["id"], &answers[0]["valid"], &answers[0]["compatible"]),
            (&id, &false.into(), &false.into())
        );
        assert!(answers[0]["error"].as_str().unwrap().contains(said), "{}", answers[0]);
        assert_eq!((&answers[1]["id"], &answers[1]["compatible"]), (&"good".into(), &true.into()), "{shown}");
        assert!(error.contains("line 1: ") && error.contains(said), "{error}");
    }
    let (code, answers, error) = answers(b"{\n\n[]\n");
    assert_eq!((code, answers.len()), (Some(64), 2));
    assert!(error.contains("2 lines are no questions, the first of them line 1: "), "{error}");
}

#[test]
fn options_that_pairs_would_not_heed_are_refused() {
    for option in
        [["--format", "json"], ["--level", "full"], ["--type", "avro"], ["--reference", "a=b"], ["--opinion", "wire"]]
    {
        check(&scratch(), &[&["--pairs", "-"], &option[..]].concat()).ended(64).says(&[option[0], "--pairs"]);
    }
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
