use std::collections::HashMap;

use prost_reflect::prost_types::{DescriptorProto, FileDescriptorProto};

use crate::schema::protobuf::canonical::remarks;
use crate::schema::protobuf::comments::Comments;
use crate::schema::protobuf::names::inside;
use crate::schema::protobuf::places::part;

/// Comments by the names of what they document: those that the canonical form keeps, and those on the syntax, the
/// package and extensions.
pub(super) struct Remarks(HashMap<String, String>);

impl Remarks {
    pub(super) fn of(file: &FileDescriptorProto) -> Self {
        let comments = Comments::of(file);
        let mut found: HashMap<_, _> = remarks(file).into_iter().collect();
        let mut add = |name: String, path: &[i32]| {
            if let Some(comment) = comments.at(path) {
                found.insert(name, comment.to_owned());
            }
        };
        add(" syntax".to_owned(), &[part::SYNTAX]);
        add(" package".to_owned(), &[part::PACKAGE]);
        for (index, field) in file.extension.iter().enumerate() {
            add(extension(file.package(), field.name()), &[part::EXTENSION, index as i32]);
        }
        for (index, message) in file.message_type.iter().enumerate() {
            extensions(message, file.package(), &[part::MESSAGE, index as i32], &mut add);
        }
        Self(found)
    }

    /// The lines of a comment, which is given once.
    pub(super) fn of_name(&mut self, name: &str) -> Vec<String> {
        self.0.remove(name).iter().flat_map(|comment| comment.lines()).map(str::to_owned).collect()
    }
}

fn extensions(message: &DescriptorProto, scope: &str, path: &[i32], add: &mut impl FnMut(String, &[i32])) {
    let scope = inside(scope, message.name());
    for (index, field) in message.extension.iter().enumerate() {
        add(extension(&scope, field.name()), &[path, &[part::NESTED_EXTENSION, index as i32]].concat());
    }
    for (index, nested) in message.nested_type.iter().enumerate() {
        extensions(nested, &scope, &[path, &[part::NESTED_MESSAGE, index as i32]].concat(), add);
    }
}

/// What an extension is called here; no element has a space in front of its name.
pub(super) fn extension(scope: &str, name: &str) -> String {
    format!(" {}", inside(scope, name))
}
