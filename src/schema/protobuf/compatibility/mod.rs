//! Whether a reader with one Protobuf file can read what was written with another, as the Confluent registry decides it.
//!
//! The registry compares the text of the file itself: names, numbers, labels as they are written, and types. Messages are
//! known by name, fields by number. It looks at neither services, extensions, options, defaults nor reserved numbers,
//! and not at groups. Where its releases and its development version differ, the releases count.

mod change;
mod compare;
mod explain;
pub(super) mod kinds;
pub(super) mod path;

#[cfg(test)]
pub use change::Element;
pub use compare::{breaking_changes, changes};

use explain::Explainer;

use super::ProtobufSchema;
use crate::schema::Incompatibility;

/// What keeps `reader` from reading what was written with `writer`; empty where they are compatible.
pub fn incompatibilities(reader: &ProtobufSchema, writer: &ProtobufSchema) -> Vec<Incompatibility> {
    let explainer = Explainer::of(reader, writer);
    breaking_changes(reader, writer).into_iter().map(|change| explainer.explain(change)).collect()
}

/// All differences in words, those that break nothing too.
pub fn differences(reader: &ProtobufSchema, writer: &ProtobufSchema) -> Vec<Incompatibility> {
    let explainer = Explainer::of(reader, writer);
    changes(reader, writer).into_iter().map(|change| explainer.explain(change)).collect()
}

#[cfg(test)]
mod advice_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod place_tests;
#[cfg(test)]
mod tests;
