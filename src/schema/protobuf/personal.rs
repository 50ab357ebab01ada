use std::collections::HashSet;

use prost_reflect::prost_types::UninterpretedOption;
use prost_reflect::{Kind, MessageDescriptor};

use super::parse::ProtobufSchema;
use super::places::{Places, part};
use crate::schema::personal::PersonalData;

/// What the messages of a file tag, and the messages that they use.
pub fn personal_data(schema: &ProtobufSchema) -> Vec<PersonalData> {
    let places = Places::new(schema);
    let mut open: Vec<MessageDescriptor> = schema.file.messages().collect();
    // The first message is looked at first.
    open.reverse();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    while let Some(message) = open.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        let file = message.parent_file();
        let reference = (file != schema.file).then(|| file.name().to_owned());
        let package = message.package_name();
        let name = message.full_name().strip_prefix(package).unwrap_or(message.full_name()).trim_start_matches('.');
        let options = message.descriptor_proto().options.as_ref().map(|options| options.uninterpreted_option.as_slice());
        if is_tagged(options) {
            let range = places.of(&message, &[part::NAME]);
            found.push(PersonalData { name: name.to_owned(), range, reference: reference.clone() });
        }
        for field in message.fields() {
            let options =
                field.field_descriptor_proto().options.as_ref().map(|options| options.uninterpreted_option.as_slice());
            if is_tagged(options) {
                let range = places.of(&field, &[part::NAME]);
                let name = format!("{name}.{}", field.name());
                found.push(PersonalData { name, range, reference: reference.clone() });
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

/// Whether one of the options is a tag. The parser keeps custom options as they are written.
fn is_tagged(options: Option<&[UninterpretedOption]>) -> bool {
    options.unwrap_or_default().iter().any(|option| {
        let last = option.name.last().map(|part| part.name_part.as_str()).unwrap_or_default();
        match &option.aggregate_value {
            Some(aggregate) => is_tag(last) || tags_inside(aggregate),
            None => is_tag(last) && !is_denied(option),
        }
    })
}

/// `pii`, or a name that ends in it: `acme.pii`, `contains_pii`.
fn is_tag(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    name == "pii" || name.ends_with("_pii")
}

fn is_denied(option: &UninterpretedOption) -> bool {
    option.identifier_value.as_deref() == Some("false")
        || option.positive_int_value == Some(0)
        || option.string_value.as_ref().is_some_and(Vec::is_empty)
}

/// Whether a message in text format has a field that is a tag.
fn tags_inside(aggregate: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut tokens = aggregate.split(|c: char| !is_part(c)).filter(|token| !token.is_empty());
    let mut tagged = false;
    while let Some(token) = tokens.next() {
        tagged |= is_tag(token) && tokens.next() != Some("false");
    }
    tagged
}
