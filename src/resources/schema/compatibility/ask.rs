use std::collections::BTreeMap;
use std::sync::OnceLock;

use futures::StreamExt;

use super::registration::Registration;
use crate::model::Subject;
use crate::plan::{Plan, PlannedVersion};
use crate::ports::registry::{Against, NewSchema, Reference, Registry, Verdict};
use crate::ports::{Failure, FailureKind};
use crate::resources::schema::LiveRegistry;
use crate::schema::Compatibility;

/// Questions that are under way at once.
const CONCURRENCY: usize = 16;

/// What a registry says of a version that a plan registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Whether it may follow, at the level that the subject has now.
    Said(Verdict),
    /// It was not asked, and why.
    NotAsked(String),
    /// It did not say.
    Failed(Failure),
}

/// Answers by subject.
pub type Answers = BTreeMap<Subject, Answer>;

/// Has the registry say of each version that a plan registers behind others whether it may follow. Nothing is changed.
/// Once nobody answers, the rest is not asked.
pub async fn ask(registry: &impl Registry, plan: &Plan, live: &LiveRegistry) -> Answers {
    let lost = OnceLock::new();
    let registrations = plan.changes.iter().filter_map(|change| Registration::of(change, live));
    let answers = registrations.map(|registration| {
        let lost = &lost;
        async move { (registration.subject.clone(), answer(registry, registration, lost).await) }
    });
    futures::stream::iter(answers).buffer_unordered(CONCURRENCY).collect().await
}

async fn answer(registry: &impl Registry, registration: Registration<'_>, lost: &OnceLock<Failure>) -> Answer {
    let schema = match as_sent(&registration) {
        Ok(schema) => schema,
        Err(why) => return Answer::NotAsked(why),
    };
    if let Some(failure) = lost.get() {
        return Answer::Failed(failure.clone());
    }
    match registry.check(registration.subject, &schema, against(&registration)).await {
        Ok(verdict) => Answer::Said(verdict),
        Err(failure) => {
            use FailureKind::{Authentication, Timeout, Unreachable};
            if matches!(failure.kind, Unreachable | Timeout | Authentication) {
                // Whoever is first says why.
                _ = lost.set(failure.clone());
            }
            Answer::Failed(failure)
        }
    }
}

/// The versions that the registry compares with when something is registered at the present level.
fn against(registration: &Registration<'_>) -> Against {
    let level = match registration.present_level() {
        // What Apicurio answers where the global level counts, too.
        None | Some(Compatibility::None) => registration.global.and_then(Compatibility::from_registry),
        level => level,
    };
    match registration.group.is_some() || level.is_some_and(Compatibility::is_transitive) {
        true => Against::All,
        false => Against::Newest,
    }
}

/// What the registry is asked about; or why there is nothing that it could be asked.
fn as_sent(registration: &Registration<'_>) -> Result<NewSchema, String> {
    if let (Some(group), Some(value)) = (registration.group, registration.own_group_value()) {
        return Err(format!(
            "the version takes over `{group}: {value}` when it is registered, which the registry's check does not know"
        ));
    }
    let mut references = Vec::with_capacity(registration.references.len());
    for reference in registration.references {
        let PlannedVersion::Pinned(version) = reference.version else {
            return Err(format!("it refers to a version of {} that is not registered yet", reference.subject));
        };
        references.push(Reference { name: reference.name.clone(), subject: reference.subject.clone(), version });
    }
    Ok(NewSchema { format: registration.format, text: registration.text.to_owned(), references })
}
