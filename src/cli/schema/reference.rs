//! Schemas that those in files refer to.

use std::path::{Path, PathBuf};

use super::files::read;
use crate::cli::error::CommandError;
use crate::schema::{ResolvedReference, SchemaFormat};

/// What schemas in files refer to.
#[derive(Debug, clap::Args)]
pub struct ReferenceArg {
    /// A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that
    /// it refers to itself
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_reference)]
    reference: Vec<(String, PathBuf)>,
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
    pub fn read(&self) -> Result<References<'_>, CommandError> {
        let references = self.reference.iter().map(|(name, file)| Ok((name.as_str(), file.as_path(), read(file)?)));
        Ok(References(references.collect::<Result<_, CommandError>>()?))
    }
}

/// What is referred to: name, file and text of each.
pub(super) struct References<'a>(Vec<(&'a str, &'a Path, String)>);

impl References<'_> {
    /// All of them.
    pub fn all(&self) -> Vec<ResolvedReference<'_>> {
        self.0.iter().map(|(name, _, text)| ResolvedReference { name, text }).collect()
    }

    /// Those of versions in a format. Where the versions are of several, a reference is for those whose format its extension
    /// tells.
    pub fn of(&self, format: SchemaFormat, versions: &[SchemaFormat]) -> Vec<ResolvedReference<'_>> {
        let is_for_another = |file: &Path| {
            SchemaFormat::of_path(&file.to_string_lossy())
                .is_some_and(|told| told != format && versions.contains(&told))
        };
        let own = self.0.iter().filter(|(_, file, _)| !is_for_another(file));
        own.map(|(name, _, text)| ResolvedReference { name, text }).collect()
    }
}
