//! Schemas whose parts refer to each other in long rows: everything that walks them ends, on a stack as small as those of
//! the threads that `validate` and `schema test` work on.

use super::diff::{Version, diff};
use super::sample::Codec;
use super::text::read;
use super::{
    Category, Compatibility, ParsedSchema, SchemaFormat, fields, incompatibilities, normal, parse_registered,
    second_opinion, undocumented,
};

/// Tries two versions, and records that are of the new one.
fn walk(format: SchemaFormat, old: String, new: String, records: &'static [&'static str]) {
    let work = move || {
        let [one, other] = [&new, &old].map(|text| parse_registered(format, text, &[]).expect("a schema"));
        assert!(normal(format, &new).is_ok());
        fields(&one);
        undocumented(&one);
        incompatibilities(&one, &other);
        incompatibilities(&other, &one);
        second_opinion(&one, &other, Category::Source, Compatibility::Full);
        let found = diff(Version { text: &new, schema: &one }, Version { text: &old, schema: &other });
        assert_eq!(found.expect("a difference").changes.len(), 1);
        samples(&one, &other, records);
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread").join().expect("an end");
}

fn samples(one: &ParsedSchema, other: &ParsedSchema, records: &[&str]) {
    let (Ok(codec), Ok(before)) = (Codec::new(one), Codec::new(other)) else { return };
    codec.only_narrows(&before);
    for text in records {
        let record = read(text).expect("JSON");
        codec.is_shown_by(&before, text, &record);
        if let Ok(encoded) = codec.encode(text, &record) {
            drop(before.decode(&encoded, &codec));
        }
    }
}

#[test]
fn json_references() {
    let chain = |link: &dyn Fn(&str) -> String, end: &str| {
        let links: Vec<_> =
            (0..10_000).map(|n| format!(r#""D{n}":{}"#, link(&format!("#/definitions/D{}", n + 1)))).collect();
        format!(
            r##"{{"$ref":"#/definitions/D0","definitions":{{{},"D10000":{{"properties":{{"a":{end}}}}}}}}}"##,
            links.join(",")
        )
    };
    let links: [&dyn Fn(&str) -> String; 4] = [
        &|to| format!(r#"{{"$ref":"{to}"}}"#),
        &|to| format!(r#"{{"allOf":[{{"$ref":"{to}"}}]}}"#),
        &|to| format!(r#"{{"properties":{{"a":{{"$ref":"{to}"}}}}}}"#),
        &|to| format!(r#"{{"items":{{"anyOf":[{{"$ref":"{to}"}},{{"$ref":"{to}"}}]}}}}"#),
    ];
    for link in links {
        let (old, new) = (chain(link, r#"{"type":"integer"}"#), chain(link, r#"{"type":"number"}"#));
        walk(SchemaFormat::Json, old, new, &[r#"{"a":{"a":{"a":1}}}"#, "[[[[1]]]]", "1"]);
    }
}

#[test]
fn protobuf_messages() {
    let chain = |end: &str| {
        let links: String = (0..5_000).map(|n| format!("message M{n} {{ M{} a = 1; }}\n", n + 1)).collect();
        format!("syntax = \"proto3\"; {links} message M5000 {{ {end} }}")
    };
    walk(SchemaFormat::Protobuf, chain("int32 x = 1;"), chain("int64 x = 1;"), &[r#"{"a":{"a":{"a":{}}}}"#, "{}"]);
}

/// Registries take types that are defined behind their use.
#[test]
fn avro_records() {
    let chain = |link: &str, end: &str| {
        let of = |n: usize| {
            let field = link.replace("NEXT", &format!("R{}", n + 1));
            format!(r#"{{"type":"record","name":"R{n}","fields":[{field}]}}"#)
        };
        let links: Vec<_> = (0..2_000).map(of).collect();
        format!(r#"[{},{{"type":"record","name":"R2000","fields":[{end}]}}]"#, links.join(","))
    };
    for link in [r#"{"name":"a","type":"NEXT","default":{}}"#, r#"{"name":"a","type":["null","NEXT"]}"#] {
        let more = r#"{"name":"x","type":"int","default":0}"#;
        walk(SchemaFormat::Avro, chain(link, ""), chain(link, more), &[r#"{"R2000":{"x":1}}"#, r#"{"a":null}"#]);
    }
}

/// A reader makes up all of what the writer did not have.
#[test]
fn avro_defaults() {
    let links: String = (0..10_000)
        .map(|n| {
            format!(
                r#",{{"type":"record","name":"R{n}","fields":[{{"name":"a","type":"R{}","default":{{}}}}]}}"#,
                n + 1
            )
        })
        .collect();
    let reader = format!(
        r#"[{{"type":"record","name":"R","fields":[{{"name":"a","type":"R0","default":{{}}}}]}}{links},
        {{"type":"record","name":"R10000","fields":[]}}]"#
    );
    let writer = r#"{"type":"record","name":"R","fields":[]}"#.to_owned();
    let work = move || {
        let [writer, reader] =
            [writer, reader].map(|text| parse_registered(SchemaFormat::Avro, &text, &[]).expect("a schema"));
        let [writer, reader] = [&writer, &reader].map(|schema| Codec::new(schema).expect("a codec"));
        let encoded = writer.encode("{}", &read("{}").expect("JSON")).expect("a record");
        reader.decode(&encoded, &writer).expect_err("too deep").message
    };
    let message =
        std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread").join().expect("an end");
    assert!(message.contains("inside each other"), "{message}");
}
