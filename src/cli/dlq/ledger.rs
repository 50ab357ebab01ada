use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use uuid::Uuid;

use super::queue::OpenQueue;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg, words};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq::{Expired, Fate, Fates, LedgerRun, Wanted};
use crate::model::TopicName;
use crate::ports::FailureKind;
use crate::render::dlq::ledger::{LedgerDocument, LedgerView};
use crate::source::closest;

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
    #[arg(long, value_name = "ID", value_parser = run_id)]
    run: Option<Uuid>,

    /// List the last so many; all are counted
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    limit: NonZeroUsize,

    #[command(flatten)]
    format: FormatArg,
}

fn run_id(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| {
        "write the id of a run, as `busctl dlq ledger` shows it: 01975a3e-6f0b-7c51-9f3a-5d1c8a4e2b70".to_owned()
    })
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
    if let Some(run) = args.run.filter(|_| fates.counts.is_empty()) {
        refuse_unknown(&open, run)?;
    }
    let expired = Expired::of_all(&open.stretches, &open.ledger.settled, &open.ledger.seen);
    let document = LedgerDocument::of(&open.queue, open.cluster.cluster.as_str(), fates, expired);
    output::view(&LedgerView { document: &document }, args.format.format, global)?;
    Ok(Exit::Done)
}

/// Refuses a run that has settled nothing in the queue, with those that have.
fn refuse_unknown(open: &OpenQueue, run: Uuid) -> Result<(), CommandError> {
    const TOLD: usize = 3;
    let runs = tokio::task::block_in_place(|| match LedgerRun::read_all(&open.kafka, open.id) {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(BTreeMap::new()),
        runs => runs,
    })?;
    if runs.contains_key(&run) {
        return Ok(());
    }
    let (topic, names) = (&open.queue.topic, runs.keys().map(Uuid::to_string).collect::<Vec<_>>());
    let error = CommandError::usage(format!("no run {run} is in the ledger of {topic}"));
    Err(match closest(&run.to_string(), names.iter().map(String::as_str)) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None if runs.is_empty() => error.hint("no run has settled anything there yet"),
        None => {
            let mut last: Vec<(&Uuid, &LedgerRun)> = runs.iter().collect();
            last.sort_by_key(|(_, about)| Reverse(about.began));
            let told =
                last.iter().take(TOLD).map(|(run, about)| format!("{run} ({}, {})", about.began, about.origin.who));
            error.hint(format!("the last that are there: {}", told.collect::<Vec<_>>().join(", ")))
        }
    })
}
