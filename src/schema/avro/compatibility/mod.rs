//! Whether a reader with one schema can read what was written with another, as `SchemaCompatibility` of Apache Avro
//! 1.12.0 decides: the same verdict, and of each incompatibility the same kind and location.
//!
//! What is peculiar about that decision, and kept:
//!
//! - Names are compared without their namespace, aliases of the reader with it. Logical types are ignored.
//! - Two types are compared once. Where they meet again, their incompatibilities are listed again, with the location of
//!   the first time; while they are being compared, they count as compatible.
//! - What is compared with a branch of a union of the reader has a location that starts at that branch. It is listed
//!   only where the same two types meet again outside the union.
//! - A reader's enum that has a default is compared with the writer's *record* where the writer has no such field.
//!
//! Nothing recurses, and two types are compared once, so that neither deep nor knotted schemas hurt: time and memory are
//! bounded by the pairs of types that meet, by how much of them is looked at, and by what is kept of their
//! incompatibilities. Schemas made to exceed these bounds (a million pairs of types) count as incompatible.

mod check;
mod knots;
mod lookup;
mod message;
pub(super) mod place;
mod problem;
mod rules;

use super::model::AvroSchema;
use crate::schema::Incompatibility;
use check::Check;

/// Everything because of which `reader` cannot read what was written with `writer`; nothing where it can. In the order
/// in which Java lists it, repetitions included, up to a hundred thousand and 32 MiB of text.
pub fn incompatibilities(reader: &AvroSchema, writer: &AvroSchema) -> Vec<Incompatibility> {
    Check::new(reader, writer).run()
}

#[cfg(test)]
mod place_tests;
#[cfg(test)]
mod tests;
