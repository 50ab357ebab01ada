//! The workspace on the disk: finding its root, reading its files, and in `write` writing them.

mod spill;
mod walk;
mod write;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::resources::schema::{is_fixture, is_in_fixtures};
use crate::resources::{FOLDERS, ReadProblem, WorkspaceFiles};
use crate::schema::SchemaFormat;
pub use spill::SpillFile;
pub use walk::link_out_of_workspace;
use walk::{Walk, is_hidden, leads_out};
pub use write::{rewrite, write_as_made, write_atomically, write_for_owner, write_privately, write_together};

/// The file at a workspace's root.
pub const SETTINGS_FILE: &str = "busctl.yaml";

/// The largest manifest. The largest of a real bus has a few dozen kilobytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// The largest schema file.
const MAX_SCHEMA: u64 = 16 << 20;

/// The largest file of another tool. One that holds ten thousand topics, as a cluster of Kubernetes exports them, has a few
/// dozen megabytes.
const MAX_EXPORT: u64 = 128 << 20;

/// The largest sample record. Brokers take a tenth of it unless they are told otherwise.
const MAX_FIXTURE: u64 = 10 << 20;

/// A link is followed through so many others, as Linux does.
pub(super) const MOST_LINKS: usize = 40;

/// What some editors write before a text of UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// There is no workspace where one was looked for.
#[derive(Debug, thiserror::Error)]
#[error("no {SETTINGS_FILE} in {} or in a folder above it", .0.display())]
pub struct NoWorkspace(pub PathBuf);

/// The root of the workspace that `start` lies in: the nearest folder upwards with a `busctl.yaml`.
pub fn find_root(start: &Path) -> Result<PathBuf, NoWorkspace> {
    let start = fs::canonicalize(start).unwrap_or_else(|_| start.to_owned());
    start
        .ancestors()
        .find(|folder| folder.join(SETTINGS_FILE).symlink_metadata().is_ok())
        .map(Path::to_owned)
        .ok_or(NoWorkspace(start))
}

/// Reads every manifest and schema of a workspace. What cannot be read is in the answer with the reason.
pub fn read_workspace(root: &Path) -> WorkspaceFiles {
    read_files(root, &is_read)
}

/// The same with the sample records, which only contract tests need.
pub fn read_workspace_with_fixtures(root: &Path) -> WorkspaceFiles {
    read_files(root, &|path| is_read(path) || is_fixture(path))
}

/// Reads the manifests of a workspace alone.
pub fn read_manifests(root: &Path) -> WorkspaceFiles {
    read_files(root, &is_manifest)
}

/// Reads a manifest that somebody named.
pub fn read_manifest(path: &Path) -> Result<Arc<str>, ReadProblem> {
    read_text(path, false, MAX_MANIFEST)
}

/// Reads the files below a folder that is no workspace. What cannot be read is in the answer with the reason.
pub fn read_folder(root: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<(PathBuf, Result<Arc<str>, ReadProblem>)> {
    let mut walk = Walk::new(root);
    // The folder itself is walked, and is no link back to where it lies in.
    walk.open.clear();
    walk.folder(Path::new(""), None, &|_| true);
    let Walk { files, problems, .. } = walk;
    let files = files.into_iter().filter(|(path, _)| wanted(path)).map(|(path, _)| {
        let text = read_below(root, &path);
        (path, text)
    });
    files.chain(problems.into_iter().map(|(path, problem)| (path, Err(problem)))).collect()
}

/// Reads a file below a folder, wherever links lead to in it.
pub fn read_below(root: &Path, path: &Path) -> Result<Arc<str>, ReadProblem> {
    let real_root = fs::canonicalize(if root.as_os_str().is_empty() { Path::new(".") } else { root });
    let full = root.join(path);
    if real_root.is_ok_and(|root| leads_out(&root, &full).is_some()) {
        let help = "name a folder that holds both, or put the file in place of the link";
        return Err(ReadProblem { message: "this is a link out of the folder".into(), help: help.into() });
    }
    read_text(&full, false, MAX_EXPORT)
}

fn read_files(root: &Path, wanted: &dyn Fn(&Path) -> bool) -> WorkspaceFiles {
    let mut walk = Walk::new(root);
    let real_root = walk.open.first().cloned();
    walk.files.push((PathBuf::from(SETTINGS_FILE), false));
    for folder in FOLDERS {
        walk.folder(Path::new(folder), None, wanted);
    }
    let Walk { mut files, problems, .. } = walk;
    // Each folder comes in order, so that there is little to compare; and what comes in order is not compared again and
    // again when the map is made.
    files.sort();
    let mut documents = Walk::new(root);
    documents.folder(Path::new("docs"), None, &|_| true);
    let texts = files
        .into_par_iter()
        .map(|(path, is_regular)| {
            let full = root.join(&path);
            let root = real_root.as_deref().filter(|_| !is_regular);
            let text = match root.and_then(|root| leads_out(root, &full)) {
                Some(problem) => Err(problem),
                None => read_text(&full, is_regular, limit_of(&path)),
            };
            (path, text)
        })
        .collect::<Vec<_>>();
    WorkspaceFiles {
        texts: texts.into_iter().chain(problems.into_iter().map(|(path, problem)| (path, Err(problem)))).collect(),
        documents: documents.files.into_iter().map(|(path, _)| path).collect::<BTreeSet<_>>(),
    }
}

/// Whether a file at this path from the root is one of a workspace, wherever it is read from: a manifest, a schema, or,
/// where they are wanted, a sample record.
pub fn is_workspace_file(path: &Path, with_fixtures: bool) -> bool {
    let hidden = path.iter().any(is_hidden);
    let in_folder = FOLDERS.iter().any(|folder| path.starts_with(folder));
    let is_wanted = || is_read(path) || (with_fixtures && is_fixture(path));
    !hidden && (path == Path::new(SETTINGS_FILE) || (in_folder && is_wanted()))
}

/// Bytes of a file at this path as text, where they are no more than such a file may have.
pub fn to_text(path: &Path, bytes: Vec<u8>) -> Result<Arc<str>, ReadProblem> {
    bounded_text(bytes, limit_of(path)).map(Arc::from)
}

/// A text that is not on the disk yet, under the limits of one that is.
pub fn within_limit(path: &Path, text: &Arc<str>) -> Result<Arc<str>, ReadProblem> {
    let limit = limit_of(path);
    if text.len() as u64 > limit { Err(too_large(limit)) } else { Ok(text.clone()) }
}

fn too_large(limit: u64) -> ReadProblem {
    ReadProblem {
        message: format!("the file is larger than {} MiB", limit >> 20),
        help: "split it, or remove what is no manifest".into(),
    }
}

fn is_read(path: &Path) -> bool {
    is_manifest(path) || (path.starts_with("schemas") && is_schema(path) && !is_in_fixtures(path))
}

fn is_manifest(path: &Path) -> bool {
    matches!(path.extension().and_then(|extension| extension.to_str()), Some("yaml" | "yml"))
}

fn is_schema(path: &Path) -> bool {
    path.to_str().and_then(SchemaFormat::of_path).is_some()
}

fn limit_of(path: &Path) -> u64 {
    match path {
        path if is_fixture(path) => MAX_FIXTURE,
        path if is_schema(path) && path.starts_with("schemas") => MAX_SCHEMA,
        _ => MAX_MANIFEST,
    }
}

fn problem_of(error: &io::Error) -> ReadProblem {
    let (message, help) = match error.kind() {
        io::ErrorKind::NotFound => ("there is no such file", "create it, or correct the link that leads to it"),
        io::ErrorKind::PermissionDenied => {
            ("the file may not be read", "give the user that runs busctl the right to read it")
        }
        io::ErrorKind::IsADirectory => {
            ("this is a folder where a file should be", "rename the folder, or put the file in its place")
        }
        _ => {
            return ReadProblem {
                message: format!("cannot be read: {error}"),
                help: "see whether the path is right".into(),
            };
        }
    };
    ReadProblem { message: message.into(), help: help.into() }
}

/// Reads a regular file of at most `limit` bytes of UTF-8.
fn read_text(path: &Path, is_regular: bool, limit: u64) -> Result<Arc<str>, ReadProblem> {
    // Opening a pipe would wait for its writer.
    if !is_regular {
        let kind = fs::metadata(path).map_err(|error| problem_of(&error))?;
        if kind.is_dir() {
            return Err(problem_of(&io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if !kind.is_file() {
            let (message, help) = ("this is not a regular file", "replace it by a file");
            return Err(ReadProblem { message: message.into(), help: help.into() });
        }
    }
    read_bounded(path, limit).map(Arc::from).map_err(ReadProblem::from)
}

/// Why a file has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoText {
    /// The system did not let it be read.
    Unread(ReadProblem),
    /// What is in it is none, or too much.
    Unfit(ReadProblem),
}

impl From<NoText> for ReadProblem {
    fn from((NoText::Unread(problem) | NoText::Unfit(problem)): NoText) -> Self {
        problem
    }
}

/// Reads a schema that stands for itself. It may come through a pipe.
pub fn read_schema(path: &Path) -> Result<String, NoText> {
    read_bounded(path, MAX_SCHEMA)
}

/// Reads a document of a workspace, such as a decision record. `None` where it cannot be read.
pub fn read_document(path: &Path) -> Option<String> {
    read_text(path, false, MAX_MANIFEST).ok().map(|text| text.to_string())
}

fn read_bounded(path: &Path, limit: u64) -> Result<String, NoText> {
    let file = File::open(path).map_err(|error| NoText::Unread(problem_of(&error)))?;
    let length = file.metadata().map_or(0, |file| file.len());
    let mut bytes = Vec::with_capacity(length.min(limit) as usize + 1);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| NoText::Unread(problem_of(&error)))?;
    bounded_text(bytes, limit).map_err(NoText::Unfit)
}

/// Bytes as a text without a mark of the order of its bytes, where they are UTF-8 and no more than `limit`.
pub fn bounded_text(bytes: Vec<u8>, limit: u64) -> Result<String, ReadProblem> {
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => rest.to_owned(),
            None => text,
        }),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(ReadProblem {
                message: format!("the file is not UTF-8 (line {line}, byte {valid})"),
                help: "save it as UTF-8".into(),
            })
        }
    }
}

#[cfg(test)]
mod tests;
