use super::*;
use crate::schema::avro::{AvroSchema, parse};
use crate::schema::sample::Step;
use crate::schema::text::read;

fn schema(text: &str) -> AvroSchema {
    parse(text, &[]).expect("a schema")
}

fn record(fields: &str) -> AvroSchema {
    schema(&format!(r#"{{"type": "record", "name": "n.R", "fields": [{fields}]}}"#))
}

/// What a consumer sees of a sample, and what it notices.
fn seen(json: &str, writer: &AvroSchema, reader: &AvroSchema) -> Result<(String, Vec<Oddity>), String> {
    let datum = sample(writer, &read(json).expect("JSON")).map_err(|misfit| misfit.message)?;
    let decoded = decode(&encode(&datum), writer, reader).map_err(|unreadable| unreadable.message)?;
    Ok((decoded.datum.to_json(reader), decoded.notes.into_iter().map(|note| note.what).collect()))
}

#[test]
fn each_type_comes_back_as_it_was_written() {
    for (of, json) in [
        (r#""null""#, "null"),
        (r#""boolean""#, "true"),
        (r#""int""#, "-2147483648"),
        (r#""long""#, "9223372036854775807"),
        (r#""float""#, "0.25"),
        (r#""double""#, "\"NaN\""),
        (r#""bytes""#, "\"\u{ff}a\""),
        (r#""string""#, "\"\u{1F600}\""),
        (r#"{"type": "array", "items": "int"}"#, "[1,2]"),
        (r#"{"type": "map", "values": "int"}"#, r#"{"a":1}"#),
        (r#"{"type": "fixed", "name": "F", "size": 2}"#, "\"ab\""),
        (r#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#, "\"B\""),
        (r#"["null", "string"]"#, r#"{"string":"x"}"#),
        (
            r#"{"type": "record", "name": "R", "fields": [{"name": "r", "type": ["null", "R"]}]}"#,
            r#"{"r":{"R":{"r":null}}}"#,
        ),
    ] {
        let schema = schema(of);
        assert_eq!(seen(json, &schema, &schema), Ok((json.to_owned(), Vec::new())), "{of}");
    }
}

#[test]
fn unions_are_written_with_or_without_the_name_of_the_branch() {
    let union = schema(
        r#"["null", "string", "int", {"type": "record", "name": "n.P", "fields": [{"name": "a", "type": "int"}]}]"#,
    );
    for (written, full) in [
        ("\"x\"", r#"{"string":"x"}"#),
        (r#"{"string": "x"}"#, r#"{"string":"x"}"#),
        ("1", r#"{"int":1}"#),
        (r#"{"a": 1}"#, r#"{"n.P":{"a":1}}"#),
        (r#"{"P": {"a": 1}}"#, r#"{"n.P":{"a":1}}"#),
    ] {
        assert_eq!(seen(written, &union, &union).map(|seen| seen.0), Ok(full.to_owned()), "{written}");
    }
    let two = schema(r#"["string", "bytes"]"#);
    assert_eq!(
        seen("\"x\"", &two, &two),
        Err("this may be `string` or `bytes`; say which: {\"string\": …}".to_owned())
    );
    assert_eq!(seen(r#"{"bytes": "x"}"#, &two, &two).map(|seen| seen.0), Ok(r#"{"bytes":"x"}"#.to_owned()));
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let schema = record(
        r#"{"name": "a", "type": {"type": "array", "items": ["null", {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}]}]}}"#,
    );
    let text = r#"{"a": [null, {"x": "1"}]}"#;
    let misfit = sample(&schema, &read(text).expect("JSON")).expect_err("a misfit");
    assert_eq!(misfit.message, "`int` is expected, and this is a string");
    assert_eq!(&text[misfit.range], "\"1\"");
    assert_eq!(misfit.path, [Step::Field("a".into()), Step::Item(1), Step::Field("x".into())]);
    for (json, message) in [
        ("{}", "field `a` of `n.R` is missing"),
        (r#"{"a": [], "b": 1}"#, "`n.R` has no field `b`"),
        (r#"{"a": 1}"#, "`array` is expected, and this is a number"),
    ] {
        assert_eq!(seen(json, &schema, &schema), Err(message.to_owned()));
    }
}

#[test]
fn a_later_reader_fills_up_renames_and_promotes() {
    let one = record(
        r#"{"name": "id", "type": "int"}, {"name": "kind", "type": {"type": "enum", "name": "K", "symbols": ["A", "B"]}}"#,
    );
    let other = record(
        r#"{"name": "more", "type": ["null", "string"], "default": null},
           {"name": "key", "type": "long", "aliases": ["id"]},
           {"name": "kind", "type": {"type": "enum", "name": "K", "symbols": ["A", "U"], "default": "U"}}"#,
    );
    let (json, notes) = seen(r#"{"id": 7, "kind": "B"}"#, &one, &other).expect("it is read");
    assert_eq!(json, r#"{"more":null,"key":7,"kind":"U"}"#);
    assert_eq!(notes, [Oddity::Symbol { written: "B".into(), read: "U".into() }]);
}

#[test]
fn a_field_that_was_renamed_without_an_alias_is_noticed() {
    let one = record(r#"{"name": "title", "type": "string"}"#);
    let other = record(r#"{"name": "name", "type": ["null", "string"], "default": null}"#);
    let (json, notes) = seen(r#"{"title": "x"}"#, &one, &other).expect("it is read");
    assert_eq!(json, r#"{"name":null}"#);
    let renamed = Oddity::Renamed { written: "title".into(), read: "name".into(), default: "`null`".into() };
    assert_eq!(notes, [renamed]);
}

#[test]
fn numbers_that_do_not_fit_exactly_are_noticed() {
    let (long, double) = (schema("\"long\""), schema("\"double\""));
    assert_eq!(seen("9007199254740992", &long, &double).map(|seen| seen.1), Ok(Vec::new()));
    let (_, notes) = seen("9007199254740993", &long, &double).expect("it is read");
    assert_eq!(notes, [Oddity::Inexact { written: "9007199254740993".into(), read: "9007199254740992".into() }]);
}

#[test]
fn a_whole_number_that_a_float_does_not_have_is_none_of_its_samples() {
    let (float, double) = (schema("\"float\""), schema("\"double\""));
    // The shortest spelling of a float need not be the whole number that it is: here of 2^34.
    for json in ["16777216", "-16777216", "17179870000", "17179869184", "0.1", "0.10000000149011612", "1e30"] {
        assert!(seen(json, &float, &float).is_ok(), "{json}");
    }
    let said = "`float` cannot hold `16777217` exactly: it would be 16777216";
    assert_eq!(seen("16777217", &float, &float), Err(said.to_owned()));
    assert!(seen("16777217", &double, &double).is_ok());
    assert!(seen("9007199254740993", &double, &double).is_err());
    assert!(seen("1152921504606846976", &double, &double).is_ok());
}

#[test]
fn what_readers_do_not_ask_makes_no_other_writer() {
    let one = record(r#"{"name": "a", "type": {"type": "array", "items": "int"}}"#);
    let more = record(
        r#"{"name": "a", "aliases": ["b"], "type": {"type": "array", "items": "int"}, "doc": "x", "default": []}"#,
    );
    let other = record(r#"{"name": "a", "type": {"type": "array", "items": "long"}}"#);
    assert!(write_alike(&one, &more));
    assert!(!write_alike(&one, &other));
}

#[test]
fn a_reader_says_why_it_cannot_read() {
    let one = record(r#"{"name": "a", "type": "string"}"#);
    for (fields, message) in [
        (r#"{"name": "b", "type": "int"}"#, "field `b` of `n.R` has no default, and the record was written without it"),
        (r#"{"name": "a", "type": "int"}"#, "it is `string`, and the reader expects `int`"),
        (r#"{"name": "a", "type": ["null", "int"]}"#, "it is `string`, and the reader's union has only `null, int`"),
        (
            r#"{"name": "x", "type": "int", "default": 0, "aliases": ["a"]}"#,
            "it is `string`, and the reader expects `int`",
        ),
    ] {
        assert_eq!(seen(r#"{"a": "x"}"#, &one, &record(fields)), Err(message.to_owned()), "{fields}");
    }
}

#[test]
fn defaults_that_multiply_end() {
    let mut fields = String::new();
    for level in (0..40).rev() {
        let inner = if level == 39 { "\"int\"".to_owned() } else { format!("\"R{}\"", level + 1) };
        let default = if level == 39 { "0" } else { "{}" };
        let twice = ["a", "b"].map(|name| format!(r#"{{"name": "{name}", "type": {inner}, "default": {default}}}"#));
        let record = format!(r#"{{"type": "record", "name": "R{level}", "fields": [{}]}}"#, twice.join(", "));
        fields += &format!(
            r#"{}{{"name": "f{level}", "type": [{record}, "null"], "default": {{}}}}"#,
            if level == 39 { "" } else { ", " }
        );
    }
    let reader = record(&fields);
    let unreadable = decode(&[], &record(""), &reader).expect_err("too much");
    assert!(unreadable.message.starts_with("for the reader it has more than 4000000 values"), "{}", unreadable.message);
}

#[test]
fn aliases_of_records_and_of_fields_do_not_multiply() {
    let join = |of: &dyn Fn(usize) -> String| (0..50_000).map(of).collect::<Vec<_>>().join(",");
    let reader = schema(&format!(
        r#"{{"type": "record", "name": "R", "aliases": [{}], "fields": [{{"name": "a", "type": "int", "aliases": [{}]}}]}}"#,
        join(&|index| format!("\"A{index}\"")),
        join(&|index| format!("\"f{index}\""))
    ));
    let writer = schema(r#"{"type": "record", "name": "A7", "fields": [{"name": "f9", "type": "int"}]}"#);
    assert_eq!(seen(r#"{"f9": 1}"#, &writer, &reader), Ok((r#"{"a":1}"#.to_owned(), Vec::new())));
}

/// Each of many values is looked up among many names.
#[test]
fn large_enums_and_records_in_another_order() {
    let join = |many: usize, of: &dyn Fn(usize) -> String| (0..many).map(of).collect::<Vec<_>>().join(",");
    let most = 60_000;
    let symbols = join(most, &|index| format!("\"S{index}\""));
    let enums = |default: &str| {
        schema(&format!(
            r#"{{"type": "array", "items": {{"type": "enum", "name": "E", "symbols": [{symbols}{default}]}}}}"#
        ))
    };
    let written = format!("[{}]", join(most, &|index| format!("\"S{}\"", most - 1 - index)));
    let (json, notes) = seen(&written, &enums(""), &enums(",\"U\"")).expect("it is read");
    assert_eq!((json, notes), (written, Vec::new()));

    let fields =
        |name: &str, more: &str| join(most, &|index| format!(r#"{{"name": "{name}{index}", "type": "int"{more}}}"#));
    let backwards = format!("{{{}}}", join(most, &|index| format!(r#""f{}":0"#, most - 1 - index)));
    let forwards = format!("{{{}}}", join(most, &|index| format!(r#""f{index}":0"#)));
    let one = record(&fields("f", ""));
    assert_eq!(seen(&backwards, &one, &one), Ok((forwards.clone(), Vec::new())));

    let inner = format!(r#"{{"type": "record", "name": "I", "fields": [{}]}}"#, fields("f", ""));
    let with_default = record(&format!(r#"{{"name": "i", "type": {inner}, "default": {backwards}}}"#));
    assert_eq!(seen("{}", &record(""), &with_default), Ok((format!(r#"{{"i":{forwards}}}"#), Vec::new())));
}

#[test]
fn many_fields_that_went_and_came() {
    let join = |name: &str, of: &dyn Fn(usize) -> &'static str, more: &str| {
        let field = |index| format!(r#"{{"name": "{name}{index}", "type": "{}"{more}}}"#, of(index));
        (0..60_000).map(field).collect::<Vec<_>>().join(",")
    };
    let of = |index| if index == 59_999 { "string" } else { "int" };
    let one = record(&join("a", &of, ""));
    let other = record(&join("b", &|_| "string", ", \"default\": \"\""));
    let given = (0..60_000).map(|index| format!(r#""a{index}": {}"#, if index == 59_999 { "\"\"" } else { "0" }));
    let (_, notes) = seen(&format!("{{{}}}", given.collect::<Vec<_>>().join(",")), &one, &other).expect("it is read");
    assert_eq!(notes, [Oddity::Renamed { written: "a59999".into(), read: "b0".into(), default: "`\"\"`".into() }]);
}
