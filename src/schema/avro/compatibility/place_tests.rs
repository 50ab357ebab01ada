//! Each incompatibility has a place in both texts.

use std::ops::Range;

use super::incompatibilities;
use crate::schema::ResolvedReference;
use crate::schema::avro::parse_like_java;

/// What one side refers to, its schema with the parts that it is written of, and what stands at its place.
struct Side {
    reference: &'static str,
    text: &'static str,
    place: &'static str,
}

const fn side(text: &'static str, place: &'static str) -> Side {
    Side { reference: r#""null""#, text, place }
}

const R: &str = r#"{"type":"record","name":"R","fields":[]}"#;
const X_INT: &str = r#"{"type":"record","name":"R","fields":[{"name":"x","type":"int"}]}"#;
const X_STRING: &str = r#"{"type":"record","name":"R","fields":[{"name":"x","type":"string"}]}"#;
const OF_REFERENCE: &str =
    r#"{"type":"record","name":"O","fields":[{"name":"r","type":["null",{"type":"array","items":"R"}]}]}"#;
const F4: &str = r#"{"type":"fixed","name":"F","size":4}"#;
const F8: &str = r#"{"type":"fixed","name":"F","size":8}"#;
const G: &str = r#"{"type":"fixed","name":"G","size":4}"#;
const A: &str = r#"{"type":"enum","name":"E","symbols":["A"]}"#;
const AB: &str = r#"{"type":"enum","name":"E","symbols":["A","B"]}"#;
const X_ENUM: &str = r#"{"type":"record","name":"R","fields":[{"name":"x","type":{"type":"enum","name":"E","symbols":["A"],"default":"A"}}]}"#;
const YZ: &str = r#"{"type":"record","name":"R","fields":[{"name":"y","type":"int"},{"name":"z","type":"int"}]}"#;
const X_OF_YZ: &str = r#"{"type":"record","name":"R","fields":[{"name":"x","type":"int","aliases":["y","z"]}]}"#;

/// The kinds of problems, each with a reader, a writer and their places.
fn pairs() -> Vec<(&'static str, Side, Side)> {
    let whole = |text| side(text, text);
    let with = |reference, text, place| Side { reference, text, place };
    vec![
        ("TYPE_MISMATCH", whole(r#""int""#), whole(r#""string""#)),
        ("TYPE_MISMATCH", side(X_INT, r#""int""#), side(X_STRING, r#""string""#)),
        ("NAME_MISMATCH", whole(F4), whole(G)),
        ("FIXED_SIZE_MISMATCH", whole(F4), whole(F8)),
        ("MISSING_ENUM_SYMBOLS", whole(A), whole(AB)),
        ("READER_FIELD_MISSING_DEFAULT_VALUE", side(X_INT, r#""x""#), whole(R)),
        // A field without default, of an enum that has one.
        ("TYPE_MISMATCH", side(X_ENUM, r#""x""#), whole(R)),
        ("MISSING_UNION_BRANCH", whole(r#"["null","int"]"#), side(r#"["null","string"]"#, r#""string""#)),
        ("NAME_MISMATCH", side(X_OF_YZ, r#""x""#), whole(YZ)),
        // What is in references.
        ("TYPE_MISMATCH", with(X_INT, r#""R""#, r#""R""#), with(X_STRING, r#" "R""#, r#""R""#)),
        (
            "TYPE_MISMATCH",
            with(X_INT, r#"{"type":"array","items":"R"}"#, r#"{"type":"array","items":"R"}"#),
            with(X_STRING, r#"{"type":"array","items":"R"}"#, r#"{"type":"array","items":"R"}"#),
        ),
        (
            "MISSING_UNION_BRANCH",
            with(X_INT, OF_REFERENCE, r#"["null",{"type":"array","items":"R"}]"#),
            with(X_STRING, OF_REFERENCE, r#"{"type":"array","items":"R"}"#),
        ),
        (
            "MISSING_ENUM_SYMBOLS",
            with(
                A,
                r#"{"type":"record","name":"O","fields":[{"name":"e","type":{"type":"map","values":"E"}}]}"#,
                r#""e""#,
            ),
            with(
                AB,
                r#"{"type":"record","name":"O","fields":[{"name":"e","type":{"type":"map","values":"E"}}]}"#,
                r#"{"type":"record","name":"O","fields":[{"name":"e","type":{"type":"map","values":"E"}}]}"#,
            ),
        ),
        (
            "READER_FIELD_MISSING_DEFAULT_VALUE",
            with(X_INT, r#"{"type":"map","values":"R"}"#, r#"{"type":"map","values":"R"}"#),
            with(R, r#"{"type":"map","values":"R"}"#, r#"{"type":"map","values":"R"}"#),
        ),
    ]
}

#[test]
fn each_incompatibility_has_a_place_in_both_texts() {
    let mut kinds = std::collections::BTreeSet::new();
    for (code, reader, writer) in pairs() {
        let parsed = |side: &Side| {
            let reference = ResolvedReference { name: "R", text: side.reference };
            let used: &[_] = if side.reference == r#""null""# { &[] } else { &[reference] };
            parse_like_java(side.text, used).unwrap_or_else(|error| panic!("{error}: {}", side.text))
        };
        let found = incompatibilities(&parsed(&reader), &parsed(&writer));
        let shown = |side: &Side, range: &Option<Range<usize>>| side.text[range.clone().expect("a place")].to_owned();
        let places: Vec<_> = found
            .iter()
            .map(|found| (found.code, shown(&reader, &found.reader), shown(&writer, &found.writer)))
            .collect();
        kinds.extend(found.iter().map(|found| found.code));
        assert_eq!(places, [(code, reader.place.to_owned(), writer.place.to_owned())]);
    }
    assert_eq!(kinds.len(), 6, "each of Java's kinds: {kinds:?}");
}
