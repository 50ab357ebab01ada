//! Whether a field's default fits its type, as Java's parser judges it: a union's default may be of any branch.

use std::collections::HashMap;

use super::java;
use super::model::{Field, Named, NamedId, NamedKind, Type, TypeKind};
use super::parse::pending;
use crate::schema::error::SchemaError;
use crate::schema::text::{Json, Value};

/// The types that a default may be of, as far as they are read.
pub struct Types<'p> {
    /// Those that are defined.
    pub named: &'p [Named],
    /// Whether a record has its fields. Java cannot look into one that has none yet.
    pub is_set: &'p dyn Fn(NamedId) -> bool,
    /// What names mean that were used before their definition. Where it is not known, a record without fields.
    pub resolved: &'p [NamedId],
}

/// A record had to be looked into whose fields are not read.
struct Unread;

/// Checks a field's default, where it has one.
pub fn check(field: &Field, types: &Types<'_>) -> Result<(), SchemaError> {
    let Some(default) = &field.default else { return Ok(()) };
    // Java reads a string as the number that it spells, on the field itself only.
    let is_number = matches!(field.field_type.kind, TypeKind::Float | TypeKind::Double);
    let fits = match default.as_str() {
        Some(text) if is_number => Ok(java::is_double(text)),
        _ => Fit { types, known: HashMap::new() }.is_value(default, &field.field_type),
    };
    let error = match fits {
        Ok(true) => return Ok(()),
        Ok(false) => SchemaError::new(format!("the default of `{}` does not fit its type", field.name))
            .help(expected(&field.field_type, types)),
        Err(Unread) => SchemaError::new(format!("the default of `{}` is of a record that is not read yet", field.name))
            .help("a record cannot hold a default of itself; write null, or leave the default out"),
    };
    Err(error.at(default.range.clone()))
}

/// Whether there is an object in a default, or in its parts.
pub fn has_object(default: &Json<'_>) -> bool {
    let mut values = vec![default];
    while let Some(value) = values.pop() {
        match &value.value {
            Value::Object(_) => return true,
            Value::Array(items) => values.extend(items),
            _ => {}
        }
    }
    false
}

struct Fit<'t, 'p> {
    types: &'t Types<'p>,
    /// What is known of arrays and objects, by their address and that of the type. Without it, records in unions in
    /// records would be looked at again for each way that leads to them.
    known: HashMap<(usize, usize), bool>,
}

impl Fit<'_, '_> {
    fn is_value(&mut self, value: &Json<'_>, of: &Type) -> Result<bool, Unread> {
        let is_large = matches!(value.value, Value::Array(_) | Value::Object(_));
        if !is_large {
            return self.judge(value, of);
        }
        let key = (std::ptr::from_ref(value) as usize, std::ptr::from_ref(of) as usize);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let fits = self.judge(value, of)?;
        self.known.insert(key, fits);
        Ok(fits)
    }

    fn judge(&mut self, value: &Json<'_>, of: &Type) -> Result<bool, Unread> {
        Ok(match (&of.kind, &value.value) {
            (TypeKind::Null, Value::Null)
            | (TypeKind::Boolean, Value::Bool(_))
            | (TypeKind::Float | TypeKind::Double, Value::Number(_))
            | (TypeKind::Bytes | TypeKind::String, Value::String(_)) => true,
            (TypeKind::Int, Value::Number(digits)) => digits.parse::<i32>().is_ok(),
            (TypeKind::Long, Value::Number(digits)) => digits.parse::<i64>().is_ok(),
            (TypeKind::Array(inner), Value::Array(items)) => self.all(items.iter(), inner)?,
            (TypeKind::Map(inner), Value::Object(members)) => {
                self.all(members.iter().map(|member| &member.value), inner)?
            }
            (TypeKind::Union(branches), _) => {
                for branch in branches {
                    if self.is_value(value, branch)? {
                        return Ok(true);
                    }
                }
                false
            }
            (TypeKind::Named(id), _) => self.is_of_named(value, *id)?,
            _ => false,
        })
    }

    fn is_of_named(&mut self, value: &Json<'_>, id: NamedId) -> Result<bool, Unread> {
        let id = match pending(id).map(|used| self.types.resolved.get(used)) {
            Some(None) => return Ok(value.as_object().is_some()),
            Some(Some(resolved)) => *resolved,
            None => id,
        };
        let fields = match (&self.types.named[id.0].kind, &value.value) {
            (NamedKind::Enum { .. } | NamedKind::Fixed(_), Value::String(_)) => return Ok(true),
            (NamedKind::Record(fields), Value::Object(_)) => fields,
            _ => return Ok(false),
        };
        if !(self.types.is_set)(id) {
            return Err(Unread);
        }
        let members = value.as_object().unwrap_or_default();
        let by_name: Option<HashMap<&str, &Json<'_>>> =
            (members.len() > 16).then(|| members.iter().map(|member| (&*member.key, &member.value)).collect());
        for field in fields {
            let given = match &by_name {
                Some(by_name) => by_name.get(field.name.as_str()).copied(),
                None => value.get(&field.name),
            };
            let fits = match given {
                Some(value) => self.is_value(value, &field.field_type)?,
                // A field that is left out takes its own default, which is checked where it is written.
                None => field.default.is_some(),
            };
            if !fits {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn all<'v, 't: 'v>(&mut self, mut values: impl Iterator<Item = &'v Json<'t>>, of: &Type) -> Result<bool, Unread> {
        values.try_fold(true, |all, value| Ok(all && self.is_value(value, of)?))
    }
}

/// What a default of the type looks like, for the help of a message.
fn expected(of: &Type, types: &Types<'_>) -> String {
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
        TypeKind::Named(id) => match types.named.get(id.0).map(|named| &named.kind) {
            Some(NamedKind::Record(_)) | None => "an object with every field that has no default of its own",
            Some(NamedKind::Enum { .. }) => "one of the symbols",
            Some(NamedKind::Fixed(_)) => "a string",
        },
    };
    format!("write {example}")
}
