//! The versions that a registry has.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::args::ClusterArg;
use crate::cli::block_on;
use crate::cli::connect::connect_to_registry;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::snapshot;
use crate::model::Subject;
use crate::ports::Observed;
use crate::resources::schema::LiveRegistry;
use crate::resources::schema::compatibility::{self, Histories, Needs, Unknown};
use crate::resources::schema::contract::{Registered, RegisteredReference, RegisteredVersion, subjects};

/// The versions of the subjects that are tested, from the registry itself or from a snapshot, which has the newest, and
/// all where their level is transitive. Each comes with what it refers to there.
/// Their texts are put among the sources of the workspace, so that findings can show them.
pub fn versions(
    context: &mut Context,
    cluster: &ClusterArg,
    live: Option<&Path>,
    names: &[String],
    timeout: Duration,
) -> Result<Registered, CommandError> {
    let wanted = subjects(&context.workspace, names);
    let (live, histories) = match live {
        Some(file) => {
            let saved = snapshot::read(file, context.cluster(cluster)?)?;
            let live = match saved.live.registry {
                Some(Observed::Known(registry)) => registry,
                Some(Observed::Hidden(failure)) => return Err(failure.into()),
                None => return Err(CommandError::usage(format!("{} has no schema registry", file.display()))),
            };
            (live, saved.versions)
        }
        None => {
            let histories = block_on(ask(context, cluster, wanted.iter().cloned().collect(), timeout))?;
            (LiveRegistry::default(), Some(histories))
        }
    };
    let read = compatibility::Registered::read(&live, histories.as_ref());
    let mut texts: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut registered = Registered::new();
    for subject in wanted {
        let versions = read.versions(&subject).map_err(|why| unseen(&subject, why))?;
        if versions.left > 0 {
            let (left, read) = (versions.left, versions.known.len());
            anstream::eprintln!("warning: `{subject}`: {left} versions before the newest {read} are not read with");
        }
        for version in versions.known {
            let path = format!("{subject} version {} (registry)", version.version);
            let references = read.texts(&version.schema.references).map_err(|why| unseen(&subject, why))?;
            let references = references.into_iter().map(|reference| {
                let text = texts.get(reference.text).cloned().unwrap_or_else(|| reference.text.into());
                texts.insert(text.clone());
                RegisteredReference { name: reference.name.to_owned(), text }
            });
            let references = references.collect();
            let file = context.workspace.sources.add(path, version.schema.text.as_str());
            let version =
                RegisteredVersion { number: version.version, file, format: version.schema.format, references };
            registered.entry(subject.clone()).or_default().push(version);
        }
    }
    Ok(registered)
}

/// What could not be seen is not taken for absent.
fn unseen(subject: &Subject, why: Unknown) -> CommandError {
    match why {
        Unknown::Hidden(failure) => failure.into(),
        Unknown::Missing(why) => CommandError::system(format!("the versions of `{subject}` are not known: {why}"))
            .hint(
                "a new snapshot has what the declared subjects refer to; a version that is deleted has to be restored",
            ),
    }
}

/// Every version of each subject, and what these refer to.
async fn ask(
    context: &Context,
    cluster: &ClusterArg,
    histories: BTreeSet<Subject>,
    timeout: Duration,
) -> Result<Histories, CommandError> {
    let registry = connect_to_registry(context, context.cluster(cluster)?, timeout).await?;
    let needs = Needs { histories, ..Needs::default() };
    Ok(compatibility::read(&registry, needs, &LiveRegistry::default()).await)
}
