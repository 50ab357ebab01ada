use super::super::{Version, diff};
use super::told;
use crate::schema::SchemaFormat::Json;
use crate::schema::parse_registered;

#[test]
fn changes_of_properties_and_definitions() {
    let old = r##"{"type": "object", "title": "Order", "required": ["id", "note"], "properties": {
        "id": {"type": "string"},
        "note": {"type": "string", "maxLength": 80},
        "size": {"type": "integer", "minimum": 1, "default": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
        "status": {"enum": ["NEW", "PAID"]},
        "at": {"type": "string", "format": "date"},
        "from": {"$ref": "#/definitions/address"},
        "to": {"$ref": "#/definitions/address"},
        "any": {"oneOf": [{"type": "string"}, {"type": "integer"}]}
      }, "additionalProperties": false,
      "definitions": {"address": {"type": "object", "properties": {"street": {"type": "string", "description": "Old."}}}}}"##;
    let new = r##"{"type": "object", "title": "Order", "required": ["id", "size"], "properties": {
        "id": {"type": ["string", "null"]},
        "note": {"type": "string", "maxLength": 40},
        "size": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "status": {"enum": ["NEW", "OPEN"]},
        "at": {"type": "string", "format": "date-time"},
        "from": {"$ref": "#/definitions/place"},
        "to": {"$ref": "#/definitions/place"},
        "any": {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "boolean"}]},
        "more": {"type": "number"}
      }, "additionalProperties": true,
      "definitions": {"place": {"type": "object", "properties": {"street": {"type": "string", "description": "New."}}}}}"##;
    insta::assert_snapshot!(told(Json, old, new), @r#"
    ~ id | made optional: string → null | string | made_optional | "string" -> ["string", "null"] !FORWARD
    ~ note | made optional | made_optional | "note" -> "note" !FORWARD
    ~ note | maxLength: 80 → 40 | constraint_changed | 80 -> 40 !BACKWARD
    ~ size | made required | made_required | "size" -> "size" !BACKWARD
    ~ size | default removed: 1 | default_removed | 1 -> "size"
    ~ size | minimum: 1 → 0 | constraint_changed | 1 -> 0 !FORWARD
    ~ tags[] | type: string → integer | type_changed | "string" -> "integer" !BACKWARD !FORWARD
    - status | value `PAID` removed | removed | "PAID" !BACKWARD
    + status | value `OPEN` added | added | "OPEN" !FORWARD
    ~ at | format: date → date-time | logical_type_changed | "date" -> "date-time"
    ~ any | order of branches: string, integer → integer, string | order_changed | "any" -> "any"
    + any(boolean) | schema of `oneOf` added: boolean | added | { !FORWARD
    + more | property added: number | added | "more" !FORWARD
    ~  | additionalProperties: false → true | constraint_changed | false -> true !FORWARD
    ~ from | definition `place` renamed: address → place | renamed | "address" -> "place"
    ~ from.street | description: Old. → New. | doc_changed | "Old." -> "New."
    compatible neither BACKWARD nor FORWARD
    "#);
}

#[test]
fn what_must_be_there_and_what_it_is_break_by_themselves() {
    let old = r#"{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}"#;
    let new = r#"{"type": "object", "required": ["b", "a"],
        "properties": {"a": {"type": "integer"}, "b": {"type": ["string", "null"]}}}"#;
    insta::assert_snapshot!(told(Json, old, new), @r#"
    ~ a | made required | made_required | "a" -> "a" !BACKWARD
    ~ a | type: string → integer | type_changed | "string" -> "integer" !BACKWARD !FORWARD
    ~ b | made required | made_required | "b" -> "b" !BACKWARD
    ~ b | made optional: string → null | string | made_optional | "string" -> ["string", "null"] !FORWARD
    compatible neither BACKWARD nor FORWARD
    "#);
    let parsed = [new, old].map(|text| parse_registered(Json, text, &[]).expect("a schema"));
    let found = diff(Version { text: new, schema: &parsed[0] }, Version { text: old, schema: &parsed[1] });
    let found = found.expect("a difference");
    let causes = found.backward.iter().map(|broken| {
        let kinds: Vec<&str> = broken.causes.iter().map(|at| found.changes[*at].kind.as_str()).collect();
        (broken.incompatibility.code, kinds)
    });
    let mut causes: Vec<_> = causes.collect();
    causes.sort_unstable();
    assert_eq!(
        causes,
        [
            ("REQUIRED_ATTRIBUTE_ADDED", vec!["made_required"]),
            ("REQUIRED_ATTRIBUTE_ADDED", vec!["made_required"]),
            ("TYPE_CHANGED", vec!["type_changed"]),
        ]
    );
}
