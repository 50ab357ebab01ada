//! The versions that a registry has.

use std::path::Path;
use std::time::Duration;

use futures::future::join_all;

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

/// Requests that are under way at once.
const AT_ONCE: usize = 16;

/// The versions of the subjects that are tested, from the registry itself or from a snapshot, which has the newest alone.
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
            let (live, _) = snapshot::read(file, context.cluster(cluster)?)?;
            let mut subjects = match live.registry {
                Some(registry) => seen(registry)?.subjects,
                None => return Err(CommandError::usage(format!("{} has no schema registry", file.display()))),
            };
            let mut found = Vec::new();
            for subject in wanted {
                let latest = subjects.remove(&subject).map(|subject| seen(subject.latest)).transpose()?.flatten();
                found.extend(latest.map(|latest| (subject, vec![latest])));
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
    let newest = registry.latest(&subjects).await;
    let mut found = Vec::new();
    for (subject, newest) in subjects.into_iter().zip(newest) {
        let Some(newest) = newest? else { continue };
        let mut versions = Vec::new();
        // Versions that were deleted are not there.
        let earlier: Vec<u32> = (1..newest.version).collect();
        for numbers in earlier.chunks(AT_ONCE) {
            for answer in join_all(numbers.iter().map(|number| registry.version(&subject, *number))).await {
                versions.extend(answer?);
            }
        }
        versions.push(newest);
        found.push((subject, versions));
    }
    Ok(found)
}
