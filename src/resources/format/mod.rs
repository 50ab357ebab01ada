//! Manifests as `busctl fmt` writes them: one way to indent, quote and space, top-level keys in the order of the reference,
//! comments where they were. What is written means what was read, or nothing is written.

mod blanks;
mod comments;
mod kinds;
mod order;
mod same;

use std::path::Path;

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};

use crate::diag::Diagnostic;
use crate::source::edit::line_break;
use crate::source::{FileId, Node, parse_yaml};

pub use kinds::{is_manifest_key_order, keys_of};
pub use order::ordered;
pub use same::is_same;

/// Columns of a line, as in the sources of the tool itself. A collection in brackets that is wider is spread over lines.
const WIDTH: usize = 120;

/// Indentation up to which the formatter's library reads a text right.
const DEEPEST: usize = 60;

/// A comment that starts so keeps what follows as it is written.
const KEEP: &str = "busctl-fmt-ignore";

/// Texts are formatted until nothing changes, so that formatting again changes nothing. Most need one round.
const ROUNDS: usize = 4;

/// Why a text is left as it is.
#[derive(Debug, Clone, PartialEq)]
pub enum NotFormatted {
    /// It is no manifest yet. Places are of file 0.
    Broken(Vec<Diagnostic>),
    /// It is one, and cannot be formatted.
    Left(String),
}

/// Formats the text of a manifest. `path`, from the root of its workspace, says what kind of manifest it is; without one its
/// first key does.
///
/// # Errors
///
/// The text is not YAML, has a key twice, or would mean something else or lose a comment.
pub fn format_manifest(path: Option<&Path>, text: &str) -> Result<String, NotFormatted> {
    let newline = line_break(text);
    let unix = text.replace(newline, "\n");
    let (documents, findings) = parse_yaml(FileId(0), &unix);
    if !findings.is_empty() {
        // Of the text as it stands, so that places are in it.
        return Err(NotFormatted::Broken(parse_yaml(FileId(0), text).1));
    }
    if documents.is_empty() {
        return Ok(text.to_owned());
    }
    let mut formatted = unix.clone();
    for _ in 0..ROUNDS {
        let next = round(path, &formatted)?;
        if next == formatted {
            check(&documents, &unix, &formatted)?;
            return Ok(formatted.replace('\n', newline));
        }
        formatted = next;
    }
    Err(NotFormatted::Left("formatting it comes to no end".to_owned()))
}

fn round(path: Option<&Path>, text: &str) -> Result<String, NotFormatted> {
    let ordered = ordered(path, text).unwrap_or_else(|| text.to_owned());
    let is_deep = |line: &str| line.len() - line.trim_start_matches([' ', '-', '?', ':']).len() > DEEPEST;
    if let Some(index) = ordered.lines().position(is_deep) {
        return Err(NotFormatted::Left(format!("line {} is indented by more than {DEEPEST} columns", index + 1)));
    }
    let options = FormatOptions {
        layout: LayoutOptions { print_width: WIDTH, ..LayoutOptions::default() },
        language: LanguageOptions { ignore_comment_directive: KEEP.to_owned(), ..LanguageOptions::default() },
    };
    let print = |text: &str| {
        let kept = blanks::keep(text);
        // It is a library for editors, where a text that it cannot take costs nothing.
        let printed = std::panic::catch_unwind(|| pretty_yaml::format_text(&kept.text, &options));
        match printed {
            Ok(Ok(printed)) => Ok(comments::in_their_columns(text, kept.put_back(printed))),
            Ok(Err(error)) => Err(Some(error)),
            Err(_) => Err(None),
        }
    };
    print(&ordered).or_else(|error| {
        print(&comments::beside_what_follows(&ordered)).map_err(|_| {
            let place = match error {
                Some(error) => format!(" (line {})", line_of(&ordered, error.offset())),
                None => String::new(),
            };
            NotFormatted::Left(format!("the formatter cannot read it{place}, although it is YAML"))
        })
    })
}

/// That a formatted text means what the text did, and says what its comments said.
fn check(documents: &[Node], before: &str, after: &str) -> Result<(), NotFormatted> {
    let (formatted, findings) = parse_yaml(FileId(0), after);
    let is_same = findings.is_empty()
        && formatted.len() == documents.len()
        && documents.iter().zip(&formatted).all(|(a, b)| same::is_same(a, b));
    if !is_same {
        let differs = documents.iter().zip(&formatted).find_map(|(a, b)| same::first_difference(a, b));
        let place = differs.map(|at| format!(" (line {})", line_of(before, at))).unwrap_or_default();
        return Err(NotFormatted::Left(format!("formatted it would mean something else{place}")));
    }
    let (had, has) = (comments::sorted(before), comments::sorted(after));
    if had == has {
        return Ok(());
    }
    let lost = had.iter().find(|comment| !has.contains(*comment)).and_then(|comment| before.find(comment));
    let place = lost.map(|at| format!(" (line {})", line_of(before, at))).unwrap_or_default();
    Err(NotFormatted::Left(format!("formatted it would lose a comment{place}")))
}

/// The line of a place, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
