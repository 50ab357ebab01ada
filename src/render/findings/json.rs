//! Findings as a document for programs; `docs/schemas/findings.schema.json` describes it. Its entries one a line, too.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::found::known;
use super::lines::Texts;
use super::{Counts, FindingsView, LONGEST_MESSAGE};
use crate::diag::{Diagnostic, Level, Waiver};
use crate::render::elided;
use crate::render::json::{Each, write_json, write_json_line};
use crate::source::Span;

/// Every finding, with its places resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsDocument<Entries = Vec<FindingEntry>> {
    /// The version of this document: 1.
    pub format_version: u32,
    /// What they come to, where two versions were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The findings, the worst first, then by file and place.
    pub findings: Entries,
    /// The counts.
    pub summary: Counts,
}

/// Whether a new version may follow those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it may. What is no schema may not.
    pub compatible: bool,
    /// The level that decides, as a registry writes it.
    pub level: String,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingEntry {
    /// Its stable code.
    pub code: String,
    /// What it is known by from one commit to the next.
    pub fingerprint: String,
    /// How bad it is.
    pub level: Level,
    /// One sentence.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The address of the resource that it is about.
    pub resource: Option<String>,
    /// The cluster in which it holds, where it does not hold in all.
    pub cluster: Option<String>,
    /// The main place.
    pub place: Option<Range>,
    /// What is to be said of the main place; may be empty.
    pub label: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// The waiver that would silence it, but for its reason; none where it cannot be waived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
}

/// Another place of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Where.
    pub place: Range,
    /// What is to be said of it; may be empty.
    pub label: String,
}

/// A range of a file. Lines and columns are counted from one, columns in characters. The end is behind the last
/// character; a range from 1:1 to 1:1 is the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Path relative to the workspace's root.
    pub file: String,
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column of the end.
    pub end_column: usize,
}

impl FindingEntry {
    /// The findings with their places resolved, the worst first, then by file and place.
    pub(in crate::render) fn all(view: FindingsView<'_>) -> impl Iterator<Item = Self> {
        let texts = Texts::new(view.sources);
        known(view).map(move |(finding, fingerprint)| entry(&finding, fingerprint, &texts))
    }
}

pub(super) fn write(view: FindingsView<'_>, verdict: Option<&Verdict>, out: &mut dyn Write) -> io::Result<()> {
    let findings = Each(|| FindingEntry::all(view));
    let summary = Counts::of(view.findings);
    write_json(&FindingsDocument { format_version: 1, verdict: verdict.cloned(), findings, summary }, out)
}

/// Each finding on a line of its own.
pub(super) fn write_lines(view: FindingsView<'_>, out: &mut dyn Write) -> io::Result<()> {
    FindingEntry::all(view).try_for_each(|entry| write_json_line(&entry, out))
}

fn entry(finding: &Diagnostic, fingerprint: String, texts: &Texts<'_>) -> FindingEntry {
    let related = finding.labels.iter().skip(1);
    let text = |text: &str| elided(text, LONGEST_MESSAGE).into_owned();
    FindingEntry {
        code: finding.code.to_owned(),
        fingerprint,
        level: finding.level,
        message: text(&finding.message),
        help: finding.help.as_deref().map(text),
        resource: finding.resource.clone(),
        cluster: finding.cluster.clone(),
        place: finding.span().and_then(|span| range(span, texts)),
        label: finding.labels.first().map(|label| text(&label.text)).unwrap_or_default(),
        related: related
            .filter_map(|label| Some(Related { place: range(label.span, texts)?, label: text(&label.text) }))
            .collect(),
        waiver: Waiver::of(finding),
    }
}

fn range(span: Span, texts: &Texts<'_>) -> Option<Range> {
    let (start, end) = (texts.point(span.file, span.start)?, texts.point(span.file, span.end.max(span.start))?);
    Some(Range {
        file: texts.path(span.file)?,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}
