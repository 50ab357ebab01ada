use std::collections::BTreeMap;

use crate::model::{Frequency, Rate, Share};
use crate::plan::FieldValue;
use crate::source::{Spanned, word_enum};

word_enum! {
    /// What a quota limits, by Kafka's own words.
    QuotaKey, "a quota's key", {
        /// Bytes written to each broker in a second.
        ProducerByteRate = "producer_byte_rate",
        /// Bytes read from each broker in a second.
        ConsumerByteRate = "consumer_byte_rate",
        /// Time of each broker's request handler and network threads; every thread is 100 %.
        RequestPercentage = "request_percentage",
        /// Partitions created and deleted in a second, counted by the controller (KIP-599).
        ControllerMutationRate = "controller_mutation_rate",
        /// Connections opened to each broker in a second (KIP-612); of addresses alone.
        ConnectionCreationRate = "connection_creation_rate",
    }
}

/// What a manifest limits, with the place of each value.
pub type Limits = BTreeMap<QuotaKey, Spanned<f64>>;

/// The greatest number that Kafka takes where it counts in whole numbers of 32 bits.
const MOST_CONNECTIONS: f64 = i32::MAX as f64;

impl QuotaKey {
    /// The key of Kafka's; `None` where it is one that this version does not know.
    pub fn of_kafka(key: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == key).map(|(_, key)| *key)
    }

    /// The key in manifests.
    pub fn in_manifests(self) -> &'static str {
        match self {
            Self::ProducerByteRate => "produce",
            Self::ConsumerByteRate => "consume",
            Self::RequestPercentage => "request",
            Self::ControllerMutationRate => "mutations",
            Self::ConnectionCreationRate => "connections",
        }
    }

    /// A value in the units of people.
    pub fn shown(self, value: f64) -> String {
        match self {
            Self::ProducerByteRate | Self::ConsumerByteRate if is_whole(value) => Rate(value as i64).to_string(),
            Self::ProducerByteRate | Self::ConsumerByteRate => format!("{value}B/s"),
            Self::RequestPercentage => Share(value).to_string(),
            Self::ControllerMutationRate | Self::ConnectionCreationRate => Frequency(value).to_string(),
        }
    }

    /// A value as plans have it.
    pub fn field(self, value: f64) -> FieldValue {
        FieldValue::shown(value.to_string(), self.shown(value))
    }

    /// What all brokers together give, where each of them counts for itself and the sum means something.
    pub fn of_all(self, value: f64, brokers: usize) -> Option<f64> {
        match self {
            Self::ProducerByteRate | Self::ConsumerByteRate | Self::ConnectionCreationRate => {
                Some(value * brokers as f64)
            }
            // A share is of each broker's threads, and the controller is one.
            Self::RequestPercentage | Self::ControllerMutationRate => None,
        }
    }

    /// Why Kafka does not take a value.
    pub fn refuses(self, value: f64) -> Option<&'static str> {
        match self {
            _ if value <= 0.0 => Some("Kafka takes no quota that is not more than zero"),
            Self::ConnectionCreationRate if !is_whole(value) || value > MOST_CONNECTIONS => {
                Some("Kafka counts connections in whole numbers up to 2147483647")
            }
            _ => None,
        }
    }
}

/// Whether it is a whole number that is written without loss.
fn is_whole(value: f64) -> bool {
    value.fract() == 0.0 && value.abs() < 9e15
}
