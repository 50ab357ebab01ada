//! Configs of brokers that are set while they run: those of all brokers, and of single ones beside their nodes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Import;
use super::found::FoundNode;
use super::skeleton::Skeleton;
use crate::model::counted;
use crate::resources::additions::Addition;
use crate::resources::broker_config::{BrokerScope, DesiredBrokerConfigs, decode, is_same, shown};
use crate::resources::cluster::ClusterSpec;
use crate::resources::format::format_manifest;
use crate::source::write::{config_value, scalar};
use crate::source::{Decoder, FileId, Node, Spanned, parse_yaml};

/// Writes what is set on brokers to the manifest of the cluster. Where topics alone are adopted, where a part of the cluster is
/// managed, and where somebody else runs the brokers, nothing is said of them: plans leave it alone.
pub fn write(import: &mut Import<'_>, skeleton: &Skeleton) {
    let cluster = &skeleton.cluster;
    let topics = cluster.manages.as_ref().and_then(|manages| manages.topics.as_ref());
    let is_whole = topics.is_none_or(|topics| topics.iter().any(|pattern| pattern.is_everything()));
    let declared = DesiredBrokerConfigs::resolve(cluster, &mut Decoder::default());
    if !import.request.only.is_empty() || !is_whole || declared.is_operated || cluster.is_local() {
        return;
    }
    let mut by_key: BTreeMap<&str, BTreeMap<BrokerScope, &str>> = BTreeMap::new();
    let mut renewed: BTreeMap<&str, usize> = BTreeMap::new();
    for (scope, configs) in &import.found.broker_configs {
        for (key, value) in configs {
            if is_of_certificates(key) {
                *renewed.entry(key).or_default() += 1;
            } else {
                by_key.entry(key).or_default().insert(*scope, value);
            }
        }
    }
    for (key, places) in renewed {
        let places = counted(places as u64, "place");
        let why = "whoever renews certificates sets it";
        import.made.left.push(format!("`{key}` of brokers, in {places}: {why}"));
    }
    let Some((path, mut text)) = manifest(import) else { return };
    let before = text.clone();
    for (key, mut values) in by_key {
        let of_all = values.get(&BrokerScope::All).copied();
        values.retain(|scope, value| match scope {
            BrokerScope::All => !is_said(&declared, *scope, key),
            // What is said of all brokers is said of each; and what one has like all needs no word.
            BrokerScope::One(_) => {
                !is_said(&declared, *scope, key)
                    && !is_said(&declared, BrokerScope::All, key)
                    && !of_all.is_some_and(|of_all| is_same(of_all, value))
            }
        });
        let names = (import.request.cluster.as_str(), &import.found.nodes[..]);
        match values.iter().try_fold(text.clone(), |text, (scope, value)| with(&text, names, cluster, *scope, key, value)) {
            Some(edited) => {
                text = edited;
                import.made.counts.broker_configs += values.len();
            }
            None => {
                let scopes = values.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let path = path.display();
                import.made.left.push(format!("`{key}` of {scopes}: write it under `kafka` in {path}"));
            }
        }
    }
    if text == before {
        return;
    }
    match import.made.created.get_mut(&path) {
        Some(created) => *created = format_manifest(Some(&path), &text).unwrap_or(text),
        None => drop(import.made.changed.insert(path, text)),
    }
}

/// Whether a config is where a certificate or a key lies: another file with each renewal.
fn is_of_certificates(key: &str) -> bool {
    key.contains("ssl.keystore.") || key.contains("ssl.truststore.")
}

fn is_said(declared: &DesiredBrokerConfigs, scope: BrokerScope, key: &str) -> bool {
    declared.wanted.get(&scope).is_some_and(|settings| settings.contains_key(key))
}

/// The manifest of the cluster with its present text.
fn manifest(import: &Import<'_>) -> Option<(PathBuf, String)> {
    let (workspace, name) = (import.request.workspace, import.request.cluster);
    if let Some(cluster) = workspace.clusters.get(name) {
        let path = workspace.sources.file(cluster.cluster.span.file).path.clone();
        let text = import.text_of(&path)?;
        return Some((path, text));
    }
    let head = format!("cluster: {}\n", scalar(name.as_str()));
    let is_it = |(path, text): &(&PathBuf, &String)| path.starts_with(Path::new("clusters")) && text.starts_with(&head);
    import.made.created.iter().find(is_it).map(|(path, text)| (path.clone(), text.clone()))
}

/// The text with one config more; `None` where it cannot be added without touching anything else, or be said at all.
fn with(
    text: &str,
    (name, nodes): (&str, &[FoundNode]),
    cluster: &ClusterSpec,
    scope: BrokerScope,
    key: &str,
    value: &str,
) -> Option<String> {
    let written = config_value(&shown(key, value).shown.unwrap_or_else(|| value.to_owned()));
    if !says(&written, key, value) {
        return None;
    }
    let is_it = |document: &Node| document.get("cluster").and_then(Node::scalar) == Some(name);
    let BrokerScope::One(broker) = scope else {
        return Addition::to(text, is_it)?.entry(&["kafka", "config"], key, &written);
    };
    let declared = cluster.kafka.as_ref().map_or(&[][..], |kafka| &kafka.nodes[..]);
    let mut text = text.to_owned();
    let place = match declared {
        [] => {
            let place = nodes.iter().position(|node| node.id == broker)?;
            let has_nodes = |document: &Node| document.get("kafka").and_then(|kafka| kafka.get("nodes")).is_some();
            if Addition::to(&text, |document| is_it(document) && has_nodes(document)).is_none() {
                let all: Vec<String> = nodes.iter().map(FoundNode::written).collect();
                text = Addition::to(&text, is_it)?.entry(&["kafka"], "nodes", &format!("[{}]", all.join(", ")))?;
            }
            place
        }
        declared => declared.iter().position(|node| node.id.value == broker)?,
    };
    Addition::to(&text, is_it)?.entry(&["kafka", "nodes", &place.to_string(), "config"], key, &written)
}

/// Whether what is written is read as this value.
fn says(written: &str, key: &str, value: &str) -> bool {
    let (documents, findings) = parse_yaml(FileId(0), &format!("k: {written}\n"));
    let node = documents.first().and_then(|document| document.get("k"));
    let read = node.and_then(|node| decode(&Spanned::new(key.into(), node.span), node, &mut Decoder::default()));
    findings.is_empty() && read.is_some_and(|read| is_same(&read, value))
}
