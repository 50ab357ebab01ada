//! Everything, as JSON and as YAML.

use serde_json::{Map, Value, json};

use super::{Client, java, native};
use crate::resources::client_config::ClientConfig;
use crate::source::write::scalar;

/// Pretty-printed, with a newline at the end.
pub(super) fn json(config: &ClientConfig, clients: &[Client<'_>]) -> String {
    let mut text = serde_json::to_string_pretty(&document(config, clients)).unwrap_or_default();
    text.push('\n');
    text
}

/// The same document in blocks.
pub(super) fn yaml(config: &ClientConfig, clients: &[Client<'_>]) -> String {
    block(&document(config, clients))
}

/// A document as YAML in blocks.
pub(in crate::render) fn block(document: &Value) -> String {
    let mut text = String::new();
    node(document, 0, &mut text);
    text
}

/// What the service bootstraps from, and the configs of each of its clients for both libraries.
fn document(config: &ClientConfig, clients: &[Client<'_>]) -> Value {
    let mut document = serde_json::to_value(config).unwrap_or_default();
    let of = |client: &Client<'_>| {
        let (kind, group) = match client {
            Client::Producer => ("producer", None),
            Client::Consumer(group) => ("consumer", Some(*group)),
            Client::Streams(id) => ("streams", Some(*id)),
        };
        let mut entry = json!({ "kind": kind, "group": group, "java": java::configs(config, client) });
        if kind != "streams" {
            let (configs, remarks) = native::configs(config, client);
            entry["librdkafka"] = json!(configs);
            entry["librdkafka_remarks"] = json!(remarks);
        }
        entry
    };
    document["clients"] = clients.iter().map(of).collect();
    document
}

fn node(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(entries) => mapping(entries, indent, text),
        Value::Array(items) => {
            for item in items {
                text.push_str(&format!("{:indent$}-", ""));
                match item {
                    Value::Object(entries) if !entries.is_empty() => {
                        // The first key stands behind the dash.
                        let mut inner = String::new();
                        mapping(entries, indent + 2, &mut inner);
                        text.push(' ');
                        text.push_str(inner.trim_start());
                    }
                    item => {
                        text.push(' ');
                        text.push_str(&leaf(item));
                        text.push('\n');
                    }
                }
            }
        }
        leaf_value => {
            text.push_str(&leaf(leaf_value));
            text.push('\n');
        }
    }
}

fn mapping(entries: &Map<String, Value>, indent: usize, text: &mut String) {
    for (key, value) in entries {
        text.push_str(&format!("{:indent$}{}:", "", scalar(key)));
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                text.push('\n');
                mapping(inner, indent + 2, text);
            }
            Value::Array(items) if !items.is_empty() => {
                text.push('\n');
                node(value, indent + 2, text);
            }
            value => {
                text.push(' ');
                text.push_str(&leaf(value));
                text.push('\n');
            }
        }
    }
}

fn leaf(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        // Empty ones, numbers and words are as in JSON.
        other => other.to_string(),
    }
}
