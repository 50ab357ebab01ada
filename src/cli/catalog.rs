use std::path::PathBuf;

use super::args::Global;
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::adapters::disk;

/// Where the catalog is by default, from the root of the workspace.
pub const CATALOG: &str = "docs/event-catalog.md";

/// Options of `catalog`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only say whether the file is up to date; end with 3 where it is not
    #[arg(long)]
    check: bool,

    /// The file, from the root of the workspace
    #[arg(short, long, value_name = "FILE", default_value = CATALOG)]
    output: PathBuf,
}

/// Writes the event catalog.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    if context.is_broken() {
        context.print_findings(&context.findings(&[])?, global)?;
        return Ok(Exit::Findings);
    }
    let catalog = crate::catalog::markdown(&context.workspace);
    let path = context.root.join(&args.output);
    if args.check {
        let written = std::fs::read_to_string(&path).ok();
        if written.as_deref() == Some(catalog.as_str()) {
            return Ok(Exit::Done);
        }
        let what = if written.is_some() { "is not up to date" } else { "is not there" };
        anstream::eprintln!("error: {} {what}\n help: write it with `busctl catalog`", args.output.display());
        return Ok(Exit::Findings);
    }
    if let Some(link) = disk::link_out_of_workspace(&path) {
        let (file, link) = (args.output.display(), context.relative(&link).display());
        return Err(CommandError::system(format!(
            "could not write {file}: the link {link} leads out of the workspace"
        ))
        .hint("put a file in place of the link, or name what it leads to with --output"));
    }
    output::file(&path, catalog.as_bytes())?;
    anstream::eprintln!("{}", args.output.display());
    Ok(Exit::Done)
}
