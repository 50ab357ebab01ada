use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::VersionSpec;
use crate::model::Subject;
use crate::resources::topic::ReferenceSpec;
use crate::schema::{SchemaFormat, is_met_by};
use crate::source::{FileId, Sources};

/// The schema files of a workspace by path.
///
/// Beside a schema `FOLDER/NAME.EXTENSION` stand its earlier versions, `FOLDER/versions/NAME/NUMBER.EXTENSION`, and sample
/// records, `FOLDER/fixtures/NAME/*.json`. Neither are schemas that a topic or a subject can name. What an earlier version
/// refers to says a manifest beside its text, `NUMBER.yaml`.
#[derive(Debug, Clone, Default)]
pub struct SchemaFiles {
    files: Vec<(PathBuf, SchemaFile)>,
    /// Where each path stands in the list, by its text. Comparing and hashing paths is slow, and each topic looks for its
    /// schemas several times.
    places: HashMap<Box<str>, usize>,
    /// Earlier versions by the path of their schema without its extension, the oldest first.
    earlier: HashMap<Box<str>, Vec<SchemaVersion>>,
    /// Sample records by the path of their schema without its extension.
    fixtures: HashMap<Box<str>, Vec<FileId>>,
    /// JSON files in folders of sample records that are no sample's place.
    strays: Vec<FileId>,
    /// Files among earlier versions whose names are no numbers, by the path of their schema without its extension.
    unnumbered: HashMap<Box<str>, Vec<FileId>>,
    /// What earlier versions refer to, by their paths without extension and without zeros before the number.
    records: HashMap<Box<str>, Record>,
    /// Manifests of a version that has another one, with that.
    repeated: Vec<(FileId, FileId)>,
    /// The paths without extension of the schemas that there were in the workspace that this one is compared with.
    before: Option<HashSet<Box<str>>>,
    /// Earlier versions that are present ones there.
    of_base: HashSet<FileId>,
}

/// What an earlier version refers to.
#[derive(Debug, Clone)]
pub(super) enum Record {
    /// As a manifest beside its text says.
    Manifest {
        /// What it says.
        spec: VersionSpec,
        /// Its file.
        file: FileId,
    },
    /// As it was in the workspace that the version is of: the name, the subject and the file of each, behind those that it
    /// refers to itself.
    Files(Vec<(String, Subject, FileId)>),
}

/// A schema file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaFile {
    /// The file.
    pub file: FileId,
    /// The format, by its extension.
    pub format: SchemaFormat,
}

/// An earlier version of a schema that is kept in Git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// Its number, by its file name. Only their order counts; a registry numbers in its own way.
    pub number: u32,
    /// Its file.
    pub schema: SchemaFile,
}

impl SchemaFiles {
    /// Sorts out the schema files among those that were read, in their order.
    pub fn new(files: impl Iterator<Item = FileId>, sources: &Sources) -> Self {
        let mut found = Self::default();
        for file in files {
            let path = &sources.file(file).path;
            let Some(text) = path.to_str() else { continue };
            let schema = SchemaFormat::of_path(text).map(|format| SchemaFile { file, format });
            match (Role::of(text), schema) {
                (Role::Schema, Some(schema)) => {
                    found.places.insert(text.into(), found.files.len());
                    found.files.push((path.clone(), schema));
                }
                (Role::Version { of, number: Some(number) }, Some(schema)) => {
                    found.earlier.entry(of.into()).or_default().push(SchemaVersion { number, schema });
                }
                (Role::Version { of, number: None }, Some(_)) => {
                    found.unnumbered.entry(of.into()).or_default().push(file);
                }
                (Role::Schema | Role::Version { .. }, None) => {}
                (Role::Stray, _) => found.strays.push(file),
                (Role::Fixture { of }, _) => found.fixtures.entry(of.into()).or_default().push(file),
            }
        }
        // In the order of paths, 10 is before 9.
        found.earlier.values_mut().for_each(|versions| versions.sort_by_key(|version| version.number));
        found
    }

    /// Adds what the manifest of an earlier version says, whose path this is without extension. It is of the version that has
    /// the same number, however that is written.
    pub fn record(&mut self, version: &str, spec: VersionSpec, file: FileId) {
        let number = version.rsplit_once('/').and_then(|(folder, name)| Some((folder, number(name)?)));
        let version = number.map_or_else(|| version.into(), |(folder, number)| format!("{folder}/{number}"));
        match self.records.entry(version.into()) {
            Entry::Occupied(first) => match first.get() {
                Record::Manifest { file: first, .. } => self.repeated.push((file, *first)),
                Record::Files(_) => {}
            },
            Entry::Vacant(entry) => {
                entry.insert(Record::Manifest { spec, file });
            }
        }
    }

    /// Manifests of a version that has another one, which is the one that counts.
    pub(super) fn repeated(&self) -> &[(FileId, FileId)] {
        &self.repeated
    }

    /// The manifests of earlier versions, in the order of their paths: the path of the version without extension, what is
    /// said of it, and whether the version is there.
    pub(super) fn manifests(&self) -> Vec<(&str, &VersionSpec, FileId, bool)> {
        let mut found: Vec<_> = self
            .records
            .iter()
            .filter_map(|(version, record)| match record {
                Record::Manifest { spec, file } => Some((&**version, spec, *file, self.has_version(version))),
                Record::Files(_) => None,
            })
            .collect();
        found.sort_unstable_by_key(|(version, ..)| *version);
        found
    }

    /// Whether there is an earlier version of this path without extension.
    fn has_version(&self, version: &str) -> bool {
        let (of, name) = match Role::of(&format!("{version}.yaml")) {
            Role::Version { of, number: Some(number) } => (of, number),
            _ => return false,
        };
        self.earlier.get(&*of).is_some_and(|versions| versions.iter().any(|version| version.number == name))
    }

    /// The same files with the manifests of their versions.
    pub fn with_records_of(self, other: Self) -> Self {
        Self { records: other.records, repeated: other.repeated, ..self }
    }

    /// What an earlier version of the schema at a path refers to, where that is known.
    pub(super) fn recorded(&self, path: &Path, number: u32) -> Option<&Record> {
        if self.records.is_empty() {
            return None;
        }
        self.records.get(&*version_of(path, number)?)
    }

    /// The references that the manifest beside an earlier version of the schema at a path says.
    pub fn recorded_references(&self, path: &Path, number: u32) -> Option<&[ReferenceSpec]> {
        match self.recorded(path, number)? {
            Record::Manifest { spec, .. } => Some(&spec.references),
            Record::Files(_) => None,
        }
    }

    /// Adds what an earlier version of the schema at a path refers to.
    pub(super) fn add_record(&mut self, path: &Path, number: u32, record: Record) {
        if let Some(version) = version_of(path, number) {
            self.records.insert(version.into(), record);
        }
    }

    /// Adds an earlier version of the schema at a path, behind the others.
    pub(super) fn add_version(&mut self, path: &Path, version: SchemaVersion) {
        if let Some(of) = path.to_str().and_then(stem) {
            self.earlier.entry(of.into()).or_default().push(version);
        }
    }

    /// Whether an earlier version is the present one of the workspace that this one is compared with, and kept nowhere.
    pub(super) fn is_of_base(&self, version: SchemaVersion) -> bool {
        self.of_base.contains(&version.schema.file)
    }

    /// Whether the workspace that this one is compared with had no schema at a path.
    pub(super) fn is_new(&self, path: &Path) -> bool {
        let of = path.to_str().and_then(stem);
        self.before.as_ref().zip(of).is_some_and(|(before, of)| !before.contains(of))
    }

    /// The earlier versions of the schema at a path, the oldest first.
    pub fn earlier(&self, path: &Path) -> &[SchemaVersion] {
        let of = path.to_str().and_then(stem).and_then(|stem| self.earlier.get(stem));
        of.map_or(&[], Vec::as_slice)
    }

    /// Takes what the schemas were in another workspace, whose files are among the sources, for versions before the present
    /// ones: a change is then compared with what it changes, whether or not somebody kept it. What is kept already, or says
    /// the same, is not taken twice. `moved` tells where schemas of topics and subjects are now that were at another path;
    /// their versions come with them.
    pub fn add_versions_of(&mut self, base: &Self, moved: &HashMap<PathBuf, BTreeSet<PathBuf>>, sources: &Sources) {
        let paths = base.files.iter().map(|(path, _)| path).chain(moved.values().flatten());
        let stems: HashSet<Box<str>> = paths.filter_map(|path| Some(path.to_str().and_then(stem)?.into())).collect();
        self.before = (!stems.is_empty()).then_some(stems);
        for (path, was) in base.iter() {
            self.add_versions(path, &[], was, base.newest(path), sources);
            for now in moved.get(path).into_iter().flatten() {
                self.add_versions(now, base.earlier(path), was, base.newest(path), sources);
            }
        }
    }

    /// The same for the schema at a path, which was another one, with earlier versions, of which the newest has a number.
    fn add_versions(
        &mut self,
        path: &Path,
        earlier: &[SchemaVersion],
        was: SchemaFile,
        newest: u32,
        sources: &Sources,
    ) {
        let Some(of) = path.to_str().and_then(stem) else { return };
        let mut extensions = SchemaFormat::EXTENSIONS.iter();
        let present = extensions.find_map(|(extension, _)| self.at(&format!("{of}.{extension}")));
        let Some((_, present)) = present.filter(|(_, present)| *present != was) else { return };
        for was in earlier.iter().map(|version| version.schema).chain([was]) {
            let text = &sources.file(was.file).text;
            let is_same = |file: SchemaFile| {
                file.format == was.format && is_met_by(file.format, text, &sources.file(file.file).text)
            };
            let kept = self.earlier.get(of).map_or(&[][..], Vec::as_slice);
            if is_same(present) || kept.iter().any(|version| is_same(version.schema)) {
                continue;
            }
            let number = kept.last().map_or(0, |version| version.number).max(newest).saturating_add(1);
            self.earlier.entry(of.into()).or_default().push(SchemaVersion { number, schema: was });
            self.of_base.insert(was.file);
        }
    }

    /// The number of the newest earlier version of the schema at a path; 0 where there is none.
    pub(super) fn newest(&self, path: &Path) -> u32 {
        self.earlier(path).last().map_or(0, |version| version.number)
    }

    /// The files among the earlier versions of the schema at a path whose names are no numbers.
    pub fn unnumbered(&self, path: &Path) -> &[FileId] {
        let of = path.to_str().and_then(stem).and_then(|stem| self.unnumbered.get(stem));
        of.map_or(&[], Vec::as_slice)
    }

    /// A file of each folder of earlier versions beside which there is no schema, with the path that the schema would have
    /// without its extension; in the order of paths.
    pub fn without_schema(&self) -> Vec<(&str, FileId)> {
        let numbered = self.earlier.iter().map(|(of, versions)| (&**of, versions[0].schema.file));
        let unnumbered = self.unnumbered.iter().filter(|(of, _)| !self.earlier.contains_key(*of));
        let all = numbered.chain(unnumbered.map(|(of, files)| (&**of, files[0])));
        let has_schema = |of: &str| {
            SchemaFormat::EXTENSIONS
                .iter()
                .any(|(extension, _)| self.places.contains_key(&*format!("{of}.{extension}")))
        };
        let mut found: Vec<_> = all.filter(|(of, _)| !has_schema(of)).collect();
        found.sort_unstable();
        found
    }

    /// The sample records of what a path without extension names: `schemas/DOMAIN/TOPIC`.
    pub fn fixtures(&self, of: &str) -> &[FileId] {
        self.fixtures.get(of).map_or(&[], Vec::as_slice)
    }

    /// Every folder of sample records by what it is called after, with its files; in no order.
    pub fn fixture_folders(&self) -> impl Iterator<Item = (&str, &[FileId])> {
        self.fixtures.iter().map(|(of, files)| (&**of, files.as_slice()))
    }

    /// Files somewhere below a folder `fixtures` where no sample record is looked for, in the order of paths.
    pub fn strays(&self) -> &[FileId] {
        &self.strays
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

    /// Every schema file with its path; no earlier versions and no fixtures.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, SchemaFile)> {
        self.files.iter().map(|(path, file)| (path.as_path(), *file))
    }
}

/// Whether a file stands among sample records and is meant to be one: also where its extension is in capitals, so that this
/// can be told.
pub fn is_fixture(path: &Path) -> bool {
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    path.starts_with("schemas") && is_json && is_in_fixtures(path)
}

/// Fixtures are sample records, not schemas.
pub fn is_in_fixtures(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "fixtures")
}

/// What a file with the extension of a schema is, by its path.
#[derive(Debug, PartialEq)]
enum Role {
    Schema,
    /// An earlier version of the schema with this path without its extension.
    Version {
        of: String,
        number: Option<u32>,
    },
    /// A sample record.
    Fixture {
        of: String,
    },
    /// Something else in a folder of sample records.
    Stray,
}

impl Role {
    fn of(path: &str) -> Self {
        let parts = path.rsplitn(4, '/').collect::<Vec<_>>();
        let [name, schema, kind @ ("versions" | "fixtures"), folder] = parts[..] else {
            let is_stray = path.split('/').any(|part| part == "fixtures");
            return if is_stray { Role::Stray } else { Role::Schema };
        };
        let of = format!("{folder}/{schema}");
        match kind {
            "versions" => Role::Version { of, number: stem(name).and_then(number) },
            _ => Role::Fixture { of },
        }
    }
}

/// Whether a path is that of a manifest beside an earlier version: `FOLDER/versions/NAME/NUMBER.yaml`.
pub fn is_version_manifest(path: &Path) -> bool {
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let role = path.to_str().filter(|_| is_yaml && path.starts_with("schemas")).map(Role::of);
    matches!(role, Some(Role::Version { number: Some(_), .. }))
}

/// The path of an earlier version of the schema at a path, without extension.
fn version_of(path: &Path, number: u32) -> Option<String> {
    let of = path.to_str().and_then(stem)?;
    let (folder, name) = of.rsplit_once('/')?;
    Some(format!("{folder}/versions/{name}/{number}"))
}

/// The number that a name is: digits alone, and no 0, for versions count from 1.
fn number(name: &str) -> Option<u32> {
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    name.parse().ok().filter(|number| is_number && *number > 0)
}

/// A path without its extension.
fn stem(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(stem, _)| stem)
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

    #[test]
    fn earlier_versions_and_fixtures_stand_beside_their_schema() {
        let mut sources = Sources::default();
        let paths = [
            "schemas/shop/fixtures/order/plain.json",
            "schemas/shop/order.avsc",
            "schemas/shop/versions/order/10.avsc",
            "schemas/shop/versions/order/9.json",
            "schemas/shop/versions/order/old.avsc",
            "schemas/shop/versions/order/+1.avsc",
            "schemas/shop/versions/order/0.avsc",
            "schemas/shop/versions/refund/1.avsc",
            "schemas/shop/versions/basket/first.avsc",
            "schemas/versions/plan.avsc",
            "schemas/shop/fixtures/order/deep/a.json",
            "schemas/shop/fixtures/a.json",
        ];
        let ids = paths.map(|path| sources.add(path, "{}"));
        let [fixture, order, tenth, ninth, old, plus, zero, refund, basket, plan, deep, high] = ids;
        let files = SchemaFiles::new(ids.into_iter(), &sources);
        assert_eq!(files.iter().map(|(_, file)| file.file).collect::<Vec<_>>(), [order, plan]);
        let earlier = files.earlier(Path::new("schemas/shop/order.avsc"));
        let version = |version: &SchemaVersion| (version.number, version.schema.file, version.schema.format);
        let found: Vec<_> = earlier.iter().map(version).collect();
        assert_eq!(found, [(9, ninth, SchemaFormat::Json), (10, tenth, SchemaFormat::Avro)]);
        assert_eq!(files.fixtures("schemas/shop/order"), [fixture]);
        assert_eq!(files.strays(), [deep, high]);
        assert_eq!(files.unnumbered(Path::new("schemas/shop/order.avsc")), [old, plus, zero]);
        assert_eq!(files.without_schema(), [("schemas/shop/basket", basket), ("schemas/shop/refund", refund)]);
    }
}
