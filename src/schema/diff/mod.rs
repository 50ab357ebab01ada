//! The change of meaning between two versions of a schema.
//!
//! Each format makes an outline of its schemas (`outline.rs` in its folder): parts with attributes, in which everything
//! stands that the canonical form keeps. Two outlines are compared in one way for all formats, and what the comparison of
//! compatibility has found is traced back to the changes that it comes from.

mod cause;
mod change;
mod compare;
pub(super) mod outline;
pub(super) mod twin;
mod words;

pub use change::{Break, ChangeKind, SchemaChange, SchemaDiff, Spot};

use super::{
    ParsedSchema, SchemaError, SchemaFormat, avro, canonical, forward_incompatibilities, incompatibilities, json,
    protobuf,
};
use cause::Reader;
use outline::Outline;

/// A version of a schema with the text that it was read from.
#[derive(Debug, Clone, Copy)]
pub struct Version<'v> {
    /// The text.
    pub text: &'v str,
    /// What it says.
    pub schema: &'v ParsedSchema,
}

/// What changed from `old` to `new`, two versions of one format.
///
/// # Errors
///
/// One of them has no form in which it can be compared: [`DiffError`] says which.
pub fn diff(new: Version<'_>, old: Version<'_>) -> Result<SchemaDiff, DiffError> {
    let format = new.schema.format();
    if format != old.schema.format() {
        return Err(DiffError::Formats { old: old.schema.format(), new: format });
    }
    let changes = changes(format, new.text, old.text)?;
    let backward = cause::attribute(Reader::New, incompatibilities(new.schema, old.schema), &changes);
    let forward = cause::attribute(Reader::Old, forward_incompatibilities(new.schema, old.schema), &changes);
    Ok(SchemaDiff { changes, backward, forward })
}

/// Why two versions have no difference that could be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffError {
    /// They are of two formats.
    Formats {
        /// That of the old version.
        old: SchemaFormat,
        /// That of the new version.
        new: SchemaFormat,
    },
    /// The old text has no form in which it can be compared.
    Old(SchemaError),
    /// The new text has none.
    New(SchemaError),
}

/// The changes alone: they need no references.
fn changes(format: SchemaFormat, new: &str, old: &str) -> Result<Vec<SchemaChange>, DiffError> {
    if new == old {
        return Ok(Vec::new());
    }
    if canonical(format, new).map_err(DiffError::New)? == canonical(format, old).map_err(DiffError::Old)? {
        return Ok(Vec::new());
    }
    let outline = outline_of(format, new).map_err(DiffError::New)?;
    let mut changes = compare::compare(&outline, outline_of(format, old).map_err(DiffError::Old)?);
    if changes.is_empty() {
        // Nothing may be hidden that counts when schemas are compared.
        changes.push(other(format, &outline, (new, old)));
    }
    Ok(changes)
}

fn other(format: SchemaFormat, new: &Outline, (new_text, old_text): (&str, &str)) -> SchemaChange {
    let what = match format {
        SchemaFormat::Json if json::definitions_word(new_text) != json::definitions_word(old_text) => {
            match json::definitions_word(new_text) {
                Some("$defs") => "the definitions stand under `$defs` and stood under `definitions`",
                _ => "the definitions stand under `definitions` and stood under `$defs`",
            }
        }
        // Outlines know a type by its name, wherever it is defined.
        SchemaFormat::Avro => "a type is defined at another one of its uses",
        SchemaFormat::Json | SchemaFormat::Protobuf => "something else that counts when schemas are compared",
    };
    let spot = Spot { place: new.root.place.clone(), extents: vec![new.root.extent.clone()] };
    SchemaChange {
        kind: ChangeKind::Other,
        path: String::new(),
        part: new.root.label.clone(),
        attribute: Some(what.to_owned()),
        before: None,
        after: None,
        old: None,
        new: Some(spot),
    }
}

fn outline_of(format: SchemaFormat, text: &str) -> Result<Outline, SchemaError> {
    match format {
        SchemaFormat::Avro => avro::outline(text),
        SchemaFormat::Json => json::outline(text),
        SchemaFormat::Protobuf => protobuf::outline(text),
    }
}

#[cfg(test)]
mod tests;
