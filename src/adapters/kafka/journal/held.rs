use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::member::Member;
use super::writer::{Line, Writer};
use super::{CHECKPOINT_KEY, Checkpoint, Taken, open_intents};
use crate::adapters::kafka::data::Readers;
use crate::model::Address;
use crate::ports::journal::{
    APPLIED_TOPIC, AUDIT_TOPIC, Applied, Event, FORMAT_VERSION, HeldJournal, LOCK_TOPIC, Lease, MOST_BYTES, Phase,
    RecordFailure,
};
use crate::ports::{Failure, FailureKind};

/// The record of a cluster whose lock we hold.
pub struct KafkaHeldJournal {
    readers: Arc<Readers>,
    writer: Writer,
    member: Member,
    apply_id: String,
    /// Where the record of the lock ended when it was taken, if it had been given back.
    position: Option<i64>,
    /// Where the audit is read from for open intents.
    checkpoint: Option<i64>,
    /// The intents that nothing says the end of.
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// Whether the intents of earlier applies are among them.
    complete: bool,
    intents: HashSet<(String, Option<Address>)>,
}

impl KafkaHeldJournal {
    pub(super) fn new(readers: Arc<Readers>, taken: Taken, member: Member, apply_id: String) -> Self {
        let Taken { writer, position, checkpoint } = taken;
        Self { readers, writer, member, apply_id, position, checkpoint, open: Mutex::default() }
    }

    fn line<T: Serialize>(&self, topic: &'static str, key: String, value: Option<&T>) -> Result<Line, RecordFailure> {
        let refused = |answer: String| Failure {
            kind: FailureKind::Refused,
            tried: format!("write the record `{key}`"),
            server: self.readers.connection().server(),
            answer,
            hint: None,
        };
        let value = value.map(serde_json::to_vec).transpose().map_err(|error| refused(error.to_string()))?;
        // The brokers count the key and some bytes around it too.
        if value.as_ref().is_some_and(|value| value.len() + key.len() + 512 > MOST_BYTES) {
            return Err(refused(format!("it is larger than {} MiB", MOST_BYTES >> 20)).into());
        }
        Ok(Line { topic, key, value })
    }

    fn remember(&self, events: &[Event]) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            let intent = (event.apply_id.clone(), event.address.clone());
            if event.phase == Phase::Intent {
                open.intents.insert(intent);
            } else if event.closes() {
                open.intents.remove(&intent);
            }
        }
    }

    /// From where on the next holder looks for open intents: behind everything, where nothing is open.
    fn next_checkpoint(&self) -> Option<i64> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_clean = open.complete && open.intents.is_empty();
        self.writer.audit_end().filter(|_| is_clean)
    }
}

impl HeldJournal for KafkaHeldJournal {
    fn lease(&self) -> Lease {
        self.writer.lease.clone()
    }

    fn taken_at(&self) -> Option<i64> {
        self.position
    }

    async fn record(&self, events: &[Event], applied: &[(Address, Option<Applied>)]) -> Result<(), RecordFailure> {
        let mut lines = Vec::with_capacity(events.len() + applied.len());
        for event in events {
            lines.push(self.line(AUDIT_TOPIC, event.key(), Some(event))?);
        }
        for (address, applied) in applied {
            lines.push(self.line(APPLIED_TOPIC, address.to_string(), applied.as_ref())?);
        }
        self.writer.write(lines).await?;
        self.remember(events);
        Ok(())
    }

    async fn open_intents(&self) -> Result<Vec<Event>, Failure> {
        let mut earlier = open_intents(&self.readers, self.checkpoint).await?;
        earlier.retain(|event| event.apply_id != self.apply_id);
        self.remember(&earlier);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).complete = true;
        Ok(earlier)
    }

    async fn release(self) -> Result<(), Failure> {
        let checkpoint = self.next_checkpoint();
        let checkpoint = checkpoint.map(|audit_offset| Checkpoint { format_version: FORMAT_VERSION, audit_offset });
        let line = |checkpoint: &Checkpoint| self.line(LOCK_TOPIC, CHECKPOINT_KEY.to_owned(), Some(checkpoint));
        let lines = checkpoint.as_ref().map(line).transpose();
        let Self { writer, member, .. } = self;
        let ended = match lines {
            Ok(line) => writer.end(line.into_iter().collect()).await,
            Err(failure) => Err(failure),
        };
        // Whatever the record says, the lock is to be free.
        member.leave().await;
        ended.map_err(|failure| match failure {
            RecordFailure::Fenced(failure) | RecordFailure::Failed(failure) => failure,
        })
    }
}
