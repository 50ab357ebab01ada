//! What is said of a part of a combined schema that has no counterpart.

use super::{incompatibilities, schema};
use crate::schema::{Incompatibility, Lack};

/// The one change that breaks, what stands at its place before and now, and what one of the two has not.
#[track_caller]
fn told(old: &str, new: &str) -> (Incompatibility, String, String) {
    let found = incompatibilities(&schema(new), &schema(old));
    let [one] = &found[..] else { panic!("{found:?}") };
    let (before, now) = (one.writer.clone().expect("a place"), one.reader.clone().expect("a place"));
    (one.clone(), old[before].to_owned(), new[now].to_owned())
}

fn choice(word: &str, parts: &[&str]) -> String {
    format!(r#"{{"{word}":[{}]}}"#, parts.join(","))
}

#[test]
fn the_nearest_part_and_what_of_it_breaks() {
    let cat =
        |length: u32| format!(r#"{{"title":"Cat","properties":{{"name":{{"type":"string","maxLength":{length}}}}}}}"#);
    for word in ["oneOf", "anyOf"] {
        let (found, before, now) = told(
            &choice(word, &[r#"{"type":"null"}"#, &cat(5), r#"{"type":"boolean"}"#]),
            &choice(word, &[r#"{"type":"boolean"}"#, r#"{"type":"integer"}"#, &cat(3)]),
        );
        assert_eq!((found.code, &*found.path), ("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "#/"));
        let expected = format!(
            "a part of `{word}` has no counterpart of its own that takes what it let pass: nearest to `{word}/1` (`Cat`) is \
             now `{word}/2` (`Cat`), where `/properties/name/maxLength` breaks: `maxLength` was `5` and is `3`: what was \
             written need not meet that"
        );
        assert_eq!(found.message, expected);
        assert_eq!((&*before, &*now), ("5", "3"));
    }
}

#[test]
fn the_part_that_was_changed_is_told_and_no_other() {
    // Told apart by a constant, which the registry does not compare: each part would take the place of another one.
    let part = |kind: &str, more: &str| {
        format!(
            r#"{{"properties":{{"kind":{{"const":"{kind}"}},{more}}},"required":["kind"],"additionalProperties":false}}"#
        )
    };
    let with = |length: u32| {
        let second = part("b", &format!(r#""x":{{"type":"string","maxLength":{length}}}"#));
        let others = [part("a", r#""x":{"type":"string"}"#), second, part("c", r#""x":{"type":"integer"}"#)];
        choice("oneOf", &others.each_ref().map(String::as_str))
    };
    let (found, before, now) = told(&with(10), &with(5));
    assert!(found.message.contains("`/properties/x/maxLength` breaks: `maxLength` was `10` and is `5`"), "{found:?}");
    assert_eq!((&*before, &*now), ("10", "5"));
}

#[test]
fn the_nearest_part_behind_references() {
    let of = |more: &str| {
        format!(
            r##"{{"properties":{{"pet":{{"$ref":"#/definitions/Pet"}}}},"definitions":{{
            "Pet":{{"oneOf":[{{"$ref":"#/definitions/Cat"}},{{"$ref":"#/definitions/Dog"}}]}},
            "Cat":{{"properties":{{"a":{{"type":"null"}}}},"additionalProperties":false}},
            "Dog":{{"properties":{{"b":{{"type":"null"}}}}{more},"additionalProperties":false}}}}}}"##
        )
    };
    let (old, new) = (of(""), of(r#","required":["b"]"#));
    let (found, before, now) = told(&old, &new);
    assert_eq!((found.code, &*found.path), ("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "#/properties/pet"));
    assert!(
        found.message.ends_with(
            "nearest to `oneOf/1` (`#/definitions/Dog`) is now `oneOf/1` (`#/definitions/Dog`), where `/required/b` \
             breaks: property `b` was optional and is required: records without it no longer fit"
        ),
        "{}",
        found.message
    );
    assert_eq!((&*before, &*now), (r#"{"type":"null"}"#, r#""b""#));
    assert_eq!(found.lacks, Some(Lack::Writer("`b` is not required here".to_owned())));
}

#[test]
fn a_cause_inside_a_cause() {
    let of = |length: u32| {
        let inner = choice("anyOf", &[r#"{"type":"null"}"#, &format!(r#"{{"type":"string","maxLength":{length}}}"#)]);
        format!(r#"{{"type":"object","oneOf":[{{"properties":{{"a":{inner}}}}},{{"type":"boolean"}}]}}"#)
    };
    let (found, before, now) = told(&of(5), &of(3));
    assert_eq!((found.code, &*found.path), ("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "#/"));
    assert_eq!(
        found.message,
        "a part of `type` with `oneOf` has no counterpart of its own that takes what it let pass: nearest to `oneOf/0` is \
         now `oneOf/0`, where at `/properties/a` nearest to `anyOf/1` is now `anyOf/1`, where `/maxLength` breaks: \
         `maxLength` was `5` and is `3`: what was written need not meet that"
    );
    assert_eq!((&*before, &*now), ("5", "3"));
}

#[test]
fn what_is_not_combined_and_the_nearest_part() {
    let text = |length: u32| format!(r#"{{"type":"string","maxLength":{length}}}"#);
    let (found, before, now) = told(&text(5), &choice("oneOf", &[r#"{"type":"null"}"#, &text(3)]));
    assert_eq!((found.code, &*found.path), ("TYPE_CHANGED", "#/"));
    assert_eq!(
        found.message,
        "the type was `string` and is `oneOf`: nearest to it is now `oneOf/1`, where `/maxLength` breaks: `maxLength` was \
         `5` and is `3`: what was written need not meet that"
    );
    assert_eq!((&*before, &*now), ("5", "3"));
    let (found, before, now) = told(&choice("allOf", &[r#"{"type":"null"}"#, &text(5)]), &text(3));
    assert_eq!(found.code, "TYPE_CHANGED");
    assert!(found.message.contains("nearest to `allOf/1` is now the whole, where `/maxLength`"), "{}", found.message);
    assert_eq!((&*before, &*now), ("5", "3"));
}

#[test]
fn the_part_that_is_gone_and_the_one_that_is_new() {
    let (text, null) = (r#"{"type":"string"}"#, r#"{"type":"null"}"#);
    let number = r#"{"type":"number","title":"Price"}"#;
    let (found, before, _) = told(&choice("oneOf", &[text, number, null]), &choice("oneOf", &[null, text]));
    assert_eq!((found.code, &*found.path), ("SUM_TYPE_NARROWED", "#/"));
    assert!(found.message.ends_with("no longer fits: gone is `oneOf/1` (`Price`)"), "{}", found.message);
    assert_eq!(before, number);
    let (found, _, now) = told(&choice("allOf", &[text, number]), &choice("allOf", &[number, null, text]));
    assert_eq!((found.code, &*found.path), ("PRODUCT_TYPE_EXTENDED", "#/"));
    assert!(found.message.ends_with("must be met: new is `allOf/1`"), "{}", found.message);
    assert_eq!(now, null);
}

/// What is in the text of another subject has no place in this one, and is told all the same.
#[test]
fn the_cause_lies_in_another_subject() {
    let text = r#"{"oneOf":[{"type":"null"},{"$ref":"a.json"}]}"#;
    let of =
        |length: u32| super::schema_with(text, &[("a.json", &format!(r#"{{"type":"string","maxLength":{length}}}"#))]);
    let found = incompatibilities(&of(3), &of(5));
    assert!(found[0].message.contains("(`a.json`), where `/maxLength` breaks"), "{}", found[0].message);
    assert_eq!(found[0].reader.clone().map(|range| &text[range]), Some(r#"{"$ref":"a.json"}"#));
}
