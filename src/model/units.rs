use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::source::decode_from_str;

/// Why a quantity is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// No number at the start.
    #[error("`{0}` does not start with a number")]
    NoNumber(String),
    /// A unit that is not known.
    #[error("`{unit}` is not a unit of {what}{}", did_you_mean(.meant))]
    Unit {
        /// The unit as written.
        unit: String,
        /// What is measured.
        what: &'static str,
        /// The whole quantity as it was probably meant.
        meant: Option<String>,
    },
    /// A number without the unit that it needs.
    #[error("`{text}` has no unit of {what}{}", did_you_mean(.meant))]
    NoUnit {
        /// The number as written.
        text: String,
        /// What is measured.
        what: &'static str,
        /// The whole quantity as it was probably meant.
        meant: Option<String>,
    },
    /// More than fits.
    #[error("`{0}` is too large")]
    Large(String),
    /// A fraction of the smallest unit.
    #[error("`{0}` is not a whole number of the smallest unit")]
    Fraction(String),
}

impl UnitError {
    /// The quantity that was probably meant.
    pub fn meant(&self) -> Option<String> {
        match self {
            UnitError::Unit { meant, .. } | UnitError::NoUnit { meant, .. } => meant.clone(),
            _ => None,
        }
    }
}

fn did_you_mean(meant: &Option<String>) -> String {
    meant.as_ref().map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

/// A length of time in milliseconds; `-1` means without end, as in Kafka's `retention.ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(pub i64);

/// A number of bytes; `-1` means without limit, as in Kafka's `retention.bytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub i64);

/// Bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub i64);

/// Hundredths. Above 100 % is meant: Kafka's `request_percentage` counts every thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Percent(pub u32);

type Units = &'static [(&'static str, i64)];

const TIME: Units =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];
const SIZE: Units = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("PiB", 1 << 50),
    ("KB", 1_000),
    // Of two that are the same the last is shown, and this one is the SI's.
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// What people write for units, in lower case, where it is not the unit in another case.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    ("ms", &["msec", "msecs", "millis", "millisecond", "milliseconds"]),
    ("s", &["sec", "secs", "second", "seconds"]),
    ("m", &["mins", "minute", "minutes"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("d", &["day", "days"]),
    ("w", &["wk", "week", "weeks"]),
    ("B", &["byte", "bytes"]),
    ("KiB", &["k", "ki"]),
    ("MiB", &["m", "mi"]),
    ("GiB", &["g", "gi"]),
    ("TiB", &["t", "ti"]),
];

/// The unit of these that was probably meant by another word, or by the same in another case.
fn unit_meant(written: &str, units: Units) -> Option<&'static str> {
    let names = || units.iter().map(|(name, _)| *name);
    let word = written.to_lowercase();
    names().find(|name| name.to_lowercase() == word).or_else(|| {
        let other = OTHER_WORDS.iter().filter(|(_, words)| words.contains(&word.as_str())).map(|(unit, _)| *unit);
        other.into_iter().find(|unit| names().any(|name| name == *unit))
    })
}

/// The words for "without end".
fn is_unlimited(text: &str) -> bool {
    matches!(text, "-1" | "unlimited" | "forever" | "infinite")
}

/// Parses `NUMBER UNIT` exactly: in thousandths, so that `1.5GiB` is possible and `0.3B` is refused.
fn parse(text: &str, what: &'static str, units: Units, bare: i64) -> Result<i64, UnitError> {
    let text = text.trim();
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (number, unit) = (text[..split].replace('_', ""), text[split..].trim());
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || fraction.contains('.') {
        return Err(UnitError::NoNumber(text.into()));
    }
    let factor = match unit {
        "" => bare,
        unit => {
            let known = units.iter().find(|(name, _)| *name == unit);
            let meant = || unit_meant(unit, units).map(|meant| format!("{number}{meant}"));
            known.ok_or_else(|| UnitError::Unit { unit: unit.into(), what, meant: meant() })?.1
        }
    };
    let large = || UnitError::Large(text.into());
    let whole: i64 = whole.parse().map_err(|_| large())?;
    let mut value = whole.checked_mul(factor).ok_or_else(large)?;
    if !fraction.is_empty() {
        let scale = 10_i128.checked_pow(fraction.len() as u32).filter(|_| fraction.len() <= 9).ok_or_else(large)?;
        let part: i128 = fraction.parse::<i128>().map_err(|_| large())? * i128::from(factor);
        if part % scale != 0 {
            return Err(UnitError::Fraction(text.into()));
        }
        value = value.checked_add((part / scale) as i64).ok_or_else(large)?;
    }
    Ok(value)
}

/// The largest unit that shows the value exactly.
fn show(value: i64, units: &[(&str, i64)], smallest: &str) -> String {
    let best = units.iter().filter(|(_, factor)| value != 0 && value % factor == 0).max_by_key(|(_, factor)| *factor);
    match best {
        Some((unit, factor)) => format!("{}{unit}", value / factor),
        None => format!("{value}{smallest}"),
    }
}

const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;

impl Duration {
    /// So many days.
    pub const fn of_days(days: i64) -> Self {
        Self(days.saturating_mul(MILLISECONDS_OF_A_DAY))
    }

    /// The whole days of it; `None` where it is without end.
    pub const fn days(self) -> Option<i64> {
        if self.0 < 0 { None } else { Some(self.0 / MILLISECONDS_OF_A_DAY) }
    }
}

impl FromStr for Duration {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        if is_unlimited(text) { Ok(Self(-1)) } else { parse(text, "time", TIME, 1).map(Self) }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Weeks are understood but not shown: people compare retention in days.
        let shown = [TIME[0], TIME[1], TIME[2], TIME[4], TIME[5]];
        if self.0 < 0 { f.pad("unlimited") } else { f.pad(&show(self.0, &shown, "ms")) }
    }
}
decode_from_str!(
    Duration,
    "write a number and a unit: ms, s, m, h, d, w; or unlimited",
    r"^(\s*[0-9_][0-9_.]*\s*(ms|s|m|min|h|d|w)?\s*|-1|unlimited|forever|infinite)$",
    UnitError::meant
);

impl FromStr for Bytes {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        if is_unlimited(text) { Ok(Self(-1)) } else { parse(text, "size", SIZE, 1).map(Self) }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 { f.pad("unlimited") } else { f.pad(&show(self.0, &SIZE[..6], "B")) }
    }
}
decode_from_str!(
    Bytes,
    "write a number and a unit: B, KiB, MiB, GiB, TiB (or kB, MB, GB, TB)",
    r"^(\s*[0-9_][0-9_.]*\s*(B|[KMGTP]iB|[kKMGT]B)?\s*|-1|unlimited|forever|infinite)$",
    UnitError::meant
);

impl FromStr for Rate {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        match text.strip_suffix("/s") {
            Some(size) => parse(size, "size", SIZE, 1).map(Self).map_err(|error| match error {
                UnitError::Unit { unit, what, meant } => {
                    UnitError::Unit { unit, what, meant: meant.map(|meant| format!("{meant}/s")) }
                }
                error => error,
            }),
            None => {
                let written = text.trim();
                let unit = written.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '_').trim();
                if unit.len() == written.len() {
                    return Err(UnitError::NoNumber(text.into()));
                }
                let is_size = written.parse::<Bytes>().is_ok();
                Err(match unit {
                    "" => {
                        let meant = is_size.then(|| format!("{written}B/s"));
                        UnitError::NoUnit { text: written.into(), what: "rate", meant }
                    }
                    unit => {
                        let meant = is_size.then(|| format!("{written}/s"));
                        UnitError::Unit { unit: unit.into(), what: "rate", meant }
                    }
                })
            }
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is no number of KiB may be one of kB.
        let units = if self.0 % SIZE[1].1 == 0 { &SIZE[..6] } else { &SIZE[6..] };
        match self.0 {
            ..0 => f.pad(&format!("{}/s", Bytes(self.0))),
            value => f.pad(&format!("{}/s", show(value, units, "B"))),
        }
    }
}
decode_from_str!(
    Rate,
    "write a size per second: 10MiB/s",
    r"^\s*[0-9_][0-9_.]*\s*(B|[KMGTP]iB|[kKMGT]B)?\s*/s$",
    UnitError::meant
);

impl FromStr for Percent {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        match text.trim().strip_suffix('%') {
            Some(number) => number.trim().parse().map(Self).map_err(|_| UnitError::NoNumber(text.into())),
            None => Err(UnitError::Unit { unit: text.into(), what: "share", meant: None }),
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", self.0))
    }
}
decode_from_str!(Percent, "write a whole number of percent: 25%", r"^\s*\+?[0-9]+\s*%\s*$");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write() {
        assert_eq!("30d".parse(), Ok(Duration(2_592_000_000)));
        assert_eq!("1.5h".parse(), Ok(Duration(5_400_000)));
        assert_eq!("unlimited".parse(), Ok(Duration(-1)));
        assert_eq!("2MiB".parse(), Ok(Bytes(2_097_152)));
        assert_eq!("10MiB/s".parse(), Ok(Rate(10_485_760)));
        assert_eq!("25%".parse(), Ok(Percent(25)));
        for rate in ["10kB/s", "10MiB/s", "1500B/s", "2MB/s", "0B/s"] {
            assert_eq!(rate.parse().map(|rate: Rate| rate.to_string()), Ok(rate.to_owned()));
        }
    }

    #[test]
    fn what_is_refused() {
        assert!("30 days".parse::<Duration>().is_err());
        assert!("d30".parse::<Duration>().is_err());
        assert!("2mib".parse::<Bytes>().is_err());
        assert!("0.3B".parse::<Bytes>().is_err());
        assert!("10MiB".parse::<Rate>().is_err());
        assert!("99999999999999999999d".parse::<Duration>().is_err());
    }

    #[test]
    fn a_unit_that_is_nearly_one_is_suggested() {
        let error = |result: Result<String, UnitError>| result.expect_err("it is refused").to_string();
        let time = |text: &str| error(text.parse::<Duration>().map(|value| value.to_string()));
        let size = |text: &str| error(text.parse::<Bytes>().map(|value| value.to_string()));
        let rate = |text: &str| error(text.parse::<Rate>().map(|value| value.to_string()));
        assert_eq!(time("21days"), "`days` is not a unit of time; did you mean `21d`?");
        assert_eq!(time("1.5 Hours"), "`Hours` is not a unit of time; did you mean `1.5h`?");
        assert_eq!(time("30dogs"), "`dogs` is not a unit of time");
        assert_eq!(size("2MIB"), "`MIB` is not a unit of size; did you mean `2MiB`?");
        assert_eq!(size("2m"), "`m` is not a unit of size; did you mean `2MiB`?");
        assert_eq!(rate("10mib/s"), "`mib` is not a unit of size; did you mean `10MiB/s`?");
        assert_eq!(rate("10MiB"), "`MiB` is not a unit of rate; did you mean `10MiB/s`?");
        assert_eq!(rate("1GB"), "`GB` is not a unit of rate; did you mean `1GB/s`?");
        assert_eq!(rate("1.5GiB"), "`GiB` is not a unit of rate; did you mean `1.5GiB/s`?");
        assert_eq!(rate("1024"), "`1024` has no unit of rate; did you mean `1024B/s`?");
        assert_eq!(rate("-1"), "`-1` does not start with a number");
    }

    proptest! {
        #[test]
        fn shown_and_read_again_is_the_same(value in 0_i64..i64::MAX) {
            prop_assert_eq!(Duration(value).to_string().parse(), Ok(Duration(value)));
            prop_assert_eq!(Rate(value).to_string().parse(), Ok(Rate(value)));
            prop_assert_eq!(Bytes(value).to_string().parse(), Ok(Bytes(value)));
        }
    }
}
