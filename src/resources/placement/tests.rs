//! What holds of every placement, on random clusters.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::ports::kafka::BrokerInfo;

fn broker(id: i32, rack: Option<u8>) -> BrokerInfo {
    BrokerInfo { id, host: "h".into(), port: 9092, rack: rack.map(|rack| format!("rack-{rack}")) }
}

/// One to eight brokers in up to four racks, or in none.
fn clusters() -> impl Strategy<Value = Vec<BrokerInfo>> {
    let racks = proptest::collection::vec(0_u8..4, 1..9);
    (racks, any::<bool>())
        .prop_map(|(racks, named)| (1..).zip(racks).map(|(id, rack)| broker(id, named.then_some(rack))).collect())
}

/// Partitions of three topics on these brokers, with up to three replicas.
fn partitions(brokers: &[BrokerInfo]) -> impl Strategy<Value = Vec<Replicated>> + use<> {
    let ids: Vec<i32> = brokers.iter().map(|broker| broker.id).collect();
    let most = ids.len().min(3);
    let replicas = (1..=most).prop_flat_map(move |count| subsequence(ids.clone(), count).prop_shuffle());
    let one = (select(vec!["a", "b", "c"]), replicas, any::<bool>(), prop_oneof![Just(0), 0_u64..1_000_000]);
    proptest::collection::vec(one, 1..40).prop_map(|all| {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        all.into_iter()
            .map(|(topic, replicas, behind, bytes)| {
                let number = counts.entry(topic).or_default();
                *number += 1;
                let in_sync = if behind { replicas[..1].to_vec() } else { replicas.clone() };
                let topic = topic.parse().expect("a topic");
                Replicated {
                    topic,
                    number: *number - 1,
                    led: true,
                    leaves: Vec::new(),
                    replicas,
                    in_sync,
                    bytes,
                    traffic: 0,
                }
            })
            .collect()
    })
}

fn states() -> impl Strategy<Value = (Vec<BrokerInfo>, Vec<Replicated>)> {
    clusters().prop_flat_map(|brokers| (Just(brokers.clone()), partitions(&brokers)))
}

fn has_no_twin(replicas: &[i32]) -> bool {
    replicas.iter().collect::<BTreeSet<_>>().len() == replicas.len()
}

fn kept(before: &[i32], after: &[i32]) -> usize {
    before.iter().filter(|broker| after.contains(broker)).count()
}

/// The most replicas that can stay, found by trying every choice of them.
fn most_that_stay(before: &[i32], factor: usize, brokers: &Brokers) -> usize {
    let there: Vec<i32> = before.iter().copied().filter(|broker| brokers.has(*broker)).collect();
    let wanted = brokers.racks().min(factor);
    let choices = (0_u32..1 << there.len()).map(|choice| {
        there.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1).map(|(_, broker)| *broker).collect::<Vec<_>>()
    });
    let fits = |stay: &Vec<i32>| stay.len() <= factor && brokers.spread(stay) + (factor - stay.len()) >= wanted;
    choices.filter(fits).map(|stay| stay.len()).max().unwrap_or(0)
}

fn leaders(placed: &[Vec<i32>]) -> BTreeMap<i32, usize> {
    let mut counts = BTreeMap::new();
    for replicas in placed {
        *counts.entry(replicas[0]).or_default() += 1;
    }
    counts
}

/// The bytes of all replicas of a broker.
fn bytes(placed: &[Replicated], broker: i32) -> u64 {
    placed.iter().filter(|one| one.replicas.contains(&broker)).map(|one| one.bytes).sum()
}

proptest! {
    #[test]
    fn a_factor_is_right_and_spread_over_racks_with_as_little_moved_as_can_be(
        (brokers, partitions) in states(), factor in 1_usize..5, left in proptest::collection::btree_set(1_i32..9, 0..3)
    ) {
        let there = Brokers::without(&brokers, &left);
        let mut loads = Loads::of(partitions.iter());
        for partition in &partitions {
            match replicas(partition, factor, &there, &mut loads) {
                Err(obstacle) => prop_assert_eq!(
                    obstacle, Obstacle::TooFewBrokers { wanted: factor, brokers: there.count() }
                ),
                Ok(after) => {
                    prop_assert_eq!(after.len(), factor);
                    prop_assert!(has_no_twin(&after) && after.iter().all(|broker| there.has(*broker)));
                    prop_assert!(after.iter().all(|broker| !left.contains(broker)));
                    prop_assert_eq!(there.spread(&after), there.racks().min(factor));
                    let most = most_that_stay(&partition.replicas, factor, &there);
                    prop_assert_eq!(kept(&partition.replicas, &after), most, "{:?} {:?}", partition, after);
                }
            }
        }
    }

    #[test]
    fn a_drained_broker_has_nothing_and_nothing_else_moves(
        (brokers, partitions) in states(), drained in 1_i32..9
    ) {
        let goal = Goal { drain: BTreeSet::from([drained]), ..Goal::default() };
        let there = Brokers::without(&brokers, &goal.drain);
        let Ok(done) = rebalance(&partitions, &brokers, &goal) else {
            let most = partitions.iter().filter(|one| one.replicas.contains(&drained)).map(|one| one.replicas.len());
            prop_assert!(most.max().is_some_and(|most| most > there.count()));
            return Ok(());
        };
        prop_assert_eq!(&done, &rebalance(&partitions, &brokers, &goal).expect("the same again"));
        for (before, after) in partitions.iter().zip(&done.replicas) {
            prop_assert!(!after.contains(&drained) && has_no_twin(after));
            if before.replicas.contains(&drained) {
                prop_assert_eq!(after.len(), before.replicas.len());
                prop_assert_eq!(there.spread(after), there.racks().min(after.len()));
                prop_assert_eq!(kept(&before.replicas, after), most_that_stay(&before.replicas, after.len(), &there));
            } else {
                prop_assert_eq!(after, &before.replicas);
            }
            // Who keeps the leader's replica keeps the leader.
            if before.replicas[0] != drained && after.contains(&before.replicas[0]) {
                prop_assert_eq!(after[0], before.replicas[0]);
            }
        }
    }

    #[test]
    fn a_new_broker_gets_its_share_and_nobody_gets_more_than_before((brokers, partitions) in states()) {
        let new = brokers.len() as i32 + 1;
        let mut with_new = brokers.clone();
        with_new.push(broker(new, None));
        let goal = Goal { add: BTreeSet::from([new]), ..Goal::default() };
        let done = rebalance(&partitions, &with_new, &goal).expect("there are brokers");
        let placed: Vec<Replicated> = partitions
            .iter()
            .zip(&done.replicas)
            .map(|(partition, replicas)| Replicated { replicas: replicas.clone(), ..partition.clone() })
            .collect();
        let there = Brokers::without(&with_new, &BTreeSet::new());
        let (before, after) = (Loads::of(partitions.iter()), Loads::of(placed.iter()));
        let (share, counted) = before.share_of(there.ids());
        prop_assert!(after.of_broker(new) <= share);
        let most = there.ids().filter(|id| *id != new).map(|id| bytes(&placed, id)).max().unwrap_or(0);
        prop_assert!(bytes(&placed, new) <= most, "{:?}", placed);
        for id in there.ids().filter(|id| *id != new) {
            prop_assert!(after.of_broker(id) <= before.of_broker(id));
        }
        for (was, is) in partitions.iter().zip(&placed) {
            prop_assert!(has_no_twin(&is.replicas) && is.replicas.len() == was.replicas.len());
            prop_assert!(kept(&was.replicas, &is.replicas) + 1 >= was.replicas.len(), "one replica moves at most");
            prop_assert!(there.spread(&is.replicas) >= there.spread(&was.replicas));
        }
        // What is left over of a share is less than one more replica that could move.
        let could_move = placed.iter().filter(|partition| {
            let donor = partition.replicas.iter().any(|id| after.of_broker(*id) > share);
            donor && !partition.replicas.contains(&new)
        });
        for partition in could_move {
            let fits = after.of_broker(new) + after.weight(partition) <= share
                && after.counts_with(new, partition).is_within(counted);
            prop_assert!(!fits, "{:?}", partition);
        }
    }

    #[test]
    fn leaders_are_as_even_as_the_replicas_allow((brokers, partitions) in states()) {
        let goal = Goal { leaders: true, ..Goal::default() };
        let done = rebalance(&partitions, &brokers, &goal).expect("nothing has to be found a place for");
        for (before, after) in partitions.iter().zip(&done.replicas) {
            let sorted = |replicas: &[i32]| replicas.iter().copied().collect::<BTreeSet<_>>();
            prop_assert_eq!(sorted(&before.replicas), sorted(after), "only the order changes");
        }
        let counts = leaders(&done.replicas);
        let most = counts.values().copied().max().unwrap_or(0);
        // Whoever leads most could not hand any of it on to one that leads two fewer.
        for replicas in done.replicas.iter().filter(|replicas| counts[&replicas[0]] == most) {
            let others = replicas.iter().map(|id| counts.get(id).copied().unwrap_or(0));
            prop_assert!(others.clone().all(|count| count + 2 > most), "{:?} {:?}", counts, replicas);
        }
        // Hall's bound: a set of brokers leads at least what nobody else can.
        for broker in brokers.iter().map(|broker| broker.id) {
            let alone = done.replicas.iter().filter(|replicas| replicas.as_slice() == [broker]).count();
            prop_assert!(counts.get(&broker).copied().unwrap_or(0) >= alone);
        }
        let again = done.replicas.iter().zip(&partitions).map(|(replicas, partition)| {
            Replicated { replicas: replicas.clone(), ..partition.clone() }
        });
        let again: Vec<Replicated> = again.collect();
        prop_assert_eq!(rebalance(&again, &brokers, &goal).expect("as before").replicas, done.replicas);
    }
}

#[test]
fn a_topic_on_one_broker_is_spread_with_its_leaders() {
    let brokers: Vec<BrokerInfo> = (1..4).map(|id| broker(id, Some(id as u8))).collect();
    let there = Brokers::without(&brokers, &BTreeSet::new());
    let partitions: Vec<Replicated> = (0..6)
        .map(|number| Replicated {
            topic: "a".parse().expect("a topic"),
            number,
            replicas: vec![1],
            leaves: Vec::new(),
            led: true,
            in_sync: vec![1],
            bytes: 10,
            traffic: 0,
        })
        .collect();
    let mut loads = Loads::of(partitions.iter());
    let mut placed: Vec<_> =
        partitions.iter().map(|one| replicas(one, 2, &there, &mut loads).expect("there are brokers")).collect();
    balance_leaders(&mut placed.iter_mut().collect::<Vec<_>>(), &BTreeMap::new());
    assert_eq!(placed, [[2, 1], [3, 1], [2, 1], [3, 1], [1, 2], [1, 3]]);
}

#[test]
fn a_stranger_is_left_alone_only_where_it_is_drained() {
    let brokers: Vec<BrokerInfo> = (1..4).map(|id| broker(id, None)).collect();
    let partition = Replicated {
        topic: "a".parse().expect("a topic"),
        number: 0,
        replicas: vec![9, 1],
        leaves: Vec::new(),
        led: true,
        in_sync: vec![1],
        bytes: 0,
        traffic: 0,
    };
    let ask = |goal: Goal| rebalance(std::slice::from_ref(&partition), &brokers, &goal);
    assert_eq!(ask(Goal { leaders: true, ..Goal::default() }), Err(Obstacle::NotThere(9)));
    let drained = ask(Goal { drain: BTreeSet::from([9]), ..Goal::default() });
    assert_eq!(drained.map(|done| done.replicas), Ok(vec![vec![1, 2]]));

    // What nobody leads cannot be copied, and holds nothing else up.
    let lost = Replicated { number: 1, replicas: vec![9], led: false, in_sync: Vec::new(), ..partition.clone() };
    let both = [partition.clone(), lost];
    let drained = rebalance(&both, &brokers, &Goal { drain: BTreeSet::from([9]), ..Goal::default() });
    let stuck = vec![(partition.topic.clone(), 1)];
    assert_eq!(drained, Ok(Rebalanced { replicas: vec![vec![1, 2], vec![9]], stuck: stuck.clone() }));

    // Nor can what somebody has begun to move off it.
    let [partition, lost] = both;
    let begun = Replicated { replicas: vec![2], leaves: vec![9], ..lost };
    let drained = rebalance(&[partition, begun], &brokers, &Goal { drain: BTreeSet::from([9]), ..Goal::default() });
    assert_eq!(drained, Ok(Rebalanced { replicas: vec![vec![1, 3], vec![2]], stuck }));
}
