//! Protocol Buffers (proto2 and proto3): parse, canonical and normal form, fields, compatibility, second opinion.

mod builtin;
mod canonical;
mod comments;
mod compatibility;
mod declarations;
mod describe;
mod fields;
mod json_names;
mod names;
mod normal;
mod objections;
mod opinion;
mod options;
mod outline;
mod parse;
mod personal;
mod places;
mod sample;
mod source;
mod tolerance;

pub use canonical::canonical;
pub use compatibility::{differences, incompatibilities};
pub use fields::fields;
pub(in crate::schema) use json_names::names;
pub use normal::normal;
pub use opinion::second_opinion;
pub(in crate::schema) use outline::outline;
pub use parse::{ProtobufSchema, parse, parse_registered};
pub(in crate::schema) use personal::personal_data;
pub use sample::Message;

#[cfg(test)]
mod property_tests;
