use std::collections::BTreeMap;

use super::evident::{enclose, is_on_one_line};
use super::{Entries, Entry, Node, Shape, Span, Spanned, Value};
use crate::diag::{Diagnostic, Fix, Level, Safety};

/// Collects what is wrong while manifests are decoded: every error of a file, not the first alone.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What was found so far.
    pub findings: Vec<Diagnostic>,
}

impl Decoder {
    /// Adds a finding.
    pub fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Reports a value of the wrong type.
    pub fn wrong_type(&mut self, node: &Node, expected: &str) {
        let mut finding = Diagnostic::new("BUS005", format!("expected {expected}, found {}", node.kind()))
            .at(node.span, format!("this is {}", node.kind()));
        let text = node.scalar().filter(|_| !node.is_null());
        let help = match (expected, text) {
            ("a string", Some(text)) => Some(format!("write it in quotes: \"{text}\"")),
            ("a sequence", Some(text)) => {
                // One of the two may be there already.
                let items = text.trim_matches(['[', ']', ' ', ',']);
                Some(format!("write it in brackets: [{}]", if items.is_empty() { "A, B" } else { items }))
            }
            ("a sequence", None) => Some("write a list: [A, B]".to_owned()),
            ("a mapping", _) => Some("write keys with values: { KEY: VALUE }".to_owned()),
            ("an integer", _) => Some("write a whole number, without quotes and without a unit".to_owned()),
            _ => None,
        };
        if let Some(help) = help {
            finding = finding.help(help);
        }
        let fix = match (expected, text) {
            ("a string", Some(_)) if !matches!(node.value, Value::Scalar { quoted: true, .. }) => {
                is_on_one_line(node).then(|| enclose(node.span, "\"", "\"", "write it in quotes"))
            }
            // What holds a comma may be several items, and what holds a bracket may be none.
            ("a sequence", Some(text)) if !text.contains([',', '[', ']', '{', '}']) => {
                is_on_one_line(node).then(|| enclose(node.span, "[", "]", "write it in brackets"))
            }
            _ => None,
        };
        self.report(finding.fix(fix));
    }

    /// Reports a value of the right type that means nothing here.
    pub fn bad_value(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::new("BUS006", message).at(span, "").help(help));
    }

    /// Reports a value of the right type that means nothing here, and what was probably meant.
    pub fn not_meant(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>, meant: Option<&str>) {
        let fix = meant.map(|meant| Fix::new(Safety::Guess, format!("write `{meant}`")).replace(span, meant));
        self.report(Diagnostic::new("BUS006", message).at(span, "").help(help).fix(fix));
    }

    /// Opens a mapping whose keys are known.
    pub fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &'static str,
        known: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        match &node.value {
            Value::Mapping(entries) => {
                for entry in entries {
                    let key = &*entry.key.value;
                    if !known.contains(&key) {
                        self.unknown_key(&entry.key, what, known, node);
                    }
                }
                Some(Fields { entries, span: node.span, what, known })
            }
            _ => {
                self.wrong_type(node, &format!("a mapping ({what})"));
                None
            }
        }
    }

    fn unknown_key(&mut self, key: &Spanned<Box<str>>, what: &str, known: &[&str], of: &Node) {
        let meant = closest(key, known.iter().copied());
        let help = match meant {
            Some(candidate) => format!("did you mean `{candidate}`?"),
            None => format!("keys of {what}: {}", known.join(", ")),
        };
        // What is there already is not written twice.
        let fix = meant
            .filter(|meant| of.get(meant).is_none())
            .map(|meant| Fix::new(Safety::Guess, format!("write `{meant}`")).replace(key.span, meant));
        let finding = Diagnostic::new("BUS004", format!("unknown key `{}` in {what}", key.value));
        self.report(finding.at(key.span, "").help(help).fix(fix));
    }
}

/// The candidate that `word` was probably meant to be.
pub(crate) fn closest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            // A name that goes on by several parts is another one: a dead letter queue is not its topic.
            let goes_on = |rest: &str| rest.matches('.').count() < 2;
            *distance <= allowed
                || (word.len() >= 4
                    && (candidate.starts_with(word) || word.strip_prefix(candidate).is_some_and(goes_on)))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A mapping that is being decoded.
pub struct Fields<'n> {
    pub(super) entries: &'n [Entry],
    pub(super) span: Span,
    pub(super) what: &'static str,
    known: &'static [&'static str],
}

impl Fields<'_> {
    /// Whether a key is written in another way, by a slip.
    fn is_mistyped(&self, key: &str) -> bool {
        let unknown =
            self.entries.iter().map(|entry| &*entry.key.value).filter(|written| !self.known.contains(written));
        unknown.into_iter().any(|written| closest(written, self.known.iter().copied()) == Some(key))
    }

    /// Decodes the value of `key`; `None` where it is wrong, or missing and required. The finding is made.
    pub fn field<T: Decode>(&self, key: &'static str, decoder: &mut Decoder) -> Option<T> {
        match self.entries.iter().find(|entry| &*entry.key.value == key) {
            Some(entry) if entry.value.is_null() => match T::absent() {
                Some(value) => Some(value),
                None => {
                    decoder.report(
                        Diagnostic::new("BUS007", format!("`{key}` has no value")).at(entry.key.span, "needs a value"),
                    );
                    None
                }
            },
            Some(entry) => T::decode(&entry.value, decoder),
            None => match T::absent() {
                Some(value) => Some(value),
                // The unknown key is told, and what it means.
                None if self.is_mistyped(key) => None,
                None => {
                    let start = Span {
                        end: self.entries.first().map_or(self.span.end, |entry| entry.key.span.end),
                        ..self.span
                    };
                    decoder.report(
                        Diagnostic::new("BUS007", format!("{} needs the key `{key}`", self.what))
                            .at(start, format!("no `{key}` here"))
                            .help(format!("add `{key}: …`"))
                            .fix(self.evident(key)),
                    );
                    None
                }
            },
        }
    }
}

/// A type that can be decoded from a YAML node.
pub trait Decode: Sized {
    /// Decodes the node; `None` where that is not possible, and then a finding has been made.
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self>;

    /// The value when the key is not there; `None` makes the key required.
    fn absent() -> Option<Self> {
        None
    }

    /// What it looks like.
    fn shape() -> Shape;
}

impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        T::decode(node, decoder).map(|value| Spanned::new(value, node.span))
    }

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        T::decode(node, decoder).map(Box::new)
    }

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        T::decode(node, decoder).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match &node.value {
            Value::Sequence(items) => {
                // Most have one item, and a vector that grows makes room for four.
                let mut decoded = Vec::with_capacity(items.len());
                decoded.extend(items.iter().filter_map(|item| T::decode(item, decoder)));
                Some(decoded)
            }
            _ => {
                decoder.wrong_type(node, "a sequence");
                None
            }
        }
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn shape() -> Shape {
        T::shape().list()
    }
}

impl<V: Decode> Decode for BTreeMap<Spanned<Box<str>>, V> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match &node.value {
            Value::Mapping(entries) => Some(
                entries
                    .iter()
                    .filter_map(|entry| V::decode(&entry.value, decoder).map(|value| (entry.key.clone(), value)))
                    .collect(),
            ),
            _ => {
                decoder.wrong_type(node, "a mapping");
                None
            }
        }
    }

    fn absent() -> Option<Self> {
        Some(BTreeMap::new())
    }

    fn shape() -> Shape {
        V::shape().map()
    }
}

impl<V: Decode> Decode for Entries<V> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match &node.value {
            Value::Mapping(entries) => {
                let decoded = entries
                    .iter()
                    .filter_map(|entry| V::decode(&entry.value, decoder).map(|value| (entry.key.clone(), value)));
                let mut decoded: Vec<_> = decoded.collect();
                decoded.sort_by(|(a, _), (b, _)| a.cmp(b));
                Some(decoded.into_boxed_slice())
            }
            _ => {
                decoder.wrong_type(node, "a mapping");
                None
            }
        }
    }

    fn absent() -> Option<Self> {
        Some(Box::default())
    }

    fn shape() -> Shape {
        V::shape().map()
    }
}

impl Decode for Node {
    fn decode(node: &Node, _: &mut Decoder) -> Option<Self> {
        Some(node.clone())
    }

    fn shape() -> Shape {
        Shape::Any
    }
}

impl Decode for String {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match &node.value {
            Value::Scalar { text, .. } if node.kind() == "a string" => Some(text.to_string()),
            _ => {
                decoder.wrong_type(node, "a string");
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl Decode for bool {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        match &node.value {
            Value::Scalar { text, quoted: false } if &**text == "true" => Some(true),
            Value::Scalar { text, quoted: false } if &**text == "false" => Some(false),
            _ => {
                // `True` is the same in every YAML; `yes` is a boolean in an older one alone.
                let fix = node.scalar().and_then(|text| match text.to_ascii_lowercase().as_str() {
                    "true" => Some((Safety::Safe, "true")),
                    "false" => Some((Safety::Safe, "false")),
                    "yes" | "on" => Some((Safety::Guess, "true")),
                    "no" | "off" => Some((Safety::Guess, "false")),
                    _ => None,
                });
                let fix =
                    fix.map(|(safety, word)| Fix::new(safety, format!("write `{word}`")).replace(node.span, word));
                decoder.report(
                    Diagnostic::new("BUS005", format!("expected a boolean, found {}", node.kind()))
                        .at(node.span, "")
                        .help("write true or false")
                        .fix(fix),
                );
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Boolean
    }
}

macro_rules! decode_integer {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
                let integer = match &node.value {
                    Value::Scalar { text, quoted: false } => text.parse::<i64>().ok(),
                    _ => None,
                };
                match integer.map(<$type>::try_from) {
                    Some(Ok(value)) => Some(value),
                    Some(Err(_)) => {
                        let range = format!("a whole number from {} to {}", <$type>::MIN, <$type>::MAX);
                        decoder.bad_value(node.span, "the number is out of range", format!("write {range}"));
                        None
                    }
                    None => {
                        decoder.wrong_type(node, "an integer");
                        None
                    }
                }
            }

            fn shape() -> Shape {
                Shape::Integer { least: i64::from(<$type>::MIN), most: i64::from(<$type>::MAX) }
            }
        }
    )*};
}
decode_integer!(i32, u16, u32, i64);

impl Decode for Level {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        decode_word(
            node,
            decoder,
            "level",
            &[("off", Level::Off), ("info", Level::Info), ("warn", Level::Warn), ("error", Level::Error)],
        )
    }

    fn shape() -> Shape {
        Shape::words([
            ("off", "The rule is switched off; its findings are not shown."),
            ("info", "Worth knowing."),
            ("warn", "Should be mended; does not stop anything."),
            ("error", "Stops `apply` and fails `validate`."),
        ])
    }
}

/// Decodes one of a few words.
pub(crate) fn decode_word<T: Copy>(
    node: &Node,
    decoder: &mut Decoder,
    what: &str,
    words: &[(&'static str, T)],
) -> Option<T> {
    let Some(text) = node.scalar() else {
        decoder.wrong_type(node, &format!("a word ({what})"));
        return None;
    };
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    // Where several are near, as those that differ in a number, only a slip says which one.
    let near = |word: &&str| closest(text, std::iter::once(*word)).is_some();
    let several = words.iter().map(|(word, _)| *word).filter(near).count() > 1;
    let is_slip = |word: &&str| strsim::damerau_levenshtein(&text.to_lowercase(), word) <= 1;
    let meant = closest(text, words.iter().map(|(word, _)| *word)).filter(|word| !several || is_slip(word));
    let help = match meant {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("one of: {}", words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")),
    };
    decoder.not_meant(node.span, format!("`{text}` is not a {what}"), help, meant);
    None
}

/// Implements [`Decode`] for a type that is written as one string and parsed by `FromStr`. A pattern, which the text of all
/// that is parsed matches, tells editors the same.
macro_rules! decode_from_str {
    ($type:ty, $help:expr) => {
        crate::source::decode_from_str!(@ $type, $help, None, |_| None);
    };
    ($type:ty, $help:expr, $pattern:expr) => {
        crate::source::decode_from_str!(@ $type, $help, Some($pattern), |_| None);
    };
    ($type:ty, $help:expr, $pattern:expr, $meant:expr) => {
        crate::source::decode_from_str!(@ $type, $help, Some($pattern), $meant);
    };
    (@ $type:ty, $help:expr, $pattern:expr, $meant:expr) => {
        impl crate::source::Decode for $type {
            fn decode(node: &crate::source::Node, decoder: &mut crate::source::Decoder) -> Option<Self> {
                let Some(text) = node.scalar() else {
                    decoder.wrong_type(node, "a string");
                    return None;
                };
                match text.parse::<$type>() {
                    Ok(value) => Some(value),
                    Err(error) => {
                        let meant: fn(&<$type as std::str::FromStr>::Err) -> Option<String> = $meant;
                        decoder.not_meant(node.span, error.to_string(), $help, meant(&error).as_deref());
                        None
                    }
                }
            }

            fn shape() -> crate::source::Shape {
                crate::source::Shape::parsed::<$type>($help, $pattern)
            }
        }
    };
}
pub(crate) use decode_from_str;

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn what_is_meant_is_near_and_no_part_of_another_name() {
        let near = |word| closest(word, ["media.ingested.v1", "retention", "partitions"].into_iter());
        assert_eq!(near("partitons"), Some("partitions"));
        assert_eq!(near("retention.ms"), Some("retention"));
        assert_eq!(near("media.ingested"), Some("media.ingested.v1"));
        // Following that would write dead letters into the topic that they come from.
        assert_eq!(near("media.ingested.v1.normalizer.dlq"), None);
    }
}
