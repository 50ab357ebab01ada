//! The state of the repository that a workspace lies in, asked of `git` itself.

mod base;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::disk;
use crate::model::Commit;
pub use base::{Base, Found, NoBase, find_base, read_base};

/// The commit that is checked out in a folder. `None` where that is no repository, has no commit, or there is no `git`.
pub fn commit(folder: &Path) -> Option<Commit> {
    if !is_own(folder) {
        return None;
    }
    let id = git(folder, &["rev-parse", "HEAD"])?.trim().to_owned();
    let changed = git(folder, &["status", "--porcelain", "--", "."])?;
    Some(Commit { id, dirty: !changed.is_empty() })
}

/// The text that a file below a folder has in the commit that is checked out. `None` where the folder is in no repository,
/// the commit does not have the file or has no text in it, or there is no `git`.
pub fn committed(folder: &Path, file: &Path) -> Option<String> {
    text_at(folder, "HEAD", file)
}

/// The same in another commit.
pub fn text_at(folder: &Path, commit: &str, file: &Path) -> Option<String> {
    if !is_own(folder) {
        return None;
    }
    let object = format!("{commit}:./{}", file.to_str()?);
    let text = git(folder, &["cat-file", "blob", &object])?;
    // As files are read from the disk.
    Some(text.strip_prefix(disk::BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text))
}

/// The root of the repository that a folder lies in. It is looked for and not asked of `git`, which answers nothing about
/// the folder of another user, as a container of a pipeline has it.
pub fn root(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.join(".git").symlink_metadata().is_ok()).map(Path::to_owned)
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = command(folder, arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    for variable in OF_ANOTHER_REPOSITORY {
        command.env_remove(variable);
    }
    // What a pull request brings may look like a repository without a work tree, with a config that names programs.
    for setting in ["safe.bareRepository=explicit", "core.fsmonitor=false"] {
        command.args(["-c", setting]);
    }
    command.env("GIT_NO_LAZY_FETCH", "1");
    // A lock that is taken only to remember what was looked at gets in the way of whoever works there.
    command.arg("--no-optional-locks").arg("-C").arg(folder).args(arguments);
    command
}

/// What hooks and other programs set for the repository that they are in (`git rev-parse --local-env-vars`); the workspace
/// lies in its own.
const OF_ANOTHER_REPOSITORY: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Whether `git` takes that for the repository of a folder which has the nearest `.git` upwards, and keeps it there or outside
/// of the work tree. Git itself never checks a file of that name out, so that no pull request can bring one.
fn is_own(folder: &Path) -> bool {
    let Some(root) = root(&std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())) else { return false };
    let told = git(folder, &["rev-parse", "--show-toplevel", "--absolute-git-dir"]).unwrap_or_default();
    let mut told = told.lines().map(std::fs::canonicalize);
    let (Some(Ok(top)), Some(Ok(kept))) = (told.next(), told.next()) else { return false };
    top == root && (!kept.starts_with(&root) || kept.starts_with(root.join(".git")))
}
