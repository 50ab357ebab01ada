//! Which field of the writer a field of the reader is, and which symbols are missing.

use std::collections::{HashMap, HashSet};

use crate::schema::avro::model::{AvroSchema, Field, NamedId, NamedKind};

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
