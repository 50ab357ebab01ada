//! Answers to requests about a place of a file.

use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use serde::Serialize;
use serde_json::Value;

use super::session::{Document, Session};
use super::{convert, uri};
use crate::lsp::{Encoding, Known, LineTable, Place, Position, Target, complete, declarations, hover, references};

/// What is asked of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What may stand here.
    Completion,
    /// Where it is declared.
    Definition,
    /// What it means.
    Hover,
    /// Where it is used.
    References,
}

impl Question {
    /// Every question with the protocol's name.
    pub const METHODS: [(&'static str, Self); 4] = [
        ("textDocument/completion", Self::Completion),
        ("textDocument/definition", Self::Definition),
        ("textDocument/hover", Self::Hover),
        ("textDocument/references", Self::References),
    ];
}

/// Where something is asked, and the file that is open there.
struct Asked<'s> {
    session: &'s Session,
    known: &'s Known,
    path: &'s Path,
    document: &'s Document,
    encoding: Encoding,
}

/// Answers a question about a place of an open file; null where nothing is known.
pub fn answer(
    session: &Session,
    path: &Path,
    question: Question,
    position: lsp::Position,
    with_declaration: bool,
    encoding: Encoding,
) -> Value {
    let (Some(known), Some(document)) = (&session.known, session.open.get(path)) else { return Value::Null };
    let text = &*document.text;
    let place = Position { line: position.line, column: position.character };
    let offset = LineTable::new(text).offset(text, place, encoding);
    let Some(place) = Place::at(path, text, offset) else { return Value::Null };
    let asked = Asked { session, known, path, document, encoding };
    match question {
        Question::Completion => {
            json(convert::completions(text, complete(&known.workspace, &place, path, text), encoding))
        }
        Question::Hover => asked.hover(&place),
        Question::Definition => json(asked.locations(declarations(&known.workspace, &place, path))),
        Question::References => {
            let declared = if with_declaration { declarations(&known.workspace, &place, path) } else { Vec::new() };
            let used = references(&known.workspace, &place).into_iter().map(Target::Span);
            let mut all: Vec<_> = declared.into_iter().chain(used).collect();
            all.sort_unstable();
            all.dedup();
            json(asked.locations(all))
        }
    }
}

fn json(answer: impl Serialize) -> Value {
    // No map of the protocol's types has keys that are no texts.
    serde_json::to_value(answer).unwrap_or_default()
}

impl Asked<'_> {
    fn hover(&self, place: &Place) -> Value {
        let text = &*self.document.text;
        let Some(found) = hover(&self.known.workspace, place, self.path, text) else { return Value::Null };
        let range = convert::range(text, &LineTable::new(text), found.span, self.encoding);
        json(lsp::Hover { contents: convert::markdown(found.markdown).into(), range: Some(range) })
    }

    fn locations(&self, targets: Vec<Target>) -> Vec<lsp::Location> {
        let location = |target: Target| match target {
            Target::File(path) => lsp::Location { uri: self.session.uri(&path).into(), range: lsp::Range::default() },
            Target::Span(span) => {
                let file = self.known.workspace.sources.file(span.file);
                let span = span.start as usize..span.end as usize;
                let range = convert::range(&file.text, &LineTable::new(&file.text), span, self.encoding);
                lsp::Location { uri: self.session.uri(&file.path).into(), range }
            }
        };
        targets.into_iter().map(location).collect()
    }
}

/// The session and the path in it that an address means.
pub fn find<'s>(sessions: &'s [Session], address: &str) -> Option<(&'s Session, PathBuf)> {
    let path = uri::to_path(address)?;
    sessions.iter().find_map(|session| Some((session, session.relative(&path)?)))
}
