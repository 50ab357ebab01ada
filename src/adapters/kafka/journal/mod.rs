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

use std::time::{Duration, Instant};

use krafka::__private::protocol::ApiKey;

pub use held::Held;

use self::group::{Group, Protocol};
use self::read::Reader;
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

/// How soon a member has the lock where nobody else has it. Kafka 4.3 assigns at most once a second (KIP-1263), and a
/// member that came too soon after another one would hear of it with its next heartbeat, five seconds later: it is quicker
/// to come again. The classic protocol waits three seconds for more members of an empty group.
const SOON: Duration = Duration::from_millis(1_200);
/// How long the brokers may take to give the lock to the only one who asks for it.
const GRACE_WHERE_FREE: Duration = Duration::from_secs(30);
/// How long where the last holder has not given it back: it may have been killed long ago.
const GRACE_WHERE_TAKEN: Duration = Duration::from_secs(3);

/// The lock and the record of one cluster.
pub struct KafkaJournal {
    connection: Connection,
    protocol: Protocol,
}

impl KafkaClient {
    /// The lock and the record of this cluster.
    pub async fn journal(&self) -> Result<KafkaJournal, Failure> {
        let connection = self.brokers.open_any().await;
        let connection = connection.map_err(|error| self.failure("ask which protocols of groups there are", &error))?;
        // KIP-848; brokers before 4.0 do not offer it.
        let served = connection.negotiate_api_version(ApiKey::ConsumerGroupHeartbeat, i16::MAX, 0).is_some();
        let protocol = if served { Protocol::Consumer } else { Protocol::Classic };
        Ok(KafkaJournal { connection: self.connection.clone(), protocol })
    }
}

impl Journal for KafkaJournal {
    type Held = Held;

    async fn acquire(&self, holder: Holder, wait: Duration) -> Result<Held, LockFailure> {
        let asked = Instant::now();
        let mut group = Group::join(&self.connection, self.protocol)?;
        let mut patience = SOON;
        loop {
            if group.is_assigned_within(patience).await? {
                return Ok(Held::take(&self.connection, group, holder).await?);
            }
            let last = self.read(Reader::last_lock_record).await?;
            if last.as_ref().is_none_or(|last| last.released) && asked.elapsed() < wait.max(GRACE_WHERE_FREE) {
                if self.protocol == Protocol::Consumer {
                    group.leave().await;
                    group = Group::join(&self.connection, self.protocol)?;
                }
                continue;
            }
            patience = wait.max(GRACE_WHERE_TAKEN).saturating_sub(asked.elapsed());
            if patience.is_zero() {
                group.leave().await;
                return Err(LockFailure::Held(last.map(|last| last.holder)));
            }
        }
    }

    async fn events(&self) -> Result<Vec<Event>, Failure> {
        self.read(|reader| reader.events(0)).await
    }

    async fn applied(&self) -> Result<LastApplied, Failure> {
        self.read(Reader::applied).await
    }
}

impl KafkaJournal {
    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let reader = Reader::new(self.connection.clone(), Context::new(&self.connection))?;
        blocking(&self.connection, move || question(&reader)).await
    }
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
