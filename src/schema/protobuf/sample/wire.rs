//! How fields are encoded. What comes in the encoding of another type than its field has is a field that the runtimes of
//! Protobuf's makers do not know: its value is lost, and nothing fails. The library here, and some others, refuse it.

use prost_reflect::prost::DecodeError;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};

/// Messages inside each other that are looked into; the library refuses more.
const MAX_DEPTH: usize = 100;

/// The encodings, by their numbers.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH: u64 = 2;
const GROUP: u64 = 3;
const GROUP_END: u64 = 4;
const FIXED32: u64 = 5;

/// Reads a record as consumers do.
pub(super) fn read(reader: &MessageDescriptor, bytes: &[u8]) -> Result<DynamicMessage, DecodeError> {
    let mut known = Vec::with_capacity(bytes.len());
    copy(bytes, reader, MAX_DEPTH, &mut known);
    DynamicMessage::decode(reader.clone(), known.as_slice())
}

/// Whether a reader that has `known` does not see what was written as `field`.
pub(super) fn is_lost(field: &FieldDescriptor, known: &FieldDescriptor) -> bool {
    let written = if field.is_packed() { LENGTH } else { encoding(field) };
    let is_key_lost = || match (field.kind(), known.kind()) {
        (Kind::Message(one), Kind::Message(other)) if field.is_map() && known.is_map() => {
            is_lost(&one.map_entry_key_field(), &other.map_entry_key_field())
        }
        _ => false,
    };
    !takes(known, written) || is_key_lost()
}

fn takes(field: &FieldDescriptor, written: u64) -> bool {
    let own = encoding(field);
    // Several numbers may come one by one or together, whatever the field says.
    written == own || (written == LENGTH && field.is_list() && own != GROUP)
}

fn encoding(field: &FieldDescriptor) -> u64 {
    match field.kind() {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => FIXED64,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => FIXED32,
        Kind::Message(_) if field.is_group() => GROUP,
        Kind::Message(_) | Kind::String | Kind::Bytes => LENGTH,
        _ => VARINT,
    }
}

/// Copies what a reader does not take for unknown because of its encoding. Bytes that are no message stay as they are.
fn copy(bytes: &[u8], reader: &MessageDescriptor, depth: usize, out: &mut Vec<u8>) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(part) = Part::take(&mut rest) else { return out.extend_from_slice(rest) };
        let Some(field) = u32::try_from(part.key >> 3).ok().and_then(|number| reader.get_field(number)) else {
            out.extend_from_slice(part.whole);
            continue;
        };
        match field.kind() {
            _ if !takes(&field, part.key & 7) => {}
            Kind::Message(inner) if depth > 0 => {
                put_varint(part.key, out);
                let mut content = Vec::with_capacity(part.content.len());
                copy(part.content, &inner, depth - 1, &mut content);
                if part.key & 7 == LENGTH {
                    put_varint(content.len() as u64, out);
                    out.extend(content);
                } else {
                    out.extend(content);
                    put_varint(part.key - GROUP + GROUP_END, out);
                }
            }
            _ => out.extend_from_slice(part.whole),
        }
    }
}

/// A field as it is encoded.
struct Part<'b> {
    /// Its number and encoding.
    key: u64,
    whole: &'b [u8],
    /// What is in it, if it has a length or is a group.
    content: &'b [u8],
}

impl<'b> Part<'b> {
    /// Takes the first one. `rest` stays as it is where there is none.
    fn take(rest: &mut &'b [u8]) -> Option<Self> {
        let mut behind = *rest;
        let key = take_varint(&mut behind)?;
        let content = match key & 7 {
            GROUP => group(&mut behind)?,
            _ => value(key, &mut behind)?,
        };
        let whole = &rest[..rest.len() - behind.len()];
        *rest = behind;
        Some(Self { key, whole, content })
    }
}

/// Takes the value of a field that is no group.
fn value<'b>(key: u64, rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = match key & 7 {
        VARINT => {
            let before = *rest;
            take_varint(rest)?;
            return Some(&before[..before.len() - rest.len()]);
        }
        FIXED64 => 8,
        FIXED32 => 4,
        LENGTH => usize::try_from(take_varint(rest)?).ok()?,
        _ => return None,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(content)
}

/// Takes what is in a group, and its end.
fn group<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let all = *rest;
    let mut open = 1_usize;
    loop {
        let before = rest.len();
        let key = take_varint(rest)?;
        match key & 7 {
            GROUP => open += 1,
            GROUP_END => open -= 1,
            _ => _ = value(key, rest)?,
        }
        if open == 0 {
            return Some(&all[..all.len() - before]);
        }
    }
}

fn take_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
