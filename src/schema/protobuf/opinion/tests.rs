use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Concern, second_opinion};
use crate::schema::protobuf::compatibility::incompatibilities;
use crate::schema::protobuf::{ProtobufSchema, parse};
use crate::schema::{Category, Opinion, ResolvedReference};

fn schema(text: &str) -> ProtobufSchema {
    let text = if text.starts_with("syntax") { text.to_owned() } else { format!("syntax = \"proto3\"; {text}") };
    parse(&text, &[]).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn proto2(text: &str) -> String {
    format!("syntax = \"proto2\"; {text}")
}

fn found(old: &str, new: &str) -> Vec<String> {
    let mut found: Vec<String> = second_opinion(&schema(new), &schema(old), Category::Source)
        .iter()
        .map(|opinion| format!("{} {}", opinion.incompatibility.code, opinion.incompatibility.path))
        .collect();
    found.sort();
    found
}

#[track_caller]
fn assert_found(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(found(old, new), expected, "\n{old}\n{new}");
    // Neither opinion repeats the other: what is asked here passes the registry.
    let refused = incompatibilities(&schema(new), &schema(old));
    assert!(refused.is_empty(), "{refused:?}");
}

/// One pair for each concern, with nothing else in it, that the registry lets pass.
const PAIRS: &[(Concern, &str, &str, &str)] = &[
    (Concern::FieldCardinalityChanged, "#/A/1", "message A { int32 x = 1; }", "message A { repeated int32 x = 1; }"),
    (
        Concern::FieldRequiredChanged,
        "#/A/1",
        "syntax = \"proto2\"; message A { optional string x = 1; }",
        "syntax = \"proto2\"; message A { required string x = 1; }",
    ),
    (Concern::FieldValuesMisread, "#/A/1", "message A { int64 x = 1; }", "message A { int32 x = 1; }"),
    (
        Concern::FieldEnumChanged,
        "#/A/1",
        "enum E { E_NONE = 0; E_X = 1; } enum F { F_NONE = 0; F_Y = 1; } message A { E x = 1; }",
        "enum E { E_NONE = 0; E_X = 1; } enum F { F_NONE = 0; F_Y = 1; } message A { F x = 1; }",
    ),
    (
        Concern::FieldEncodingChanged,
        "#/A/G/1",
        "syntax = \"proto2\"; message A { optional group G = 2 { optional int32 x = 1; } }",
        "syntax = \"proto2\"; message A { optional group G = 2 { optional sint32 x = 1; } }",
    ),
    (
        Concern::FieldGroupChanged,
        "#/A/2",
        "syntax = \"proto2\"; message A { optional group G = 2 { } }",
        "syntax = \"proto2\"; message A { optional G g = 2; message G { } }",
    ),
    (
        Concern::FieldJsTypeChanged,
        "#/A/1",
        "message A { int64 x = 1 [jstype = JS_STRING]; }",
        "message A { int64 x = 1 [jstype = JS_NUMBER]; }",
    ),
    (
        Concern::ExtensionRangeRemoved,
        "#/A",
        "syntax = \"proto2\"; message A { extensions 100 to 199, 300; }",
        "syntax = \"proto2\"; message A { extensions 100 to 150, 300; }",
    ),
    (Concern::FieldNumberChanged, "#/A/1", "message A { int32 x = 1; }", "message A { int32 x = 2; }"),
    (
        Concern::FieldNumberReused,
        "#/A/1",
        "message B { string x = 1; } enum E { E_NONE = 0; } enum F { F_NONE = 0; } message A { E x = 1; }",
        "message B { string x = 1; } enum E { E_NONE = 0; } enum F { F_NONE = 0; } message A { F y = 1; }",
    ),
    (Concern::FieldNumberNotReserved, "#/A/1", "message A { int32 x = 1; }", "message A { }"),
    (Concern::ReservedNumberUsed, "#/A/1", "message A { reserved 1; }", "message A { int32 x = 1; }"),
    (Concern::ReservedNumberReleased, "#/A", "message A { reserved 1 to 5, 7; }", "message A { reserved 1 to 4, 7; }"),
    (
        Concern::FieldDefaultChanged,
        "#/A/1",
        "syntax = \"proto2\"; message A { optional int32 x = 1 [default = 1]; }",
        "syntax = \"proto2\"; message A { optional int32 x = 1; }",
    ),
    (
        Concern::OneofsMerged,
        "#/A/o",
        "message A { oneof o { int32 x = 1; } oneof p { int32 y = 2; } }",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
    ),
    (
        Concern::OneofSplit,
        "#/A/o",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { int32 x = 1; int32 y = 2; }",
    ),
    (Concern::EnumNumberChanged, "#/E/1", "enum E { X = 0; Y = 1; }", "enum E { X = 0; Y = 2; }"),
    (Concern::EnumNumberNotReserved, "#/E/1", "enum E { X = 0; Y = 1; }", "enum E { X = 0; }"),
    (
        Concern::EnumDefaultChanged,
        "#/E/1",
        "syntax = \"proto2\"; enum E { X = 0; Y = 1; }",
        "syntax = \"proto2\"; enum E { Y = 1; X = 0; }",
    ),
    (Concern::FieldJsonNameChanged, "#/A/1", "message A { int32 x = 1; }", "message A { int32 y = 1; }"),
    (Concern::FieldJsonTypeChanged, "#/A/1", "message A { bool x = 1; }", "message A { int32 x = 1; }"),
    (Concern::FieldNameNotReserved, "#/A/1", "message A { int32 x = 1; }", "message A { reserved 1; }"),
    (Concern::ReservedNameUsed, "#/A/1", "message A { reserved \"x\"; }", "message A { int32 x = 1; }"),
    (Concern::ReservedNameReleased, "#/A", "message A { reserved \"x\", \"y\"; }", "message A { reserved \"y\"; }"),
    (Concern::EnumValueRenamed, "#/E/1", "enum E { X = 0; Y = 1; }", "enum E { X = 0; Z = 1; }"),
    (Concern::EnumNameNotReserved, "#/E/1", "enum E { X = 0; Y = 1; }", "enum E { X = 0; reserved 1; }"),
    (Concern::FieldRenamed, "#/A/1", "message A { int32 x_y = 1; }", "message A { int32 z = 1 [json_name = \"xY\"]; }"),
    (Concern::FieldRemoved, "#/A/1", "message A { int32 x = 1; }", "message A { reserved 1; reserved \"x\"; }"),
    (
        Concern::FieldTypeChanged,
        "#/A/1",
        "message A { B.S x = 1; } message B { enum S { N = 0; } } message C { enum T { N = 0; } }",
        "message A { C.T x = 1; } message B { enum S { N = 0; } } message C { enum T { N = 0; } }",
    ),
    (Concern::FieldPresenceChanged, "#/A/1", "message A { int32 x = 1; }", "message A { optional int32 x = 1; }"),
    (
        Concern::FieldOneofChanged,
        "#/A/o",
        "message A { int32 x = 1; }",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
    ),
    (
        Concern::OneofRenamed,
        "#/A/o",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof p { int32 x = 1; int32 y = 2; } }",
    ),
    (Concern::EnumValueRemoved, "#/E/1", "enum E { X = 0; Y = 1; }", "enum E { X = 0; reserved 1; reserved \"Y\"; }"),
    (Concern::EnumRemoved, "#/E", "enum E { X = 0; }", ""),
    (Concern::MessageMoved, "#/A", "message A { }", "message B { } message A { }"),
    (
        Concern::ExtensionRemoved,
        "#/A/100",
        "syntax = \"proto2\"; message A { extensions 100; } extend A { optional int32 x = 100; }",
        "syntax = \"proto2\"; message A { extensions 100; }",
    ),
    (Concern::LanguagePackageChanged, "#/", "option java_package = \"a\";", "option java_package = \"b\";"),
    (Concern::SyntaxChanged, "#/", "syntax = \"proto2\"; message A { }", "syntax = \"proto3\"; message A { }"),
    (Concern::ServiceRemoved, "#/S", "service S { }", ""),
    (
        Concern::MethodChanged,
        "#/S/Call",
        "message A { } service S { rpc Call(A) returns (A); }",
        "message A { } service S { rpc Call(A) returns (stream A); }",
    ),
];

#[test]
fn each_concern_by_a_pair() {
    for (concern, path, old, new) in PAIRS {
        let told = second_opinion(&schema(new), &schema(old), Category::Source);
        // A number that is used for another field has another type in code too.
        let code = |told: &Opinion| told.incompatibility.code;
        let extra = Concern::FieldTypeChanged.code();
        let told = told.iter().filter(|told| code(told) != extra || code(told) == concern.code());
        let shown: Vec<(&str, &str)> = told.map(|told| (code(told), told.incompatibility.path.as_str())).collect();
        assert_eq!(shown, [(concern.code(), *path)], "{old}\n{new}");
        assert!(incompatibilities(&schema(new), &schema(old)).is_empty(), "{concern:?}");
    }
    let shown: BTreeSet<Concern> = PAIRS.iter().map(|(concern, ..)| *concern).collect();
    assert_eq!(shown, Concern::ALL.iter().copied().collect(), "every concern has its pair");
}

#[test]
fn codes_are_in_the_order_of_categories_and_unlike() {
    let categories: Vec<Category> = Concern::ALL.iter().map(|concern| concern.category()).collect();
    assert!(categories.is_sorted());
    let codes: BTreeSet<&str> = Concern::ALL.iter().map(|concern| concern.code()).collect();
    assert_eq!(codes.len(), Concern::ALL.len());
}

#[test]
fn a_category_holds_those_before_it() {
    let old = "option go_package = \"a\"; message A { int64 x = 1; int32 y = 2; }";
    let new = "option go_package = \"b\"; message A { int32 x = 1; int32 z = 2; }";
    let codes = |category| {
        let told = second_opinion(&schema(new), &schema(old), category);
        told.iter()
            .map(|told| told.incompatibility.code)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(codes(Category::Wire), "FIELD_VALUES_MISREAD");
    assert_eq!(codes(Category::WireJson), "FIELD_JSON_NAME_CHANGED FIELD_VALUES_MISREAD");
    assert_eq!(codes(Category::Source), "FIELD_JSON_NAME_CHANGED FIELD_VALUES_MISREAD LANGUAGE_PACKAGE_CHANGED");
}

#[test]
fn what_the_registry_refuses_is_not_told_again() {
    let with = |of: &str, name: &str| format!("message B {{ }} message A {{ {of} {name} = 1; }}");
    for (old, new) in
        [("int32", "sint32"), ("string", "int32"), ("B", "string"), ("B", "A"), ("int32", "map<int32, B>")]
    {
        assert!(found(&with(old, "x"), &with(new, "y")).is_empty(), "{old} {new}");
    }
    assert!(found(&with("optional int32", "x"), &with("repeated int32", "x")).is_empty());
    assert!(found("message A { } message B { int32 x = 1; }", "message A { }").is_empty());
    assert!(found("package a; message A { }", "package b; message A { }").is_empty());
}

#[test]
fn additions_are_nothing_to_regret() {
    assert_found(
        "message A { int32 x = 1; oneof o { bool y = 2; } enum E { X = 0; } }",
        "message A { int32 x = 1; oneof o { bool y = 2; int32 z = 3; } enum E { X = 0; Y = 1; } message C { } reserved 9; }
         message B { } enum F { FX = 0; } service S { }",
        &[],
    );
}

#[test]
fn values_that_are_misread() {
    let with = |of: &str| format!("enum E {{ X = 0; }} message A {{ {of} x = 1; }}");
    let told = |old: &str, new: &str| found(&with(old), &with(new)).join("");
    let misread = "FIELD_VALUES_MISREAD #/A/1";
    for (old, new) in [
        ("int64", "int32"),
        ("uint64", "uint32"),
        ("sint64", "sint32"),
        ("int32", "uint32"),
        ("uint32", "int32"),
        ("int64", "uint64"),
        ("int32", "bool"),
        ("E", "bool"),
        ("int64", "E"),
        ("fixed32", "sfixed32"),
        ("sfixed64", "fixed64"),
        ("bytes", "string"),
        ("map<int64, int64>", "map<int64, int32>"),
        ("map<int64, int64>", "map<int32, int64>"),
    ] {
        assert_eq!(told(old, new), misread, "{old} {new}");
    }
    for (old, new) in [
        ("bool", "int32"),
        ("int32", "E"),
        ("E", "int32"),
        ("string", "bytes"),
        ("bool", "E"),
        ("int32", "int64"),
        ("uint32", "int64"),
        ("sint32", "sint64"),
        ("uint32", "uint64"),
    ] {
        assert_eq!(told(old, new), "FIELD_JSON_TYPE_CHANGED #/A/1", "{old} {new}");
    }
}

#[test]
fn enums_that_mean_the_same_by_another_name() {
    let with = |of: &str| {
        format!(
            "enum Status {{ STATUS_NONE = 0; STATUS_PAID = 1; }}
             enum State {{ STATE_NONE = 0; STATE_PAID = 1; STATE_SENT = 2; }} message A {{ {of} x = 1; }}"
        )
    };
    assert_found(&with("Status"), &with("State"), &["FIELD_TYPE_CHANGED #/A/1"]);
    // The other way round one value is not there.
    assert_found(&with("State"), &with("Status"), &["FIELD_ENUM_CHANGED #/A/1"]);
}

#[test]
fn numbers_that_change_places() {
    assert_found(
        "message A { string x = 1; string y = 2; }",
        "message A { string y = 1; string x = 2; }",
        &["FIELD_NUMBER_CHANGED #/A/1", "FIELD_NUMBER_CHANGED #/A/2"],
    );
    // The number of what has moved is not to be reserved, but to be taken back.
    assert_found(
        "message A { string x = 1; }",
        "message A { string y = 1; string x = 2; }",
        &["FIELD_NUMBER_CHANGED #/A/1"],
    );
    assert_found(
        "enum E { X = 0; Y = 1; Z = 2; }",
        "enum E { X = 0; Z = 1; Y = 2; }",
        &["ENUM_NUMBER_CHANGED #/E/1", "ENUM_NUMBER_CHANGED #/E/2"],
    );
}

#[test]
fn enums_with_several_names_for_a_number() {
    let alias = "enum E { option allow_alias = true; X = 0; Y = 1; Z = 1; }";
    assert_found("enum E { X = 0; Y = 1; }", alias, &[]);
    assert_found(alias, "enum E { X = 0; Y = 1; }", &["ENUM_VALUE_RENAMED #/E/1"]);
}

#[test]
fn required_and_cardinality_where_the_registry_is_silent() {
    let with = |of: &str| proto2(&format!("message B {{ }} message A {{ {of} x = 1; }}"));
    assert_found(&with("required B"), &with("optional B"), &["FIELD_REQUIRED_CHANGED #/A/1"]);
    assert_found(&with("required B"), &with("repeated B"), &["FIELD_CARDINALITY_CHANGED #/A/1"]);
    assert_found(&with("repeated string"), &with("optional string"), &["FIELD_CARDINALITY_CHANGED #/A/1"]);
    assert_found(
        "message A { repeated bytes x = 1; }",
        "message A { bytes x = 1; }",
        &["FIELD_CARDINALITY_CHANGED #/A/1"],
    );
}

#[test]
fn oneofs_are_told_once() {
    assert_found(
        "message A { oneof o { int32 x = 1; } }",
        "message A { int32 x = 1; }",
        &["FIELD_ONEOF_CHANGED #/A/o"],
    );
    // Two oneofs with new names, or one in place of two.
    assert_found(
        "message A { oneof o { int32 x = 1; } oneof p { int32 y = 2; } }",
        "message A { oneof q { int32 x = 1; int32 y = 2; } }",
        &["ONEOFS_MERGED #/A/q", "ONEOF_RENAMED #/A/o", "ONEOF_RENAMED #/A/p"],
    );
    assert_found(
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof p { int32 x = 1; } oneof q { int32 y = 2; } }",
        &["ONEOF_SPLIT #/A/o"],
    );
}

#[test]
fn defaults_that_are_written_and_that_are_not() {
    let with = |of: &str| proto2(&format!("message A {{ optional {of}; }}"));
    assert_found(&with("int32 x = 1"), &with("int32 x = 1 [default = 0]"), &[]);
    assert_found(
        &with("string x = 1 [default = \"a\"]"),
        &with("string x = 1 [default = \"b\"]"),
        &["FIELD_DEFAULT_CHANGED #/A/1"],
    );
    assert_found(&with("bool x = 1"), &with("bool x = 1 [default = true]"), &["FIELD_DEFAULT_CHANGED #/A/1"]);
}

#[test]
fn extensions() {
    let with = |of: &str| {
        proto2(&format!("message A {{ extensions 100 to 200; }} message B {{ extend A {{ {of} = 100; }} }}"))
    };
    assert_found(&with("optional int32 x"), &with("optional string x"), &["FIELD_ENCODING_CHANGED #/A/100"]);
    assert_found(&with("optional int32 x"), &with("repeated int32 x"), &["FIELD_CARDINALITY_CHANGED #/A/100"]);
    assert_found(&with("optional int32 x"), &with("optional int32 y"), &["FIELD_JSON_NAME_CHANGED #/A/100"]);
    assert_found(&with("optional int32 x"), &with("optional int64 x"), &["FIELD_JSON_TYPE_CHANGED #/A/100"]);
}

#[test]
fn imported_messages() {
    let with = |inner: &str| {
        let imported = format!("syntax = \"proto3\"; package common; message Money {{ {inner} Money again = 9; }}");
        let references = [ResolvedReference { name: "money.proto", text: &imported }];
        let text = "syntax = \"proto3\"; import \"money.proto\"; message A { common.Money x = 1; common.Money y = 2; }";
        parse(text, &references).unwrap_or_else(|error| panic!("{error}"))
    };
    let told = second_opinion(&with("int32 units = 1;"), &with("int64 units = 1;"), Category::Wire);
    let shown: Vec<&str> = told.iter().map(|told| told.incompatibility.path.as_str()).collect();
    assert_eq!(shown, ["#/common.Money/1"]);
}

#[test]
fn words() {
    let mut shown = String::new();
    for (concern, _, old, new) in PAIRS {
        let (old, new) = (schema(old), schema(new));
        for told in second_opinion(&new, &old, Category::Source)
            .iter()
            .filter(|told| told.incompatibility.code == concern.code())
        {
            let told = &told.incompatibility;
            let text = |range: &Option<std::ops::Range<usize>>, of: &ProtobufSchema| {
                range.clone().map_or("-".to_owned(), |range| of.text[range].to_owned())
            };
            let places = format!("{} → {}", text(&told.writer, &old), text(&told.reader, &new));
            let help = told.help.as_deref().unwrap_or_default();
            let category = concern.category().as_str();
            _ = writeln!(shown, "{category}: {} [{places}]\n  {}\n  {help}", told.code, told.message);
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn ten_thousand_of_each() {
    let numbers = || 1..=10_000_i32;
    let text = |line: &dyn Fn(i32) -> String| -> String { numbers().map(line).collect() };
    let old = format!(
        "message A {{ {} }} enum E {{ Z = 0; {} }} message R {{ {} {} }} message O {{ {} }}",
        text(&|number| format!("int64 f{number} = {number};\n")),
        text(&|number| format!("V{number} = {number};\n")),
        text(&|number| format!("reserved {};\n", number * 2)),
        text(&|number| format!("reserved \"n{number}\";\n")),
        text(&|number| format!("oneof o{number} {{ int32 f{number} = {number}; }}\n")),
    );
    let new = format!(
        "message A {{ {} }} enum E {{ Z = 0; {} }} message R {{ {} {} }} message O {{ {} }}",
        text(&|number| format!("int32 g{number} = {number};\n")),
        text(&|number| format!("W{number} = {number};\n")),
        text(&|number| format!("reserved {};\n", number * 2 + 1)),
        text(&|number| format!("int32 f{number} = {};\n", number * 2 + 30_000)),
        text(&|number| format!("oneof p{number} {{ int32 f{number} = {number}; }}\n")),
    );
    let told = second_opinion(&schema(&new), &schema(&old), Category::Source);
    // Each field twice (number reused, values misread), each value, each oneof; the reserved ones once for all.
    assert_eq!(told.len(), 4 * 10_000 + 2);
}

#[test]
fn more_than_anybody_reads() {
    let text = |name: &str| {
        let fields: String = (1..=60_000)
            .filter(|n| !(19_000..20_000).contains(n))
            .map(|n| format!("int32 {name}{n} = {n};\n"))
            .collect();
        schema(&format!("message A {{ {fields} }}"))
    };
    let told = second_opinion(&text("b"), &text("a"), Category::Source);
    assert_eq!(told.len(), 50_001);
    assert_eq!(told.last().map(|told| told.incompatibility.code), Some("NOT_COMPARED"));
}

/// The registry does not look at extensions: a type that reads the other one and loses digits is told here alone.
#[test]
fn the_types_of_extensions_are_told_as_those_of_fields() {
    let with = |of: &str| {
        proto2(&format!("message A {{ extensions 100 to 200; }} message B {{ extend A {{ optional {of} x = 100; }} }}"))
    };
    let code = |before: &str, after: &str| {
        let found = found(&with(before), &with(after));
        found.first().map(|found| found.split(' ').next().unwrap_or_default().to_owned())
    };
    assert_eq!(code("int64", "int32").as_deref(), Some("FIELD_VALUES_MISREAD"));
    assert_eq!(code("int32", "int32"), None);
    let enums = "enum E { X = 0; } ";
    let same = |of: &str| with(of).replace("message A", &format!("{enums}message A"));
    assert_eq!(found(&same("E"), &same("E")), [""; 0]);
}
