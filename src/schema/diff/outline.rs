//! What of a schema is compared: its parts, each with its attributes. One form for all formats.
//!
//! It holds everything that the canonical form holds: what differs there differs here.

use std::ops::Range;

use super::change::ChangeKind;

/// A schema as parts.
#[derive(Debug, Clone)]
pub(in crate::schema) struct Outline {
    /// The schema itself.
    pub root: Part,
    /// Types that have a name and may be used in several places: each is compared once.
    pub definitions: Vec<Part>,
}

/// A part of a schema.
#[derive(Debug, Clone)]
pub(in crate::schema) struct Part {
    pub noun: Noun,
    /// What tells it from the other parts of its noun beside it.
    pub id: String,
    /// What else it may have been before, where no part has its id: an alias, the name beside a number.
    pub also: Vec<String>,
    /// Its name, where another one would be a change.
    pub name: Option<String>,
    /// It in words: ``field``, ``enum `Status` ``.
    pub label: String,
    /// Where it is, as people name fields.
    pub path: String,
    /// What it is, in a few words; for those that are new or gone.
    pub shown: Option<String>,
    /// The bytes to point at.
    pub place: Range<usize>,
    /// All of its bytes.
    pub extent: Range<usize>,
    pub attributes: Vec<Attribute>,
    pub parts: Vec<Part>,
}

/// What kind of part it is. Parts are matched with those of the same noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::schema) enum Noun {
    /// A field whose place among the others has a meaning.
    Field,
    /// A field that is known by its name or number alone.
    Property,
    /// A type inside another: elements of an array, a branch of a union. That it is there is told by the type around it.
    Inner,
    /// A named type of Avro. That it is there is told by the types that use it.
    Type,
    /// A symbol or value of an enum.
    Symbol,
    /// A schema below a keyword, whose presence is told.
    Schema,
    /// A schema among others of a keyword, such as `oneOf`.
    Branch,
    Message,
    Enum,
    Oneof,
    Service,
    Method,
    Extension,
}

impl Noun {
    /// Whether the order of such parts has a meaning.
    pub fn is_ordered(self) -> bool {
        match self {
            Noun::Field | Noun::Inner | Noun::Symbol | Noun::Branch => true,
            Noun::Message | Noun::Enum | Noun::Service | Noun::Method => true,
            Noun::Property | Noun::Type | Noun::Schema | Noun::Oneof | Noun::Extension => false,
        }
    }

    /// Whether what is new or gone is told by something else.
    pub fn is_told_elsewhere(self) -> bool {
        matches!(self, Noun::Inner | Noun::Type)
    }
}

/// Something about a part.
#[derive(Debug, Clone)]
pub(in crate::schema) struct Attribute {
    /// What kind of change another value is.
    pub kind: ChangeKind,
    /// Its name, unique among those of the kind.
    pub name: String,
    /// Its value in the one spelling that is compared. Of a type: the names in it with `|` between them.
    pub value: String,
    /// Its value for people, where that is another text.
    pub shown: Option<String>,
    /// Its bytes, where it has some of its own.
    pub range: Option<Range<usize>>,
    /// The bytes that say it, where these stand apart from the part: a name in a list of JSON Schema's `required`.
    pub said: Option<Range<usize>>,
}

/// The longest path that is told in full, in bytes. Names may be as long as a schema, and a path stands in each part.
const MOST_PATH: usize = 512;

/// A path with another step; a long one keeps its end.
pub(in crate::schema) fn step(path: &str, separator: &str, name: &str) -> String {
    let separator = if path.is_empty() { "" } else { separator };
    let length = path.len() + separator.len() + name.len();
    if length <= MOST_PATH {
        return format!("{path}{separator}{name}");
    }
    let most = |text: &str, most: usize| text.ceil_char_boundary(text.len().saturating_sub(most));
    let name = &name[most(name, MOST_PATH)..];
    let path = &path[most(path, MOST_PATH - name.len())..];
    format!("…{}{separator}{name}", path.trim_start_matches('…'))
}

impl Part {
    /// A part without attributes and parts.
    pub fn new(noun: Noun, id: impl Into<String>, label: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            noun,
            id: id.into(),
            also: Vec::new(),
            name: None,
            label: label.into(),
            path: path.into(),
            shown: None,
            place: 0..0,
            extent: 0..0,
            attributes: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Says where it stands.
    pub fn at(mut self, place: Range<usize>, extent: Range<usize>) -> Self {
        self.place = place;
        self.extent = extent;
        self
    }
}

impl Attribute {
    /// An attribute with its value in the spelling that is compared.
    pub fn new(kind: ChangeKind, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { kind, name: name.into(), value: value.into(), shown: None, range: None, said: None }
    }

    /// Says what people read instead of the value.
    pub fn shown(mut self, shown: impl Into<String>) -> Self {
        self.shown = Some(shown.into());
        self
    }

    /// Says where it stands.
    pub fn at(mut self, range: Range<usize>) -> Self {
        self.range = Some(range);
        self
    }

    /// Says which bytes elsewhere say it.
    pub fn said_at(mut self, range: Option<Range<usize>>) -> Self {
        self.said = range;
        self
    }

    /// Its value for people.
    pub fn text(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.value)
    }
}
