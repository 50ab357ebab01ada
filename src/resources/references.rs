//! Where manifests refer to secrets, whether what stands there is a reference or not.

use std::path::Path;

use super::client_config::keys::{self, Library};
use super::manifests::ManifestKind;
use crate::model::SecretRef;
use crate::source::{Node, Shape, Value, closest, is_secret_setting};

/// What is expected of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A reference, by the key's type, or by what a key that is not known is meant to be.
    Reference,
    /// The value of a config that holds a secret.
    SecretConfig,
}

/// Keys that are read as references where a manifest knows them, and are meant as such where it does not.
const NAMES: [&str; 5] = ["client_secret", "password", "role_id", "secret_id", "token"];

/// Whether manifests of this kind refer to secrets.
pub fn has_references(kind: ManifestKind) -> bool {
    use ManifestKind::{Catalog, Cluster, Grants, Registry, Settings, Subject, Topic, Version};
    match kind {
        Catalog | Cluster | Grants | Registry | Settings => true,
        Subject | Topic | Version => false,
    }
}

/// The values of a document of which a reference is expected, and those of configs that hold secrets.
pub fn references<'d>(path: &Path, document: &'d Node) -> Vec<(Expected, &'d Node)> {
    let kind = ManifestKind::of(path, |key| document.get(key).is_some());
    let mut found = Vec::new();
    if has_references(kind) {
        collect(document, Some(kind.shape()), &mut found);
    }
    found
}

fn collect<'d>(node: &'d Node, shape: Option<&Shape>, found: &mut Vec<(Expected, &'d Node)>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                let name = &*entry.key.value;
                let (shape, is_reference) = match shape.map(|shape| value_of(shape, name)) {
                    Some(Known::As(shape)) => (Some(shape), is_reference(shape)),
                    Some(Known::Chosen) => (None, false),
                    None | Some(Known::Not) => (None, closest(name, NAMES.into_iter()).is_some()),
                };
                if is_reference {
                    found.push((Expected::Reference, &entry.value));
                } else if name.contains('.') && is_secret_config(name, &entry.value) {
                    found.push((Expected::SecretConfig, &entry.value));
                } else {
                    collect(&entry.value, shape, found);
                }
            }
        }
        Value::Sequence(items) => {
            let of_items = shape.and_then(|shape| {
                shape.forms().iter().find_map(|form| match form {
                    Shape::List(item) => Some(&**item),
                    _ => None,
                })
            });
            items.iter().for_each(|item| collect(item, of_items, found));
        }
        Value::Scalar { .. } => {}
    }
}

/// What a shape says of the value of a key.
enum Known<'s> {
    /// What it looks like.
    As(&'s Shape),
    /// The manifest chooses the key, and whatever stands there.
    Chosen,
    /// There is no such key.
    Not,
}

fn value_of<'s>(shape: &'s Shape, key: &str) -> Known<'s> {
    let known = shape.forms().iter().find_map(|form| match form {
        Shape::Mapping(mapping) => mapping.field(key).map(|field| Known::As(&field.shape)),
        Shape::Map(value) => Some(Known::As(value)),
        Shape::Any => Some(Known::Chosen),
        _ => None,
    });
    known.unwrap_or(Known::Not)
}

fn is_reference(shape: &Shape) -> bool {
    let is_one = |form: &Shape| matches!(form, Shape::Scalar(scalar) if scalar.pattern == Some(SecretRef::PATTERN));
    shape.forms().iter().any(is_one)
}

/// Whether a config of clients or brokers holds a secret.
fn is_secret_config(name: &str, value: &Node) -> bool {
    const ENDS: [&str; 3] = ["basic.auth.user.info", "sasl.jaas.config", "secret.key"];
    // Brokers have the configs of clients for each listener.
    let of_listener = name.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.'));
    let name = of_listener.map_or(name, |(_, name)| name);
    let is_known = |library| keys::find(library, name).is_some_and(|key| key.is_secret());
    ENDS.iter().any(|end| name.ends_with(end))
        || [Library::Java, Library::Librdkafka].into_iter().any(is_known)
        || value.scalar().is_some_and(|value| is_secret_setting(name, value))
}
