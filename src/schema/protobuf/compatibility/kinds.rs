//! What the registry sees of a field: its label as written, and which types read each other.

use std::collections::HashSet;

use prost_reflect::prost_types::field_descriptor_proto::Type;
use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor, Syntax};

/// What a field holds.
pub enum Content {
    /// Numbers, text, bytes or values of an enum.
    Scalar(Group),
    /// A message.
    Message(MessageDescriptor),
    /// A map: its key and its value.
    Map(FieldDescriptor, FieldDescriptor),
}

/// Scalars that read each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Variable-length integers; an enum is one of them.
    Integer,
    /// Variable-length integers in zigzag encoding.
    Zigzag,
    /// Bytes, of text or of anything.
    Bytes,
    /// Four bytes.
    Fixed32,
    /// Eight bytes.
    Fixed64,
    /// `float`.
    Float,
    /// `double`.
    Double,
}

impl Content {
    /// That of a field, with the label left out.
    pub fn of(field: &FieldDescriptor) -> Self {
        match field.kind() {
            Kind::Message(entry) if field.is_map() => {
                Content::Map(entry.map_entry_key_field(), entry.map_entry_value_field())
            }
            kind => Self::of_kind(kind),
        }
    }

    /// That of a type which is no map.
    pub fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Message(message) => Content::Message(message),
            Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool | Kind::Enum(_) => {
                Content::Scalar(Group::Integer)
            }
            Kind::Sint32 | Kind::Sint64 => Content::Scalar(Group::Zigzag),
            Kind::String | Kind::Bytes => Content::Scalar(Group::Bytes),
            Kind::Fixed32 | Kind::Sfixed32 => Content::Scalar(Group::Fixed32),
            Kind::Fixed64 | Kind::Sfixed64 => Content::Scalar(Group::Fixed64),
            Kind::Float => Content::Scalar(Group::Float),
            Kind::Double => Content::Scalar(Group::Double),
        }
    }
}

/// The label that stands in the text. Descriptors say `optional` also where nothing is written.
pub fn written_label(field: &FieldDescriptor) -> Option<&'static str> {
    match field.cardinality() {
        _ if field.is_map() => None,
        Cardinality::Required => Some("required"),
        Cardinality::Repeated => Some("repeated"),
        Cardinality::Optional if field.field_descriptor_proto().proto3_optional() => Some("optional"),
        Cardinality::Optional => {
            let is_written = field.parent_file().syntax() == Syntax::Proto2 && field.containing_oneof().is_none();
            is_written.then_some("optional")
        }
    }
}

/// The oneof that a field is a member of, not counting those that `optional` makes in proto3.
pub fn oneof(field: &FieldDescriptor) -> Option<OneofDescriptor> {
    field.containing_oneof().filter(|oneof| !oneof.is_synthetic())
}

/// The fields that the registry compares: it does not look at groups.
pub fn fields(message: &MessageDescriptor) -> impl Iterator<Item = FieldDescriptor> + '_ {
    message.fields().filter(|field| !field.is_group())
}

/// The field with a number, if the registry compares it.
pub fn field(message: &MessageDescriptor, number: u32) -> Option<FieldDescriptor> {
    message.get_field(number).filter(|field| !field.is_group())
}

/// The oneofs that are written as such.
pub fn oneofs(message: &MessageDescriptor) -> impl Iterator<Item = OneofDescriptor> + '_ {
    message.oneofs().filter(|oneof| !oneof.is_synthetic())
}

/// The messages that are declared in `message`: neither the entries of maps nor the types of groups.
pub fn nested(message: &MessageDescriptor) -> Vec<MessageDescriptor> {
    let proto = message.descriptor_proto();
    let declared = proto.field.iter().chain(&proto.extension);
    let groups: HashSet<&str> =
        declared.filter(|field| field.r#type() == Type::Group).map(|field| short(field.type_name())).collect();
    let is_message = |nested: &MessageDescriptor| !nested.is_map_entry() && !groups.contains(nested.name());
    message.child_messages().filter(is_message).collect()
}

fn short(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}
