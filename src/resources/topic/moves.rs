//! Topics that go to brokers that were agreed on, whatever manifests say of them: a rebalance.

use std::collections::BTreeMap;

use super::{LiveTopic, LiveTopics};
use crate::model::{Address, Risk};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Verification};
use crate::ports::kafka::PartitionInfo;
use crate::resources::placement::{LEADER, move_in, place};
use crate::resources::{Desired, Difference, fingerprint};

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

/// What is left to move of the topics that no manifest is asked about.
pub(super) fn diff(desired: &Desired<'_>, live: &LiveTopics, difference: &mut Difference) {
    for (name, agreed) in desired.placements.iter().filter(|_| desired.only_places) {
        let address = Address::topic(name);
        if let Some(failure) = live.hidden.get(name).or(live.moves_hidden.as_ref()) {
            difference.incomplete.push(Incomplete { address, failure: failure.clone(), place: None });
            continue;
        }
        // One that is gone has nothing to move.
        let Some(found) = live.topics.get(name) else { continue };
        let moves = place(found, agreed);
        let led = if desired.elects { led_by_others(found, agreed) } else { Vec::new() };
        if moves.is_empty() && led.is_empty() {
            continue;
        }
        // Who made it anew by the same name has another topic.
        let parts = found.id.map(|id| id.to_string());
        let mut change = Change {
            address,
            action: Action::Update,
            fields: Vec::new(),
            risk: if moves.iter().any(|one| one.added().next().is_some()) { Risk::Disruptive } else { Risk::Safe },
            impact: Vec::new(),
            measured: None,
            access: Vec::new(),
            fingerprint: fingerprint(parts),
            verification: Verification::unverifiable("brokers have no validate-only request for reassignments"),
            place: None,
            depends_on: Vec::new(),
            steps: Vec::new(),
        };
        move_in(&mut change, name, moves);
        if !led.is_empty() {
            change.steps.push(Step::ElectLeaders { topic: name.clone(), partitions: led.iter().map(|(n, _)| *n).collect() });
            change.fields.extend(led.into_iter().map(|(_, field)| field));
        }
        difference.changes.push(change);
    }
}
