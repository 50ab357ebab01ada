use std::ops::Range;
use std::path::Path;

use super::outline::{Outline, Role, Step};
use crate::resources::manifests::ManifestKind;
use crate::source::{FieldShape, Shape};

/// What stands at a place of a manifest.
#[derive(Debug, Clone)]
pub struct Place {
    /// The kind of manifest.
    pub(super) kind: ManifestKind,
    /// Which document of the file, from zero.
    pub(super) document: usize,
    /// Of a key, the path of its mapping; of a value, the path to it.
    pub(super) path: Vec<Step>,
    /// Whether it is a key.
    pub(super) role: Role,
    /// The word; where none is, the place.
    pub(super) span: Range<usize>,
    /// The word, or nothing.
    pub(super) word: String,
    /// Whether it is between brackets.
    pub(super) in_flow: bool,
    /// The keys that the mapping here has.
    pub(super) keys: Vec<String>,
}

impl Place {
    /// What is at an offset of a file; `None` within comments and running text.
    pub fn at(file: &Path, text: &str, at: usize) -> Option<Self> {
        let at = text.floor_char_boundary(at);
        let outline = Outline::new(text, at);
        if let Some(word) = outline.word_at(at) {
            let kind = kind_of(file, text, &outline, word.document);
            let keys = keys_of(text, &outline, word.document, &word.path);
            return Some(Self {
                kind,
                document: word.document,
                path: word.path.clone(),
                role: word.role,
                span: word.span.clone(),
                word: text[word.span.clone()].to_owned(),
                in_flow: word.in_flow,
                keys,
            });
        }
        if outline.is_prose(at) {
            return None;
        }
        let gap = outline.gap()?;
        Some(Self {
            kind: kind_of(file, text, &outline, gap.document),
            document: gap.document,
            path: gap.path.clone(),
            role: gap.role,
            span: at..at,
            word: String::new(),
            in_flow: gap.in_flow,
            keys: keys_of(text, &outline, gap.document, &gap.path),
        })
    }

    /// Every word of a file with its place.
    pub(super) fn all(file: &Path, text: &str) -> Vec<Self> {
        let outline = Outline::new(text, usize::MAX);
        let place = |word: &super::outline::Word| Self {
            kind: kind_of(file, text, &outline, word.document),
            document: word.document,
            path: word.path.clone(),
            role: word.role,
            span: word.span.clone(),
            word: text[word.span.clone()].to_owned(),
            in_flow: word.in_flow,
            keys: Vec::new(),
        };
        outline.words.iter().map(place).collect()
    }

    /// The path with keys as they are and `-` for items. A key ends it with `*`.
    pub(super) fn pattern(&self) -> Vec<&str> {
        let steps = self.path.iter().map(|step| match step {
            Step::Key(key) => key.as_str(),
            Step::Item => "-",
        });
        steps.chain((self.role == Role::Key).then_some("*")).collect()
    }

    /// What may stand here: of a key, the forms of its mapping.
    pub(super) fn shapes(&self) -> Vec<&'static Shape> {
        shapes_at(self.kind.shape(), &self.path)
    }

    /// The key here, or whose value this is, as its manifest describes it.
    pub(super) fn field(&self) -> Option<&'static FieldShape> {
        let (path, key) = match self.role {
            Role::Key => (self.path.as_slice(), self.word.as_str()),
            Role::Value => {
                let last = self.path.iter().rposition(|step| matches!(step, Step::Key(_)))?;
                let Step::Key(key) = &self.path[last] else { return None };
                (&self.path[..last], key.as_str())
            }
        };
        shapes_at(self.kind.shape(), path).into_iter().find_map(|shape| match shape {
            Shape::Mapping(mapping) => mapping.field(key),
            _ => None,
        })
    }
}

fn kind_of(file: &Path, text: &str, outline: &Outline, document: usize) -> ManifestKind {
    ManifestKind::of(file, |key| outline.keys(document, &[]).any(|word| &text[word.span.clone()] == key))
}

fn keys_of(text: &str, outline: &Outline, document: usize, path: &[Step]) -> Vec<String> {
    outline.keys(document, path).map(|word| text[word.span.clone()].to_owned()).collect()
}

/// The forms of what a path leads to.
fn shapes_at(shape: &'static Shape, path: &[Step]) -> Vec<&'static Shape> {
    let Some((step, rest)) = path.split_first() else { return shape.forms().iter().collect() };
    let inner = shape.forms().iter().filter_map(|form| match (form, step) {
        (Shape::Mapping(mapping), Step::Key(key)) => mapping.field(key).map(|field| &field.shape),
        (Shape::Map(value), Step::Key(_)) => Some(&**value),
        (Shape::List(item), Step::Item) => Some(&**item),
        _ => None,
    });
    inner.flat_map(|shape| shapes_at(shape, rest)).collect()
}
