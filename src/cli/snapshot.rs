use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::{ClusterArg, Global, TimeoutArg};
use super::connect::{check_cluster_id, connect};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::identities::find_identities;
use super::output;
use super::planning::remembered_passwords;
use crate::model::Timestamp;
use crate::plan::Plan;
use crate::ports::Observed;
use crate::ports::kafka::ClusterFacts;
use crate::resources::cluster::security::endpoints;
use crate::resources::cluster::{ClusterSpec, observe_endpoints};
use crate::resources::identity::needing;
use crate::resources::impact::{self, Facts};
use crate::resources::schema::compatibility::{self, Histories};
use crate::resources::{Desired, Live, Scope, observe};

/// The version of the file that is written.
const FORMAT_VERSION: u32 = 1;

/// Options of `snapshot`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Also measure what plans say of losses: offsets, sizes, and the groups that read each topic
    #[arg(long)]
    impact: bool,
}

/// A saved live state.
#[derive(Serialize)]
pub struct Snapshot<L> {
    format_version: u32,
    /// The cluster's name in the workspace. `cluster` is what the brokers say of it.
    name: String,
    /// What was measured, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<Facts>,
    /// Versions of schemas that new ones have to be compared with beside the newest ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Histories>,
    /// The live state.
    #[serde(flatten)]
    pub live: L,
}

/// Saves the live state of a cluster and its registry.
pub async fn run(_: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let registry = systems.registry.as_ref().map(|registry| registry.as_ref().map_err(Clone::clone));
    let live = observe(&systems.kafka, registry, systems.consul(), &desired, Scope::Everything).await?;
    let services = needing(&context.workspace, cluster);
    let (scram_passwords, identities) =
        tokio::join!(remembered_passwords(&systems, &desired), find_identities(cluster, &services, &systems.holders));
    let live = Live { scram_passwords, identities, ..live };
    check_cluster_id(context, cluster, &live.cluster.id)?;
    let endpoints = observe_endpoints(&systems.kafka, endpoints(cluster, &live.cluster.brokers)).await;
    let live = Live { facts: live.facts.map(|facts| ClusterFacts { endpoints, ..facts }), ..live }.without_secrets();
    let facts = match args.impact {
        true => Some(impact::observe(&systems.kafka, &impact::needs_of_everything(&live.topics), now()).await),
        false => None,
    };
    let versions = match (systems.usable_registry(), &live.registry) {
        (Some(registry), Some(Observed::Known(live))) => {
            Some(compatibility::read(registry, compatibility::needs_of_everything(&desired, live), live).await)
        }
        _ => None,
    };
    let name = cluster.cluster.value.to_string();
    let snapshot = Snapshot { format_version: FORMAT_VERSION, name, impact: facts, versions, live: &live };
    let text = serde_json::to_vec(&snapshot)
        .map_err(|error| CommandError::system(format!("could not write the snapshot as JSON: {error}")))?;
    output::private_file(&args.output, &text)?;
    anstream::eprintln!(
        "{}: {} topics of cluster {} (id {})",
        args.output.display(),
        live.topics.topics.len(),
        snapshot.name,
        live.cluster.id
    );
    let unseen = live.unseen();
    for (failure, count) in &unseen {
        anstream::eprintln!("error: not in the snapshot, {count} of them: {failure}");
        if let Some(hint) = &failure.hint {
            anstream::eprintln!(" help: {hint}");
        }
    }
    for failure in live.facts.iter().flat_map(ClusterFacts::hidden) {
        anstream::eprintln!("warning: not in the snapshot: {failure}");
    }
    // The file is worth something all the same: a plan from it is as incomplete as one from the cluster.
    Ok(if unseen.is_empty() { Exit::Done } else { Exit::CouldNot })
}

/// Says where the numbers of a plan are old.
pub fn warn_of_age(plan: &Plan, facts: Option<&Facts>, now: Timestamp) {
    let Some(taken_at) = facts.map(|facts| facts.taken_at) else { return };
    let used = plan.changes.iter().any(|change| change.measured.is_some());
    if used && now.since(taken_at) > impact::STALE {
        anstream::eprintln!(
            "warning: the impact was measured at {taken_at}, more than {} ago: much may have been written since then; \
             take a new snapshot",
            crate::model::Duration(impact::STALE)
        );
    }
    if used && taken_at.since(now) > impact::CLOCK_TOLERANCE {
        anstream::eprintln!(
            "warning: the impact says that it was measured at {taken_at}, which is still to come: how old it is is not \
             known; see the clocks, and take a new snapshot"
        );
    }
}

/// Reads the saved live state of a cluster, and what was measured and read with it.
pub fn read(path: &Path, cluster: &ClusterSpec) -> Result<Snapshot<Live>, CommandError> {
    let snapshot = parse(path)?;
    let wanted = &cluster.cluster.value;
    if snapshot.name != wanted.as_str() {
        return Err(CommandError::refused(format!(
            "{} is a snapshot of cluster `{}`, not of `{wanted}`",
            path.display(),
            snapshot.name
        ))
        .hint(format!("write one with `busctl snapshot --cluster {wanted} -o FILE`")));
    }
    Ok(snapshot)
}

/// The same of whichever cluster of the workspace the file is of.
pub fn read_of_any<'c>(path: &Path, context: &'c Context) -> Result<(&'c ClusterSpec, Snapshot<Live>), CommandError> {
    let snapshot = parse(path)?;
    let cluster = context.cluster(&ClusterArg { cluster: Some(snapshot.name.clone()) })?;
    Ok((cluster, snapshot))
}

impl<L> Snapshot<L> {
    /// The cluster's name in the workspace that it was taken in.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Reads the saved live state of whichever cluster the file is of.
pub fn parse(path: &Path) -> Result<Snapshot<Live>, CommandError> {
    let text = std::fs::read(path)
        .map_err(|error| CommandError::system(format!("could not read the snapshot {}: {error}", path.display())))?;
    let broken = |why: String| {
        CommandError::system(format!("{} is not a snapshot: {why}", path.display()))
            .hint("write one with `busctl snapshot -o FILE`")
    };
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    let version: Version = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
    if version.format_version != FORMAT_VERSION {
        return Err(broken(format!(
            "its format_version is {}, this busctl reads {FORMAT_VERSION}",
            version.format_version
        )));
    }
    // Each part is read from the text itself: of what is gathered before it is read nobody knows the place.
    #[derive(Deserialize)]
    struct Beside {
        name: String,
        #[serde(default)]
        impact: Option<Facts>,
        #[serde(default)]
        versions: Option<Histories>,
    }
    let wrong = |error: serde_json::Error| broken(error.to_string());
    let Beside { name, impact, versions } = serde_json::from_slice(&text).map_err(wrong)?;
    let live: Live = serde_json::from_slice(&text).map_err(wrong)?;
    Ok(Snapshot { format_version: FORMAT_VERSION, name, impact, versions, live })
}
