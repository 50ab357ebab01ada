//! Avro (specification 1.12): parse, canonical and normal form, fields, compatibility, second opinion,
//! records.

mod canonical;
pub mod codec;
mod compatibility;
mod defaults;
mod fields;
mod java;
mod model;
mod name;
mod normal;
mod opinion;
mod outline;
mod parse;
mod personal;

pub use canonical::canonical;
pub use compatibility::incompatibilities;
pub use fields::{fields, is_documented};
pub use model::{AvroSchema, Field, Logical, Named, NamedId, NamedKind, Type, TypeKind};
pub use normal::normal;
pub use opinion::second_opinion;
pub(in crate::schema) use outline::outline;
pub use parse::{parse, parse_like_java, parse_registered};
pub(in crate::schema) use personal::personal_data;
