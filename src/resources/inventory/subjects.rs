use std::collections::BTreeSet;

use serde::Serialize;

use super::{Cell, Item, Seen, Status};
use crate::model::{Address, Subject, TopicName};
use crate::ports::registry::RegisteredSchema;
use crate::resources::schema::{DesiredSubject, LiveSubject};
use crate::schema::{Compatibility, ReferenceVersion, SchemaFormat};
use crate::source::Place;

/// A subject of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectItem {
    /// Its name.
    pub name: Subject,
    /// How the declared and the live stand to each other.
    pub status: Status,
    /// The topic whose key or value it is for.
    pub topic: Option<TopicName>,
    /// The team that answers for that topic.
    pub owner: Option<String>,
    /// Its format.
    pub format: Option<SchemaFormat>,
    /// The level that it is declared to have.
    pub compatibility: Option<Compatibility>,
    /// The level that counts in the registry, in its words.
    pub live_compatibility: Option<String>,
    /// Its newest version in the registry.
    pub version: Option<u32>,
    /// That version's id.
    pub id: Option<u64>,
    /// Earlier versions that are kept in Git.
    pub kept: u64,
    /// What it refers to.
    pub references: Vec<ReferenceItem>,
    /// More, where it was asked for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<SubjectDetails>,
}

/// A schema of another subject that a schema uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReferenceItem {
    /// How the schema names it.
    pub name: String,
    /// The subject.
    pub subject: Subject,
    /// Its version there: a number, or `latest`.
    pub version: String,
}

/// What is told of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectDetails {
    /// The declared schema's file.
    pub place: Option<Place>,
    /// Subjects that are declared to refer to it.
    pub referred_by: Vec<Subject>,
    /// The text of the newest version in the registry.
    pub text: Option<String>,
}

impl Item for SubjectItem {
    const KIND: &'static str = "schemas";
    const COLUMNS: &'static [&'static str] =
        &["subject", "status", "owner", "format", "compatibility", "registry", "version", "id", "kept", "references"];

    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn status(&self) -> Status {
        self.status
    }

    fn cell(&self, column: usize) -> Cell {
        match column {
            0 => Cell::Text(self.name.to_string()),
            1 => Cell::Text(self.status.to_string()),
            2 => Cell::of_text(self.owner.as_ref()),
            3 => Cell::of_text(self.format.as_ref()),
            4 => Cell::of_text(self.compatibility.as_ref()),
            5 => Cell::of_text(self.live_compatibility.as_ref().map(|level| level.to_lowercase()).as_ref()),
            6 => Cell::of_number(self.version.map(u64::from)),
            7 => Cell::of_number(self.id),
            8 => Cell::Number(self.kept),
            _ => Cell::Number(self.references.len() as u64),
        }
    }
}

/// The subjects that are declared or there; with details of each where asked.
pub fn subjects(seen: &Seen<'_>, wanted: &dyn Fn(&str) -> bool, detailed: bool) -> Vec<SubjectItem> {
    let desired = seen.desired;
    let registry = seen.live.registry.as_ref().and_then(|registry| registry.known());
    let there = registry.into_iter().flat_map(|registry| registry.registered());
    let names: BTreeSet<&Subject> =
        desired.subjects.keys().chain(desired.removed_subjects.keys()).chain(there).collect();
    let item = |name: &Subject| {
        let declared = desired.subjects.get(name);
        let found = registry.and_then(|registry| registry.subjects.get(name));
        let level = registry.zip(found).and_then(|(registry, found)| registry.level_of(found));
        let newest = found.and_then(LiveSubject::newest);
        Some(SubjectItem {
            name: name.clone(),
            status: status(seen, name, declared, found)?,
            topic: declared.and_then(|declared| declared.topic.clone()),
            owner: declared.and_then(|declared| owner(seen, declared)),
            format: declared.map(|declared| declared.format).or(newest.map(|newest| newest.schema.format)),
            compatibility: declared.map(|declared| declared.compatibility.value),
            live_compatibility: level.map(str::to_owned),
            version: newest.map(|newest| newest.version),
            id: newest.map(|newest| newest.id),
            kept: declared.map_or(0, |declared| kept(seen, declared)),
            references: references(declared, newest),
            details: detailed.then(|| details(seen, name, declared, newest)),
        })
    };
    names.into_iter().filter(|name| wanted(name.as_str())).filter_map(item).collect()
}

/// `None` for one that is declared to be gone, and is.
fn status(
    seen: &Seen<'_>,
    name: &Subject,
    declared: Option<&DesiredSubject>,
    found: Option<&LiveSubject>,
) -> Option<Status> {
    let address = Address::schema(name);
    if seen.is_offline {
        return declared.map(|_| Status::Declared);
    }
    if seen.is_hidden(&address) || found.is_some_and(|found| found.latest.known().is_none()) {
        return Some(Status::Unseen);
    }
    let there = found.is_some_and(|found| found.newest().is_some());
    let leaving = seen.desired.removed_subjects.contains_key(name);
    Some(match (declared, there) {
        (Some(_), false) => Status::Missing,
        (Some(_), true) if seen.change(&address).is_some() => Status::Differs,
        (Some(_), true) => Status::Settled,
        (None, true) if leaving => Status::Leaving,
        (None, false) if leaving => return None,
        (None, _) => Status::Unmanaged,
    })
}

fn owner(seen: &Seen<'_>, declared: &DesiredSubject) -> Option<String> {
    let workspace = seen.desired.workspace;
    let topic = workspace.topics.get(declared.topic.as_ref()?)?;
    workspace.owner_of(topic).map(str::to_owned)
}

fn kept(seen: &Seen<'_>, declared: &DesiredSubject) -> u64 {
    let workspace = seen.desired.workspace;
    workspace.schemas.earlier(&workspace.sources.file(declared.file).path).len() as u64
}

/// Those that are declared; of a subject that nothing declares, those of its newest version.
fn references(declared: Option<&DesiredSubject>, newest: Option<&RegisteredSchema>) -> Vec<ReferenceItem> {
    if let Some(declared) = declared {
        let reference = |reference: &crate::resources::topic::ReferenceSpec| ReferenceItem {
            name: reference.name.value.clone(),
            subject: reference.subject.value.clone(),
            version: match reference.version.map(|version| version.value) {
                Some(ReferenceVersion::Number(number)) => number.to_string(),
                Some(ReferenceVersion::Latest) | None => "latest".to_owned(),
            },
        };
        return declared.references.iter().map(reference).collect();
    }
    let reference = |reference: &crate::ports::registry::Reference| ReferenceItem {
        name: reference.name.clone(),
        subject: reference.subject.clone(),
        version: reference.version.to_string(),
    };
    newest.into_iter().flat_map(|newest| &newest.schema.references).map(reference).collect()
}

fn details(
    seen: &Seen<'_>,
    name: &Subject,
    declared: Option<&DesiredSubject>,
    newest: Option<&RegisteredSchema>,
) -> SubjectDetails {
    let refers = |(_, other): &(&Subject, &DesiredSubject)| {
        other.references.iter().any(|reference| reference.subject.value == *name)
    };
    SubjectDetails {
        place: declared.map(|declared| seen.desired.workspace.place(crate::source::Span::whole(declared.file))),
        referred_by: seen.desired.subjects.iter().filter(refers).map(|(subject, _)| subject.clone()).collect(),
        text: newest.map(|newest| newest.schema.text.clone()),
    }
}
