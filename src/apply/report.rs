use serde::{Deserialize, Serialize};

use super::Unthrottled;
use crate::model::Address;
use crate::plan::Action;
use crate::ports::Failure;

/// What became of each change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyReport {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The id that the brokers answered.
    pub cluster_id: String,
    /// Why it stopped before every change was tried: "interrupted" …; `None` where it did not.
    pub stopped: Option<String>,
    /// Each change of the plan, in the plan's order.
    pub outcomes: Vec<Outcome>,
    /// What of a throttle was not set, for somebody else's is there.
    pub unthrottled: Vec<Unthrottled>,
    /// The counts.
    pub summary: ApplySummary,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The resource.
    pub address: Address,
    /// What was to happen to it.
    pub action: Action,
    /// What became of it.
    pub status: Status,
    /// Why it failed; of one that is blocked, that a part of it was done.
    pub error: Option<Failure>,
    /// The change that failed and that this one needs.
    pub blocked_by: Option<Address>,
}

/// How far a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The servers accepted it.
    Done,
    /// It was so already: somebody else had done it since the plan was made.
    AlreadyDone,
    /// It was tried and refused, or it is not known whether it was done.
    Failed,
    /// It needs a change that failed, so it was not tried, or not to its end.
    Blocked,
    /// Everything stopped before it.
    NotTried,
}

/// The counts of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplySummary {
    /// Changes that are done.
    pub done: usize,
    /// Changes that somebody else had done already.
    pub already_done: usize,
    /// Changes that failed.
    pub failed: usize,
    /// Changes that need one that failed.
    pub blocked: usize,
    /// Changes that nothing was done about.
    pub not_tried: usize,
}

impl ApplySummary {
    /// Counts outcomes.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut summary = Self::default();
        for outcome in outcomes {
            *match outcome.status {
                Status::Done => &mut summary.done,
                Status::AlreadyDone => &mut summary.already_done,
                Status::Failed => &mut summary.failed,
                Status::Blocked => &mut summary.blocked,
                Status::NotTried => &mut summary.not_tried,
            } += 1;
        }
        summary
    }

    /// Each count with the word of its status.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        [
            ("done", self.done),
            ("already_done", self.already_done),
            ("failed", self.failed),
            ("blocked", self.blocked),
            ("not_tried", self.not_tried),
        ]
        .into_iter()
    }
}

impl Outcome {
    /// A change that is done.
    pub fn done(address: Address, action: Action) -> Self {
        Self { address, action, status: Status::Done, error: None, blocked_by: None }
    }

    /// A change that somebody else had done already.
    pub fn already_done(address: Address, action: Action) -> Self {
        Self { address, action, status: Status::AlreadyDone, error: None, blocked_by: None }
    }

    /// A change that failed.
    pub fn failed(address: Address, action: Action, error: Failure) -> Self {
        Self { address, action, status: Status::Failed, error: Some(error), blocked_by: None }
    }

    /// A change that needs one that failed.
    pub fn blocked(address: Address, action: Action, by: Address) -> Self {
        Self { address, action, status: Status::Blocked, error: None, blocked_by: Some(by) }
    }

    /// A change before which everything stopped.
    pub fn not_tried(address: Address, action: Action) -> Self {
        Self { address, action, status: Status::NotTried, error: None, blocked_by: None }
    }
}

impl ApplyReport {
    /// The report of these outcomes, counted.
    pub fn new(cluster: impl Into<String>, cluster_id: impl Into<String>, outcomes: Vec<Outcome>) -> Self {
        let summary = ApplySummary::of(&outcomes);
        Self {
            format_version: 1,
            cluster: cluster.into(),
            cluster_id: cluster_id.into(),
            stopped: None,
            outcomes,
            unthrottled: Vec::new(),
            summary,
        }
    }

    /// Says why not every change was tried.
    pub fn stopped(mut self, why: impl Into<String>) -> Self {
        self.stopped = Some(why.into());
        self
    }

    /// Whether every change is done.
    pub fn is_done(&self) -> bool {
        self.summary.done + self.summary.already_done == self.outcomes.len()
    }
}
