use std::collections::BTreeSet;

use super::files::Record;
use super::{Part, SchemaFile, SchemaVersion};
use crate::model::Subject;
use crate::resources::Workspace;
use crate::resources::topic::ReferenceSpec;
use crate::schema::{ReferenceVersion, ResolvedReference};
use crate::source::FileId;

/// A schema that another one refers to, directly or through others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Referred<'w> {
    /// How it is named.
    pub name: &'w str,
    /// The subject.
    pub subject: &'w Subject,
    /// Its text.
    pub file: FileId,
    /// Whether it is whatever version is the newest: no reference on the way says a number.
    pub floats: bool,
}

impl Workspace {
    /// The schema that this workspace declares under a subject, and what it refers to: a subject manifest's, or by
    /// TopicNameStrategy a topic's.
    pub fn schema_of_subject(&self, subject: &Subject) -> Option<(SchemaFile, &[ReferenceSpec])> {
        if let Some(spec) = self.subjects.get(subject) {
            return self.schemas.get(&spec.schema_path(self)?).map(|file| (file, spec.references.as_slice()));
        }
        let (topic, part) = match subject.as_str().strip_suffix("-value") {
            Some(topic) => (topic, Part::Value),
            None => (subject.as_str().strip_suffix("-key")?, Part::Key),
        };
        let topic = self.topics.get(topic)?;
        let file = self.schemas_of(topic).into_iter().find(|schema| schema.part == part)?.file?;
        Some((file, topic.schema.as_ref().map_or(&[], |schema| schema.references.as_slice())))
    }

    /// The texts of everything that a schema refers to, directly and through others, each behind those that it refers to
    /// itself. A reference to nothing is left out: the rules report it.
    pub fn resolve_references<'w>(&'w self, references: &'w [ReferenceSpec]) -> Vec<ResolvedReference<'w>> {
        self.texts_of(&self.referred(references))
    }

    /// The files of the same, by the names that schemas have for them.
    pub fn reference_files<'w>(&'w self, references: &'w [ReferenceSpec]) -> Vec<(&'w str, FileId)> {
        files_of(&self.referred(references))
    }

    /// The same with the subject of each.
    pub fn referred<'w>(&'w self, references: &'w [ReferenceSpec]) -> Vec<Referred<'w>> {
        self.referred_instead(references, &|_| None).found
    }

    /// The same, with other versions than those that are asked for where `instead` says a number for a subject.
    pub(super) fn referred_instead<'w>(
        &'w self,
        references: &'w [ReferenceSpec],
        instead: &dyn Fn(&Subject) -> Option<u32>,
    ) -> Resolved<'w> {
        if references.is_empty() {
            return Resolved::default();
        }
        let mut walk = Walk { workspace: self, instead, seen: BTreeSet::new(), resolved: Resolved::default() };
        walk.all(references, true);
        walk.resolved
    }

    /// The texts of what is referred to.
    pub(super) fn texts_of<'w>(&'w self, referred: &[Referred<'w>]) -> Vec<ResolvedReference<'w>> {
        let text = |referred: &Referred<'w>| &*self.sources.file(referred.file).text;
        referred.iter().map(|to| ResolvedReference { name: to.name, text: text(to) }).collect()
    }

    /// The present schema of a subject, and its kept versions, the oldest first.
    pub fn versions_of(&self, subject: &Subject) -> Option<(SchemaFile, &[SchemaVersion])> {
        let (present, _) = self.schema_of_subject(subject)?;
        Some((present, self.schemas.earlier(&self.sources.file(present.file).path)))
    }

    /// The version that a reference of a kept version says, where it is known: one that is in Git. Of a subject without kept
    /// versions it is the only one.
    pub(super) fn is_said(&self, reference: &ReferenceSpec) -> bool {
        let Some((_, kept)) = self.versions_of(&reference.subject.value) else { return true };
        let Some(newest) = kept.last() else { return true };
        match reference.version.map(|version| version.value) {
            Some(ReferenceVersion::Number(number)) => {
                let present = newest.number.saturating_add(1);
                number == present
                    || kept.iter().any(|kept| kept.number == number)
                    || (number > present && self.schemas.is_of_base(*newest))
            }
            _ => false,
        }
    }

    /// The version of a subject that has a file: a kept one, or the present one, which is one more than the newest of these.
    pub fn version_of(&self, subject: &Subject, file: FileId) -> Option<u32> {
        let (present, kept) = self.versions_of(subject)?;
        if present.file == file {
            return Some(kept.last().map_or(1, |newest| newest.number.saturating_add(1)));
        }
        kept.iter().rev().find(|kept| kept.schema.file == file).map(|kept| kept.number)
    }
}

/// The files of what is referred to, by the names for them.
pub fn files_of<'w>(referred: &[Referred<'w>]) -> Vec<(&'w str, FileId)> {
    referred.iter().map(|referred| (referred.name, referred.file)).collect()
}

/// What references lead to.
#[derive(Default)]
pub(super) struct Resolved<'w> {
    /// Each behind those that it refers to itself.
    pub found: Vec<Referred<'w>>,
    /// References to a version that is not in Git, where others of the subject are; they lead to the present one.
    pub missing: Vec<&'w ReferenceSpec>,
}

struct Walk<'w, 'i> {
    workspace: &'w Workspace,
    instead: &'i dyn Fn(&Subject) -> Option<u32>,
    seen: BTreeSet<(&'w str, &'w str)>,
    resolved: Resolved<'w>,
}

impl<'w> Walk<'w, '_> {
    fn all(&mut self, references: &'w [ReferenceSpec], floats: bool) {
        for reference in references {
            let (name, subject) = (reference.name.value.as_str(), &reference.subject.value);
            // What was seen is there already, or is being resolved further up: a cycle, which the rules report.
            if self.seen.insert((name, subject.as_str())) {
                self.one(reference, floats);
            }
        }
    }

    fn one(&mut self, reference: &'w ReferenceSpec, floats: bool) {
        let subject = &reference.subject.value;
        let Some((present, further)) = self.workspace.schema_of_subject(subject) else { return };
        let pinned = match reference.version.map(|version| version.value) {
            Some(ReferenceVersion::Number(number)) => Some(number),
            _ => None,
        };
        let floats = floats && pinned.is_none();
        let schemas = &self.workspace.schemas;
        let path = &self.workspace.sources.file(present.file).path;
        let earlier = schemas.earlier(path);
        let present_number = schemas.newest(path).saturating_add(1);
        let asked = (self.instead)(subject).or(pinned).filter(|number| *number != present_number);
        let find = |number| match earlier.last() {
            // A registry may have left numbers out: a later one is of the newest version that there was before the change.
            Some(newest) if number > present_number => schemas.is_of_base(*newest).then_some(newest),
            _ => earlier.iter().rev().find(|kept| kept.number == number),
        };
        let kept = asked.map(|number| (number, find(number)));
        let file = match kept {
            Some((_, Some(kept))) => {
                match schemas.recorded(path, kept.number) {
                    Some(Record::Manifest { spec, .. }) => self.all(&spec.references, false),
                    Some(Record::Files(files)) => self.known(files),
                    None => self.all(further, false),
                }
                kept.schema.file
            }
            lost => {
                if lost.is_some() && !earlier.is_empty() {
                    self.resolved.missing.push(reference);
                }
                self.all(further, floats);
                present.file
            }
        };
        self.resolved.found.push(Referred { name: &reference.name.value, subject, file, floats });
    }

    fn known(&mut self, files: &'w [(String, Subject, FileId)]) {
        for (name, subject, file) in files {
            if self.seen.insert((name, subject.as_str())) {
                self.resolved.found.push(Referred { name, subject, file: *file, floats: false });
            }
        }
    }
}
