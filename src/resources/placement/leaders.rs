use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The brokers of a partition, for the choice of its preferred leader, which is the first of them.
pub type Led = Vec<i32>;

/// Puts another broker first in as few of these as it takes for all brokers to be preferred leaders of the same number
/// of partitions, as far as the brokers of each allow it. `others` counts what each broker leads besides.
///
/// While there is a way to hand leadership on, partition by partition, from a broker to one that leads at least two
/// fewer, it is handed on. When there is none the sum of squares, and with it the largest number, is the least that can
/// be (Harvey et al., Semi-matchings for bipartite graphs and load balancing, 2006).
pub fn balance_leaders(partitions: &mut [&mut Led], others: &BTreeMap<i32, usize>) {
    let mut counts = others.clone();
    // Of each broker, the partitions that it leads and that each other broker could lead.
    let mut ways: BTreeMap<i32, BTreeMap<i32, BTreeSet<usize>>> = BTreeMap::new();
    for (index, replicas) in partitions.iter().enumerate() {
        if let Some(leader) = replicas.first() {
            *counts.entry(*leader).or_default() += 1;
        }
        for broker in replicas.iter() {
            counts.entry(*broker).or_default();
        }
        offer(&mut ways, index, replicas, true);
    }
    loop {
        let mut fullest: Vec<(usize, i32)> = counts.iter().map(|(broker, count)| (*count, *broker)).collect();
        fullest.sort_by_key(|(count, broker)| (std::cmp::Reverse(*count), *broker));
        let path = fullest.iter().find_map(|(count, broker)| path(&ways, &counts, *broker, *count));
        let Some(path) = path else { return };
        for step in path.windows(2) {
            let (from, to) = (step[0], step[1]);
            let index = ways.get(&from).and_then(|ways| ways.get(&to)).and_then(|known| known.first().copied());
            let Some(index) = index else { return };
            offer(&mut ways, index, partitions[index], false);
            lead(partitions[index], to);
            offer(&mut ways, index, partitions[index], true);
        }
        if let (Some(first), Some(last)) = (path.first(), path.last()) {
            counts.entry(*first).and_modify(|count| *count -= 1);
            counts.entry(*last).and_modify(|count| *count += 1);
        }
    }
}

/// Makes a broker the first; the others keep their order.
fn lead(replicas: &mut Led, broker: i32) {
    if let Some(at) = replicas.iter().position(|other| *other == broker) {
        replicas[..=at].rotate_right(1);
    }
}

/// Adds or takes away what a partition lets its leader hand on.
fn offer(ways: &mut BTreeMap<i32, BTreeMap<i32, BTreeSet<usize>>>, index: usize, replicas: &[i32], there: bool) {
    let Some((leader, others)) = replicas.split_first() else { return };
    let of_leader = ways.entry(*leader).or_default();
    for broker in others {
        let known = of_leader.entry(*broker).or_default();
        if there {
            known.insert(index);
        } else {
            known.remove(&index);
        }
    }
}

/// The shortest way from a broker to one that leads at least two fewer.
fn path(
    ways: &BTreeMap<i32, BTreeMap<i32, BTreeSet<usize>>>,
    counts: &BTreeMap<i32, usize>,
    from: i32,
    count: usize,
) -> Option<Vec<i32>> {
    let mut before: BTreeMap<i32, i32> = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    let mut best: Option<(usize, i32)> = None;
    while let Some(broker) = queue.pop_front() {
        let fewer = counts.get(&broker).copied().unwrap_or(0);
        if fewer + 2 <= count && best.is_none_or(|(least, _)| fewer < least) {
            best = Some((fewer, broker));
        }
        for (next, partitions) in ways.get(&broker).into_iter().flatten() {
            if !partitions.is_empty() && !before.contains_key(next) {
                before.insert(*next, broker);
                queue.push_back(*next);
            }
        }
    }
    let (_, mut at) = best?;
    let mut path = vec![at];
    while at != from {
        at = before[&at];
        path.push(at);
    }
    path.reverse();
    Some(path)
}
