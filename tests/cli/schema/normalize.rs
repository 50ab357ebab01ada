//! `schema normalize`.

use super::scratch;
use crate::support::workspace::Scratch;

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
