//! The layout of keys: the document of a service's configuration, taken apart.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::service_of;
use crate::ports::consul::{KeyEntry, Keys};
use crate::source::percent_encode;

/// What stands as itself in a part of a key. A slash is none of it, nor what a template of Consul's would take for its own.
const PLAIN: &[u8] = b" !#$&'()*+,:;=@[]";

/// The keys of a document: each value under the path that leads to it. A list is one value, an item a line: names may hold commas.
/// The addresses of brokers have commas between them, as `bootstrap.servers` takes them. What is not there, an empty list and an
/// empty folder have no key. Nothing where the document is no JSON object.
pub fn keys_of(document: &impl Serialize) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(document) {
        for (field, value) in &fields {
            add(part(field), value, &mut keys);
        }
    }
    keys
}

fn add(key: String, value: &Value, keys: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (field, value) in fields {
                add(format!("{key}/{}", part(field)), value, keys);
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            for (index, item) in items.iter().enumerate() {
                add(format!("{key}/{index}"), item, keys);
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => {
            let list = items.iter().filter_map(text).collect::<Vec<_>>().join(separator_of(&key));
            keys.insert(key, list);
        }
        scalar => keys.extend(text(scalar).map(|text| (key, text))),
    }
}

/// What stands between the items of a list.
pub fn separator_of(key: &str) -> &'static str {
    if key.rsplit('/').next() == Some("brokers") { "," } else { "\n" }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn part(name: &str) -> String {
    let mut part = String::new();
    percent_encode(name.as_bytes(), PLAIN, &mut part);
    part
}

/// Keys by service, each without the service's folder in front; and those that are in no service's folder.
pub fn by_service(keys: &Keys) -> (BTreeMap<&str, BTreeMap<&str, &KeyEntry>>, Vec<&str>) {
    let mut services: BTreeMap<&str, BTreeMap<&str, &KeyEntry>> = BTreeMap::new();
    let mut others = Vec::new();
    for (key, entry) in keys {
        match service_of(key) {
            Some((service, rest)) => drop(services.entry(service).or_default().insert(rest, entry)),
            None => others.push(key.as_str()),
        }
    }
    (services, others)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_value_has_the_key_that_leads_to_it() {
        let document = json!({
            "service": "normalizer",
            "listener": null,
            "listeners": { "CLIENT_TLS": { "brokers": ["a:9094", "b:9094"], "optional": false } },
            "produces": {},
            "groups": [],
            "principals": ["User:CN=a,O=x", "User:b"],
            "connect": { "connectors": { "a/b %": "connect-a" } },
            "consumes": { "media.raw_ingest.v1": { "max_lag": 5000, "groups": ["normalizer"] } },
        });
        let keys: Vec<String> = keys_of(&document).into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
        insta::assert_snapshot!(keys.join("\n"), @r"
        connect/connectors/a%2Fb %25 = connect-a
        consumes/media.raw_ingest.v1/groups = normalizer
        consumes/media.raw_ingest.v1/max_lag = 5000
        listeners/CLIENT_TLS/brokers = a:9094,b:9094
        listeners/CLIENT_TLS/optional = false
        principals = User:CN=a,O=x
        User:b
        service = normalizer
        ");
    }
}
