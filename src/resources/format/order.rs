use std::path::Path;

use super::kinds::{is_manifest_key_order, keys_of};
use super::{comments, same};
use crate::source::edit::{Edits, line_end, line_start};
use crate::source::{Field, FileId, Node, Value, parse_yaml};

/// The text with the top-level keys of each document in the order of the reference; `None` where they stand so, or where
/// they cannot be moved without a change of meaning.
///
/// Comments above a key move with it, but for those at the start of a document, which speak of all of it. Blank lines
/// between keys stay where they are: they part groups.
pub fn ordered(path: Option<&Path>, text: &str) -> Option<String> {
    let (documents, findings) = parse_yaml(FileId(0), text);
    if !findings.is_empty() {
        return None;
    }
    let mut edits = Edits::default();
    let mut is_changed = false;
    for document in &documents {
        let Some(keys) = keys_of(path, document).filter(|keys| !is_manifest_key_order(document, keys)) else {
            continue;
        };
        let (start, end, moved) = moved(text, document, keys)?;
        edits.replace(start, end, moved);
        is_changed = true;
    }
    if !is_changed {
        return None;
    }
    let moved = edits.apply(text);
    let (after, findings) = parse_yaml(FileId(0), &moved);
    let is_same = findings.is_empty()
        && after.len() == documents.len()
        && documents.iter().zip(&after).all(|(a, b)| same::is_same(a, b))
        && comments::sorted(text) == comments::sorted(&moved);
    is_same.then_some(moved)
}

/// A key with its value, its comments and all: whole lines of the text.
struct Block<'t> {
    rank: usize,
    text: &'t str,
}

/// The part of the text that changes, and its new text.
fn moved(text: &str, document: &Node, keys: &[Field]) -> Option<(usize, usize, String)> {
    let Value::Mapping(entries) = &document.value else { return None };
    let starts: Option<Vec<(usize, usize)>> = entries
        .iter()
        .map(|entry| {
            let rank = keys.iter().position(|field| field.key == &*entry.key.value)?;
            Some((rank, entry.key.span.start as usize))
        })
        .collect();
    let starts = starts?;
    let column = |at: usize| at - line_start(text, at);
    let own = column(starts.first()?.1);
    let begins_line = |at: usize| text[line_start(text, at)..at].bytes().all(|byte| byte == b' ') && column(at) == own;
    if !starts.is_sorted_by_key(|(_, at)| *at) || !starts.iter().all(|(_, at)| begins_line(*at)) {
        return None;
    }
    let first = line_start(text, starts[0].1);
    let end = end_of_document(text, entries.last().map_or(first, |entry| entry.value.span.end as usize));
    let mut blocks = Vec::new();
    let mut gaps = Vec::new();
    let mut block = first;
    for (index, (rank, _)) in starts.iter().enumerate() {
        let next = starts.get(index + 1).map(|(_, at)| line_start(text, *at));
        let (value_ends, comments_start) =
            between(text, block.max(line_end(text, starts[index].1)), next.unwrap_or(end), own);
        blocks.push(Block { rank: *rank, text: &text[block..value_ends] });
        // What stands behind the last key ends the document.
        let gap_ends = if next.is_some() { comments_start } else { end };
        gaps.push(&text[value_ends..gap_ends]);
        block = comments_start;
    }
    blocks.sort_by_key(|block| block.rank);
    let mut moved = String::with_capacity(end - first + 1);
    for (block, gap) in blocks.iter().zip(gaps) {
        moved.push_str(block.text);
        if !block.text.ends_with('\n') {
            moved.push('\n');
        }
        moved.push_str(gap);
    }
    Some((first, end, moved))
}

/// Between the line of a key and that of the next one: where the lines of the value end, and where those comments start that
/// belong to the next key. Blank lines are in between.
fn between(text: &str, from: usize, to: usize, column: usize) -> (usize, usize) {
    let mut ends = to;
    while ends > from {
        let start = line_start(text, ends - 1);
        let line = text[start..ends].trim_end();
        let indent = line.len() - line.trim_start().len();
        let is_own = line.is_empty() || (line.trim_start().starts_with('#') && indent <= column);
        if !is_own || start < from {
            break;
        }
        ends = start;
    }
    let mut comments = ends;
    while comments < to && text[comments..line_end(text, comments)].trim().is_empty() {
        comments = line_end(text, comments);
    }
    (ends, comments)
}

/// Where the lines of a document end: before the next `---` or `...`, or with the text.
fn end_of_document(text: &str, from: usize) -> usize {
    let mut at = line_end(text, from.min(text.len()));
    while at < text.len() {
        let line = &text[at..line_end(text, at)];
        if line.starts_with("---") || line.starts_with("...") {
            break;
        }
        at += line.len();
    }
    at
}
