use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Facts, GroupFacts, MemberFacts, PartitionFacts, TopicFacts};
use super::needs::Needs;
use crate::model::{GroupId, Timestamp, TopicName};
use crate::ports::kafka::{CommittedOffsets, GroupKind, KafkaAdmin, ListedGroup, OffsetAt, OffsetQuery};
use crate::ports::{Failure, FailureKind};

/// More topics than these are not named to each group: it is asked for everything that it has.
const MOST_NAMED: usize = 20;

/// Measures what is needed, as of `now`, and nothing else. What cannot be read is in the facts, with the reason.
///
/// The offsets that groups have committed are read before the ends of the partitions, so that a lag is never below zero
/// and never too small.
pub async fn observe(kafka: &impl KafkaAdmin, needs: &Needs, now: Timestamp) -> Facts {
    let mut facts =
        Facts { taken_at: now, topics: BTreeMap::new(), groups: BTreeMap::new(), groups_missing: Vec::new() };
    if needs.is_empty() {
        return facts;
    }
    for (name, need) in needs {
        let partitions = vec![PartitionFacts::default(); need.partitions as usize];
        facts.topics.insert(name.clone(), TopicFacts { partitions, missing: Vec::new() });
    }
    let before = queries_before(needs, now);
    let sized: Vec<_> = needs.iter().map(|(name, need)| (name.clone(), need.partitions)).collect();
    let (offsets, sizes, groups) =
        tokio::join!(kafka.offsets(&before), kafka.replica_sizes(&sized), read_groups(kafka, needs));
    add_offsets(&mut facts, &before, offsets, now);
    let after = queries(needs, |_| vec![OffsetAt::Latest]);
    let offsets = kafka.offsets(&after).await;
    add_offsets(&mut facts, &after, offsets, now);
    bound_by_the_end(&mut facts);
    let sees_cluster = add_sizes(&mut facts, sizes);
    (facts.groups, facts.groups_missing) = groups;
    // Whoever may describe the cluster, as log dirs ask for, is told every group; others only those that they may see.
    if needs.values().any(|need| need.readers) && !sees_cluster {
        facts.groups_missing.push("groups that busctl may not describe are not listed".into());
    }
    facts
}

fn queries(needs: &Needs, at: impl Fn(&super::Need) -> Vec<OffsetAt>) -> Vec<OffsetQuery> {
    let mut queries = Vec::new();
    for (topic, need) in needs {
        for at in at(need) {
            let of = |partition| OffsetQuery { topic: topic.clone(), partition, at };
            queries.extend((0..need.partitions).map(of));
        }
    }
    queries
}

/// All but the ends.
fn queries_before(needs: &Needs, now: Timestamp) -> Vec<OffsetQuery> {
    queries(needs, |need| {
        let ages = need.ages.iter().map(|age| OffsetAt::Timestamp(now.unix_millis().saturating_sub(*age)));
        let last = need.readers.then_some(OffsetAt::MaxTimestamp);
        std::iter::once(OffsetAt::Earliest).chain(last).chain(ages).collect()
    })
}

fn add_offsets(
    facts: &mut Facts,
    queries: &[OffsetQuery],
    answers: Vec<Result<Option<crate::ports::kafka::FoundOffset>, Failure>>,
    now: Timestamp,
) {
    for (query, answer) in queries.iter().zip(answers) {
        let Some(topic) = facts.topics.get_mut(&query.topic) else { continue };
        let found = match answer {
            Ok(found) => found,
            Err(failure) => {
                note(&mut topic.missing, in_words(&failure));
                continue;
            }
        };
        let Some(partition) = topic.partitions.get_mut(query.partition as usize) else { continue };
        match query.at {
            OffsetAt::Earliest => partition.earliest = found.map(|found| found.offset),
            OffsetAt::Latest => partition.latest = found.map(|found| found.offset),
            OffsetAt::MaxTimestamp => {
                partition.last_write = found.and_then(|found| found.timestamp).map(Timestamp::of_unix_millis);
            }
            // No record is younger: all of them are beyond it, up to an end that is not known yet.
            OffsetAt::Timestamp(moment) => {
                let age = now.unix_millis().saturating_sub(moment);
                partition.ages.push((age, found.map_or(i64::MAX, |found| found.offset)));
            }
        }
    }
}

fn bound_by_the_end(facts: &mut Facts) {
    for partition in facts.topics.values_mut().flat_map(|topic| &mut topic.partitions) {
        partition.ages.sort_unstable();
        if let Some(latest) = partition.latest {
            partition.ages.iter_mut().for_each(|(_, offset)| *offset = (*offset).min(latest));
        } else {
            partition.ages.retain(|(_, offset)| *offset < i64::MAX);
        }
    }
}

type Sizes = Result<Vec<crate::ports::kafka::BrokerAnswer<Vec<crate::ports::kafka::ReplicaSize>>>, Failure>;

/// Adds sizes; answers whether every broker has told them.
fn add_sizes(facts: &mut Facts, sizes: Sizes) -> bool {
    let mut missing = Vec::new();
    let answers = sizes.unwrap_or_else(|failure| {
        note(&mut missing, in_words(&failure));
        Vec::new()
    });
    for answer in answers {
        match answer.answer {
            Ok(replicas) => {
                for replica in replicas {
                    let topic = facts.topics.get_mut(&replica.topic);
                    let partition = topic.and_then(|topic| topic.partitions.get_mut(replica.partition as usize));
                    if let Some(partition) = partition {
                        partition.bytes = partition.bytes.max(Some(replica.bytes));
                        let all = partition.bytes_of_all_replicas.unwrap_or(0);
                        partition.bytes_of_all_replicas = Some(all.saturating_add(replica.bytes));
                    }
                }
            }
            Err(failure) => note(&mut missing, in_words(&failure)),
        }
    }
    if !missing.is_empty() {
        for topic in facts.topics.values_mut() {
            // A sum that lacks a broker is none.
            topic.partitions.iter_mut().for_each(|partition| partition.bytes_of_all_replicas = None);
            missing.iter().for_each(|reason| note(&mut topic.missing, reason.clone()));
        }
    }
    missing.is_empty()
}

async fn read_groups(kafka: &impl KafkaAdmin, needs: &Needs) -> (BTreeMap<GroupId, GroupFacts>, Vec<String>) {
    let read: Vec<(TopicName, u32)> =
        needs.iter().filter(|(_, need)| need.readers).map(|(name, need)| (name.clone(), need.partitions)).collect();
    let mut missing = Vec::new();
    if read.is_empty() {
        return (BTreeMap::new(), missing);
    }
    let listed = list_groups(kafka, &mut missing).await;
    let ids: Vec<GroupId> = listed.iter().map(|group| group.id.clone()).collect();
    let named = (read.len() <= MOST_NAMED).then_some(read.as_slice());
    let (committed, described) = tokio::join!(kafka.committed_offsets(&ids, named), kafka.describe_groups(&listed));
    let wanted: BTreeSet<&TopicName> = read.iter().map(|(name, _)| name).collect();
    let mut groups = BTreeMap::new();
    let mut unreadable = Vec::new();
    for ((group, committed), described) in listed.into_iter().zip(committed).zip(described) {
        let mut facts = GroupFacts { state: group.state, ..GroupFacts::default() };
        let mut unknown = false;
        match committed {
            Ok(committed) => facts.committed = of_topics(committed, &wanted),
            // Groups come and go.
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => {
                note(&mut facts.missing, in_words(&failure));
                unknown = true;
            }
        }
        match described {
            Ok(info) => {
                facts.state = Some(info.state).filter(|state| !state.is_empty()).or(facts.state);
                facts.members = info
                    .members
                    .into_iter()
                    .map(|member| MemberFacts { client_id: member.client_id, host: member.host, topics: member.topics })
                    .collect();
            }
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => note(&mut facts.missing, in_words(&failure)),
        }
        let reads = facts.members.iter().flat_map(|member| &member.topics).any(|topic| wanted.contains(topic));
        if unknown && !reads {
            unreadable.push((group.id, facts.missing.join("; ")));
        } else if reads || !facts.committed.is_empty() {
            groups.insert(group.id, facts);
        }
    }
    if let Some((first, why)) = unreadable.first() {
        let count = crate::model::counted(unreadable.len() as u64, "group");
        missing.push(format!("whether {count} read there could not be seen; of {first}: {why}"));
    }
    (groups, missing)
}

async fn list_groups(kafka: &impl KafkaAdmin, missing: &mut Vec<String>) -> Vec<ListedGroup> {
    let answers = kafka.groups().await.unwrap_or_else(|failure| {
        note(missing, in_words(&failure));
        Vec::new()
    });
    let mut listed = Vec::new();
    for answer in answers {
        match answer.answer {
            Ok(groups) => listed.extend(groups),
            Err(failure) => note(missing, in_words(&failure)),
        }
    }
    listed.sort_unstable();
    listed.dedup_by(|a, b| a.id == b.id);
    // What share groups have read is kept elsewhere than the offsets that groups commit.
    let shares = listed.iter().filter(|group| group.kind == GroupKind::Share).count();
    if shares > 0 {
        missing.push(format!("{} not looked into", crate::model::counted(shares as u64, "share group")));
    }
    listed.retain(|group| group.kind != GroupKind::Share);
    listed
}

fn of_topics(committed: CommittedOffsets, wanted: &BTreeSet<&TopicName>) -> BTreeMap<TopicName, Vec<(u32, i64)>> {
    let wanted = committed.into_iter().filter(|(topic, _)| wanted.contains(topic));
    wanted.map(|(topic, offsets)| (topic, offsets.into_iter().collect())).collect()
}

fn in_words(failure: &Failure) -> String {
    failure.to_string()
}

/// Adds a reason that is not there yet: one broker's refusal stands behind each of its partitions.
fn note(reasons: &mut Vec<String>, reason: String) {
    const MOST: usize = 5;
    if reasons.len() < MOST && !reasons.contains(&reason) {
        reasons.push(reason);
    }
}
