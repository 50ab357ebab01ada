//! Input that wants to use up the stack, the memory or the time. Each case ends, or the test run does not.

use std::fmt::Write as _;

use super::{changes, incompatibilities};
use crate::schema::ResolvedReference;
use crate::schema::protobuf::{ProtobufSchema, parse};

fn schema(text: &str) -> ProtobufSchema {
    parse(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// A file of one message with what `field` writes for each number.
fn many(count: u32, field: impl Fn(&mut String, u32)) -> ProtobufSchema {
    let mut text = "syntax = \"proto3\"; message A {\n".to_owned();
    // The numbers that Protobuf keeps for itself start behind these.
    (1..=count).for_each(|number| field(&mut text, number));
    text.push('}');
    schema(&text)
}

#[test]
fn ten_thousand_fields() {
    let old = many(10_000, |text, number| _ = writeln!(text, "int32 f{number} = {number};"));
    let new = many(10_000, |text, number| _ = writeln!(text, "string f{number} = {number};"));
    let told = incompatibilities(&new, &old);
    assert_eq!(told.len(), 10_000);
    let range = told[9_999].reader.clone().expect("it has a place");
    assert_eq!((&told[9_999].path[..], &new.text[range]), ("#/A/10000", "string"));
    assert!(incompatibilities(&old, &old).is_empty());
}

#[test]
fn ten_thousand_oneofs_and_one_of_ten_thousand_members() {
    let alone = many(10_000, |text, number| _ = writeln!(text, "int32 f{number} = {number};"));
    let oneofs = many(10_000, |text, number| _ = writeln!(text, "oneof o{number} {{ int32 f{number} = {number}; }}"));
    assert_eq!(changes(&oneofs, &alone).len(), 10_000);
    assert!(incompatibilities(&alone, &oneofs).is_empty());
    let members: String = (1..=10_000).fold(String::new(), |mut text, number| {
        _ = write!(text, "int32 f{number} = {number};");
        text
    });
    let one = schema(&format!("syntax = \"proto3\"; message A {{ oneof o {{ {members} }} }}"));
    assert_eq!(incompatibilities(&one, &alone).len(), 1);
    assert_eq!(incompatibilities(&one, &oneofs).len(), 0);
}

#[test]
fn ten_thousand_messages_in_another_order() {
    let file = |numbers: &mut dyn Iterator<Item = u32>| {
        let mut text = "syntax = \"proto3\";\n".to_owned();
        numbers.for_each(|number| _ = writeln!(text, "message M{number} {{ M{} next = 1; }}", (number + 1) % 10_000));
        schema(&text)
    };
    let (old, new) = (file(&mut (0..10_000)), file(&mut (0..10_000).rev()));
    assert_eq!(changes(&new, &old).len(), 10_000);
    assert!(incompatibilities(&new, &old).is_empty());
}

#[test]
fn as_deep_as_the_parser_allows() {
    const DEPTH: usize = 31;
    let nested = |leaf: &str| {
        let open: String = (0..DEPTH).map(|depth| format!("message M{depth} {{ ")).collect();
        schema(&format!("syntax = \"proto3\"; {open} {leaf} x = 1; {}", "}".repeat(DEPTH)))
    };
    let told = incompatibilities(&nested("string"), &nested("int32"));
    assert_eq!(told.len(), 1);
    assert!(told[0].path.starts_with("#/M0/M1/") && told[0].path.ends_with("/M30/1"), "{}", told[0].path);
}

#[test]
fn names_that_are_too_long() {
    let with = |length: usize, of: &str| {
        let fields: String = (1..=1_000).map(|number| format!("{of} f{number} = {number};\n")).collect();
        format!("syntax = \"proto3\"; message {} {{ {fields} }}", "a".repeat(length))
    };
    let error = parse(&with(1 << 20, "int32"), &[]).expect_err("a gigabyte of names");
    assert!(error.message.starts_with("a name of 1048583 bytes"), "{error}");
    let told = incompatibilities(&schema(&with(20_000, "string")), &schema(&with(20_000, "int32")));
    assert_eq!(told.len(), 1_000);
    assert!(told.iter().all(|told| told.path.len() + told.message.len() < 2_000));
}

#[test]
fn long_names_of_an_import_count_for_each_field_that_holds_them() {
    let name = "a".repeat(1 << 20);
    let imported = format!("syntax = \"proto3\"; message {name} {{}}");
    let fields: String = (1..=1_000).map(|number| format!("B f{number} = {number};\n")).collect();
    // Written once, the long name stands behind each use of the short one.
    let text =
        format!("syntax = \"proto3\"; import \"a.proto\"; message B {{ {name} a = 1; }} message C {{ {fields} }}");
    let references = [ResolvedReference { name: "a.proto", text: &imported }];
    assert!(parse(&text, &references).is_err());
}

#[test]
fn messages_that_hold_themselves_and_each_other() {
    let with = |leaf: &str| {
        schema(&format!(
            "syntax = \"proto3\"; message A {{ A a = 1; B b = 2; map<string, A> m = 3; }}
             message B {{ A a = 1; repeated B b = 2; {leaf} x = 3; }}"
        ))
    };
    assert_eq!(incompatibilities(&with("string"), &with("int32")).len(), 1);
}

/// A chain of imported messages, each of which holds the next one and the first.
fn chain(length: u32, leaf: &str) -> ProtobufSchema {
    let mut imported = "syntax = \"proto3\"; package chain;\n".to_owned();
    for number in 0..length {
        _ = writeln!(imported, "message M{number} {{ M{} next = 1; M0 first = 2; }}", number + 1);
    }
    _ = writeln!(imported, "message M{length} {{ {leaf} x = 1; M0 first = 2; }}");
    let references = [ResolvedReference { name: "chain.proto", text: &imported }];
    let text = "syntax = \"proto3\"; import \"chain.proto\"; message A { chain.M0 first = 1; }";
    parse(text, &references).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn imported_messages_in_long_chains_and_circles() {
    let told = incompatibilities(&chain(10_000, "string"), &chain(10_000, "int32"));
    let shown: Vec<&str> = told.iter().map(|told| told.path.as_str()).collect();
    assert_eq!(shown, ["#/chain.M10000/1"]);
}

#[test]
fn messages_that_hold_each_other_across_files() {
    let with = |leaf: &str| {
        let inner = format!(
            "syntax = \"proto3\"; package b; message B {{ B b = 1; C c = 2; }} message C {{ B b = 1; {leaf} x = 2; }}"
        );
        let outer = "syntax = \"proto3\"; package a; import public \"b.proto\"; message A { A a = 1; b.B b = 2; }";
        let references =
            [ResolvedReference { name: "b.proto", text: &inner }, ResolvedReference { name: "a.proto", text: outer }];
        let text = "syntax = \"proto3\"; import \"a.proto\"; message Own { a.A a = 1; b.C c = 2; Own own = 3; }";
        parse(text, &references).unwrap_or_else(|error| panic!("{error}"))
    };
    let told = incompatibilities(&with("string"), &with("int32"));
    assert_eq!(told.iter().map(|told| told.path.as_str()).collect::<Vec<_>>(), ["#/b.C/2"]);
}

#[test]
fn files_that_import_each_other_do_not_compile() {
    let references = [
        ResolvedReference { name: "a.proto", text: "syntax = \"proto3\"; import \"b.proto\"; message A { B b = 1; }" },
        ResolvedReference { name: "b.proto", text: "syntax = \"proto3\"; import \"a.proto\"; message B { A a = 1; }" },
    ];
    let error = parse("syntax = \"proto3\"; import \"a.proto\";", &references).expect_err("a circle");
    assert_eq!(error.message, "`a.proto` imports itself: a.proto → b.proto → a.proto");
}
