use serde::Serialize;

use super::Depth;
use crate::model::Timestamp;
use crate::resources::topic::Thresholds;

/// How a queue is, beside what its consumer says is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing says what is too much.
    #[default]
    Unlimited,
    /// Nothing is too much.
    Ok,
    /// Something is.
    Over,
}

/// What of a queue is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excess {
    /// More wait than may (`max_depth`).
    Depth,
    /// The oldest waits for longer than it may (`max_age`).
    Age,
    /// They arrive more often than they may (`max_rate`).
    Rate,
    /// More of what the topic carries fails than may (`max_ratio`).
    Ratio,
}

impl Excess {
    /// The word by which it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Age => "age",
            Self::Rate => "rate",
            Self::Ratio => "ratio",
        }
    }
}

impl Depth {
    /// How much of what the origin carried in the last day failed; none where that is not known or is nothing.
    pub fn ratio(&self) -> Option<f64> {
        let carried = self.origin_last_day.filter(|carried| *carried > 0)?;
        Some(self.last_day as f64 / carried as f64)
    }

    /// Judges it by what is too much. How often they arrive is counted over an hour, or over a day where the most is said for
    /// one.
    pub fn judge(&mut self, most: Option<&Thresholds>, now: Timestamp) {
        let Some(most) = most.filter(|most| **most != Thresholds::default()) else { return };
        let age = self.oldest.map(|oldest| now.since(oldest));
        let rate = |per_day: bool| match per_day {
            true => self.last_day as f64 / 86_400.0,
            false => self.last_hour as f64 / 3_600.0,
        };
        let judged = [
            (Excess::Depth, most.depth.is_some_and(|most| self.waiting > u64::from(most.value))),
            (Excess::Age, most.age.zip(age).is_some_and(|(most, age)| age > most.value.0)),
            (Excess::Rate, most.rate.is_some_and(|most| rate(most.value.is_per_day()) > most.value.per_second())),
            (Excess::Ratio, most.ratio.zip(self.ratio()).is_some_and(|(most, ratio)| ratio * 100.0 > most.value.0)),
        ];
        self.over = judged.into_iter().filter(|(_, is_over)| *is_over).map(|(excess, _)| excess).collect();
        self.state = if self.over.is_empty() { State::Ok } else { State::Over };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlq::Queue;
    use crate::source::{FileId, Span, Spanned};

    fn depth(waiting: u64, last_hour: u64, last_day: u64, origin_last_day: Option<u64>) -> Depth {
        let topic = "a.v1.b.dlq".parse().expect("a name");
        let queue = Queue { topic, origin: None, service: None, owner: None, thresholds: None, is_declared: true };
        let oldest = Some(Timestamp::of_unix_millis(1_000));
        Depth { waiting, last_hour, last_day, origin_last_day, oldest, ..Depth::unseen(&queue, "") }
    }

    fn said<T>(value: T) -> Option<Spanned<T>> {
        Some(Spanned::new(value, Span::whole(FileId(0))))
    }

    #[test]
    fn what_is_too_much_is_named_and_what_is_as_much_as_may_be_is_not() {
        let most = Thresholds {
            depth: said(10),
            age: said("1h".parse().expect("a time")),
            rate: said("2/min".parse().expect("a rate")),
            ratio: said("1%".parse().expect("a share")),
        };
        let now = Timestamp::of_unix_millis(3_601_000);
        let judged = |mut depth: Depth, now| {
            depth.judge(Some(&most), now);
            (depth.state, depth.over)
        };
        assert_eq!(judged(depth(10, 120, 120, Some(12_000)), now), (State::Ok, vec![]));
        let later = Timestamp::of_unix_millis(3_601_001);
        let all = vec![Excess::Depth, Excess::Age, Excess::Rate, Excess::Ratio];
        assert_eq!(judged(depth(11, 121, 121, Some(12_000)), later), (State::Over, all));
        assert_eq!(judged(depth(0, 0, 5, None), now), (State::Ok, vec![]), "nobody knows what the origin carries");
        assert_eq!(judged(depth(0, 0, 5, Some(0)), now), (State::Ok, vec![]));
    }

    #[test]
    fn a_rate_for_a_day_is_counted_over_a_day() {
        let most = Thresholds { rate: said("24/d".parse().expect("a rate")), ..Thresholds::default() };
        let now = Timestamp::of_unix_millis(0);
        let mut burst = depth(0, 20, 24, None);
        burst.judge(Some(&most), now);
        assert_eq!(burst.state, State::Ok);
        let mut steady = depth(0, 0, 25, None);
        steady.judge(Some(&most), now);
        assert_eq!(steady.over, [Excess::Rate]);
    }

    #[test]
    fn without_a_word_nothing_is_judged() {
        let mut full = depth(1_000_000, 1_000, 1_000, Some(1));
        full.judge(Some(&Thresholds::default()), Timestamp::of_unix_millis(0));
        full.judge(None, Timestamp::of_unix_millis(0));
        assert_eq!((full.state, full.over.len()), (State::Unlimited, 0));
    }
}
