//! The files of a workspace as another commit has them.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
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

/// A link is followed through so many others, as Linux does.
const MOST_LINKS: usize = 40;

/// What to do about a repository within the own one.
const LOOKS_LIKE_ONE: &str = "files named `HEAD`, `config`, `objects` and `refs` in the workspace's folder look like a \
                              repository of their own: see who brought them, and remove them";

/// An object of Git: what it is, and its name.
#[derive(Debug, Clone)]
struct Object {
    is_link: bool,
    id: String,
}

/// Reads the workspace in `folder` as it was where the work on what is checked out began: at the last commit that it has
/// in common with `reference`. What the branch got meanwhile is no change of ours.
///
/// Files that are in `present` with the same bytes are not read again. Sample records are left out unless they are asked
/// for.
pub fn read_base(
    folder: &Path,
    reference: &str,
    present: &WorkspaceFiles,
    with_fixtures: bool,
) -> Result<Base, NoBase> {
    let commit = common_ancestor(folder, reference)?;
    let listed = list(folder, &commit)?;
    if !listed.contains_key(Path::new(disk::SETTINGS_FILE)) {
        moved(folder, &commit, reference)?;
    }
    let mut files = WorkspaceFiles::default();
    let mut wanted: BTreeMap<PathBuf, String> = BTreeMap::new();
    for (path, id) in resolve_links(folder, listed)? {
        if path.starts_with("docs") {
            files.documents.insert(path);
        } else if disk::is_workspace_file(&path, with_fixtures) {
            wanted.insert(path, id);
        }
    }
    let same: Vec<Option<Arc<str>>> = wanted
        .par_iter()
        .map(|(path, id)| {
            let text = present.texts.get(path)?.as_ref().ok()?;
            (object_name(text, id.len()) == *id).then(|| text.clone())
        })
        .collect();
    let (known, missing): (Vec<_>, Vec<_>) = wanted.into_iter().zip(same).partition(|(_, same)| same.is_some());
    let ids: Vec<&str> = missing.iter().map(|((_, id), _)| id.as_str()).collect();
    let texts = read_blobs(folder, &ids)?;
    files.texts.extend(known.into_iter().filter_map(|((path, _), same)| Some((path, Ok(same?)))));
    files.texts.extend(missing.into_iter().zip(texts).map(|(((path, _), _), bytes)| {
        let text = disk::to_text(&path, bytes);
        (path, text)
    }));
    Ok(Base { commit, files })
}

fn common_ancestor(folder: &Path, reference: &str) -> Result<String, NoBase> {
    let shown = folder.display();
    if let Err(error) = command(folder, &["--version"]).stdin(Stdio::null()).output() {
        return Err(NoBase::new(format!("could not run git: {error}"), "install git, or put it into the PATH"));
    }
    if git(folder, &["rev-parse", "--git-dir"]).is_none() {
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
        // MODE TYPE ID, a tab, the path. Paths that are not UTF-8 are no workspace's.
        let (head, path) = std::str::from_utf8(entry).ok()?.split_once('\t')?;
        let mut head = head.split(' ');
        let (mode, kind, id) = (head.next()?, head.next()?, head.next()?);
        (kind == "blob").then(|| (PathBuf::from(path), Object { is_link: mode == "120000", id: id.to_owned() }))
    });
    Ok(entries.collect())
}

/// The files that a commit has, links replaced by what they lead to: a file, or everything in a folder. What leads nowhere
/// or out of the workspace is not there.
fn resolve_links(folder: &Path, listed: BTreeMap<PathBuf, Object>) -> Result<BTreeMap<PathBuf, String>, NoBase> {
    let links: Vec<(&PathBuf, &str)> =
        listed.iter().filter(|(_, object)| object.is_link).map(|(path, object)| (path, object.id.as_str())).collect();
    let targets = read_blobs(folder, &links.iter().map(|(_, id)| *id).collect::<Vec<_>>())?;
    let targets: BTreeMap<&Path, PathBuf> = links
        .iter()
        .zip(targets)
        .filter_map(|((path, _), target)| Some((path.as_path(), beside(path, &String::from_utf8(target).ok()?)?)))
        .collect();
    let mut files = BTreeMap::new();
    for (path, object) in &listed {
        if !object.is_link {
            files.insert(path.clone(), object.id.clone());
            continue;
        }
        let mut target = targets.get(path.as_path());
        for _ in 0..MOST_LINKS {
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

/// What a link beside `path` leads to, from the same folder as `path`; `None` where that is outside.
fn beside(path: &Path, target: &str) -> Option<PathBuf> {
    let mut found = path.parent()?.to_path_buf();
    for part in Path::new(target).components() {
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

/// The name that Git gives a blob, in a repository whose names have so many digits.
fn object_name(text: &str, digits: usize) -> String {
    let algorithm = match digits {
        64 => &digest::SHA256,
        _ => &digest::SHA1_FOR_LEGACY_USE_ONLY,
    };
    let mut context = digest::Context::new(algorithm);
    context.update(format!("blob {}\0", text.len()).as_bytes());
    context.update(text.as_bytes());
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
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
