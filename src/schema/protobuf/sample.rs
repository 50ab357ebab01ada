//! Records of Protobuf: from JSON to the binary encoding, and back with the message of another version.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use prost_reflect::prost::Message as _;
use prost_reflect::{
    Cardinality, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _,
    Value,
};

use super::ProtobufSchema;
use crate::schema::error::quoted;
use crate::schema::sample::{Misfit, Step, Surprise, Unreadable};

/// The message of a file that records are of: the first one, which serializers take where nothing else is said.
pub struct Message {
    descriptor: MessageDescriptor,
}

impl Message {
    /// Finds it.
    pub fn new(schema: &ProtobufSchema) -> Result<Self, String> {
        let descriptor = schema.file.messages().next().ok_or("the file has no message")?;
        Ok(Self { descriptor })
    }

    /// Encodes a record in Protobuf's JSON form. What the message does not have is refused.
    pub fn encode(&self, text: &str) -> Result<Vec<u8>, Misfit> {
        let mut json = serde_json::Deserializer::from_str(text);
        match DynamicMessage::deserialize(self.descriptor.clone(), &mut json) {
            Ok(message) => match Required::default().missing(&message, &mut Vec::new()) {
                None => Ok(message.encode_to_vec()),
                Some((_, field)) => {
                    let message = format!("the required field {} is missing", quoted(field.name()));
                    Err(Misfit { message, range: 0..text.len() })
                }
            },
            Err(error) => {
                let said = error.to_string();
                let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
                let at = super::source::offset(text, error.line().saturating_sub(1), error.column().saturating_sub(1));
                Err(Misfit { message: said.to_owned(), range: word_before(text, at) })
            }
        }
    }

    /// Reads what another version wrote, and tells what is not as it was.
    pub fn decode(&self, bytes: &[u8], writer: &Message) -> Result<Vec<Surprise>, Unreadable> {
        let unreadable = |message: String, help: &str, path: Vec<Step>| Unreadable {
            message,
            help: Some(help.to_owned()),
            path,
            reader: None,
        };
        let written = DynamicMessage::decode(writer.descriptor.clone(), bytes);
        let written =
            written.map_err(|error| unreadable(error.to_string(), "see whether the file is whole", Vec::new()))?;
        let read = DynamicMessage::decode(self.descriptor.clone(), bytes).map_err(|error| {
            let mut path = Vec::new();
            let said = refused(&written, &self.descriptor, &mut path);
            let help = "a field keeps its type; a new type needs a new number";
            match said {
                Some((said, path)) => unreadable(said, help, path),
                None => unreadable(error.to_string(), help, path),
            }
        })?;
        let mut path = Vec::new();
        if let Some((path, field)) = Required::default().missing(&read, &mut path) {
            let message = format!("the required field {} is missing", quoted(field.name()));
            return Err(unreadable(message, "make it optional: what is required can never be left out", path));
        }
        let mut surprises = Vec::new();
        compare_messages(&written, &read, &mut path, &mut surprises);
        Ok(surprises)
    }

    /// Whether another message takes every record of this one, by the names in JSON.
    pub fn only_narrows(&self, old: &Message) -> bool {
        let mut seen = HashSet::new();
        let mut pairs = vec![(self.descriptor.clone(), old.descriptor.clone())];
        while let Some((new, old)) = pairs.pop() {
            if !seen.insert((new.full_name().to_owned(), old.full_name().to_owned())) {
                continue;
            }
            for field in new.fields() {
                let Some(before) = old.get_field_by_json_name(field.json_name()) else {
                    return false;
                };
                if field.is_list() != before.is_list() || field.is_map() != before.is_map() {
                    return false;
                }
                match (field.kind(), before.kind()) {
                    (Kind::Message(one), Kind::Message(other)) => pairs.push((one, other)),
                    (Kind::Enum(one), Kind::Enum(other)) => {
                        if one.values().any(|value| other.get_value_by_name(value.name()).is_none()) {
                            return false;
                        }
                    }
                    (one, other) if std::mem::discriminant(&one) == std::mem::discriminant(&other) => {}
                    _ => return false,
                }
            }
        }
        true
    }
}

/// The word that ends at a place: the library tells where it was when it noticed.
fn word_before(text: &str, mut end: usize) -> std::ops::Range<usize> {
    end = end.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text[..end].trim_end_matches(|c: char| !c.is_alphanumeric());
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).map_or(0, |at| at + 1);
    // The start of a character may be behind a longer one.
    let start = (start..=before.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(before.len());
    start..before.len().max(start)
}

/// The field that a reader's message does not take, with its place: the innermost one.
fn refused(written: &DynamicMessage, reader: &MessageDescriptor, path: &mut Vec<Step>) -> Option<(String, Vec<Step>)> {
    for (field, value) in written.fields() {
        let Some(known) = reader.get_field(field.number()) else { continue };
        let mut alone = DynamicMessage::new(written.descriptor());
        alone.set_field(&field, value.clone());
        if DynamicMessage::decode(reader.clone(), alone.encode_to_vec().as_slice()).is_ok() {
            continue;
        }
        path.push(Step::Field(field.json_name().to_owned()));
        let inside = match known.kind() {
            Kind::Message(inner) if !known.is_map() => each(value, path, &mut |value, path| match value {
                Value::Message(message) => refused(message, &inner, path),
                _ => None,
            }),
            _ => None,
        };
        let here = path.clone();
        path.pop();
        return inside.or_else(|| {
            let (number, one, other) = (field.number(), shape(&field), shape(&known));
            Some((
                format!("field {} (number {number}) was written as {one} and is {other} here", quoted(field.name())),
                here,
            ))
        });
    }
    None
}

/// What a field is, as people write it.
fn shape(field: &FieldDescriptor) -> String {
    let name = match field.kind() {
        Kind::Message(of) => of.name().to_owned(),
        Kind::Enum(of) => of.name().to_owned(),
        scalar => format!("{scalar:?}"),
    };
    match () {
        () if field.is_map() => "a map".to_owned(),
        () if field.is_list() => quoted(&format!("repeated {name}")),
        () => quoted(&name),
    }
}

/// The required fields of messages, by the full name of each. Messages may have many fields and records many messages.
#[derive(Default)]
struct Required(HashMap<String, Rc<[FieldDescriptor]>>);

impl Required {
    fn of(&mut self, message: &MessageDescriptor) -> Rc<[FieldDescriptor]> {
        if let Some(known) = self.0.get(message.full_name()) {
            return known.clone();
        }
        let required: Rc<[_]> = message.fields().filter(|field| field.cardinality() == Cardinality::Required).collect();
        self.0.insert(message.full_name().to_owned(), required.clone());
        required
    }

    /// A required field that is not there, with its place.
    fn missing(&mut self, message: &DynamicMessage, path: &mut Vec<Step>) -> Option<(Vec<Step>, FieldDescriptor)> {
        let required = self.of(&message.descriptor());
        if let Some(gone) = required.iter().find(|field| !message.has_field(field)) {
            return Some((path.clone(), gone.clone()));
        }
        for (field, value) in message.fields() {
            path.push(Step::Field(field.json_name().to_owned()));
            let found = each(value, path, &mut |value, path| match value {
                Value::Message(inner) => self.missing(inner, path),
                _ => None,
            });
            path.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// Looks at a value, or at each one in a list or map, until something is found.
fn each<T>(
    value: &Value,
    path: &mut Vec<Step>,
    look: &mut dyn FnMut(&Value, &mut Vec<Step>) -> Option<T>,
) -> Option<T> {
    let mut at = |step: Step, value: &Value, path: &mut Vec<Step>| {
        path.push(step);
        let found = look(value, path);
        path.pop();
        found
    };
    match value {
        Value::List(items) => items.iter().enumerate().find_map(|(index, item)| at(Step::Item(index), item, path)),
        Value::Map(entries) => entries.iter().find_map(|(key, value)| at(Step::Key(shown_key(key)), value, path)),
        value => look(value, path),
    }
}

fn shown_key(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}

fn compare_messages(
    written: &DynamicMessage,
    read: &DynamicMessage,
    path: &mut Vec<Step>,
    surprises: &mut Vec<Surprise>,
) {
    let descriptor = read.descriptor();
    for (field, value) in written.fields() {
        path.push(Step::Field(field.json_name().to_owned()));
        match descriptor.get_field(field.number()) {
            Some(known) => {
                let same = read.get_field(&known);
                compare(value, &same, &field, &known, path, surprises);
            }
            // A field that was given up is gone on purpose; one of the same name was given another number.
            None => {
                if let Some(moved) = descriptor.get_field_by_name(field.name()) {
                    surprises.push(Surprise {
                        is_renamed: true,
                        message: format!(
                            "`{}` was written as number {} and is read as number {}, so that it comes back as its default",
                            field.name(),
                            field.number(),
                            moved.number()
                        ),
                        help: "give the field its number back".to_owned(),
                        path: path.clone(),
                        reader: None,
                    });
                }
            }
        }
        path.pop();
    }
}

fn compare(
    written: &Value,
    read: &Value,
    field: &FieldDescriptor,
    known: &FieldDescriptor,
    path: &mut Vec<Step>,
    surprises: &mut Vec<Surprise>,
) {
    match (written, read) {
        (Value::Message(one), Value::Message(other)) => compare_messages(one, other, path, surprises),
        (Value::List(items), Value::List(others)) if items.len() == others.len() => {
            for (index, (one, other)) in items.iter().zip(others).enumerate() {
                path.push(Step::Item(index));
                compare(one, other, field, known, path, surprises);
                path.pop();
            }
        }
        (Value::Map(entries), Value::Map(others)) if entries.keys().all(|key| others.contains_key(key)) => {
            let (value_of, known_of) = (map_value(field), map_value(known));
            for (key, one) in entries {
                let Some(other) = others.get(key) else { continue };
                path.push(Step::Key(shown_key(key)));
                compare(one, other, &value_of, &known_of, path, surprises);
                path.pop();
            }
        }
        (one, Value::EnumNumber(number)) if is_unknown(&known.kind(), *number) => {
            let name = |kind: &Kind| enum_of(kind)?.get_value(*number).map(|value| value.name().to_owned());
            let written = name(&field.kind()).unwrap_or_else(|| one.to_string());
            surprises.push(Surprise {
                is_renamed: false,
                message: format!("`{written}` ({number}) is no value of its enum, and it sees an unknown one"),
                help: "see whether consumers can bear that, or add the value before it is written".to_owned(),
                path: path.clone(),
                reader: None,
            });
        }
        (one, other) if is_same(one, other) => {}
        (one, other) => surprises.push(Surprise {
            is_renamed: false,
            message: format!("{} is read as {}", quoted(&one.to_string()), quoted(&other.to_string())),
            help: "a new type needs a new number".to_owned(),
            path: path.clone(),
            reader: None,
        }),
    }
}

/// The field of a map's values.
fn map_value(field: &FieldDescriptor) -> FieldDescriptor {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field(),
        _ => field.clone(),
    }
}

fn enum_of(kind: &Kind) -> Option<&EnumDescriptor> {
    match kind {
        Kind::Enum(of) => Some(of),
        _ => None,
    }
}

fn is_unknown(kind: &Kind, number: i32) -> bool {
    enum_of(kind).is_some_and(|of| of.get_value(number).is_none())
}

/// Whether two values of types that read each other are the same.
fn is_same(one: &Value, other: &Value) -> bool {
    let whole = |value: &Value| {
        Some(match value {
            Value::Bool(value) => i128::from(*value),
            Value::I32(value) | Value::EnumNumber(value) => i128::from(*value),
            Value::I64(value) => i128::from(*value),
            Value::U32(value) => i128::from(*value),
            Value::U64(value) => i128::from(*value),
            _ => return None,
        })
    };
    let bytes = |value: &Value| match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Bytes(bytes) => Some(bytes.to_vec()),
        _ => None,
    };
    match (one, other) {
        (Value::F32(one), Value::F32(other)) => one.to_bits() == other.to_bits(),
        (Value::F64(one), Value::F64(other)) => one.to_bits() == other.to_bits(),
        _ => match (whole(one), whole(other)) {
            (Some(one), Some(other)) => one == other,
            _ => bytes(one).is_some() && bytes(one) == bytes(other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::protobuf::parse;

    fn message(fields: &str) -> Message {
        let text = format!("syntax = \"proto3\"; message M {{ {fields} }} message P {{ int32 x = 1; int32 y = 2; }}");
        Message::new(&parse(&text, &[]).expect("a schema")).expect("a message")
    }

    fn seen(json: &str, writer: &Message, reader: &Message) -> Result<Vec<String>, String> {
        let bytes = writer.encode(json).map_err(|misfit| misfit.message)?;
        let surprises = reader.decode(&bytes, writer).map_err(|unreadable| unreadable.message)?;
        Ok(surprises.into_iter().map(|surprise| surprise.message).collect())
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let one =
            message("string name = 1; repeated P points = 2; map<string, int64> counts = 3; optional bool on = 4;");
        let json = r#"{"name": "a", "points": [{"x": 1}, {"y": 2}], "counts": {"k": "9007199254740993"}, "on": false}"#;
        assert_eq!(seen(json, &one, &one), Ok(Vec::new()));
        let more = message("string name = 1; repeated P points = 2; string more = 9;");
        assert_eq!(seen(json, &one, &more), Ok(Vec::new()));
    }

    #[test]
    fn what_a_message_does_not_have_is_refused_at_its_place() {
        let text = "{\n  \"name\": \"a\",\n  \"nome\": 3\n}";
        let misfit = message("string name = 1;").encode(text).expect_err("a misfit");
        assert!(misfit.message.contains("nome"), "{}", misfit.message);
        assert_eq!(&text[misfit.range], "nome");
    }

    #[test]
    fn what_a_consumer_misreads_is_told() {
        let one = message("int64 big = 1; E kind = 2; string title = 3; enum E { A = 0; B = 1; }");
        let other = message("int32 big = 1; E kind = 2; string title = 4; enum E { A = 0; }");
        let json = r#"{"big": "4294967297", "kind": "B", "title": "x"}"#;
        let expected = [
            "`4294967297` is read as `1`",
            "`B` (1) is no value of its enum, and it sees an unknown one",
            "`title` was written as number 3 and is read as number 4, so that it comes back as its default",
        ];
        assert_eq!(seen(json, &one, &other), Ok(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn another_type_on_the_wire_is_not_read() {
        let (one, other) = (message("string a = 1;"), message("int32 a = 1;"));
        let said = "field `a` (number 1) was written as `string` and is `int32` here";
        assert_eq!(seen(r#"{"a": "x"}"#, &one, &other), Err(said.to_owned()));
        let (one, other) = (message("repeated P p = 3;"), message("repeated Q p = 3; message Q { string x = 1; }"));
        let unreadable =
            other.decode(&one.encode(r#"{"p": [{"y": 1}, {"x": 2}]}"#).expect("fits"), &one).expect_err("refused");
        assert_eq!(unreadable.message, "field `x` (number 1) was written as `int32` and is `string` here");
        assert_eq!(crate::schema::sample::shown(&unreadable.path), "p[1].x");
    }

    /// Each of many fields is looked up among many.
    #[test]
    fn large_messages_with_many_records() {
        let numbers = || (1..50_000).filter(|number| !(19_000..20_000).contains(number));
        let fields =
            |more: &str| numbers().map(|number| format!("{more}int32 f{number} = {number};")).collect::<String>();
        let (one, other) = (message(&fields("")), message(&fields("repeated ")));
        assert!(one.only_narrows(&one) && !one.only_narrows(&other));
        let text = format!(
            "syntax = \"proto2\"; message M {{ repeated L l = 1; }} message L {{ {} required int32 r = 60000; }}",
            fields("optional ")
        );
        let many = Message::new(&parse(&text, &[]).expect("a schema")).expect("a message");
        let record = |last: &str| format!(r#"{{"l": [{}{last}]}}"#, r#"{"r": 1}, "#.repeat(100_000));
        assert_eq!(seen(&record(r#"{"r": 1}"#), &many, &many), Ok(Vec::new()));
        assert_eq!(seen(&record("{}"), &many, &many), Err("the required field `r` is missing".to_owned()));
    }

    #[test]
    fn a_change_that_only_narrows_has_nothing_to_show() {
        let wide = message("string a = 1; string b = 2; E e = 3; enum E { A = 0; B = 1; }");
        let narrow = message("string a = 1; E e = 3; enum E { A = 0; }");
        assert!(narrow.only_narrows(&wide) && !wide.only_narrows(&narrow));
    }
}
