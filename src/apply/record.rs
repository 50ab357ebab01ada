use super::report::{Outcome, Status};
use crate::model::{Commit, Timestamp};
use crate::plan::Change;
use crate::ports::journal::{Event, EventOutcome, Phase};

/// Who applies what, as every event of an apply says it.
#[derive(Debug, Clone)]
pub struct Author {
    /// The apply.
    pub apply_id: String,
    /// The user.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The commit of the manifests.
    pub commit: Option<Commit>,
    /// The digest of the desired state that the plan was made from.
    pub plan_digest: String,
}

impl Author {
    /// That a change is about to be made.
    pub fn intent(&self, change: &Change, time: Timestamp) -> Event {
        Event {
            format_version: 1,
            apply_id: self.apply_id.clone(),
            phase: Phase::Intent,
            address: change.address.clone(),
            action: change.action,
            risk: change.risk,
            fields: change.fields.clone(),
            outcome: None,
            error: None,
            time,
            who: self.who.clone(),
            host: self.host.clone(),
            commit: self.commit.clone(),
            plan_digest: self.plan_digest.clone(),
            found_by: None,
        }
    }

    /// What became of it.
    pub fn outcome(&self, change: &Change, outcome: &Outcome, time: Timestamp) -> Event {
        Event {
            phase: Phase::Outcome,
            outcome: Some(if outcome.status == Status::Done { EventOutcome::Done } else { EventOutcome::Failed }),
            error: outcome.error.as_ref().map(ToString::to_string),
            ..self.intent(change, time)
        }
    }

    /// What became of a change of an apply that was interrupted.
    pub fn found(&self, intent: &Event, outcome: EventOutcome, time: Timestamp) -> Event {
        Event {
            phase: Phase::Outcome,
            outcome: Some(outcome),
            time,
            who: self.who.clone(),
            host: self.host.clone(),
            found_by: Some(self.apply_id.clone()),
            ..intent.clone()
        }
    }
}
