use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Serialize;

use super::decode::{Content, Decoded, Decoder};
use super::{Fingerprint, Shape, Told, Verdict, header_text};
use crate::policy::custom::{ExpressionError, Holds, Open, OpenExpression};
use crate::ports::records::Record;
use crate::resources::schema::Part;
use crate::schema::text::{Json, Member, Value};

/// What expressions know of a dead letter. What there is not is null.
pub static VARIABLES: &[Open] = &[
    Open { name: "value", holds: None, fields: &[] },
    Open { name: "key", holds: None, fields: &[] },
    Open { name: "headers", holds: None, fields: &[] },
    Open { name: "topic", holds: Some(Holds::Text), fields: &[] },
    Open { name: "partition", holds: Some(Holds::Int), fields: &[] },
    Open { name: "offset", holds: Some(Holds::Int), fields: &[] },
    Open { name: "timestamp", holds: None, fields: &[] },
    Open { name: "origin", holds: None, fields: &["topic", "partition", "offset", "timestamp"] },
    Open { name: "convention", holds: None, fields: &[] },
    Open { name: "group", holds: None, fields: &[] },
    Open { name: "component", holds: None, fields: &[] },
    Open { name: "stage", holds: None, fields: &[] },
    Open { name: "class", holds: None, fields: &[] },
    Open { name: "cause", holds: None, fields: &[] },
    Open { name: "message", holds: None, fields: &[] },
    Open { name: "stacktrace", holds: None, fields: &[] },
    Open { name: "attempt", holds: None, fields: &[] },
    Open { name: "redrives", holds: Some(Holds::Int), fields: &[] },
    Open { name: "fingerprint", holds: Some(Holds::Text), fields: &[] },
    Open { name: "verdict", holds: Some(Holds::Text), fields: &[] },
];

/// An expression over dead letters that says which are meant. Copies of it count together.
#[derive(Clone)]
pub struct Condition(Arc<Inner>);

struct Inner {
    expression: OpenExpression,
    decoder: OnceLock<Arc<Decoder<'static>>>,
    unjudged: Mutex<Unjudged>,
}

/// Records of which an expression has no answer. They are not meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Unjudged {
    /// How many could not be decoded.
    pub undecoded: u64,
    /// The first of them, and why.
    pub first_undecoded: Option<String>,
    /// Of how many it says nothing: a field is not there, or of another type.
    pub failed: u64,
    /// The first of them, and why.
    pub first_failed: Option<String>,
}

impl FromStr for Condition {
    type Err = ExpressionError;
    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let expression = OpenExpression::condition(text, VARIABLES)?;
        Ok(Self(Arc::new(Inner { expression, decoder: OnceLock::new(), unjudged: Mutex::default() })))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.expression.text())
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expression.fmt(f)
    }
}

impl Condition {
    /// Has keys and values read by this decoder. Where it is never said, none can be read.
    pub fn read_with(&self, decoder: Arc<Decoder<'static>>) {
        // Whoever was first reads the records of the same queue.
        self.0.decoder.set(decoder).ok();
    }

    /// Whether a record is meant. `topic` is where it comes from where it does not say.
    pub fn takes(&self, letter: &Record<'_>, told: &Told<'_>, topic: &str) -> bool {
        let decoder = self.0.decoder.get().map(|decoder| &**decoder);
        let note = |count: fn(&mut Unjudged) -> (&mut u64, &mut Option<String>), why: String| {
            let mut unjudged = self.0.unjudged.lock().unwrap_or_else(PoisonError::into_inner);
            let (count, first) = count(&mut unjudged);
            *count += 1;
            first.get_or_insert_with(|| {
                format!("such as partition {} offset {}: {why}", letter.partition, letter.offset)
            });
            false
        };
        let seen = match Bindings::of(letter, told, topic, decoder, &self.0.expression, None) {
            Ok(seen) => seen,
            Err(why) => return note(|of| (&mut of.undecoded, &mut of.first_undecoded), why),
        };
        match self.0.expression.evaluate(&seen, None) {
            Ok(Json { value: Value::Bool(is_meant), .. }) => is_meant,
            Ok(other) => {
                let why = format!("it is {} and neither true nor false", other.kind());
                note(|of| (&mut of.failed, &mut of.first_failed), why)
            }
            Err(why) => note(|of| (&mut of.failed, &mut of.first_failed), why),
        }
    }

    /// What it had no answer for since this was asked before.
    pub fn unjudged(&self) -> Unjudged {
        std::mem::take(&mut self.0.unjudged.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What an expression sees of a dead letter.
pub(super) struct Bindings;

impl Bindings {
    /// The variables of a record that an expression asks for. `value` is its value, where that was decoded before.
    ///
    /// # Errors
    /// Key or value are asked for and cannot be decoded; why.
    pub fn of(
        letter: &Record<'_>,
        told: &Told<'_>,
        topic: &str,
        decoder: Option<&Decoder<'_>>,
        expression: &OpenExpression,
        mut value: Option<Decoded>,
    ) -> Result<Vec<(&'static str, Json<'static>)>, String> {
        let mut seen = Vec::new();
        let origin = told.origin.topic.as_deref().unwrap_or(topic);
        for open in VARIABLES.iter().filter(|open| expression.uses(open.name)) {
            let maybe = |text: Option<&str>| text.map_or_else(null, self::text);
            let json = match open.name {
                "value" => {
                    let decode = |bytes| decode(decoder, letter, Part::Value, bytes, origin);
                    let decoded = value.take().or_else(|| letter.value.map(decode));
                    content(decoded.as_ref(), "value", decoder)?
                }
                "key" => {
                    let decoded = letter.key.map(|bytes| decode(decoder, letter, Part::Key, bytes, origin));
                    content(decoded.as_ref(), "key", decoder)?
                }
                "headers" => {
                    // Of one name the last counts.
                    let mut members: Vec<(&str, Json<'static>)> = Vec::new();
                    for header in letter.headers {
                        let value = header.value.map_or_else(null, |value| text(&header_text(header.name, value)));
                        members.retain(|(name, _)| *name != header.name);
                        members.push((header.name, value));
                    }
                    object(members)
                }
                "topic" => text(decoder.map_or("", |decoder| decoder.queue().topic.as_str())),
                "partition" => number(letter.partition.into()),
                "offset" => number(letter.offset),
                "timestamp" => letter.timestamp.map_or_else(null, number),
                "origin" => object(vec![
                    ("topic", text(origin)),
                    ("partition", told.origin.partition.map_or_else(null, number)),
                    ("offset", told.origin.offset.map_or_else(null, number)),
                    ("timestamp", told.origin.timestamp.map_or_else(null, number)),
                ]),
                "convention" => maybe(told.convention.map(|convention| convention.as_str())),
                "group" => maybe(told.group.as_deref()),
                "component" => maybe(told.component.as_deref()),
                "stage" => maybe(told.stage.as_deref()),
                "class" => maybe(told.class.as_deref()),
                "cause" => maybe(told.cause.as_deref()),
                "message" => maybe(told.message.as_deref()),
                "stacktrace" => maybe(told.stacktrace.as_deref()),
                "attempt" => told.attempt.map_or_else(null, number),
                "redrives" => number(told.redrives().into()),
                "fingerprint" => text(&Fingerprint::of(Shape::default().fill(told, topic)).to_string()),
                "verdict" => text(Verdict::of(told).as_str()),
                _ => null(),
            };
            seen.push((open.name, json));
        }
        Ok(seen)
    }
}

fn decode(decoder: Option<&Decoder<'_>>, letter: &Record<'_>, part: Part, bytes: &[u8], origin: &str) -> Decoded {
    match decoder {
        Some(decoder) => decoder.decode(letter, part, bytes, origin),
        None => Decoded { content: Content::Bytes, used: None, tried: Vec::new(), claimed: None, is_framed: false },
    }
}

fn content(decoded: Option<&Decoded>, what: &str, decoder: Option<&Decoder<'_>>) -> Result<Json<'static>, String> {
    let Some(decoded) = decoded else { return Ok(null()) };
    match &decoded.content {
        Content::Json(json) => Ok(json.clone()),
        Content::Text(text) => Ok(self::text(text)),
        // Why each schema does not fit may quote the record.
        Content::Bytes => {
            let tried: Vec<&str> = decoded.tried.iter().map(|tried| tried.what.as_str()).collect();
            let lost = decoder.and_then(Decoder::lost);
            let lost =
                lost.map(|lost| format!("; the registry could not be asked: {}", lost.answer)).unwrap_or_default();
            Err(match tried.as_slice() {
                [] => format!("the {what} is no text, and nothing says of which schema it is{lost}"),
                tried => format!("the {what} is not read by {}{lost}", tried.join(", nor by ")),
            })
        }
    }
}

fn json(value: Value<'static>) -> Json<'static> {
    Json { range: 0..0, value }
}

fn null() -> Json<'static> {
    json(Value::Null)
}

fn text(text: &str) -> Json<'static> {
    json(Value::String(text.to_owned().into()))
}

fn number(number: i64) -> Json<'static> {
    json(Value::Number(number.to_string().into()))
}

fn object(members: Vec<(&str, Json<'static>)>) -> Json<'static> {
    let member = |(key, value): (&str, Json<'static>)| Member { key: key.to_owned().into(), key_range: 0..0, value };
    json(Value::Object(members.into_iter().map(member).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlq::decode::tests::{Memory, PERSON, PERSON_BYTES, framed_by, letter, queue};
    use crate::ports::records::Header;
    use crate::resources::Workspace;
    use crate::schema::SchemaFormat;

    fn decoder() -> Arc<Decoder<'static>> {
        static NOTHING: std::sync::LazyLock<Workspace> = std::sync::LazyLock::new(Workspace::default);
        let memory = Memory::default().with(7, "orders-value", SchemaFormat::Avro, PERSON);
        Arc::new(Decoder::new(&NOTHING, &queue(), Some(Ok(Box::new(memory)))))
    }

    fn condition(text: &str) -> Condition {
        let condition: Condition = text.parse().expect("an expression");
        condition.read_with(decoder());
        condition
    }

    fn takes(condition: &Condition, letter: &Record<'_>) -> bool {
        condition.takes(letter, &Told::of(letter), "orders")
    }

    #[test]
    fn it_sees_all_that_there_is_of_a_record() {
        let headers = [
            Header { name: "tenant", value: Some(b"a") },
            Header { name: "tenant", value: Some(b"b") },
            Header { name: "none", value: None },
            Header { name: "busctl-dlq.origin-partition", value: Some(b"4") },
            Header { name: "busctl-dlq.error-class", value: Some(b"com.acme.PriceException") },
            Header { name: "busctl-redrive.attempt", value: Some(b"2") },
        ];
        let value = framed_by(7, PERSON_BYTES);
        let letter =
            Record { partition: 3, offset: 9, timestamp: Some(5), key: Some(b"k-1"), ..letter(&value, &headers) };
        for text in [
            "value.id == 'a' && value.mail.endsWith('@c')",
            "key == 'k-1' && headers.tenant == 'b' && headers.none == null",
            "topic == 'orders.dlq' && partition == 3 && offset == 9 && timestamp == 5",
            "origin.topic == 'orders' && origin.partition == 4 && origin.offset == null",
            "convention == 'busctl' && class.endsWith('PriceException') && group == null && redrives == 2",
            "verdict in ['transient', 'schema', 'poison', 'untold'] && size(fingerprint) == 12",
        ] {
            let condition = condition(text);
            assert!(takes(&condition, &letter), "{text}: {:?}", condition.unjudged());
        }
        assert!(!takes(&condition("value.id == 'b'"), &letter));
        let tombstone = Record { value: None, ..letter };
        assert!(takes(&condition("value == null"), &tombstone));
    }

    #[test]
    fn what_it_has_no_answer_for_is_not_meant_and_counted() {
        let condition = condition("value.price > 1");
        let (person, unknown) = (framed_by(7, PERSON_BYTES), framed_by(9, b"x"));
        for value in [&person, &person, &unknown] {
            assert!(!takes(&condition, &letter(value, &[])));
        }
        let unjudged = condition.unjudged();
        assert_eq!((unjudged.failed, unjudged.undecoded), (2, 1));
        assert!(unjudged.first_failed.expect("one").starts_with("such as partition 0 offset 0: `price` is not there"));
        let undecoded = unjudged.first_undecoded.expect("one");
        let told = "the value is not read by schema 9, by the four bytes in front, nor by version 1 of `orders-value`";
        assert_eq!(undecoded, format!("such as partition 0 offset 0: {told}"));
        assert_eq!(condition.unjudged(), Unjudged::default());
        assert!(!takes(&"value != null".parse().expect("an expression"), &letter(b"x", &[])));
    }

    #[test]
    fn each_variable_is_made() {
        let letter = letter(b"x", &[]);
        for open in VARIABLES {
            let expression = OpenExpression::compile(open.name, VARIABLES).expect(open.name);
            let seen = Bindings::of(&letter, &Told::of(&letter), "orders", Some(&decoder()), &expression, None);
            let seen = seen.expect(open.name);
            assert_eq!(seen.len(), 1, "{}", open.name);
            assert!(expression.evaluate(&seen, None).is_ok(), "{}", open.name);
        }
    }

    #[test]
    fn a_mistake_is_told_with_the_names_that_there_are() {
        let error = "vlaue.x == 1".parse::<Condition>().expect_err("a slip");
        assert_eq!(error.to_string(), "column 1: there is no `vlaue`; did you mean `value`?");
        let all = "zzzz".parse::<Condition>().expect_err("none").to_string();
        assert!(all.ends_with("verdict") && all.contains("known here: value, key, headers"), "{all}");
    }
}
