//! Avro (specification 1.12): parse, canonical form, fields.

mod canonical;
mod defaults;
mod fields;
mod model;
mod name;
mod parse;

pub use canonical::canonical;
pub use fields::{fields, is_documented};
pub use model::{AvroSchema, Field, Logical, Named, NamedId, NamedKind, Type, TypeKind};
pub use parse::parse;
