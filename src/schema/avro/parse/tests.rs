use super::{NameBytes, Parser, parse, parse_like_java, parse_registered};

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
fn a_type_that_is_not_defined_is_named_also_where_it_has_a_default() {
    let inner = r#"{"type":"record","name":"Inner","fields":[{"name":"x","type":"strng"}]}"#;
    for (field_type, default) in [
        (r#""strng""#, r#""""#),
        (r#"["null","strng"]"#, r#""a""#),
        (r#"{"type":"array","items":"strng"}"#, r#"["a"]"#),
        (inner, r#"{"x":"a"}"#),
    ] {
        let text = record(&format!(r#"{{"name":"a","type":{field_type},"default":{default}}}"#));
        for error in [parse(&text, &[]).unwrap_err(), parse_like_java(&text, &[]).unwrap_err()] {
            assert_eq!(error.message, "the type `strng` is not defined");
            assert_eq!(error.help.as_deref(), Some("did you mean `string`?"));
            assert_eq!(&text[error.range.unwrap()], "\"strng\"");
        }
    }
    let fixed = r#"{"name":"b","type":{"type":"fixed","name":"F","size":1}}"#;
    let early = record(&format!(r#"{{"name":"a","type":"F","default":"x"}},{fixed}"#));
    assert_eq!(parse(&early, &[]).unwrap_err().message, "the type `F` is used before it is defined");
    assert_eq!(parse_like_java(&early, &[]).unwrap_err().message, "the default of `a` does not fit its type");
    // What is wrong whatever the name means is said at once.
    let both = record(r#"{"name":"a","type":["int","strng"],"default":null},{"name":"b","type":"int","default":""}"#);
    assert_eq!(parse(&both, &[]).unwrap_err().message, "the default of `b` does not fit its type");
}

#[test]
fn full_names_take_no_more_than_their_share() {
    let namespace = "n".repeat(1_000);
    let record = |attributes: &str, fields: &str| {
        format!(r#"{{"type":"record","name":"R","namespace":"{namespace}",{attributes}"fields":[{fields}]}}"#)
    };
    let fixed = r#"{"name":"f","type":{"type":"fixed","name":"F","size":1}}"#;
    let uses = |name: &str| format!(r#"{{"name":"a","type":"{name}"}},{{"name":"b","type":"{name}"}}"#);
    for (text, names) in [
        // A definition is kept twice.
        (record("", ""), 2),
        (record("", fixed), 4),
        (record("", &uses("R")), 4),
        (record("", &format!("{},{fixed}", uses("F"))), 6),
        (record(r#""aliases":["S","T"],"#, ""), 4),
    ] {
        let read = |left: usize| {
            let mut parser = Parser { names: NameBytes::left(left), ..Parser::default() };
            parser.text(&text, false)
        };
        assert!(read(names * 1_002).is_ok());
        let error = read(names * 1_002 - 1).unwrap_err();
        assert!(error.message.starts_with("the full names"), "{}", error.message);
    }
    // 8 GB of names.
    let namespace = "n".repeat(1 << 20);
    let uses: Vec<String> = (0..8_000).map(|n| format!(r#"{{"name":"f{n}","type":"Nowhere"}}"#)).collect();
    let uses = uses.join(",");
    let text = format!(r#"{{"type":"record","name":"R","namespace":"{namespace}","fields":[{uses}]}}"#);
    assert!(parse(&text, &[]).unwrap_err().message.starts_with("the full names"));
}

/// A record whose only field has a default, an array of what one of many records is.
fn array_of_any(records: usize, fields: &str, item: &str, items: usize) -> String {
    let made = |n| format!(r#"{{"type":"record","name":"R{n}","fields":[{fields}]}}"#);
    let union: Vec<String> = (0..records).map(made).collect();
    let (union, default) = (union.join(","), vec![item; items].join(","));
    record(&format!(r#"{{"name":"f","type":{{"type":"array","items":[{union}]}},"default":[{default}]}}"#))
}

#[test]
fn a_default_is_looked_at_for_so_long() {
    let required = r#"{"name":"a","type":"int"}"#;
    let members: Vec<String> = (0..1_500).map(|n| format!(r#""m{n}":0"#)).collect();
    for text in [
        array_of_any(1_500, required, "{}", 1_500),
        array_of_any(1_500, required, &format!("{{{}}}", members.join(",")), 1),
    ] {
        let text = text.replace(r#"]},"default""#, r#",{"type":"record","name":"Last","fields":[]}]},"default""#);
        let error = parse_like_java(&text, &[]).unwrap_err();
        assert_eq!(error.message, "the default of `f` has too many values for the types that they may be of");
        assert!(parse_registered(&text, &[]).is_ok());
    }
    assert!(parse_like_java(&array_of_any(30, required, r#"{"a":1}"#, 5_000), &[]).is_ok());
}

#[test]
fn java_reads_the_default_of_a_number_in_every_mode() {
    let float = |default: &str| record(&format!(r#"{{"name":"a","type":"float","default":{default}}}"#));
    for read in [parse, parse_like_java, parse_registered] {
        assert!(read(&float(r#""inf""#), &[]).is_err());
        assert!(read(&float(r#"" 1f ""#), &[]).is_ok());
    }
    assert!(parse_registered(&float("true"), &[]).is_ok());
}

#[test]
fn a_text_ends_in_white_space_alone() {
    assert_eq!(objection("\"int\" \n\0"), r"expected the end of the text, found `\u{0}`");
    assert_eq!(objection("\"int\"\u{c} "), r"expected the end of the text, found `\u{c}`");
    assert!(parse("\"int\" \r\n\t", &[]).is_ok());
}
