use std::collections::{BTreeMap, BTreeSet};

use super::cluster::Brokers;
use super::place::Sizes;
use crate::model::{TopicName, about_bytes, counted};
use crate::plan::{BrokerShare, Change, PartitionMove, Plan, Reassignment, Share, Step};
use crate::resources::Live;

/// Says of a plan what it moves: in each change in sentences, and as a whole each broker before and after.
pub fn tell(plan: &mut Plan, live: &Live, sizes: Option<&Sizes>) {
    let places = plan.placements();
    if places.is_empty() {
        return;
    }
    let brokers = Brokers::without(&live.cluster.brokers, &BTreeSet::new());
    let mut whole = Reassignment { partitions: 0, copies: 0, bytes: Some(0), brokers: Vec::new() };
    for change in &mut plan.changes {
        let Some((topic, moves)) = moves_of(change) else { continue };
        let copies = copies(&moves);
        let bytes = bytes(&topic, &moves, sizes);
        whole.partitions += moves.len();
        whole.copies += copies;
        whole.bytes = whole.bytes.zip(bytes).map(|(sum, more)| sum.saturating_add(more));
        change.impact.extend(sentences(&moves, copies, bytes, sizes));
        change.impact.extend(fewer_racks(&moves, &brokers));
    }
    whole.brokers = shares(live, &places, sizes);
    plan.reassignment = Some(whole);
}

fn moves_of(change: &Change) -> Option<(TopicName, Vec<PartitionMove>)> {
    change.steps.iter().find_map(|step| match step {
        Step::Reassign { topic, moves } => Some((topic.clone(), moves.clone())),
        _ => None,
    })
}

fn copies(moves: &[PartitionMove]) -> usize {
    moves.iter().map(|one| one.added().count()).sum()
}

/// About how many bytes are copied; `None` where a size is not known.
fn bytes(topic: &TopicName, moves: &[PartitionMove], sizes: Option<&Sizes>) -> Option<u64> {
    let copied = moves.iter().filter(|one| one.added().next().is_some());
    copied.map(|one| Some(sizes?.of_partition(topic, one.partition)? * one.added().count() as u64)).sum()
}

fn sentences(moves: &[PartitionMove], copies: usize, bytes: Option<u64>, sizes: Option<&Sizes>) -> Vec<String> {
    let gone = |one: &PartitionMove| one.before.iter().copied().filter(|broker| !one.after.contains(broker)).count();
    let given_up: usize = moves.iter().map(gone).sum();
    let partitions = counted(moves.len() as u64, "partition");
    let mut said = Vec::new();
    if copies > 0 {
        let to: BTreeSet<i32> = moves.iter().flat_map(PartitionMove::added).collect();
        let replicas = counted(copies as u64, "replica");
        let size = bytes.map(|bytes| format!(", about {}", about_bytes(bytes))).unwrap_or_default();
        let are = if copies == 1 { "is" } else { "are" };
        said.push(format!("{replicas} of {partitions} {are} copied{size}, to {}", named(&to)));
        if bytes.is_none() {
            let why = sizes.and_then(|sizes| sizes.missing.first()).map(|why| format!(": {why}")).unwrap_or_default();
            said.push(format!("how many bytes that is was not measured{why}"));
        }
    }
    if given_up > 0 {
        let from: BTreeSet<i32> = moves
            .iter()
            .flat_map(|one| one.before.iter().copied().filter(|broker| !one.after.contains(broker)))
            .collect();
        let replicas = counted(given_up as u64, "replica");
        let are = if given_up == 1 { "is" } else { "are" };
        said.push(format!("{replicas} of {partitions} {are} deleted in the end, on {}", named(&from)));
    }
    if copies == 0 && given_up == 0 {
        let get = if moves.len() == 1 { "gets" } else { "get" };
        said.push(format!("{partitions} {get} another preferred leader; nothing is copied"));
    }
    said
}

/// Which partitions a rack that goes down hurts more than now.
fn fewer_racks(moves: &[PartitionMove], brokers: &Brokers) -> Option<String> {
    let lose = |one: &&PartitionMove| brokers.spread(&one.after) < brokers.spread(&one.before).min(one.after.len());
    let losing = moves.iter().filter(lose).count() as u64;
    let stand = if losing == 1 { "stands" } else { "stand" };
    (losing > 0).then(|| format!("{} {stand} in fewer racks than now", counted(losing, "partition")))
}

/// `broker 3`, `brokers 2 and 3`, `brokers 1, 2 and 3`.
pub fn named(ids: &BTreeSet<i32>) -> String {
    if ids.is_empty() { "no broker".to_owned() } else { numbered("broker", ids) }
}

/// `partition 3`, `partitions 2 and 3`, `partitions 1, 2 and 3`.
pub(super) fn numbered(what: &str, numbers: &BTreeSet<impl ToString>) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match numbers.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{what}s {} and {last}", first.join(", ")),
        _ => format!("{what} {}", numbers.concat()),
    }
}

/// Each broker before and after, with all changes carried out.
fn shares(
    live: &Live,
    places: &BTreeMap<TopicName, BTreeMap<u32, Vec<i32>>>,
    sizes: Option<&Sizes>,
) -> Vec<BrokerShare> {
    let share = |nothing| Share { replicas: 0, leaders: 0, bytes: nothing, written: nothing };
    // Where not all sizes are known, a sum would say less than there is.
    let nothing = sizes.filter(|sizes| sizes.missing.is_empty()).map(|_| 0);
    let mut shares: BTreeMap<i32, (Share, Share)> = BTreeMap::new();
    let known = live.cluster.brokers.iter().map(|broker| broker.id);
    shares.extend(known.map(|broker| (broker, (share(nothing), share(nothing)))));
    for (name, topic) in &live.topics.topics {
        let agreed = places.get(name);
        for (number, partition) in topic.partitions.iter().enumerate() {
            let number = number as u32;
            let size = sizes.and_then(|sizes| sizes.of_partition(name, number)).unwrap_or(0);
            let written = sizes.and_then(|sizes| sizes.traffic_of(name, number)).unwrap_or(0);
            let before = partition.settled();
            let after = agreed.and_then(|agreed| agreed.get(&number)).cloned().unwrap_or_else(|| partition.target());
            let mut add = |replicas: &[i32], of: fn(&mut (Share, Share)) -> &mut Share| {
                for (position, broker) in replicas.iter().enumerate() {
                    let share = of(shares.entry(*broker).or_insert((share(nothing), share(nothing))));
                    share.replicas += 1;
                    share.leaders += usize::from(position == 0);
                    share.bytes = share.bytes.map(|bytes| bytes.saturating_add(size));
                    share.written = share.written.map(|bytes| bytes.saturating_add(written));
                }
            };
            add(&before, |pair| &mut pair.0);
            add(&after, |pair| &mut pair.1);
        }
    }
    let rack = |id: i32| live.cluster.brokers.iter().find(|broker| broker.id == id)?.rack.clone();
    let of = |(broker, (before, after))| BrokerShare { broker, rack: rack(broker), before, after };
    shares.into_iter().map(of).collect()
}
