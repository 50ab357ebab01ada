use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Change, FieldChange, FieldValue, Measured, MeasuredGroup, Plan, PlannedVersion, Step};
use crate::model::{Address, Kind};
use crate::ports::Failure;
use crate::resources::delivery::key_of;

/// What has become of a change since it was reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The resource is as it was, or a part of the change is done already: the rest can be made as it was reviewed.
    AsReviewed,
    /// The resource is already as the change would make it.
    Done,
    /// The resource is no longer what was reviewed.
    Moved(Vec<Moved>),
    /// The resource cannot be seen any more.
    Unseen(Failure),
}

/// What differs from the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The resource.
    pub address: Address,
    /// The field, or what else of the resource: `action`, `risk` …
    pub field: String,
    /// What was reviewed; `None` where nothing was set.
    pub reviewed: Option<String>,
    /// What it is now; `None` where nothing is set.
    pub present: Option<String>,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        let Moved { address, field, reviewed, present } = self;
        write!(f, "{address}: {field} was {} when it was reviewed and is {} now", value(reviewed), value(present))
    }
}

/// Why a reviewed plan is not applied any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// It was made for another cluster.
    Cluster {
        /// The id of the cluster that it was made for.
        reviewed: String,
        /// The id that the brokers answered.
        present: String,
    },
    /// It was made from other manifests.
    Manifests,
    /// Resources are no longer what was reviewed.
    Moved(Vec<Moved>),
}

impl Plan {
    /// Keeps of the plan that was just made what was reviewed. Changes that are done meanwhile are gone from it; those that
    /// were never reviewed are left out. Answers how many those are.
    pub fn hold_to(&mut self, reviewed: &Plan) -> Result<usize, Stale> {
        if self.cluster_id != reviewed.cluster_id {
            let (reviewed, present) = (reviewed.cluster_id.clone(), self.cluster_id.clone());
            return Err(Stale::Cluster { reviewed, present });
        }
        if self.desired_digest != reviewed.desired_digest {
            return Err(Stale::Manifests);
        }
        let known: BTreeMap<_, _> = reviewed.changes.iter().map(|change| (&change.address, change)).collect();
        let mut moved = Vec::new();
        let before = self.changes.len();
        self.changes.retain(|present| match known.get(&present.address) {
            None => false,
            Some(reviewed) => {
                if let Standing::Moved(more) = standing(reviewed, Some(present)) {
                    moved.extend(more);
                }
                true
            }
        });
        let was_unseen: BTreeSet<_> = reviewed.incomplete.iter().map(|unseen| &unseen.address).collect();
        self.incomplete.retain(|unseen| {
            was_unseen.contains(&unseen.address)
                || known.contains_key(&unseen.address)
                || (unseen.group().is_some() && known.keys().any(|address| unseen.hides(address)))
        });
        self.recount();
        if moved.is_empty() { Ok(before - self.changes.len()) } else { Err(Stale::Moved(moved)) }
    }
}

/// Compares a reviewed change with the one that the present live state asks for; `None` where it asks for none.
///
/// A field that is already what the change would make it has not moved: an apply that was interrupted goes on.
pub fn standing(reviewed: &Change, present: Option<&Change>) -> Standing {
    let Some(present) = present else { return Standing::Done };
    let mut moved = Vec::new();
    let note = |field: &str, was: Option<String>, is: Option<String>| Moved {
        address: reviewed.address.clone(),
        field: field.to_owned(),
        reviewed: was,
        present: is,
    };
    if present.action != reviewed.action {
        let action = note("action", Some(reviewed.action.as_str().into()), Some(present.action.as_str().into()));
        return Standing::Moved(vec![action]);
    }
    let mut done = 0;
    for field in &reviewed.fields {
        match find(present, field) {
            None => done += 1,
            Some(now) => {
                if text(&now.before) != text(&field.before) {
                    moved.push(note(&field.field, shown(&field.before), shown(&now.before)));
                } else if text(&now.after) != text(&field.after) && !is_pinned_later(reviewed, field) {
                    let field_name = format!("{} (as declared)", field.field);
                    moved.push(note(&field_name, shown(&field.after), shown(&now.after)));
                }
            }
        }
    }
    for now in present.fields.iter().filter(|now| find(reviewed, now).is_none()) {
        moved.push(note(&now.field, shown(&now.after), shown(&now.before)));
    }
    if present.risk > reviewed.risk {
        moved.push(note("risk", Some(reviewed.risk.to_string()), Some(present.risk.to_string())));
    }
    if let (Some(then), Some(now)) = (&reviewed.measured, &present.measured) {
        moved
            .extend(risen(then, now, reviewed.address.kind).map(|(what, then, now)| note(what, Some(then), Some(now))));
    }
    for field in written_since(reviewed, present) {
        moved.push(note(&format!("the hidden value of {field}"), Some("another".into()), Some("not the same".into())));
    }
    // What the change does not touch may have moved too: whoever reviewed it saw another resource. Where a part of the
    // change is done already, that is what differs.
    if moved.is_empty() && done == 0 && present.fingerprint != reviewed.fingerprint {
        moved.push(note("its id, or what else is set on it,", Some("another".into()), Some("not the same".into())));
    }
    if moved.is_empty() { Standing::AsReviewed } else { Standing::Moved(moved) }
}

/// The keys whose values are hidden, and which somebody has written since: their last change alone tells that.
fn written_since<'p>(reviewed: &'p Change, present: &'p Change) -> impl Iterator<Item = &'p str> {
    let hidden = present.fields.iter().filter(|field| field.before.as_ref().is_some_and(FieldValue::is_hidden));
    hidden.map(|field| field.field.as_str()).filter(|field| {
        let key = format!("{}/{}", present.address.name, key_of(field));
        let index_in = |change: &Change| {
            let writes = change.steps.iter().filter_map(|step| match step {
                Step::WriteKeys(writes) => Some(writes),
                _ => None,
            });
            writes.flatten().find(|write| write.shown() == key).map(|write| write.index)
        };
        index_in(reviewed).is_some_and(|index| index_in(present).is_some_and(|now| now != index))
    })
}

/// What costs more now than when it was reviewed: a tenth more records or bytes lost, for a topic in use grows all the
/// time; groups that read a topic or have offsets there, for a nightly job is one of them; and of a grant groups that are
/// active and were not.
fn risen<'m>(
    then: &'m Measured,
    now: &'m Measured,
    kind: Kind,
) -> impl Iterator<Item = (&'static str, String, String)> {
    let numbers = [
        ("the number of records that are lost", then.records, now.records),
        ("the number of bytes that are lost", then.bytes, now.bytes),
    ];
    let grown = numbers.into_iter().filter_map(|(what, then, now)| {
        let (then, now) = (then?, now?);
        (now > then.saturating_add(then / 10)).then(|| (what, then.to_string(), now.to_string()))
    });
    let counts = |group: &&MeasuredGroup| kind != Kind::Grant || group.is_active();
    let names = |measured: &Measured| -> BTreeSet<String> {
        measured.groups.iter().filter(counts).map(|group| group.name.to_string()).collect()
    };
    let groups = match kind {
        Kind::Grant => "the active groups that lose access",
        _ => "the groups that read it",
    };
    let (readers_then, readers_now) = (names(then), names(now));
    let more = !readers_now.is_subset(&readers_then);
    let words = |readers: &BTreeSet<String>| match readers.is_empty() {
        true => "none".to_owned(),
        false => readers.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let more = more.then(|| (groups, words(&readers_then), words(&readers_now)));
    grown.chain(more)
}

/// References to versions that the plan itself registers have their numbers once those are there.
fn is_pinned_later(reviewed: &Change, field: &FieldChange) -> bool {
    let refers_to_new = |step: &Step| match step {
        Step::RegisterSchema { references, .. } => {
            references.iter().any(|reference| reference.version == PlannedVersion::AfterRegistering)
        }
        _ => false,
    };
    field.field == "references" && reviewed.steps.iter().any(refers_to_new)
}

fn find<'c>(change: &'c Change, field: &FieldChange) -> Option<&'c FieldChange> {
    change.fields.iter().find(|other| other.field == field.field)
}

fn text(value: &Option<FieldValue>) -> Option<&str> {
    value.as_ref().map(FieldValue::comparable)
}

fn shown(value: &Option<FieldValue>) -> Option<String> {
    value.as_ref().map(|value| value.text().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Risk;
    use crate::plan::samples::{change, field, plan_of};
    use crate::plan::{Action, Incomplete, MeasuredMember};

    fn update(fields: Vec<FieldChange>) -> Change {
        change(Address::topic("a"), Action::Update, fields)
    }

    fn retention(before: &str) -> FieldChange {
        field("config.retention.ms", Some(before), Some("7"))
    }

    fn moved(reviewed: &Change, present: &Change) -> Vec<String> {
        match standing(reviewed, Some(present)) {
            Standing::Moved(moved) => moved.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_could_not_be_seen_is_not_forgotten() {
        let failure = Failure {
            kind: crate::ports::FailureKind::Unreachable,
            tried: "list the subjects".into(),
            server: "registry".into(),
            answer: "nothing".into(),
            hint: None,
        };
        let mut reviewed = plan_of(vec![update(vec![retention("30")])]);
        reviewed.incomplete = vec![Incomplete { address: Address::schema("*"), failure, place: None }];
        let mut present = reviewed.clone();
        assert_eq!(present.hold_to(&reviewed), Ok(0));
        assert!(!present.complete && present.incomplete == reviewed.incomplete);
    }

    #[test]
    fn what_is_as_reviewed_or_done_has_not_moved() {
        let reviewed = update(vec![retention("30"), field("partitions", Some("6"), Some("12"))]);
        assert_eq!(standing(&reviewed, Some(&reviewed)), Standing::AsReviewed);
        assert_eq!(standing(&reviewed, None), Standing::Done);
        let rest = Change { fingerprint: "other".into(), ..update(vec![retention("30")]) };
        assert_eq!(standing(&reviewed, Some(&rest)), Standing::AsReviewed);
    }

    #[test]
    fn a_value_that_somebody_changed_is_told_by_field() {
        let reviewed = update(vec![retention("30")]);
        assert_eq!(
            moved(&reviewed, &update(vec![retention("60")])),
            ["topic/a: config.retention.ms was 30 when it was reviewed and is 60 now"]
        );
        let more = update(vec![retention("30"), field("config.segment.ms", Some("5"), None)]);
        assert_eq!(
            moved(&reviewed, &more),
            ["topic/a: config.segment.ms was not set when it was reviewed and is 5 now"]
        );
        let elsewhere = update(vec![field("config.retention.ms", Some("30"), Some("8"))]);
        assert_eq!(
            moved(&reviewed, &elsewhere),
            ["topic/a: config.retention.ms (as declared) was 7 when it was reviewed and is 8 now"]
        );
    }

    #[test]
    fn another_action_or_a_higher_risk_is_no_longer_what_was_reviewed() {
        let reviewed = update(vec![retention("30")]);
        let gone = change(Address::topic("a"), Action::Create, vec![retention("30")]);
        assert_eq!(moved(&reviewed, &gone), ["topic/a: action was update when it was reviewed and is create now"]);
        let worse = Change { risk: Risk::Destructive, ..reviewed.clone() };
        assert_eq!(moved(&reviewed, &worse), ["topic/a: risk was safe when it was reviewed and is destructive now"]);
        let measured = |records: u64, members: &[&str]| {
            let group = |name: &&str| MeasuredGroup {
                name: name.parse().expect("a group"),
                state: None,
                members: vec![MeasuredMember { client_id: "c".into(), host: "h".into() }],
                lag: None,
                loses: None,
                attributed_to: Vec::new(),
            };
            let groups = members.iter().map(group).collect();
            let taken_at = crate::model::Timestamp::of_unix_millis(0);
            let (bytes, last_write, not_measured) = (None, None, Vec::new());
            let records = Some(records);
            let measured =
                Measured { taken_at, records, bytes, bytes_of_all_replicas: None, last_write, groups, not_measured };
            Change { measured: Some(measured), ..reviewed.clone() }
        };
        let standing_of = |then: &Change, now: &Change| standing(then, Some(now));
        assert_eq!(standing_of(&measured(100, &[]), &measured(110, &[])), Standing::AsReviewed);
        assert_eq!(
            moved(&measured(100, &["a"]), &measured(111, &["a", "b"])),
            [
                "topic/a: the number of records that are lost was 100 when it was reviewed and is 111 now",
                "topic/a: the groups that read it was a when it was reviewed and is a, b now"
            ]
        );
        // One without members is one too, but for a grant, which takes nothing from it now.
        let idle = |of: &Change| {
            let mut idle = of.clone();
            idle.measured.iter_mut().flat_map(|measured| &mut measured.groups).for_each(|group| group.members.clear());
            idle
        };
        assert_eq!(moved(&measured(1, &[]), &idle(&measured(1, &["a"]))).len(), 1);
        let grant = |of: &Change| Change { address: Address::grant("s", "topic/a"), ..of.clone() };
        assert_eq!(standing_of(&grant(&measured(1, &[])), &grant(&idle(&measured(1, &["a"])))), Standing::AsReviewed);
        let touched = Change { fingerprint: "other".into(), ..reviewed.clone() };
        assert_eq!(moved(&reviewed, &touched).len(), 1);
    }
}
