use std::ops::Range;

/// One way in which a reader with one schema cannot read what was written with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incompatibility {
    /// Its kind, in the words of the reference implementation of the format: `READER_FIELD_MISSING_DEFAULT_VALUE`.
    pub code: &'static str,
    /// Where it is, in the reader's schema as the reference implementation writes it: a JSON pointer for Avro, `#/…` for
    /// JSON Schema and Protobuf.
    pub path: String,
    /// What breaks, one sentence without a full stop.
    pub message: String,
    /// The way out, where there is one that keeps the change.
    pub help: Option<String>,
    /// The bytes of the reader's text that it is about.
    pub reader: Option<Range<usize>>,
    /// The bytes of the writer's text that it is about.
    pub writer: Option<Range<usize>>,
}
