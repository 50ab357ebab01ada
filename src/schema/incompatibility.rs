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
    /// What one of the two has not, where that is what it is about. The bytes on that side are those of what lacks it.
    pub lacks: Option<Lack>,
    /// Where it is in the texts that the two refer to, if it lies there. The bytes above are then those that lead there.
    pub referred: InReferences,
}

/// Places in what the two schemas refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InReferences {
    /// In what the reader's schema refers to.
    pub reader: Option<InReference>,
    /// In what the writer's schema refers to.
    pub writer: Option<InReference>,
}

/// A place in the text of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InReference {
    /// The name that the schema has for it.
    pub name: String,
    /// The bytes of its text.
    pub range: Range<usize>,
}

/// That one side has not what the other one has, in words for its place: there is no `maxLength` here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// The reader's schema has it not.
    Reader(String),
    /// The writer's schema has it not.
    Writer(String),
}

impl Incompatibility {
    /// The bytes of the reader's text, if what it is about stands there.
    pub fn reader_has(&self) -> Option<&Range<usize>> {
        self.reader.as_ref().filter(|_| !matches!(self.lacks, Some(Lack::Reader(_))))
    }

    /// The bytes of the writer's text, if what it is about stands there.
    pub fn writer_has(&self) -> Option<&Range<usize>> {
        self.writer.as_ref().filter(|_| !matches!(self.lacks, Some(Lack::Writer(_))))
    }
}
