//! The workspace on the disk: finding its root, reading its files, writing files atomically.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::resources::{FOLDERS, ReadProblem, WorkspaceFiles};
use crate::schema::SchemaFormat;

/// The file at a workspace's root.
pub const SETTINGS_FILE: &str = "busctl.yaml";

/// The largest manifest. The largest of a real bus has a few dozen kilobytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// The largest schema file.
const MAX_SCHEMA: u64 = 16 << 20;

/// The largest sample record. Brokers take a tenth of it unless they are told otherwise.
const MAX_FIXTURE: u64 = 10 << 20;

/// Files that a workspace may have; the limit of the span's file index and of patience is far above.
const MAX_FILES: usize = 1_000_000;

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

fn read_files(root: &Path, wanted: &dyn Fn(&Path) -> bool) -> WorkspaceFiles {
    let mut walk = Walk::new(root);
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
            let text = read_text(&root.join(&path), is_regular, limit_of(&path));
            (path, text)
        })
        .collect::<Vec<_>>();
    WorkspaceFiles {
        texts: texts.into_iter().chain(problems.into_iter().map(|(path, problem)| (path, Err(problem)))).collect(),
        documents: documents.files.into_iter().map(|(path, _)| path).collect::<BTreeSet<_>>(),
    }
}

fn is_read(path: &Path) -> bool {
    is_manifest(path) || (path.starts_with("schemas") && is_schema(path) && !is_in_fixtures(path))
}

/// Fixtures are sample records, not schemas.
fn is_in_fixtures(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "fixtures")
}

fn is_fixture(path: &Path) -> bool {
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    path.starts_with("schemas") && is_json && is_in_fixtures(path)
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

struct Walk<'r> {
    root: &'r Path,
    /// Each with whether its folder already says that it is a regular file.
    files: Vec<(PathBuf, bool)>,
    problems: Vec<(PathBuf, ReadProblem)>,
    /// The real paths of the folders that are being walked: one that comes again is a loop.
    open: Vec<PathBuf>,
}

impl<'r> Walk<'r> {
    fn new(root: &'r Path) -> Self {
        Self { root, files: Vec::new(), problems: Vec::new(), open: fs::canonicalize(root).into_iter().collect() }
    }

    /// `real` is the folder's real path where it is known: finding it out takes longer than reading a small folder.
    fn folder(&mut self, folder: &Path, real: Option<PathBuf>, wanted: &dyn Fn(&Path) -> bool) {
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
        let hidden = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'));
        if hidden || self.files.len() >= MAX_FILES {
            return;
        }
        let known = kind.filter(|kind| !kind.is_symlink());
        let is_folder = known.map_or_else(|| self.root.join(&path).is_dir(), |kind| kind.is_dir());
        // A folder that is named like a manifest is listed as one, and reading it says what is wrong.
        if is_folder && !is_manifest(&path) {
            let real = known.and_then(|_| Some(self.open.last()?.join(path.file_name()?)));
            self.folder(&path, real, wanted);
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
    read_bounded(path, limit).map(Arc::from)
}

/// Reads a schema that stands for itself. It may come through a pipe.
pub fn read_schema(path: &Path) -> Result<String, ReadProblem> {
    read_bounded(path, MAX_SCHEMA)
}

/// Reads a document of a workspace, such as a decision record. `None` where it cannot be read.
pub fn read_document(path: &Path) -> Option<String> {
    read_text(path, false, MAX_MANIFEST).ok().map(|text| text.to_string())
}

fn read_bounded(path: &Path, limit: u64) -> Result<String, ReadProblem> {
    let file = File::open(path).map_err(|error| problem_of(&error))?;
    let length = file.metadata().map_or(0, |file| file.len());
    let mut bytes = Vec::with_capacity(length.min(limit) as usize + 1);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| problem_of(&error))?;
    if bytes.len() as u64 > limit {
        return Err(ReadProblem {
            message: format!("the file is larger than {} MiB", limit >> 20),
            help: "split it, or remove what is no manifest".into(),
        });
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

/// Writes a file so that a reader sees the old or the new text and nothing between.
pub fn write_atomically(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let mode = fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|before| before.permissions());
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(text)?;
        mode.map_or(Ok(()), |mode| file.set_permissions(mode))?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        // The first error says what is wrong; a temporary file that stays is seen and harmless.
        fs::remove_file(&temporary).ok();
    }
    renamed
}

/// Gives a file of a workspace a new text: through a link, with its mode and with its byte order mark. A file that is not there
/// is made.
///
/// # Errors
///
/// It cannot be written, or a link leads out of the workspace.
pub fn rewrite(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    let full = root.join(path);
    let Ok(real) = fs::canonicalize(&full) else {
        return match full.symlink_metadata() {
            Ok(_) => Err(io::Error::other("the link leads to nothing")),
            Err(_) => write_atomically(&full, text.as_bytes()),
        };
    };
    if !real.starts_with(fs::canonicalize(root)?) {
        return Err(io::Error::other(format!("the link leads out of the workspace, to {}", real.display())));
    }
    let has_mark = fs::read(&real)?.starts_with(BYTE_ORDER_MARK.as_bytes());
    let marked = if has_mark { format!("{BYTE_ORDER_MARK}{text}") } else { text.to_owned() };
    write_atomically(&real, marked.as_bytes())
}

/// What some editors write before a text of UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes several files, all or none: where one cannot be written, the others are put back as they were. Each stands under
/// the root.
pub fn write_together(root: &Path, files: &[(&Path, &str)]) -> Result<(), (PathBuf, io::Error)> {
    let mut written: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
    for (path, text) in files {
        let full = root.join(path);
        let before = match fs::read(&full) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let result = before.and_then(|before| rewrite(root, path, text).map(|()| before));
        match result {
            Ok(before) => written.push((full, before)),
            Err(error) => {
                for (path, before) in written.into_iter().rev() {
                    // What cannot be put back either is seen in Git; the first error says what is wrong.
                    match before {
                        // Through a link, as it was written.
                        Some(bytes) => write_atomically(&fs::canonicalize(&path).unwrap_or(path), &bytes).ok(),
                        None => fs::remove_file(&path).ok(),
                    };
                }
                return Err(((*path).to_owned(), error));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join(SETTINGS_FILE), "version: 1\n").expect("settings");
        fs::create_dir(folder.path().join("topics")).expect("topics");
        folder
    }

    fn problem_at(files: &WorkspaceFiles, path: &str) -> String {
        match files.texts.get(Path::new(path)) {
            Some(Err(problem)) => problem.message.clone(),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_does_not_stop_the_rest() {
        let folder = workspace();
        let topics = folder.path().join("topics");
        fs::write(topics.join("good.yaml"), "topic: a\n").expect("write");
        fs::write(topics.join("latin.yaml"), b"topic: caf\xe9\n").expect("write");
        fs::create_dir(topics.join("folder.yaml")).expect("folder");
        File::create(topics.join("huge.yaml")).and_then(|file| file.set_len(100 << 20)).expect("huge");
        std::os::unix::fs::symlink("nowhere.yaml", topics.join("broken.yaml")).expect("link");
        std::os::unix::fs::symlink("..", topics.join("loop")).expect("link");
        fs::create_dir_all(folder.path().join("docs/adr")).expect("docs");
        fs::write(folder.path().join("docs/adr/0001.md"), "").expect("write");
        let files = read_workspace(folder.path());
        assert!(files.documents.contains(Path::new("docs/adr/0001.md")));
        assert!(files.texts[Path::new("topics/good.yaml")].is_ok());
        assert_eq!(problem_at(&files, "topics/latin.yaml"), "the file is not UTF-8 (line 1, byte 10)");
        assert_eq!(problem_at(&files, "topics/folder.yaml"), "this is a folder where a file should be");
        assert_eq!(problem_at(&files, "topics/huge.yaml"), "the file is larger than 1 MiB");
        assert_eq!(problem_at(&files, "topics/broken.yaml"), "there is no such file");
        assert_eq!(problem_at(&files, "topics/loop"), "this link leads back to a folder that it lies in");
    }

    #[test]
    fn a_file_is_replaced_in_one_step() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("deep/file.txt");
        write_atomically(&path, b"one").expect("write");
        write_atomically(&path, b"two").expect("write");
        assert_eq!(fs::read_to_string(&path).expect("read"), "two");
        assert_eq!(fs::read_dir(path.parent().expect("parent")).expect("list").count(), 1);
    }

    #[test]
    fn several_files_are_written_or_none() {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path();
        fs::write(root.join("old"), "before").expect("write");
        fs::create_dir(root.join("folder")).expect("folder");
        let files = [("old", "after"), ("new", "text"), ("folder", "text")];
        let files = files.map(|(path, text)| (Path::new(path), text));
        let (path, _) = write_together(root, &files).expect_err("a folder is no file");
        assert_eq!(path, Path::new("folder"));
        assert_eq!(fs::read_to_string(root.join("old")).expect("read"), "before");
        assert!(!root.join("new").exists());
        write_together(root, &files[..2]).expect("write");
        assert_eq!(fs::read_to_string(root.join("old")).expect("read"), "after");
        assert_eq!(fs::read_to_string(root.join("new")).expect("read"), "text");
    }
}
