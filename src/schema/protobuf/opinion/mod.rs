//! A second opinion on a change that the registry may let pass, in the manner of buf: what it does to records in the
//! binary encoding, to records in JSON, and to code.
//!
//! It tells nothing that the registry refuses: that is what [`compatibility`](super::compatibility) is for. Unlike there,
//! the two files are the old one and the new one, whichever reads.

mod concern;
mod enums;
mod extensions;
mod fields;
mod file;
mod judge;
mod messages;
mod oneofs;
mod reserved;

use super::ProtobufSchema;
use crate::schema::{Category, Opinion};

use concern::Concern;
use judge::Judge;

/// What may be regretted about the change from `old` to `new`, up to a category and of those before it.
pub fn second_opinion(new: &ProtobufSchema, old: &ProtobufSchema, category: Category) -> Vec<Opinion> {
    let mut judge = Judge::new(new, old, category);
    judge.files();
    judge.opinions
}

#[cfg(test)]
mod tests;
