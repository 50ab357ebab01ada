//! What a reader calls the writer's types and fields, by its aliases.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::schema::avro::model::{AvroSchema, Field, Named, NamedId, NamedKind, Type, TypeKind};

/// The aliases of a reader, as `Schema.applyAliases` collects them.
#[derive(Default)]
pub(super) struct Aliases<'s> {
    /// A type's full name by each of its aliases.
    types: HashMap<&'s str, &'s str>,
    /// A field's name by its aliases, for each record's full name and aliases. All names of a record share one map.
    fields: HashMap<&'s str, Rc<HashMap<&'s str, &'s str>>>,
}

impl<'s> Aliases<'s> {
    /// Those of what is used in the reader. References may hold more types. Java does not look at them where both schemas
    /// are the same.
    pub(super) fn of(reader: &'s AvroSchema, writer: &AvroSchema) -> Self {
        let mut aliases = Self::default();
        if is_equal(reader, writer) {
            return aliases;
        }
        for id in used(reader) {
            let named = reader.named(id);
            aliases.types.extend(named.aliases.iter().map(|alias| (alias.as_str(), named.name.as_str())));
            let NamedKind::Record(fields) = &named.kind else { continue };
            let renamed: HashMap<&str, &str> =
                fields.iter().flat_map(|field| field.aliases.iter().map(|alias| (&**alias, &*field.name))).collect();
            if renamed.is_empty() {
                continue;
            }
            let renamed = Rc::new(renamed);
            aliases.fields.extend(named.aliases.iter().map(|alias| (alias.as_str(), renamed.clone())));
            aliases.fields.insert(&named.name, renamed);
        }
        aliases
    }

    /// What the reader calls a type of the writer.
    pub(super) fn type_name<'n>(&self, named: &'n Named) -> &'n str
    where
        's: 'n,
    {
        self.types.get(named.name.as_str()).copied().unwrap_or(&named.name)
    }

    /// What the reader calls a field of a record of the writer.
    pub(super) fn field_name<'n>(&self, record: &'n Named, field: &'n Field) -> &'n str
    where
        's: 'n,
    {
        let renamed = self.fields.get(self.type_name(record));
        renamed.and_then(|renamed| renamed.get(field.name.as_str()).copied()).unwrap_or(&field.name)
    }

    /// A record of the writer of which two fields have one name for the reader, with the name. No Java consumer gets as
    /// far as reading then.
    pub(super) fn clash(&self, writer: &'s AvroSchema) -> Option<(&'s Named, &'s str)> {
        if self.fields.is_empty() {
            return None;
        }
        used(writer).into_iter().map(|id| writer.named(id)).find_map(|named| {
            let NamedKind::Record(fields) = &named.kind else { return None };
            let mut seen = HashSet::with_capacity(fields.len());
            let twice = fields.iter().map(|field| self.field_name(named, field)).find(|name| !seen.insert(*name));
            twice.map(|name| (named, name))
        })
    }
}

/// The named types that the root leads to.
fn used(schema: &AvroSchema) -> Vec<NamedId> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut types: Vec<&Type> = vec![&schema.root];
    while let Some(of) = types.pop() {
        match &of.kind {
            TypeKind::Array(inner) | TypeKind::Map(inner) => types.push(inner),
            TypeKind::Union(branches) => types.extend(branches),
            TypeKind::Named(id) if seen.insert(*id) => {
                found.push(*id);
                if let NamedKind::Record(fields) = &schema.named(*id).kind {
                    types.extend(fields.iter().map(|field| &field.field_type));
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether two schemas are the same but for docs and aliases.
fn is_equal(one: &AvroSchema, other: &AvroSchema) -> bool {
    let mut seen = HashSet::new();
    let mut pairs = vec![(&one.root, &other.root)];
    while let Some((a, b)) = pairs.pop() {
        if a.logical != b.logical {
            return false;
        }
        match (&a.kind, &b.kind) {
            (TypeKind::Array(a), TypeKind::Array(b)) | (TypeKind::Map(a), TypeKind::Map(b)) => pairs.push((a, b)),
            (TypeKind::Union(a), TypeKind::Union(b)) if a.len() == b.len() => pairs.extend(a.iter().zip(b)),
            (TypeKind::Named(a), TypeKind::Named(b)) => {
                if !seen.insert((*a, *b)) {
                    continue;
                }
                let (a, b) = (one.named(*a), other.named(*b));
                let same = match (&a.kind, &b.kind) {
                    (NamedKind::Fixed(a), NamedKind::Fixed(b)) => a == b,
                    (NamedKind::Enum { symbols: a, .. }, NamedKind::Enum { symbols: b, .. }) => a == b,
                    (NamedKind::Record(a), NamedKind::Record(b)) => {
                        pairs.extend(a.iter().zip(b).map(|(a, b)| (&a.field_type, &b.field_type)));
                        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.name == b.name && same_default(a, b))
                    }
                    _ => false,
                };
                if !same || a.name != b.name {
                    return false;
                }
            }
            (TypeKind::Union(_), _) => return false,
            (a, b) if a == b => {}
            _ => return false,
        }
    }
    true
}

/// Whether two fields have the same default; its place does not count.
fn same_default(one: &Field, other: &Field) -> bool {
    one.default.as_ref().map(ToString::to_string) == other.default.as_ref().map(ToString::to_string)
}
