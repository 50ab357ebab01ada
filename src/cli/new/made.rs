//! What `new` writes, and what it leaves to people.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapters::disk;
use crate::cli::args::Global;
use crate::cli::catalog::CATALOG;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::diag::{Diagnostic, Level};
use crate::resources::WorkspaceFiles;
use crate::resources::scaffold::{NoScaffold, Scaffold};

/// The workspace, where its manifests load: what they mean must be known before something is added.
pub fn loaded(global: &Global) -> Result<&'static Context, CommandError> {
    let context = Context::load()?;
    if context.is_broken() {
        context.print_loading(global)?;
        return Err(CommandError::refused("the manifests do not load").hint("`busctl validate` says what is wrong"));
    }
    Ok(context)
}

impl From<NoScaffold> for CommandError {
    fn from(none: NoScaffold) -> Self {
        Self::usage(none.message).hint(none.help)
    }
}

/// The files among them that are there already.
pub fn already_there(context: &Context, made: &Scaffold) -> BTreeSet<PathBuf> {
    let is_there = |path: &&PathBuf| context.root.join(path).symlink_metadata().is_ok();
    made.created.keys().filter(is_there).cloned().collect()
}

/// Refuses to write over what is there.
pub fn refuse_to_overwrite(there: &BTreeSet<PathBuf>, hint: &str) -> Result<(), CommandError> {
    if there.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = there.iter().map(|path| path.display().to_string()).collect();
    Err(CommandError::refused(format!("{} would be written over", names.join(", "))).hint(hint))
}

/// Writes all files or none, and says what was done and what is left to do. `check` may refuse what `validate` will say of it.
pub fn write(
    context: &Context,
    mut made: Scaffold,
    there: &BTreeSet<PathBuf>,
    global: &Global,
    check: impl FnOnce(&[Diagnostic]) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let then = Context::of_files(&context.root, files_with(context, &made));
    if then.is_broken() {
        then.print_loading(global)?;
        return Err(CommandError::usage("what was given is none that a manifest takes: nothing was written"));
    }
    let findings = found_then(context, &then)?;
    check(&findings)?;
    let files = made.created.iter().chain(&made.changed).map(|(path, text)| (path.as_path(), text.as_str()));
    let mut files: Vec<(&Path, &str)> = files.collect();
    // A new topic comes last: what a run left that was stopped before it declares nothing, and the next run sees it.
    files.sort_by_key(|(path, _)| path.starts_with("topics") && made.created.contains_key(*path));
    disk::write_together(&context.root, &files)
        .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))?;
    made.left.extend(findings.iter().map(|finding| in_words(finding, None)));
    if is_in_catalog(context, &then) {
        made.left.push(format!("write {CATALOG} anew: `busctl catalog`"));
    }
    print(&made, there);
    Ok(())
}

/// Whether the catalog that was up to date no longer is. Of one that was not, nothing is new.
fn is_in_catalog(context: &Context, then: &Context) -> bool {
    let written = std::fs::read_to_string(context.root.join(CATALOG)).ok();
    let is = |context: &Context| written.as_ref() == Some(&crate::catalog::markdown(&context.workspace));
    is(context) && !is(then)
}

/// Writes what is new; where something of it is there already, nothing is written.
pub fn write_new(context: &Context, made: Scaffold, global: &Global) -> Result<(), CommandError> {
    write_new_if(context, made, global, |_| Ok(()))
}

/// The same, unless a check refuses what `validate` will say of it.
pub fn write_new_if(
    context: &Context,
    made: Scaffold,
    global: &Global,
    check: impl FnOnce(&[Diagnostic]) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let there = already_there(context, &made);
    refuse_to_overwrite(&there, "move what is there away, or write the manifests by hand")?;
    write(context, made, &there, global, check)
}

/// A finding in one line, with what helps.
pub fn in_words(finding: &Diagnostic, way: Option<&str>) -> String {
    let help = way.or(finding.help.as_deref()).map(|help| format!(": {help}")).unwrap_or_default();
    format!("{} {}{help}", finding.code, finding.message)
}

/// Says what was done, where these files were there before.
fn print(made: &Scaffold, there: &BTreeSet<PathBuf>) {
    for path in made.created.keys() {
        let verb = if there.contains(path) { "written over" } else { "created" };
        anstream::println!("{verb} {}", path.display());
    }
    for path in made.changed.keys() {
        anstream::println!("changed {}", path.display());
    }
    if !made.left.is_empty() {
        anstream::println!("\nLeft to do:");
    }
    for left in &made.left {
        anstream::println!("- {left}");
    }
}

/// What `validate` will say that it does not say now.
pub fn found_then(context: &Context, then: &Context) -> Result<Vec<Diagnostic>, CommandError> {
    let key = |finding: &Diagnostic| (finding.code, finding.message.clone());
    let all = |context: &Context| context.findings(&context.workspace.clusters.values().collect::<Vec<_>>());
    let known: BTreeSet<_> = all(context)?.iter().map(|finding| key(&finding)).collect();
    let found = all(then)?.into_iter();
    Ok(found.filter(|finding| finding.level >= Level::Warn && !known.contains(&key(finding))).collect())
}

/// The workspace as it will be.
pub fn files_with(context: &Context, made: &Scaffold) -> WorkspaceFiles {
    let workspace = &context.workspace;
    let mut files = WorkspaceFiles { documents: workspace.documents.clone(), ..WorkspaceFiles::default() };
    let now = workspace.sources.iter().map(|(_, file)| (file.path.clone(), Ok(file.text.clone())));
    files.texts.extend(now);
    for (path, text) in made.created.iter().chain(&made.changed) {
        match path.starts_with(Path::new("docs")) {
            true => drop(files.documents.insert(path.clone())),
            false => drop(files.texts.insert(path.clone(), Ok(Arc::from(text.as_str())))),
        }
    }
    files
}
