//! The state of the repository that a workspace lies in, asked of `git` itself.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::model::Commit;

/// The commit that is checked out in a folder. `None` where that is no repository, has no commit, or there is no `git`.
pub fn commit(folder: &Path) -> Option<Commit> {
    let id = git(folder, &["rev-parse", "HEAD"])?.trim().to_owned();
    let changed = git(folder, &["status", "--porcelain", "--", "."])?;
    Some(Commit { id, dirty: !changed.is_empty() })
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    // A lock that is taken only to remember what was looked at gets in the way of whoever works there.
    command.arg("--no-optional-locks").arg("-C").arg(folder).args(arguments);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
