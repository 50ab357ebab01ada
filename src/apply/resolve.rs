use std::collections::BTreeMap;

use crate::plan::{FieldValue, Plan};
use crate::ports::journal::{Event, EventStatus};
use crate::resources::DeclaredFields;

/// What became of the changes that interrupted applies had under way, told from the present state: where a field that was
/// to be changed differs from the manifests, the plan says what it is; else it is what the manifests say.
pub(super) fn resolve(intents: &[Event], present: &Plan, declared: &DeclaredFields<'_>) -> Vec<EventStatus> {
    let changes: BTreeMap<_, _> = present.changes.iter().map(|change| (&change.address, change)).collect();
    let found = |intent: &Event| {
        let address = intent.address.as_ref();
        let change = address.and_then(|address| changes.get(address));
        let fields = address.and_then(|address| declared.of(address)).unwrap_or_default();
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
        match (after, before) {
            (true, _) => EventStatus::Done,
            (false, true) => EventStatus::NotDone,
            (false, false) => EventStatus::Partial,
        }
    };
    intents.iter().map(found).collect()
}
