//! Records of Avro: from JSON to the binary encoding, and back as a reader with another version sees them.
//!
//! Reading is resolved as Apache Avro 1.12.0 for Java does it (`Resolver`, `ResolvingDecoder`), its own way included:
//! outside unions records are not compared by name, enums and fixed without namespace; the first branch of a union counts
//! that is of the same type and full name, then a record of the same fields, then a promotion. So a record may be read that
//! `incompatibilities` objects to, and the other way round: what decides about a sample is what a consumer does.

mod alike;
mod covers;
mod datum;
mod decode;
mod default;
mod encode;
mod lookup;
mod names;
mod note;
mod resolve;
mod sample;

pub use alike::write_alike;
pub use covers::covers;
pub use datum::Datum;
pub use decode::decode;
pub use encode::encode;
pub use note::{Decoded, Note, Oddity};
pub use sample::{Misfit, UNNAMED, sample};

/// Values that one record may be made of, defaults of the reader counted. A default of records with defaults of records
/// can be written in a few lines and have more values than there is memory for.
const MOST_VALUES: usize = 4_000_000;

/// Values inside each other.
const MOST_DEPTH: usize = 512;

#[cfg(test)]
mod tests;
