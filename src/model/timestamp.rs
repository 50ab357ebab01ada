use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Date;

/// A moment, in milliseconds since 1970. Written as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a moment: write YYYY-MM-DDTHH:MM:SSZ")]
pub struct TimestampError(String);

const DAY: i64 = 86_400_000;

impl Timestamp {
    /// How many milliseconds lie between an earlier moment and this one; nothing where it is not earlier.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    fn parts(self) -> (Date, i64) {
        (Date::of_unix_seconds(self.0.div_euclid(1_000)), self.0.rem_euclid(DAY))
    }
}

/// For people: to the second.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, rest) = self.parts();
        let seconds = rest / 1_000;
        write!(f, "{date} {:02}:{:02}:{:02} UTC", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (date, rest) = self.parts();
        let (seconds, milliseconds) = (rest / 1_000, rest % 1_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        serializer.collect_str(&format_args!("{date}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z"))
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        parse(text).ok_or_else(|| TimestampError(text.into()))
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let days = date.parse::<Date>().ok()?.days_since_1970();
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = time.split(':');
    let mut part = |below: i64| {
        let part = parts.next().filter(|part| part.len() == 2)?.parse::<i64>().ok()?;
        (0..below).contains(&part).then_some(part)
    };
    let (hour, minute, second) = (part(24)?, part(60)?, part(60)?);
    let digits = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let milliseconds = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok().filter(|_| digits)?;
    let whole = parts.next().is_none().then_some(((hour * 60 + minute) * 60 + second) * 1_000)?;
    Some(Timestamp(days * DAY + whole + milliseconds))
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
    fn a_moment_as_people_and_as_programs_read_it() {
        let moment = Timestamp(1_795_478_399_042);
        assert_eq!(moment.to_string(), "2026-11-23 23:59:59 UTC");
        assert_eq!(serde_json::to_string(&moment).expect("it is a text"), "\"2026-11-23T23:59:59.042Z\"");
        assert_eq!("2026-11-23T23:59:59Z".parse(), Ok(Timestamp(1_795_478_399_000)));
        for bad in ["", "2026-11-23", "2026-11-23T24:00:00Z", "2026-11-23T23:59Z", "2026-11-23T23:59:59.Ü42Z"] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn written_and_read_again_is_the_same(moment in 0_i64..4_000_000_000_000) {
            let text = serde_json::to_string(&Timestamp(moment)).expect("it is a text");
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&text).ok(), Some(Timestamp(moment)));
        }
    }
}
