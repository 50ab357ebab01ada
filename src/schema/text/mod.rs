//! JSON text with the place of every value: what Avro and JSON schemas are read from.
//!
//! A reader of our own, because findings point into the schema's text, duplicate keys must not pass, and numbers keep
//! the digits in which they were written.

mod number;
mod pretty;
mod read;
mod write;

use std::borrow::Cow;
use std::ops::Range;

pub use number::{decimal, float, readable};
pub use pretty::pretty;
pub use read::{read, read_like_java};
pub use write::{write_string, write_visible_string};

/// Arrays and objects inside each other; more is an error.
pub const MAX_DEPTH: usize = 128;

/// A JSON value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Json<'t> {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// The value.
    pub value: Value<'t>,
}

/// What a JSON value holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(Cow<'t, str>),
    /// A string after escapes.
    String(Cow<'t, str>),
    /// An array.
    Array(Vec<Json<'t>>),
    /// An object, in the order of the text and without duplicate keys.
    Object(Vec<Member<'t>>),
}

/// A key of an object and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'t> {
    /// The key.
    pub key: Cow<'t, str>,
    /// The key's bytes in the text.
    pub key_range: Range<usize>,
    /// The value.
    pub value: Json<'t>,
}

/// What a token of a JSON pointer names.
pub fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

impl<'t> Json<'t> {
    /// The value as a word for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// The string, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number as written, where it is one.
    pub fn as_number(&self) -> Option<&str> {
        match &self.value {
            Value::Number(digits) => Some(digits),
            _ => None,
        }
    }

    /// Which one it is of all that are in memory: the same text may stand in a schema twice.
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The elements, where it is an array.
    pub fn as_array(&self) -> Option<&[Json<'t>]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, where it is an object.
    pub fn as_object(&self) -> Option<&[Member<'t>]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The value of `key`, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json<'t>> {
        self.as_object()?.iter().find(|member| member.key == key).map(|member| &member.value)
    }

    /// The value behind a JSON pointer such as `/properties/a~1b`; the empty pointer is this value.
    pub fn pointer(&self, pointer: &str) -> Option<&Json<'t>> {
        pointer.split('/').skip(1).try_fold(self, |value, token| {
            let token = unescaped(token);
            match &value.value {
                Value::Array(items) => items.get(token.parse::<usize>().ok()?),
                _ => value.get(&token),
            }
        })
    }

    /// The same value, free of the text it was read from.
    pub fn into_owned(self) -> Json<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let value = match self.value {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(digits) => Value::Number(own(digits)),
            Value::String(text) => Value::String(own(text)),
            Value::Array(items) => Value::Array(items.into_iter().map(Json::into_owned).collect()),
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|member| Member {
                        key: own(member.key),
                        key_range: member.key_range,
                        value: member.value.into_owned(),
                    })
                    .collect(),
            ),
        };
        Json { range: self.range, value }
    }
}
