//! Version numbers of servers, as far as choosing and comparing them needs.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::LocalBusError;

/// A released version of a server, for example `4.3.1` or `2.6.13.Final`. Ordered by its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(String);

impl Version {
    /// A version that this tool names itself.
    pub(super) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The first number.
    pub fn major(&self) -> u32 {
        self.numbers().next().unwrap_or(0)
    }

    /// The version as it is written in Maven coordinates.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.split(['.', '-']).map_while(|part| part.parse().ok())
    }
}

impl FromStr for Version {
    type Err = LocalBusError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let starts_well = text.starts_with(|c: char| c.is_ascii_digit());
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        if starts_well && plain {
            return Ok(Self(text.to_owned()));
        }
        let problem = "a version is written like 4.3.1";
        Err(LocalBusError::Name { name: text.to_owned(), role: "the version of a server", problem })
    }
}

impl TryFrom<String> for Version {
    type Error = LocalBusError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers().cmp(other.numbers()).then_with(|| self.0.cmp(&other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn compares_numbers_and_not_text() {
        assert!(version("4.10.0") > version("4.9.1"));
        assert!(version("3.9.1") < version("4.3.1"));
        assert!(version("2.6.13.Final") > version("2.6.9.Final"));
        assert_eq!(version("2.6.13.Final").major(), 2);
    }

    #[test]
    fn refuses_what_could_leave_a_path_or_a_coordinate() {
        for text in ["", "../4.3.1", "4.3.1:tar", "latest", "4.3 1"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
