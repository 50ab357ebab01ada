use super::told;
use crate::schema::SchemaFormat::Avro;

#[test]
fn changes_of_fields_and_types() {
    let old = r#"{"type": "record", "name": "Track", "namespace": "n", "fields": [
        {"name": "id", "type": "string"},
        {"name": "rate", "type": "int", "default": 1},
        {"name": "title", "type": "string"},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["NEW", "PAID"]}},
        {"name": "address", "type": {"type": "record", "name": "Address", "fields": [
            {"name": "street", "type": "string", "doc": "Old."}, {"name": "zip", "type": "string"}]}},
        {"name": "other", "type": ["null", "Address"]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "gone", "type": "bytes"}
    ]}"#;
    let new = r#"{"type": "record", "name": "Track", "namespace": "n", "doc": "A track.", "fields": [
        {"name": "id", "type": "long"},
        {"name": "bitrate", "type": "int", "default": 2, "aliases": ["rate"]},
        {"name": "title", "type": ["null", "string"], "default": null},
        {"name": "tags", "type": {"type": "array", "items": "int"}},
        {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["NEW", "OPEN"], "default": "NEW"}},
        {"name": "address", "type": {"type": "record", "name": "Address", "fields": [
            {"name": "zip", "type": "string"}, {"name": "street", "type": "string", "doc": "New."}]}},
        {"name": "other", "type": ["null", "Address"], "unit": "x"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "needed", "type": "bytes"}
    ]}"#;
    insta::assert_snapshot!(told(Avro, old, new), @r#"
    ~  | record `Track`: doc added: A track. | doc_changed | "Track" -> "A track."
    ~ id | type: string → long | type_changed | "string" -> "long" !BACKWARD !FORWARD
    ~ bitrate | field renamed: rate → bitrate | renamed | "rate" -> "bitrate"
    ~ bitrate | default: 1 → 2 | default_changed | 1 -> 2
    ~ title | made optional: string → null | string | made_optional | "string" -> ["null", "string"] !FORWARD
    ~ title | default added: null | default_added | "title" -> null
    ~ tags[] | type: string → int | type_changed | "string" -> "int" !BACKWARD !FORWARD
    - status | symbol `PAID` of `Status` removed | removed | "PAID"
    + status | symbol `OPEN` of `Status` added | added | "OPEN" !FORWARD
    ~ status | enum `Status`: default added: "NEW" | default_added | "Status" -> "NEW"
    ~ address | record `Address`: order of fields: street, zip → zip, street | order_changed | "Address" -> "Address"
    ~ address.street | doc: Old. → New. | doc_changed | "Old." -> "New."
    ~ other | unit added: x | property_changed | "other" -> "x"
    ~ at | logicalType: timestamp-millis → timestamp-micros | logical_type_changed | "timestamp-millis" -> "timestamp-micros"
    - gone | field removed: bytes | removed | "gone" !FORWARD
    + needed | field added: bytes | added | "needed" !BACKWARD
    compatible neither BACKWARD nor FORWARD
    "#);
}

#[test]
fn a_type_that_is_used_often_is_compared_once() {
    let of = |zip: &str, name: &str| {
        format!(
            r#"{{"type": "record", "name": "n.Order", "fields": [
            {{"name": "from", "type": {{"type": "record", "name": "{name}", "fields": [{{"name": "zip", "type": "{zip}"}}]}}}},
            {{"name": "to", "type": ["null", "{name}"]}}]}}"#
        )
    };
    insta::assert_snapshot!(told(Avro, &of("string", "Address"), &of("long", "Place")), @r#"
    ~ from | record `Place` renamed: n.Address → n.Place | renamed | "Address" -> "Place" !BACKWARD !FORWARD
    ~ from.zip | type: string → long | type_changed | "string" -> "long" !BACKWARD !FORWARD
    compatible neither BACKWARD nor FORWARD
    "#);
}

#[test]
fn another_namespace_is_a_change_of_each_type_and_of_no_field() {
    let of = |namespace: &str| {
        format!(
            r#"{{"type": "record", "name": "Order", "namespace": "{namespace}", "fields": [
            {{"name": "a", "type": {{"type": "enum", "name": "Status", "symbols": ["A"]}}}},
            {{"name": "b", "type": ["null", "Status"]}}, {{"name": "c", "type": {{"type": "map", "values": "Order"}}}}]}}"#
        )
    };
    insta::assert_snapshot!(told(Avro, &of("old"), &of("new")), @r#"
    ~  | record `Order` renamed: old.Order → new.Order | renamed | "Order" -> "Order"
    ~ a | enum `Status` renamed: old.Status → new.Status | renamed | "Status" -> "Status"
    compatible FULL
    "#);
}

#[test]
fn symbols_break_those_who_lack_them() {
    let of = |symbols: &str| format!(r#"{{"type": "enum", "name": "E", "symbols": [{symbols}]}}"#);
    insta::assert_snapshot!(told(Avro, &of(r#""A", "B""#), &of(r#""C", "A""#)), @r#"
    +  | symbol `C` of `E` added | added | "C" !FORWARD
    -  | symbol `B` of `E` removed | removed | "B" !BACKWARD
    compatible neither BACKWARD nor FORWARD
    "#);
}

#[test]
fn what_breaks_inside_a_union_is_traced_to_the_branch() {
    let of = |id: &str| {
        format!(
            r#"{{"type": "record", "name": "R", "fields": [{{"name": "of", "type": ["null",
            {{"type": "record", "name": "S", "fields": [{{"name": "id", "type": "{id}"}}]}}]}}]}}"#
        )
    };
    insta::assert_snapshot!(told(Avro, &of("string"), &of("int")), @r#"
    ~ of.id | type: string → int | type_changed | "string" -> "int" !BACKWARD !FORWARD
    compatible neither BACKWARD nor FORWARD
    "#);
}

#[test]
fn a_definition_that_moved_is_told_where_nothing_else_changed() {
    let of = |one: &str, other: &str| {
        format!(
            r#"{{"type": "record", "name": "R", "fields": [{{"name": "a", "type": {one}}}, {{"name": "b", "type": {other}}}]}}"#
        )
    };
    let defined = r#"{"type": "fixed", "name": "F", "size": 4}"#;
    insta::assert_snapshot!(told(Avro, &of(defined, r#""F""#), &of(r#""F""#, defined)), @r#"
    ~  | a type is defined at another one of its uses | other | "R"
    compatible FULL
    "#);
}
