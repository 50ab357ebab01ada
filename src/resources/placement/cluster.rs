use std::collections::{BTreeMap, BTreeSet};

use crate::model::TopicName;
use crate::ports::kafka::BrokerInfo;

/// A partition whose replicas may be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replicated {
    /// Its topic.
    pub topic: TopicName,
    /// Its number.
    pub number: u32,
    /// The brokers that it is on, or is being moved to; the preferred leader first.
    pub replicas: Vec<i32>,
    /// The brokers that it is still on and leaves, where it is being moved.
    pub leaves: Vec<i32>,
    /// Whether a broker leads it: else nothing can be copied.
    pub led: bool,
    /// Those of them that are in sync.
    pub in_sync: Vec<i32>,
    /// About how many bytes a replica has; 0 where that is not known.
    pub bytes: u64,
    /// About how many bytes are written to it in an hour; 0 where that is not known.
    pub traffic: u64,
}

/// The rack that a broker stands in. One that names none stands alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rack {
    Named(String),
    Alone(i32),
}

/// The brokers that replicas may be on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brokers {
    racks: BTreeMap<i32, Rack>,
}

/// Why replicas cannot be placed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A partition is to have more replicas than there are brokers for them.
    #[error("{wanted} replicas need as many brokers, and there are {brokers} for them")]
    TooFewBrokers {
        /// How many it is to have.
        wanted: usize,
        /// How many brokers may have one.
        brokers: usize,
    },
    /// A broker that has replicas is not in the cluster at present, and nobody has said that it is to be left.
    #[error("broker {0} has replicas and does not take part in the cluster now")]
    NotThere(i32),
    /// It was agreed on that a broker gets replicas, and it is not in the cluster at present.
    #[error("broker {0} is to get replicas and does not take part in the cluster now")]
    Gone(i32),
}

impl Brokers {
    /// The brokers of a cluster, but for those that are to be left.
    pub fn without(brokers: &[BrokerInfo], left: &BTreeSet<i32>) -> Self {
        let rack = |broker: &BrokerInfo| match &broker.rack {
            Some(rack) => Rack::Named(rack.clone()),
            None => Rack::Alone(broker.id),
        };
        let staying = brokers.iter().filter(|broker| !left.contains(&broker.id));
        Self { racks: staying.map(|broker| (broker.id, rack(broker))).collect() }
    }

    /// Their ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = i32> + Clone {
        self.racks.keys().copied()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.racks.len()
    }

    /// Whether a broker is one of them.
    pub fn has(&self, broker: i32) -> bool {
        self.racks.contains_key(&broker)
    }

    /// Among how many racks they are.
    pub fn racks(&self) -> usize {
        self.racks.values().collect::<BTreeSet<_>>().len()
    }

    /// On how many racks these brokers stand; one that is not there on none.
    pub fn spread(&self, replicas: &[i32]) -> usize {
        replicas.iter().filter_map(|broker| self.rack(*broker)).collect::<BTreeSet<_>>().len()
    }

    pub(super) fn rack(&self, broker: i32) -> Option<&Rack> {
        self.racks.get(&broker)
    }
}
