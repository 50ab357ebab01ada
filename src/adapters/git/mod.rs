//! The state of the repository that a workspace lies in, asked of `git` itself.

mod base;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::model::Commit;
pub use base::{Base, Found, NoBase, find_base, read_base};

/// The commit that is checked out in a folder. `None` where that is no repository, has no commit, or there is no `git`.
pub fn commit(folder: &Path) -> Option<Commit> {
    let id = git(folder, &["rev-parse", "HEAD"])?.trim().to_owned();
    let changed = git(folder, &["status", "--porcelain", "--", "."])?;
    Some(Commit { id, dirty: !changed.is_empty() })
}

/// The text that a file below a folder has in the commit that is checked out. `None` where the folder is in no repository,
/// the commit does not have the file or has no text in it, or there is no `git`.
pub fn committed(folder: &Path, file: &Path) -> Option<String> {
    let object = format!("HEAD:./{}", file.to_str()?);
    let text = git(folder, &["cat-file", "blob", &object])?;
    // As files are read from the disk.
    Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
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
    // A lock that is taken only to remember what was looked at gets in the way of whoever works there.
    command.arg("--no-optional-locks").arg("-C").arg(folder).args(arguments);
    command
}
