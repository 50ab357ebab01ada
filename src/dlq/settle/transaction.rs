//! What a run writes: records, what the ledger says of them, and how far the queue is settled, in one transaction.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::Reasons;
use super::course::Course;
use super::repair::Repaired;
use super::run::{Reached, UnderWay};
use crate::dlq::convention::{REDRIVE_ATTEMPT, REDRIVE_ID};
use crate::dlq::ledger::{FORMAT_VERSION, LedgerSeen, note};
use crate::dlq::{Convention, Fate, Fingerprint, LedgerEntry, LedgerKey, Payload, Seen, Told};
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::records::{Header, Outgoing, Position, Record, RecordSink, RecordSource};

/// How many dead letters one transaction settles at most. A run that is killed begins at most so many again.
pub(super) const BATCH_RECORDS: u64 = 1_000;

/// How many bytes one transaction takes at most, for brokers hold what is open.
const BATCH_BYTES: usize = 4 << 20;

/// How long a transaction is open at most. Readers of what was committed wait for its end.
pub(super) const BATCH_TIME: Duration = Duration::from_secs(1);

/// What a transaction holds.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) since: Option<Instant>,
    pub(super) count: u64,
    pub(super) bytes: usize,
    pub(super) sent: BTreeMap<TopicName, u64>,
    pub(super) parked: u64,
    pub(super) discarded: u64,
    pub(super) reasons: Reasons,
}

impl Batch {
    /// Whether it has been open for long enough.
    pub(super) fn is_old(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= BATCH_TIME)
    }
}

impl<R: RecordSource, S: RecordSink> UnderWay<'_, R, S> {
    /// Adds a dead letter to the open transaction.
    pub(super) fn take(
        &mut self,
        letter: &Record<'_>,
        record: &Record<'_>,
        told: &Told<'_>,
        course: &Course,
        repaired: Option<&Repaired>,
        fingerprint: Fingerprint,
    ) -> Result<(), Failure> {
        self.begin()?;
        self.taken += 1;
        self.open.count += 1;
        self.open.bytes += record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len);
        self.open.reasons.add(fingerprint, told);
        let fate = match course {
            Course::Send { to, partition, attempt, .. } => {
                self.sent += 1;
                *self.open.sent.entry(to.clone()).or_default() += 1;
                Fate::Redriven {
                    to: to.to_string(),
                    partition: *partition,
                    attempt: *attempt,
                    transformed: repaired.is_some(),
                }
            }
            Course::Park { to, attempts, .. } => {
                self.open.parked += 1;
                Fate::Parked { to: to.to_string(), attempts: *attempts }
            }
            Course::Discard { attempts } => {
                self.open.discarded += 1;
                Fate::Discarded {
                    export: self.export.as_ref().map(|export| export.name().to_owned()).unwrap_or_default(),
                    attempts: *attempts,
                }
            }
            Course::Fetch(_) | Course::Stay(_) => return Ok(()),
        };
        let Some(sink) = &mut self.sink else { return Ok(()) };
        match course {
            Course::Send { to, partition, timestamp, attempt } => {
                let (run, attempt) = (self.of.run.to_string(), attempt.to_string());
                // What says why it failed is over; what the record had before stays.
                let is_reason = |name: &str| told.payload() == Payload::Whole && Convention::of_header(name).is_some();
                let is_over = |name: &str| is_reason(name) || name == REDRIVE_ID || name == REDRIVE_ATTEMPT;
                let mut headers: Vec<Header<'_>> =
                    record.headers.iter().filter(|header| !is_over(header.name)).copied().collect();
                if let Some(repaired) = repaired {
                    repaired.put_header(&mut headers);
                }
                headers.push(Header { name: REDRIVE_ID, value: Some(run.as_bytes()) });
                headers.push(Header { name: REDRIVE_ATTEMPT, value: Some(attempt.as_bytes()) });
                sink.send(&Outgoing {
                    topic: to.as_str(),
                    partition: *partition,
                    timestamp: *timestamp,
                    key: record.key,
                    value: repaired.map_or(record.value, |repaired| Some(&repaired.value)),
                    headers: &headers,
                })?;
            }
            // Why it failed is what somebody wants to know of it.
            Course::Park { to, partition, .. } => sink.send(&Outgoing {
                topic: to.as_str(),
                partition: *partition,
                timestamp: letter.timestamp,
                key: letter.key,
                value: letter.value,
                headers: letter.headers,
            })?,
            Course::Discard { .. } => {
                if let Some(export) = self.export.as_mut().filter(|_| self.exported.is_none()) {
                    export.write(letter)?;
                }
            }
            Course::Fetch(_) | Course::Stay(_) => {}
        }
        let key = LedgerKey::Letter { topic: self.of.id, partition: letter.partition, offset: letter.offset };
        let entry = LedgerEntry {
            format_version: FORMAT_VERSION,
            fate,
            run: self.of.run,
            fingerprint,
            written: letter.timestamp,
        };
        self.note(key, &entry)
    }

    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        if self.open.since.is_some() {
            return Ok(());
        }
        self.open.since = Some(Instant::now());
        let Some(sink) = &mut self.sink else { return Ok(()) };
        sink.begin()?;
        if !self.is_recorded {
            self.note(LedgerKey::Run { topic: self.of.id, run: self.of.run }, self.of.about)?;
        }
        Ok(())
    }

    /// Adds a record of the ledger.
    fn note(&mut self, key: LedgerKey, entry: &impl serde::Serialize) -> Result<(), Failure> {
        match &mut self.sink {
            Some(sink) => note(*sink, self.of.ledger_partitions, key, entry),
            None => Ok(()),
        }
    }

    pub(super) fn commit_if_full(&mut self) -> Result<ControlFlow<()>, Failure> {
        if self.open.count < BATCH_RECORDS && self.open.bytes < BATCH_BYTES && !self.open.is_old() {
            return Ok(ControlFlow::Continue(()));
        }
        self.commit()?;
        Ok(self.go_on())
    }

    pub(super) fn commit(&mut self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.open);
        if batch.since.is_none() {
            return Ok(());
        }
        self.note_seen()?;
        if let Some(sink) = &mut self.sink {
            let reached = self.reached.iter().map(|(partition, reached)| match reached {
                Reached::Up(offset) | Reached::Waits(offset) => Position { partition: *partition, offset: *offset },
            });
            // What is given up is kept elsewhere before it is said to be.
            if let Some(export) = self.export.as_mut().filter(|_| batch.discarded > 0 && self.exported.is_none()) {
                export.sync()?;
            }
            sink.commit(&self.of.queue.topic, &reached.collect::<Vec<_>>())?;
            self.is_recorded = true;
        }
        for (to, count) in batch.sent {
            *self.done.sent.entry(to).or_default() += count;
        }
        self.done.reasons.join(batch.reasons);
        self.done.parked += batch.parked;
        self.done.discarded += batch.discarded;
        Ok(())
    }

    /// What was seen that the ledger does not say.
    pub(super) fn news(&self) -> Vec<(i32, Seen)> {
        let is_new =
            |(partition, seen): &(&i32, &Seen)| self.noted.get(partition).copied().unwrap_or_default() != **seen;
        self.seen.iter().filter(is_new).map(|(partition, seen)| (*partition, *seen)).collect()
    }

    /// Adds to the ledger what was seen since: it must be known when retention has removed it.
    fn note_seen(&mut self) -> Result<(), Failure> {
        for (partition, seen) in self.news() {
            let key = LedgerKey::Seen { topic: self.of.id, partition };
            self.note(key, &LedgerSeen { format_version: FORMAT_VERSION, seen })?;
            self.noted.insert(partition, seen);
        }
        Ok(())
    }
}
