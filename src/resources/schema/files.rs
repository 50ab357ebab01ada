use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::schema::SchemaFormat;
use crate::source::{FileId, Sources};

/// The schema files of a workspace by path.
#[derive(Debug, Clone, Default)]
pub struct SchemaFiles {
    files: Vec<(PathBuf, SchemaFile)>,
    /// Where each path stands in the list, by its text. Comparing and hashing paths is slow, and each topic looks for its
    /// schemas several times.
    places: HashMap<Box<str>, usize>,
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
    /// Lists the schema files among those that were read, in their order.
    pub fn new(files: impl Iterator<Item = FileId>, sources: &Sources) -> Self {
        let files = files.filter_map(|file| {
            let path = &sources.file(file).path;
            let format = SchemaFormat::of_path(path.to_str()?)?;
            Some((path.clone(), SchemaFile { file, format }))
        });
        let files: Vec<_> = files.collect();
        let text = |(place, (path, _)): (usize, &(PathBuf, SchemaFile))| Some((path.to_str()?.into(), place));
        let places = files.iter().enumerate().filter_map(text).collect();
        Self { files, places }
    }

    /// The schema at a path.
    pub fn get(&self, path: &Path) -> Option<SchemaFile> {
        // As people write it, a path may have parts that mean nothing: `./` and a second `/`.
        let plain: PathBuf = path.components().collect();
        self.at(plain.to_str()?).map(|(_, file)| file)
    }

    /// The schema at a path without parts that mean nothing, with the path.
    pub fn at(&self, path: &str) -> Option<(&Path, SchemaFile)> {
        self.places.get(path).map(|place| &self.files[*place]).map(|(path, file)| (path.as_path(), *file))
    }

    /// Every schema file with its path.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, SchemaFile)> {
        self.files.iter().map(|(path, file)| (path.as_path(), *file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_as_people_write_it() {
        let mut sources = Sources::default();
        let ids = ["schemas/shop/order.avsc", "schemas/shop/README.md"].map(|path| sources.add(path, "{}"));
        let files = SchemaFiles::new(ids.into_iter(), &sources);
        let found = |path: &str| files.get(Path::new(path)).map(|file| file.file);
        for path in ["schemas/shop/order.avsc", "schemas/shop/./order.avsc", "schemas//shop/order.avsc"] {
            assert_eq!(found(path), Some(ids[0]), "{path}");
        }
        for path in ["schemas/shop/README.md", "/schemas/shop/order.avsc", "schemas/shop/../shop/order.avsc"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
