use std::collections::{BTreeMap, BTreeSet};

use super::registration::Registration;
use crate::model::Subject;
use crate::plan::{Plan, PlannedReference, PlannedVersion, Step};
use crate::resources::Desired;
use crate::resources::schema::LiveRegistry;
use crate::schema::{Compatibility, ReferenceVersion};

/// Which versions of a registry matter beside the newest ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Subjects whose versions all matter.
    pub histories: BTreeSet<Subject>,
    /// Versions that others refer to.
    pub versions: BTreeSet<(Subject, u32)>,
}

impl Needs {
    /// Whether nothing matters.
    pub fn is_empty(&self) -> bool {
        self.histories.is_empty() && self.versions.is_empty()
    }
}

/// What is to be read to decide about what a plan registers: all versions where a level looks at all, and what these and
/// the new ones refer to. A subject that is new, or stays as it is, needs nothing.
pub fn needs_of_plan(plan: &Plan, live: &LiveRegistry) -> Needs {
    let registering: BTreeMap<&Subject, &[PlannedReference]> =
        plan.changes.iter().flat_map(|change| &change.steps).filter_map(registers).collect();
    let mut needs = Needs::default();
    let mut seen = BTreeSet::new();
    for registration in plan.changes.iter().filter_map(|change| Registration::of(change, live)) {
        let levels = [registration.level(), registration.present_level()];
        if levels.into_iter().flatten().all(|level| level == Compatibility::None) {
            continue;
        }
        if levels.into_iter().flatten().any(Compatibility::is_transitive) {
            needs.histories.insert(registration.subject.clone());
        }
        let held = &registration.latest.schema.references;
        needs.versions.extend(held.iter().map(|reference| (reference.subject.clone(), reference.version)));
        add_references(registration.references, &registering, &mut seen, &mut needs);
    }
    needs
}

/// What a snapshot keeps, so that plans of later manifests can be decided from it: all versions of the declared subjects of
/// which the registry or the manifest wants them compared, and what declared schemas refer to.
pub fn needs_of_everything(desired: &Desired<'_>, live: &LiveRegistry) -> Needs {
    let mut needs = Needs::default();
    for (subject, wanted) in &desired.subjects {
        let Some((found, latest)) = live.subjects.get(subject).and_then(|found| Some((found, found.newest()?))) else {
            continue;
        };
        let present = live.level_of(found).and_then(Compatibility::from_registry);
        if wanted.compatibility.value.is_transitive() || present.is_some_and(Compatibility::is_transitive) {
            needs.histories.insert(subject.clone());
        }
        let held = &latest.schema.references;
        needs.versions.extend(held.iter().map(|reference| (reference.subject.clone(), reference.version)));
        let pinned = wanted.references.iter().filter_map(|spec| match spec.version?.value {
            ReferenceVersion::Number(number) => Some((spec.subject.value.clone(), number)),
            ReferenceVersion::Latest => None,
        });
        needs.versions.extend(pinned);
    }
    needs
}

fn registers(step: &Step) -> Option<(&Subject, &[PlannedReference])> {
    match step {
        Step::RegisterSchema { subject, references, .. } => Some((subject, references)),
        _ => None,
    }
}

/// The versions that a new one refers to, also through others that the plan registers.
fn add_references<'p>(
    references: &'p [PlannedReference],
    registering: &BTreeMap<&'p Subject, &'p [PlannedReference]>,
    seen: &mut BTreeSet<&'p Subject>,
    needs: &mut Needs,
) {
    for reference in references {
        match reference.version {
            PlannedVersion::Pinned(number) => drop(needs.versions.insert((reference.subject.clone(), number))),
            PlannedVersion::AfterRegistering if seen.insert(&reference.subject) => {
                let further = registering.get(&reference.subject).copied().unwrap_or_default();
                add_references(further, registering, seen, needs);
            }
            PlannedVersion::AfterRegistering => {}
        }
    }
}
