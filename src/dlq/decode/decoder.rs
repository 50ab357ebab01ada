use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::known::{Known, NewestSchema, Schemas};
use super::personal::Personal;
use super::wire::{Claim, Framing, Naming, claim};
use crate::dlq::Queue;
use crate::model::{Subject, TopicName};
use crate::ports::Failure;
use crate::ports::records::Record;
use crate::ports::schemas::{SchemaId, SchemaSource};
use crate::resources::Workspace;
use crate::resources::schema::{Part, subject_of};
use crate::resources::topic::TopicSpec;
use crate::schema::sample::{Encoder, Plain, plain};
use crate::schema::text::{Json, Value, decimal, read};
use crate::schema::{ParsedSchema, SchemaFormat, personal_data};
use crate::source::Decoder as Findings;

/// Reads keys and values of the dead letters of a queue. A schema is asked for once.
pub struct Decoder<'w> {
    workspace: &'w Workspace,
    queue: Queue,
    schemas: Schemas,
    /// The subjects of topics that were asked for: some are called after what a schema says.
    subjects: Mutex<HashMap<(String, Part), Vec<Subject>>>,
    /// What the manifests say is personal in a part of a topic that was asked for.
    declared: Mutex<HashMap<(String, Part), Arc<Personal>>>,
}

/// Of how many topics it is kept what is known. Which ones there are is the word of whoever wrote the records.
const MOST_TOPICS: usize = 1_000;

/// What a key or a value holds.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// What it holds.
    pub content: Content,
    /// The schema that it was read with.
    pub used: Option<Used>,
    /// What was tried in vain.
    pub tried: Vec<Tried>,
    /// The schema that it says it is of, where that could be had: what it tags holds of bytes too that cannot be read with it.
    pub claimed: Option<Arc<Known>>,
    /// Whether it says which schema it is of.
    pub is_framed: bool,
}

/// Something that was tried in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What.
    pub what: String,
    /// Why it failed, in one sentence without a full stop.
    pub why: String,
    /// Whether that may quote what could not be read.
    pub may_quote: bool,
}

/// What a key or a value holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A value, by a schema or because it is JSON.
    Json(Json<'static>),
    /// A text.
    Text(String),
    /// Something else.
    Bytes,
}

/// A schema that something was read with.
#[derive(Debug, Clone)]
pub struct Used {
    /// The schema.
    pub known: Arc<Known>,
    /// Its id.
    pub id: SchemaId,
    /// Where the record says so; none where nothing says it, and the subject's newest was taken.
    pub framing: Option<Framing>,
    /// The subject and its version that was taken.
    pub taken: Option<(Subject, u32)>,
    /// The full name of the message, and how the record names it, of Protobuf.
    pub message: Option<(String, Naming)>,
}

impl<'w> Decoder<'w> {
    /// Reads the records of a queue with the schemas of a registry; `source` says why there is none, where it cannot be had.
    pub fn new(
        workspace: &'w Workspace,
        queue: &Queue,
        source: Option<Result<Box<dyn SchemaSource>, Failure>>,
    ) -> Self {
        Self {
            workspace,
            queue: queue.clone(),
            schemas: Schemas::new(source),
            subjects: Mutex::default(),
            declared: Mutex::default(),
        }
    }

    /// Why the registry could not be asked.
    pub fn lost(&self) -> Option<Failure> {
        self.schemas.lost()
    }

    /// The queue.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// What a part of a record holds. `origin` is the topic that it comes from.
    pub fn decode(&self, letter: &Record<'_>, part: Part, bytes: &[u8], origin: &str) -> Decoded {
        let claimed = claim(letter, part, bytes);
        let mut tried = Vec::new();
        if let Some(claimed) = &claimed {
            match self.claimed(claimed) {
                Ok((plain, used)) => return Decoded::read(plain.json, Some(used), tried),
                Err((why, may_quote)) => {
                    let what = format!("schema {}, by {}", claimed.id, claimed.framing.words());
                    tried.push(Tried { what, why, may_quote });
                }
            }
        }
        for subject in self.subjects(origin, part) {
            let Ok(Some(newest)) = self.schemas.newest(&subject) else { continue };
            match taken(&newest, bytes) {
                Ok(plain) => {
                    let NewestSchema { latest, known: Ok(known) } = &*newest else { continue };
                    let used = Used {
                        known: known.clone(),
                        id: SchemaId::Number(latest.id),
                        framing: None,
                        taken: Some((subject, latest.version)),
                        message: plain.message.clone().map(|name| (name, Naming::Indexes)),
                    };
                    return Decoded::read(plain.json, Some(used), tried);
                }
                Err(why) => tried.push(Tried {
                    what: format!("version {} of `{subject}`", newest.latest.version),
                    why,
                    may_quote: newest.latest.schema.format == SchemaFormat::Json,
                }),
            }
        }
        let content = match std::str::from_utf8(bytes) {
            // A zero in front is no text of anybody.
            Ok(text) if claimed.is_none() && is_readable(text) => {
                let looks_like_json = text.trim_start().starts_with(['{', '[']);
                match read(text).map(Json::into_owned) {
                    Ok(json) if looks_like_json => Content::Json(json),
                    Err(error) if looks_like_json => {
                        tried.push(Tried { what: "JSON".to_owned(), why: error.message, may_quote: true });
                        Content::Text(text.to_owned())
                    }
                    _ => Content::Text(text.to_owned()),
                }
            }
            _ => Content::Bytes,
        };
        let is_framed = claimed.is_some();
        let claimed = claimed.and_then(|claimed| self.schemas.of_id(claimed.id).ok());
        Decoded { content, used: None, tried, claimed, is_framed }
    }

    /// Reads what says which schema it is of; or why not, and whether that may quote it.
    fn claimed(&self, claimed: &Claim<'_>) -> Result<(Plain, Used), (String, bool)> {
        let known = self.schemas.of_id(claimed.id).map_err(|why| (why, false))?;
        let may_quote = known.parsed.format() == SchemaFormat::Json;
        let used = |message| Used {
            known: known.clone(),
            id: claimed.id,
            framing: Some(claimed.framing),
            taken: None,
            message,
        };
        if known.parsed.format() != SchemaFormat::Protobuf {
            let plain = plain(&known.parsed, None, claimed.body()).map_err(|why| (why, may_quote))?;
            return Ok((plain, used(None)));
        }
        let mut why = "nothing in it says which message of the file it is".to_owned();
        for (message, body, naming) in claimed.messages() {
            match plain(&known.parsed, message.as_ref(), body) {
                Ok(plain) => {
                    let message = plain.message.clone().map(|name| (name, naming));
                    return Ok((plain, used(message)));
                }
                Err(error) => why = error,
            }
        }
        Err((why, may_quote))
    }

    /// The subjects that the schema of a topic's part may be under: by its manifest, else by the topic's name.
    pub fn subjects(&self, topic: &str, part: Part) -> Vec<Subject> {
        let known = || self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subjects) = known().get(&(topic.to_owned(), part)) {
            return subjects.clone();
        }
        let declared = self.spec(topic).into_iter().flat_map(|spec| {
            let schemas = self.workspace.schemas_of(spec);
            let of_part = schemas.into_iter().filter(move |schema| schema.part == part);
            of_part.filter_map(move |schema| {
                let mut unused = Findings::default();
                subject_of(self.workspace, spec, part.as_str(), schema.file?, spec.topic.span, &mut unused)
            })
        });
        let mut subjects: Vec<Subject> = declared.collect();
        subjects.extend(format!("{topic}-{}", part.as_str()).parse::<Subject>());
        subjects.dedup();
        if known().len() < MOST_TOPICS {
            known().insert((topic.to_owned(), part), subjects.clone());
        }
        subjects
    }

    /// The newest version of a subject.
    pub(in crate::dlq) fn newest(&self, subject: &Subject) -> Result<Option<Arc<NewestSchema>>, String> {
        self.schemas.newest(subject)
    }

    /// The subjects that have a schema.
    pub(in crate::dlq) fn subjects_with(&self, id: SchemaId) -> Result<Vec<Subject>, String> {
        self.schemas.subjects(id)
    }

    fn spec(&self, topic: &str) -> Option<&'w TopicSpec> {
        self.workspace.topics.get(&topic.parse::<TopicName>().ok()?)
    }

    /// What of key and value is personal data: by the schemas that they are of, by the newest ones of their subjects, for what is
    /// personal was so before anybody said it, and by the manifests. `origin` is the topic that a record says it comes from; what
    /// is declared for the queue holds whatever it says.
    pub fn personal(&self, origin: &str, key: Option<&Known>, value: Option<&Known>) -> (Personal, Personal) {
        let mut topics = vec![origin, self.queue.presumed_origin(), self.queue.topic.as_str()];
        topics.retain(|topic| !topic.is_empty());
        topics.dedup();
        let mut key = self.personal_of(&topics, Part::Key, key);
        let mut value = self.personal_of(&topics, Part::Value, value);
        let specs: Vec<&TopicSpec> = topics.iter().filter_map(|topic| self.spec(topic)).collect();
        // A topic that says that it has some, and no schema that says where.
        if specs.iter().any(|spec| spec.personal_data.is_some()) && !key.is_declared() && !value.is_declared() {
            key.everything = true;
            value.everything = true;
        }
        // A domain that may have some, and nothing that describes what there is.
        if !value.is_described && topics.iter().any(|topic| self.may_hold_personal(topic)) {
            key.everything |= !key.is_described;
            value.everything = true;
        }
        let of_key = specs.iter().filter_map(|spec| spec.key.as_ref());
        let names = of_key.flat_map(|key| key.split(|c: char| !c.is_alphanumeric() && c != '_'));
        // The manifest names the fields that the key is made of.
        key.everything |= names.into_iter().any(|name| value.fields.contains(name));
        value.fields.append(&mut key.fields);
        key.fields = value.fields.clone();
        (key, value)
    }

    /// Whether the domain of a topic is one that personal data may be in.
    fn may_hold_personal(&self, topic: &str) -> bool {
        let Ok(topic) = topic.parse::<TopicName>() else { return false };
        let domain = self.workspace.catalog.domains.get(self.workspace.domain_of(&topic));
        domain.is_some_and(|domain| domain.personal_data.is_some())
    }

    fn personal_of(&self, topics: &[&str], part: Part, known: Option<&Known>) -> Personal {
        let mut personal = Personal { is_known: self.schemas.is_without(), ..Personal::default() };
        if let Some(known) = known {
            personal.add_schema(&known.personal);
        }
        for topic in topics {
            for subject in self.subjects(topic, part) {
                match self.schemas.newest(&subject).as_ref().map(|newest| newest.as_deref().map(|newest| &newest.known))
                {
                    Ok(None) => personal.is_known = true,
                    Ok(Some(Ok(known))) => personal.add_schema(&known.personal),
                    Ok(Some(Err(_))) | Err(_) => {}
                }
            }
            personal.join(&self.declared(topic, part));
        }
        personal
    }

    /// What the manifests say is personal in a part of a topic.
    fn declared(&self, topic: &str, part: Part) -> Arc<Personal> {
        let known = || self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(spec) = self.spec(topic) else { return Arc::default() };
        if let Some(personal) = known().get(&(topic.to_owned(), part)) {
            return personal.clone();
        }
        let mut personal = Personal::default();
        let references = spec.schema.as_ref().map_or(&[][..], |schema| schema.references.as_slice());
        let references = self.workspace.resolve_references(references);
        for file in self.workspace.schemas_of(spec).iter().filter(|schema| schema.part == part) {
            let Some(file) = file.file else { continue };
            let text = &self.workspace.sources.file(file.file).text;
            personal.add_schema(&personal_data(file.format, text, &references));
        }
        let personal = Arc::new(personal);
        known().insert((topic.to_owned(), part), personal.clone());
        personal
    }
}

impl Decoded {
    fn read(json: Json<'static>, used: Option<Used>, tried: Vec<Tried>) -> Self {
        let is_framed = used.as_ref().is_some_and(|used| used.framing.is_some());
        Self { content: Content::Json(json), used, tried, claimed: None, is_framed }
    }

    /// The schema that it was read with, or else says it is of.
    pub fn known(&self) -> Option<&Known> {
        self.used.as_ref().map(|used| &*used.known).or(self.claimed.as_deref())
    }

    /// Why what was read is not valid by its schema all the same, where that is known. Of JSON a schema reads everything.
    pub fn objection(&self) -> Option<Tried> {
        let (Content::Json(json), Some(used)) = (&self.content, &self.used) else { return None };
        if used.known.parsed.format() != SchemaFormat::Json {
            return None;
        }
        let encoder = Encoder::new(&used.known.parsed).ok()?;
        let why = encoder.encode(json, None).err()?;
        Some(Tried { what: format!("schema {}, which reads it and does not take it", used.id), why, may_quote: true })
    }

    /// Whether every number in it is one that expressions can calculate with, and write again as it was.
    pub fn is_exact(&self) -> bool {
        match &self.content {
            Content::Json(json) => is_exact(json),
            Content::Text(_) | Content::Bytes => true,
        }
    }
}

fn is_exact(json: &Json<'_>) -> bool {
    match &json.value {
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(members) => members.iter().all(|member| is_exact(&member.value)),
        Value::Number(digits) if digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok() => true,
        Value::Number(digits) => {
            digits.parse::<f64>().is_ok_and(|number| decimal(&number.to_string()) == decimal(digits))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// Reads bytes that say nothing of their schema with the newest of a subject.
fn taken(newest: &NewestSchema, bytes: &[u8]) -> Result<Plain, String> {
    let known = newest.known.as_ref().map_err(Clone::clone)?;
    // Of JSON every schema reads everything.
    if matches!(known.parsed, ParsedSchema::Json(_)) && !bytes.first().is_some_and(|first| b"{[".contains(first)) {
        return Err("it is neither an object nor an array".to_owned());
    }
    plain(&known.parsed, None, bytes)
}

/// Whether a text can be shown as it is.
fn is_readable(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}
