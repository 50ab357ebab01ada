use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::filter::FilterArgs;
use super::queue::OpenQueue;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq::{Shape, ShownRecord, Told};
use crate::model::TopicName;
use crate::ports::records::RecordSource;
use crate::render::dlq::show::{ShowDocument, ShowView};

/// Options of `dlq show`.
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

    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    limit: NonZeroUsize,

    /// Show keys and values too, whatever personal data are in them
    #[arg(long)]
    unmask: bool,

    #[command(flatten)]
    format: FormatArg,
}

/// Shows dead letters one by one.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let filter = args.filter.filter(now())?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    let origin = open.queue.presumed_origin();
    let records = tokio::task::block_in_place(|| {
        let (mut records, mut shape) = (Vec::new(), Shape::default());
        open.kafka.scan(&open.queue.topic, &open.stretches_of(&filter), &mut |letter| {
            if filter.takes(letter, &Told::of(letter), origin, &mut shape) {
                let settled = open.ledger.settled.contains(letter.partition, letter.offset);
                records.push(ShownRecord::of(letter, origin, settled, args.unmask));
            }
            Ok(if records.len() < args.limit.get() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok::<_, crate::ports::Failure>(records)
    })?;
    let document = ShowDocument::of(&open.queue, open.cluster.cluster.as_str(), records);
    output::view(&ShowView { document: &document }, args.format.format, global)?;
    Ok(Exit::Done)
}
