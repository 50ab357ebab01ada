//! Names of fields that are not what they look like: with characters that nobody sees, or written in two ways.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_general_category::{GeneralCategory, get_general_category};

use super::{ParsedSchema, json, protobuf};
use crate::source::is_unseen;

/// A name that is not what it looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    /// What is wrong with it, one sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: &'static str,
    /// Its bytes in the text.
    pub range: Option<Range<usize>>,
    /// Those of the name that it looks like.
    pub other: Option<Range<usize>>,
}

/// A name and its bytes in the text of the schema.
pub(super) type Name<'s> = (Cow<'s, str>, Option<Range<usize>>);

/// Names that are told.
const MOST_TOLD: usize = 20;

/// Names longer than this are not looked into.
const MOST_LOOKED_AT: usize = 1_000;

/// The names of a schema that was read from `text` which are not what they look like.
pub fn look_alikes(schema: &ParsedSchema, text: &str) -> Vec<LookAlike> {
    // Most schemas have no other characters, nor a way to write them.
    if text.is_ascii() && !text.contains('\\') {
        return Vec::new();
    }
    let mut found = Found::default();
    match schema {
        // Its names have the letters A to Z: others are refused.
        ParsedSchema::Avro(_) => {}
        ParsedSchema::Json(schema) => json::names(schema, &mut |names| found.look_at(names)),
        ParsedSchema::Protobuf(schema) => protobuf::names(schema, &mut |names| found.look_at(names)),
    }
    if let (Some(last), more @ 1..) = (found.told.last_mut(), found.untold) {
        last.message = format!("{} (and {more} more names like this)", last.message);
    }
    found.told
}

#[derive(Default)]
struct Found {
    told: Vec<LookAlike>,
    untold: usize,
}

impl Found {
    /// Looks at the names that stand beside each other.
    fn look_at(&mut self, names: &[Name<'_>]) {
        if names.iter().all(|(name, _)| is_plain(name)) {
            return;
        }
        let mut seen: HashMap<String, &Name<'_>> = HashMap::with_capacity(names.len());
        for name in names.iter().filter(|(name, _)| name.len() <= MOST_LOOKED_AT) {
            let (written, range) = name;
            if let Some(hidden) = hidden(written).next() {
                let (name, code) = (spelt(written), u32::from(hidden));
                self.add(LookAlike {
                    message: format!("the name `{name}` has a character that nobody sees: U+{code:04X}"),
                    help: "take it out: a field is found by its exact characters",
                    range: range.clone(),
                    other: None,
                });
            }
            match seen.get(&*looks(written)) {
                Some((other, place)) if other != written => self.add(LookAlike {
                    message: format!("the names `{}` and `{}` look the same and are two", spelt(other), spelt(written)),
                    help: "write a name in one way (NFC, accents and letters in one): a field is found by its exact characters",
                    range: range.clone(),
                    other: place.clone(),
                }),
                Some(_) => {}
                None => {
                    seen.insert(looks(written), name);
                }
            }
        }
    }

    fn add(&mut self, one: LookAlike) {
        if self.told.len() == MOST_TOLD {
            self.untold += 1;
        } else {
            self.told.push(one);
        }
    }
}

/// Whether every character can be seen, and written in one way.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// What people see of a name, however it is written.
fn looks(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !is_invisible(*c)).collect();
    ComposingNormalizerBorrowed::new_nfc().normalize(&seen).into_owned()
}

/// The characters of a name that nobody sees and that say nothing. A joiner between letters of a script that is written with
/// it, Persian for example, belongs to the word.
fn hidden(name: &str) -> impl Iterator<Item = char> {
    use GeneralCategory::{NonspacingMark, OtherLetter, SpacingMark};
    let joined = |c: Option<char>| {
        c.is_some_and(|c| matches!(get_general_category(c), OtherLetter | NonspacingMark | SpacingMark))
    };
    name.char_indices().filter_map(move |(at, c)| {
        let is_joiner = matches!(c, '\u{200c}' | '\u{200d}');
        let around = || joined(name[..at].chars().next_back()) && joined(name[at + c.len_utf8()..].chars().next());
        (is_invisible(c) && !(is_joiner && around())).then_some(c)
    })
}

/// Whether a character is not seen in a name, which needs no joiner between words, no variant of a sign and no other space.
fn is_invisible(c: char) -> bool {
    let is_for_scripts =
        matches!(c, '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}');
    is_unseen(c) || is_for_scripts || (c != ' ' && get_general_category(c) == GeneralCategory::SpaceSeparator)
}

/// A name with the characters in words that nobody sees or that can be written in two ways.
fn spelt(name: &str) -> String {
    use GeneralCategory::{NonspacingMark, SpacingMark};
    const MOST: usize = 80;
    let is_clear = |c: char| c.is_ascii_graphic() || c == ' ';
    let parts_of = |c: char| matches!(get_general_category(c), NonspacingMark | SpacingMark) || is_invisible(c);
    let mut shown: String = name
        .chars()
        .take(MOST)
        .map(|c| match is_clear(c) || !parts_of(c) {
            true => c.to_string(),
            false => format!("\\u{{{:x}}}", u32::from(c)),
        })
        .collect();
    if name.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{SchemaFormat, parse};

    #[track_caller]
    fn told(format: SchemaFormat, text: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let schema = parse(format, text, &[]).expect("a schema");
        let shown = |range: Option<Range<usize>>| range.map(|range| text[range].to_owned());
        let found = look_alikes(&schema, text).into_iter();
        found.map(|found| (found.message, shown(found.range), shown(found.other))).collect()
    }

    fn properties(names: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\":{{}}")).collect();
        format!(r#"{{"allOf":[{{"properties":{{{}}}}}]}}"#, names.join(","))
    }

    #[test]
    fn one_name_written_in_two_ways() {
        let found = told(SchemaFormat::Json, &properties(&["caf\u{e9}", "x", "cafe\u{301}"]));
        let message = "the names `café` and `cafe\\u{301}` look the same and are two";
        let places = (Some("\"cafe\u{301}\"".to_owned()), Some("\"caf\u{e9}\"".to_owned()));
        assert_eq!(found, [(message.to_owned(), places.0, places.1)]);
        // What must be there and what is described are the same names.
        let text = r#"{"properties":{"caf\u00e9":{}},"required":["cafe\u0301"]}"#;
        assert_eq!(told(SchemaFormat::Json, text).len(), 1);
        assert_eq!(told(SchemaFormat::Json, &text.replace("e\\u0301", "\\u00e9")), []);
        // Å as a letter and as the sign of a unit.
        assert_eq!(told(SchemaFormat::Json, &properties(&["\u{c5}", "\u{212b}"])).len(), 1);
        let proto = "syntax = \"proto3\"; message A { int32 x = 1 [json_name = \"\u{e9}\"]; \
                     int32 y = 2 [json_name = \"e\u{301}\"]; }";
        assert_eq!(told(SchemaFormat::Protobuf, proto).len(), 1);
    }

    #[test]
    fn characters_that_nobody_sees() {
        for (hidden, code) in [
            ("\u{200b}", "U+200B"),
            ("\u{202e}", "U+202E"),
            ("\u{feff}", "U+FEFF"),
            ("\u{a0}", "U+00A0"),
            ("\u{3164}", "U+3164"),
            ("\u{200c}", "U+200C"),
        ] {
            let found = told(SchemaFormat::Json, &properties(&[&format!("si{hidden}ze")]));
            assert!(found.len() == 1 && found[0].0.ends_with(code), "{found:?}");
            let found = told(SchemaFormat::Json, &properties(&["size", &format!("si{hidden}ze")]));
            assert_eq!(found.len(), 2, "{found:?}");
        }
    }

    #[test]
    fn words_of_many_languages() {
        let names = ["قیمت", "می\u{200c}شود", "naïve", "größe", "名前", "ключ", "with space", "क\u{94d}\u{200d}ष"];
        assert_eq!(told(SchemaFormat::Json, &properties(&names)), []);
    }

    #[test]
    fn of_many_some_are_told() {
        let names: Vec<String> = (0..30).map(|name| format!("{name}\u{200b}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = told(SchemaFormat::Json, &properties(&names));
        assert_eq!(found.len(), MOST_TOLD);
        assert!(found[MOST_TOLD - 1].0.ends_with("(and 10 more names like this)"));
    }
}
