//! Each incompatibility has a place in both files.

use std::collections::BTreeSet;

use super::change::ChangeKind;
use super::incompatibilities;
use crate::schema::protobuf::{ProtobufSchema, parse};
use crate::schema::{Incompatibility, Lack, ResolvedReference};

/// One pair for each kind that breaks, and what stands at its places: with the writer, with the reader.
const PAIRS: &[(&str, &str, &str, &str, &str)] = &[
    ("PACKAGE_CHANGED", "package a; message A {}", "package b; message A {}", "package a;", "package b;"),
    (
        "PACKAGE_CHANGED",
        "syntax = \"proto3\"; package a; message A {}",
        "syntax = \"proto3\"; message A {}",
        "package a;",
        "syntax = \"proto3\";",
    ),
    ("PACKAGE_CHANGED", "// One.\n\nmessage A {}", "package b; message A {}", "message", "package b;"),
    ("MESSAGE_REMOVED", "package a; message A {} message B {}", "package a; message A {}", "B", "package a;"),
    ("MESSAGE_REMOVED", "message A {} message B {}", "/* One. */ import \"i.proto\"; message A {}", "B", "import"),
    ("MESSAGE_REMOVED", "message A { message B { message C {} } }", "message A { message B {} }", "C", "B"),
    ("REQUIRED_FIELD_ADDED", "message A {}", "message A { required int32 x = 1; }", "A", "x"),
    ("REQUIRED_FIELD_REMOVED", "message A { required int32 x = 1; }", "message A {}", "x", "A"),
    ("FIELD_KIND_CHANGED", "message A { optional A x = 1; }", "message A { optional int32 x = 1; }", "A", "int32"),
    (
        "FIELD_SCALAR_KIND_CHANGED",
        "message A { map<string, int32> x = 1; }",
        "message A { map<string, float> x = 1; }",
        "map<string, int32>",
        "map<string, float>",
    ),
    (
        "FIELD_NAMED_TYPE_CHANGED",
        "message A { optional A x = 1; } message B {}",
        "message A { optional B x = 1; } message B {}",
        "A",
        "B",
    ),
    (
        "FIELD_NUMERIC_LABEL_CHANGED",
        "message A { optional int32 x = 1; }",
        "message A { repeated int32 x = 1; }",
        "optional",
        "repeated",
    ),
    (
        "ONEOF_FIELD_REMOVED",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof o { int32 y = 2; } }",
        "x",
        "A",
    ),
    (
        "ONEOF_FIELD_REMOVED",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof o { int32 y = 2; } oneof p { int32 x = 1; } }",
        "x",
        "x",
    ),
    (
        "ONEOF_FIELD_MOVED_TO_TOP_LEVEL",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof o { int32 y = 2; } optional int32 x = 1; }",
        "x",
        "x",
    ),
    (
        "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
        "message A { optional int32 x = 1; optional int32 y = 2; }",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "A",
        "o",
    ),
    (
        "FIELD_MOVED_TO_EXISTING_ONEOF",
        "message A { oneof o { int32 y = 2; } optional int32 x = 1; }",
        "message A { oneof o { int32 y = 2; int32 x = 1; } }",
        "x",
        "o",
    ),
    // What breaks is in the import: the fields that hold it are the nearest that stands in the files themselves.
    (
        "REQUIRED_FIELD_ADDED",
        "import \"old.proto\"; message A { repeated i.I x = 1; }",
        "import \"new.proto\"; message A { repeated i.I x = 1; }",
        "i.I",
        "i.I",
    ),
    // It was moved into an import, or out of it.
    (
        "REQUIRED_FIELD_ADDED",
        "message A { map<int32, I> x = 1; } message I { optional J j = 1; } message J {}",
        "import \"new.proto\"; message A { map<int32, i.I> x = 1; } message I { optional J j = 1; } message J {}",
        "J",
        "map<int32, i.I>",
    ),
    (
        "MESSAGE_REMOVED",
        "import \"old.proto\"; message A { repeated i.I x = 1; }",
        "import \"new.proto\"; message A { repeated i.I x = 1; }",
        "i.I",
        "i.I",
    ),
];

fn schema(text: &str) -> ProtobufSchema {
    const IMPORTS: [(&str, &str); 3] = [
        ("i.proto", "message Unused {}"),
        ("old.proto", "package i; message I { optional J j = 1; message Nested {} } message J {}"),
        ("new.proto", "package i; message I { optional J j = 1; } message J { required int32 x = 1; }"),
    ];
    let references = IMPORTS.map(|(name, text)| ResolvedReference { name, text });
    parse(text, &references).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn places(found: &Incompatibility, writer: &ProtobufSchema, reader: &ProtobufSchema) -> [String; 2] {
    let shown = |range: &Option<std::ops::Range<usize>>, of: &ProtobufSchema| {
        range.clone().map_or("nowhere".to_owned(), |range| of.text[range].to_owned())
    };
    [shown(&found.writer, writer), shown(&found.reader, reader)]
}

#[test]
fn each_incompatibility_has_a_place_in_both_files() {
    for (code, old, new, written, read) in PAIRS {
        let (writer, reader) = (schema(old), schema(new));
        let found = incompatibilities(&reader, &writer);
        let of_kind = found.iter().filter(|found| found.code == *code);
        let shown: Vec<_> = of_kind.map(|found| places(found, &writer, &reader)).collect();
        assert!(shown.contains(&[(*written).to_owned(), (*read).to_owned()]), "{code}: {old} → {new}: {shown:?}");
        for found in &found {
            assert!(!places(found, &writer, &reader).contains(&"nowhere".to_owned()), "{old} → {new}: {found:?}");
        }
    }
}

/// A kind that is new has to have a pair.
#[test]
fn each_kind_has_a_pair() {
    let breaking = ChangeKind::ALL.iter().filter(|kind| kind.is_breaking()).map(|kind| kind.as_str());
    let all: BTreeSet<&str> = breaking.collect();
    assert_eq!(PAIRS.iter().map(|(code, ..)| *code).collect::<BTreeSet<_>>(), all);
}

/// What something would stand in is not what breaks: other changes may be about it.
#[test]
fn what_is_lacking_is_told() {
    let lacks = |old: &str, new: &str| {
        let found = incompatibilities(&schema(new), &schema(old)).remove(0);
        assert!(found.reader_has().is_none() || found.writer_has().is_none());
        match found.lacks.expect("something is lacking") {
            Lack::Reader(lack) => format!("reader: {lack}"),
            Lack::Writer(lack) => format!("writer: {lack}"),
        }
    };
    assert_eq!(lacks("package a; message A {}", "message A {}"), "reader: there is no package here");
    assert_eq!(lacks("message A {}", "package a; message A {}"), "writer: there is no package here");
    let nested = "message A { message B {} }";
    assert_eq!(lacks(nested, "message A {}"), "reader: there is no `A.B` here");
    let required = "message A { required int32 x = 1; }";
    assert_eq!(lacks(required, "message A {}"), "reader: there is no `x` (1) of `A` here");
    assert_eq!(lacks("message A {}", required), "writer: there is no `x` (1) of `A` here");
    let (alone, moved) = ("optional int32 x = 1; optional int32 y = 2;", "oneof o { int32 x = 1; int32 y = 2; }");
    let of = |fields: &str| format!("message A {{ {fields} }}");
    assert_eq!(lacks(&of(alone), &of(moved)), "writer: there is no `o` of `A` here");
}
