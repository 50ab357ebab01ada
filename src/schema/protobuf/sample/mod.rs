//! Records of Protobuf: from JSON to the binary encoding, and back with the message of another version.

mod compare;
mod required;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::HashSet;

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value};

use super::{ProtobufSchema, source};
use crate::schema::error::quoted;
use crate::schema::sample::{Misfit, Step, Surprise, Unreadable, Vocabulary};
use required::Required;

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

    /// The message at a place in its file: its index among the file's messages, then among those declared inside of it.
    pub fn at(schema: &ProtobufSchema, place: &[i32]) -> Result<Self, String> {
        let absent = || format!("its file has no message {place:?}");
        let (first, rest) = place.split_first().ok_or_else(absent)?;
        let nth = |index: &i32, messages: &mut dyn Iterator<Item = MessageDescriptor>| {
            usize::try_from(*index).ok().and_then(|index| messages.nth(index))
        };
        let outer = nth(first, &mut schema.file.messages());
        let found = rest.iter().fold(outer, |message, index| nth(index, &mut message?.child_messages()));
        found.map(|descriptor| Self { descriptor }).ok_or_else(absent)
    }

    /// The message of a full name, or of a name in the file's package.
    pub fn named(schema: &ProtobufSchema, name: &str) -> Option<Self> {
        let mut waiting: Vec<MessageDescriptor> = schema.file.messages().collect();
        while let Some(descriptor) = waiting.pop() {
            if descriptor.full_name() == name || descriptor.name() == name {
                return Some(Self { descriptor });
            }
            waiting.extend(descriptor.child_messages());
        }
        None
    }

    /// Its full name.
    pub fn name(&self) -> &str {
        self.descriptor.full_name()
    }

    /// Its place in its file, as [`Self::at`] takes it.
    pub fn place(&self) -> Vec<i32> {
        // A path of a descriptor has the number of a field in front of each index.
        self.descriptor.path().iter().skip(1).step_by(2).copied().collect()
    }

    /// Names and values that the message says itself, with those that it uses.
    pub fn vocabulary(&self) -> Vocabulary {
        let mut said = Vocabulary::default();
        let (mut seen, mut open) = (HashSet::new(), vec![self.descriptor.clone()]);
        while let Some(message) = open.pop() {
            if !seen.insert(message.full_name().to_owned()) {
                continue;
            }
            for field in message.fields() {
                // The fields of an entry of a map are in no text.
                if !message.is_map_entry() {
                    said.names.extend([field.name().to_owned(), field.json_name().to_owned()]);
                }
                match field.kind() {
                    Kind::Message(inner) => open.push(inner),
                    Kind::Enum(of) => of.values().for_each(|value| said.add_symbol(value.name())),
                    _ => {}
                }
            }
        }
        said
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
                let at = source::offset(text, error.line().saturating_sub(1), error.column().saturating_sub(1));
                Err(Misfit { message: said.to_owned(), range: word_before(text, at) })
            }
        }
    }

    /// A record in Protobuf's JSON form, with fields called as in the file.
    pub fn sample_of(&self, bytes: &[u8]) -> Result<String, String> {
        self.written(bytes, &prost_reflect::SerializeOptions::new())
    }

    /// The same as people think of it: numbers of 64 bits are numbers, and what is not written has its default.
    pub fn plain_of(&self, bytes: &[u8]) -> Result<String, String> {
        let options = prost_reflect::SerializeOptions::new();
        self.written(bytes, &options.stringify_64_bit_integers(false).skip_default_fields(false))
    }

    fn written(&self, bytes: &[u8], options: &prost_reflect::SerializeOptions) -> Result<String, String> {
        let record = DynamicMessage::decode(self.descriptor.clone(), bytes).map_err(|error| error.to_string())?;
        if record.unknown_fields().next().is_some() {
            return Err("it has fields that the message does not have".to_owned());
        }
        let mut out = Vec::new();
        let mut writer = serde_json::Serializer::new(&mut out);
        let options = options.clone().use_proto_field_name(true);
        record.serialize_with_options(&mut writer, &options).map_err(|error| error.to_string())?;
        String::from_utf8(out).map_err(|error| error.to_string())
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
        let read = wire::read(&self.descriptor, bytes).map_err(|error| {
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
        compare::messages(&written, &read, &mut path, &mut surprises);
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
        if wire::read(reader, &alone.encode_to_vec()).is_ok() {
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
        return inside.or_else(|| Some((two_shapes(&field, &known), here)));
    }
    None
}

/// As what a field was written and is read.
fn two_shapes(field: &FieldDescriptor, known: &FieldDescriptor) -> String {
    let (name, number, one, other) = (quoted(field.name()), field.number(), shape(field), shape(known));
    format!("field {name} (number {number}) was written as {one} and is {other} here")
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
