//! The lock and the record of apply, on nothing but Kafka.
//!
//! The lock is the assignment of a one-partition topic in a consumer group. Whoever has it takes the transactional id that
//! every holder uses, which fences a predecessor that still believes to hold it, and records each intent with it before
//! the change. What fences does not reach are requests of the admin protocol: they are sent under a [`Lease`] that only a
//! successful transaction prolongs, and a new holder whose predecessor did not give the lock back waits until the lease of
//! that one is over for certain.

mod group;
mod held;
mod read;
mod writer;

use std::sync::Mutex;
use std::time::Duration;

use krafka::__private::protocol::ApiKey;

pub use held::Held;

use self::group::{Group, Protocol};
use self::read::{LockRecord, Reader};
use super::KafkaClient;
use super::data::Context;
use crate::plan::LastApplied;
use crate::ports::Failure;
use crate::ports::connection::Connection;
use crate::ports::journal::{Event, Holder, Journal, LockFailure};

/// The group whose assigned member holds the lock.
const GROUP: &str = "_busctl-lock";
/// The transactional id of whoever holds it.
const TRANSACTIONAL_ID: &str = "busctl";

/// How long requests may be sent after the transaction that proved that nobody else holds the lock. A new holder waits as
/// long before its first write, unless the lock was given back.
const LEASE: Duration = Duration::from_secs(3);

/// How long the brokers may take to give us the lock before we look who has it.
const GRACE_WHERE_TAKEN: Duration = Duration::from_secs(3);
/// How much longer where nobody has it. The classic protocol alone waits three seconds for more members of an empty group.
const GRACE_WHERE_FREE: Duration = Duration::from_secs(30);

/// The lock and the record of one cluster.
pub struct KafkaJournal {
    connection: Connection,
    protocol: Protocol,
    /// A reader that was made ahead of its use.
    prepared: Mutex<Option<Reader>>,
}

impl KafkaClient {
    /// The lock and the record of this cluster.
    pub async fn journal(&self) -> Result<KafkaJournal, Failure> {
        let connection = self.brokers.open_any().await;
        let connection = connection.map_err(|error| self.failure("ask which protocols of groups there are", &error))?;
        // KIP-848; brokers before 4.0 do not offer it.
        let served = connection.negotiate_api_version(ApiKey::ConsumerGroupHeartbeat, i16::MAX, 0).is_some();
        let protocol = if served { Protocol::Consumer } else { Protocol::Classic };
        Ok(KafkaJournal { connection: self.connection.clone(), protocol, prepared: Mutex::default() })
    }
}

impl Journal for KafkaJournal {
    type Held = Held;

    fn prepare(&self) {
        // What fails here fails again, and is told, where it is needed.
        if let (Ok(reader), Ok(mut prepared)) = (self.reader(), self.prepared.lock()) {
            prepared.get_or_insert(reader);
        }
    }

    async fn acquire(&self, holder: Holder, wait: Duration) -> Result<Held, LockFailure> {
        let reader = self.prepared.lock().ok().and_then(|mut prepared| prepared.take());
        let reader = reader.map_or_else(|| self.reader(), Ok)?;
        let group = Group::join(&self.connection, self.protocol)?;
        if group.is_assigned_within(wait.max(GRACE_WHERE_TAKEN)).await? {
            return Ok(Held::take(&self.connection, reader, group, holder).await?);
        }
        let (reader, last) = last_lock_record(&self.connection, reader).await?;
        let is_free = last.as_ref().is_none_or(|last| last.released);
        if is_free && group.is_assigned_within(GRACE_WHERE_FREE).await? {
            return Ok(Held::take(&self.connection, reader, group, holder).await?);
        }
        group.leave().await;
        Err(LockFailure::Held(last.map(|last| last.holder)))
    }

    async fn events(&self) -> Result<Vec<Event>, Failure> {
        self.read(|reader| reader.events(0)).await
    }

    async fn applied(&self) -> Result<LastApplied, Failure> {
        self.read(Reader::applied).await
    }
}

impl KafkaJournal {
    fn reader(&self) -> Result<Reader, Failure> {
        Reader::new(self.connection.clone(), Context::new(&self.connection))
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let reader = self.reader()?;
        blocking(&self.connection, move || question(&reader)).await
    }
}

async fn last_lock_record(connection: &Connection, reader: Reader) -> Result<(Reader, Option<LockRecord>), Failure> {
    blocking(connection, move || {
        let last = reader.last_lock_record()?;
        Ok((reader, last))
    })
    .await
}

/// Runs what waits for librdkafka where waiting holds nobody up.
async fn blocking<T: Send + 'static>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let failed = |error: tokio::task::JoinError| {
        let kind = crate::ports::FailureKind::Server;
        super::failure::build(kind, "use the record of apply", connection, error.to_string(), None)
    };
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}
