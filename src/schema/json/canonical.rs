//! The form in which JSON Schemas are compared.
//!
//! Equal are texts that differ in white space, the order of keys, escapes, the spelling of a number (1.0 is 1), and the
//! order inside `required`, `type` and `dependentRequired`, which are sets. Everything else differs, the order of
//! `enum` too: forms and generated code show it.

use super::keywords::{Holds, holds};
use crate::schema::error::SchemaError;
use crate::schema::text::{self, Json, Member, Value, write_string};

/// The canonical form of a JSON Schema. The text need not be a valid schema, only JSON.
pub fn canonical(text: &str) -> Result<String, SchemaError> {
    let mut out = String::with_capacity(text.len());
    write(&text::read(text)?, Holds::Schema, &mut out);
    Ok(out)
}

fn write(json: &Json<'_>, what: Holds, out: &mut String) {
    match &json.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(digits) => out.push_str(&text::decimal(digits)),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            let inner = match what {
                Holds::Schemas | Holds::SchemaOrSchemas => Holds::Schema,
                _ => Holds::Data,
            };
            let mut items: Vec<&Json<'_>> = items.iter().collect();
            if what == Holds::Set {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            out.push('[');
            for (index, item) in items.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, inner, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<&Member<'_>> = members.iter().collect();
            members.sort_unstable_by(|a, b| a.key.cmp(&b.key));
            out.push('{');
            for (index, member) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(out, &member.key);
                out.push(':');
                let inner = match what {
                    Holds::Schema | Holds::SchemaOrSchemas => holds(&member.key),
                    // An array of names in `dependencies` is a set.
                    Holds::Map if member.value.as_array().is_some() => Holds::Set,
                    Holds::Map => Holds::Schema,
                    Holds::SetMap => Holds::Set,
                    Holds::Schemas | Holds::Set | Holds::Data => Holds::Data,
                };
                write(&member.value, inner, out);
            }
            out.push('}');
        }
    }
}
