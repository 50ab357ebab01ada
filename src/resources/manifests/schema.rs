use serde_json::{Map, Value, json};

use super::ManifestKind;
use crate::source::{FieldShape, MappingShape, ScalarShape, Shape};

/// The JSON Schema of a kind of manifest: draft 7, which editors of YAML know best.
///
/// It refuses nothing that the loader takes. A key without a value counts as absent there, so that null is let through
/// wherever a key may be left out.
pub fn json_schema(kind: ManifestKind) -> Value {
    let mut definitions = Map::new();
    let Shape::Mapping(mapping) = kind.shape() else { unreachable!("a manifest is a mapping") };
    let mut schema = Map::new();
    schema.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
    schema.insert("$id".into(), format!("urn:busctl:schema:manifest:{}:1", kind.as_str()).into());
    schema.insert("title".into(), mapping.what.trim_start_matches("a ").replace('`', "").into());
    schema.extend(object(mapping, &mut definitions));
    if !definitions.is_empty() {
        schema.insert("definitions".into(), definitions.into());
    }
    schema.into()
}

fn object(mapping: &MappingShape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("description".into(), mapping.doc.as_str().into());
    object.insert("type".into(), "object".into());
    let required: Vec<_> = mapping.fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    if !required.is_empty() {
        object.insert("required".into(), required.into());
    }
    object.insert("additionalProperties".into(), mapping.open.into());
    let properties = mapping.fields.iter().map(|field| (field.key.to_owned(), property(field, definitions)));
    object.insert("properties".into(), properties.collect::<Map<_, _>>().into());
    object
}

fn property(field: &FieldShape, definitions: &mut Map<String, Value>) -> Value {
    let mut property = Map::new();
    property.insert("description".into(), field.doc.as_str().into());
    let schema = schema(&field.shape, definitions);
    property.extend(if field.required { schema } else { or_null(schema) });
    property.into()
}

fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    if schema.contains_key("$ref") {
        let described: Value = std::mem::take(&mut schema).into();
        schema.insert("anyOf".into(), json!([described]));
    }
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push("null".into()),
        Some(known) => *known = json!([known.clone(), "null"]),
        None => {}
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.push(json!({ "type": "null" }));
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
    schema
}

fn schema(shape: &Shape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let schema = match shape {
        Shape::Any => json!({}),
        Shape::Text => json!({ "type": "string" }),
        Shape::Scalar(scalar) => of_scalar(scalar),
        Shape::Words(words) => {
            let known: Vec<_> = words.iter().map(|word| word.word).collect();
            let mut schema = json!({ "type": "string", "enum": known });
            if words.iter().any(|word| !word.doc.is_empty()) {
                // An annotation that editors show beside each word.
                schema["enumDescriptions"] = words.iter().map(|word| word.doc).collect::<Vec<_>>().into();
            }
            schema
        }
        Shape::Integer { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::List(item) => json!({ "type": "array", "items": self::schema(item, definitions) }),
        Shape::Map(value) => json!({ "type": "object", "additionalProperties": self::schema(value, definitions) }),
        Shape::Mapping(mapping) => {
            let name = mapping.name.strip_suffix("Spec").unwrap_or(mapping.name);
            if !definitions.contains_key(name) {
                let object = object(mapping, definitions);
                definitions.insert(name.to_owned(), object.into());
            }
            json!({ "$ref": format!("#/definitions/{name}") })
        }
        Shape::OneOf(forms) => {
            let forms: Vec<_> = forms.iter().map(|form| self::schema(form, definitions)).collect();
            json!({ "anyOf": forms })
        }
    };
    match schema {
        Value::Object(schema) => schema,
        _ => unreachable!("every schema above is an object"),
    }
}

fn of_scalar(scalar: &ScalarShape) -> Value {
    let others = [(scalar.numbers, "number"), (scalar.booleans, "boolean")];
    let others: Vec<_> = others.into_iter().filter(|(taken, _)| *taken).map(|(_, kind)| kind).collect();
    let mut schema = match others.as_slice() {
        [] => json!({ "type": "string" }),
        others => json!({ "type": std::iter::once("string").chain(others.iter().copied()).collect::<Vec<_>>() }),
    };
    if let Some(pattern) = scalar.pattern {
        schema["pattern"] = pattern.into();
        // What editors say in place of the expression.
        schema["patternErrorMessage"] = scalar.help.into();
    }
    schema
}
