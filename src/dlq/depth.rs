use std::collections::BTreeSet;

use serde::Serialize;

use super::{Convention, Excess, Expired, Ledger, Queue, State};
use crate::model::Timestamp;
use crate::ports::records::Stretch;

/// How full a queue is, by its offsets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Depth {
    /// The dead-letter topic.
    pub topic: String,
    /// The topic that its records come from.
    pub origin: Option<String>,
    /// The service that could not process them.
    pub service: Option<String>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Whether it is there and may be seen; else why not.
    pub unseen: Option<String>,
    /// How many records wait: at most, for some offsets are no records.
    pub waiting: u64,
    /// The timestamp of the first one that waits.
    pub oldest: Option<Timestamp>,
    /// How many came in the last hour, at most.
    pub last_hour: u64,
    /// How many of those that are there were settled.
    pub settled: u64,
    /// How many were removed before anybody decided what becomes of them.
    pub expired: Expired,
    /// Whether a manifest declares it, or `dlq` of a consumer asks for it.
    pub declared: bool,
    /// How many came in the last day, at most.
    pub last_day: u64,
    /// How many records its origin got in the last day, at most, where that can be seen.
    pub origin_last_day: Option<u64>,
    /// Whose headers the oldest and the newest records of its partitions have.
    pub conventions: BTreeSet<Convention>,
    /// How it is beside what its consumer says is too much.
    pub state: State,
    /// What of it is too much.
    pub over: Vec<Excess>,
}

impl Depth {
    /// That of a queue of which nothing is known.
    pub fn unseen(queue: &Queue, why: impl ToString) -> Self {
        Self { unseen: Some(why.to_string()), ..Self::empty(queue) }
    }

    fn empty(queue: &Queue) -> Self {
        Self {
            topic: queue.topic.to_string(),
            origin: queue.origin.as_ref().map(ToString::to_string),
            service: queue.service.as_ref().map(ToString::to_string),
            owner: queue.owner.clone(),
            unseen: None,
            waiting: 0,
            oldest: None,
            last_hour: 0,
            settled: 0,
            expired: Expired::default(),
            declared: queue.is_declared,
            last_day: 0,
            origin_last_day: None,
            conventions: BTreeSet::new(),
            state: State::default(),
            over: Vec::new(),
        }
    }

    /// That of a queue with these partitions, each with the offset of its first record of the last hour.
    pub fn of(queue: &Queue, ends: &[(Stretch, Option<i64>)], ledger: &Ledger) -> Self {
        let mut depth = Self::empty(queue);
        for (stretch, since) in ends {
            let count = |from: i64| u64::try_from(stretch.to - from).unwrap_or(0);
            let done = ledger.settled.count(stretch.partition, stretch.from, stretch.to);
            depth.settled += done;
            depth.waiting += count(stretch.from).saturating_sub(done);
            depth.last_hour += since.map_or(0, count);
        }
        let stretches: Vec<Stretch> = ends.iter().map(|(stretch, _)| *stretch).collect();
        depth.expired = Expired::of_all(&stretches, &ledger.settled, &ledger.seen);
        depth
    }
}
