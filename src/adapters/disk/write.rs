//! Files are written whole or not at all, several of them together, and with the access that their content allows.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{BYTE_ORDER_MARK, MOST_LINKS};

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
