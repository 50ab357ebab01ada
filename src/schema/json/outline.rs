//! What of a JSON Schema is compared when a change is to be told.
//!
//! It is read from the canonical form, in which each meaning has one spelling, beside the text, which knows the places.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

use super::canonical::canonical;
use super::keywords::{Holds, holds};
use crate::schema::diff::ChangeKind;
use crate::schema::diff::outline::{Attribute, Noun, Outline, Part, step};
use crate::schema::diff::twin::Twin;
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{self, Json, Value};

/// The outline of a schema. Its definitions stand where they are first used.
pub fn outline(text: &str) -> Result<Outline, SchemaError> {
    let form = canonical(text)?;
    let (form, text) = (text::read(&form)?, text::read(text)?);
    let at = Twin::new(&form, &text);
    let mut reader = Reader::default();
    let mut root = Part::new(Noun::Schema, "", "schema", "").at(at.place(), at.range());
    let mut waiting = Vec::new();
    for word in ["definitions", "$defs"] {
        let list = at.get(word).filter(|list| list.form.as_object().is_some());
        for (name, key, value) in list.into_iter().flat_map(Twin::members) {
            waiting.push(Definition { id: format!("#/{word}/{}", escaped(name)), word, name, key, value });
        }
    }
    reader.is_root = true;
    reader.schema(at, &mut root);
    let mut definitions = Vec::new();
    let mut by_id: HashMap<String, Definition<'_>> =
        waiting.iter().map(|definition| (definition.id.clone(), definition.clone())).collect();
    let mut unused = waiting.iter();
    loop {
        while let Some((id, path)) = reader.uses.pop_front() {
            if let Some(definition) = by_id.remove(&id) {
                definitions.push(reader.definition(&definition, &path));
            }
        }
        // What nothing uses stands by its name.
        let Some(next) = unused.find(|definition| by_id.remove(&definition.id).is_some()) else { break };
        let path = step(next.word, ".", next.name);
        definitions.push(reader.definition(next, &path));
    }
    Ok(Outline { root, definitions })
}

/// The word under which a schema has its definitions, where it is one of the two and not both.
pub fn definitions_word(text: &str) -> Option<&'static str> {
    let schema = text::read(text).ok()?;
    match (schema.get("definitions"), schema.get("$defs")) {
        (Some(_), None) => Some("definitions"),
        (None, Some(_)) => Some("$defs"),
        _ => None,
    }
}

#[derive(Clone)]
struct Definition<'j> {
    id: String,
    word: &'static str,
    name: &'j str,
    key: Range<usize>,
    value: Twin<'j>,
}

#[derive(Default)]
struct Reader {
    /// The `$ref`s that were met, and where first.
    uses: VecDeque<(String, String)>,
    met: HashSet<String>,
    /// Whether the next schema is the outermost one, whose definitions stand apart.
    is_root: bool,
}

impl Reader {
    fn definition(&mut self, definition: &Definition<'_>, path: &str) -> Part {
        let Definition { id, name, key, value, .. } = definition;
        let label = format!("definition {}", quoted(name));
        let extent = key.start..value.range().end.max(key.end);
        let mut part = Part::new(Noun::Schema, id.clone(), label, path).at(key.clone(), extent);
        part.name = Some((*name).to_owned());
        part.also.push(format!("at {path}"));
        part.shown = Some(describe(value.form));
        self.schema(*value, &mut part);
        part
    }

    /// Adds what a schema says to the part that it describes.
    fn schema(&mut self, at: Twin<'_>, part: &mut Part) {
        let is_root = std::mem::take(&mut self.is_root);
        if let Value::Bool(anything) = at.form.value {
            let shown = if anything { "anything" } else { "nothing" };
            let whole = Attribute::new(ChangeKind::TypeChanged, "type", at.form.to_string());
            part.attributes.push(whole.shown(shown).at(at.range()));
            return;
        }
        let mut required: HashMap<&str, Option<Range<usize>>> =
            strings(at.form.get("required")).map(|name| (name, None)).collect();
        for name in at.get("required").map(Twin::written).unwrap_or_default() {
            if let Some(place) = name.as_str().and_then(|word| required.get_mut(word)) {
                *place = Some(name.range.clone());
            }
        }
        for (word, key, value) in at.members() {
            let of_kind = |kind| {
                let of = Attribute::new(kind, word, value.form.to_string()).at(value.range());
                match value.form.as_str() {
                    Some(text) if kind != ChangeKind::DefaultChanged && word != "const" => of.shown(text),
                    _ => of,
                }
            };
            match (word, holds(word), &value.form.value) {
                ("definitions" | "$defs", _, Value::Object(_)) if is_root => {}
                ("$ref", _, Value::String(reference)) => {
                    part.attributes.push(Attribute::new(ChangeKind::TypeChanged, word, &**reference).at(value.range()));
                    if self.met.insert(reference.to_string()) {
                        self.uses.push_back((reference.to_string(), part.path.clone()));
                    }
                }
                ("type", _, Value::String(_) | Value::Array(_)) => {
                    let words: Vec<&str> = value.form.as_str().into_iter().chain(strings(Some(value.form))).collect();
                    let of = Attribute::new(ChangeKind::TypeChanged, word, value.form.to_string());
                    part.attributes.push(of.shown(words.join(" | ")).at(value.range()));
                }
                ("enum", _, Value::Array(_)) => symbols(value, part),
                ("required", _, Value::Array(_)) => self.required(at, value, part),
                ("properties", _, Value::Object(_)) => {
                    for (name, key, value) in value.members() {
                        part.parts.push(self.property(name, key, value, required.get(name), &part.path));
                    }
                }
                (_, Holds::Schema | Holds::SchemaOrSchemas, Value::Object(_)) => {
                    let (label, path) = place_of(word, &part.path);
                    part.parts.push(self.below(Noun::Schema, word.to_owned(), label, path, key, value));
                }
                (_, Holds::Schemas | Holds::SchemaOrSchemas, Value::Array(_)) => self.branches(word, value, part),
                (_, Holds::Map, Value::Object(_)) => self.map(word, value, part),
                _ => part.attributes.push(of_kind(kind_of(word))),
            }
        }
    }

    /// Names that are required and no property: those of properties stand there.
    fn required(&mut self, at: Twin<'_>, names: Twin<'_>, part: &mut Part) {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let properties = at.form.get("properties").and_then(Json::as_object).unwrap_or_default();
        properties.iter().for_each(|property| _ = known.insert(&property.key, 0));
        let mut rest = Vec::new();
        for name in names.form.as_array().unwrap_or_default() {
            match name.as_str().and_then(|name| known.get_mut(name)) {
                Some(times) if *times == 0 => *times = 1,
                _ => rest.push(name.to_string()),
            }
        }
        let is_empty = names.form.as_array().is_some_and(<[_]>::is_empty);
        if !rest.is_empty() || is_empty {
            let shown = rest.join(", ");
            let of = Attribute::new(ChangeKind::ConstraintChanged, "required", rest.join("\n"));
            part.attributes.push(of.shown(shown).at(names.range()));
        }
    }

    fn property(
        &mut self,
        name: &str,
        key: Range<usize>,
        value: Twin<'_>,
        required: Option<&Option<Range<usize>>>,
        path: &str,
    ) -> Part {
        let path = step(path, ".", name);
        let extent = key.start..value.range().end.max(key.end);
        let mut part = Part::new(Noun::Property, name, "property", path).at(key, extent);
        part.name = Some(name.to_owned());
        let and_required = if required.is_some() { ", required" } else { "" };
        part.shown = Some(format!("{}{and_required}", describe(value.form)));
        part.attributes.extend(
            required.map(|said| Attribute::new(ChangeKind::MadeRequired, "required", "required").said_at(said.clone())),
        );
        self.schema(value, &mut part);
        part
    }

    fn below(
        &mut self,
        noun: Noun,
        id: String,
        label: String,
        path: String,
        key: Range<usize>,
        value: Twin<'_>,
    ) -> Part {
        let extent = key.start.min(value.range().start)..value.range().end.max(key.end);
        let mut part = Part::new(noun, id, label, path).at(key, extent);
        part.shown = Some(describe(value.form));
        self.schema(value, &mut part);
        part
    }

    /// The schemas of `oneOf` and its like, known by what they refer to, their title or their type.
    fn branches(&mut self, word: &str, list: Twin<'_>, part: &mut Part) {
        let mut ids = HashMap::new();
        let by_place = matches!(word, "items" | "prefixItems");
        for (at, value) in list.items().enumerate() {
            let said = ["$ref", "title", "type"].iter().find_map(|key| value.form.get(key)?.as_str());
            let (id, path) = if by_place {
                (format!("{word} {at}"), step(&part.path, "", &format!("[{at}]")))
            } else {
                let name = said.map_or_else(|| (at + 1).to_string(), |said| last_part(said).to_owned());
                (
                    unique(&mut ids, format!("{word} {}", said.unwrap_or_default())),
                    step(&part.path, "", &format!("({name})")),
                )
            };
            let label = format!("schema of {}", quoted(word));
            part.parts.push(self.below(Noun::Branch, id, label, path, value.place(), value));
        }
        if list.form.as_array().is_some_and(<[_]>::is_empty) {
            part.attributes.push(Attribute::new(ChangeKind::ConstraintChanged, word, "[]").at(list.range()));
        }
    }

    fn map(&mut self, word: &str, list: Twin<'_>, part: &mut Part) {
        let members = list.members();
        if members.is_empty() {
            part.attributes.push(Attribute::new(ChangeKind::PropertyChanged, word, "{}").at(list.range()));
        }
        for (name, key, value) in members {
            if value.form.as_array().is_some() {
                let name = format!("{word} of {}", quoted(name));
                part.attributes.push(
                    Attribute::new(ChangeKind::ConstraintChanged, name, value.form.to_string()).at(value.range()),
                );
                continue;
            }
            let (label, path) = match word {
                "patternProperties" => {
                    (format!("properties like {}", quoted(name)), step(&part.path, "", &format!("{{{name}}}")))
                }
                _ => (format!("{word} of {}", quoted(name)), step(&part.path, ".", name)),
            };
            part.parts.push(self.below(Noun::Schema, format!("{word} {name}"), label, path, key, value));
        }
    }
}

fn symbols(list: Twin<'_>, part: &mut Part) {
    let mut ids = HashMap::new();
    for value in list.items() {
        let text = value.form.to_string();
        let label = format!("value {}", quoted(value.form.as_str().unwrap_or(&text)));
        let id = unique(&mut ids, text);
        part.parts.push(Part::new(Noun::Symbol, id, label, part.path.clone()).at(value.range(), value.range()));
    }
    // A list of nothing is not the same as no list.
    part.attributes.push(Attribute::new(ChangeKind::ConstraintChanged, "enum", "enum").shown("only these values"));
}

/// How parts below a keyword are called, and where they are.
fn place_of(word: &str, path: &str) -> (String, String) {
    match word {
        "items" => ("elements".to_owned(), step(path, "", "[]")),
        "additionalProperties" => ("further properties".to_owned(), step(path, "", "{}")),
        _ => (format!("schema of {}", quoted(word)), step(path, "", &format!("({word})"))),
    }
}

fn kind_of(word: &str) -> ChangeKind {
    match word {
        "default" => ChangeKind::DefaultChanged,
        "description" | "title" | "$comment" | "examples" => ChangeKind::DocChanged,
        "format" | "contentEncoding" | "contentMediaType" => ChangeKind::LogicalTypeChanged,
        "type" | "$ref" | "$dynamicRef" | "$recursiveRef" => ChangeKind::TypeChanged,
        "const" | "enum" | "multipleOf" | "maximum" | "exclusiveMaximum" | "minimum" | "exclusiveMinimum"
        | "maxLength" | "minLength" | "pattern" | "maxItems" | "minItems" | "uniqueItems" | "maxContains"
        | "minContains" | "maxProperties" | "minProperties" | "required" | "dependentRequired" => {
            ChangeKind::ConstraintChanged
        }
        word if holds(word) != Holds::Data => ChangeKind::ConstraintChanged,
        _ => ChangeKind::PropertyChanged,
    }
}

/// A schema for people, in a few words.
fn describe(form: &Json<'_>) -> String {
    if let Some(reference) = form.get("$ref").and_then(Json::as_str) {
        return last_part(reference).to_owned();
    }
    let values = form.get("enum").and_then(Json::as_array).unwrap_or_default();
    let base = match form.get("type") {
        _ if !values.is_empty() => "enum".to_owned(),
        Some(of) => of.as_str().into_iter().chain(strings(Some(of))).collect::<Vec<_>>().join(" | "),
        None => match form.get("title").and_then(Json::as_str) {
            Some(title) => title.to_owned(),
            None => "any".to_owned(),
        },
    };
    match form.get("format").and_then(Json::as_str) {
        Some(format) => format!("{base} ({format})"),
        None => base,
    }
}

fn strings<'j>(list: Option<&'j Json<'_>>) -> impl Iterator<Item = &'j str> {
    list.and_then(Json::as_array).unwrap_or_default().iter().filter_map(Json::as_str)
}

/// An id that no other one has: the second `a` is `a #2`.
fn unique(ids: &mut HashMap<String, usize>, id: String) -> String {
    let times = ids.entry(id.clone()).or_insert(0);
    *times += 1;
    if *times == 1 { id } else { format!("{id} #{times}") }
}

fn last_part(reference: &str) -> &str {
    reference.rsplit(['/', '#']).find(|part| !part.is_empty()).unwrap_or(reference)
}

/// A name as a JSON pointer has it.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
