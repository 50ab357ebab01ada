use std::fmt;
use std::str::FromStr;

use super::amounts::{AmountError, amount};
use crate::source::decode_from_str;

/// How often something happens, in the unit that people wrote: `10/min`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventRate {
    /// How many times in the unit.
    pub times: f64,
    /// The unit, one of [`UNITS`].
    unit: (&'static str, f64),
}

/// The units and how many seconds each has.
const UNITS: [(&str, f64); 4] = [("/s", 1.0), ("/min", 60.0), ("/h", 3_600.0), ("/d", 86_400.0)];

impl EventRate {
    /// Whether it is said for a day, and not for a part of one.
    pub fn is_per_day(self) -> bool {
        self.unit.1 >= 86_400.0
    }

    /// How many times in a second.
    pub fn per_second(self) -> f64 {
        self.times_in(1.0)
    }

    /// How many times in so many seconds.
    pub fn times_in(self, seconds: f64) -> f64 {
        self.times * seconds / self.unit.1
    }
}

impl FromStr for EventRate {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let unit = UNITS.into_iter().find(|(unit, _)| text.trim_end().ends_with(unit));
        let unit = unit.ok_or_else(|| AmountError::Unit { text: text.into(), what: "a rate" })?;
        Ok(Self { times: amount(text, unit.0, "a rate")?, unit })
    }
}

impl fmt::Display for EventRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{}", self.times, self.unit.0))
    }
}
decode_from_str!(
    EventRate,
    "write how often in a second, minute, hour or day: 10/min",
    r"^\s*[0-9]+(\.[0-9]+)?\s*/(s|min|h|d)\s*$"
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> Result<EventRate, AmountError> {
        text.parse()
    }

    #[test]
    fn what_people_write() {
        for (text, per_second) in [("2/s", 2.0), (" 30 /min ", 0.5), ("1.5/min", 0.025), ("36/h", 0.01), ("0/d", 0.0)] {
            assert_eq!(rate(text).map(EventRate::per_second), Ok(per_second), "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for wrong in ["10", "10/m", "/min", "-1/min", "10MiB/s", "10/week", "1.2.3/s", "10 /minute"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        let error = rate("10/m").expect_err("no unit");
        assert_eq!(error.to_string(), "`10/m` has not the unit of a rate");
    }

    proptest! {
        #[test]
        fn shown_and_read_again_is_the_same(times in 0.0..1e15_f64, unit in 0_usize..4) {
            let rate = EventRate { times, unit: UNITS[unit] };
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
    }
}
