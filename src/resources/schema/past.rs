//! The versions of a schema before the present one, each with what it referred to: a change of that changes what consumers
//! read as much as a change of the text.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::files::Record;
use super::references::{Referred, Resolved, files_of};
use super::{SchemaFile, SchemaVersion, VersionSpec};
use crate::model::Subject;
use crate::resources::Workspace;
use crate::resources::topic::ReferenceSpec;
use crate::schema::{ParsedSchema, SchemaError, SchemaFormat, is_met_by, parse_registered};
use crate::source::FileId;

/// The versions of a schema before the present one.
#[derive(Debug, Clone, Default)]
pub struct Past<'w> {
    /// Those with a text of their own, the oldest first.
    pub kept: Vec<PastVersion<'w>>,
    /// The present text with an earlier version of something that it refers to, since the newest of the others; of each
    /// subject the oldest first.
    pub carried: Vec<PastVersion<'w>>,
    /// What the present version refers to.
    pub references: Vec<Referred<'w>>,
    /// References of the present version to versions that are not in Git.
    pub missing: Vec<&'w ReferenceSpec>,
}

/// A version of a schema before the present one.
#[derive(Debug, Clone)]
pub struct PastVersion<'w> {
    /// The number of its text. Where that is the present one, its number is that of the present version.
    pub number: u32,
    /// Its text.
    pub schema: SchemaFile,
    /// What it referred to, each behind those that it refers to itself.
    pub references: Vec<Referred<'w>>,
    /// What else it may have referred to, where nobody knows what it was.
    pub otherwise: Option<Vec<Referred<'w>>>,
    /// The earlier versions of other subjects that it referred to, where the present version refers to later ones.
    pub with: Vec<(&'w Subject, u32)>,
}

impl<'w> PastVersion<'w> {
    /// What it is called: `v3`, or `v3 with v1 of `money``.
    pub fn name(&self) -> String {
        let with: Vec<String> = self.with.iter().map(|(subject, number)| format!("v{number} of `{subject}`")).collect();
        match with.as_slice() {
            [] => format!("v{}", self.number),
            with => format!("v{} with {}", self.number, with.join(" and ")),
        }
    }

    /// Whether it has the present text, and another version of the same subject than the present one.
    pub fn is_of_same(&self, other: &Self) -> bool {
        self.with.last().map(|(subject, _)| subject) == other.with.last().map(|(subject, _)| subject)
    }

    /// The files of what it is read with first, by its names for them.
    pub fn read_with(&self) -> Vec<(&'w str, FileId)> {
        files_of(&self.references)
    }

    /// Whether what it referred to is known.
    pub fn is_known(&self) -> bool {
        self.otherwise.is_none()
    }

    /// Reads it as a registry does, and tells with what: what it referred to. Where nobody knows what that was, it is what
    /// it can be read with.
    pub fn read(&self, workspace: &Workspace) -> (Result<ParsedSchema, SchemaError>, &[Referred<'w>]) {
        let parse = |references: &[Referred<'_>]| {
            let text = &workspace.sources.file(self.schema.file).text;
            parse_registered(self.schema.format, text, &workspace.texts_of(references))
        };
        let schema = parse(&self.references);
        match &self.otherwise {
            Some(references) if schema.is_err() => (parse(references), references),
            _ => (schema, &self.references),
        }
    }
}

/// What another workspace says of the versions of a schema.
enum Learned {
    /// What the version of this number refers to.
    Version(u32),
    /// That there is another version, of the same text.
    Another,
}

impl Workspace {
    /// The versions before the present one of the schema at a path, which refers to `references`.
    pub fn past<'w>(&'w self, path: &Path, present: SchemaFile, references: &'w [ReferenceSpec]) -> Past<'w> {
        let Resolved { found, missing } = self.referred_instead(references, &|_| None);
        let mut past = Past { references: found, missing, ..Past::default() };
        let earlier = self.schemas.earlier(path);
        past.kept = earlier.iter().map(|kept| self.kept(path, present, *kept, references, &past)).collect();
        if !past.references.is_empty() {
            past.carried = self.carried(path, present, references, &past);
        }
        past
    }

    fn kept<'w>(
        &'w self,
        path: &Path,
        present: SchemaFile,
        SchemaVersion { number, schema }: SchemaVersion,
        references: &'w [ReferenceSpec],
        past: &Past<'w>,
    ) -> PastVersion<'w> {
        let (references, otherwise) = match self.schemas.recorded(path, number) {
            Some(Record::Manifest { spec, .. }) => {
                let recorded = |subject: &Subject| self.recorded_number(spec, subject);
                let Resolved { found, missing } = self.referred_instead(&spec.references, &recorded);
                let is_known = missing.is_empty() && spec.references.iter().all(|to| self.is_said(to));
                (found, (!is_known).then(|| past.references.clone()))
            }
            Some(Record::Files(files)) => {
                let known =
                    files.iter().map(|(name, subject, file)| Referred { name, subject, file: *file, floats: false });
                (known.collect(), None)
            }
            // What a schema of another format referred to is not known any more.
            None if schema.format != present.format => (Vec::new(), None),
            None if !past.references.iter().any(|to| to.floats && !self.earlier_of(to.subject).is_empty()) => {
                (past.references.clone(), None)
            }
            // The change that is looked at is most often the last one.
            None => {
                let newest = |subject: &Subject| {
                    let floats = past.references.iter().any(|to| to.floats && to.subject == subject);
                    self.earlier_of(subject).last().filter(|_| floats).map(|kept| kept.number)
                };
                (self.referred_instead(references, &newest).found, Some(past.references.clone()))
            }
        };
        let with = self.earlier_than(schema.format, &past.references, &references);
        PastVersion { number, schema, references, otherwise, with }
    }

    /// The present text with earlier versions of each of the subjects that it refers to without a number.
    fn carried<'w>(
        &'w self,
        path: &Path,
        present: SchemaFile,
        references: &'w [ReferenceSpec],
        past: &Past<'w>,
    ) -> Vec<PastVersion<'w>> {
        let newest = past.kept.last();
        // What the workspace was that this one is compared with is known to the last version.
        let is_of_base =
            newest.is_some_and(|newest| matches!(self.schemas.recorded(path, newest.number), Some(Record::Files(_))));
        if is_of_base || self.schemas.is_new(path) {
            return Vec::new();
        }
        let mut seen = BTreeSet::new();
        let floating = past.references.iter().filter(|to| to.floats && seen.insert(to.subject));
        let mut carried = Vec::new();
        for to in floating {
            let earlier = self.earlier_of(to.subject);
            let first = match newest {
                None => 0,
                Some(newest) if newest.is_known() => {
                    let had = newest.references.iter().find(|had| had.subject == to.subject);
                    had.and_then(|had| self.version_of(had.subject, had.file)).unwrap_or(0)
                }
                Some(_) => earlier.last().map_or(0, |kept| kept.number),
            };
            for kept in earlier.iter().filter(|kept| kept.number >= first) {
                if self.is_same_text(present.format, kept.schema.file, to.file) {
                    continue;
                }
                let step = |subject: &Subject| (subject == to.subject).then_some(kept.number);
                let had = self.referred_instead(references, &step).found;
                let is_kept = newest.is_some_and(|newest| {
                    self.is_same_text(present.format, newest.schema.file, present.file)
                        && files_of(&newest.references) == files_of(&had)
                });
                if !is_kept {
                    let with = self.earlier_than(present.format, &past.references, &had);
                    let number = newest.map_or(1, |newest| newest.number.saturating_add(1));
                    carried.push(PastVersion { number, schema: present, references: had, otherwise: None, with });
                }
            }
        }
        carried
    }

    /// The version of a subject that the manifest of a kept version says. Where it says none that is in Git, it is the newest
    /// kept one: the change that is looked at is most often the last one.
    fn recorded_number(&self, spec: &VersionSpec, subject: &Subject) -> Option<u32> {
        let reference = spec.references.iter().find(|to| to.subject.value == *subject)?;
        if self.is_said(reference) {
            return reference.number_of(subject);
        }
        self.earlier_of(subject).last().map(|kept| kept.number)
    }

    /// The kept versions of a subject.
    fn earlier_of(&self, subject: &Subject) -> &[SchemaVersion] {
        self.versions_of(subject).map_or(&[], |(_, kept)| kept)
    }

    /// What was referred to in another version than it is now, with that version.
    fn earlier_than<'w>(
        &self,
        format: SchemaFormat,
        now: &[Referred<'w>],
        had: &[Referred<'w>],
    ) -> Vec<(&'w Subject, u32)> {
        let mut with: Vec<(&Subject, u32)> = Vec::new();
        for had in had {
            let now = now.iter().find(|now| now.subject == had.subject);
            if now.is_some_and(|now| self.is_same_text(format, now.file, had.file))
                || with.iter().any(|(known, _)| *known == had.subject)
            {
                continue;
            }
            with.extend(self.version_of(had.subject, had.file).map(|number| (had.subject, number)));
        }
        with
    }

    /// Whether two files of a format say the same.
    fn is_same_text(&self, format: SchemaFormat, one: FileId, other: FileId) -> bool {
        let text = |file| &*self.sources.file(file).text;
        one == other || is_met_by(format, text(one), text(other))
    }

    /// Takes in what the schemas of another workspace refer to there, whose files are among the sources and whose schemas
    /// are earlier versions already: a schema whose text stayed is another one where what it refers to has changed.
    pub(crate) fn add_references_of(&mut self, base: &Workspace, moved: &HashMap<PathBuf, BTreeSet<PathBuf>>) {
        let mut known = Vec::new();
        {
            let mut own: HashMap<FileId, &[ReferenceSpec]> = HashMap::new();
            for declared in self.declared_schemas() {
                own.entry(declared.file.file).or_insert(declared.references());
            }
            for was in base.declared_schemas().filter(|was| !was.references().is_empty()) {
                let referred = base.referred(was.references());
                let path = &base.sources.file(was.file.file).path;
                for path in std::iter::once(path).chain(moved.get(path).into_iter().flatten()) {
                    let of = |(extension, _): &(&str, SchemaFormat)| self.schemas.get(&path.with_extension(extension));
                    let Some(present) = SchemaFormat::EXTENSIONS.iter().find_map(of) else { continue };
                    let now = self.referred(own.get(&present.file).copied().unwrap_or_default());
                    if let Some(learned) = self.learned(path, present, was.file, (&now, &referred)) {
                        let newest = base.schemas.newest(path);
                        let files = referred.iter().map(|to| (to.name.to_owned(), to.subject.clone(), to.file));
                        known.push((path.clone(), learned, newest, was.file, Record::Files(files.collect())));
                    }
                }
            }
        }
        for (path, learned, newest, schema, record) in known {
            let number = match learned {
                Learned::Version(number) => number,
                Learned::Another => {
                    let number = self.schemas.newest(&path).max(newest).saturating_add(1);
                    self.schemas.add_version(&path, SchemaVersion { number, schema });
                    number
                }
            };
            self.schemas.add_record(&path, number, record);
        }
    }

    /// What is learned of a schema from what it is in another workspace, where its references are `was` and not `now`.
    fn learned(
        &self,
        path: &Path,
        present: SchemaFile,
        schema: SchemaFile,
        (now, was): (&[Referred<'_>], &[Referred<'_>]),
    ) -> Option<Learned> {
        let is_schema = |other: SchemaFile| {
            other.format == schema.format && self.is_same_text(schema.format, schema.file, other.file)
        };
        if is_schema(present) && self.are_same(schema.format, now, was) {
            return None;
        }
        let kept = self.schemas.earlier(path).iter().rev().find(|kept| is_schema(kept.schema));
        match kept.map(|kept| (kept.number, self.schemas.recorded(path, kept.number))) {
            Some((number, None)) => Some(Learned::Version(number)),
            Some((_, Some(Record::Manifest { spec, .. }))) => {
                let recorded = |subject: &Subject| self.recorded_number(spec, subject);
                let had = self.referred_instead(&spec.references, &recorded).found;
                (!self.are_same(schema.format, &had, was)).then_some(Learned::Another)
            }
            Some((_, Some(Record::Files(_)))) => None,
            None => Some(Learned::Another),
        }
    }

    /// Whether references have the same names and lead to the same texts.
    fn are_same(&self, format: SchemaFormat, one: &[Referred<'_>], other: &[Referred<'_>]) -> bool {
        let is_same = |(one, other): (&Referred<'_>, &Referred<'_>)| {
            one.name == other.name && self.is_same_text(format, one.file, other.file)
        };
        one.len() == other.len() && one.iter().zip(other).all(is_same)
    }
}

impl ReferenceSpec {
    /// The number that it says for a subject.
    fn number_of(&self, subject: &Subject) -> Option<u32> {
        use crate::schema::ReferenceVersion::Number;
        match self.version.map(|version| version.value) {
            Some(Number(number)) if self.subject.value == *subject => Some(number),
            _ => None,
        }
    }
}
