use std::collections::HashMap;

use prost_reflect::prost_types::FileOptions;
use prost_reflect::{MethodDescriptor, ServiceDescriptor, Syntax};

use super::Concern;
use super::judge::{Judge, Words};
use crate::schema::Lack;
use crate::schema::error::quoted;
use crate::schema::protobuf::compatibility::path::Path;
use crate::schema::protobuf::describe;
use crate::schema::protobuf::places::part;

/// An option of a file by its name, its number in `FileOptions`, and how it is read.
type FileOption = (&'static str, i32, fn(&FileOptions) -> Option<String>);

/// The options that say where generated code goes.
const LANGUAGES: [FileOption; 9] = [
    ("java_package", 1, |options| options.java_package.clone()),
    ("java_outer_classname", 8, |options| options.java_outer_classname.clone()),
    ("java_multiple_files", 10, |options| options.java_multiple_files.map(|set| set.to_string())),
    ("go_package", 11, |options| options.go_package.clone()),
    ("csharp_namespace", 37, |options| options.csharp_namespace.clone()),
    ("objc_class_prefix", 36, |options| options.objc_class_prefix.clone()),
    ("php_namespace", 41, |options| options.php_namespace.clone()),
    ("ruby_package", 45, |options| options.ruby_package.clone()),
    ("swift_prefix", 39, |options| options.swift_prefix.clone()),
];

impl Judge<'_> {
    /// What the file says of itself.
    pub fn options(&mut self, path: &Path) {
        let (old, new) = (&self.old.file, &self.new.file);
        let name = |syntax| if syntax == Syntax::Proto2 { "proto2" } else { "proto3" };
        if old.syntax() != new.syntax() {
            let places = self.parts(old, new, &[part::SYNTAX]);
            self.tell(Concern::SyntaxChanged, path.to(""), places, || {
                let (before, after) = (name(old.syntax()), name(new.syntax()));
                let message = format!(
                    "the file was {before} and is {after}: presence, defaults and enums work otherwise in code"
                );
                Words::new(message, format!("keep {before}"))
            });
        }
        let options = [old, new].map(|file| file.file_descriptor_proto().options.clone().unwrap_or_default());
        for (option, number, get) in LANGUAGES {
            let (before, after) = (get(&options[0]), get(&options[1]));
            if before != after {
                let places = self.options_of_files(number);
                let lack = || format!("there is no `{option}` here");
                let lacks = match (&before, &after) {
                    (None, _) => Some(Lack::Writer(lack())),
                    (_, None) => Some(Lack::Reader(lack())),
                    _ => None,
                };
                self.tell(Concern::LanguagePackageChanged, path.to(""), places, || {
                    let shown = |value: Option<String>| value.map_or("unset".to_owned(), |value| quoted(&value));
                    let message = format!(
                        "`{option}` was {} and is {}: generated code is found elsewhere",
                        shown(before),
                        shown(after)
                    );
                    Words { lacks, ..Words::new(message, "keep it as it was") }
                });
            }
        }
    }

    /// Services, which records have nothing to do with.
    pub fn services(&mut self, path: &Path) {
        let new: HashMap<String, ServiceDescriptor> =
            self.new.file.services().map(|service| (service.name().to_owned(), service)).collect();
        let old: Vec<ServiceDescriptor> = self.old.file.services().collect();
        for before in old {
            let Some(after) = new.get(before.name()) else {
                self.tell(Concern::ServiceRemoved, path.to(before.name()), self.old_name(&before), || {
                    Words::new(format!("service {} is gone", quoted(before.name())), "keep it while somebody calls it")
                });
                continue;
            };
            let methods: HashMap<String, MethodDescriptor> =
                after.methods().map(|method| (method.name().to_owned(), method)).collect();
            let path = path.below(before.name());
            for method in before.methods() {
                let now = methods.get(method.name());
                if now.is_some_and(|now| signature(now) == signature(&method)) {
                    continue;
                }
                let places = now.map_or_else(|| self.names(&method, after), |now| self.names(&method, now));
                self.tell(Concern::MethodChanged, path.to(method.name()), places, || {
                    let name = format!("method {} of {}", quoted(method.name()), quoted(before.name()));
                    let message = match now {
                        None => format!("{name} is gone"),
                        Some(now) => format!("{name} was {} and is {}", signature(&method), signature(now)),
                    };
                    Words::new(message, "add a method of another name")
                });
            }
        }
    }
}

/// What a method takes and gives, quoted.
fn signature(method: &MethodDescriptor) -> String {
    let stream = |is_stream| if is_stream { "stream " } else { "" };
    let name = |message: prost_reflect::MessageDescriptor| {
        describe::local(message.full_name(), message.package_name()).to_owned()
    };
    quoted(&format!(
        "({}{}) → ({}{})",
        stream(method.is_client_streaming()),
        name(method.input()),
        stream(method.is_server_streaming()),
        name(method.output())
    ))
}
