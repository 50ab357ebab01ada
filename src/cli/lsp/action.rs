//! What an editor may do to a file: mend a finding, write a waiver, format it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use gen_lsp_types as lsp;
use serde_json::{Value, json};

use super::convert;
use super::session::Session;
use crate::adapters::disk::SETTINGS_FILE;
use crate::lsp::{Encoding, FileEdit, Finding, LineTable, Position};
use crate::resources::format::format_manifest;
use crate::resources::waive::add_waiver;

/// A request for edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// What may be done about findings.
    Actions,
    /// The file as `busctl fmt` writes it.
    Formatting,
}

impl Wish {
    /// Every wish with the protocol's name.
    pub const METHODS: [(&'static str, Self); 2] =
        [("textDocument/codeAction", Self::Actions), ("textDocument/formatting", Self::Formatting)];
}

/// The kind of all actions.
pub const QUICK_FIX: &str = "quickfix";

/// Answers a wish about an open file; null where nothing can be done.
pub fn answer(session: &mut Session, path: &Path, wish: Wish, params: &Value, encoding: Encoding) -> Value {
    match wish {
        Wish::Formatting => formatting(session, path, encoding),
        Wish::Actions => actions(session, path, params, encoding),
    }
}

fn formatting(session: &Session, path: &Path, encoding: Encoding) -> Value {
    let is_manifest = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let Some(document) = session.open.get(path).filter(|_| is_manifest) else { return Value::Null };
    // What is wrong with a text that cannot be formatted is among its findings.
    let Ok(after) = format_manifest(Some(path), &document.text) else { return Value::Null };
    match differing(&document.text, &after) {
        None => json!([]),
        Some((span, new)) => json!([text_edit(&document.text, span, new, encoding)]),
    }
}

/// The lines in which two texts differ.
fn differing<'a>(before: &str, after: &'a str) -> Option<(Range<usize>, &'a str)> {
    if before == after {
        return None;
    }
    let same = |a: &&str, b: &&str| a == b;
    let length = |(line, _): (&str, &str)| line.len();
    let lines = |text: &'_ str| text.split_inclusive('\n').count();
    let forwards = before.split_inclusive('\n').zip(after.split_inclusive('\n'));
    let head: Vec<usize> = forwards.take_while(|(a, b)| same(a, b)).map(length).collect();
    let start: usize = head.iter().sum();
    let most = lines(before).min(lines(after)) - head.len();
    let backwards = before.split_inclusive('\n').rev().zip(after.split_inclusive('\n').rev());
    let tail: usize = backwards.take(most).take_while(|(a, b)| same(a, b)).map(length).sum();
    Some((start..before.len() - tail, &after[start..after.len() - tail]))
}

fn actions(session: &mut Session, path: &Path, params: &Value, encoding: Encoding) -> Value {
    let only = params.pointer("/context/only").and_then(Value::as_array);
    let is_wanted =
        |kinds: &Vec<Value>| kinds.iter().filter_map(Value::as_str).any(|kind| QUICK_FIX == kind || kind.is_empty());
    let range = params.get("range").cloned().and_then(|range| serde_json::from_value::<lsp::Range>(range).ok());
    let Some(range) = range.filter(|_| only.is_none_or(is_wanted)) else { return json!([]) };
    let (text, findings) = session.findings(path);
    let lines = LineTable::new(&text);
    let offset = |at: lsp::Position| lines.offset(&text, Position { line: at.line, column: at.character }, encoding);
    let (start, end) = (offset(range.start), offset(range.end));
    let here: Vec<Finding> =
        findings.into_iter().filter(|finding| finding.span.start <= end && finding.span.end >= start).collect();
    let shown = convert::diagnostics(session, &text, &here, encoding);
    let mut mends = Vec::new();
    let mut waivers = Vec::new();
    for (finding, shown) in here.iter().zip(shown) {
        let action = |title: &str, is_preferred: bool, edit: Value| {
            json!({
                "title": title,
                "kind": QUICK_FIX,
                "diagnostics": [shown],
                "isPreferred": is_preferred,
                "edit": { "changes": edit },
            })
        };
        if let Some(mend) = &finding.mend
            && let Some(edit) = changes(session, &mend.edits, encoding)
        {
            mends.push(action(&mend.title, mend.is_safe, edit));
        }
        if let Some(waiver) = &finding.waiver {
            let settings = Path::new(SETTINGS_FILE);
            let edit = current(session, settings).and_then(|before| {
                let (span, new) = add_waiver(&before, waiver)?;
                changes(session, &[FileEdit { path: settings.into(), before, span, new }], encoding)
            });
            let title = format!("write a waiver of {} for {} into busctl.yaml", waiver.code, waiver.resource);
            waivers.extend(edit.map(|edit| action(&title, false, edit)));
        }
    }
    mends.extend(waivers);
    Value::Array(mends)
}

/// The text of a file as the editor has it, where it has it open; else as it was checked.
fn current(session: &Session, path: &Path) -> Option<Arc<str>> {
    let open = session.open.get(path).map(|document| document.text.clone());
    open.or_else(|| session.known.as_ref()?.text(path).cloned())
}

/// Edits by the addresses of files; none where a file has another text by now.
fn changes(session: &Session, edits: &[FileEdit], encoding: Encoding) -> Option<Value> {
    let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for FileEdit { path, before, span, new } in edits {
        if current(session, path)? != *before {
            return None;
        }
        changes.entry(session.uri(path)).or_default().push(text_edit(before, span.clone(), new, encoding));
    }
    Some(json!(changes))
}

fn text_edit(text: &str, span: Range<usize>, new: &str, encoding: Encoding) -> Value {
    json!({ "range": convert::range(text, &LineTable::new(text), span, encoding), "newText": new })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_differ_are_replaced() {
        for (before, after) in [
            ("a\nb\nc\n", "a\nx\nc\n"),
            ("a\nb\n", "a\nb\nb\n"),
            ("a\na\na\n", "a\na\n"),
            ("a", "a\n"),
            ("", "a\n"),
            ("a\r\nb\r\n", "a\r\nc\r\n"),
        ] {
            let (span, new) = differing(before, after).expect("they differ");
            let edited = format!("{}{new}{}", &before[..span.start], &before[span.end..]);
            assert_eq!(edited, after, "{before:?}");
        }
        assert_eq!(differing("a\nb\nc\n", "a\nx\nc\n"), Some((2..4, "x\n")));
        assert_eq!(differing("a\n", "a\n"), None);
    }
}
