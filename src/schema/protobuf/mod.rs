//! Protocol Buffers (proto2 and proto3): parse, canonical and normal form, fields, compatibility, second opinion.

mod builtin;
mod canonical;
mod comments;
pub mod compatibility;
mod describe;
mod fields;
mod names;
mod normal;
pub mod opinion;
mod options;
mod parse;
mod places;
mod source;

pub use canonical::canonical;
pub use fields::fields;
pub use normal::normal;
pub use parse::{ProtobufSchema, parse};

#[cfg(test)]
mod property_tests;
