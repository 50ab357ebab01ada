use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};

use super::{FORMAT_VERSION, SetThrottle};
use crate::model::{Address, Risk, Timestamp, TopicName};
use crate::plan::{Action, Change, FieldChange};
use crate::ports::Failure;
use crate::source::word_enum;

/// Who applies, from where and from which commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The person, or the pipeline's name for itself.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process there.
    pub pid: u32,
    /// The commit of the workspace, where it is in Git.
    pub commit: Option<String>,
    /// Whether the workspace had changes that were not committed.
    pub dirty: bool,
}

word_enum! {
    /// Which moment of an apply an event is about.
    Phase, "a moment of an apply", {
        /// The apply as a whole begins.
        Began = "began",
        /// A change is about to be sent.
        Intent = "intent",
        /// A change has come to its end.
        Outcome = "outcome",
        /// A later apply has found out what became of an intent without an outcome.
        Resolved = "resolved",
        /// The apply as a whole has ended.
        Ended = "ended",
    }
}

/// How far a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// The servers accepted it; or, when resolved, it was found done.
    Done,
    /// It was tried and refused, or it is not known whether it was done.
    Failed,
    /// It needs a change that failed, so it was not tried, or not to its end.
    Blocked,
    /// Everything stopped before it.
    NotTried,
    /// When resolved: it was found not done.
    NotDone,
    /// When resolved: it was found done in part.
    Partial,
}

/// One record of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The version of this record: 1.
    pub format_version: u32,
    /// The apply that the event belongs to; of a resolution, the apply that was interrupted.
    pub apply_id: String,
    /// Which moment of it.
    pub phase: Phase,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub origin: Origin,
    /// The digest of the plan that is applied.
    pub plan: String,
    /// The resource; `None` for the apply as a whole.
    pub address: Option<Address>,
    /// What happens to the resource.
    pub action: Option<Action>,
    /// What that may cost the users of the bus.
    pub risk: Option<Risk>,
    /// The fields before and after. An outcome does not repeat those of its intent.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fields: Vec<FieldChange>,
    /// How far it came; in an outcome and a resolution.
    pub status: Option<EventStatus>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// The number of changes by how far they came, when the apply has ended; by [`Self::PLANNED`], when it begins.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub counts: BTreeMap<String, usize>,
    /// What is set to hold moves of replicas back, in an intent: the next apply takes it away where this one cannot.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub throttles: Vec<SetThrottle>,
    /// The apply that found out, in a resolution.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resolved_by: Option<String>,
    /// Records of the topic that were shown with the personal data in them. Nothing was changed then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unmasked: Option<Unmasked>,
}

/// Records that were shown with the personal data in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmasked {
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// Which records: `PARTITION/OFFSET` or `PARTITION/FIRST..LAST`.
    pub records: Vec<String>,
    /// How many.
    pub count: u64,
    /// The options that chose them.
    pub filter: Vec<String>,
    /// Why, where it was said.
    pub reason: Option<String>,
}

impl Event {
    /// The count of an apply that begins.
    pub const PLANNED: &str = "planned";

    /// An event of an apply as a whole.
    pub fn of_apply(
        apply_id: impl Into<String>,
        phase: Phase,
        time: Timestamp,
        origin: Origin,
        plan: impl Into<String>,
    ) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            apply_id: apply_id.into(),
            phase,
            time,
            origin,
            plan: plan.into(),
            address: None,
            action: None,
            risk: None,
            fields: Vec::new(),
            status: None,
            error: None,
            counts: BTreeMap::new(),
            throttles: Vec::new(),
            resolved_by: None,
            unmasked: None,
        }
    }

    /// That records of a topic are shown with the personal data in them. Older versions read it as a change that changes nothing.
    pub fn of_unmasking(
        id: impl Into<String>,
        time: Timestamp,
        origin: Origin,
        topic: &TopicName,
        of: Unmasked,
    ) -> Self {
        Self {
            address: Some(Address::topic(topic)),
            status: Some(EventStatus::Done),
            unmasked: Some(of),
            ..Self::of_apply(id, Phase::Outcome, time, origin, "")
        }
    }

    /// The intent of a change, in the apply that `self` is an event of.
    pub fn intent(&self, change: &Change, time: Timestamp) -> Self {
        Self {
            address: Some(change.address.clone()),
            action: Some(change.action),
            risk: Some(change.risk),
            fields: hidden(&change.fields),
            ..Self::of_apply(&self.apply_id, Phase::Intent, time, self.origin.clone(), &self.plan)
        }
    }

    /// What became of the intent that `self` is.
    pub fn outcome(&self, status: EventStatus, error: Option<Failure>, time: Timestamp) -> Self {
        let (fields, throttles) = (Vec::new(), Vec::new());
        Self { phase: Phase::Outcome, time, status: Some(status), error, fields, throttles, ..self.clone() }
    }

    /// What a later apply found of the intent that `self` is.
    pub fn resolved(&self, status: EventStatus, by: &Event, time: Timestamp) -> Self {
        Self {
            phase: Phase::Resolved,
            time,
            origin: by.origin.clone(),
            status: Some(status),
            fields: Vec::new(),
            throttles: Vec::new(),
            resolved_by: Some(by.apply_id.clone()),
            ..self.clone()
        }
    }

    /// The record's key, which no other event has: compaction keeps the newest record of each key, and so keeps all.
    pub fn key(&self) -> String {
        let (apply, phase) = (&self.apply_id, self.phase.as_str());
        match &self.address {
            Some(address) => format!("{address}/{apply}/{phase}"),
            None => format!("apply/{apply}/{phase}"),
        }
    }

    /// Whether it says the end of its intent. A failure of which nobody knows whether the server did what it was asked
    /// for does not.
    pub fn closes(&self) -> bool {
        match self.phase {
            Phase::Outcome => !self.error.as_ref().is_some_and(|failure| failure.kind.may_be_done()),
            Phase::Resolved => true,
            Phase::Began | Phase::Intent | Phase::Ended => false,
        }
    }

    /// Whether it is of a change that moves replicas.
    pub fn moves_replicas(&self) -> bool {
        self.fields.iter().any(|field| field.field.starts_with("replicas."))
    }

    /// The intents among these that nothing says the end of, in their order. One that was written again counts as it was
    /// written last.
    pub fn open_intents(events: Vec<Event>) -> Vec<Event> {
        let closed: std::collections::HashSet<(String, Option<Address>)> = events
            .iter()
            .filter(|event| event.closes())
            .map(|event| (event.apply_id.clone(), event.address.clone()))
            .collect();
        let is_open = |event: &Event| {
            event.phase == Phase::Intent && !closed.contains(&(event.apply_id.clone(), event.address.clone()))
        };
        let mut open: Vec<Event> = Vec::new();
        let mut known: std::collections::HashMap<(String, Option<Address>), usize> = Default::default();
        for event in events.into_iter().filter(is_open) {
            match known.entry((event.apply_id.clone(), event.address.clone())) {
                Entry::Occupied(at) => open[*at.get()] = event,
                Entry::Vacant(at) => {
                    at.insert(open.len());
                    open.push(event);
                }
            }
        }
        open
    }
}

/// Fields without what looks like a secret, which is on nobody's record.
fn hidden(fields: &[FieldChange]) -> Vec<FieldChange> {
    let mut fields = fields.to_vec();
    fields.iter_mut().for_each(FieldChange::hide);
    fields
}

/// Events as JSON lines: one document a line, in the form in which they are recorded.
pub fn json_lines(events: &[Event]) -> String {
    let line = |event: &Event| match serde_json::to_string(event) {
        Ok(line) => line + "\n",
        Err(error) => format!("{{\"error\": \"the event cannot be written as JSON: {error}\"}}\n"),
    };
    events.iter().map(line).collect()
}
