//! A resource as an expression sees it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::shape::{Absent, Holds, Shape};
use crate::source::Span;

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'w> {
    /// true or false.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Text.
    Text(Cow<'w, str>),
    /// Texts by key.
    Map(BTreeMap<Cow<'w, str>, Cow<'w, str>>),
    /// A list.
    List(Vec<Item<'w>>),
    /// A record.
    Record(Record<'w>),
}

/// A resource, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'w> {
    /// What fields it has.
    pub shape: &'static Shape,
    fields: Vec<Held<'w>>,
    used: Fields,
}

/// A set of fields of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields(u64);

#[derive(Debug, Clone, Default, PartialEq)]
struct Held<'w> {
    /// What is said of it; `None` where nothing is.
    value: Option<Item<'w>>,
    span: Option<Span>,
}

impl Fields {
    /// None.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(u64::MAX);

    /// Adds one.
    pub fn add(&mut self, index: usize) {
        self.0 |= 1 << index;
    }

    /// Adds others.
    pub fn extend(&mut self, others: Self) {
        self.0 |= others.0;
    }

    fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }
}

impl<'w> Record<'w> {
    /// A record of which nothing is said. Fields that are not `used` are never made.
    pub fn new(shape: &'static Shape, used: Fields) -> Self {
        Self { shape, fields: vec![Held::default(); shape.fields.len()], used }
    }

    /// Says what a field has.
    pub fn put(&mut self, name: &str, value: impl FnOnce() -> Option<Item<'w>>) {
        self.put_at(name, None, value);
    }

    /// The same, and where it is written.
    pub fn put_at(&mut self, name: &str, span: Option<Span>, value: impl FnOnce() -> Option<Item<'w>>) {
        let index = self.shape.index(name).unwrap_or_else(|| panic!("no field `{name}` of `{}`", self.shape.name));
        if self.used.has(index) {
            self.fields[index] = Held { value: value(), span };
        }
    }

    /// Where a field is written.
    pub fn span_of(&self, index: usize) -> Option<Span> {
        self.fields[index].span
    }

    /// Whether something is said of a field: what `has()` answers.
    pub fn has(&self, index: usize) -> bool {
        match &self.fields[index].value {
            Some(Item::Text(text)) => !text.is_empty(),
            Some(Item::List(items)) => !items.is_empty(),
            Some(Item::Map(entries)) => !entries.is_empty(),
            value => value.is_some(),
        }
    }

    /// What is said of a field.
    pub fn said(&self, index: usize) -> Option<&Item<'w>> {
        self.fields[index].value.as_ref()
    }

    /// What a field has that nothing is said of, where it has something.
    pub fn default(&self, index: usize) -> Option<Item<'static>> {
        let field = &self.shape.fields[index];
        Some(match (field.absent, field.holds) {
            (Absent::Unset, _) => return None,
            (Absent::Number(number), _) => Item::Int(number),
            (Absent::Text(text), _) => Item::Text(text.into()),
            (Absent::Empty, Holds::Bool) => Item::Bool(false),
            (Absent::Empty, Holds::Int | Holds::Millis | Holds::Bytes) => Item::Int(0),
            (Absent::Empty, Holds::Text) => Item::Text("".into()),
            (Absent::Empty, Holds::Texts | Holds::Records(_)) => Item::List(Vec::new()),
            (Absent::Empty, Holds::Map) => Item::Map(BTreeMap::new()),
        })
    }
}

impl<'w> Item<'w> {
    /// A list of texts.
    pub fn texts<T: Into<Cow<'w, str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }

    /// Text.
    pub fn text(text: impl Into<Cow<'w, str>>) -> Self {
        Self::Text(text.into())
    }
}
