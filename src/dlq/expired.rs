use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use super::Settled;
use crate::ports::records::Stretch;

/// What runs have seen of a partition of a queue, from its first offset on. Some offsets are no records: the ends of transactions,
/// what belongs to transactions that were given up, what compaction removed. When retention has removed a part, nobody can tell
/// any more how many records there were, so it is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Up to which offset it speaks.
    pub to: i64,
    /// How many records were below it.
    pub records: u64,
    /// Of how many offsets below it nothing is known: they were gone before anybody looked.
    pub unseen: u64,
}

impl Seen {
    /// Goes on with a log that starts at this offset now.
    pub fn go_on(&mut self, start: i64) {
        self.unseen += offsets(self.to, start);
        self.to = self.to.max(start);
    }

    /// Adds a record. What was seen before is not counted again.
    pub fn add(&mut self, offset: i64) {
        if offset >= self.to {
            self.records += 1;
            self.to = offset + 1;
        }
    }
}

fn offsets(from: i64, to: i64) -> u64 {
    u64::try_from(to - from).unwrap_or(0)
}

/// How many dead letters left a queue before anybody decided what becomes of them: by retention, or because somebody deleted
/// records. Where both numbers are the same, it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Expired {
    /// At least so many.
    pub at_least: u64,
    /// At most so many.
    pub at_most: u64,
}

impl Expired {
    /// Those of a partition whose log starts at this offset now.
    pub fn of(partition: i32, start: i64, settled: &Settled, seen: Option<&Seen>) -> Self {
        let seen = seen.copied().unwrap_or_default();
        let settled = settled.count(partition, 0, start);
        // Of those that were seen, some may still be there, and some may be gone since without having been seen.
        let (there, since) = (offsets(start, seen.to), offsets(seen.to, start));
        let gaps = offsets(0, seen.to).saturating_sub(seen.records + seen.unseen);
        let all = offsets(0, start);
        let most = all.saturating_sub(gaps.saturating_sub(there)).min(seen.records + seen.unseen + since);
        let least = seen.records.saturating_sub(there);
        Self { at_least: least.saturating_sub(settled), at_most: most.saturating_sub(settled) }
    }

    /// Those of a queue with these partitions.
    pub fn of_all(stretches: &[Stretch], settled: &Settled, seen: &BTreeMap<i32, Seen>) -> Self {
        let of = |stretch: &Stretch| Self::of(stretch.partition, stretch.from, settled, seen.get(&stretch.partition));
        stretches.iter().map(of).sum()
    }
}

impl Add for Expired {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { at_least: self.at_least + other.at_least, at_most: self.at_most + other.at_most }
    }
}

impl Sum for Expired {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expired(start: i64, settled: &[i64], seen: Option<Seen>) -> (u64, u64) {
        let mut of = Settled::default();
        for offset in settled {
            of.insert(0, *offset);
        }
        let Expired { at_least, at_most } = Expired::of(0, start, &of, seen.as_ref());
        (at_least, at_most)
    }

    #[test]
    fn what_nobody_saw_is_at_most_its_offsets() {
        assert_eq!(expired(0, &[], None), (0, 0));
        assert_eq!(expired(100, &[3, 4, 120], None), (0, 98));
    }

    #[test]
    fn what_was_seen_is_exact_where_every_offset_is_a_record() {
        let seen = Seen { to: 100, records: 100, unseen: 0 };
        assert_eq!(expired(40, &[3, 4, 90], Some(seen)), (38, 38));
        assert_eq!(expired(100, &[3], Some(seen)), (99, 99));
        assert_eq!(expired(110, &[3], Some(seen)), (99, 109));
    }

    proptest! {
        /// Whatever is a record, and whenever somebody looks: the truth lies between.
        #[test]
        fn the_truth_lies_between(
            records in proptest::collection::vec(any::<bool>(), 1..60),
            settled in proptest::collection::vec(any::<proptest::sample::Index>(), 0..20),
            looks in proptest::collection::vec((0_usize..60, 0_usize..60), 0..4),
            last in 0_usize..60,
        ) {
            let length = records.len();
            let mut of = Settled::default();
            for index in settled {
                let offset = index.index(length);
                if records[offset] {
                    of.insert(0, offset as i64);
                }
            }
            let (mut seen, mut start, mut end) = (None::<Seen>, 0, 0);
            for (from, to) in looks {
                // Logs only grow at their end and only lose their beginning.
                start = start.max(from.min(length));
                end = end.max(to.min(length)).max(start);
                let seen = seen.get_or_insert_default();
                seen.go_on(start as i64);
                for offset in (start..end).filter(|offset| records[*offset]) {
                    seen.add(offset as i64);
                }
            }
            let start = start.max(last.min(length));
            let truth = (0..start).filter(|offset| records[*offset] && !of.contains(0, *offset as i64)).count() as u64;
            let Expired { at_least, at_most } = Expired::of(0, start as i64, &of, seen.as_ref());
            prop_assert!((at_least..=at_most).contains(&truth), "{at_least} {truth} {at_most} {seen:?} {start}");
        }
    }
}
