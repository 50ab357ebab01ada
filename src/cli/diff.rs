use std::collections::BTreeMap;
use std::path::Path;

use super::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use super::connect::{check_cluster_id, connect};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::{output, snapshot};
use crate::model::Principal;
use crate::render::comparison::ComparisonView;
use crate::resources::cluster::ClusterSpec;
use crate::resources::comparison::{Comparison, Observation, Side};
use crate::resources::{Desired, Live, Scope, observe};

/// Options of `diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The cluster that is compared with: its name, or the file of a snapshot
    #[arg(value_name = "CLUSTER")]
    first: String,

    /// The cluster that is told
    #[arg(value_name = "CLUSTER")]
    second: String,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// End with 2 where something differs
    #[arg(long)]
    detailed_exitcode: bool,

    #[command(flatten)]
    format: FormatArg,
}

/// One of the two, with what is known of it.
struct Seen {
    side: Side,
    live: Live,
    owners: BTreeMap<Principal, String>,
}

/// Shows what the second cluster has otherwise than the first.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    // What could not be read of the manifests says whose principals are whose, and no more.
    context.print_loading(global)?;
    let (first, second) = tokio::join!(see(context, &args.first, args), see(context, &args.second, args));
    let (first, second) = (first?, second?);
    let comparison = Comparison::of(first.observation(), second.observation());
    output::view(&ComparisonView { comparison: &comparison, verbose: global.verbose }, args.format.format, global)?;
    Ok(Exit::worst([
        if comparison.complete { Exit::Done } else { Exit::CouldNot },
        if args.detailed_exitcode && !comparison.is_empty() { Exit::Changes } else { Exit::Done },
    ]))
}

impl Seen {
    fn observation(&self) -> Observation<'_> {
        Observation { side: &self.side, live: &self.live, owners: &self.owners }
    }
}

/// Reads a snapshot, or else a cluster.
async fn see(context: &Context, named: &str, args: &Args) -> Result<Seen, CommandError> {
    let is_cluster = context.workspace.clusters.contains_key(named);
    if !is_cluster && (Path::new(named).is_file() || named.ends_with(".json")) {
        let saved = snapshot::parse(Path::new(named))?;
        let (name, live) = (saved.name().to_owned(), saved.live);
        let owners = context.workspace.clusters.get(name.as_str()).map(|cluster| owners(context, cluster));
        let snapshot = Some(named.to_owned());
        let side = Side { cluster: name, cluster_id: live.cluster.id.clone(), snapshot };
        return Ok(Seen { side, live, owners: owners.unwrap_or_default() });
    }
    let cluster = context.cluster(&ClusterArg { cluster: Some(named.to_owned()) })?;
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let systems = connect(context, cluster, args.timeout.timeout).await?;
    let registry = systems.registry.as_ref().map(|registry| registry.as_ref().map_err(Clone::clone));
    let live = observe(&systems.kafka, registry, None, &desired, Scope::Everything).await?;
    check_cluster_id(context, cluster, &live.cluster.id)?;
    let side = Side { cluster: named.to_owned(), cluster_id: live.cluster.id.clone(), snapshot: None };
    Ok(Seen { side, live, owners: owners(context, cluster) })
}

/// The services and roles that principals are of on a cluster.
fn owners(context: &Context, cluster: &ClusterSpec) -> BTreeMap<Principal, String> {
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    desired.grants.owners.into_iter().map(|(principal, owner)| (principal, owner.name)).collect()
}
