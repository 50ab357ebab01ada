//! The keys and values of a text by its lines, brackets and indentation. A reader of YAML gives up where a text is half
//! typed; this one goes on, for that is when an editor asks.

use std::ops::Range;
use std::sync::Arc;

use crate::source::MAX_DEPTH;

/// A step of a path through a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into the value of a key.
    Key(Arc<str>),
    /// Into an item of a sequence.
    Item,
}

/// What a word is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A key; its path is that of the mapping.
    Key,
    /// A value; its path leads to it.
    Value,
}

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Which document of the file, from zero.
    pub document: usize,
    /// Where it stands in the document.
    pub path: Vec<Step>,
    /// What it is.
    pub role: Role,
    /// Where it stands in the text, without quotes.
    pub span: Range<usize>,
    /// Whether it stands between brackets.
    pub in_flow: bool,
}

/// What is at a place where no word is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Which document of the file, from zero.
    pub document: usize,
    /// The path of the value that may begin here, or of the mapping whose key may.
    pub path: Vec<Step>,
    /// What may begin here.
    pub role: Role,
    /// Whether it is between brackets.
    pub in_flow: bool,
}

/// The words of a text.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// In the order of the text.
    pub words: Vec<Word>,
    /// Where the text of block scalars and comments is, in which nothing is a word.
    prose: Vec<Range<usize>>,
    gap: Option<Gap>,
}

impl Outline {
    /// Of a text; `at` is where its gap is asked for.
    pub fn new(text: &str, at: usize) -> Self {
        let mut scan = Scan { text, at, outline: Self::default(), document: 0, frames: Vec::new(), block: None };
        scan.run();
        scan.outline
    }

    /// The word at a place: one that the place is in, or at the end of.
    pub fn word_at(&self, at: usize) -> Option<&Word> {
        self.words.iter().find(|word| word.span.start <= at && at <= word.span.end)
    }

    /// What is at the place that was asked for, where no word is.
    pub fn gap(&self) -> Option<&Gap> {
        self.gap.as_ref()
    }

    /// Whether a place is in a comment or in running text.
    pub fn is_prose(&self, at: usize) -> bool {
        self.prose.iter().any(|range| range.start < at && at <= range.end)
    }

    /// The words of a document.
    pub fn document(&self, document: usize) -> &[Word] {
        let start = self.words.partition_point(|word| word.document < document);
        let end = self.words.partition_point(|word| word.document <= document);
        &self.words[start..end]
    }
}

/// What is open at a place.
#[derive(Debug, Clone)]
enum Frame {
    /// A key of a block mapping, at its column.
    Key(usize, Arc<str>),
    /// An item of a block sequence, at the column of its dash.
    Item(usize),
    /// `{`, with the key whose value is being read.
    FlowMapping(Option<Arc<str>>),
    /// `[`.
    FlowSequence,
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    outline: Outline,
    document: usize,
    frames: Vec<Frame>,
    /// The indentation of the key whose block scalar is being read.
    block: Option<usize>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            self.line(start, content);
            start += line.len();
        }
        if self.text.is_empty() || self.text.ends_with('\n') {
            self.line(start, "");
        }
    }

    fn is_in_flow(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::FlowMapping(_) | Frame::FlowSequence))
    }

    fn line(&mut self, start: usize, line: &str) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let rest = &line[indent..];
        let is_here = (start..=start + line.len()).contains(&self.at);
        if line.starts_with("---") || line == "..." {
            self.frames.clear();
            self.block = None;
            self.document += usize::from(!self.outline.words.is_empty() && line != "...");
            return;
        }
        if let Some(least) = self.block {
            if rest.is_empty() || indent > least {
                self.outline.prose.push(start..start + line.len());
                return;
            }
            self.block = None;
        }
        // A bracket that is never closed must not swallow what follows: a key at the margin begins anew.
        if self.is_in_flow() && indent == 0 && is_plain_key(rest) {
            self.frames.clear();
        }
        if self.is_in_flow() {
            self.flow(start, line, 0, is_here);
            return;
        }
        if rest.is_empty() || rest.starts_with('#') {
            if !rest.is_empty() {
                self.outline.prose.push(start + indent..start + line.len());
            }
            if is_here && self.at <= start + indent {
                self.blank(self.at - start);
            }
            return;
        }
        self.block_line(start, line, indent, is_here);
    }

    /// A line of which nothing is written yet: it belongs to what its indentation says.
    fn blank(&mut self, column: usize) {
        let mut frames = self.frames.clone();
        while let Some(Frame::Key(at, _) | Frame::Item(at)) = frames.last()
            && *at >= column
        {
            frames.pop();
        }
        // Straight below a key, its list may begin.
        let path = path(&frames);
        self.outline.gap = path.map(|path| Gap { document: self.document, path, role: Role::Key, in_flow: false });
    }

    fn block_line(&mut self, start: usize, line: &str, indent: usize, is_here: bool) {
        let mut column = indent;
        loop {
            let rest = &line[column..];
            let is_item = rest == "-" || rest.starts_with("- ");
            while let Some(Frame::Key(at, _) | Frame::Item(at)) = self.frames.last()
                && (*at > column || (*at == column && (!is_item || matches!(self.frames.last(), Some(Frame::Item(_))))))
            {
                self.frames.pop();
            }
            if !is_item {
                break;
            }
            self.frames.push(Frame::Item(column));
            let after = &rest[1..];
            column += 1 + after.len() - after.trim_start_matches(' ').len();
            if column >= line.len() || line[column..].starts_with('#') {
                if is_here && self.at > start + indent {
                    self.gap_of_value();
                }
                return;
            }
        }
        let rest = &line[column..];
        let Some((key, colon)) = split_key(rest) else {
            self.value(start, line, column, is_here);
            return;
        };
        self.word(Role::Key, start + column + key.start..start + column + key.end, false);
        let name = Arc::from(&rest[key]);
        self.frames.push(Frame::Key(column, name));
        let value = column + colon + 1;
        let gap = line[value..].len() - line[value..].trim_start().len();
        if is_here && self.at > start + column + colon && self.at <= start + value + gap {
            self.gap_of_value();
        }
        self.value(start, line, value + gap, is_here);
    }

    /// A value of a block mapping or sequence, from a column to the end of its line.
    fn value(&mut self, start: usize, line: &str, column: usize, is_here: bool) {
        let rest = &line[column..];
        match rest.chars().next() {
            None => {}
            Some('#') => self.outline.prose.push(start + column..start + line.len()),
            Some('{' | '[') => self.flow(start, line, column, is_here),
            Some('|' | '>') => {
                let indent = self.frames.iter().rev().find_map(|frame| match frame {
                    Frame::Key(at, _) | Frame::Item(at) => Some(*at),
                    _ => None,
                });
                self.block = Some(indent.unwrap_or(0));
            }
            Some(_) => {
                let (range, behind) = scalar(rest, |_, _| false);
                self.word(Role::Value, start + column + range.start..start + column + range.end, false);
                self.comment(start, line, column + behind);
            }
        }
    }

    fn comment(&mut self, start: usize, line: &str, column: usize) {
        if let Some(at) = line[column..].find('#') {
            self.outline.prose.push(start + column + at..start + line.len());
        }
    }

    /// What stands between brackets, from a column to the end of its line.
    fn flow(&mut self, start: usize, line: &str, mut column: usize, is_here: bool) {
        while column < line.len() {
            let rest = &line[column..];
            let blank = rest.len() - rest.trim_start().len();
            let here = |from: usize, to: usize| is_here && self.at >= start + from && self.at <= start + to;
            if blank > 0 {
                if here(column, column + blank) && self.is_in_flow() {
                    self.gap_in_flow();
                }
                column += blank;
                continue;
            }
            let first = rest.chars().next().unwrap_or(' ');
            match first {
                '{' => self.frames.push(Frame::FlowMapping(None)),
                '[' => self.frames.push(Frame::FlowSequence),
                '}' | ']' => {
                    if here(column, column) && self.is_in_flow() && self.outline.gap.is_none() {
                        self.gap_in_flow();
                    }
                    self.frames.pop();
                    if !self.is_in_flow() {
                        self.comment(start, line, column + 1);
                        return;
                    }
                }
                ',' => {
                    if let Some(Frame::FlowMapping(key)) = self.frames.last_mut() {
                        *key = None;
                    }
                }
                ':' => {}
                '#' => {
                    self.outline.prose.push(start + column..start + line.len());
                    return;
                }
                _ => {
                    let ends = |rest: &str, at: usize| {
                        rest[at..].starts_with([',', ']', '}', '{', '['])
                            || (rest[at..].starts_with(':') && rest[at + 1..].starts_with([' ', ',', '}', ']']))
                            || &rest[at..] == ":"
                    };
                    let (range, behind) = scalar(rest, ends);
                    let span = start + column + range.start..start + column + range.end;
                    let is_key = matches!(self.frames.last(), Some(Frame::FlowMapping(None)));
                    self.word(if is_key { Role::Key } else { Role::Value }, span, true);
                    if let Some(Frame::FlowMapping(key)) = self.frames.last_mut()
                        && key.is_none()
                    {
                        *key = Some(Arc::from(&rest[range]));
                    }
                    column += behind.max(first.len_utf8());
                    continue;
                }
            }
            column += 1;
            if is_here && self.at == start + column && self.is_in_flow() {
                self.gap_in_flow();
            }
        }
        if line.is_empty() && is_here {
            self.gap_in_flow();
        }
    }

    fn gap_in_flow(&mut self) {
        let role = match self.frames.last() {
            Some(Frame::FlowMapping(None)) => Role::Key,
            _ => Role::Value,
        };
        self.gap(role, true);
    }

    fn gap_of_value(&mut self) {
        self.gap(Role::Value, false);
    }

    fn gap(&mut self, role: Role, in_flow: bool) {
        let path = path(&self.frames);
        self.outline.gap = path.map(|path| Gap { document: self.document, path, role, in_flow });
    }

    fn word(&mut self, role: Role, span: Range<usize>, in_flow: bool) {
        let path = path(&self.frames);
        self.outline.words.extend(path.map(|path| Word { document: self.document, path, role, span, in_flow }));
    }
}

/// The path to what stands inside of all this; `None` where it is deeper than YAML is read. Without an end to it, a text of
/// nothing but brackets would have paths a thousand times its size.
fn path(frames: &[Frame]) -> Option<Vec<Step>> {
    if frames.len() > MAX_DEPTH {
        return None;
    }
    let step = |frame: &Frame| match frame {
        Frame::Key(_, key) | Frame::FlowMapping(Some(key)) => Some(Step::Key(key.clone())),
        Frame::Item(_) | Frame::FlowSequence => Some(Step::Item),
        Frame::FlowMapping(None) => None,
    };
    Some(frames.iter().filter_map(step).collect())
}

/// The key that a line begins with, and where its colon is.
fn split_key(line: &str) -> Option<(Range<usize>, usize)> {
    let ends = |rest: &str, at: usize| {
        rest[at..].starts_with(':') && (rest[at + 1..].is_empty() || rest[at + 1..].starts_with([' ', '\t']))
    };
    if line.starts_with(['{', '[', '#', '|', '>', '&', '*', '!']) {
        return None;
    }
    let (range, behind) = scalar(line, ends);
    let blank = line[behind..].len() - line[behind..].trim_start().len();
    line[behind + blank..].starts_with(':').then_some((range, behind + blank))
}

fn is_plain_key(line: &str) -> bool {
    line.starts_with(|first: char| first.is_ascii_alphabetic()) && split_key(line).is_some()
}

/// The scalar that a text begins with: where it is, without its quotes, and where what is behind it begins.
fn scalar(text: &str, ends: impl Fn(&str, usize) -> bool) -> (Range<usize>, usize) {
    if let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let mut escaped = false;
        for (at, character) in text.char_indices().skip(1) {
            match character {
                _ if escaped => escaped = false,
                '\\' if quote == '"' => escaped = true,
                _ if character == quote => return (1..at, at + 1),
                _ => {}
            }
        }
        return (1..text.len(), text.len());
    }
    let end = text
        .char_indices()
        .find(|(at, character)| ends(text, *at) || (*character == '#' && text[..*at].ends_with([' ', '\t'])));
    let end = end.map_or(text.len(), |(at, _)| at);
    (0..text[..end].trim_end().len(), end)
}

#[cfg(test)]
mod tests;
