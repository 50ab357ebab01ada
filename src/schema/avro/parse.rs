use std::collections::HashMap;
use std::sync::Arc;

use super::defaults;
use super::model::{AvroSchema, Field, Logical, Named, NamedId, NamedKind, Type, TypeKind};
use super::name::{PRIMITIVES, defined_name, full_name, is_full_name, is_simple_name, namespace_of};
use crate::schema::ResolvedReference;
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{self, Json, Value};
use crate::source::closest;

/// Parses an Avro schema. The references are parsed before it, each seeing the types of those before.
pub fn parse(text: &str, references: &[ResolvedReference<'_>]) -> Result<AvroSchema, SchemaError> {
    let mut parser = Parser::default();
    for (index, reference) in references.iter().enumerate() {
        // The same type may be reached on two ways.
        if references[..index].iter().any(|earlier| earlier.name == reference.name) {
            continue;
        }
        parser.reference = Some(reference.name.into());
        parser.reference(reference.text).map_err(|error| error.in_reference(reference.name))?;
    }
    parser.reference = None;
    let own = parser.named.len();
    let root = parser.schema(&text::read(text)?, "")?;
    parser.check_defaults(own)?;
    Ok(AvroSchema { root, named: parser.named })
}

#[derive(Default)]
struct Parser {
    named: Vec<Named>,
    by_name: HashMap<String, NamedId>,
    reference: Option<Arc<str>>,
}

impl Parser {
    fn reference(&mut self, text: &str) -> Result<(), SchemaError> {
        let first = self.named.len();
        self.schema(&text::read(text)?, "")?;
        self.check_defaults(first)
    }

    fn schema(&mut self, json: &Json<'_>, namespace: &str) -> Result<Type, SchemaError> {
        let plain = |kind| Type { kind, logical: None, range: json.range.clone() };
        match &json.value {
            Value::String(name) => self.by_name(name, json, namespace).map(plain),
            Value::Array(branches) => self.union(branches, namespace).map(plain),
            Value::Object(_) => {
                let kind = self.object(json, namespace)?;
                Ok(Type { kind, logical: logical(json), range: json.range.clone() })
            }
            _ => Err(SchemaError::new(format!("expected a type, found {}", json.kind()))
                .at(json.range.clone())
                .help("write a type's name, an object with `type`, or an array of types (a union)")),
        }
    }

    fn by_name(&self, name: &str, place: &Json<'_>, namespace: &str) -> Result<TypeKind, SchemaError> {
        if let Some(kind) = primitive(name) {
            return Ok(kind);
        }
        // Like Java's parser: a name that its namespace does not have may be one without a namespace.
        let found = self.by_name.get(&full_name(name, namespace)).or_else(|| self.by_name.get(name));
        if let Some(id) = found {
            return Ok(TypeKind::Named(*id));
        }
        let error = SchemaError::new(format!("the type {} is not defined", quoted(name))).at(place.range.clone());
        let known = PRIMITIVES.into_iter().chain(["record", "enum", "fixed", "array", "map"]);
        let candidates = known.chain(self.named.iter().map(|named| named.name.as_str()));
        Err(match closest(name, candidates) {
            Some(candidate) => error.help(format!("did you mean `{candidate}`?")),
            None => error.help("define it before it is used, or add its subject to `references`"),
        })
    }

    fn union(&mut self, branches: &[Json<'_>], namespace: &str) -> Result<TypeKind, SchemaError> {
        let mut types = Vec::with_capacity(branches.len());
        for branch in branches {
            let branch_type = self.schema(branch, namespace)?;
            if let TypeKind::Union(_) = branch_type.kind {
                return Err(SchemaError::new("a union directly inside a union").at(branch.range.clone()));
            }
            let same = |other: &Type| match (&branch_type.kind, &other.kind) {
                (TypeKind::Named(a), TypeKind::Named(b)) => a == b,
                (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b) && !matches!(a, TypeKind::Named(_)),
            };
            if types.iter().any(same) {
                return Err(SchemaError::new("a union with two branches of the same type")
                    .at(branch.range.clone())
                    .help("a union has each unnamed type at most once, logical types included"));
            }
            types.push(branch_type);
        }
        Ok(TypeKind::Union(types))
    }

    fn object(&mut self, json: &Json<'_>, namespace: &str) -> Result<TypeKind, SchemaError> {
        let Some(type_name) = json.get("type") else {
            return Err(SchemaError::new("an object without `type` is no schema").at(start_of(json)));
        };
        let Some(word) = type_name.as_str() else {
            return Err(SchemaError::new(format!("`type` of a schema must be a string, it is {}", type_name.kind()))
                .at(type_name.range.clone())
                .help("put the inner schema in place of the object around it"));
        };
        match word {
            "record" | "error" => self.record(json, namespace),
            "enum" => self.enumeration(json, namespace),
            "fixed" => self.fixed(json, namespace),
            "array" => self.inner(json, "items", namespace).map(TypeKind::Array),
            "map" => self.inner(json, "values", namespace).map(TypeKind::Map),
            name => self.by_name(name, type_name, namespace),
        }
    }

    fn inner(&mut self, json: &Json<'_>, key: &str, namespace: &str) -> Result<Box<Type>, SchemaError> {
        self.schema(required(json, key)?, namespace).map(Box::new)
    }

    fn record(&mut self, json: &Json<'_>, enclosing: &str) -> Result<TypeKind, SchemaError> {
        // Known before its fields are parsed: they may use it.
        let id = self.define(json, enclosing, NamedKind::Record(Vec::new()))?;
        let namespace = namespace_of(&self.named[id.0].name).to_owned();
        let list = required(json, "fields")?;
        let items = list.as_array().ok_or_else(|| {
            SchemaError::new(format!("`fields` must be an array, it is {}", list.kind())).at(list.range.clone())
        })?;
        let mut fields: Vec<Field> = Vec::with_capacity(items.len());
        let mut names = std::collections::HashSet::with_capacity(items.len());
        for item in items {
            let field = self.field(item, &namespace)?;
            if !names.insert(field.name.clone()) {
                return Err(
                    SchemaError::new(format!("the field `{}` is there twice", field.name)).at(field.range.clone())
                );
            }
            fields.push(field);
        }
        self.named[id.0].kind = NamedKind::Record(fields);
        Ok(TypeKind::Named(id))
    }

    fn field(&mut self, json: &Json<'_>, namespace: &str) -> Result<Field, SchemaError> {
        if json.as_object().is_none() {
            return Err(
                SchemaError::new(format!("a field must be an object, it is {}", json.kind())).at(json.range.clone())
            );
        }
        let name = required_string(json, "name")?;
        check_simple_name(name, "field")?;
        let field_type = self.schema(required(json, "type")?, namespace)?;
        Ok(Field {
            name: text_of(name),
            aliases: strings(json, "aliases")?.into_iter().map(text_of).collect(),
            doc: json.get("doc").and_then(Json::as_str).map(str::to_owned),
            field_type,
            default: json.get("default").cloned().map(Json::into_owned),
            range: name.range.clone(),
        })
    }

    fn enumeration(&mut self, json: &Json<'_>, enclosing: &str) -> Result<TypeKind, SchemaError> {
        required(json, "symbols")?;
        let symbols = strings(json, "symbols")?;
        let mut seen = std::collections::HashSet::with_capacity(symbols.len());
        for symbol in &symbols {
            check_simple_name(symbol, "symbol")?;
            if !seen.insert(symbol.as_str()) {
                return Err(SchemaError::new(format!("the symbol {} is there twice", quoted(&text_of(symbol))))
                    .at(symbol.range.clone()));
            }
        }
        let default = json.get("default");
        if let Some(default) = default
            && !symbols.iter().any(|symbol| symbol.as_str() == default.as_str())
        {
            return Err(SchemaError::new("the enum's default is none of its symbols").at(default.range.clone()));
        }
        let kind =
            NamedKind::Enum { symbols: symbols.into_iter().map(text_of).collect(), default: default.map(text_of) };
        self.define(json, enclosing, kind).map(TypeKind::Named)
    }

    fn fixed(&mut self, json: &Json<'_>, enclosing: &str) -> Result<TypeKind, SchemaError> {
        let size = required(json, "size")?;
        let bytes = size.as_number().and_then(|digits| digits.parse::<u32>().ok()).filter(|n| *n <= i32::MAX as u32);
        let bytes = bytes
            .ok_or_else(|| SchemaError::new("`size` of a fixed must be a number of bytes").at(size.range.clone()))?;
        self.define(json, enclosing, NamedKind::Fixed(bytes)).map(TypeKind::Named)
    }

    fn define(&mut self, json: &Json<'_>, enclosing: &str, kind: NamedKind) -> Result<NamedId, SchemaError> {
        let place = required_string(json, "name")?;
        let namespace = json.get("namespace").and_then(Json::as_str);
        let name = defined_name(&text_of(place), namespace, enclosing);
        if !is_full_name(&name) {
            return Err(SchemaError::new(format!("{} is not a name", quoted(&name)))
                .at(place.range.clone())
                .help("each part of a name is a letter or `_`, then letters, digits and `_`"));
        }
        if PRIMITIVES.contains(&name.as_str()) {
            return Err(
                SchemaError::new(format!("`{name}` is a primitive type and cannot be defined")).at(place.range.clone())
            );
        }
        let id = NamedId(self.named.len());
        if self.by_name.insert(name.clone(), id).is_some() {
            return Err(SchemaError::new(format!("the type {} is defined twice", quoted(&name)))
                .at(place.range.clone())
                .help("define it once and use it by its name"));
        }
        let aliases = strings(json, "aliases")?;
        let aliases = aliases.into_iter().map(|alias| full_name(&text_of(alias), namespace_of(&name))).collect();
        self.named.push(Named {
            aliases,
            doc: json.get("doc").and_then(Json::as_str).map(str::to_owned),
            kind,
            range: json.range.clone(),
            reference: self.reference.clone(),
            name,
        });
        Ok(id)
    }

    /// Checks the defaults of the records from `first` on, once all types are known.
    fn check_defaults(&self, first: usize) -> Result<(), SchemaError> {
        for named in &self.named[first..] {
            let NamedKind::Record(fields) = &named.kind else { continue };
            for field in fields {
                let Some(default) = &field.default else { continue };
                if !defaults::fits(default, &field.field_type, &self.named) {
                    return Err(SchemaError::new(format!("the default of `{}` does not fit its type", field.name))
                        .at(default.range.clone())
                        .help(defaults::expected(&field.field_type, &self.named)));
                }
            }
        }
        Ok(())
    }
}

fn primitive(name: &str) -> Option<TypeKind> {
    Some(match name {
        "null" => TypeKind::Null,
        "boolean" => TypeKind::Boolean,
        "int" => TypeKind::Int,
        "long" => TypeKind::Long,
        "float" => TypeKind::Float,
        "double" => TypeKind::Double,
        "bytes" => TypeKind::Bytes,
        "string" => TypeKind::String,
        _ => return None,
    })
}

fn logical(json: &Json<'_>) -> Option<Logical> {
    let number = |key| json.get(key)?.as_number()?.parse().ok();
    let name = json.get("logicalType")?.as_str()?.to_owned();
    Some(Logical { name, precision: number("precision"), scale: number("scale") })
}

fn start_of(json: &Json<'_>) -> std::ops::Range<usize> {
    json.range.start..json.range.start + 1
}

fn text_of(json: &Json<'_>) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn required<'j, 't>(json: &'j Json<'t>, key: &str) -> Result<&'j Json<'t>, SchemaError> {
    let what = json.get("type").and_then(Json::as_str).unwrap_or("field");
    json.get(key).ok_or_else(|| SchemaError::new(format!("this {what} has no `{key}`")).at(start_of(json)))
}

fn required_string<'j, 't>(json: &'j Json<'t>, key: &str) -> Result<&'j Json<'t>, SchemaError> {
    let value = required(json, key)?;
    match value.value {
        Value::String(_) => Ok(value),
        _ => Err(SchemaError::new(format!("`{key}` must be a string, it is {}", value.kind())).at(value.range.clone())),
    }
}

/// The strings of an array that may be absent.
fn strings<'j, 't>(json: &'j Json<'t>, key: &str) -> Result<Vec<&'j Json<'t>>, SchemaError> {
    let Some(list) = json.get(key) else { return Ok(Vec::new()) };
    let wrong =
        |value: &Json<'_>| SchemaError::new(format!("`{key}` must be an array of strings")).at(value.range.clone());
    let items = list.as_array().ok_or_else(|| wrong(list))?;
    items.iter().map(|item| if item.as_str().is_some() { Ok(item) } else { Err(wrong(item)) }).collect()
}

fn check_simple_name(json: &Json<'_>, what: &str) -> Result<(), SchemaError> {
    let name = json.as_str().unwrap_or_default();
    if is_simple_name(name) {
        return Ok(());
    }
    Err(SchemaError::new(format!("{} is not a {what}'s name", quoted(name)))
        .at(json.range.clone())
        .help("a letter or `_`, then letters, digits and `_`"))
}
