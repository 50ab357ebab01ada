//! Configs of brokers that are set while they run: those of all brokers, and of single ones beside their nodes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Import;
use super::found::{FoundNode, FoundSuperUsers};
use super::skeleton::Skeleton;
use crate::model::{ClusterName, counted};
use crate::resources::additions::Addition;
use crate::resources::broker_config::{BrokerScope, DesiredBrokerConfigs, decode, is_same, shown};
use crate::resources::cluster::{KafkaSpec, UNKNOWN};
use crate::resources::format::format_manifest;
use crate::source::write::{config_value, list, mapping, scalar};
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
    let mut block = Block::default();
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
        // All of a key or nothing: what all brokers were said to have would be taken from one that is not spoken of.
        let written =
            values.iter().map(|(scope, value)| Some((*scope, written(key, value)?))).collect::<Option<Vec<_>>>();
        let nodes = &import.found.nodes;
        let edited = written.and_then(|written| match &cluster.kafka {
            None => block.add(nodes, key, written).then(|| text.clone()),
            Some(kafka) => written.iter().try_fold(text.clone(), |text, (scope, value)| {
                add(&text, (import.request.cluster, kafka), nodes, *scope, (key, value))
            }),
        });
        match edited {
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
    if cluster.kafka.is_none() {
        block.super_users = super_users(import, &path, !block.of.is_empty(), &mut text);
    }
    if !block.is_empty() {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let block = block.text(&import.found.nodes);
        let with_block = format!("{text}{end}{block}");
        let is_there = |document: &Node| is_of(document, import.request.cluster) && document.get("kafka").is_some();
        match Addition::to(&with_block, is_there) {
            Some(_) => text = with_block,
            // Behind it in its file is another document.
            None => {
                import.made.counts.broker_configs = 0;
                import.made.left.push(format!("add to {}:\n{block}", path.display()));
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

/// The key `kafka` of a manifest that has none.
#[derive(Default)]
struct Block {
    /// The key that says who is let through everywhere, with the question about it.
    super_users: String,
    of: BTreeMap<BrokerScope, Vec<(String, String)>>,
}

impl Block {
    fn is_empty(&self) -> bool {
        self.of.is_empty() && self.super_users.is_empty()
    }

    /// Adds a config with its values; `false` where one of them is of a broker that nobody knows.
    fn add(&mut self, nodes: &[FoundNode], key: &str, written: Vec<(BrokerScope, String)>) -> bool {
        let is_known = |scope: &BrokerScope| scope.broker().is_none_or(|id| nodes.iter().any(|node| node.id == id));
        let is_whole = written.iter().all(|(scope, _)| is_known(scope));
        for (scope, value) in written.into_iter().filter(|_| is_whole) {
            self.of.entry(scope).or_default().push((scalar(key), value));
        }
        is_whole
    }

    fn text(&self, nodes: &[FoundNode]) -> String {
        let mut text = format!("kafka:\n{}", self.super_users);
        if self.of.keys().any(|scope| scope.broker().is_some()) {
            text += "  nodes:\n";
            for node in nodes {
                let own = self.of.get(&BrokerScope::One(node.id)).map(|own| pairs(own)).unwrap_or_default();
                text += &format!("    - {{ {}{own} }}\n", node.keys());
            }
        }
        text + &mapping("config", self.of.get(&BrokerScope::All).map_or(&[][..], |all| all), 2)
    }
}

const ASK_SUPER_USERS: &str =
    "# question: who is let through everywhere? Brokers have super users and do not tell them; write";

/// The key `super_users` of a manifest without `kafka`. Where nobody tells who they are, it says so if the key `kafka` is written
/// anyway, so that what it makes plans compare is no finding; else the question alone is written.
fn super_users(import: &mut Import<'_>, path: &Path, has_block: bool, text: &mut String) -> String {
    match &import.found.super_users {
        FoundSuperUsers::None => String::new(),
        FoundSuperUsers::Known(users) => {
            let users: Vec<String> = users.iter().map(|user| scalar(user.as_str())).collect();
            list("super_users", &users).lines().map(|line| format!("  {line}\n")).collect()
        }
        FoundSuperUsers::Unknown => {
            let is_asked = text.contains(ASK_SUPER_USERS);
            if !is_asked {
                let cluster = import.request.cluster;
                import.made.questions.push(format!("who are the super users of `{cluster}`? ({})", path.display()));
            }
            match (has_block, is_asked) {
                (true, true) => return format!("  super_users: {UNKNOWN}\n"),
                (true, false) => {
                    return format!("  {ASK_SUPER_USERS} their names here\n  super_users: {UNKNOWN}\n");
                }
                (false, true) => return String::new(),
                (false, false) => {}
            }
            if !text.ends_with('\n') {
                text.push('\n');
            }
            *text += &format!("{ASK_SUPER_USERS} `kafka: {{ super_users: [\"User:NAME\"] }}` here\n");
            String::new()
        }
    }
}

fn pairs(entries: &[(String, String)]) -> String {
    let pairs: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!(", config: {{ {} }}", pairs.join(", "))
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

fn is_of(document: &Node, cluster: &ClusterName) -> bool {
    document.get("cluster").and_then(Node::scalar) == Some(cluster.as_str())
}

/// The text of a manifest with one config more; `None` where it cannot be added without touching anything else.
fn add(
    text: &str,
    (cluster, kafka): (&ClusterName, &KafkaSpec),
    nodes: &[FoundNode],
    scope: BrokerScope,
    (key, value): (&str, &str),
) -> Option<String> {
    let document = Addition::to(text, |document| is_of(document, cluster))?;
    let BrokerScope::One(broker) = scope else { return document.entry(&["kafka", "config"], key, value) };
    let has_nodes = |document: &Node| document.get("kafka").and_then(|kafka| kafka.get("nodes")).is_some();
    let is_added = Addition::to(text, |document| is_of(document, cluster) && has_nodes(document)).is_some();
    if kafka.nodes.is_empty() && !is_added {
        // All of them, for those that are declared are all that there are.
        let own = |node: &FoundNode| match node.id == broker {
            true => pairs(&[(scalar(key), value.to_owned())]),
            false => String::new(),
        };
        let all: Vec<String> = nodes.iter().map(|node| format!("{{ {}{} }}", node.keys(), own(node))).collect();
        return document.entry(&["kafka"], "nodes", &format!("[{}]", all.join(", ")));
    }
    let place = match &kafka.nodes[..] {
        [] => nodes.iter().position(|node| node.id == broker)?,
        declared => declared.iter().position(|node| node.id.value == broker)?,
    };
    document.entry(&["kafka", "nodes", &place.to_string(), "config"], key, value)
}

/// A value as it is written; `None` where it would not be read as itself.
fn written(key: &str, value: &str) -> Option<String> {
    let written = config_value(&shown(key, value).shown.unwrap_or_else(|| value.to_owned()));
    let (documents, findings) = parse_yaml(FileId(0), &format!("k: {written}\n"));
    let node = documents.first().and_then(|document| document.get("k"))?;
    let read = decode(&Spanned::new(key.into(), node.span), node, &mut Decoder::default())?;
    (findings.is_empty() && is_same(&read, value)).then_some(written)
}
