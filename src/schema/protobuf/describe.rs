//! Parts of a file as messages name them.

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor};

use super::compatibility::kinds;
use crate::schema::error::quoted;

/// The name of a message without its package, quoted.
pub fn message(message: &MessageDescriptor) -> String {
    quoted(local(message.full_name(), message.package_name()))
}

/// A field: `` `price` (5) of `Order` ``.
pub fn field(field: &FieldDescriptor) -> String {
    format!("{} ({}) of {}", quoted(field.name()), field.number(), message(field.parent_message()))
}

/// A oneof: `` `choice` of `Order` ``.
pub fn oneof(oneof: &OneofDescriptor) -> String {
    format!("{} of {}", quoted(oneof.name()), message(oneof.parent_message()))
}

/// The name of an enum without its package, quoted.
pub fn enumeration(declared: &EnumDescriptor) -> String {
    quoted(local(declared.full_name(), declared.package_name()))
}

/// A field by the reader's name, with the writer's where it differs.
pub fn field_of_both(writer: &FieldDescriptor, reader: &FieldDescriptor) -> String {
    by_two_names(reader, writer.name(), |other| format!("{other} to the writer"))
}

/// A field by its new name, with the old one where it differs.
pub fn field_over_time(old: &FieldDescriptor, new: &FieldDescriptor) -> String {
    by_two_names(new, old.name(), |other| format!("once {other}"))
}

fn by_two_names(of: &FieldDescriptor, other: &str, said: impl FnOnce(&str) -> String) -> String {
    if of.name() == other {
        return field(of);
    }
    let (name, number, other) = (quoted(of.name()), of.number(), said(&quoted(other)));
    format!("{name} ({number}, {other}) of {}", message(of.parent_message()))
}

/// The type of a field as it is written, with the label if there is one, quoted.
pub fn type_of(field: &FieldDescriptor) -> String {
    quoted(&match (field.kind(), kinds::written_label(field)) {
        (Kind::Message(entry), _) if field.is_map() => {
            let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            format!("map<{}, {}>", kind(&key.kind()), kind(&value.kind()))
        }
        (of, label) => {
            let label = label.map(|label| format!("{label} ")).unwrap_or_default();
            let group = if field.is_group() { "group " } else { "" };
            format!("{label}{group}{}", kind(&of))
        }
    })
}

/// A scalar by its keyword, another type by its name without the package.
pub fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) => local(message.full_name(), message.package_name()).to_owned(),
        Kind::Enum(declared) => local(declared.full_name(), declared.package_name()).to_owned(),
        scalar => format!("{scalar:?}"),
    }
}

/// What a type is, in a word.
pub fn sort(field: &FieldDescriptor) -> &'static str {
    match field.kind() {
        Kind::Message(_) if field.is_map() => "map",
        Kind::Message(_) => "message",
        Kind::Enum(_) => "enum",
        _ => "scalar",
    }
}

/// Some of many names, quoted: `` `a`, `b` and 3 more ``.
pub fn some<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const MOST: usize = 4;
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(MOST).map(quoted).collect();
    let more = names.count();
    match (&shown[..], more) {
        ([all @ .., last], 0) if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        (_, 0) => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A full name without its package.
pub fn local<'n>(full_name: &'n str, package: &str) -> &'n str {
    match full_name.strip_prefix(package).and_then(|rest| rest.strip_prefix('.')) {
        Some(rest) if !package.is_empty() => rest,
        _ => full_name,
    }
}
