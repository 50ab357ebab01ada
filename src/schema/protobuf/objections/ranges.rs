//! Ranges of numbers, and names, that are not to be used.

use std::collections::HashSet;

use super::{Checked, Walk};
use crate::schema::error::quoted;

/// Ranges of a message or enum.
#[derive(Default)]
pub struct Ranges(Vec<Kept>);

struct Kept {
    /// The first and the last number.
    from: i64,
    to: i64,
    /// Which list it is in, and where.
    place: [i32; 2],
    /// What its numbers are.
    what: &'static str,
}

impl Ranges {
    /// Adds ranges, each with its last number.
    pub fn add(&mut self, list: i32, what: &'static str, ranges: impl Iterator<Item = (i32, i64)>) {
        let ranges = ranges.enumerate();
        self.0.extend(ranges.map(|(index, (from, to))| Kept {
            from: from.into(),
            to,
            place: [list, index as i32],
            what,
        }));
    }

    /// What a number is, if it is in one of the ranges. They are known to lie apart.
    pub fn what(&self, number: i32) -> Option<&'static str> {
        let behind = self.0.partition_point(|range| range.from <= i64::from(number));
        self.0[..behind].last().filter(|range| i64::from(number) <= range.to).map(|range| range.what)
    }
}

impl Walk {
    /// Sorts ranges, which have to lie apart.
    pub(super) fn apart(&self, ranges: &mut Ranges) -> Checked {
        if let Some(Kept { from, to, place, .. }) = ranges.0.iter().find(|range| range.to < range.from) {
            return self.object(place, format!("the range {from} to {to} has no numbers"), "write the lower one first");
        }
        ranges.0.sort_unstable_by_key(|range| (range.from, range.to));
        for pair in ranges.0.windows(2) {
            let [one, other] = pair else { continue };
            if other.from <= one.to {
                let number = other.from;
                let said = match one.what == other.what {
                    true => format!("{number} is {} twice", one.what),
                    false => format!("{number} is {} and {}", one.what, other.what),
                };
                // What stands behind the other in the text came later.
                let place = one.place.max(other.place);
                return self.object(&place, said, "let the ranges lie apart");
            }
        }
        Ok(())
    }

    /// The reserved names, each of them once.
    pub(super) fn reserved_names<'n>(
        &self,
        list: i32,
        names: &'n [String],
    ) -> Result<HashSet<&'n str>, super::Objection> {
        let mut known = HashSet::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            if !known.insert(name.as_str()) {
                let said = format!("the name {} is reserved twice", quoted(name));
                self.object(&[list, index as i32], said, "reserve it once")?;
            }
        }
        Ok(known)
    }
}
