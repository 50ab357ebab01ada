//! Whether a field's default fits its type, as Java's parser judges it: a union's default may be of any branch.

use std::collections::HashMap;

use super::java;
use super::model::{Field, Named, NamedId, NamedKind, Type, TypeKind};
use super::parse::pending;
use crate::schema::error::{SchemaError, quoted};
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

/// Steps that looking at the defaults of a text may take. Those that people write take a few for each field.
pub const MOST_STEPS: usize = 1_000_000;

/// A default that is refused.
pub struct Unfit {
    /// Why.
    pub error: SchemaError,
    /// Whether a name was met that is not defined yet, so that it may be the type that is wrong.
    pub is_early: bool,
}

/// Why it is not known whether a default fits.
enum Stop {
    /// A record had to be looked into whose fields are not read.
    Unread,
    /// There are no steps left.
    TooLong,
}

/// The text that a field of numbers has for its default. Java makes a number of it, on the field itself only.
fn number(field: &Field) -> Option<(&Json<'static>, &str)> {
    let default = field.default.as_ref()?;
    let is_number = matches!(field.field_type.kind, TypeKind::Float | TypeKind::Double);
    default.as_str().filter(|_| is_number).map(|text| (default, text))
}

/// Checks a default that is a text where a number is meant: Java reads it also where it looks at no default.
pub fn check_number(field: &Field) -> Result<(), SchemaError> {
    match number(field) {
        Some((default, text)) if !java::is_double(text) => {
            Err(misfit(field).at(default.range.clone()).help("write a number"))
        }
        _ => Ok(()),
    }
}

/// Checks a field's default, where it has one and it is no text for a number.
pub fn check(field: &Field, types: &Types<'_>, steps: &mut usize) -> Result<(), Unfit> {
    let Some(default) = field.default.as_ref().filter(|_| number(field).is_none()) else { return Ok(()) };
    let mut fit = Fit { types, known: HashMap::new(), steps, is_early: false };
    let named = |what: &str| SchemaError::new(format!("the default of {} {what}", quoted(&field.name)));
    let error = match fit.is_value(default, &field.field_type) {
        Ok(true) => return Ok(()),
        Ok(false) => misfit(field).help(expected(&field.field_type, types)),
        Err(Stop::Unread) => named("is of a record that is not read yet")
            .help("a record cannot hold a default of itself; write null, or leave the default out"),
        Err(Stop::TooLong) => {
            named("has too many values for the types that they may be of").help("make it smaller, or leave it out")
        }
    };
    Err(Unfit { error: error.at(default.range.clone()), is_early: fit.is_early })
}

fn misfit(field: &Field) -> SchemaError {
    SchemaError::new(format!("the default of {} does not fit its type", quoted(&field.name)))
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

/// Up to here, looking through members is faster than any map.
const FEW: usize = 16;

struct Fit<'t, 'p> {
    types: &'t Types<'p>,
    /// What is known of arrays and objects, by their address and that of the type. Without it, records in unions in
    /// records would be looked at again for each way that leads to them.
    known: HashMap<(usize, usize), bool>,
    /// Steps that are left.
    steps: &'t mut usize,
    /// Whether a name was met that is not defined yet.
    is_early: bool,
}

impl Fit<'_, '_> {
    fn is_value(&mut self, value: &Json<'_>, of: &Type) -> Result<bool, Stop> {
        self.spend(1)?;
        let has_parts = match &value.value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => false,
        };
        if !has_parts {
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

    fn spend(&mut self, steps: usize) -> Result<(), Stop> {
        *self.steps = self.steps.checked_sub(steps).ok_or(Stop::TooLong)?;
        Ok(())
    }

    fn judge(&mut self, value: &Json<'_>, of: &Type) -> Result<bool, Stop> {
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

    fn is_of_named(&mut self, value: &Json<'_>, id: NamedId) -> Result<bool, Stop> {
        let id = match pending(id).map(|used| self.types.resolved.get(used)) {
            Some(None) => {
                self.is_early = true;
                return Ok(value.as_object().is_some());
            }
            Some(Some(resolved)) => *resolved,
            None => id,
        };
        let fields = match (&self.types.named[id.0].kind, &value.value) {
            (NamedKind::Enum { .. } | NamedKind::Fixed(_), Value::String(_)) => return Ok(true),
            (NamedKind::Record(fields), Value::Object(_)) => fields,
            _ => return Ok(false),
        };
        if !(self.types.is_set)(id) {
            return Err(Stop::Unread);
        }
        let members = value.as_object().unwrap_or_default();
        let by_name: Option<HashMap<&str, &Json<'_>>> = match members.len() {
            ..=FEW => None,
            many => {
                self.spend(many)?;
                Some(members.iter().map(|member| (&*member.key, &member.value)).collect())
            }
        };
        for field in fields {
            self.spend(1)?;
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

    fn all<'v, 't: 'v>(&mut self, mut values: impl Iterator<Item = &'v Json<'t>>, of: &Type) -> Result<bool, Stop> {
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
