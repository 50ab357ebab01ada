use std::ops::ControlFlow;

use super::filter::FilterArgs;
use super::queue::OpenQueue;
use super::scanning::Scanning;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq;
use crate::model::TopicName;
use crate::render::dlq::triage::{TriageDocument, TriageView};

/// Options of `dlq triage`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dead-letter topic
    topic: TopicName,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    format: FormatArg,
}

/// Reads the queue to its end and groups what waits in it.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let filter = args.filter.filter(now())?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    let filter = open.filtered(filter)?;
    let (stretches, before) = open.waiting_of(&filter);
    let mut met = tokio::task::block_in_place(|| {
        let scanning = Scanning::new(&stretches);
        let settled = &open.ledger.settled;
        let mut progress = |records| {
            scanning.more(records);
            ControlFlow::Continue(())
        };
        dlq::triage(&open.kafka, &open.queue, &stretches, settled, &filter, &mut progress)
    })?;
    met.records += before;
    met.settled += before;
    let cluster = open.cluster.cluster.as_str();
    let document = tokio::task::block_in_place(|| {
        TriageDocument::of(&open.queue, cluster, met, &|origin| open.decoder.may_be_personal(origin))
    });
    output::view(&TriageView { document: &document }, args.format.format, global)?;
    Ok(Exit::Done)
}
