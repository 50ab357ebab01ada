//! Findings in every format.

mod azure;
mod excerpt;
mod format;
mod found;
mod github;
mod gitlab;
mod json;
mod junit;
pub(super) mod lines;
mod markdown;
mod rdjson;
mod sarif;
mod terminal;

use std::fmt;
use std::io::{self, Write};

use super::words::{counted, number};
use super::{Style, View};
use crate::diag::{Findings, Level};
use crate::source::Sources;
pub use format::{FindingsFormat, Report, Repository};
pub use json::{FindingEntry, FindingsDocument, Range, Related, Verdict};
pub(super) use markdown::rows;
pub(super) use terminal::planned;

/// The longest message, help or label of a finding in a document, in characters. Names in it may be as long as a file.
pub(crate) const LONGEST_MESSAGE: usize = 4_000;

/// Findings together with the files that they point at.
#[derive(Debug, Clone, Copy)]
pub struct FindingsView<'a> {
    /// The findings. Each form shows the worst first, since many show only so many.
    pub findings: &'a Findings,
    /// The files.
    pub sources: &'a Sources,
}

impl View for FindingsView<'_> {
    fn text(&self, style: Style) -> String {
        written(|out| self.write_text(style, out))
    }

    fn json(&self) -> String {
        written(|out| self.write_json(out))
    }

    fn markdown(&self) -> String {
        markdown::render(*self)
    }
}

impl Report for FindingsView<'_> {
    fn findings(&self) -> FindingsView<'_> {
        *self
    }

    fn write_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        terminal::write(*self, style, out)
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(*self, None, out)
    }
}

/// What is written, as a text.
pub(super) fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    // Memory takes everything.
    write(&mut bytes).ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Findings of a comparison, and what they come to. People are told the verdict beside them.
#[derive(Debug, Clone, Copy)]
pub struct VerdictView<'a> {
    /// The findings.
    pub findings: FindingsView<'a>,
    /// What they come to.
    pub verdict: &'a Verdict,
}

impl View for VerdictView<'_> {
    fn text(&self, style: Style) -> String {
        self.findings.text(style)
    }

    fn json(&self) -> String {
        written(|out| self.write_json(out))
    }

    fn markdown(&self) -> String {
        self.findings.markdown()
    }
}

impl Report for VerdictView<'_> {
    fn findings(&self) -> FindingsView<'_> {
        self.findings
    }

    fn write_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        self.findings.write_text(style, out)
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(self.findings, Some(self.verdict), out)
    }
}

/// How many findings there are of each level. Shown, it is the last line of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Findings at level error.
    pub errors: usize,
    /// Findings at level warn.
    pub warnings: usize,
    /// Findings at level info.
    pub infos: usize,
    /// Files with a finding.
    pub files: usize,
}

impl Counts {
    /// Counts findings; those that are switched off do not count.
    pub fn of(findings: &Findings) -> Self {
        let [errors, warnings, infos] = [Level::Error, Level::Warn, Level::Info].map(|level| findings.count(level));
        Self { errors, warnings, infos, files: findings.files() }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = format!("{} info", number(self.infos));
        let kinds = [
            (self.errors, counted(self.errors, "error")),
            (self.warnings, counted(self.warnings, "warning")),
            (self.infos, info),
        ];
        let parts: Vec<_> = kinds.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
        match (parts.as_slice(), self.files) {
            ([], _) => f.write_str("no findings"),
            (parts, 0) => f.write_str(&parts.join(", ")),
            (parts, files) => write!(f, "{} in {}", parts.join(", "), counted(files, "file")),
        }
    }
}
