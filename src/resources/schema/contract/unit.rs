use std::path::PathBuf;

use super::name::Told;
use crate::model::{Address, Subject};
use crate::resources::Workspace;
use crate::resources::schema::{Part, SchemaFile, resolve_level, subject_of};
use crate::resources::topic::{ReferenceSpec, TopicSpec};
use crate::schema::Compatibility;
use crate::source::{Decoder, FileId};

/// A schema with its samples.
pub struct Unit<'w> {
    /// The topic, or the subject that is no topic's.
    pub name: String,
    /// What it is of.
    pub address: Address,
    /// The topic, where it is of one.
    pub topic: Option<&'w TopicSpec>,
    /// Whether it is for keys or values.
    pub part: Part,
    /// Its path, which its earlier versions are found by.
    pub path: PathBuf,
    /// The present version.
    pub file: SchemaFile,
    /// What it refers to.
    pub references: &'w [ReferenceSpec],
    /// What it must keep readable.
    pub level: Compatibility,
    /// Where it is registered.
    pub subject: Option<Subject>,
    /// What its samples are called after: `schemas/DOMAIN/TOPIC`.
    pub folder: String,
    /// Its samples.
    pub samples: Vec<FileId>,
}

/// Every schema of a topic or a subject that is wanted.
pub fn units(workspace: &Workspace) -> Vec<Unit<'_>> {
    let mut units = Vec::new();
    for topic in workspace.topics.values().filter(|topic| topic.is_present()) {
        let spec = topic.schema.as_ref();
        let domain = workspace.domain_of(&topic.topic);
        let folder = PathBuf::from("schemas").join(domain).join(topic.topic.as_str());
        for schema in workspace.schemas_of(topic) {
            let Some(file) = schema.file else { continue };
            // What is wrong with the name of a subject is found by `validate`.
            let mut decoder = Decoder { findings: Vec::new() };
            let part = schema.part;
            let folder = folder.to_string_lossy().into_owned();
            units.push(Unit {
                name: topic.topic.to_string(),
                address: Address::topic(&topic.topic.value),
                topic: Some(topic),
                part,
                path: schema.path.to_path_buf(),
                file,
                references: spec.map_or(&[], |spec| spec.references.as_slice()),
                level: resolve_level(workspace, spec.and_then(|spec| spec.compatibility)).value,
                subject: subject_of(workspace, topic, part.as_str(), file, schema.span, &mut decoder),
                samples: samples(workspace, &folder, part),
                folder,
            });
        }
    }
    for (subject, spec) in workspace.subjects.iter().filter(|(_, spec)| spec.is_present()) {
        let Some(path) = spec.schema_path(workspace) else { continue };
        let Some(file) = workspace.schemas.get(&path) else { continue };
        let folder = path.with_extension("").to_string_lossy().into_owned();
        units.push(Unit {
            name: subject.to_string(),
            address: Address::schema(subject),
            topic: None,
            part: Part::Value,
            path,
            file,
            references: &spec.references,
            level: resolve_level(workspace, spec.compatibility).value,
            subject: Some(subject.clone()),
            samples: samples(workspace, &folder, Part::Value),
            folder,
        });
    }
    units
}

fn samples(workspace: &Workspace, folder: &str, part: Part) -> Vec<FileId> {
    let is_of = |file: &FileId| {
        let path = &workspace.sources.file(*file).path;
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        name.ends_with(".json") && Told::by(&name).part == part
    };
    workspace.schemas.fixtures(folder).iter().copied().filter(is_of).collect()
}
