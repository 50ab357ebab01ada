//! Sample records, made of records that topics hold.

use std::collections::BTreeMap;
use std::path::Path;

use super::schemas::collect;
use super::{FoundRegistry, FoundSubject, Import};
use crate::model::{TopicName, counted};
use crate::ports::kafka::StoredRecord;
use crate::ports::registry::RegisteredSchema;
use crate::schema::sample::{Codec, masked};
use crate::schema::{SchemaFormat, parse_registered, personal_data, text};

/// Why topics have no sample, or fewer than they have records: each reason with the topics, in order, and how many of their records
/// were left out beside the first ones.
#[derive(Debug, Default)]
pub struct Unsampled(BTreeMap<String, (Vec<TopicName>, usize)>);

impl Unsampled {
    fn add(&mut self, why: String, topic: &TopicName, others: usize) {
        let (topics, left_out) = self.0.entry(why).or_default();
        if topics.last() != Some(topic) {
            topics.push(topic.clone());
        }
        *left_out += others;
    }

    /// In sentences.
    pub fn sentences(self) -> impl Iterator<Item = String> {
        self.0.into_iter().filter_map(|(why, (topics, left_out))| {
            let more = match topics.len() - 1 {
                0 => String::new(),
                more => format!(" and {}", counted(more as u64, "more topic")),
            };
            let others = match left_out {
                0 => String::new(),
                others => format!("; {} left out too", counted(others as u64, "record")),
            };
            Some(format!("a sample of {}{more}: {why}{others}", topics.first()?))
        })
    }
}

/// What of a record a sample is made of.
#[derive(Debug, Clone, Copy)]
pub enum Sampled<'f> {
    /// Its key, of this subject; the file is called `sampled-1.key.json`.
    Key(&'f FoundSubject),
    /// Its key, as what the subject itself is about.
    KeyAlone(&'f FoundSubject),
    /// Its value.
    Value(&'f FoundSubject),
}

impl<'f> Sampled<'f> {
    fn subject(self) -> &'f FoundSubject {
        match self {
            Self::Key(subject) | Self::KeyAlone(subject) | Self::Value(subject) => subject,
        }
    }

    fn bytes(self, record: &StoredRecord) -> Option<&[u8]> {
        match self {
            Self::Key(_) | Self::KeyAlone(_) => record.key.as_deref(),
            Self::Value(_) => record.value.as_deref(),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Key(_) => ".key",
            Self::KeyAlone(_) | Self::Value(_) => "",
        }
    }
}

/// Writes samples of a topic's records into a folder: `sampled-1.json`, with the key beside it where keys have a schema. Records
/// that are not of their schema are passed over.
pub fn write(
    import: &mut Import<'_>,
    registry: &FoundRegistry,
    folder: &Path,
    topic: &TopicName,
    parts: &[Sampled<'_>],
    unsampled: &mut Unsampled,
) {
    let Some(records) = import.found.records.get(topic) else { return };
    let records = match records {
        Err(why) => return unsampled.add(why.clone(), topic, 0),
        Ok(records) if records.is_empty() => return unsampled.add("no record was found there".to_owned(), topic, 0),
        Ok(records) => records,
    };
    let mut number = 0;
    let mut passed_over = Vec::new();
    for record in records {
        if number == import.request.samples {
            break;
        }
        match samples(registry, record, parts) {
            Ok(samples) if samples.is_empty() => {}
            Ok(samples) => {
                number += 1;
                for (word, text) in samples {
                    let path = folder.join(format!("sampled-{number}{word}.json"));
                    if import.paths.take(&path) {
                        import.create(path, text);
                    }
                }
            }
            Err(why) => passed_over.push(why),
        }
    }
    let others = passed_over.len().saturating_sub(1);
    if let Some(first) = passed_over.into_iter().next() {
        unsampled.add(first, topic, others);
    }
}

/// The parts of a record as samples, where it has them, each with what its file is called by.
fn samples(
    registry: &FoundRegistry,
    record: &StoredRecord,
    parts: &[Sampled<'_>],
) -> Result<Vec<(&'static str, String)>, String> {
    let there = parts.iter().filter_map(|part| Some((part, part.bytes(record)?)));
    there.map(|(part, bytes)| Ok((part.word(), of_part(registry, part.subject(), bytes)?))).collect()
}

fn of_part(registry: &FoundRegistry, subject: &FoundSubject, bytes: &[u8]) -> Result<String, String> {
    let (schema, bytes) = taken_apart(subject, bytes)?;
    let mut references = Vec::new();
    collect(registry, &schema.schema.references, &mut Default::default(), &mut references);
    let parsed = parse_registered(schema.schema.format, &schema.schema.text, &references)
        .map_err(|error| format!("version {} of its schema cannot be read: {}", schema.version, error.message))?;
    let codec = Codec::new(&parsed).map_err(|why| why.message)?;
    let version = schema.version;
    let not_of_it = |why: String| format!("a record is not of version {version} of its schema: {why}");
    let sample = codec.sample_of(bytes).map_err(not_of_it)?;
    let json = text::read(&sample).map_err(|error| not_of_it(error.message))?;
    codec.encode(&sample, &json).map_err(|misfit| not_of_it(misfit.message))?;
    // What is personal was personal before anybody said so.
    let mut personal = personal_data(schema.schema.format, &schema.schema.text, &references);
    let newest = &subject.latest.schema;
    let mut references = Vec::new();
    collect(registry, &newest.references, &mut Default::default(), &mut references);
    personal.extend(personal_data(newest.format, &newest.text, &references));
    let masked = masked(&codec, &sample, &personal).map_err(|unmasked| {
        let field = unmasked.field.map_or_else(|| "a record".to_owned(), |field| format!("`{field}`"));
        let why = if unmasked.is_too_much { "there is too much of it" } else { "nothing else fits its schema" };
        format!("personal data in {field} could not be masked: {why}")
    })?;
    let json = text::read(&masked).map_err(|error| not_of_it(error.message))?;
    Ok(text::pretty(&json))
}

/// The version that a record says that it is of, and what stands behind that. What no serializer of a registry wrote is
/// taken for one of the newest version.
fn taken_apart<'f, 'b>(subject: &'f FoundSubject, bytes: &'b [u8]) -> Result<(&'f RegisteredSchema, &'b [u8]), String> {
    let versions = || subject.earlier.iter().chain([&subject.latest]);
    let framed = bytes.split_first_chunk::<5>().filter(|(head, _)| head[0] == 0);
    let Some(([_, id @ ..], body)) = framed else { return Ok((&subject.latest, bytes)) };
    let id = u64::from(u32::from_be_bytes(*id));
    let Some(version) = versions().find(|version| version.id == id) else {
        // Avro writes a zero for the first branch of a union, and JSON never does.
        return match subject.latest.schema.format {
            SchemaFormat::Json => Err(format!("a record is of schema {id}, which is no version of the subject")),
            _ => Ok((&subject.latest, bytes)),
        };
    };
    match version.schema.format {
        SchemaFormat::Protobuf => Ok((version, behind_first_message(body)?)),
        SchemaFormat::Avro | SchemaFormat::Json => Ok((version, body)),
    }
}

/// What stands behind the place of the message in its file: of the first one a single zero, or a list of one zero.
fn behind_first_message(body: &[u8]) -> Result<&[u8], String> {
    match body {
        [0, rest @ ..] | [2, 0, rest @ ..] => Ok(rest),
        _ => Err("a record is of another message than the first of its file".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::registry::NewSchema;

    fn subject(format: SchemaFormat, texts: &[&str]) -> FoundSubject {
        let version = |(index, text): (usize, &&str)| RegisteredSchema {
            version: index as u32 + 1,
            id: 100 + index as u64,
            schema: NewSchema { format, text: (*text).to_owned(), references: Vec::new() },
            properties: BTreeMap::new(),
        };
        let mut versions: Vec<_> = texts.iter().enumerate().map(version).collect();
        let latest = versions.pop().expect("a version");
        FoundSubject { latest, level: None, earlier: versions }
    }

    fn framed(id: u8, body: &[u8]) -> Vec<u8> {
        [&[0, 0, 0, 0, id], body].concat()
    }

    fn of(subject: &FoundSubject, bytes: &[u8]) -> Result<String, String> {
        of_part(&FoundRegistry::default(), subject, bytes)
    }

    #[test]
    fn topics_with_the_same_reason_are_told_together_however_many_of_their_records_are_left_out() {
        let mut unsampled = Unsampled::default();
        for (topic, others) in [("a.b.v1", 3), ("a.c.v1", 0), ("a.d.v1", 2)] {
            unsampled.add("a record is of another schema".to_owned(), &topic.parse().expect("a name"), others);
        }
        let said: Vec<String> = unsampled.sentences().collect();
        assert_eq!(
            said,
            ["a sample of a.b.v1 and 2 more topics: a record is of another schema; 5 records left out too"]
        );
    }

    const FIRST: &str = r#"{"type":"record","name":"R","fields":[{"name":"id","type":"string"}]}"#;
    const SECOND: &str = r#"{"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"mail","type":"string","pii":true}]}"#;

    #[test]
    fn a_record_is_of_the_version_that_it_says() {
        let subject = subject(SchemaFormat::Avro, &[FIRST, SECOND]);
        assert_eq!(of(&subject, &framed(100, b"\x02a")).as_deref(), Ok("{ \"id\": \"a\" }\n"));
        let second = "{ \"id\": \"a\", \"mail\": \"masked\" }\n";
        assert_eq!(of(&subject, &framed(101, b"\x02a\x06b@c")).as_deref(), Ok(second));
        // Without a frame it is of the newest.
        assert_eq!(of(&subject, b"\x02a\x06b@c").as_deref(), Ok(second));
        let tagged = subject_of_two_that_differ_in_their_tags();
        assert_eq!(of(&tagged, &framed(100, b"\x02a\x06b@c")).as_deref(), Ok(second));
        let longer = of(&subject, b"\x02a\x06b@c!").expect_err("it is something else");
        assert!(longer.ends_with("it is 1 byte longer than what its schema writes"), "{longer}");
        let other = of(&subject, &framed(101, b"\x02a")).expect_err("it is torn");
        assert!(other.starts_with("a record is not of version 2 of its schema"), "{other}");
    }

    fn subject_of_two_that_differ_in_their_tags() -> FoundSubject {
        subject(SchemaFormat::Avro, &[&SECOND.replace(",\"pii\":true", ""), SECOND])
    }

    #[test]
    fn a_record_is_read_with_the_version_that_its_schema_refers_to() {
        let money = subject(
            SchemaFormat::Avro,
            &[
                r#"{"type":"record","name":"Money","fields":[{"name":"cents","type":"long"}]}"#,
                r#"{"type":"record","name":"Money","fields":[{"name":"cents","type":"long"},{"name":"of","type":"string","default":""}]}"#,
            ],
        );
        let name: crate::model::Subject = "money".parse().expect("a subject");
        let registry = FoundRegistry { level: None, subjects: [(name.clone(), money)].into() };
        let mut order = subject(
            SchemaFormat::Avro,
            &[r#"{"type":"record","name":"Order","fields":[{"name":"total","type":"Money"}]}"#],
        );
        let to = |version| crate::ports::registry::Reference { name: "Money".into(), subject: name.clone(), version };
        order.latest.schema.references = vec![to(1)];
        assert_eq!(
            of_part(&registry, &order, &framed(100, b"\x02")).as_deref(),
            Ok("{\n  \"total\": { \"cents\": 1 }\n}\n")
        );
        order.latest.schema.references = vec![to(2)];
        assert_eq!(
            of_part(&registry, &order, &framed(100, b"\x02\x02a")).as_deref(),
            Ok("{\n  \"total\": { \"cents\": 1, \"of\": \"a\" }\n}\n")
        );
    }

    #[test]
    fn protobuf_says_which_message_it_is() {
        let text = "syntax = \"proto3\"; message A { string id = 1; } message B { int32 id = 1; }";
        let subject = subject(SchemaFormat::Protobuf, &[text]);
        for place in [&[0][..], &[2, 0]] {
            let record = framed(100, &[place, b"\x0a\x01a"].concat());
            assert_eq!(of(&subject, &record).as_deref(), Ok("{ \"id\": \"a\" }\n"));
        }
        let second = of(&subject, &framed(100, b"\x02\x02\x08\x01")).expect_err("it is of B");
        assert!(second.contains("another message than the first"), "{second}");
    }

    #[test]
    fn json_is_taken_with_and_without_a_frame() {
        let subject = subject(SchemaFormat::Json, &[r#"{"type":"object","properties":{"id":{"type":"string"}}}"#]);
        assert_eq!(of(&subject, br#"{"id":"a"}"#).as_deref(), Ok("{ \"id\": \"a\" }\n"));
        assert_eq!(of(&subject, &framed(100, br#"{"id":"a"}"#)).as_deref(), Ok("{ \"id\": \"a\" }\n"));
        assert!(of(&subject, &framed(7, br#"{"id":"a"}"#)).expect_err("of another").contains("of schema 7"));
        assert!(of(&subject, br#"{"id":1}"#).is_err() && of(&subject, b"\xff").is_err());
    }
}
