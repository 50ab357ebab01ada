use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::concern;
use crate::schema::json::{incompatibilities, parse};
use crate::schema::{Category, Compatibility, Opinion, ParsedSchema, second_opinion};

fn schema(text: &str) -> ParsedSchema {
    ParsedSchema::Json(parse(text, &[]).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn opinions(old: &str, new: &str, category: Category) -> Vec<Opinion> {
    second_opinion(&schema(new), &schema(old), category, Compatibility::Backward)
}

fn found(old: &str, new: &str) -> Vec<String> {
    let found = opinions(old, new, Category::Source);
    let mut found: Vec<String> =
        found.iter().map(|told| format!("{} {}", told.incompatibility.code, told.incompatibility.path)).collect();
    found.sort();
    found
}

const X: &str = r#"{"properties":{"x":{"type":"string"}}}"#;

/// One pair for each concern, with nothing else in it, that the registry lets pass.
const PAIRS: &[(&str, &str, &str, &str)] = &[
    (
        "PROPERTY_RENAMED",
        "#/properties/y",
        r#"{"properties":{"x":{}}}"#,
        r#"{"properties":{"y":{"description":"D."}}}"#,
    ),
    ("PROPERTY_REMOVED", "#/", X, r#"{"properties":{}}"#),
    ("TITLE_CHANGED", "#/", r#"{"title":"A"}"#, r#"{"title":"B"}"#),
    ("CONST_CHANGED", "#/properties/x", r#"{"properties":{"x":{"const":1}}}"#, r#"{"properties":{"x":{"const":2}}}"#),
    ("FORMAT_ADDED", "#/properties/x", X, r#"{"properties":{"x":{"type":"string","format":"date"}}}"#),
    (
        "FORMAT_CHANGED",
        "#/items",
        r#"{"type":"array","items":{"type":"string","format":"date"}}"#,
        r#"{"type":"array","items":{"type":"string","format":"date-time"}}"#,
    ),
    (
        "FORMAT_REMOVED",
        "#/oneOf/1",
        r#"{"oneOf":[{"type":"null"},{"type":"string","format":"uuid"}]}"#,
        r#"{"oneOf":[{"type":"null"},{"type":"string"}]}"#,
    ),
    ("REQUIRED_ADDED", "#/", X, r#"{"properties":{"x":{"type":"string"}},"required":["y"]}"#),
    (
        "REQUIRED_WITH_DEFAULT_ADDED",
        "#/properties/x",
        X,
        r#"{"properties":{"x":{"type":"string","default":""}},"required":["x"]}"#,
    ),
    (
        "UNCOMPARED_CHANGED",
        "#/patternProperties/^a",
        r#"{"patternProperties":{"^a":{"type":"string"}}}"#,
        r#"{"patternProperties":{"^a":{"type":"integer"}}}"#,
    ),
    (
        "MODEL_OPENED",
        "#/",
        r#"{"type":"object","properties":{"x":{}},"additionalProperties":false}"#,
        r#"{"type":"object","properties":{"x":{}}}"#,
    ),
    (
        "DEFAULT_CHANGED",
        "#/properties/x",
        r#"{"properties":{"x":{"type":"integer","default":1}}}"#,
        r#"{"properties":{"x":{"type":"integer","default":2}}}"#,
    ),
    (
        "DEFAULT_REMOVED",
        "#/properties/x",
        r#"{"properties":{"x":{"type":"integer","default":1}}}"#,
        r#"{"properties":{"x":{"type":"integer"}}}"#,
    ),
    ("CONTENT_CHANGED", "#/properties/x", r#"{"properties":{"x":{"type":"string","contentEncoding":"base64"}}}"#, X),
    (
        "UNIT_CHANGED",
        "#/properties/x",
        r#"{"properties":{"x":{"type":"integer","x-unit":"ms"}}}"#,
        r#"{"properties":{"x":{"type":"integer","x-unit":"s"}}}"#,
    ),
];

#[test]
fn each_concern_is_voiced_alone_and_the_registry_is_silent() {
    for (code, path, old, new) in PAIRS {
        assert_eq!(found(old, new), [format!("{code} {path}")], "{old}\n{new}");
        assert_eq!(found(old, old), [] as [&str; 0], "{old}");
        let (ParsedSchema::Json(reader), ParsedSchema::Json(writer)) = (schema(new), schema(old)) else {
            unreachable!("both are JSON");
        };
        assert_eq!(incompatibilities(&reader, &writer), [], "{code}");
    }
    let voiced: BTreeSet<&str> = PAIRS.iter().map(|(code, ..)| *code).collect();
    assert_eq!(voiced, concern::ALL.iter().map(|concern| concern.code).collect(), "every concern has its pair");
}

#[test]
fn words_and_places() {
    let mut shown = String::new();
    for (_, _, old, new) in PAIRS {
        for told in opinions(old, new, Category::Source) {
            let found = &told.incompatibility;
            let text = |text: &str, range: &Option<std::ops::Range<usize>>| {
                range.clone().map_or("-".to_owned(), |range| text[range].to_owned())
            };
            let (now, before) = (text(new, &found.reader), text(old, &found.writer));
            let help = found.help.as_deref().unwrap_or_default();
            _ = writeln!(shown, "{}: {}\n  {help}\n  {before}\n  {now}", told.category(), found.message);
        }
    }
    insta::assert_snapshot!(shown, @r#"
    wire: property `x` is gone and `y` that asks for the same stands in its place: if it was renamed, consumers find nothing in records that have `x`
      keep `x` beside `y` until nobody reads it any more
      {}
      {"description":"D."}
    source: property `x` is gone, and code that uses it finds nothing
      mark it `deprecated` first
      {"type":"string"}
      -
    source: the title was `A` and is `B`: generated code is named after it, and so is the subject where it is named by record
      keep the title `A`
      "A"
      "B"
    wire: property `x`: `const` was `1` and is `2`: the registry does not look at it, and records that have the old value no longer fit
      keep `1`, or add a property of another name for `2`
      1
      2
    wire: property `x`: the format `"date"` is new: the registry does not look at it, and what was written need not have it
      make sure that records have had it all along
      {"type":"string"}
      "date"
    wire: `format` was `"date"` and is `"date-time"`: the registry does not look at it, and what was written need not have that form
      keep `"date"`, or add a property of another name for `"date-time"`
      "date"
      "date-time"
    source: the format `"uuid"` is gone: consumers rely on it no more
      keep the format `"uuid"`
      "uuid"
      {"type":"string"}
    wire: `y` is required now and is no property: the registry does not look at it, and records without it do not fit
      leave it optional
      {"properties":{"x":{"type":"string"}}}
      "y"
    wire: `x` is required now and has a default: the registry takes the default for it, validators refuse records without it
      leave it optional
      {"type":"string"}
      {"type":"string","default":""}
    wire: `patternProperties` asks for something else than before: the registry does not look into it, and what was written need not fit
      make sure that records fit, or keep it as it was
      {"type":"string"}
      {"type":"integer"}
    wire: unknown properties are allowed now: from here on no property can be added compatibly, and a mistyped name passes
      keep `additionalProperties: false`, and add properties when they come
      false
      {"type":"object","properties":{"x":{}}}
    wire: property `x`: `default` was `1` and is `2`: records without it are read otherwise
      keep `1`, or add a property of another name for `2`
      1
      2
    wire: property `x`: the default `1` is gone: records without it are read without a value
      keep the default `1`
      1
      {"type":"integer"}
    wire: property `x`: `contentEncoding` was `"base64"` and is unset: what was written is taken for something else
      keep `"base64"`
      "base64"
      {"type":"string"}
    wire: property `x`: `x-unit` was `"ms"` and is `"s"`: the numbers that were written count something else
      keep `"ms"`, or add a property of another name for `"s"`
      "ms"
      "s"
    "#);
}

#[test]
fn words_alone_and_what_only_grew_are_nothing_to_regret() {
    for (old, new) in [
        (X, r#"{"properties":{"x":{"type":"string","description":"D.","examples":["a"],"default":""}}}"#),
        (
            r#"{"properties":{"x":{"default":1.0}},"patternProperties":{"^a":{"type":"string"}}}"#,
            r#"{"patternProperties":{"^a":{"title":"T","type":"string"}},"properties":{"x":{"default":1}}}"#,
        ),
        (r#"{"oneOf":[{"const":1},{"const":2}]}"#, r#"{"oneOf":[{"const":2},{"const":1}]}"#),
        (r#"{"contains":{"type":"string"}}"#, "{}"),
    ] {
        assert_eq!(found(old, new), [] as [&str; 0], "{old}\n{new}");
    }
}

#[test]
fn a_default_does_not_make_old_records_valid() {
    let closed = |properties: &str, required: &str| {
        format!(r#"{{"properties":{{{properties}}},"required":[{required}],"additionalProperties":false}}"#)
    };
    let (x, y) = (r#""x":{"type":"string"}"#, r#""y":{"type":"string","default":""}"#);
    let (old, new) = (closed(x, ""), closed(&format!("{x},{y}"), r#""y""#));
    assert_eq!(found(&old, &new), ["REQUIRED_WITH_DEFAULT_ADDED #/properties/y"]);
    // What was required before, and what the registry refuses.
    for (old, new) in [
        (closed(y, r#""y""#), closed(&format!("{y},{x}"), r#""y""#)),
        (closed(x, ""), closed(x, r#""x""#)),
        (X.to_owned(), format!(r#"{{"properties":{{{x},{y}}},"required":["y"]}}"#)),
    ] {
        assert_eq!(found(&old, &new), [] as [&str; 0], "{old}\n{new}");
    }
}

#[test]
fn what_the_registry_refuses_is_not_repeated() {
    // The property that came may have been written as anything before.
    let renamed = r#"{"properties":{"y":{"type":"string"}}}"#;
    assert_eq!(found(X, renamed), [] as [&str; 0]);
}

#[test]
fn what_the_level_lets_pass_is_told() {
    let of = |more: &str| schema(&format!(r#"{{"properties":{{"x":{{"type":"string"{more}}}}}}}"#));
    let closed =
        |properties: &str| schema(&format!(r#"{{"properties":{{{properties}}},"additionalProperties":false}}"#));
    let codes = |new: &ParsedSchema, old: &ParsedSchema, level| -> Vec<&str> {
        let told = second_opinion(new, old, Category::Source, level);
        told.iter().map(|told| told.incompatibility.code).collect()
    };
    let (with, without) = (closed(r#""x":{"type":"string"},"y":{}"#), closed(r#""x":{"type":"string"}"#));
    for (level, found) in [
        (Compatibility::None, vec!["PROPERTY_REMOVED"]),
        (Compatibility::Forward, vec!["PROPERTY_REMOVED"]),
        (Compatibility::ForwardTransitive, vec!["PROPERTY_REMOVED"]),
        (Compatibility::Backward, vec![]),
        (Compatibility::Full, vec![]),
    ] {
        assert_eq!(codes(&without, &with, level), found, "{level}");
    }
    // That the same schema asks for something else besides hides nothing.
    let (new, old) = (of(r#","format":"date","maxLength":3"#), of(""));
    assert_eq!(codes(&new, &old, Compatibility::Backward), ["FORMAT_ADDED"]);
}

#[test]
fn how_many_elements_are_contained() {
    let of = |words: &str| {
        let draft = "https://json-schema.org/draft/2020-12/schema";
        format!(r#"{{"$schema":"{draft}","type":"array","contains":{{"type":"string"}}{words}}}"#)
    };
    for (old, new, is_told) in [
        ("", r#","minContains":2"#, true),
        (r#","minContains":0"#, "", true),
        (r#","minContains":2"#, r#","minContains":3"#, true),
        (r#","minContains":3"#, r#","minContains":2"#, false),
        ("", r#","minContains":1.0"#, false),
        ("", r#","maxContains":5"#, true),
        (r#","maxContains":5"#, r#","maxContains":4"#, true),
        (r#","maxContains":5"#, r#","maxContains":6"#, false),
        (r#","maxContains":5"#, "", false),
    ] {
        let expected: &[&str] = if is_told { &["UNCOMPARED_CHANGED #/"] } else { &[] };
        assert_eq!(found(&of(old), &of(new)), expected, "{old} → {new}");
    }
}

#[test]
fn references_are_followed_also_in_circles() {
    let tree = |default: u8| {
        format!(
            r##"{{"$ref":"#/definitions/T","definitions":{{"T":{{"properties":{{"left":{{"$ref":"#/definitions/T"}},
            "value":{{"type":"integer","default":{default}}}}}}}}}}}"##
        )
    };
    assert_eq!(found(&tree(0), &tree(1)), ["DEFAULT_CHANGED #/properties/value"]);
    // What was written out is defined elsewhere now, and nothing else has changed.
    let inline = r#"{"properties":{"x":{"type":"string","format":"date"}}}"#;
    let defined =
        r##"{"properties":{"x":{"$ref":"#/definitions/D"}},"definitions":{"D":{"type":"string","format":"date"}}}"##;
    assert_eq!(found(inline, defined), [] as [&str; 0]);
    assert_eq!(found(defined, inline), [] as [&str; 0]);
}

/// Schemas that are made to cost time: many members that are gone, or unknown, or alike.
#[test]
fn hostile_schemas_end() {
    let join = |count: usize, of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>().join(",");
    let properties = |name: &str| {
        let of = |index| format!(r#""{name}{index}":{{"description":"{name}"}}"#);
        format!(r#"{{"properties":{{{}}}}}"#, join(20_000, &of))
    };
    assert!(!found(&properties("a"), &properties("b")).is_empty());
    let unknown = |name: &str| format!("{{{}}}", join(20_000, &|index| format!(r#""{name}{index}":1"#)));
    assert_eq!(found(&unknown("a"), &unknown("b")), [] as [&str; 0]);
    let choices = |of: &str| {
        let part = |index| format!(r#"{{"const":{index},"title":"{of}"}}"#);
        format!(r#"{{"contains":{{"anyOf":[{}]}}}}"#, join(20_000, &part))
    };
    assert_eq!(found(&choices("a"), &choices("b")), ["UNCOMPARED_CHANGED #/contains"]);
}

/// A path holds each name around it, and stands in each opinion.
#[test]
fn long_names_do_not_multiply() {
    let nested = |default: u8| {
        let properties: Vec<_> =
            (0..12_000).map(|index| format!(r#""p{index}":{{"type":"integer","default":{default}}}"#)).collect();
        let inner = format!(r#"{{"properties":{{{}}}}}"#, properties.join(","));
        let long = "k".repeat(50_000);
        (0..40).fold(inner, |inner, _| format!(r#"{{"properties":{{"{long}":{inner}}}}}"#))
    };
    let [old, new] = [0, 1].map(|default| parse(&nested(default), &[]).expect("a schema"));
    let told = super::second_opinion(&new, &old, Category::Source);
    assert_eq!(told.len(), 10_001, "as many as are kept, and that there are more");
    let (last, rest) = told.split_last().expect("opinions");
    assert_eq!(last.incompatibility.code, "NOT_COMPARED");
    assert!(rest.iter().all(|opinion| opinion.incompatibility.path.len() < 530));
    assert!(rest[0].incompatibility.path.starts_with("#/…kkk"), "{}", rest[0].incompatibility.path);
}

#[test]
fn new_patterns_are_told_where_records_may_have_such_names() {
    let (open, closed) = (r#"{"type":"object"}"#, r#"{"type":"object","additionalProperties":false}"#);
    let told = ["UNCOMPARED_CHANGED #/patternProperties/^a"];
    assert_eq!(found(open, r#"{"type":"object","patternProperties":{"^a":{"type":"string"}}}"#), told);
    assert_eq!(found(open, r#"{"type":"object","patternProperties":{"^a":{"description":"Any."}}}"#), [""; 0]);
    let widened = r#"{"type":"object","patternProperties":{"^a":{"type":"string"}},"additionalProperties":false}"#;
    assert_eq!(found(closed, widened), [""; 0]);
}

#[test]
fn titles_of_properties_are_names_too() {
    let of = |title: &str| format!(r#"{{"properties":{{"x":{{"type":"object","title":"{title}"}}}}}}"#);
    assert_eq!(found(&of("A"), &of("B")), ["TITLE_CHANGED #/properties/x"]);
    let told = opinions(&of("A"), &of("B"), Category::Source);
    assert_eq!(
        told[0].incompatibility.message,
        "property `x`: the title was `A` and is `B`: generated code is named after it"
    );
}
