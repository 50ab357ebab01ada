use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{GroupId, Timestamp, TopicName};

/// What was measured of a cluster at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When.
    pub taken_at: Timestamp,
    /// Topics that were looked at. Of those that only groups led to, the partitions in which these have offsets.
    pub topics: BTreeMap<TopicName, TopicFacts>,
    /// The groups that have offsets in topics whose readers matter, or members that read them, and those that were asked for
    /// by name.
    pub groups: BTreeMap<GroupId, GroupFacts>,
    /// Why groups may be missing: Kafka does not list those that the caller may not see.
    pub groups_missing: Vec<String>,
}

/// What was measured of a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicFacts {
    /// Its partitions in order of their numbers.
    pub partitions: Vec<PartitionFacts>,
    /// What could not be read of it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<String>,
}

/// What was measured of a partition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionFacts {
    /// The offset of its first record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub earliest: Option<i64>,
    /// The offset behind its last record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub latest: Option<i64>,
    /// The latest timestamp of its records.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_write: Option<Timestamp>,
    /// The size of its largest replica on disk.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
    /// The size of all its replicas on disk.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes_of_all_replicas: Option<u64>,
    /// By age in milliseconds, in order: the offset of the first record that was no older.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ages: Vec<(i64, i64)>,
}

impl PartitionFacts {
    /// The most records that it holds.
    pub fn records(&self) -> Option<u64> {
        Some(self.latest?.saturating_sub(self.earliest?).max(0).unsigned_abs())
    }

    /// The most records that are older than this. Where that age was not asked for, the next younger one bounds it.
    pub fn records_older_than(&self, age: i64) -> Option<u64> {
        let all = self.records()?;
        let bound = self.ages.iter().rev().find(|(known, _)| *known <= age);
        // An age that is younger than every known one is bounded by everything.
        Some(bound.map_or(all, |(_, offset)| {
            all.min(offset.saturating_sub(self.earliest.unwrap_or(0)).max(0).unsigned_abs())
        }))
    }
}

/// What was measured of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFacts {
    /// Its state in Kafka's words, where it could be described.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<String>,
    /// Its members.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub members: Vec<MemberFacts>,
    /// Partition and committed offset, by topic. They were read before the ends of the partitions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub committed: BTreeMap<TopicName, Vec<(u32, i64)>>,
    /// What could not be read of it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<String>,
}

impl GroupFacts {
    /// The topics that it reads: that it has offsets in, or that a member is assigned. Some may be named twice.
    pub fn topics(&self) -> impl Iterator<Item = &TopicName> {
        self.committed.keys().chain(self.members.iter().flat_map(|member| &member.topics))
    }

    /// Whether a member reads a topic. In a rebalance nobody has an assignment; who has offsets there is taken to read
    /// there.
    pub fn reads(&self, member: usize, topic: &TopicName) -> bool {
        self.committed.contains_key(topic)
            || self.members.get(member).is_some_and(|member| member.topics.contains(topic))
    }
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFacts {
    /// `client.id`.
    pub client_id: String,
    /// The host that it connects from.
    pub host: String,
    /// The topics of its assignment.
    pub topics: Vec<TopicName>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_between_two_is_bounded_by_the_younger_one() {
        let ages = vec![(10, 80), (20, 50), (30, 5)];
        let partition = PartitionFacts { earliest: Some(0), latest: Some(100), ages, ..Default::default() };
        let older = [5, 10, 15, 20, 29, 30, 1_000].map(|age| partition.records_older_than(age));
        assert_eq!(older, [100, 80, 80, 50, 50, 5, 5].map(Some));
        let moved_on = PartitionFacts { earliest: Some(60), ..partition.clone() };
        assert_eq!([10, 20].map(|age| moved_on.records_older_than(age)), [Some(20), Some(0)]);
        assert_eq!(PartitionFacts { latest: None, ..partition }.records_older_than(10), None);
    }
}
