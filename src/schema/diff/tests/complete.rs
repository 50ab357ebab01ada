//! Whatever differs when schemas are compared is told, and nothing else.

use serde_json::{Value, json};

use crate::schema::diff::{Spot, compare, outline_of};
use crate::schema::{SchemaFormat, canonical, parse_registered};

/// Whether a difference is told just where there is one. The catch-all is not asked.
fn check(format: SchemaFormat, old: &str, new: &str) {
    let form = |text: &str| canonical(format, text).expect("a canonical form");
    let outline = |text: &str| outline_of(format, text).expect("an outline");
    let changes = compare::compare(&outline(new), outline(old));
    assert_eq!(form(old) == form(new), changes.is_empty(), "{old}\n{new}\n{changes:#?}");
    for change in &changes {
        let stands = |spot: &Option<Spot>, text: &str| {
            let mut ranges = spot.iter().flat_map(|spot| spot.extents.iter().chain([&spot.place]));
            ranges.all(|range| text.get(range.clone()).is_some())
        };
        assert!(stands(&change.old, old) && stands(&change.new, new), "{change:?}");
        assert!(!change.words().is_empty());
    }
}

/// Everything that differs from `value` in one place.
fn mutations(value: &Value, out: &mut Vec<Value>) {
    let mut inner = Vec::new();
    match value {
        Value::Object(members) => {
            for key in members.keys() {
                let mut less = members.clone();
                less.remove(key);
                out.push(Value::Object(less));
                inner.clear();
                mutations(&members[key], &mut inner);
                for mutated in inner.drain(..) {
                    let mut other = members.clone();
                    other[key] = mutated;
                    out.push(Value::Object(other));
                }
            }
            for (key, added) in [
                ("doc", json!("Added.")),
                ("description", json!("Added.")),
                ("custom", json!({"a": [1]})),
                ("default", json!(null)),
                ("aliases", json!(["other"])),
                ("order", json!("descending")),
                ("logicalType", json!("date")),
                ("minimum", json!(7)),
                ("required", json!(["a"])),
                ("not", json!({"type": "null"})),
                ("enum", json!([])),
                ("definitions", json!({})),
                ("items", json!([true, {}])),
            ] {
                if !members.contains_key(key) {
                    let mut more = members.clone();
                    more.insert(key.to_owned(), added);
                    out.push(Value::Object(more));
                }
            }
        }
        Value::Array(items) => {
            for at in 0..items.len() {
                let mut less = items.clone();
                less.remove(at);
                out.push(Value::Array(less));
                if at > 0 {
                    let mut turned = items.clone();
                    turned.swap(at, at - 1);
                    out.push(Value::Array(turned));
                }
                mutations(&items[at], &mut inner);
                for mutated in inner.drain(..) {
                    let mut other = items.clone();
                    other[at] = mutated;
                    out.push(Value::Array(other));
                }
            }
        }
        Value::String(text) => {
            out.extend([json!(format!("{text}_x")), json!("string"), json!(["null", text]), json!({"type": text})]);
        }
        Value::Number(_) => out.extend([json!(41), json!(1.5)]),
        Value::Bool(is) => out.extend([json!(!is), json!({})]),
        Value::Null => out.push(json!(0)),
    }
    out.push(json!("int"));
}

fn check_all(format: SchemaFormat, base: &Value, step: usize) {
    parse_registered(format, &base.to_string(), &[]).expect("a schema");
    let mut all = vec![base.clone()];
    mutations(base, &mut all);
    let text = |value: &Value| value.to_string();
    let valid: Vec<String> = all.iter().map(text).filter(|text| parse_registered(format, text, &[]).is_ok()).collect();
    assert!(valid.len() > 100, "{}", valid.len());
    for one in &valid {
        check(format, &valid[0], one);
        check(format, one, &valid[0]);
    }
    // Two changes at once, some of all.
    for (one, other) in
        valid.iter().step_by(step).flat_map(|one| valid.iter().step_by(step + 2).map(move |other| (one, other)))
    {
        check(format, one, other);
    }
}

#[test]
fn of_avro() {
    let base = json!({"type": "record", "name": "n.Track", "aliases": ["n.Song"], "doc": "A track.", "p": 1, "fields": [
        {"name": "id", "type": {"type": "string", "avro.java.string": "String"}, "order": "ignore"},
        {"name": "rate", "type": ["null", "int", {"type": "array", "items": {"type": "long", "logicalType": "timestamp-millis"}}],
            "default": null, "aliases": ["bitrate"], "unit": "k"},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B", "C"], "default": "A", "doc": "d"}},
        {"name": "hash", "type": {"type": "fixed", "name": "x.Hash", "size": 4, "logicalType": "duration"}},
        {"name": "more", "type": {"type": "map", "values": {"type": "array", "items": ["null", "Kind", "Track"]}, "p": true}},
        {"name": "place", "type": [{"type": "record", "name": "Place", "fields": [
            {"name": "zip", "type": "string", "default": "0", "doc": "Z."}]}, "x.Hash", "null"]},
        {"name": "plain", "type": {"type": "int"}, "logicalType": "date"}
    ]});
    check_all(SchemaFormat::Avro, &base, 11);
}

#[test]
fn of_json_schema() {
    let base = json!({"$id": "urn:x", "type": "object", "title": "T", "required": ["a", "b"], "properties": {
        "a": {"type": ["string", "null"], "enum": ["x", "y", null], "description": "d", "default": "x"},
        "b": {"$ref": "#/definitions/D"},
        "c": {"items": [{"type": "integer", "minimum": 1.0}, true], "additionalItems": false, "uniqueItems": true},
        "e": {"type": "array", "items": {"type": "object", "properties": {"x": {"const": 1}}, "required": []}},
        "f": {"oneOf": [{"$ref": "#/definitions/D"}, {"type": "null"}, {"type": "string"}, {"type": "string", "format": "date"}]},
        "g": {"not": {"type": "integer"}, "if": {"minLength": 1}, "then": {"allOf": [{}, false]}, "else": true}
      }, "patternProperties": {"^x": {"type": "number", "x-unit": {"a": 1}}}, "additionalProperties": {"$ref": "#/definitions/E"},
      "dependencies": {"a": ["b", "c"], "b": {"type": "object"}},
      "definitions": {"D": {"properties": {"y": {"$ref": "#"}}}, "E": {"$ref": "#/definitions/D"}, "F/~": {"type": "null"}}});
    check_all(SchemaFormat::Json, &base, 17);
}

#[test]
fn of_protobuf() {
    let lines: Vec<&str> = r#"syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
import public "google/protobuf/any.proto";
option java_package = "x";
option (own).a = { b: 1 c: "x" };
// An order.
message Order {
option deprecated = true;
reserved 20, 30 to 40;
reserved "old";
// The id.
string id = 1;
optional int32 total = 2 [json_name = "sum"];
oneof payer {
string card = 3;
Status status = 4;
}
map<string, int32> counts = 6;
message Line {
string sku = 1;
enum Kind {
A = 0;
B = 1;
}
}
repeated Line lines = 7 [deprecated = true, (x.y) = 3];
google.protobuf.Timestamp at = 8;
}
enum Status {
option allow_alias = true;
reserved 9;
NEW = 0;
PAID = 1;
SENT = 1;
}
message Other {
Order order = 1;
}
service Orders {
rpc Get (Order) returns (stream Order);
rpc Put (Order) returns (Other) {
option idempotency_level = IDEMPOTENT;
}
}"#
    .lines()
    .collect();
    let mut all = vec![lines.join("\n")];
    for at in 0..lines.len() {
        let mut with = |line: &[&str]| all.push([&lines[..at], line, &lines[at + 1..]].concat().join("\n"));
        with(&[]);
        for (from, to) in [
            ("string", "bytes"),
            ("string", "repeated string"),
            ("int32", "int64"),
            ("proto3", "proto2"),
            ("v1", "v2"),
            (" = 1", " = 17"),
            ("Order", "Bestellung"),
            ("id", "key"),
            ("Line", "Status"),
            ("true", "false"),
            ("\"x\"", "\"y\""),
            ("public", ""),
            ("stream", ""),
            ("card", "iban"),
            ("PAID", "SETTLED"),
            ("An", "One"),
            ("The", "One"),
            ("at", "\n// At.\nat"),
            ("30 to 40", "30 to 41"),
            ("optional", ""),
            ("IDEM", "NO_SIDE_"),
            ("payer", "payee"),
            ("\"old\"", "\"older\""),
            ("sum", "total"),
            ("3)", "4)"),
            ("timestamp", "duration"),
        ] {
            with(&[&lines[at].replacen(from, to, 1)]);
        }
        if at > 0 {
            let mut turned = lines.clone();
            turned.swap(at, at - 1);
            all.push(turned.join("\n"));
        }
    }
    all.dedup();
    // The texts need not compile: what is imported is not there.
    let valid: Vec<&String> = all.iter().filter(|text| outline_of(SchemaFormat::Protobuf, text).is_ok()).collect();
    assert!(valid.len() > 100, "{}", valid.len());
    for one in &valid {
        check(SchemaFormat::Protobuf, valid[0], one);
        check(SchemaFormat::Protobuf, one, valid[0]);
    }
    for (one, other) in valid.iter().step_by(7).flat_map(|one| valid.iter().step_by(9).map(move |other| (one, other))) {
        check(SchemaFormat::Protobuf, one, other);
    }
}
