use std::collections::BTreeMap;

use super::facts::{Facts, GroupFacts, MemberFacts, PartitionFacts, TopicFacts};
use super::needs::Needs;
use crate::model::{GroupId, Timestamp, TopicName};
use crate::ports::kafka::{GroupKind, KafkaAdmin, ListedGroup, OffsetAt, OffsetQuery};
use crate::ports::{Failure, FailureKind};

/// More topics than these are not named to each group: it is asked for everything that it has.
const MOST_NAMED: usize = 20;

/// Why groups may be missing where the caller may not describe the cluster.
pub const HIDDEN_GROUPS: &str = "groups that busctl may not describe are not listed";

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
    for (name, need) in &needs.topics {
        let partitions = vec![PartitionFacts::default(); need.replicas.len()];
        facts.topics.insert(name.clone(), TopicFacts { partitions, missing: Vec::new() });
    }
    let before = queries_before(needs, now);
    let sized: Vec<_> =
        needs.topics.iter().map(|(name, need)| (name.clone(), (0..need.partitions()).collect())).collect();
    let read_sizes = async { if sized.is_empty() { Ok(Vec::new()) } else { kafka.replica_sizes(&sized).await } };
    let (offsets, sizes, groups) = tokio::join!(kafka.offsets(&before), read_sizes, read_groups(kafka, needs));
    add_offsets(&mut facts, &before, offsets, now);
    let mut after = queries(needs, |_| vec![OffsetAt::Latest]);
    after.extend(queries_of_groups(kafka, &mut facts, &groups.0).await);
    let offsets = kafka.offsets(&after).await;
    add_offsets(&mut facts, &after, offsets, now);
    bound_by_the_end(&mut facts);
    let sees_cluster = add_sizes(&mut facts, needs, sizes);
    (facts.groups, facts.groups_missing) = groups;
    // Whoever may describe the cluster, as log dirs ask for, is told every group; others only those that they may see. ACLs
    // ask for the same, so that whoever sees a grant go sees every group.
    if needs.topics.values().any(|need| need.readers) && !sees_cluster {
        facts.groups_missing.push(HIDDEN_GROUPS.into());
    }
    facts
}

fn queries(needs: &Needs, at: impl Fn(&super::Need) -> Vec<OffsetAt>) -> Vec<OffsetQuery> {
    let mut queries = Vec::new();
    for (topic, need) in &needs.topics {
        for at in at(need) {
            let of = |partition| OffsetQuery { topic: topic.clone(), partition, at };
            queries.extend((0..need.partitions()).map(of));
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

/// Where the partitions begin and end of topics that groups have offsets in and that are not looked at for their own sake.
async fn queries_of_groups(
    kafka: &impl KafkaAdmin,
    facts: &mut Facts,
    groups: &BTreeMap<GroupId, GroupFacts>,
) -> Vec<OffsetQuery> {
    let mut known: BTreeMap<&TopicName, u32> = BTreeMap::new();
    for (topic, committed) in groups.values().flat_map(|group| &group.committed) {
        // What only the tool reads is nobody's lag.
        if !facts.topics.contains_key(topic) && !topic.is_reserved() {
            let partitions = committed.iter().map(|(partition, _)| *partition + 1).max().unwrap_or(0);
            let known = known.entry(topic).or_default();
            *known = partitions.max(*known);
        }
    }
    let names: Vec<TopicName> = known.keys().copied().cloned().collect();
    let described = if names.is_empty() { Ok(Vec::new()) } else { kafka.describe_topics(&names).await };
    let mut described = described.unwrap_or_default().into_iter();
    let mut queries = Vec::new();
    for (topic, with_offsets) in known {
        let all = described.next().and_then(Result::ok).map_or(0, |info| info.partitions.len() as u32);
        // One that is gone or may not be seen has those of which somebody has an offset.
        let partitions = all.max(with_offsets);
        let facts_of_it =
            TopicFacts { partitions: vec![PartitionFacts::default(); partitions as usize], missing: Vec::new() };
        facts.topics.insert(topic.clone(), facts_of_it);
        let of = |at| (0..partitions).map(move |partition| OffsetQuery { topic: topic.clone(), partition, at });
        queries.extend(of(OffsetAt::Earliest).chain(of(OffsetAt::Latest)));
    }
    queries
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
fn add_sizes(facts: &mut Facts, needs: &Needs, sizes: Sizes) -> bool {
    let mut missing = Vec::new();
    let mut told: BTreeMap<(TopicName, usize), usize> = BTreeMap::new();
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
                        *told.entry((replica.topic, replica.partition as usize)).or_default() += 1;
                    }
                }
            }
            Err(failure) => note(&mut missing, in_words(&failure)),
        }
    }
    for (name, need) in &needs.topics {
        let Some(topic) = facts.topics.get_mut(name) else { continue };
        for (number, (partition, replicas)) in topic.partitions.iter_mut().zip(&need.replicas).enumerate() {
            // A broker that is down is not listed: only the number of replicas tells that its answer is missing.
            if missing.is_empty() && told.get(&(name.clone(), number)).is_none_or(|told| told < replicas) {
                partition.bytes_of_all_replicas = None;
                note(&mut topic.missing, "no broker tells how large some of its replicas are".into());
            }
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
    let readers = needs.topics.iter().filter(|(_, need)| need.readers);
    let deleted: Vec<(TopicName, u32)> = readers.map(|(name, need)| (name.clone(), need.partitions())).collect();
    let (any_topic, any_group) = (!deleted.is_empty() || !needs.read.is_empty(), !needs.joined.is_empty());
    let mut missing = Vec::new();
    if !any_topic && !any_group {
        return (BTreeMap::new(), missing);
    }
    let is_joined = |id: &GroupId| needs.joined.iter().any(|names| names.matches(id.as_str()));
    let mut listed = list_groups(kafka, &mut missing).await;
    listed.retain(|group| any_topic || is_joined(&group.id));
    let (shares, listed): (Vec<_>, Vec<_>) = listed.into_iter().partition(|group| group.kind == GroupKind::Share);
    let mut groups = BTreeMap::new();
    let share_ids: Vec<GroupId> = shares.iter().map(|group| group.id.clone()).collect();
    let ids: Vec<GroupId> = listed.iter().map(|group| group.id.clone()).collect();
    let named = !any_group && needs.read.is_empty() && deleted.len() <= MOST_NAMED;
    let named = named.then_some(deleted.as_slice());
    // What share groups have read is kept elsewhere than the offsets that groups commit.
    let (committed, described, of_shares) = tokio::join!(
        kafka.committed_offsets(&ids, named),
        kafka.describe_groups(&listed),
        kafka.share_offsets(&share_ids)
    );
    let mut unreadable = Vec::new();
    for (share, offsets) in shares.into_iter().zip(of_shares) {
        let joined = is_joined(&share.id);
        let missing = vec!["the members of a share group are not asked for".into()];
        let mut facts = GroupFacts { state: share.state, missing, ..GroupFacts::default() };
        match offsets {
            Ok(offsets) => {
                let wanted = offsets.into_iter().filter(|(topic, _)| joined || needs.asks_who_reads(topic));
                facts.committed = wanted.map(|(topic, offsets)| (topic, offsets.into_iter().collect())).collect();
            }
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => {
                note(&mut facts.missing, in_words(&failure));
                if any_topic {
                    unreadable.push((share.id.clone(), in_words(&failure)));
                }
            }
        }
        if joined || !facts.committed.is_empty() {
            groups.insert(share.id, facts);
        }
    }
    for ((group, committed), described) in listed.into_iter().zip(committed).zip(described) {
        let joined = is_joined(&group.id);
        let mut facts = GroupFacts { state: group.state, ..GroupFacts::default() };
        let mut unknown = false;
        match committed {
            Ok(committed) => {
                let wanted = committed.into_iter().filter(|(topic, _)| joined || needs.asks_who_reads(topic));
                facts.committed = wanted.map(|(topic, offsets)| (topic, offsets.into_iter().collect())).collect();
            }
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
                if group.kind == GroupKind::Streams {
                    note(&mut facts.missing, "the members of a Streams group are not asked for".into());
                }
                facts.members = info
                    .members
                    .into_iter()
                    .map(|member| MemberFacts { client_id: member.client_id, host: member.host, topics: member.topics })
                    .collect();
            }
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => note(&mut facts.missing, in_words(&failure)),
        }
        let reads = facts.members.iter().flat_map(|member| &member.topics).any(|topic| needs.asks_who_reads(topic));
        if unknown && !reads && any_topic {
            unreadable.push((group.id.clone(), facts.missing.join("; ")));
        }
        if joined || reads || !facts.committed.is_empty() {
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
    listed
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
