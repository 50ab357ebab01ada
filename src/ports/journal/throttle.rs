use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::TopicName;

/// What a throttle is set on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Throttled {
    /// A broker, by its id.
    Broker(i32),
    /// A topic.
    Topic(TopicName),
}

impl Throttled {
    /// The broker that it is.
    pub fn broker(&self) -> Option<i32> {
        match self {
            Self::Broker(broker) => Some(*broker),
            Self::Topic(_) => None,
        }
    }

    /// The topic that it is.
    pub fn topic(&self) -> Option<&TopicName> {
        match self {
            Self::Topic(topic) => Some(topic),
            Self::Broker(_) => None,
        }
    }
}

impl fmt::Display for Throttled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker(broker) => write!(f, "broker {broker}"),
            Self::Topic(topic) => write!(f, "topic {topic}"),
        }
    }
}

/// A config that is set for the time of a move and that we take away again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SetThrottle {
    /// Where.
    pub on: Throttled,
    /// The config.
    pub key: String,
    /// Its value. One that has another by then is no longer ours.
    pub value: String,
}
