//! `$ref`, into the schema itself and into others.

use std::ops::Range;

use super::{ResolvedReference, breaks, incompatibilities, parse, schema, schema_with};
use crate::schema::Incompatibility;

#[test]
fn a_reference_is_what_it_leads_to() {
    let named = r##"{"properties":{"a":{"$ref":"#/definitions/T"}},"definitions":{"T":{"type":"integer"}}}"##;
    let inline = r#"{"properties":{"a":{"type":"integer"}}}"#;
    assert_eq!(breaks(named, inline), [""; 0]);
    assert_eq!(breaks(inline, named), [""; 0]);
    assert_eq!(breaks(named, &named.replace("integer", "number")), [""; 0]);
    assert_eq!(breaks(&named.replace("integer", "number"), named), ["TYPE_NARROWED #/properties/a"]);
    // The root may be one, and definitions that nobody uses do not count.
    let root = r##"{"$ref":"#/definitions/T","definitions":{"T":{"type":"integer"},"U":{"type":"null"}}}"##;
    assert_eq!(breaks(root, r#"{"type":"number"}"#), [""; 0]);
    assert_eq!(breaks(root, &root.replace("null", "string")), [""; 0]);
}

#[test]
fn what_stands_beside_a_reference() {
    let of = |draft: &str| {
        format!(
            r##"{{"$schema":"{draft}","$ref":"#/definitions/T","maximum":3,"definitions":{{"T":{{"type":"integer"}}}}}}"##
        )
    };
    // It counts from 2019-09 on.
    assert_eq!(breaks(r#"{"type":"integer"}"#, &of("http://json-schema.org/draft-07/schema#")), [""; 0]);
    assert_eq!(
        breaks(r#"{"type":"integer"}"#, &of("https://json-schema.org/draft/2020-12/schema")),
        ["TYPE_CHANGED #/"]
    );
}

#[test]
fn a_default_behind_a_reference_does_not_help() {
    let of = |required: &str| {
        format!(
            r##"{{"properties":{{"a":{{"$ref":"#/definitions/D"}}}},"required":[{required}],
            "definitions":{{"D":{{"type":"integer","default":1}}}}}}"##
        )
    };
    assert_eq!(breaks(&of(""), &of(r#""a""#)), ["REQUIRED_ATTRIBUTE_ADDED #/required/a"]);
}

#[test]
fn identifiers_and_anchors() {
    let of = |kind: &str| {
        format!(
            r##"{{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://example.org/a.json",
            "properties":{{"a":{{"$ref":"#here"}},"b":{{"$ref":"b.json"}}}},"additionalProperties":false,
            "$defs":{{"A":{{"$anchor":"here","type":"{kind}"}},"B":{{"$id":"b.json","type":"{kind}"}}}}}}"##
        )
    };
    assert_eq!(breaks(&of("integer"), &of("number")), [""; 0]);
    assert_eq!(breaks(&of("number"), &of("integer")), ["TYPE_NARROWED #/properties/a", "TYPE_NARROWED #/properties/b"]);
}

#[test]
fn identifiers_in_full_and_relative() {
    for (root, id, reference, found) in [
        ("http://a.org/x/root.json", "b.json", "http://a.org/x/b.json", true),
        ("http://a.org/x/root.json", "http://a.org/x/b.json#", "b.json#", true),
        ("http://a.org/x/root.json", "http://a.org/b.json", "b.json", false),
        ("http://a.org/x/root.json", "http://a.org/b.json", "http://a.org/b.json", true),
        ("http://a.org/x/root.json", "b.json", "http://a.org/b.json", false),
        ("http://a.org/x/root.json", "urn:b", "urn:b", true),
        ("root.json", "b.json", "b.json", true),
        ("x/root.json", "http://b.org/b.json", "x/http://b.org/b.json", false),
    ] {
        let text = format!(
            r##"{{"$id":"{root}","properties":{{"a":{{"$ref":"{reference}"}}}},"definitions":{{"B":{{"$id":"{id}"}}}}}}"##
        );
        assert_eq!(parse(&text, &[]).is_ok(), found, "{root}: {id} by {reference}");
    }
}

#[test]
fn other_subjects() {
    let text = r#"{"properties":{"a":{"$ref":"other.json#/definitions/T"},"b":{"$ref":"other.json"}}}"#;
    let other = |kind: &str| {
        format!(r##"{{"properties":{{"x":{{"$ref":"#/definitions/T"}}}},"definitions":{{"T":{{"type":"{kind}"}}}}}}"##)
    };
    let with = |kind: &str| schema_with(text, &[("other.json", &other(kind))]);
    assert_eq!(incompatibilities(&with("number"), &with("integer")), []);
    let found = incompatibilities(&with("integer"), &with("number"));
    let paths: Vec<&str> = found.iter().map(|found| &*found.path).collect();
    assert_eq!(paths, ["#/properties/a", "#/properties/b/properties/x"]);
    // Their text is not the schema's: the place is the `$ref` that leads there.
    let places = |side: fn(&Incompatibility) -> Option<Range<usize>>| -> Vec<&str> {
        found.iter().map(|found| &text[side(found).expect("a place")]).collect()
    };
    let references = [r#"{"$ref":"other.json#/definitions/T"}"#, r#"{"$ref":"other.json"}"#];
    assert_eq!(places(|found| found.reader.clone()), references);
    assert_eq!(places(|found| found.writer.clone()), references);
}

/// Their names and the `$ref`s to them are relative to the schema's own id.
#[test]
fn other_subjects_are_found_from_the_id_of_the_schema() {
    for (name, reference, found) in [
        ("o.json", "o.json", true),
        ("http://h/a/o.json", "o.json", true),
        ("http://h/a/o.json", "o.json#/definitions/T", true),
        ("o.json", "http://h/a/o.json", true),
        ("http://h/b/o.json", "o.json", false),
        ("o.json", "http://h/b/o.json", false),
    ] {
        let text = format!(r#"{{"$id":"http://h/a/m.json","properties":{{"a":{{"$ref":"{reference}"}}}}}}"#);
        let reference = ResolvedReference { name, text: r#"{"definitions":{"T":{"type":"string"}}}"# };
        assert_eq!(parse(&text, &[reference]).is_ok(), found, "{name} in {text}");
    }
}

#[test]
fn places_in_both_texts() {
    let (old, new) = (r#"{"type":"string", "maxLength": 5}"#, r#"{ "maxLength": 4, "type":"string"}"#);
    let found = incompatibilities(&schema(new), &schema(old));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "`maxLength` was `5` and is `4`: what was written need not meet that");
    assert_eq!(&old[found[0].writer.clone().expect("a place")], "5");
    assert_eq!(&new[found[0].reader.clone().expect("a place")], "4");
}

#[test]
fn schemas_that_contain_themselves() {
    let tree = |leaf: &str| {
        format!(r##"{{"properties":{{"value":{{"type":"{leaf}"}},"left":{{"$ref":"#"}},"right":{{"$ref":"#"}}}}}}"##)
    };
    assert_eq!(breaks(&tree("integer"), &tree("number")), [""; 0]);
    assert_eq!(breaks(&tree("number"), &tree("integer")), ["TYPE_NARROWED #/properties/value"]);
    // One level more, written out, is the same.
    let written_out = r##"{"properties":{"value":{"type":"integer"},"left":{"$ref":"#/definitions/T"},
        "right":{"$ref":"#"}},"definitions":{"T":{"properties":{"value":{"type":"integer"},"left":{"$ref":"#"},
        "right":{"$ref":"#/definitions/T"}}}}}"##;
    assert_eq!(breaks(&tree("integer"), written_out), [""; 0]);
    assert_eq!(breaks(written_out, &tree("integer")), [""; 0]);
}

/// The inner pair is assumed to be compatible while it is compared, and turns out not to be.
#[test]
fn an_assumption_that_fails_is_taken_back() {
    let list = |leaf: &str| {
        format!(
            r##"{{"oneOf":[{{"type":"null"}},{{"$ref":"#/definitions/N"}}],"definitions":{{"N":{{"type":"object",
            "properties":{{"next":{{"oneOf":[{{"type":"null"}},{{"$ref":"#/definitions/N"}}]}},
            "value":{{"type":"{leaf}"}}}}}}}}}}"##
        )
    };
    assert_eq!(breaks(&list("integer"), &list("number")), [""; 0]);
    assert_eq!(breaks(&list("number"), &list("integer")), ["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"]);
}

#[test]
fn two_that_contain_each_other() {
    let of = |leaf: &str| {
        format!(
            r##"{{"$ref":"#/definitions/A","definitions":{{
            "A":{{"properties":{{"b":{{"anyOf":[{{"$ref":"#/definitions/B"}},{{"type":"null"}}]}}}}}},
            "B":{{"properties":{{"a":{{"items":{{"$ref":"#/definitions/A"}}}},"leaf":{{"type":"{leaf}"}}}}}}}}}}"##
        )
    };
    assert_eq!(breaks(&of("integer"), &of("number")), [""; 0]);
    assert_eq!(breaks(&of("number"), &of("integer")), ["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/properties/b"]);
}

/// The properties of a schema, of two in which what they lead to is a number and an integer.
fn narrows(draft: &str, rest: &str) -> Vec<String> {
    let of = |kind: &str| format!(r#"{{"$schema":"{draft}",{}}}"#, rest.replace("KIND", kind));
    breaks(&of("number"), &of("integer"))
}

const FOUR: &str = "http://json-schema.org/draft-04/schema#";
const SEVEN: &str = "http://json-schema.org/draft-07/schema#";
const LATEST: &str = "https://json-schema.org/draft/2020-12/schema";

#[test]
fn the_id_in_force_is_that_of_the_part_around() {
    for reference in
        ["t.json", "./t.json", "../parts/t.json", "/a/parts/t.json", "http://h/a/parts/t.json", "//h/a/parts/t.json"]
    {
        for (draft, id) in [(FOUR, "id"), (SEVEN, "$id"), (LATEST, "$id")] {
            let rest = format!(
                r##""{id}":"http://h/a/root.json","properties":{{"p":{{"{id}":"parts/p.json","properties":{{"x":
                {{"$ref":"{reference}"}}}}}}}},"definitions":{{"T":{{"{id}":"parts/t.json","type":"KIND"}}}}"##
            );
            assert_eq!(narrows(draft, &rest), ["TYPE_NARROWED #/properties/p/properties/x"], "{reference} in {draft}");
        }
    }
    // A property that is named `id` is none, and from draft 6 on the word means nothing.
    let rest = r##""$id":"http://h/a/root.json","properties":{"id":{"id":"parts/","$ref":"t.json"}},
        "definitions":{"T":{"$id":"t.json","type":"KIND"}}"##;
    assert_eq!(narrows(SEVEN, rest), ["TYPE_NARROWED #/properties/id"]);
}

#[test]
fn anchors_are_those_of_the_part_around() {
    let of = |words: [&str; 2]| {
        format!(
            r##""properties":{{"p":{{"$id":"http://h/p.json","properties":{{"x":{{"$ref":"#here"}}}},"definitions":
            {{"T":{{{},"type":"KIND"}}}}}},"q":{{"$ref":"#here"}},"r":{{"$ref":"http://h/p.json#here"}}}},
            "definitions":{{"T":{{{},"type":"null"}}}}"##,
            words[0], words[1]
        )
    };
    let found = ["TYPE_NARROWED #/properties/p/properties/x", "TYPE_NARROWED #/properties/r"];
    assert_eq!(narrows(LATEST, &of([r#""$anchor":"here""#; 2])), found);
    assert_eq!(narrows(SEVEN, &of([r##""$id":"#here""##; 2])), found);
    // Each is a word of its drafts alone.
    for (draft, word) in [(SEVEN, r#""$anchor":"here""#), (FOUR, r##""$id":"#here""##)] {
        assert!(parse(&format!(r#"{{"$schema":"{draft}",{}}}"#, of([word; 2])), &[]).is_err(), "{draft} {word}");
    }
}

/// Up to draft 7, registries read a pointer from the document itself; later, and where there is nothing else, it is read
/// from the part with the id, as the standard says.
#[test]
fn pointers_below_an_id() {
    let of = |outer: &str| {
        format!(
            r##""properties":{{"p":{{"$id":"http://h/p.json","properties":{{"x":{{"$ref":"#/definitions/T"}}}},
            "definitions":{{"T":{{"type":"KIND"}}}}}}}},"definitions":{{{outer}}}"##
        )
    };
    let found = ["TYPE_NARROWED #/properties/p/properties/x"];
    let both = of(r#""T":{"type":"string"}"#);
    assert_eq!(narrows(LATEST, &both), found);
    assert_eq!(narrows(SEVEN, &both), [""; 0]);
    assert_eq!(narrows(SEVEN, &of("")), found);
    // Below a word that the standard does not know too.
    let unknown = r##""properties":{"p":{"$id":"http://h/p.json","$ref":"#/x/A","x":{"A":{"properties":{"x":
        {"$ref":"#/x/B"}}},"B":{"type":"KIND"}}}}"##;
    assert_eq!(narrows(LATEST, unknown), found);
}

/// Subjects are found by what their names mean beside the schema's id, wherever the `$ref` stands.
#[test]
fn other_subjects_below_an_id_and_from_each_other() {
    let number = |kind: &str| format!(r#"{{"type":"{kind}"}}"#);
    let text = r#"{"$id":"http://h/a/root.json","properties":{"p":{"$id":"parts/p.json","properties":
        {"x":{"$ref":"../o.json"},"y":{"$ref":"/a/o.json"}}},"q":{"$ref":"via.json"}}}"#;
    let via = r#"{"properties":{"z":{"$ref":"/a/o.json"}}}"#;
    let with = |kind: &str| schema_with(text, &[("o.json", &number(kind)), ("via.json", via)]);
    let found = incompatibilities(&with("integer"), &with("number"));
    let paths: Vec<&str> = found.iter().map(|found| &*found.path).collect();
    assert_eq!(paths, ["#/properties/p/properties/x", "#/properties/p/properties/y", "#/properties/q/properties/z"]);
}
