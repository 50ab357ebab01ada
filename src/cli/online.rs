//! What `validate` finds by asking those who hand out the identities of services.

use std::time::Duration;

use super::connect::holders;
use super::context::{Context, today};
use super::identities::find_identities;
use crate::diag::Diagnostic;
use crate::policy::apply_levels_beside;
use crate::ports::Failure;
use crate::resources::cluster::ClusterSpec;
use crate::resources::identity::{FoundIdentities, Holding, needing, unheld};

/// What was found, and what could not be asked.
#[derive(Default)]
pub struct Online {
    /// At the levels and with the waivers of the workspace.
    pub findings: Vec<Diagnostic>,
    /// By the cluster that it is about.
    pub failures: Vec<(String, Failure)>,
}

/// Looks for every service of these clusters that needs an identity. Brokers and registries are not asked.
pub async fn look(context: &Context, clusters: &[&ClusterSpec], timeout: Duration) -> Online {
    let mut online = Online::default();
    for cluster in clusters {
        let services = needing(&context.workspace, cluster);
        if services.is_empty() {
            continue;
        }
        let holders = holders(context, cluster, timeout).await;
        let Some(found) = find_identities(cluster, &services, &holders).await else { continue };
        let is_unknown = |service: &&str| matches!(found.of(service), Holding::Unknown(_));
        if services.iter().any(is_unknown) {
            let failures = FoundIdentities::hidden(&found).cloned();
            online.failures.extend(failures.map(|failure| (cluster.cluster.to_string(), failure)));
        }
        let unheld = unheld(&context.workspace, cluster, &found);
        online.findings.extend(apply_levels_beside(unheld, &context.workspace, &[cluster], today()));
    }
    online
}
