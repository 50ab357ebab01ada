//! Files that are made from manifests or from the program itself, and whether they are up to date.

use std::path::Path;

use super::Step;
use crate::adapters::git;
use crate::cli::catalog::CATALOG;
use crate::cli::completions;
use crate::cli::context::{Base, Context};
use crate::cli::error::CommandError;
use crate::diag::{Diagnostic, Findings};
use crate::resources::schema::is_in_fixtures;
use crate::source::{Sources, Span};

/// The completions and man pages, from the root of the workspace.
const COMPLETIONS: &str = "completions";

/// How many of the files are completions: they come first, and man pages behind them.
const SHELLS: usize = 4;

/// The event catalog. Where nobody ever wrote one, nobody misses it.
pub(super) fn catalog(context: &Context, base: Option<&Base>, sources: &mut Sources) -> Step {
    const NAME: &str = "event catalog";
    let was_there = base.is_some_and(|base| base.workspace.documents.contains(Path::new(CATALOG)));
    let path = context.root.join(CATALOG);
    // It shows every manifest and what each has to do with the others: a part of them gives another text.
    let errors = context.errors_in(|path| !is_in_fixtures(path));
    match path.symlink_metadata() {
        Ok(_) if let Some(errors) = errors => Step::skipped(NAME, format!("not compared, because of {errors}")),
        Ok(_) if is(&path, crate::catalog::markdown(&context.workspace).as_bytes()) => Step::passed(NAME, "up to date"),
        Ok(_) => stale(NAME, (CATALOG, "is not up to date"), "write it with `busctl catalog`", sources),
        Err(_) if was_there => stale(NAME, (CATALOG, "is gone"), "write it with `busctl catalog`", sources),
        Err(_) => Step::skipped(NAME, format!("there is no {CATALOG}; `busctl catalog` writes it")),
    }
}

/// Completions and man pages, where the repository keeps them.
pub(super) fn completions(context: &Context, base: Option<&Base>, sources: &mut Sources) -> Result<Step, CommandError> {
    const HELP: &str = "write them with `busctl completions --all completions`";
    const NAME: &str = "completions";
    let folder = context.root.join(COMPLETIONS);
    let files = completions::files()?;
    if !files.iter().any(|(name, _)| folder.join(name).is_file()) {
        let was_there = |name: &String| {
            let path = Path::new(COMPLETIONS).join(name);
            base.is_some_and(|base| git::text_at(&context.root, &base.commit, &path).is_some())
        };
        // Each page has the same fate; of the first ones every repository that keeps them has one.
        if let Some((name, _)) = files.iter().take(SHELLS).find(|(name, _)| was_there(name)) {
            return Ok(stale(NAME, (&format!("{COMPLETIONS}/{name}"), "is gone"), HELP, sources));
        }
        return Ok(Step::skipped(NAME, format!("there are none in {COMPLETIONS}/")));
    }
    let is_stale = |(name, text): &&(String, Vec<u8>)| !is(&folder.join(name), text);
    Ok(match files.iter().find(is_stale) {
        None => Step::passed(NAME, "up to date"),
        Some((name, _)) => stale(NAME, (&format!("{COMPLETIONS}/{name}"), "is not that of this busctl"), HELP, sources),
    })
}

/// Whether a path is a regular file with this text. A link, a pipe or a device may have no end.
fn is(path: &Path, text: &[u8]) -> bool {
    let found = path.symlink_metadata();
    found.is_ok_and(|found| found.is_file() && found.len() == text.len() as u64)
        && std::fs::read(path).is_ok_and(|written| written == text)
}

/// `sources` gets the file, so that the finding has a place.
fn stale(name: &str, (file, what): (&str, &str), help: &str, sources: &mut Sources) -> Step {
    let what = format!("{file} {what}");
    let says = format!("{what}: {help}");
    let place = Span::whole(sources.add(file, ""));
    let finding = Diagnostic::new("STALE_FILE", what).at(place, "").help(help);
    Step::judged(name, Findings::listed([finding], sources), says)
}
