use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::source::edit::line_break;
use crate::source::{FileId, Sources, Span};

/// A change of files that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as an order: "write `30d`".
    pub title: String,
    /// Whether it is done unasked.
    pub safety: Safety,
    /// What changes in files that are there.
    pub edits: Vec<Edit>,
    /// Files that are new, by their path from the workspace's root.
    pub created: Vec<(PathBuf, String)>,
}

/// A text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; an empty place is one between two characters.
    pub span: Span,
    /// What stands there then. Line breaks become those of the file.
    pub text: String,
}

/// What a fix needs before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Safety {
    /// Nothing: what the manifest means stays, or could not have been meant otherwise.
    Safe,
    /// Somebody who looks at it: it is a guess at what was meant.
    Guess,
    /// The consent of whoever owns the other manifest.
    Consent,
}

impl Fix {
    /// A fix without a change yet.
    pub fn new(safety: Safety, title: impl Into<String>) -> Self {
        Self { title: title.into(), safety, edits: Vec::new(), created: Vec::new() }
    }

    /// Puts a text in the place of another.
    pub fn replace(mut self, span: Span, text: impl Into<String>) -> Self {
        self.edits.push(Edit { span, text: text.into() });
        self
    }

    /// Puts a text before a place.
    pub fn insert(self, file: FileId, at: u32, text: impl Into<String>) -> Self {
        self.replace(Span { file, start: at, end: at }, text)
    }

    /// Makes a file.
    pub fn create(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.created.push((path.into(), text.into()));
        self
    }
}

/// What fixes made of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mended {
    /// The new texts of files, by path from the workspace's root.
    pub texts: BTreeMap<PathBuf, String>,
    /// Which of the fixes were applied. Others touch the same place and wait for the next round.
    pub applied: Vec<usize>,
}

/// Applies fixes to the files that they were made for: of those that touch each other the first one, all edits of a fix or
/// none. Everything else stays byte for byte.
pub fn mend<'f>(fixes: impl IntoIterator<Item = &'f Fix>, sources: &Sources) -> Mended {
    let mut mended = Mended::default();
    let mut accepted: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (index, fix) in fixes.into_iter().enumerate() {
        let is_free = fix.edits.iter().all(|edit| {
            accepted
                .get(&edit.span.file)
                .is_none_or(|others| others.iter().all(|other| is_apart(other.span, edit.span)))
                && edit.span.end as usize <= sources.file(edit.span.file).text.len()
        }) && fix.created.iter().all(|(path, _)| !seen.contains(path) && sources.find(path).is_none());
        if !is_free {
            continue;
        }
        for edit in &fix.edits {
            accepted.entry(edit.span.file).or_default().push(edit);
        }
        for (path, text) in &fix.created {
            seen.insert(path.clone());
            mended.texts.insert(path.clone(), text.clone());
        }
        mended.applied.push(index);
    }
    for (file, mut edits) in accepted {
        let file = sources.file(file);
        let newline = line_break(&file.text);
        edits.sort_by_key(|edit| edit.span.start);
        let mut text = String::with_capacity(file.text.len() + 64);
        let mut done = 0;
        for edit in edits {
            text.push_str(&file.text[done..edit.span.start as usize]);
            text.push_str(&edit.text.replace('\n', newline));
            done = edit.span.end as usize;
        }
        text.push_str(&file.text[done..]);
        mended.texts.insert(file.path.clone(), text);
    }
    mended
}

/// Whether two places of a file neither overlap nor touch: what is put between two characters would have no order.
fn is_apart(a: Span, b: Span) -> bool {
    a.end < b.start || b.end < a.start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_that_touch_each_other_wait_and_the_rest_stays() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "a: 1 # x\r\nb: 2\r\n");
        let set = |start, end, text: &str| Fix::new(Safety::Safe, "").replace(Span::new(file, start, end), text);
        let fixes = [
            set(3, 4, "10").replace(Span::new(file, 13, 14), "20"),
            set(4, 4, "x"),
            set(0, 1, "c\n"),
            set(13, 14, "30").create("b.yaml", "x"),
            Fix::new(Safety::Safe, "").create("c.yaml", "x\n"),
            Fix::new(Safety::Safe, "").create("c.yaml", "y\n"),
            Fix::new(Safety::Safe, "").create("a.yaml", "y\n"),
        ];
        let mended = mend(&fixes, &sources);
        assert_eq!(mended.applied, [0, 2, 4]);
        let texts: Vec<_> = mended.texts.iter().map(|(path, text)| (path.to_str().unwrap(), text.as_str())).collect();
        assert_eq!(texts, [("a.yaml", "c\r\n: 10 # x\r\nb: 20\r\n"), ("c.yaml", "x\n")]);
    }
}
