use std::collections::HashMap;

use uuid::Uuid;

use super::run::BATCH_RECORDS;
use crate::dlq::ledger::FORMAT_VERSION;
use crate::dlq::{Exported, Fate, Fates, Ledger, LedgerEntry, LedgerKey, LedgerRun};
use crate::ports::Failure;
use crate::ports::journal::LEDGER_TOPIC;
use crate::ports::records::{Header, Outgoing, RecordSink};

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
    // A later entry takes the place of an earlier one.
    let known: HashMap<(i32, i64), &LedgerEntry> =
        fates.letters.iter().map(|letter| ((letter.partition, letter.offset), &letter.entry)).collect();
    let given_up = |partition: i32, offset: i64| {
        let entry = known.get(&(partition, offset)).copied()?;
        (matches!(entry.fate, Fate::Discarded { .. }) && entry.run == exported.head.run).then_some(entry)
    };
    let waiting: Vec<_> = exported
        .records
        .iter()
        .filter_map(|record| Some((record, given_up(record.partition, record.offset)?)))
        .collect();
    let partition = Some(Ledger::partition(topic, ledger_partitions));
    let note = |sink: &mut dyn RecordSink, key: LedgerKey, value: Vec<u8>| {
        let key = key.to_string();
        let (key, value) = (Some(key.as_bytes()), Some(&*value));
        sink.send(&Outgoing { topic: LEDGER_TOPIC, partition, timestamp: None, key, value, headers: &[] })
    };
    let mut restored = 0;
    for (number, batch) in waiting.chunks(BATCH_RECORDS as usize).enumerate() {
        let mut put_back = || {
            sink.begin()?;
            if number == 0 {
                note(sink, LedgerKey::Run { topic, run }, serde_json::to_vec(about).unwrap_or_default())?;
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
                let key = LedgerKey::Letter { topic, partition: record.partition, offset: record.offset };
                note(sink, key, serde_json::to_vec(&entry).unwrap_or_default())?;
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
