//! Eligible leader replicas (KIP-966): with them Kafka has one `min.insync.replicas` for all brokers, always.

use super::BrokerScope;

/// The feature. Clusters that are made by Kafka 4.1 or a later one have it.
pub const ELR_FEATURE: &str = "eligible.leader.replicas.version";

/// How many replicas have a record before it is acknowledged, where a topic does not say it.
pub const MIN_IN_SYNC: &str = "min.insync.replicas";

/// Whether Kafka refuses this `min.insync.replicas` where the feature is on: any of a single broker, and none of all.
pub fn refused_with_elr(scope: BrokerScope, value: Option<&str>) -> bool {
    match scope {
        BrokerScope::One(_) => value.is_some(),
        BrokerScope::All => value.is_none(),
    }
}
