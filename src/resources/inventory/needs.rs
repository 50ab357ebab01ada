use std::collections::BTreeSet;

use crate::model::Pattern;
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
            let listed = live.of_applications().filter(|(name, _)| pattern.matches(name.as_str()));
            // The latest timestamp is the dearest of offsets, and only one topic by itself shows it.
            let readers = !pattern.is_prefix();
            let topics = listed.map(|(name, topic)| (name.clone(), Need::of(topic, [RATE_WINDOW], readers))).collect();
            Needs { topics, read: BTreeSet::from([pattern.clone()]), joined: BTreeSet::new() }
        }
        Asked::Groups(pattern) => Needs { joined: BTreeSet::from([pattern.clone()]), ..Needs::default() },
        Asked::Services => Needs { joined: BTreeSet::from([Pattern::prefix("")]), ..Needs::default() },
        Asked::Subjects => Needs::default(),
    }
}
