//! Schemas: what the registry's world calls them, and one folder a format.

mod reference;

pub use reference::{Compatibility, ReferenceVersion, SchemaFormat};
