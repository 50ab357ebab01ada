//! Records as values of the expressions' library: fields are handed out when they are asked for, and nothing is copied.

use std::collections::HashMap;

use cel::ExecutionError;
use cel::common::traits::Indexer;
use cel::common::types::{CelBool, CelInt, CelList, CelMap, CelMapKey, CelString, Type};
use cel::common::value::{CowVal, Val};

use super::item::{Item, Record};

/// In front of a field's name: whether something is said of it, instead of what. No manifest can write it.
pub(super) const PRESENCE: char = '?';

static RECORD: Type = Type::new_unspecified_type("record");

/// A record.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordValue<'v>(pub &'v Record<'v>);

impl Val for RecordValue<'_> {
    fn get_type(&self) -> &Type {
        &RECORD
    }

    fn cel_type() -> &'static Type {
        &RECORD
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn into_indexer<'w>(self: Box<Self>) -> Option<Box<dyn Indexer + 'w>>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn equals(&self, _: &dyn Val) -> bool {
        false
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(*self)
    }
}

impl Indexer for RecordValue<'_> {
    fn get<'b, 'w>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        value_of(*self, key).map(CowVal::Owned)
    }

    fn steal<'w>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        value_of(*self, key)
    }
}

fn value_of<'w, 'v: 'w>(of: RecordValue<'v>, key: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError> {
    let name = key.downcast_ref::<CelString>().map_or("", |name| name.inner());
    let missing = || ExecutionError::no_such_key(name);
    if let Some(index) = name.strip_prefix(PRESENCE).and_then(|name| of.0.shape.index(name)) {
        return Ok(Box::new(CelBool::from(of.0.has(index))));
    }
    let index = of.0.shape.index(name).ok_or_else(missing)?;
    match of.0.said(index) {
        Some(item) => Ok(to_value(item)),
        None => of.0.default(index).map(owned_value).ok_or_else(missing),
    }
}

/// A value that borrows what it can.
fn to_value<'w, 'v: 'w>(item: &'v Item<'v>) -> Box<dyn Val + 'w> {
    match item {
        Item::Bool(value) => Box::new(CelBool::from(*value)),
        Item::Int(value) => Box::new(CelInt::from(*value)),
        Item::Text(text) => Box::new(CelString::from(&**text)),
        Item::List(items) => Box::new(CelList::from(items.iter().map(to_value).collect::<Vec<_>>())),
        Item::Record(record) => Box::new(RecordValue(record)),
        Item::Map(entries) => {
            let entry = |(key, text): (&'v std::borrow::Cow<'v, str>, &'v std::borrow::Cow<'v, str>)| {
                let value: Box<dyn Val + 'w> = Box::new(CelString::from(&**text));
                (CelMapKey::from(&**key), value)
            };
            Box::new(CelMap::from(entries.iter().map(entry).collect::<HashMap<_, _>>()))
        }
    }
}

/// The value of a field that nothing is said of: a number, a text, or something empty.
fn owned_value<'w>(item: Item<'static>) -> Box<dyn Val + 'w> {
    match item {
        Item::Bool(value) => Box::new(CelBool::from(value)),
        Item::Int(value) => Box::new(CelInt::from(value)),
        Item::Text(text) => Box::new(CelString::from(text.into_owned())),
        Item::List(_) | Item::Record(_) => Box::new(CelList::from(Vec::new())),
        Item::Map(_) => Box::new(CelMap::from(HashMap::new())),
    }
}
