use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The kinds of resources that a plan can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A topic.
    Topic,
    /// What a service may do with a topic, group or transactional id.
    Grant,
    /// A subject of the schema registry.
    Schema,
    /// A client quota.
    Quota,
    /// A user that logs in with SCRAM.
    ScramUser,
    /// Configs of brokers, which are set while they run.
    BrokerConfig,
    /// What the clients of a service bootstrap from, as it is delivered to them.
    ClientConfig,
    /// The records of a topic, which no manifest declares.
    Records,
}

impl Kind {
    /// Every kind with its word.
    pub const WORDS: &'static [(&'static str, Kind)] = &[
        ("topic", Kind::Topic),
        ("grant", Kind::Grant),
        ("schema", Kind::Schema),
        ("quota", Kind::Quota),
        ("scram-user", Kind::ScramUser),
        ("broker-config", Kind::BrokerConfig),
        ("client-config", Kind::ClientConfig),
        ("records", Kind::Records),
    ];

    /// The word in front of an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Topic => "topic",
            Kind::Grant => "grant",
            Kind::Schema => "schema",
            Kind::Quota => "quota",
            Kind::ScramUser => "scram-user",
            Kind::BrokerConfig => "broker-config",
            Kind::ClientConfig => "client-config",
            Kind::Records => "records",
        }
    }
}

/// The name of a resource everywhere: `topic/NAME`, `grant/SERVICE/…`, `schema/SUBJECT`, `quota/…`, `scram-user/NAME`,
/// `broker-config/ID`, `client-config/SERVICE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// What it is.
    pub kind: Kind,
    /// What stands behind the first slash.
    pub name: String,
}

impl Address {
    /// `topic/NAME`.
    pub fn topic(name: impl fmt::Display) -> Self {
        Self { kind: Kind::Topic, name: name.to_string() }
    }

    /// `schema/SUBJECT`.
    pub fn schema(subject: impl fmt::Display) -> Self {
        Self { kind: Kind::Schema, name: subject.to_string() }
    }

    /// `grant/SERVICE/RESOURCE-TYPE/NAME`.
    pub fn grant(service: impl fmt::Display, resource: impl fmt::Display) -> Self {
        Self { kind: Kind::Grant, name: format!("{service}/{resource}") }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.kind.as_str(), self.name))
    }
}

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an address: write topic/NAME, grant/SERVICE/…, schema/SUBJECT, quota/…, scram-user/NAME, \
     broker-config/ID or client-config/SERVICE"
)]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (word, name) = text.split_once('/').ok_or_else(|| AddressError(text.into()))?;
        let kind = Kind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        match kind {
            Some(kind) if !name.is_empty() => Ok(Self { kind, name: name.into() }),
            _ => Err(AddressError(text.into())),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
