use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::group::Group;
use super::read::{LockRecord, Reader};
use super::writer::{Record, SharedWriter, Writer};
use super::{LEASE, blocking};
use crate::adapters::kafka::data::Context;
use crate::model::Address;
use crate::ports::Failure;
use crate::ports::connection::Connection;
use crate::ports::journal::{APPLIED_TOPIC, AUDIT_TOPIC, Event, HeldJournal, Holder, LOCK_TOPIC, Lease, Memory, Phase};

/// How often the lease is prolonged where nothing else does.
const RENEWAL: Duration = Duration::from_secs(1);

/// The lock while it is held.
pub struct Held {
    connection: Connection,
    group: Option<Group>,
    writer: SharedWriter,
    lease: Lease,
    record: LockRecord,
    /// Whether the predecessor may have left intents open.
    inherits: bool,
    /// Intents of this apply that have no outcome yet.
    open: HashSet<(Address, String)>,
    renewal: AbortHandle,
}

impl Held {
    /// Takes over the record from whoever had it.
    pub(super) async fn take(connection: &Connection, group: Group, holder: Holder) -> Result<Self, Failure> {
        let taking = connection.clone();
        let (group, writer, record, inherits) = blocking(connection, move || {
            let writer = Writer::take(&taking)?;
            // After the transactional id is ours, nobody adds to what is read here.
            let last = group.last_lock_record()?.filter(|last| !last.released);
            let audit_from = match &last {
                Some(last) => last.audit_from,
                None => group.end_of(AUDIT_TOPIC)?,
            };
            if last.is_some() {
                // Its lease may not be over: a request of it may still be sent.
                std::thread::sleep(LEASE);
            }
            let record = LockRecord { holder, audit_from, released: false };
            writer.write(&[lock_record(&record)])?;
            Ok((group, writer, record, last.is_some()))
        })
        .await?;
        let lease = writer.lease.clone();
        let writer = Arc::new(Mutex::new(writer));
        let renewal = tokio::spawn(renew(connection.clone(), writer.clone(), record.clone())).abort_handle();
        Ok(Self {
            connection: connection.clone(),
            group: Some(group),
            writer,
            lease,
            record,
            inherits,
            open: HashSet::new(),
            renewal,
        })
    }

    async fn write(&self, records: Vec<Record>) -> Result<(), Failure> {
        let writer = self.writer.clone();
        blocking(&self.connection, move || locked(&writer).write(&records)).await
    }
}

/// A thread that panicked while it wrote leaves the writer as usable as before: each write is a whole one.
fn locked(writer: &SharedWriter) -> std::sync::MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Prolongs the lease until it is aborted. What fails here fails at the next record too, which tells it.
async fn renew(connection: Connection, writer: SharedWriter, record: LockRecord) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let (writer, record) = (writer.clone(), record.clone());
        blocking(&connection, move || locked(&writer).write(&[lock_record(&record)])).await.ok();
    }
}

fn lock_record(record: &LockRecord) -> Record {
    (LOCK_TOPIC, "holder".to_owned(), serde_json::to_vec(record).ok())
}

impl HeldJournal for Held {
    fn lease(&self) -> Lease {
        self.lease.clone()
    }

    async fn record(&mut self, events: &[Event], memories: &[Memory]) -> Result<(), Failure> {
        let mut records = Vec::with_capacity(events.len() + memories.len() + 1);
        records.extend(events.iter().map(|event| (AUDIT_TOPIC, event.key(), serde_json::to_vec(event).ok())));
        records.extend(memories.iter().map(|(address, fields)| {
            let value = fields.as_ref().and_then(|fields| serde_json::to_vec(fields).ok());
            (APPLIED_TOPIC, address.to_string(), value)
        }));
        if records.is_empty() {
            // A transaction without a record is not sent, and would prove nothing.
            records.push(lock_record(&self.record));
        }
        for event in events.iter().filter(|event| event.phase == Phase::Intent) {
            self.open.insert((event.address.clone(), event.apply_id.clone()));
        }
        self.write(records).await?;
        for event in events.iter().filter(|event| event.phase == Phase::Outcome) {
            self.open.remove(&(event.address.clone(), event.apply_id.clone()));
        }
        Ok(())
    }

    async fn open_intents(&mut self) -> Result<Vec<Event>, Failure> {
        if !self.inherits {
            return Ok(Vec::new());
        }
        let (connection, context) = (self.connection.clone(), Context::new(&self.connection));
        let from = self.record.audit_from;
        let events = blocking(&self.connection, move || Reader::new(connection, context)?.events(from)).await?;
        let key = |event: &Event| (event.address.clone(), event.apply_id.clone());
        let ended: HashSet<_> = events.iter().filter(|event| event.phase == Phase::Outcome).map(key).collect();
        let mut open: Vec<_> = events.into_iter().filter(|event| event.phase == Phase::Intent).collect();
        open.retain(|event| !ended.contains(&key(event)));
        self.open.extend(open.iter().map(key));
        Ok(open)
    }

    async fn release(mut self) {
        self.renewal.abort();
        // What is still open is for the next one to find.
        if self.open.is_empty() {
            let record = LockRecord { released: true, ..self.record.clone() };
            self.write(vec![lock_record(&record)]).await.ok();
        }
        if let Some(group) = self.group.take() {
            group.leave().await;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}
