use std::fmt;

use crate::model::{Address, Kind};

/// Which brokers a config is set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BrokerScope {
    /// Each that has none of its own.
    All,
    /// The one with this id.
    One(i32),
}

/// Stands for all brokers in addresses, as Kafka's own tools have called it.
const ALL: &str = "<default>";

impl BrokerScope {
    /// `broker-config/<default>`, `broker-config/3`.
    pub fn address(self) -> Address {
        let name = match self {
            Self::All => ALL.to_owned(),
            Self::One(id) => id.to_string(),
        };
        Address { kind: Kind::BrokerConfig, name }
    }

    /// What an address means, given what stands behind its kind.
    pub fn of_address(name: &str) -> Option<Self> {
        match name {
            ALL => Some(Self::All),
            id => id.parse().ok().filter(|parsed: &i32| parsed.to_string() == id).map(Self::One),
        }
    }

    /// As Kafka has it: the id, and none for all.
    pub fn broker(self) -> Option<i32> {
        match self {
            Self::All => None,
            Self::One(id) => Some(id),
        }
    }
}

impl fmt::Display for BrokerScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.pad("all brokers"),
            Self::One(id) => f.pad(&format!("broker {id}")),
        }
    }
}
