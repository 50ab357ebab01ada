//! What a topic's manifest has to say of its configs beside what its class and the defaults say.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Found, FoundTopic};
use crate::resources::Resolved;
use crate::resources::topic::{ConfigValue, is_transient};

/// Configs by their keys.
pub type Configs = BTreeMap<Arc<str>, ConfigValue>;

/// Configs that layers set, as the loader resolves them.
pub type Layers = BTreeMap<Arc<str>, Resolved<ConfigValue>>;

/// What is set on a topic, in one spelling, without what tools set for a while.
pub fn set_on(topic: &FoundTopic) -> Configs {
    let lasting = topic.configs.iter().filter(|(key, _)| !is_transient(key));
    lasting.map(|(key, value)| (key.clone(), ConfigValue::of_kafka(key, value))).collect()
}

/// A config that is set on a topic and that no manifest can say.
pub fn unsayable(topic: &FoundTopic) -> Option<Arc<str>> {
    set_on(topic).into_iter().find(|(key, value)| value.to_manifest(key).is_none()).map(|(key, _)| key)
}

/// What counts for a key: what is set on the topic, else the cluster's default.
pub fn effective(found: &Found, own: &Configs, key: &str) -> Option<ConfigValue> {
    let default = || found.defaults.get(key).map(|raw| ConfigValue::of_kafka(key, raw));
    own.get(key).cloned().or_else(default)
}

/// What layers set and nobody knows of the topic: neither is it set there, nor is the default known. No manifest with these
/// layers leaves it as it is.
pub fn overruled<'l>(found: &Found, own: &Configs, layers: &'l Layers) -> impl Iterator<Item = &'l str> {
    layers.keys().map(|key| &**key).filter(|key| effective(found, own, key).is_none())
}

/// What a manifest has to say so that nothing changes: where the layers below it say something else, and what is set on the
/// topic that they do not say.
pub fn beside(found: &Found, own: &Configs, layers: &Layers) -> Configs {
    let differing = layers.iter().filter_map(|(key, layer)| {
        let value = effective(found, own, key)?;
        (value != layer.value).then(|| (key.clone(), value))
    });
    let unsaid = own.iter().filter(|(key, _)| !layers.contains_key(*key));
    differing.chain(unsaid.map(|(key, value)| (key.clone(), value.clone()))).collect()
}
