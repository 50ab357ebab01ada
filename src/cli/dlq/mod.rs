//! Dead-letter queues, for whoever is on call.

mod filter;
mod queue;
mod reprocess;
mod scanning;
mod triage;

use super::args::Global;
use super::error::{CommandError, Exit};

/// Commands about dead letters.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Group the dead letters of a queue by why they failed
    Triage(triage::Args),
    /// Send dead letters again, each one once; without --yes it says what it would do
    Reprocess(reprocess::Args),
}

/// Carries one out.
pub async fn run(global: &Global, command: Command) -> Result<Exit, CommandError> {
    match command {
        Command::Triage(args) => triage::run(global, &args).await,
        Command::Reprocess(args) => reprocess::run(global, &args).await,
    }
}
