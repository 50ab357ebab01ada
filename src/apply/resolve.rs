use std::collections::{BTreeMap, BTreeSet};

use crate::model::Address;
use crate::plan::{FieldValue, Plan};
use crate::ports::journal::{Event, EventStatus};
use crate::resources::DeclaredFields;

/// What became of the changes that interrupted applies had under way, told from the present state of the resources that
/// were looked at: where a field that was to be changed differs from the manifests, the plan says what it is; else it is
/// what the manifests say. What was not looked at, or could not be seen, is left out.
pub(super) fn resolve<'i>(
    intents: &'i [Event],
    looked_at: &BTreeSet<&Address>,
    present: &Plan,
    declared: &DeclaredFields<'_>,
) -> Vec<(&'i Event, EventStatus)> {
    let changes: BTreeMap<_, _> = present.changes.iter().map(|change| (&change.address, change)).collect();
    let unseen: BTreeSet<&Address> = present.incomplete.iter().map(|unseen| &unseen.address).collect();
    let found = |intent: &'i Event| {
        let address =
            intent.address.as_ref().filter(|address| looked_at.contains(address) && !unseen.contains(address))?;
        let change = changes.get(address);
        let fields = declared.of(address).unwrap_or_default();
        let (mut before, mut after) = (true, true);
        for field in &intent.fields {
            let differing = change.and_then(|change| change.fields.iter().find(|other| other.field == field.field));
            let now = match differing {
                Some(differing) => differing.before.as_ref().and_then(FieldValue::set_on_it),
                None => fields.get(&field.field).map(String::as_str),
            };
            before &= now == field.before.as_ref().and_then(FieldValue::set_on_it);
            after &= now == field.after.as_ref().and_then(FieldValue::set_on_it);
        }
        let status = match (after, before) {
            (true, _) => EventStatus::Done,
            (false, true) => EventStatus::NotDone,
            (false, false) => EventStatus::Partial,
        };
        Some((intent, status))
    };
    intents.iter().filter_map(found).collect()
}
