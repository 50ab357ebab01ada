use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::model::TopicId;

/// What the keys of restored dead letters end with.
const RESTORED: &str = "restored";

/// What a record of the ledger is about. The topic's id is in it, for a topic that was created again starts its offsets again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerKey {
    /// A dead letter: `TOPIC-ID/PARTITION/OFFSET`.
    Letter {
        /// The dead-letter topic.
        topic: TopicId,
        /// The partition.
        partition: i32,
        /// The offset.
        offset: i64,
    },
    /// That a dead letter which had been given up was put back: `TOPIC-ID/PARTITION/OFFSET/restored`. It takes the place of
    /// nothing: who gave it up, and why, is still known.
    Restored {
        /// The dead-letter topic.
        topic: TopicId,
        /// The partition that it had.
        partition: i32,
        /// The offset that it had.
        offset: i64,
    },
    /// What runs have seen of a partition, which takes the place of what was known before: `TOPIC-ID/seen/PARTITION`.
    Seen {
        /// The dead-letter topic.
        topic: TopicId,
        /// The partition.
        partition: i32,
    },
    /// A run over the dead letters of a topic: `TOPIC-ID/run/ID`.
    Run {
        /// The dead-letter topic.
        topic: TopicId,
        /// The run.
        run: Uuid,
    },
}

impl LedgerKey {
    /// The dead-letter topic that it is about.
    pub fn topic(&self) -> TopicId {
        match self {
            Self::Letter { topic, .. } | Self::Restored { topic, .. } | Self::Seen { topic, .. } => *topic,
            Self::Run { topic, .. } => *topic,
        }
    }
}

impl fmt::Display for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letter { topic, partition, offset } => write!(f, "{topic}/{partition}/{offset}"),
            Self::Restored { topic, partition, offset } => write!(f, "{topic}/{partition}/{offset}/{RESTORED}"),
            Self::Seen { topic, partition } => write!(f, "{topic}/seen/{partition}"),
            Self::Run { topic, run } => write!(f, "{topic}/run/{run}"),
        }
    }
}

/// A text that is no key of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no key of the ledger: TOPIC-ID/PARTITION/OFFSET, with or without /restored, TOPIC-ID/seen/PARTITION or TOPIC-ID/run/ID"
)]
pub struct LedgerKeyError(String);

impl FromStr for LedgerKey {
    type Err = LedgerKeyError;
    fn from_str(text: &str) -> Result<Self, LedgerKeyError> {
        let read = || {
            let (topic, rest) = text.split_once('/')?;
            let (middle, last) = rest.split_once('/')?;
            let topic = topic.parse().ok()?;
            match middle {
                "run" => Some(Self::Run { topic, run: last.parse().ok()? }),
                "seen" => Some(Self::Seen { topic, partition: last.parse().ok()? }),
                partition => {
                    let partition = partition.parse().ok()?;
                    match last.split_once('/') {
                        None => Some(Self::Letter { topic, partition, offset: last.parse().ok()? }),
                        Some((offset, RESTORED)) => {
                            Some(Self::Restored { topic, partition, offset: offset.parse().ok()? })
                        }
                        Some(_) => None,
                    }
                }
            }
        };
        read().ok_or_else(|| LedgerKeyError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic() -> TopicId {
        TopicId::of_bytes([1; 16]).expect("it is an id")
    }

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let letter = LedgerKey::Letter { topic: topic(), partition: 3, offset: 1_234_567_890_123 };
        let run = LedgerKey::Run { topic: topic(), run: Uuid::nil() };
        let restored = LedgerKey::Restored { topic: topic(), partition: 3, offset: 7 };
        let seen = LedgerKey::Seen { topic: topic(), partition: 3 };
        for key in [letter, restored, seen, run] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for text in
            ["", "a/b/c", "AQEBAQEBAQEBAQEBAQEBAQ/1", "AQEBAQEBAQEBAQEBAQEBAQ/1/x", "AQEBAQEBAQEBAQEBAQEBAQ/1/2/x"]
        {
            assert_eq!(text.parse::<LedgerKey>(), Err(LedgerKeyError(text.to_owned())));
        }
    }
}
