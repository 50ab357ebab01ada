//! The other side of consent: what services ask for, and what roles may do.

use std::collections::BTreeSet;

use crate::resources::acl::GrantSpec;
use crate::resources::additions::end_of;
use crate::resources::catalog::RoleSpec;
use crate::source::edit::{Edits, line_end_of, line_start, renamed};
use crate::source::{File, FileId, Node, Span, Spanned, Value, parse_yaml};

/// Who may do something with topics, with the lists of them that its manifest has.
pub struct Holder<'m> {
    name: &'m str,
    /// Whether it is a role in `catalog/`; else it is a service in `acls/`.
    is_role: bool,
    lists: [(&'static str, Vec<String>); 2],
}

impl<'m> Holder<'m> {
    /// A service.
    pub fn of_grant(grant: &'m GrantSpec) -> Self {
        let produces = grant
            .produces
            .iter()
            .filter(|entry| !entry.is_derived)
            .map(|produces| produces.topic.to_string())
            .collect();
        let consumes = grant
            .consumes
            .iter()
            .filter(|entry| !entry.is_derived)
            .map(|consumes| consumes.topic.to_string())
            .collect();
        Self { name: grant.service.as_str(), is_role: false, lists: [("produces", produces), ("consumes", consumes)] }
    }

    /// A role. Its lists are of patterns.
    pub fn of_role(name: &'m str, spec: &'m RoleSpec) -> Self {
        let reads = spec.reads.iter().map(|pattern| pattern.value.to_string()).collect();
        let writes = spec.writes.iter().map(|pattern| pattern.value.to_string()).collect();
        Self { name, is_role: true, lists: [("reads", reads), ("writes", writes)] }
    }

    /// The patterns for a topic and for what is called after it, such as its dead letters, with those for the next one.
    pub fn named_after(&self, name: &str, next: &str) -> Vec<(String, String)> {
        let is_of =
            |pattern: &&String| pattern.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let patterns: BTreeSet<&String> = self.lists.iter().flat_map(|(_, list)| list).filter(is_of).collect();
        patterns.into_iter().map(|pattern| (pattern.clone(), renamed(pattern, name, next))).collect()
    }

    /// The entries that it has under a key; none where the text is not as it should be.
    fn items(&self, text: &str, key: &str) -> Option<Vec<Node>> {
        let (documents, findings) = parse_yaml(FileId(0), text);
        if !findings.is_empty() {
            return None;
        }
        let own = |document: &Node| match self.is_role {
            true => document.get("roles")?.get(self.name)?.get(key).cloned(),
            false => {
                let service = document.get("service").and_then(Node::scalar)?;
                document.get(key).filter(|_| service == self.name).cloned()
            }
        };
        match documents.iter().find_map(own)?.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The text with a new entry behind that of the old topic. It is read again: an edit that changed anything else is none.
    fn with_sibling(&self, text: &str, key: &str, old: &str, new: &str) -> Option<String> {
        let items = self.items(text, key)?;
        let item = items.iter().find(|item| topic_of(item).is_some_and(|topic| topic.value == old))?;
        let mut edits = Edits::default();
        let (start, end) = (item.span.start as usize, item.span.end as usize);
        let line = line_start(text, start);
        if text[line..start].trim() == "-" {
            let entry: Vec<&str> = text[line..line_end_of(text, end)].lines().map(without_comment).collect();
            edits.insert_line(text, end, &renamed(&entry.join("\n"), old, new));
        } else {
            let stop = end_of(text, item)?;
            edits.insert(stop, format!(", {}", renamed(&text[start..stop], old, new)));
        }
        let edited = edits.apply(text);
        let topics = |items: &[Node]| items.iter().filter_map(|item| Some(topic_of(item)?.value)).collect::<Vec<_>>();
        let mut expected = topics(&items);
        let at = expected.iter().position(|topic| topic == old)?;
        expected.insert(at + 1, new.to_owned());
        let is_added = topics(&self.items(&edited, key)?) == expected;
        // What an anchor names is used elsewhere, too.
        let in_others = |text: &str| {
            let others = self.lists.iter().filter(|(other, _)| *other != key);
            others.map(|(other, _)| topics(&self.items(text, other).unwrap_or_default())).collect::<Vec<_>>()
        };
        (is_added && in_others(text) == in_others(&edited)).then_some(edited)
    }
}

/// Adds to a manifest what its service or role needs of the new topics, beside what it has of the old ones, as it has it.
/// What cannot be added without touching more than that comes back in words.
pub fn add(holder: &Holder<'_>, file: &File, text: String, names: &[(String, String)]) -> (String, Vec<String>) {
    let mut edited = text;
    let mut not_added = Vec::new();
    for (key, topics) in &holder.lists {
        for (old, new) in names {
            if !topics.contains(old) || topics.contains(new) {
                continue;
            }
            match holder.with_sibling(&edited, key, old, new) {
                Some(text) => edited = text,
                None => {
                    not_added.push(format!("add `{new}` to `{key}` of `{}` in {}", holder.name, file.path.display()))
                }
            }
        }
    }
    (edited, not_added)
}

fn topic_of(item: &Node) -> Option<Spanned<String>> {
    let node = match item.value {
        Value::Mapping(_) => item.get("topic")?,
        _ => item,
    };
    let span: Span = node.span;
    node.scalar().map(|topic| Spanned::new(topic.to_owned(), span))
}

/// A line without what is said of the old topic alone.
fn without_comment(line: &str) -> &str {
    line.split_once(" #").map_or(line, |(before, _)| before).trim_end()
}
