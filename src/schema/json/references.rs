//! Where the `$ref`s of a JSON Schema lead. Nothing is ever fetched: a `$ref` leads into the schema itself, into one
//! of the declared references, or nowhere.

use std::collections::HashSet;

use super::keywords::{Holds, holds};
use super::parse::JsonSchema;
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{Json, Value};

/// Checks that every `$ref` of the schema leads somewhere, and that none leads to itself alone.
pub fn check(schema: &JsonSchema) -> Result<(), SchemaError> {
    let mut error = None;
    walk(&schema.root, &mut |part| {
        if error.is_none()
            && let Some(reference) = part.get("$ref")
        {
            error = check_one(schema, reference).err();
        }
    });
    error.map_or(Ok(()), Err)
}

fn check_one(schema: &JsonSchema, reference: &Json<'_>) -> Result<(), SchemaError> {
    let Some(text) = reference.as_str() else { return Ok(()) };
    let Some(mut target) = schema.resolve(text) else {
        let error = SchemaError::new(format!("`$ref` leads nowhere: {}", quoted(text))).at(reference.range.clone());
        return Err(match text.strip_prefix('#') {
            Some(_) => error.help("there is nothing at this place of the schema"),
            None => error.help("add the subject that holds it to `references`, with this as its `name`"),
        });
    };
    // A chain of `$ref`s that comes back without passing a schema of its own has no meaning.
    let mut seen = HashSet::from([text.to_owned()]);
    while let Some(next) = target.get("$ref").and_then(Json::as_str)
        && next.starts_with('#')
    {
        if !seen.insert(next.to_owned()) {
            return Err(
                SchemaError::new(format!("`$ref` {} leads back to itself", quoted(text))).at(reference.range.clone())
            );
        }
        match schema.resolve(next) {
            Some(found) => target = found,
            None => break,
        }
    }
    Ok(())
}

/// The schema that a `$ref` inside `root` leads to.
pub fn resolve<'s>(
    root: &'s Json<'static>,
    references: &'s [(String, Json<'static>)],
    reference: &str,
) -> Option<&'s Json<'static>> {
    // A declared name may itself hold a fragment.
    if let Some((_, other)) = references.iter().find(|(name, _)| name == reference) {
        return Some(other);
    }
    let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let id = |json: &Json<'_>| ["$id", "id"].iter().find_map(|key| json.get(key)?.as_str().map(str::to_owned));
    let document = if base.is_empty() {
        root
    } else {
        let by_name = references.iter().find(|(name, _)| name.trim_end_matches('#') == base).map(|(_, json)| json);
        by_name.or_else(|| find(root, &|part| id(part).is_some_and(|id| same_resource(&id, base, root))))?
    };
    if fragment.is_empty() {
        Some(document)
    } else if fragment.starts_with('/') {
        document.pointer(&percent_decoded(fragment)?)
    } else {
        let anchors = ["$anchor", "$dynamicAnchor"];
        find(document, &|part| {
            anchors.iter().any(|key| part.get(key).and_then(Json::as_str) == Some(fragment))
                || id(part).is_some_and(|id| id.strip_prefix('#') == Some(fragment))
        })
    }
}

/// Whether the id of a part is what a `$ref` means, where either may be relative to the id of the root.
fn same_resource(id: &str, base: &str, root: &Json<'_>) -> bool {
    let of_root = root.get("$id").or_else(|| root.get("id")).and_then(Json::as_str).unwrap_or_default();
    let folder = of_root.rfind('/').map_or("", |slash| &of_root[..=slash]);
    let absolute = |uri: &str| {
        if uri.contains("://") || uri.starts_with("urn:") { uri.to_owned() } else { format!("{folder}{uri}") }
    };
    absolute(id.trim_end_matches('#')) == absolute(base)
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut hex = || char::from(rest.next()?).to_digit(16);
            bytes.push((hex()? * 16 + hex()?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Visits a schema and every schema inside it.
fn walk<'s, 't>(schema: &'s Json<'t>, visit: &mut impl FnMut(&'s Json<'t>)) {
    visit(schema);
    for member in schema.as_object().unwrap_or_default() {
        let items = member.value.as_array().unwrap_or_default();
        match holds(&member.key) {
            Holds::Schema => walk(&member.value, visit),
            Holds::Schemas => items.iter().for_each(|item| walk(item, visit)),
            Holds::SchemaOrSchemas => match member.value.value {
                Value::Array(_) => items.iter().for_each(|item| walk(item, visit)),
                _ => walk(&member.value, visit),
            },
            Holds::Map => {
                member.value.as_object().unwrap_or_default().iter().for_each(|inner| walk(&inner.value, visit));
            }
            Holds::Set | Holds::SetMap | Holds::Data => {}
        }
    }
}

fn find<'s, 't>(schema: &'s Json<'t>, is_it: &impl Fn(&Json<'t>) -> bool) -> Option<&'s Json<'t>> {
    let mut found = None;
    walk(schema, &mut |part| {
        if found.is_none() && is_it(part) {
            found = Some(part);
        }
    });
    found
}
