//! `schema check --opinion`: what passes the registry, and somebody may regret.

use super::check;
use crate::support::workspace::Scratch;

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
