use std::collections::{HashMap, HashSet};

use crate::schema::avro::model::{AvroSchema, NamedKind, Type, TypeKind};

/// Types inside each other that are compared. What is deeper counts as the same.
const MOST_DEPTH: usize = 256;

/// Pairs of types that are compared. What is beyond counts as the same.
const MOST_PAIRS: usize = 1_000_000;

/// Whether each record that fits `narrow` exactly fits `wide` exactly, as they are written in JSON: then no sample can
/// tell the two apart. Names of types and defaults make no difference there, and whole numbers too large for a float's or
/// double's digits count as values of it.
pub fn covers(wide: &AvroSchema, narrow: &AvroSchema) -> bool {
    Covering { wide, narrow, known: HashMap::new(), left: MOST_PAIRS }.covers(&wide.root, &narrow.root, MOST_DEPTH)
}

struct Covering<'s> {
    wide: &'s AvroSchema,
    narrow: &'s AvroSchema,
    /// What is known of pairs of named types. While they are compared they count as covered.
    known: HashMap<(usize, usize), bool>,
    left: usize,
}

impl<'s> Covering<'s> {
    fn covers(&mut self, wide: &'s Type, narrow: &'s Type, depth: usize) -> bool {
        let (Some(depth), Some(left)) = (depth.checked_sub(1), self.left.checked_sub(1)) else { return true };
        self.left = left;
        match (&wide.kind, &narrow.kind) {
            (_, TypeKind::Union(branches)) => branches.iter().all(|branch| self.covers(wide, branch, depth)),
            (TypeKind::Union(branches), _) => branches.iter().any(|branch| self.covers(branch, narrow, depth)),
            (TypeKind::Array(wide), TypeKind::Array(narrow)) | (TypeKind::Map(wide), TypeKind::Map(narrow)) => {
                self.covers(wide, narrow, depth)
            }
            (TypeKind::Named(one), TypeKind::Named(other)) => {
                if let Some(known) = self.known.get(&(one.0, other.0)) {
                    return *known;
                }
                self.known.insert((one.0, other.0), true);
                let covers = match (&self.wide.named(*one).kind, &self.narrow.named(*other).kind) {
                    (NamedKind::Fixed(one), NamedKind::Fixed(other)) => one == other,
                    (NamedKind::Enum { symbols, .. }, NamedKind::Enum { symbols: narrow, .. }) => {
                        let known: HashSet<_> = symbols.iter().collect();
                        narrow.iter().all(|symbol| known.contains(symbol))
                    }
                    (NamedKind::Record(fields), NamedKind::Record(narrow)) if fields.len() == narrow.len() => {
                        let types: HashMap<_, _> =
                            fields.iter().map(|field| (&field.name, &field.field_type)).collect();
                        narrow.iter().all(|field| {
                            types.get(&field.name).is_some_and(|wide| self.covers(wide, &field.field_type, depth))
                        })
                    }
                    _ => false,
                };
                self.known.insert((one.0, other.0), covers);
                covers
            }
            (one, other) => one == other || is_written_alike(one, other),
        }
    }
}

/// Whether every value of a narrow type is written as one of a wide type is.
fn is_written_alike(wide: &TypeKind, narrow: &TypeKind) -> bool {
    use TypeKind::{Bytes, Double, Float, Int, Long, String};
    matches!((wide, narrow), (Long, Int) | (Float | Double, Int | Long) | (Double, Float) | (String, Bytes))
}
