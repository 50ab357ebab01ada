//! Entries of mappings in `catalog/`.

use std::path::{Path, PathBuf};

use super::NoScaffold;
use super::draft::Draft;
use crate::resources::additions::Addition;
use crate::resources::format::is_same;
use crate::resources::manifests::ManifestKind;
use crate::source::edit::{Edits, line_start};
use crate::source::write::scalar;
use crate::source::{Entry, FileId, Node, Span, Spanned, Value, parse_yaml};

/// Adds an entry to a section of the catalog: behind the others where they stand in a block of their own, else in a file of
/// its own.
pub(super) fn declare(
    draft: &mut Draft<'_>,
    section: &'static str,
    name: &str,
    fields: &[(&str, String)],
) -> Result<(), NoScaffold> {
    let files = draft.workspace.sources.iter().map(|(_, file)| file.path.clone());
    let files: Vec<PathBuf> = files.filter(|path| path.starts_with("catalog")).collect();
    for path in files {
        let Some(text) = draft.text_of(&path) else { continue };
        if let Some(text) = with_entry(&text, section, name, fields) {
            draft.edit(&path, text);
            return Ok(());
        }
    }
    let mut path = PathBuf::from(format!("catalog/{section}.yaml"));
    if draft.text_of(&path).is_some() {
        path = format!("catalog/{section}-{name}.yaml").into();
    }
    let fields: String = fields.iter().map(|(key, value)| format!("    {key}: {value}\n")).collect();
    draft.create(ManifestKind::Catalog, path, format!("{section}:\n  {}:\n{fields}", scalar(name)))
}

/// The text of a catalog with one more entry, where it has such a section as a block.
fn with_entry(text: &str, section: &str, name: &str, fields: &[(&str, String)]) -> Option<String> {
    let (documents, findings) = parse_yaml(FileId(0), text);
    let place =
        documents.iter().position(|document| document.get(section).is_some()).filter(|_| findings.is_empty())?;
    let Value::Mapping(entries) = &documents[place].get(section)?.value else { return None };
    let last = entries.last()?;
    let start = last.key.span.start as usize;
    let indent = &text[line_start(text, start)..start];
    if indent.is_empty() || !indent.trim().is_empty() {
        return None;
    }
    let end = last.value.span.end.max(last.key.span.end) as usize;
    let is_in_one_line = text[last.value.span.start as usize..].starts_with('{');
    let name_written = scalar(name);
    let new = if is_in_one_line {
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        format!("{indent}{name_written}: {{ {} }}", fields.join(", "))
    } else {
        let fields = fields.iter().map(|(key, value)| format!("\n{indent}  {key}: {value}"));
        format!("{indent}{name_written}:{}", fields.collect::<String>())
    };
    let mut edits = Edits::default();
    edits.insert_line(text, end, &new);
    let edited = edits.apply(text);
    let wanted = with_value(&documents[place], section, name, fields)?;
    is_only_change(&documents, place, &wanted, &edited).then_some(edited)
}

/// The document as it should be read afterwards.
fn with_value(document: &Node, section: &str, name: &str, fields: &[(&str, String)]) -> Option<Node> {
    let written: String = fields.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    let value = parse_yaml(FileId(0), &written).0.into_iter().next()?;
    let mut document = document.clone();
    let Value::Mapping(sections) = &mut document.value else { return None };
    let section = sections.iter_mut().find(|entry| &*entry.key.value == section)?;
    let Value::Mapping(entries) = &mut section.value.value else { return None };
    entries.push(Entry { key: Spanned::new(name.into(), Span::whole(FileId(0))), value });
    Some(document)
}

fn is_only_change(before: &[Node], place: usize, wanted: &Node, edited: &str) -> bool {
    let (after, findings) = parse_yaml(FileId(0), edited);
    findings.is_empty()
        && after.len() == before.len()
        && before
            .iter()
            .zip(&after)
            .enumerate()
            .all(|(index, (before, after))| is_same(if index == place { wanted } else { before }, after))
}

/// Adds a topic to what a role reads or writes.
pub(super) fn let_role(draft: &mut Draft<'_>, role: &str, key: &'static str, topic: &str) {
    let Some(spec) = draft.workspace.catalog.roles.get(role) else { return };
    let path = draft.workspace.sources.file(spec.span.file).path.clone();
    match draft.text_of(&path).and_then(|text| with_topic(&text, role, key, topic)) {
        Some(text) => draft.edit(&path, text),
        None => draft.leave(format!("add `{topic}` to `{key}` of the role `{role}` in {}", shown(&path))),
    }
}

/// Has a role look after the dead letters of a topic.
pub(super) fn let_tend(draft: &mut Draft<'_>, role: &str, topic: &str) {
    let Some(spec) = draft.workspace.catalog.roles.get(role) else { return };
    if spec.dlq.as_ref().is_some_and(|dlq| dlq.means(topic)) {
        return;
    }
    let path = draft.workspace.sources.file(spec.span.file).path.clone();
    match draft.text_of(&path).and_then(|text| with_tended(&text, role, topic)) {
        Some(text) => draft.edit(&path, text),
        None => draft.leave(format!("add `{topic}` to `dlq: topics` of the role `{role}` in {}", shown(&path))),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn has(document: &Node, path: &[&str]) -> bool {
    path.iter().try_fold(document, |node, key| node.get(key)).is_some()
}

fn with_topic(text: &str, role: &str, key: &str, topic: &str) -> Option<String> {
    let path = ["roles", role, key];
    Addition::to(text, |document| has(document, &path))?.item(&path, &scalar(topic))
}

fn with_tended(text: &str, role: &str, topic: &str) -> Option<String> {
    let (of_role, topics) = (["roles", role], ["roles", role, "dlq", "topics"]);
    if let Some(addition) = Addition::to(text, |document| has(document, &topics)) {
        return addition.item(&topics, &scalar(topic));
    }
    let dlq = format!("{{ topics: [{}] }}", scalar(topic));
    Addition::to(text, |document| has(document, &of_role))?.entry(&of_role, "dlq", &dlq)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str) -> Option<String> {
        with_entry(text, "services", "new", &[("owner", "team".to_owned()), ("domain", "d".to_owned())])
    }

    #[test]
    fn an_entry_is_written_as_the_others_are() {
        let cases = [
            (
                "services:\n  # one\n  a:\n    owner: x # why\n\n# teams\nteams:\n  x: {}\n",
                "services:\n  # one\n  a:\n    owner: x # why\n  new:\n    owner: team\n    domain: d\n\n# teams\nteams:\n  x: {}\n",
            ),
            (
                "services:\n    a: { owner: x } # why\nteams: { x: {} }\n",
                "services:\n    a: { owner: x } # why\n    new: { owner: team, domain: d }\nteams: { x: {} }\n",
            ),
            ("services:\n  a: {owner: x}", "services:\n  a: {owner: x}\n  new: { owner: team, domain: d }"),
            (
                "services:\r\n  a: {owner: x}\r\n",
                "services:\r\n  a: {owner: x}\r\n  new: { owner: team, domain: d }\r\n",
            ),
        ];
        for (before, after) in cases {
            assert_eq!(added(before).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn what_would_change_something_else_is_not_done() {
        for text in ["services: { a: { owner: x } }\n", "services:\n", "teams:\n  x: {}\n", "services: [a]\n"] {
            assert_eq!(added(text), None, "{text}");
        }
        let block = "services:\n  a:\n    description: >-\n      Two\n      lines.\nteams:\n  x: {}\n";
        let after = added(block).expect("it is added");
        assert!(after.contains("      lines.\n  new:\n"), "{after}");
    }

    #[test]
    fn a_role_is_given_one_more_topic() {
        let add = |text: &str| with_topic(text, "ops", "reads", "a.b.v1");
        assert_eq!(
            add("roles:\n  ops:\n    reads:\n      - x.* # all\n    groups: [g]\n").as_deref(),
            Some("roles:\n  ops:\n    reads:\n      - x.* # all\n      - a.b.v1\n    groups: [g]\n")
        );
        assert_eq!(
            add("roles:\n  ops: { reads: [x.*] }\n").as_deref(),
            Some("roles:\n  ops: { reads: [x.*, a.b.v1] }\n")
        );
        assert_eq!(add("roles:\n  ops: { reads: &r [x], writes: *r }\n"), None);
        assert_eq!(add("roles:\n  ops: { writes: [x] }\n"), None);
    }

    #[test]
    fn a_role_looks_after_the_dead_letters_of_one_more_topic() {
        let tend = |text: &str| with_tended(text, "ops", "a.b.v1");
        assert_eq!(
            tend("roles:\n  ops: { owner: o, dlq: { topics: [x.*] } } # all\n").as_deref(),
            Some("roles:\n  ops: { owner: o, dlq: { topics: [x.*, a.b.v1] } } # all\n")
        );
        assert_eq!(
            tend("roles:\n  ops:\n    owner: o # who\n").as_deref(),
            Some("roles:\n  ops:\n    owner: o # who\n    dlq: { topics: [a.b.v1] }\n")
        );
        assert_eq!(tend("roles:\n  other: { owner: o }\n"), None);
    }
}
