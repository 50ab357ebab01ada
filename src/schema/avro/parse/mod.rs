//! From text to [`AvroSchema`], as Java's parser (Apache Avro 1.12.0) reads it.
//!
//! What that one refuses is an error. What it takes although the specification does not, or other implementations do
//! not, is an *objection*: [`parse`] makes an error of it too, [`parse_like_java`] passes it over.

mod attributes;
mod definitions;
mod forward;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::defaults;
use super::model::{AvroSchema, Field, Logical, Named, NamedId, NamedKind, Type, TypeKind};
use super::name::{NameBytes, namespace_of};
use crate::schema::ResolvedReference;
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{self, Json, Value};
use attributes::{check_simple_name, primitive, required, required_string, start_of};
use forward::Pending;
pub(super) use forward::pending;

/// Parses an Avro schema. The references are parsed before it, each seeing the types of those before.
pub fn parse(text: &str, references: &[ResolvedReference<'_>]) -> Result<AvroSchema, SchemaError> {
    read(text, references, Mode::Strict)
}

/// Parses an Avro schema exactly where Java's parser does: to be compared, a schema need not be a good one.
pub fn parse_like_java(text: &str, references: &[ResolvedReference<'_>]) -> Result<AvroSchema, SchemaError> {
    read(text, references, Mode::Java)
}

/// Parses an Avro schema as the registry reads what it has registered: by Java's parser with its look at defaults switched
/// off.
pub fn parse_registered(text: &str, references: &[ResolvedReference<'_>]) -> Result<AvroSchema, SchemaError> {
    read(text, references, Mode::Registered)
}

/// Whose rules a text is held to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Those of the specification and of every implementation.
    Strict,
    /// Those of Java's parser.
    Java,
    /// The same, but for defaults, which may be of any type.
    Registered,
}

fn read(text: &str, references: &[ResolvedReference<'_>], mode: Mode) -> Result<AvroSchema, SchemaError> {
    let mut parser = Parser { any_default: mode == Mode::Registered, ..Parser::default() };
    let strictly = mode == Mode::Strict;
    for (index, reference) in references.iter().enumerate() {
        // The same type may be reached on two ways.
        if references[..index].iter().any(|earlier| earlier.name == reference.name) {
            continue;
        }
        parser.reference = Some(reference.name.into());
        parser.text(reference.text, strictly).map_err(|error| error.in_reference(reference.name))?;
    }
    parser.reference = None;
    let root = parser.text(text, strictly)?;
    Ok(AvroSchema { root, named: parser.named })
}

#[derive(Default)]
struct Parser {
    named: Vec<Named>,
    /// What is known of each of `named` besides.
    states: Vec<State>,
    /// The first definition of each name.
    by_name: HashMap<String, NamedId>,
    /// Uses of names that were not defined yet.
    pending: Vec<Pending>,
    /// The first default that does not fit such a use, whatever it means.
    unfit: Option<SchemaError>,
    names: NameBytes,
    /// What is left of the steps that the defaults of a text may take.
    default_steps: usize,
    /// The first thing that is only objected to.
    objection: Option<SchemaError>,
    /// Whether defaults are not looked at.
    any_default: bool,
    reference: Option<Arc<str>>,
}

/// What decides whether a type may be defined again, and whether a default can be of it.
struct State {
    /// The first definition of its name.
    first: NamedId,
    /// Its fields are read, or it has none.
    is_set: bool,
    /// It has properties that the specification does not know.
    has_properties: bool,
}

/// Up to here, looking through branches, fields or symbols is faster than any set.
const FEW: usize = 12;

/// A schema whose parts are being read. They stand in a list, because a text must not end the stack.
struct Open<'j, 't> {
    json: &'j Json<'t>,
    parts: Parts<'j, 't>,
}

enum Parts<'j, 't> {
    Array(Option<Type>),
    Map(Option<Type>),
    Union {
        branches: &'j [Json<'t>],
        types: Vec<Type>,
    },
    /// `names` are those of many fields.
    Record {
        id: NamedId,
        items: &'j [Json<'t>],
        fields: Vec<Field>,
        names: HashSet<&'j str>,
    },
}

/// What is known of a schema at its first look.
enum Begun<'j, 't> {
    Read(TypeKind),
    Open(Parts<'j, 't>),
}

impl Parser {
    fn text(&mut self, text: &str, strictly: bool) -> Result<Type, SchemaError> {
        self.objection = None;
        let read = self.whole(text);
        match self.objection.take() {
            Some(objection) if strictly => Err(objection),
            _ => read,
        }
    }

    fn whole(&mut self, text: &str) -> Result<Type, SchemaError> {
        self.default_steps = defaults::MOST_STEPS;
        let json = text::read_like_java(text, &mut self.objection)?;
        let own = self.named.len();
        let root = self.schema(&json)?;
        self.resolve_pending(root, own)
    }

    /// Objects to what Java takes.
    fn object(&mut self, error: impl FnOnce() -> SchemaError) {
        self.objection.get_or_insert_with(error);
    }

    fn namespace(&self, of: Option<NamedId>) -> &str {
        of.map_or("", |id| namespace_of(&self.named[id.0].name))
    }

    fn schema(&mut self, json: &Json<'_>) -> Result<Type, SchemaError> {
        let mut open: Vec<Open<'_, '_>> = Vec::new();
        // The records around what is read.
        let mut records: Vec<NamedId> = Vec::new();
        let mut next = json;
        loop {
            let json = next;
            let mut done = match self.begin(json, records.last().copied())? {
                Begun::Read(kind) => Some(type_of(json, kind)),
                Begun::Open(parts) => {
                    if let Parts::Record { id, .. } = parts {
                        records.push(id);
                    }
                    open.push(Open { json, parts });
                    None
                }
            };
            next = loop {
                let Some(last) = open.last_mut() else {
                    // The list is empty only behind a type that is read.
                    return done.ok_or_else(|| SchemaError::new("the schema is empty"));
                };
                if let Some(part) = done.take() {
                    self.put(part, last)?;
                }
                if let Some(part) = next_part(last)? {
                    break part;
                }
                if let Some(last) = open.pop() {
                    done = Some(self.end(last, &mut records)?);
                }
            };
        }
    }

    fn begin<'j, 't>(&mut self, json: &'j Json<'t>, within: Option<NamedId>) -> Result<Begun<'j, 't>, SchemaError> {
        let kind = match &json.value {
            Value::String(name) => self.by_name(name, json, within)?,
            Value::Array(branches) => {
                let types = Vec::with_capacity(branches.len());
                return Ok(Begun::Open(Parts::Union { branches, types }));
            }
            Value::Object(_) => {
                let Some(type_name) = json.get("type") else {
                    return Err(SchemaError::new("an object without `type` is no schema").at(start_of(json)));
                };
                let Some(word) = type_name.as_str() else {
                    let kind = type_name.kind();
                    return Err(SchemaError::new(format!("`type` of a schema must be a string, it is {kind}"))
                        .at(type_name.range.clone())
                        .help("put the inner schema in place of the object around it"));
                };
                match word {
                    "record" | "error" => return self.record(json, within).map(Begun::Open),
                    "array" => return Ok(Begun::Open(Parts::Array(None))),
                    "map" => return Ok(Begun::Open(Parts::Map(None))),
                    "enum" => self.enumeration(json, within)?,
                    "fixed" => self.fixed(json, within)?,
                    name => self.by_name(name, type_name, within)?,
                }
            }
            _ => {
                return Err(SchemaError::new(format!("expected a type, found {}", json.kind()))
                    .at(json.range.clone())
                    .help("write a type's name, an object with `type`, or an array of types (a union)"));
            }
        };
        Ok(Begun::Read(kind))
    }

    fn by_name(&mut self, name: &str, place: &Json<'_>, within: Option<NamedId>) -> Result<TypeKind, SchemaError> {
        if let Some(kind) = primitive(name) {
            return Ok(kind);
        }
        let full = match self.namespace(within) {
            namespace if namespace.is_empty() || name.contains('.') => Cow::Borrowed(name),
            namespace => Cow::Owned(format!("{namespace}.{name}")),
        };
        self.names.add(full.len()).map_err(|error| error.at(place.range.clone()))?;
        // Like Java's parser: a name that its namespace does not have may be one without a namespace.
        Ok(match self.by_name.get(&*full).or_else(|| self.by_name.get(name)) {
            Some(id) => TypeKind::Named(*id),
            None => TypeKind::Named(self.use_before_definition(name, full.into_owned(), place)),
        })
    }

    /// Puts a part that is read where it belongs.
    fn put(&mut self, part: Type, open: &mut Open<'_, '_>) -> Result<(), SchemaError> {
        match &mut open.parts {
            Parts::Array(inner) | Parts::Map(inner) => *inner = Some(part),
            Parts::Union { types, .. } => {
                if let TypeKind::Union(_) = part.kind {
                    return Err(SchemaError::new("a union directly inside a union").at(part.range));
                }
                types.push(part);
            }
            Parts::Record { items, fields, names, .. } => {
                let json = &items[fields.len()];
                let field = self.field(json, part)?;
                let is_twice = match items.len() {
                    ..=FEW => fields.iter().any(|other| other.name == field.name),
                    _ => !names.insert(json.get("name").and_then(Json::as_str).unwrap_or_default()),
                };
                if is_twice {
                    let error = SchemaError::new(format!("the field {} is there twice", quoted(&field.name)));
                    return Err(error.at(field.range));
                }
                fields.push(field);
            }
        }
        Ok(())
    }

    fn end(&mut self, open: Open<'_, '_>, records: &mut Vec<NamedId>) -> Result<Type, SchemaError> {
        let missing = || SchemaError::new("a part of this type is missing").at(start_of(open.json));
        let kind = match open.parts {
            Parts::Array(inner) => TypeKind::Array(Box::new(inner.ok_or_else(missing)?)),
            Parts::Map(inner) => TypeKind::Map(Box::new(inner.ok_or_else(missing)?)),
            Parts::Union { types, .. } => {
                self.check_branches(&types)?;
                TypeKind::Union(types)
            }
            Parts::Record { id, fields, .. } => {
                records.pop();
                self.named[id.0].kind = NamedKind::Record(fields);
                self.states[id.0].is_set = true;
                TypeKind::Named(id)
            }
        };
        Ok(type_of(open.json, kind))
    }

    fn check_branches(&self, branches: &[Type]) -> Result<(), SchemaError> {
        let mut seen = HashSet::new();
        for (index, branch) in branches.iter().enumerate() {
            let Some(own) = self.branch(branch) else { continue };
            let is_twice = match branches.len() {
                ..=FEW => branches[..index].iter().any(|other| self.branch(other) == Some(own)),
                _ => !seen.insert(own),
            };
            if is_twice {
                return Err(SchemaError::new("a union with two branches of the same type")
                    .at(branch.range.clone())
                    .help("a union has each unnamed type at most once, logical types included"));
            }
        }
        Ok(())
    }

    /// What a union may have once: an unnamed type, or a name. None for a name that is not defined yet.
    fn branch(&self, branch: &Type) -> Option<usize> {
        Some(match &branch.kind {
            TypeKind::Null => usize::MAX,
            TypeKind::Boolean => usize::MAX - 1,
            TypeKind::Int => usize::MAX - 2,
            TypeKind::Long => usize::MAX - 3,
            TypeKind::Float => usize::MAX - 4,
            TypeKind::Double => usize::MAX - 5,
            TypeKind::Bytes => usize::MAX - 6,
            TypeKind::String => usize::MAX - 7,
            TypeKind::Array(_) => usize::MAX - 8,
            TypeKind::Map(_) => usize::MAX - 9,
            TypeKind::Union(_) => usize::MAX - 10,
            TypeKind::Named(id) => self.states.get(id.0)?.first.0,
        })
    }
}

/// The next part of a schema to be read.
fn next_part<'j, 't>(open: &Open<'j, 't>) -> Result<Option<&'j Json<'t>>, SchemaError> {
    match &open.parts {
        Parts::Array(None) => required(open.json, "items").map(Some),
        Parts::Map(None) => required(open.json, "values").map(Some),
        Parts::Array(Some(_)) | Parts::Map(Some(_)) => Ok(None),
        Parts::Union { branches, types, .. } => Ok(branches.get(types.len())),
        Parts::Record { items, fields, .. } => match items.get(fields.len()) {
            None => Ok(None),
            Some(field) if field.as_object().is_none() => {
                let kind = field.kind();
                Err(SchemaError::new(format!("a field must be an object, it is {kind}")).at(field.range.clone()))
            }
            Some(field) => {
                check_simple_name(required_string(field, "name")?, "field")?;
                required(field, "type").map(Some)
            }
        },
    }
}

fn type_of(json: &Json<'_>, kind: TypeKind) -> Type {
    Type { kind, logical: logical(json), range: json.range.clone() }
}

fn logical(json: &Json<'_>) -> Option<Logical> {
    let number = |key| json.get(key)?.as_number()?.parse().ok();
    let name = json.get("logicalType")?.as_str()?.to_owned();
    Some(Logical { name, precision: number("precision"), scale: number("scale") })
}

#[cfg(test)]
mod tests;
