//! Samples without the personal data that was in the record.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Codec;
use crate::schema::PersonalData;
use crate::schema::personal::MOST;
use crate::schema::text::{Json, Value, read, write_string};

/// A sample of a schema in which everything that the schema tags as personal data is something else of the same type; `None`
/// where nothing else fits.
///
/// Where a whole type is tagged, names that follow a pattern, or more than is told of a schema, nothing of the record stays.
pub fn masked(codec: &Codec<'_>, sample: &str, tagged: &[PersonalData]) -> Option<String> {
    if tagged.is_empty() {
        return Some(sample.to_owned());
    }
    let fields: BTreeSet<&str> = tagged.iter().filter_map(|data| data.field.as_deref()).collect();
    let everything = tagged.len() >= MOST || tagged.iter().any(|data| data.field.is_none());
    let json = read(sample).ok()?;
    let mut personal = Vec::new();
    find(&json, &fields, everything, &mut personal);
    let mut text = sample.to_owned();
    // From the end on, so that what stands before keeps its place.
    for (range, alternatives) in personal.into_iter().rev() {
        text = alternatives.into_iter().find_map(|other| {
            let other = [&text[..range.start], &other, &text[range.end..]].concat();
            let fits = read(&other).is_ok_and(|json| codec.encode(&other, &json).is_ok());
            fits.then_some(other)
        })?;
    }
    Some(text)
}

/// A part of a text, and what may stand in its place, the best first.
type Part = (Range<usize>, Vec<String>);

fn find(json: &Json<'_>, fields: &BTreeSet<&str>, is_personal: bool, parts: &mut Vec<Part>) {
    match &json.value {
        Value::Array(items) => items.iter().for_each(|item| find(item, fields, is_personal, parts)),
        Value::Object(members) => {
            for member in members {
                let is_personal = is_personal || fields.contains(&*member.key);
                // In a map the keys are data too, and nobody but the schema knows whether this is one.
                if is_personal && member.value.as_object().is_some_and(|members| !members.is_empty()) {
                    parts.push((member.value.range.clone(), emptied(&member.value)));
                } else {
                    find(&member.value, fields, is_personal, parts);
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) if is_personal => parts.push((json.range.clone(), ["0", "1"].map(str::to_owned).into())),
        Value::String(text) if is_personal => parts.push((json.range.clone(), strings(text))),
        Value::Number(_) | Value::String(_) => {}
    }
}

/// An object without members, or with each of its values masked in the first way that comes to mind: a record has the
/// fields of its schema.
fn emptied(json: &Json<'_>) -> Vec<String> {
    let mut alternatives = vec!["{}".to_owned()];
    alternatives.extend((0..WAYS).map(|way| {
        let mut out = String::new();
        otherwise(json, way, &mut out);
        out
    }));
    alternatives
}

/// How many ways of masking a text there are.
const WAYS: usize = 11;

/// What may stand for a text: a word, what common formats take, and a text of the same length.
fn strings(text: &str) -> Vec<String> {
    (0..WAYS).map(|way| string(text, way)).collect()
}

fn string(text: &str, way: usize) -> String {
    let like = |c: char| match c {
        c if c.is_ascii_digit() => '0',
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => 'x',
        c => c,
    };
    let other = match way {
        0 => "masked".to_owned(),
        1 => "0".to_owned(),
        2 => "00000000-0000-0000-0000-000000000000".to_owned(),
        3 => "masked@example.com".to_owned(),
        4 => "https://example.com/masked".to_owned(),
        5 => "1970-01-01".to_owned(),
        6 => "1970-01-01T00:00:00Z".to_owned(),
        7 => "192.0.2.1".to_owned(),
        8 => "x".repeat(text.chars().count()),
        9 => "0".repeat(text.chars().count()),
        _ => text.chars().map(like).collect(),
    };
    let mut written = String::new();
    write_string(&mut written, &other);
    written
}

fn otherwise(json: &Json<'_>, way: usize, out: &mut String) {
    match &json.value {
        Value::Null => out.push_str("null"),
        Value::Bool(_) => out.push_str("false"),
        Value::Number(_) => out.push('0'),
        Value::String(text) => out.push_str(&string(text, way)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                otherwise(item, way, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, member) in members.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_string(out, &member.key);
                out.push(':');
                otherwise(&member.value, way, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{SchemaFormat, parse, personal_data};

    fn masked_of(format: SchemaFormat, schema: &str, sample: &str) -> Option<String> {
        let parsed = parse(format, schema, &[]).expect("a schema");
        let codec = Codec::new(&parsed).expect("for records");
        let json = read(sample).expect("JSON");
        codec.encode(sample, &json).expect("the sample fits");
        masked(&codec, sample, &personal_data(format, schema, &[]))
    }

    fn avro(fields: &str, sample: &str) -> Option<String> {
        masked_of(SchemaFormat::Avro, &format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#), sample)
    }

    #[test]
    fn what_is_tagged_is_something_else_of_its_type_and_the_rest_stays() {
        let fields = r#"{"name":"id","type":"string"},{"name":"mail","type":["null","string"],"pii":true},
            {"name":"age","type":"int","pii":true},{"name":"code","type":{"type":"fixed","name":"F","size":3},"pii":true}"#;
        let sample = r#"{"id":"a","mail":{"string":"someone@example.org"},"age":41,"code":"abc"}"#;
        let expected = r#"{"id":"a","mail":{"string":"masked"},"age":0,"code":"xxx"}"#;
        assert_eq!(avro(fields, sample).as_deref(), Some(expected));
        assert_eq!(avro(r#"{"name":"id","type":"string"}"#, r#"{"id":"a"}"#).as_deref(), Some(r#"{"id":"a"}"#));
    }

    #[test]
    fn keys_of_maps_and_inner_records_go_too() {
        let inner = r#"{"type":"record","name":"I","fields":[{"name":"street","type":"string"},{"name":"number","type":"int"}]}"#;
        let fields = format!(
            r#"{{"name":"by_mail","type":{{"type":"map","values":"int"}},"pii":true}},{{"name":"home","type":{inner},"pii":"address"}}"#
        );
        let sample = r#"{"by_mail":{"someone@example.org":3},"home":{"street":"Long Lane","number":7}}"#;
        let expected = r#"{"by_mail":{},"home":{"street":"masked","number":0}}"#;
        assert_eq!(avro(&fields, sample).as_deref(), Some(expected));
    }

    #[test]
    fn of_a_type_that_is_tagged_nothing_stays() {
        let schema = r#"{"type":"record","name":"R","pii":true,"fields":[{"name":"a","type":"string"},{"name":"b","type":"long"}]}"#;
        let masked = masked_of(SchemaFormat::Avro, schema, r#"{"a":"someone","b":12}"#);
        assert_eq!(masked.as_deref(), Some(r#"{"a":"masked","b":0}"#));
        let schema = r##"{"properties":{"a":{"$ref":"#/$defs/T"},"b":{"$ref":"#/$defs/T"},"c":{"type":"string"}},"$defs":{"T":{"type":"string","x-pii":true}}}"##;
        let masked = masked_of(SchemaFormat::Json, schema, r#"{"a":"one","b":"two","c":"three"}"#);
        assert_eq!(masked.as_deref(), Some(r#"{"a":"masked","b":"masked","c":"masked"}"#));
    }

    #[test]
    fn formats_and_lengths_are_kept_where_a_word_does_not_do() {
        let schema = r#"{"properties":{"mail":{"type":"string","format":"email","pattern":"@","x-pii":true},
            "plate":{"type":"string","pattern":"^[A-Z]{2}-[0-9]{3}$","x-pii":true},"born":{"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$","x-pii":true}}}"#;
        let sample = r#"{"mail":"someone@example.org","plate":"AB-123","born":"1980-02-03"}"#;
        let expected = r#"{"mail":"masked@example.com","plate":"XX-000","born":"1970-01-01"}"#;
        assert_eq!(masked_of(SchemaFormat::Json, schema, sample).as_deref(), Some(expected));
        // Nothing else is of this type.
        let schema = r#"{"properties":{"name":{"const":"someone","x-pii":true}}}"#;
        assert_eq!(masked_of(SchemaFormat::Json, schema, r#"{"name":"someone"}"#), None);
    }

    #[test]
    fn protobuf_masks_by_the_names_of_fields() {
        let schema = "syntax = \"proto3\"; package a; import \"google/protobuf/descriptor.proto\";\n\
            extend google.protobuf.FieldOptions { bool pii = 50000; }\n\
            message M { string full_name = 1 [(pii) = true]; int64 seen = 2; int64 phone = 3 [(pii) = true]; }";
        let masked =
            masked_of(SchemaFormat::Protobuf, schema, r#"{"full_name":"Some One","seen":"5","phone":"49301234"}"#);
        assert_eq!(masked.as_deref(), Some(r#"{"full_name":"masked","seen":"5","phone":"0"}"#));
    }
}
