//! What clusters keep to.

pub(crate) mod change;
pub(crate) mod connection;
pub(crate) mod grants;
pub(crate) mod identity;
pub(crate) mod listeners;
pub(crate) mod min_insync;
pub(crate) mod nodes;
pub(crate) mod scope;
pub(crate) mod storage;
pub(crate) mod words;

use super::{ClusterSpec, NodeRole, NodeSpec};
use crate::resources::topic::BUILT_IN_REPLICATION_FACTOR;
use crate::resources::{Desired, Layer, Resolved};
use crate::source::Spanned;

impl ClusterSpec {
    /// What the environments of clusters are called that are for development.
    pub const DEVELOPMENT: [&str; 4] = ["dev", "development", "local", "test"];

    /// Whether it is for development: the bus of `busctl dev`, or one whose environment is called so.
    pub fn is_development(&self) -> bool {
        let environment = self.environment.as_ref().map(|environment| environment.as_str());
        self.is_local() || environment.is_some_and(|environment| Self::DEVELOPMENT.contains(&environment))
    }

    /// The number of brokers, where the nodes are declared.
    pub fn broker_count(&self) -> Option<u32> {
        let nodes = self.kafka.as_ref().map_or(&[][..], |kafka| kafka.nodes.as_slice());
        (!nodes.is_empty()).then(|| brokers(nodes).count() as u32)
    }

    pub(super) fn address(&self) -> String {
        format!("cluster/{}", self.cluster.value)
    }
}

/// The nodes that serve clients. One that says no role is taken for a broker.
pub(super) fn brokers(nodes: &[Spanned<NodeSpec>]) -> impl Iterator<Item = &Spanned<NodeSpec>> {
    nodes.iter().filter(|node| node.roles.is_empty() || node.roles.iter().any(|role| role.value == NodeRole::Broker))
}

/// The replicas that topics of a cluster have where they do not say otherwise.
fn default_factor(desired: &Desired<'_>) -> Resolved<u32> {
    let bus = desired.workspace.settings.defaults.as_ref().and_then(|defaults| defaults.replication_factor);
    let own = desired.cluster.defaults.as_ref().and_then(|defaults| defaults.replication_factor);
    Resolved::strongest(BUILT_IN_REPLICATION_FACTOR, [(Layer::BusDefaults, bus), (Layer::ClusterDefaults, own)])
}
