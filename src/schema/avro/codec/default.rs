//! The value that a reader takes for a field that the writer did not have.

use super::datum::Datum;
use super::decode::Stop;
use super::lookup::{FEW, Members, Objects};
use crate::schema::avro::java;
use crate::schema::avro::model::{AvroSchema, NamedKind, Type, TypeKind};
use crate::schema::text::{Json, Value};

/// Makes a value of a default, as Java does (`ResolvingGrammarGenerator.encode`): in a union the first branch counts that
/// may be of the default's kind, and a fixed that is too short is filled up.
pub(super) fn of_default(
    default: &Json<'_>,
    of: &Type,
    schema: &AvroSchema,
    depth: usize,
    left: &mut usize,
) -> Result<Datum, Stop> {
    *left = left.checked_sub(1).ok_or(Stop::TooMuch)?;
    let depth = depth.checked_sub(1).ok_or(Stop::TooMuch)?;
    let inner = |default: &Json<'_>, of: &Type, left: &mut usize| of_default(default, of, schema, depth, left);
    Ok(match (&of.kind, &default.value) {
        (TypeKind::Null, _) => Datum::Null,
        (TypeKind::Boolean, Value::Bool(value)) => Datum::Boolean(*value),
        (TypeKind::Int, Value::Number(digits)) => Datum::Int(digits.parse().map_err(|_| Stop::BadDefault)?),
        (TypeKind::Long, Value::Number(digits)) => Datum::Long(digits.parse().map_err(|_| Stop::BadDefault)?),
        (TypeKind::Float, _) => Datum::Float(number(default)? as f32),
        (TypeKind::Double, _) => Datum::Double(number(default)?),
        (TypeKind::Bytes, Value::String(text)) => Datum::Bytes(bytes(text)),
        (TypeKind::String, Value::String(text)) => Datum::String(text.clone().into_owned()),
        (TypeKind::Array(of), Value::Array(items)) => {
            Datum::Array(items.iter().map(|item| inner(item, of, left)).collect::<Result<_, _>>()?)
        }
        (TypeKind::Map(of), Value::Object(members)) => {
            let entry = |key: &str, value, left: &mut usize| Ok((key.to_owned(), inner(value, of, left)?));
            Datum::Map(members.iter().map(|member| entry(&member.key, &member.value, left)).collect::<Result<_, _>>()?)
        }
        (TypeKind::Union(branches), _) => {
            let branch = branches.iter().position(|branch| may_be(default, branch, schema)).ok_or(Stop::BadDefault)?;
            Datum::Union(branch, Box::new(inner(default, &branches[branch], left)?))
        }
        (TypeKind::Named(id), value) => match (&schema.named(*id).kind, value) {
            (NamedKind::Record(fields), _) => {
                let members = default.as_object().unwrap_or_default();
                // Each record that lacks the field looks through them.
                *left = left.checked_sub(members.len() / FEW).ok_or(Stop::TooMuch)?;
                let (mut given, mut objects) = (Members::of(members), Objects::default());
                let mut value = |field: &crate::schema::avro::Field, left: &mut usize| {
                    let given = given.take(&field.name, &mut objects).or(field.default.as_ref());
                    inner(given.ok_or(Stop::BadDefault)?, &field.field_type, left)
                };
                Datum::Record(fields.iter().map(|field| value(field, left)).collect::<Result<_, _>>()?)
            }
            (NamedKind::Enum { symbols, .. }, Value::String(symbol)) => {
                Datum::Enum(symbols.iter().position(|known| known == symbol).ok_or(Stop::BadDefault)?)
            }
            (NamedKind::Fixed(size), Value::String(text)) => {
                let mut bytes = bytes(text);
                *left = left.checked_sub(*size as usize).ok_or(Stop::TooMuch)?;
                bytes.resize(*size as usize, 0);
                Datum::Fixed(bytes)
            }
            _ => return Err(Stop::BadDefault),
        },
        _ => return Err(Stop::BadDefault),
    })
}

/// Whether Java takes a branch for that of a default. It does not look into the default.
fn may_be(default: &Json<'_>, branch: &Type, schema: &AvroSchema) -> bool {
    match (&branch.kind, &default.value) {
        (TypeKind::Null, Value::Null)
        | (TypeKind::Boolean, Value::Bool(_))
        | (TypeKind::Int | TypeKind::Long | TypeKind::Float | TypeKind::Double, Value::Number(_))
        | (TypeKind::String | TypeKind::Bytes, Value::String(_))
        | (TypeKind::Array(_), Value::Array(_))
        | (TypeKind::Map(_), Value::Object(_)) => true,
        (TypeKind::Named(id), value) => match &schema.named(*id).kind {
            NamedKind::Record(_) => matches!(value, Value::Object(_)),
            NamedKind::Enum { .. } | NamedKind::Fixed(_) => matches!(value, Value::String(_)),
        },
        _ => false,
    }
}

fn number(default: &Json<'_>) -> Result<f64, Stop> {
    match &default.value {
        Value::Number(digits) => digits.parse().map_err(|_| Stop::BadDefault),
        Value::String(text) => java::double(text).ok_or(Stop::BadDefault),
        _ => Err(Stop::BadDefault),
    }
}

/// Each character is one byte; what is no byte becomes `?`, as Java writes it.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}
