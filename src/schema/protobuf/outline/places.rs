//! Where the parts of a file stand, by their names.

use std::collections::HashMap;
use std::ops::Range;

use prost_reflect::prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

use crate::schema::diff::outline::Noun;
use crate::schema::protobuf::names::inside;
use crate::schema::protobuf::places::{Spans, part};

/// The places of a file as it is written: its arranged form has another order.
pub struct Places<'f> {
    spans: Spans<'f>,
    paths: HashMap<(Noun, String), Vec<i32>>,
}

impl<'f> Places<'f> {
    /// Those of a file.
    pub fn of_text(file: &'f FileDescriptorProto, text: &'f str) -> Self {
        let mut places = Self { spans: Spans::of(file, text), paths: HashMap::new() };
        for (index, message) in file.message_type.iter().enumerate() {
            places.message(message, "", &[part::MESSAGE, index as i32]);
        }
        for (index, declared) in file.enum_type.iter().enumerate() {
            places.enumeration(declared, "", &[part::ENUM, index as i32]);
        }
        for (index, service) in file.service.iter().enumerate() {
            let path = [part::SERVICE, index as i32];
            places.add(Noun::Service, service.name().to_owned(), &path);
            for (index, method) in service.method.iter().enumerate() {
                let name = inside(service.name(), method.name());
                places.add(Noun::Method, name, &[&path[..], &[part::METHOD, index as i32]].concat());
            }
        }
        places
    }

    fn add(&mut self, noun: Noun, name: String, path: &[i32]) {
        self.paths.insert((noun, name), path.to_vec());
    }

    fn message(&mut self, message: &DescriptorProto, scope: &str, path: &[i32]) {
        let name = inside(scope, message.name());
        self.add(Noun::Message, name.clone(), path);
        let below = |field: i32, index: usize| [path, &[field, index as i32]].concat();
        for (index, field) in message.field.iter().enumerate() {
            self.add(Noun::Property, format!("{name} {}", field.number()), &below(part::FIELD, index));
        }
        for (index, oneof) in message.oneof_decl.iter().enumerate() {
            self.add(Noun::Oneof, inside(&name, oneof.name()), &below(part::ONEOF, index));
        }
        for (index, nested) in message.nested_type.iter().enumerate() {
            self.message(nested, &name, &below(part::NESTED_MESSAGE, index));
        }
        for (index, declared) in message.enum_type.iter().enumerate() {
            self.enumeration(declared, &name, &below(part::NESTED_ENUM, index));
        }
    }

    fn enumeration(&mut self, declared: &EnumDescriptorProto, scope: &str, path: &[i32]) {
        let name = inside(scope, declared.name());
        self.add(Noun::Enum, name.clone(), path);
        for (index, value) in declared.value.iter().enumerate() {
            let path = [path, &[part::VALUE, index as i32]].concat();
            self.add(Noun::Symbol, inside(&name, value.name()), &path);
        }
    }

    /// Where a part of the file itself stands, by its number in the descriptor.
    pub fn of_file(&self, number: i32) -> Option<Range<usize>> {
        self.spans.range(&[number])
    }

    /// The name of a part and all of it.
    pub fn of(&self, noun: Noun, name: &str) -> (Range<usize>, Range<usize>) {
        let Some(path) = self.paths.get(&(noun, name.to_owned())) else { return (0..0, 0..0) };
        let whole = self.spans.range(path).unwrap_or_default();
        (self.spans.range(&[&path[..], &[part::NAME]].concat()).unwrap_or_else(|| whole.clone()), whole)
    }

    /// The type of a field.
    pub fn of_type(&self, field: &str) -> Option<Range<usize>> {
        let path = self.paths.get(&(Noun::Property, field.to_owned()))?;
        [part::TYPE, part::TYPE_NAME].iter().find_map(|part| self.spans.range(&[&path[..], &[*part]].concat()))
    }
}
