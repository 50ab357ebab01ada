use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::filter::FilterArgs;
use super::queue::OpenQueue;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::cli::{author, output};
use crate::dlq::{Shape, ShownRecord, Told};
use crate::model::TopicName;
use crate::ports::journal::{Event, Unmasked};
use crate::ports::records::RecordSource;
use crate::ports::{Failure, FailureKind};
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

    /// Show personal data too. Who did so, when, of which records and why is written to the audit before
    #[arg(long)]
    unmask: bool,

    /// Why, for the audit
    #[arg(long, value_name = "TEXT", requires = "unmask")]
    reason: Option<String>,

    #[command(flatten)]
    format: FormatArg,
}

/// Shows dead letters one by one.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let filter = args.filter.filter(now())?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    let filter = open.filtered(filter)?;
    let origin = open.queue.presumed_origin();
    let records = tokio::task::block_in_place(|| {
        let (mut records, mut shape) = (Vec::new(), Shape::default());
        open.kafka.scan(&open.queue.topic, &open.stretches_of(&filter), &mut |letter| {
            if filter.takes(letter, &Told::of(letter), origin, &mut shape) {
                let settled = open.ledger.settled.contains(letter.partition, letter.offset);
                records.push(ShownRecord::of(letter, &open.decoder, settled, args.unmask));
            }
            Ok(if records.len() < args.limit.get() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok::<_, Failure>(records)
    })?;
    if args.unmask && !records.is_empty() {
        audit(&open, args, &records)?;
    }
    if records.is_empty() {
        open.tell_unmet(&filter)?;
    }
    let lost = open.decoder.lost();
    let unjudged = filter.unjudged();
    // Nothing is meant because nothing could be read, and not because nothing is there.
    let has_read_none = records.is_empty() && unjudged.undecoded > 0 && lost.is_some();
    let document = ShowDocument::of(&open.queue, open.cluster.cluster.as_str(), records, unjudged, lost.as_ref());
    output::view(&ShowView { document: &document }, args.format.format, global)?;
    Ok(if has_read_none { Exit::CouldNot } else { Exit::Done })
}

/// Writes down that personal data of these records is shown, and by whom. Nothing is shown without that.
fn audit(open: &OpenQueue, args: &Args, records: &[ShownRecord]) -> Result<(), CommandError> {
    let unmasked = Unmasked {
        cluster: open.cluster.cluster.as_str().to_owned(),
        records: places(records),
        count: records.len() as u64,
        filter: args.filter.as_given(),
        reason: args.reason.clone(),
    };
    let id = uuid::Uuid::now_v7().to_string();
    let event = Event::of_unmasking(id, now(), author::origin(open.context), &open.queue.topic, unmasked);
    let written = tokio::task::block_in_place(|| open.kafka.audit(&event, "write to the audit who sees personal data"));
    written.map_err(|failure| {
        let hint = match failure.kind {
            FailureKind::NotFound => "`busctl apply` makes the audit, with the other topics of the tool's own",
            FailureKind::Authorization => "it takes Write on _busctl-audit; without --unmask personal data is masked",
            _ => "try again; without --unmask personal data is masked",
        };
        CommandError::refused(format!("nothing is shown, for it could not be recorded: {failure}")).hint(hint)
    })
}

/// The places of records, those that follow each other as one.
fn places(records: &[ShownRecord]) -> Vec<String> {
    let mut places: Vec<_> = records.iter().map(|record| (record.partition, record.offset)).collect();
    places.sort_unstable();
    let mut stretches: Vec<(i32, i64, i64)> = Vec::new();
    for (partition, offset) in places {
        match stretches.last_mut() {
            Some((of, _, last)) if (*of, *last + 1) == (partition, offset) => *last = offset,
            _ => stretches.push((partition, offset, offset)),
        }
    }
    let shown = |(partition, first, last): (i32, i64, i64)| match first == last {
        true => format!("{partition}/{first}"),
        false => format!("{partition}/{first}..{last}"),
    };
    stretches.into_iter().map(shown).collect()
}
