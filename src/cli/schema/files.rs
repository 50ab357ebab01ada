//! Schemas in files, for each of the commands.

use std::path::{Path, PathBuf};

use crate::adapters::disk;
use crate::cli::error::CommandError;
use crate::diag::Diagnostic;
use crate::schema::{SchemaError, SchemaFormat};
use crate::source::{FileId, Span};

/// Formats as the registry's world abbreviates them.
pub(super) const TYPES: &[(&str, SchemaFormat)] =
    &[("avro", SchemaFormat::Avro), ("json", SchemaFormat::Json), ("protobuf", SchemaFormat::Protobuf)];

/// The format that was asked for, or that the extension of a file tells.
pub(super) fn format_of(asked: Option<SchemaFormat>, file: &Path) -> Result<SchemaFormat, CommandError> {
    asked.or_else(|| SchemaFormat::of_path(&file.to_string_lossy())).ok_or_else(|| {
        CommandError::usage(format!("the extension of {} tells no format", file.display()))
            .hint("say it with --type avro, json or protobuf")
    })
}

/// A reference as it is given on the command line: `NAME=FILE`.
pub(super) fn parse_reference(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("write NAME=FILE".to_owned()),
    }
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, CommandError> {
    disk::read_schema(path)
        .map_err(|problem| CommandError::system(format!("could not read {}: {}", path.display(), problem.message)))
}

/// The finding that a file holds no schema.
pub(super) fn invalid(file: FileId, error: &SchemaError) -> Diagnostic {
    let range = error.range.clone().filter(|_| error.reference.is_none()).unwrap_or_default();
    let inside = error.reference.as_ref().map(|name| format!("in `{name}`: ")).unwrap_or_default();
    let finding =
        Diagnostic::new("BUS301", format!("{inside}{}", error.message)).at(Span::new(file, range.start, range.end), "");
    error.help.iter().cloned().fold(finding, Diagnostic::help)
}
