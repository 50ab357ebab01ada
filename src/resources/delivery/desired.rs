use std::collections::BTreeMap;

use super::{keys_of, separator_of};
use crate::model::TopicName;
use crate::resources::acl::GrantSpec;
use crate::resources::client_config::{ClientConfig, Lacking};
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Workspace};
use crate::source::Span;

/// What is delivered to the services of one cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DesiredDeliveries {
    /// Whether the cluster says where to. Nothing is delivered otherwise, and nothing of it is looked at.
    pub is_declared: bool,
    /// By service.
    pub wanted: BTreeMap<String, DesiredDelivery>,
}

/// What is delivered to one service.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredDelivery {
    /// Every key of its folder; none where it leaves, or is not for the cluster.
    pub keys: BTreeMap<String, String>,
    /// The topics that they name.
    pub topics: Vec<TopicName>,
    /// What it cannot connect without. Nothing is published to anybody before it is declared.
    pub lacking: Option<Lacking>,
    /// Where the service is declared; of one that is not for the cluster, where it says for which it is.
    pub span: Span,
}

/// The keys of a configuration. What has a folder for each topic or listener has a key with their names, too: one that has
/// nothing to say of itself would have none.
fn keys_of_config(config: &ClientConfig) -> BTreeMap<String, String> {
    let mut keys = keys_of(config);
    let names: [(&str, Vec<String>); 3] = [
        ("produces", config.produces.keys().map(TopicName::to_string).collect()),
        ("consumes", config.consumes.keys().map(TopicName::to_string).collect()),
        ("listeners", config.listeners.keys().cloned().collect()),
    ];
    let names = names.into_iter().filter(|(_, names)| !names.is_empty());
    keys.extend(names.map(|(key, names)| (key.to_owned(), names.join(separator_of(key)))));
    keys
}

/// Where a service says for which clusters it is, where this one is none of them.
fn elsewhere(spec: &GrantSpec, workspace: &Workspace, cluster: &ClusterSpec) -> Option<Span> {
    let is_here = workspace.selects(&spec.clusters, cluster);
    (!is_here).then(|| spec.clusters.first().map_or(spec.service.span, |label| label.span))
}

impl DesiredDeliveries {
    /// What the services of a cluster bootstrap from, and which of them are to have nothing any more.
    pub fn of(desired: &Desired<'_>) -> Self {
        let (workspace, cluster) = (desired.workspace, desired.cluster);
        // Where a local bus answers no manifest knows.
        if cluster.is_local() || cluster.consul.as_ref().is_none_or(|consul| consul.prefix.is_none()) {
            return Self::default();
        }
        let delivery = |(service, spec): (&String, &GrantSpec)| {
            // What was delivered while a service was for the cluster goes like that of one that leaves.
            let elsewhere = elsewhere(spec, workspace, cluster);
            let is_here = !spec.is_leaving() && elsewhere.is_none();
            let config = if is_here { ClientConfig::of(desired, service) } else { None };
            let topics = config.iter().flat_map(|config| config.produces.keys().chain(config.consumes.keys()));
            let topics = topics.cloned().collect();
            let keys = config.as_ref().map(keys_of_config).unwrap_or_default();
            let lacking = config.as_ref().and_then(ClientConfig::lacking);
            let span = elsewhere.unwrap_or(spec.service.span);
            (service.clone(), DesiredDelivery { keys, topics, lacking, span })
        };
        Self { is_declared: true, wanted: workspace.grants.iter().map(delivery).collect() }
    }
}
