//! The files of a workspace as another commit has them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::process::{ChildStdout, Stdio};
use std::sync::Arc;

use rayon::prelude::*;
use ring::digest;

use super::{command, git, is_own};
use crate::adapters::disk;
use crate::resources::WorkspaceFiles;

/// The workspace of a commit.
#[derive(Debug)]
pub struct Base {
    /// The commit: the last one that the present one and the reference have in common.
    pub commit: String,
    /// Its files; none where the commit has no workspace here.
    pub files: WorkspaceFiles,
}

/// Why a base could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct NoBase {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl NoBase {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// What to do about a repository within the own one.
const LOOKS_LIKE_ONE: &str = "files named `HEAD`, `config`, `objects` and `refs` in the workspace's folder look like a \
                              repository of their own: see who brought them, and remove them";

/// An object of Git: what it is, and its name.
#[derive(Debug, Clone)]
struct Object {
    is_link: bool,
    id: String,
}

/// Where a base is: its commit, and the files that this has below the folder of the workspace.
#[derive(Debug)]
pub struct Found {
    commit: String,
    files: BTreeMap<PathBuf, String>,
}

/// Finds the workspace in `folder` as it was where the work on what is checked out began: at the last commit that it has in
/// common with `reference`. What the branch got meanwhile is no change of ours. No file is read yet.
pub fn find_base(folder: &Path, reference: &str) -> Result<Found, NoBase> {
    let commit = common_ancestor(folder, reference)?;
    let listed = list(folder, &commit)?;
    if !listed.contains_key(Path::new(disk::SETTINGS_FILE)) {
        moved(folder, &commit, reference)?;
    }
    let files = resolve_links(folder, listed)?;
    Ok(Found { commit, files })
}

/// Reads a base that was found. Files that are in `present` with the same bytes are not read again. Sample records are left
/// out unless they are asked for.
pub fn read_base(folder: &Path, found: Found, present: &WorkspaceFiles, with_fixtures: bool) -> Result<Base, NoBase> {
    let Found { commit, files } = found;
    let (documents, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| path.starts_with("docs"));
    let wanted: Vec<_> = others.into_iter().filter(|(path, _)| disk::is_workspace_file(path, with_fixtures)).collect();
    let same: Vec<Option<Arc<str>>> = wanted
        .par_iter()
        .map(|(path, id)| {
            let text = present.texts.get(path)?.as_ref().ok()?;
            is_named(text, id).then(|| text.clone())
        })
        .collect();
    let missing: Vec<&str> =
        wanted.iter().zip(&same).filter(|(_, same)| same.is_none()).map(|((_, id), _)| id.as_str()).collect();
    let mut read = read_blobs(folder, &missing)?.into_iter();
    let texts = wanted.into_iter().zip(same).filter_map(|((path, _), same)| {
        let text = match same {
            Some(same) => Ok(same),
            None => disk::to_text(&path, read.next()?),
        };
        Some((path, text))
    });
    // In order, and so not compared again and again when the map is made.
    let texts = texts.collect();
    let documents = documents.into_iter().map(|(path, _)| path).collect();
    Ok(Base { commit, files: WorkspaceFiles { texts, documents } })
}

fn common_ancestor(folder: &Path, reference: &str) -> Result<String, NoBase> {
    let shown = folder.display();
    if git(folder, &["rev-parse", "--git-dir"]).is_none() {
        if let Err(error) = command(folder, &["--version"]).stdin(Stdio::null()).output() {
            return Err(NoBase::new(format!("could not run git: {error}"), "install git, or put it into the PATH"));
        }
        // Git refuses a repository of somebody else, and says how to allow it.
        let output = command(folder, &["rev-parse", "--git-dir"]).stdin(Stdio::null()).output();
        let said = output.map(|output| String::from_utf8_lossy(&output.stderr).trim().to_owned()).unwrap_or_default();
        let hint = match said.contains("bare repository") {
            true => LOOKS_LIKE_ONE,
            false => "--against git:REF needs a workspace in a Git repository; --against FILE takes a snapshot",
        };
        return Err(NoBase::new(format!("git finds no repository at {shown}: {said}"), hint));
    }
    if !is_own(folder) {
        return Err(NoBase::new(
            format!("git does not take the repository around {shown} for that of the workspace"),
            LOOKS_LIKE_ONE,
        ));
    }
    let resolve = |name: &str| {
        let commit =
            git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])?;
        Some(commit.trim().to_owned())
    };
    let is_shallow =
        || git(folder, &["rev-parse", "--is-shallow-repository"]).is_some_and(|said| said.trim() == "true");
    let Some(theirs) = resolve(reference) else {
        let remote = format!("origin/{reference}");
        let hint = match (resolve(&remote), is_shallow()) {
            (Some(_), _) => format!("did you mean `git:{remote}`?"),
            (None, true) => {
                let branch = reference.strip_prefix("origin/").unwrap_or(reference);
                // What is proposed to be pasted into a shell has nothing in it that a shell obeys.
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
                let is_harmless =
                    branch.starts_with(|c: char| c.is_ascii_alphanumeric()) && branch.chars().all(is_plain);
                let branch = if is_harmless { branch } else { "BRANCH" };
                format!(
                    "this is a shallow clone: fetch the history with `git fetch --unshallow origin` and the branch with \
                     `git fetch origin {branch}:refs/remotes/origin/{branch}`, or check out with `fetch-depth: 0`, and \
                     name it as `git:origin/{branch}`"
                )
            }
            (None, false) => "name a branch, a tag or a commit that `git rev-parse` knows".to_owned(),
        };
        return Err(NoBase::new(format!("the repository at {shown} has no commit `{reference}`"), hint));
    };
    let Some(ours) = resolve("HEAD") else {
        return Err(NoBase::new(
            format!("the repository at {shown} has no commit yet"),
            "commit the workspace first; without a base, leave --against out",
        ));
    };
    match git(folder, &["merge-base", &ours, &theirs]) {
        Some(ancestor) => Ok(ancestor.trim().to_owned()),
        None if is_shallow() => Err(NoBase::new(
            format!("the clone at {shown} is too shallow to tell what it has in common with `{reference}`"),
            "fetch the history up to there: `git fetch --unshallow origin`, or `fetch-depth: 0` of the checkout",
        )),
        None => Err(NoBase::new(
            format!("what is checked out at {shown} has no commit in common with `{reference}`"),
            "name the branch that the work started from",
        )),
    }
}

/// Refuses a base that has its workspace elsewhere, where there is none any more: a workspace that moves would be compared
/// with nothing.
fn moved(folder: &Path, commit: &str, reference: &str) -> Result<(), NoBase> {
    let Some(root) = super::root(folder) else { return Ok(()) };
    let elsewhere = list(&root, commit)?.into_keys().find(|path| {
        let is_settings = path.file_name().is_some_and(|name| name == disk::SETTINGS_FILE);
        is_settings && root.join(path).symlink_metadata().is_err()
    });
    let Some(settings) = elsewhere else { return Ok(()) };
    let was = settings.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Err(NoBase::new(
        format!("`{reference}` has its workspace in {}, where there is none any more", was.display()),
        "a workspace is not moved and changed at once: move it by a pull request of its own, checked without --against",
    ))
}

/// Everything below a folder that a commit has, by path from there.
fn list(folder: &Path, commit: &str) -> Result<BTreeMap<PathBuf, Object>, NoBase> {
    let failed = |why: String| {
        NoBase::new(
            format!("could not list the files of commit {commit}: {why}"),
            "see whether `git fsck` finds it whole",
        )
    };
    let output = command(folder, &["ls-tree", "-r", "-z", commit]).stdin(Stdio::null()).output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let entries = output.stdout.split(|byte| *byte == 0).filter_map(|entry| {
        // MODE TYPE ID, a tab, the path, which need not be UTF-8.
        let tab = entry.iter().position(|byte| *byte == b'\t')?;
        let path = path_of(&entry[tab + 1..]);
        let mut head = std::str::from_utf8(&entry[..tab]).ok()?.split(' ');
        let (mode, kind, id) = (head.next()?, head.next()?, head.next()?);
        (kind == "blob").then(|| (path, Object { is_link: mode == "120000", id: id.to_owned() }))
    });
    Ok(entries.collect())
}

/// The files that a commit has, links replaced by what they lead to: a file, or everything in a folder. What leads nowhere
/// or out of the workspace is not there.
fn resolve_links(folder: &Path, listed: BTreeMap<PathBuf, Object>) -> Result<BTreeMap<PathBuf, String>, NoBase> {
    if !listed.values().any(|object| object.is_link) {
        return Ok(listed.into_iter().map(|(path, object)| (path, object.id)).collect());
    }
    let links: Vec<(&PathBuf, &str)> =
        listed.iter().filter(|(_, object)| object.is_link).map(|(path, object)| (path, object.id.as_str())).collect();
    let targets = read_blobs(folder, &links.iter().map(|(_, id)| *id).collect::<Vec<_>>())?;
    let targets: BTreeMap<&Path, PathBuf> = links
        .iter()
        .zip(targets)
        .filter_map(|((path, _), target)| Some((path.as_path(), beside(path, &path_of(&target))?)))
        .collect();
    let mut files = BTreeMap::new();
    for (path, object) in &listed {
        if !object.is_link {
            files.insert(path.clone(), object.id.clone());
            continue;
        }
        let mut target = targets.get(path.as_path());
        for _ in 0..disk::MOST_LINKS {
            match target.and_then(|target| targets.get(target.as_path())) {
                Some(further) => target = Some(further),
                None => break,
            }
        }
        let Some(target) = target else { continue };
        let below = listed.range(target.clone()..).take_while(|(path, _)| path.starts_with(target));
        for (found, object) in below.filter(|(_, object)| !object.is_link) {
            let rest = found.strip_prefix(target).unwrap_or(found);
            let named = if rest.as_os_str().is_empty() { path.clone() } else { path.join(rest) };
            files.insert(named, object.id.clone());
        }
    }
    Ok(files)
}

/// A path as Git has it: bytes, as the disk.
fn path_of(bytes: &[u8]) -> PathBuf {
    OsStr::from_bytes(bytes).into()
}

/// What a link beside `path` leads to, from the same folder as `path`; `None` where that is outside.
fn beside(path: &Path, target: &Path) -> Option<PathBuf> {
    let mut found = path.parent()?.to_path_buf();
    for part in target.components() {
        match part {
            Component::Normal(name) => found.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !found.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(found)
}

/// Whether this is the name that Git gives a blob with a text. How many digits it has tells how the repository makes them.
fn is_named(text: &str, id: &str) -> bool {
    let algorithm = match id.len() {
        64 => &digest::SHA256,
        _ => &digest::SHA1_FOR_LEGACY_USE_ONLY,
    };
    let mut context = digest::Context::new(algorithm);
    context.update(format!("blob {}\0", text.len()).as_bytes());
    context.update(text.as_bytes());
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
    let name = context.finish();
    name.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).eq(id.bytes())
}

/// The contents of blobs, in their order.
fn read_blobs(folder: &Path, ids: &[&str]) -> Result<Vec<Vec<u8>>, NoBase> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |error: io::Error| {
        NoBase::new(
            format!("could not read the base's files out of the repository: {error}"),
            "see whether `git fsck` finds it whole; a partial clone must be able to fetch",
        )
    };
    let mut command = command(folder, &["cat-file", "--batch"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(failed)?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Ok(Vec::new()) };
    // Where both sides only write, both wait for ever.
    let blobs = std::thread::scope(|scope| {
        scope.spawn(move || ids.iter().try_for_each(|id| writeln!(input, "{id}")));
        let mut output = BufReader::new(output);
        ids.iter().map(|_| next_blob(&mut output)).collect::<io::Result<Vec<_>>>()
    });
    child.wait().map_err(failed)?;
    blobs.map_err(failed)
}

/// The next answer of `git cat-file --batch`: `ID blob SIZE`, the bytes, a line break.
fn next_blob(output: &mut BufReader<ChildStdout>) -> io::Result<Vec<u8>> {
    let mut head = String::new();
    output.read_line(&mut head)?;
    let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    let size = size.ok_or_else(|| io::Error::other(format!("git answered `{}`", head.trim_end())))?;
    let mut bytes = Vec::new();
    output.by_ref().take(size).read_to_end(&mut bytes)?;
    output.read_exact(&mut [0])?;
    Ok(bytes)
}
