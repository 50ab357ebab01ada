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

/// What earlier versions in files refer to in place of what the new one does.
#[derive(Debug, clap::Args)]
pub struct OldReferenceArg {
    /// What the earlier versions refer to by a name, where that was another text than --reference gives, or nothing by that
    /// name is referred to now. May be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_reference)]
    old_reference: Vec<(String, PathBuf)>,
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
        files(&self.reference, "--reference", sources).map(References)
    }
}

impl OldReferenceArg {
    /// Whether nothing else is referred to.
    pub fn is_empty(&self) -> bool {
        self.old_reference.is_empty()
    }

    /// Reads the files, and puts each in the place of the reference that has its name; others come before all.
    pub fn over<'a>(&'a self, present: &References<'a>, sources: &mut Sources) -> Result<References<'a>, CommandError> {
        let old = files(&self.old_reference, "--old-reference", sources)?;
        let is_for = |(name, file): &(&str, FileId), (other, there): &(&str, FileId)| {
            let format = |file: FileId| format_of(&sources.file(file).path);
            name == other && format(*file) == format(*there)
        };
        let added = old.iter().filter(|old| !present.0.iter().any(|now| is_for(old, now)));
        let kept = present.0.iter().map(|now| old.iter().find(|old| is_for(old, now)).unwrap_or(now));
        Ok(References(added.chain(kept).copied().collect()))
    }
}

fn files<'a>(
    given: &'a [(String, PathBuf)],
    option: &str,
    sources: &mut Sources,
) -> Result<Vec<(&'a str, FileId)>, CommandError> {
    // Versions of two formats may each have one of the same name.
    let mut known = HashSet::new();
    let twice = given.iter().find(|(name, file)| !known.insert((name, format_of(file))));
    if let Some((name, _)) = twice {
        return Err(CommandError::usage(format!("two files are given for the reference `{name}`"))
            .hint(format!("give the one that is meant: {option} NAME=FILE, once for each name")));
    }
    let mut add = |file: &Path| Ok::<_, CommandError>(sources.add(file, read(file)?));
    given.iter().map(|(name, file)| Ok((name.as_str(), add(file)?))).collect()
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
