//! Dead-letter queues, for whoever is on call.

mod deletion;
mod discard;
mod export;
mod filter;
mod guard;
mod ledger;
mod list;
mod offsets;
mod queue;
mod reprocess;
mod restore;
mod scanning;
mod settling;
mod show;
mod stats;
mod terms;
mod transform;
mod triage;
mod tui;
mod watching;

use super::args::Global;
use super::error::{CommandError, Exit};

/// Commands about dead letters.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the dead-letter queues of a cluster, with how full each one is
    List(list::Args),
    /// Tell the figures of queues, for people and monitoring: depth, age, arrivals, what becomes of the records and how soon
    Stats(stats::Args),
    /// Group the dead letters of a queue by why they failed
    Triage(triage::Args),
    /// Look through queues, groups and records in a terminal, and send them again or give them up
    Tui(tui::Args),
    /// Show dead letters one by one: where they come from, every header, and what they hold; personal data with --unmask alone
    Show(show::Args),
    /// Send dead letters again, each one once; without --yes it says what it would do
    Reprocess(reprocess::Args),
    /// Give dead letters up for a reason; they are exported before. Without --yes it says what it would do
    Discard(discard::Args),
    /// Put what was given up into its queue again; without --yes it says what it would do
    Restore(restore::Args),
    /// Tell what became of dead letters, by whom and why
    Ledger(ledger::Args),
}

/// Carries one out.
pub async fn run(global: &Global, command: Command) -> Result<Exit, CommandError> {
    match command {
        Command::List(args) => list::run(global, &args).await,
        Command::Stats(args) => stats::run(global, &args).await,
        Command::Triage(args) => triage::run(global, &args).await,
        Command::Tui(args) => tui::run(global, &args).await,
        Command::Show(args) => show::run(global, &args).await,
        Command::Reprocess(args) => reprocess::run(global, &args).await,
        Command::Discard(args) => discard::run(global, &args).await,
        Command::Restore(args) => restore::run(global, &args).await,
        Command::Ledger(args) => ledger::run(global, &args).await,
    }
}
