use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Fix, Level, Safety, Waiver};
use crate::source::edit::line_break;
use crate::source::{Sources, Span};

/// A finding of a file, by offsets in its text: findings of two checks can be compared, and moved with what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// How bad it is.
    pub level: Level,
    /// One sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The cluster in which it holds, where it does not hold in all.
    pub cluster: Option<String>,
    /// Where.
    pub span: Range<usize>,
    /// What stands beside the place; may be empty.
    pub label: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// How an editor mends it, where it can.
    pub mend: Option<Box<Mend>>,
    /// The waiver that would silence it, where one may.
    pub waiver: Option<Waiver>,
}

/// What an editor can do about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// What it does, as an order.
    pub title: String,
    /// Whether nobody has to look at it.
    pub is_safe: bool,
    /// What changes.
    pub edits: Vec<FileEdit>,
}

/// A text in the place of another in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// The file, from the workspace's root.
    pub path: PathBuf,
    /// Its text before.
    pub before: Arc<str>,
    /// What is replaced.
    pub span: Range<usize>,
    /// What stands there then.
    pub new: String,
}

impl Mend {
    /// What a fix does in files that are there; one that makes files is for the command line.
    fn of(fix: &Fix, sources: &Sources) -> Option<Box<Self>> {
        let edit = |edit: &crate::diag::Edit| {
            let file = sources.file(edit.span.file);
            let new = edit.text.replace('\n', line_break(&file.text));
            FileEdit { path: file.path.clone(), before: file.text.clone(), span: range(edit.span), new }
        };
        let edits = fix.edits.iter().map(edit).collect();
        let mend = Self { title: fix.title.clone(), is_safe: fix.safety == Safety::Safe, edits };
        fix.created.is_empty().then(|| Box::new(mend))
    }
}

/// Another place of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file, from the workspace's root.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// Where.
    pub span: Range<usize>,
    /// What is to be said of it; may be empty.
    pub label: String,
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end.max(span.start) as usize
}

impl Finding {
    /// A finding with the file that it is in; `None` where it has no place.
    pub fn of(finding: &Diagnostic, sources: &Sources) -> Option<(PathBuf, Self)> {
        let (first, others) = finding.labels.split_first()?;
        let related = others.iter().map(|label| {
            let file = sources.file(label.span.file);
            let (path, text) = (file.path.clone(), file.text.clone());
            Related { path, text, span: range(label.span), label: label.text.clone() }
        });
        let shown = Self {
            code: finding.code,
            level: finding.level,
            message: finding.message.clone(),
            help: finding.help.clone(),
            cluster: finding.cluster.clone(),
            span: range(first.span),
            label: first.text.clone(),
            related: related.collect(),
            mend: finding.fix.as_deref().and_then(|fix| Mend::of(fix, sources)),
            waiver: Waiver::of(finding),
        };
        Some((sources.file(first.span.file).path.clone(), shown))
    }

    /// Whether it says the same of the same, wherever that stands now.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.code, &self.message, &self.cluster) == (other.code, &other.message, &other.cluster)
    }
}
