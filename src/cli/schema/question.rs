//! A question of `schema check --pairs`: one line of JSON, and what is wrong with a line that is none.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::check::parse_level;
use super::files::TYPES;
use crate::render::elided;
use crate::render::findings::LONGEST_MESSAGE;
use crate::schema::{Compatibility, SchemaFormat};

/// What a question has. Other members are labels of other tools, and left alone.
const MEMBERS: [&str; 8] = ["id", "format", "old", "previous", "new", "level", "references", "old_references"];

/// What a question asks.
pub(super) struct Question {
    /// The format of all texts.
    pub format: SchemaFormat,
    /// The versions before.
    pub before: Before,
    /// The new version.
    pub new: String,
    /// The level; backward where there is none.
    pub level: Compatibility,
    /// What the schemas refer to, name and text, each behind those that it refers to itself.
    pub references: Vec<Reference>,
    /// What those before refer to in place of it, or besides.
    pub old_references: Vec<Reference>,
}

/// What a schema refers to: the name and the text.
pub(super) type Reference = (String, String);

/// An earlier version.
pub(super) struct Earlier {
    /// Its text.
    pub text: String,
    /// What it alone refers to in place of what the others do, or besides.
    pub references: Vec<Reference>,
}

/// The versions before.
pub(super) enum Before {
    /// One.
    Old(String),
    /// A history, the oldest first.
    Previous(Vec<Earlier>),
}

/// Reads a question: its id as it is written, and what it asks or why it is none.
pub(super) fn read(line: &[u8]) -> (Option<&RawValue>, Result<Question, String>) {
    let (members, read) = Members::of(line);
    let question = match (read, members.twice) {
        (Err(error), _) => Err(no_object(line, &error)),
        (Ok(()), Some(name)) => Err(format!("it has `{name}` twice")),
        (Ok(()), None) => question(members.known, &members.misspelt),
    };
    (members.id, question)
}

/// The id of a line of which only the start is there, where that has it.
pub(super) fn id_of_start(line: &[u8]) -> Option<&RawValue> {
    Members::of(line).0.id
}

/// The members of a line.
#[derive(Default)]
struct Members<'l> {
    /// No tool gets another id than it gave: it is not taken apart.
    id: Option<&'l RawValue>,
    known: serde_json::Map<String, Value>,
    /// Members of no name of ours, and the name that was meant.
    misspelt: Vec<(String, &'static str)>,
    twice: Option<String>,
}

impl<'l> Members<'l> {
    /// Those that stand before whatever is wrong with a line, and what that is.
    fn of(line: &'l [u8]) -> (Self, Result<(), serde_json::Error>) {
        let mut members = Self::default();
        let mut json = serde_json::Deserializer::from_slice(line);
        let read = json.deserialize_map(&mut members).and_then(|()| json.end());
        // A number with which the text ends may be the start of a longer one.
        let is_cut = |id: &&RawValue| id.get().as_bytes().as_ptr_range().end == line.as_ptr_range().end;
        members.id = members.id.filter(|id| read.is_ok() || !is_cut(id));
        (members, read)
    }
}

impl<'l> Visitor<'l> for &mut Members<'l> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<(), A::Error> {
        let members = self;
        while let Some(name) = map.next_key::<String>()? {
            if name == "id" {
                let value = map.next_value()?;
                if members.id.replace(value).is_some() {
                    members.twice.get_or_insert(name);
                }
            } else if MEMBERS.contains(&name.as_str()) {
                let value = map.next_value()?;
                if members.known.insert(name.clone(), value).is_some() {
                    members.twice.get_or_insert(name);
                }
            } else if let Some(meant) = meant_by(&name) {
                let value = map.next_value()?;
                if is_meant(&name, meant, &value) {
                    members.misspelt.push((name, meant));
                }
            } else {
                // A label may be as deep as it likes.
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The member of ours that a name is nearly.
fn meant_by(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    // What registries and manifests call the level.
    if matches!(name.as_str(), "lvl" | "compatibility" | "compatibilitylevel" | "compatibility_level") {
        return Some("level");
    }
    // Of a short name too much is near.
    let long = MEMBERS.into_iter().filter(|member| member.len() > 4);
    long.into_iter().find(|member| strsim::damerau_levenshtein(&name, member) <= member.len() / 4)
}

/// Whether a member that is nearly one of ours has a value that such a one has: otherwise it is a label.
fn is_meant(name: &str, meant: &str, value: &Value) -> bool {
    match (meant, value) {
        // These are words of their own, which a label may well be called.
        ("level", Value::String(value)) if name == "levels" || name.to_lowercase().starts_with("comp") => {
            parse_level(value).is_ok()
        }
        ("level", Value::String(_)) => true,
        ("format", Value::String(_)) | ("previous" | "references" | "old_references", Value::Array(_)) => true,
        _ => false,
    }
}

fn question(mut known: serde_json::Map<String, Value>, misspelt: &[(String, &str)]) -> Result<Question, String> {
    if let Some((name, meant)) = misspelt.iter().find(|(_, meant)| !known.contains_key(*meant)) {
        return Err(format!("it has `{name}` and no `{meant}`: did you mean `{meant}`?"));
    }
    let nulls: Vec<&str> = MEMBERS.into_iter().filter(|name| known.get(*name).is_some_and(Value::is_null)).collect();
    let mut take = |name: &str| known.remove(name).filter(|value| !value.is_null());
    let said = |name: &str| {
        if nulls.contains(&name) { format!(" (`{name}` is null, which counts as none)") } else { String::new() }
    };
    let format = take("format").ok_or_else(|| format!("it has no `format`{}", said("format")))?;
    let format = format_of(&string("format", format)?)?;
    let level = match take("level") {
        Some(level) => parse_level(&string("level", level)?)?,
        None => Compatibility::Backward,
    };
    let before = match (take("old"), take("previous")) {
        (Some(old), None) => Before::Old(string("old", old)?),
        (None, Some(previous)) => Before::Previous(earlier(previous)?),
        (Some(_), Some(_)) => return Err("it has both `old` and `previous`".to_owned()),
        (None, None) => return Err(format!("it has neither `old` nor `previous`{}{}", said("old"), said("previous"))),
    };
    let new = take("new").ok_or_else(|| format!("it has no `new`{}", said("new")))?;
    let new = string("new", new)?;
    let mut referred = |name: &str| take(name).map_or(Ok(Vec::new()), |value| references(name, value));
    let (references, old_references) = (referred("references")?, referred("old_references")?);
    Ok(Question { format, before, new, level, references, old_references })
}

fn format_of(text: &str) -> Result<SchemaFormat, String> {
    let found = TYPES.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, format)| *format).ok_or_else(|| {
        let known: Vec<_> = TYPES.iter().map(|(word, _)| *word).collect();
        format!("there is no format `{text}`; formats are {}", known.join(", "))
    })
}

fn references(member: &str, value: Value) -> Result<Vec<Reference>, String> {
    let mut references: Vec<Reference> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, reference) in list(member, value)?.into_iter().enumerate() {
        let place = format!("{member}[{index}]");
        let Value::Object(mut reference) = reference else { return Err(wrong(&place, "an object", &reference)) };
        let mut take = |name: &str| match reference.remove(name) {
            Some(value) => string(&format!("{place}.{name}"), value),
            None => Err(format!("`{place}` has no `{name}`")),
        };
        let (name, text) = (take("name")?, take("text")?);
        if let Some(first) = places.insert(name.clone(), index) {
            let name = elided(&name, LONGEST_MESSAGE);
            return Err(format!(
                "`{place}` has the name `{name}`, and so has `{member}[{first}]`: only one can be meant"
            ));
        }
        references.push((name, text));
    }
    Ok(references)
}

/// Each version is its text, or an object with the text and with what it refers to.
fn earlier(value: Value) -> Result<Vec<Earlier>, String> {
    let items = list("previous", value)?.into_iter().enumerate();
    let one = |(index, item): (usize, Value)| {
        let place = format!("previous[{index}]");
        let Value::Object(mut members) = item else {
            return Ok(Earlier { text: string(&place, item)?, references: Vec::new() });
        };
        let text = members.remove("text").ok_or_else(|| {
            format!(
                "`{place}` has no `text`: a version is a string that holds the text, or an object with it as `text`"
            )
        })?;
        let text = string(&format!("{place}.text"), text)?;
        let referred = members.remove("references").filter(|value| !value.is_null());
        let references = referred.map_or(Ok(Vec::new()), |value| references(&format!("{place}.references"), value))?;
        Ok(Earlier { text, references })
    };
    items.map(one).collect()
}

fn list(name: &str, value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(items) => Ok(items),
        other => Err(wrong(name, "a list", &other)),
    }
}

fn string(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        // Elsewhere too a schema stands in a question as its text.
        Value::Object(_) if !matches!(name, "format" | "level") => {
            Err(format!("`{name}` has to be a string that holds the text, and is an object"))
        }
        other => Err(wrong(name, "a string", &other)),
    }
}

fn wrong(name: &str, wanted: &str, value: &Value) -> String {
    format!("`{name}` has to be {wanted}, and is {}", kind(value))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Why a line is no object.
fn no_object(line: &[u8], error: &serde_json::Error) -> String {
    let column = error.column();
    if error.is_eof() {
        return format!("it is no JSON: it ends too early, at column {column}");
    }
    if let Ok(other) = serde_json::from_slice::<Value>(line)
        && !other.is_object()
    {
        return format!("a question is a JSON object, and this is {}", kind(&other));
    }
    let said = error.to_string();
    // The library counts the lines of its text, which has but this one.
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    format!("it is no JSON: {said}, at column {column}")
}
