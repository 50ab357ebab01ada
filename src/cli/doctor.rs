use super::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use super::connect::{NOT_UP, is_down, kafka_connection, registry_connection_of};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::adapters::{kafka, registry};
use crate::ports::walk::{Step, StepKind, StepOutcome, Walk};
use crate::render::doctor::WalksView;
use crate::resources::cluster::ClusterSpec;

/// What is looked at.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Walk to the brokers and the registry, step by step, and say where and why a walk ends
    Connection(Args),
}

/// Options of `doctor connection`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Runs the command.
pub async fn run(global: &Global, command: Command) -> Result<Exit, CommandError> {
    let Command::Connection(args) = command;
    let context = Context::load()?;
    let mut walks: Vec<Walk> = Vec::new();
    for cluster in context.whole_clusters(&args.cluster)? {
        let system = format!("cluster/{}", cluster.cluster.value);
        if is_down(context, cluster) {
            // Its registry is started with it, and that it is not there says nothing more.
            let error = CommandError::system("the local bus is not up").hint(NOT_UP);
            walks.push(not_set_up(system, "busctl dev", &error));
            continue;
        }
        let first = walks.len();
        match kafka_connection(context, cluster, args.timeout.timeout).await {
            Ok((connection, renewing)) => {
                let cluster_id = cluster.cluster_id.as_ref().map(|id| id.as_str());
                let named_by = named_by(cluster);
                let target = kafka::Target { system: &system, named_by, cluster_id };
                walks.extend(kafka::walk(target, connection, renewing).await);
            }
            Err(error) => walks.push(not_set_up(system, "connection", &error)),
        }
        let Some(name) = &cluster.schema_registry else { continue };
        let system = format!("registry/{}", name.value);
        if walks.iter().any(|walk| walk.system == system) {
            continue;
        }
        match registry_connection_of(context, cluster, args.timeout.timeout).await {
            Ok(Some((connection, renewing))) => walks.push(registry::walk(&system, connection, renewing).await),
            Ok(None) => {}
            Err(error) => walks.push(not_set_up(system, "url", &error)),
        }
        if cluster.is_local() {
            walks[first..].iter_mut().for_each(start_again);
        }
    }
    output::view(&WalksView { walks: &walks }, args.format.format, global)?;
    Ok(if walks.iter().all(Walk::is_whole) { Exit::Done } else { Exit::CouldNot })
}

/// Which key names the brokers that the walks begin with.
fn named_by(cluster: &ClusterSpec) -> &'static str {
    let spec = cluster.connection.as_ref().map(|connection| &connection.value);
    match spec {
        Some(spec) if spec.bootstrap.is_empty() && spec.listener.is_some() => "connection.listener",
        _ => "connection.bootstrap",
    }
}

/// What to do where nothing listens at what a local bus had when it was last up.
fn start_again(walk: &mut Walk) {
    let failed = |step: &&mut Step| step.step == StepKind::Tcp && step.outcome == StepOutcome::Failed;
    walk.steps.iter_mut().filter(failed).for_each(|step| step.hint = Some(NOT_UP.to_owned()));
}

/// A walk that does not begin: the manifest, or a secret that it names, cannot be used.
fn not_set_up(system: String, named_by: &str, error: &CommandError) -> Walk {
    let step = Step::failed(StepKind::Settings, error.message(), error.hints().join("; "));
    Walk { system, address: "not known".to_owned(), named_by: named_by.to_owned(), steps: vec![step] }
}
