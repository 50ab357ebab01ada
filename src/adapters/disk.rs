//! The workspace on the disk: finding its root, reading its files, writing files atomically.

mod spill;
mod walk;

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::resources::schema::{is_fixture, is_in_fixtures};
use crate::resources::{FOLDERS, ReadProblem, WorkspaceFiles};
use crate::schema::SchemaFormat;
pub use spill::SpillFile;
pub use walk::link_out_of_workspace;
use walk::{Walk, is_hidden, leads_out};

/// The file at a workspace's root.
pub const SETTINGS_FILE: &str = "busctl.yaml";

/// The largest manifest. The largest of a real bus has a few dozen kilobytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// The largest schema file.
const MAX_SCHEMA: u64 = 16 << 20;

/// The largest sample record. Brokers take a tenth of it unless they are told otherwise.
const MAX_FIXTURE: u64 = 10 << 20;

/// A link is followed through so many others, as Linux does.
pub(super) const MOST_LINKS: usize = 40;

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
    read_text(&full, false, MAX_SCHEMA)
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

fn bounded_text(bytes: Vec<u8>, limit: u64) -> Result<String, ReadProblem> {
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

/// Writes a file that somebody named so that a reader sees the old or the new text and nothing between. Through a link it is
/// the file that this leads to; into a pipe or a device, of which there is no other, the text is written as it is made.
pub fn write_atomically(path: &Path, text: &[u8]) -> io::Result<()> {
    write_as_made(path, |out| out.write_all(text))
}

/// The same with a text that is made while it is written.
pub fn write_as_made(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    write_for(path, Mode::Ours, write)
}

/// The same, but that a file can be read by its owner alone, whatever it was before.
pub fn write_for_owner(path: &Path, content: &[u8]) -> io::Result<()> {
    write_for(path, Mode::Private, |out| out.write_all(content))
}

fn write_for(path: &Path, mode: Mode, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = match Target::of(path) {
        Target::File(path) => path,
        Target::Stream(path) => {
            let mut out = BufWriter::new(OpenOptions::new().append(true).open(path)?);
            write(&mut out)?;
            return out.flush();
        }
    };
    let temporary = prepare(&path, mode, write)?;
    put(&temporary, &path)
}

/// Gives a file a new content that only its owner can read, whatever it was before. Readers see the old one or the new one. A link is
/// not followed: whoever put it there would have what it leads to.
pub fn write_privately(path: &Path, content: &[u8]) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(io::Error::other("this is a link, which is not followed")),
        Ok(found) if !found.is_file() => Err(io::Error::other("this is no regular file")),
        _ => put(&prepare(path, Mode::Private, |out| out.write_all(content))?, path),
    }
}

fn put(temporary: &Path, path: &Path) -> io::Result<()> {
    let renamed = fs::rename(temporary, path);
    if renamed.is_err() {
        // The first error says what is wrong; a temporary file that stays is seen and harmless.
        fs::remove_file(temporary).ok();
    }
    renamed
}

/// Who may read and change a file that is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Whoever could before; of a new file, whoever the user lets.
    AsBefore,
    /// The same, but that nobody else may change a new file: what busctl has made is believed later, a plan above all.
    Ours,
    /// Its owner.
    Private,
}

/// What a path that somebody named leads to.
enum Target {
    /// A file, or nothing yet.
    File(PathBuf),
    /// What cannot be replaced by a file: a pipe, a device, an open file of a process.
    Stream(PathBuf),
}

impl Target {
    fn of(path: &Path) -> Self {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            match fs::symlink_metadata(&path).map(|found| found.file_type()) {
                Ok(found) if found.is_symlink() => {
                    // `/dev/stdout` is such a link, and what it leads to is named for people only.
                    if ["/dev", "/proc"].iter().any(|system| path.starts_with(system)) {
                        return Self::Stream(path);
                    }
                    let Ok(target) = fs::read_link(&path) else { break };
                    path = path.parent().unwrap_or(Path::new(".")).join(target);
                }
                Ok(found) if !found.is_file() && !found.is_dir() => return Self::Stream(path),
                _ => break,
            }
        }
        Self::File(path)
    }
}

/// Writes a text to a hidden file beside the one that it is for.
fn prepare(path: &Path, mode: Mode, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let before = || fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|before| before.permissions());
    let mut options = OpenOptions::new();
    // One that a run left behind may be readable by others, and one that somebody put there may lead elsewhere.
    fs::remove_file(&temporary).ok();
    options.write(true).create_new(true);
    let mode = match mode {
        Mode::AsBefore => before(),
        Mode::Ours => {
            options.mode(0o644);
            before()
        }
        Mode::Private => {
            options.mode(0o600);
            None
        }
    };
    let written = options.open(&temporary).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        let file = out.into_inner()?;
        mode.map_or(Ok(()), |mode| file.set_permissions(mode))?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(temporary),
        Err(error) => {
            fs::remove_file(&temporary).ok();
            Err(error)
        }
    }
}

/// Gives a file of a workspace a new text: through a link, with its mode and with its byte order mark. A file that is not there
/// is made.
///
/// # Errors
///
/// It cannot be written, or a link leads out of the workspace.
pub fn rewrite(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    write_together(root, &[(path, text)]).map_err(|(_, error)| error)
}

/// What some editors write before a text of UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A file whose new text is on the disk already.
struct Prepared {
    full: PathBuf,
    temporary: PathBuf,
    before: Option<Vec<u8>>,
}

impl Prepared {
    fn new(full: PathBuf, text: &str) -> io::Result<Self> {
        let before = match fs::read(&full) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mark = BYTE_ORDER_MARK.as_bytes();
        let has_mark = before.as_ref().is_some_and(|before| before.starts_with(mark));
        let temporary = prepare(&full, Mode::AsBefore, |out| {
            out.write_all(if has_mark { mark } else { &[] })?;
            out.write_all(text.as_bytes())
        })?;
        Ok(Self { full, temporary, before })
    }

    fn put_back(self) {
        // What cannot be put back either is seen in Git; the first error says what is wrong.
        match self.before {
            Some(bytes) => write_atomically(&self.full, &bytes).ok(),
            None => fs::remove_file(&self.full).ok(),
        };
    }
}

/// Where the text of a file of a workspace goes: behind the links that lead to it and to its folder.
fn place_of(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let full = root.join(path);
    let (place, real) = match fs::canonicalize(&full) {
        Ok(real) => (real.clone(), real),
        Err(_) if full.symlink_metadata().is_ok() => return Err(io::Error::other("the link leads to nothing")),
        Err(_) => {
            // Folders that are not there yet are made in the nearest one that is.
            let folder = full.ancestors().skip(1).find_map(|folder| fs::canonicalize(folder).ok());
            (full, folder.unwrap_or_default())
        }
    };
    if !real.starts_with(fs::canonicalize(root)?) {
        return Err(io::Error::other(format!("the link leads out of the workspace, to {}", real.display())));
    }
    Ok(place)
}

/// The least that a thread writes, and the most threads.
const EACH: usize = 8;
const AT_ONCE: usize = 32;

/// A file of a workspace by the name that somebody gave it, where its text goes, and the text.
type Placed<'f> = (&'f Path, PathBuf, &'f str);

/// Puts all texts on the disk, or none. Each waits until the disk has it, and disks take many at once.
fn prepare_all<'f>(files: &[Placed<'f>]) -> Result<Vec<(&'f Path, Prepared)>, (PathBuf, io::Error)> {
    let each = files.len().div_ceil(AT_ONCE).max(EACH);
    let prepare = |part: &[Placed<'f>]| {
        let one = |(path, full, text): &Placed<'f>| match Prepared::new(full.clone(), text) {
            Ok(file) => Ok((*path, file)),
            Err(error) => Err(((*path).to_owned(), error)),
        };
        part.iter().map(one).collect::<Vec<_>>()
    };
    let done = std::thread::scope(|scope| {
        let parts: Vec<_> = files.chunks(each).map(|part| scope.spawn(move || prepare(part))).collect();
        let joined = parts.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect::<Vec<_>>()
    });
    let mut prepared = Vec::with_capacity(files.len());
    let mut first = None;
    for outcome in done {
        match outcome {
            Ok(file) => prepared.push(file),
            Err(failed) => {
                first.get_or_insert(failed);
            }
        }
    }
    let Some(failed) = first else { return Ok(prepared) };
    prepared.iter().for_each(|(_, file)| drop(fs::remove_file(&file.temporary)));
    Err(failed)
}

/// Writes several files, all or none: where one cannot be written, the others are put back as they were. Each stands under
/// the root. They are renamed in their order once all texts are on the disk, so that nothing but a kill between two renames
/// leaves some without the others, and then it is the first ones.
pub fn write_together(root: &Path, files: &[(&Path, &str)]) -> Result<(), (PathBuf, io::Error)> {
    let mut placed: Vec<Placed<'_>> = Vec::with_capacity(files.len());
    let mut texts: HashMap<PathBuf, &str> = HashMap::new();
    for (path, text) in files {
        let full = place_of(root, path).map_err(|error| ((*path).to_owned(), error))?;
        match texts.insert(full.clone(), text) {
            None => placed.push((path, full, text)),
            // A link leads to a file that is written by its own name too.
            Some(same) if same == *text => {}
            Some(_) => {
                let error = io::Error::other(format!("{} would get two texts", full.display()));
                return Err(((*path).to_owned(), error));
            }
        }
    }
    let mut prepared = prepare_all(&placed)?;
    for at in 0..prepared.len() {
        let (path, file) = &prepared[at];
        if let Err(error) = fs::rename(&file.temporary, &file.full) {
            let path = path.to_path_buf();
            prepared.drain(at..).for_each(|(_, file)| drop(fs::remove_file(&file.temporary)));
            prepared.into_iter().rev().for_each(|(_, file)| file.put_back());
            return Err((path, error));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
