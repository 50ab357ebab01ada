//! Events as JSON lines, for a log shipper: appended to a file, or on standard output.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::apply::EventLog;
use crate::ports::journal::{Event, json_lines};
use crate::ports::{Failure, FailureKind};

/// Its owner writes it, and its group reads it.
const MODE: u32 = 0o640;

/// Where the lines go.
pub struct AuditLog {
    name: PathBuf,
    out: Out,
}

enum Out {
    File(File),
    Standard,
}

impl AuditLog {
    /// A log that is appended to; `-` is standard output. A file that is not there is made, for its owner's eyes and
    /// those of its group.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let name = path.to_owned();
        let out = if path.as_os_str() == "-" {
            Out::Standard
        } else {
            let opened = OpenOptions::new().create(true).append(true).mode(MODE).open(path);
            Out::File(opened.map_err(|error| failure(path, &error))?)
        };
        Ok(Self { name, out })
    }

    /// The permissions of the file, where they let more people do something to it than [`open`](Self::open) would: one that was there
    /// keeps what it has.
    pub fn wider_mode(&self) -> Option<u32> {
        let Out::File(file) = &self.out else { return None };
        let metadata = file.metadata().ok().filter(Metadata::is_file)?;
        let mode = metadata.permissions().mode() & 0o777;
        (mode & !MODE & 0o077 != 0).then_some(mode)
    }
}

impl EventLog for AuditLog {
    /// The lines are handed to the system in one write, so that those of two processes that append to one file do not mix.
    fn write(&mut self, events: &[Event]) -> Result<(), Failure> {
        let lines = json_lines(events);
        let written = match &mut self.out {
            Out::File(file) => file.write_all(lines.as_bytes()).and_then(|()| file.flush()),
            Out::Standard => {
                let mut out = io::stdout().lock();
                out.write_all(lines.as_bytes()).and_then(|()| out.flush())
            }
        };
        written.map_err(|error| failure(&self.name, &error))
    }
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        tried: "write the audit log".into(),
        server: path.display().to_string(),
        answer: error.to_string(),
        hint: Some("apply writes nothing that it cannot record: mend it, or leave --audit-log out".into()),
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
            AuditLog::open(&path).and_then(|mut log| log.write(std::slice::from_ref(&event))).expect("it is written");
        }
        let text = std::fs::read_to_string(&path).expect("the log");
        let lines: Vec<Event> = text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
        assert_eq!(lines, [event.clone(), event]);
        assert!(AuditLog::open(folder.path()).is_err());
        let wider_mode = || AuditLog::open(&path).expect("the log").wider_mode();
        assert_eq!(wider_mode(), None);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).expect("a mode");
        assert_eq!(wider_mode(), Some(0o666));
        assert_eq!(AuditLog::open(Path::new("/dev/null")).expect("a device").wider_mode(), None);
    }
}
