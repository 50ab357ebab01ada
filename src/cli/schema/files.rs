//! Schemas in files, for each of the commands.

use std::path::Path;

use crate::adapters::disk::{self, NoText};
use crate::cli::error::CommandError;
use crate::diag::Diagnostic;
use crate::resources::ReadProblem;
use crate::resources::schema::place_error;
use crate::schema::{SchemaError, SchemaFormat, looks_like};
use crate::source::{FileId, Sources};

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

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, CommandError> {
    let said = |problem: ReadProblem| format!("could not read {}: {}", path.display(), problem.message);
    disk::read_schema(path).map_err(|why| match why {
        NoText::Unread(problem) => CommandError::system(said(problem)),
        // As `validate` ends where a file of the workspace is like that.
        NoText::Unfit(problem) => CommandError::invalid(said(problem)),
    })
}

/// The finding that a file could not be read, for whoever reads no text: what says it besides goes to standard error.
pub(super) fn unreadable(error: &CommandError) -> Diagnostic {
    Diagnostic::new("BUS002", error.message())
}

/// The finding that a file which was given by itself holds no schema.
pub(super) fn invalid_file(
    sources: &Sources,
    (file, format): (FileId, SchemaFormat),
    error: &SchemaError,
    referred: &[(&str, FileId)],
) -> Diagnostic {
    let finding = invalid(file, error, referred);
    let source = sources.file(file);
    if let Some(missing) = &error.missing {
        let own = if format == SchemaFormat::Avro { "define it before it is used, or " } else { "" };
        return finding.help(format!("{own}give its file: --reference {missing}=FILE"));
    }
    let other = looks_like(&source.text).filter(|other| *other != format && error.reference.is_none());
    let Some((word, other)) = other.and_then(|other| TYPES.iter().find(|(_, format)| *format == other)) else {
        return finding;
    };
    let extension = source.path.extension().map(|extension| extension.to_string_lossy());
    let decides = extension.filter(|_| SchemaFormat::of_path(&source.path.to_string_lossy()) == Some(format));
    let decides = decides.map(|extension| format!("; without it the extension decides, and .{extension} is {format}"));
    finding.help(format!("this looks like {other}: say so with --type {word}{}", decides.unwrap_or_default()))
}

/// The finding that a file holds no schema. `referred` are the files that it refers to, by its names for them.
pub(super) fn invalid(file: FileId, error: &SchemaError, referred: &[(&str, FileId)]) -> Diagnostic {
    let finding = place_error(Diagnostic::new("BUS301", error.told()), file, error, referred);
    error.help.iter().cloned().fold(finding, Diagnostic::help)
}
