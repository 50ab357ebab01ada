use std::collections::{BTreeMap, BTreeSet};

use super::{LiveRegistry, LiveSubject};
use crate::model::Subject;
use crate::ports::registry::{RegisteredSchema, Registry};
use crate::ports::{Failure, Observed};
use crate::resources::Scope;

/// Reads a registry: its settings, the names of all subjects, and the newest version and level of those in the scope.
///
/// A list that may have been cut does not tell that a declared subject is absent: it is asked for by name.
pub async fn observe(
    registry: &impl Registry,
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
    let all: Vec<Subject> = asked.iter().chain(found.iter().map(|(subject, _)| subject)).cloned().collect();
    let (latest, levels) = tokio::join!(registry.latest(&asked), registry.compatibility(&all));
    let latest = latest.into_iter().chain(found.into_iter().map(|(_, latest)| latest));
    let subjects: BTreeMap<_, _> = all
        .into_iter()
        .zip(latest.zip(levels))
        .map(|(subject, (latest, level))| {
            (subject, LiveSubject { latest: Observed::from(latest), compatibility: Observed::from(level) })
        })
        .collect();
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
