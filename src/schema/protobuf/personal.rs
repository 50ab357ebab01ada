use std::collections::HashSet;

use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, Value};

use super::parse::ProtobufSchema;
use super::places::{Places, part};
use crate::schema::personal::Found;

/// What the messages of a file tag, and the messages that they use.
pub fn personal_data(schema: &ProtobufSchema) -> Found {
    let places = Places::new(schema);
    let mut open: Vec<MessageDescriptor> = schema.file.messages().collect();
    // The first message is looked at first.
    open.reverse();
    let mut seen = HashSet::new();
    let mut found = Found::default();
    while let Some(message) = open.pop().filter(|_| !found.is_full()) {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        let file = message.parent_file();
        let reference = (file != schema.file).then(|| file.name().to_owned());
        let package = message.package_name();
        let name = message.full_name().strip_prefix(package).unwrap_or(message.full_name()).trim_start_matches('.');
        if is_tagged(&message.options()) {
            let range = places.of(&message, &[part::NAME]);
            found.add(name.to_owned(), None, range, reference.as_deref());
        }
        for field in message.fields() {
            if is_tagged(&field.options()) {
                let range = places.of(&field, &[part::NAME]);
                let name = format!("{name}.{}", field.name());
                found.add(name, Some(field.name()), range, reference.as_deref());
            }
            if let Kind::Message(inner) = field.kind() {
                open.push(inner);
            }
        }
        if reference.is_none() {
            open.extend(message.child_messages());
        }
    }
    found
}

/// Whether a custom option is a tag, or a message that has one in it.
fn is_tagged(options: &DynamicMessage) -> bool {
    options.extensions().any(|(option, value)| is_tag(option.name()) && says_so(value) || tags_inside(value, 0))
}

/// `pii`, or a name that ends in it: `contains_pii`.
fn is_tag(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "pii" || name.ends_with("_pii")
}

/// Whether a value is more than `false`, nothing and zero.
fn says_so(value: &Value) -> bool {
    match value {
        Value::Bool(is_tagged) => *is_tagged,
        Value::String(kind) => !kind.is_empty(),
        Value::EnumNumber(number) | Value::I32(number) => *number != 0,
        _ => true,
    }
}

/// Messages inside each other in which a tag is looked for.
const MOST_LEVELS: usize = 8;

fn tags_inside(value: &Value, level: usize) -> bool {
    match value {
        Value::Message(message) if level < MOST_LEVELS => message
            .fields()
            .any(|(field, value)| is_tag(field.name()) && says_so(value) || tags_inside(value, level + 1)),
        Value::List(values) => values.iter().any(|value| tags_inside(value, level)),
        _ => false,
    }
}
