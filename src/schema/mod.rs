//! Schemas: what the registry's world calls them, and one folder a format.
//!
//! | to | use |
//! | --- | --- |
//! | find out whether a text is a valid schema | [`parse`] |
//! | compare a schema with the registry's text | [`is_met_by`], or [`canonical`] to compare one with many |
//! | print it in the one form that all texts of its meaning have | [`normal`] |
//! | list its fields, and those without a doc | [`fields`], [`undocumented`] |
//! | find names that are not what they look like | [`look_alikes`] |
//! | find what is tagged as personal data | [`personal_data`] |
//! | read a version that a registry has | [`parse_registered`] |
//! | compare a new version with those before it | [`conflicts`], or [`incompatibilities`] and [`forward_incompatibilities`] for one pair |
//! | tell what changed between two versions | [`diff::diff`] |
//! | warn of what the registry lets pass | [`second_opinion`] |
//! | encode sample records, and read them with other versions | [`sample`] |
//! | name its subject by record | [`record_name`] |
//! | guess the format of a text, for words of help | [`looks_like`] |

pub mod avro;
mod canonical;
#[cfg(test)]
mod deep_tests;
pub mod diff;
mod error;
mod field;
mod forward;
mod guess;
mod history;
mod incompatibility;
pub mod json;
mod look_alike;
mod normal;
mod opinion;
mod parsed;
mod personal;
pub mod protobuf;
mod reference;
pub mod sample;
pub mod text;

pub use canonical::{Canonical, canonical, digest, is_met_by};
pub use error::SchemaError;
pub use field::SchemaField;
pub use forward::forward_incompatibilities;
pub use guess::looks_like;
pub use history::{Conflict, Direction, Effort, compared, conflicts, conflicts_within, incompatibilities};
pub use incompatibility::{InReference, InReferences, Incompatibility, Lack};
pub use look_alike::{LookAlike, look_alikes};
pub use normal::normal;
pub use opinion::{Category, Kind, Opinion, second_opinion};
pub use parsed::{
    MAX_SIZE, ParsedSchema, ResolvedReference, fields, parse, parse_like_reference, parse_registered, record_name,
    undocumented,
};
pub use personal::{MOST as MOST_TAGS, PersonalData, personal_data};
pub use reference::{Compatibility, ReferenceVersion, SchemaFormat};
