//! Names of types in a file, resolved as far as the file itself tells.

use std::collections::HashSet;

use prost_reflect::prost_types::{DescriptorProto, FileDescriptorProto};

/// The full names of the messages and enums that a file declares, without leading dots.
pub struct Declared(HashSet<String>);

impl Declared {
    /// Those of a file.
    pub fn of(file: &FileDescriptorProto) -> Self {
        let mut names = HashSet::new();
        let package = file.package();
        for message in &file.message_type {
            collect(message, package, &mut names);
        }
        names.extend(file.enum_type.iter().map(|declared| inside(package, declared.name())));
        Self(names)
    }

    /// What `name` means where it is written inside `scope`: the innermost declaration that it fits. A name that the
    /// file does not declare is an import's and stands as written.
    pub fn resolve(&self, name: &str, scope: &str) -> String {
        if let Some(full) = name.strip_prefix('.') {
            return full.to_owned();
        }
        let mut scope = scope;
        loop {
            let candidate = inside(scope, name);
            if self.0.contains(&candidate) {
                return candidate;
            }
            match scope.rsplit_once('.') {
                Some((outer, _)) => scope = outer,
                None if scope.is_empty() => return name.to_owned(),
                None => scope = "",
            }
        }
    }
}

fn collect(message: &DescriptorProto, scope: &str, names: &mut HashSet<String>) {
    let full = inside(scope, message.name());
    for nested in &message.nested_type {
        collect(nested, &full, names);
    }
    names.extend(message.enum_type.iter().map(|declared| inside(&full, declared.name())));
    names.insert(full);
}

/// A name inside a scope.
pub fn inside(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}
