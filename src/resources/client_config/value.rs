//! Values of client configs: what people write with units, as clients take it.

use crate::model::{Bytes, Duration};
use crate::source::{Decoder, Node, Spanned, Value};

/// The value of a config as clients take it. Times and sizes may have units, lists may be YAML's.
pub(super) fn decode(key: &Spanned<Box<str>>, node: &Node, decoder: &mut Decoder) -> Option<String> {
    let raw = match &node.value {
        Value::Sequence(items) => {
            items.iter().map(Node::scalar).collect::<Option<Vec<_>>>().map(|words| words.join(","))
        }
        Value::Scalar { text, .. } if !node.is_null() => Some(text.to_string()),
        _ => None,
    };
    let Some(raw) = raw else {
        decoder.wrong_type(node, "a value, or a sequence of words");
        return None;
    };
    if raw.contains('\0') {
        decoder.bad_value(node.span, format!("`{}` has a NUL in it, which no client takes", key.value), "take it out");
        return None;
    }
    let is_size = ["bytes", "memory", "size"].iter().any(|word| key.value.rsplit('.').next() == Some(word));
    let quantity = match raw.parse::<i64>() {
        Ok(_) => return Some(raw),
        Err(_) if key.value.ends_with(".ms") => raw.parse::<Duration>().map(|time| time.0),
        Err(_) if is_size => raw.parse::<Bytes>().map(|size| size.0),
        Err(_) => return Some(raw),
    };
    match quantity {
        Ok(number) => Some(number.to_string()),
        Err(error) => {
            let meant = error.meant();
            let message = format!("`{}`: {error}", key.value);
            decoder.not_meant(node.span, message, "write a number, or one with a unit", meant.as_deref());
            None
        }
    }
}
