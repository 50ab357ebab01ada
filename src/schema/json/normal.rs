//! The form in which JSON Schemas are written.

use super::canonical;
use super::keywords::{Holds, holds};
use crate::schema::error::SchemaError;
use crate::schema::text::{self, Json, Member, Value};

/// Keywords as the specification goes through them: what the schema is, what it is about, its type, what holds for
/// numbers, strings, arrays and objects, how it is put together, and definitions. Others follow by name.
const ORDER: [&str; 63] = [
    "$schema",
    "$vocabulary",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "$comment",
    "title",
    "description",
    "deprecated",
    "readOnly",
    "writeOnly",
    "type",
    "format",
    "enum",
    "const",
    "default",
    "examples",
    "multipleOf",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "prefixItems",
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "$defs",
    "definitions",
];

/// The normal form of a JSON Schema. It is made of the canonical form alone, so texts of one meaning have one: properties
/// by name, and keywords in the order of the specification.
pub fn normal(text: &str) -> Result<String, SchemaError> {
    let canonical = canonical(text)?;
    let mut json = text::read(&canonical)?;
    arrange(&mut json, Holds::Schema);
    Ok(text::pretty(&json))
}

fn arrange(json: &mut Json<'_>, what: Holds) {
    match &mut json.value {
        Value::Number(digits) => *digits = text::readable(digits).into(),
        Value::Array(items) => {
            let inner = match what {
                Holds::Schemas | Holds::SchemaOrSchemas => Holds::Schema,
                _ => Holds::Data,
            };
            items.iter_mut().for_each(|item| arrange(item, inner));
        }
        Value::Object(members) => {
            let is_schema = matches!(what, Holds::Schema | Holds::SchemaOrSchemas);
            for member in members.iter_mut() {
                let inner = match what {
                    Holds::Map => Holds::Schema,
                    _ if is_schema => holds(&member.key),
                    _ => Holds::Data,
                };
                arrange(&mut member.value, inner);
            }
            if is_schema {
                members.sort_by_key(rank);
            }
        }
        _ => {}
    }
}

/// The canonical form has sorted them by name already, and the sort is stable.
fn rank(member: &Member<'_>) -> usize {
    ORDER.iter().position(|known| *known == member.key).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::normal;
    use crate::schema::{SchemaFormat, is_met_by};

    #[test]
    fn keywords_stand_in_the_order_of_the_specification() {
        let text = r##"{"definitions": {"T": {"items": {"type": "integer", "minimum": 0.050}, "x-own": 1, "type": "array"}},
            "required": ["type", "a"], "additionalProperties": false,
            "properties": {"type": {"enum": ["b", "a"], "default": {"type": 1.0, "properties": 2}}, "a": {"$ref": "#/definitions/T"}},
            "type": ["object", "null"], "description": "d", "title": "t",
            "dependencies": {"b": ["z", "a"], "a": {"title": "x", "$id": "y"}},
            "$schema": "http://json-schema.org/draft-07/schema#"}"##;
        let shown = normal(text).unwrap();
        insta::assert_snapshot!(shown, @r##"
        {
          "$schema": "http://json-schema.org/draft-07/schema#",
          "title": "t",
          "description": "d",
          "type": ["null", "object"],
          "properties": {
            "a": { "$ref": "#/definitions/T" },
            "type": {
              "enum": ["b", "a"],
              "default": { "properties": 2, "type": 1 }
            }
          },
          "additionalProperties": false,
          "required": ["a", "type"],
          "dependencies": {
            "a": { "$id": "y", "title": "x" },
            "b": ["a", "z"]
          },
          "definitions": {
            "T": {
              "type": "array",
              "items": { "type": "integer", "minimum": 0.05 },
              "x-own": 1
            }
          }
        }
        "##);
        assert!(is_met_by(SchemaFormat::Json, text, &shown));
        assert_eq!(normal(&shown).unwrap(), shown);
    }

    /// JSON of all sorts under keywords of all sorts, whether they fit or not.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-9999_i32..9999).prop_map(|number| json!(f64::from(number) / 1000.0)),
            ".{0,4}".prop_map(Value::from),
        ];
        let words = [
            "type",
            "properties",
            "items",
            "required",
            "dependencies",
            "dependentRequired",
            "allOf",
            "enum",
            "$id",
            "x",
        ];
        leaf.prop_recursive(5, 40, 4, move |inner| {
            let key = proptest::sample::select(words.to_vec()).prop_map(str::to_owned);
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec("[a-c]", 0..4).prop_map(|names| json!(names)),
                proptest::collection::hash_map(key, inner, 0..4).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_normal_form_means_the_same_and_is_one(json in any_json()) {
            let text = json.to_string();
            let shown = normal(&text).unwrap();
            prop_assert!(is_met_by(SchemaFormat::Json, &text, &shown), "{}\n{}", text, shown);
            prop_assert_eq!(normal(&shown).unwrap(), shown.clone());
            // White space means nothing.
            prop_assert_eq!(normal(&serde_json::to_string_pretty(&json).unwrap()).unwrap(), shown);
        }
    }
}
