//! Findings outside of memory: a line of JSON each, behind a digit that says how bad it is, so that a reader who wants others
//! need not decode it.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::diag::{Diagnostic, Level};

/// How much is read at once. There may be many runs, each with a reader of its own.
const READ_AT_ONCE: usize = 16 << 10;

/// The same where one finding is wanted.
const READ_FOR_ONE: usize = 1 << 10;

/// What takes bytes that memory is too small for, and gives them back.
pub trait Spill: fmt::Debug + Send + Sync {
    /// Takes bytes, and tells where they begin.
    ///
    /// # Errors
    ///
    /// They could not be kept, in a whole sentence: nobody else knows where that was.
    fn append(&self, bytes: &[u8]) -> io::Result<u64>;

    /// Reads from a place on, as much as there is or fits. Tells how much that was.
    ///
    /// # Errors
    ///
    /// They could not be read, in a whole sentence.
    fn read_at(&self, start: u64, bytes: &mut [u8]) -> io::Result<usize>;
}

/// A spill, and the first thing that went wrong with it. Who writes or reads findings goes on without those that are lost;
/// who answers for all of them asks at the end.
#[derive(Debug)]
pub(super) struct Spilled {
    spill: Box<dyn Spill>,
    failure: OnceLock<io::Error>,
}

impl Spilled {
    pub fn new(spill: impl Spill + 'static) -> Self {
        Self { spill: Box::new(spill), failure: OnceLock::new() }
    }

    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.get()
    }

    /// Keeps the first failure: what follows comes of it.
    fn failed(&self, error: io::Error) {
        self.failure.set(error).ok();
    }
}

/// Findings in order, outside of memory.
#[derive(Debug)]
pub(super) struct Run {
    spilled: Arc<Spilled>,
    bytes: Range<u64>,
}

impl Run {
    /// Writes findings, which are in order; none where that failed.
    pub fn write(findings: &[Diagnostic], spilled: &Arc<Spilled>) -> Option<Self> {
        let mut bytes = Vec::new();
        let encoded = findings.iter().try_for_each(|finding| {
            bytes.push(digit(finding.level));
            serde_json::to_writer(&mut bytes, finding)?;
            bytes.push(b'\n');
            Ok(())
        });
        match encoded.and_then(|()| spilled.spill.append(&bytes)) {
            Ok(start) => Some(Self { spilled: spilled.clone(), bytes: start..start + bytes.len() as u64 }),
            Err(error) => {
                spilled.failed(error);
                None
            }
        }
    }

    pub fn spilled(&self) -> &Arc<Spilled> {
        &self.spilled
    }

    /// Reads its findings, or those of a level, each with the place from which it can be read again.
    pub fn read(&self, level: Option<Level>) -> RunReader {
        self.reader(self.bytes.start, level, READ_AT_ONCE)
    }

    /// Reads the finding at a place; none where it cannot be read.
    pub fn read_one(&self, start: u64) -> Option<Diagnostic> {
        self.reader(start, None, READ_FOR_ONE).next().map(|(_, finding)| finding)
    }

    fn reader(&self, start: u64, level: Option<Level>, at_once: usize) -> RunReader {
        let part = Part { spilled: self.spilled.clone(), bytes: start..self.bytes.end };
        let lines = BufReader::with_capacity(at_once, part);
        RunReader { spilled: self.spilled.clone(), lines, next: start, level }
    }
}

fn digit(level: Level) -> u8 {
    b'0' + level as u8
}

/// The bytes of a run, or the rest of them.
#[derive(Debug)]
struct Part {
    spilled: Arc<Spilled>,
    bytes: Range<u64>,
}

impl Read for Part {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.end - self.bytes.start).unwrap_or(usize::MAX);
        let most = bytes.len().min(left);
        let read = self.spilled.spill.read_at(self.bytes.start, &mut bytes[..most])?;
        self.bytes.start += read as u64;
        Ok(read)
    }
}

/// The findings of a run.
#[derive(Debug)]
pub(super) struct RunReader {
    spilled: Arc<Spilled>,
    lines: BufReader<Part>,
    next: u64,
    level: Option<Level>,
}

impl RunReader {
    fn line(&mut self) -> io::Result<Option<(u64, Diagnostic)>> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let start = self.next;
            self.next += self.lines.read_until(b'\n', &mut line)? as u64;
            match line.split_first() {
                None if self.lines.get_ref().bytes.is_empty() => return Ok(None),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some((found, _)) if self.level.is_some_and(|level| digit(level) != *found) => {}
                Some((_, finding)) => return Ok(Some((start, serde_json::from_slice(finding)?))),
            }
        }
    }
}

impl Iterator for RunReader {
    type Item = (u64, Diagnostic);

    fn next(&mut self) -> Option<Self::Item> {
        self.line().unwrap_or_else(|error| {
            self.spilled.failed(error);
            None
        })
    }
}
