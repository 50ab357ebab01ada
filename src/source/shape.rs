/// What a value looks like in a manifest. Every type that is decoded tells it, and the JSON Schemas of manifests, completion
/// and hover are made from it.
///
/// It never refuses what the decoder takes; it may take what the decoder refuses.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Any value.
    Any,
    /// What YAML takes for a string.
    Text,
    /// A scalar that is read from its text.
    Scalar(ScalarShape),
    /// One of a few words.
    Words(Vec<WordShape>),
    /// A whole number within bounds.
    Integer {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// true or false.
    Boolean,
    /// A sequence.
    List(Box<Shape>),
    /// A mapping whose keys the manifest chooses.
    Map(Box<Shape>),
    /// A mapping with known keys.
    Mapping(Box<MappingShape>),
    /// One of several forms.
    OneOf(Vec<Shape>),
}

/// A scalar that is read from its text.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalarShape {
    /// How it is written, for people.
    pub help: &'static str,
    /// What its text matches: an expression that JavaScript and Rust read alike.
    pub pattern: Option<&'static str>,
    /// Whether a text that YAML takes for a number is one too.
    pub numbers: bool,
    /// Whether `true` is one too.
    pub booleans: bool,
}

/// A word and what it means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WordShape {
    /// The word.
    pub word: &'static str,
    /// What it means; empty where nothing says it.
    pub doc: &'static str,
}

/// A mapping with known keys.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingShape {
    /// The name of the type, which is unique.
    pub name: &'static str,
    /// What it is, with its article: "a topic".
    pub what: &'static str,
    /// What it means.
    pub doc: String,
    /// Its keys.
    pub fields: Vec<FieldShape>,
    /// Whether it may have other keys too.
    pub open: bool,
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldShape {
    /// The key.
    pub key: &'static str,
    /// What it means.
    pub doc: String,
    /// Whether it must be there.
    pub required: bool,
    /// Its value.
    pub shape: Shape,
}

impl Shape {
    /// A scalar that is read from its text by `FromStr`.
    pub fn parsed<T: std::str::FromStr>(help: &'static str, pattern: Option<&'static str>) -> Self {
        let takes = |text: &str| text.parse::<T>().is_ok();
        Self::Scalar(ScalarShape { help, pattern, numbers: takes("1"), booleans: takes("true") })
    }

    /// One of a few words.
    pub fn words(words: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        Self::Words(words.into_iter().map(|(word, doc)| WordShape { word, doc: doc.trim() }).collect())
    }

    /// A sequence of it.
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// A mapping to it, with keys that the manifest chooses.
    pub fn map(self) -> Self {
        Self::Map(Box::new(self))
    }

    /// Its forms: itself, where it has one.
    pub fn forms(&self) -> &[Shape] {
        match self {
            Shape::OneOf(forms) => forms,
            shape => std::slice::from_ref(shape),
        }
    }

    /// Its form with known keys, where it has one.
    pub fn mapping(&self) -> Option<&MappingShape> {
        self.forms().iter().find_map(|form| match form {
            Shape::Mapping(mapping) => Some(&**mapping),
            _ => None,
        })
    }
}

impl MappingShape {
    /// A mapping, with the doc comments of its type and its fields.
    pub fn new(name: &'static str, what: &'static str, doc: &str, fields: Vec<FieldShape>) -> Self {
        Self { name, what, doc: prose(doc), fields, open: false }
    }

    /// The key of this name.
    pub fn field(&self, key: &str) -> Option<&FieldShape> {
        self.fields.iter().find(|field| field.key == key)
    }
}

impl FieldShape {
    /// A key, with the doc comment of its field.
    pub fn new(key: &'static str, doc: &str, required: bool, shape: Shape) -> Self {
        Self { key, doc: prose(doc), required, shape }
    }
}

/// The words of a doc comment, whose lines begin with a blank each.
fn prose(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}
