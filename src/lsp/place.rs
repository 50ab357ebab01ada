use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::outline::{Outline, Role, Step, Word};
use crate::resources::is_schema;
use crate::resources::manifests::ManifestKind;
use crate::source::{FieldShape, Shape};

/// What stands at a place of a manifest.
#[derive(Debug, Clone)]
pub struct Place {
    /// The kind of manifest.
    pub(super) kind: ManifestKind,
    /// The topic that the document is the manifest of.
    pub(super) topic: Option<Arc<str>>,
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

/// What is known of a document of a file.
struct Document {
    kind: ManifestKind,
    topic: Option<Arc<str>>,
}

impl Place {
    /// What is at an offset of a file; `None` within comments and running text, and in a file that is no manifest.
    pub fn at(file: &Path, text: &str, at: usize) -> Option<Self> {
        if is_schema(file) {
            return None;
        }
        let at = text.floor_char_boundary(at);
        let outline = Outline::new(text, at);
        if let Some(word) = outline.word_at(at) {
            let words = outline.document(word.document);
            let keys = keys_of(words, &word.path).map(|key| text[key.span.clone()].to_owned()).collect();
            return Some(Self { keys, ..Self::of(word, &Document::new(file, text, words), text) });
        }
        if outline.is_prose(at) {
            return None;
        }
        let gap = outline.gap()?;
        let words = outline.document(gap.document);
        let Document { kind, topic } = Document::new(file, text, words);
        Some(Self {
            kind,
            topic,
            document: gap.document,
            path: gap.path.clone(),
            role: gap.role,
            span: at..at,
            word: String::new(),
            in_flow: gap.in_flow,
            keys: keys_of(words, &gap.path).map(|key| text[key.span.clone()].to_owned()).collect(),
        })
    }

    /// Every word of a file with its place.
    pub(super) fn all(file: &Path, text: &str) -> Vec<Self> {
        if is_schema(file) {
            return Vec::new();
        }
        let outline = Outline::new(text, usize::MAX);
        let documents = outline.words.chunk_by(|one, next| one.document == next.document);
        let places = documents.flat_map(|words| {
            let document = Document::new(file, text, words);
            words.iter().map(move |word| Self::of(word, &document, text))
        });
        places.collect()
    }

    fn of(word: &Word, document: &Document, text: &str) -> Self {
        Self {
            kind: document.kind,
            topic: document.topic.clone(),
            document: word.document,
            path: word.path.clone(),
            role: word.role,
            span: word.span.clone(),
            word: text[word.span.clone()].to_owned(),
            in_flow: word.in_flow,
            keys: Vec::new(),
        }
    }

    /// The path with keys as they are and `-` for items. A key ends it with `*`.
    pub(super) fn pattern(&self) -> Vec<&str> {
        let steps = self.path.iter().map(|step| match step {
            Step::Key(key) => &**key,
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
                (&self.path[..last], &**key)
            }
        };
        shapes_at(self.kind.shape(), path).into_iter().find_map(|shape| match shape {
            Shape::Mapping(mapping) => mapping.field(key),
            _ => None,
        })
    }
}

impl Document {
    fn new(file: &Path, text: &str, words: &[Word]) -> Self {
        let kind = ManifestKind::of(file, |key| keys_of(words, &[]).any(|word| &text[word.span.clone()] == key));
        let is_topic = |word: &&Word| {
            word.role == Role::Value && matches!(word.path.as_slice(), [Step::Key(key)] if **key == *"topic")
        };
        let topic = words.iter().find(is_topic).filter(|_| kind == ManifestKind::Topic);
        Self { kind, topic: topic.map(|word| Arc::from(&text[word.span.clone()])) }
    }
}

/// The keys of a mapping, among the words of its document.
fn keys_of<'o>(words: &'o [Word], path: &'o [Step]) -> impl Iterator<Item = &'o Word> {
    words.iter().filter(move |word| word.role == Role::Key && word.path == path)
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
