use crate::resources::additions::{Addition, read};
use crate::resources::format::is_same;
use crate::source::edit::{Edits, line_start, renamed};
use crate::source::write::scalar;
use crate::source::{Entry, File, FileId, Node, Span, Spanned, Value, parse_yaml};

/// A document of a file that says something else here and there. It is read again: an edit that changed anything else is none.
pub struct Edited<'f> {
    file: &'f File,
    start: usize,
    text: &'f str,
    edits: Edits,
    /// The document as it should be read afterwards, but for `behind`.
    wanted: Node,
    /// Entries that have no line of their own, for the document is in braces.
    behind: Vec<(&'static str, String)>,
}

impl<'f> Edited<'f> {
    /// The document that a place is in; `None` where it is no YAML. A file may hold several.
    pub fn of(file: &'f File, place: Span) -> Option<Self> {
        let (start, text) = document(file, place);
        let (mut documents, findings) = parse_yaml(FileId(0), text);
        let wanted = documents.pop().filter(|_| documents.is_empty() && findings.is_empty())?;
        Some(Self { file, start, text, edits: Edits::default(), wanted, behind: Vec::new() })
    }

    /// Puts a text in the place of a value.
    pub fn set(&mut self, value: Span, text: &str) {
        let value = self.local(value);
        let (start, end) = (value.start as usize, value.end as usize);
        let old = self.text[start..end].trim_end();
        // The place of a block is that of its lines, with the last line break.
        let is_block = start + old.len() < end;
        let written = if is_block { text.to_owned() } else { scalar(text) };
        match node_at(&mut self.wanted, value).map(|node| &mut node.value) {
            Some(Value::Scalar { text: known, .. }) if is_block => {
                *known = format!("{text}{}", &known[known.trim_end().len()..]).into();
            }
            Some(known) => *known = read(&written).map_or_else(|| known.clone(), |node| node.value),
            None => {}
        }
        self.edits.replace(start, start + old.len(), written);
    }

    /// Says another name where the text of a value says one, and leaves the rest of it as it is written.
    pub fn rename(&mut self, value: Span, name: &str, next: &str) {
        let value = self.local(value);
        let with_next = |text: &str| renamed(text, name, next);
        if let Some(Node { value: Value::Scalar { text, .. }, .. }) = node_at(&mut self.wanted, value) {
            *text = with_next(text).into();
        }
        let (start, end) = (value.start as usize, value.end as usize);
        self.edits.replace(start, end, with_next(&self.text[start..end]));
    }

    /// Adds a key behind the line of a value.
    pub fn add(&mut self, before: Span, key: &'static str, text: &str) {
        let (before, written) = (self.local(before), scalar(text));
        let Value::Mapping(entries) = &mut self.wanted.value else { return };
        let Some(first) = entries.first().map(|entry| entry.key.span.start as usize) else { return };
        let indent = &self.text[line_start(self.text, first)..first];
        if !indent.trim().is_empty() || self.text[self.wanted.span.start as usize..].starts_with('{') {
            self.behind.push((key, written));
            return;
        }
        self.edits.insert_line(self.text, before.end as usize, &format!("{indent}{key}: {written}"));
        let key = Spanned::new(key.into(), before);
        entries.extend(read(&written).map(|value| Entry { key, value }));
    }

    /// The text of the document alone.
    pub fn document(self) -> Option<String> {
        let edited = self.edits.apply(self.text);
        let (after, findings) = parse_yaml(FileId(0), &edited);
        let is_all = findings.is_empty() && matches!(&*after, [after] if is_same(&self.wanted, after));
        let added =
            |text: String, (key, written): &(&str, String)| Addition::to(&text, |_| true)?.entry(&[], key, written);
        is_all.then_some(edited).and_then(|edited| self.behind.iter().try_fold(edited, added))
    }

    /// The text of the file, whose other documents stay.
    pub fn whole(self) -> Option<String> {
        let (file, start, end) = (self.file, self.start, self.start + self.text.len());
        Some(format!("{}{}{}", &file.text[..start], self.document()?, &file.text[end..]))
    }

    fn local(&self, span: Span) -> Span {
        Span { start: span.start - self.start as u32, end: span.end - self.start as u32, ..span }
    }
}

/// The value that stands at a place.
fn node_at(node: &mut Node, place: Span) -> Option<&mut Node> {
    if matches!(node.value, Value::Scalar { .. }) {
        return (node.span.start == place.start && node.span.end == place.end).then_some(node);
    }
    match &mut node.value {
        Value::Mapping(entries) => entries.iter_mut().find_map(|entry| node_at(&mut entry.value, place)),
        Value::Sequence(items) => items.iter_mut().find_map(|item| node_at(item, place)),
        Value::Scalar { .. } => None,
    }
}

/// The document of a file that a place is in, and where it starts.
fn document(file: &File, place: Span) -> (usize, &str) {
    let text = &*file.text;
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) =
            line.strip_prefix("---").filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        {
            if at > place.start as usize {
                return (start, &text[start..at]);
            }
            let content = rest.trim_start();
            // A document in braces may begin in the line of its mark.
            let is_empty = content.is_empty() || content.starts_with('#');
            start = at + line.len() - if is_empty { 0 } else { content.len() };
        }
        at += line.len();
    }
    (start, &text[start..])
}
