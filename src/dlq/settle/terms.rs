use std::collections::BTreeMap;

use super::{Refusal, Target};
use crate::model::TopicName;

/// Where dead letters go, and on which terms.
#[derive(Debug, Clone)]
pub struct Terms {
    /// To which topic.
    pub route: Route,
    /// Where they come from that do not say it.
    pub presumed_origin: Option<TopicName>,
    /// How often a record is sent again before it is parked.
    pub max_attempts: u32,
    /// The topic that takes those; none leaves them where they are.
    pub parking: Option<Parking>,
    /// Which timestamp they get.
    pub timing: Timing,
    /// The topics that are sent to, by name.
    pub targets: BTreeMap<TopicName, Target>,
    /// Why other topics that they say they come from are not sent to.
    pub refused: BTreeMap<TopicName, Refusal>,
    /// How many partitions the topics that they come from have on the queue's cluster.
    pub partitions: BTreeMap<TopicName, i32>,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// The topic that takes what was sent again often enough.
#[derive(Debug, Clone)]
pub struct Parking {
    /// Its name.
    pub topic: TopicName,
    /// What it takes.
    pub target: Target,
    /// Whether it has as many partitions as the queue.
    pub is_alike: bool,
}

/// To which topic dead letters go.
#[derive(Debug, Clone)]
pub enum Route {
    /// Each to its origin.
    Origin,
    /// All to one.
    Topic(TopicName),
    /// Each to the retry topic of the one group that is meant, where it failed in that.
    Retry(Retry),
}

/// Where a consumer group tries records again that it could not process.
#[derive(Debug, Clone)]
pub struct Retry {
    /// The group.
    pub group: String,
    /// Its retry topics, by the topic that the records come from.
    pub topics: BTreeMap<TopicName, TopicName>,
    /// Whether dead letters that do not tell their group failed in this one.
    pub is_presumed: bool,
}

/// Which timestamp a record gets that is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// The one that it had at its origin, or the dead letter's own.
    Keep,
    /// That of the moment in which it is sent.
    Now,
}
