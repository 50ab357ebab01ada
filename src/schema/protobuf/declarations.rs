use prost_reflect::prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

use super::names::inside;
use super::places::part;
use crate::schema::diff::outline::Noun;

/// Visits what a file declares but extensions: what it is, its name among those of its kind, without the package, and its path
/// in the descriptor. A field is called after its message and its number.
pub fn each(file: &FileDescriptorProto, visit: &mut impl FnMut(Noun, String, &[i32])) {
    for (index, declared) in file.message_type.iter().enumerate() {
        message(declared, "", &[part::MESSAGE, index as i32], visit);
    }
    for (index, declared) in file.enum_type.iter().enumerate() {
        enumeration(declared, "", &[part::ENUM, index as i32], visit);
    }
    for (index, service) in file.service.iter().enumerate() {
        let path = [part::SERVICE, index as i32];
        visit(Noun::Service, service.name().to_owned(), &path);
        for (index, method) in service.method.iter().enumerate() {
            let name = inside(service.name(), method.name());
            visit(Noun::Method, name, &below(&path, part::METHOD, index));
        }
    }
}

fn below(path: &[i32], part: i32, index: usize) -> Vec<i32> {
    [path, &[part, index as i32]].concat()
}

fn message(declared: &DescriptorProto, scope: &str, path: &[i32], visit: &mut impl FnMut(Noun, String, &[i32])) {
    let name = inside(scope, declared.name());
    visit(Noun::Message, name.clone(), path);
    for (index, field) in declared.field.iter().enumerate() {
        visit(Noun::Property, format!("{name} {}", field.number()), &below(path, part::FIELD, index));
    }
    for (index, oneof) in declared.oneof_decl.iter().enumerate() {
        visit(Noun::Oneof, inside(&name, oneof.name()), &below(path, part::ONEOF, index));
    }
    for (index, nested) in declared.nested_type.iter().enumerate() {
        message(nested, &name, &below(path, part::NESTED_MESSAGE, index), visit);
    }
    for (index, nested) in declared.enum_type.iter().enumerate() {
        enumeration(nested, &name, &below(path, part::NESTED_ENUM, index), visit);
    }
}

fn enumeration(
    declared: &EnumDescriptorProto,
    scope: &str,
    path: &[i32],
    visit: &mut impl FnMut(Noun, String, &[i32]),
) {
    let name = inside(scope, declared.name());
    visit(Noun::Enum, name.clone(), path);
    for (index, value) in declared.value.iter().enumerate() {
        visit(Noun::Symbol, inside(&name, value.name()), &below(path, part::VALUE, index));
    }
}
