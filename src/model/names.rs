use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::source::decode_from_str;

/// Why a name is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing between the quotes.
    #[error("a {0} cannot be empty")]
    Empty(&'static str),
    /// A character that the name cannot have.
    #[error("`{name}` is not a {what}: `{character}` is not allowed in it")]
    Character {
        /// What was expected.
        what: &'static str,
        /// What was written.
        name: String,
        /// The first character that is not allowed.
        character: char,
    },
    /// A name that is too long.
    #[error("`{name}` is not a {what}: it has {length} characters, {most} is the most")]
    Long {
        /// What was expected.
        what: &'static str,
        /// What was written.
        name: String,
        /// Its length.
        length: usize,
        /// The longest allowed.
        most: usize,
    },
    /// A name that Kafka reserves.
    #[error("`{0}` cannot be a topic's name")]
    Reserved(String),
}

macro_rules! name_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The name, shared with whoever keeps it too.
            pub fn shared(&self) -> Arc<str> {
                self.0.clone()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

name_type! {
    /// The name of a topic: 1 to 249 of `[a-zA-Z0-9._-]`, neither `.` nor `..` (Kafka's `Topic.validate`).
    TopicName
}

impl FromStr for TopicName {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        const WHAT: &str = "topic name";
        check(text, WHAT, 249, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))?;
        if text == "." || text == ".." { Err(NameError::Reserved(text.into())) } else { Ok(Self(text.into())) }
    }
}
decode_from_str!(TopicName, "letters, digits, `.`, `_` and `-`, at most 249 of them", r"^[a-zA-Z0-9._-]{1,249}$");

impl TopicName {
    /// Whether no manifest may declare it: Kafka's own topics and those of its parts (`__consumer_offsets` …), and those
    /// in which this tool keeps its lock and its record.
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with("__") || self.0.starts_with("_busctl-")
    }

    /// The name under which Kafka's metrics know it: `.` becomes `_`, so that two topics can collide.
    pub fn metric_name(&self) -> String {
        self.0.replace('.', "_")
    }
}

name_type! {
    /// The name of a service, domain, team, role, class or registry: letters, digits, `.`, `_`, `-`.
    Name
}

impl FromStr for Name {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text, "name", 128, |c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))?;
        Ok(Self(text.into()))
    }
}
decode_from_str!(Name, "letters, digits, `.`, `_` and `-`");

name_type! {
    /// The name of a cluster; it is also used in file names.
    ClusterName
}

impl FromStr for ClusterName {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text, "cluster name", 64, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))?;
        Ok(Self(text.into()))
    }
}
decode_from_str!(ClusterName, "letters, digits, `_` and `-`", r"^[a-zA-Z0-9_-]{1,64}$");

name_type! {
    /// What `clusters:` and `overrides:` select by: a cluster's name, its environment, or one of its labels.
    Label
}

impl FromStr for Label {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text, "cluster, environment or label", 128, |c| {
            c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '=' | '/')
        })?;
        Ok(Self(text.into()))
    }
}
decode_from_str!(Label, "the name of a cluster, an environment or a label");

name_type! {
    /// A word that tells one password of a user from the next one, of which it says nothing.
    Rotation
}

impl FromStr for Rotation {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text, "rotation", 128, |c| !c.is_control())?;
        Ok(Self(text.into()))
    }
}
decode_from_str!(Rotation, "a word that is another one for each password, as 2026-11");

name_type! {
    /// A consumer group's id. Kafka allows any characters in it.
    GroupId
}

impl FromStr for GroupId {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text, "group id", 1024, |c| !c.is_control())?;
        Ok(Self(text.into()))
    }
}
decode_from_str!(GroupId, "a consumer group's id");

name_type! {
    /// A subject of the schema registry. The registry allows any characters in it.
    Subject
}

impl FromStr for Subject {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text, "subject", 1024, |c| !c.is_control())?;
        Ok(Self(text.into()))
    }
}
decode_from_str!(Subject, "a subject of the schema registry");

fn check(text: &str, what: &'static str, most: usize, allowed: impl Fn(char) -> bool) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty(what));
    }
    if let Some(character) = text.chars().find(|c| !allowed(*c)) {
        return Err(NameError::Character { what, name: text.into(), character });
    }
    let length = text.chars().count();
    if length > most {
        return Err(NameError::Long { what, name: text.chars().take(40).collect::<String>() + "…", length, most });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_names_are_those_that_kafka_takes() {
        for good in ["a", "media.raw_ingest.v1", "A-1", &"x".repeat(249)] {
            assert!(good.parse::<TopicName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a b", "ü", "a/b", &"x".repeat(250)] {
            assert!(bad.parse::<TopicName>().is_err(), "{bad}");
        }
    }
}
