use std::collections::{HashMap, HashSet};
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError};

use super::{Entry, FileId, Node, Span, Spanned, Value};
use crate::diag::Diagnostic;

/// Nodes that one file may hold once its aliases are followed. The largest manifest of a real bus has a few thousand;
/// a "billion laughs" file passes this in its first millisecond.
const MAX_NODES: usize = 200_000;

/// Nesting that one file may have.
pub(crate) const MAX_DEPTH: usize = 64;

/// One YAML document of a file.
pub type Document = Node;

/// Parses every document of a file.
///
/// A document that is not YAML gives a finding and the ones behind it are still read; a duplicate key gives a finding
/// and the first value is kept.
///
/// Of a file in which a merge conflict was left, nothing else is said: neither side is what anybody wants.
pub fn parse_yaml(file: FileId, text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    parse_within(file, text, MAX_NODES)
}

/// The same of a file that a program has written, such as an export of everything that a cluster has: it holds as many values
/// as it has letters for, and what it unfolds by aliases has the bound of any file.
pub fn parse_exported_yaml(file: FileId, text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    parse_within(file, text, text.len().max(MAX_NODES))
}

fn parse_within(file: FileId, text: &str, most: usize) -> (Vec<Document>, Vec<Diagnostic>) {
    if let Some(conflict) = merge_conflict(file, text) {
        return (Vec::new(), vec![conflict]);
    }
    let mut options = Options::default();
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    options.emit_unresolved_aliases = true;
    let mut builder = Builder {
        file,
        text,
        parser: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        nodes: 0,
        most,
        copied: 0,
        findings: Vec::new(),
    };
    let mut documents = Vec::new();
    loop {
        match builder.next_document() {
            Ok(Some(document)) => documents.push(document),
            Ok(None) => break,
            Err(Stop::Syntax(error)) => {
                builder.syntax(&error);
                if !matches!(builder.parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
            Err(Stop::Budget(span, most)) => {
                builder.findings.push(
                    Diagnostic::new("BUS001", format!("the file unfolds to more than {most} values"))
                        .at(span, "too many by here")
                        .help("aliases multiply what they name; write the values out, or split the file"),
                );
                break;
            }
        }
    }
    (documents, builder.findings)
}

/// The finding of a merge conflict that was left in a manifest, or in a schema or sample that cannot be read: it is never
/// excepted, whatever a rule about such a file may be.
pub(crate) fn merge_conflict(file: FileId, text: &str) -> Option<Diagnostic> {
    let mark = conflict_mark(text)?;
    let conflict = Diagnostic::new("BUS001", "a merge conflict was left in the file");
    let decide = "decide between both sides and take the lines `<<<<<<<`, `=======` and `>>>>>>>` away";
    Some(conflict.at(Span::new(file, mark.start, mark.end), "").help(decide))
}

/// The first line with which Git marks a conflict. Nothing that belongs to a manifest begins so.
fn conflict_mark(text: &str) -> Option<Range<usize>> {
    let is_mark = |start: usize| {
        let line = text[start..].lines().next().unwrap_or_default();
        let is_mark =
            line == "=======" || ["<<<<<<< ", "||||||| ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark));
        is_mark.then(|| start..start + line.len())
    };
    let starting = |mark: &'static str| text.match_indices(mark).find_map(|(at, _)| is_mark(at + 1));
    let marks = ["\n<<<<<<<", "\n|||||||", "\n=======", "\n>>>>>>>"];
    is_mark(0).or_else(|| marks.into_iter().filter_map(starting).min_by_key(|range| range.start))
}

enum Stop {
    Syntax(Box<ScanError>),
    /// Where, and how many there may be.
    Budget(Span, usize),
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        Stop::Syntax(Box::new(error))
    }
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    /// Anchored nodes with the number of nodes in each, so that an alias is paid for before it is copied.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    /// How many there may be.
    most: usize,
    /// How many of them are copies, as aliases ask for.
    copied: usize,
    findings: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Stop> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Err(error)) => Err(error.into()),
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or(0..0);
                Ok(Some((event, Span::new(self.file, range.start, range.end))))
            }
        }
    }

    fn next_document(&mut self) -> Result<Option<Document>, Stop> {
        let mut document = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::DocumentEnd => {
                    self.anchors.clear();
                    match document.take() {
                        // A file of comments alone, or a stray `---`.
                        Some(node) if Node::is_null(&node) => {}
                        Some(node) => return Ok(Some(node)),
                        None => {}
                    }
                }
                Event::StreamEnd => return Ok(None),
                Event::StreamStart | Event::DocumentStart(..) => {}
                event => document = Some(self.node(event, span)?),
            }
        }
        Ok(None)
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Stop> {
        self.spend(1, span)?;
        let before = self.nodes;
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let quoted = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
                (anchor, Node { span, value: Value::Scalar { text: text.into(), quoted } })
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.sequence(span)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.mapping(span)?),
            Event::Alias(anchor) => {
                let Some(&(_, size)) = self.anchors.get(&anchor) else {
                    return Ok(self.bad_alias(span, "an anchor cannot contain itself"));
                };
                self.copied += size;
                if self.copied > MAX_NODES {
                    return Err(Stop::Budget(span, MAX_NODES));
                }
                self.spend(size, span)?;
                return Ok(self.anchors[&anchor].0.clone());
            }
            Event::UnresolvedAlias(name) => {
                let message = format!("no anchor `&{name}` stands before this alias");
                return Ok(self.bad_alias(span, &message));
            }
            _ => return Ok(null(span)),
        };
        if anchor != 0 {
            let size = self.nodes - before + 1;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn sequence(&mut self, start: Span) -> Result<Node, Stop> {
        let mut items = Vec::new();
        let mut end = start.end;
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                end = end.max(span.end);
                break;
            }
            let item = self.node(event, span)?;
            end = end.max(item.span.end);
            items.push(item);
        }
        Ok(Node { span: Span { end, ..start }, value: Value::Sequence(items) })
    }

    fn mapping(&mut self, start: Span) -> Result<Node, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: HashMap<Box<str>, usize> = HashMap::new();
        let mut merged: Vec<Node> = Vec::new();
        let mut end = start.end;
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, span)?;
            let Some((event, span)) = self.next()? else {
                break;
            };
            let value = self.node(event, span)?;
            if value.span.file == start.file {
                end = end.max(value.span.end);
            }
            match key {
                Node { value: Value::Scalar { text, quoted: false }, .. } if &*text == "<<" => merged.push(value),
                Node { value: Value::Scalar { text, .. }, span } => {
                    self.insert(&mut entries, &mut places, Entry { key: Spanned::new(text, span), value });
                }
                Node { span, .. } => self
                    .findings
                    .push(Diagnostic::new("BUS001", "a key must be a plain word").at(span, "this is a collection")),
            }
        }
        if !merged.is_empty() {
            let mut known: HashSet<Box<str>> = entries.iter().map(|entry| entry.key.value.clone()).collect();
            merged.into_iter().for_each(|node| self.merge(&mut entries, &mut known, node));
        }
        Ok(Node { span: Span { end, ..start }, value: Value::Mapping(entries) })
    }

    /// Adds an entry; `places` are those of the keys, once there are so many that looking for one takes long.
    fn insert(&mut self, entries: &mut Vec<Entry>, places: &mut HashMap<Box<str>, usize>, entry: Entry) {
        const FEW: usize = 32;
        if entries.len() >= FEW && places.is_empty() {
            places.extend(entries.iter().enumerate().map(|(place, entry)| (entry.key.value.clone(), place)));
        }
        let earlier = match places.is_empty() {
            true => entries.iter().find(|earlier| earlier.key.value == entry.key.value),
            false => places.get(&entry.key.value).map(|place| &entries[*place]),
        };
        if earlier.is_none() && !places.is_empty() {
            places.insert(entry.key.value.clone(), entries.len());
        }
        match earlier {
            Some(earlier) => self.findings.push(
                Diagnostic::new("BUS003", format!("the key `{}` is written twice", entry.key.value))
                    .at(entry.key.span, "again here")
                    .at(earlier.key.span, "first written here")
                    .help("keep one of the two; YAML does not say which one would win"),
            ),
            None => entries.push(entry),
        }
    }

    /// `<<: *anchor`, as YAML 1.1 defines it: keys of the mapping itself win, then the first merged mapping.
    fn merge(&mut self, entries: &mut Vec<Entry>, known: &mut HashSet<Box<str>>, node: Node) {
        match node.value {
            Value::Mapping(merged) => {
                entries.extend(merged.into_iter().filter(|entry| known.insert(entry.key.value.clone())));
            }
            Value::Sequence(nodes) => nodes.into_iter().for_each(|node| self.merge(entries, known, node)),
            Value::Scalar { .. } => self
                .findings
                .push(Diagnostic::new("BUS001", "`<<` merges mappings only").at(node.span, "this is not a mapping")),
        }
    }

    fn spend(&mut self, nodes: usize, span: Span) -> Result<(), Stop> {
        self.nodes += nodes;
        if self.nodes > self.most { Err(Stop::Budget(span, self.most)) } else { Ok(()) }
    }

    fn bad_alias(&mut self, span: Span, message: &str) -> Node {
        self.findings.push(Diagnostic::new("BUS001", message).at(span, "used here"));
        null(span)
    }

    fn syntax(&mut self, error: &ScanError) {
        let start = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
        let end = self.text[start..].find('\n').map_or(self.text.len(), |newline| start + newline);
        if let Some(tab) = self.tab_before(error, end) {
            self.findings.push(
                Diagnostic::new("BUS001", "a tab stands where YAML has spaces alone")
                    .at(Span::new(self.file, tab, tab + 1), "the tab")
                    .help("indent with spaces, two for each level; most editors write them for the tab key"),
            );
            return;
        }
        self.findings.push(
            Diagnostic::new("BUS001", format!("not valid YAML: {}", error.info().replace('\n', " ")))
                .at(Span::new(self.file, start, end.max(start)), "the reader stopped here"),
        );
    }

    /// The tab that begins a line and that the reader stopped at: it tells of some with the place of what stands before.
    fn tab_before(&self, error: &ScanError, end: usize) -> Option<usize> {
        if !error.info().contains("tab") {
            return None;
        }
        let mut here = self.text[..end].rfind('\n').map_or(0, |newline| newline + 1);
        for line in self.text[here..].split_inclusive('\n') {
            let indented = line.trim_start_matches(' ');
            // A line of blanks alone may have tabs.
            let says_something = !matches!(indented.trim_start().chars().next(), None | Some('#'));
            if indented.starts_with('\t') && says_something {
                return Some(here + line.len() - indented.len());
            }
            here += line.len();
        }
        None
    }
}

fn null(span: Span) -> Node {
    Node { span, value: Value::Scalar { text: "".into(), quoted: false } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
        parse_yaml(FileId(0), text)
    }

    #[test]
    fn a_value_keeps_its_place() {
        let text = "topic: media.raw\nconfig:\n  a: 'x'\n";
        let (documents, findings) = parse(text);
        assert!(findings.is_empty(), "{findings:?}");
        let node = documents[0].get("config").and_then(|config| config.get("a")).expect("config.a");
        assert_eq!(&text[node.span.start as usize..node.span.end as usize], "'x'");
    }

    #[test]
    fn a_tab_is_told_where_it_stands() {
        for text in ["topic: a\n\tpartitions: 1\n", "topic: a\nproducers:\n\t- till\n", "topic: a\nconfig:\n\ta: 1\n"] {
            let (_, findings) = parse(text);
            let [finding] = findings.as_slice() else { panic!("{text:?}: {findings:#?}") };
            assert_eq!(finding.message, "a tab stands where YAML has spaces alone", "{text:?}");
            let span = finding.span().expect("a place");
            assert_eq!(&text[span.start as usize..span.end as usize], "\t", "{text:?}");
            assert!(finding.help.as_deref().is_some_and(|help| help.contains("spaces")));
        }
        assert!(parse("topic:\ta # a\tb\n").1.is_empty());
        // A line of blanks says nothing, whatever blanks they are.
        let text = "topic: a\nproducers:\n\t\n\t- till\n";
        let start = parse(text).1[0].span().expect("a place").start as usize;
        assert_eq!(&text[start..], "\t- till\n");
        // As many as a manifest may have are looked at once.
        let many = format!("topic: x{}y\n\tb: 1\n", "\t".repeat(1 << 19));
        assert_eq!(parse(&many).1[0].span().map(|span| span.start as usize), Some(many.len() - 6));
    }

    #[test]
    fn every_duplicate_key_is_found_and_the_first_value_kept() {
        let (documents, findings) = parse("a: 1\nb: 2\na: 3\nb: 4\n");
        assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["BUS003", "BUS003"]);
        assert_eq!(documents[0].get("a").and_then(Node::scalar), Some("1"));
    }

    #[test]
    fn nested_aliases_stop_at_the_budget() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", ")));
        }
        let (_, findings) = parse(&text);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("more than 200000 values"), "{}", findings[0].message);
        assert_eq!(parse_exported_yaml(FileId(0), &text).1.len(), 1);
        // However long the file is.
        let items = vec!["x"; MAX_NODES / 2].join(", ");
        let long = format!("a: &a [{items}]\nb: [*a, *a, *a]\n# {}\n", "-".repeat(5 * MAX_NODES));
        let (_, findings) = parse_exported_yaml(FileId(0), &long);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("more than 200000 values"), "{}", findings[0].message);
    }

    #[test]
    fn an_export_has_as_many_values_as_it_is_long() {
        let text = format!("items: [{}1]\n", "1,".repeat(MAX_NODES));
        assert_eq!(parse(&text).1.len(), 1);
        let (documents, findings) = parse_exported_yaml(FileId(0), &text);
        assert!(findings.is_empty(), "{findings:?}");
        let Some(Value::Sequence(items)) = documents[0].get("items").map(|items| &items.value) else {
            panic!("a list")
        };
        assert_eq!(items.len(), MAX_NODES + 1);
    }

    #[test]
    fn a_broken_document_does_not_hide_the_next() {
        let (documents, findings) = parse("a: [1\n---\nb: 2\n");
        assert_eq!(findings.len(), 1);
        assert_eq!(documents.last().and_then(|document| document.get("b")).and_then(Node::scalar), Some("2"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let (_, findings) = parse(&"[".repeat(100_000));
        assert_eq!(findings[0].code, "BUS001");
    }

    #[test]
    fn merged_keys_do_not_replace_own_ones() {
        let (documents, findings) = parse("base: &base {a: 1, b: 2}\nown: {<<: *base, b: 3}\n");
        assert!(findings.is_empty(), "{findings:?}");
        let own = documents[0].get("own").expect("own");
        assert_eq!(own.get("a").and_then(Node::scalar), Some("1"));
        assert_eq!(own.get("b").and_then(Node::scalar), Some("3"));
    }
}
