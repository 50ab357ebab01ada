//! A second opinion on a change of an Avro schema that the registry lets pass: its decision knows neither what a default
//! hides nor what a number means.
//!
//! Records are matched as the registry matches them (short names, aliases), fields by name and by the aliases of the new
//! schema. Where one field went and another of its type came at the same place, the second is taken for the first with
//! another name.
//!
//! Nothing recurses, and two named types are compared once. Steps are counted: of schemas made to need more than a
//! million of them the rest is not looked at, which is said.

mod concern;
mod judge;
mod logical;
mod records;

use super::model::AvroSchema;
use crate::schema::{Category, Opinion};
use judge::Judge;

/// What may be regretted about the change from `old` to `new`, up to a category and of those before it.
pub fn second_opinion(new: &AvroSchema, old: &AvroSchema, category: Category) -> Vec<Opinion> {
    let mut judge = Judge::new(new, old, category);
    judge.run();
    judge.opinions
}

#[cfg(test)]
mod tests;
