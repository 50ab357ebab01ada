use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::course::{Course, size};
use super::repairs::{Made, Notes, Quotes};
use super::{Refusal, Repairs, Terms};
use crate::dlq::condition::Bindings;
use crate::dlq::decode::{Content, Decoded, Decoder, Framing, Naming, NewestSchema, Used, framed, framing_header};
use crate::dlq::{Told, VARIABLES};
use crate::model::{Subject, TopicName};
use crate::policy::custom::{ExpressionError, OpenExpression};
use crate::ports::records::{Header, Record};
use crate::resources::schema::Part;
use crate::schema::SchemaFormat;
use crate::schema::sample::Encoder;
use crate::schema::text::{Json, Value};

/// Makes the values of dead letters anew: an expression of each record, encoded with the newest schema of the topic that it goes
/// to, and written as it was.
pub struct Repair {
    expression: OpenExpression,
    digest: String,
    decoder: Arc<Decoder<'static>>,
    notes: Notes,
}

/// A value that was made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The value.
    pub value: Vec<u8>,
    /// The header that says which schema it is of now, where a header said it before.
    header: Option<(&'static str, Vec<u8>)>,
}

/// Why a value could not be made anew.
struct Unrepaired {
    refusal: Refusal,
    /// In one sentence without a full stop.
    why: String,
    /// What of the record it may quote.
    quotes: Quotes,
}

impl Repair {
    /// By an expression, of records that this decoder reads.
    ///
    /// # Errors
    /// The text is no expression.
    pub fn new(text: &str, decoder: Arc<Decoder<'static>>) -> Result<Self, ExpressionError> {
        let expression = OpenExpression::compile(text, VARIABLES)?;
        let hex: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = format!("sha256:{hex}");
        let notes = Notes::new(&digest);
        Ok(Self { expression, digest, decoder, notes })
    }

    /// `sha256:` and the digest of the expression's text.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What was made of values so far.
    pub fn told(&self) -> Repairs {
        self.notes.so_far()
    }

    /// What is to become of a dead letter, and its value made anew, where it is sent. Tombstones are left alone.
    pub(super) fn on_course(
        &self,
        letter: &Record<'_>,
        told: &Told<'_>,
        presumed: &str,
        terms: &Terms,
        course: Course,
    ) -> (Course, Option<Repaired>) {
        let (Course::Send { to, .. }, Some(value)) = (&course, letter.value) else { return (course, None) };
        let origin = told.origin.topic.as_deref().unwrap_or(presumed);
        match self.make(letter, value, told, presumed, origin, to) {
            Ok(made) => {
                let after = Record { value: Some(&made.repaired.value), ..*letter };
                let most = terms.targets.get(to).and_then(|target| target.most_bytes);
                if most.is_some_and(|most| size(&after) > most) {
                    return (Course::Stay(Refusal::TooLarge(to.clone())), None);
                }
                self.notes.made(&self.decoder, letter, origin, &made);
                (course, Some(made.repaired))
            }
            Err(Unrepaired { refusal, why, quotes }) => {
                self.notes.failure(&self.decoder, letter, origin, &why, quotes);
                (Course::Stay(refusal), None)
            }
        }
    }

    fn make(
        &self,
        letter: &Record<'_>,
        value: &[u8],
        told: &Told<'_>,
        presumed: &str,
        origin: &str,
        to: &TopicName,
    ) -> Result<Made, Unrepaired> {
        let decoded = self.decoder.decode(letter, Part::Value, value, origin);
        let unrepaired = |refusal, why: String| Unrepaired { refusal, why, quotes: Quotes::Nothing };
        let before = match &decoded.content {
            Content::Json(json) => json.clone(),
            Content::Text(text) => Json { range: 0..0, value: Value::String(text.clone().into()) },
            Content::Bytes => {
                let tried: Vec<_> =
                    decoded.tried.iter().map(|tried| format!("{}: {}", tried.what, tried.why)).collect();
                let unrepaired = unrepaired(Refusal::NotDecoded, tried.join("; "));
                let may_quote = decoded.tried.iter().any(|tried| tried.may_quote);
                return Err(Unrepaired {
                    quotes: if may_quote { Quotes::Anything } else { Quotes::Nothing },
                    ..unrepaired
                });
            }
        };
        if !decoded.is_exact() {
            return Err(unrepaired(
                Refusal::Inexact,
                "a number has more digits than expressions calculate with".into(),
            ));
        }
        let seen = Bindings::of(letter, told, presumed, Some(&self.decoder), &self.expression, Some(decoded.clone()))
            .map_err(|why| unrepaired(Refusal::NotDecoded, why))?;
        let after = self.expression.evaluate(&seen, Some(&before));
        let after = after.map_err(|why| unrepaired(Refusal::NotTransformed, why))?;
        if after.value == Value::Null {
            return Err(unrepaired(Refusal::NotTransformed, "it yields null, and a repair makes no tombstone".into()));
        }
        let newest = self.newest(to, origin, decoded.used.as_ref());
        let newest = newest.map_err(|why| unrepaired(Refusal::NoSchema(to.clone()), why))?;
        let (repaired, is_checked) = match &newest {
            Some((subject, newest)) => (self.encode(&after, &decoded, subject, newest, to)?, true),
            None if decoded.used.is_some() => {
                let why = format!("neither {to} nor {origin} has a subject in the registry");
                return Err(unrepaired(Refusal::NoSchema(to.clone()), why));
            }
            None => {
                let value = match (&decoded.content, &after.value) {
                    (Content::Text(_), Value::String(text)) => text.as_bytes().to_vec(),
                    _ => after.to_string().into_bytes(),
                };
                (Repaired { value, header: None }, false)
            }
        };
        Ok(Made { before, after, decoded, repaired, is_checked })
    }

    /// The newest schema that records of a topic have: under its own name, under that of their origin, or under the one subject
    /// that has the schema which they had.
    fn newest(
        &self,
        to: &TopicName,
        origin: &str,
        used: Option<&Used>,
    ) -> Result<Option<(Subject, Arc<NewestSchema>)>, String> {
        for topic in [to.as_str(), origin] {
            for subject in self.decoder.subjects(topic, Part::Value) {
                if let Some(newest) = self.decoder.newest(&subject)? {
                    return Ok(Some((subject, newest)));
                }
            }
        }
        let Some(used) = used else { return Ok(None) };
        match self.decoder.subjects_with(used.id)?.as_slice() {
            [] => Ok(None),
            [subject] => Ok(self.decoder.newest(subject)?.map(|newest| (subject.clone(), newest))),
            several => {
                let names: Vec<_> = several.iter().map(ToString::to_string).collect();
                Err(format!(
                    "schema {} is of several subjects, none of them called after {to}: {}",
                    used.id,
                    names.join(", ")
                ))
            }
        }
    }

    fn encode(
        &self,
        after: &Json<'static>,
        decoded: &Decoded,
        subject: &Subject,
        newest: &NewestSchema,
        to: &TopicName,
    ) -> Result<Repaired, Unrepaired> {
        let NewestSchema { latest, known } = newest;
        let no_schema =
            |why: String| Unrepaired { refusal: Refusal::NoSchema(to.clone()), why, quotes: Quotes::Nothing };
        let unfit = |why: String| Unrepaired {
            refusal: Refusal::NotOfSchema(subject.clone()),
            why,
            quotes: Quotes::Made(after.clone()),
        };
        let known = known.as_ref().map_err(|why| no_schema(why.clone()))?;
        let encoder = Encoder::new(&known.parsed).map_err(|why| no_schema(why.message))?;
        let message = decoded.used.as_ref().and_then(|used| used.message.as_ref());
        let encoded = encoder.encode(after, message.map(|(name, _)| name.as_str()));
        let (body, place) = encoded.map_err(|why| unfit(format!("by version {}: {why}", latest.version)))?;
        // What was JSON where another format is wanted had no id because it was wrong as a whole.
        let framing = match &decoded.used {
            Some(used) => used.framing,
            None => (latest.schema.format != SchemaFormat::Json).then_some(Framing::Four),
        };
        let Some(framing) = framing else { return Ok(Repaired { value: body, header: None }) };
        let (name, naming) = message.map_or(("", Naming::Indexes), |(name, naming)| (name.as_str(), *naming));
        let message = place.as_deref().map(|place| (naming, name, place));
        let (value, header) = framed(framing, latest, message, &body).map_err(unfit)?;
        Ok(Repaired { value, header: framing_header(framing, Part::Value).zip(header) })
    }
}

impl Repaired {
    /// Puts the header that says which schema the value is of in the place of the one that said it.
    pub(super) fn put_header<'h>(&'h self, headers: &mut Vec<Header<'h>>) {
        let Some((name, value)) = &self.header else { return };
        match headers.iter_mut().rev().find(|header| header.name == *name) {
            Some(header) => header.value = Some(value),
            None => headers.push(Header { name, value: Some(value) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use super::*;
    use crate::dlq::decode::MASKED;
    use crate::dlq::decode::tests::{Memory, PERSON, PERSON_BYTES, framed_by, letter, queue};
    use crate::dlq::settle::{Route, Target, Timing};
    use crate::resources::Workspace;

    static NOTHING: LazyLock<Workspace> = LazyLock::new(Workspace::default);

    const NEWER: &str = r#"{"type":"record","name":"P","fields":[{"name":"id","type":"string"},
        {"name":"mail","type":["null","string"],"pii":true},{"name":"price","type":"long","default":3}]}"#;

    fn repair(text: &str, memory: &Memory) -> Repair {
        let decoder = Decoder::new(&NOTHING, &queue(), Some(Ok(Box::new(memory.clone()))));
        Repair::new(text, Arc::new(decoder)).expect("an expression")
    }

    fn of(repair: &Repair, letter: &Record<'_>) -> Result<Repaired, Refusal> {
        let to: TopicName = "orders".parse().expect("a topic");
        let target = Target {
            partitions: 1,
            retention: None,
            is_compacted: false,
            most_before: None,
            most_after: None,
            most_bytes: Some(1_000),
            has_append_time: false,
        };
        let terms = Terms {
            route: Route::Origin,
            presumed_origin: None,
            max_attempts: 3,
            parking: None,
            timing: Timing::Now,
            targets: BTreeMap::from([(to.clone(), target)]),
            refused: BTreeMap::new(),
            partitions: BTreeMap::new(),
            now: 0,
        };
        let course = Course::Send { to, partition: None, timestamp: None, attempt: 1 };
        match repair.on_course(letter, &Told::of(letter), "orders", &terms, course) {
            (Course::Send { .. }, Some(repaired)) => Ok(repaired),
            (Course::Stay(refusal), None) => Err(refusal),
            (course, repaired) => panic!("{course:?} {repaired:?}"),
        }
    }

    fn avro() -> Memory {
        let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
        memory.with(8, "orders-value", SchemaFormat::Avro, NEWER)
    }

    #[test]
    fn a_value_is_encoded_by_the_newest_schema_and_framed_as_it_was() {
        let repair = repair("value.with({'id': value.id + 'x', 'note': 0}).without(['note'])", &avro());
        let value = framed_by(7, PERSON_BYTES);
        let repaired = of(&repair, &letter(&value, &[])).expect("it fits");
        assert_eq!(repaired.value, framed_by(8, b"\x04ax\x02\x06b@c\x06"));
        let told = repair.told();
        assert_eq!((told.transformed, told.unchecked), (1, 0));
        assert_eq!(told.samples[0].before, r#"{ "id": "a", "mail": "(masked)" }"#);
        assert_eq!(told.samples[0].after, r#"{ "id": "ax", "mail": "(masked)" }"#);
        assert!(repair.digest().starts_with("sha256:") && repair.digest().len() == 71);
    }

    #[test]
    fn an_id_in_a_header_is_the_new_ones() {
        let repair = repair("value", &avro());
        let headers = [
            Header { name: "a", value: None },
            Header { name: "__value_schema_id", value: Some(b"\x00\x00\x00\x00\x07") },
            Header { name: "b", value: None },
        ];
        let repaired = of(&repair, &letter(PERSON_BYTES, &headers)).expect("it fits");
        assert_eq!(repaired.value, b"\x02a\x02\x06b@c\x06");
        let mut after = headers.to_vec();
        repaired.put_header(&mut after);
        assert_eq!(after[1].value, Some(&b"\x00\x00\x00\x00\x08"[..]));
        assert_eq!((after.len(), after[2]), (3, headers[2]));
    }

    #[test]
    fn what_does_not_fit_stays_and_why_is_told_without_what_is_personal() {
        let value = framed_by(7, PERSON_BYTES);
        let subject: Subject = "orders-value".parse().expect("a subject");
        let cases = [
            ("value.with({'price': value.mail})", Refusal::NotOfSchema(subject.clone())),
            ("value.with({'prise': 1})", Refusal::NotOfSchema(subject)),
            ("value.nothing", Refusal::NotTransformed),
            ("null", Refusal::NotTransformed),
        ];
        for (text, refusal) in cases {
            let repair = repair(text, &avro());
            assert_eq!(of(&repair, &letter(&value, &[])), Err(refusal), "{text}");
            let told = repair.told();
            assert_eq!((told.transformed, told.failures.len()), (0, 1), "{text}");
            assert!(!told.failures[0].contains("b@c"), "{}", told.failures[0]);
        }
        let odd = framed_by(9, b"x");
        assert_eq!(of(&repair("value", &avro()), &letter(&odd, &[])), Err(Refusal::NotDecoded));
        let large = repair("{'id': value.id + value.id + value.id, 'mail': null}", &avro());
        let id = [&[0xa0_u8, 0x06][..], &[b'a'; 400], &[0]].concat();
        let topic: TopicName = "orders".parse().expect("a topic");
        assert_eq!(of(&large, &letter(&framed_by(7, &id), &[])), Err(Refusal::TooLarge(topic)));
    }

    #[test]
    fn what_an_expression_moves_is_masked_where_it_goes() {
        let repair = repair("value.with({'id': 'of ' + value.mail})", &avro());
        of(&repair, &letter(&framed_by(7, PERSON_BYTES), &[])).expect("it fits");
        assert_eq!(repair.told().samples[0].after, r#"{ "id": "of (masked)", "mail": "(masked)" }"#);
    }

    #[test]
    fn a_text_is_masked_as_a_whole() {
        let repair = repair("{'id': value, 'mail': null}", &avro());
        of(&repair, &letter(b"Ann Ash", &[])).expect("it fits");
        let sample = repair.told().samples.remove(0);
        assert_eq!((sample.before.as_str(), sample.after.as_str()), (MASKED, MASKED));
    }

    #[test]
    fn json_and_text_are_written_as_such() {
        let schema = r#"{"type":"object","properties":{"n":{"type":"integer"}}}"#;
        let memory = Memory::default().with(7, "orders-value", SchemaFormat::Json, schema);
        let more = repair("value.with({'n': 2})", &memory);
        assert_eq!(of(&more, &letter(br#"{"n": 1, "m": 1.5}"#, &[])).expect("it fits").value, br#"{"n": 2, "m": 1.5}"#);
        assert_eq!(of(&more, &letter(br#"{"n": 1, "m": 1.00000000000000000001}"#, &[])), Err(Refusal::Inexact));
        let unfit = repair("value.with({'n': 'x'})", &memory);
        assert!(matches!(of(&unfit, &letter(br#"{"n": 1}"#, &[])), Err(Refusal::NotOfSchema(_))));
        let none = repair("value + '!'", &Memory::default());
        assert_eq!(of(&none, &letter(b"text", &[])).expect("a text").value, b"text!");
        assert_eq!(none.told().unchecked, 1);
        // Where the topic has Avro, JSON was the mistake.
        let mended = of(&repair("value", &avro()), &letter(br#"{"id": "a", "mail": null}"#, &[])).expect("it fits");
        assert_eq!(mended.value, framed_by(8, b"\x02a\x00\x06"));
    }

    #[test]
    fn a_message_of_protobuf_stays_the_same_message() {
        let text = "syntax = \"proto3\"; package a; message A { string id = 1; } message B { int64 n = 1; }";
        let newer =
            text.replace("message A", "message Z { bool b = 1; } message A").replace("n = 1;", "n = 1; bool c = 2;");
        let memory = Memory::default().with(7, "orders-value", SchemaFormat::Protobuf, text);
        let memory = memory.with(8, "orders-value", SchemaFormat::Protobuf, &newer);
        let repair = repair("{'n': value.n + 1, 'c': true}", &memory);
        let value = framed_by(7, b"\x02\x02\x08\x05");
        let repaired = of(&repair, &letter(&value, &[])).expect("it fits");
        assert_eq!(repaired.value, framed_by(8, b"\x02\x04\x08\x06\x10\x01"));
    }
}
