//! Manifests that follow from others.

mod version;

use super::args::Global;
use super::error::{CommandError, Exit};

/// Manifests.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make the next major version of a topic, with all that belongs to it
    Version(version::Args),
}

/// Runs one of the commands.
pub fn run(global: &Global, command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::Version(args) => version::run(global, args),
    }
}
