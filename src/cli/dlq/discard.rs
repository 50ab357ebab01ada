use uuid::Uuid;

use super::deletion::Deletion;
use super::export::ExportPlace;
use super::filter::FilterArgs;
use super::queue::OpenQueue;
use super::settling::Settling;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::consent::ConsentArgs;
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::dlq::ExportHead;
use crate::dlq::settle::{Limits, Work};
use crate::model::{TopicName, counted};

/// Options of `dlq discard`.
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
    consent: ConsentArgs,

    /// Delete them from the log too, with everything before them: all records of the partitions and offsets that are named must
    /// have met their fate then. It cannot be taken back, and asks for `--allow destructive`
    #[arg(long, conflicts_with = "max")]
    delete_records: bool,

    /// Why, for the ledger
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,

    /// Where they are exported to before: a file, or an object as s3://BUCKET/KEY, which must not be there. `busctl dlq restore`
    /// takes them back
    #[arg(long, value_name = "FILE")]
    export: ExportPlace,

    /// Give up at most so many
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    #[command(flatten)]
    format: FormatArg,
}

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why: whoever looks at the ledger later wants to know".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// Says what would be given up, and gives it up where that is wanted.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let filter = args.filter.filter(now())?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    open.refuse_what_is_no_queue()?;
    let filter = open.filtered(filter)?;
    let mut export =
        |run: Uuid| args.export.create(&ExportHead::new(&open.queue.topic, open.id, run), args.timeout.timeout);
    let yes = args.consent.is_given();
    let deletion = args.delete_records.then_some(Deletion { open: &open, filter: &filter, consent: &args.consent });
    let deleted = match &deletion {
        Some(deletion) => Some(deletion.check().await?),
        None => None,
    };
    let settling = Settling {
        open: &open,
        filter: &filter,
        given: args.filter.as_given(),
        work: Work::Discard,
        limits: Limits { max: args.max, ..Limits::default() },
        yes,
        reason: Some(args.reason.clone()),
        watching: None,
        across: None,
    };
    let exit = settling.carry_out(Some(&mut export), args.format.format, global)?;
    match (deletion, deleted) {
        (Some(deletion), _) if yes && exit == Exit::Done => {
            deletion.carry_out(&args.timeout, FormatArg { format: args.format.format }, global).await
        }
        (Some(_), Some(offsets)) if !yes => {
            anstream::eprintln!("then {} would be deleted from the log", counted(offsets, "offset"));
            Ok(exit)
        }
        _ => Ok(exit),
    }
}
