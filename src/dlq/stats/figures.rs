use serde::Serialize;

use super::{Account, Contents, Pile, ThresholdFigures, Waits};
use crate::dlq::{Expired, Fate, Queue};
use crate::model::Timestamp;
use crate::ports::records::Stretch;

/// The figures of a queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The dead-letter topic.
    pub topic: String,
    /// The topic that its records come from.
    pub origin: Option<String>,
    /// The service that could not process them.
    pub service: Option<String>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Why nothing is known of it; none where it is.
    pub unseen: Option<String>,
    /// How much is too much.
    pub thresholds: ThresholdFigures,
    /// How many records wait.
    pub depth: u64,
    /// The timestamp of the first one that waits.
    pub oldest: Option<Timestamp>,
    /// How many seconds ago that was.
    pub oldest_age_seconds: Option<u64>,
    /// How many offsets were written since the topic was created: its records, and what takes an offset besides.
    pub written: u64,
    /// How many records came in the last hour, by their timestamps.
    pub last_hour: u64,
    /// How many came in the last day.
    pub last_day: u64,
    /// How many records came to the origin in the last day, at most; none where it is not known.
    pub origin_last_day: Option<u64>,
    /// How many of the origin's records of the last day became dead letters: 0 to 1.
    pub ratio: Option<f64>,
    /// How many were sent again.
    pub redriven: u64,
    /// How many were parked.
    pub parked: u64,
    /// How many were given up.
    pub discarded: u64,
    /// How many of those were put back.
    pub restored: u64,
    /// How many were removed before anybody decided what becomes of them.
    pub expired: Expired,
    /// How many records came back after they had been sent again.
    pub returned: u64,
    /// The share of what was sent again that came back; none where nothing was.
    pub return_ratio: Option<f64>,
    /// The share of what was sent again that did not come back.
    pub redrive_success_ratio: Option<f64>,
    /// How long they waited until it was decided what becomes of them.
    pub time_to_triage: Option<TimeToTriage>,
    /// Why those that wait failed: the most frequent reasons.
    pub groups: Vec<Pile>,
    /// How many wait that failed for others.
    pub other_groups: u64,
    /// The same as `time_to_triage`, in full.
    #[serde(skip)]
    pub waits: Waits,
}

/// How long dead letters waited until it was decided what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TimeToTriage {
    /// How many there are.
    pub records: u64,
    /// Half of them waited no longer, in seconds.
    pub median_seconds: u64,
    /// Nineteen of twenty waited no longer.
    pub p95_seconds: u64,
}

/// What a queue is like now, beside what was read of it.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// Its partitions.
    pub stretches: &'a [Stretch],
    /// The timestamp of the first record that waits.
    pub oldest: Option<Timestamp>,
    /// How many records came to its origin in the last day, at most.
    pub origin_last_day: Option<u64>,
    /// The moment.
    pub time: Timestamp,
    /// How many reasons are told apart.
    pub top: usize,
}

impl Figures {
    /// Those of a queue of which nothing is known.
    pub fn unseen(queue: &Queue, why: impl ToString) -> Self {
        Self {
            topic: queue.topic.to_string(),
            origin: queue.origin.as_ref().map(ToString::to_string),
            service: queue.service.as_ref().map(ToString::to_string),
            owner: queue.owner.clone(),
            unseen: Some(why.to_string()),
            thresholds: queue.thresholds.as_ref().map(ThresholdFigures::of).unwrap_or_default(),
            depth: 0,
            oldest: None,
            oldest_age_seconds: None,
            written: 0,
            last_hour: 0,
            last_day: 0,
            origin_last_day: None,
            ratio: None,
            redriven: 0,
            parked: 0,
            discarded: 0,
            restored: 0,
            expired: Expired::default(),
            returned: 0,
            return_ratio: None,
            redrive_success_ratio: None,
            time_to_triage: None,
            groups: Vec::new(),
            other_groups: 0,
            waits: Waits::default(),
        }
    }

    /// Those of a queue.
    pub fn of(queue: &Queue, contents: &Contents, account: &Account, now: &Now<'_>) -> Self {
        let count = |fate: &str| account.counts.get(fate).copied().unwrap_or(0);
        let [redriven, parked, discarded, restored] =
            ["redriven", "parked", "discarded", Fate::Restored.as_str()].map(count);
        let last_day = contents.arrivals().in_last(24 * 60, now.time);
        let share = |part: u64, whole: u64| (whole > 0).then(|| (part as f64 / whole as f64).min(1.0));
        let returned = contents.returned() + account.returned;
        let return_ratio = share(returned, redriven);
        let oldest = now.oldest.filter(|_| contents.waiting() > 0);
        let (groups, other_groups) = contents.largest(now.top);
        let seconds = |share: f64| account.waits.quantile(share).unwrap_or(0);
        Self {
            unseen: None,
            depth: contents.waiting(),
            oldest,
            oldest_age_seconds: oldest.map(|oldest| u64::try_from(now.time.since(oldest) / 1_000).unwrap_or(0)),
            written: now.stretches.iter().map(|stretch| u64::try_from(stretch.to).unwrap_or(0)).sum(),
            last_hour: contents.arrivals().in_last(60, now.time),
            last_day,
            origin_last_day: now.origin_last_day,
            ratio: now.origin_last_day.and_then(|origin| share(last_day, origin)),
            redriven,
            parked,
            discarded,
            restored,
            expired: Expired::of_all(now.stretches, &account.ledger.settled, &account.ledger.seen),
            returned,
            return_ratio,
            redrive_success_ratio: return_ratio.map(|ratio| 1.0 - ratio),
            time_to_triage: (account.waits.count() > 0).then(|| TimeToTriage {
                records: account.waits.count(),
                median_seconds: seconds(0.5),
                p95_seconds: seconds(0.95),
            }),
            groups,
            other_groups,
            waits: account.waits.clone(),
            ..Self::unseen(queue, "")
        }
    }
}
