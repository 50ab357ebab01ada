use serde::{Deserialize, Serialize};

use crate::model::{GroupId, Principal, Timestamp};

/// What a change costs, as the cluster was measured. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// When it was measured.
    pub taken_at: Timestamp,
    /// The most records that are lost: spans of offsets, in which gaps, transactions and compacted records count too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub records: Option<u64>,
    /// About how many bytes one replica of each partition loses on disk: compressed, without tiered data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
    /// The same for all replicas together.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes_of_all_replicas: Option<u64>,
    /// The latest timestamp of its records.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_write: Option<Timestamp>,
    /// Of a deletion, the groups that have offsets there, or members that read there now; of a cut, those of them that may
    /// not have read what is lost; of a grant, those that lose the access.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub groups: Vec<MeasuredGroup>,
    /// What could not be read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_measured: Vec<String>,
}

/// A group that a change concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredGroup {
    /// Its id.
    pub name: GroupId,
    /// Its state in Kafka's words: Stable, Empty …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<String>,
    /// Its members. Which principal is behind one, Kafka does not reveal.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub members: Vec<MeasuredMember>,
    /// The most records that it has not read yet of the partitions in which it has offsets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lag: Option<u64>,
    /// Of a cut, the most records that it has not read yet and that are lost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub loses: Option<u64>,
    /// Of a grant, whose it is taken to be. Brokers do not tell.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attributed_to: Vec<Attribution>,
}

impl MeasuredGroup {
    /// Whether somebody works in it now: it has members, or a state that only groups with members have.
    pub fn is_active(&self) -> bool {
        let empty = |state: &String| ["Empty", "Dead", "Unknown"].contains(&state.as_str());
        !self.members.is_empty() || self.state.as_ref().is_some_and(|state| !empty(state))
    }
}

/// Whose a group is taken to be, and by what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attribution {
    /// Who loses the access; `User:*` is everybody whom no ACL names.
    pub principal: Principal,
    /// The service or role that the principal belongs to, where one declares it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<String>,
    /// What tells it.
    pub by: AttributedBy,
}

/// What tells whose a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttributedBy {
    /// The manifest of the service names the group.
    Manifest,
    /// The principal may be a member of it, by the ACLs that there are before the change.
    Acl,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MeasuredMember {
    /// `client.id`.
    pub client_id: String,
    /// The host that it connects from.
    pub host: String,
}
