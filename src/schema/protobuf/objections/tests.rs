use crate::schema::ResolvedReference;
use crate::schema::protobuf::{incompatibilities, parse, parse_registered};

/// What `protoc` refuses and registries take, why, and where. Files are of proto3, or of proto2 behind an `@`.
const REFUSED: &[(&str, &str, &str)] = &[
    ("message A { reserved 1 to 5; int32 x = 3; }", "`x` has the number 3, which is reserved", "3"),
    ("message A { reserved 'x'; int32 x = 1; }", "the name `x` is reserved", "x"),
    ("message A { reserved 1 to 5; reserved 3; }", "3 is reserved twice", "3"),
    ("message A { reserved 'x', 'x'; }", "the name `x` is reserved twice", "'x'"),
    ("message A { reserved 5 to 3; }", "the range 5 to 3 has no numbers", "5 to 3"),
    ("message A { extensions 100 to 200; }", "`A` leaves numbers to extensions, which is for proto2", "100 to 200"),
    ("@message A { extensions 100 to 200, 150; }", "150 is left to extensions twice", "150"),
    ("@message A { extensions 100 to 200; reserved 150; }", "150 is left to extensions and reserved", "150"),
    (
        "@message A { extensions 100 to 200; optional int32 x = 150; }",
        "`x` has the number 150, which is left to extensions",
        "150",
    ),
    ("@message A { extensions 200 to 100; }", "the range 200 to 100 has no numbers", "200 to 100"),
    ("enum E { reserved 1; A = 0; B = 1; }", "`B` has the number 1, which is reserved", "1"),
    ("enum E { reserved 'B'; A = 0; B = 1; }", "the name `B` is reserved", "B"),
    ("enum E { reserved 2 to 5, 3; A = 0; }", "3 is reserved twice", "3"),
    ("enum E { reserved 'C', 'C'; A = 0; }", "the name `C` is reserved twice", "'C'"),
    ("enum E { reserved 5 to 3; A = 0; }", "the range 5 to 3 has no numbers", "5 to 3"),
    (
        "enum E { option allow_alias = true; A = 0; B = 1; }",
        "`E` allows aliases, and no two of its values have one number",
        "E",
    ),
    ("enum E { option allow_alias = false; A = 0; }", "`E` says that it allows no aliases, as does every enum", "E"),
    (
        "enum MyKind { MY_KIND_FOO = 0; foo = 1; }",
        "`MY_KIND_FOO` and `foo` have the same name in generated code, without that of the enum",
        "foo",
    ),
    (
        "message A { int32 foo_bar = 1; int32 fooBar = 2; }",
        "`foo_bar` and `fooBar` are both `fooBar` in JSON",
        "fooBar",
    ),
    ("message A { int32 a = 1 [json_name = 'b']; int32 b = 2; }", "`a` and `b` are both `b` in JSON", "b"),
    ("message A { int32 a = 1; int32 b = 2 [json_name = 'a']; }", "`a` and `b` are both `a` in JSON", "'a'"),
    (
        "message A { int32 x = 1 [json_name = '[y]']; }",
        "`x` has a name in brackets in JSON, which are for extensions",
        "'[y]'",
    ),
    ("message A { int32 x = 1 [json_name = 'y\\0']; }", "the name of `x` in JSON has a zero character", "'y\\0'"),
    (
        "@message A { extensions 100; } extend A { optional int32 x = 100 [json_name = 'y']; }",
        "the extension `x` has a `json_name`",
        "'y'",
    ),
    (
        "@message A { extensions 100; } message B { extend A { optional int32 x = 100; optional int32 y = 100; } }",
        "`x` and `y` both extend `A` with the number 100",
        "100",
    ),
    ("import 'o.proto'; extend O { int32 x = 100; }", "`x` extends a message, which is for proto2", "O"),
    (
        "message A { repeated string x = 1 [packed = true]; }",
        "`x` is packed, which is for repeated numbers, enums and bools",
        "[packed = true]",
    ),
    (
        "message A { repeated A x = 1 [packed = true]; }",
        "`x` is packed, which is for repeated numbers, enums and bools",
        "[packed = true]",
    ),
    (
        "message A { int32 x = 1 [packed = true]; }",
        "`x` is packed, which is for repeated numbers, enums and bools",
        "[packed = true]",
    ),
    (
        "@message A { message B { repeated bytes x = 1 [packed = true]; } }",
        "`x` is packed, which is for repeated numbers, enums and bools",
        "[packed = true]",
    ),
    ("message A { int32 x = 1 [lazy = true]; }", "`x` is lazy, which is for messages", "[lazy = true]"),
    (
        "message A { int32 x = 1 [jstype = JS_STRING]; }",
        "`x` has a `jstype`, which is for integers of 64 bits",
        "[jstype = JS_STRING]",
    ),
    ("message A { option message_set_wire_format = true; }", "message sets are for proto2", "A"),
    (
        "@enum E { Q = 1; } message A { map<string, E> x = 1; }",
        "`x` is a map of `E`, whose first value is not 0",
        "map<string, E>",
    ),
    (
        "import 'o.proto'; message A { Closed x = 1; }",
        "`x` is in proto3, and its enum `Closed` in proto2, which refuses numbers that it does not know",
        "Closed",
    ),
    (
        "import 'o.proto'; message A { map<int32, Closed> x = 1; }",
        "`x` is in proto3, and its enum `Closed` in proto2, which refuses numbers that it does not know",
        "map<int32, Closed>",
    ),
];

/// What is close to that, and right.
const TAKEN: &[&str] = &[
    "message A { reserved 1 to 5, 7, 9 to max; reserved 'x', 'y'; int32 z = 6; }",
    "@message A { extensions 100 to 199, 201 to max; reserved 200; optional int32 x = 99; }",
    "enum E { reserved -5 to -3, 2 to max; reserved 'C'; A = 0; B = 1; }",
    "enum E { option allow_alias = true; A = 0; B = 0; }",
    "enum E { option allow_alias = true; E_FOO = 0; FOO = 0; }",
    "enum Kind { FOO_BAR = 0; FOOBAR = 1; KIND = 2; }",
    "@enum E { E_FOO = 0; FOO = 1; }",
    "message A { repeated int32 x = 1 [packed = true]; repeated string y = 2 [packed = false]; E e = 3; } enum E { Z = 0; }",
    "message A { A x = 1 [lazy = true]; int64 y = 2 [jstype = JS_STRING]; int32 z = 3 [jstype = JS_NORMAL]; }",
    "message A { int32 a = 1 [json_name = 'b']; int32 b = 2 [json_name = 'a']; }",
    "import 'google/protobuf/descriptor.proto'; extend google.protobuf.FieldOptions { int32 x = 50000; }",
    "@import 'o.proto'; enum E { Q = 1; } message A { optional E x = 1; map<string, E2> y = 2; } enum E2 { Y = 0; }",
    // Registries print maps that a producer registered by its compiled file.
    "message A { repeated XEntry x = 1; message XEntry { option map_entry = true; string key = 1; A value = 2; } }",
];

const IMPORT: &str = "message O { extensions 100 to max; } enum Closed { Z = 0; }";

fn written(text: &str) -> String {
    match text.strip_prefix('@') {
        Some(text) => format!("syntax = \"proto2\"; {text}"),
        None => format!("syntax = \"proto3\"; {text}"),
    }
}

#[test]
fn what_protoc_refuses_and_registries_take() {
    let references = [ResolvedReference { name: "o.proto", text: IMPORT }];
    for (text, message, place) in REFUSED {
        let text = written(text);
        let error = parse(&text, &references).expect_err(&text);
        assert_eq!(error.message, *message, "{text}");
        assert_eq!(&text[error.range.expect("a place")], *place, "{text}");
        assert!(error.help.is_some(), "{text}");
    }
}

#[test]
fn what_is_right_is_taken() {
    let references = [ResolvedReference { name: "o.proto", text: IMPORT }];
    for text in TAKEN.iter().map(|text| written(text)) {
        assert!(parse(&text, &references).is_ok(), "{text}: {:?}", parse(&text, &references).err());
    }
}

/// A version that a registry has can be compared all the same; of some the descriptor library has no form.
#[test]
fn what_a_registry_has_is_compared() {
    const NO_FORM: [&str; 2] = ["in JSON", "left to extensions"];
    let references = [ResolvedReference { name: "o.proto", text: IMPORT }];
    for (text, message, _) in REFUSED {
        let text = written(text);
        match parse_registered(&text, &references) {
            Ok(schema) => assert!(incompatibilities(&schema, &schema).is_empty(), "{text}"),
            Err(error) => assert!(NO_FORM.iter().any(|form| message.contains(form)), "{text}: {error}"),
        }
    }
}

/// The library takes any message for the entry of a map that says so, and looks for its key.
#[test]
fn entries_of_maps_without_key_or_value() {
    for fields in [
        "",
        "string key = 1;",
        "float key = 1; int32 value = 2;",
        "string key = 1; repeated int32 value = 2;",
        "E key = 1; int32 value = 2;",
    ] {
        let text = format!(
            "message A {{ repeated B x = 1; message B {{ option map_entry = true; {fields} }} enum E {{ Z = 0; }} }}"
        );
        let error = parse_registered(&written(&text), &[]).expect_err(&text);
        assert_eq!(error.message, "`B` has the option `map_entry`, and is no entry of a map");
        assert_eq!(&written(&text)[error.range.expect("a place")], "B");
    }
}

#[test]
fn editions() {
    let text = "// Ours.\nedition = \"2023\";\nmessage A {}";
    let error = parse_registered(text, &[]).expect_err("an edition");
    assert_eq!(error.message, "editions are not supported: neither registries nor this tool read them");
    assert_eq!(&text[error.range.expect("a place")], "edition");
}
