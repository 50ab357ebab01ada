use std::collections::BTreeSet;

use super::cluster::{Brokers, Obstacle, Rack, Replicated};
use super::load::Loads;

/// The brokers that a partition is to have `factor` replicas on, and the load with it.
///
/// They stand in as many racks as there are, up to the factor. A replica stays where it is unless its broker is none of
/// `brokers`, or there are too many, or too many of them in one rack. Where there is a choice, those stay that are in
/// sync; new ones go where the topic, and then the cluster, has least.
pub fn replicas(
    partition: &Replicated,
    factor: usize,
    brokers: &Brokers,
    loads: &mut Loads,
) -> Result<Vec<i32>, Obstacle> {
    if brokers.count() < factor {
        return Err(Obstacle::TooFewBrokers { wanted: factor, brokers: brokers.count() });
    }
    let mut chosen = stay(partition, factor, brokers, loads);
    for broker in &partition.replicas {
        if !chosen.contains(broker) {
            loads.remove(partition, *broker);
        }
    }
    while chosen.len() < factor {
        let used: BTreeSet<&Rack> = chosen.iter().filter_map(|broker| brokers.rack(*broker)).collect();
        let cost = |broker: &i32| {
            let in_used_rack = brokers.rack(*broker).is_some_and(|rack| used.contains(rack));
            (in_used_rack, loads.of_topic(&partition.topic, *broker), loads.of_broker(*broker), *broker)
        };
        // There are as many brokers as replicas at least.
        let Some(best) = brokers.ids().filter(|broker| !chosen.contains(broker)).min_by_key(cost) else { break };
        loads.add(partition, best);
        chosen.push(best);
    }
    Ok(chosen)
}

/// The replicas that stay, in the order that they have.
fn stay(partition: &Replicated, factor: usize, brokers: &Brokers, loads: &Loads) -> Vec<i32> {
    let mut candidates: Vec<i32> = partition.replicas.iter().copied().filter(|broker| brokers.has(*broker)).collect();
    let leader = partition.replicas.first().copied();
    candidates.sort_by_key(|broker| {
        let behind = !partition.in_sync.contains(broker);
        (behind, Some(*broker) != leader, loads.of_topic(&partition.topic, *broker), loads.of_broker(*broker), *broker)
    });
    let racks_there = brokers.spread(&candidates).min(factor);
    let racks_wanted = brokers.racks().min(factor);
    // Each new replica can stand in one more rack.
    let most = candidates.len().min(factor).min((factor + racks_there).saturating_sub(racks_wanted));
    let mut staying: Vec<i32> = Vec::with_capacity(most);
    let mut used: BTreeSet<&Rack> = BTreeSet::new();
    for broker in &candidates {
        if staying.len() < most && brokers.rack(*broker).is_some_and(|rack| used.insert(rack)) {
            staying.push(*broker);
        }
    }
    for broker in candidates {
        if staying.len() < most && !staying.contains(&broker) {
            staying.push(broker);
        }
    }
    partition.replicas.iter().copied().filter(|broker| staying.contains(broker)).collect()
}
