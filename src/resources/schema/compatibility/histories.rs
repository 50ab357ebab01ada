use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Subject;
use crate::ports::registry::RegisteredSchema;
use crate::ports::{Failure, Observed};

/// Versions that were read of a registry beside the newest ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Histories {
    /// The numbers of all versions, of the subjects whose whole history matters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    numbers: BTreeMap<Subject, Observed<Vec<u32>>>,
    /// Versions by their subject.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    versions: BTreeMap<Subject, Vec<Version>>,
}

/// A version that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Version {
    number: u32,
    /// What came back; nothing where it is not there.
    found: Observed<Option<RegisteredSchema>>,
}

impl Histories {
    /// The numbers of all versions of a subject, where they were asked for.
    pub fn numbers(&self, subject: &Subject) -> Option<&Observed<Vec<u32>>> {
        self.numbers.get(subject)
    }

    /// A version, where it was asked for.
    pub fn version(&self, subject: &Subject, number: u32) -> Option<&Observed<Option<RegisteredSchema>>> {
        let versions = self.versions.get(subject)?;
        versions.iter().find(|version| version.number == number).map(|version| &version.found)
    }

    pub(super) fn add_numbers(&mut self, subject: Subject, numbers: Result<Vec<u32>, Failure>) {
        self.numbers.insert(subject, numbers.into());
    }

    pub(super) fn add_version(
        &mut self,
        subject: Subject,
        number: u32,
        found: Result<Option<RegisteredSchema>, Failure>,
    ) {
        self.versions.entry(subject).or_default().push(Version { number, found: found.into() });
    }
}
