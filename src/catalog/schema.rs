use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::{Subject, TopicName};
use crate::resources::Workspace;
use crate::resources::schema::{Part, SchemaFile, SubjectSpec, resolve_level, subject_of};
use crate::resources::topic::{ReferenceSpec, TopicSpec};
use crate::schema::{Compatibility, SchemaField, SchemaFormat, fields, parse};
use crate::source::Decoder;

/// What the catalog shows of a schema.
pub struct Schema<'w> {
    /// Whether it is for keys or values; a shared schema is for neither.
    pub part: Option<Part>,
    /// Its file, from the workspace's root.
    pub path: PathBuf,
    /// Its format; `None` where there is no such file.
    pub format: Option<SchemaFormat>,
    /// The subject that it is registered under; `None` where it cannot be told.
    pub subject: Option<Subject>,
    /// The subject's compatibility level.
    pub compatibility: Compatibility,
    /// What it refers to.
    pub references: Vec<Reference<'w>>,
    /// Its fields, or why there are none to show.
    pub fields: Result<Vec<SchemaField>, String>,
}

/// A reference to another subject, and where the catalog shows that one.
pub struct Reference<'w> {
    /// As the manifest writes it.
    pub spec: &'w ReferenceSpec,
    /// Where the subject is shown.
    pub shown: Option<Shown<'w>>,
}

/// Where the catalog shows a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'w> {
    /// Among the shared schemas.
    Shared(&'w Subject),
    /// With its topic.
    Topic(&'w TopicName),
}

/// The schemas of a workspace.
pub struct Schemas<'w> {
    workspace: &'w Workspace,
    shown: BTreeMap<Subject, Shown<'w>>,
}

impl<'w> Schemas<'w> {
    /// Names the subject of every schema.
    pub fn of(workspace: &'w Workspace) -> Self {
        let mut shown = BTreeMap::new();
        for topic in workspace.topics.values() {
            for schema in workspace.schemas_of(topic) {
                let subject = schema.file.and_then(|file| subject_of_topic(workspace, topic, schema.part, file));
                shown.extend(subject.map(|subject| (subject, Shown::Topic(&topic.topic.value))));
            }
        }
        shown.extend(workspace.subjects.keys().map(|subject| (subject.clone(), Shown::Shared(subject))));
        Self { workspace, shown }
    }

    /// The schemas of a topic, the key's first.
    pub fn of_topic(&self, topic: &'w TopicSpec) -> Vec<Schema<'w>> {
        let spec = topic.schema.as_ref();
        let references = spec.map_or(&[][..], |spec| &spec.references);
        let schema = |found: crate::resources::schema::TopicSchema| Schema {
            part: Some(found.part),
            format: found.file.map(|file| file.format),
            subject: found.file.and_then(|file| subject_of_topic(self.workspace, topic, found.part, file)),
            compatibility: resolve_level(self.workspace, spec.and_then(|spec| spec.compatibility)).value,
            references: self.references(references),
            fields: self.fields(&found.path, found.file, references),
            path: found.path.into_owned(),
        };
        self.workspace.schemas_of(topic).into_iter().map(schema).collect()
    }

    /// The schema of a subject that is no topic's.
    pub fn of_subject(&self, spec: &'w SubjectSpec) -> Schema<'w> {
        // Only a tombstone has none, and those are not in the catalog.
        let path = spec.schema_path(self.workspace).unwrap_or_default();
        let file = self.workspace.schemas.get(&path);
        Schema {
            part: None,
            format: file.map(|file| file.format),
            subject: Some(spec.subject.value.clone()),
            compatibility: resolve_level(self.workspace, spec.compatibility).value,
            references: self.references(&spec.references),
            fields: self.fields(&path, file, &spec.references),
            path,
        }
    }

    fn references(&self, references: &'w [ReferenceSpec]) -> Vec<Reference<'w>> {
        let shown = |spec: &'w ReferenceSpec| Reference { spec, shown: self.shown.get(&spec.subject.value).copied() };
        references.iter().map(shown).collect()
    }

    fn fields(
        &self,
        path: &Path,
        file: Option<SchemaFile>,
        references: &'w [ReferenceSpec],
    ) -> Result<Vec<SchemaField>, String> {
        let Some(file) = file else {
            return Err(format!("There is no file {} of a known format.", path.display()));
        };
        let text = &self.workspace.sources.file(file.file).text;
        match parse(file.format, text, &self.workspace.resolve_references(references)) {
            Ok(schema) => Ok(fields(&schema)),
            Err(error) => Err(format!("This schema is not valid: {error}.")),
        }
    }
}

fn subject_of_topic(workspace: &Workspace, topic: &TopicSpec, part: Part, file: SchemaFile) -> Option<Subject> {
    // What is wrong with the name is found when the cluster is resolved.
    let mut unused = Decoder::default();
    subject_of(workspace, topic, part.as_str(), file, topic.topic.span, &mut unused)
}
