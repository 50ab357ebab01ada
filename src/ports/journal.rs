//! What the core needs of the lock and the record of apply: who may write, what was done, and what was last applied.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Failure;
use super::kafka::NewTopic;
use crate::model::{Address, Commit, Risk, Timestamp, TopicName};
use crate::plan::{Action, FieldChange, LastApplied};

/// The topic whose one partition is the lock. Its records say who holds it.
pub const LOCK_TOPIC: &str = "_busctl-lock";
/// The topic of intents and outcomes.
pub const AUDIT_TOPIC: &str = "_busctl-audit";
/// The topic of what was last applied.
pub const APPLIED_TOPIC: &str = "_busctl-applied";
/// How the names of the tool's own topics start.
pub const OWN_PREFIX: &str = "_busctl-";

/// Whether a topic is the tool's own: created first, outside the naming policy of the bus, never planned or deleted.
pub fn is_own_topic(name: &str) -> bool {
    name.starts_with(OWN_PREFIX)
}

/// The tool's own topics as they are created. All are compacted: the keys of the audit are unique to the event, so that
/// compaction keeps every one and drops only what a retry wrote twice.
pub fn own_topics(replication_factor: u32, min_insync_replicas: u32) -> Vec<NewTopic> {
    let configs: BTreeMap<Arc<str>, String> = [
        ("cleanup.policy", "compact".to_owned()),
        ("min.insync.replicas", min_insync_replicas.to_string()),
        ("unclean.leader.election.enable", "false".to_owned()),
        ("retention.ms", "-1".to_owned()),
    ]
    .map(|(key, value)| (key.into(), value))
    .into();
    let topic = |name: &str| NewTopic {
        name: name.parse::<TopicName>().expect("the tool's own names are names"),
        partitions: 1,
        replication_factor,
        configs: configs.clone(),
    };
    [LOCK_TOPIC, AUDIT_TOPIC, APPLIED_TOPIC].map(topic).into()
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The apply.
    pub apply_id: String,
    /// The user.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process on that machine.
    pub pid: u32,
    /// Since when.
    pub since: Timestamp,
}

/// What an event says of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is about to be made.
    Intent,
    /// It was made, or not.
    Outcome,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOutcome {
    /// The servers accepted it.
    Done,
    /// It was refused, or it is not known whether it was done.
    Failed,
    /// The apply was interrupted; a later one found the change done.
    FoundDone,
    /// The apply was interrupted; a later one found the change not done.
    FoundNotDone,
    /// The apply was interrupted, and the resource is now neither what it was nor what it was to be.
    FoundElse,
}

/// One record of the audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The apply that it belongs to.
    pub apply_id: String,
    /// Before or after the change.
    pub phase: Phase,
    /// The resource.
    pub address: Address,
    /// What was to happen to it.
    pub action: Action,
    /// What it risked.
    pub risk: Risk,
    /// Its fields before and after.
    pub fields: Vec<FieldChange>,
    /// What became of it; `None` of an intent.
    pub outcome: Option<EventOutcome>,
    /// Why it failed.
    pub error: Option<String>,
    /// When.
    pub time: Timestamp,
    /// The user.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The commit of the manifests.
    pub commit: Option<Commit>,
    /// The digest of the desired state that the plan was made from.
    pub plan_digest: String,
    /// The later apply that found out what had become of it, where the apply itself was interrupted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub found_by: Option<String>,
}

impl Event {
    /// The key of its record: unique to the event.
    pub fn key(&self) -> String {
        let phase = match self.phase {
            Phase::Intent => "intent",
            Phase::Outcome => "outcome",
        };
        format!("{}/{}/{phase}", self.address, self.apply_id)
    }
}

/// What is remembered of a resource: the fields that were last applied, or that it was deleted.
pub type Memory = (Address, Option<BTreeMap<String, String>>);

/// Until when whoever holds the lock may write. Cheap to ask before each request.
///
/// It is prolonged by a successful transaction alone. A process that was suspended for longer than its lease finds it over
/// when it wakes up, on the monotonic clock, before it can send anything.
#[derive(Debug, Clone)]
pub struct Lease {
    started: Instant,
    /// Milliseconds from `started` to its end, and one more; 0 once it is lost for good.
    ends: Arc<AtomicU64>,
}

impl Lease {
    /// A lease from now on.
    pub fn new(length: Duration) -> Self {
        let lease = Self { started: Instant::now(), ends: Arc::new(AtomicU64::new(1)) };
        lease.prolong(lease.started, length);
        lease
    }

    /// Whether its holder may write now.
    pub fn holds(&self) -> bool {
        (self.started.elapsed().as_millis() as u64) + 1 < self.ends.load(Ordering::Acquire)
    }

    /// Whether its holder may write, once it was prolonged where it has run out for a while.
    pub async fn holds_within(&self, limit: Duration) -> bool {
        let asked = Instant::now();
        while !self.holds() {
            if self.ends.load(Ordering::Acquire) == 0 || asked.elapsed() >= limit {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }

    /// Prolongs it by a proof that was begun at `begun`. A lost lease stays lost.
    pub fn prolong(&self, begun: Instant, length: Duration) {
        let ends = (begun.saturating_duration_since(self.started) + length).as_millis() as u64 + 1;
        let longer = |known: u64| (known > 0).then_some(known.max(ends));
        // A lease that was lost meanwhile is left so.
        self.ends.fetch_update(Ordering::AcqRel, Ordering::Acquire, longer).ok();
    }

    /// Ends it for good: somebody else holds the lock.
    pub fn lose(&self) {
        self.ends.store(0, Ordering::Release);
    }
}

/// Why the lock was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockFailure {
    /// Somebody else holds it; who, as far as that is recorded.
    Held(Option<Holder>),
    /// The brokers failed.
    Failed(Failure),
}

impl From<Failure> for LockFailure {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The lock and the record of one cluster.
pub trait Journal: Send + Sync {
    /// The lock while it is held.
    type Held: HeldJournal;

    /// Takes the lock, or waits for it as long as `wait`.
    fn acquire(&self, holder: Holder, wait: Duration) -> impl Future<Output = Result<Self::Held, LockFailure>> + Send;

    /// Every event that is recorded, the oldest first. None where nothing was ever recorded.
    fn events(&self) -> impl Future<Output = Result<Vec<Event>, Failure>> + Send;

    /// What was last applied.
    fn applied(&self) -> impl Future<Output = Result<LastApplied, Failure>> + Send;
}

/// The lock while it is held, and the record that only its holder can write.
pub trait HeldJournal: Send {
    /// Until when its holder may write.
    fn lease(&self) -> Lease;

    /// Records events and what is remembered, all or nothing, on every replica that must have it. Fails where somebody
    /// else holds the lock by now: nothing may be written then.
    fn record(&mut self, events: &[Event], memories: &[Memory]) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Intents that have no outcome: what applies that were interrupted had under way.
    fn open_intents(&mut self) -> impl Future<Output = Result<Vec<Event>, Failure>> + Send;

    /// Gives the lock back.
    fn release(self) -> impl Future<Output = ()> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_over_with_its_time_and_stays_lost() {
        let lease = Lease::new(Duration::from_secs(60));
        assert!(lease.holds());
        lease.lose();
        assert!(!lease.holds());
        lease.prolong(Instant::now(), Duration::from_secs(60));
        assert!(!lease.holds());
        assert!(!Lease::new(Duration::ZERO).holds());
    }

    #[test]
    fn own_topics_are_known_by_their_names() {
        let names: Vec<_> = own_topics(3, 2).into_iter().map(|topic| topic.name.to_string()).collect();
        assert_eq!(names, ["_busctl-lock", "_busctl-audit", "_busctl-applied"]);
        assert!(names.iter().all(|name| is_own_topic(name)) && !is_own_topic("media.raw.v1"));
    }
}
