use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::transaction::BATCH_RECORDS;
use crate::dlq::ledger::{FORMAT_VERSION, note};
use crate::dlq::{ExportHead, Exported, ExportedRecord, Fate, Fates, LedgerEntry, LedgerKey, LedgerRun};
use crate::ports::Failure;
use crate::ports::records::{Header, Outgoing, RecordSink};

/// How many records the ledger says were given up into an export that are not in it.
pub fn lacking(exported: &Exported, fates: &Fates) -> u64 {
    let there: HashSet<_> = exported.records.iter().map(|record| (record.partition, record.offset)).collect();
    let is_of_run =
        |entry: &LedgerEntry| matches!(entry.fate, Fate::Discarded { .. }) && entry.run == exported.head.run;
    let given_up = fates.letters.iter().filter(|letter| is_of_run(&letter.entry));
    given_up.filter(|letter| !there.contains(&(letter.partition, letter.offset))).count() as u64
}

/// What of an export is put back into its queue: what the ledger says was given up into this export, and was not restored since.
pub struct Restoring<'a> {
    head: &'a ExportHead,
    waiting: Vec<(&'a ExportedRecord, &'a LedgerEntry)>,
    /// How many of its records were restored before.
    pub restored_before: u64,
    /// How many of its records the ledger does not say were given up into it: they wait, or met another fate.
    pub not_given_up: u64,
}

impl<'a> Restoring<'a> {
    /// Of an export. `fates` are those of the queue.
    pub fn of(exported: &'a Exported, fates: &'a Fates) -> Self {
        let (mut given_up, mut back) = (HashMap::new(), HashSet::new());
        for letter in &fates.letters {
            let place = (letter.partition, letter.offset);
            match letter.entry.fate {
                Fate::Discarded { .. } if letter.entry.run == exported.head.run => {
                    given_up.insert(place, &letter.entry);
                }
                Fate::Restored => {
                    back.insert(place);
                }
                _ => {}
            }
        }
        let mut restoring = Self { head: &exported.head, waiting: Vec::new(), restored_before: 0, not_given_up: 0 };
        for record in &exported.records {
            let place = (record.partition, record.offset);
            match given_up.get(&place) {
                None => restoring.not_given_up += 1,
                Some(_) if back.contains(&place) => restoring.restored_before += 1,
                Some(entry) => restoring.waiting.push((record, *entry)),
            }
        }
        restoring
    }

    /// How many are put back.
    pub fn count(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// Puts them back, as they were and as new records: each one once, with its entry in the ledger, in one transaction. `about` is
    /// the run. Returns how many were put back, also before a failure.
    pub fn put_back(
        &self,
        sink: &mut impl RecordSink,
        ledger_partitions: usize,
        run: Uuid,
        about: &LedgerRun,
    ) -> (u64, Result<(), Failure>) {
        let topic = self.head.topic_id;
        let mut restored = 0;
        for (number, batch) in self.waiting.chunks(BATCH_RECORDS as usize).enumerate() {
            let mut put_back = || {
                sink.begin()?;
                if number == 0 {
                    note(sink, ledger_partitions, LedgerKey::Run { topic, run }, about)?;
                }
                for (record, entry) in batch {
                    let headers: Vec<Header<'_>> = record
                        .headers
                        .iter()
                        .map(|(name, value)| Header { name, value: value.as_ref().map(|value| &*value.0) })
                        .collect();
                    sink.send(&Outgoing {
                        topic: self.head.topic.as_str(),
                        partition: Some(record.partition),
                        timestamp: record.timestamp,
                        key: record.key.as_ref().map(|key| &*key.0),
                        value: record.value.as_ref().map(|value| &*value.0),
                        headers: &headers,
                    })?;
                    let entry = LedgerEntry {
                        format_version: FORMAT_VERSION,
                        fate: Fate::Restored,
                        run,
                        fingerprint: entry.fingerprint,
                        written: entry.written,
                    };
                    let key = LedgerKey::Restored { topic, partition: record.partition, offset: record.offset };
                    note(sink, ledger_partitions, key, &entry)?;
                }
                sink.commit(&self.head.topic, &[])
            };
            if let Err(failure) = put_back() {
                return (restored, Err(failure));
            }
            restored += batch.len() as u64;
        }
        (restored, Ok(()))
    }
}
