//! `schema check` of files.

use super::{NEW, OLD, check, scratch};
use crate::support::workspace::{Scratch, assert_valid};

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
    insta::assert_snapshot!(run.out, @r#"
    error[SCHEMA_TYPE_CHANGED]: a consumer on new.proto cannot read records of old.avsc: the reader's schema is Protobuf, and the writer's Avro (at /)
     --> new.proto:1:1
      |
    1 | syntax = "proto3"; import "id.proto"; message Track { Id id = 1; }
      | ^^^^^^ read as this
      |
     ::: old.avsc:1:1
      |
    1 | {"type": "record", "name": "Track", "fields": [{"name": "id", "type": "string"}]}
      | --------------------------------------------------------------------------------- written as this
      |
      = help: a new format needs a new subject: make a new version of the topic

    1 error in 1 file
    "#);
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
        error[BUS301]: the schema is larger than 10 MiB
         --> new.avsc:1:10485761
          |
          |
        1 | …                                                                                            ...
          |                                   ^
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
fn programs_are_told_that_a_file_cannot_be_read() {
    let scratch = Scratch::with(&[("old.avsc", OLD)]);
    let document = |arguments: &[&str]| {
        let run = scratch.run(arguments).ended(1).says(&["could not read gone.avsc"]);
        let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_valid("findings.schema.json", &document);
        document
    };
    let old = ["schema", "check", "--old", "old.avsc", "--new", "gone.avsc", "--format", "json"];
    let found = document(&old);
    assert_eq!(found["findings"][0]["code"], "BUS002");
    assert_eq!(found["verdict"]["compatible"], false);
    let found = document(&["schema", "diff", "--old", "old.avsc", "--new", "gone.avsc", "--format", "json"]);
    assert_eq!(found["findings"][0]["code"], "BUS002");
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
