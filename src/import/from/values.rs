use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys::{Keys, text_of};
use super::reader::{Reader, entries};
use crate::import::About;
use crate::model::Name;
use crate::ports::kafka::Quota;
use crate::ports::registry::Reference;
use crate::resources::topic::{ConfigValue, is_transient};
use crate::schema::{Compatibility, SchemaFormat};
use crate::source::{Node, Value};

/// Configs of a topic as Kafka writes them. A list is what Kafka divides by commas.
pub fn configs(node: &Node, what: &str, reader: &mut Reader<'_>) -> BTreeMap<Arc<str>, String> {
    let mut configs = BTreeMap::new();
    if !matches!(node.value, Value::Mapping(_)) && !node.is_null() {
        reader.leave(node.span, format!("{what}: {} where a mapping should be", node.kind()));
    }
    for entry in entries(node).iter().filter(|entry| !entry.value.is_null()) {
        let what = format!("`{}` of {what}", entry.key.value);
        let value = match &entry.value.value {
            Value::Sequence(items) => {
                let items: Option<Vec<&str>> = items.iter().map(|item| text_of(item, &what, reader)).collect();
                items.map(|items| items.join(","))
            }
            _ => text_of(&entry.value, &what, reader).map(|text| match entry.value.kind() {
                "a boolean" => text.to_ascii_lowercase(),
                _ => text.to_owned(),
            }),
        };
        let Some(value) = value else { continue };
        let (key, span) = (&*entry.key.value, entry.key.span);
        if is_transient(key) {
            reader.leave(span, format!("{what} is not taken over: whoever moves replicas sets it for a while"));
        } else if ConfigValue::of_kafka(key, &value).to_manifest(key).is_none() {
            reader.leave(span, format!("{what}: no manifest can say its value"));
        } else {
            configs.insert(Arc::from(key), value);
        }
    }
    configs
}

/// What people say of a thing in mappings of words, such as labels: who answers for it and what it is for, where a key is
/// called so, and the rest as notes.
pub fn about(keys: &mut Keys<'_>, of: &[&str], reader: &mut Reader<'_>) -> About {
    let mut about = About::default();
    for key in of {
        let Some(node) = keys.take(key) else { continue };
        let what = format!("`{key}` of {}", keys.what());
        let mut pairs = Vec::new();
        for pair in entries(node) {
            let Some(text) = text_of(&pair.value, &what, reader) else { continue };
            let name = &*pair.key.value;
            // Keys of Kubernetes have a domain in front.
            match name.rsplit('/').next().unwrap_or(name) {
                "owner" | "team" if about.owner.is_none() && text.parse::<Name>().is_ok() => {
                    about.owner = Some(text.to_owned());
                }
                "description" if about.description.is_none() => about.description = Some(text.to_owned()),
                _ if is_of_tools(name) => {}
                _ => pairs.push(format!("{name}={text}")),
            }
        }
        if entries(node).is_empty() && !matches!(node.value, Value::Mapping(_)) {
            reader.leave(node.span, format!("{what}: {} where a mapping should be", node.kind()));
        }
        if !pairs.is_empty() {
            about.notes.push(format!("{key}: {}", pairs.join(", ")));
        }
    }
    about
}

/// The domains in front of labels and annotations that tools write for themselves.
const TOOLS: [&str; 6] =
    ["argocd.argoproj.io", "fluxcd.io", "helm.sh", "jikkou.io", "kubectl.kubernetes.io", "strimzi.io"];

/// Whether a label or annotation tells people nothing of the thing.
fn is_of_tools(name: &str) -> bool {
    let domain = name.split_once('/').map(|(domain, _)| domain);
    let is_of_release =
        ["managed-by", "instance", "version"].iter().any(|end| name == format!("app.kubernetes.io/{end}"));
    let is_of = |tool: &str| domain.is_some_and(|domain| domain == tool || domain.ends_with(&format!(".{tool}")));
    is_of_release || TOOLS.into_iter().any(is_of)
}

/// Of a resource as Kubernetes has them.
pub const LABELS: &[&str] = &["labels", "annotations"];

/// A quota of an entity, its keys by what they are called in Kafka.
pub fn quota(
    keys: &mut Keys<'_>,
    entity: impl IntoIterator<Item = (&'static str, Option<String>)>,
    names: &[(&str, &str)],
    reader: &mut Reader<'_>,
) -> Quota {
    let mut values = BTreeMap::new();
    for (name, kafka) in names {
        let Some(text) = keys.text(name, reader) else { continue };
        match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => drop(values.insert((*kafka).to_owned(), value)),
            _ => reader.leave(keys.place(name), format!("`{name}` of {} is no rate: {text}", keys.what())),
        }
    }
    Quota { entity: entity.into_iter().map(|(kind, name)| (kind.to_owned(), name)).collect(), values }
}

/// A level by the registry's word; nothing where nobody knows it.
pub fn level(keys: &mut Keys<'_>, key: &str, reader: &mut Reader<'_>) -> Option<String> {
    let level = keys.text(key, reader)?;
    if Compatibility::from_registry(level).is_none() {
        reader.leave(keys.place(key), format!("{}: nobody knows the level {level}", keys.what()));
        return None;
    }
    Some(level.to_owned())
}

/// The references of a schema.
pub fn references(keys: &mut Keys<'_>, reader: &mut Reader<'_>) -> Vec<Reference> {
    let mut references = Vec::new();
    let what = format!("a reference of {}", keys.what());
    for node in keys.list("references") {
        let mut keys = Keys::of(node, what.as_str(), reader);
        let of = (keys.required("name", reader), keys.required("subject", reader));
        let version = keys.text("version", reader).and_then(|version| version.parse().ok()).unwrap_or(0);
        if let (Some(name), Some(subject)) = of {
            match subject.parse() {
                Ok(subject) => references.push(Reference { name: name.to_owned(), subject, version }),
                Err(error) => reader.leave(node.span, format!("the subject `{subject}`: {error}")),
            }
        }
        keys.rest(reader);
    }
    references
}

/// The format of a schema by the registry's word; Avro where nothing is said.
pub fn format(keys: &mut Keys<'_>, key: &str, reader: &mut Reader<'_>) -> Option<SchemaFormat> {
    let text = keys.text(key, reader).unwrap_or("AVRO");
    let known = [("avro", SchemaFormat::Avro), ("json", SchemaFormat::Json), ("protobuf", SchemaFormat::Protobuf)];
    let format = known.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, format)| format);
    if format.is_none() {
        reader.leave(keys.place(key), format!("{}: nobody knows the format {text}", keys.what()));
    }
    format
}
