use serde::Serialize;

use crate::resources::topic::Thresholds;

const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;

/// How much is too much, as the manifests say, in the units of the figures beside which it stands. What is not there has no limit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct ThresholdFigures {
    /// The most that may wait.
    pub depth: Option<u32>,
    /// For how many seconds the oldest may wait.
    pub oldest_age_seconds: Option<f64>,
    /// The most that may come in an hour; none where it is said for a day.
    pub last_hour: Option<f64>,
    /// The most that may come in a day, where it is said for one.
    pub last_day: Option<f64>,
    /// The most of the origin's records that may become dead letters: 0 to 1.
    pub ratio: Option<f64>,
}

impl ThresholdFigures {
    /// Those of thresholds.
    pub fn of(thresholds: &Thresholds) -> Self {
        let rate = thresholds.rate.map(|rate| rate.value);
        Self {
            depth: thresholds.depth.map(|depth| depth.value),
            oldest_age_seconds: thresholds.age.map(|age| age.value.0 as f64 / 1_000.0),
            last_hour: rate.filter(|rate| !rate.is_per_day()).map(|rate| rate.times_in(HOUR)),
            last_day: rate.filter(|rate| rate.is_per_day()).map(|rate| rate.times_in(DAY)),
            ratio: thresholds.ratio.map(|ratio| ratio.value.0 / 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span, Spanned};

    fn said<T>(value: T) -> Option<Spanned<T>> {
        Some(Spanned::new(value, Span::whole(FileId(0))))
    }

    #[test]
    fn what_is_too_much_has_the_unit_of_its_figure() {
        let thresholds = Thresholds {
            depth: said(1_000),
            age: said("90m".parse().expect("a time")),
            rate: said("10/min".parse().expect("a rate")),
            ratio: said("0.1%".parse().expect("a share")),
        };
        let limits = ThresholdFigures {
            depth: Some(1_000),
            oldest_age_seconds: Some(5_400.0),
            last_hour: Some(600.0),
            last_day: None,
            ratio: Some(0.001),
        };
        assert_eq!(ThresholdFigures::of(&thresholds), limits);
        let daily = Thresholds { rate: said("24/d".parse().expect("a rate")), ..Thresholds::default() };
        assert_eq!(
            ThresholdFigures::of(&daily),
            ThresholdFigures { last_day: Some(24.0), ..ThresholdFigures::default() }
        );
    }
}
