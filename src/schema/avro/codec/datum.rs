use std::fmt::Write as _;

use crate::schema::avro::model::{AvroSchema, NamedKind, Type, TypeKind};
use crate::schema::text::write_string;

/// A value of a schema. What an enum, a fixed or a record is called stands in the schema.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Datum {
    Null,
    Boolean(bool),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Bytes(Vec<u8>),
    String(String),
    Array(Vec<Datum>),
    Map(Vec<(String, Datum)>),
    /// The number of the branch, and what is in it.
    Union(usize, Box<Datum>),
    /// The number of the symbol.
    Enum(usize),
    Fixed(Vec<u8>),
    /// The fields in the order of the schema.
    Record(Vec<Datum>),
}

impl Datum {
    /// The value in Avro's JSON encoding; `schema` is the one that it is a value of. `NaN` and infinities are strings.
    pub fn to_json(&self, schema: &AvroSchema) -> String {
        self.written(schema, Unions::Named)
    }

    /// The same as people think of it: what is optional stands by itself. A value of a union with several branches other than
    /// null still names its own, so that it is read back as the same.
    pub fn to_plain_json(&self, schema: &AvroSchema) -> String {
        self.written(schema, Unions::Plain)
    }

    fn written(&self, schema: &AvroSchema, unions: Unions) -> String {
        let mut out = String::new();
        write(self, &schema.root, (schema, unions), &mut out);
        out
    }

    /// The same for a part, in the words of a message: cut where it is long.
    pub(super) fn shown(&self, of: &Type, schema: &AvroSchema) -> String {
        let mut out = String::new();
        write(self, of, (schema, Unions::Named), &mut out);
        crate::schema::error::quoted(&out)
    }
}

/// How values of unions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unions {
    /// Each names its branch, as Avro's JSON encoding has it.
    Named,
    /// By themselves where only one branch is not null.
    Plain,
}

/// The name of a branch of a union in the JSON encoding.
pub(super) fn branch_name<'s>(branch: &Type, schema: &'s AvroSchema) -> &'s str {
    match &branch.kind {
        TypeKind::Named(id) => &schema.named(*id).name,
        kind => kind.word(),
    }
}

fn write(datum: &Datum, of: &Type, how: (&AvroSchema, Unions), out: &mut String) {
    let (schema, unions) = how;
    // Writing into a String cannot fail.
    match (datum, &of.kind) {
        (Datum::Null, _) => out.push_str("null"),
        (Datum::Boolean(value), _) => _ = write!(out, "{value}"),
        (Datum::Int(value), _) => _ = write!(out, "{value}"),
        (Datum::Long(value), _) => _ = write!(out, "{value}"),
        (Datum::Float(value), _) if value.is_finite() => _ = write!(out, "{value:?}"),
        (Datum::Double(value), _) if value.is_finite() => _ = write!(out, "{value:?}"),
        (Datum::Float(value), _) => write_string(out, infinite(f64::from(*value))),
        (Datum::Double(value), _) => write_string(out, infinite(*value)),
        (Datum::Bytes(bytes) | Datum::Fixed(bytes), _) => {
            write_string(out, &bytes.iter().copied().map(char::from).collect::<String>());
        }
        (Datum::String(text), _) => write_string(out, text),
        (Datum::Array(items), TypeKind::Array(of)) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write(item, of, how, out);
            }
            out.push(']');
        }
        (Datum::Map(entries), TypeKind::Map(of)) => {
            members(entries.iter().map(|(key, value)| (key.as_str(), value, &**of)), how, out);
        }
        (Datum::Union(_, value), TypeKind::Union(_)) if **value == Datum::Null => out.push_str("null"),
        (Datum::Union(branch, value), TypeKind::Union(branches)) => {
            let is_optional = branches.iter().filter(|branch| branch.kind != TypeKind::Null).count() == 1;
            let branch = &branches[*branch];
            match unions {
                Unions::Plain if is_optional => write(value, branch, how, out),
                _ => members([(branch_name(branch, schema), &**value, branch)].into_iter(), how, out),
            }
        }
        (value, TypeKind::Named(id)) => match (value, &schema.named(*id).kind) {
            (Datum::Enum(symbol), NamedKind::Enum { symbols, .. }) => write_string(out, &symbols[*symbol]),
            (Datum::Record(values), NamedKind::Record(fields)) => {
                let fields = fields.iter().zip(values);
                members(fields.map(|(field, value)| (field.name.as_str(), value, &field.field_type)), how, out);
            }
            _ => unreachable!("a value is of its schema"),
        },
        _ => unreachable!("a value is of its schema"),
    }
}

fn members<'v>(
    entries: impl Iterator<Item = (&'v str, &'v Datum, &'v Type)>,
    how: (&AvroSchema, Unions),
    out: &mut String,
) {
    out.push('{');
    for (index, (key, value, of)) in entries.enumerate() {
        out.push_str(if index > 0 { "," } else { "" });
        write_string(out, key);
        out.push(':');
        write(value, of, how, out);
    }
    out.push('}');
}

/// What the JSON encoding writes for a number that JSON does not have.
fn infinite(value: f64) -> &'static str {
    match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}
