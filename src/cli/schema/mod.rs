//! Schemas: by themselves in files, and with their samples in a workspace.

mod check;
mod files;
mod keep;
mod normalize;
mod opinion;
mod pairs;
mod registered;
mod test;

use super::args::Global;
use super::error::{CommandError, Exit};

/// Schemas.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say whether consumers survive a change of a schema, as a registry decides it
    Check(check::Args),
    /// Keep the present version of a schema before it is edited
    Keep(keep::Args),
    /// Print a schema in the one form that all texts of its meaning have
    Normalize(normalize::Args),
    /// Read every sample record with every version that a consumer may have
    Test(test::Args),
}

/// Runs one of the commands.
pub fn run(global: &Global, command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::Check(args) => check::run(global, args),
        Command::Keep(args) => keep::run(global, args),
        Command::Normalize(args) => normalize::run(global, args),
        Command::Test(args) => test::run(global, args),
    }
}
