use std::path::Path;

use crate::resources::FOLDERS;
use crate::resources::manifests::ManifestKind;
use crate::source::{Field, Node, Value};

/// The keys of a manifest in the order of the reference. Its folder says what it is; where there is no path, a key does that
/// only one kind has.
pub fn keys_of(path: Option<&Path>, document: &Node) -> Option<&'static [Field]> {
    let has = |key: &str| document.get(key).is_some();
    let Some(path) = path else { return by_keys(has) };
    let is_settings = path == Path::new("busctl.yaml");
    let is_in_folder = path.components().count() > 1 && FOLDERS.iter().any(|folder| path.starts_with(folder));
    (is_settings || is_in_folder).then(|| ManifestKind::of(path, has).fields())
}

fn by_keys(has: impl Fn(&str) -> bool) -> Option<&'static [Field]> {
    let kinds = [
        ("topic", ManifestKind::Topic),
        ("service", ManifestKind::Grants),
        ("cluster", ManifestKind::Cluster),
        ("registry", ManifestKind::Registry),
        ("subject", ManifestKind::Subject),
        ("version", ManifestKind::Settings),
    ];
    kinds.into_iter().find(|(key, _)| has(key)).map(|(_, kind)| kind.fields())
}

/// Whether the keys of a document stand in this order. What is not among them is looked past.
pub fn is_manifest_key_order(document: &Node, keys: &[Field]) -> bool {
    let Value::Mapping(entries) = &document.value else { return true };
    let places = entries.iter().filter_map(|entry| keys.iter().position(|field| field.key == &*entry.key.value));
    places.is_sorted()
}
