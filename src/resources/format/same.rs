use std::collections::BTreeMap;

use crate::source::{Node, Value};

/// Whether two values mean the same: everything but places, the order of keys and the kind of quotes.
pub fn is_same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Scalar { text: a, quoted: a_quoted }, Value::Scalar { text: b, quoted: b_quoted }) => {
            a == b && a_quoted == b_quoted
        }
        (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Mapping(a), Value::Mapping(b)) => {
            let by_key: BTreeMap<&str, &Node> = b.iter().map(|entry| (&*entry.key.value, &entry.value)).collect();
            a.len() == b.len()
                && a.iter().all(|entry| by_key.get(&*entry.key.value).is_some_and(|b| is_same(&entry.value, b)))
        }
        _ => false,
    }
}

/// Where in the first of two values something begins that the second has otherwise.
pub fn first_difference(a: &Node, b: &Node) -> Option<usize> {
    if is_same(a, b) {
        return None;
    }
    let inner = match (&a.value, &b.value) {
        (Value::Sequence(a), Value::Sequence(b)) => a.iter().zip(b).find_map(|(a, b)| first_difference(a, b)),
        (Value::Mapping(a), Value::Mapping(b)) => a.iter().find_map(|entry| {
            let other = b.iter().find(|other| other.key.value == entry.key.value)?;
            first_difference(&entry.value, &other.value)
        }),
        _ => None,
    };
    inner.or(Some(a.span.start as usize))
}
