use serde::{Deserialize, Serialize};

use super::schema::LiveRegistry;
use super::topic::LiveTopics;
use crate::ports::Observed;
use crate::ports::kafka::{Acl, ClusterInfo, Quota};

/// The live state of a cluster and its registry. Saved to a file it is a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// Id and brokers.
    pub cluster: ClusterInfo,
    /// Topics with what is set on them.
    pub topics: LiveTopics,
    /// ACLs. `Unsupported` where the brokers have no authorizer.
    pub acls: Observed<Vec<Acl>>,
    /// Client quotas.
    pub quotas: Observed<Vec<Quota>>,
    /// The registry, where the cluster names one.
    pub registry: Option<Observed<LiveRegistry>>,
}
