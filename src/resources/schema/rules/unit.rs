use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::model::{Address, TopicName};
use crate::resources::Workspace;
use crate::resources::schema::{SchemaFile, resolve_level};
use crate::resources::topic::ReferenceSpec;
use crate::schema::Compatibility;
use crate::source::Span;

/// A schema file with what it refers to, and what its history has to keep.
pub(super) struct Unit<'w> {
    pub(super) file: SchemaFile,
    pub(super) references: &'w [ReferenceSpec],
    pub(super) address: Address,
    /// The topic, where it is a topic's.
    pub(super) topic: Option<&'w TopicName>,
    /// Where a manifest asks for it.
    pub(super) span: Span,
    /// The levels of its subjects: most often one.
    pub(super) levels: Vec<Compatibility>,
}

/// Every schema file that is used, once.
pub(super) fn units(workspace: &Workspace) -> Vec<Unit<'_>> {
    let mut units = Units { units: Vec::with_capacity(workspace.topics.len()), known: HashMap::new() };
    for (subject, spec) in &workspace.subjects {
        let path = spec.schema_path(workspace).filter(|_| spec.is_present());
        let Some(file) = path.and_then(|path| workspace.schemas.get(&path)) else { continue };
        let level = resolve_level(workspace, spec.compatibility).value;
        units.add(file, level, || Unit {
            file,
            references: &spec.references,
            address: Address::schema(subject),
            topic: None,
            span: spec.schema.as_ref().map_or(spec.subject.span, |schema| schema.span),
            levels: vec![level],
        });
    }
    for topic in workspace.topics.values().filter(|topic| topic.is_present()) {
        let spec = topic.schema.as_ref();
        for schema in workspace.schemas_of(topic) {
            let Some(file) = schema.file else { continue };
            let level = resolve_level(workspace, spec.and_then(|spec| spec.compatibility)).value;
            units.add(file, level, || Unit {
                file,
                references: spec.map_or(&[][..], |schema| schema.references.as_slice()),
                address: Address::topic(&topic.topic.value),
                topic: Some(&topic.topic.value),
                span: schema.span,
                levels: vec![level],
            });
        }
    }
    units.units
}

struct Units<'w> {
    units: Vec<Unit<'w>>,
    /// Where the unit of each file stands.
    known: HashMap<crate::source::FileId, usize>,
}

impl<'w> Units<'w> {
    fn add(&mut self, file: SchemaFile, level: Compatibility, unit: impl FnOnce() -> Unit<'w>) {
        match self.known.entry(file.file) {
            Entry::Vacant(entry) => {
                entry.insert(self.units.len());
                self.units.push(unit());
            }
            Entry::Occupied(entry) => {
                let levels = &mut self.units[*entry.get()].levels;
                if !levels.contains(&level) {
                    levels.push(level);
                }
            }
        }
    }
}
