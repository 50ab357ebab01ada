use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::args::Global;
use super::context::find_root;
use super::error::{CommandError, Exit};
use super::output;
use crate::adapters::disk;
use crate::diag::{Diagnostic, Findings};
use crate::model::counted;
use crate::render::findings::FindingsView;
use crate::render::printable;
use crate::render::text_diff::unified;
use crate::resources::format::{NotFormatted, format_manifest};
use crate::resources::{ReadProblem, WorkspaceFiles};
use crate::source::{Sources, Span};

/// Options of `fmt`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Manifests, or folders of them; - for standard input. By default every manifest of the workspace
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write nothing; list the files that are not formatted, and end with 3 where there is one
    #[arg(long)]
    check: bool,

    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
}

/// A manifest to format.
struct Target {
    /// The root of the workspace that it is in, or its folder.
    root: PathBuf,
    /// Its path from there.
    path: PathBuf,
    /// Whether that path says what it is.
    is_in_workspace: bool,
    /// How it is called in messages.
    shown: PathBuf,
    text: Result<Arc<str>, ReadProblem>,
}

/// What became of a manifest.
enum Outcome {
    Same,
    Changed(String),
    Broken(Vec<Diagnostic>),
    Left(String),
}

/// Formats manifests. Each is written by itself: one that cannot be formatted holds up none of the others.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return standard_input(global, args);
    }
    let targets = targets(&args.paths)?;
    let outcomes: Vec<Outcome> = targets.par_iter().map(format).collect();
    let mut exits = vec![Exit::Done];
    let (mut sources, mut findings) = (Sources::default(), Vec::new());
    let (mut changed, mut left, mut listed) = (0_u64, 0_u64, String::new());
    for (target, outcome) in targets.iter().zip(outcomes) {
        let shown = target.shown.display();
        match outcome {
            Outcome::Same => {}
            Outcome::Broken(broken) => {
                let file = sources.add(&target.shown, target.text.clone().unwrap_or_default());
                findings.extend(broken.into_iter().map(|finding| in_file(finding, file)));
            }
            Outcome::Left(why) => {
                left += 1;
                anstream::eprintln!("left {}: {}", printable(&shown.to_string()), printable(&why));
                exits.push(Exit::CouldNot);
            }
            Outcome::Changed(text) => {
                changed += 1;
                if args.diff {
                    listed.push_str(&unified(&target.shown, target.text.as_deref().ok(), &text));
                } else if args.check {
                    listed.push_str(&format!("not formatted {}\n", printable(&shown.to_string())));
                } else if let Err(error) = disk::rewrite(&target.root, &target.path, &text) {
                    changed -= 1;
                    anstream::eprintln!("left {}: {error}", printable(&shown.to_string()));
                    exits.push(Exit::CouldNot);
                } else {
                    listed.push_str(&format!("formatted {}\n", printable(&shown.to_string())));
                }
            }
        }
    }
    output::data(&listed)?;
    if !findings.is_empty() {
        let findings = Findings::listed(findings, &sources);
        output::view_beside_data(&FindingsView { findings: &findings, sources: &sources }, global);
        exits.push(Exit::Findings);
    }
    if args.check && changed > 0 {
        exits.push(Exit::Findings);
    }
    let all = counted(targets.len() as u64, "manifest");
    let what = if args.check || args.diff { "not formatted" } else { "formatted" };
    let left = if left > 0 { format!(", {left} left") } else { String::new() };
    anstream::eprintln!("{all}, {changed} {what}{left}.");
    Ok(Exit::worst(exits))
}

fn format(target: &Target) -> Outcome {
    let text = match &target.text {
        Ok(text) => text,
        Err(problem) => return Outcome::Left(problem.message.clone()),
    };
    match format_manifest(target.is_in_workspace.then_some(&*target.path), text) {
        Ok(formatted) if *formatted == **text => Outcome::Same,
        Ok(formatted) => Outcome::Changed(formatted),
        Err(NotFormatted::Broken(findings)) => Outcome::Broken(findings),
        Err(NotFormatted::Left(why)) => Outcome::Left(why),
    }
}

/// A finding about the only file that was looked at, about that file among others.
fn in_file(mut finding: Diagnostic, file: crate::source::FileId) -> Diagnostic {
    for label in &mut finding.labels {
        label.span = Span { file, ..label.span };
    }
    finding
}

fn standard_input(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    if args.paths.len() > 1 {
        return Err(CommandError::usage("`-` is standard input, beside which there are no files"));
    }
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .read_to_string(&mut text)
        .map_err(|error| CommandError::system(format!("could not read standard input: {error}")))?;
    // As in a file: it is no part of the manifest, and stays.
    let mark = if text.starts_with(disk::BYTE_ORDER_MARK) { disk::BYTE_ORDER_MARK } else { "" };
    let text = text.split_off(mark.len());
    let shown = PathBuf::from("standard input");
    match format_manifest(None, &text) {
        Ok(formatted) => {
            let is_same = formatted == text;
            match (args.diff, args.check) {
                (true, _) => output::data(&unified(&shown, Some(&text), &formatted))?,
                (false, true) => {}
                (false, false) => output::data(&format!("{mark}{formatted}"))?,
            }
            Ok(if args.check && !is_same { Exit::Findings } else { Exit::Done })
        }
        Err(NotFormatted::Broken(findings)) => {
            let mut sources = Sources::default();
            sources.add(shown, text);
            let findings = Findings::listed(findings, &sources);
            output::view_beside_data(&FindingsView { findings: &findings, sources: &sources }, global);
            Ok(Exit::Findings)
        }
        Err(NotFormatted::Left(why)) => Err(CommandError::system(format!("standard input is left: {why}"))),
    }
}

/// The manifests that are meant, each once.
fn targets(paths: &[PathBuf]) -> Result<Vec<Target>, CommandError> {
    if paths.is_empty() {
        let root = find_root()?;
        let files = disk::read_manifests(&root);
        return Ok(of_folder(&root, Path::new(""), &files));
    }
    let mut targets = Vec::new();
    // Several folders may be of one workspace, which is read once.
    let mut workspaces: BTreeMap<PathBuf, WorkspaceFiles> = BTreeMap::new();
    for path in paths {
        let wrong = |why: String| CommandError::system(format!("could not read {}: {why}", path.display()));
        // Who formats a folder of a workspace changes no files elsewhere, wherever a pull request has a link lead to.
        if let Some(link) = disk::link_out_of_workspace(path) {
            return Err(wrong(format!("the link {} leads out of the workspace", link.display()))
                .hint("name what it leads to itself; `busctl fmt` writes through links within a workspace alone"));
        }
        let metadata = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
        if metadata.is_dir() {
            let folder = std::fs::canonicalize(path).map_err(|error| wrong(error.to_string()))?;
            let root = disk::find_root(&folder).map_err(|error| {
                CommandError::usage(error.to_string()).hint("name the files themselves; a folder is one of a workspace")
            })?;
            let inside = folder.strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
            let files = workspaces.entry(root.clone()).or_insert_with(|| disk::read_manifests(&root));
            targets.extend(of_folder(&root, &inside, files));
            continue;
        }
        // The folder is looked up and not the file, which may be a link.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(folder).map_err(|error| wrong(error.to_string()))?;
        let name = path.file_name().ok_or_else(|| wrong("it has no name".to_owned()))?;
        let root = disk::find_root(&folder).ok();
        let text = disk::read_manifest(path);
        let inside = root.as_deref().and_then(|root| folder.strip_prefix(root).ok()).map(|inside| inside.join(name));
        targets.push(Target {
            is_in_workspace: inside.is_some(),
            path: inside.unwrap_or_else(|| name.into()),
            root: root.unwrap_or(folder),
            shown: path.clone(),
            text,
        });
    }
    let mut seen = BTreeSet::new();
    targets.retain(|target| seen.insert(target.root.join(&target.path)));
    Ok(targets)
}

/// The manifests of a workspace in one of its folders.
fn of_folder(root: &Path, folder: &Path, files: &WorkspaceFiles) -> Vec<Target> {
    let inside = files.texts.iter().filter(|(path, _)| path.starts_with(folder));
    let target = |(path, text): (&PathBuf, &Result<Arc<str>, ReadProblem>)| Target {
        root: root.to_owned(),
        shown: path.clone(),
        path: path.clone(),
        is_in_workspace: true,
        text: text.clone(),
    };
    inside.map(target).collect()
}
