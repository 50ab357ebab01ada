use super::{breaking_changes, changes, differences, incompatibilities};
use crate::schema::ResolvedReference;
use crate::schema::protobuf::{ProtobufSchema, parse};

fn schema(text: &str) -> ProtobufSchema {
    // Most cases need no syntax of their own.
    let text = if text.starts_with("syntax") { text.to_owned() } else { format!("syntax = \"proto3\"; {text}") };
    parse(&text, &[]).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn proto2(text: &str) -> String {
    format!("syntax = \"proto2\"; {text}")
}

/// The differences in the registry's words and whether it refuses them, sorted.
fn found(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (schema(old), schema(new));
    let all = changes(&new, &old);
    let breaking = all.iter().filter(|change| change.kind.is_breaking()).map(|change| &change.path);
    let told = incompatibilities(&new, &old);
    assert_eq!(told.iter().map(|told| &told.path).collect::<Vec<_>>(), breaking.collect::<Vec<_>>());
    let mark = |breaks| if breaks { "breaks" } else { "passes" };
    let mut lines: Vec<String> = all
        .iter()
        .map(|change| format!("{} {} {}", mark(change.kind.is_breaking()), change.kind.as_str(), change.path))
        .collect();
    lines.sort();
    lines
}

#[track_caller]
fn assert_found(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(found(old, new), expected, "\n{old}\n{new}");
}

#[test]
fn package() {
    let at = |package: &str| format!("syntax = \"proto3\"; {package} message A {{ B b = 1; message B {{}} }}");
    let breaks = ["breaks PACKAGE_CHANGED #/"];
    // The types of fields are known without the package, so nothing else changes.
    assert_found(&at("package shop.v1;"), &at("package shop.v2;"), &breaks);
    assert_found(&at("package shop.v1;"), &at(""), &breaks);
    assert_found(&at(""), &at("package shop.v1;"), &breaks);
    assert_found(&at("package shop;"), &at("package shop;"), &[]);
}

#[test]
fn messages_and_enums() {
    assert_found("message A {} message B {}", "message A {}", &["breaks MESSAGE_REMOVED #/B"]);
    assert_found("message A {}", "message A {} message B {}", &["passes MESSAGE_ADDED #/B"]);
    assert_found("message A {}", "message B {}", &["breaks MESSAGE_REMOVED #/A", "passes MESSAGE_ADDED #/B"]);
    let moved = ["passes MESSAGE_MOVED #/A", "passes MESSAGE_MOVED #/B"];
    assert_found("message A {} message B {}", "message B {} message A {}", &moved);
    // Enums have an order of their own.
    assert_found("enum E { X = 0; } message A {}", "message A {} enum E { X = 0; }", &[]);
    assert_found(
        "message A { message B {} message C {} }",
        "message A { message C {} }",
        &["breaks MESSAGE_REMOVED #/A/B", "passes MESSAGE_MOVED #/A/C"],
    );
    assert_found(
        "message A { message B {} }",
        "message A {} message B {}",
        &["breaks MESSAGE_REMOVED #/A/B", "passes MESSAGE_ADDED #/B"],
    );
    assert_found(
        "message A {} message B {}",
        "message A { message B {} }",
        &["breaks MESSAGE_REMOVED #/B", "passes MESSAGE_ADDED #/A/B"],
    );
    assert_found("message A {} enum E { X = 0; }", "message A {}", &["passes ENUM_REMOVED #/E"]);
    assert_found("message A {}", "message A { enum E { X = 0; } }", &["passes ENUM_ADDED #/A/E"]);
    let was_enum = ["breaks MESSAGE_REMOVED #/A", "passes ENUM_ADDED #/A"];
    assert_found("message A {}", "enum A { X = 0; }", &was_enum);
    assert_found(
        "enum E { X = 0; Y = 1; Z = 2; }",
        "enum E { X = 0; Y2 = 1; W = 3; }",
        &["passes ENUM_CONST_ADDED #/E/3", "passes ENUM_CONST_CHANGED #/E/1", "passes ENUM_CONST_REMOVED #/E/2"],
    );
}

#[test]
fn fields_by_number() {
    assert_found("message A { int32 x = 1; }", "message A { int32 y = 1; }", &["passes FIELD_NAME_CHANGED #/A/1"]);
    assert_found("message A { int32 x = 1; }", "message A {}", &["passes FIELD_REMOVED #/A/1"]);
    assert_found("message A { reserved 1; }", "message A { int32 x = 1; }", &["passes FIELD_ADDED #/A/1"]);
    assert_found("message A { int32 x = 1; int32 y = 2; }", "message A { int32 y = 2; int32 x = 1; }", &[]);
    let required = proto2("message A { required int32 x = 1; }");
    assert_found(&required, &proto2("message A {}"), &["breaks REQUIRED_FIELD_REMOVED #/A/1"]);
    assert_found(&proto2("message A {}"), &required, &["breaks REQUIRED_FIELD_ADDED #/A/1"]);
}

/// Every pair of types: the ones of a line read each other.
#[test]
fn scalars_that_read_each_other() {
    let groups: [&[&str]; 7] = [
        &["int32", "int64", "uint32", "uint64", "bool", "E"],
        &["sint32", "sint64"],
        &["string", "bytes"],
        &["fixed32", "sfixed32"],
        &["fixed64", "sfixed64"],
        &["float"],
        &["double"],
    ];
    let with = |of: &str| format!("enum E {{ X = 0; }} message A {{ {of} x = 1; map<string, {of}> m = 2; }}");
    for (before, old) in groups.iter().enumerate().flat_map(|(at, group)| group.iter().map(move |of| (at, of))) {
        for (after, new) in groups.iter().enumerate().flat_map(|(at, group)| group.iter().map(move |of| (at, of))) {
            let breaks = ["breaks FIELD_SCALAR_KIND_CHANGED #/A/1", "breaks FIELD_SCALAR_KIND_CHANGED #/A/2"];
            let expected = if before == after { &breaks[..0] } else { &breaks };
            assert_found(&with(old), &with(new), expected);
        }
    }
}

#[test]
fn kinds_do_not_mix() {
    let with = |of: &str| format!("enum E {{ X = 0; }} message B {{}} message A {{ {of} x = 1; }}");
    let kinds = ["int32", "B", "map<int32, B>"];
    for old in kinds {
        for new in kinds.iter().filter(|new| **new != old) {
            assert_found(&with(old), &with(new), &["breaks FIELD_KIND_CHANGED #/A/1"]);
        }
    }
    assert_found(&with("repeated string"), &with("map<string, string>"), &["breaks FIELD_KIND_CHANGED #/A/1"]);
    assert_found(&with("E"), &with("B"), &["breaks FIELD_KIND_CHANGED #/A/1"]);
    // The two halves of a map are compared each for itself, and told of the whole field.
    assert_found(&with("map<int32, E>"), &with("map<int64, bool>"), &[]);
    let twice = ["breaks FIELD_SCALAR_KIND_CHANGED #/A/1", "breaks FIELD_SCALAR_KIND_CHANGED #/A/1"];
    assert_found(&with("map<int32, string>"), &with("map<string, int32>"), &twice);
    let halves = ["breaks FIELD_KIND_CHANGED #/A/1", "breaks FIELD_SCALAR_KIND_CHANGED #/A/1"];
    assert_found(&with("map<int32, string>"), &with("map<string, B>"), &halves);
}

#[test]
fn messages_in_fields_are_known_by_name() {
    let with = |of: &str| format!("message A {{ {of} x = 1; message B {{}} message C {{}} }} message B {{}}");
    let breaks = ["breaks FIELD_NAMED_TYPE_CHANGED #/A/1"];
    assert_found(&with("B"), &with("C"), &breaks);
    // Written alike, but the first one means the message inside.
    assert_found(&with("B"), &with(".B"), &breaks);
    assert_found(&with("B"), &with("A.B"), &[]);
    assert_found(&with("map<string, B>"), &with("map<string, C>"), &breaks);
}

#[test]
fn labels_count_where_both_are_written() {
    let with = |of: &str| format!("message B {{}} message A {{ {of} x = 1; }}");
    let numeric = ["breaks FIELD_NUMERIC_LABEL_CHANGED #/A/1"];
    let text = ["passes FIELD_STRING_OR_BYTES_LABEL_CHANGED #/A/1"];
    assert_found(&with("int32"), &with("repeated int32"), &[]);
    assert_found(&with("int32"), &with("optional int32"), &[]);
    assert_found(&with("optional int32"), &with("repeated int64"), &numeric);
    assert_found(&with("repeated double"), &with("optional double"), &numeric);
    assert_found(&with("optional string"), &with("repeated bytes"), &text);
    // Where the type breaks, the label is not looked at; of messages it never is.
    let breaks = ["breaks FIELD_SCALAR_KIND_CHANGED #/A/1"];
    assert_found(&with("optional int32"), &with("repeated string"), &breaks);
    assert_found(&with("optional B"), &with("repeated B"), &[]);
    let with = |of: &str| proto2(&with(of));
    assert_found(&with("optional int32"), &with("required int32"), &numeric);
    assert_found(&with("required string"), &with("optional string"), &text);
    assert_found(&with("required B"), &with("optional B"), &[]);
}

#[test]
fn proto2_to_proto3() {
    let old = proto2("message A { optional int32 x = 1; required string y = 2; oneof o { bool z = 3; } }");
    assert_found(&old, "message A { int32 x = 1; string y = 2; oneof o { bool z = 3; } }", &[]);
    assert_found(&old, "message A { optional int32 x = 1; string y = 2; oneof o { bool z = 3; } }", &[]);
    assert_found("message A { int32 x = 1; }", &proto2("message A { required int32 x = 1; }"), &[]);
}

#[test]
fn oneofs() {
    let two = "message A { int32 x = 1; int32 y = 2; }";
    let added = "passes ONEOF_ADDED #/A/o";
    let removed = "passes ONEOF_REMOVED #/A/o";
    assert_found(two, "message A { oneof o { int32 x = 1; } int32 y = 2; }", &[added]);
    assert_found(
        two,
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        &["breaks MULTIPLE_FIELDS_MOVED_TO_ONEOF #/A/o", added],
    );
    assert_found(
        two,
        "message A { int32 x = 1; int32 y = 2; oneof o { bool z = 3; } }",
        &[added, "passes ONEOF_FIELD_ADDED #/A/o/3"],
    );
    let one = "message A { int32 x = 1; oneof o { bool y = 2; bool z = 3; } }";
    let joined = "message A { oneof o { int32 x = 1; bool y = 2; bool z = 3; } }";
    assert_found(one, joined, &["breaks FIELD_MOVED_TO_EXISTING_ONEOF #/A/o"]);
    assert_found(joined, one, &["breaks ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/1"]);
    assert_found(one, "message A { int32 x = 1; }", &[removed]);
    assert_found(
        one,
        "message A { int32 x = 1; oneof o { bool y = 2; int32 w = 4; } }",
        &["breaks ONEOF_FIELD_REMOVED #/A/o/3", "passes ONEOF_FIELD_ADDED #/A/o/4"],
    );
    assert_found(
        one,
        "message A { int32 x = 1; bool y = 2; bool z = 3; }",
        &["passes ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/2", "passes ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/3", removed],
    );
}

#[test]
fn oneofs_under_another_name() {
    let old = "message A { int32 x = 1; oneof o { bool y = 2; bool z = 3; } }";
    let renamed = ["passes ONEOF_ADDED #/A/p", "passes ONEOF_REMOVED #/A/o"];
    assert_found(old, "message A { int32 x = 1; oneof p { bool y = 2; bool z = 3; } }", &renamed);
    // It is known by its members: a field beside it joins a oneof that was there before.
    assert_found(
        old,
        "message A { oneof p { int32 x = 1; bool y = 2; bool z = 3; } }",
        &["breaks FIELD_MOVED_TO_EXISTING_ONEOF #/A/p", renamed[0], renamed[1]],
    );
    assert_found(
        old,
        "message A { int32 x = 1; oneof o { bool y = 2; } oneof p { bool z = 3; } }",
        &["breaks ONEOF_FIELD_REMOVED #/A/o/3", "passes ONEOF_ADDED #/A/p"],
    );
}

#[test]
fn members_of_oneofs_are_compared_wherever_they_go() {
    let with = |before: &str, of: &str, after: &str| format!("message A {{ {before} {of} x = 1; {after} }}");
    let scalar = |path: &str| format!("breaks FIELD_SCALAR_KIND_CHANGED #/A/{path}");
    assert_found(&with("oneof o {", "int32", "}"), &with("oneof o {", "string", "}"), &[&scalar("o/1")]);
    assert_found(
        &with("", "int32", ""),
        &with("oneof o {", "string", "}"),
        &[&scalar("o/1"), "passes ONEOF_ADDED #/A/o"],
    );
    assert_found(
        &with("oneof o {", "int32", "}"),
        &with("", "string", ""),
        &[&scalar("1"), "passes ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/1", "passes ONEOF_REMOVED #/A/o"],
    );
    // The oneof that `optional` makes is none.
    assert_found(&with("optional", "int32", ""), &with("oneof _x {", "int32", "}"), &["passes ONEOF_ADDED #/A/_x"]);
}

#[test]
fn what_the_registry_does_not_look_at() {
    let old = proto2(
        "option java_package = \"a\"; message A { extensions 100 to 200; optional int32 x = 1 [default = 1, deprecated = true];
         optional group G = 2 { optional int32 y = 1; } } extend A { optional int32 e = 100; }
         service S { rpc Call(A) returns (A); }",
    );
    let new = proto2("message A { reserved 7; optional int32 x = 1 [json_name = \"y\"]; }");
    assert_found(&old, &new, &[]);
    assert_found(&new, &old, &[]);
    let in_oneof = proto2("message A { oneof o { int32 x = 1; group G = 2 { optional int32 y = 1; } } }");
    assert_found(&in_oneof, &proto2("message A { oneof o { int32 x = 1; } }"), &[]);
}

fn with_import(text: &str, imported: &str) -> ProtobufSchema {
    let text = format!("syntax = \"proto3\"; import \"money.proto\"; {text}");
    let imported = format!("syntax = \"proto3\"; {imported}");
    let reference = ResolvedReference { name: "money.proto", text: &imported };
    parse(&text, &[reference]).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn imported_messages_are_compared_where_a_field_holds_them() {
    let text = "message A { common.Money price = 1; common.Money tax = 2; }";
    let old = with_import(text, "package common; message Money { int64 units = 1; } message Unused {}");
    let new = with_import(text, "package common; message Money { string units = 1; }");
    let told = incompatibilities(&new, &old);
    let shown: Vec<(&str, &str)> = told.iter().map(|told| (told.code, told.path.as_str())).collect();
    assert_eq!(shown, [("FIELD_SCALAR_KIND_CHANGED", "#/common.Money/1")]);
    // The text of an import is not the text that the ranges are of.
    let place =
        |range: &Option<std::ops::Range<usize>>, of: &ProtobufSchema| of.text[range.clone().expect("one")].to_owned();
    assert_eq!([place(&told[0].reader, &new), place(&told[0].writer, &old)], ["common.Money", "common.Money"]);
    let elsewhere = with_import(
        "message A { other.Money price = 1; other.Money tax = 2; }",
        "package other; message Money { int64 units = 1; string currency = 2; }",
    );
    assert!(incompatibilities(&elsewhere, &old).is_empty());
}

#[test]
fn files_that_registries_know() {
    let with = |import: &str, of: &str| {
        schema(&format!("syntax = \"proto3\"; import \"{import}\"; message A {{ {of} x = 1; }}"))
    };
    let old = with("google/protobuf/timestamp.proto", "google.protobuf.Timestamp");
    assert!(changes(&old, &old).is_empty());
    let new = with("google/protobuf/duration.proto", "google.protobuf.Duration");
    assert_eq!(incompatibilities(&new, &old)[0].code, "FIELD_NAMED_TYPE_CHANGED");
    // One of its members holds it again.
    let old = with("google/protobuf/struct.proto", "google.protobuf.Value");
    assert!(changes(&old, &schema(&old.text)).is_empty());
}

#[test]
fn words_and_places() {
    let old = schema("message A { oneof o { int32 x = 1; } repeated int32 price = 7; message Line {} }");
    let new = schema("message A { oneof o { bool z = 4; } string cost = 7; }");
    let told = incompatibilities(&new, &old);
    let shown: Vec<String> = told
        .iter()
        .map(|told| {
            let text = |range: &Option<std::ops::Range<usize>>, of: &ProtobufSchema| {
                range.clone().map_or("nowhere".to_owned(), |range| of.text[range].to_owned())
            };
            let (reader, writer) = (text(&told.reader, &new), text(&told.writer, &old));
            format!("{}; {} [{writer} → {reader}]", told.message, told.help.as_deref().unwrap_or_default())
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    message `A.Line` is written, and the reader does not have it; keep it where it is and by its name, also while nothing uses it [Line → A]
    `cost` (7, `price` to the writer) of `A` is written as `repeated int32` and read as `string`, which is encoded otherwise; keep `repeated int32`; or give `string` a number of its own, and write `reserved 7;` [int32 → string]
    `x` (1) of `A` is written as a member of oneof `o`; the reader takes the oneof for unset; keep the member, marked `deprecated` [x → A]
    ");
}

#[test]
fn words_of_the_other_kinds() {
    let old = proto2(
        "package a; message A { required int32 x = 1; optional int32 y = 2; optional B b = 3; optional int32 m = 4;
         oneof o { int32 p = 5; int32 q = 6; int32 r = 7; } optional int32 s = 8; } message B { } message C { }",
    );
    let new = proto2(
        "message A { required int32 w = 9; repeated int32 y = 2; optional C b = 3; map<int32, B> m = 4;
         optional int32 p = 5; oneof o { int32 q = 6; int32 s = 8; } oneof n { int32 r = 7; } } message B { } message C { }",
    );
    let told = incompatibilities(&schema(&new), &schema(&old));
    let shown: Vec<String> =
        told.iter().map(|told| format!("{} {}\n  {}", told.code, told.path, told.message)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    PACKAGE_CHANGED #/
      every message has another full name: package `a` became no package
    FIELD_NUMERIC_LABEL_CHANGED #/A/2
      `y` (2) of `A` is written as `optional int32` and read as `repeated int32`
    FIELD_NAMED_TYPE_CHANGED #/A/3
      `b` (3) of `A` is written as `optional B` and read as `optional C`, a message of another name
    FIELD_KIND_CHANGED #/A/4
      `m` (4) of `A` is written as a scalar, `optional int32`, and read as a map, `map<int32, B>`
    ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/A/5
      `p` (5) of `A` is written as a member of oneof `o` and read outside of it; the reader takes `o` for unset
    ONEOF_FIELD_REMOVED #/A/o/7
      `r` (7) of `A` is written as a member of oneof `o` and read in oneof `n`; the reader takes `o` for unset
    FIELD_MOVED_TO_EXISTING_ONEOF #/A/o
      `s` (8) of `A` can be set beside the members of oneof `o` of `A`, and is read as one of them
    REQUIRED_FIELD_ADDED #/A/9
      the reader requires `w` (9) of `A`, and `A` is written without it
    REQUIRED_FIELD_REMOVED #/A/1
      `x` (1) of `A` is required by the writer, and the reader does not have it: who requires it refuses records without
    ");
}

#[test]
fn several_moved_fields_are_named_up_to_some() {
    let fields: String = (1..=6).map(|number| format!("int32 f{number} = {number};")).collect();
    let old = schema(&format!("message A {{ {fields} }}"));
    let new = schema(&format!("message A {{ oneof o {{ {fields} }} }}"));
    let told = incompatibilities(&new, &old);
    insta::assert_snapshot!(told[0].message, @"`f1`, `f2`, `f3`, `f4` and 2 more can be set together, and oneof `o` of `A` keeps the last one that it reads");
}

#[test]
fn changes_that_break_nothing_in_words() {
    let old = schema("message A { int32 x = 1; enum E { X = 0; } }");
    let new = schema("message A { int64 y = 1; enum E { Y = 0; } oneof o { bool z = 2; } }");
    let told: Vec<String> = differences(&new, &old).into_iter().map(|told| told.message).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    enum const changed: `Y` (0) of `A.E`
    `x` (1) of `A` became `y`
    `z` (2) of `A` is new
    oneof added: `o` of `A`
    ");
    assert!(breaking_changes(&new, &old).is_empty());
}
