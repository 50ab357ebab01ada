//! What the core needs to keep: who applies, what was changed, and what each resource was last made.

mod event;
mod lease;
mod throttle;
mod topics;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::model::{Address, Timestamp};

pub use event::{Event, EventStatus, Origin, Phase, Unmasked, json_lines};
pub use lease::{Lease, Moment};
pub use throttle::{SetThrottle, Throttled};
pub use topics::{
    APPLIED_TOPIC, AUDIT_TOPIC, LEDGER_TOPIC, LOCK_GROUP, LOCK_TOPIC, MOST_BYTES, OWN_PREFIX, TRANSACTIONAL_ID, dlq_id,
    is_own_topic, new_topics,
};

/// The version of every record that is written.
pub const FORMAT_VERSION: u32 = 1;

/// Who holds the lock of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The version of this record: 1.
    pub format_version: u32,
    /// The apply that holds it.
    pub apply_id: String,
    /// Who started it, from where and from which commit.
    pub origin: Origin,
    /// When it took the lock.
    pub since: Timestamp,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { who, host, pid, .. } = &self.origin;
        write!(f, "{who} on {host} (process {pid}, apply {}) since {}", self.apply_id, self.since)
    }
}

/// What a resource was made by the last apply that changed it. It is what drift is told from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The version of this record: 1.
    pub format_version: u32,
    /// The apply that made it so.
    pub apply_id: String,
    /// When.
    pub time: Timestamp,
    /// Its managed fields as they were made, by the names that a plan has for them.
    pub fields: BTreeMap<String, String>,
}

/// Why the lock was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockFailure {
    /// Somebody else has it; who, where the record is readable.
    #[error("{}", held_by(.0.as_ref()))]
    Held(Option<Holder>),
    /// It could not be asked for.
    #[error(transparent)]
    Failed(#[from] Failure),
}

fn held_by(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => format!("the lock is held by {holder}"),
        None => "the lock is held by a member of its group that has not said who it is: it has just got the lock, or it ended \
                 without leaving the group"
            .into(),
    }
}

/// Why nothing was recorded. Whoever could not record an intent must not do what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFailure {
    /// The lock is another's by now, or may be: we were suspended or cut off for too long. Nothing may be written any
    /// more by this holder.
    #[error("the lock was lost: {0}")]
    Fenced(Failure),
    /// The brokers did not take the record. The lock is still ours.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// The record of a cluster, and the lock that must be held to add to it.
pub trait Journal: Send + Sync {
    /// What holding the lock gives.
    type Held: HeldJournal;

    /// What the last holder said of itself; `None` where it released the lock. After a crash this stands although
    /// nobody holds the lock: only [`Self::acquire`] tells that.
    fn holder(&self) -> impl Future<Output = Result<Option<Holder>, Failure>> + Send;

    /// Takes the lock, or says who has it once `wait` is over. The holder never loses it to one who waits. The topics
    /// of [`new_topics`] must exist.
    fn acquire(&self, holder: &Holder, wait: Duration) -> impl Future<Output = Result<Self::Held, LockFailure>> + Send;

    /// The events from a moment on, oldest first; those of a transaction that was not committed are not among them.
    /// Where the topic is not there yet, there are none.
    fn events(&self, since: Option<Timestamp>) -> impl Future<Output = Result<Vec<Event>, Failure>> + Send;

    /// Where the record of the lock ends: it is another place after every apply.
    fn position(&self) -> impl Future<Output = Result<i64, Failure>> + Send;

    /// Intents that have neither an outcome nor a resolution, oldest first: of applies that were interrupted, and of one
    /// that is under way.
    fn open_intents(&self) -> impl Future<Output = Result<Vec<Event>, Failure>> + Send;

    /// What each resource was last made.
    fn applied(&self) -> impl Future<Output = Result<BTreeMap<Address, Applied>, Failure>> + Send;
}

/// The record in the hands of the one who holds the lock. Dropping it lets go of the lock without waiting for the
/// brokers to know.
pub trait HeldJournal: Send + Sync {
    /// Whether the lock is still held. To be asked right before each request that writes.
    fn lease(&self) -> Lease;

    /// The [`position`](Journal::position) at which it was taken: unless it is that of a moment before, another apply was
    /// there since. `None` where the one before was killed: the brokers may serve later what it had sent.
    fn taken_at(&self) -> Option<i64>;

    /// Writes events and what resources were made (`None` = it was deleted) in one transaction: all of them or none.
    fn record(
        &self,
        events: &[Event],
        applied: &[(Address, Option<Applied>)],
    ) -> impl Future<Output = Result<(), RecordFailure>> + Send;

    /// Intents of earlier applies that have neither an outcome nor a resolution, oldest first.
    fn open_intents(&self) -> impl Future<Output = Result<Vec<Event>, Failure>> + Send;

    /// Gives the lock back, so that the next one has it at once.
    fn release(self) -> impl Future<Output = Result<(), Failure>> + Send;
}
