use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Kind, Pattern, TopicName};
use crate::plan::Plan;
use crate::ports::kafka::AclResourceType;
use crate::resources::topic::{LiveTopic, LiveTopics, Loss, loss_of};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// The ages at which a snapshot asks for offsets, in milliseconds, so that a cut can be bounded later. What lies between
/// two of them is bounded by the younger one.
pub const AGES: [i64; 12] =
    [HOUR, 6 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY, 90 * DAY, 180 * DAY, 365 * DAY];

/// What is to be measured of a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Need {
    /// How many replicas each of its partitions has.
    pub replicas: Vec<usize>,
    /// At which ages, in milliseconds.
    pub ages: BTreeSet<i64>,
    /// Whether its last write and the groups that read it matter.
    pub readers: bool,
}

/// What is to be measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Topics of which something is lost.
    pub topics: BTreeMap<TopicName, Need>,
    /// Topics that somebody may no longer read: the groups that read them matter.
    pub read: BTreeSet<Pattern>,
    /// Groups that somebody may no longer be a member of.
    pub joined: BTreeSet<Pattern>,
}

impl Need {
    /// Of a topic, at these ages.
    pub fn of(topic: &LiveTopic, ages: impl Into<BTreeSet<i64>>, readers: bool) -> Self {
        let replicas = topic.partitions.iter().map(|partition| partition.replicas.len()).collect();
        Self { replicas, ages: ages.into(), readers }
    }

    /// How many partitions it has.
    pub fn partitions(&self) -> u32 {
        self.replicas.len() as u32
    }
}

impl Needs {
    /// Whether there is nothing to measure.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.read.is_empty() && self.joined.is_empty()
    }

    /// Whether it matters which groups read a topic.
    pub fn asks_who_reads(&self, topic: &TopicName) -> bool {
        self.topics.get(topic).is_some_and(|need| need.readers)
            || self.read.iter().any(|names| names.matches(topic.as_str()))
    }
}

/// What the changes of a plan need. Where nothing is lost, nothing is asked.
pub fn needs_of_plan(plan: &Plan, live: &LiveTopics) -> Needs {
    let mut needs = Needs::default();
    for change in plan.changes.iter().filter(|change| change.address.kind == Kind::Topic) {
        let Some((name, found)) = live.topics.get_key_value(change.address.name.as_str()) else { continue };
        let Some(loss) = loss_of(change, found, live) else { continue };
        let mut need = Need::of(found, [], false);
        match loss {
            Loss::Everything => need.readers = true,
            Loss::Compacted => {}
            Loss::Beyond { retention_ms, .. } => {
                need.ages.extend(retention_ms);
                need.readers = true;
            }
        }
        needs.topics.insert(name.clone(), need);
    }
    let access = plan.changes.iter().flat_map(|change| &change.access);
    for access in access.filter(|access| access.takes_reading()) {
        match access.resource {
            AclResourceType::Group => needs.joined.insert(access.names()),
            _ => needs.read.insert(access.names()),
        };
    }
    needs
}

/// What a snapshot stores, so that any plan can be made from it: every topic but Kafka's own, at each of [`AGES`], and
/// every group.
pub fn needs_of_everything(live: &LiveTopics) -> Needs {
    let need = |(name, topic): (&TopicName, &LiveTopic)| (name.clone(), Need::of(topic, AGES, true));
    let everything = || BTreeSet::from([Pattern::prefix("")]);
    Needs { topics: live.of_applications().map(need).collect(), read: everything(), joined: everything() }
}
