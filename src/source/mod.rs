//! Files, places in them, and the spanned YAML tree that every manifest is decoded from.
//!
//! Reading from the disk is in [`crate::adapters`]; everything here is pure.

mod decode;
pub(crate) mod edit;
mod evident;
mod manifest;
mod node;
mod percent;
mod secret;
mod shape;
mod span;
mod unseen;
mod word;
pub mod write;
mod yaml;

pub use decode::{Decode, Decoder, Fields};
pub(crate) use decode::{closest, decode_from_str, decode_word};
pub use manifest::{Field, Manifest};
pub(crate) use manifest::{manifest, shape_of};
pub use node::{Entries, Entry, Node, Value};
pub use percent::{percent_decode, percent_encode};
pub use secret::{
    SHORTEST, SecretText, Words, is_secret_setting, is_secret_value, masked, secret_fingerprint, secrets,
    without_secrets,
};
pub use shape::{FieldShape, MappingShape, ScalarShape, Shape, WordShape};
pub use span::{File, FileId, Place, Sources, Span, Spanned};
pub use unseen::is_unseen;
pub(crate) use word::word_enum;
pub use yaml::{Document, parse_exported_yaml, parse_yaml};
pub(crate) use yaml::{MAX_DEPTH, merge_conflict};
