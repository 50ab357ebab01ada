use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::transaction::BATCH_RECORDS;
use crate::dlq::ledger::{FORMAT_VERSION, note};
use crate::dlq::{Exported, ExportedRecord, Fate, Fates, LedgerEntry, LedgerKey, LedgerRun};
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

/// Puts what was given up into its queue again, as it was and as new records: each one once, with its entry in the ledger, in
/// one transaction. Only what the ledger says was given up into this export, and was not restored since, is put back.
///
/// `fates` are those of the queue; `about` is the run. Returns how many were put back, also before a failure.
pub fn restore(
    sink: &mut impl RecordSink,
    exported: &Exported,
    fates: &Fates,
    ledger_partitions: usize,
    run: Uuid,
    about: &LedgerRun,
) -> (u64, Result<(), Failure>) {
    let topic = exported.head.topic_id;
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
    let waits = |record: &&ExportedRecord| !back.contains(&(record.partition, record.offset));
    let waiting: Vec<_> = exported
        .records
        .iter()
        .filter(waits)
        .filter_map(|record| Some((record, *given_up.get(&(record.partition, record.offset))?)))
        .collect();
    let mut restored = 0;
    for (number, batch) in waiting.chunks(BATCH_RECORDS as usize).enumerate() {
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
                    topic: exported.head.topic.as_str(),
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
            sink.commit(&exported.head.topic, &[])
        };
        if let Err(failure) = put_back() {
            return (restored, Err(failure));
        }
        restored += batch.len() as u64;
    }
    (restored, Ok(()))
}
