use std::path::{Path, PathBuf};

use super::name::Told;
use crate::model::{Address, Subject};
use crate::resources::schema::{DeclaredSchema, Owner, Part, SchemaFile, resolve_level, subject_of};
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

impl Unit<'_> {
    /// Whether its manifest could be read as a whole.
    pub fn is_known(&self, workspace: &Workspace) -> bool {
        let kind = if self.topic.is_some() { "topic" } else { "subject" };
        !workspace.broken.contains(&(kind, self.name.clone()))
    }
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

/// Every schema that is asked for.
pub fn units(workspace: &Workspace) -> Vec<Unit<'_>> {
    workspace.declared_schemas().map(|declared| unit(workspace, declared)).collect()
}

fn unit<'w>(workspace: &'w Workspace, declared: DeclaredSchema<'w>) -> Unit<'w> {
    let DeclaredSchema { owner, part, file, span } = declared;
    let path = workspace.sources.file(file.file).path.clone();
    let (name, subject, folder) = match owner {
        Owner::Topic(topic) => {
            // What is wrong with the name of a subject is found by `validate`.
            let mut decoder = Decoder { findings: Vec::new() };
            let subject = subject_of(workspace, topic, part.as_str(), file, span, &mut decoder);
            let domain = workspace.domain_of(&topic.topic);
            (topic.topic.to_string(), subject, PathBuf::from("schemas").join(domain).join(topic.topic.as_str()))
        }
        Owner::Subject(spec) => (spec.subject.to_string(), Some(spec.subject.value.clone()), path.with_extension("")),
    };
    let folder = folder.to_string_lossy().into_owned();
    Unit {
        name,
        address: declared.address(),
        topic: declared.topic(),
        part,
        path,
        file,
        references: declared.references(),
        level: resolve_level(workspace, declared.compatibility()),
        subject,
        samples: samples(workspace, &folder, part).collect(),
        folder,
    }
}

/// The samples in the folder of what a path without extension names that are keys, or that are values.
pub fn samples(workspace: &Workspace, folder: &str, part: Part) -> impl Iterator<Item = FileId> {
    let is_of = move |file: &FileId| {
        let path = &workspace.sources.file(*file).path;
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        Told::by(&name).is_some_and(|told| told.part == part)
    };
    workspace.schemas.fixtures(folder).iter().copied().filter(is_of)
}
