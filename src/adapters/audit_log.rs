//! The events of an apply as lines of JSON, for a log shipper.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::apply::EventLog;
use crate::ports::journal::Event;
use crate::ports::{Failure, FailureKind};

/// A file that lines are added to, or standard error.
pub struct AuditLog {
    path: PathBuf,
    /// `None` is standard error.
    file: Option<File>,
}

impl AuditLog {
    /// Opens a file for adding to it; `-` is standard error, because the report goes to standard output.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let mut log = Self { path: path.to_owned(), file: None };
        if path != Path::new("-") {
            let opened = OpenOptions::new().append(true).create(true).open(path);
            log.file = Some(opened.map_err(|error| log.failure("open", &error))?);
        }
        Ok(log)
    }

    fn failure(&self, tried: &str, error: &io::Error) -> Failure {
        Failure {
            kind: FailureKind::Refused,
            tried: format!("{tried} the audit log"),
            server: self.path.display().to_string(),
            answer: error.to_string(),
            hint: Some("apply writes nothing that it cannot record: mend it, or leave --audit-log out".into()),
        }
    }
}

impl EventLog for AuditLog {
    fn write(&mut self, event: &Event) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(event).map_err(|error| self.failure("write", &error.into()))?;
        line.push(b'\n');
        // One write a line, so that lines of two processes do not mix.
        let written = match &mut self.file {
            Some(file) => file.write_all(&line),
            None => io::stderr().lock().write_all(&line),
        };
        written.map_err(|error| self.failure("write", &error))
    }
}
