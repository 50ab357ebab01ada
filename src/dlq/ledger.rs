use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Fingerprint, LedgerKey, Seen, Settled};
use crate::model::{Timestamp, TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::journal::{LEDGER_TOPIC, Origin};
use crate::ports::records::{Outgoing, Record, RecordSink, RecordSource, Stretch};

/// The version of every entry that is written.
pub(super) const FORMAT_VERSION: u32 = 1;

/// What became of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It was sent again.
    Redriven {
        /// To which topic.
        to: String,
        /// To which partition, where it was chosen. In documents it stands beside that of the dead letter.
        #[serde(rename = "to_partition", alias = "partition", skip_serializing_if = "Option::is_none")]
        partition: Option<i32>,
        /// How often the record was sent again, this time included.
        attempt: u32,
        /// Whether its value was made anew, by the expression of its [run](LedgerRun).
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        transformed: bool,
    },
    /// It failed so often that it is kept apart.
    Parked {
        /// In which topic.
        to: String,
        /// How often it had been sent again.
        attempts: u32,
    },
    /// It was given up.
    Discarded {
        /// The file that it was exported to before.
        export: String,
        /// How often it had been sent again.
        #[serde(default, skip_serializing_if = "is_never")]
        attempts: u32,
    },
    /// It had been given up, and stands in the queue again as another record.
    Restored,
}

impl Fate {
    /// The words for each.
    pub const WORDS: &'static [(&'static str, &'static str)] =
        &[("redriven", "redriven"), ("parked", "parked"), ("discarded", "discarded"), ("restored", "restored")];

    /// The word by which it is shown.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Redriven { .. } => "redriven",
            Self::Parked { .. } => "parked",
            Self::Discarded { .. } => "discarded",
            Self::Restored => "restored",
        }
    }

    /// How often the record had been sent again before, and had come back.
    pub fn redrives_before(&self) -> u32 {
        match self {
            Self::Redriven { attempt, .. } => attempt.saturating_sub(1),
            Self::Parked { attempts, .. } | Self::Discarded { attempts, .. } => *attempts,
            Self::Restored => 0,
        }
    }
}

fn is_never(attempts: &u32) -> bool {
    *attempts == 0
}

/// The record of what became of a dead letter. There are as many as dead letters, so it says little: who and why stand once, in
/// its [run](LedgerRun), and when is the record's own timestamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The version of this record: 1.
    pub format_version: u32,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
    /// Which run did it.
    pub run: Uuid,
    /// Why the record had failed.
    pub fingerprint: Fingerprint,
    /// The dead letter's timestamp, in milliseconds since 1970, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<i64>,
}

/// The record of what runs have seen of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LedgerSeen {
    /// The version of this record: 1.
    pub(super) format_version: u32,
    /// What they have seen.
    #[serde(flatten)]
    pub(super) seen: Seen,
}

/// The record of a run that decided the fate of dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRun {
    /// The version of this record: 1.
    pub format_version: u32,
    /// The dead-letter topic's name at the time.
    pub topic: String,
    /// Who, and from where.
    pub origin: Origin,
    /// When it began.
    pub began: Timestamp,
    /// Why: the reason that was given.
    pub reason: Option<String>,
    /// Which dead letters were meant: the options as they were given.
    pub filter: Vec<String>,
    /// The digest of the expression that made their values anew: `sha256:` and its text's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transform: Option<String>,
}

impl LedgerRun {
    /// That of a run on a queue that somebody began then, without a filter or a reason.
    pub fn new(queue: &TopicName, origin: Origin, began: Timestamp) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            topic: queue.to_string(),
            origin,
            began,
            reason: None,
            filter: Vec::new(),
            transform: None,
        }
    }

    /// Reads which runs are known that settled dead letters of a topic. What cannot be read is left out.
    ///
    /// # Errors
    /// Fails with [`NotFound`](crate::ports::FailureKind::NotFound) where there is no ledger yet.
    pub fn read_all(source: &impl RecordSource, topic: TopicId) -> Result<BTreeMap<Uuid, Self>, Failure> {
        let mut runs = BTreeMap::new();
        visit(source, topic, &mut |_, key, value| {
            if let LedgerKey::Run { run, .. } = key {
                runs.extend(serde_json::from_slice(value).ok().map(|about: Self| (run, about)));
            }
        })?;
        Ok(runs)
    }
}

/// What is known of the dead letters of one topic.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Those whose fate is known.
    pub settled: Settled,
    /// What was seen of each partition.
    pub seen: BTreeMap<i32, Seen>,
}

impl Ledger {
    /// The partition of the ledger that holds the records of a dead-letter topic, of so many.
    pub fn partition(topic: TopicId, count: usize) -> i32 {
        let sum = topic.to_string().bytes().fold(0_usize, |sum, byte| sum * 31 % 8_191 + usize::from(byte));
        i32::try_from(sum % count.max(1)).unwrap_or_default()
    }

    /// Reads what is known of a topic, up to where the ledger ends now.
    ///
    /// # Errors
    /// Fails with [`NotFound`](crate::ports::FailureKind::NotFound) where there is no ledger yet.
    pub fn read(source: &impl RecordSource, topic: TopicId) -> Result<Self, Failure> {
        let mut ledger = Self::default();
        visit(source, topic, &mut |_, key, value| ledger.add(key, value))?;
        Ok(ledger)
    }

    /// Reads what is known of all topics. The same holds of errors.
    pub fn read_all(source: &impl RecordSource) -> Result<BTreeMap<TopicId, Self>, Failure> {
        let mut ledgers = BTreeMap::<TopicId, Self>::new();
        scan(source, |_| true, &mut |_, key, value| ledgers.entry(key.topic()).or_default().add(key, value))?;
        Ok(ledgers)
    }

    /// What a newer version of the tool wrote settles its dead letter too, whatever it says.
    pub(super) fn add(&mut self, key: LedgerKey, value: &[u8]) {
        match key {
            LedgerKey::Letter { partition, offset, .. } => drop(self.settled.insert(partition, offset)),
            LedgerKey::Seen { partition, .. } => {
                self.seen.extend(LedgerSeen::read(value).map(|seen| (partition, seen)));
            }
            LedgerKey::Restored { .. } | LedgerKey::Run { .. } => {}
        }
    }
}

impl LedgerSeen {
    /// What a record says that runs have seen. What cannot be read is as if nobody had.
    pub(super) fn read(value: &[u8]) -> Option<Seen> {
        serde_json::from_slice::<Self>(value).ok().map(|read| read.seen)
    }
}

/// Adds a record to the ledger, which has so many partitions.
pub(super) fn note(
    sink: &mut impl RecordSink,
    partitions: usize,
    key: LedgerKey,
    value: &impl Serialize,
) -> Result<(), Failure> {
    // Names, numbers and texts: there is nothing that JSON cannot say.
    let value = serde_json::to_vec(value).unwrap_or_default();
    sink.send(&Outgoing {
        topic: LEDGER_TOPIC,
        partition: Some(Ledger::partition(key.topic(), partitions)),
        timestamp: None,
        key: Some(key.to_string().as_bytes()),
        value: Some(&value),
        headers: &[],
    })
}

/// Gives each record about a topic to `each`, with its key and its value.
///
/// # Errors
/// Fails with [`NotFound`](crate::ports::FailureKind::NotFound) where there is no ledger yet.
pub fn visit(
    source: &impl RecordSource,
    topic: TopicId,
    each: &mut dyn FnMut(&Record<'_>, LedgerKey, &[u8]),
) -> Result<(), Failure> {
    let of_partition = |(partition, count): (i32, usize)| partition == Ledger::partition(topic, count);
    scan(source, of_partition, &mut |record, key, value| {
        if key.topic() == topic {
            each(record, key, value);
        }
    })
}

/// Gives each record of some partitions to `each`; they are chosen by their number and how many there are.
fn scan(
    source: &impl RecordSource,
    is_wanted: impl Fn((i32, usize)) -> bool,
    each: &mut dyn FnMut(&Record<'_>, LedgerKey, &[u8]),
) -> Result<(), Failure> {
    let mut stretches = source.partitions(&topic())?;
    let count = stretches.len();
    stretches.retain(|stretch| is_wanted((stretch.partition, count)));
    read(source, &stretches, each)
}

/// The name of the ledger.
pub(super) fn topic() -> TopicName {
    LEDGER_TOPIC.parse().expect("the name is a topic's")
}

/// Gives each record of parts of the ledger to `each`.
pub(super) fn read(
    source: &impl RecordSource,
    stretches: &[Stretch],
    each: &mut dyn FnMut(&Record<'_>, LedgerKey, &[u8]),
) -> Result<(), Failure> {
    source.scan(&topic(), stretches, &mut |record| {
        let key = record.key.and_then(|key| std::str::from_utf8(key).ok()).and_then(|key| key.parse().ok());
        if let (Some(key), Some(value)) = (key, record.value) {
            each(record, key, value);
        }
        Ok(ControlFlow::Continue(()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_flat() {
        let entry = LedgerEntry {
            format_version: FORMAT_VERSION,
            fate: Fate::Redriven { to: "orders".into(), partition: Some(1), attempt: 2, transformed: false },
            run: Uuid::nil(),
            fingerprint: Fingerprint::of("x"),
            written: None,
        };
        let text = serde_json::to_string(&entry).expect("it is JSON");
        insta::assert_snapshot!(text, @r#"{"format_version":1,"fate":"redriven","to":"orders","to_partition":1,"attempt":2,"run":"00000000-0000-0000-0000-000000000000","fingerprint":"2d711642b726"}"#);
        assert_eq!(serde_json::from_str::<LedgerEntry>(&text).expect("it is one"), entry);
    }

    #[test]
    fn the_topics_share_the_partitions_of_the_ledger() {
        let used: std::collections::BTreeSet<_> = (1..=200_u8)
            .filter_map(|byte| TopicId::of_bytes([byte; 16]))
            .map(|topic| Ledger::partition(topic, 8))
            .collect();
        assert_eq!(used, (0..8).collect());
    }
}
