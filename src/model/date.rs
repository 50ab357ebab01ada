use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day of the calendar")]
pub struct DateError(String);

impl Date {
    /// The day in UTC that holds a moment, given in seconds since 1970.
    pub fn of_unix_seconds(seconds: i64) -> Self {
        // Counted from 1 March of year 0, a year's days of the month follow one formula and the leap day is its last.
        let days = seconds.div_euclid(86_400) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year: year.clamp(-9_999, 9_999) as i32, month: month as u8, day: day as u8 }
    }

    /// The day so many days later.
    pub fn plus_days(self, days: i64) -> Self {
        Self::of_unix_seconds((self.days_since_1970() + days) * 86_400)
    }

    /// The days from 1 January 1970 to this one.
    pub fn days_since_1970(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }
}

fn days_in(year: i32, month: u8) -> u8 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for Date {
    type Err = DateError;
    fn from_str(text: &str) -> Result<Self, DateError> {
        let error = || DateError(text.into());
        let digits = |part: &str, length: usize| {
            let all_digits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            if all_digits { part.parse::<u16>().map_err(|_| error()) } else { Err(error()) }
        };
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(error());
        };
        let (year, month, day) = (i32::from(digits(year, 4)?), digits(month, 2)? as u8, digits(day, 2)? as u8);
        if (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day) {
            Ok(Self { year, month, day })
        } else {
            Err(error())
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_days_that_exist() {
        for good in ["2026-11-24", "2024-02-29", "2000-02-29"] {
            assert_eq!(good.parse::<Date>().map(|date| date.to_string()).as_deref(), Ok(good));
        }
        for bad in ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "26-01-01", "2026-01-01-01", ""]
        {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_moment_lies_in_a_day() {
        assert_eq!(Date::of_unix_seconds(0).to_string(), "1970-01-01");
        assert_eq!(Date::of_unix_seconds(-1).to_string(), "1969-12-31");
        assert_eq!(Date::of_unix_seconds(951_782_400).to_string(), "2000-02-29");
        assert_eq!(Date::of_unix_seconds(1_795_478_399).to_string(), "2026-11-23");
    }

    proptest! {
        #[test]
        fn days_follow_each_other(day in 0_i64..60_000) {
            let (today, tomorrow) = (Date::of_unix_seconds(day * 86_400), Date::of_unix_seconds((day + 1) * 86_400));
            prop_assert!(today < tomorrow);
            prop_assert_eq!(today.to_string().parse::<Date>(), Ok(today));
            prop_assert_eq!(today.days_since_1970(), day);
            prop_assert_eq!(today.plus_days(1), tomorrow);
        }
    }
}
