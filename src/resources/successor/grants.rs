//! The other side of consent: what services ask for.

use super::edit::{Edits, line_end, line_start, renamed};
use crate::resources::acl::GrantSpec;
use crate::source::{File, FileId, Node, Span, Spanned, Value, parse_yaml};

/// Adds to a service's manifest what it needs of the new topics, beside what it has of the old ones, as it has it. What
/// cannot be added without touching more than that comes back in words.
pub fn add(grant: &GrantSpec, file: &File, text: String, names: &[(String, String)]) -> (String, Vec<String>) {
    let asked = [
        ("produces", grant.produces.iter().map(|produces| &produces.topic).collect::<Vec<_>>()),
        ("consumes", grant.consumes.iter().map(|consumes| &consumes.topic).collect()),
    ];
    let mut edited = text;
    let mut not_added = Vec::new();
    for (key, topics) in asked {
        for (old, new) in names {
            if !topics.iter().any(|topic| topic.as_str() == old) || topics.iter().any(|topic| topic.as_str() == new) {
                continue;
            }
            match with_sibling(&edited, grant.service.as_str(), key, old, new) {
                Some(text) => edited = text,
                None => not_added.push(format!(
                    "add `{new}` to `{key}` of `{}` in {}",
                    grant.service.as_str(),
                    file.path.display()
                )),
            }
        }
    }
    (edited, not_added)
}

/// The text with a new entry behind that of the old topic. It is read again: an edit that changed anything else is none.
fn with_sibling(text: &str, service: &str, key: &str, old: &str, new: &str) -> Option<String> {
    let items = items(text, service, key)?;
    let item = items.iter().find(|item| topic_of(item).is_some_and(|topic| topic.value == old))?;
    let mut edits = Edits::default();
    let (start, end) = (item.span.start as usize, item.span.end as usize);
    let line = line_start(text, start);
    if text[line..start].trim() == "-" {
        let stop = line_end(text, end);
        let mut entry: String = text[line..stop].lines().map(|line| format!("{}\n", without_comment(line))).collect();
        entry = renamed(&entry, old, new);
        edits.insert(stop, if text[..stop].ends_with('\n') { entry } else { format!("\n{}", entry.trim_end()) });
    } else {
        let stop = match item.value {
            // The place of a mapping ends with its last value.
            Value::Mapping(_) => end + text[end..].find('}').filter(|at| text[end..end + at].trim().is_empty())? + 1,
            _ => end,
        };
        edits.insert(stop, format!(", {}", renamed(&text[start..stop], old, new)));
    }
    let edited = edits.apply(text);
    let now = self::items(&edited, service, key)?;
    let topics = |items: &[Node]| items.iter().filter_map(|item| Some(topic_of(item)?.value)).collect::<Vec<_>>();
    let mut expected = topics(&items);
    let at = expected.iter().position(|topic| topic == old)?;
    expected.insert(at + 1, new.to_owned());
    // What an anchor names is used elsewhere, too.
    let other = if key == "produces" { "consumes" } else { "produces" };
    let is_alone = topics(&self::items(text, service, other).unwrap_or_default())
        == topics(&self::items(&edited, service, other).unwrap_or_default());
    (topics(&now) == expected && is_alone).then_some(edited)
}

/// The entries that a service has under a key; none where the text is not as it should be.
fn items(text: &str, service: &str, key: &str) -> Option<Vec<Node>> {
    let (documents, findings) = parse_yaml(FileId(0), text);
    if !findings.is_empty() {
        return None;
    }
    let document = documents
        .into_iter()
        .find(|document| document.get("service").and_then(Node::scalar).is_some_and(|known| known == service))?;
    match &document.get(key)?.value {
        Value::Sequence(items) => Some(items.clone()),
        _ => None,
    }
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
