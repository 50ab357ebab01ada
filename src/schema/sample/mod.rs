//! Sample records: whether a schema takes them, and what consumers with other versions make of them.

mod mask;
mod plain;
mod step;
mod vocabulary;

use std::ops::Range;

use super::text::Json;
use super::{ParsedSchema, avro, json, protobuf};
pub use mask::{Unmasked, masked};
pub use plain::{Encoder, Message, Plain, plain};
pub use step::{Step, locate, shown};
pub use vocabulary::Vocabulary;

/// A version of a schema, made ready for records.
pub enum Codec<'s> {
    /// Avro.
    Avro(&'s avro::AvroSchema),
    /// JSON Schema.
    Json(Box<json::Validator<'s>>),
    /// Protobuf: the first message of the file.
    Protobuf(protobuf::Message),
}

/// A record as a producer writes it.
#[derive(Debug, Clone)]
pub enum Encoded {
    /// Avro's binary encoding.
    Avro(Vec<u8>),
    /// JSON.
    Json(serde_json::Value),
    /// Protobuf's binary encoding.
    Protobuf(Vec<u8>),
}

/// Why a schema is not for records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// One sentence without a full stop.
    pub message: String,
    /// The bytes of the schema that it is about, where it is about a part and that is not in a reference.
    pub range: Option<Range<usize>>,
}

impl From<String> for Unusable {
    fn from(message: String) -> Self {
        Self { message, range: None }
    }
}

/// Why a record is not of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// One sentence without a full stop.
    pub message: String,
    /// The bytes of the record's text that do not fit.
    pub range: Range<usize>,
}

/// Why a consumer cannot read a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// One sentence without a full stop.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// Where, in the record as it was written.
    pub path: Vec<Step>,
    /// The bytes of the reader's text that refuse it, where they are not in a reference.
    pub reader: Option<Range<usize>>,
}

/// How a consumer sees something else than was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// It sees another value.
    Changed,
    /// It sees a default, and a field seems to have been renamed.
    Renamed,
    /// It sees a default, for it cannot read the value; others may refuse the whole record.
    Lost,
}

/// Something that a consumer reads, but not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surprise {
    /// How.
    pub what: Alteration,
    /// One sentence without a full stop.
    pub message: String,
    /// The way out.
    pub help: String,
    /// Where, in the record as it was written.
    pub path: Vec<Step>,
    /// The bytes of the reader's text that it is about, where they are not in a reference.
    pub reader: Option<Range<usize>>,
}

impl<'s> Codec<'s> {
    /// Makes a schema ready.
    ///
    /// # Errors
    ///
    /// It can be valid and yet not for records: a Protobuf file without messages, a pattern that cannot be matched.
    pub fn new(schema: &'s ParsedSchema) -> Result<Self, Unusable> {
        Ok(match schema {
            ParsedSchema::Avro(schema) => Codec::Avro(schema),
            ParsedSchema::Json(schema) => Codec::Json(Box::new(json::Validator::new(schema)?)),
            ParsedSchema::Protobuf(schema) => Codec::Protobuf(protobuf::Message::new(schema)?),
        })
    }

    /// Names and values that the schema says itself.
    pub fn vocabulary(&self) -> Vocabulary {
        match self {
            Codec::Avro(schema) => vocabulary::of_avro(schema),
            Codec::Json(validator) => vocabulary::of_json(validator.schema()),
            Codec::Protobuf(message) => message.vocabulary(),
        }
    }

    /// Encodes a record that fits the schema exactly. `text` is what `record` was read from.
    ///
    /// # Errors
    ///
    /// What does not fit.
    pub fn encode(&self, text: &str, record: &Json<'_>) -> Result<Encoded, Misfit> {
        match self {
            Codec::Avro(schema) => {
                let datum = avro::codec::sample(schema, record);
                let misfit = |misfit: avro::codec::Misfit| Misfit {
                    message: match misfit.path.as_slice() {
                        [] => misfit.message,
                        path => format!("at `{}`: {}", shown(path), misfit.message),
                    },
                    range: misfit.range,
                };
                datum.map(|datum| Encoded::Avro(avro::codec::encode(&datum))).map_err(misfit)
            }
            Codec::Json(validator) => validator.check(record).map(Encoded::Json),
            Codec::Protobuf(message) => message.encode(text).map(Encoded::Protobuf),
        }
    }

    /// A record in the form of a sample.
    ///
    /// # Errors
    ///
    /// The bytes are not of this schema, in one sentence without a full stop.
    pub fn sample_of(&self, record: &[u8]) -> Result<String, String> {
        match self {
            Codec::Avro(schema) => {
                let decoded = avro::codec::decode(record, schema, schema).map_err(|error| error.message)?;
                if decoded.behind > 0 {
                    let bytes = crate::model::counted(decoded.behind as u64, "byte");
                    return Err(format!("it is {bytes} longer than what its schema writes"));
                }
                Ok(decoded.datum.to_json(schema))
            }
            Codec::Json(_) => {
                let text = std::str::from_utf8(record).map_err(|_| "it is no UTF-8".to_owned())?;
                Ok(text.to_owned())
            }
            Codec::Protobuf(message) => message.sample_of(record),
        }
    }

    /// Reads a record that `writer` encoded, as a consumer with this version does, and tells what is not as it was written.
    ///
    /// # Errors
    ///
    /// That consumer cannot read it.
    pub fn decode(&self, encoded: &Encoded, writer: &Codec<'_>) -> Result<Vec<Surprise>, Unreadable> {
        match (self, encoded, writer) {
            (Codec::Avro(reader), Encoded::Avro(bytes), Codec::Avro(writer)) => {
                let decoded = avro::codec::decode(bytes, writer, reader)?;
                Ok(decoded.notes.into_iter().map(Surprise::from).collect())
            }
            (Codec::Json(reader), Encoded::Json(value), _) => reader.read(value).map(|()| Vec::new()),
            (Codec::Protobuf(reader), Encoded::Protobuf(bytes), Codec::Protobuf(writer)) => {
                reader.decode(bytes, writer)
            }
            _ => Err(Unreadable {
                message: "the format is another one".to_owned(),
                help: Some("keep the format".to_owned()),
                path: Vec::new(),
                reader: None,
            }),
        }
    }

    /// Whether readers make the same of a record that this version encoded and of what another one made of the same sample.
    pub fn writes_alike(&self, encoded: &Encoded, (other, as_other): (&Codec<'_>, &Encoded)) -> bool {
        match (self, encoded, other, as_other) {
            (Codec::Avro(one), Encoded::Avro(bytes), Codec::Avro(other), Encoded::Avro(others)) => {
                bytes == others && avro::codec::write_alike(one, other)
            }
            // It is the same text, and names nothing of its writer.
            (_, Encoded::Json(_), _, Encoded::Json(_)) => true,
            (_, Encoded::Protobuf(bytes), _, Encoded::Protobuf(others)) => bytes == others,
            _ => false,
        }
    }

    /// Whether every record that fits this version fits the one before as well: nothing was added that a sample could
    /// show.
    pub fn only_narrows(&self, before: &Codec<'_>) -> bool {
        match (self, before) {
            (Codec::Avro(new), Codec::Avro(old)) => avro::codec::covers(old, new),
            (Codec::Json(new), Codec::Json(old)) => new.only_narrows(old),
            (Codec::Protobuf(new), Codec::Protobuf(old)) => new.only_narrows(old),
            _ => false,
        }
    }

    /// Whether a record that fits this version shows what it has beyond the one before.
    pub fn is_shown_by(&self, before: &Codec<'_>, text: &str, record: &Json<'_>) -> bool {
        match (self, before) {
            // Validators take fields that they do not know of.
            (Codec::Json(new), Codec::Json(old)) => old.check(record).is_err() || new.has_new_field(old, record),
            _ => before.encode(text, record).is_err(),
        }
    }
}

impl From<avro::codec::Note> for Surprise {
    fn from(note: avro::codec::Note) -> Self {
        use avro::codec::Oddity;
        let what = match note.what {
            Oddity::Renamed { .. } => Alteration::Renamed,
            Oddity::Symbol { .. } | Oddity::Inexact { .. } => Alteration::Changed,
        };
        let (message, help) = match note.what {
            Oddity::Symbol { written, read } => (
                format!("`{written}` is no symbol of its enum, and it sees the default `{read}`"),
                "consumers take it for what it is not: see whether they can bear that, or add the symbol".to_owned(),
            ),
            Oddity::Renamed { written, read, default } => (
                format!("`{written}` is not read, and `{read}` comes back as its default {default}"),
                format!("if it was renamed, add `\"aliases\": [\"{written}\"]` to `{read}`"),
            ),
            Oddity::Inexact { written, read } => (
                format!("{written} is read as {read}, which is not the same"),
                "keep the type, or say in the field's doc how exact it is".to_owned(),
            ),
        };
        Self { what, message, help, path: note.path, reader: note.reader }
    }
}
