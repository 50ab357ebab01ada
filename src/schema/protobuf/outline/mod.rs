//! What of a Protobuf file is compared when a change is to be told.
//!
//! It is read from the file as it is arranged for its canonical form, in which each meaning has one spelling; the places
//! are those of the file as written.

mod options;
mod places;
mod types;

use std::collections::HashMap;

use prost_reflect::prost_types::field_descriptor_proto::Label;
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::canonical::{Spelling, arrange, remarks};
use super::names::{Declared, inside};
use super::source;
use crate::schema::diff::ChangeKind;
use crate::schema::diff::outline::{Attribute, Noun, Outline, Part, step};
use crate::schema::error::{SchemaError, quoted};
use places::Places;

/// The outline of a file. Messages and enums stand where they are declared, and fields by their numbers.
pub fn outline(text: &str) -> Result<Outline, SchemaError> {
    let written = source::read("", text)?;
    let mut file = written.clone();
    let declared = Declared::of(&file);
    arrange(&mut file, &declared, Spelling::Compared);
    let reader = Reader {
        places: Places::of_text(&written, text),
        remarks: remarks(&written).into_iter().collect(),
        package: file.package(),
    };
    Ok(Outline { root: reader.file(&file, text), definitions: Vec::new() })
}

struct Reader<'f> {
    places: Places<'f>,
    /// Comments by the names of what they are on.
    remarks: HashMap<String, String>,
    package: &'f str,
}

impl Reader<'_> {
    fn file(&self, file: &FileDescriptorProto, text: &str) -> Part {
        let mut root = Part::new(Noun::Schema, "", "file", "").at(0..0, 0..text.len());
        let package = self.places.of_file(2);
        let mut attribute = |kind, name: &str, value: &str, part| {
            let attribute = Attribute::new(kind, name, value);
            root.attributes.push(match self.places.of_file(part) {
                Some(range) => attribute.at(range),
                None => attribute,
            });
        };
        if package.is_some() || !self.package.is_empty() {
            attribute(ChangeKind::PackageChanged, "package", self.package, 2);
        }
        attribute(ChangeKind::ConstraintChanged, "syntax", file.syntax.as_deref().unwrap_or("proto2"), 12);
        for (index, import) in file.dependency.iter().enumerate() {
            let is_in = |list: &[i32]| list.contains(&(index as i32));
            let how = match (is_in(&file.public_dependency), is_in(&file.weak_dependency)) {
                (true, _) => "public",
                (_, true) => "weak",
                _ => "plain",
            };
            let name = format!("import {}", quoted(import));
            let import = Attribute::new(ChangeKind::PropertyChanged, name, how);
            root.attributes.push(if how == "plain" { import.shown("") } else { import });
        }
        options::add(file.options.as_ref().map(|options| &options.uninterpreted_option[..]), &mut root);
        root.parts.extend(file.message_type.iter().map(|message| self.message(message, "")));
        root.parts.extend(file.enum_type.iter().map(|declared| self.enumeration(declared, "")));
        root.parts.extend(file.service.iter().map(|service| self.service(service)));
        root.parts.extend(file.extension.iter().map(|field| self.extension(field, "")));
        root
    }

    /// A part that is declared, with the comment on it. `key` is its name in the file, a field's that of its message and
    /// its number.
    fn declared(&self, noun: Noun, id: &str, name: &str, key: &str, label: String, path: String) -> Part {
        let (place, extent) = self.places.of(noun, key);
        let mut part = Part::new(noun, id, label, path).at(place, extent);
        part.name = Some(name.to_owned());
        if let Some(comment) = self.remarks.get(key) {
            part.attributes.push(Attribute::new(ChangeKind::DocChanged, "comment", comment));
        }
        part
    }

    fn message(&self, message: &DescriptorProto, scope: &str) -> Part {
        let name = inside(scope, message.name());
        let path = step("", ".", &name);
        let label = format!("message {}", quoted(&name));
        let mut part = self.declared(Noun::Message, message.name(), message.name(), &name, label, path.clone());
        options::add(message.options.as_ref().map(|options| &options.uninterpreted_option[..]), &mut part);
        // Ranges of messages are told without their end.
        let ranges = message.reserved_range.iter().map(|range| (range.start(), range.end() - 1));
        reserved(ranges, &message.reserved_name, &mut part);
        if !message.extension_range.is_empty() {
            let ranges = message.extension_range.iter().map(|range| {
                let set = range.options.as_ref().map(|options| options::text(&options.uninterpreted_option));
                format!("{}{}", numbers(range.start(), range.end() - 1), set.unwrap_or_default())
            });
            let ranges = ranges.collect::<Vec<_>>().join(", ");
            part.attributes.push(Attribute::new(ChangeKind::ConstraintChanged, "extensions", ranges));
        }
        let is_entry = |nested: &&DescriptorProto| nested.options.as_ref().is_some_and(|options| options.map_entry());
        let entries: HashMap<&str, &DescriptorProto> =
            message.nested_type.iter().filter(is_entry).map(|entry| (entry.name(), entry)).collect();
        part.parts.extend(message.field.iter().map(|field| self.field(field, message, &entries, &name)));
        for oneof in message.oneof_decl.iter().filter(|oneof| !types::is_synthetic(oneof, message)) {
            let key = inside(&name, oneof.name());
            let label = format!("oneof {} of {}", quoted(oneof.name()), quoted(&name));
            let mut of = self.declared(Noun::Oneof, oneof.name(), oneof.name(), &key, label, path.clone());
            options::add(oneof.options.as_ref().map(|options| &options.uninterpreted_option[..]), &mut of);
            part.parts.push(of);
        }
        let nested = message.nested_type.iter().filter(|nested| !is_entry(nested));
        part.parts.extend(nested.map(|nested| self.message(nested, &name)));
        part.parts.extend(message.enum_type.iter().map(|declared| self.enumeration(declared, &name)));
        part.parts.extend(message.extension.iter().map(|field| self.extension(field, &name)));
        part
    }

    fn field(
        &self,
        field: &FieldDescriptorProto,
        message: &DescriptorProto,
        entries: &HashMap<&str, &DescriptorProto>,
        scope: &str,
    ) -> Part {
        let number = field.number().to_string();
        let path = step(scope, ".", field.name());
        let key = format!("{scope} {number}");
        let mut part = self.declared(Noun::Property, &number, field.name(), &key, "field".to_owned(), path);
        let of = types::text(field, entries, self.package);
        part.shown = Some(format!("{of} = {number}"));
        // A field that has another number and its old name is most likely the same one.
        part.also.push(format!("name {}", field.name()));
        part.attributes.push(Attribute::new(ChangeKind::NumberChanged, "number", number));
        self.type_of(field, of, &key, &mut part);
        if let Some(oneof) = types::oneof(field, message) {
            part.attributes.push(Attribute::new(ChangeKind::ConstraintChanged, "oneof", oneof));
        }
        part
    }

    fn extension(&self, field: &FieldDescriptorProto, scope: &str) -> Part {
        let id = format!("{} {}", field.extendee(), field.number());
        let path = step(scope, ".", field.name());
        let label = format!("extension of {}", quoted(types::local(field.extendee(), self.package)));
        // Where it stands is not looked up: few files have extensions.
        let mut part = Part::new(Noun::Extension, id, label, path);
        part.name = Some(field.name().to_owned());
        let of = types::text(field, &HashMap::new(), self.package);
        part.shown = Some(format!("{of} = {}", field.number()));
        self.type_of(field, of, "", &mut part);
        part
    }

    fn type_of(&self, field: &FieldDescriptorProto, of: String, key: &str, part: &mut Part) {
        let value = format!("{of} {:?}", types::name(field.type_name(), self.package));
        let attribute = Attribute::new(ChangeKind::TypeChanged, "type", value).shown(of);
        part.attributes.push(match self.places.of_type(key) {
            Some(range) => attribute.at(range),
            None => attribute,
        });
        if field.label() == Label::Required {
            part.attributes.push(Attribute::new(ChangeKind::MadeRequired, "required", "required"));
        }
        if field.proto3_optional() {
            part.attributes.push(Attribute::new(ChangeKind::ConstraintChanged, "presence", "optional"));
        }
        if let Some(default) = &field.default_value {
            part.attributes.push(Attribute::new(ChangeKind::DefaultChanged, "default", default));
        }
        if let Some(name) = &field.json_name {
            part.attributes.push(Attribute::new(ChangeKind::JsonNameChanged, "json_name", name));
        }
        options::add(field.options.as_ref().map(|options| &options.uninterpreted_option[..]), part);
    }

    fn enumeration(&self, declared: &EnumDescriptorProto, scope: &str) -> Part {
        let name = inside(scope, declared.name());
        let path = step("", ".", &name);
        let label = format!("enum {}", quoted(&name));
        let mut part = self.declared(Noun::Enum, declared.name(), declared.name(), &name, label, path.clone());
        options::add(declared.options.as_ref().map(|options| &options.uninterpreted_option[..]), &mut part);
        let ranges = declared.reserved_range.iter().map(|range| (range.start(), range.end()));
        reserved(ranges, &declared.reserved_name, &mut part);
        for value in &declared.value {
            let number = value.number().to_string();
            let (own, key) = (value.name(), inside(&name, value.name()));
            let label = format!("value {} of {}", quoted(own), quoted(&name));
            let mut of = self.declared(Noun::Symbol, own, own, &key, label, path.clone());
            of.shown = Some(number.clone());
            of.also.push(format!("number {number}"));
            of.attributes.push(Attribute::new(ChangeKind::NumberChanged, "number", number));
            options::add(value.options.as_ref().map(|options| &options.uninterpreted_option[..]), &mut of);
            part.parts.push(of);
        }
        part
    }

    fn service(&self, service: &ServiceDescriptorProto) -> Part {
        let name = service.name();
        let label = format!("service {}", quoted(name));
        let mut part = self.declared(Noun::Service, name, name, name, label, step("", ".", name));
        options::add(service.options.as_ref().map(|options| &options.uninterpreted_option[..]), &mut part);
        for method in &service.method {
            let key = inside(name, method.name());
            let mut of = self.declared(
                Noun::Method,
                method.name(),
                method.name(),
                &key,
                "method".to_owned(),
                step("", ".", &key),
            );
            let type_of = |name: &str| types::local(name, self.package).to_owned();
            for (word, full, streams) in [
                ("input", method.input_type(), method.client_streaming()),
                ("output", method.output_type(), method.server_streaming()),
            ] {
                let shown = format!("{}{}", if streams { "stream " } else { "" }, type_of(full));
                let value = format!("{streams} {:?}", types::name(full, self.package));
                of.attributes.push(Attribute::new(ChangeKind::TypeChanged, word, value).shown(shown));
            }
            options::add(method.options.as_ref().map(|options| &options.uninterpreted_option[..]), &mut of);
            part.parts.push(of);
        }
        part
    }
}

fn reserved(ranges: impl Iterator<Item = (i32, i32)>, names: &[String], part: &mut Part) {
    let ranges = ranges.map(|(start, end)| numbers(start, end));
    let list: Vec<String> = ranges.chain(names.iter().map(|name| format!("\"{name}\""))).collect();
    if !list.is_empty() {
        part.attributes.push(Attribute::new(ChangeKind::ConstraintChanged, "reserved", list.join(", ")));
    }
}

fn numbers(start: i32, end: i32) -> String {
    if start == end { start.to_string() } else { format!("{start} to {end}") }
}
