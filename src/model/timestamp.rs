use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Duration;

/// A moment to the millisecond, written as RFC 3339 in UTC: `2026-11-25T15:48:44.120Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a moment: write 2026-11-25T15:48:44Z or 2026-11-25")]
pub struct TimestampError(String);

impl Timestamp {
    /// The moment of this many milliseconds since 1970; the nearest one where the calendar ends before.
    pub fn of_unix_millis(millis: i64) -> Self {
        let nearest = if millis < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_millisecond(millis).unwrap_or(nearest))
    }

    /// Milliseconds since 1970.
    pub fn unix_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// How many milliseconds lie between an earlier moment and this one; nothing where it is not earlier.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.unix_millis().saturating_sub(earlier.unix_millis()).max(0)
    }

    /// The moment that lies this long before.
    pub fn before(self, age: Duration) -> Self {
        Self::of_unix_millis(self.unix_millis().saturating_sub(age.0))
    }
}

/// A moment before 1970 is told as 1970: what has a beginning or an end here is younger.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Self::of_unix_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.3}", self.0))
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let error = || TimestampError(text.into());
        let moment = match text.parse::<jiff::Timestamp>() {
            Ok(moment) => moment,
            // A day alone begins at midnight in UTC, which is the zone of everything that busctl shows.
            Err(_) => {
                let day: jiff::civil::Date = text.parse().map_err(|_| error())?;
                let zoned = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| error())?;
                zoned.timestamp()
            }
        };
        Ok(Self::of_unix_millis(moment.as_millisecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write() {
        let parse = |text: &str| text.parse::<Timestamp>().map(|moment| moment.to_string());
        assert_eq!(parse("2026-11-25T15:48:44Z").as_deref(), Ok("2026-11-25T15:48:44.000Z"));
        assert_eq!(parse("2026-11-25T17:48:44.12+02:00").as_deref(), Ok("2026-11-25T15:48:44.120Z"));
        assert_eq!(parse("2026-11-25").as_deref(), Ok("2026-11-25T00:00:00.000Z"));
        for bad in ["", "yesterday", "2026-02-30", "15:48"] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_age_counts_back() {
        let moment = Timestamp::of_unix_millis(86_400_000).before("1d".parse().expect("a time"));
        assert_eq!(moment.unix_millis(), 0);
    }

    proptest! {
        #[test]
        fn shown_and_read_again_is_the_same(millis in -62_135_596_800_000_i64..253_402_207_199_000) {
            let moment = Timestamp::of_unix_millis(millis);
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            prop_assert_eq!(moment.unix_millis(), millis);
        }
    }
}
