use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Subject;
use crate::ports::Observed;
use crate::ports::registry::{CompatibilityConfig, CurrentSubject, RegisteredSchema, RegistryInfo};
use crate::schema::digest;

/// A subject as the registry has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveSubject {
    /// Its newest version, where it has one.
    pub latest: Observed<Option<RegisteredSchema>>,
    /// Its own compatibility level, in the registry's words.
    pub compatibility: Observed<Option<String>>,
    /// Its own compatibility group: the property whose value tells which versions are compared with each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The version that the registry takes the declared schema for, although the newest one has another text. `None`
    /// where there is none, and where nobody asked: a snapshot is read by plans of other manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_for: Option<u32>,
}

/// What a version is known again by. Its text is not: a registry may write it in one way where it is asked for one subject,
/// and in another where it is asked for many.
pub(super) fn mark(version: &RegisteredSchema) -> String {
    let RegisteredSchema { version, id, schema, properties } = version;
    let digest = digest(schema.format, &schema.text);
    format!("{version} {id} {digest} {:?} {properties:?}", schema.references)
}

/// A schema registry. By default one of which nothing was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LiveRegistry {
    /// Global level and mode.
    pub info: RegistryInfo,
    /// Subjects: those that are declared, and in a snapshot all others too.
    pub subjects: BTreeMap<Subject, LiveSubject>,
    /// Subjects that nobody declared.
    pub others: Vec<Subject>,
}

impl LiveSubject {
    /// Its newest version, where it has one and that could be seen.
    pub fn newest(&self) -> Option<&RegisteredSchema> {
        self.latest.known().and_then(Option::as_ref)
    }

    /// What was read of a subject.
    pub fn new(current: CurrentSubject) -> Self {
        let (compatibility, group) = match current.compatibility {
            Ok(CompatibilityConfig { level, group }) => (Observed::Known(level), group),
            Err(failure) => (Observed::Hidden(failure), None),
        };
        Self { latest: current.latest.into(), compatibility, group, taken_for: None }
    }
}

impl LiveRegistry {
    /// The level that counts for a subject now, in the registry's words: its own, else the registry's.
    pub fn level_of<'l>(&'l self, subject: &'l LiveSubject) -> Option<&'l str> {
        let own = subject.compatibility.known().and_then(Option::as_deref);
        own.or(self.info.compatibility.as_deref())
    }

    /// The compatibility group that counts for a subject: its own, else the registry's where it has no config of its own.
    pub fn group_of<'l>(&'l self, subject: &'l LiveSubject) -> Option<&'l str> {
        let has_config = subject.group.is_some() || matches!(subject.compatibility, Observed::Known(Some(_)));
        if has_config { subject.group.as_deref() } else { self.info.group.as_deref() }
    }

    /// The subjects that have a version, as far as is known.
    pub fn registered(&self) -> impl Iterator<Item = &Subject> {
        let seen = self.subjects.iter().filter(|(_, subject)| !matches!(subject.latest, Observed::Known(None)));
        seen.map(|(subject, _)| subject).chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::registry::NewSchema;
    use crate::schema::SchemaFormat;

    #[test]
    fn a_version_is_known_again_however_its_text_is_written() {
        let version = |id, text: &str| {
            let schema = NewSchema { format: SchemaFormat::Avro, text: text.to_owned(), references: Vec::new() };
            mark(&RegisteredSchema { version: 2, id, schema, properties: BTreeMap::new() })
        };
        let written = r#"{ "type": "record", "fields": [ ], "name": "Order", "doc": "One." }"#;
        let printed = r#"{"type":"record","name":"Order","doc":"One.","fields":[]}"#;
        assert_eq!(version(7, written), version(7, printed));
        assert_ne!(version(7, printed), version(8, printed));
        assert_ne!(version(7, printed), version(7, &printed.replace("One", "Two")));
    }
}
