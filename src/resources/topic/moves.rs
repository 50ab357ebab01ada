//! Topics that go to brokers that were agreed on, or stay, whatever manifests say of them: a rebalance.

use std::collections::{BTreeMap, BTreeSet};

use super::LiveTopic;
use super::diff::unplaced;
use crate::model::{Address, Risk, TopicName, counted};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, PartitionMove, Step, Verification};
use crate::ports::kafka::PartitionInfo;
use crate::resources::placement::{Brokers, LEADER, Obstacle, REPLICAS, brokers_in_words, gone, move_in, place};
use crate::resources::{Desired, Difference, Live, fingerprint};

/// What is left to move, to elect and to cancel of topics that no manifest is asked about.
pub(super) fn diff(desired: &Desired<'_>, live: &Live, difference: &mut Difference) {
    let Some(rebalance) = &desired.rebalance else { return };
    let brokers = Brokers::without(&live.cluster.brokers, &BTreeSet::new());
    let live = &live.topics;
    for name in desired.placements.keys().chain(&rebalance.cancels) {
        let address = Address::topic(name);
        if let Some(failure) = live.hidden.get(name).or(live.moves_hidden.as_ref()) {
            difference.incomplete.push(Incomplete { address, failure: failure.clone(), place: None });
            continue;
        }
        // One that is gone has nothing to move.
        let Some(found) = live.topics.get(name) else { continue };
        let mut change = nothing(address.clone(), found);
        if let Some(agreed) = desired.placements.get(name) {
            if let Some(broker) = gone_of(found, agreed, &brokers) {
                let failure = unplaced(name, &Obstacle::Gone(broker));
                difference.incomplete.push(Incomplete { address, failure, place: None });
                continue;
            }
            move_to(&mut change, name, found, agreed, rebalance.elects);
        } else {
            cancel(&mut change, name, found);
        }
        if !change.steps.is_empty() {
            difference.changes.push(change);
        }
    }
}

/// A broker that is to get a replica and is not there.
fn gone_of(found: &LiveTopic, agreed: &BTreeMap<u32, Vec<i32>>, brokers: &Brokers) -> Option<i32> {
    agreed.iter().find_map(|(number, agreed)| gone(found.partitions.get(*number as usize)?, agreed, brokers))
}

fn nothing(address: Address, found: &LiveTopic) -> Change {
    Change {
        address,
        action: Action::Update,
        fields: Vec::new(),
        risk: Risk::Safe,
        impact: Vec::new(),
        measured: None,
        access: Vec::new(),
        // Who made it anew by the same name has another topic.
        fingerprint: fingerprint(found.id.map(|id| id.to_string())),
        verification: Verification::unverifiable("brokers have no validate-only request for reassignments"),
        place: None,
        depends_on: Vec::new(),
        steps: Vec::new(),
    }
}

fn move_to(change: &mut Change, name: &TopicName, found: &LiveTopic, agreed: &BTreeMap<u32, Vec<i32>>, elects: bool) {
    let moves = place(found, agreed);
    if moves.iter().any(|one| one.added().next().is_some()) {
        change.risk = Risk::Disruptive;
    }
    let elsewhere = |one: &&PartitionMove| {
        let found = found.partitions.get(one.partition as usize);
        found.is_some_and(|found| found.is_moving() && found.target() != one.after)
    };
    match moves.iter().filter(elsewhere).count() {
        0 => {}
        1 => change.impact.push("1 partition is on its way to other brokers now, which is given up".to_owned()),
        some => {
            change.impact.push(format!("{some} partitions are on their way to other brokers now, which is given up"))
        }
    }
    move_in(change, name, moves);
    let led = if elects { led_by_others(found, agreed) } else { Vec::new() };
    if !led.is_empty() {
        let partitions = led.iter().map(|(number, _)| *number).collect();
        change.steps.push(Step::ElectLeaders { topic: name.clone(), partitions });
        change.fields.extend(led.into_iter().map(|(_, field)| field));
    }
}

fn cancel(change: &mut Change, name: &TopicName, found: &LiveTopic) {
    let moving = found.partitions.iter().enumerate().filter(|(_, partition)| partition.is_moving());
    let field = |(number, partition): (usize, &PartitionInfo)| FieldChange {
        field: format!("{REPLICAS}{number}"),
        before: Some(FieldValue::plain(brokers_in_words(&partition.target())).from_source("on the way there")),
        after: Some(FieldValue::plain(brokers_in_words(&partition.settled()))),
        place: None,
    };
    change.fields.extend(moving.clone().map(field));
    let partitions: Vec<u32> = moving.map(|(number, _)| number as u32).collect();
    if !partitions.is_empty() {
        let moves = counted(partitions.len() as u64, "partition");
        change.impact.push(format!("{moves} stay where they are; what was copied of them is deleted"));
        change.steps.push(Step::CancelReassignment { topic: name.clone(), partitions });
    }
}

/// Partitions whose preferred leader is to be, and does not lead.
fn led_by_others(found: &LiveTopic, agreed: &BTreeMap<u32, Vec<i32>>) -> Vec<(u32, FieldChange)> {
    let field = |(number, partition): (usize, &PartitionInfo)| {
        let number = number as u32;
        let preferred = agreed.get(&number)?.first()?;
        (partition.leader != Some(*preferred)).then(|| {
            let field = FieldChange {
                field: format!("{LEADER}{number}"),
                before: partition.leader.map(FieldValue::plain),
                after: Some(FieldValue::plain(preferred)),
                place: None,
            };
            (number, field)
        })
    };
    found.partitions.iter().enumerate().filter_map(field).collect()
}
