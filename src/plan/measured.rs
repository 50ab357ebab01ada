use serde::{Deserialize, Serialize};

use crate::model::{GroupId, Timestamp};

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
    /// The groups that have offsets there, or members that read there now.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub groups: Vec<MeasuredGroup>,
    /// What could not be read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_measured: Vec<String>,
}

/// A group that reads a topic.
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
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MeasuredMember {
    /// `client.id`.
    pub client_id: String,
    /// The host that it connects from.
    pub host: String,
}
