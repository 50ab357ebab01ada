//! JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12; 7 where `$schema` does not say): parse, canonical and normal form,
//! fields, compatibility, second opinion.

mod additions;
mod canonical;
mod compatibility;
mod draft;
mod expansion;
mod fields;
mod keywords;
mod linked;
mod names;
mod nesting;
mod normal;
mod opinion;
mod outline;
mod parse;
mod personal;
mod references;
mod resolver;
mod sample;
mod shapes;
mod steps;
mod uri;

pub use canonical::canonical;
pub use compatibility::{ChangeKind, Effort, differences, incompatibilities, incompatibilities_within};
pub use draft::Draft;
pub use fields::fields;
pub(in crate::schema) use names::names;
pub use normal::normal;
pub use opinion::second_opinion;
pub(in crate::schema) use outline::{definitions_word, outline};
pub use parse::{JsonSchema, parse, parse_registered};
pub(in crate::schema) use personal::personal_data;
pub(in crate::schema) use references::walk;
pub use sample::Validator;
