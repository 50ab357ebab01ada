use std::collections::BTreeMap;

use super::Waits;
use crate::dlq::ledger;
use crate::dlq::{Fate, Fingerprint, Ledger, LedgerEntry, LedgerKey, Settled};
use crate::model::TopicId;
use crate::ports::records::{RecordSource, Stretch};
use crate::ports::{Failure, FailureKind};

/// What the ledger says, up to where it was read.
#[derive(Debug, Default)]
pub struct Accounts {
    of: BTreeMap<TopicId, Account>,
    read: BTreeMap<i32, i64>,
}

/// What the ledger says of the dead letters of one topic.
#[derive(Debug, Default)]
pub struct Account {
    /// Whose fate is known, and what was seen.
    pub ledger: Ledger,
    /// How many met each fate.
    pub counts: BTreeMap<&'static str, u64>,
    /// How long they waited for it.
    pub waits: Waits,
    /// How many of them had been sent again before, and had come back.
    pub returned: u64,
    restored: Settled,
}

/// A dead letter whose fate is known now and was not before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settling {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Why it had failed, where the entry can be read.
    pub fingerprint: Option<Fingerprint>,
    /// Whether it had been sent again before.
    pub had_returned: bool,
}

impl Accounts {
    /// Reads what was added to the ledger since it was read last, and tells `each` the dead letters that were settled. Returns
    /// whether the ledger is another one now, so that nothing holds that was known of it.
    ///
    /// # Errors
    /// Fails where the ledger cannot be read to its end; a ledger that is not there says nothing.
    pub fn catch_up(
        &mut self,
        source: &impl RecordSource,
        each: &mut dyn FnMut(TopicId, Settling),
    ) -> Result<bool, Failure> {
        let stretches = match source.partitions(&ledger::topic()) {
            Err(failure) if failure.kind == FailureKind::NotFound => Vec::new(),
            stretches => stretches?,
        };
        let end_of = |partition: &i32| stretches.iter().find(|stretch| stretch.partition == *partition);
        let is_another =
            self.read.iter().any(|(partition, read)| end_of(partition).is_none_or(|stretch| stretch.to < *read));
        if is_another {
            *self = Self::default();
        }
        let since = |stretch: &Stretch| {
            let read = self.read.get(&stretch.partition).copied().unwrap_or(stretch.from);
            Stretch { from: stretch.from.max(read), ..*stretch }
        };
        let news: Vec<Stretch> = stretches.iter().map(since).collect();
        ledger::read(source, &news, &mut |record, key, value| {
            if let Some(settling) = self.of.entry(key.topic()).or_default().add(key, value, record.timestamp) {
                each(key.topic(), settling);
            }
        })?;
        self.read = stretches.iter().map(|stretch| (stretch.partition, stretch.to)).collect();
        Ok(is_another)
    }

    /// What it says of a topic.
    pub fn of(&self, topic: TopicId) -> Option<&Account> {
        self.of.get(&topic)
    }
}

impl Account {
    fn add(&mut self, key: LedgerKey, value: &[u8], time: Option<i64>) -> Option<Settling> {
        let is_known = match key {
            LedgerKey::Letter { partition, offset, .. } => self.ledger.settled.contains(partition, offset),
            _ => false,
        };
        self.ledger.add(key, value);
        match key {
            LedgerKey::Letter { partition, offset, .. } if !is_known => {
                let entry = serde_json::from_slice::<LedgerEntry>(value).ok();
                let had_returned = entry.as_ref().is_some_and(|entry| entry.fate.redrives_before() > 0);
                if let Some(entry) = &entry {
                    *self.counts.entry(entry.fate.as_str()).or_default() += 1;
                    self.returned += u64::from(had_returned);
                    if let (Some(time), Some(written)) = (time, entry.written) {
                        self.waits.add(time.saturating_sub(written));
                    }
                }
                let fingerprint = entry.map(|entry| entry.fingerprint);
                Some(Settling { partition, offset, fingerprint, had_returned })
            }
            LedgerKey::Restored { partition, offset, .. } if self.restored.insert(partition, offset) => {
                *self.counts.entry(Fate::Restored.as_str()).or_default() += 1;
                None
            }
            _ => None,
        }
    }
}
