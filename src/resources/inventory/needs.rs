use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Pattern, TopicName};
use crate::resources::impact::{Need, Needs};
use crate::resources::topic::LiveTopics;

/// The age by which the rate of a topic is told: an hour, in milliseconds.
pub(super) const RATE_WINDOW: i64 = 3_600_000;

/// What is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Topics, with what is in them and who reads them.
    Topics(Pattern),
    /// Groups, with how far they are behind.
    Groups(Pattern),
    /// Services, with their groups.
    Services,
    /// Subjects, of which nothing is measured.
    Subjects,
}

/// What is to be measured for a list.
pub fn needs(asked: &Asked, live: &LiveTopics) -> Needs {
    match asked {
        Asked::Topics(pattern) => {
            let listed = live
                .topics
                .iter()
                .filter(|(name, topic)| pattern.matches(name.as_str()) && !topic.internal && !name.is_reserved());
            let topics: BTreeMap<TopicName, Need> = listed
                .map(|(name, topic)| {
                    let replicas = topic.partitions.iter().map(|partition| partition.replicas.len()).collect();
                    // The latest timestamp is the dearest of offsets, and only one topic by itself shows it.
                    let readers = !pattern.is_prefix();
                    (name.clone(), Need { replicas, ages: BTreeSet::from([RATE_WINDOW]), readers })
                })
                .collect();
            Needs { topics, read: BTreeSet::from([pattern.clone()]), joined: BTreeSet::new() }
        }
        Asked::Groups(pattern) => Needs { joined: BTreeSet::from([pattern.clone()]), ..Needs::default() },
        Asked::Services => Needs { joined: BTreeSet::from([Pattern::prefix("")]), ..Needs::default() },
        Asked::Subjects => Needs::default(),
    }
}
