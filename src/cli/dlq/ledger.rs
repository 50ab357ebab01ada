use std::num::NonZeroUsize;

use uuid::Uuid;

use super::queue::OpenQueue;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg, words};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq::{Expired, Fate, Fates, Wanted};
use crate::model::TopicName;
use crate::ports::FailureKind;
use crate::render::dlq::ledger::{LedgerDocument, LedgerView};

/// Options of `dlq ledger`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dead-letter topic
    topic: TopicName,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Only those that were redriven, parked, discarded or restored; may be repeated
    #[arg(long, value_name = "FATE", value_parser = words(Fate::WORDS), hide_possible_values = true)]
    fate: Vec<&'static str>,

    /// Only those that this run settled
    #[arg(long, value_name = "ID")]
    run: Option<Uuid>,

    /// List the last so many; all are counted
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    limit: NonZeroUsize,

    #[command(flatten)]
    format: FormatArg,
}

/// Tells what became of the dead letters of a queue.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    let wanted = Wanted {
        fates: args.fate.iter().map(|fate| (*fate).to_owned()).collect(),
        run: args.run,
        last: Some(args.limit.get()),
    };
    let fates = tokio::task::block_in_place(|| match Fates::read(&open.kafka, open.id, &wanted) {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(Fates::default()),
        fates => fates,
    })?;
    let expired = Expired::of_all(&open.stretches, &open.ledger.settled, &open.ledger.seen);
    let document = LedgerDocument::of(&open.queue, open.cluster.cluster.as_str(), fates, expired);
    output::view(&LedgerView { document: &document }, args.format.format, global)?;
    Ok(Exit::Done)
}
