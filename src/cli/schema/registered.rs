//! The versions that a registry has.

use std::path::Path;
use std::time::Duration;

use crate::cli::args::ClusterArg;
use crate::cli::block_on;
use crate::cli::connect::connect_to_registry;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::snapshot;
use crate::model::Subject;
use crate::ports::Observed;
use crate::ports::registry::{RegisteredSchema, Registry};
use crate::resources::schema::contract::{Registered, RegisteredVersion, subjects};

/// The versions of the subjects that are tested, from the registry itself or from a snapshot, which has the newest, and
/// all where their level is transitive.
/// Their texts are put among the sources of the workspace, so that findings can show them.
pub fn versions(
    context: &mut Context,
    cluster: &ClusterArg,
    live: Option<&Path>,
    names: &[String],
    timeout: Duration,
) -> Result<Registered, CommandError> {
    let wanted = subjects(&context.workspace, names);
    let found = match live {
        Some(file) => {
            let saved = snapshot::read(file, context.cluster(cluster)?)?;
            let mut live = match saved.live.registry {
                Some(registry) => seen(registry)?.subjects,
                None => return Err(CommandError::usage(format!("{} has no schema registry", file.display()))),
            };
            let histories = saved.versions.unwrap_or_default();
            let mut found = Vec::new();
            for subject in wanted {
                let Some(newest) = live.remove(&subject).map(|subject| seen(subject.latest)).transpose()?.flatten()
                else {
                    continue;
                };
                let mut versions = Vec::new();
                for version in histories.before(&subject, newest.version) {
                    versions.extend(seen(version.clone())?);
                }
                versions.push(newest);
                found.push((subject, versions));
            }
            found
        }
        None => block_on(ask(context, cluster, wanted, timeout))?,
    };
    let mut registered = Registered::new();
    for (subject, versions) in found {
        for version in versions {
            let path = format!("{subject} version {} (registry)", version.version);
            let file = context.workspace.sources.add(path, version.schema.text);
            let version = RegisteredVersion { number: version.version, file, format: version.schema.format };
            registered.entry(subject.clone()).or_default().push(version);
        }
    }
    Ok(registered)
}

/// What was seen. What could not be seen is not taken for absent.
fn seen<T>(observed: Observed<T>) -> Result<T, CommandError> {
    match observed {
        Observed::Known(value) => Ok(value),
        Observed::Hidden(failure) => Err(failure.into()),
    }
}

/// Every version of each subject, the oldest first.
async fn ask(
    context: &Context,
    cluster: &ClusterArg,
    subjects: Vec<Subject>,
    timeout: Duration,
) -> Result<Vec<(Subject, Vec<RegisteredSchema>)>, CommandError> {
    let registry = connect_to_registry(context, context.cluster(cluster)?, timeout).await?;
    let mut wanted = Vec::new();
    for (subject, numbers) in subjects.iter().zip(registry.numbers(&subjects).await) {
        wanted.extend(numbers?.into_iter().map(|number| (subject.clone(), number)));
    }
    let mut found: Vec<(Subject, Vec<RegisteredSchema>)> = Vec::new();
    for ((subject, _), version) in wanted.iter().zip(registry.versions(&wanted).await) {
        // One that was deleted meanwhile is not there.
        let Some(version) = version? else { continue };
        match found.last_mut().filter(|(last, _)| last == subject) {
            Some((_, versions)) => versions.push(version),
            None => found.push((subject.clone(), vec![version])),
        }
    }
    Ok(found)
}
