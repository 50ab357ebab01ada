use super::{CompatibilitySpec, Part, SchemaFile, SubjectSpec};
use crate::model::Address;
use crate::resources::Workspace;
use crate::resources::topic::{ReferenceSpec, TopicSpec};
use crate::source::Span;

/// A schema that a topic, or a subject of its own, asks for and that has a file.
#[derive(Debug, Clone, Copy)]
pub struct DeclaredSchema<'w> {
    /// What asks for it.
    pub owner: Owner<'w>,
    /// Key or value; that of a subject of its own counts as a value.
    pub part: Part,
    /// The present version.
    pub file: SchemaFile,
    /// Where its manifest names it, or what it is named after.
    pub span: Span,
}

/// What asks for a schema.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'w> {
    /// A subject that is no topic's.
    Subject(&'w SubjectSpec),
    /// A topic.
    Topic(&'w TopicSpec),
}

impl<'w> DeclaredSchema<'w> {
    /// The address of what asks for it.
    pub fn address(&self) -> Address {
        match self.owner {
            Owner::Subject(spec) => Address::schema(&spec.subject.value),
            Owner::Topic(spec) => Address::topic(&spec.topic.value),
        }
    }

    /// The topic, where it is of one.
    pub fn topic(&self) -> Option<&'w TopicSpec> {
        match self.owner {
            Owner::Subject(_) => None,
            Owner::Topic(spec) => Some(spec),
        }
    }

    /// What it refers to.
    pub fn references(&self) -> &'w [ReferenceSpec] {
        match self.owner {
            Owner::Subject(spec) => &spec.references,
            Owner::Topic(spec) => spec.schema.as_ref().map_or(&[], |schema| schema.references.as_slice()),
        }
    }

    /// What a new version of it must keep, as its manifest says.
    pub fn compatibility(&self) -> Option<CompatibilitySpec> {
        match self.owner {
            Owner::Subject(spec) => spec.compatibility,
            Owner::Topic(spec) => spec.schema.as_ref().and_then(|schema| schema.compatibility),
        }
    }
}

impl Workspace {
    /// Every schema that is asked for, those of subjects first. What is to be deleted asks for none, and one whose file is
    /// missing is left out: the rules report it. A file may come several times.
    pub fn declared_schemas(&self) -> impl Iterator<Item = DeclaredSchema<'_>> {
        let of_subjects = self.subjects.values().filter(|spec| spec.is_present()).filter_map(|spec| {
            let file = self.schemas.get(&spec.schema_path(self)?)?;
            let span = spec.schema.as_ref().map_or(spec.subject.span, |schema| schema.span);
            Some(DeclaredSchema { owner: Owner::Subject(spec), part: Part::Value, file, span })
        });
        let topics = self.written_topics().filter(|topic| topic.is_present());
        let of_topics = topics.flat_map(|topic| {
            self.schemas_of(topic).into_iter().filter_map(move |schema| {
                let (part, span) = (schema.part, schema.span);
                Some(DeclaredSchema { owner: Owner::Topic(topic), part, file: schema.file?, span })
            })
        });
        of_subjects.chain(of_topics)
    }
}
