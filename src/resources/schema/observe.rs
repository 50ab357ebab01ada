use std::collections::{BTreeMap, BTreeSet};

use super::{DesiredSubject, LiveRegistry, LiveSubject};
use crate::model::Subject;
use crate::ports::registry::{CurrentSubject, NewSchema, RegisteredSchema, Registry};
use crate::ports::{Failure, Observed};
use crate::resources::Scope;
use crate::schema::is_met_by;

/// Reads a registry: its settings, the names of all subjects, and the newest version and level of those in the scope.
///
/// What is `wanted` and differs from the newest version is looked up too, for the registry may have it already.
///
/// A list that may have been cut does not tell that a declared subject is absent: it is asked for by name.
pub async fn observe(
    registry: &impl Registry,
    wanted: &BTreeMap<Subject, DesiredSubject>,
    declared: &BTreeSet<Subject>,
    scope: Scope,
) -> Result<LiveRegistry, Failure> {
    let (info, listed) = tokio::join!(registry.info(), registry.subjects());
    let (info, listed) = (info?, listed?);
    let found = if listed.complete { Vec::new() } else { unlisted(registry, declared, &listed.names).await };
    let (asked, others): (Vec<_>, Vec<_>) = match scope {
        Scope::Named | Scope::Declared => listed.names.into_iter().partition(|subject| declared.contains(subject)),
        Scope::Everything => (listed.names, Vec::new()),
    };
    let unlisted: Vec<Subject> = found.iter().map(|(subject, _)| subject.clone()).collect();
    let (current, configs) = tokio::join!(registry.current(&asked), registry.compatibility(&unlisted));
    let found = found
        .into_iter()
        .zip(configs)
        .map(|((subject, latest), compatibility)| (subject, CurrentSubject { latest, compatibility }));
    let mut subjects: BTreeMap<_, _> =
        asked.into_iter().zip(current).chain(found).map(|(subject, it)| (subject, LiveSubject::new(it))).collect();
    if scope != Scope::Everything {
        look_up(registry, wanted, &mut subjects).await;
    }
    Ok(LiveRegistry { info, subjects, others })
}

/// The declared subjects that the list lacks and that are there, or may be, with their newest versions.
async fn unlisted(
    registry: &impl Registry,
    declared: &BTreeSet<Subject>,
    listed: &[Subject],
) -> Vec<(Subject, Result<Option<RegisteredSchema>, Failure>)> {
    let listed: BTreeSet<&Subject> = listed.iter().collect();
    let unlisted: Vec<Subject> = declared.iter().filter(|subject| !listed.contains(subject)).cloned().collect();
    let latest = registry.latest(&unlisted).await;
    unlisted.into_iter().zip(latest).filter(|(_, latest)| !matches!(latest, Ok(None))).collect()
}

/// Asks which version the registry takes each declared schema for that is not the newest one.
async fn look_up(
    registry: &impl Registry,
    wanted: &BTreeMap<Subject, DesiredSubject>,
    subjects: &mut BTreeMap<Subject, LiveSubject>,
) {
    let other = |(subject, live): (&Subject, &LiveSubject)| {
        Some((subject.clone(), other_than(&live.latest, wanted.get(subject)?)?))
    };
    let asked: Vec<_> = subjects.iter().filter_map(other).collect();
    let mut registered_meanwhile = Vec::new();
    for ((subject, _), answer) in asked.iter().zip(registry.taken_for(&asked).await) {
        let Some(live) = subjects.get_mut(subject) else { continue };
        // Without an answer the schema is planned like one that the registry does not have; registering it tells more.
        live.taken_for = answer.ok().flatten();
        let newest = live.latest.known().and_then(Option::as_ref).map(|newest| newest.version);
        if live.taken_for > newest {
            registered_meanwhile.push(subject.clone());
        }
    }
    if registered_meanwhile.is_empty() {
        return;
    }
    for (subject, latest) in registered_meanwhile.iter().zip(registry.latest(&registered_meanwhile).await) {
        subjects.entry(subject.clone()).and_modify(|live| live.latest = latest.into());
    }
}

/// The declared schema, where the newest version is another one with the same references.
fn other_than(latest: &Observed<Option<RegisteredSchema>>, wanted: &DesiredSubject) -> Option<NewSchema> {
    let latest = &latest.known()?.as_ref()?.schema;
    let same_references = latest.references.len() == wanted.references.len()
        && latest.references.iter().all(|held| {
            wanted.references.iter().any(|spec| spec.name.value == held.name && spec.subject.value == held.subject)
        });
    let differs = latest.format == wanted.format && !is_met_by(wanted.format, &wanted.text, &latest.text);
    (differs && same_references).then(|| NewSchema { text: wanted.text.to_string(), ..latest.clone() })
}
