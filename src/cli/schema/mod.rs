//! Schemas: by themselves in files, and with their samples in a workspace.

mod check;
mod diff;
mod files;
mod history;
mod keep;
mod known;
mod normalize;
mod opinion;
mod pairs;
mod question;
mod reference;
mod registered;
mod show;
mod test;

pub use test::{broken_by_base, left_out, test_offline};

use super::args::Global;
use super::error::{CommandError, Exit};

/// Schemas.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say whether consumers survive a change of a schema, as a registry decides it
    Check(check::Args),
    /// Show what a change of a schema means, field by field, and whom it breaks
    Diff(diff::Args),
    /// Show a schema with its versions and fields
    Show(show::Args),
    /// Keep a version of a schema as it was committed, before it is edited or after
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
        Command::Diff(args) => diff::run(global, args),
        Command::Show(args) => show::run(global, args),
        Command::Keep(args) => keep::run(global, args),
        Command::Normalize(args) => normalize::run(global, args),
        Command::Test(args) => test::run(global, args),
    }
}
