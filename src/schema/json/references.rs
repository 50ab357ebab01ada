//! Where the `$ref`s of a JSON Schema lead. Nothing is ever fetched: a `$ref` leads into the schema itself, into one
//! of the declared references, or nowhere.

use std::collections::HashSet;

use super::keywords::{Holds, holds};
use super::parse::JsonSchema;
use super::resolver::Resolver;
use crate::schema::error::{SchemaError, quoted};
use crate::schema::text::{Json, Value};
use crate::source::percent_decode;

/// How far a `$ref` is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// From subject to subject.
    Everywhere,
    /// Inside one document, as registries do: they take subjects that refer to each other and to nothing else.
    Inside,
}

/// Checks that every `$ref` of the schema leads somewhere, and that none leads to itself alone.
pub fn check(schema: &JsonSchema, follow: Follow) -> Result<(), SchemaError> {
    let mut checker = Checker { resolver: Resolver::new(schema), follow, fine: HashSet::new() };
    let mut error = None;
    walk(&schema.root, &mut |part| {
        if error.is_none()
            && let Some(reference) = part.get("$ref")
        {
            error = checker.check(reference).err();
        }
    });
    error.map_or(Ok(()), Err)
}

struct Checker<'s> {
    resolver: Resolver<'s>,
    follow: Follow,
    /// What is known to lead to a schema, by its address.
    fine: HashSet<usize>,
}

impl<'s> Checker<'s> {
    fn check(&mut self, reference: &'s Json<'static>) -> Result<(), SchemaError> {
        let Some(text) = reference.as_str() else { return Ok(()) };
        let Some((mut target, mut document)) = self.resolver.resolve(reference, 0) else {
            let error = SchemaError::new(format!("`$ref` leads nowhere: {}", quoted(text))).at(reference.range.clone());
            return Err(match text.strip_prefix('#') {
                Some(_) => error.help("there is nothing at this place of the schema"),
                None => error
                    .help("add the subject that holds it to `references`, with this as its `name`")
                    .missing(text.split('#').next().unwrap_or(text)),
            });
        };
        // A chain of `$ref`s that comes back without passing a schema of its own has no meaning. What a chain has
        // passed need not be followed again.
        let mut passed = HashSet::from([target.address()]);
        while let Some(next) = target.get("$ref")
            && next.as_str().is_some_and(|next| self.follow == Follow::Everywhere || next.starts_with('#'))
            && !self.fine.contains(&target.address())
        {
            match self.resolver.resolve(next, document) {
                Some(found) => (target, document) = found,
                None => break,
            }
            if !passed.insert(target.address()) {
                return Err(SchemaError::new(format!("`$ref` {} leads back to itself", quoted(text)))
                    .at(reference.range.clone()));
            }
        }
        self.fine.extend(passed);
        Ok(())
    }
}

pub(super) fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    String::from_utf8(percent_decode(text)?).ok()
}

/// Visits a schema and every schema inside it.
pub fn walk<'s, 't>(schema: &'s Json<'t>, visit: &mut impl FnMut(&'s Json<'t>)) {
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
