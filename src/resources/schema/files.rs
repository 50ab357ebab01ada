use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::schema::SchemaFormat;
use crate::source::{FileId, Sources};

/// The schema files of a workspace by path.
#[derive(Debug, Clone, Default)]
pub struct SchemaFiles {
    files: BTreeMap<PathBuf, SchemaFile>,
}

/// A schema file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaFile {
    /// The file.
    pub file: FileId,
    /// The format, by its extension.
    pub format: SchemaFormat,
}

impl SchemaFiles {
    /// Lists the schema files among those that were read.
    pub fn new(files: impl Iterator<Item = FileId>, sources: &Sources) -> Self {
        let files = files.filter_map(|file| {
            let path = &sources.file(file).path;
            let format = SchemaFormat::of_path(path.to_str()?)?;
            Some((path.clone(), SchemaFile { file, format }))
        });
        Self { files: files.collect() }
    }

    /// The schema at a path.
    pub fn get(&self, path: &Path) -> Option<SchemaFile> {
        self.files.get(path).copied()
    }

    /// Every schema file with its path.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, SchemaFile)> {
        self.files.iter().map(|(path, file)| (path.as_path(), *file))
    }
}
