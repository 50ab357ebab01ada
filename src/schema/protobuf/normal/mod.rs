//! The form in which Protobuf files are written: what the canonical form keeps, in the order that it has there, with
//! the comments that document something.
//!
//! Comments become line comments before what they document. Names of types are as short as they can be; those of other
//! files stay as written, because only the imports tell what they mean.

mod comments;
mod message;
mod options;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use prost_reflect::prost_types::{
    EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::canonical::{Spelling, arrange};
use super::names::{Declared, inside};
use super::source;
use crate::schema::error::SchemaError;
use comments::Remarks;

/// The normal form of a Protobuf file.
pub fn normal(text: &str) -> Result<String, SchemaError> {
    let mut file = source::read("", text)?;
    let remarks = Remarks::of(&file);
    let declared = Declared::of(&file);
    arrange(&mut file, &declared, Spelling::Kept);
    let mut printer =
        Printer { out: String::new(), indent: 0, declared: &declared, remarks, is_proto3: file.syntax.is_some() };
    printer.file(&file);
    Ok(printer.out)
}

struct Printer<'f> {
    out: String,
    indent: usize,
    declared: &'f Declared,
    remarks: Remarks,
    is_proto3: bool,
}

impl Printer<'_> {
    fn file(&mut self, file: &FileDescriptorProto) {
        self.comment(" syntax");
        self.line(&format!("syntax = \"{}\";", file.syntax.as_deref().unwrap_or("proto2")));
        if let Some(package) = &file.package {
            self.gap();
            self.comment(" package");
            self.line(&format!("package {package};"));
        }
        self.gap();
        for (index, name) in file.dependency.iter().enumerate() {
            let holds = |list: &[i32]| list.contains(&(index as i32));
            let kind = match (holds(&file.public_dependency), holds(&file.weak_dependency)) {
                (true, _) => "public ",
                (_, true) => "weak ",
                _ => "",
            };
            self.line(&format!("import {kind}{};", options::quoted(name.as_bytes())));
        }
        self.gap();
        self.option_lines(file.options.as_ref().map(|options| &options.uninterpreted_option[..]));
        let package = file.package();
        self.messages(&file.message_type, &file.extension, package);
        for declared in &file.enum_type {
            self.gap();
            self.enumeration(declared, "");
        }
        for service in &file.service {
            self.gap();
            self.service(service, package);
        }
    }

    fn enumeration(&mut self, declared: &EnumDescriptorProto, scope: &str) {
        let name = inside(scope, declared.name());
        self.comment(&name);
        self.open(&format!("enum {}", declared.name()));
        self.option_lines(declared.options.as_ref().map(|options| &options.uninterpreted_option[..]));
        for range in &declared.reserved_range {
            self.reserved(range.start(), range.end(), i32::MAX);
        }
        self.reserved_names(&declared.reserved_name);
        for value in &declared.value {
            self.comment(&inside(&name, value.name()));
            let list =
                options::list(value.options.as_ref().map(|options| &options.uninterpreted_option[..]), Vec::new());
            self.line(&format!("{} = {}{list};", value.name(), value.number()));
        }
        self.close();
    }

    fn service(&mut self, service: &ServiceDescriptorProto, package: &str) {
        self.comment(service.name());
        self.open(&format!("service {}", service.name()));
        self.option_lines(service.options.as_ref().map(|options| &options.uninterpreted_option[..]));
        let scope = inside(package, service.name());
        for method in &service.method {
            self.comment(&inside(service.name(), method.name()));
            let stream = |streams: bool| if streams { "stream " } else { "" };
            let head = format!(
                "rpc {}({}{}) returns ({}{})",
                method.name(),
                stream(method.client_streaming()),
                self.type_name(method.input_type(), &scope),
                stream(method.server_streaming()),
                self.type_name(method.output_type(), &scope),
            );
            match &method.options {
                Some(options) => {
                    self.open(&head);
                    self.option_lines(Some(&options.uninterpreted_option));
                    self.close();
                }
                None => self.line(&format!("{head};")),
            }
        }
        self.close();
    }

    /// The name of a type as short as it can be inside `scope`.
    fn type_name(&self, name: &str, scope: &str) -> String {
        if self.declared.contains(name) { self.declared.shortest(name, scope) } else { name.to_owned() }
    }

    fn reserved(&mut self, first: i32, last: i32, most: i32) {
        self.line(&format!("reserved {};", range(first, last, most)));
    }

    fn reserved_names(&mut self, names: &[String]) {
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(|name| options::quoted(name.as_bytes())).collect();
            self.line(&format!("reserved {};", names.join(", ")));
        }
    }

    fn option_lines(&mut self, options: Option<&[prost_reflect::prost_types::UninterpretedOption]>) {
        for option in options.unwrap_or_default() {
            self.line(&format!("option {};", options::assignment(option)));
        }
    }

    /// The comment on what has this name.
    fn comment(&mut self, name: &str) {
        for line in self.remarks.of_name(name) {
            // A star at the start of a line is taken for the margin of a block comment.
            let margin = if line.starts_with('*') { "* " } else { "" };
            self.line(&format!("// {margin}{line}"));
        }
    }

    fn open(&mut self, head: &str) {
        self.line(&format!("{head} {{"));
        self.indent += 1;
    }

    fn close(&mut self) {
        self.indent -= 1;
        self.line("}");
    }

    fn line(&mut self, text: &str) {
        // Writing into a String cannot fail.
        _ = writeln!(self.out, "{:width$}{text}", "", width = 2 * self.indent);
    }

    /// An empty line between what belongs together and the next.
    fn gap(&mut self) {
        if !self.out.ends_with("\n\n") && !self.out.ends_with("{\n") {
            self.out.push('\n');
        }
    }
}

/// A range of numbers, both ends included.
fn range(first: i32, last: i32, most: i32) -> String {
    match last {
        _ if first == last => first.to_string(),
        _ if last == most => format!("{first} to max"),
        _ => format!("{first} to {last}"),
    }
}

/// Whether an extension is a group, whose message it declares.
fn is_group(field: &FieldDescriptorProto) -> bool {
    field.r#type == Some(prost_reflect::prost_types::field_descriptor_proto::Type::Group as i32)
}
