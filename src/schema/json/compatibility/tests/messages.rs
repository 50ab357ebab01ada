//! What people read.

use super::super::ChangeKind;
use super::super::explain::explain;
use super::super::outcome::{Place, Places, Step};
use super::{breaks, differences, schema};
use crate::schema::text::read;

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
            &["the type was `string` or `null` and is `boolean` | let both pass: a list of types, or `anyOf`"],
        ),
        (
            r#"{"properties":{"a":{"type":"null"}},"additionalProperties":false}"#,
            r#"{"properties":{},"additionalProperties":false,"title":"b"}"#,
            &[
                "the title is new: `\"b\"` | ",
                "property `a` is gone and nothing unknown is allowed: records that have it no longer fit | keep it, or \
                 open the object: no `patternProperties`, and no `false` for `additionalProperties` and \
                 `unevaluatedProperties`",
            ],
        ),
        (
            r#"{"type":"string","enum":["a","b"]}"#,
            r#"{"type":"string","enum":["a"]}"#,
            &["a part of `type` with `enum` has no counterpart of its own that takes what it let pass: `/enum` \
                breaks: values are gone that may have been written: `\"b\"` | for each part of \
               the old schema keep one that takes all that it let pass"],
        ),
    ] {
        assert_eq!(told(old, new), expected, "{old} → {new}");
    }
}

/// Whoever follows the advice gets the registry's consent.
#[test]
fn the_advice_is_a_way_out() {
    for (old, refused, advice, taken) in [
        (
            r#"{"type":"string","pattern":"^a"}"#,
            r#"{"type":"string","pattern":"a"}"#,
            "keep the expression, or ask for none: the registry takes every other one for a narrower one",
            r#"{"type":"string"}"#,
        ),
        (
            r#"{"additionalProperties":{"type":"string"}}"#,
            r#"{"properties":{"a":{"type":"null"}},"additionalProperties":{"type":"string"}}"#,
            "let it take all that the schema of the others takes",
            r#"{"properties":{"a":{"type":["string","null"]}},"additionalProperties":{"type":"string"}}"#,
        ),
        (
            r#"{"properties":{"a":{"type":"null"}},"additionalProperties":{"type":"string"}}"#,
            r#"{"additionalProperties":{"type":"string"}}"#,
            "keep it, or let the schema of the others take all that it took",
            r#"{"additionalProperties":{"type":["string","null"]}}"#,
        ),
        (
            r#"{"type":"array"}"#,
            r#"{"type":"array","items":{}}"#,
            "leave it out: to the registry every schema asks for something, even `{}`",
            r#"{"type":"array"}"#,
        ),
        (
            r#"{"oneOf":[{"type":"null"},{"type":"string"}]}"#,
            r#"{"allOf":[{"type":"null"},{"type":"string"}]}"#,
            "keep the keyword, or take `anyOf`, with a part for each of the old ones",
            r#"{"anyOf":[{"type":"null"},{"type":"string"},{"type":"boolean"}]}"#,
        ),
        (
            r#"{"type":"number","multipleOf":6}"#,
            r#"{"type":"number","multipleOf":4}"#,
            "keep the number, or take one that divides it",
            r#"{"type":"number","multipleOf":2}"#,
        ),
        (
            r#"{"properties":{"a":{}},"additionalProperties":false}"#,
            r#"{"patternProperties":{"^b":{}}}"#,
            "keep it, or open the object: no `patternProperties`, and no `false` for `additionalProperties` and \
             `unevaluatedProperties`",
            "{\"properties\":{}}",
        ),
        (
            r#"{"type":"object"}"#,
            r#"{"type":"object","if":{"minProperties":1},"then":{"maxProperties":3}}"#,
            "keep the keywords that it had, and add none: the registry takes it for another type",
            r#"{"type":"object"}"#,
        ),
        ("{}", r#"{"type":"object"}"#, "ask for nothing there, as before", r#"{"title":"a"}"#),
    ] {
        let help = told(old, refused).into_iter().filter_map(|told| Some(told.split_once(" | ")?.1.to_owned()));
        let help: Vec<String> = help.filter(|help| !help.is_empty()).collect();
        assert!(help.iter().any(|help| help == advice), "{old} → {refused}: {help:?}");
        assert_eq!(breaks(old, taken), [""; 0], "{old} → {taken}");
    }
}

#[test]
fn a_type_that_is_the_same_in_name() {
    let object = r#"{"type":"object"}"#;
    let with = r#"{"type":"object","if":{"minProperties":1},"then":{"maxProperties":3}}"#;
    let said = |old: &str, new: &str| told(old, new)[0].split(" | ").next().unwrap_or_default().to_owned();
    assert_eq!(said(object, with), "`object` asks for more: `if`, `then`, which to the registry is another type");
    let not = r#"{"type":"string","not":{"const":""}}"#;
    assert_eq!(
        said(r#"{"type":"string","maxLength":3}"#, not),
        "`string` is without `maxLength`, and asks for `not`, which to the registry is another type"
    );
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
    let nothing = read("{}").expect("JSON").into_owned();
    let places = Places { writer: Place::MissingIn(&nothing), reader: Place::MissingIn(&nothing) };
    for kind in ChangeKind::ALL {
        for step in [Step::Here, Step::Word("items"), Step::Name("properties", "a"), Step::Index("items", 1)] {
            let (message, help) = explain(*kind, step, &places);
            assert!(!message.is_empty() && !message.ends_with('.'), "{}: {message}", kind.code());
            assert_eq!(help.is_some(), kind.breaks(), "{}", kind.code());
        }
    }
}
