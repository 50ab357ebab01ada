use super::java::{is_letter, is_letter_or_digit};
use crate::schema::error::SchemaError;

/// The primitive types; they have no namespace and cannot be defined.
pub const PRIMITIVES: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// What the full names of a schema may take together, in bytes.
const MOST_NAMES: usize = 128 << 20;

/// Counts the bytes of full names, each use of a name with them. A namespace is written once and stands in each of
/// them: one as long as a schema would take gigabytes.
#[derive(Default)]
pub struct NameBytes(usize);

impl NameBytes {
    /// Where so many bytes are left: tests need no names that fill the memory.
    #[cfg(test)]
    pub fn left(bytes: usize) -> Self {
        Self(MOST_NAMES - bytes)
    }

    /// Counts a name of so many bytes.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn add(&mut self, bytes: usize) -> Result<(), SchemaError> {
        self.0 = self.0.saturating_add(bytes);
        if self.0 <= MOST_NAMES {
            return Ok(());
        }
        let most = MOST_NAMES >> 20;
        let error = format!("the full names of types, wherever they are used, take more than {most} MiB");
        Err(SchemaError::new(error).help("shorten the names and namespaces of types"))
    }
}

/// Whether `text` is a name without dots: a letter or `_`, then letters, digits and `_`, in ASCII.
pub fn is_simple_name(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether `text` is a full name: simple names with dots between them.
pub fn is_full_name(text: &str) -> bool {
    text.split('.').all(is_simple_name)
}

/// Whether Java's parser takes `text` for a name without dots: its letters and digits are those of all scripts.
pub fn is_java_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| is_letter(first) || first == '_')
        && chars.all(|c| is_letter_or_digit(c) || c == '_')
}

/// Whether Java's parser takes `text` for a full name.
pub fn is_java_full_name(text: &str) -> bool {
    text.split('.').all(is_java_name)
}

/// The full name that an alias means, where `namespace` is that of the type that has it.
pub fn alias_name(alias: &str, namespace: &str) -> String {
    match alias.strip_prefix('.') {
        // With a namespace around it, Java keeps the dot, and no type has such a name.
        Some(rest) if !rest.contains('.') && namespace.is_empty() => rest.to_owned(),
        Some(_) => alias.to_owned(),
        None => full_name(alias, namespace),
    }
}

/// The full name of `name` where it is written inside `namespace`; a name with a dot is full already.
pub fn full_name(name: &str, namespace: &str) -> String {
    match name.strip_prefix('.') {
        // Java writes a leading dot for "no namespace".
        Some(rest) => rest.to_owned(),
        None if name.contains('.') || namespace.is_empty() => name.to_owned(),
        None => format!("{namespace}.{name}"),
    }
}

/// What a definition's `name` and `namespace` attribute make, where `enclosing` is the namespace around it.
pub fn defined_name(name: &str, namespace: Option<&str>, enclosing: &str) -> String {
    full_name(name, namespace.unwrap_or(enclosing))
}

/// The part of a full name before its last dot; empty where there is none.
pub fn namespace_of(full_name: &str) -> &str {
    full_name.rsplit_once('.').map_or("", |(namespace, _)| namespace)
}

/// The part of a full name behind its last dot.
pub fn short_name(full_name: &str) -> &str {
    full_name.rsplit_once('.').map_or(full_name, |(_, short)| short)
}
