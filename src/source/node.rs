use super::{Span, Spanned};

/// A YAML value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value stands. For a value that came through an alias: where it is defined.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a YAML node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A scalar as written. `quoted` is true for quoted and block scalars, which are always strings.
    Scalar {
        /// The text after escapes.
        text: Box<str>,
        /// Whether it is a string whatever it looks like.
        quoted: bool,
    },
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file and without duplicates.
    Mapping(Vec<Entry>),
}

/// A key of a mapping and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key and its place.
    pub key: Spanned<Box<str>>,
    /// The value.
    pub value: Node,
}

/// What a mapping holds whose keys a manifest chooses, in the order of the keys. Most have one entry or two, and there are
/// as many as topics: a tree would make room for eleven in each.
pub type Entries<V> = Box<[(Spanned<Box<str>>, V)]>;

impl Node {
    /// The value as a word for messages: "a string", "a mapping" …
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Sequence(_) => "a sequence",
            Value::Mapping(_) => "a mapping",
            Value::Scalar { quoted: true, .. } => "a string",
            Value::Scalar { text, .. } => match text.as_ref() {
                _ if self.is_null() => "nothing",
                "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => "a boolean",
                text if text.parse::<i64>().is_ok() => "an integer",
                text if text.parse::<f64>().is_ok() => "a number",
                _ => "a string",
            },
        }
    }

    /// Whether this is YAML's null: nothing, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, quoted: false }
            if matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The text of a scalar, however it is quoted.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of `key`, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| &*entry.key.value == key).map(|entry| &entry.value),
            _ => None,
        }
    }
}
