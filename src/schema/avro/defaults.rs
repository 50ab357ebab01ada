//! Whether a field's default fits its type, as Java's parser judges it: a union's default may be of any branch.

use super::model::{Named, NamedKind, Type, TypeKind};
use crate::schema::text::{Json, Value};

/// Whether `value` is a default of `field_type`.
pub fn fits(value: &Json<'_>, field_type: &Type, named: &[Named]) -> bool {
    // Java reads a string as the number that it spells, on the field itself only.
    let spelled = matches!(field_type.kind, TypeKind::Float | TypeKind::Double)
        && value.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok());
    spelled || is_value(value, field_type, named)
}

fn is_value(value: &Json<'_>, of: &Type, named: &[Named]) -> bool {
    match (&of.kind, &value.value) {
        (TypeKind::Null, Value::Null)
        | (TypeKind::Boolean, Value::Bool(_))
        | (TypeKind::Float | TypeKind::Double, Value::Number(_))
        | (TypeKind::Bytes | TypeKind::String, Value::String(_)) => true,
        (TypeKind::Int, Value::Number(digits)) => digits.parse::<i32>().is_ok(),
        (TypeKind::Long, Value::Number(digits)) => digits.parse::<i64>().is_ok(),
        (TypeKind::Array(items), Value::Array(values)) => values.iter().all(|value| is_value(value, items, named)),
        (TypeKind::Map(values), Value::Object(members)) => {
            members.iter().all(|member| is_value(&member.value, values, named))
        }
        (TypeKind::Union(branches), _) => branches.iter().any(|branch| is_value(value, branch, named)),
        (TypeKind::Named(id), _) => match (&named[id.0].kind, &value.value) {
            (NamedKind::Enum { .. } | NamedKind::Fixed(_), Value::String(_)) => true,
            // A field that is left out takes its own default, which is checked where it is written.
            (NamedKind::Record(fields), Value::Object(_)) => fields.iter().all(|field| {
                value
                    .get(&field.name)
                    .map_or(field.default.is_some(), |value| is_value(value, &field.field_type, named))
            }),
            _ => false,
        },
        _ => false,
    }
}

/// What a default of the type looks like, for the help of a message.
pub fn expected(of: &Type, named: &[Named]) -> String {
    let example = match &of.kind {
        TypeKind::Null => "null",
        TypeKind::Boolean => "true or false",
        TypeKind::Int => "a whole number of 32 bits",
        TypeKind::Long => "a whole number of 64 bits",
        TypeKind::Float | TypeKind::Double => "a number",
        TypeKind::Bytes | TypeKind::String => "a string",
        TypeKind::Array(_) => "an array such as []",
        TypeKind::Map(_) => "an object such as {}",
        TypeKind::Union(_) => "a value of one of the union's branches",
        TypeKind::Named(id) => match named[id.0].kind {
            NamedKind::Record(_) => "an object with every field that has no default of its own",
            NamedKind::Enum { .. } => "one of the symbols",
            NamedKind::Fixed(_) => "a string",
        },
    };
    format!("write {example}")
}
