//! Messages, fields and extensions.

use std::collections::{HashMap, HashSet};

use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, UninterpretedOption};

use super::comments::extension;
use super::{Printer, is_group, options, range};
use crate::schema::protobuf::names::inside;

/// The largest number of a field, and that in a message with `message_set_wire_format`.
const MOST: i32 = 536_870_911;
const MOST_IN_SET: i32 = i32::MAX - 1;

/// A message, and what is declared with its fields.
struct Parts<'m> {
    scope: String,
    /// The scope without the package, by which comments are known.
    name: String,
    message: &'m DescriptorProto,
    /// The messages inside by their full names, with their places among each other.
    nested: HashMap<String, (usize, &'m DescriptorProto)>,
    /// The fields of each oneof.
    oneofs: HashMap<i32, Vec<&'m FieldDescriptorProto>>,
    /// The oneofs that are printed; a oneof is one block.
    printed: HashSet<i32>,
}

impl Printer<'_> {
    /// Messages and extensions. An extension that is a group declares a message, whose place among the others counts.
    pub(super) fn messages(
        &mut self,
        messages: &[DescriptorProto],
        extensions: &[FieldDescriptorProto],
        package: &str,
    ) {
        let groups: HashMap<&str, &FieldDescriptorProto> =
            extensions.iter().filter(|field| is_group(field)).map(|field| (field.type_name(), field)).collect();
        for message in messages {
            self.gap();
            let scope = inside(package, message.name());
            match groups.get(&*scope) {
                Some(field) => self.extension(field, package, "", Some(message)),
                None => {
                    self.comment(message.name());
                    self.open(&format!("message {}", message.name()));
                    self.body(message, &scope, message.name());
                    self.close();
                }
            }
        }
        for field in extensions.iter().filter(|field| !is_group(field)) {
            self.gap();
            self.extension(field, package, "", None);
        }
    }

    fn extension(&mut self, field: &FieldDescriptorProto, scope: &str, name: &str, group: Option<&DescriptorProto>) {
        self.open(&format!("extend {}", self.type_name(field.extendee(), scope)));
        self.comment(&extension(scope, field.name()));
        if let Some(group) = group {
            self.comment(&inside(name, group.name()));
        }
        self.field(field, scope, name, group);
        self.close();
    }

    fn body(&mut self, message: &DescriptorProto, scope: &str, name: &str) {
        let option = message.options.as_ref().map(|options| &options.uninterpreted_option[..]);
        self.option_lines(option);
        let most = if option.unwrap_or_default().iter().any(is_message_set) { MOST_IN_SET } else { MOST };
        for reserved in &message.reserved_range {
            self.reserved(reserved.start(), reserved.end() - 1, most);
        }
        self.reserved_names(&message.reserved_name);
        for extensions in &message.extension_range {
            let list = options::list(extensions.options.as_ref().map(|all| &all.uninterpreted_option[..]), Vec::new());
            self.line(&format!("extensions {}{list};", range(extensions.start(), extensions.end() - 1, most)));
        }
        let nested = message.nested_type.iter().enumerate();
        let nested = nested.map(|(place, nested)| (inside(scope, nested.name()), (place, nested))).collect();
        let mut oneofs: HashMap<i32, Vec<&FieldDescriptorProto>> = HashMap::new();
        for field in &message.field {
            if let Some(oneof) = field.oneof_index {
                oneofs.entry(oneof).or_default().push(field);
            }
        }
        let (scope, name) = (scope.to_owned(), name.to_owned());
        let mut parts = Parts { scope, name, message, nested, oneofs, printed: HashSet::new() };
        // A oneof with a group stands where the message of that does.
        let with_groups: HashSet<i32> =
            message.field.iter().filter(|field| is_group(field)).filter_map(|field| field.oneof_index).collect();
        let is_later =
            |field: &FieldDescriptorProto| field.oneof_index.is_some_and(|oneof| with_groups.contains(&oneof));
        for field in message.field.iter().filter(|field| !is_group(field) && !is_later(field)) {
            self.field_or_oneof(field, &mut parts);
        }
        self.nested(&mut parts);
        for declared in &message.enum_type {
            self.gap();
            self.enumeration(declared, &parts.name);
        }
    }

    /// What is declared inside. Groups stand among the messages: the place of their messages counts.
    fn nested(&mut self, parts: &mut Parts<'_>) {
        let fields = parts.message.field.iter().chain(&parts.message.extension).filter(|field| is_group(field));
        let groups: HashMap<&str, &FieldDescriptorProto> = fields.map(|field| (field.type_name(), field)).collect();
        let is_entry = |nested: &DescriptorProto| nested.options.as_ref().is_some_and(|options| options.map_entry());
        for nested in parts.message.nested_type.iter().filter(|nested| !is_entry(nested)) {
            let scope = inside(&parts.scope, nested.name());
            self.gap();
            match groups.get(&*scope) {
                Some(field) if field.extendee.is_some() => {
                    self.extension(field, &parts.scope, &parts.name, Some(nested));
                }
                Some(field) => self.field_or_oneof(field, parts),
                None => {
                    let name = inside(&parts.name, nested.name());
                    self.comment(&name);
                    self.open(&format!("message {}", nested.name()));
                    self.body(nested, &scope, &name);
                    self.close();
                }
            }
        }
        for field in parts.message.extension.iter().filter(|field| !is_group(field)) {
            self.gap();
            self.extension(field, &parts.scope, &parts.name, None);
        }
    }

    fn field_or_oneof(&mut self, field: &FieldDescriptorProto, parts: &mut Parts<'_>) {
        let Some(index) = field.oneof_index.filter(|_| !field.proto3_optional()) else {
            return self.member(field, parts);
        };
        let Some(oneof) = parts.message.oneof_decl.get(index as usize) else { return };
        if !parts.printed.insert(index) {
            return;
        }
        self.comment(&inside(&parts.name, oneof.name()));
        self.open(&format!("oneof {}", oneof.name()));
        self.option_lines(oneof.options.as_ref().map(|options| &options.uninterpreted_option[..]));
        let mut members = parts.oneofs.remove(&index).unwrap_or_default();
        // Groups in the order of their messages, behind the others.
        members
            .sort_by_key(|field| is_group(field).then(|| parts.nested.get(field.type_name()).map(|(place, _)| *place)));
        for member in members {
            self.member(member, parts);
        }
        self.close();
    }

    fn member(&mut self, field: &FieldDescriptorProto, parts: &Parts<'_>) {
        self.comment(&format!("{} {}", parts.name, field.number()));
        let nested = parts.nested.get(field.type_name()).map(|(_, nested)| *nested);
        if let Some(group) = nested.filter(|_| is_group(field)) {
            self.comment(&inside(&parts.name, group.name()));
        }
        self.field(field, &parts.scope, &parts.name, nested);
    }

    /// A field; `nested` is its group's message, or the entry of its map.
    fn field(&mut self, field: &FieldDescriptorProto, scope: &str, name: &str, nested: Option<&DescriptorProto>) {
        let entry = nested.filter(|nested| nested.options.as_ref().is_some_and(|options| options.map_entry()));
        let label = match field.label.and_then(|label| Label::try_from(label).ok()) {
            _ if entry.is_some() => "",
            _ if field.oneof_index.is_some() && !field.proto3_optional() => "",
            Some(Label::Repeated) => "repeated ",
            Some(Label::Required) => "required ",
            _ if field.proto3_optional() || !self.is_proto3 => "optional ",
            _ => "",
        };
        let of = |field: &FieldDescriptorProto| match field.r#type.and_then(|of| Type::try_from(of).ok()) {
            Some(of) if field.type_name.is_none() => scalar(of).to_owned(),
            _ => self.type_name(field.type_name(), scope),
        };
        let group = nested.filter(|_| is_group(field));
        let (what, called) = match (entry.map(|entry| &entry.field[..]), group) {
            (Some([key, value]), _) => (format!("map<{}, {}>", of(key), of(value)), field.name()),
            (_, Some(group)) => ("group".to_owned(), group.name()),
            _ => (of(field), field.name()),
        };
        let first = [
            default(field),
            field.json_name.as_ref().map(|name| format!("json_name = {}", options::quoted(name.as_bytes()))),
        ];
        let list = options::list(
            field.options.as_ref().map(|options| &options.uninterpreted_option[..]),
            first.into_iter().flatten().collect(),
        );
        let head = format!("{label}{what} {called} = {}{list}", field.number());
        let Some(group) = group else { return self.line(&format!("{head};")) };
        self.open(&head);
        self.body(group, &inside(scope, group.name()), &inside(name, group.name()));
        self.close();
    }
}

fn is_message_set(option: &UninterpretedOption) -> bool {
    let is_named =
        matches!(&option.name[..], [only] if !only.is_extension && only.name_part == "message_set_wire_format");
    is_named && option.identifier_value.as_deref() == Some("true")
}

fn default(field: &FieldDescriptorProto) -> Option<String> {
    let value = field.default_value.as_ref()?;
    let shown = match field.r#type.and_then(|of| Type::try_from(of).ok()) {
        Some(Type::String) => options::quoted(value.as_bytes()),
        // Descriptors hold bytes with their escapes.
        Some(Type::Bytes) => format!("\"{value}\""),
        // Descriptors write out all digits, more than an integer may have.
        Some(Type::Double | Type::Float) => match value.parse::<f64>() {
            Ok(number) if number.is_finite() => format!("{number:?}"),
            _ => value.clone(),
        },
        _ => value.clone(),
    };
    Some(format!("default = {shown}"))
}

fn scalar(of: Type) -> &'static str {
    match of {
        Type::Double => "double",
        Type::Float => "float",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Int32 => "int32",
        Type::Fixed64 => "fixed64",
        Type::Fixed32 => "fixed32",
        Type::Bool => "bool",
        Type::String => "string",
        Type::Group => "group",
        Type::Message => "message",
        Type::Bytes => "bytes",
        Type::Uint32 => "uint32",
        Type::Enum => "enum",
        Type::Sfixed32 => "sfixed32",
        Type::Sfixed64 => "sfixed64",
        Type::Sint32 => "sint32",
        Type::Sint64 => "sint64",
    }
}
