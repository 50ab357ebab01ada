use uuid::Uuid;

use super::export::ExportPlace;
use super::queue::OpenQueue;
use super::settling::{Begun, about, begin, told};
use crate::cli::args::{ClusterArg, Global, TimeoutArg};
use crate::cli::error::{CommandError, Exit};
use crate::dlq::settle::{Target, lacking, restore};
use crate::dlq::{Exported, Fates, Wanted};
use crate::model::counted;
use crate::ports::kafka::KafkaAdmin;

/// Options of `dlq restore`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What `busctl dlq discard` exported: a file, or an object as s3://BUCKET/KEY
    #[arg(value_name = "FILE")]
    file: ExportPlace,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Why, for the ledger
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Puts what was given up into its queue again.
pub async fn run(_: &Global, args: &Args) -> Result<Exit, CommandError> {
    let shown = &args.file;
    let text = tokio::task::block_in_place(|| args.file.read(args.timeout.timeout))?;
    let exported = Exported::read(&text).map_err(|error| CommandError::usage(format!("{shown}: {error}")))?;
    let open = OpenQueue::open(&exported.head.topic, &args.cluster, args.timeout.timeout).await?;
    if open.id != exported.head.topic_id {
        let message =
            format!("{} is not the topic that {shown} was exported from: it was created again", open.queue.topic);
        return Err(
            CommandError::refused(message).hint("its ledger speaks of other records; write what is needed by hand")
        );
    }
    let configs = open.kafka.topic_configs(std::slice::from_ref(&open.queue.topic)).await?;
    let target = Target::of(0, &configs.effective(&open.queue.topic)?);
    let (restored, ended) = tokio::task::block_in_place(|| {
        let Begun { mut sink, partitions, .. } = begin(&open, "restore dead letters", target.most_bytes)?;
        let fates = Fates::read(&open.kafka, open.id, &Wanted::default())?;
        refuse_cut(shown, &exported, &fates)?;
        let about = about(&open, args.reason.clone(), Vec::new());
        Ok::<_, CommandError>(restore(&mut sink, &exported, &fates, partitions, Uuid::now_v7(), &about))
    })?;
    let of = counted(exported.records.len() as u64, "record");
    anstream::eprintln!("{restored} of {of} of {shown} wait in {} again.", open.queue.topic);
    match ended {
        Ok(()) => Ok(Exit::Done),
        Err(failure) if restored > 0 => Err(CommandError::from(told(failure, &open)).partly()),
        Err(failure) => Err(told(failure, &open).into()),
    }
}

/// Refuses an export that lacks what was given up into it. Where a run was killed, its last line has no end, and was not given up.
fn refuse_cut(shown: &ExportPlace, exported: &Exported, fates: &Fates) -> Result<(), CommandError> {
    let Some(line) = exported.cut else { return Ok(()) };
    let error = CommandError::usage(format!("{shown}:{line}: the line is cut, and nothing was restored"));
    match lacking(exported, fates) {
        0 if exported.records.is_empty() => Err(error.hint("no record is whole in it, and none was given up into it")),
        0 => Ok(()),
        count => Err(error.hint(format!(
            "{} given up into it {} not there: have the whole file; to restore the others alone, remove that line",
            counted(count, "record"),
            if count == 1 { "is" } else { "are" }
        ))),
    }
}
