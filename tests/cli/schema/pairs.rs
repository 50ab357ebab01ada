//! `schema check --pairs`: many questions, and lines that are none.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::{NEW, OLD, check, scratch};
use crate::support::workspace::assert_valid;

/// No answer takes so long: one that does is not coming.
const HANGS: Duration = Duration::from_secs(100);

/// Answers to lines of JSON on standard input.
fn answers(lines: impl AsRef<[u8]>) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let (code, out, error) = answered(lines);
    (code, out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), error)
}

/// The same as they are written.
fn answered(lines: impl AsRef<[u8]>) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busctl"));
    command.args(["schema", "check", "--pairs", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_ref()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
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
            7.into(),
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
            br#"{"format": "avro", "old": "", "new": "", "references": [{"name": "Id", "text": ""}, {"name": "Id", "text": ""}]}"#,
            ().into(),
            "`references[1]` has the name `Id`, and so has `references[0]`: only one can be meant",
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

/// The id in each answer, as it is written.
fn written_ids(lines: impl AsRef<[u8]>) -> Vec<String> {
    let (_, out, _) = answered(lines);
    let id = |line: &str| line.strip_prefix("{\"id\":").unwrap().split_once(",\"valid\":").unwrap().0.to_owned();
    out.lines().map(id).collect()
}

#[test]
fn an_id_is_given_back_as_it_was_written() {
    let rest = "\"format\": \"avro\", \"old\": \"\\\"int\\\"\", \"new\": \"\\\"int\\\"\"";
    let ids = [
        "123456789012345678901234567890",
        "-0",
        "1.0",
        "0.1000000000000000055511151231257827021181583404541015625",
        "1E400",
        "\"\\u0041 \\ud800\"",
        "[1, {\"a\":  2.50, \"a\": null}]",
        "null",
    ];
    let lines: String = ids.iter().map(|id| format!("{{\"id\": {id} , {rest}}}\n{{{rest}, \"id\":{id}}}\n")).collect();
    assert_eq!(answered(&lines).0, Some(0));
    let expected: Vec<&str> = ids.iter().flat_map(|id| [*id, *id]).collect();
    assert_eq!(written_ids(&lines), expected);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(written_ids(format!("{{\"id\": {deep}, {rest}}}\n")), [deep]);
}

#[test]
fn a_line_that_is_no_json_has_the_id_that_stands_before_the_mistake() {
    for (line, id) in [
        ("{\"id\": 1.50, \"format\": \"avro\", \"old\": \"", "1.50"),
        ("{\"id\": \"a\", oops}", "\"a\""),
        ("{\"id\": \"a\"", "null"),
        // There may have been more digits.
        ("{\"id\": 12", "null"),
        ("{\"id\": 12}}", "12"),
        ("{\"id\": 12, \"format\": \"avro\", \"old\": 1e999}", "12"),
        ("{\"old\": }, \"id\": 12}", "null"),
        ("[{\"id\": 12}]", "null"),
    ] {
        let (code, out, error) = answered(format!("{line}\n"));
        assert_eq!((code, out.lines().count()), (Some(64), 1), "{line}");
        assert_eq!(written_ids(format!("{line}\n")), [id], "{line}");
        assert!(error.contains("line 1: "), "{error}");
    }
}

#[test]
fn a_long_line_is_a_line() {
    let label = "x".repeat(10 << 20);
    let good = serde_json::json!({ "id": 1, "label": label, "format": "avro", "old": OLD, "new": OLD });
    let large = serde_json::json!({ "id": 2, "format": "avro", "old": label, "new": OLD });
    let (code, answers, _) = answers(format!("{good}\n{large}\n{good}\n"));
    let told: Vec<_> = answers.iter().map(|answer| (answer["id"].as_u64(), answer["valid"] == true)).collect();
    assert_eq!((code, told), (Some(3), vec![(Some(1), true), (Some(2), false), (Some(1), true)]));
}

#[test]
fn what_holds_no_questions_is_named() {
    let scratch = scratch();
    check(&scratch, &["--pairs", "."])
        .ended(1)
        .says(&["could not read .: it is a folder", "help: --pairs takes a file"]);
    check(&scratch, &["--pairs", "gone"]).ended(1).says(&["could not read gone: "]);
}

#[test]
fn options_that_pairs_would_not_heed_are_refused() {
    for option in
        [["--format", "json"], ["--level", "full"], ["--type", "avro"], ["--reference", "a=b"], ["--opinion", "wire"]]
    {
        check(&scratch(), &[&["--pairs", "-"], &option[..]].concat()).ended(64).says(&[option[0], "--pairs"]);
    }
}
