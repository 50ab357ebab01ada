//! `patternProperties`, which say what a property must meet that is not listed.

use super::{breaks, incompatibilities, schema};

/// A closed schema that lists a property or not, with a pattern and what it stands for.
fn of(property: &str, pattern: &str, rest: &str) -> String {
    format!(
        r#"{{"properties":{{{property}}},"patternProperties":{{"{pattern}":{{"type":"null"}}}},
        "additionalProperties":{rest}}}"#
    )
}

#[test]
fn letters_are_those_of_java() {
    for (pattern, name, matches) in [(r"^\\d$", "3", true), (r"^\\d$", "٣", false), (r"^\\w+$", "é", false)] {
        let property = format!(r#""{name}":{{"type":"string"}}"#);
        let found = breaks(&of("", pattern, "false"), &of(&property, pattern, "false"));
        let expected = [
            format!("TYPE_CHANGED #/properties/{name}"),
            format!("PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/{name}"),
        ];
        assert_eq!(found, if matches { &expected[..] } else { &[] }, "{pattern} of {name}");
    }
}

#[test]
fn a_pattern_that_only_java_can_match_decides_or_does_not() {
    let (text, null) = (r#""a":{"type":"string"}"#, r#""a":{"type":"null"}"#);
    for pattern in ["^(?!x)", "^(?=a)", r"(.)\\1", "^(?:a{1,500}b){200}$"] {
        let none = of("", pattern, "false");
        assert_eq!(breaks(&none, &of(text, pattern, "false")), ["NOT_COMPARED #/"], "{pattern}");
        let found = incompatibilities(&schema(&of(text, pattern, "false")), &schema(&none)).remove(0);
        let (writer, reader) = (found.writer.expect("a place"), found.reader.expect("a place"));
        assert_eq!((writer, reader), (0..none.len(), 0..of(text, pattern, "false").len()));
        assert_eq!(breaks(&of(null, pattern, "false"), &none), ["NOT_COMPARED #/"], "{pattern}");
        // It makes no difference.
        assert_eq!(breaks(&none, &of(null, pattern, "false")), [""; 0], "{pattern}");
        assert_eq!(
            breaks(&of(text, pattern, "false"), &none).last().expect("something"),
            "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/a",
            "{pattern}"
        );
        let rest = r#"{"type":"null"}"#;
        assert_eq!(breaks(&of(null, pattern, rest), &of("", pattern, rest)), [""; 0], "{pattern}");
        // Something else breaks in any case.
        let (old, new) = (none.replace("{}", r#"{"b":{"type":"null"}}"#), of(text, pattern, "false"));
        let new = new.replace(r#""properties":{"#, r#""properties":{"b":{"type":"string"},"#);
        assert_eq!(breaks(&old, &new), ["TYPE_CHANGED #/properties/b"], "{pattern}");
    }
}

#[test]
fn a_doubt_inside_a_choice() {
    let choice = |parts: &[&str]| format!(r#"{{"anyOf":[{}]}}"#, parts.join(","));
    let (old, new) = (of("", "^(?!x)", "false"), of(r#""a":{"type":"string"}"#, "^(?!x)", "false"));
    assert_eq!(
        breaks(&choice(&[&old, r#"{"type":"null"}"#]), &choice(&[&new, r#"{"type":"null"}"#])),
        ["NOT_COMPARED #/"]
    );
    // Another part takes all that the old one let pass.
    assert_eq!(breaks(&old, &choice(&[&new, r#"{"type":"object"}"#])), [""; 0]);
    let not = |inner: &str| format!(r#"{{"not":{inner}}}"#);
    assert_eq!(breaks(&not(&new), &not(&old)), ["NOT_COMPARED #/"]);
}

#[test]
fn the_doubt_is_named() {
    let (old, new) = (of("", "^(?!x)", "false"), of(r#""a":{"type":"string"}"#, "^(?!x)", "false"));
    let found = incompatibilities(&schema(&new), &schema(&old));
    assert_eq!(
        found[0].message,
        "whether the pattern `^(?!x)` matches property `a` decides, and only a registry can tell"
    );
}

/// Far from any limit.
#[test]
fn ordinary_patterns_and_many_names() {
    let names =
        |kind: &str| (0..3_000).map(|index| format!(r#""name-{index}":{{"type":"{kind}"}}"#)).collect::<Vec<_>>();
    let patterns = ["^x-", "^[A-Za-z_][A-Za-z0-9_]*$", r"^\\w+$", "^.{1,255}$", "^[a-z0-9]+(?:-[a-z0-9]+)*$"];
    let patterns = (0..30)
        .map(|index| format!(r#""^y{index}-":{{}}"#))
        .chain(patterns.iter().map(|pattern| format!(r#""{pattern}":{{"type":"null"}}"#)));
    let patterns = patterns.collect::<Vec<_>>().join(",");
    let of = |names: &[String]| {
        let names = names.join(",");
        format!(r#"{{"properties":{{{names}}},"patternProperties":{{{patterns}}},"additionalProperties":false}}"#)
    };
    assert_eq!(breaks(&of(&[]), &of(&names("null"))), [""; 0]);
    // `^.{1,255}$` is the first that matches.
    assert_eq!(breaks(&of(&[]), &of(&names("string"))).len(), 6_000);
}
