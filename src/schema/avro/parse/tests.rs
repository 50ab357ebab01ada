use super::{parse, parse_like_java};

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"n.R","fields":[{fields}]}}"#)
}

/// What is said of a schema that Java takes.
fn objection(text: &str) -> String {
    parse_like_java(text, &[]).unwrap();
    parse(text, &[]).unwrap_err().message
}

#[test]
fn what_java_takes_is_refused_where_it_is_not_avro() {
    let both = [
        "/* why */ \"int\"".to_owned(),
        r#"{"type":"int","type":"int"}"#.to_owned(),
        record(r#"{"name":"é","type":"int"}"#),
        r#"{"type":"enum","name":"É","symbols":[]}"#.to_owned(),
        r#"{"type":"enum","name":"E","symbols":["ß"]}"#.to_owned(),
        r#"{"type":"enum","name":"E","symbols":["A"],"default":null}"#.to_owned(),
        record(r#"{"name":"a","type":"F"},{"name":"b","type":{"type":"fixed","name":"F","size":1}}"#),
        record(
            r#"{"name":"a","type":{"type":"fixed","name":"F","size":1}},{"name":"b","type":{"type":"fixed","name":"F","size":1}}"#,
        ),
        record(r#"{"name":"a","type":{"type":"record","name":"n.R","fields":[]}}"#),
    ];
    insta::assert_snapshot!(both.map(|text| objection(&text)).join("\n"), @r"
    expected a JSON value, found `/`
    the key `type` is there twice
    the name `é` has letters that Avro does not allow
    `É` is not a name
    the name `ß` has letters that Avro does not allow
    the enum's default is none of its symbols
    the type `F` is used before it is defined
    the type `n.F` is defined twice
    the type `n.R` is defined twice
    ");
}

#[test]
fn what_java_refuses_is_refused() {
    for text in [
        // References never begin with a dot, and names after them are looked for in the namespace alone.
        record(r#"{"name":"a","type":{"type":"fixed","name":".F","size":1}},{"name":"b","type":".F"}"#),
        record(r#"{"name":"b","type":"F"},{"name":"a","type":{"type":"fixed","name":".F","size":1}}"#),
        record(r#"{"name":"a","type":"int","order":"sideways"}"#),
        record(r#"{"name":"a","type":"int","order":null}"#),
        record(r#"{"name":"a","type":"int","aliases":[5]}"#),
        record(r#"{"name":"a","type":"float","default":"inf"}"#),
        record(r#"{"name":"a","type":["null","n.R"],"default":{}}"#),
        record(r#"{"name":"a","type":"F","default":"x"},{"name":"b","type":{"type":"fixed","name":"F","size":1}}"#),
        record(r#"{"name":"a","type":["F","F"]},{"name":"b","type":{"type":"fixed","name":"F","size":1}}"#),
        record(
            r#"{"name":"a","type":{"type":"fixed","name":"F","size":1,"x":1}},{"name":"b","type":{"type":"fixed","name":"F","size":1,"x":1}}"#,
        ),
        r#"{"type":"fixed","name":"F","size":1,"aliases":["1"]}"#.to_owned(),
        r#"{"type":"fixed","name":"F","size":2147483640}"#.to_owned(),
        r#"{"type":"fixed","name":"F","size":1.0}"#.to_owned(),
        r#"{"type":"fixed","name":"n..F","size":1}"#.to_owned(),
        r#"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#.to_owned(),
    ] {
        assert!(parse_like_java(&text, &[]).is_err(), "{text}");
    }
}

#[test]
fn a_name_may_have_no_namespace_where_its_own_has_none_such() {
    let fixed = r#"{"type":"fixed","name":".F","size":1,"aliases":["1.x"]}"#;
    assert!(parse(&record(&format!(r#"{{"name":"a","type":{fixed}}},{{"name":"b","type":"F"}}"#)), &[]).is_ok());
}

#[test]
fn a_deep_schema_does_not_end_the_stack() {
    let deep = |opening: &str, closing: &str, levels: usize| {
        format!("{}\"int\"{}", opening.repeat(levels), closing.repeat(levels))
    };
    for (opening, closing, most) in [
        (r#"{"type":"array","items":"#, "}", 1000),
        (r#"{"type":"map","values":"#, "}", 1000),
        (r#"["null",{"type":"array","items":"#, "}]", 500),
    ] {
        let schema = parse_like_java(&deep(opening, closing, most), &[]).unwrap();
        assert!(super::super::incompatibilities(&schema, &schema).is_empty());
        assert!(parse_like_java(&deep(opening, closing, most + 1), &[]).is_err());
        assert!(parse(&deep(opening, closing, most), &[]).unwrap_err().message.starts_with("more than 128"));
    }
}

#[test]
fn a_deep_default_does_not_end_the_stack() {
    let list = r#"{"type":"record","name":"n.A","fields":[{"name":"next","type":["null","n.A"]}]}"#;
    let with_default = |innermost: &str| {
        let default = format!("{}{innermost}{}", r#"{"next":"#.repeat(996), "}".repeat(996));
        format!("[{list},{}]", record(&format!(r#"{{"name":"f","type":"n.A","default":{default}}}"#)))
    };
    assert!(parse_like_java(&with_default("null"), &[]).is_ok());
    assert!(parse_like_java(&with_default("1"), &[]).unwrap_err().message.contains("does not fit"));
}

#[test]
fn a_default_in_unions_of_unions_is_looked_at_once() {
    // Thirty levels of a union of two records, each of which could hold the next level.
    let next = r#"{"name":"next","type":["null","n.A","n.B"]}"#;
    let first = format!(r#"{{"type":"record","name":"n.A","fields":[{next},{{"name":"a","type":"int"}}]}}"#);
    let second = format!(r#"{{"type":"record","name":"n.B","fields":[{next},{{"name":"b","type":"int"}}]}}"#);
    let default = format!("{}null{}", r#"{"next":"#.repeat(60), "}".repeat(60));
    let text = format!(
        r#"[{},{}]"#,
        first.replace("\"n.B\"", &second),
        record(&format!(r#"{{"name":"f","type":["n.A","n.B"],"default":{default}}}"#))
    );
    assert!(parse_like_java(&text, &[]).unwrap_err().message.contains("does not fit"));
}

#[test]
fn a_text_ends_in_white_space_alone() {
    assert_eq!(objection("\"int\" \n\0"), r"expected the end of the text, found `\u{0}`");
    assert_eq!(objection("\"int\"\u{c} "), r"expected the end of the text, found `\u{c}`");
    assert!(parse("\"int\" \r\n\t", &[]).is_ok());
}
