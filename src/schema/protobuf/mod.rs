//! Protocol Buffers (proto2 and proto3): parse, canonical form, fields.

mod builtin;
mod canonical;
mod comments;
mod fields;
mod names;
mod options;
mod parse;
mod source;

pub use canonical::canonical;
pub use fields::fields;
pub use parse::{ProtobufSchema, parse};
