use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Subject;
use crate::ports::Observed;
use crate::ports::registry::{RegisteredSchema, RegistryInfo};

/// A subject as the registry has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveSubject {
    /// Its newest version, where it has one.
    pub latest: Observed<Option<RegisteredSchema>>,
    /// Its own compatibility level, in the registry's words.
    pub compatibility: Observed<Option<String>>,
    /// The version that the registry takes the declared schema for, although the newest one has another text. `None`
    /// where there is none, and where nobody asked: a snapshot is read by plans of other manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_for: Option<u32>,
}

/// A schema registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveRegistry {
    /// Global level and mode.
    pub info: RegistryInfo,
    /// Subjects: those that are declared, and in a snapshot all others too.
    pub subjects: BTreeMap<Subject, LiveSubject>,
    /// Subjects that nobody declared.
    pub others: Vec<Subject>,
}

impl LiveRegistry {
    /// The subjects that have a version, as far as is known.
    pub fn registered(&self) -> impl Iterator<Item = &Subject> {
        let seen = self.subjects.iter().filter(|(_, subject)| !matches!(subject.latest, Observed::Known(None)));
        seen.map(|(subject, _)| subject).chain(&self.others)
    }
}
