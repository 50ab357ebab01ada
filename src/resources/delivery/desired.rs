use std::collections::BTreeMap;

use super::keys_of;
use crate::model::TopicName;
use crate::resources::Desired;
use crate::resources::acl::GrantSpec;
use crate::resources::client_config::ClientConfig;
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
    /// Every key of its folder; none where it leaves.
    pub keys: BTreeMap<String, String>,
    /// The topics that they name.
    pub topics: Vec<TopicName>,
    /// Where the service is declared.
    pub span: Span,
}

impl DesiredDeliveries {
    /// What the services of a cluster bootstrap from, and which of them are to have nothing any more.
    pub fn of(desired: &Desired<'_>) -> Self {
        let (workspace, cluster) = (desired.workspace, desired.cluster);
        if cluster.consul.as_ref().is_none_or(|consul| consul.prefix.is_none()) {
            return Self::default();
        }
        let services = workspace.grants.iter().filter(|(_, spec)| workspace.selects(&spec.clusters, cluster));
        let delivery = |(service, spec): (&String, &GrantSpec)| {
            let config = if spec.is_leaving() { None } else { ClientConfig::of(desired, service) };
            let topics = config.iter().flat_map(|config| config.produces.keys().chain(config.consumes.keys()));
            let topics = topics.cloned().collect();
            let keys = config.as_ref().map(keys_of).unwrap_or_default();
            (service.clone(), DesiredDelivery { keys, topics, span: spec.service.span })
        };
        Self { is_declared: true, wanted: services.map(delivery).collect() }
    }
}
