//! What a topic, a quota, a SCRAM user or a config of brokers is on each cluster, and where each value comes from.

use comfy_table::{ContentArrangement, Table, presets};
use serde::{Deserialize, Serialize};

use super::json::to_json;
use super::markdown::{code, prose};
use super::{Style, View, paint::Paint, plain};
use crate::source::Place;

/// A topic with its resolved values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownTopic {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The topic's name.
    pub topic: String,
    /// What it is on each cluster.
    pub clusters: Vec<ShownCluster>,
}

/// A client quota with what it limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownQuota {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The quota's address.
    pub quota: String,
    /// What it is on each cluster.
    pub clusters: Vec<ShownCluster>,
}

/// Configs of brokers that are declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownBrokers {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The brokers' address.
    pub broker_config: String,
    /// What they are to have on each cluster.
    pub clusters: Vec<ShownCluster>,
}

/// A user that logs in with SCRAM, without its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownScramUser {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The user's address.
    pub scram_user: String,
    /// What it is on each cluster.
    pub clusters: Vec<ShownCluster>,
}

/// A topic, a quota, a SCRAM user or brokers on one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCluster {
    /// The cluster's name.
    pub cluster: String,
    /// Its values.
    pub values: Vec<ShownValue>,
}

/// A resolved value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownValue {
    /// `partitions`, `replication_factor`, the name of a config; of a quota what it limits, and that for all brokers together; of a
    /// SCRAM user its mechanisms, `password`, `rotation`.
    pub name: String,
    /// The value as the system has it; empty where nothing is to be set.
    pub value: String,
    /// The value in the units that people use.
    pub shown: String,
    /// Where it comes from.
    pub origin: ShownOrigin,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownOrigin {
    /// By whose authority, in words: `topic`, `class`, `built-in default` …
    pub layer: String,
    /// Where it is written; `None` for a built-in default.
    pub place: Option<Place>,
}

impl ShownTopic {
    /// A topic without clusters.
    pub fn new(topic: impl Into<String>) -> Self {
        Self { format_version: 1, topic: topic.into(), clusters: Vec::new() }
    }
}

impl ShownQuota {
    /// A quota without clusters.
    pub fn new(quota: impl Into<String>) -> Self {
        Self { format_version: 1, quota: quota.into(), clusters: Vec::new() }
    }
}

impl ShownBrokers {
    /// Brokers without clusters.
    pub fn new(broker_config: impl Into<String>) -> Self {
        Self { format_version: 1, broker_config: broker_config.into(), clusters: Vec::new() }
    }
}

impl View for ShownBrokers {
    fn text(&self, style: Style) -> String {
        text(&self.broker_config, &self.clusters, style)
    }

    /// The document itself; `docs/schemas/show.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self)
    }

    fn markdown(&self) -> String {
        markdown(&self.broker_config, &self.clusters)
    }
}

impl View for ShownQuota {
    fn text(&self, style: Style) -> String {
        text(&self.quota, &self.clusters, style)
    }

    /// The document itself; `docs/schemas/show.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self)
    }

    fn markdown(&self) -> String {
        markdown(&self.quota, &self.clusters)
    }
}

impl ShownScramUser {
    /// A user without clusters.
    pub fn new(user: impl Into<String>) -> Self {
        Self { format_version: 1, scram_user: user.into(), clusters: Vec::new() }
    }
}

impl View for ShownScramUser {
    fn text(&self, style: Style) -> String {
        text(&self.scram_user, &self.clusters, style)
    }

    /// The document itself; `docs/schemas/show.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self)
    }

    fn markdown(&self) -> String {
        markdown(&self.scram_user, &self.clusters)
    }
}

impl ShownValue {
    fn in_words(&self) -> String {
        if self.shown == self.value || self.value.is_empty() {
            self.shown.clone()
        } else {
            format!("{} ({})", self.shown, self.value)
        }
    }
}

impl ShownOrigin {
    pub(super) fn in_words(&self) -> String {
        match &self.place {
            Some(place) => format!("{} at {place}", self.layer),
            None => self.layer.clone(),
        }
    }
}

impl View for ShownTopic {
    fn text(&self, style: Style) -> String {
        text(&self.topic, &self.clusters, style)
    }

    /// The document itself; `docs/schemas/show.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self)
    }

    fn markdown(&self) -> String {
        markdown(&self.topic, &self.clusters)
    }
}

fn text(name: &str, clusters: &[ShownCluster], style: Style) -> String {
    let paint = Paint::new(style);
    let mut out = format!("{}\n", paint.bold(&plain::line(name)));
    if clusters.is_empty() {
        out.push_str("is on no cluster\n");
    }
    for cluster in clusters {
        out.push_str(&format!("\non {}\n", paint.bold(&plain::line(&cluster.cluster))));
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        // A place that is broken over two lines can neither be read nor clicked.
        table.set_content_arrangement(ContentArrangement::Disabled);
        for value in &cluster.values {
            table.add_row([
                plain::line(&value.name).into_owned(),
                plain::line(&value.in_words()).into_owned(),
                plain::line(&value.origin.in_words()).into_owned(),
            ]);
        }
        out.push_str(&format!("{}\n", table.trim_fmt()));
    }
    out
}

fn markdown(name: &str, clusters: &[ShownCluster]) -> String {
    let mut out = format!("### {}\n", code(name));
    for cluster in clusters {
        out.push_str(&format!("\n#### {}\n\n| | Value | From |\n| --- | --- | --- |\n", prose(&cluster.cluster)));
        for value in &cluster.values {
            let origin = match &value.origin.place {
                Some(place) => format!("{} at {}", prose(&value.origin.layer), code(&place.to_string())),
                None => prose(&value.origin.layer),
            };
            out.push_str(&format!("| {} | {} | {origin} |\n", code(&value.name), code(&value.in_words())));
        }
    }
    out
}
