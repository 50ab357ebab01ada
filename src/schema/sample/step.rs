use std::fmt::Write as _;
use std::ops::Range;

use crate::schema::text::{Json, Value};

/// A step from a value to one of its parts, with the writer's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A field of a record.
    Field(String),
    /// An element of an array.
    Item(usize),
    /// A value of a map.
    Key(String),
}

/// A path as people write it: `tracks[0].title`.
pub fn shown(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        // Writing into a String cannot fail.
        match step {
            Step::Field(name) => _ = write!(out, "{}{name}", if out.is_empty() { "" } else { "." }),
            Step::Item(index) => _ = write!(out, "[{index}]"),
            Step::Key(key) => _ = write!(out, "{{{key}}}"),
        }
    }
    out
}

/// Where a part of a record stands in its text: as close as the text comes, for the value of a union may stand behind the
/// name of its branch, and Protobuf has two names for a field.
pub fn locate(record: &Json<'_>, path: &[Step]) -> Range<usize> {
    let mut value = record;
    for step in path {
        let found = match (step, &value.value) {
            (Step::Item(index), Value::Array(items)) => items.get(*index),
            (Step::Item(index), Value::Object(_)) => {
                inside(value).and_then(|inner| inner.as_array()).and_then(|items| items.get(*index))
            }
            (Step::Field(name) | Step::Key(name), _) => member(value, name).or_else(|| member(inside(value)?, name)),
            (Step::Item(_), _) => None,
        };
        let Some(found) = found else { break };
        value = found;
    }
    value.range.clone()
}

/// What stands behind the name of a branch.
fn inside<'j, 't>(value: &'j Json<'t>) -> Option<&'j Json<'t>> {
    match value.as_object()? {
        [only] => Some(&only.value),
        _ => None,
    }
}

fn member<'j, 't>(value: &'j Json<'t>, name: &str) -> Option<&'j Json<'t>> {
    let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
    value.get(name).or_else(|| {
        let name = plain(name);
        value.as_object()?.iter().find(|member| plain(&member.key) == name).map(|member| &member.value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::text::read;

    #[test]
    fn a_part_is_found_in_the_text() {
        let text = r#"{"a": {"n.R": {"list": {"array": [1, 22]}}}, "two_words": {"k": 3}}"#;
        let json = read(text).expect("JSON");
        let at = |path: &[Step]| text[locate(&json, path)].to_owned();
        let field = |name: &str| Step::Field(name.to_owned());
        let path = [field("a"), field("list"), Step::Item(1)];
        assert_eq!((at(&path), shown(&path)), ("22".to_owned(), "a.list[1]".to_owned()));
        let path = [field("twoWords"), Step::Key("k".to_owned())];
        assert_eq!((at(&path), shown(&path)), ("3".to_owned(), "twoWords{k}".to_owned()));
        assert_eq!(at(&[field("two_words"), field("x"), field("y")]), r#"{"k": 3}"#);
    }
}
