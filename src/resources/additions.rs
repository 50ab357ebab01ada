//! Additions to manifests that are there: one more item of a list, one more entry of a mapping; and items that another entry
//! stands for now. The text is read again, and an edit that would change anything else is none.

use super::format::is_same;
use crate::source::edit::{Edits, line_break, line_end_of, line_start};
use crate::source::write::scalar;
use crate::source::{Entry, FileId, Node, Span, Spanned, Value, parse_yaml};

/// A document of a text that is to have one more thing.
pub struct Addition<'a> {
    text: &'a str,
    documents: Vec<Node>,
    place: usize,
}

impl<'a> Addition<'a> {
    /// Finds the document; `None` where there is none, or where the text is no YAML.
    pub fn to(text: &'a str, is_it: impl Fn(&Node) -> bool) -> Option<Self> {
        let (documents, findings) = parse_yaml(FileId(0), text);
        let place = documents.iter().position(is_it).filter(|_| findings.is_empty())?;
        Some(Self { text, documents, place })
    }

    /// The text with one more item of the list at a path of keys; the list has an item already. `written` is
    /// the item in one line.
    pub fn item(&self, path: &[&str], written: &str) -> Option<String> {
        let list = path.iter().try_fold(&self.documents[self.place], |node, key| node.get(key))?;
        let Value::Sequence(items) = &list.value else { return None };
        let last = items.last()?;
        let (start, end) = (last.span.start as usize, end_of(self.text, last)?);
        let line = line_start(self.text, start);
        let mut edits = Edits::default();
        if self.text[line..start].trim() == "-" {
            let head = &self.text[line..start];
            edits.insert_line(self.text, end, &format!("{head}{written}"));
        } else {
            edits.insert(end, format!(", {written}"));
        }
        let mut wanted = self.documents[self.place].clone();
        let Value::Sequence(items) = &mut at(&mut wanted, path)?.value else { return None };
        items.push(read(written)?);
        self.applied(edits, &wanted)
    }

    /// The text with one more entry of the mapping at a path of keys, or of numbers in lists. Mappings that are not there are
    /// made; `written` is its value in one line.
    pub fn entry(&self, path: &[&str], key: &str, written: &str) -> Option<String> {
        let shown = scalar(key);
        let document = &self.documents[self.place];
        let node = path.iter().try_fold(document, |node, key| match &node.value {
            Value::Sequence(items) => items.get(key.parse::<usize>().ok()?),
            _ => node.get(key),
        });
        let Some(node) = node else {
            let (last, parents) = path.split_last()?;
            return self.entry(parents, last, &format!("{{ {shown}: {written} }}"));
        };
        let Value::Mapping(entries) = &node.value else { return None };
        let last = entries.last()?;
        let mut edits = Edits::default();
        let end = end_of(self.text, &last.value)?.max(last.key.span.end as usize);
        if self.text[node.span.start as usize..].starts_with('{') {
            edits.insert(end, format!(", {shown}: {written}"));
        } else {
            let start = last.key.span.start as usize;
            let indent = &self.text[line_start(self.text, start)..start];
            if !indent.trim().is_empty() {
                return None;
            }
            edits.insert_line(self.text, end, &format!("{indent}{shown}: {written}"));
        }
        let mut wanted = document.clone();
        let Value::Mapping(entries) = &mut at(&mut wanted, path)?.value else { return None };
        entries.push(Entry { key: Spanned::new(key.into(), NOWHERE), value: read(written)? });
        self.applied(edits, &wanted)
    }

    /// The text with a comment above the entry at a path of keys; `None` where it does not begin a line.
    pub fn comment(&self, path: &[&str], comment: &str) -> Option<String> {
        let document = &self.documents[self.place];
        let (last, parents) = path.split_last()?;
        let Value::Mapping(entries) = &parents.iter().try_fold(document, |node, key| node.get(key))?.value else {
            return None;
        };
        let entry = entries.iter().find(|entry| &*entry.key.value == *last)?;
        let start = entry.key.span.start as usize;
        let line = line_start(self.text, start);
        let indent = &self.text[line..start];
        if !indent.trim().is_empty() {
            return None;
        }
        let mut edits = Edits::default();
        edits.insert(line, format!("{indent}# {comment}{}", line_break(self.text)));
        self.applied(edits, document)
    }

    /// The text without an item of a list of the document. The key goes with its last item, and so does a comment of these words
    /// right above it.
    pub fn without_item(&self, key: &str, index: usize, comment: &str) -> Option<String> {
        let document = &self.documents[self.place];
        let Value::Mapping(entries) = &document.value else { return None };
        let entry = entries.iter().find(|entry| &*entry.key.value == key)?;
        let Value::Sequence(items) = &entry.value.value else { return None };
        let item = items.get(index)?;
        let (start, end) = (item.span.start as usize, end_of(self.text, item)?);
        let in_brackets = self.text[entry.value.span.start as usize..].starts_with('[');
        let mut edits = Edits::default();
        if let [_] = items.as_slice() {
            let first = entry.key.span.start as usize;
            let mut from = line_start(self.text, first);
            if from != first {
                return None;
            }
            let above = from.checked_sub(1).map_or(0, |end| line_start(self.text, end));
            if self.text[above..from].trim() == format!("# {comment}") {
                from = above;
            }
            let end = if in_brackets { end + self.text[end..].find(']')? + 1 } else { end };
            edits.replace(from, line_end_of(self.text, end), "");
        } else if in_brackets {
            match (items.get(index + 1), index.checked_sub(1)) {
                (Some(next), _) => edits.replace(start, next.span.start as usize, ""),
                (None, before) => edits.replace(end_of(self.text, &items[before?])?, end, ""),
            }
        } else {
            let line = line_start(self.text, start);
            if self.text[line..start].trim() != "-" {
                return None;
            }
            edits.replace(line, line_end_of(self.text, end), "");
        }
        let mut wanted = document.clone();
        let Value::Mapping(entries) = &mut wanted.value else { return None };
        let place = entries.iter().position(|entry| &*entry.key.value == key)?;
        match &mut entries[place].value.value {
            Value::Sequence(items) if items.len() > 1 => drop(items.remove(index)),
            _ => drop(entries.remove(place)),
        }
        self.applied(edits, &wanted)
    }

    fn applied(&self, edits: Edits, wanted: &Node) -> Option<String> {
        let edited = edits.apply(self.text);
        let (after, findings) = parse_yaml(FileId(0), &edited);
        let wanted = |index: usize| if index == self.place { wanted } else { &self.documents[index] };
        let is_all = findings.is_empty()
            && after.len() == self.documents.len()
            && after.iter().enumerate().all(|(index, after)| is_same(wanted(index), after));
        is_all.then_some(edited)
    }
}

/// What is new has no place yet.
const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

/// A value as it is read where it is written so.
pub(super) fn read(written: &str) -> Option<Node> {
    parse_yaml(FileId(0), &format!("k: {written}\n")).0.first()?.get("k").cloned()
}

/// Where a value ends; the place of a mapping ends with its last value.
pub(super) fn end_of(text: &str, node: &Node) -> Option<usize> {
    let end = node.span.end as usize;
    match &node.value {
        Value::Mapping(entries) if text[node.span.start as usize..].starts_with('{') => {
            let end = match entries.last() {
                Some(last) => end_of(text, &last.value)?.max(last.key.span.end as usize),
                None => end,
            };
            // Behind the last entry there may be one more comma.
            Some(end + text[end..].find('}').filter(|at| matches!(text[end..end + at].trim(), "" | ","))? + 1)
        }
        _ => Some(end),
    }
}

fn at<'n>(node: &'n mut Node, path: &[&str]) -> Option<&'n mut Node> {
    path.iter().try_fold(node, |node, key| match &mut node.value {
        Value::Mapping(entries) => {
            entries.iter_mut().find(|entry| &*entry.key.value == *key).map(|entry| &mut entry.value)
        }
        Value::Sequence(items) => items.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, index: usize) -> Option<String> {
        Addition::to(text, |node| node.get("service").is_some())?.without_item("raw", index, "question: why?")
    }

    #[test]
    fn an_item_goes_and_nothing_else() {
        let block = "service: a\n# question: why?\nraw:\n  - name: x\n    reason: r # so\n  # ours\n  - name: y\n    reason: r\nquota: {}\n";
        let first = "service: a\n# question: why?\nraw:\n  # ours\n  - name: y\n    reason: r\nquota: {}\n";
        let second = "service: a\n# question: why?\nraw:\n  - name: x\n    reason: r # so\n  # ours\nquota: {}\n";
        assert_eq!(without(block, 0).as_deref(), Some(first));
        assert_eq!(without(block, 1).as_deref(), Some(second));
        let lines = "service: a\nraw:\n  - name: x\n    reason: >-\n      r\n  - name: y\n    reason: |\n      r\n";
        let rest = "service: a\nraw:\n  - name: y\n    reason: |\n      r\n";
        assert_eq!(without(lines, 0).as_deref(), Some(rest));
        assert_eq!(without("service: a\n# question: why?\nraw:\n  - name: y\n", 0).as_deref(), Some("service: a\n"));
        assert_eq!(
            without("service: a\n# mine\nraw: [{ name: y }]\nx: 1", 0).as_deref(),
            Some("service: a\n# mine\nx: 1")
        );
        let list = "service: a\nraw: [{ name: x }, { name: y }, { name: z }]\n";
        assert_eq!(without(list, 0).as_deref(), Some("service: a\nraw: [{ name: y }, { name: z }]\n"));
        assert_eq!(without(list, 2).as_deref(), Some("service: a\nraw: [{ name: x }, { name: y }]\n"));
        assert_eq!(without(list, 3), None);
        assert_eq!(without("{ service: a, raw: [{ name: x }] }", 0), None);
    }

    fn entry(text: &str, path: &[&str]) -> Option<String> {
        Addition::to(text, |document| document.get("t").is_some())?.entry(path, "new", "{ p: 1 }")
    }

    fn item(text: &str, path: &[&str]) -> Option<String> {
        Addition::to(text, |document| document.get("t").is_some())?.item(path, "new")
    }

    #[test]
    fn an_entry_is_written_as_the_others_are() {
        let cases = [
            (
                "t: 1\no: { a: { x: { y: 1 } } } # why\nz: 2\n",
                "t: 1\no: { a: { x: { y: 1 } }, new: { p: 1 } } # why\nz: 2\n",
            ),
            ("t: 1\no:\n  a: { x: 1 } # why\n\nz: 2\n", "t: 1\no:\n  a: { x: 1 } # why\n  new: { p: 1 }\n\nz: 2\n"),
            ("t: 1\no:\n  a:\n    x: 1\n", "t: 1\no:\n  a:\n    x: 1\n  new: { p: 1 }\n"),
            ("t: 1\nz: 2 # last", "t: 1\nz: 2 # last\no: { new: { p: 1 } }"),
            ("t: 1\no: {a: [1, 2]}\n", "t: 1\no: {a: [1, 2], new: { p: 1 }}\n"),
            ("t: 1\no: {\n  a: { b: 1 },\n}\n", "t: 1\no: {\n  a: { b: 1 }, new: { p: 1 },\n}\n"),
            ("t: 1\nz: {\n  a: { b: 1 },\n}\n", "t: 1\nz: {\n  a: { b: 1 },\n}\no: { new: { p: 1 } }\n"),
            ("t: 1\r\no:\r\n  a: 1\r\n", "t: 1\r\no:\r\n  a: 1\r\n  new: { p: 1 }\r\n"),
        ];
        for (before, after) in cases {
            assert_eq!(entry(before, &["o"]).as_deref(), Some(after), "{before}");
        }
        let in_list = [
            ("t: 1\nl: [{ a: 1 }, { b: 2 }]\n", "t: 1\nl: [{ a: 1 }, { b: 2, o: { new: { p: 1 } } }]\n"),
            (
                "t: 1\nl:\n  - a: 1\n  - b: 2\n    c: 3\n",
                "t: 1\nl:\n  - a: 1\n  - b: 2\n    c: 3\n    o: { new: { p: 1 } }\n",
            ),
        ];
        for (before, after) in in_list {
            assert_eq!(entry(before, &["l", "1", "o"]).as_deref(), Some(after), "{before}");
        }
        assert_eq!(entry("t: 1\n", &["o", "x"]).as_deref(), Some("t: 1\no: { x: { new: { p: 1 } } }\n"));
        let odd = |text, path: &[&str]| Addition::to(text, |_| true)?.entry(path, "x: y", "1");
        assert_eq!(odd("t: 1\n", &[]).as_deref(), Some("t: 1\n\"x: y\": 1\n"));
        assert_eq!(odd("t: 1\n", &["a, b"]).as_deref(), Some("t: 1\n\"a, b\": { \"x: y\": 1 }\n"));
    }

    #[test]
    fn a_comment_stands_above_its_entry() {
        let comment = |text: &str, path: &[&str]| Addition::to(text, |_| true)?.comment(path, "why");
        assert_eq!(comment("# a\nt: 1\n", &["t"]).as_deref(), Some("# a\n# why\nt: 1\n"));
        assert_eq!(
            comment("r:\r\n  a: { x: 1 }\r\n", &["r", "a"]).as_deref(),
            Some("r:\r\n  # why\r\n  a: { x: 1 }\r\n")
        );
        assert_eq!(comment("r: { a: 1 }\n", &["r", "a"]), None);
        assert_eq!(comment("r: 1\n", &["a"]), None);
    }

    #[test]
    fn an_item_is_written_as_the_others_are() {
        let cases = [
            ("t: { l: [a, { b: c }] } # x\n", "t: { l: [a, { b: c }, new] } # x\n"),
            ("t:\n  l:\n    - a # one\n  z: 1\n", "t:\n  l:\n    - a # one\n    - new\n  z: 1\n"),
            ("a: 1\n---\nt: { l: [a] }", "a: 1\n---\nt: { l: [a, new] }"),
        ];
        for (before, after) in cases {
            assert_eq!(item(before, &["t", "l"]).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn what_would_change_something_else_is_not_done() {
        assert_eq!(entry("t: &x { a: 1 }\no: *x\n", &["t"]), None);
        assert_eq!(entry("t: 1\no: [a]\n", &["o"]), None);
        assert_eq!(entry("t: 1\no:\n", &["o"]), None);
        assert_eq!(entry("o: 1\n", &[]), None);
        assert_eq!(item("t: { l: &l [a], m: *l }\n", &["t", "l"]), None);
        assert_eq!(item("t: { l: [] }\n", &["t", "l"]), None);
    }
}
