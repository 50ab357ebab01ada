use std::collections::BTreeSet;

use crate::plan::{FieldChange, FieldValue};
use crate::ports::journal::{Event, EventStatus};
use crate::resources::PresentFields;
use crate::resources::scram::is_told_by_memory_alone;
use crate::source::is_secret_setting;

/// What became of the changes that interrupted applies had under way, told from what their resources have now. What could
/// not be seen is left out.
pub(super) fn resolve<'i>(intents: &'i [Event], present: &PresentFields<'_>) -> Vec<(&'i Event, EventStatus)> {
    let found = |intent: &'i Event| {
        let fields = present.of(intent.address.as_ref()?)?;
        let kind = intent.address.as_ref()?.kind;
        let told = intent.fields.iter().filter(|field| !is_told_by_memory_alone(kind, &field.field));
        let of_each: Vec<_> = told.map(|field| (fields.get(&field.field).map(String::as_str), field)).collect();
        if of_each.is_empty() && !intent.fields.is_empty() {
            // Nobody can tell. It is done again, and done twice it is the same.
            return Some((intent, EventStatus::NotDone));
        }
        let is_after = |(now, field): &(_, &FieldChange)| is(*now, field, field.after.as_ref());
        let status = if of_each.iter().all(is_after) {
            EventStatus::Done
        } else if of_each.iter().all(|(now, field)| is(*now, field, field.before.as_ref())) {
            EventStatus::NotDone
        } else if of_each.iter().all(|each| is_after(each) || is_newer(each.0, each.1)) {
            EventStatus::Done
        } else {
            EventStatus::Partial
        };
        Some((intent, status))
    };
    intents.iter().filter_map(found).collect()
}

/// Whether a resource has this value, on itself or as what shows through from elsewhere. Of a secret the record has none, and
/// any other one is taken for it.
fn is(now: Option<&str>, field: &FieldChange, value: Option<&FieldValue>) -> bool {
    match value {
        None => now.is_none(),
        Some(value) if value.is_hidden() => {
            now.is_some_and(|now| now == FieldValue::HIDDEN || is_secret_setting(&field.field, now))
        }
        Some(value) => now.map_or(value.source.is_some(), |now| set_of(now) == set_of(&value.value)),
    }
}

/// Whether these are references to other versions than before, of which a plan could only say that they would be new.
fn is_newer(now: Option<&str>, field: &FieldChange) -> bool {
    let (Some(now), Some(planned)) = (now, &field.after) else { return false };
    if is(Some(now), field, field.before.as_ref()) {
        return false;
    }
    let without_version = |reference: &str| match reference.rsplit_once(" version ") {
        Some((name, _)) => name.to_owned(),
        None => reference.trim_end_matches(" new version").to_owned(),
    };
    let names = |text: &str| text.split(", ").map(without_version).collect::<BTreeSet<_>>();
    planned.value.contains(" new version") && names(now) == names(&planned.value)
}

/// References have no order.
fn set_of(text: &str) -> BTreeSet<&str> {
    text.split(", ").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_through_is_not_set_on_the_resource() {
        let field = FieldChange { field: "config.retention.ms".into(), before: None, after: None, place: None };
        let is = |now: Option<&str>, value: Option<&FieldValue>| super::is(now, &field, value);
        let default = FieldValue::plain("604800000").from_source("Kafka's default");
        assert!(is(None, Some(&default)) && is(Some("604800000"), Some(&default)) && is(None, None));
        assert!(
            !is(None, Some(&FieldValue::plain("604800000"))) && !is(Some("1"), Some(&default)) && !is(Some("1"), None)
        );
    }

    #[test]
    fn a_secret_that_the_record_does_not_have_is_there_or_is_not() {
        let hidden = FieldValue::plain(FieldValue::HIDDEN);
        let field = FieldChange { field: "sasl/password".into(), before: Some(hidden), after: None, place: None };
        assert!(is(Some("hunter2hunter2"), &field, field.before.as_ref()) && !is(None, &field, field.before.as_ref()));
        assert!(is(None, &field, field.after.as_ref()) && !is(Some("env:PASSWORD"), &field, field.before.as_ref()));
    }

    #[test]
    fn a_new_version_is_whichever_there_is_but_not_the_former_one() {
        let field = |before: &str, after: &str| FieldChange {
            field: "references".into(),
            before: Some(FieldValue::plain(before)),
            after: Some(FieldValue::plain(after)),
            place: None,
        };
        let planned = field("a.A → a version 1, b.B → b version 2", "a.A → a new version, b.B → b version 2");
        assert!(is_newer(Some("b.B → b version 2, a.A → a version 7"), &planned));
        assert!(!is_newer(Some("b.B → b version 2, a.A → a version 1"), &planned));
        assert!(!is_newer(Some("a.A → a version 7"), &planned));
        assert!(!is_newer(Some("a.A → a version 3"), &field("a.A → a version 1", "a.A → a version 2")));
    }
}
