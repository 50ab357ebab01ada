use uuid::Uuid;

use super::export::ExportPlace;
use super::guard::tell_other_run;
use super::queue::OpenQueue;
use super::settling::{Begun, about, begin, ledger_partitions, told};
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq::settle::{Restoring, Target, lacking};
use crate::dlq::{Exported, Fates, Wanted};
use crate::model::counted;
use crate::ports::kafka::KafkaAdmin;
use crate::render::dlq::restore::{RestoreDocument, RestoreView, Restored};

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

    /// Put them back; without it nothing is written, and it is shown what would be
    #[arg(short, long)]
    yes: bool,

    /// Why, for the ledger
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    format: FormatArg,
}

/// Says what would be put into its queue again, and does that where it is wanted.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
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
    tell_other_run(&open, !args.yes).await;
    let most_bytes = match args.yes {
        true => {
            let configs = open.kafka.topic_configs(std::slice::from_ref(&open.queue.topic)).await?;
            Target::of(0, &configs.effective(&open.queue.topic)?).most_bytes
        }
        false => None,
    };
    let run = Uuid::now_v7();
    let (restored, ended) = tokio::task::block_in_place(|| {
        let begun = match args.yes {
            true => Some(begin(&open, "restore dead letters", most_bytes)?),
            false => None,
        };
        if begun.is_none() {
            // Without a ledger nobody can say what was given up, in a dry run either.
            ledger_partitions(&open)?;
        }
        let fates = Fates::read(&open.kafka, open.id, &Wanted::default())?;
        refuse_cut(shown, &exported, &fates)?;
        let restoring = Restoring::of(&exported, &fates);
        let (count, ended) = match begun {
            Some(Begun { mut sink, partitions, .. }) => {
                let about = about(&open, args.reason.clone(), Vec::new());
                restoring.put_back(&mut sink, partitions, run, &about)
            }
            None => (restoring.count(), Ok(())),
        };
        let restored = Restored {
            export: shown.to_string(),
            run,
            is_real: args.yes,
            records: exported.records.len() as u64,
            restored: count,
            restored_before: restoring.restored_before,
            not_given_up: restoring.not_given_up,
            failure: ended.as_ref().err().cloned(),
        };
        Ok::<_, CommandError>((restored, ended))
    })?;
    let is_begun = restored.restored > 0;
    let document = RestoreDocument::of(&open.queue, open.cluster.cluster.as_str(), restored);
    output::view(&RestoreView { document: &document }, args.format.format, global)?;
    match ended {
        Ok(()) => Ok(Exit::Done),
        Err(failure) if is_begun => Err(CommandError::from(told(failure, &open)).partly()),
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
