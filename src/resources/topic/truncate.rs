//! Deletion of records up to an offset, whatever manifests say of the topic: nobody declares it, it is asked for once.

use std::collections::BTreeMap;

use super::LiveTopics;
use crate::model::{Address, Kind, Risk, TopicName, about_bytes, counted};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Measured, MeasuredGroup, Step, Verification};
use crate::resources::impact::{Facts, GroupFacts, lag};
use crate::resources::{Desired, Difference, fingerprint};

/// What fields of a truncation start with: the number of the partition follows.
pub const RECORDS: &str = "records.";

/// The records of a topic that are to be deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Truncation {
    /// The topic.
    pub topic: TopicName,
    /// By partition: the offset of its first record, and that of the one that is to be the first.
    pub partitions: BTreeMap<u32, (i64, i64)>,
    /// What that costs, in sentences.
    pub impact: Vec<String>,
    /// The same in numbers.
    pub measured: Measured,
}

impl Truncation {
    /// Of a topic whose ends and groups were measured, up to an offset of each partition, which is put between the first and
    /// the end. Partitions that lose nothing are left out.
    pub fn new(topic: TopicName, up_to: &BTreeMap<u32, i64>, facts: &Facts) -> Self {
        let found = facts.topics.get(&topic);
        let partitions = found.map_or(&[][..], |found| &found.partitions);
        let mut cut = BTreeMap::new();
        let (mut records, mut bytes) = (0_u64, Some(0_u64));
        for (number, partition) in partitions.iter().enumerate() {
            let number = number as u32;
            let (Some(wanted), Some(first), Some(end)) = (up_to.get(&number), partition.earliest, partition.latest)
            else {
                continue;
            };
            let to = (*wanted).clamp(first, end.max(first));
            if to == first {
                continue;
            }
            let lost = to.abs_diff(first);
            records = records.saturating_add(lost);
            // As if all records were of one size: brokers tell that of the whole alone.
            let share = |size: u64| u128::from(size) * u128::from(lost) / u128::from(end.abs_diff(first).max(1));
            bytes = bytes.zip(partition.bytes).map(|(sum, size)| sum.saturating_add(share(size) as u64));
            cut.insert(number, (first, to));
        }
        let groups: Vec<MeasuredGroup> = facts
            .groups
            .iter()
            .filter(|(_, group)| group.topics().any(|read| *read == topic))
            .filter_map(|(id, group)| {
                let loses = unread(group, &topic, &cut);
                (loses > 0).then(|| MeasuredGroup {
                    name: id.clone(),
                    state: group.state.clone(),
                    members: Vec::new(),
                    lag: found.and_then(|found| lag(group.committed.get(&topic)?, found)),
                    loses: Some(loses),
                    attributed_to: Vec::new(),
                })
            })
            .collect();
        let is_read = facts.groups.values().any(|group| group.topics().any(|read| *read == topic));
        let measured = Measured {
            taken_at: facts.taken_at,
            records: Some(records),
            bytes,
            bytes_of_all_replicas: None,
            last_write: None,
            groups,
            not_measured: facts
                .groups_missing
                .iter()
                .chain(found.into_iter().flat_map(|found| &found.missing))
                .cloned()
                .collect(),
        };
        Self { impact: sentences(&measured, &cut, is_read), topic, partitions: cut, measured }
    }
}

/// How many of the records that go a group has not read; of partitions without an offset of it, all.
fn unread(group: &GroupFacts, topic: &TopicName, cut: &BTreeMap<u32, (i64, i64)>) -> u64 {
    let committed: BTreeMap<u32, i64> = group.committed.get(topic).into_iter().flatten().copied().collect();
    let of = |(number, (first, to)): (&u32, &(i64, i64))| {
        let from = committed.get(number).copied().unwrap_or(*first).max(*first);
        (*to - from).max(0).unsigned_abs()
    };
    cut.iter().map(of).sum()
}

fn sentences(measured: &Measured, cut: &BTreeMap<u32, (i64, i64)>, is_read: bool) -> Vec<String> {
    let records = counted(measured.records.unwrap_or(0), "record");
    let size =
        measured.bytes.map(|bytes| format!(", about {} of each replica", about_bytes(bytes))).unwrap_or_default();
    let partitions = counted(cut.len() as u64, "partition");
    let (are, them) = if measured.records == Some(1) { ("is", "it") } else { ("are", "them") };
    let mut sentences =
        vec![format!("up to {records} of {partitions} {are} deleted{size}; nothing brings {them} back")];
    for group in &measured.groups {
        let state = group.state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default();
        let loses = counted(group.loses.unwrap_or(0), "record");
        sentences.push(format!("group `{}`{state} has not read up to {loses} of them", group.name));
    }
    if measured.groups.is_empty() && measured.not_measured.is_empty() {
        let sentence = match is_read {
            true => "every group that has offsets there has read them",
            false => "no group has offsets there",
        };
        sentences.push(sentence.to_owned());
    }
    if !measured.not_measured.is_empty() {
        sentences.push(format!("not everything could be seen: {}", measured.not_measured.join("; ")));
    }
    sentences
}

/// The truncation that is asked for, where the topic is there.
pub(super) fn diff(desired: &Desired<'_>, live: &LiveTopics, difference: &mut Difference) {
    let Some(truncation) = &desired.truncation else { return };
    let name = &truncation.topic;
    let address = Address { kind: Kind::Records, name: name.to_string() };
    if let Some(failure) = live.hidden.get(name) {
        difference.incomplete.push(Incomplete { address, failure: failure.clone(), place: None });
        return;
    }
    let Some(found) = live.topics.get(name).filter(|_| !truncation.partitions.is_empty()) else { return };
    let field = |(number, (first, to)): (&u32, &(i64, i64))| FieldChange {
        field: format!("{RECORDS}{number}"),
        before: Some(FieldValue::plain(first)),
        after: Some(FieldValue::plain(to)),
        place: None,
    };
    let offsets = truncation.partitions.iter().map(|(number, (_, to))| (*number, *to)).collect();
    difference.changes.push(Change {
        address,
        action: Action::Delete,
        fields: truncation.partitions.iter().map(field).collect(),
        risk: Risk::Destructive,
        impact: truncation.impact.clone(),
        measured: Some(truncation.measured.clone()),
        access: Vec::new(),
        // Who made it anew by the same name has other records.
        fingerprint: fingerprint(found.id.map(|id| id.to_string())),
        verification: Verification::unverifiable("brokers have no validate-only request for deletions"),
        place: None,
        depends_on: Vec::new(),
        steps: vec![Step::DeleteRecords { topic: name.clone(), offsets }],
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::resources::impact::{PartitionFacts, TopicFacts};

    fn facts() -> Facts {
        let partition = |earliest: i64, latest: i64| PartitionFacts {
            earliest: Some(earliest),
            latest: Some(latest),
            bytes: Some(1_000),
            ..PartitionFacts::default()
        };
        let topic: TopicName = "a.b.v1".parse().expect("a name");
        let partitions = vec![partition(0, 100), partition(50, 60), partition(7, 7)];
        let group = |offsets: &[(u32, i64)]| GroupFacts {
            committed: BTreeMap::from([(topic.clone(), offsets.to_vec())]),
            ..GroupFacts::default()
        };
        Facts {
            taken_at: Timestamp::of_unix_millis(0),
            topics: BTreeMap::from([(topic.clone(), TopicFacts { partitions, missing: Vec::new() })]),
            groups: [("late", group(&[(0, 10), (1, 60)])), ("done", group(&[(0, 90), (1, 60)]))]
                .map(|(name, group)| (name.parse().expect("a group"), group))
                .into(),
            groups_missing: Vec::new(),
        }
    }

    #[test]
    fn what_goes_is_bounded_by_what_is_there_and_told_for_those_who_have_not_read_it() {
        let up_to = BTreeMap::from([(0, 40), (1, 1_000), (2, 9)]);
        let truncation = Truncation::new("a.b.v1".parse().expect("a name"), &up_to, &facts());
        assert_eq!(truncation.partitions, BTreeMap::from([(0, (0, 40)), (1, (50, 60))]));
        assert_eq!((truncation.measured.records, truncation.measured.bytes), (Some(50), Some(1_400)));
        assert_eq!(
            truncation.impact,
            [
                "up to 50 records of 2 partitions are deleted, about 1.4KiB of each replica; nothing brings them back",
                "group `late` has not read up to 30 records of them",
            ]
        );
        let nothing = Truncation::new("a.b.v1".parse().expect("a name"), &BTreeMap::from([(1, 3)]), &facts());
        assert!(nothing.partitions.is_empty());
    }
}
