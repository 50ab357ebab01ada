use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Reasons, Refusal};
use crate::dlq::Unjudged;
use crate::model::TopicName;

/// How many dead letters are sent, and how fast.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// At most so many.
    pub max: Option<u64>,
    /// At most so many a second.
    pub rate: Option<f64>,
    /// So many first; the others where it is well with these.
    pub canary: Option<u64>,
}

/// Why a run stopped before the end of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It has sent as many as it was to.
    Max,
    /// Somebody wanted it to.
    Interrupted,
    /// Of the first ones, some came back.
    CanaryFailed,
    /// The first ones were not read in time.
    CanaryUnread,
    /// It could not be seen how it goes with the first ones.
    CanaryUnseen,
    /// Too many of what it sent came back.
    FailedAgain,
}

/// What became of the dead letters that a run met. What a transaction holds that was not committed is not counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Done {
    /// How many were looked at.
    pub records: u64,
    /// How many had met their fate before.
    pub settled: u64,
    /// How many are not meant.
    pub left_out: u64,
    /// How many were sent to each topic; in a dry run, would be.
    pub sent: BTreeMap<TopicName, u64>,
    /// How many were parked.
    pub parked: u64,
    /// How many were given up.
    pub discarded: u64,
    /// How many stay, and why.
    pub stay: BTreeMap<Refusal, u64>,
    /// How many there are of each reason for which they failed, of those that were sent or parked.
    pub reasons: Reasons,
    /// Of which records the filter's expression had no answer.
    pub unjudged: Unjudged,
    /// Why it stopped early.
    pub stopped: Option<Stop>,
}

impl Done {
    /// How many were sent.
    pub fn total_sent(&self) -> u64 {
        self.sent.values().sum()
    }

    /// How many were settled, in whatever way.
    pub fn total(&self) -> u64 {
        self.total_sent() + self.parked + self.discarded
    }
}

/// Who is told how a run goes.
pub trait Progress {
    /// So many more were looked at.
    fn records(&mut self, more: u64);

    /// Everything up to here is settled for good. Says whether to go on.
    fn committed(&mut self, so_far: &Done) -> ControlFlow<Stop>;

    /// The first ones are settled for good. Waits until it is known how it goes with them, and says whether to go on.
    fn canary(&mut self, _so_far: &Done) -> ControlFlow<Stop> {
        ControlFlow::Continue(())
    }
}
