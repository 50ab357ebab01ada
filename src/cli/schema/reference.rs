//! Schemas that those in files refer to.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::files::read;
use crate::cli::error::CommandError;
use crate::schema::SchemaFormat;
use crate::source::{FileId, Sources};

/// What schemas in files refer to.
#[derive(Debug, clap::Args)]
pub struct ReferenceArg {
    /// A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that
    /// it refers to itself
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_reference)]
    reference: Vec<(String, PathBuf)>,
}

fn format_of(file: &Path) -> Option<SchemaFormat> {
    SchemaFormat::of_path(&file.to_string_lossy())
}

/// `NAME=FILE`.
fn parse_reference(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("write NAME=FILE".to_owned()),
    }
}

impl ReferenceArg {
    /// Whether nothing is referred to.
    pub fn is_empty(&self) -> bool {
        self.reference.is_empty()
    }

    /// Reads the files.
    pub fn read(&self, sources: &mut Sources) -> Result<References<'_>, CommandError> {
        // Versions of two formats may each have one of the same name.
        let mut known = HashSet::new();
        let twice = self.reference.iter().find(|(name, file)| !known.insert((name, format_of(file))));
        if let Some((name, _)) = twice {
            return Err(CommandError::usage(format!("two files are given for the reference `{name}`"))
                .hint("give the one that is meant: --reference NAME=FILE, once for each name"));
        }
        let mut add = |file: &Path| Ok::<_, CommandError>(sources.add(file, read(file)?));
        let references = self.reference.iter().map(|(name, file)| Ok((name.as_str(), add(file)?)));
        references.collect::<Result<Vec<_>, CommandError>>().map(References)
    }
}

/// What is referred to: the name and the file of each.
pub(super) struct References<'a>(Vec<(&'a str, FileId)>);

impl<'a> References<'a> {
    /// All of them.
    pub fn all(&self) -> &[(&'a str, FileId)] {
        &self.0
    }

    /// Those of versions in a format. Where the versions are of several, a reference is for those whose format its extension
    /// tells.
    pub fn of(&self, format: SchemaFormat, versions: &[SchemaFormat], sources: &Sources) -> Vec<(&'a str, FileId)> {
        let is_for_another = |file: FileId| {
            format_of(&sources.file(file).path).is_some_and(|told| told != format && versions.contains(&told))
        };
        self.0.iter().copied().filter(|(_, file)| !is_for_another(*file)).collect()
    }
}
