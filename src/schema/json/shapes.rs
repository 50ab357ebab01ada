//! What registries check of a schema up to draft 7. They read the keywords that they know and no meta-schema.

use super::draft::Draft;
use super::keywords::TYPES;
use crate::schema::text::{Json, Value};

/// Whether a registry takes a schema. What only `$ref`s lead to is taken as it is.
pub(super) fn is_taken(schema: &Json<'_>, draft: Draft) -> bool {
    match schema.value {
        Value::Bool(_) => true,
        Value::Object(ref members) => members.iter().all(|member| keyword(&member.key, &member.value, draft)),
        _ => false,
    }
}

fn keyword(word: &str, json: &Json<'_>, draft: Draft) -> bool {
    let is_schema = |json: &Json<'_>| is_taken(json, draft);
    let is_bool = |json: &Json<'_>| matches!(json.value, Value::Bool(_));
    let every = |json: &Json<'_>, holds: &dyn Fn(&Json<'_>) -> bool| {
        json.as_array().is_some_and(|items| items.iter().all(holds))
    };
    let each = |json: &Json<'_>, holds: &dyn Fn(&Json<'_>) -> bool| {
        json.as_object().is_some_and(|members| members.iter().all(|member| holds(&member.value)))
    };
    // In draft 4 booleans are no schemas, but only here somebody looks.
    let is_schema_here = |json: &Json<'_>| is_schema(json) && (draft > Draft::Draft4 || !is_bool(json));
    match word {
        "$ref" | "description" | "format" | "pattern" | "title" => json.as_str().is_some(),
        "$id" => draft == Draft::Draft4 || json.as_str().is_some(),
        "id" => draft > Draft::Draft4 || json.as_str().is_some(),
        "type" => is_type(json) || every(json, &is_type),
        "maxItems" | "maxLength" | "maxProperties" | "minItems" | "minLength" | "minProperties" => {
            json.as_number().is_some_and(|digits| !digits.contains(['.', 'e', 'E']))
        }
        "maximum" | "minimum" => json.as_number().is_some(),
        "multipleOf" => json.as_number().is_some_and(|digits| digits.contains(|digit| matches!(digit, '1'..='9'))),
        "exclusiveMaximum" | "exclusiveMinimum" if draft == Draft::Draft4 => is_bool(json),
        "exclusiveMaximum" | "exclusiveMinimum" => json.as_number().is_some(),
        "readOnly" | "writeOnly" if draft >= Draft::Draft7 => is_bool(json),
        "uniqueItems" => is_bool(json),
        "enum" => json.as_array().is_some(),
        "required" => every(json, &|name| name.as_str().is_some()),
        "allOf" | "anyOf" | "oneOf" => every(json, &is_schema),
        "additionalItems" | "additionalProperties" | "not" => is_schema(json),
        "contains" | "propertyNames" if draft > Draft::Draft4 => is_schema(json),
        "else" | "if" | "then" if draft >= Draft::Draft7 => is_schema(json),
        "items" => is_schema_here(json) || every(json, &is_schema),
        "patternProperties" | "properties" => each(json, &is_schema),
        "dependencies" => each(json, &|value| is_schema_here(value) || every(value, &|name| name.as_str().is_some())),
        _ => true,
    }
}

fn is_type(json: &Json<'_>) -> bool {
    json.as_str().is_some_and(|word| TYPES.contains(&word))
}
