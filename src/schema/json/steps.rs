//! A record as a validator sees it, with each look at it counted.
//!
//! A schema of a few lines can try each part of a record so often that nobody sees the end: twice for each value, and so
//! twice as often for each that lies inside. How often nothing but the validator tells, for what it need not try depends on
//! the record. So it is counted while it looks, and shown nothing more once it has looked too often.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, cmp, unique};
use serde_json::{Map, Number, Value};

/// Looks at one record, up to which a validator may go on.
pub(super) const MOST_STEPS: u64 = 10_000_000;

/// What is read of a text for one step, times the size of the largest pattern, which may look at each of its own parts for
/// each byte.
const WORK_A_STEP: u64 = 128;

/// The looks that are left.
pub(super) struct Steps {
    left: Cell<u64>,
    pace: Pace,
}

/// What texts cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    /// The size of the largest pattern of the schema.
    pub(super) pattern: u64,
    /// Whether patterns look ahead or behind, and may do so at each byte.
    pub(super) looks_around: bool,
}

impl Pace {
    fn of(self, bytes: usize) -> u64 {
        let bytes = bytes as u64;
        let once = bytes.saturating_mul(self.pattern.max(1)) / WORK_A_STEP;
        // Looking around is quick for most of the bytes.
        if self.looks_around { once.saturating_mul(bytes / 8 + 1) } else { once }
    }
}

impl Steps {
    pub(super) fn new(most: u64, pace: Pace) -> Self {
        Self { left: Cell::new(most), pace }
    }

    /// Whether there are none left: what a validator said is then worth nothing.
    pub(super) fn are_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Takes some; whether there were as many.
    fn take(&self, steps: u64) -> bool {
        let left = self.left.get().saturating_sub(steps);
        self.left.set(left);
        left > 0
    }

    /// Takes what a comparison of two values can cost; whether there was as much.
    fn compare(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => self.take(1) && items.iter().all(|item| self.compare(item)),
            Value::Object(members) => self.take(1) && members.values().all(|value| self.compare(value)),
            Value::String(text) => self.take(1 + text.len() as u64 / WORK_A_STEP),
            _ => self.take(1),
        }
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::new(MOST_STEPS, Pace::default())
    }
}

/// JSON whose validators count.
pub(super) struct Counted;

/// A value that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Watched<'a> {
    what: What<'a>,
    steps: &'a Steps,
}

#[derive(Clone, Copy)]
enum What<'a> {
    Value(&'a Value),
    /// The name of a member, which is tried like a value.
    Name(&'a str),
}

/// The parts of a value that is looked at.
pub(super) struct Parts<'a, P> {
    parts: P,
    steps: &'a Steps,
}

impl<'a> Watched<'a> {
    pub(super) fn new(value: &'a Value, steps: &'a Steps) -> Self {
        Self { what: What::Value(value), steps }
    }

    /// The value, where it is not a name.
    fn value(&self) -> Option<&'a Value> {
        self.steps.take(1);
        match self.what {
            What::Value(value) => Some(value),
            What::Name(_) => None,
        }
    }
}

impl Json for Counted {
    type Node<'a> = Watched<'a>;
    type PreparedKey = String;
    type StringBuffer = Steps;

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut Steps, string: &str, f: impl FnOnce(Watched<'_>) -> T) -> T {
        f(Watched { what: What::Name(string), steps: buffer })
    }
}

impl<'a> Node<'a, Counted> for Watched<'a> {
    type Object = Parts<'a, &'a Map<String, Value>>;
    type Array = Parts<'a, &'a [Value]>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<Self::Object> {
        self.value()?.as_object().map(|parts| Parts { parts, steps: self.steps })
    }

    fn as_array(&self) -> Option<Self::Array> {
        self.value()?.as_array().map(|parts| Parts { parts: parts.as_slice(), steps: self.steps })
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let text = match self.what {
            What::Value(Value::String(text)) => text,
            What::Value(_) => return None,
            What::Name(name) => name,
        };
        // The pattern that would go through all of it need not.
        Some(Cow::Borrowed(if self.steps.take(1 + self.steps.pace.of(text.len())) { text } else { "" }))
    }

    fn as_number(&self) -> Option<&'a Number> {
        match self.value()? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        self.value()?.as_bool()
    }

    fn is_null(&self) -> bool {
        self.value().is_some_and(Value::is_null)
    }

    fn json_type(&self) -> JsonType {
        match self.value() {
            None | Some(Value::String(_)) => JsonType::String,
            Some(Value::Null) => JsonType::Null,
            Some(Value::Bool(_)) => JsonType::Boolean,
            Some(Value::Number(_)) => JsonType::Number,
            Some(Value::Array(_)) => JsonType::Array,
            Some(Value::Object(_)) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        let is_alike = match (self.what, expected) {
            (What::Value(Value::Array(items)), Value::Array(expected)) => items.len() == expected.len(),
            (What::Value(Value::Object(members)), Value::Object(expected)) => members.len() == expected.len(),
            (What::Value(Value::String(text)), Value::String(expected)) => text == expected,
            (What::Name(name), Value::String(expected)) => name == expected,
            (What::Value(value), _) => JsonType::from(value) == JsonType::from(expected),
            (What::Name(_), _) => false,
        };
        // What is not alike costs a look all the same.
        self.steps.take(1) && is_alike && self.steps.compare(expected) && cmp::equal(&self.to_value(), expected)
    }

    fn to_value(&self) -> Cow<'a, Value> {
        match self.what {
            What::Value(value) => Cow::Borrowed(value),
            What::Name(name) => Cow::Owned(Value::String(name.to_owned())),
        }
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self.what {
            What::Value(value) => Some(NodeIdentity::new(std::ptr::from_ref(value).addr())),
            What::Name(_) => None,
        }
    }
}

impl<'a> Object<'a, Counted> for Parts<'a, &'a Map<String, Value>> {
    type Node = Watched<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        self.parts.len()
    }

    fn get(&self, key: &String) -> Option<Watched<'a>> {
        if !self.steps.take(1) {
            return None;
        }
        self.parts.get(key).map(|value| Watched::new(value, self.steps))
    }

    fn members(&self) -> Members<'a> {
        Members(Parts { parts: self.parts.iter(), steps: self.steps })
    }

    fn try_for_each_name_node<B>(
        &self,
        _: &mut Steps,
        mut f: impl FnMut(Watched<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.members().try_for_each(|(name, _)| f(Watched { what: What::Name(name), steps: self.steps }))
    }
}

impl<'a> Array<'a, Counted> for Parts<'a, &'a [Value]> {
    type Node = Watched<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        self.parts.len()
    }

    fn elements(&self) -> Elements<'a> {
        Elements(Parts { parts: self.parts.iter(), steps: self.steps })
    }

    fn is_unique(&self) -> bool {
        self.parts.iter().all(|value| self.steps.compare(value)) && unique::is_unique(self.parts)
    }
}

/// The members of an object, as long as they may be looked at.
pub(super) struct Members<'a>(Parts<'a, serde_json::map::Iter<'a>>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Watched<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let Parts { parts, steps } = &mut self.0;
        let (name, value) = parts.next().filter(|(name, _)| steps.take(1 + steps.pace.of(name.len())))?;
        Some((name, Watched::new(value, steps)))
    }
}

/// The elements of an array, as long as they may be looked at.
pub(super) struct Elements<'a>(Parts<'a, std::slice::Iter<'a, Value>>);

impl<'a> Iterator for Elements<'a> {
    type Item = Watched<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let Parts { parts, steps } = &mut self.0;
        parts.next().filter(|_| steps.take(1)).map(|value| Watched::new(value, steps))
    }
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use serde_json::json;

    use super::*;

    fn is_valid(schema: &Value, record: &Value) -> bool {
        let counted: Validator<Counted> = jsonschema::options_for().build(schema).expect("a schema");
        let steps = Steps::new(MOST_STEPS, Pace { pattern: 8, looks_around: false });
        let says = counted.is_valid(Watched::new(record, &steps));
        assert!(!steps.are_spent());
        assert_eq!(jsonschema::is_valid(schema, record), says, "{schema} {record}");
        says
    }

    #[test]
    fn what_is_counted_is_seen_as_it_is() {
        let schemas = [
            json!({"type": ["object", "null"], "properties": {"a": {"const": [1, {"b": "c"}]}}, "required": ["a"]}),
            json!({"propertyNames": {"pattern": "^[a-c]+$", "enum": ["a", "b"]}, "additionalProperties": {"maxLength": 2}}),
            json!({"items": {"type": "integer", "minimum": 2}, "uniqueItems": true, "minItems": 1}),
            json!({"contains": {"enum": [2.0, "x", null]}}),
            json!({"patternProperties": {"^a": {"items": {"type": "string"}}}, "unevaluatedProperties": false,
                   "$schema": "https://json-schema.org/draft/2020-12/schema"}),
            json!({"type": "boolean"}),
        ];
        let records = [
            json!({"a": [1, {"b": "c"}]}),
            json!({"a": [1.0, {"b": "d"}]}),
            json!({"d": "xyz"}),
            json!({"b": "xy"}),
            json!([2, 3]),
            json!([2, 2.0]),
            json!(["x", "x"]),
            json!([]),
            json!(null),
            json!(true),
        ];
        let said: Vec<bool> =
            schemas.iter().flat_map(|schema| records.iter().map(move |record| is_valid(schema, record))).collect();
        assert!(said.contains(&true) && said.contains(&false));
    }

    #[test]
    fn nothing_is_seen_any_more_once_the_steps_are_spent() {
        let record = json!({"a": [1, 2, 3], "b": "text"});
        let steps = Steps::new(1, Pace::default());
        let watched = Watched::new(&record, &steps);
        let object = watched.as_object().expect("an object");
        assert!(steps.are_spent());
        assert_eq!((object.len(), object.members().count(), object.get(&"a".to_owned()).is_some()), (2, 0, false));
        assert!(!watched.equals_value(&record));
        assert_eq!(Watched::new(&record["b"], &steps).as_string().as_deref(), Some(""));
        assert_eq!(Watched::new(&record["a"], &steps).as_array().map(|array| array.elements().count()), Some(0));
    }
}
