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
    // Nothing is meant because nothing could be read, and not because nothing is there.
    let meant = met.records - met.settled - met.left_out;
    if meant == 0 && met.left_out > 0 {
        open.tell_unmet(&filter)?;
    }
    let has_read_none = meant == 0 && met.unjudged.undecoded > 0 && open.decoder.lost().is_some();
    let document = tokio::task::block_in_place(|| {
        TriageDocument::of(&open.queue, cluster, met, &|letter, origin| dlq::masked_of(letter, &open.decoder, origin))
    });
    output::view(&TriageView { document: &document }, args.format.format, global)?;
    Ok(if has_read_none { Exit::CouldNot } else { Exit::Done })
}
