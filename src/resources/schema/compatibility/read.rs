use std::collections::BTreeSet;

use super::Needs;
use super::histories::Histories;
use crate::model::Subject;
use crate::ports::registry::{RegisteredSchema, Registry};
use crate::resources::schema::{LiveRegistry, LiveSubject};

/// Of a longer history the newest versions are read.
pub(super) const MOST_VERSIONS: usize = 500;

/// Reads what is needed and what that refers to, each version once. What the live state has is not read again.
pub async fn read(registry: &impl Registry, needs: Needs, live: &LiveRegistry) -> Histories {
    let newest = |(subject, number): &(Subject, u32)| {
        live.subjects.get(subject).and_then(LiveSubject::newest).filter(|newest| newest.version == *number)
    };
    let mut histories = Histories::default();
    let mut wanted = needs.versions;
    // The first version of a subject is its whole history where it is the newest.
    let (first, subjects): (Vec<Subject>, Vec<_>) =
        needs.histories.into_iter().partition(|subject| newest(&(subject.clone(), 1)).is_some());
    let numbers = registry.numbers(&subjects).await;
    let first = first.iter().map(|subject| (subject, Ok(vec![1])));
    for (subject, numbers) in subjects.iter().zip(numbers).chain(first) {
        let last = numbers.iter().flatten().rev().take(MOST_VERSIONS);
        wanted.extend(last.map(|number| (subject.clone(), *number)));
        histories.add_numbers(subject.clone(), numbers);
    }
    let mut seen = BTreeSet::new();
    while !wanted.is_empty() {
        let (known, asked): (Vec<_>, Vec<_>) = wanted
            .into_iter()
            .filter(|version| seen.insert(version.clone()))
            .partition(|version| newest(version).is_some());
        // The next round is about what the versions of this one refer to.
        let mut referred: BTreeSet<_> = known.iter().filter_map(newest).flat_map(references_of).collect();
        for ((subject, number), found) in asked.iter().zip(registry.versions(&asked).await) {
            referred.extend(found.iter().flatten().flat_map(references_of));
            histories.add_version(subject.clone(), *number, found);
        }
        wanted = referred;
    }
    histories
}

fn references_of(version: &RegisteredSchema) -> impl Iterator<Item = (Subject, u32)> {
    version.schema.references.iter().map(|reference| (reference.subject.clone(), reference.version))
}
