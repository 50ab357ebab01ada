//! Large, deep and knotted schemas: each comparison ends.

use super::told;
use crate::schema::SchemaFormat::{Avro, Json, Protobuf};
use crate::schema::diff::changes;

#[test]
fn ten_thousand_fields_that_all_changed() {
    let join = |of: &dyn Fn(usize) -> String, between: &str| (0..10_000).map(of).collect::<Vec<_>>().join(between);
    let avro = |prefix: &str, of: &str| {
        let fields = join(&|n| format!(r#"{{"name":"{prefix}{n}","type":"{of}"}}"#), ",");
        format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#)
    };
    let json = |prefix: &str, of: &str| {
        let fields = join(&|n| format!(r#""{prefix}{n}":{{"type":"{of}"}}"#), ",");
        format!(r#"{{"type":"object","properties":{{{fields}}}}}"#)
    };
    let protobuf = |prefix: &str, of: &str| {
        let fields = join(&|n| format!("{of} {prefix}{n} = {};", n + 20_000), "\n");
        format!("syntax = \"proto3\"; message R {{ {fields} }}")
    };
    for (format, old, new) in [
        (Avro, avro("a", "int"), avro("a", "string")),
        (Avro, avro("a", "int"), avro("b", "int")),
        (Json, json("a", "integer"), json("a", "string")),
        (Json, json("a", "integer"), json("b", "string")),
        (Protobuf, protobuf("a", "int32"), protobuf("a", "string")),
        (Protobuf, protobuf("a", "int32"), protobuf("b", "string")),
    ] {
        let told = told(format, &old, &new);
        assert!(told.lines().count() >= 10_000, "{}", told.lines().count());
    }
}

#[test]
fn deep_types_and_long_names() {
    let deep = |inner: &str| format!("{}{inner}{}", r#"{"type":"array","items":"#.repeat(120), "}".repeat(120));
    let told_of = told(Avro, &deep("\"int\""), &deep("\"string\""));
    assert!(told_of.starts_with(&format!("~ {}[] | type: int → string", "[]".repeat(119))), "{told_of}");
    // A path holds each name around it; only its end is kept.
    let long = "n".repeat(1 << 20);
    let fields =
        |of: &str| (0..1_000).map(|n| format!(r#"{{"name":"f{n}","type":"{of}"}}"#)).collect::<Vec<_>>().join(",");
    let record = |of: &str| {
        format!(
            r#"{{"type":"record","name":"R","fields":[{{"name":"{long}","type":{{"type":"record","name":"S","fields":[{}]}}}}]}}"#,
            fields(of)
        )
    };
    let found = changes(Avro, &record("int"), &record("long")).expect("changes");
    assert_eq!(found.len(), 1_000);
    assert!(found.iter().all(|change| change.path.len() < 600 && change.path.starts_with('…')));
    let deep = |of: &str| format!("{}{{\"type\":\"{of}\"}}{}", r#"{"not":"#.repeat(100), "}".repeat(100));
    assert_eq!(changes(Json, &deep("string"), &deep("null")).expect("changes").len(), 1);
    let deep = |of: &str| format!("syntax=\"proto3\"; {} {of} a = 1; {}", "message A {".repeat(30), "}".repeat(30));
    assert_eq!(changes(Protobuf, &deep("string"), &deep("int32")).expect("changes").len(), 1);
}

#[test]
fn types_that_hold_themselves() {
    let avro = |of: &str| {
        format!(
            r#"{{"type":"record","name":"A","fields":[{{"name":"b","type":{{"type":"record","name":"B","fields":[
            {{"name":"a","type":["null","A"]}},{{"name":"x","type":"{of}"}}]}}}},{{"name":"c","type":["null","B","A"]}}]}}"#
        )
    };
    assert_eq!(changes(Avro, &avro("int"), &avro("string")).expect("changes").len(), 1);
    let json = |of: &str| {
        format!(
            r##"{{"$ref":"#/definitions/a","definitions":{{"a":{{"$ref":"#/definitions/b"}},
            "b":{{"properties":{{"a":{{"$ref":"#/definitions/a"}},"b":{{"$ref":"#/definitions/b"}},"x":{{"type":"{of}"}}}}}}}}}}"##
        )
    };
    assert_eq!(changes(Json, &json("integer"), &json("string")).expect("changes").len(), 1);
}

#[test]
fn many_causes_of_many_breaks_are_bounded() {
    let of = |symbol: &str| {
        let symbols = (0..2_000).map(|n| format!("\"{symbol}{n}\"")).collect::<Vec<_>>().join(",");
        let fields = (1..2_000).map(|n| format!(r#"{{"name":"f{n}","type":"E"}}"#)).collect::<Vec<_>>().join(",");
        let defined = format!(r#"{{"name":"f0","type":{{"type":"enum","name":"E","symbols":[{symbols}]}}}}"#);
        format!(r#"{{"type":"record","name":"R","fields":[{defined},{fields}]}}"#)
    };
    let told = told(Avro, &of("A"), &of("B"));
    assert_eq!(told.lines().filter(|line| line.contains("!BACKWARD")).count(), 2_000);
    assert!(!told.contains("also"), "everything has a cause");
}
