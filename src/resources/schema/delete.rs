//! The deletion of subjects, which a tombstone of their own asks for.

use super::live::{LiveRegistry, mark};
use crate::model::{Address, Risk, Subject};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Verification};
use crate::ports::registry::RegisteredSchema;
use crate::resources::{Desired, Difference, fingerprint};
use crate::schema::digest;
use crate::source::Span;

/// Plans the deletion of each subject that has a tombstone and is there.
pub(super) fn deletions(desired: &Desired<'_>, live: &LiveRegistry, difference: &mut Difference) {
    for (subject, span) in &desired.removed_subjects {
        let Some(found) = live.subjects.get(subject) else { continue };
        match found.latest.known() {
            Some(Some(latest)) => difference.changes.push(delete(desired, live, subject, *span, latest)),
            Some(None) => {}
            None => difference.incomplete.extend(found.latest.hidden().map(|failure| Incomplete {
                address: Address::schema(subject),
                failure: failure.clone(),
                place: Some(desired.workspace.place(*span)),
            })),
        }
    }
}

fn delete(
    desired: &Desired<'_>,
    live: &LiveRegistry,
    subject: &Subject,
    span: Span,
    latest: &RegisteredSchema,
) -> Change {
    // A registry keeps what others refer to: these go first, or hold it up.
    let (before, holding): (Vec<_>, Vec<_>) =
        referring(live, subject).partition(|other| desired.removed_subjects.contains_key(*other));
    let mut impact = vec![
        "every version of the subject is deleted: clients that do not know the schema yet can no longer read or write \
         with it; only the registry itself can bring it back"
            .to_owned(),
    ];
    let spec = desired.workspace.subjects.get(subject);
    impact.extend(
        spec.and_then(|spec| spec.reason.as_ref()).map(|reason| format!("the reason given: {}", reason.value.trim())),
    );
    if !holding.is_empty() {
        let named: Vec<String> = holding.iter().map(|other| format!("`{other}`")).collect();
        impact.push(format!("the registry refuses it as long as schemas refer to it: {}", named.join(", ")));
    }
    let text = format!("version {} ({})", latest.version, latest.schema.format);
    let before_value = FieldValue::shown(digest(latest.schema.format, &latest.schema.text), text);
    Change {
        address: Address::schema(subject),
        action: Action::Delete,
        fields: vec![FieldChange { field: "schema".into(), before: Some(before_value), after: None, place: None }],
        risk: Risk::Destructive,
        impact,
        measured: None,
        access: Vec::new(),
        fingerprint: fingerprint([mark(latest)]),
        verification: Verification::unverifiable("registries have no request that only checks a deletion"),
        place: Some(desired.workspace.place(span)),
        depends_on: before.into_iter().map(Address::schema).collect(),
        steps: vec![Step::DeleteSubject(subject.clone())],
    }
}

/// The subjects whose newest version refers to this one, as far as they were read.
fn referring<'l>(live: &'l LiveRegistry, subject: &'l Subject) -> impl Iterator<Item = &'l Subject> {
    live.subjects.iter().filter_map(move |(other, found)| {
        let latest = found.latest.known()?.as_ref()?;
        let refers = latest.schema.references.iter().any(|reference| reference.subject == *subject);
        (refers && other != subject).then_some(other)
    })
}
