use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::{Address, AddressGlob, Risk, Timestamp};
use crate::plan::{Action, FieldChange};
use crate::ports::Failure;
use crate::ports::journal::{Event, EventStatus, Holder, Origin, Phase, Unmasked};
use crate::source::word_enum;

/// What was changed on a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// Whether older entries were left out because of a limit.
    pub limited: bool,
    /// The changes, newest last.
    pub entries: Vec<AuditEntry>,
}

impl Audit {
    /// The entries as they may be read by everybody: what looks like a secret is hidden in them.
    pub fn for_readers(&self) -> Cow<'_, Self> {
        if !self.entries.iter().flat_map(|entry| &entry.fields).any(FieldChange::is_hidden) {
            return Cow::Borrowed(self);
        }
        let mut audit = self.clone();
        audit.entries.iter_mut().flat_map(|entry| &mut entry.fields).for_each(FieldChange::hide);
        Cow::Owned(audit)
    }
}

/// A change that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The apply that it belongs to.
    pub apply_id: String,
    /// When it was begun.
    pub time: Timestamp,
    /// When it had come to its end; `None` where nobody knows.
    pub ended: Option<Timestamp>,
    /// Who.
    pub origin: Origin,
    /// The digest of the plan that was applied.
    pub plan: String,
    /// The resource.
    pub address: Address,
    /// What happened to it.
    pub action: Option<Action>,
    /// What that could cost the users of the bus.
    pub risk: Option<Risk>,
    /// The fields before and after.
    pub fields: Vec<FieldChange>,
    /// What became of it.
    pub status: AuditStatus,
    /// Why it failed.
    pub error: Option<Failure>,
    /// The later apply that found out what became of it.
    pub resolved_by: Option<String>,
    /// Records of the topic that were shown with the personal data in them. Nothing was changed then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unmasked: Option<Unmasked>,
}

word_enum! {
    /// What became of a change.
    AuditStatus, "outcome", {
        /// It was done.
        Done = "done",
        /// It was refused, or it is not known whether it was done.
        Failed = "failed",
        /// A change that it needs failed.
        Blocked = "blocked",
        /// Everything stopped before it.
        NotTried = "not_tried",
        /// A later apply found it not done.
        NotDone = "not_done",
        /// A later apply found it done in part.
        Partial = "partial",
        /// The apply was interrupted and nobody has looked since.
        Unknown = "unknown",
        /// The apply that begun it still has the lock, as far as it has said.
        UnderWay = "under_way",
    }
}

impl From<EventStatus> for AuditStatus {
    fn from(status: EventStatus) -> Self {
        match status {
            EventStatus::Done => AuditStatus::Done,
            EventStatus::Failed => AuditStatus::Failed,
            EventStatus::Blocked => AuditStatus::Blocked,
            EventStatus::NotTried => AuditStatus::NotTried,
            EventStatus::NotDone => AuditStatus::NotDone,
            EventStatus::Partial => AuditStatus::Partial,
        }
    }
}

/// Which changes are asked for. What is not set leaves nothing out.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Addresses.
    pub resource: Option<AddressGlob>,
    /// Not begun before.
    pub since: Option<Timestamp>,
    /// Not begun after.
    pub until: Option<Timestamp>,
    /// The person or the pipeline.
    pub who: Option<String>,
    /// One apply.
    pub apply: Option<String>,
    /// What became of them; none = whatever.
    pub outcomes: Vec<AuditStatus>,
}

impl AuditFilter {
    fn lets_through(&self, entry: &AuditEntry) -> bool {
        self.resource.as_ref().is_none_or(|glob| glob.matches(&entry.address))
            && self.since.is_none_or(|since| entry.time >= since)
            && self.until.is_none_or(|until| entry.time <= until)
            && self.who.as_ref().is_none_or(|who| is_by(entry, who))
            && self.apply.as_ref().is_none_or(|apply| *apply == entry.apply_id)
            && (self.outcomes.is_empty() || self.outcomes.contains(&entry.status))
    }
}

/// Whether it is this person's, by the name alone or with the host, as the list shows it.
fn is_by(entry: &AuditEntry, who: &str) -> bool {
    let Origin { who: name, host, .. } = &entry.origin;
    who.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.strip_prefix('@') == Some(host))
}

/// The changes that these events are about: an intent, its outcome and its resolution become one entry. `holder` is
/// what the lock says of its holder.
pub fn audit(
    cluster: impl Into<String>,
    events: Vec<Event>,
    holder: Option<&Holder>,
    filter: &AuditFilter,
    limit: Option<usize>,
) -> Audit {
    let mut entries: Vec<AuditEntry> = Vec::new();
    let mut index: HashMap<(String, Address), usize> = HashMap::new();
    for event in events {
        let Some(address) = event.address.clone() else { continue };
        // The intent lies before what was read, and so does the change.
        if event.phase == Phase::Resolved && !index.contains_key(&(event.apply_id.clone(), address.clone())) {
            continue;
        }
        let at = *index.entry((event.apply_id.clone(), address.clone())).or_insert_with(|| {
            entries.push(entry_of(&event, address, holder));
            entries.len() - 1
        });
        let entry = &mut entries[at];
        if let Some(status) = event.status {
            entry.status = status.into();
            entry.ended = (event.phase == Phase::Outcome).then_some(event.time);
            // Why it was not known stays of interest where it was not done.
            let kept = entry.error.take().filter(|_| entry.status != AuditStatus::Done);
            entry.error = event.error.or(kept);
            entry.resolved_by = event.resolved_by;
        }
    }
    entries.retain(|entry| filter.lets_through(entry));
    entries.sort_by_key(|entry| entry.time);
    let surplus = limit.map_or(0, |limit| entries.len().saturating_sub(limit));
    entries.drain(..surplus);
    Audit { format_version: 1, cluster: cluster.into(), limited: surplus > 0, entries }
}

fn entry_of(event: &Event, address: Address, holder: Option<&Holder>) -> AuditEntry {
    let is_under_way = holder.is_some_and(|holder| holder.apply_id == event.apply_id);
    AuditEntry {
        apply_id: event.apply_id.clone(),
        time: event.time,
        ended: None,
        origin: event.origin.clone(),
        plan: event.plan.clone(),
        address,
        action: event.action,
        risk: event.risk,
        fields: event.fields.clone(),
        status: if is_under_way { AuditStatus::UnderWay } else { AuditStatus::Unknown },
        error: None,
        resolved_by: None,
        unmasked: event.unmasked.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::FailureKind;
    use crate::ports::journal::FORMAT_VERSION;

    fn origin(who: &str) -> Origin {
        Origin { who: who.into(), host: "ci-7".into(), pid: 42, commit: None, dirty: false }
    }

    fn intent(apply: &str, topic: &str, second: i64) -> Event {
        let time = Timestamp::of_unix_millis(second * 1_000);
        let began = Event::of_apply(apply, Phase::Began, time, origin(apply), "digest");
        Event { phase: Phase::Intent, address: Some(Address::topic(topic)), action: Some(Action::Update), ..began }
    }

    fn events() -> Vec<Event> {
        let [a, b, c, d] = [intent("ada", "a", 1), intent("ada", "b", 2), intent("bob", "a", 3), intent("eve", "c", 4)];
        let later = |second: i64| Timestamp::of_unix_millis(second * 1_000);
        let resolved = b.resolved(EventStatus::NotDone, &c, later(3));
        let outcome = a.outcome(EventStatus::Done, None, later(5));
        vec![Event { address: None, phase: Phase::Began, ..a.clone() }, a, outcome, b, resolved, c, d]
    }

    fn listed(filter: &AuditFilter, limit: Option<usize>) -> Vec<String> {
        let eve = Holder {
            format_version: FORMAT_VERSION,
            apply_id: "eve".into(),
            origin: origin("eve"),
            since: Timestamp::of_unix_millis(0),
        };
        let audit = audit("dev", events(), Some(&eve), filter, limit);
        audit.entries.iter().map(|e| format!("{} {} {}", e.apply_id, e.address, e.status.as_str())).collect()
    }

    #[test]
    fn an_intent_and_what_became_of_it_are_one_entry() {
        let all = ["ada topic/a done", "ada topic/b not_done", "bob topic/a unknown", "eve topic/c under_way"];
        assert_eq!(listed(&AuditFilter::default(), None), all);
        assert_eq!(listed(&AuditFilter::default(), Some(2)), all[2..]);
    }

    #[test]
    fn what_failed_and_was_found_done_later_is_done() {
        let failure = |kind| Failure { kind, tried: "".into(), server: "".into(), answer: "".into(), hint: None };
        let later = Timestamp::of_unix_millis(9_000);
        let intents = ["a", "b", "c"].map(|topic| intent("ada", topic, 1));
        let outcome = |intent: &Event, kind| intent.outcome(EventStatus::Failed, Some(failure(kind)), later);
        let [a, b, c] = &intents;
        let mut events = intents.to_vec();
        events.extend([
            outcome(a, FailureKind::Timeout),
            outcome(b, FailureKind::Unreachable),
            outcome(c, FailureKind::Refused),
        ]);
        let open = Event::open_intents(events.clone());
        assert_eq!(open, [a.clone(), b.clone()]);
        events.extend([a.resolved(EventStatus::Done, b, later), b.resolved(EventStatus::NotDone, b, later)]);
        assert_eq!(Event::open_intents(events.clone()), []);
        let audit = audit("dev", events, None, &AuditFilter::default(), None);
        let told = |entry: &AuditEntry| (entry.status.as_str(), entry.error.as_ref().map(|error| error.kind));
        assert_eq!(
            audit.entries.iter().map(told).collect::<Vec<_>>(),
            [("done", None), ("not_done", Some(FailureKind::Unreachable)), ("failed", Some(FailureKind::Refused))]
        );
    }

    #[test]
    fn each_filter_leaves_out_what_it_does_not_mean() {
        let at = |second: i64| Some(Timestamp::of_unix_millis(second * 1_000));
        let none = AuditFilter::default;
        assert_eq!(listed(&AuditFilter { resource: "topic/a".parse().ok(), ..none() }, None).len(), 2);
        assert_eq!(listed(&AuditFilter { since: at(2), until: at(3), ..none() }, None).len(), 2);
        assert_eq!(listed(&AuditFilter { who: Some("ada".into()), ..none() }, None).len(), 2);
        assert_eq!(listed(&AuditFilter { who: Some("ada@ci-7".into()), ..none() }, None).len(), 2);
        assert_eq!(listed(&AuditFilter { who: Some("ada@ci-8".into()), ..none() }, None).len(), 0);
        assert_eq!(listed(&AuditFilter { apply: Some("bob".into()), ..none() }, None).len(), 1);
        assert_eq!(listed(&AuditFilter { outcomes: vec![AuditStatus::Unknown], ..none() }, None).len(), 1);
    }
}
