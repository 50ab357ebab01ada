use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::source::decode_from_str;

/// How a resource's name is meant in an ACL (KIP-290).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatternType {
    /// Exactly this name; `*` alone means every name.
    Literal,
    /// Every name that starts with it.
    Prefixed,
}

/// A name, a prefix with a trailing `*`, or `*` alone for every name. Any other `*` is an error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    prefix: String,
    open: bool,
}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// An asterisk that is not the last character.
    #[error("`{0}`: a `*` can stand only at the end")]
    Asterisk(String),
    /// Nothing.
    #[error("a pattern cannot be empty")]
    Empty,
}

impl FromStr for Pattern {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<Self, PatternError> {
        let (prefix, open) = match text.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text, false),
        };
        match prefix {
            _ if prefix.contains('*') => Err(PatternError::Asterisk(text.into())),
            "" if !open => Err(PatternError::Empty),
            _ => Ok(Self { prefix: prefix.into(), open }),
        }
    }
}
decode_from_str!(Pattern, "write a name, a prefix with a trailing `*`, or `*` alone", r"^([^*]+\*?|\*)$");

impl Pattern {
    /// Exactly one name.
    pub fn literal(name: impl Into<String>) -> Self {
        Self { prefix: name.into(), open: false }
    }

    /// Every name that starts with `prefix`.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), open: true }
    }

    /// Whether `name` is meant.
    pub fn matches(&self, name: &str) -> bool {
        if self.open { name.starts_with(&self.prefix) } else { name == self.prefix }
    }

    /// Whether it is `*` alone.
    pub fn is_everything(&self) -> bool {
        self.open && self.prefix.is_empty()
    }

    /// Whether it means every name that starts with it, not one name alone.
    pub fn is_prefix(&self) -> bool {
        self.open
    }

    /// The ACL pattern: name and type.
    pub fn to_acl(&self) -> (String, PatternType) {
        match (self.open, self.prefix.as_str()) {
            (true, "") => ("*".into(), PatternType::Literal),
            (true, prefix) => (prefix.into(), PatternType::Prefixed),
            (false, name) => (name.into(), PatternType::Literal),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, if self.open { "*" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asterisk_stands_only_at_the_end() {
        let parse = |text: &str| text.parse::<Pattern>();
        assert!(parse("media.*").is_ok_and(|pattern| pattern.matches("media.x") && !pattern.matches("audit.x")));
        assert!(parse("*").is_ok_and(|pattern| pattern.matches("anything")));
        assert!(parse("media.x").is_ok_and(|pattern| pattern.matches("media.x") && !pattern.matches("media.xy")));
        assert!(parse("*.media").is_err());
        assert!(parse("a*b*").is_err());
        assert!(parse("").is_err());
    }
}
