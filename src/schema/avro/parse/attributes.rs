//! Attributes of the objects that schemas are written as.

use crate::schema::avro::model::TypeKind;
use crate::schema::avro::name::{is_java_name, is_simple_name};
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{Json, Value};

pub(super) fn primitive(name: &str) -> Option<TypeKind> {
    Some(match name {
        "null" => TypeKind::Null,
        "boolean" => TypeKind::Boolean,
        "int" => TypeKind::Int,
        "long" => TypeKind::Long,
        "float" => TypeKind::Float,
        "double" => TypeKind::Double,
        "bytes" => TypeKind::Bytes,
        "string" => TypeKind::String,
        _ => return None,
    })
}

pub(super) fn start_of(json: &Json<'_>) -> std::ops::Range<usize> {
    json.range.start..json.range.start + 1
}

pub(super) fn text_of(json: &Json<'_>) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

pub(super) fn required<'j, 't>(json: &'j Json<'t>, key: &str) -> Result<&'j Json<'t>, SchemaError> {
    json.get(key).ok_or_else(|| {
        let what = json.get("type").and_then(Json::as_str).unwrap_or("field");
        SchemaError::new(format!("this {what} has no `{key}`")).at(start_of(json))
    })
}

pub(super) fn required_string<'j, 't>(json: &'j Json<'t>, key: &str) -> Result<&'j Json<'t>, SchemaError> {
    let value = required(json, key)?;
    match value.value {
        Value::String(_) => Ok(value),
        _ => Err(SchemaError::new(format!("`{key}` must be a string, it is {}", value.kind())).at(value.range.clone())),
    }
}

/// The strings of an array that may be absent.
pub(super) fn strings<'j, 't>(json: &'j Json<'t>, key: &str) -> Result<Vec<&'j Json<'t>>, SchemaError> {
    let Some(list) = json.get(key) else { return Ok(Vec::new()) };
    let wrong =
        |value: &Json<'_>| SchemaError::new(format!("`{key}` must be an array of strings")).at(value.range.clone());
    let items = list.as_array().ok_or_else(|| wrong(list))?;
    items.iter().map(|item| if item.as_str().is_some() { Ok(item) } else { Err(wrong(item)) }).collect()
}

pub(super) fn check_simple_name(json: &Json<'_>, what: &str) -> Result<(), SchemaError> {
    let name = json.as_str().unwrap_or_default();
    if is_simple_name(name) || is_java_name(name) {
        return Ok(());
    }
    Err(SchemaError::new(format!("{} is not a {what}'s name", quoted(name)))
        .at(json.range.clone())
        .help("a letter or `_`, then letters, digits and `_`"))
}
