//! Events as JSON lines, for a log shipper: appended to a file, or on standard output.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::ports::journal::{Event, json_lines};

/// Where the lines go.
pub struct AuditLog {
    name: PathBuf,
    out: Mutex<Out>,
}

enum Out {
    File(File),
    Standard,
}

/// A log that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write the audit log {}: {source}", .name.display())]
pub struct AuditLogError {
    name: PathBuf,
    source: io::Error,
}

impl AuditLog {
    /// A log that is appended to; `-` is standard output. A file that is not there is made, for its owner's eyes and
    /// those of its group.
    pub fn open(path: &Path) -> Result<Self, AuditLogError> {
        let name = path.to_owned();
        let out = if path.as_os_str() == "-" {
            Out::Standard
        } else {
            let opened = OpenOptions::new().create(true).append(true).mode(0o640).open(path);
            Out::File(opened.map_err(|source| AuditLogError { name: name.clone(), source })?)
        };
        Ok(Self { name, out: Mutex::new(out) })
    }

    /// Writes a line for each event. They are handed to the system in one write, so that the lines of two processes
    /// that append to one file do not mix.
    pub fn write(&self, events: &[Event]) -> Result<(), AuditLogError> {
        let lines = json_lines(events);
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match &mut *out {
            Out::File(file) => file.write_all(lines.as_bytes()).and_then(|()| file.flush()),
            Out::Standard => {
                let mut out = io::stdout().lock();
                out.write_all(lines.as_bytes()).and_then(|()| out.flush())
            }
        };
        written.map_err(|source| AuditLogError { name: self.name.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::ports::journal::{Origin, Phase};

    #[test]
    fn lines_are_appended() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("audit.jsonl");
        let origin = Origin { who: "ada\nroot".into(), host: "ci-7".into(), pid: 1, commit: None, dirty: true };
        let event = Event::of_apply("a1", Phase::Began, Timestamp::of_unix_millis(0), origin, "digest");
        for _ in 0..2 {
            AuditLog::open(&path).and_then(|log| log.write(std::slice::from_ref(&event))).expect("it is written");
        }
        let text = std::fs::read_to_string(&path).expect("the log");
        let lines: Vec<Event> = text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
        assert_eq!(lines, [event.clone(), event]);
        assert!(AuditLog::open(folder.path()).is_err());
    }
}
