//! What must hold for all schemas.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{differences, incompatibilities, schema};
use crate::schema::json::compatibility::ChangeKind;

/// Schemas of all sorts over few names, so that two of them have something in common.
fn any_schema() -> BoxedStrategy<Value> {
    schemas(true)
}

/// The same, with `allOf`, `anyOf`, `oneOf` and `not` or without.
fn schemas(combined: bool) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({"type": "null"})),
        (0..5, 5..9).prop_map(|(least, most)| json!({"type": "string", "minLength": least, "maxLength": most})),
        (any::<bool>(), -3..3)
            .prop_map(|(whole, least)| { json!({"type": if whole { "integer" } else { "number" }, "minimum": least}) }),
        proptest::sample::subsequence(vec!["a", "b", "c"], 1..3).prop_map(|values| json!({"enum": values})),
        Just(json!({"type": ["string", "null"], "pattern": "^a"})),
        Just(json!({"$ref": "#"})),
        Just(json!({"$ref": "#/definitions/T"})),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let rest = prop_oneof![Just(json!(true)), Just(json!(false)), inner.clone()];
        let properties = proptest::collection::btree_map("[a-d]", inner.clone(), 0..4);
        let object = (properties, proptest::sample::subsequence(vec!["a", "b"], 0..2), rest.clone());
        let object = object.prop_map(|(properties, required, rest)| {
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": rest})
        });
        let tuple = (proptest::collection::vec(inner.clone(), 1..3), rest)
            .prop_map(|(items, rest)| json!({"type": "array", "items": items, "additionalItems": rest}));
        let array = inner.clone().prop_map(|items| json!({"items": items, "uniqueItems": true}));
        let word = proptest::sample::select(vec!["oneOf", "anyOf", "allOf"]);
        let parts =
            (word, proptest::collection::vec(inner.clone(), 1..4)).prop_map(|(word, parts)| json!({word: parts}));
        let not = inner.prop_map(|inner| json!({"not": inner}));
        let weight = u32::from(combined);
        prop_oneof![2 => object, 1 => tuple, 1 => array, 2 * weight => parts, weight => not]
    })
    .boxed()
}

/// With something for `#/definitions/T` to lead to.
fn whole(root: &Value, definition: &Value) -> Value {
    let mut root = if root.is_object() { root.clone() } else { json!({"allOf": [root]}) };
    root["definitions"] = json!({"T": definition});
    root
}

/// Loosens every bound.
fn widen(schema: &Value, by: i64) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| {
                let value = match (&**key, value.as_i64()) {
                    ("maxLength", Some(bound)) => json!(bound + by),
                    ("minimum", Some(bound)) => json!(bound - by),
                    ("minLength", Some(bound)) => json!((bound - by).max(0)),
                    _ => widen(value, by),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| widen(item, by)).collect(),
        other => other.clone(),
    }
}

/// A schema that is nothing but a `$ref` to itself is refused before it gets here.
fn is_circle(root: &Value, definition: &Value) -> bool {
    root.get("$ref").is_some() || definition.get("$ref").is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_schema_reads_itself(root in any_schema(), definition in any_schema()) {
        prop_assume!(!is_circle(&root, &definition));
        let old = whole(&root, &definition);
        let mut new = old.clone();
        // Something must have changed, or nothing is compared.
        new["title"] = json!("new");
        let (old, new) = (schema(&old.to_string()), schema(&new.to_string()));
        prop_assert_eq!(incompatibilities(&new, &old), []);
        prop_assert_eq!(incompatibilities(&old, &new), []);
    }

    #[test]
    fn anything_reads_every_schema(root in any_schema(), definition in any_schema()) {
        prop_assume!(!is_circle(&root, &definition));
        let old = schema(&whole(&root, &definition).to_string());
        prop_assert_eq!(incompatibilities(&schema("{}"), &old), []);
    }

    /// Where nothing turns the direction round, and what is equal stays equal.
    #[test]
    fn wider_bounds_are_compatible(root in schemas(false), definition in schemas(false), by in 1_i64..4) {
        prop_assume!(!is_circle(&root, &definition));
        let old = whole(&root, &definition);
        let new = widen(&old, by);
        prop_assert_eq!(incompatibilities(&schema(&new.to_string()), &schema(&old.to_string())), []);
    }

    #[test]
    fn what_breaks_is_among_the_differences(
        old in (any_schema(), any_schema()),
        new in (any_schema(), any_schema()),
    ) {
        prop_assume!(!is_circle(&old.0, &old.1) && !is_circle(&new.0, &new.1));
        let old = schema(&whole(&old.0, &old.1).to_string());
        let new = schema(&whole(&new.0, &new.1).to_string());
        let breaking = incompatibilities(&new, &old);
        let mut all = differences(&new, &old);
        let breaks = |code: &str| ChangeKind::ALL.iter().any(|kind| kind.code() == code && kind.breaks());
        all.retain(|found| breaks(found.code));
        prop_assert_eq!(breaking, all);
    }

    #[test]
    fn the_order_of_keys_and_parts_does_not_count(
        old in (any_schema(), any_schema()),
        new in (any_schema(), any_schema()),
    ) {
        fn turned(schema: &Value) -> Value {
            match schema {
                Value::Object(members) => {
                    let turned = members.iter().rev().map(|(key, value)| {
                        let mut value = turned(value);
                        if let (true, Some(parts)) = (key.ends_with("Of"), value.as_array_mut()) {
                            parts.reverse();
                        }
                        (key.clone(), value)
                    });
                    turned.collect()
                }
                Value::Array(items) => items.iter().map(turned).collect(),
                other => other.clone(),
            }
        }
        prop_assume!(!is_circle(&old.0, &old.1) && !is_circle(&new.0, &new.1));
        let (old, new) = (whole(&old.0, &old.1), whole(&new.0, &new.1));
        let read = |value: &Value| schema(&value.to_string());
        let plain = incompatibilities(&read(&new), &read(&old)).is_empty();
        prop_assert_eq!(incompatibilities(&read(&turned(&new)), &read(&turned(&old))).is_empty(), plain);
    }
}
