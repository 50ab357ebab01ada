use std::ops::Range;

use super::datum::Datum;
use crate::schema::sample::Step;

/// What a reader makes of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The value, of the reader's schema.
    pub datum: Datum,
    /// What is not as it was written.
    pub notes: Vec<Note>,
    /// How many bytes stand behind what the writer's schema writes.
    pub behind: usize,
}

/// Something that a reader sees otherwise than it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// Where, in the record as it was written.
    pub path: Vec<Step>,
    /// What.
    pub what: Oddity,
    /// The bytes of the reader's text that it is about, where it is not in a reference.
    pub reader: Option<Range<usize>>,
}

/// How a reader sees something otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Oddity {
    /// A symbol that the reader's enum lacks became its default.
    Symbol {
        /// The symbol that was written.
        written: String,
        /// The default that the reader sees.
        read: String,
    },
    /// A field of the writer is not read, and one of the same type that only the reader has came back as its default.
    Renamed {
        /// The field of the writer.
        written: String,
        /// The field of the reader.
        read: String,
        /// What the reader sees.
        default: String,
    },
    /// The reader's type cannot hold the value exactly.
    Inexact {
        /// As it was written.
        written: String,
        /// As it is read.
        read: String,
    },
}
