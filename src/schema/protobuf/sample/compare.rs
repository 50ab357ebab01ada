//! What is not read as it was written.

use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, ReflectMessage as _, Value};

use super::{shown_key, two_shapes, wire};
use crate::schema::error::quoted;
use crate::schema::sample::{Alteration, Step, Surprise};

/// Compares a record with what a reader makes of it.
pub(super) fn messages(
    written: &DynamicMessage,
    read: &DynamicMessage,
    path: &mut Vec<Step>,
    surprises: &mut Vec<Surprise>,
) {
    let descriptor = read.descriptor();
    for (field, value) in written.fields() {
        path.push(Step::Field(field.json_name().to_owned()));
        match descriptor.get_field(field.number()) {
            Some(known) if wire::is_lost(&field, &known) => surprises.push(lost(&field, &known, path)),
            Some(known) => match swapped((written, &field, value), read, &known, path) {
                Some(message) => surprises.push(Surprise {
                    what: Alteration::Changed,
                    message,
                    help: "a field keeps its number; a number that was in use is not given to another field".to_owned(),
                    path: path.clone(),
                    reader: None,
                }),
                None => compare(value, &read.get_field(&known), &field, &known, path, surprises),
            },
            // A field that was given up is gone on purpose; one of the same name was given another number.
            None => {
                let moved = descriptor.get_field_by_name(field.name());
                // Where something came as that number, it is told of what was written there.
                if let Some(moved) = moved.filter(|moved| !read.has_field(moved)) {
                    surprises.push(Surprise {
                        what: Alteration::Renamed,
                        message: format!(
                            "`{}` was written as number {} and is read as number {}, so that it comes back as its default",
                            field.name(),
                            field.number(),
                            moved.number()
                        ),
                        help: "give the field its number back".to_owned(),
                        path: path.clone(),
                        reader: None,
                    });
                }
            }
        }
        path.pop();
    }
}

/// What is said of a value that the reader sees in another field, where that is no new name: the one that it sees there has
/// another value.
fn swapped(
    (written, field, value): (&DynamicMessage, &FieldDescriptor, &Value),
    read: &DynamicMessage,
    known: &FieldDescriptor,
    path: &mut Vec<Step>,
) -> Option<String> {
    if field.name() == known.name() {
        return None;
    }
    let mut is_read_as = |value: &Value, field: &FieldDescriptor, seen: &FieldDescriptor| {
        let mut found = Vec::new();
        compare(value, &read.get_field(seen), field, seen, path, &mut found);
        found.is_empty()
    };
    let is_same = match read.descriptor().get_field_by_name(field.name()) {
        Some(moved) => is_read_as(value, field, &moved),
        None => {
            let meant = written.descriptor().get_field_by_name(known.name())?;
            is_read_as(&written.get_field(&meant), &meant, known)
        }
    };
    let (own, number, other) = (quoted(field.name()), field.number(), quoted(known.name()));
    (!is_same).then(|| format!("{own} was written as number {number}, which is {other} here: it is read as that field"))
}

/// A value that the reader has no way to see.
fn lost(field: &FieldDescriptor, known: &FieldDescriptor, path: &[Step]) -> Surprise {
    Surprise {
        what: Alteration::Lost,
        message: format!(
            "{}, which is encoded otherwise: it takes the value for a field that it does not know",
            two_shapes(field, known)
        ),
        help: "a field keeps its type; a new type needs a new number".to_owned(),
        path: path.to_vec(),
        reader: None,
    }
}

fn compare(
    written: &Value,
    read: &Value,
    field: &FieldDescriptor,
    known: &FieldDescriptor,
    path: &mut Vec<Step>,
    surprises: &mut Vec<Surprise>,
) {
    match (written, read) {
        (Value::Message(one), Value::Message(other)) => messages(one, other, path, surprises),
        (Value::List(items), Value::List(others)) if items.len() == others.len() => {
            for (index, (one, other)) in items.iter().zip(others).enumerate() {
                path.push(Step::Item(index));
                compare(one, other, field, known, path, surprises);
                path.pop();
            }
        }
        (Value::Map(entries), Value::Map(others)) if entries.keys().all(|key| others.contains_key(key)) => {
            let (value_of, known_of) = (map_value(field), map_value(known));
            let is_lost = wire::is_lost(&value_of, &known_of);
            for (key, one) in entries {
                let Some(other) = others.get(key) else { continue };
                path.push(Step::Key(shown_key(key)));
                match is_lost {
                    true => surprises.push(lost(&value_of, &known_of, path)),
                    false => compare(one, other, &value_of, &known_of, path, surprises),
                }
                path.pop();
            }
        }
        (one, Value::EnumNumber(number)) if is_unknown(&known.kind(), *number) => {
            let name = |kind: &Kind| enum_of(kind)?.get_value(*number).map(|value| value.name().to_owned());
            let written = name(&field.kind()).unwrap_or_else(|| one.to_string());
            surprises.push(Surprise {
                what: Alteration::Changed,
                message: format!("`{written}` ({number}) is no value of its enum, and it sees an unknown one"),
                help: "see whether consumers can bear that, or add the value before it is written".to_owned(),
                path: path.clone(),
                reader: None,
            });
        }
        (Value::EnumNumber(number), Value::EnumNumber(seen))
            if number == seen && is_another_value((&field.kind(), &known.kind()), *number) =>
        {
            let name = |kind: &Kind| Some(quoted(enum_of(kind)?.get_value(*number)?.name()));
            let (one, other) = (name(&field.kind()), name(&known.kind()));
            surprises.push(Surprise {
                what: Alteration::Changed,
                message: format!(
                    "{} ({number}) is read as {}, which has its number there",
                    one.unwrap_or_default(),
                    other.unwrap_or_default()
                ),
                help: "a value keeps its number; a number that was in use is not given to another value".to_owned(),
                path: path.clone(),
                reader: None,
            });
        }
        (one, other) if is_same(one, other) => {}
        (one, other) => surprises.push(Surprise {
            what: Alteration::Changed,
            message: format!("{} is read as {}", quoted(&one.to_string()), quoted(&other.to_string())),
            help: "a new type needs a new number".to_owned(),
            path: path.clone(),
            reader: None,
        }),
    }
}

/// The field of a map's values.
fn map_value(field: &FieldDescriptor) -> FieldDescriptor {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field(),
        _ => field.clone(),
    }
}

fn enum_of(kind: &Kind) -> Option<&EnumDescriptor> {
    match kind {
        Kind::Enum(of) => Some(of),
        _ => None,
    }
}

fn is_unknown(kind: &Kind, number: i32) -> bool {
    enum_of(kind).is_some_and(|of| of.get_value(number).is_none())
}

/// Whether a number is another value in the reader's enum: none of its names is the same, and one of them has another number
/// in the other enum. What has only another name is the same value.
fn is_another_value((written, read): (&Kind, &Kind), number: i32) -> bool {
    let (Some(written), Some(read)) = (enum_of(written), enum_of(read)) else { return false };
    let names = |of: &EnumDescriptor| -> Vec<String> {
        let values = of.values().filter(|value| value.number() == number);
        values.map(|value| value.name().to_owned()).collect()
    };
    let (own, others) = (names(written), names(read));
    let has = |of: &EnumDescriptor, names: &[String]| names.iter().any(|name| of.get_value_by_name(name).is_some());
    !own.iter().any(|name| others.contains(name)) && (has(read, &own) || has(written, &others))
}

/// Whether two values of types that read each other are the same.
fn is_same(one: &Value, other: &Value) -> bool {
    let whole = |value: &Value| {
        Some(match value {
            Value::Bool(value) => i128::from(*value),
            Value::I32(value) | Value::EnumNumber(value) => i128::from(*value),
            Value::I64(value) => i128::from(*value),
            Value::U32(value) => i128::from(*value),
            Value::U64(value) => i128::from(*value),
            _ => return None,
        })
    };
    let bytes = |value: &Value| match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Bytes(bytes) => Some(bytes.to_vec()),
        _ => None,
    };
    match (one, other) {
        (Value::F32(one), Value::F32(other)) => one.to_bits() == other.to_bits(),
        (Value::F64(one), Value::F64(other)) => one.to_bits() == other.to_bits(),
        _ => match (whole(one), whole(other)) {
            (Some(one), Some(other)) => one == other,
            _ => bytes(one).is_some() && bytes(one) == bytes(other),
        },
    }
}
