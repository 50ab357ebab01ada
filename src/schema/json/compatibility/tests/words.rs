//! `oneOf`, `anyOf`, `allOf` and `not`.

use super::{breaks, changes, try_both};

const TEXT: &str = r#"{"type":"string"}"#;

#[test]
fn sums_grow_and_products_shrink() {
    let of = |word: &str, parts: &[&str]| format!(r#"{{"{word}":[{}]}}"#, parts.join(","));
    let (text, whole, null) = (TEXT, r#"{"type":"integer"}"#, r#"{"type":"null"}"#);
    for word in ["oneOf", "anyOf"] {
        let (two, three) = (of(word, &[text, whole]), of(word, &[null, whole, text]));
        assert_eq!(changes(&two, &three), ["SUM_TYPE_EXTENDED #/"]);
        assert_eq!(breaks(&three, &two), ["SUM_TYPE_NARROWED #/"]);
        assert_eq!(changes(text, &two), ["SUM_TYPE_EXTENDED #/"]);
        assert_eq!(breaks(&two, text), ["TYPE_CHANGED #/"]);
    }
    let (two, three) = (of("allOf", &[text, whole]), of("allOf", &[null, whole, text]));
    assert_eq!(breaks(&two, &three), ["PRODUCT_TYPE_EXTENDED #/"]);
    assert_eq!(changes(&three, &two), ["PRODUCT_TYPE_NARROWED #/"]);
    assert_eq!(changes(&two, text), ["PRODUCT_TYPE_NARROWED #/"]);
    assert_eq!(breaks(text, &two), ["TYPE_CHANGED #/"]);
}

#[test]
fn each_part_needs_a_taker_of_its_own() {
    try_both(&[
        // 3 must go to 4 and 9 to 10, though 10 takes both.
        (
            r#"{"anyOf":[{"type":"string","maxLength":3},{"type":"string","maxLength":9}]}"#,
            r#"{"anyOf":[{"type":"string","maxLength":10},{"type":"string","maxLength":4}]}"#,
            &[],
            &["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
        ),
        (
            r#"{"oneOf":[{"type":"string"},{"type":"null"}]}"#,
            r#"{"oneOf":[{"type":"integer"},{"type":"null"}]}"#,
            &["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
            &["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
        ),
        (
            r#"{"oneOf":[{"type":"string"},{"type":"null"}]}"#,
            r#"{"oneOf":[{"type":"integer"},{"type":"null"},{"type":"boolean"}]}"#,
            &["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
            &["SUM_TYPE_NARROWED #/", "COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
        ),
    ]);
}

#[test]
fn from_one_word_to_another() {
    let of = |word: &str| format!(r#"{{"{word}":[{TEXT},{{"type":"null"}}]}}"#);
    for (old, new) in [("oneOf", "anyOf"), ("allOf", "anyOf")] {
        assert_eq!(changes(&of(old), &of(new)), ["COMBINED_TYPE_EXTENDED #/"]);
    }
    for (old, new) in [("anyOf", "oneOf"), ("anyOf", "allOf"), ("oneOf", "allOf"), ("allOf", "oneOf")] {
        assert_eq!(breaks(&of(old), &of(new)), ["COMBINED_TYPE_CHANGED #/"], "{old} → {new}");
    }
    let two = of("allOf");
    for word in ["oneOf", "anyOf", "allOf"] {
        let single = format!(r#"{{"{word}":[{TEXT}]}}"#);
        // Of one part it makes no difference how it is combined, nor whether at all.
        for other in ["oneOf", "anyOf", "allOf"] {
            assert_eq!(breaks(&single, &format!(r#"{{"{other}":[{TEXT}]}}"#)), [""; 0]);
        }
        assert_eq!(changes(&single, TEXT), [""; 0]);
        assert_eq!(changes(TEXT, &single), [""; 0]);
        assert_eq!(breaks(&two, &single), [""; 0], "{word}");
    }
}

#[test]
fn parts_that_repeat_others_count_once() {
    let of = |parts: &str| format!(r#"{{"oneOf":[{parts}]}}"#);
    let once = of(r#"{"type":"string"},{"type":"null"}"#);
    for twice in [
        r#"{"type":"string"},{"type":"null"},{"type":"string"}"#,
        // A format that nobody checks is none.
        r#"{"type":"string"},{"type":"null"},{"type":"string","format":"nonsense"}"#,
    ] {
        assert_eq!(breaks(&of(twice), &once), [""; 0], "{twice}");
    }
    for thrice in [
        r#"{"type":"string"},{"type":"null"},{"type":"string","format":"email"}"#,
        r#"{"type":"string"},{"type":"null"},{"type":"string","minLength":0}"#,
        r#"{"type":"string"},{"type":"null"},{"type":"string","title":"a"}"#,
        r#"{"type":"string"},{"type":"null"},{"type":"string","unknown":1}"#,
        r#"{"type":"string"},{"type":"null"},{"type":"string","default":null}"#,
    ] {
        assert_eq!(breaks(&of(thrice), &once), ["SUM_TYPE_NARROWED #/"], "{thrice}");
    }
    // Any two values of `const` are equal to registries.
    assert_eq!(breaks(&of(r#"{"const":1},{"const":2}"#), &of(r#"{"const":1}"#)), [""; 0]);
    // Expressions are equal to none.
    let patterns = of(r#"{"type":"string","pattern":"a"},{"type":"string","pattern":"a"}"#);
    let other = of(r#"{"type":"string","pattern":"a"}"#);
    assert_eq!(breaks(&patterns, &other), ["SUM_TYPE_NARROWED #/"]);
    // The order of `enum` counts, that of parts does not; and what a `$ref` says, not what it leads to.
    for (parts, repeats) in [
        (r#"{"enum":["a","b"]},{"enum":["b","a"]}"#, false),
        (r#"{"anyOf":[{"type":"null"},{"type":"string"}]},{"type":["string","null"]}"#, true),
        (r##"{"$ref":"#/definitions/A"},{"$ref":"#/definitions/A"}"##, true),
        (r##"{"$ref":"#/definitions/A"},{"$ref":"#/definitions/B"}"##, false),
        (r##"{"$ref":"#/definitions/A"},{"$ref":"#/definitions/A","maximum":3}"##, false),
        (r#"{"type":"number","maximum":1},{"type":"number","maximum":1.0}"#, false),
        (r#"{},true"#, false),
    ] {
        let schema = format!(r#"{{"oneOf":[{parts}],"definitions":{{"A":{{}},"B":{{}}}}}}"#);
        let two = changes(r#"{"oneOf":[{"enum":["x"]},{"enum":["y"]}]}"#, &schema);
        assert_eq!(two.contains(&"SUM_TYPE_NARROWED #/".to_owned()), repeats, "{parts}: {two:?}");
    }
    // With repetitions there are two, so that it is no longer a single part.
    assert_eq!(breaks(TEXT, r#"{"allOf":[{"type":"string"},{"type":"string"}]}"#), ["TYPE_CHANGED #/"]);
    assert_eq!(breaks(r#"{"anyOf":[{"type":"string"},{"type":"string"}]}"#, TEXT), ["TYPE_CHANGED #/"]);
}

#[test]
fn not_is_compared_the_other_way_round() {
    let of = |length: u32| format!(r#"{{"not":{{"type":"string","maxLength":{length}}}}}"#);
    assert_eq!(changes(&of(5), &of(3)), ["NOT_TYPE_NARROWED #/not"]);
    assert_eq!(breaks(&of(3), &of(5)), ["NOT_TYPE_EXTENDED #/not"]);
    let twice = |length: u32| format!(r#"{{"not":{}}}"#, of(length));
    assert_eq!(breaks(&twice(3), &twice(5)), [""; 0]);
    assert_eq!(breaks(&twice(5), &twice(3)), ["NOT_TYPE_EXTENDED #/not"]);
}

#[test]
fn a_type_beside_other_words_is_one_part_of_several() {
    try_both(&[
        (
            r#"{"type":"object","oneOf":[{"minProperties":1},{"maxProperties":3}]}"#,
            r#"{"type":"object","oneOf":[{"minProperties":1},{"maxProperties":4}]}"#,
            &[],
            &["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
        ),
        (r#"{"type":"string","not":{"const":""}}"#, r#"{"type":"string"}"#, &[], &["TYPE_CHANGED #/"]),
        // A keyword about another type is a part of its own, and so is a `format` of a number.
        (r#"{"type":"integer","format":"int32"}"#, r#"{"type":"integer"}"#, &[], &["TYPE_CHANGED #/"]),
        (
            r#"{"type":"string","maximum":3}"#,
            r#"{"type":"string","maximum":4}"#,
            &[],
            &["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
        ),
    ]);
}

#[test]
fn harmless_changes_inside_parts_have_the_writers_place() {
    let of = |length: u32| format!(r#"{{"anyOf":[{{"type":"null"}},{{"type":"string","maxLength":{length}}}]}}"#);
    assert_eq!(changes(&of(3), &of(4)), ["MAX_LENGTH_INCREASED #/anyOf/1/maxLength"]);
}

/// Which part takes a schema is tried out without keeping what is found; of the one that does, all is told.
#[test]
fn harmless_changes_of_the_part_that_takes_a_schema() {
    let of = |length: u32| format!(r#"{{"type":"string","maxLength":{length}}}"#);
    let choice = |length: u32| format!(r#"{{"oneOf":[{{"type":"null"}},{}]}}"#, of(length));
    assert_eq!(changes(&of(3), &choice(4)), ["MAX_LENGTH_INCREASED #/maxLength", "SUM_TYPE_EXTENDED #/"]);
    let titled = |title: &str| format!(r#"{{"oneOf":[{{"type":"null"}},{{"type":"string","title":"{title}"}}]}}"#);
    assert_eq!(changes(&titled("a"), &titled("b")), ["TITLE_CHANGED #/oneOf/1"]);
    // The same pair is tried in one place and told in another.
    let both = |old: &str, new: &str| {
        let of =
            |inner: &str| format!(r#"{{"properties":{{"a":{{"items":{inner}}},"b":{{"anyOf":[{inner},{TEXT}]}}}}}}"#);
        changes(&of(old), &of(new))
    };
    assert_eq!(
        both(&of(3), &of(4)),
        [
            "MAX_LENGTH_INCREASED #/properties/a/items/maxLength",
            "MAX_LENGTH_INCREASED #/properties/b/anyOf/0/maxLength"
        ]
    );
}
