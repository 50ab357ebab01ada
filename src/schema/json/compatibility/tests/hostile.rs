//! Schemas that are made to take long, much or a deep stack. Each test ends, and with the verdict that it should.

use super::super::report::MAX_REPORTED;
use super::{ResolvedReference, breaks, incompatibilities, parse, parse_registered, schema};

/// Definitions that each lead to the next, the last of which is `leaf`.
fn chain(length: usize, leaf: &str, link: impl Fn(&str) -> String) -> String {
    let links = (0..length).map(|index| format!(r#""A{index}":{}"#, link(&format!("#/definitions/A{}", index + 1))));
    let links = links.collect::<Vec<_>>().join(",");
    format!(r##"{{"$ref":"#/definitions/A0","definitions":{{{links},"A{length}":{leaf}}}}}"##)
}

fn pair(text: impl Fn(&str) -> String, leaves: [&str; 2]) -> (usize, usize) {
    let [narrow, wide] = leaves.map(|leaf| schema(&text(leaf)));
    (incompatibilities(&wide, &narrow).len(), incompatibilities(&narrow, &wide).len())
}

const LEAVES: [&str; 2] = [r#"{"type":"integer"}"#, r#"{"type":"number"}"#];

#[test]
fn a_long_chain_of_properties() {
    let text = |leaf: &str| chain(10_000, leaf, |next| format!(r#"{{"properties":{{"next":{{"$ref":"{next}"}}}}}}"#));
    assert_eq!(pair(text, LEAVES), (0, 1));
}

#[test]
fn a_long_chain_of_choices() {
    let text = |leaf: &str| {
        chain(10_000, leaf, |next| {
            format!(r#"{{"properties":{{"next":{{"oneOf":[{{"type":"null"}},{{"$ref":"{next}"}}]}}}}}}"#)
        })
    };
    assert_eq!(pair(text, LEAVES), (0, 1));
}

#[test]
fn a_long_chain_of_references() {
    let text = |leaf: &str| chain(10_000, leaf, |next| format!(r#"{{"$ref":"{next}"}}"#));
    assert_eq!(pair(text, LEAVES), (0, 1));
}

#[test]
fn definitions_that_multiply() {
    let text = |leaf: &str| {
        chain(60, leaf, |next| format!(r#"{{"properties":{{"a":{{"$ref":"{next}"}},"b":{{"$ref":"{next}"}}}}}}"#))
    };
    assert_eq!(pair(text, LEAVES), (0, MAX_REPORTED));
}

#[test]
fn choices_inside_choices() {
    fn nested(depth: usize, leaf: &str) -> String {
        if depth == 0 {
            return leaf.to_owned();
        }
        let inner = nested(depth - 1, leaf);
        format!(r#"{{"oneOf":[{{"items":{inner}}},{{"properties":{{"a":{inner}}}}}]}}"#)
    }
    assert_eq!(pair(|leaf| nested(9, leaf), LEAVES), (0, 1));
}

#[test]
fn everybody_contains_everybody() {
    let text = |leaf: &str| {
        let everybody =
            (0..30).map(|to| format!(r##""r{to}":{{"anyOf":[{{"type":"null"}},{{"$ref":"#/definitions/A{to}"}}]}}"##));
        let everybody = everybody.collect::<Vec<_>>().join(",");
        let all = (0..30).map(|index| {
            let leaf = if index == 29 { leaf } else { r#"{"type":"null"}"# };
            format!(r#""A{index}":{{"properties":{{"leaf":{leaf},{everybody}}}}}"#)
        });
        format!(r##"{{"$ref":"#/definitions/A0","definitions":{{{}}}}}"##, all.collect::<Vec<_>>().join(","))
    };
    assert_eq!(pair(text, LEAVES), (0, 30));
}

#[test]
fn ten_thousand_properties() {
    let text = |leaf: &str| {
        let properties = (0..10_000).map(|index| format!(r#""p{index}":{leaf}"#)).collect::<Vec<_>>().join(",");
        format!(r#"{{"properties":{{{properties}}},"additionalProperties":false}}"#)
    };
    assert_eq!(pair(text, LEAVES), (0, 10_000));
}

#[test]
fn a_choice_of_three_hundred() {
    let text = |leaf: &str| {
        let parts = (0..300).map(|index| format!(r#"{{"properties":{{"kind":{{"enum":[{index}]}},"value":{leaf}}}}}"#));
        format!(r#"{{"oneOf":[{}]}}"#, parts.collect::<Vec<_>>().join(","))
    };
    assert_eq!(pair(text, LEAVES), (0, 1));
}

/// Most parts of large choices stay as they are, and find their equals without being compared with all.
#[test]
fn a_choice_of_three_thousand() {
    let text = |leaf: &str| {
        let parts = (0..3_000).map(|index| {
            let leaf = if index == 7 { leaf } else { r#"{"type":"null"}"# };
            format!(r#"{{"properties":{{"kind":{{"enum":[{index}]}},"value":{leaf}}}}}"#)
        });
        format!(r#"{{"oneOf":[{}]}}"#, parts.collect::<Vec<_>>().join(","))
    };
    assert_eq!(pair(text, LEAVES), (0, 1));
}

#[test]
fn more_pairs_than_anybody_waits_for() {
    let text = |leaf: &str| {
        let parts = (0..1_500).map(|index| format!(r#"{{"enum":[[{index},{leaf}]]}}"#));
        format!(r#"{{"oneOf":[{}]}}"#, parts.collect::<Vec<_>>().join(","))
    };
    assert_eq!(breaks(&text("1"), &text("2")), ["NOT_COMPARED #/"]);
    // What is the same need not be compared.
    assert_eq!(breaks(&text("1"), &text("1")), [""; 0]);
}

#[test]
fn deep_nesting() {
    let text = |leaf: &str| {
        let (mut before, mut after) = (String::new(), String::new());
        for _ in 0..60 {
            before.push_str(r#"{"properties":{"a":"#);
            after.push_str("}}");
        }
        format!("{before}{leaf}{after}")
    };
    assert_eq!(pair(text, LEAVES), (0, 1));
    let not = |leaf: &str| format!("{}{leaf}{}", r#"{"not":"#.repeat(120), "}".repeat(120));
    assert_eq!(pair(not, LEAVES), (0, 1));
}

#[test]
fn expressions_that_backtrack() {
    let of = |name: &str| {
        let property = if name.is_empty() { String::new() } else { format!(r#""{name}":{{"type":"string"}}"#) };
        format!(
            r#"{{"properties":{{{property}}},"patternProperties":{{"^(x+x+)+y$":{{"type":"null"}}}},
            "additionalProperties":false}}"#
        )
    };
    let name = "x".repeat(10_000);
    assert_eq!(breaks(&of(""), &of(&name)), [""; 0]);
    assert_eq!(
        breaks(&of(&format!("{name}y")), &of("")),
        [
            format!("TYPE_CHANGED #/properties/{name}y"),
            format!("PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/{name}y"),
        ]
    );
}

/// The folder counts for every id in it and is kept for none.
#[test]
fn many_identifiers_in_a_long_folder() {
    let folder = format!("http://a.org/{}/", "x".repeat(500_000));
    let text = |leaf: &str| {
        let inner = (0..3_000).map(|index| format!(r#""A{index}":{{"$id":"a{index}.json","items":{leaf}}}"#));
        let inner = inner.collect::<Vec<_>>().join(",");
        let properties = (0..3_000).map(|index| format!(r#""p{index}":{{"$ref":"a{index}.json"}}"#));
        let properties = properties.collect::<Vec<_>>().join(",");
        format!(r#"{{"$id":"{folder}root.json","properties":{{{properties}}},"definitions":{{{inner}}}}}"#)
    };
    assert_eq!(pair(text, LEAVES), (0, 3_000));
}

/// Registries take a repeated word, and what it stands for is the same each time.
#[test]
fn a_type_that_is_repeated() {
    let text = |leaf: &str, words: &str, least: u32| {
        let properties = (0..200).map(|index| format!(r#""p{index}":{leaf}"#)).collect::<Vec<_>>().join(",");
        format!(r#"{{"type":[{words}],"properties":{{{properties}}},"minProperties":{least}}}"#)
    };
    let many = format!(r#""null"{}"#, r#","object""#.repeat(20_000));
    let read = |text: &str| parse_registered(text, &[]).unwrap_or_else(|error| panic!("{error}"));
    let (narrow, wide) = (text(LEAVES[0], &many, 3), text(LEAVES[1], &many, 2));
    assert_eq!(incompatibilities(&read(&wide), &read(&narrow)), []);
    assert_eq!(incompatibilities(&read(&narrow), &read(&wide)).len(), 1);
    // As often as it is written, it is one part; with an expression it is equal to none, as everywhere.
    let once = text(LEAVES[0], r#""null","object""#, 3);
    assert_eq!(incompatibilities(&read(&once), &read(&text(LEAVES[0], r#""null","object","object""#, 3))), []);
    let of = |words: &str| read(&format!(r#"{{"type":["null",{words}],"pattern":"a"}}"#));
    let found = incompatibilities(&of(r#""string""#), &of(r#""string","string""#));
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["SUM_TYPE_NARROWED"]);
}

/// All of the writer's parts fit all of the reader's, and each has much that breaks nothing.
#[test]
fn choices_of_large_objects() {
    let large = |parts: usize, word: &str, inner: &dyn Fn(usize) -> String| {
        let inner = (0..150).map(inner).collect::<Vec<_>>().join(",");
        let (open, close) = if word == "items" { ('[', ']') } else { ('{', '}') };
        let parts = (0..parts).map(|part| format!(r#"{{"title":"{part}","{word}":{open}{inner}{close}}}"#));
        format!(r#"{{"oneOf":[{}]}}"#, parts.collect::<Vec<_>>().join(","))
    };
    let trivial = |parts: usize, word: &str| {
        let parts = (0..parts).map(|part| format!(r#"{{"type":"{word}","title":"t{part}"}}"#));
        format!(r#"{{"oneOf":[{}]}}"#, parts.collect::<Vec<_>>().join(","))
    };
    let objects = |parts| large(parts, "properties", &|index| format!(r#""p{index}":{{}}"#));
    assert_eq!(breaks(&objects(20), &trivial(20, "object")), [""; 0]);
    assert_eq!(breaks(&objects(250), &trivial(250, "object")), ["NOT_COMPARED #/"]);
    let tuples = |parts| large(parts, "items", &|_| "{}".to_owned());
    assert_eq!(breaks(&tuples(20), &trivial(20, "array")), [""; 0]);
    assert_eq!(breaks(&tuples(250), &trivial(250, "array")), ["NOT_COMPARED #/"]);
}

/// Each of the writer's definitions meets each of the reader's.
#[test]
fn more_changes_than_anybody_keeps() {
    let circle = |length: usize, prefix: &str| {
        let properties = (0..100).map(|index| format!(r#""{prefix}{index}":{{}}"#)).collect::<Vec<_>>().join(",");
        let parts = (0..length).map(|part| {
            let next = (part + 1) % length;
            format!(r##""A{part}":{{"properties":{{"next":{{"$ref":"#/definitions/A{next}"}},{properties}}}}}"##)
        });
        let parts = parts.collect::<Vec<_>>().join(",");
        format!(r##"{{"$ref":"#/definitions/A0","definitions":{{{parts}}}}}"##)
    };
    assert_eq!(breaks(&circle(5, "a"), &circle(6, "b")), [""; 0]);
    assert_eq!(breaks(&circle(71, "a"), &circle(72, "b")), ["NOT_COMPARED #/"]);
}

/// One change in ten thousand places is put into words once.
#[test]
fn large_values_in_many_places() {
    let text = |leaf: &str| {
        chain(20, leaf, |next| format!(r#"{{"properties":{{"a":{{"$ref":"{next}"}},"b":{{"$ref":"{next}"}}}}}}"#))
    };
    let values = |from: usize| {
        let values = (from..from + 2_000).map(|value| value.to_string()).collect::<Vec<_>>().join(",");
        format!(r#"{{"enum":[{values}]}}"#)
    };
    let found = incompatibilities(&schema(&text(&values(1))), &schema(&text(&values(0))));
    assert_eq!(found.len(), MAX_REPORTED);
    let message = "values are gone that may have been written: `0`; new are `2000`";
    assert!(found.iter().all(|found| found.message == message));
}

#[test]
fn names_that_are_longer_than_anybody_matches() {
    let of = |name: &str| {
        let property = if name.is_empty() { String::new() } else { format!(r#""{name}":{{"type":"string"}}"#) };
        format!(
            r#"{{"properties":{{{property}}},"patternProperties":{{"^(?:a{{1,50}}b){{20}}$":{{"type":"null"}}}},
            "additionalProperties":false}}"#
        )
    };
    let found = incompatibilities(&schema(&of(&"a".repeat(2_000_000))), &schema(&of("")));
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["NOT_COMPARED"]);
    assert!(found[0].message.contains("patterns"), "{}", found[0].message);
}

#[test]
fn references_that_lead_nowhere() {
    // Subjects that refer to each other and to nothing else.
    let text = r#"{"properties":{"a":{"$ref":"one.json"}}}"#;
    let circle = [("one.json", r#"{"$ref":"two.json"}"#), ("two.json", r#"{"$ref":"one.json"}"#)];
    let circle = circle.map(|(name, text)| ResolvedReference { name, text });
    let refused = parse(text, &circle).expect_err("a circle");
    assert_eq!((&*refused.message, refused.range), ("`$ref` `one.json` leads back to itself", Some(27..37)));
    // Registries take it.
    let circle = parse_registered(text, &circle).expect("registered");
    let null = schema(r#"{"properties":{"a":{"type":"null"}}}"#);
    assert_eq!(incompatibilities(&null, &circle).len(), 1);
    assert_eq!(incompatibilities(&circle, &null).len(), 1);
}

/// Versions of a history share what they may take; what is not compared for that is told.
#[test]
fn the_effort_of_a_history_is_shared() {
    use super::super::{Effort, incompatibilities_within};
    let parts = |bound: usize| {
        let parts = (0..400)
            .map(|index| format!(r#"{{"type":"string","minLength":{},"maxLength":{}}}"#, index + 1, index + bound));
        format!(r#"{{"oneOf":[{}]}}"#, parts.collect::<Vec<_>>().join(","))
    };
    let (old, new) = (schema(&parts(2)), schema(&parts(3)));
    let mut effort = Effort::default();
    assert!(incompatibilities_within(&new, &old, &mut effort).iter().all(|found| found.code != "NOT_COMPARED"));
    let found = incompatibilities_within(&new, &old, &mut Effort::spent());
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["NOT_COMPARED"]);
    assert!(found[0].message.contains("comparing the versions before took so much"), "{}", found[0].message);
    // What people write is compared after all of them.
    let [narrow, wide] = LEAVES.map(schema);
    assert_eq!(incompatibilities_within(&wide, &narrow, &mut Effort::spent()), []);
    assert_eq!(incompatibilities_within(&narrow, &wide, &mut Effort::spent()).len(), 1);
}
