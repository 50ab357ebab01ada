use prost_reflect::MessageDescriptor;

use super::parse::ProtobufSchema;
use super::places::{Places, part};
use crate::schema::look_alike::Name;

/// Gives the names that the fields of each message have in JSON. Those that they have in the file are ASCII.
pub fn names(schema: &ProtobufSchema, look_at: &mut dyn FnMut(&[Name<'_>])) {
    let places = Places::new(schema);
    let mut open: Vec<MessageDescriptor> = schema.file.messages().collect();
    open.reverse();
    while let Some(message) = open.pop() {
        let names: Vec<Name<'_>> = message
            .fields()
            .map(|field| (field.json_name().to_owned().into(), places.of(&field, &[part::JSON_NAME, part::NAME])))
            .collect();
        look_at(&names);
        open.extend(message.child_messages());
    }
}
