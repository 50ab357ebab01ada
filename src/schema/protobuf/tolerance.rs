//! What registries do not look at, and the descriptor library refuses or trips over.

use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

use super::places::{Spans, part};
use crate::schema::error::{SchemaError, quoted};

/// Takes out of a file what no registry refuses it for: ranges of reserved numbers of which one is used.
pub fn tolerate(file: &mut FileDescriptorProto) {
    file.message_type.iter_mut().for_each(message);
    file.enum_type.iter_mut().for_each(enumeration);
}

fn message(message: &mut DescriptorProto) {
    let mut used: Vec<i32> = message.field.iter().map(|field| field.number()).collect();
    used.sort_unstable();
    // Descriptors end a range behind its last number.
    message.reserved_range.retain(|range| !is_used(&used, range.start(), range.end() - 1));
    message.nested_type.iter_mut().for_each(self::message);
    message.enum_type.iter_mut().for_each(enumeration);
}

fn enumeration(declared: &mut EnumDescriptorProto) {
    let mut used: Vec<i32> = declared.value.iter().map(|value| value.number()).collect();
    used.sort_unstable();
    declared.reserved_range.retain(|range| !is_used(&used, range.start(), range.end()));
}

/// Whether a range holds one of the sorted numbers.
fn is_used(sorted: &[i32], from: i32, to: i32) -> bool {
    sorted.get(sorted.partition_point(|number| *number < from)).is_some_and(|number| *number <= to)
}

/// Entries of maps that are written as messages, as registries print them, need a key and a value.
pub fn check_map_entries(file: &FileDescriptorProto, text: &str) -> Result<(), SchemaError> {
    let mut waiting: Vec<(Vec<i32>, &DescriptorProto)> = file
        .message_type
        .iter()
        .enumerate()
        .map(|(index, message)| (vec![part::MESSAGE, index as i32], message))
        .collect();
    while let Some((path, message)) = waiting.pop() {
        if is_entry(message) && !is_whole_entry(message) {
            let name = quoted(message.name());
            let error = SchemaError::new(format!("{name} has the option `map_entry`, and is no entry of a map"));
            let error = error.help("remove the option, and write `map<KEY, VALUE>` where a field is a map");
            let range = Spans::of(file, text).range(&[&path[..], &[part::NAME]].concat());
            return Err(range.map_or(error.clone(), |range| error.at(range)));
        }
        let nested = message.nested_type.iter().enumerate();
        waiting.extend(
            nested.map(|(index, nested)| ([&path[..], &[part::NESTED_MESSAGE, index as i32]].concat(), nested)),
        );
    }
    Ok(())
}

fn is_entry(message: &DescriptorProto) -> bool {
    let options = message.options.as_ref().map_or(&[][..], |options| &options.uninterpreted_option);
    super::options::is_set(options, "map_entry")
}

/// Whether it has what the entries have that the parser makes of `map<…>`.
fn is_whole_entry(message: &DescriptorProto) -> bool {
    let single = |number: i32| {
        let mut fields = message.field.iter();
        fields.find(|field| field.number() == number && field.label() != Label::Repeated && field.oneof_index.is_none())
    };
    let is_key =
        |of: Type| !matches!(of, Type::Float | Type::Double | Type::Bytes | Type::Message | Type::Enum | Type::Group);
    message.field.len() == 2
        && single(1).is_some_and(|key| key.r#type.is_some() && is_key(key.r#type()))
        && single(2).is_some_and(|value| value.r#type != Some(Type::Group as i32))
}
