use super::report::{Outcome, Status};
use crate::model::Timestamp;
use crate::plan::Change;
use crate::ports::journal::{Event, EventStatus};

/// How an outcome is recorded; nothing where somebody else had done it before.
pub(super) fn outcome_of(apply: &Event, change: &Change, outcome: &Outcome, time: Timestamp) -> Option<Event> {
    let status = match outcome.status {
        Status::Done => EventStatus::Done,
        Status::Failed => EventStatus::Failed,
        Status::Blocked => EventStatus::Blocked,
        Status::NotTried => EventStatus::NotTried,
        Status::AlreadyDone => return None,
    };
    Some(apply.intent(change, time).outcome(status, outcome.error.clone(), time))
}
