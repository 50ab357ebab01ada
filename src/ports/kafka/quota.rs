//! Client quotas.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A client quota: whom it is for, and its values by Kafka's own keys (`producer_byte_rate` …).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quota {
    /// Entity type (`user`, `client-id`, `ip`) to name; `None` = the default entity.
    pub entity: BTreeMap<String, Option<String>>,
    /// Values by key.
    pub values: BTreeMap<String, f64>,
}

/// A change of a client quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaAlteration {
    /// Whom it is for, as in [`Quota`].
    pub entity: BTreeMap<String, Option<String>>,
    /// Values to set by key; with `None` a key is taken away. The others stay as they are.
    pub values: BTreeMap<String, Option<f64>>,
}
