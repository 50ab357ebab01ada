use serde::Serialize;

use super::{Convention, Fingerprint, Shape, Told, Verdict, header_text, hex};
use crate::model::Timestamp;
use crate::ports::records::Record;

/// The most that is shown of a key or a value, in bytes.
const LONGEST: usize = 64 << 10;

/// A dead letter, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownRecord {
    /// Its partition of the dead-letter topic.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// Its timestamp.
    pub timestamp: Option<Timestamp>,
    /// Whether it was settled before.
    pub settled: bool,
    /// By what its group is known.
    pub fingerprint: Fingerprint,
    /// What kind of failure it is.
    pub verdict: Verdict,
    /// Whose headers it has.
    pub convention: Option<Convention>,
    /// Its headers in order; a value that there is not is none.
    pub headers: Vec<(String, Option<String>)>,
    /// Headers of the convention whose values are not written as it says.
    pub unreadable: Vec<String>,
    /// Its key.
    pub key: Option<ShownPart>,
    /// Its value; none in a tombstone.
    pub value: Option<ShownPart>,
}

/// A key or a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownPart {
    /// How many bytes it has.
    pub bytes: usize,
    /// The id of its schema in the registry, where it begins as serializers of registries write it.
    pub schema_id: Option<u32>,
    /// What it holds, where that may be shown: a text, or the bytes in hexadecimal digits.
    pub content: Option<String>,
}

impl ShownRecord {
    /// Of a record. `topic` is where it comes from where it does not say; what it holds is shown where `is_open`.
    pub fn of(letter: &Record<'_>, topic: &str, settled: bool, is_open: bool) -> Self {
        let told = Told::of(letter);
        let header = |header: &crate::ports::records::Header<'_>| {
            (header.name.to_owned(), header.value.map(|value| header_text(header.name, value)))
        };
        Self {
            partition: letter.partition,
            offset: letter.offset,
            timestamp: letter.timestamp.map(Timestamp::of_unix_millis),
            settled,
            fingerprint: Fingerprint::of(Shape::default().fill(&told, topic)),
            verdict: Verdict::of(&told),
            convention: told.convention,
            headers: letter.headers.iter().map(header).collect(),
            unreadable: told.unreadable.iter().map(|name| (*name).to_owned()).collect(),
            key: letter.key.map(|key| ShownPart::of(key, is_open)),
            value: letter.value.map(|value| ShownPart::of(value, is_open)),
        }
    }
}

impl ShownPart {
    fn of(bytes: &[u8], is_open: bool) -> Self {
        let schema_id = match bytes {
            [0, a, b, c, d, ..] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
            _ => None,
        };
        let content = || {
            let start = &bytes[..bytes.len().min(LONGEST)];
            let mut content = match std::str::from_utf8(bytes) {
                Ok(text) if schema_id.is_none() => text[..text.floor_char_boundary(LONGEST)].to_owned(),
                _ => hex(start),
            };
            if start.len() < bytes.len() {
                content.push('…');
            }
            content
        };
        Self { bytes: bytes.len(), schema_id, content: is_open.then(content) }
    }
}
