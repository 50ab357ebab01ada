//! Walking the folders of a workspace, and the links in it.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{is_manifest, problem_of};
use crate::resources::ReadProblem;

/// Files and folders that a workspace may have; the limit of the span's file index and of patience is far above.
const MAX_ENTRIES: usize = 1_000_000;

/// On how many ways through links a folder is read. Links to folders with links multiply.
const MAX_WAYS: usize = 100;

/// What is found below the folders of a workspace.
pub(super) struct Walk<'r> {
    root: &'r Path,
    /// Each with whether its folder already says that it is a regular file.
    pub(super) files: Vec<(PathBuf, bool)>,
    pub(super) problems: Vec<(PathBuf, ReadProblem)>,
    /// The real paths of the folders that are being walked: one that comes again is a loop.
    pub(super) open: Vec<PathBuf>,
    /// How many links lead to the folder that is being walked.
    links: usize,
    /// On how many ways through links each folder was come to, by its real path.
    ways: HashMap<PathBuf, usize>,
    entries: usize,
}

impl<'r> Walk<'r> {
    pub(super) fn new(root: &'r Path) -> Self {
        Self {
            root,
            files: Vec::new(),
            problems: Vec::new(),
            open: fs::canonicalize(root).into_iter().collect(),
            links: 0,
            ways: HashMap::new(),
            entries: 0,
        }
    }

    /// `real` is the folder's real path where it is known: finding it out takes longer than reading a small folder.
    pub(super) fn folder(&mut self, folder: &Path, real: Option<PathBuf>, wanted: &dyn Fn(&Path) -> bool) {
        let full = self.root.join(folder);
        let real = match real.map_or_else(|| fs::canonicalize(&full), Ok) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound && full.symlink_metadata().is_err() => return,
            Err(error) => return self.problem(folder, &error),
        };
        if self.open.contains(&real) {
            return self.problems.push((
                folder.to_owned(),
                ReadProblem {
                    message: "this link leads back to a folder that it lies in".into(),
                    help: "remove the link".into(),
                },
            ));
        }
        if let Some(problem) = self.open.first().and_then(|root| outside(&real, root)) {
            return self.problems.push((folder.to_owned(), problem));
        }
        if self.links > 0 {
            let ways = self.ways.entry(real.clone()).or_default();
            *ways += 1;
            if *ways > MAX_WAYS {
                // Once is enough.
                if *ways == MAX_WAYS + 1 {
                    let message = format!("more than {MAX_WAYS} ways through links lead to this folder");
                    let help = "remove links to folders that have links themselves".into();
                    self.problems.push((folder.to_owned(), ReadProblem { message, help }));
                }
                return;
            }
        }
        let entries = match fs::read_dir(&full) {
            Ok(entries) => entries,
            Err(error) => return self.problem(folder, &error),
        };
        self.open.push(real);
        let mut names = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => names.push((entry.file_name(), entry.file_type().ok())),
                Err(error) => self.problem(folder, &error),
            }
        }
        names.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (name, kind) in names {
            self.entry(folder.join(name), kind, wanted);
        }
        self.open.pop();
    }

    fn entry(&mut self, path: PathBuf, kind: Option<fs::FileType>, wanted: &dyn Fn(&Path) -> bool) {
        if path.file_name().is_some_and(is_hidden) {
            return;
        }
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            if self.entries == MAX_ENTRIES + 1 {
                let message = format!("there are more than {MAX_ENTRIES} files and folders; the rest is not read");
                let help = "move what is no part of the bus out of the workspace".into();
                self.problems.push((path, ReadProblem { message, help }));
            }
            return;
        }
        let known = kind.filter(|kind| !kind.is_symlink());
        let is_folder = known.map_or_else(|| self.root.join(&path).is_dir(), |kind| kind.is_dir());
        // A folder that is named like a manifest is listed as one, and reading it says what is wrong.
        if is_folder && !is_manifest(&path) {
            let real = known.and_then(|_| Some(self.open.last()?.join(path.file_name()?)));
            let links = usize::from(known.is_none());
            self.links += links;
            self.folder(&path, real, wanted);
            self.links -= links;
        } else if wanted(&path) {
            self.files.push((path, kind.is_some_and(|kind| kind.is_file())));
        } else if let Some(problem) = lost(&path) {
            self.problems.push((path, problem));
        }
    }

    fn problem(&mut self, path: &Path, error: &io::Error) {
        self.problems.push((path.to_owned(), problem_of(error)));
    }
}

/// Why a file below `schemas/` that is not read would be missed: earlier versions that are not there are compared with
/// nothing, and nobody notices.
fn lost(path: &Path) -> Option<ReadProblem> {
    if !path.starts_with("schemas") {
        return None;
    }
    let is_versions = |path: &Path| path.file_name().is_some_and(|name| name == "versions");
    let (message, help) = if path.to_str().is_none() {
        ("the name of the file is not UTF-8", "rename it: the name says what it is")
    } else if path.extension().is_some_and(|extension| extension == "md") {
        return None;
    } else if is_versions(path) || path.parent().is_some_and(is_versions) {
        ("this is not a folder of versions", "earlier versions of a schema are versions/NAME/1.EXTENSION and so on")
    } else {
        return None;
    };
    Some(ReadProblem { message: message.into(), help: help.into() })
}

/// Why what a path leads to is not read: it is not in the workspace, or hidden there. What has no end is no link to anything.
pub(super) fn leads_out(real_root: &Path, path: &Path) -> Option<ReadProblem> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    outside(&fs::canonicalize(path).ok()?, real_root)
}

/// Whether a name is one that folders do not show, be it UTF-8 or not.
pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The first link on the way to `path` that lies in a workspace and leads out of it.
pub fn link_out_of_workspace(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let is_out = |link: &&Path| {
        let is_link = link.symlink_metadata().is_ok_and(|found| found.is_symlink());
        let root = link.parent().filter(|_| is_link).and_then(|folder| super::find_root(folder).ok());
        root.is_some_and(|root| fs::canonicalize(link).is_ok_and(|real| !real.starts_with(root)))
    };
    path.ancestors().filter(is_out).last().map(Path::to_owned)
}

/// Why a real path is not one of the workspace's. What is hidden in its folder, such as `.git` and `.env`, is none either.
fn outside(real: &Path, real_root: &Path) -> Option<ReadProblem> {
    let (message, help) = match real.strip_prefix(real_root) {
        Err(_) => ("this link leads out of the workspace", "put what it leads to into the workspace"),
        Ok(inside) if inside.iter().any(is_hidden) => (
            "this link leads to what is hidden (its name starts with a dot), which is no part of a workspace",
            "give what it leads to a name that does not start with a dot",
        ),
        Ok(_) => return None,
    };
    Some(ReadProblem { message: message.into(), help: help.into() })
}
