use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapters::{disk, git};
use crate::cli::args::Global;
use crate::cli::context::{Context, today};
use crate::cli::error::{CommandError, Exit};
use crate::diag::{Diagnostic, Level};
use crate::resources::WorkspaceFiles;
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
    let context = Context::load()?;
    if context.is_broken() {
        context.print_findings(&context.loading, global);
        return Err(CommandError::refused("the manifests do not load").hint("`busctl validate` says what is wrong"));
    }
    let why = args.breaking_change.as_deref().map(str::trim).filter(|why| !why.is_empty());
    if why.is_some_and(|why| why.contains(char::is_control)) {
        return Err(CommandError::usage(
            "--breaking-change takes one line: it becomes the title of the decision record",
        ));
    }
    let committed = |path: &Path| git::committed(&context.root, path);
    let mut made = successor(&context.workspace, &args.topic, why, today(), &committed)
        .map_err(|none| CommandError::usage(none.to_string()).hint(none.help))?;
    let is_there = |path: &PathBuf| context.root.join(path).symlink_metadata().is_ok();
    let there: BTreeSet<PathBuf> = made.created.keys().filter(|path| is_there(path)).cloned().collect();
    if !there.is_empty() && !args.force {
        let names: Vec<_> = there.iter().map(|path| path.display().to_string()).collect();
        return Err(CommandError::refused(format!("{} would be written over", names.join(", ")))
            .hint("move what is there away, or give --force; a run that was stopped half way may have left it"));
    }
    let findings = new_findings(context, &made);
    let files = made.created.iter().chain(&made.changed).map(|(path, text)| (path.as_path(), text.as_str()));
    let mut files: Vec<(&Path, &str)> = files.collect();
    // A new topic comes last: what a run left that was stopped before it declares nothing, and the next run sees it.
    files.sort_by_key(|(path, _)| path.starts_with("topics") && made.created.contains_key(*path));
    disk::write_together(&context.root, &files)
        .map_err(|(path, error)| CommandError::system(format!("could not write {}: {error}", path.display())))?;
    made.left.extend(findings);
    print(&made, &there);
    Ok(Exit::Done)
}

/// Says what was done, where these files were there before.
fn print(made: &Successor, there: &BTreeSet<PathBuf>) {
    for path in made.created.keys() {
        let verb = if there.contains(path) { "written over" } else { "created" };
        anstream::println!("{verb} {}", path.display());
    }
    for path in made.changed.keys() {
        anstream::println!("changed {}", path.display());
    }
    anstream::println!("\nLeft to do:");
    for left in &made.left {
        anstream::println!("- {left}");
    }
}

/// What `validate` will say that it does not say now, in the words of a list.
fn new_findings(context: &Context, made: &Successor) -> Vec<String> {
    let key = |finding: &Diagnostic| (finding.code, finding.message.clone());
    let clusters = |context: &Context| -> Vec<Diagnostic> {
        context.findings(&context.workspace.clusters.values().collect::<Vec<_>>())
    };
    let known: BTreeSet<_> = clusters(context).iter().map(key).collect();
    let then = Context::of_files(&context.root, files_with(context, made));
    let found = clusters(&then);
    let new = found.iter().filter(|finding| finding.level >= Level::Warn && !known.contains(&key(finding)));
    let said = new.map(|finding| {
        let help = finding.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
        format!("{} {}{help}", finding.code, finding.message)
    });
    said.collect()
}

/// The workspace as it will be.
fn files_with(context: &Context, made: &Successor) -> WorkspaceFiles {
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
