//! Schemas that `schema check --pairs` has read already: a text that was the new one in a question is most often the old
//! one in another, and reading it takes several times as long as comparing it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use crate::schema::{ParsedSchema, SchemaError, SchemaFormat, parse_like_reference, parse_registered};

/// The longest text that is kept, in bytes. Few have so many, and those that have are seldom asked for often.
const MOST_TEXT: usize = 64 << 10;

/// What all texts that are kept have together, in bytes. Once it is read, a text takes up to thirty times as much.
const MOST_KEPT: usize = 4 << 20;

/// A compiled file of Protobuf takes so many times what a schema of the others takes.
const PROTOBUF: usize = 4;

/// Bytes at both ends of a text by which it is looked up; the texts themselves are compared then.
const END: usize = 64;

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As the format's own implementation does.
    LikeReference,
    /// As a registry reads what it has.
    Registered,
}

/// What came of reading a text.
pub(super) type Read = Result<Arc<ParsedSchema>, Box<SchemaError>>;

/// The schemas of texts that refer to nothing.
#[derive(Default)]
pub(super) struct Known {
    schemas: RwLock<Schemas>,
    hasher: RandomState,
}

#[derive(Default)]
struct Schemas {
    by_ends: HashMap<u64, One>,
    /// What they take, in bytes of text.
    size: usize,
}

struct One {
    format: SchemaFormat,
    reading: Reading,
    text: Box<str>,
    read: Read,
}

impl Known {
    /// Reads a text, if it was not read before.
    pub fn read(&self, format: SchemaFormat, reading: Reading, text: &str) -> Read {
        let weight = if format == SchemaFormat::Protobuf { text.len() * PROTOBUF } else { text.len() };
        if weight > MOST_TEXT {
            return self::read(format, reading, text);
        }
        let bytes = text.as_bytes();
        let ends = (&bytes[..bytes.len().min(END)], &bytes[bytes.len().saturating_sub(END)..]);
        let key = self.hasher.hash_one((format, reading == Reading::Registered, bytes.len(), ends));
        // A thread that panicked while it held the lock left whole entries behind.
        let schemas = self.schemas.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = schemas.by_ends.get(&key)
            && (one.format, one.reading, &*one.text) == (format, reading, text)
        {
            return one.read.clone();
        }
        drop(schemas);
        let read = self::read(format, reading, text);
        let mut schemas = self.schemas.write().unwrap_or_else(PoisonError::into_inner);
        if schemas.size + weight > MOST_KEPT {
            *schemas = Schemas::default();
        }
        // Of two texts with the same ends the first is kept.
        if let Entry::Vacant(entry) = schemas.by_ends.entry(key) {
            entry.insert(One { format, reading, text: text.into(), read: read.clone() });
            schemas.size += weight;
        }
        read
    }
}

fn read(format: SchemaFormat, reading: Reading, text: &str) -> Read {
    let parsed = match reading {
        Reading::LikeReference => parse_like_reference(format, text, &[]),
        Reading::Registered => parse_registered(format, text, &[]),
    };
    parsed.map(Arc::new).map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_once_and_never_taken_for_another() {
        let known = Known::default();
        let of = |middle: &str| format!("{{\"type\": \"string\",{}\"{middle}\": 1{}}}", " ".repeat(99), " ".repeat(99));
        let read = |format, reading, text: &str| known.read(format, reading, text).expect("a schema");
        let first = read(SchemaFormat::Avro, Reading::LikeReference, &of("a"));
        assert!(Arc::ptr_eq(&first, &read(SchemaFormat::Avro, Reading::LikeReference, &of("a"))));
        // The ends are the same.
        assert!(!Arc::ptr_eq(&first, &read(SchemaFormat::Avro, Reading::LikeReference, &of("b"))));
        assert!(!Arc::ptr_eq(&first, &read(SchemaFormat::Avro, Reading::Registered, &of("a"))));
        assert!(matches!(&*read(SchemaFormat::Json, Reading::LikeReference, &of("a")), ParsedSchema::Json(_)));
        let wrong = r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": ""}]}"#;
        for _ in 0..2 {
            assert!(known.read(SchemaFormat::Avro, Reading::LikeReference, wrong).is_err());
            assert!(known.read(SchemaFormat::Avro, Reading::Registered, wrong).is_ok());
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let known = Known::default();
        let doc = "x".repeat(10_000);
        for number in 0..1_000 {
            let text = format!(r#"{{"doc": "{doc}", "type": "fixed", "size": {number}, "name": "A{number}"}}"#);
            assert!(known.read(SchemaFormat::Avro, Reading::Registered, &text).is_ok());
        }
        let schemas = known.schemas.read().expect("nobody panicked");
        assert!(schemas.size <= MOST_KEPT && !schemas.by_ends.is_empty());
    }
}
