//! The other side of a consent: what has to be written into the manifest of a topic or of a service.

use std::path::{Path, PathBuf};

use super::Workspace;
use super::acl::GrantSpec;
use super::additions::end_of;
use super::format::{is_same, keys_of};
use super::topic::TopicSpec;
use crate::diag::{Fix, Safety, mend};
use crate::source::edit::{line_end_of, line_start};
use crate::source::write::scalar;
use crate::source::{File, FileId, Node, Sources, Span, Value, parse_yaml};

/// Adds a service to the `producers` or `consumers` of a topic.
pub fn add_to_topic(workspace: &Workspace, topic: &TopicSpec, key: &'static str, service: &str) -> Option<Fix> {
    let title = format!("add `{service}` to `{key}` of `{}`", topic.topic.value);
    add(workspace, topic.topic.span.file, ("topic", topic.topic.as_str()), key, service, title)
}

/// Adds a topic to what a service `produces` or `consumes`.
pub fn add_to_service(workspace: &Workspace, grant: &GrantSpec, key: &'static str, topic: &str) -> Option<Fix> {
    let title = format!("add `{topic}` to `{key}` of `{}`", grant.service.value);
    add(workspace, grant.service.span.file, ("service", grant.service.as_str()), key, topic, title)
}

/// Makes the manifest of a service that asks for one topic.
pub fn create_service(workspace: &Workspace, service: &str, key: &'static str, topic: &str) -> Option<Fix> {
    let path = PathBuf::from(format!("acls/{service}.yaml"));
    // Under that name may stand the manifest of another service.
    let is_free = workspace.sources.find(&path).is_none();
    let title = format!("write {}: `{service}` {key} `{topic}`", path.display());
    let text = format!("service: {}\n{key}: [{}]\n", scalar(service), scalar(topic));
    is_free.then(|| Fix::new(Safety::Consent, title).create(path, text))
}

/// The largest file that is read again for each finding in it.
const MOST_TEXT: usize = 32 << 10;

/// Adds a name to a list of a manifest, and looks whether that is all it did.
pub(super) fn add(
    workspace: &Workspace,
    id: FileId,
    (kind, name): (&str, &str),
    key: &str,
    added: &str,
    title: String,
) -> Option<Fix> {
    let file = workspace.sources.file(id);
    if file.text.len() > MOST_TEXT {
        return None;
    }
    add_to(file, id, (kind, name), key, &scalar(added), title)
}

/// A manifest's text with an item more in a list of the document that starts with `kind: name`. The item is YAML, a name or
/// a mapping in braces. `None` where it cannot be added without touching anything else.
pub fn with_item(path: &Path, text: &str, head: (&str, &str), key: &str, item: &str) -> Option<String> {
    let mut sources = Sources::default();
    let id = sources.add(path, text);
    let fix = add_to(sources.file(id), id, head, key, item, String::new())?;
    mend([&fix], &sources).texts.into_values().next()
}

fn add_to(file: &File, id: FileId, (kind, name): (&str, &str), key: &str, item: &str, title: String) -> Option<Fix> {
    let (documents, findings) = parse_yaml(id, &file.text);
    let is_it = |document: &&Node| document.get(kind).and_then(Node::scalar) == Some(name);
    let place = documents.iter().position(|document| is_it(&document)).filter(|_| findings.is_empty())?;
    let (span, text) = edit(file, &documents[place], key, item)?;
    let fix = Fix::new(Safety::Consent, title).replace(span, text);
    is_all(file, &documents, place, key, item, &fix).then_some(fix)
}

/// Where the item is written, and how: as the others of its list are.
pub(super) fn edit(file: &File, document: &Node, key: &str, item: &str) -> Option<(Span, String)> {
    let text = &*file.text;
    let between = |at: usize| Span::new(document.span.file, at, at);
    let Some(list) = document.get(key) else { return new_key(file, document, key, item) };
    if list.is_null() && list.span.start == list.span.end {
        let Value::Mapping(entries) = &document.value else { return None };
        let entry = entries.iter().find(|entry| &*entry.key.value == key)?;
        let colon = entry.key.span.end as usize + text[entry.key.span.end as usize..].find(':')? + 1;
        return Some((between(colon), format!(" [{item}]")));
    }
    let Value::Sequence(items) = &list.value else { return None };
    let start = list.span.start as usize;
    let Some(last) = items.last() else {
        let end = start + text[start..].strip_prefix('[')?.find(']')? + 2;
        return Some((Span::new(list.span.file, start, end), format!("[{item}]")));
    };
    let line = line_start(text, last.span.start as usize);
    if text[line..last.span.start as usize].trim() == "-" {
        let dash = &text[line..line + text[line..].find('-')?];
        let end = line_end_of(text, end_of(text, last)?);
        let new = if text[..end].ends_with('\n') { format!("{dash}- {item}\n") } else { format!("\n{dash}- {item}") };
        return Some((between(end), new));
    }
    let end = end_of(text, last)?;
    Some((between(end), format!(", {item}")))
}

/// A key that is not there yet: behind those that the reference has before it.
fn new_key(file: &File, document: &Node, key: &str, item: &str) -> Option<(Span, String)> {
    let keys = keys_of(Some(&file.path), document)?;
    let rank = |key: &str| keys.iter().position(|field| field.key == key);
    let Value::Mapping(entries) = &document.value else { return None };
    let text = &*file.text;
    let first = entries.first()?.key.span.start as usize;
    if line_start(text, first) != first {
        return None;
    }
    let before = entries.iter().rfind(|entry| rank(&entry.key.value) < rank(key)).or_else(|| entries.last())?;
    // The line of the last value; comments and blank lines behind it belong to what follows.
    let at = line_end_of(text, before.value.span.end.max(before.key.span.end) as usize);
    let new = if text[..at].ends_with('\n') { format!("{key}: [{item}]\n") } else { format!("\n{key}: [{item}]") };
    Some((Span::new(document.span.file, at, at), new))
}

/// Whether a fix adds the item and changes nothing else.
pub(super) fn is_all(file: &File, documents: &[Node], place: usize, key: &str, item: &str, fix: &Fix) -> bool {
    let mut sources = Sources::default();
    let id = sources.add(&file.path, file.text.clone());
    let mut alone = fix.clone();
    alone.edits.iter_mut().for_each(|edit| edit.span.file = id);
    let edited = mend([&alone], &sources).texts.into_values().next().unwrap_or_default();
    let (after, findings) = parse_yaml(id, &edited);
    let wanted = parse_yaml(id, item).0.pop();
    let items = |node: &Node| match node.get(key).map(|list| &list.value) {
        Some(Value::Sequence(items)) => items.clone(),
        _ => Vec::new(),
    };
    let others = |node: &Node| match &node.value {
        Value::Mapping(entries) => {
            let others = entries.iter().filter(|entry| &*entry.key.value != key).cloned().collect();
            Node { span: node.span, value: Value::Mapping(others) }
        }
        _ => node.clone(),
    };
    findings.is_empty()
        && after.len() == documents.len()
        && documents.iter().zip(&after).enumerate().all(|(index, (before, after))| {
            if index != place {
                return is_same(before, after);
            }
            let (old, new) = (items(before), items(after));
            let added = new.split_last().is_some_and(|(last, rest)| {
                wanted.as_ref().is_some_and(|wanted| is_same(last, wanted))
                    && rest.len() == old.len()
                    && rest.iter().zip(&old).all(|(a, b)| is_same(a, b))
            });
            added && is_same(&others(before), &others(after))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> Option<String> {
        let mut sources = Sources::default();
        let id = sources.add("topics/a.yaml", text);
        let workspace = Workspace { sources, ..Workspace::default() };
        let fix = add(&workspace, id, ("topic", "a.b.v1"), "consumers", "new", String::new())?;
        mend([&fix], &workspace.sources).texts.into_values().next()
    }

    #[test]
    fn an_item_is_written_as_the_others_are() {
        let cases = [
            (
                "topic: a.b.v1\nconsumers: [x, {service: y} ] # who\nkey: k\n",
                "topic: a.b.v1\nconsumers: [x, {service: y}, new ] # who\nkey: k\n",
            ),
            ("topic: a.b.v1\nconsumers: [{ service: y, }]\n", "topic: a.b.v1\nconsumers: [{ service: y, }, new]\n"),
            ("topic: a.b.v1\nconsumers: []\n", "topic: a.b.v1\nconsumers: [new]\n"),
            ("topic: a.b.v1\nconsumers:\n\nkey: k\n", "topic: a.b.v1\nconsumers: [new]\n\nkey: k\n"),
            (
                "topic: a.b.v1\nconsumers:\n  - x # one\n  - { service: y }\n# about k\nkey: k\n",
                "topic: a.b.v1\nconsumers:\n  - x # one\n  - { service: y }\n  - new\n# about k\nkey: k\n",
            ),
            (
                "topic: a.b.v1\nconsumers:\n- service: x\n  dlq: true # yes\n\nkey: k\n",
                "topic: a.b.v1\nconsumers:\n- service: x\n  dlq: true # yes\n- new\n\nkey: k\n",
            ),
            ("topic: a.b.v1\nconsumers:\n  - x", "topic: a.b.v1\nconsumers:\n  - x\n  - new"),
            (
                "topic: a.b.v1\nconsumers:\n  - service: x\n    purpose: >-\n      Why.\n  # behind\nkey: k\n",
                "topic: a.b.v1\nconsumers:\n  - service: x\n    purpose: >-\n      Why.\n  - new\n  # behind\nkey: k\n",
            ),
            (
                "topic: a.b.v1\nproducers: [x]\n\n# Thirty days.\nretention_rationale: x\n",
                "topic: a.b.v1\nproducers: [x]\nconsumers: [new]\n\n# Thirty days.\nretention_rationale: x\n",
            ),
            ("topic: a.b.v1", "topic: a.b.v1\nconsumers: [new]"),
            (
                "topic: c\n---\r\ntopic: a.b.v1\r\nconsumers:\r\n  - x\r\n",
                "topic: c\n---\r\ntopic: a.b.v1\r\nconsumers:\r\n  - x\r\n  - new\r\n",
            ),
        ];
        for (before, after) in cases {
            assert_eq!(added(before).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn a_name_that_yaml_takes_for_something_else_is_quoted() {
        let mut sources = Sources::default();
        let id = sources.add("topics/a.yaml", "topic: a.b.v1\nconsumers: [x]\n");
        let workspace = Workspace { sources, ..Workspace::default() };
        for (name, written) in [("null", "\"null\""), ("true", "\"true\""), ("12", "\"12\""), ("plain", "plain")] {
            let fix = add(&workspace, id, ("topic", "a.b.v1"), "consumers", name, String::new());
            let text = mend(fix.as_ref(), &workspace.sources).texts.into_values().next();
            assert_eq!(text, Some(format!("topic: a.b.v1\nconsumers: [x, {written}]\n")));
        }
    }

    #[test]
    fn an_item_may_be_a_mapping() {
        let head = ("service", "s");
        let with = |text: &str| with_item(Path::new("acls/s.yaml"), text, head, "consumes", "{ topic: b, group: g }");
        let text = "service: s\nconsumes:\n  - a # one\n";
        assert_eq!(with(text), Some(format!("{text}  - {{ topic: b, group: g }}\n")));
        let text = "service: s\nconsumes: [a] # one\n";
        assert_eq!(with(text).as_deref(), Some("service: s\nconsumes: [a, { topic: b, group: g }] # one\n"));
        assert_eq!(with("service: other\n"), None);
    }

    #[test]
    fn what_would_change_something_else_is_not_done() {
        assert_eq!(added("topic: a.b.v1\nproducers: &all [x]\nconsumers: *all\n"), None);
        assert_eq!(added("{ topic: a.b.v1 }\n"), None);
        assert_eq!(added("topic: a.b.v1\nconsumers: x\n"), None);
    }
}
