//! What of an Avro schema is compared when a change is to be told.
//!
//! It is read from the canonical form, in which names are full and each meaning has one spelling, beside the text, which
//! knows the places.

use super::canonical::canonical;
use super::name::{PRIMITIVES, namespace_of, short_name};
use crate::schema::diff::ChangeKind;
use crate::schema::diff::outline::{Attribute, Noun, Outline, Part, step};
use crate::schema::diff::twin::Twin;
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{self, Json, Value};

/// The outline of a schema.
pub fn outline(text: &str) -> Result<Outline, SchemaError> {
    let form = canonical(text)?;
    let (form, text) = (text::read(&form)?, text::read(text)?);
    let namespace = form.get("name").and_then(Json::as_str).map_or("", namespace_of);
    let mut reader = Reader { namespace, definitions: Vec::new() };
    let at = Twin::new(&form, &text);
    let mut root = Part::new(Noun::Schema, "", "schema", "").at(at.place(), at.range());
    reader.schema(at, &mut root);
    Ok(Outline { root, definitions: reader.definitions })
}

struct Reader<'n> {
    /// The schema's own namespace, which is left out of names that people read.
    namespace: &'n str,
    definitions: Vec<Part>,
}

impl Reader<'_> {
    /// Adds what a type says to the part that is of it.
    fn schema(&mut self, at: Twin<'_>, part: &mut Part) {
        let word = at.form.get("type").and_then(Json::as_str);
        let value = match (&at.form.value, word) {
            (Value::String(name), _) => name.to_string(),
            (Value::Array(branches), _) => {
                // No type is called so, and a union of one is not that one.
                let mut names = vec!["union".to_owned()];
                names.extend(branches.iter().map(base));
                names.sort_unstable();
                // With several types that have fields, each path says which one it goes through.
                let several = branches.iter().filter(|branch| may_have_fields(branch)).nth(1).is_some();
                for branch in at.items() {
                    let id = base(branch.form);
                    let path = match several && may_have_fields(branch.form) {
                        true => step(&part.path, "", &format!("({})", self.name(&id))),
                        false => part.path.clone(),
                    };
                    self.inner(branch, &id, &path, part);
                }
                names.join("|")
            }
            (_, Some("record" | "error" | "enum" | "fixed")) => {
                self.define(at, &part.path);
                base(at.form)
            }
            (_, Some(word @ ("array" | "map"))) => {
                let (key, suffix) = if word == "array" { ("items", "[]") } else { ("values", "{}") };
                if let Some(of) = at.get(key) {
                    let path = step(&part.path, "", suffix);
                    self.inner(of, suffix, &path, part);
                }
                self.attributes(at, &["items", "type", "values"], part);
                word.to_owned()
            }
            (Value::Object(_), Some(name)) => {
                self.attributes(at, &["type"], part);
                name.to_owned()
            }
            _ => at.form.to_string(),
        };
        let shown = self.describe(at.form);
        part.attributes.push(Attribute::new(ChangeKind::TypeChanged, "type", value).shown(shown).at(at.range()));
    }

    fn inner(&mut self, at: Twin<'_>, id: &str, path: &str, around: &mut Part) {
        let mut part = Part::new(Noun::Inner, id, "type", path).at(at.place(), at.range());
        self.schema(at, &mut part);
        if id != "[]" && id != "{}" {
            // The union around it tells which type it is.
            part.attributes.retain(|attribute| attribute.kind != ChangeKind::TypeChanged);
        }
        around.parts.push(part);
    }

    fn define(&mut self, at: Twin<'_>, path: &str) {
        let text = |key: &str| at.form.get(key).and_then(Json::as_str);
        let (name, word) = (text("name").unwrap_or_default(), text("type").unwrap_or_default());
        let label = format!("{word} {}", quoted(self.name(name)));
        let mut part = Part::new(Noun::Type, name, label, path).at(at.place(), at.range());
        part.name = Some(name.to_owned());
        part.also = aliases(at.form);
        // What stands at the same place may be the same thing, renamed.
        part.also.push(format!("{word} at {path}"));
        part.attributes.push(Attribute::new(ChangeKind::TypeChanged, "kind", word));
        self.attributes(at, &["name", "type", "fields", "symbols"], &mut part);
        // It stands before the types that its fields define.
        let place = self.definitions.len();
        self.definitions.push(part);
        let mut parts = Vec::new();
        for field in at.get("fields").into_iter().flat_map(Twin::items) {
            parts.push(self.field(field, path));
        }
        for symbol in at.get("symbols").into_iter().flat_map(Twin::items) {
            let id = symbol.form.as_str().unwrap_or_default();
            let label = format!("symbol {} of {}", quoted(id), quoted(self.name(name)));
            parts.push(Part::new(Noun::Symbol, id, label, path).at(symbol.range(), symbol.range()));
        }
        self.definitions[place].parts = parts;
    }

    fn field(&mut self, at: Twin<'_>, path: &str) -> Part {
        let name = at.form.get("name").and_then(Json::as_str).unwrap_or_default();
        let path = step(path, ".", name);
        let mut part = Part::new(Noun::Field, name, "field", path).at(at.place(), at.range());
        part.name = Some(name.to_owned());
        part.also = aliases(at.form);
        let of = at.form.get("type").map(|of| self.describe(of)).unwrap_or_default();
        let default = at.form.get("default").map(|default| format!(" = {default}")).unwrap_or_default();
        part.shown = Some(format!("{of}{default}"));
        if let Some(of) = at.get("type") {
            self.schema(of, &mut part);
        }
        for (key, _, value) in at.members() {
            match key {
                "name" | "type" => {}
                "default" => part.attributes.push(attribute(ChangeKind::DefaultChanged, key, value)),
                "order" => part.attributes.push(attribute(ChangeKind::OrderChanged, "order of sorting", value)),
                _ => part.attributes.push(common(key, key, value)),
            }
        }
        part
    }

    fn attributes(&mut self, at: Twin<'_>, known: &[&str], part: &mut Part) {
        for (key, _, value) in at.members().into_iter().filter(|(key, ..)| !known.contains(key)) {
            // A field has attributes of its own beside those of its type.
            let name = if part.noun == Noun::Field { format!("type.{key}") } else { key.to_owned() };
            part.attributes.push(match key {
                // The kind tells it from an attribute of the field that is called so by mistake.
                "logicalType" | "precision" | "scale" => attribute(ChangeKind::LogicalTypeChanged, key, value),
                "size" if part.noun == Noun::Type => attribute(ChangeKind::ConstraintChanged, &name, value),
                "default" if part.noun == Noun::Type => attribute(ChangeKind::DefaultChanged, &name, value),
                key if part.noun == Noun::Type => common(key, &name, value),
                _ => attribute(ChangeKind::PropertyChanged, &name, value),
            });
        }
    }

    fn name<'t>(&self, full: &'t str) -> &'t str {
        if namespace_of(full) == self.namespace { short_name(full) } else { full }
    }

    /// A type for people. What is in it is bounded by the depth of a text.
    fn describe(&self, form: &Json<'_>) -> String {
        let word = form.get("type").and_then(Json::as_str);
        let inner = |key: &str| form.get(key).map(|inner| self.describe(inner)).unwrap_or_default();
        let base_name = match (&form.value, word) {
            (Value::String(name), _) => self.name(name).to_owned(),
            (Value::Array(branches), _) => {
                branches.iter().map(|branch| self.describe(branch)).collect::<Vec<_>>().join(" | ")
            }
            (_, Some("array")) => format!("array<{}>", inner("items")),
            (_, Some("map")) => format!("map<{}>", inner("values")),
            (_, Some("record" | "error" | "enum" | "fixed")) => self.name(&base(form)).to_owned(),
            _ => self.name(word.unwrap_or_default()).to_owned(),
        };
        let number = |key: &str| form.get(key).and_then(Json::as_number);
        match (form.get("logicalType").and_then(Json::as_str), number("precision")) {
            (Some(logical), Some(precision)) => {
                format!("{base_name} ({logical}({precision}, {}))", number("scale").unwrap_or("0"))
            }
            (Some(logical), None) => format!("{base_name} ({logical})"),
            (None, _) => base_name,
        }
    }
}

fn attribute(kind: ChangeKind, name: &str, value: Twin<'_>) -> Attribute {
    let attribute = Attribute::new(kind, name, value.form.to_string()).at(value.range());
    match value.form.as_str() {
        Some(text) if kind != ChangeKind::DefaultChanged => attribute.shown(text),
        _ => attribute,
    }
}

/// An attribute that types and fields have alike.
fn common(key: &str, name: &str, value: Twin<'_>) -> Attribute {
    match (key, value.form.as_array()) {
        ("doc", _) => attribute(ChangeKind::DocChanged, name, value),
        ("aliases", Some(_)) => {
            let names: Vec<String> = aliases_in(value.form);
            let shown = names.join(", ");
            Attribute::new(ChangeKind::AliasesChanged, name, names.join("\n")).shown(shown).at(value.range())
        }
        _ => attribute(ChangeKind::PropertyChanged, name, value),
    }
}

fn aliases(form: &Json<'_>) -> Vec<String> {
    form.get("aliases").map(aliases_in).unwrap_or_default()
}

fn aliases_in(list: &Json<'_>) -> Vec<String> {
    list.as_array().unwrap_or_default().iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

/// What tells a type from the other branches of a union: its word or its name.
fn base(form: &Json<'_>) -> String {
    match &form.value {
        Value::String(name) => name.to_string(),
        Value::Array(_) => "union".to_owned(),
        _ => match form.get("type") {
            Some(of) => match of.as_str() {
                Some("record" | "error" | "enum" | "fixed") => {
                    form.get("name").and_then(Json::as_str).unwrap_or_default().to_owned()
                }
                Some(word) => word.to_owned(),
                None => form.to_string(),
            },
            None => form.to_string(),
        },
    }
}

/// Whether a branch of a union may be a record: the form does not tell what a name means.
fn may_have_fields(form: &Json<'_>) -> bool {
    match form.get("type").and_then(Json::as_str) {
        Some("enum" | "fixed") => false,
        Some(word) => !PRIMITIVES.contains(&word),
        None => form.as_str().is_some_and(|name| !PRIMITIVES.contains(&name)),
    }
}
