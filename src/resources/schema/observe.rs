use std::collections::{BTreeMap, BTreeSet};

use super::{LiveRegistry, LiveSubject};
use crate::model::Subject;
use crate::ports::registry::Registry;
use crate::ports::{Failure, Observed};
use crate::resources::Scope;

/// Reads a registry: its settings, the names of all subjects, and the newest version and level of those in the scope.
pub async fn observe(
    registry: &impl Registry,
    declared: &BTreeSet<Subject>,
    scope: Scope,
) -> Result<LiveRegistry, Failure> {
    let (info, listed) = tokio::join!(registry.info(), registry.subjects());
    let (info, listed) = (info?, listed?);
    let (asked, others): (Vec<_>, Vec<_>) = match scope {
        Scope::Named | Scope::Declared => listed.into_iter().partition(|subject| declared.contains(subject)),
        Scope::Everything => (listed, Vec::new()),
    };
    let (latest, levels) = tokio::join!(registry.latest(&asked), registry.compatibility(&asked));
    let subjects: BTreeMap<_, _> = asked
        .into_iter()
        .zip(latest.into_iter().zip(levels))
        .map(|(subject, (latest, level))| {
            (subject, LiveSubject { latest: Observed::from(latest), compatibility: Observed::from(level) })
        })
        .collect();
    Ok(LiveRegistry { info, subjects, others })
}
