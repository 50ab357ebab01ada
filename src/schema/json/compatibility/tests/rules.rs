//! Every rule by a pair of its own, in both directions.

use super::{breaks, changes, try_both};

#[test]
fn bounds_may_widen() {
    for (word, kind, is_upper, in_type) in [
        ("maxLength", "MAX_LENGTH", true, "string"),
        ("minLength", "MIN_LENGTH", false, "string"),
        ("maximum", "MAXIMUM", true, "number"),
        ("minimum", "MINIMUM", false, "integer"),
        ("exclusiveMaximum", "EXCLUSIVE_MAXIMUM", true, "number"),
        ("exclusiveMinimum", "EXCLUSIVE_MINIMUM", false, "number"),
        ("maxProperties", "MAX_PROPERTIES", true, "object"),
        ("minProperties", "MIN_PROPERTIES", false, "object"),
        ("maxItems", "MAX_ITEMS", true, "array"),
        ("minItems", "MIN_ITEMS", false, "array"),
    ] {
        let none = format!(r#"{{"type":"{in_type}"}}"#);
        let of = |bound: u32| format!(r#"{{"type":"{in_type}","{word}":{bound}}}"#);
        let found = |change: &str| vec![format!("{kind}_{change} #/{word}")];
        assert_eq!(breaks(&none, &of(3)), found("ADDED"));
        assert_eq!(changes(&of(3), &none), found("REMOVED"));
        assert_eq!(breaks(&of(3), &none), [""; 0]);
        let (wider, narrower) = if is_upper { (of(4), of(3)) } else { (of(3), of(4)) };
        let (up, down) = if is_upper { ("INCREASED", "DECREASED") } else { ("DECREASED", "INCREASED") };
        assert_eq!(changes(&narrower, &wider), found(up));
        assert_eq!(breaks(&narrower, &wider), [""; 0]);
        assert_eq!(breaks(&wider, &narrower), found(down));
    }
}

#[test]
fn numbers_are_compared_by_value() {
    let of = |digits: &str| format!(r#"{{"maximum":{digits},"type":"number"}}"#);
    assert_eq!(changes(&of("100"), &of("1e2")), [""; 0]);
    assert_eq!(breaks(&of("9007199254740993"), &of("9007199254740992")), ["MAXIMUM_DECREASED #/maximum"]);
}

#[test]
fn texts_and_numbers() {
    try_both(&[
        (
            r#"{"type":"string","pattern":"^a"}"#,
            r#"{"type":"string","pattern":"^b"}"#,
            &["PATTERN_CHANGED #/pattern"],
            &["PATTERN_CHANGED #/pattern"],
        ),
        (r#"{"type":"string","pattern":"^a"}"#, r#"{"type":"string"}"#, &[], &["PATTERN_ADDED #/pattern"]),
        (r#"{"type":"integer"}"#, r#"{"type":"number"}"#, &[], &["TYPE_NARROWED #/"]),
        (
            r#"{"type":"number","multipleOf":6}"#,
            r#"{"type":"number","multipleOf":2}"#,
            &[],
            &["MULTIPLE_OF_EXPANDED #/multipleOf"],
        ),
        (
            r#"{"type":"number","multipleOf":6}"#,
            r#"{"type":"number","multipleOf":4}"#,
            &["MULTIPLE_OF_CHANGED #/multipleOf"],
            &["MULTIPLE_OF_CHANGED #/multipleOf"],
        ),
        (r#"{"type":"number","multipleOf":6}"#, r#"{"type":"number"}"#, &[], &["MULTIPLE_OF_ADDED #/multipleOf"]),
        (r#"{"type":"string","format":"date"}"#, r#"{"type":"string","format":"time"}"#, &[], &[]),
    ]);
}

#[test]
fn types() {
    try_both(&[
        (r#"{"type":"string"}"#, r#"{"type":"integer"}"#, &["TYPE_CHANGED #/"], &["TYPE_CHANGED #/"]),
        (r#"{"type":"string"}"#, "{}", &[], &["TYPE_CHANGED #/"]),
        (r#"{"type":"string"}"#, "true", &[], &["TYPE_CHANGED #/"]),
        ("{}", "true", &[], &[]),
        ("false", r#"{"type":"string"}"#, &[], &["TYPE_CHANGED #/"]),
        (r#"{"type":"string"}"#, r#"{"type":["string","null"]}"#, &[], &["TYPE_CHANGED #/"]),
        (r#"{"type":["null","string"]}"#, r#"{"type":["string","null"]}"#, &[], &[]),
        (r#"{"type":["string","null"]}"#, r#"{"type":["string","null","integer"]}"#, &[], &["SUM_TYPE_NARROWED #/"]),
        (r#"{"const":"a"}"#, r#"{"enum":["a","b"]}"#, &["TYPE_CHANGED #/"], &["TYPE_CHANGED #/"]),
        (r#"{"const":"a"}"#, r#"{"const":"b"}"#, &[], &[]),
        (r#"{"maxLength":3}"#, r#"{"type":"string","maxLength":4}"#, &[], &["MAX_LENGTH_DECREASED #/maxLength"]),
    ]);
}

#[test]
fn values() {
    try_both(&[
        (r#"{"enum":["a","b"]}"#, r#"{"enum":["b","c","a"]}"#, &[], &["ENUM_ARRAY_NARROWED #/enum"]),
        (
            r#"{"enum":["a","b"]}"#,
            r#"{"enum":["a","c"]}"#,
            &["ENUM_ARRAY_CHANGED #/enum"],
            &["ENUM_ARRAY_CHANGED #/enum"],
        ),
        (r#"{"enum":[1,"b"]}"#, r#"{"enum":["b",1.0]}"#, &[], &[]),
        // A type with an `enum` is an `allOf` of both.
        (
            r#"{"type":"string","enum":["a"]}"#,
            r#"{"type":"string","enum":["a","b"]}"#,
            &[],
            &["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
        ),
        (r#"{"type":"string","enum":["a"]}"#, r#"{"type":"string"}"#, &[], &["TYPE_CHANGED #/"]),
    ]);
}

#[test]
fn properties_of_open_objects() {
    let empty = r#"{"type":"object","properties":{}}"#;
    try_both(&[
        (
            empty,
            r#"{"type":"object","properties":{"a":{"type":"string"}}}"#,
            &["OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a"],
            &[],
        ),
        (
            empty,
            r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#,
            &["REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a"],
            &[],
        ),
        (
            empty,
            r#"{"type":"object","properties":{"a":{"type":"string","default":""}},"required":["a"]}"#,
            &["REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a"],
            &[],
        ),
        (empty, r#"{"type":"object","properties":{"a":{}},"required":["a"]}"#, &[], &[]),
        (empty, r#"{"type":"object","properties":{"a":true}}"#, &[], &[]),
    ]);
}

#[test]
fn properties_of_closed_objects() {
    let empty = r#"{"type":"object","properties":{},"additionalProperties":false}"#;
    try_both(&[
        (
            empty,
            r#"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"#,
            &[],
            &["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a"],
        ),
        (
            empty,
            r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
            &["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/a"],
            &["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a"],
        ),
        (
            empty,
            r#"{"type":"object","properties":{"a":{"default":1}},"required":["a"],"additionalProperties":false}"#,
            &[],
            &["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a"],
        ),
        (empty, r#"{"type":"object","properties":{"a":false},"additionalProperties":false}"#, &[], &[]),
        // The old model counts for what is added, the new one for what is removed.
        (
            r#"{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":false}"#,
            r#"{"type":"object","properties":{"b":{"type":"null"}}}"#,
            &[],
            &[
                "ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties",
                "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/b",
                "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a",
            ],
        ),
    ]);
}

#[test]
fn properties_of_partly_open_objects() {
    let of = |properties: &str, rest: &str| format!(r#"{{"type":"object","properties":{{{properties}}},{rest}}}"#);
    let integers = r#""additionalProperties":{"type":"integer"}"#;
    let (none, fits) = (of("", integers), of(r#""a":{"type":"number"}"#, integers));
    assert_eq!(
        changes(&none, &fits),
        [
            "TYPE_EXTENDED #/properties/a",
            "PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/a",
            "OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/a",
        ]
    );
    assert_eq!(
        breaks(&fits, &none),
        ["TYPE_NARROWED #/properties/a", "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/a",]
    );
    let required = of(r#""a":{"type":"integer"}"#, &format!(r#"{integers},"required":["a"]"#));
    assert_eq!(breaks(&none, &required), ["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/a"]);
    assert_eq!(breaks(&required, &none), [""; 0]);
    // The first pattern that fits the name counts before the schema for the rest.
    let patterns = r#""patternProperties":{"^x-":{"type":"string"},"x":{"type":"null"}},"additionalProperties":false"#;
    let (none, text) = (of("", patterns), of(r#""x-a":{"type":"string"}"#, patterns));
    assert_eq!(breaks(&none, &text), [""; 0]);
    assert_eq!(breaks(&text, &none), [""; 0]);
    let other = of(r#""a":{"type":"string"}"#, patterns);
    assert_eq!(breaks(&none, &other), [""; 0]);
    assert_eq!(breaks(&other, &none), ["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a"]);
    // Schemas behind patterns are not compared.
    let changed = patterns.replace("string", "integer");
    assert_eq!(breaks(&none, &of("", &changed)), [""; 0]);
}

#[test]
fn the_rest_of_an_object() {
    let of = |rest: &str| format!(r#"{{"type":"object","additionalProperties":{rest}}}"#);
    let path = "#/additionalProperties";
    for (old, new, there, back) in [
        ("false", "true", None, Some("ADDITIONAL_PROPERTIES_REMOVED")),
        ("false", r#"{"type":"string"}"#, None, Some("ADDITIONAL_PROPERTIES_REMOVED")),
        (r#"{"type":"string"}"#, "true", None, Some("ADDITIONAL_PROPERTIES_NARROWED")),
        (r#"{"type":"integer"}"#, r#"{"type":"number"}"#, None, Some("TYPE_NARROWED")),
        (r#"{"type":"string"}"#, "{}", None, Some("TYPE_CHANGED")),
    ] {
        let (old, new) = (of(old), of(new));
        let expected = |kind: Option<&str>| kind.map(|kind| format!("{kind} {path}")).into_iter().collect::<Vec<_>>();
        assert_eq!(breaks(&old, &new), expected(there), "{old} → {new}");
        assert_eq!(breaks(&new, &old), expected(back), "{new} → {old}");
    }
}

#[test]
fn required_counts_for_properties_of_both() {
    let of = |required: &str| {
        format!(r#"{{"properties":{{"a":{{"type":"null"}},"b":{{"default":1}}}},"required":{required}}}"#)
    };
    assert_eq!(breaks(&of("[]"), &of(r#"["a"]"#)), ["REQUIRED_ATTRIBUTE_ADDED #/required/a"]);
    assert_eq!(changes(&of("[]"), &of(r#"["b"]"#)), ["REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED #/required/b"]);
    assert_eq!(changes(&of(r#"["a"]"#), &of("[]")), ["REQUIRED_ATTRIBUTE_REMOVED #/required/a"]);
    assert_eq!(changes(&of("[]"), &of(r#"["elsewhere"]"#)), [""; 0]);
    // Null is a default too.
    let null = of(r#"["b"]"#).replace(r#""default":1"#, r#""default":null"#);
    assert_eq!(breaks(&of("[]"), &null), [""; 0]);
}

#[test]
fn dependencies() {
    let of = |dependencies: &str| format!(r#"{{"type":"object","dependencies":{{{dependencies}}}}}"#);
    let found = |kind: &str| vec![format!("{kind} #/dependencies/a")];
    assert_eq!(breaks(&of(""), &of(r#""a":["b"]"#)), found("DEPENDENCY_ARRAY_ADDED"));
    assert_eq!(changes(&of(r#""a":["b"]"#), &of("")), found("DEPENDENCY_ARRAY_REMOVED"));
    assert_eq!(breaks(&of(r#""a":["b"]"#), &of(r#""a":["c","b"]"#)), found("DEPENDENCY_ARRAY_EXTENDED"));
    assert_eq!(changes(&of(r#""a":["c","b"]"#), &of(r#""a":["b"]"#)), found("DEPENDENCY_ARRAY_NARROWED"));
    assert_eq!(breaks(&of(r#""a":["c"]"#), &of(r#""a":["b"]"#)), found("DEPENDENCY_ARRAY_CHANGED"));
    assert_eq!(breaks(&of(""), &of(r#""a":{"type":"object"}"#)), found("DEPENDENCY_SCHEMA_ADDED"));
    assert_eq!(changes(&of(r#""a":{"type":"object"}"#), &of("")), found("DEPENDENCY_SCHEMA_REMOVED"));
    assert_eq!(
        breaks(&of(r#""a":{"type":"object"}"#), &of(r#""a":{"type":"object","minProperties":1}"#)),
        ["MIN_PROPERTIES_ADDED #/dependencies/a/minProperties"]
    );
}

#[test]
fn arrays() {
    try_both(&[
        (
            r#"{"type":"array","items":{"type":"integer"}}"#,
            r#"{"type":"array","items":{"type":"number"}}"#,
            &[],
            &["TYPE_NARROWED #/items"],
        ),
        (r#"{"type":"array","items":{"type":"integer"}}"#, r#"{"type":"array"}"#, &[], &["SCHEMA_ADDED #/items"]),
        (r#"{"type":"array","uniqueItems":true}"#, r#"{"type":"array"}"#, &[], &["UNIQUE_ITEMS_ADDED #/uniqueItems"]),
        (r#"{"type":"array","uniqueItems":false}"#, r#"{"type":"array"}"#, &[], &[]),
        (
            r#"{"type":"array","items":[{"type":"null"}]}"#,
            r#"{"type":"array","items":[{"type":"null"},{"type":"null"}]}"#,
            &["ITEM_ADDED_TO_OPEN_CONTENT_MODEL #/items/1"],
            &[],
        ),
        (r#"{"type":"array","items":[{"type":"null"}]}"#, r#"{"type":"array","items":[{"type":"null"},{}]}"#, &[], &[]),
        (
            r#"{"type":"array","items":[{}],"additionalItems":false}"#,
            r#"{"type":"array","items":[{},{"type":"null"}],"additionalItems":false}"#,
            &[],
            &["ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL #/items/1"],
        ),
        (
            r#"{"type":"array","items":[{}],"additionalItems":{"type":"integer"}}"#,
            r#"{"type":"array","items":[{},{"type":"number"}],"additionalItems":{"type":"integer"}}"#,
            &[],
            &["TYPE_NARROWED #/items/1", "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/items/1"],
        ),
        (
            r#"{"type":"array","items":[{}],"additionalItems":false}"#,
            r#"{"type":"array","items":[{}]}"#,
            &[],
            &["ADDITIONAL_ITEMS_REMOVED #/additionalItems"],
        ),
        (
            r#"{"type":"array","items":[{}],"additionalItems":{"type":"null"}}"#,
            r#"{"type":"array","items":[{}]}"#,
            &[],
            &["ADDITIONAL_ITEMS_NARROWED #/additionalItems"],
        ),
    ]);
}

#[test]
fn what_is_not_compared() {
    for (one, other) in [
        (r#"{"contains":{"type":"null"}}"#, r#"{"contains":{"type":"string"}}"#),
        (r#"{"propertyNames":{"maxLength":3}}"#, r#"{"propertyNames":{"maxLength":2}}"#),
        (r#"{"if":{"type":"null"}}"#, r#"{"if":{"type":"string"},"then":false}"#),
        (r#"{"type":"string","examples":["a"]}"#, r#"{"type":"string","$comment":"b"}"#),
    ] {
        assert_eq!(changes(one, other), [""; 0], "{one} → {other}");
    }
}

#[test]
fn words_about_a_schema_break_nothing() {
    let words = r#"{"type":"null","title":"a","description":"b","default":0,"$id":"http://example.org/a"}"#;
    let codes = ["ID_CHANGED #/", "TITLE_CHANGED #/", "DESCRIPTION_CHANGED #/", "DEFAULT_CHANGED #/"];
    assert_eq!(changes(r#"{"type":"null"}"#, words), codes);
    assert_eq!(breaks(words, r#"{"type":"null"}"#), [""; 0]);
}
