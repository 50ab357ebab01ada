use std::collections::BTreeMap;

use crate::model::Timestamp;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// How many minutes are told apart: those of a day.
const MINUTES: i64 = 24 * 60;

/// How many records came in each minute of the last day, by their timestamps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrivals(BTreeMap<i64, u64>);

impl Arrivals {
    /// Adds a record with this timestamp, in milliseconds since 1970, that was read now. Clocks differ: one of later came now.
    pub fn add(&mut self, timestamp: i64, now: Timestamp) {
        let this = now.unix_millis().div_euclid(MINUTE);
        let minute = timestamp.div_euclid(MINUTE).min(this);
        if minute > this - MINUTES {
            *self.0.entry(minute).or_default() += 1;
        }
    }

    /// How many came in the last minutes; more than a day's are not remembered.
    pub fn in_last(&self, minutes: i64, now: Timestamp) -> u64 {
        let this = now.unix_millis().div_euclid(MINUTE);
        self.0.range(this - minutes + 1..).map(|(_, count)| count).sum()
    }

    /// Forgets what is older than a day.
    pub fn forget(&mut self, now: Timestamp) {
        let this = now.unix_millis().div_euclid(MINUTE);
        self.0 = self.0.split_off(&(this - MINUTES + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::of_unix_millis(minute * MINUTE)
    }

    #[test]
    fn the_last_hour_and_the_last_day() {
        let mut arrivals = Arrivals::default();
        // The last one is of a clock that is ahead, the first one of days ago.
        for minute in [10, 8_600, 9_941, 9_999, 20_000] {
            arrivals.add(minute * MINUTE + 1, at(10_000));
        }
        assert_eq!((arrivals.in_last(60, at(10_000)), arrivals.in_last(MINUTES, at(10_000))), (3, 4));
        assert_eq!((arrivals.in_last(60, at(10_030)), arrivals.in_last(MINUTES, at(10_030))), (2, 4));
        arrivals.forget(at(10_200));
        assert_eq!(arrivals.0.len(), 3);
    }
}
