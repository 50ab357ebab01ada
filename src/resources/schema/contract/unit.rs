use std::path::{Path, PathBuf};

use super::name::Told;
use crate::model::{Address, Subject};
use crate::resources::schema::{Part, SchemaFile, resolve_level, subject_of};
use crate::resources::topic::{ReferenceSpec, TopicSpec};
use crate::resources::{Resolved, Workspace};
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
    pub level: Resolved<Compatibility>,
    /// Where it is registered.
    pub subject: Option<Subject>,
    /// What its samples are called after: `schemas/DOMAIN/TOPIC`.
    pub folder: String,
    /// Its samples.
    pub samples: Vec<FileId>,
}

/// What a name means that people give: a topic, with the schemas of its values and its keys; a subject, also one of a topic;
/// the path of a schema. A word for the kind may stand before it, as in an address: `topic/NAME`. The schema of the values
/// comes first. Empty where it means none.
pub fn named<'w>(workspace: &'w Workspace, name: &str) -> Vec<Unit<'w>> {
    let name = plain(name);
    let mut units = units(workspace);
    let is_called = |unit: &Unit<'_>| unit.name == name;
    let is_under = |unit: &Unit<'_>| unit.subject.as_ref().is_some_and(|subject| subject.as_str() == name);
    let file = workspace.schemas.get(Path::new(name));
    if units.iter().any(is_called) {
        units.retain(is_called);
    } else if units.iter().any(is_under) {
        units.retain(is_under);
    } else {
        units.retain(|unit| file == Some(unit.file));
    }
    units.sort_by_key(|unit| unit.part != Part::Value);
    units
}

/// A name without the word for its kind.
pub fn plain(name: &str) -> &str {
    ["topic/", "schema/"].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
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
                level: resolve_level(workspace, spec.and_then(|spec| spec.compatibility)),
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
            level: resolve_level(workspace, spec.compatibility),
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
