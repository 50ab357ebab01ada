//! The form in which Protobuf files are compared: the file's own descriptor, unresolved, so that it needs no imports.
//!
//! Registries print files anew: fields before oneofs, messages before enums, options and reserved ranges in another
//! order, type names spelled in full, comments gone. None of that counts. The order of messages does (serializers
//! refer to a message by its index), as do names, numbers, labels, options, reserved names and numbers, `json_name`,
//! imports, services. Comments that document something are kept beside the form: see [`Canonical::is_met_by`].

use std::fmt::Write as _;

use prost_reflect::prost::Message;
use prost_reflect::prost_types::field_descriptor_proto::Label;
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
    UninterpretedOption,
};

use super::comments::Comments;
use super::names::{Declared, default_json_name, inside};
use super::{declarations, options, source};
use crate::schema::Canonical;
use crate::schema::error::SchemaError;

/// The canonical form of a Protobuf file.
pub fn canonical(text: &str) -> Result<Canonical, SchemaError> {
    let mut file = source::read("", text)?;
    let mut comments = String::new();
    for (name, comment) in remarks(&file) {
        // Writing into a String cannot fail.
        _ = writeln!(comments, "{name}\t{comment}");
    }
    let declared = Declared::of(&file);
    arrange(&mut file, &declared, Spelling::Compared);
    Ok(Canonical { form: file.encode_to_vec(), comments: comments.into_bytes() })
}

/// What is done with spellings that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Each gets one that is only to be compared.
    Compared,
    /// What the file alone cannot tell the meaning of stays as written, so that the file can be written again.
    Kept,
}

/// Brings what has no order into one, and names of the file's own types into full.
pub(super) fn arrange(file: &mut FileDescriptorProto, declared: &Declared, spelling: Spelling) {
    file.source_code_info = None;
    // Descriptors leave proto2 unsaid.
    file.syntax.take_if(|syntax| syntax == "proto2");
    sort_imports(file);
    let is_proto3 = file.syntax.is_some();
    let scope = file.package().to_owned();
    let rules = Rules { declared, is_proto3, spelling };
    file.message_type.iter_mut().for_each(|message| rules.message(message, &scope));
    file.enum_type.iter_mut().for_each(|declared| rules.enumeration(declared));
    file.service.iter_mut().for_each(|service| rules.service(service, &scope));
    file.extension.iter_mut().for_each(|field| rules.field(field, &scope));
    file.extension.sort_by(|a, b| (a.extendee(), a.number()).cmp(&(b.extendee(), b.number())));
    if let Some(of_file) = &mut file.options {
        rules.options(&mut of_file.uninterpreted_option);
    }
}

fn sort_imports(file: &mut FileDescriptorProto) {
    let marked = |index: usize| {
        let holds = |list: &[i32]| list.contains(&(index as i32));
        (holds(&file.public_dependency), holds(&file.weak_dependency))
    };
    let mut imports: Vec<(String, (bool, bool))> =
        file.dependency.iter().enumerate().map(|(index, name)| (name.clone(), marked(index))).collect();
    imports.sort();
    let indices = |is_marked: fn(&(bool, bool)) -> bool| {
        let marked = imports.iter().enumerate().filter(move |(_, (_, marks))| is_marked(marks));
        marked.map(|(index, _)| index as i32).collect::<Vec<_>>()
    };
    file.public_dependency = indices(|marks| marks.0);
    file.weak_dependency = indices(|marks| marks.1);
    file.dependency = imports.into_iter().map(|(name, _)| name).collect();
}

struct Rules<'d> {
    declared: &'d Declared,
    is_proto3: bool,
    spelling: Spelling,
}

impl Rules<'_> {
    fn options(&self, options: &mut [UninterpretedOption]) {
        if self.spelling == Spelling::Compared {
            options::spell(options);
        }
        options::sort(options);
    }

    fn resolve(&self, name: &str, scope: &str) -> String {
        let is_kept = |full: &str| self.spelling == Spelling::Kept && !self.declared.contains(full);
        match name.strip_prefix('.') {
            Some(full) if is_kept(full) => name.to_owned(),
            _ => self.declared.resolve(name, scope),
        }
    }

    fn message(&self, message: &mut DescriptorProto, scope: &str) {
        let scope = inside(scope, message.name());
        message.field.iter_mut().for_each(|field| self.field(field, &scope));
        // A oneof's place among the others means nothing: they are known by name.
        let mut order: Vec<usize> = (0..message.oneof_decl.len()).collect();
        order.sort_by_key(|index| message.oneof_decl[*index].name().to_owned());
        for field in &mut message.field {
            let position = field.oneof_index.and_then(|old| order.iter().position(|index| *index == old as usize));
            field.oneof_index = position.map(|position| position as i32);
        }
        message.oneof_decl = order.into_iter().map(|index| message.oneof_decl[index].clone()).collect();
        for oneof in message.oneof_decl.iter_mut().filter_map(|oneof| oneof.options.as_mut()) {
            self.options(&mut oneof.uninterpreted_option);
        }
        message.field.sort_by_key(FieldDescriptorProto::number);
        message.extension.iter_mut().for_each(|field| self.field(field, &scope));
        message.extension.sort_by(|a, b| (a.extendee(), a.number()).cmp(&(b.extendee(), b.number())));
        message.nested_type.iter_mut().for_each(|nested| self.message(nested, &scope));
        // The entries of maps are made from the fields and follow their order.
        let is_entry = |nested: &DescriptorProto| nested.options.as_ref().is_some_and(|options| options.map_entry());
        message.nested_type.sort_by_key(|nested| is_entry(nested).then(|| nested.name().to_owned()));
        message.enum_type.iter_mut().for_each(|declared| self.enumeration(declared));
        message.reserved_range.sort_by_key(|range| (range.start(), range.end()));
        message.extension_range.sort_by_key(|range| (range.start(), range.end()));
        message.reserved_name.sort();
        if let Some(of_message) = &mut message.options {
            self.options(&mut of_message.uninterpreted_option);
        }
    }

    fn field(&self, field: &mut FieldDescriptorProto, scope: &str) {
        for name in [&mut field.type_name, &mut field.extendee].into_iter().flatten() {
            *name = self.resolve(name, scope);
        }
        if let Some(json_name) = &field.json_name
            && *json_name == default_json_name(field.name())
        {
            field.json_name = None;
        }
        if self.is_proto3 && field.label() == Label::Optional && !field.proto3_optional() {
            field.label = None;
        }
        if let Some(of_field) = &mut field.options {
            self.options(&mut of_field.uninterpreted_option);
        }
    }

    /// The order of values stays: the first one is proto2's default.
    fn enumeration(&self, declared: &mut EnumDescriptorProto) {
        declared.reserved_range.sort_by_key(|range| (range.start(), range.end()));
        declared.reserved_name.sort();
        if let Some(of_enum) = &mut declared.options {
            self.options(&mut of_enum.uninterpreted_option);
        }
        for of_value in declared.value.iter_mut().filter_map(|value| value.options.as_mut()) {
            self.options(&mut of_value.uninterpreted_option);
        }
    }

    fn service(&self, service: &mut ServiceDescriptorProto, scope: &str) {
        let scope = inside(scope, service.name());
        for method in &mut service.method {
            for name in [&mut method.input_type, &mut method.output_type].into_iter().flatten() {
                *name = self.resolve(name, &scope);
            }
            // False is the default of both.
            method.client_streaming.take_if(|streams| !*streams);
            method.server_streaming.take_if(|streams| !*streams);
            if let Some(of_method) = &mut method.options {
                self.options(&mut of_method.uninterpreted_option);
            }
        }
        if let Some(of_service) = &mut service.options {
            self.options(&mut of_service.uninterpreted_option);
        }
    }
}

/// The comments of a file by the names of what they document (a field's is that of its message and its number), in an
/// order of their own.
pub(super) fn remarks(file: &FileDescriptorProto) -> Vec<(String, String)> {
    let comments = Comments::of(file);
    let mut remarks = Vec::new();
    declarations::each(file, &mut |_, name, path| {
        remarks.extend(comments.at(path).map(|comment| (name, comment.to_owned())));
    });
    remarks.sort();
    remarks
}
