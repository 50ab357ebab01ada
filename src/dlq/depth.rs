use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde::Serialize;

use super::{Convention, Excess, Expired, Ledger, Queue, Settled, State};
use crate::model::{Timestamp, TopicName};
use crate::ports::Failure;
use crate::ports::records::{RecordSource, Stretch};

/// A partition of a queue, and where the records of late begin in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionEnds {
    /// The whole of it.
    pub stretch: Stretch,
    /// The offset of its first record of the last hour; none where it has none.
    pub last_hour: Option<i64>,
    /// The same of the last day.
    pub last_day: Option<i64>,
}

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
    /// How many records wait: at most where offsets that are no records stand among many that were not read.
    pub waiting: u64,
    /// The timestamp of the first one that waits.
    pub oldest: Option<Timestamp>,
    /// How many came in the last hour: at most where offsets that are no records stand among many that were not read.
    pub last_hour: u64,
    /// How many of those that are there were settled.
    pub settled: u64,
    /// How many were removed before anybody decided what becomes of them.
    pub expired: Expired,
    /// Whether a manifest declares it, or `dlq` of a consumer asks for it.
    pub declared: bool,
    /// How many came in the last day; the same holds of it.
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

    /// That of a queue with these partitions. What was counted of one stands in place of what its offsets say.
    pub fn of(queue: &Queue, ends: &[PartitionEnds], ledger: &Ledger, counted: &BTreeMap<i32, Counted>) -> Self {
        let mut depth = Self::empty(queue);
        for PartitionEnds { stretch, last_hour, last_day } in ends {
            if let Some(counted) = counted.get(&stretch.partition) {
                depth.settled += ledger.settled.count(stretch.partition, stretch.from, stretch.to);
                depth.waiting += counted.waiting;
                depth.last_hour += counted.last_hour;
                depth.last_day += counted.last_day;
                continue;
            }
            let count = |from: i64| u64::try_from(stretch.to - from).unwrap_or(0);
            let done = ledger.settled.count(stretch.partition, stretch.from, stretch.to);
            depth.settled += done;
            depth.waiting += count(stretch.from).saturating_sub(done);
            depth.last_hour += last_hour.map_or(0, count);
            depth.last_day += last_day.map_or(0, count);
        }
        let stretches: Vec<Stretch> = ends.iter().map(|ends| ends.stretch).collect();
        depth.expired = Expired::of_all(&stretches, &ledger.settled, &ledger.seen);
        depth
    }
}

/// What was counted of a partition by reading what is not known to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// How many records wait.
    pub waiting: u64,
    /// How many came in the last hour.
    pub last_hour: u64,
    /// How many came in the last day.
    pub last_day: u64,
    /// The first timestamp of one that waits, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

impl Counted {
    /// Counts partitions by reading: of each is said from where on, before which everything is settled.
    ///
    /// # Errors
    /// Fails where these cannot be read to their ends.
    pub fn read(
        source: &impl RecordSource,
        topic: &TopicName,
        rests: &[PartitionEnds],
        settled: &Settled,
    ) -> Result<BTreeMap<i32, Self>, Failure> {
        let since: BTreeMap<i32, [Option<i64>; 2]> =
            rests.iter().map(|rest| (rest.stretch.partition, [rest.last_hour, rest.last_day])).collect();
        let begun = |rest: &PartitionEnds| {
            let Stretch { partition, from, .. } = rest.stretch;
            let before = |since: Option<i64>| since.map_or(0, |since| settled.count(partition, since, from));
            let [last_hour, last_day] = [rest.last_hour, rest.last_day].map(before);
            (partition, Self { last_hour, last_day, ..Self::default() })
        };
        let mut all: BTreeMap<i32, Self> = rests.iter().map(begun).collect();
        let stretches: Vec<Stretch> = rests.iter().map(|rest| rest.stretch).collect();
        source.scan(topic, &stretches, &mut |record| {
            let counted = all.entry(record.partition).or_default();
            let [hour, day] = since.get(&record.partition).copied().unwrap_or_default();
            let is_since = |since: Option<i64>| since.is_some_and(|since| record.offset >= since);
            counted.last_hour += u64::from(is_since(hour));
            counted.last_day += u64::from(is_since(day));
            if !settled.contains(record.partition, record.offset) {
                counted.waiting += 1;
                counted.oldest = counted.oldest.into_iter().chain(record.timestamp).min();
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::records::Record;

    /// Records at these offsets of partition 0; what stands between is the end of a transaction.
    struct Log(Vec<i64>);

    impl RecordSource for Log {
        fn partitions(&self, _: &TopicName) -> Result<Vec<Stretch>, Failure> {
            Ok(Vec::new())
        }

        fn scan(
            &self,
            _: &TopicName,
            stretches: &[Stretch],
            each: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Failure>,
        ) -> Result<(), Failure> {
            for stretch in stretches {
                for offset in self.0.iter().filter(|offset| (stretch.from..stretch.to).contains(offset)) {
                    let timestamp = Some(1_000 + offset);
                    let _ = each(&Record {
                        partition: 0,
                        offset: *offset,
                        timestamp,
                        key: None,
                        value: None,
                        headers: &[],
                    })?;
                }
            }
            Ok(())
        }
    }

    fn of(settled: &[i64], from: i64, last_hour: Option<i64>, last_day: Option<i64>) -> Depth {
        let topic: TopicName = "a.v1.b.dlq".parse().expect("a name");
        let queue = Queue { topic, origin: None, service: None, owner: None, thresholds: None, is_declared: true };
        let mut ledger = Ledger::default();
        for offset in settled {
            ledger.settled.insert(0, *offset);
        }
        let ends = |from| PartitionEnds { stretch: Stretch { partition: 0, from, to: 8 }, last_hour, last_day };
        let log = Log(vec![0, 1, 2, 4, 5, 6]);
        let counted = Counted::read(&log, &queue.topic, &[ends(from)], &ledger.settled).expect("it is read");
        let oldest = counted[&0].oldest.map(Timestamp::of_unix_millis);
        Depth { oldest, ..Depth::of(&queue, &[ends(0)], &ledger, &counted) }
    }

    #[test]
    fn ends_of_transactions_do_not_wait() {
        let none = of(&[0, 1, 2, 4, 5, 6], 3, Some(1), Some(0));
        assert_eq!((none.waiting, none.settled, none.oldest), (0, 6, None));
        assert_eq!((none.last_hour, none.last_day), (5, 6));
        let some = of(&[0, 1, 4], 2, None, Some(4));
        let first = Some(Timestamp::of_unix_millis(1_002));
        assert_eq!((some.waiting, some.settled, some.oldest), (3, 3, first));
        assert_eq!((some.last_hour, some.last_day), (0, 3));
    }
}
