use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::convention::{REDRIVE_ATTEMPT, REDRIVE_ID, is_in_words};
use super::decode::{Content, Decoded, Decoder, Personal, Scrubbing, Tried, Used, is_id_header};
use super::{Convention, Fingerprint, Shape, Told, Verdict, header_text, hex};
use crate::model::Timestamp;
use crate::ports::records::Record;
use crate::resources::schema::Part;
use crate::schema::text::{Json, pretty};

/// Why a key is not shown that was seen.
const SAME: &str = "it is what is masked in the value";

/// The most that is shown of bytes or of a text, in bytes.
const LONGEST: usize = 64 << 10;

/// A dead letter, for people.
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
pub struct ShownPart {
    /// How many bytes it has.
    pub bytes: usize,
    /// The schema that it was read with.
    pub schema: Option<ShownSchema>,
    /// What was tried in vain.
    pub tried: Vec<String>,
    /// Whether something in it is masked.
    pub masked: bool,
    /// Why nothing of it is shown.
    pub hidden: Option<String>,
    /// What it holds.
    #[serde(flatten)]
    pub form: Form,
}

/// A schema that something was read with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownSchema {
    /// Its id in the registry.
    pub id: String,
    /// Its format.
    pub format: &'static str,
    /// The message, of Protobuf.
    pub message: Option<String>,
    /// The subject whose newest version it is, where nothing says which schema it is of.
    pub taken_for: Option<String>,
}

/// What a key or a value holds, as far as it may be shown.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "form", content = "content", rename_all = "snake_case")]
pub enum Form {
    /// A value.
    #[serde(serialize_with = "as_json")]
    Json(Json<'static>),
    /// A text.
    Text(String),
    /// Bytes in hexadecimal digits.
    Hex(String),
    /// Nothing that may be shown.
    Hidden,
}

fn as_json<S: Serializer>(json: &Json<'static>, serializer: S) -> Result<S::Ok, S::Error> {
    // Numbers are written with the digits that they have, and nothing that a terminal obeys.
    RawValue::from_string(pretty(json).trim_end().to_owned()).map_err(serde::ser::Error::custom)?.serialize(serializer)
}

impl ShownRecord {
    /// Of a record, whose keys and values a decoder reads. What is personal is shown where `is_open`.
    pub fn of(letter: &Record<'_>, decoder: &Decoder<'_>, settled: bool, is_open: bool) -> Self {
        let told = Told::of(letter);
        let presumed = decoder.queue().presumed_origin();
        let origin = told.origin.topic.as_deref().unwrap_or(presumed);
        let Parts { key, value, taken } = Parts::of(letter, decoder, origin, is_open);
        let header = |header: &crate::ports::records::Header<'_>| {
            let shown = |value| {
                let text = header_text(header.name, value);
                match Convention::of_header(header.name) {
                    _ if is_in_words(header.name) => taken.message(&text),
                    Some(_) => taken.name(&text),
                    None if is_id_header(header.name) || [REDRIVE_ID, REDRIVE_ATTEMPT].contains(&header.name) => text,
                    None => taken.other(&text),
                }
            };
            (header.name.to_owned(), header.value.map(shown))
        };
        Self {
            partition: letter.partition,
            offset: letter.offset,
            timestamp: letter.timestamp.map(Timestamp::of_unix_millis),
            settled,
            fingerprint: Fingerprint::of(Shape::default().fill(&told, presumed)),
            verdict: Verdict::of(&told),
            convention: told.convention,
            headers: letter.headers.iter().map(header).collect(),
            unreadable: told.unreadable.iter().map(|name| (*name).to_owned()).collect(),
            key,
            value,
        }
    }
}

/// What was masked in a record that comes from this topic: what else tells of it is told without that.
pub fn masked_of(letter: &Record<'_>, decoder: &Decoder<'_>, origin: &str) -> Scrubbing {
    Parts::of(letter, decoder, origin, false).taken
}

/// Key and value of a record as they may be shown, and what was masked in them.
struct Parts {
    key: Option<ShownPart>,
    value: Option<ShownPart>,
    taken: Scrubbing,
}

impl Parts {
    fn of(letter: &Record<'_>, decoder: &Decoder<'_>, origin: &str, is_open: bool) -> Self {
        let decode = |part, bytes: Option<&[u8]>| bytes.map(|bytes| decoder.decode(letter, part, bytes, origin));
        let (key, value) = (decode(Part::Key, letter.key), decode(Part::Value, letter.value));
        let (of_key, of_value) = match is_open {
            true => {
                (Personal { is_known: true, ..Personal::default() }, Personal { is_known: true, ..Personal::default() })
            }
            false => {
                decoder.personal(origin, key.as_ref().and_then(Decoded::known), value.as_ref().and_then(Decoded::known))
            }
        };
        let is_open_to_all = |personal: &Personal| personal.is_known && !personal.is_declared();
        let is_needed = !is_open_to_all(&of_key) || !is_open_to_all(&of_value);
        let mut taken = Scrubbing::new(is_needed);
        // What failed had a value perhaps, and whoever wrote the dead letter left it out.
        if letter.value.is_none_or(<[u8]>::is_empty) && !is_open_to_all(&of_value) {
            taken.is_blind();
        }
        // The value first: what is masked in it may be the key.
        let value =
            letter.value.zip(value).map(|(bytes, decoded)| ShownPart::of(bytes, decoded, &of_value, &mut taken));
        let key = letter.key.zip(key).map(|(bytes, decoded)| ShownPart::of(bytes, decoded, &of_key, &mut taken));
        Self { key, value, taken }
    }
}

impl ShownPart {
    fn of(bytes: &[u8], decoded: Decoded, personal: &Personal, taken: &mut Scrubbing) -> Self {
        let schema = decoded.used.as_ref().map(ShownSchema::of);
        let objection = decoded.objection();
        let hidden = match &decoded.content {
            _ if bytes.is_empty() => None,
            Content::Json(_) if personal.is_known || personal.is_declared() => None,
            Content::Text(text) if taken.has(text) => Some(SAME),
            _ if personal.is_declared() => Some("it may hold personal data, and what is not decoded is not masked"),
            _ if !personal.is_known => {
                Some("it is not known what of it is personal data, for its schema could not be had")
            }
            _ => None,
        };
        if hidden.is_some_and(|why| why != SAME) {
            taken.is_blind();
        }
        let mut masked = false;
        let form = match decoded.content {
            _ if hidden.is_some() => Form::Hidden,
            Content::Json(json) => {
                let shown = personal.mask(json.clone(), taken);
                masked = shown != json;
                Form::Json(shown)
            }
            Content::Text(text) => Form::Text(bounded(text[..text.floor_char_boundary(LONGEST)].to_owned(), bytes)),
            Content::Bytes => Form::Hex(bounded(hex(&bytes[..bytes.len().min(LONGEST)]), bytes)),
        };
        // Why something cannot be read may quote it.
        let tried = decoded.tried.into_iter().chain(objection);
        let tried = tried.map(|Tried { what, why, may_quote }| {
            format!("{what}: {}", if may_quote { taken.quoting(&why) } else { why })
        });
        Self { bytes: bytes.len(), schema, tried: tried.collect(), masked, hidden: hidden.map(str::to_owned), form }
    }
}

fn bounded(text: String, of: &[u8]) -> String {
    if of.len() > LONGEST { text + "…" } else { text }
}

impl ShownSchema {
    fn of(used: &Used) -> Self {
        let taken_for = used.taken.as_ref().map(|(subject, version)| format!("version {version} of {subject}"));
        Self {
            id: used.id.to_string(),
            format: used.known.parsed.format().as_str(),
            message: used.message.as_ref().map(|(name, _)| name.clone()),
            taken_for,
        }
    }
}
