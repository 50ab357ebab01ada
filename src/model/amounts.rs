use std::fmt;
use std::str::FromStr;

use crate::source::decode_from_str;

/// Hundredths of a thread's time, as Kafka's `request_percentage` counts them: every thread is 100 %, and fractions of a
/// percent are possible.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(pub f64);

/// Times in a second.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Frequency(pub f64);

/// Why an amount is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// No number where one is needed.
    #[error("`{0}` does not start with a number")]
    NoNumber(String),
    /// The unit is another one, or there is none.
    #[error("`{text}` has not the unit of {what}")]
    Unit {
        /// The text as written.
        text: String,
        /// What is measured.
        what: &'static str,
    },
}

pub(super) fn amount(text: &str, unit: &str, what: &'static str) -> Result<f64, AmountError> {
    let number =
        text.trim().strip_suffix(unit).ok_or_else(|| AmountError::Unit { text: text.into(), what })?.trim_end();
    let is_number = number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !number.ends_with('.');
    let value = is_number.then(|| number.parse::<f64>().ok()).flatten().filter(|value| value.is_finite());
    value.ok_or_else(|| AmountError::NoNumber(text.into()))
}

impl FromStr for Share {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        amount(text, "%", "a share").map(Self)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", self.0))
    }
}
decode_from_str!(Share, "write a number of percent: 25%", r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$");

impl FromStr for Frequency {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        amount(text, "/s", "what happens so often in a second").map(Self)
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/s", self.0))
    }
}
decode_from_str!(Frequency, "write how often in a second: 10/s", r"^\s*[0-9]+(\.[0-9]+)?\s*/s\s*$");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write() {
        assert_eq!("25%".parse(), Ok(Share(25.0)));
        assert_eq!(" 12.5 % ".parse(), Ok(Share(12.5)));
        assert_eq!("10/s".parse(), Ok(Frequency(10.0)));
        assert_eq!("0.5/s".parse(), Ok(Frequency(0.5)));
    }

    #[test]
    fn what_is_refused() {
        for wrong in ["25", "%", "-1%", "1e3%", "1.2.3%", "1.%", "NaN%", "inf%", "+1%"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
        for wrong in ["10", "10/m", "/s", "-1/s", "10MiB/s"] {
            assert!(wrong.parse::<Frequency>().is_err(), "{wrong}");
        }
        assert_eq!("10".parse::<Share>().unwrap_err().to_string(), "`10` has not the unit of a share");
    }

    proptest! {
        #[test]
        fn shown_and_read_again_is_the_same(value in 0.0..1e15_f64) {
            prop_assert_eq!(Share(value).to_string().parse(), Ok(Share(value)));
            prop_assert_eq!(Frequency(value).to_string().parse(), Ok(Frequency(value)));
        }
    }
}
