mod accept;
mod exporter;
mod listen;
mod watch;

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use self::watch::Watch;
use crate::cli::args::{ClusterArg, Global, TimeoutArg, parse_time};
use crate::cli::context::Context;
use crate::cli::dlq::scanning::Scanning;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::model::TopicName;
use crate::render::Format;
use crate::render::dlq::stats::{Exposition, StatsView};

/// Options of `dlq stats`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dead-letter topics; by default all that are declared
    topic: Vec<TopicName>,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// How many reasons of a queue are told apart
    #[arg(long, value_name = "NUMBER", default_value = "10", value_parser = clap::value_parser!(u64).range(0..=100))]
    top: u64,

    /// Serve the figures at this address for Prometheus, below /metrics, until it is stopped: a port of this machine alone, or
    /// HOST:PORT
    #[arg(long, value_name = "ADDRESS", value_parser = listen::address, conflicts_with = "format")]
    listen: Option<SocketAddr>,

    /// How often the cluster is looked at while it serves
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_time, requires = "listen")]
    every: Duration,

    /// The form of the data: text for people, json for programs, markdown for a pull-request comment, prometheus (text 0.0.4) and
    /// openmetrics (1.0) for monitoring
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    format: StatsFormat,
}

/// How figures are written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum StatsFormat {
    Text,
    Json,
    Markdown,
    Prometheus,
    Openmetrics,
}

/// Tells the figures of queues, once or for as long as somebody asks.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let top = usize::try_from(args.top).unwrap_or(usize::MAX);
    let mut watch = Watch::open(context, cluster, &args.topic, args.timeout.timeout, top).await?;
    if let Some(address) = args.listen {
        return exporter::serve(watch, address, args.every).await;
    }
    let scanning = Scanning::open();
    let mut progress = |records| {
        scanning.more(records);
        ControlFlow::Continue(())
    };
    let Some(document) = watch.look(&mut progress).await? else { return Ok(Exit::Interrupted) };
    drop(scanning);
    let exit = if document.has_unseen() { Exit::CouldNot } else { Exit::Done };
    let format = match args.format {
        StatsFormat::Text => Format::Text,
        StatsFormat::Json => Format::Json,
        StatsFormat::Markdown => Format::Markdown,
        StatsFormat::Prometheus | StatsFormat::Openmetrics => {
            let form = match args.format {
                StatsFormat::Openmetrics => Exposition::OpenMetrics,
                _ => Exposition::Prometheus,
            };
            output::data(&form.write(cluster.cluster.as_str(), Some(&Arc::new(document)), None))?;
            return Ok(exit);
        }
    };
    output::view(&StatsView { document: &document }, format, global)?;
    Ok(exit)
}
