use std::collections::BTreeMap;

use super::access::assess_access;
use super::facts::{Facts, PartitionFacts, TopicFacts};
use super::words;
use crate::model::{GroupId, Kind, Risk, Timestamp, TopicName};
use crate::plan::{Change, Measured, MeasuredGroup, MeasuredMember, Plan, Summary};
use crate::resources::topic::{LiveTopic, LiveTopics, Loss, loss_of, verdicts};
use crate::resources::{Desired, Live};

/// Facts older than this, in milliseconds, are worth a warning: a day.
pub const STALE: i64 = 24 * 3_600_000;

/// How far the clocks of two machines may be apart, in milliseconds: five minutes.
pub const CLOCK_TOLERANCE: i64 = 5 * 60_000;

/// Puts into each change what it costs. Without facts nothing is taken for harmless: what may lose records stays
/// destructive, and says that it was not measured.
pub fn assess(plan: &mut Plan, desired: &Desired<'_>, live: &Live, facts: Option<&Facts>, now: Timestamp) {
    assess_access(plan, desired, live, facts, now);
    let live = &live.topics;
    for change in plan.changes.iter_mut().filter(|change| change.address.kind == Kind::Topic) {
        let Some((name, found)) = live.topics.get_key_value(change.address.name.as_str()) else { continue };
        let Some(loss) = loss_of(change, found, live) else { continue };
        let known = facts.and_then(|facts| Some((facts, facts.topics.get(name)?)));
        match known {
            Some((facts, topic)) => {
                let measured = measure(name, loss, topic, facts, now);
                tell(change, loss, topic, facts, measured, now);
                judge(change, desired, name, found, live, loss);
            }
            None => change.impact.push("how much that is was not measured (`busctl snapshot --impact` does)".into()),
        }
    }
    plan.summary = Summary::of(&plan.changes);
}

fn tell(change: &mut Change, loss: Loss, topic: &TopicFacts, facts: &Facts, measured: Measured, now: Timestamp) {
    change.impact.push(words::loss(loss, &measured));
    match loss {
        Loss::Everything => change.impact.extend(words::readers(&measured, topic, facts)),
        Loss::Beyond { .. } if measured.records.is_some_and(|records| records > 0) => {
            change.impact.extend(words::left_behind(&measured, facts));
        }
        Loss::Beyond { .. } | Loss::Compacted => {}
    }
    change.impact.extend(words::age(facts.taken_at, now));
    change.measured = Some(measured);
}

/// A cut under which nothing falls out takes nothing away that was there.
fn judge(
    change: &mut Change,
    desired: &Desired<'_>,
    name: &TopicName,
    found: &LiveTopic,
    live: &LiveTopics,
    loss: Loss,
) {
    let nothing = change.measured.as_ref().is_some_and(|measured| measured.records == Some(0));
    if !nothing || !matches!(loss, Loss::Beyond { .. }) {
        return;
    }
    let Some(topic) = desired.topics.get(name) else { return };
    let verdicts = verdicts(topic, found, live, &change.fields);
    // What each field says of a loss is answered by the measured sentence.
    change.impact.retain(|sentence| !verdicts.iter().any(|verdict| verdict.if_lost && verdict.sentence == *sentence));
    let risk = |verdict: &crate::resources::topic::Verdict| match verdict.if_lost {
        true => Risk::Disruptive,
        false => verdict.risk,
    };
    change.risk = verdicts.iter().map(risk).max().unwrap_or(Risk::Safe);
}

fn measure(name: &TopicName, loss: Loss, topic: &TopicFacts, facts: &Facts, now: Timestamp) -> Measured {
    let elapsed = now.since(facts.taken_at);
    let lost: Vec<Option<Lost>> = topic.partitions.iter().map(|partition| lost(partition, loss, elapsed)).collect();
    let sum = |part: &dyn Fn(&Lost) -> Option<u64>| {
        lost.iter().try_fold(0_u64, |sum, lost| Some(sum.saturating_add(part(lost.as_ref()?)?)))
    };
    let is_deletion = loss == Loss::Everything;
    let last_write = topic.partitions.iter().filter_map(|partition| partition.last_write).max();
    let mut not_measured = topic.missing.clone();
    let records = sum(&|lost| Some(lost.records));
    if records.is_none() && not_measured.is_empty() {
        not_measured.push("the facts do not say it".into());
    }
    let groups = match loss {
        Loss::Everything => groups(name, topic, facts),
        Loss::Beyond { .. } if records.is_some() => left_behind(name, topic, facts, &lost),
        Loss::Beyond { .. } | Loss::Compacted => Vec::new(),
    };
    if is_deletion || !groups.is_empty() {
        not_measured.extend(facts.groups_missing.iter().cloned());
    }
    Measured {
        taken_at: facts.taken_at,
        records,
        bytes: sum(&|lost| lost.bytes),
        bytes_of_all_replicas: sum(&|lost| lost.bytes_of_all_replicas),
        last_write: last_write.filter(|_| is_deletion),
        groups,
        not_measured,
    }
}

/// What a partition loses at most.
struct Lost {
    records: u64,
    bytes: Option<u64>,
    bytes_of_all_replicas: Option<u64>,
}

/// What a partition loses; `None` where its records are not known.
fn lost(partition: &PartitionFacts, loss: Loss, elapsed: i64) -> Option<Lost> {
    let all = partition.records()?;
    let records = match loss {
        Loss::Everything | Loss::Compacted => all,
        Loss::Beyond { retention_ms, retention_bytes } => {
            // Time has gone on since the facts were taken: what is beyond the bound now was younger then.
            let by_age = retention_ms.map(|age| partition.records_older_than(age.saturating_sub(elapsed)));
            let by_size = retention_bytes.map(|limit| beyond_size(partition, all, limit.unsigned_abs()));
            [by_age, by_size].into_iter().flatten().try_fold(0, |most, lost| Some(lost?.max(most)))?
        }
    };
    let part = |size: Option<u64>| size.map(|size| share(size, records, all));
    Some(Lost { records, bytes: part(partition.bytes), bytes_of_all_replicas: part(partition.bytes_of_all_replicas) })
}

/// The records that a partition holds beyond a size. An estimate: records are taken to be of one size.
fn beyond_size(partition: &PartitionFacts, all: u64, limit: u64) -> Option<u64> {
    let size = partition.bytes?;
    Some(share(all, size.saturating_sub(limit), size))
}

/// `part / whole` of an amount, rounded up: nothing that is lost counts as nothing.
fn share(amount: u64, part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    let share = (u128::from(amount) * u128::from(part)).div_ceil(u128::from(whole));
    u64::try_from(share).unwrap_or(u64::MAX)
}

fn groups(name: &TopicName, topic: &TopicFacts, facts: &Facts) -> Vec<MeasuredGroup> {
    let group = |(id, group): (&GroupId, &super::GroupFacts)| {
        let committed = group.committed.get(name);
        let mut members: Vec<MeasuredMember> = group
            .members
            .iter()
            // In a rebalance nobody has an assignment; who has offsets here is taken to read here.
            .filter(|member| committed.is_some() || member.topics.contains(name))
            .map(|member| MeasuredMember { client_id: member.client_id.clone(), host: member.host.clone() })
            .collect();
        members.sort_unstable();
        (committed.is_some() || !members.is_empty()).then(|| MeasuredGroup {
            name: id.clone(),
            state: group.state.clone(),
            members,
            lag: committed.and_then(|committed| lag(committed, topic)),
            loses: None,
            attributed_to: Vec::new(),
        })
    };
    let mut groups: Vec<MeasuredGroup> = facts.groups.iter().filter_map(group).collect();
    // Those that read now come first.
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    groups
}

/// The groups that lose records of a cut before they have read them, or of which that cannot be told.
fn left_behind(name: &TopicName, topic: &TopicFacts, facts: &Facts, lost: &[Option<Lost>]) -> Vec<MeasuredGroup> {
    let end_of_loss = |number: usize, partition: &PartitionFacts| {
        let records = lost.get(number)?.as_ref()?.records;
        Some(partition.earliest?.saturating_add_unsigned(records))
    };
    let mut groups = groups(name, topic, facts);
    for group in &mut groups {
        let committed = facts.groups.get(&group.name).and_then(|facts| facts.committed.get(name));
        group.loses = committed.and_then(|committed| unread(committed, topic, end_of_loss));
    }
    groups.retain(|group| group.loses != Some(0));
    groups
}

/// What a group has not read yet, at most.
pub(in crate::resources) fn lag(committed: &[(u32, i64)], topic: &TopicFacts) -> Option<u64> {
    unread(committed, topic, |_, partition| partition.latest)
}

/// What a group has not read yet of the records before an end, at most: of a partition without a committed offset everything,
/// for where the group will begin there is its own affair. Records that are gone already cannot be read any more.
fn unread(
    committed: &[(u32, i64)],
    topic: &TopicFacts,
    end: impl Fn(usize, &PartitionFacts) -> Option<i64>,
) -> Option<u64> {
    let committed: BTreeMap<usize, i64> =
        committed.iter().map(|(number, offset)| (*number as usize, *offset)).collect();
    if committed.keys().next_back().is_some_and(|last| *last >= topic.partitions.len()) {
        return None;
    }
    topic.partitions.iter().enumerate().try_fold(0_u64, |sum, (number, partition)| {
        let from = match (committed.get(&number), partition.earliest) {
            (Some(offset), earliest) => earliest.unwrap_or(*offset).max(*offset),
            (None, earliest) => earliest?,
        };
        Some(sum.saturating_add(end(number, partition)?.saturating_sub(from).max(0).unsigned_abs()))
    })
}

#[cfg(test)]
mod tests;
