//! What a cluster is, beside what it holds: read, and never changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{GroupId, Timestamp};
use crate::ports::{Failure, FailureKind, Observed};

/// What a cluster and its brokers are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterFacts {
    /// The metadata quorum. `Unsupported` where the brokers run without KRaft.
    pub quorum: Observed<Quorum>,
    /// Features with the level that is finalized for all brokers (KIP-584); empty where none is told.
    pub finalized: BTreeMap<String, i16>,
    /// Each broker that takes part, by its id, as it tells itself.
    pub brokers: BTreeMap<i32, BrokerFacts>,
    /// The groups that there are: with members, or with committed offsets. `None` where they were not asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub groups: Option<Observed<BTreeSet<GroupId>>>,
    /// What is shown where brokers speak TLS, by `HOST:PORT`, where it was looked at.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub endpoints: BTreeMap<String, Observed<Endpoint>>,
}

impl ClusterFacts {
    /// Why something of it is not known, each reason once. That a server does not have something hides nothing.
    pub fn hidden(&self) -> Vec<&Failure> {
        let of_brokers = self.brokers.values().flat_map(|broker| {
            [broker.features.hidden(), broker.settings.hidden(), broker.log_dirs.hidden()].into_iter().flatten()
        });
        let mut hidden: Vec<&Failure> = Vec::new();
        let groups = self.groups.as_ref().and_then(Observed::hidden);
        let of_endpoints = self.endpoints.values().filter_map(Observed::hidden);
        for failure in self.quorum.hidden().into_iter().chain(groups).chain(of_brokers).chain(of_endpoints) {
            if failure.kind != FailureKind::Unsupported && !hidden.contains(&failure) {
                hidden.push(failure);
            }
        }
        hidden
    }
}

/// What is shown at an address where TLS is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The chain of certificates, the server's own first.
    pub certificates: Vec<ShownCertificate>,
    /// Whether TLS 1.1 or an older version is spoken there; `None` where neither yes nor no came back.
    pub old_tls: Option<bool>,
}

/// A certificate that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCertificate {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// When it is over.
    pub ends: Timestamp,
}

/// What a broker is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerFacts {
    /// Features with the lowest and the highest level that it could work at.
    pub features: Observed<BTreeMap<String, (i16, i16)>>,
    /// Configs that say how it is reached and who may do what, by their keys. `None`: it is set, and brokers never tell it.
    pub settings: Observed<BTreeMap<String, Option<String>>>,
    /// Its log dirs.
    pub log_dirs: Observed<Vec<LogDir>>,
}

/// Features (KIP-584), as a broker tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Of which state of the cluster the levels are: a broker that is behind has those of before.
    pub epoch: i64,
    /// The level that is finalized for all brokers, by feature. Those of level 0 are left out.
    pub finalized: BTreeMap<String, i16>,
    /// The lowest and the highest level that this broker could work at, by feature.
    pub supported: BTreeMap<String, (i16, i16)>,
}

/// The controllers that agree on the metadata (KIP-595), as their leader sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    /// The node that leads them, where there is one.
    pub leader: Option<i32>,
    /// The nodes that vote.
    pub voters: Vec<QuorumReplica>,
    /// The nodes that follow without a vote: brokers.
    pub observers: Vec<QuorumReplica>,
}

/// A replica of the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumReplica {
    /// `node.id`.
    pub id: i32,
    /// Records that it lacks; `None` where the leader has not heard of it since it leads.
    pub lag: Option<u64>,
    /// Milliseconds since it last asked the leader, by the leader's clock; `None` where that is not told (KIP-836).
    pub silent_ms: Option<u64>,
    /// Milliseconds since it last had everything, by the leader's clock; `None` where that is not told.
    pub behind_ms: Option<u64>,
}

/// A directory of `log.dirs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDir {
    /// Where it is on the broker's machine.
    pub path: String,
    /// Bytes of the volume that it is on; `None` where the broker does not tell (KIP-827).
    pub total: Option<u64>,
    /// Bytes of it that the broker could still use.
    pub usable: Option<u64>,
    /// In the broker's words, why it cannot be used, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offline: Option<String>,
}
