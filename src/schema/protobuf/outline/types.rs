//! Types of fields as people write them.

use std::collections::HashMap;

use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, OneofDescriptorProto};

pub use crate::schema::protobuf::describe::local;

/// The type of a field, with `repeated` in front where it is: `map<string, Price>`.
pub fn text(field: &FieldDescriptorProto, entries: &HashMap<&str, &DescriptorProto>, package: &str) -> String {
    let entry = field.type_name().rsplit('.').next().and_then(|name| entries.get(name));
    if let Some([key, value]) = entry.map(|entry| &entry.field[..]) {
        return format!("map<{}, {}>", plain(key, package), plain(value, package));
    }
    let repeated = if field.label() == Label::Repeated { "repeated " } else { "" };
    format!("{repeated}{}", plain(field, package))
}

/// The name of a type, by which it is the same one in another package where the file's own package changed.
pub fn name<'n>(full: &'n str, package: &str) -> (&'n str, bool) {
    let own = local(full, package);
    (own, own.len() < full.len())
}

fn plain(field: &FieldDescriptorProto, package: &str) -> String {
    // What is named is a message or an enum; the file alone does not tell which.
    if field.type_name.is_some() {
        let group = if field.r#type == Some(Type::Group as i32) { "group " } else { "" };
        return format!("{group}{}", local(field.type_name(), package));
    }
    field.r#type().as_str_name().trim_start_matches("TYPE_").to_lowercase()
}

/// The oneof that a field is written in.
pub fn oneof<'m>(field: &FieldDescriptorProto, message: &'m DescriptorProto) -> Option<&'m str> {
    let index = usize::try_from(field.oneof_index?).ok()?;
    (!field.proto3_optional()).then(|| message.oneof_decl.get(index)).flatten().map(OneofDescriptorProto::name)
}

/// Whether nobody wrote a oneof: it stands for the presence of a field.
pub fn is_synthetic(oneof: &OneofDescriptorProto, message: &DescriptorProto) -> bool {
    // Such a one has the name of its field behind a `_`, and more of them where that is taken.
    oneof.name().starts_with('_')
        && message.field.iter().any(|field| {
            let index = field.oneof_index.and_then(|index| message.oneof_decl.get(index as usize));
            field.proto3_optional() && index.is_some_and(|of| of.name() == oneof.name())
        })
}
