//! What differs from draft to draft. Each side is read by its own.

use super::breaks;

const DRAFTS: [&str; 5] = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

fn of(draft: &str, words: &str) -> String {
    format!(r#"{{"$schema":"{draft}",{words}}}"#)
}

#[test]
fn drafts_are_compared_with_each_other() {
    let narrow = r#""type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false"#;
    let wide = r#""type":"object","properties":{"a":{"type":"number"}},"additionalProperties":false"#;
    for old in DRAFTS {
        for new in DRAFTS {
            assert_eq!(breaks(&of(old, narrow), &of(new, wide)), [""; 0], "{old} → {new}");
            assert_eq!(breaks(&of(old, wide), &of(new, narrow)), ["TYPE_NARROWED #/properties/a"], "{old} → {new}");
        }
    }
}

#[test]
fn exclusive_bounds_are_booleans_in_draft_4() {
    let of = |words: &str| of(DRAFTS[0], &format!(r#""type":"number",{words}"#));
    let (closed, open) = (of(r#""maximum":5"#), of(r#""maximum":5,"exclusiveMaximum":true"#));
    assert_eq!(breaks(&closed, &open), ["EXCLUSIVE_MAXIMUM_ADDED #/exclusiveMaximum"]);
    assert_eq!(breaks(&open, &closed), [""; 0]);
    assert_eq!(breaks(&closed, &of(r#""maximum":5,"exclusiveMaximum":false"#)), [""; 0]);
    let number = super::drafts::of(DRAFTS[2], r#""type":"number","maximum":5,"exclusiveMaximum":5"#);
    assert_eq!(breaks(&open, &number), [""; 0]);
}

#[test]
fn const_means_something_from_draft_6_on() {
    let text = r#"{"type":"string"}"#;
    let found: Vec<bool> = DRAFTS.iter().map(|draft| breaks(text, &of(draft, r#""const":"a""#)).is_empty()).collect();
    assert_eq!(found, [true, false, false, false, false]);
}

#[test]
fn conditions_mean_something_from_draft_7_on() {
    let text = r#"{"type":"string"}"#;
    let found: Vec<bool> = DRAFTS.iter().map(|draft| breaks(text, &of(draft, r#""if":{}"#)).is_empty()).collect();
    assert_eq!(found, [true, true, false, false, false]);
}

#[test]
fn tuples_have_two_spellings() {
    let old = of(DRAFTS[3], r#""type":"array","items":[{"type":"null"}],"additionalItems":{"type":"integer"}"#);
    let new = of(DRAFTS[4], r#""type":"array","prefixItems":[{"type":"null"}],"items":{"type":"integer"}"#);
    assert_eq!(breaks(&old, &new), [""; 0]);
    assert_eq!(breaks(&new, &old), [""; 0]);
    let more =
        of(DRAFTS[4], r#""type":"array","prefixItems":[{"type":"null"},{"type":"string"}],"items":{"type":"integer"}"#);
    assert_eq!(
        breaks(&old, &more),
        ["TYPE_CHANGED #/items/1", "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/items/1"]
    );
    let closed = of(DRAFTS[4], r#""type":"array","prefixItems":[{"type":"null"}],"items":false"#);
    assert_eq!(breaks(&new, &closed), ["ADDITIONAL_ITEMS_REMOVED #/additionalItems"]);
}

#[test]
fn what_2019_09_adds() {
    let of = |words: &str| of(DRAFTS[3], &format!(r#""type":"object"{words}"#));
    let path = "#/dependencies/a";
    assert_eq!(breaks(&of(""), &of(r#","dependentRequired":{"a":["b"]}"#)), [format!("DEPENDENCY_ARRAY_ADDED {path}")]);
    assert_eq!(
        breaks(&of(""), &of(r#","dependentSchemas":{"a":{"type":"object"}}"#)),
        [format!("DEPENDENCY_SCHEMA_ADDED {path}")]
    );
    let closed = of(r#","unevaluatedProperties":false"#);
    assert_eq!(breaks(&of(""), &closed), ["UNEVALUATED_PROPERTIES_REMOVED #/unevaluatedProperties"]);
    assert_eq!(breaks(&closed, &of(r#","unevaluatedProperties":false,"properties":{"a":{"type":"null"}}"#)), [""; 0]);
    // Before, these words meant nothing.
    let seven = r#"{"type":"object","unevaluatedProperties":false,"dependentRequired":{"a":["b"]}}"#;
    assert_eq!(breaks(r#"{"type":"object"}"#, seven), [""; 0]);
}

#[test]
fn formats_are_left_to_others_from_2019_09_on() {
    let parts = |format: &str| format!(r#""oneOf":[{{"type":"string"}},{{"type":"string"{format}}}]"#);
    let (once, twice) = (parts(""), parts(r#","format":"email""#));
    let found: Vec<bool> =
        DRAFTS.iter().map(|draft| breaks(&of(draft, &twice), &of(draft, &once)).is_empty()).collect();
    assert_eq!(found, [false, false, false, true, true]);
}

#[test]
fn what_is_taken_apart_gives_its_parts_away_from_2019_09_on() {
    let of = |draft: &str, values: &str| {
        of(draft, &format!(r#""oneOf":[{{"type":"string","enum":[{values}]}},{{"type":"null"}}]"#))
    };
    let changes = |draft| super::changes(&of(draft, r#""a""#), &of(draft, r#""a","b""#));
    assert_eq!(changes(DRAFTS[2]), ["ENUM_ARRAY_EXTENDED #/oneOf/0/allOf/1/enum"]);
    assert_eq!(changes(DRAFTS[4]), ["ENUM_ARRAY_EXTENDED #/oneOf/1/enum"]);
    // So that one part of an `enum` with its type is two.
    let plain = r#"{"type":"string","enum":["a"]}"#;
    let single = super::drafts::of(DRAFTS[4], &format!(r#""oneOf":[{plain}]"#));
    assert_eq!(breaks(plain, &single), ["COMBINED_TYPE_CHANGED #/"]);
    assert_eq!(breaks(plain, &super::drafts::of(DRAFTS[2], &format!(r#""anyOf":[{plain}]"#))).len(), 1);
    // One with the word `allOf` keeps them.
    let nested = r#""oneOf":[{"allOf":[{"type":"string"},{"enum":["a"]}]},{"type":"null"}]"#;
    let nested = |draft| super::drafts::of(draft, nested);
    assert_eq!(
        super::changes(&nested(DRAFTS[4]), &nested(DRAFTS[4]).replace(r#"["a"]"#, r#"["a","b"]"#)),
        ["ENUM_ARRAY_EXTENDED #/oneOf/0/allOf/1/enum"]
    );
}
