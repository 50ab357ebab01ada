//! What can be seen once names are resolved.

use std::collections::HashMap;

use prost_reflect::prost_types::FieldDescriptorProto;
use prost_reflect::prost_types::field_options::JsType;
use prost_reflect::{EnumDescriptor, ExtensionDescriptor, FileDescriptor, Kind, MessageDescriptor, Syntax};

use super::{Checked, Objection};
use crate::schema::error::quoted;
use crate::schema::protobuf::places::part;

pub fn check(file: &FileDescriptor) -> Checked {
    let is_proto3 = file.syntax() == Syntax::Proto3;
    let mut messages: Vec<MessageDescriptor> = file.messages().collect();
    let mut extensions: Vec<ExtensionDescriptor> = file.extensions().collect();
    while let Some(message) = messages.pop() {
        messages.extend(message.child_messages());
        extensions.extend(message.child_extensions());
        if message.is_map_entry() {
            continue;
        }
        for field in message.fields() {
            let (proto, kind) = (field.field_descriptor_proto(), field.kind());
            options(proto, &kind, field.is_list(), field.path())?;
            match kind {
                Kind::Enum(of) => open(&of, is_proto3, proto, field.path())?,
                Kind::Message(entry) if field.is_map() => {
                    if let Kind::Enum(of) = entry.map_entry_value_field().kind() {
                        open(&of, is_proto3, proto, field.path())?;
                        begins_with_zero(&of, proto, field.path())?;
                    }
                }
                _ => {}
            }
        }
    }
    let mut numbers: HashMap<(String, u32), String> = HashMap::new();
    for extension in &extensions {
        let (proto, kind) = (extension.field_descriptor_proto(), extension.kind());
        options(proto, &kind, extension.is_list(), extension.path())?;
        let of = extension.containing_message();
        if is_proto3 && !is_of_options(&of) {
            let said = format!("{} extends a message, which is for proto2", quoted(proto.name()));
            return object(
                extension.path(),
                part::EXTENDEE,
                said,
                "extend options alone, or put the field into the message",
            );
        }
        let key = (of.full_name().to_owned(), extension.number());
        if let Some(other) = numbers.insert(key, extension.name().to_owned()) {
            let (one, two, of, number) =
                (quoted(&other), quoted(proto.name()), quoted(of.full_name()), extension.number());
            let said = format!("{one} and {two} both extend {of} with the number {number}");
            return object(extension.path(), part::NUMBER, said, "give one of them another number");
        }
    }
    Ok(())
}

fn object(path: &[i32], part: i32, message: String, help: &'static str) -> Checked {
    Err(Objection { path: [path, &[part]].concat(), message, help })
}

/// Options that are for some types alone.
fn options(field: &FieldDescriptorProto, kind: &Kind, is_list: bool, path: &[i32]) -> Checked {
    let Some(options) = &field.options else { return Ok(()) };
    let name = quoted(field.name());
    let is_text = matches!(kind, Kind::String | Kind::Bytes);
    let is_message = matches!(kind, Kind::Message(_));
    if options.packed == Some(true) && (!is_list || is_text || is_message) {
        let said = format!("{name} is packed, which is for repeated numbers, enums and bools");
        return object(path, part::OPTIONS, said, "remove `packed`");
    }
    if options.lazy == Some(true) && !is_message {
        return object(path, part::OPTIONS, format!("{name} is lazy, which is for messages"), "remove `lazy`");
    }
    let is_long = matches!(kind, Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64);
    if options.jstype.is_some_and(|of| of != JsType::JsNormal as i32) && !is_long {
        let said = format!("{name} has a `jstype`, which is for integers of 64 bits");
        return object(path, part::OPTIONS, said, "remove `jstype`");
    }
    Ok(())
}

/// In proto3 an enum keeps numbers that it does not know.
fn open(of: &EnumDescriptor, is_proto3: bool, field: &FieldDescriptorProto, path: &[i32]) -> Checked {
    if is_proto3 && of.parent_file().syntax() == Syntax::Proto2 {
        let (name, of) = (quoted(field.name()), quoted(of.full_name()));
        let said =
            format!("{name} is in proto3, and its enum {of} in proto2, which refuses numbers that it does not know");
        return object(path, part::TYPE_NAME, said, "declare the enum in a proto3 file");
    }
    Ok(())
}

/// An entry without value has the number 0.
fn begins_with_zero(of: &EnumDescriptor, field: &FieldDescriptorProto, path: &[i32]) -> Checked {
    if of.values().next().is_some_and(|first| first.number() != 0) {
        let (name, of) = (quoted(field.name()), quoted(of.full_name()));
        let said = format!("{name} is a map of {of}, whose first value is not 0");
        return object(path, part::TYPE_NAME, said, "let the enum begin with a value of the number 0");
    }
    Ok(())
}

/// Whether a message is one of those that hold options.
fn is_of_options(message: &MessageDescriptor) -> bool {
    message.parent_file().name() == "google/protobuf/descriptor.proto" && message.name().ends_with("Options")
}
