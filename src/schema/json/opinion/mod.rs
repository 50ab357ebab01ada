//! A second opinion on a change of a JSON Schema that the registry lets pass: it looks at neither `format`, nor `const`,
//! nor at what stands behind a pattern, and not at what a default or a unit means.
//!
//! The parts of both schemas meet by their keywords and names, those of `oneOf`, `anyOf` and `allOf` by what is equal and
//! then by their order. `$ref`s are followed; two parts are compared once. Steps are counted: of schemas made to need
//! more than a million of them the rest is not looked at, which is said.

mod concern;
mod judge;
mod keywords;
mod properties;

use super::parse::JsonSchema;
use crate::schema::{Category, Opinion};
use judge::Judge;

/// What may be regretted about the change from `old` to `new`, up to a category and of those before it.
pub fn second_opinion(new: &JsonSchema, old: &JsonSchema, category: Category) -> Vec<Opinion> {
    let mut judge = Judge::new(new, old, category);
    judge.run();
    judge.opinions
}

#[cfg(test)]
mod tests;
