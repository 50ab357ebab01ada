//! Where records are exported to before they are given up, and read from when they are taken back.

use std::convert::Infallible;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use crate::adapters::objects::{Object, Upload};
use crate::cli::error::CommandError;
use crate::dlq::{Export, ExportHead, ExportedRecord};
use crate::ports::records::Record;
use crate::ports::{Failure, FailureKind};

/// What to do where an export fails.
const TRY_AGAIN: &str =
    "what the ledger does not say was given up still waits; make room, and run it again with another name";

/// A file, or an object of a store that speaks S3.
#[derive(Debug, Clone)]
pub enum ExportPlace {
    /// A file.
    File(PathBuf),
    /// `s3://BUCKET/KEY`.
    Object(String),
}

impl FromStr for ExportPlace {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if Object::is_meant(text) { Self::Object(text.to_owned()) } else { Self::File(text.into()) })
    }
}

impl fmt::Display for ExportPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Object(name) => f.pad(name),
        }
    }
}

impl ExportPlace {
    /// Begins an export, which must not be there. A store may take so long to answer. It blocks.
    pub fn create(&self, head: &ExportHead, timeout: Duration) -> Result<Box<dyn Export>, CommandError> {
        match self {
            Self::File(path) => {
                let export = FileExport::create(path, head).map_err(|error| not_created(path, &error))?;
                Ok(Box::new(export))
            }
            Self::Object(name) => {
                let mut export = ObjectExport { upload: Object::new(name, timeout)?.create()?, is_complete: false };
                export.line(head)?;
                Ok(Box::new(export))
            }
        }
    }

    /// The text of an export. It blocks.
    pub fn read(&self, timeout: Duration) -> Result<String, CommandError> {
        match self {
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|error| CommandError::system(format!("could not read {}: {error}", path.display()))),
            Self::Object(name) => String::from_utf8(Object::new(name, timeout)?.read()?)
                .map_err(|_| CommandError::usage(format!("{name}: it is no text, and no export"))),
        }
    }
}

/// An object that records are exported to. It is there once it is complete.
struct ObjectExport {
    upload: Upload,
    is_complete: bool,
}

impl ObjectExport {
    fn line(&mut self, line: &impl serde::Serialize) -> Result<(), Failure> {
        // Names, numbers and texts: there is nothing that JSON cannot say.
        let mut line = serde_json::to_vec(line).unwrap_or_default();
        line.push(b'\n');
        self.upload.write(&line).map_err(untaken)
    }
}

/// A failure of a store, with what to do about the records.
fn untaken(failure: Failure) -> Failure {
    Failure { hint: Some(failure.hint.unwrap_or_else(|| TRY_AGAIN.to_owned())), ..failure }
}

impl Export for ObjectExport {
    fn name(&self) -> &str {
        self.upload.name()
    }

    fn is_kept_whole(&self) -> bool {
        true
    }

    fn write(&mut self, letter: &Record<'_>) -> Result<(), Failure> {
        self.line(&ExportedRecord::of(letter))
    }

    fn sync(&mut self) -> Result<(), Failure> {
        self.upload.complete().map_err(untaken)?;
        self.is_complete = true;
        Ok(())
    }
}

impl Drop for ObjectExport {
    fn drop(&mut self) {
        if !self.is_complete {
            self.upload.abort();
        }
    }
}

fn not_created(path: &Path, error: &io::Error) -> CommandError {
    let created = CommandError::system(format!("could not create {}: {error}; nothing was given up", path.display()));
    match error.kind() {
        io::ErrorKind::AlreadyExists => created.hint("name another file: an export never takes the place of one"),
        _ => created,
    }
}

/// A file that records are exported to, which nobody else may read.
struct FileExport {
    path: PathBuf,
    name: String,
    file: BufWriter<File>,
}

impl FileExport {
    fn create(path: &Path, head: &ExportHead) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let mut export = Self { path: path.to_owned(), name, file: BufWriter::new(file) };
        export.line(head)?;
        // The file's own entry in its folder is kept too.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(export)
    }

    fn line(&mut self, line: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, line)?;
        self.file.write_all(b"\n")
    }

    fn failed(&self, error: &io::Error) -> Failure {
        Failure {
            kind: FailureKind::Refused,
            tried: "export dead letters".to_owned(),
            server: self.path.display().to_string(),
            answer: error.to_string(),
            hint: Some(TRY_AGAIN.to_owned()),
        }
    }
}

impl Export for FileExport {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, letter: &Record<'_>) -> Result<(), Failure> {
        self.line(&ExportedRecord::of(letter)).map_err(|error| self.failed(&error))
    }

    fn sync(&mut self) -> Result<(), Failure> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        synced.map_err(|error| self.failed(&error))
    }
}
