//! Which field of the writer a field of the reader is, and which symbols are missing.

use std::collections::{HashMap, HashSet};

use super::problem::{Node, Sides};
use crate::schema::avro::model::{AvroSchema, Field, NamedId, NamedKind, Type};
use crate::schema::avro::name::short_name;

/// Up to here, looking through a list is faster than any map.
const FEW: usize = 12;

/// What the writer has for a field of the reader.
pub(super) enum Found<'s> {
    Nothing,
    One(&'s Field),
    /// Two names of the reader's field that the writer has.
    Two(&'s str, &'s str),
}

/// The fields of the writer's records by their names, made for large records where they are needed.
#[derive(Default)]
pub(super) struct WriterFields<'s>(HashMap<NamedId, HashMap<&'s str, &'s Field>>);

impl<'s> WriterFields<'s> {
    /// What `record` has for `field`, which is the reader's field number `index`.
    pub(super) fn find(
        &mut self,
        writer: &'s AvroSchema,
        record: NamedId,
        field: &'s Field,
        index: usize,
    ) -> Found<'s> {
        let fields = fields_of(writer, record);
        let direct = self.get(fields, record, &field.name, index);
        let mut found = direct.map(|direct| (field.name.as_str(), direct));
        let mut by_alias = None;
        for alias in &field.aliases {
            // An alias counts once, but beside the name also where it is the same.
            if by_alias == Some(alias.as_str()) {
                continue;
            }
            let Some(aliased) = self.get(fields, record, alias, index) else { continue };
            if let Some((one, _)) = found {
                return Found::Two(one, alias);
            }
            by_alias = Some(alias);
            found = Some((alias, aliased));
        }
        found.map_or(Found::Nothing, |(_, field)| Found::One(field))
    }

    fn get(&mut self, fields: &'s [Field], record: NamedId, name: &str, index: usize) -> Option<&'s Field> {
        // Most fields stay where they are.
        if let Some(same) = fields.get(index).filter(|field| field.name == name) {
            return Some(same);
        }
        if fields.len() <= FEW {
            return fields.iter().find(|field| field.name == name);
        }
        let by_name =
            self.0.entry(record).or_insert_with(|| fields.iter().map(|field| (field.name.as_str(), field)).collect());
        by_name.get(name).copied()
    }
}

/// The named branches of the reader's unions by what they are known as, each union by its address.
#[derive(Default)]
pub(super) struct NamedBranches<'s>(HashMap<usize, Branches<'s>>);

/// The places of the branches of a union, ascending.
#[derive(Default)]
struct Branches<'s> {
    by_short_name: HashMap<&'s str, Vec<usize>>,
    /// Aliases count as full names.
    by_alias: HashMap<&'s str, Vec<usize>>,
}

impl<'s> NamedBranches<'s> {
    /// The first branch of a union, from `start` on, that is known as the writer's type.
    pub(super) fn next(
        &mut self,
        sides: Sides<'s>,
        union: &'s Type,
        branches: &'s [Type],
        writer: NamedId,
        start: usize,
    ) -> Option<usize> {
        let known = self.0.entry(std::ptr::from_ref(union).addr()).or_insert_with(|| {
            let mut known = Branches::default();
            for (place, branch) in branches.iter().enumerate() {
                let Node::Named(id) = Node::of(branch) else { continue };
                let named = sides.reader.named(id);
                known.by_short_name.entry(short_name(&named.name)).or_default().push(place);
                for alias in &named.aliases {
                    known.by_alias.entry(alias).or_default().push(place);
                }
            }
            known
        });
        let name = sides.writer.named(writer).name.as_str();
        let next = |places: &Vec<usize>| places.get(places.partition_point(|place| *place < start)).copied();
        let by_short_name = known.by_short_name.get(short_name(name)).and_then(next);
        let by_alias = known.by_alias.get(name).and_then(next);
        by_short_name.into_iter().chain(by_alias).min()
    }
}

/// The fields of a record; none of another type.
pub(super) fn fields_of(schema: &AvroSchema, record: NamedId) -> &[Field] {
    match &schema.named(record).kind {
        NamedKind::Record(fields) => fields,
        NamedKind::Enum { .. } | NamedKind::Fixed(_) => &[],
    }
}

/// Whether an enum with `reader`'s symbols knows all of `writer`'s.
pub(super) fn knows_all(reader: &[String], writer: &[String]) -> bool {
    reader.starts_with(writer) || missing(reader, writer).next().is_none()
}

/// The symbols of `writer` that `reader` lacks.
pub(super) fn missing<'s>(reader: &'s [String], writer: &'s [String]) -> impl Iterator<Item = &'s str> {
    let known: Option<HashSet<&str>> = (reader.len() > FEW).then(|| reader.iter().map(String::as_str).collect());
    let is_known = move |symbol: &str| match &known {
        Some(known) => known.contains(symbol),
        None => reader.iter().any(|other| other == symbol),
    };
    writer.iter().map(String::as_str).filter(move |symbol| !is_known(symbol))
}
