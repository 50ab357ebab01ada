//! Samples without the personal data that was in the record.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::Codec;
use super::vocabulary::Vocabulary;
use crate::schema::PersonalData;
use crate::schema::personal::MOST;
use crate::schema::text::{Json, Value, read, write_string};

/// How many bytes of records are read for one sample: to put something in one place the whole record is read again.
const MOST_READ: usize = 64 << 20;

/// Why a sample has no place for something else than what is personal in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmasked {
    /// The field or property; `None` where it is the record itself.
    pub field: Option<String>,
    /// Whether there is too much of it to try what fits.
    pub is_too_much: bool,
}

/// A sample of a schema in which everything that the schema tags as personal data is something else of the same type.
///
/// Where a whole type is tagged, names that follow a pattern, or more than is told of a schema, nothing of the record stays. What
/// stands in the place is the same for every record wherever that fits, for what depends on the record tells of it.
///
/// # Errors
///
/// Nothing else fits, or there is too much to try.
pub fn masked(codec: &Codec<'_>, sample: &str, tagged: &[PersonalData]) -> Result<String, Unmasked> {
    if tagged.is_empty() {
        return Ok(sample.to_owned());
    }
    let mask = Mask {
        codec,
        fields: tagged.iter().filter_map(|data| data.field.as_deref()).collect(),
        vocabulary: codec.vocabulary(),
        left: Cell::new(MOST_READ),
    };
    let everything = tagged.len() >= MOST || tagged.iter().any(|data| data.field.is_none());
    let json = read(sample).map_err(|_| mask.unmasked(None))?;
    let mut parts = Vec::new();
    mask.personal(&json, &mut Vec::new(), None, everything, &mut parts);
    // None of them is in another one, so that what comes into the place of one moves no other in the tree.
    let mask_part = |text, (mut path, field): (_, Option<&str>)| mask.part(text, &mut path, field);
    let text = parts.into_iter().try_fold(sample.to_owned(), mask_part)?;
    Ok(match codec {
        // It leaves out what is as it is by default: that it stands there would tell that it was not.
        Codec::Protobuf(message) => {
            let written = message.encode(&text).ok().and_then(|bytes| message.sample_of(&bytes).ok());
            written.unwrap_or(text)
        }
        Codec::Avro(_) | Codec::Json(_) => text,
    })
}

struct Mask<'m, 's> {
    codec: &'m Codec<'s>,
    fields: BTreeSet<&'m str>,
    vocabulary: Vocabulary,
    /// Bytes that may still be read.
    left: Cell<usize>,
}

impl<'m> Mask<'m, '_> {
    fn unmasked(&self, field: Option<&str>) -> Unmasked {
        Unmasked { field: field.map(str::to_owned), is_too_much: self.left.get() == 0 }
    }

    /// Reads a text, unless too much was read already.
    fn read<'t>(&self, text: &'t str) -> Option<Json<'t>> {
        self.left.set(self.left.get().saturating_sub(text.len()));
        if self.left.get() > 0 { read(text).ok() } else { None }
    }

    /// Collects the topmost parts that are personal. The path to each is of the indexes of members and items; beside it stands the
    /// field or property that it is in, the innermost that the schema names.
    fn personal<'j>(
        &self,
        json: &'j Json<'_>,
        path: &mut Vec<usize>,
        field: Option<&'j str>,
        is_personal: bool,
        parts: &mut Vec<(Vec<usize>, Option<&'j str>)>,
    ) {
        if is_personal {
            return parts.push((path.clone(), field));
        }
        for (index, (key, inner)) in inside(json).enumerate() {
            path.push(index);
            let is_personal = key.is_some_and(|key| self.fields.contains(key));
            self.personal(inner, path, self.field(key, field), is_personal, parts);
            path.pop();
        }
    }

    /// The field of what stands in a field of another one.
    fn field<'j>(&self, key: Option<&'j str>, outer: Option<&'j str>) -> Option<&'j str> {
        key.filter(|key| self.vocabulary.names.contains(*key)).or(outer)
    }

    /// The text with one of its parts masked, and all that is in it.
    fn part(&self, mut text: String, path: &mut Vec<usize>, field: Option<&str>) -> Result<String, Unmasked> {
        let json = self.read(&text).ok_or_else(|| self.unmasked(field))?;
        let Some(part) = at(&json, path) else { return Ok(text) };
        let alternatives = self.alternatives(&text, part, path.is_empty());
        let (range, is_scalar) = (part.range.clone(), inside(part).next().is_none());
        if !alternatives.is_empty() {
            let found = alternatives.iter().find_map(|other| self.fitting(&text, &range, other));
            text = found.ok_or_else(|| self.unmasked(field))?;
        }
        if is_scalar {
            return Ok(text);
        }
        // What is inside is looked at in what comes of it.
        let json = self.read(&text).ok_or_else(|| self.unmasked(field))?;
        let inner = at(&json, path).into_iter().flat_map(inside);
        let fields: Vec<_> = inner.map(|(key, _)| self.field(key, field).map(str::to_owned)).collect();
        for (index, field) in fields.iter().enumerate() {
            path.push(index);
            text = self.part(text, path, field.as_deref())?;
            path.pop();
        }
        Ok(text)
    }

    /// What may stand in the place of a value, or in that of the keys of an object; nothing where there is nothing to tell.
    fn alternatives(&self, text: &str, part: &Json<'_>, is_whole: bool) -> Vec<String> {
        match &part.value {
            Value::Null | Value::Array(_) => Vec::new(),
            Value::Object(_) => self.objects(text, part, is_whole),
            Value::Bool(_) => ["false", "true"].map(str::to_owned).into(),
            Value::Number(_) => {
                let known = self.vocabulary.values.iter().filter(|value| !value.starts_with('"'));
                ["0", "1"].map(str::to_owned).into_iter().chain(known.cloned()).collect()
            }
            Value::String(word) => {
                let known = self.vocabulary.values.iter().filter(|value| value.starts_with('"'));
                WORDS.map(written).into_iter().chain(known.cloned()).chain(like(word)).collect()
            }
        }
    }

    fn fitting(&self, text: &str, range: &Range<usize>, other: &str) -> Option<String> {
        let other = [&text[..range.start], other, &text[range.end..]].concat();
        let fits = self.read(&other).is_some_and(|json| self.codec.encode(&other, &json).is_ok());
        fits.then_some(other)
    }

    /// What may stand for an object: in a map the keys are data too, and so are names that follow a pattern. Only what the schema
    /// itself names says nothing of the record.
    fn objects(&self, text: &str, object: &Json<'_>, is_whole: bool) -> Vec<String> {
        let members = object.as_object().unwrap_or_default();
        let (named, others): (Vec<_>, Vec<_>) =
            members.iter().partition(|member| self.vocabulary.names.contains(&*member.key));
        if members.is_empty() || is_whole && others.is_empty() {
            return Vec::new();
        }
        let value = |range: &Range<usize>| text[range.clone()].to_owned();
        let named = named.iter().map(|member| format!("{}:{}", value(&member.key_range), value(&member.value.range)));
        let named: Vec<String> = named.collect();
        let object = |more: Vec<String>| format!("{{{}}}", [&named[..], &more].concat().join(","));
        // Of a whole record more is told by what it has than by an empty one.
        let mut alternatives = if is_whole { Vec::new() } else { vec!["{}".to_owned()] };
        alternatives.push(object(Vec::new()));
        if let Some(first) = others.first() {
            let renamed = |word: &str| vec![format!("{}:{}", written(word), value(&first.value.range))];
            alternatives.extend(WORDS.map(|word| object(renamed(word))));
            let numbered = others.iter().enumerate();
            let numbered = numbered.map(|(index, member)| format!("\"masked-{index}\":{}", value(&member.value.range)));
            alternatives.push(object(numbered.collect()));
        }
        alternatives
    }
}

/// The parts of a part, each with its key where it has one.
fn inside<'j>(json: &'j Json<'_>) -> impl Iterator<Item = (Option<&'j str>, &'j Json<'j>)> {
    let (items, members) = (json.as_array().unwrap_or_default(), json.as_object().unwrap_or_default());
    let members = members.iter().map(|member| (Some(&*member.key), &member.value));
    items.iter().map(|item| (None, item)).chain(members)
}

fn at<'j, 't>(json: &'j Json<'t>, path: &[usize]) -> Option<&'j Json<'t>> {
    path.iter().try_fold(json, |json, index| match &json.value {
        Value::Array(items) => items.get(*index),
        Value::Object(members) => members.get(*index).map(|member| &member.value),
        _ => None,
    })
}

/// What may stand for any text: a word, and what common formats take.
const WORDS: [&str; 13] = [
    "masked",
    "0",
    "00000000-0000-0000-0000-000000000000",
    "masked@example.com",
    "https://example.com/masked",
    "1970-01-01",
    "1970-01-01T00:00:00Z",
    "192.0.2.1",
    "00:00:00Z",
    "0s",
    "PT0S",
    "example.com",
    "2001:db8::1",
];

/// What may stand for a text where nothing does that is the same for all: one of the same length, and of the same shape.
fn like(text: &str) -> [String; 3] {
    let shape = |c: char| match c {
        c if c.is_ascii_digit() => '0',
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => 'x',
        c => c,
    };
    let length = text.chars().count();
    ["x".repeat(length), "0".repeat(length), text.chars().map(shape).collect()].map(|text| written(&text))
}

fn written(text: &str) -> String {
    let mut out = String::new();
    write_string(&mut out, text);
    out
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
        let masked = masked(&codec, sample, &personal_data(format, schema, &[]));
        if let Ok(masked) = &masked {
            codec.encode(masked, &read(masked).expect("JSON")).expect("what is masked fits");
        }
        masked.ok()
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
        let schema = r#"{"properties":{"name":{"pattern":"^someone$","x-pii":true}}}"#;
        assert_eq!(masked_of(SchemaFormat::Json, schema, r#"{"name":"someone"}"#), None);
    }

    #[test]
    fn protobuf_masks_by_the_names_of_fields() {
        let schema = "syntax = \"proto3\"; package a; import \"google/protobuf/descriptor.proto\";\n\
            extend google.protobuf.FieldOptions { bool pii = 50000; }\n\
            message M { string full_name = 1 [(pii) = true]; int64 seen = 2; int64 phone = 3 [(pii) = true]; }";
        let masked =
            masked_of(SchemaFormat::Protobuf, schema, r#"{"full_name":"Some One","seen":"5","phone":"49301234"}"#);
        // What is as it is by default is not written: nobody learns whether there was a number.
        assert_eq!(masked.as_deref(), Some(r#"{"full_name":"masked","seen":"5"}"#));
        let schema = schema.replace("int64 phone", "bool is_ill");
        let of = |sample: &str| masked_of(SchemaFormat::Protobuf, &schema, sample);
        assert_eq!(of(r#"{"seen":"5","is_ill":true}"#), of(r#"{"seen":"5"}"#));
    }

    #[test]
    fn a_yes_or_no_is_the_same_for_all() {
        for value in ["true", "false"] {
            let masked = avro(r#"{"name":"ill","type":"boolean","pii":true}"#, &format!(r#"{{"ill":{value}}}"#));
            assert_eq!(masked.as_deref(), Some(r#"{"ill":false}"#));
            let schema = r#"{"properties":{"ills":{"items":{"type":"boolean"},"x-pii":true}}}"#;
            let masked = masked_of(SchemaFormat::Json, schema, &format!(r#"{{"ills":[{value}]}}"#));
            assert_eq!(masked.as_deref(), Some(r#"{"ills":[false]}"#));
        }
    }

    #[test]
    fn names_that_the_schema_does_not_say_go_wherever_they_stand() {
        let json = |schema: &str, sample: &str| masked_of(SchemaFormat::Json, schema, sample);
        for (pattern, key) in [("@", "jane.doe@secret.io"), ("^p_", "p_SECRETP")] {
            let schema = format!(r#"{{"properties":{{}},"patternProperties":{{"{pattern}":{{"x-pii":true}}}}}}"#);
            assert_eq!(json(&schema, &format!(r#"{{"{key}":4}}"#)).as_deref(), Some("{}"));
        }
        let schema = r#"{"properties":{"id":{"type":"string"}},"additionalProperties":{"x-pii":true}}"#;
        assert_eq!(json(schema, r#"{"id":"a","jane":4}"#).as_deref(), Some(r#"{"id":"masked"}"#));
        // In a list, in a record that is in it, and where some must stay.
        let schema = r#"{"properties":{"of":{"items":{"minProperties":1},"x-pii":true}}}"#;
        assert_eq!(json(schema, r#"{"of":[{"jane":{"doe":4}}]}"#).as_deref(), Some(r#"{"of":[{"masked":{}}]}"#));
        let schema = r#"{"patternProperties":{"@":{"x-pii":true}},"additionalProperties":false,"minProperties":1}"#;
        assert_eq!(json(schema, r#"{"a@b.c":4,"d@e.f":5}"#).as_deref(), Some(r#"{"masked@example.com":0}"#));
        let schema = r#"{"patternProperties":{"^p_":{"x-pii":true}},"additionalProperties":false,"minProperties":1}"#;
        assert_eq!(json(schema, r#"{"p_SECRETP":4}"#), None);
        let inner =
            r#"{"type":"record","name":"I","fields":[{"name":"of","type":["null",{"type":"map","values":"int"}]}]}"#;
        let masked = avro(
            &format!(r#"{{"name":"home","type":{{"type":"array","items":{inner}}},"pii":true}}"#),
            r#"{"home":[{"of":{"map":{"jane":3}}}]}"#,
        );
        assert_eq!(masked.as_deref(), Some(r#"{"home":[{"of":{}}]}"#));
        let masked = masked_of(SchemaFormat::Avro, r#"{"type":"map","values":"int","pii":true}"#, r#"{"jane":3}"#);
        assert_eq!(masked.as_deref(), Some("{}"));
    }

    #[test]
    fn where_few_values_fit_the_schema_says_which() {
        let symbols = r#"{"type":"enum","name":"E","symbols":["LOW","HIGH"]}"#;
        for symbol in ["LOW", "HIGH"] {
            let fields = format!(r#"{{"name":"risk","type":["null",{symbols}],"pii":true}}"#);
            let masked = avro(&fields, &format!(r#"{{"risk":{{"E":"{symbol}"}}}}"#));
            assert_eq!(masked.as_deref(), Some(r#"{"risk":{"E":"LOW"}}"#));
            let schema = r#"{"properties":{"kind":{"const":"risk"},"risk":{"enum":["LOW","HIGH"]}},"x-pii":true}"#;
            let masked = masked_of(SchemaFormat::Json, schema, &format!(r#"{{"kind":"risk","risk":"{symbol}"}}"#));
            assert_eq!(masked.as_deref(), Some(r#"{"kind":"risk","risk":"LOW"}"#));
        }
        let of = |bounds: &str, value: &str| {
            let schema = format!(r#"{{"properties":{{"code":{{{bounds},"x-pii":true}}}}}}"#);
            masked_of(SchemaFormat::Json, &schema, &format!(r#"{{"code":{value}}}"#))
        };
        let whole = r#""type":"integer","minimum":1000,"maximum":1005"#;
        assert_eq!(of(whole, "1003").as_deref(), Some(r#"{"code":1000}"#));
        let above = r#""exclusiveMinimum":1001,"multipleOf":5"#;
        assert_eq!(of(above, "1015").as_deref(), Some(r#"{"code":1005}"#));
        assert_eq!(of(r#""exclusiveMinimum":2,"exclusiveMaximum":3"#, "2.7").as_deref(), Some(r#"{"code":2.5}"#));
        let schema = "syntax = \"proto3\"; package a; import \"google/protobuf/descriptor.proto\";\n\
            extend google.protobuf.FieldOptions { bool pii = 50000; }\n\
            enum E { NONE = 0; ONE = 1; TWO = 2; } message M { optional E risk = 1 [(pii) = true]; }";
        for symbol in ["ONE", "TWO"] {
            let masked = masked_of(SchemaFormat::Protobuf, schema, &format!(r#"{{"risk":"{symbol}"}}"#));
            assert_eq!(masked.as_deref(), Some(r#"{"risk":"NONE"}"#));
        }
    }

    #[test]
    fn a_record_with_much_that_is_not_personal_is_read_a_few_times() {
        let fields =
            r#"{"name":"mail","type":"string","pii":true},{"name":"all","type":{"type":"array","items":"int"}}"#;
        let all = "1,".repeat(50_000);
        let record = |mail: &str| format!(r#"{{"mail":"{mail}","all":[{all}1]}}"#);
        assert_eq!(avro(fields, &record("someone@example.org")), Some(record("masked")));
    }

    #[test]
    fn more_than_can_be_tried_is_not_masked() {
        let schema = r#"{"properties":{"note":{},"all":{"items":{"pattern":"^b$"},"x-pii":true}}}"#;
        let parsed = parse(SchemaFormat::Json, schema, &[]).expect("a schema");
        let codec = Codec::new(&parsed).expect("for records");
        let tagged = personal_data(SchemaFormat::Json, schema, &[]);
        let sample = format!(r#"{{"note":"{}","all":["b"]}}"#, "a".repeat(MOST_READ / 8));
        let unmasked = masked(&codec, &sample, &tagged).expect_err("each word would be tried in it");
        assert_eq!(unmasked, Unmasked { field: Some("all".to_owned()), is_too_much: true });
    }

    #[test]
    fn what_cannot_be_masked_is_named() {
        let schema = r#"{"properties":{"who":{"properties":{"name":{"pattern":"^someone$"}},"required":["name"],"x-pii":true}}}"#;
        let parsed = parse(SchemaFormat::Json, schema, &[]).expect("a schema");
        let codec = Codec::new(&parsed).expect("for records");
        let tagged = personal_data(SchemaFormat::Json, schema, &[]);
        let unmasked = masked(&codec, r#"{"who":{"name":"someone"}}"#, &tagged).expect_err("nothing else fits");
        assert_eq!(unmasked, Unmasked { field: Some("name".to_owned()), is_too_much: false });
    }
}
