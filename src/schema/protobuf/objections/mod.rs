//! What `protoc` refuses and registries take: nobody could generate code from it, so a new schema must not have it. A version
//! that a registry has may, and stays comparable.

mod compiled;
mod enums;
mod ranges;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;

use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use super::ProtobufSchema;
use super::names::default_json_name;
use super::options::is_set;
use super::places::{Spans, part};
use crate::schema::error::{SchemaError, quoted};
use ranges::Ranges;

/// Looks at a file as it is written.
pub fn of_text(file: &FileDescriptorProto, text: &str) -> Result<(), SchemaError> {
    Walk { is_proto3: file.syntax() == "proto3", path: Vec::new() }
        .file(file)
        .map_err(|objection| objection.placed(&Spans::of(file, text)))
}

/// Looks at a file whose names are resolved.
pub fn of_schema(schema: &ProtobufSchema) -> Result<(), SchemaError> {
    let file = schema.file.file_descriptor_proto();
    compiled::check(&schema.file).map_err(|objection| objection.placed(&Spans::of(file, &schema.text)))
}

/// Something that `protoc` refuses.
struct Objection {
    /// Where, as a path in the file's descriptor.
    path: Vec<i32>,
    message: String,
    help: &'static str,
}

type Checked = Result<(), Objection>;

impl Objection {
    fn placed(self, spans: &Spans<'_>) -> SchemaError {
        let error = SchemaError::new(self.message).help(self.help);
        match nearest(spans, &self.path) {
            Some(range) => error.at(range),
            None => error,
        }
    }
}

/// The bytes of a declaration, or of what stands around it: not each part has a place of its own.
fn nearest(spans: &Spans<'_>, path: &[i32]) -> Option<Range<usize>> {
    (1..=path.len()).rev().find_map(|length| spans.range(&path[..length]))
}

/// The way to a declaration. Nothing is looked up before something is wrong.
struct Walk {
    is_proto3: bool,
    path: Vec<i32>,
}

/// Numbers of lists in `descriptor.proto`.
mod list {
    pub const FILE_MESSAGES: i32 = 4;
    pub const FILE_ENUMS: i32 = 5;
    pub const FILE_EXTENSIONS: i32 = 7;
    pub const FIELDS: i32 = 2;
    pub const MESSAGES: i32 = 3;
    pub const ENUMS: i32 = 4;
    pub const EXTENSION_RANGES: i32 = 5;
    pub const EXTENSIONS: i32 = 6;
    pub const RESERVED_RANGES: i32 = 9;
    pub const RESERVED_NAMES: i32 = 10;
    pub const ENUM_VALUES: i32 = 2;
    pub const ENUM_RESERVED_RANGES: i32 = 4;
    pub const ENUM_RESERVED_NAMES: i32 = 5;
}

impl Walk {
    /// Checks each element of a list.
    fn each<T>(&mut self, list: i32, elements: &[T], check: fn(&mut Self, &T) -> Checked) -> Checked {
        for (index, element) in elements.iter().enumerate() {
            self.path.extend([list, index as i32]);
            check(self, element)?;
            self.path.truncate(self.path.len() - 2);
        }
        Ok(())
    }

    /// Objects to a part of what is looked at.
    fn object(&self, below: &[i32], message: String, help: &'static str) -> Checked {
        Err(Objection { path: [&self.path[..], below].concat(), message, help })
    }

    fn file(&mut self, file: &FileDescriptorProto) -> Checked {
        self.each(list::FILE_MESSAGES, &file.message_type, Self::message)?;
        self.each(list::FILE_ENUMS, &file.enum_type, Self::enumeration)?;
        self.each(list::FILE_EXTENSIONS, &file.extension, Self::extension)
    }

    fn message(&mut self, message: &DescriptorProto) -> Checked {
        let of_message = message.options.as_ref();
        if of_message.is_some_and(|options| options.map_entry == Some(true)) {
            // The parser made it up.
            return Ok(());
        }
        let options = of_message.map_or(&[][..], |options| &options.uninterpreted_option);
        if self.is_proto3 && is_set(options, "message_set_wire_format") {
            let message = "message sets are for proto2".to_owned();
            return self.object(&[part::NAME], message, "remove the option `message_set_wire_format`");
        }
        self.numbers(message)?;
        self.json_names(message)?;
        self.each(list::EXTENSIONS, &message.extension, Self::extension)?;
        self.each(list::MESSAGES, &message.nested_type, Self::message)?;
        self.each(list::ENUMS, &message.enum_type, Self::enumeration)
    }

    /// The numbers and names of fields, and those that are reserved or left to extensions.
    fn numbers(&mut self, message: &DescriptorProto) -> Checked {
        if self.is_proto3 && !message.extension_range.is_empty() {
            let said = format!("{} leaves numbers to extensions, which is for proto2", quoted(message.name()));
            return self.object(
                &[list::EXTENSION_RANGES, 0],
                said,
                "remove it; options alone can be extended in proto3",
            );
        }
        // Descriptors end a range behind its last number.
        let reserved = message.reserved_range.iter().map(|range| (range.start(), i64::from(range.end()) - 1));
        let extensions = message.extension_range.iter().map(|range| (range.start(), i64::from(range.end()) - 1));
        let mut ranges = Ranges::default();
        ranges.add(list::RESERVED_RANGES, "reserved", reserved);
        ranges.add(list::EXTENSION_RANGES, "left to extensions", extensions);
        self.apart(&mut ranges)?;
        let names = self.reserved_names(list::RESERVED_NAMES, &message.reserved_name)?;
        for (index, field) in message.field.iter().enumerate() {
            let (name, number) = (quoted(field.name()), field.number());
            if let Some(what) = ranges.what(number) {
                let said = format!("{name} has the number {number}, which is {what}");
                return self.object(&[list::FIELDS, index as i32, part::NUMBER], said, "give it a number of its own");
            }
            if names.contains(field.name()) {
                let said = format!("the name {name} is reserved");
                return self.object(&[list::FIELDS, index as i32, part::NAME], said, "give the field another name");
            }
        }
        Ok(())
    }

    fn json_names(&mut self, message: &DescriptorProto) -> Checked {
        let mut known: HashMap<String, &str> = HashMap::with_capacity(message.field.len());
        for (index, field) in message.field.iter().enumerate() {
            let written = field.json_name.as_deref();
            let at = |part: i32| [list::FIELDS, index as i32, part];
            if written.is_some_and(|name| name.contains('\0')) {
                let said = format!("the name of {} in JSON has a zero character", quoted(field.name()));
                return self.object(&at(part::JSON_NAME), said, "write another `json_name`");
            }
            if written.is_some_and(|name| name.starts_with('[') && name.ends_with(']')) {
                let said = format!("{} has a name in brackets in JSON, which are for extensions", quoted(field.name()));
                return self.object(&at(part::JSON_NAME), said, "write another `json_name`");
            }
            let name = written.map_or_else(|| default_json_name(field.name()), str::to_owned);
            if let Some(other) = known.get(&name).filter(|other| **other != field.name()) {
                let (one, two, name) = (quoted(other), quoted(field.name()), quoted(&name));
                let said = format!("{one} and {two} are both {name} in JSON");
                let part = if written.is_some() { part::JSON_NAME } else { part::NAME };
                return self.object(&at(part), said, "give one of them another name, or a `json_name`");
            }
            known.insert(name, field.name());
        }
        Ok(())
    }

    fn extension(&mut self, field: &FieldDescriptorProto) -> Checked {
        if field.json_name.is_some() {
            let said = format!("the extension {} has a `json_name`", quoted(field.name()));
            return self.object(&[part::JSON_NAME], said, "remove it: extensions are named in full in JSON");
        }
        Ok(())
    }
}
