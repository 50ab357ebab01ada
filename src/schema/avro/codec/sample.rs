//! Records as people write them.

use std::ops::Range;

use super::datum::{Datum, branch_name};
use super::lookup::{Members, Objects, Symbols};
use crate::schema::avro::model::{AvroSchema, NamedKind, Type, TypeKind};
use crate::schema::avro::name::short_name;
use crate::schema::error::quoted;
use crate::schema::sample::Step;
use crate::schema::text::{Json, Value};
use crate::source::closest;

/// The fields of a record among which a misspelt one is looked for. Samples are tried with each branch of a union, and what
/// is said only where none fits must not cost more than that.
const MOST_FIELDS: usize = 256;

/// How often a part of a record may be looked at, for each byte of its text. Each branch of a union is tried.
const MOST_TRIES: usize = 16;

/// Branches of a union that have no name of their own.
pub const UNNAMED: [&str; 9] = ["boolean", "int", "long", "float", "double", "bytes", "string", "array", "map"];

/// Why a record is not of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// One sentence without a full stop.
    pub message: String,
    /// Where in the record.
    pub path: Vec<Step>,
    /// The bytes of the record's text.
    pub range: Range<usize>,
    /// Where a field is missing: the record type, by its place, and a member that is none of its fields.
    misspelt: Option<(usize, String)>,
}

/// Reads a record that fits a schema exactly: each field is there, and nothing else. It is written as in Avro's JSON
/// encoding, or with the values of unions by themselves where only one branch takes them. Bytes and fixed are strings of
/// the characters U+0000 to U+00FF; logical types stand as what they are made of.
///
/// # Errors
///
/// The first thing that does not fit.
pub fn sample(schema: &AvroSchema, record: &Json<'_>) -> Result<Datum, Misfit> {
    let values = MOST_TRIES.saturating_mul(record.range.len() + 1000);
    let mut reading = Reading {
        schema,
        path: Vec::new(),
        left: values,
        is_exhausted: false,
        symbols: Symbols::default(),
        objects: Objects::default(),
    };
    reading.value(record, &schema.root).map_err(|misfit| misfit.with_meant(schema))
}

impl Misfit {
    /// Says which field the member may be that is none.
    fn with_meant(mut self, schema: &AvroSchema) -> Self {
        let Some((id, key)) = self.misspelt.take() else { return self };
        self.message += &format!(", and it has no field {}", quoted(&key));
        if let NamedKind::Record(fields) = &schema.named[id].kind
            && let Some(meant) = closest(&key, fields.iter().map(|field| field.name.as_str()))
        {
            self.message += &format!(": did you mean {}?", quoted(meant));
        }
        self
    }
}

struct Reading<'s, 'j> {
    schema: &'s AvroSchema,
    path: Vec<Step>,
    /// Values that may still be looked at.
    left: usize,
    /// Whether there were too few: then nothing is known of the branches that were not tried to their end.
    is_exhausted: bool,
    symbols: Symbols<'s>,
    objects: Objects<'j>,
}

impl<'s, 'j> Reading<'s, 'j> {
    fn misfit<T>(&self, json: &Json<'_>, message: impl Into<String>) -> Result<T, Misfit> {
        Err(Misfit { message: message.into(), path: self.path.clone(), range: json.range.clone(), misspelt: None })
    }

    fn value(&mut self, json: &'j Json<'_>, of: &'s Type) -> Result<Datum, Misfit> {
        let Some(left) = self.left.checked_sub(1) else {
            self.is_exhausted = true;
            let message = "there are too many ways to read the record; name the branches of its unions";
            return self.misfit(json, message);
        };
        self.left = left;
        match (&of.kind, &json.value) {
            (TypeKind::Null, Value::Null) => Ok(Datum::Null),
            (TypeKind::Boolean, Value::Bool(value)) => Ok(Datum::Boolean(*value)),
            (TypeKind::Int, Value::Number(digits)) => match digits.parse() {
                Ok(value) => Ok(Datum::Int(value)),
                Err(_) => self.misfit(json, format!("{} is no whole number of 32 bits", quoted(digits))),
            },
            (TypeKind::Long, Value::Number(digits)) => match digits.parse() {
                Ok(value) => Ok(Datum::Long(value)),
                Err(_) => self.misfit(json, format!("{} is no whole number of 64 bits", quoted(digits))),
            },
            (TypeKind::Float, _) => match number(json) {
                Some(value) if (value as f32).is_finite() || !value.is_finite() => {
                    let read = value as f32;
                    self.exactly(json, of, f64::from(read), &read)?;
                    Ok(Datum::Float(read))
                }
                _ => self.other(json, of),
            },
            (TypeKind::Double, _) => match number(json) {
                Some(value) => {
                    self.exactly(json, of, value, &value)?;
                    Ok(Datum::Double(value))
                }
                None => self.other(json, of),
            },
            (TypeKind::Bytes, Value::String(text)) => match bytes(text) {
                Some(bytes) => Ok(Datum::Bytes(bytes)),
                None => self.misfit(json, "each character of bytes stands for one byte, U+0000 to U+00FF"),
            },
            (TypeKind::String, Value::String(text)) => Ok(Datum::String(text.clone().into_owned())),
            (TypeKind::Array(of), Value::Array(items)) => {
                let mut values = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(index));
                    values.push(self.value(item, of)?);
                    self.path.pop();
                }
                Ok(Datum::Array(values))
            }
            (TypeKind::Map(of), Value::Object(members)) => {
                let mut values = Vec::new();
                for member in members {
                    self.path.push(Step::Key(member.key.clone().into_owned()));
                    values.push((member.key.clone().into_owned(), self.value(&member.value, of)?));
                    self.path.pop();
                }
                Ok(Datum::Map(values))
            }
            (TypeKind::Union(branches), _) => self.union(json, branches),
            (TypeKind::Named(id), _) => self.named(json, of, id.0),
            _ => self.other(json, of),
        }
    }

    /// A whole number is one of those that the type has, or spelt as one of them is. Of other numbers the nearest is meant.
    fn exactly(&self, json: &Json<'_>, of: &Type, value: f64, read: &dyn std::fmt::Display) -> Result<(), Misfit> {
        let Value::Number(digits) = &json.value else { return Ok(()) };
        match digits.parse::<i128>() {
            Ok(whole) if value as i128 != whole && read.to_string() != **digits => {
                let name = quoted(branch_name(of, self.schema));
                self.misfit(json, format!("{name} cannot hold {} exactly: it would be {read}", quoted(digits)))
            }
            _ => Ok(()),
        }
    }

    fn other<T>(&self, json: &Json<'_>, of: &Type) -> Result<T, Misfit> {
        self.misfit(json, format!("{} is expected, and this is {}", quoted(branch_name(of, self.schema)), json.kind()))
    }

    fn named(&mut self, json: &'j Json<'_>, of: &'s Type, id: usize) -> Result<Datum, Misfit> {
        let named = &self.schema.named[id];
        match (&named.kind, &json.value) {
            (NamedKind::Enum { symbols, .. }, Value::String(text)) => match self.symbols.place(symbols, text) {
                Some(symbol) => Ok(Datum::Enum(symbol)),
                None => self.misfit(json, format!("{} is no symbol of {}", quoted(text), quoted(&named.name))),
            },
            (NamedKind::Fixed(size), Value::String(text)) => match bytes(text) {
                Some(bytes) if bytes.len() == *size as usize => Ok(Datum::Fixed(bytes)),
                _ => self.misfit(json, format!("{} takes {size} characters, U+0000 to U+00FF", quoted(&named.name))),
            },
            (NamedKind::Record(fields), Value::Object(members)) => {
                let mut values = Vec::with_capacity(fields.len());
                let mut given = Members::of(members);
                for field in fields {
                    let Some(value) = given.take(&field.name, &mut self.objects) else {
                        let record = quoted(&named.name);
                        let other = members.iter().find(|member| {
                            fields.len() <= MOST_FIELDS && !fields.iter().any(|field| field.name == member.key)
                        });
                        return Err(Misfit {
                            message: format!("field {} of {record} is missing", quoted(&field.name)),
                            path: self.path.clone(),
                            range: other.map_or(&json.range, |member| &member.key_range).clone(),
                            misspelt: other.map(|member| (id, member.key.clone().into_owned())),
                        });
                    };
                    self.path.push(Step::Field(field.name.clone()));
                    values.push(self.value(value, &field.field_type)?);
                    self.path.pop();
                }
                match given.left() {
                    Some(member) => Err(Misfit {
                        message: format!("{} has no field {}", quoted(&named.name), quoted(&member.key)),
                        path: self.path.clone(),
                        range: member.key_range.clone(),
                        misspelt: None,
                    }),
                    None => Ok(Datum::Record(values)),
                }
            }
            _ => self.other(json, of),
        }
    }

    /// A value with the name of its branch, as Avro's JSON encoding has it, or by itself.
    fn union(&mut self, json: &'j Json<'_>, branches: &'s [Type]) -> Result<Datum, Misfit> {
        let mut named_misfit = None;
        if let Some([member]) = json.as_object() {
            let named = branches.iter().position(|branch| branch_name(branch, self.schema) == member.key);
            // People leave the namespace out.
            let named = named.or_else(|| {
                branches.iter().position(|branch| short_name(branch_name(branch, self.schema)) == member.key)
            });
            if let Some(branch) = named.filter(|branch| branches[*branch].kind != TypeKind::Null) {
                match self.attempt(&member.value, &branches[branch]) {
                    Ok(value) => return Ok(Datum::Union(branch, Box::new(value))),
                    Err(misfit) if self.is_exhausted => return Err(misfit),
                    Err(misfit) => named_misfit = Some(misfit),
                }
            }
        }
        let mut fitting: Option<(usize, Datum)> = None;
        let mut nearest: Option<Misfit> = named_misfit;
        for (index, branch) in branches.iter().enumerate() {
            match (self.attempt(json, branch), &fitting) {
                (Ok(_), Some((first, _))) => {
                    let [first, second] = [*first, index].map(|branch| branch_name(&branches[branch], self.schema));
                    let message = format!("this may be `{first}` or `{second}`; say which: {{\"{first}\": …}}");
                    return self.misfit(json, message);
                }
                (Ok(value), None) => fitting = Some((index, value)),
                (Err(misfit), _) if self.is_exhausted => return Err(misfit),
                (Err(misfit), _) => {
                    // What went further came closer; of those that did not, a record says more than another type.
                    let best = nearest.as_ref().map_or(self.path.len(), |nearest| nearest.path.len());
                    let is_record = nearest.is_none() && self.is_record(branch) && json.as_object().is_some();
                    if misfit.path.len() > best || is_record {
                        nearest = Some(misfit);
                    }
                }
            }
        }
        if fitting.is_none()
            && let Some(message) = self.other_branch(json, branches)
        {
            return self.misfit(json, message);
        }
        match (fitting, nearest) {
            (Some((branch, value)), _) => Ok(Datum::Union(branch, Box::new(value))),
            (None, Some(misfit)) => Err(misfit),
            (None, None) => {
                let names: Vec<_> = branches.iter().map(|branch| branch_name(branch, self.schema)).collect();
                self.misfit(json, format!("this is {}, and none of {}", json.kind(), quoted(&names.join(", "))))
            }
        }
    }

    /// What to write in place of a value with the name of a branch that the union does not have.
    fn other_branch(&mut self, json: &'j Json<'_>, branches: &'s [Type]) -> Option<String> {
        let [member] = json.as_object()? else { return None };
        if !UNNAMED.contains(&&*member.key) || branches.iter().any(|of| branch_name(of, self.schema) == member.key) {
            return None;
        }
        let fitting: Vec<&Type> =
            branches.iter().filter(|branch| self.attempt(&member.value, branch).is_ok()).collect();
        let name = branch_name(fitting.first()?, self.schema);
        let value = match &member.value.value {
            Value::Number(digits) => digits.to_string(),
            Value::Bool(value) => value.to_string(),
            _ => "…".to_owned(),
        };
        let alone = if fitting.len() == 1 { format!("{value} or ") } else { String::new() };
        Some(format!("the union has no branch {}; write {alone}{{\"{name}\": {value}}}", quoted(&member.key)))
    }

    fn is_record(&self, of: &Type) -> bool {
        matches!(of.kind, TypeKind::Named(id) if matches!(self.schema.named(id).kind, NamedKind::Record(_)))
    }

    /// Tries a branch; what it leaves of the path goes.
    fn attempt(&mut self, json: &'j Json<'_>, of: &'s Type) -> Result<Datum, Misfit> {
        let depth = self.path.len();
        let result = self.value(json, of);
        self.path.truncate(depth);
        result
    }
}

/// A number, or what Avro's JSON encoding writes for those that JSON does not have.
fn number(json: &Json<'_>) -> Option<f64> {
    match &json.value {
        Value::Number(digits) => digits.parse().ok().filter(|value: &f64| value.is_finite()),
        Value::String(text) => match &**text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}
