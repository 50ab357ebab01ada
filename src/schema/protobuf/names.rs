//! Names of types in a file, resolved as far as the file itself tells.

use std::collections::HashSet;

use prost_reflect::prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

/// The full names of the messages and enums that a file declares, without leading dots.
pub struct Declared {
    names: HashSet<String>,
    /// All of the names begin with it.
    package: String,
}

impl Declared {
    /// Those of a file.
    pub fn of(file: &FileDescriptorProto) -> Self {
        let mut names = HashSet::new();
        let package = file.package();
        for message in &file.message_type {
            collect(message, package, &mut names);
        }
        names.extend(file.enum_type.iter().map(|declared| inside(package, declared.name())));
        Self { names, package: package.to_owned() }
    }

    /// Whether the file declares a type of this full name.
    pub fn contains(&self, full: &str) -> bool {
        self.names.contains(full)
    }

    /// Whether a declared type can be called `name` inside `scope`. A package may have a million parts, and names are only
    /// put together where that is of use.
    fn may_be_inside(&self, scope: &str, name: &str) -> bool {
        match self.package.get(scope.len()..) {
            // The scope is in the package or is that.
            None | Some("") => true,
            Some(rest) => name.starts_with(rest.strip_prefix('.').unwrap_or(rest)),
        }
    }

    /// The shortest way to write the full name of a declared type inside `scope`, such that no other declaration is meant
    /// by it, by the rules of `protoc` too, which looks for the first part of a name alone.
    pub fn shortest(&self, full: &str, scope: &str) -> String {
        let mut outer = scope;
        loop {
            let rest = if outer.is_empty() {
                Some(full)
            } else {
                full.strip_prefix(outer).and_then(|rest| rest.strip_prefix('.'))
            };
            if let Some(rest) = rest {
                let first = rest.split('.').next().unwrap_or(rest);
                let meant = inside(outer, first);
                // The words of the language are in lower case.
                if !first.starts_with(|c: char| c.is_ascii_lowercase())
                    && self.contains(&meant)
                    && self.resolve(first, scope) == meant
                    && self.resolve(rest, scope) == full
                {
                    return rest.to_owned();
                }
            }
            match outer.rsplit_once('.') {
                // No type has the name of a package around it.
                _ if outer.len() <= self.package.len() => return format!(".{full}"),
                Some((shorter, _)) => outer = shorter,
                None => outer = "",
            }
        }
    }

    /// What `name` means where it is written inside `scope`: the innermost declaration that it fits. A name that the
    /// file does not declare is an import's and stands as written.
    pub fn resolve(&self, name: &str, scope: &str) -> String {
        if let Some(full) = name.strip_prefix('.') {
            return full.to_owned();
        }
        let mut scope = scope;
        loop {
            if self.may_be_inside(scope, name) {
                let candidate = inside(scope, name);
                if self.names.contains(&candidate) {
                    return candidate;
                }
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

/// The name of a field in JSON where its file says none.
pub fn default_json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut is_first = false;
    for c in name.chars() {
        match c {
            '_' => is_first = true,
            c if std::mem::take(&mut is_first) => json.push(c.to_ascii_uppercase()),
            c => json.push(c),
        }
    }
    json
}

/// How much memory the full names of a file take when it is compiled: every part of it carries its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weight {
    /// Messages, enums, fields and values.
    pub parts: usize,
    /// The longest full name, in bytes.
    pub longest: usize,
}

impl Weight {
    /// That of a file.
    pub fn of(file: &FileDescriptorProto) -> Self {
        let mut weight = Self::default();
        let scope = file.package().len();
        file.message_type.iter().for_each(|message| weight.message(message, scope));
        file.enum_type.iter().for_each(|declared| weight.enumeration(declared, scope));
        file.extension.iter().for_each(|field| weight.part(field.name(), scope));
        weight
    }

    fn part(&mut self, name: &str, scope: usize) {
        self.parts += 1;
        self.longest = self.longest.max(scope + 1 + name.len());
    }

    fn message(&mut self, message: &DescriptorProto, scope: usize) {
        self.part(message.name(), scope);
        let scope = scope + 1 + message.name().len();
        let fields = message.field.iter().chain(&message.extension);
        fields.for_each(|field| self.part(field.name(), scope));
        message.nested_type.iter().for_each(|nested| self.message(nested, scope));
        message.enum_type.iter().for_each(|declared| self.enumeration(declared, scope));
    }

    fn enumeration(&mut self, declared: &EnumDescriptorProto, scope: usize) {
        self.part(declared.name(), scope);
        declared.value.iter().for_each(|value| self.part(value.name(), scope));
    }
}
