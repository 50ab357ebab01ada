//! What people read.

use super::super::ChangeKind;
use super::super::explain::explain;
use super::super::outcome::{Places, Step};
use super::{differences, schema};

fn told(old: &str, new: &str) -> Vec<String> {
    let found = differences(&schema(new), &schema(old));
    found.into_iter().map(|found| [found.message, found.help.unwrap_or_default()].join(" | ")).collect()
}

#[test]
fn a_sentence_says_what_breaks_and_what_to_do() {
    for (old, new, expected) in [
        (
            r#"{"enum":["a","b",3]}"#,
            r#"{"enum":["b","c"]}"#,
            &[
                "values are gone that may have been written: `\"a\"`, `3`; new are `\"c\"` | keep the values that are gone",
            ][..],
        ),
        (
            r#"{"type":["string","null"]}"#,
            r#"{"type":"boolean"}"#,
            &[
                "the type was `string` or `null` and is `boolean` | let both pass (a list of types, or `anyOf`), or add a \
               property of another name",
            ],
        ),
        (
            r#"{"properties":{"a":{"type":"null"}},"additionalProperties":false}"#,
            r#"{"properties":{},"additionalProperties":false,"title":"b"}"#,
            &[
                "the title is new: `\"b\"` | ",
                "property `a` is gone and nothing unknown is allowed: records that have it no longer fit | keep it, or \
                 allow unknown properties: no `additionalProperties: false`",
            ],
        ),
        (
            r#"{"type":"string","enum":["a","b"]}"#,
            r#"{"type":"string","enum":["a"]}"#,
            &[
                "a part of `type` with `enum` has no counterpart of its own that takes what it let pass | for each part of \
               the old schema keep one that takes all that it let pass",
            ],
        ),
    ] {
        assert_eq!(told(old, new), expected, "{old} → {new}");
    }
}

#[test]
fn long_lists_and_values_are_cut() {
    let values = (0..50).map(|value| value.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(
        told(r#"{"enum":[0]}"#, &format!(r#"{{"enum":[{values}]}}"#)),
        ["values are new: `1`, `2`, `3`, `4`, `5` … | "]
    );
    let long = format!(r#"{{"pattern":"{}"}}"#, "x".repeat(5_000));
    assert!(told(r#"{"pattern":"y"}"#, &long)[0].len() < 300);
}

#[test]
fn every_kind_has_words() {
    for kind in ChangeKind::ALL {
        for step in [Step::Here, Step::Word("items"), Step::Name("properties", "a"), Step::Index("items", 1)] {
            let (message, help) = explain(*kind, step, &Places::default());
            assert!(!message.is_empty() && !message.ends_with('.'), "{}: {message}", kind.code());
            assert_eq!(help.is_some(), kind.breaks(), "{}", kind.code());
        }
    }
}
