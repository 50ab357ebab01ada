//! Brokers, and what each of them answers.

use serde::{Deserialize, Serialize};

use crate::ports::Failure;

/// The cluster as its brokers describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterInfo {
    /// The cluster's id.
    pub id: String,
    /// Its brokers, by id.
    pub brokers: Vec<BrokerInfo>,
    /// The broker that answers as controller, where one is known.
    pub controller: Option<i32>,
}

/// A broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerInfo {
    /// `node.id`.
    pub id: i32,
    /// The host that it advertises on our listener.
    pub host: String,
    /// The port that it advertises on our listener.
    pub port: i32,
    /// Its rack.
    pub rack: Option<String>,
}

/// What one broker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerAnswer<T> {
    /// The broker's id.
    pub broker: i32,
    /// Its answer, or why there is none.
    pub answer: Result<T, Failure>,
}
