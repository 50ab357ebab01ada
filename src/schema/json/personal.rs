use std::collections::HashSet;
use std::ops::Range;

use super::keywords::{Holds, holds};
use super::parse::JsonSchema;
use super::resolver::Resolver;
use crate::schema::personal::{Found, is_tag};
use crate::schema::text::{Json, Value};

/// The keyword of a tag.
const TAG: &str = "x-pii";

/// A schema that is to be looked at, the document that it is in, and the property that it describes.
type Part<'s> = (&'s Json<'static>, usize, Option<Property<'s>>);

/// A property, or names that follow a pattern.
#[derive(Clone)]
struct Property<'s> {
    name: &'s str,
    range: Range<usize>,
    /// Whether what is tagged can be in no other property: neither is the name a pattern, nor the schema one that several
    /// refer to and that is looked at once.
    is_alone: bool,
}

/// What a schema tags, in every part that it reaches.
pub fn personal_data(schema: &JsonSchema) -> Found {
    let mut resolver = Resolver::new(schema);
    let mut seen = HashSet::new();
    let mut found = Found::default();
    let mut open: Vec<Part<'_>> = vec![(&schema.root, 0, None)];
    while let Some((json, document, property)) = open.pop().filter(|_| !found.is_full()) {
        if !seen.insert(json.address()) {
            continue;
        }
        if json.get(TAG).is_some_and(is_tag) {
            let (name, range) = match &property {
                Some(property) => (property.name.to_owned(), Some(property.range.clone())),
                None => ("(the whole)".to_owned(), None),
            };
            let field = property.as_ref().filter(|property| property.is_alone).map(|property| property.name);
            let reference = document.checked_sub(1).map(|index| &*schema.references[index].0);
            found.add(name, field, range, reference);
        }
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let target = json.get(key).and_then(|to| resolver.resolve(to, document));
            open.extend(target.map(|(target, of)| {
                // The place of a property is in its own document.
                let property = property.clone().filter(|_| of == document);
                let property = property.map(|property| Property { is_alone: false, ..property });
                (target, of, property)
            }));
        }
        parts(json, document, property.as_ref(), &mut open);
    }
    found
}

/// The schemas that a schema holds, but for definitions, which count where something leads to them.
fn parts<'s>(json: &'s Json<'static>, document: usize, property: Option<&Property<'s>>, open: &mut Vec<Part<'s>>) {
    for member in json.as_object().unwrap_or_default() {
        let items = member.value.as_array().unwrap_or_default();
        match (&*member.key, holds(&member.key)) {
            ("$defs" | "definitions", _) => {}
            (_, Holds::Schema) => open.push((&member.value, document, property.cloned())),
            (_, Holds::Schemas) => open.extend(items.iter().map(|item| (item, document, property.cloned()))),
            (_, Holds::SchemaOrSchemas) => match member.value.value {
                Value::Array(_) => open.extend(items.iter().map(|item| (item, document, property.cloned()))),
                _ => open.push((&member.value, document, property.cloned())),
            },
            (_, Holds::Map) => open.extend(member.value.as_object().unwrap_or_default().iter().map(|inner| {
                // The range of a key includes its quotes.
                let range = inner.key_range.clone();
                let property = Property { name: &inner.key, range, is_alone: &*member.key == "properties" };
                (&inner.value, document, Some(property))
            })),
            (_, Holds::Set | Holds::SetMap | Holds::Data) => {}
        }
    }
}
