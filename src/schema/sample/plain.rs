//! Records as people think of them: JSON in which what is optional is the value itself, and numbers are numbers. What is read
//! in this form can be changed and encoded again, also with a newer version of the schema.

use crate::schema::avro::{AvroSchema, NamedKind, Type, TypeKind};
use crate::schema::json::Validator;
use crate::schema::text::{Json, Member, Value, read};
use crate::schema::{ParsedSchema, avro, protobuf};

use super::{Misfit, Unusable, shown};

/// Which message of a Protobuf file a record is of. Records of other formats have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// By its place: the index among the file's messages, then among those declared inside of it.
    At(Vec<i32>),
    /// By its full name.
    Named(String),
}

/// A record that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    /// What it holds.
    pub json: Json<'static>,
    /// The full name of its message, of Protobuf.
    pub message: Option<String>,
}

/// Reads a record of a schema. `message` says which one it is of in a Protobuf file: the first where nothing does.
///
/// # Errors
///
/// The bytes are not of this schema, in one sentence without a full stop. Whether the record is valid by a JSON Schema is not
/// looked at.
pub fn plain(schema: &ParsedSchema, message: Option<&Message>, record: &[u8]) -> Result<Plain, String> {
    let (text, message) = match schema {
        ParsedSchema::Avro(schema) => {
            let decoded = avro::codec::decode(record, schema, schema).map_err(|error| error.message)?;
            if decoded.behind > 0 {
                let bytes = crate::model::counted(decoded.behind as u64, "byte");
                return Err(format!("it is {bytes} longer than what its schema writes"));
            }
            (decoded.datum.to_plain_json(schema), None)
        }
        ParsedSchema::Json(_) => {
            (std::str::from_utf8(record).map_err(|_| "it is no UTF-8".to_owned())?.to_owned(), None)
        }
        ParsedSchema::Protobuf(schema) => {
            let message = found(schema, message)?;
            (message.plain_of(record)?, Some(message.name().to_owned()))
        }
    };
    let json = read(&text).map_err(|error| format!("it is no JSON: {}", error.message))?.into_owned();
    Ok(Plain { json, message })
}

fn found(schema: &protobuf::ProtobufSchema, message: Option<&Message>) -> Result<protobuf::Message, String> {
    match message {
        None => protobuf::Message::new(schema),
        Some(Message::At(place)) => protobuf::Message::at(schema, place),
        Some(Message::Named(name)) => {
            protobuf::Message::named(schema, name).ok_or_else(|| format!("its file has no message {name}"))
        }
    }
}

/// A schema, made ready to encode records in the form in which [`plain`] reads them.
pub enum Encoder<'s> {
    /// Avro.
    Avro(&'s AvroSchema),
    /// JSON Schema.
    Json(Box<Validator<'s>>),
    /// Protobuf.
    Protobuf(&'s protobuf::ProtobufSchema),
}

impl<'s> Encoder<'s> {
    /// Makes a schema ready.
    ///
    /// # Errors
    ///
    /// It can be valid and yet not for records.
    pub fn new(schema: &'s ParsedSchema) -> Result<Self, Unusable> {
        Ok(match schema {
            ParsedSchema::Avro(schema) => Self::Avro(schema),
            ParsedSchema::Json(schema) => Self::Json(Box::new(Validator::new(schema)?)),
            ParsedSchema::Protobuf(schema) => Self::Protobuf(schema),
        })
    }

    /// Encodes a record that fits the schema, and of Protobuf says the place of its message in the file. Where a field of Avro is
    /// missing that has a default, it has that.
    ///
    /// # Errors
    ///
    /// What does not fit, in one sentence without a full stop.
    pub fn encode(&self, json: &Json<'_>, message: Option<&str>) -> Result<(Vec<u8>, Option<Vec<i32>>), String> {
        let text = match self {
            Self::Avro(schema) => with_defaults(json.clone(), &schema.root, schema).to_string(),
            _ => json.to_string(),
        };
        let json = read(&text).map_err(|error| error.message)?;
        let said = |misfit: Misfit| misfit.message;
        match self {
            Self::Avro(schema) => {
                let datum = avro::codec::sample(schema, &json).map_err(|misfit| match misfit.path.as_slice() {
                    [] => misfit.message,
                    path => format!("at `{}`: {}", shown(path), misfit.message),
                })?;
                Ok((avro::codec::encode(&datum), None))
            }
            Self::Json(validator) => {
                validator.check(&json).map_err(said)?;
                Ok((text.into_bytes(), None))
            }
            Self::Protobuf(schema) => {
                let message = found(schema, message.map(|name| Message::Named(name.to_owned())).as_ref())?;
                Ok((message.encode(&text).map_err(said)?, Some(message.place())))
            }
        }
    }
}

/// The value with each missing field that has a default. What does not fit its type stays as it is, and is told later.
fn with_defaults<'j>(json: Json<'j>, of: &Type, schema: &AvroSchema) -> Json<'j> {
    let value = match (json.value, &of.kind) {
        (Value::Array(items), TypeKind::Array(of)) => {
            Value::Array(items.into_iter().map(|item| with_defaults(item, of, schema)).collect())
        }
        (Value::Object(members), TypeKind::Map(of)) => Value::Object(
            members
                .into_iter()
                .map(|member| Member { value: with_defaults(member.value, of, schema), ..member })
                .collect(),
        ),
        // Of several branches a value names its own, or they differ so much that only one fits without help.
        (value, TypeKind::Union(branches)) => {
            let json = Json { range: json.range.clone(), value };
            let mut others = branches.iter().filter(|branch| branch.kind != TypeKind::Null);
            return match (others.next(), others.next()) {
                (Some(of), None) => with_defaults(json, of, schema),
                _ => json,
            };
        }
        (Value::Object(members), TypeKind::Named(id)) => match &schema.named(*id).kind {
            NamedKind::Record(fields) => {
                let mut members = members;
                for field in fields {
                    match (members.iter_mut().find(|member| member.key == field.name), &field.default) {
                        (Some(member), _) => {
                            let value = Json { range: 0..0, value: Value::Null };
                            let value = std::mem::replace(&mut member.value, value);
                            member.value = with_defaults(value, &field.field_type, schema);
                        }
                        (None, Some(default)) => members.push(Member {
                            key: field.name.clone().into(),
                            key_range: 0..0,
                            value: default.clone(),
                        }),
                        (None, None) => {}
                    }
                }
                Value::Object(members)
            }
            _ => Value::Object(members),
        },
        (value, _) => value,
    };
    Json { range: json.range, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{SchemaFormat, parse};

    fn parsed(format: SchemaFormat, text: &str) -> ParsedSchema {
        parse(format, text, &[]).expect("a schema")
    }

    fn encoded(schema: &ParsedSchema, text: &str) -> Result<Vec<u8>, String> {
        let encoder = Encoder::new(schema).map_err(|why| why.message)?;
        encoder.encode(&read(text).expect("JSON"), None).map(|(bytes, _)| bytes)
    }

    fn avro(fields: &str) -> ParsedSchema {
        parsed(SchemaFormat::Avro, &format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#))
    }

    #[test]
    fn what_is_optional_stands_by_itself_and_comes_back() {
        let schema = avro(
            r#"{"name":"mail","type":["null","string"]},{"name":"either","type":["null","string","long"]},
               {"name":"seen","type":{"type":"map","values":["null","long"]}}"#,
        );
        let text = r#"{"mail": "a@b", "either": {"long": 3}, "seen": {"a": 1, "b": null}}"#;
        let bytes = encoded(&schema, text).expect("it fits");
        let read = plain(&schema, None, &bytes).expect("it is read");
        assert_eq!(read.json.to_string(), text);
        assert_eq!(encoded(&schema, &read.json.to_string()), Ok(bytes));
    }

    #[test]
    fn a_newer_version_adds_its_defaults() {
        let inner = r#"{"type":"record","name":"I","fields":[{"name":"x","type":"int","default":7}]}"#;
        let schema = avro(&format!(
            r#"{{"name":"id","type":"string"}},{{"name":"note","type":["null","string"],"default":null}},{{"name":"of","type":{{"type":"array","items":["null",{inner}]}}}}"#
        ));
        let bytes = encoded(&schema, r#"{"id": "a", "of": [{}, null]}"#).expect("it fits");
        let read = plain(&schema, None, &bytes).expect("it is read").json.to_string();
        assert_eq!(read, r#"{"id": "a", "note": null, "of": [{"x": 7}, null]}"#);
        let missing = encoded(&schema, r#"{"of": []}"#).expect_err("id has no default");
        assert_eq!(missing, "field `id` of `R` is missing");
    }

    #[test]
    fn a_message_of_protobuf_is_found_by_its_place_and_by_its_name() {
        let text = "syntax = \"proto3\"; package a; message A { message In { int64 n = 1; bool b = 2; } string id = 1; } \
                    message B { optional int32 id = 1; }";
        let schema = parsed(SchemaFormat::Protobuf, text);
        let inner = plain(&schema, Some(&Message::At(vec![0, 0])), b"\x08\x05").expect("it is read");
        assert_eq!(
            (inner.json.to_string().as_str(), inner.message.as_deref()),
            (r#"{"n": 5, "b": false}"#, Some("a.A.In"))
        );
        let encoder = Encoder::new(&schema).map_err(|why| why.message).expect("for records");
        let (bytes, place) = encoder.encode(&inner.json, inner.message.as_deref()).expect("it fits");
        assert_eq!((bytes.as_slice(), place), (&b"\x08\x05"[..], Some(vec![0, 0])));
        let none = plain(&schema, Some(&Message::At(vec![1])), b"").expect("it is read");
        assert_eq!((none.json.to_string().as_str(), none.message.as_deref()), ("{}", Some("a.B")));
        assert_eq!(plain(&schema, Some(&Message::At(vec![2])), b""), Err("its file has no message [2]".into()));
        assert!(plain(&schema, Some(&Message::Named("a.C".into())), b"").is_err());
    }

    #[test]
    fn json_is_checked_when_it_is_written() {
        let schema = parsed(SchemaFormat::Json, r#"{"type":"object","properties":{"id":{"type":"string"}}}"#);
        let odd = plain(&schema, None, br#"{"id":1.50}"#).expect("it is JSON").json.to_string();
        assert_eq!(odd, r#"{"id": 1.50}"#);
        assert!(encoded(&schema, &odd).is_err());
        assert_eq!(encoded(&schema, r#"{"id": "a"}"#), Ok(br#"{"id": "a"}"#.to_vec()));
    }
}
