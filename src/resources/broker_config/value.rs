//! Values of broker configs: how people write them, and when two are the same.

use std::borrow::Cow;

use crate::model::{Bytes, Duration};
use crate::plan::FieldValue;
use crate::resources::cluster::SUPER_USERS;
use crate::source::{Decoder, Node, Spanned, Value, is_secret_setting};

/// The text of a declared value as Kafka takes it: lists may be YAML's. `None` of what is no value.
pub fn text<'n>(key: &str, node: &'n Node) -> Option<Cow<'n, str>> {
    match &node.value {
        Value::Scalar { text, .. } => Some(Cow::Borrowed(text)),
        Value::Sequence(items) => {
            let words = items.iter().map(Node::scalar).collect::<Option<Vec<_>>>()?;
            // Subjects of certificates have commas.
            Some(words.join(if key == SUPER_USERS { ";" } else { "," }).into())
        }
        Value::Mapping(_) => None,
    }
}

/// The value of a config as Kafka takes it. Times and sizes may have units, lists may be YAML's.
pub fn decode(key: &Spanned<Box<str>>, node: &Node, decoder: &mut Decoder) -> Option<String> {
    let Some(raw) = text(key, node).filter(|_| !node.is_null()) else {
        decoder.wrong_type(node, "a value, or a sequence of words");
        return None;
    };
    let quantity = match unit_of(key) {
        Some(Unit::Time) => raw.parse::<Duration>().map(|time| time.0).map_err(|error| error.to_string()),
        Some(Unit::Size) => raw.parse::<Bytes>().map(|size| size.0).map_err(|error| error.to_string()),
        None => return Some(raw.into_owned()),
    };
    match quantity {
        Ok(number) => Some(number.to_string()),
        Err(message) => {
            decoder.not_meant(
                node.span,
                format!("`{}`: {message}", key.value),
                "write a number, or one with a unit",
                None,
            );
            None
        }
    }
}

enum Unit {
    Time,
    Size,
}

/// What the name of a config tells of its value.
fn unit_of(key: &str) -> Option<Unit> {
    match key.rsplit('.').next() {
        Some("ms") => Some(Unit::Time),
        Some("bytes") => Some(Unit::Size),
        _ => None,
    }
}

/// The one spelling of what a value means: brokers answer `1.0` for `1`, and lists have spaces or none.
pub fn meaning(raw: &str) -> String {
    let text = raw.trim();
    if let Ok(number) = text.parse::<i64>() {
        return number.to_string();
    }
    let is_number = text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    match text.parse::<f64>() {
        Ok(number) if is_number && number.is_finite() => return number.to_string(),
        _ => {}
    }
    match text.to_ascii_lowercase().as_str() {
        word @ ("true" | "false") => word.to_owned(),
        _ => text.split(',').map(str::trim).collect::<Vec<_>>().join(","),
    }
}

/// Whether two values mean the same.
pub fn is_same(a: &str, b: &str) -> bool {
    meaning(a) == meaning(b)
}

/// A value as plans have it. What looks like a secret is hidden.
pub fn shown(key: &str, value: &str) -> FieldValue {
    let human = match (unit_of(key), value.parse::<i64>()) {
        _ if is_secret_setting(key, value) => FieldValue::HIDDEN.to_owned(),
        (Some(Unit::Time), Ok(number)) => Duration(number).to_string(),
        (Some(Unit::Size), Ok(number)) => Bytes(number).to_string(),
        _ => value.to_owned(),
    };
    FieldValue::shown(value, human)
}

/// Whether a config is a limit of reassignments, which whoever moves replicas sets and takes away.
pub fn is_throttle(key: &str) -> bool {
    key.contains(".throttled.") || key == "replica.alter.log.dirs.io.max.bytes.per.second"
}

/// Whether a config names what one cluster alone has: its listeners, nodes, disks and users.
pub fn is_of_one_cluster(key: &str) -> bool {
    const NAMES: [&str; 8] = [
        "broker.id",
        "broker.rack",
        "log.dir",
        "log.dirs",
        "metadata.log.dir",
        "node.id",
        "process.roles",
        SUPER_USERS,
    ];
    key.contains("listener") || key.starts_with("controller.quorum.") || NAMES.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (a, b) in [("1", "1.0"), ("True", "true"), ("a, b", "a,b"), ("0604800000", "604800000"), ("1e3", "1000.0")]
        {
            assert!(is_same(a, b), "{a} {b}");
        }
        for (a, b) in [("1", "2"), ("a,b", "b,a"), ("nan", "NaN"), ("", "0")] {
            assert!(!is_same(a, b), "{a} {b}");
        }
    }
}
