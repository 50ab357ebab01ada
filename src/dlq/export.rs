use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::records::Record;

/// The version of every export that is written.
const FORMAT_VERSION: u32 = 1;

/// Takes records before they are given up.
pub trait Export {
    /// Its name, for the ledger.
    fn name(&self) -> &str;

    /// Whether nothing of it is kept before all of it is. Then all records are added before the first one is given up.
    fn is_kept_whole(&self) -> bool {
        false
    }

    /// Adds a record.
    fn write(&mut self, letter: &Record<'_>) -> Result<(), Failure>;

    /// Whatever was added is kept, also where the machine fails now.
    fn sync(&mut self) -> Result<(), Failure>;
}

/// The first line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportHead {
    /// The version of the file: 1.
    pub format_version: u32,
    /// The dead-letter topic.
    pub topic: TopicName,
    /// Its id.
    pub topic_id: TopicId,
    /// The run that wrote it. Which of the records it really gave up is in the ledger.
    pub run: Uuid,
}

impl ExportHead {
    /// That of a run over a queue.
    pub fn new(topic: &TopicName, topic_id: TopicId, run: Uuid) -> Self {
        Self { format_version: FORMAT_VERSION, topic: topic.clone(), topic_id, run }
    }
}

/// A record in an export, one a line: everything of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedRecord {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// Its key, in base64.
    pub key: Option<Base64>,
    /// Its value, in base64.
    pub value: Option<Base64>,
    /// Its headers, in order.
    pub headers: Vec<(String, Option<Base64>)>,
}

/// Bytes that are written as base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl ExportedRecord {
    /// A record as it is exported.
    pub fn of(letter: &Record<'_>) -> Self {
        let bytes = |bytes: Option<&[u8]>| bytes.map(|bytes| Base64(bytes.to_vec()));
        Self {
            partition: letter.partition,
            offset: letter.offset,
            timestamp: letter.timestamp,
            key: bytes(letter.key),
            value: bytes(letter.value),
            headers: letter.headers.iter().map(|header| (header.name.to_owned(), bytes(header.value))).collect(),
        }
    }
}

/// An export that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What it is of.
    pub head: ExportHead,
    /// Its records.
    pub records: Vec<ExportedRecord>,
    /// The number of the last line, where that has no end.
    pub cut: Option<usize>,
}

impl Exported {
    /// Reads an export.
    ///
    /// # Errors
    /// Names the line that is none of an export. A last line without an end may be that of a run that was killed while it wrote: what
    /// stands there was not given up then. It is left out, and told.
    pub fn read(text: &str) -> Result<Self, String> {
        let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        let mut lines = whole.lines().zip(1_usize..);
        let told = |number: usize, error: serde_json::Error| format!("line {number} is none of an export: {error}");
        let (first, number) = lines.next().ok_or("it is empty")?;
        let head: ExportHead = serde_json::from_str(first).map_err(|error| told(number, error))?;
        if head.format_version != FORMAT_VERSION {
            return Err(format!("it is of version {}, and this busctl reads {FORMAT_VERSION}", head.format_version));
        }
        let mut seen = BTreeSet::new();
        let mut records = Vec::new();
        for (line, number) in lines {
            let record: ExportedRecord = serde_json::from_str(line).map_err(|error| told(number, error))?;
            if seen.insert((record.partition, record.offset)) {
                records.push(record);
            }
        }
        let cut = (whole.len() < text.len()).then(|| whole.lines().count() + 1);
        Ok(Self { head, records, cut })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::records::Header;

    fn head() -> ExportHead {
        let id = TopicId::of_bytes([1; 16]).expect("it is an id");
        ExportHead::new(&"orders.dlq".parse().expect("a name"), id, Uuid::nil())
    }

    #[test]
    fn a_record_comes_back_byte_for_byte() {
        let headers = [Header { name: "n", value: None }, Header { name: "n", value: Some(b"\xff\x00") }];
        let letter =
            Record { partition: 1, offset: 7, timestamp: Some(-1), key: Some(b""), value: None, headers: &headers };
        let line = |value: &dyn Fn() -> String| value() + "\n";
        let record = ExportedRecord::of(&letter);
        let text = line(&|| serde_json::to_string(&head()).expect("JSON"))
            + &line(&|| serde_json::to_string(&record).expect("JSON"));
        let read = Exported::read(&text).expect("it is one");
        assert_eq!(read, Exported { head: head(), records: vec![record], cut: None });
        // What a killed run left behind.
        assert_eq!(Exported::read(&format!("{text}{{\"part")), Ok(Exported { cut: Some(3), ..read }));
    }

    #[test]
    fn what_is_no_export_is_told_by_its_line() {
        let text = serde_json::to_string(&head()).expect("JSON");
        for (text, expected) in [
            (String::new(), "it is empty"),
            ("{}\n".to_owned(), "line 1 is none of an export"),
            (format!("{text}\nx\n"), "line 2 is none of an export"),
            (format!("{}\n", text.replace(":1,", ":9,")), "it is of version 9"),
        ] {
            let told = Exported::read(&text).expect_err("it is none");
            assert!(told.starts_with(expected), "{told}");
        }
    }
}
