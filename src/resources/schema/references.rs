use std::collections::BTreeSet;

use super::{Part, SchemaFile};
use crate::model::Subject;
use crate::resources::Workspace;
use crate::resources::topic::ReferenceSpec;
use crate::schema::ResolvedReference;
use crate::source::FileId;

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
        let files = self.reference_files(references).into_iter();
        files.map(|(name, file)| ResolvedReference { name, text: &self.sources.file(file).text }).collect()
    }

    /// The files of the same, by the names that schemas have for them.
    pub fn reference_files<'w>(&'w self, references: &'w [ReferenceSpec]) -> Vec<(&'w str, FileId)> {
        let mut files = Vec::new();
        self.collect(references, &mut BTreeSet::new(), &mut files);
        files
    }

    fn collect<'w>(
        &'w self,
        references: &'w [ReferenceSpec],
        seen: &mut BTreeSet<(&'w str, &'w str)>,
        files: &mut Vec<(&'w str, FileId)>,
    ) {
        for reference in references {
            // What was seen is there already, or is being resolved further up: a cycle, which the rules report.
            if !seen.insert((&reference.name.value, reference.subject.as_str())) {
                continue;
            }
            if let Some((file, further)) = self.schema_of_subject(&reference.subject) {
                self.collect(further, seen, files);
                files.push((&reference.name.value, file.file));
            }
        }
    }
}
