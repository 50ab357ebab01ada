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

pub use concern::Category;

use super::ProtobufSchema;
use crate::schema::Incompatibility;

use concern::Concern;
use judge::Judge;

/// Something that the registry lets pass, with a code of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Its code is also that of the incompatibility.
    concern: Concern,
    /// Where, what and the way out. `reader` is the new file, `writer` the old one.
    pub incompatibility: Incompatibility,
}

impl Opinion {
    /// What it breaks.
    pub fn category(&self) -> Category {
        self.concern.category()
    }
}

/// What may be regretted about the change from `old` to `new`, up to a category and of those before it.
pub fn second_opinion(new: &ProtobufSchema, old: &ProtobufSchema, category: Category) -> Vec<Opinion> {
    let mut judge = Judge::new(new, old, category);
    judge.files();
    judge.opinions
}

#[cfg(test)]
mod tests;
