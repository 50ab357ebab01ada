use std::path::Path;

use super::made;
use crate::adapters::git;
use crate::cli::args::Global;
use crate::cli::context::today;
use crate::cli::error::{CommandError, Exit};
use crate::resources::scaffold::Scaffold;
use crate::resources::successor::{Successor, successor};

/// Options of `new version`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topic whose next version it is
    #[arg(value_name = "TOPIC")]
    topic: String,

    /// What breaks, in a few words: the title of the decision record
    #[arg(long, value_name = "WHY")]
    breaking_change: Option<String>,

    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

/// Writes the next major version of a topic, all files or none, and says what is left to do.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = made::loaded(global)?;
    let why = args.breaking_change.as_deref().map(str::trim).filter(|why| !why.is_empty());
    if why.is_some_and(|why| why.contains(char::is_control)) {
        return Err(CommandError::usage(
            "--breaking-change takes one line: it becomes the title of the decision record",
        ));
    }
    let committed = |path: &Path| git::committed(&context.root, path);
    let Successor { created, changed, left, .. } = successor(&context.workspace, &args.topic, why, today(), &committed)
        .map_err(|none| CommandError::usage(none.to_string()).hint(none.help))?;
    let made = Scaffold { created, changed, left };
    let there = made::already_there(context, &made);
    if !args.force {
        let hint = "move what is there away, or give --force; a run that was stopped half way may have left it";
        made::refuse_to_overwrite(&there, hint)?;
    }
    made::write(context, made, &there, global, |_| Ok(()))?;
    Ok(Exit::Done)
}
