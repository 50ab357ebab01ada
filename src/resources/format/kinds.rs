use std::path::Path;

use crate::resources::acl::GrantSpec;
use crate::resources::catalog::CatalogSpec;
use crate::resources::cluster::ClusterSpec;
use crate::resources::registry::RegistrySpec;
use crate::resources::schema::SubjectSpec;
use crate::resources::settings::SettingsSpec;
use crate::resources::topic::TopicSpec;
use crate::source::{Field, Manifest, Node, Value};

/// The keys of a manifest in the order of the reference. Its folder says what it is; where there is no path, a key does that
/// only one kind has.
pub fn keys_of(path: Option<&Path>, document: &Node) -> Option<&'static [Field]> {
    let has = |key: &str| document.get(key).is_some();
    let folder = path.map(|path| match path.components().count() {
        1 => path.to_str().filter(|name| *name == "busctl.yaml").unwrap_or("."),
        _ => path.components().next().and_then(|first| first.as_os_str().to_str()).unwrap_or_default(),
    });
    Some(match folder {
        Some("clusters") if has("registry") && !has("cluster") => RegistrySpec::FIELDS,
        Some("clusters") => ClusterSpec::FIELDS,
        Some("topics") => TopicSpec::FIELDS,
        Some("acls") => GrantSpec::FIELDS,
        Some("catalog") => CatalogSpec::FIELDS,
        Some("schemas") => SubjectSpec::FIELDS,
        Some("busctl.yaml") => SettingsSpec::FIELDS,
        Some(_) => return None,
        None if has("topic") => TopicSpec::FIELDS,
        None if has("service") => GrantSpec::FIELDS,
        None if has("cluster") => ClusterSpec::FIELDS,
        None if has("registry") => RegistrySpec::FIELDS,
        None if has("subject") => SubjectSpec::FIELDS,
        None if has("version") => SettingsSpec::FIELDS,
        None => return None,
    })
}

/// Whether the keys of a document stand in this order. What is not among them is looked past.
pub fn is_manifest_key_order(document: &Node, keys: &[Field]) -> bool {
    let Value::Mapping(entries) = &document.value else { return true };
    let places = entries.iter().filter_map(|entry| keys.iter().position(|field| field.key == &*entry.key.value));
    places.is_sorted()
}
