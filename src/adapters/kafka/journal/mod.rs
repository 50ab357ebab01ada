//! The lock and the record of apply, on nothing but Kafka.
//!
//! The lock is the one partition of a topic: whoever its consumer group gives the partition to holds it. What makes it
//! safe is the transactional id, which everybody who holds the lock shares: a new holder takes it over before anything
//! else, and from then on the brokers refuse what an earlier one writes. Every record that an apply keeps goes through
//! it, so a holder that was suspended finds out at its next intent.

mod held;
mod member;
mod owner;
mod writer;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::held::KafkaHeldJournal;
use self::member::{Member, Membership, Protocol};
use self::writer::Writer;
use super::KafkaClient;
use super::data::{Readers, Record, Start};
use crate::model::{Address, Timestamp};
use crate::ports::connection::Connection;
use crate::ports::journal::{
    APPLIED_TOPIC, AUDIT_TOPIC, Applied, Event, Holder, Journal, LOCK_TOPIC, LockFailure, RecordFailure,
};
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery};
use crate::ports::{Failure, FailureKind};

/// How long a holder relies on the lock after its last commit. It is below the time after which a group gives up a silent
/// member (45 s, and 30 s with the classic protocol), so that a crash costs the next holder no more than that time. Where
/// a broker that is lost holds up the commits for longer, writes wait until one succeeds.
const LEASE: Duration = Duration::from_secs(5);

/// How often the group is asked who has the partition, once somebody wants to know.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// The key of the holder's record in the lock topic.
const HOLDER_KEY: &str = "holder";

/// The key of the record that says from where on the audit may hold open intents.
const CHECKPOINT_KEY: &str = "checkpoint";

/// Records of the lock topic that are read from its end. The holder's is among the last few but for a long series of
/// commits that failed.
const TAIL: i64 = 200;

/// The lock and the record of one cluster.
pub struct KafkaJournal<'c> {
    client: &'c KafkaClient,
    lease: Duration,
    readers: Arc<Readers>,
}

/// The holder's record.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct HolderRecord {
    #[serde(flatten)]
    holder: Holder,
    /// How long the holder relies on the lock after a commit, in milliseconds.
    lease_ms: u64,
}

/// From where on the audit may hold open intents.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Checkpoint {
    format_version: u32,
    audit_offset: i64,
}

/// What the lock topic says.
#[derive(Debug, Default)]
struct LockRecords {
    holder: Option<HolderRecord>,
    /// When the broker took the holder's record.
    appended: Option<i64>,
    checkpoint: Option<i64>,
}

/// What taking the lock gives.
struct Taken {
    writer: Writer,
    /// Where the record of the lock ended before it, if it had been given back.
    position: Option<i64>,
    /// From where on the audit may hold open intents.
    checkpoint: Option<i64>,
}

impl<'c> KafkaJournal<'c> {
    /// The journal of the cluster that a client is connected to.
    pub fn new(client: &'c KafkaClient) -> Self {
        Self { client, lease: LEASE, readers: client.readers.clone() }
    }

    /// The same with another length of the lease, for tests that wait for its end.
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Connects ahead what reads the record, so that the lock is taken sooner. Needs not be called.
    pub fn prepare(&self) {
        let readers = self.readers.clone();
        drop(tokio::task::spawn_blocking(move || readers.prepare()));
    }

    fn connection(&self) -> &'c Connection {
        self.client.access.told()
    }

    /// Makes the record ours, as the member that has the lock.
    async fn take_over(&self, holder: &Holder, lost: Arc<OnceLock<Failure>>) -> Result<Taken, LockFailure> {
        // Before anything else: from here on, whoever held the lock before can commit nothing.
        let writer = Writer::open(&self.client.access).await?;
        let (position, before) = tokio::try_join!(self.position(), lock_records(&self.readers))?;
        let record = HolderRecord { holder: holder.clone(), lease_ms: self.lease.as_millis() as u64 };
        let (writer, begun) = writer.begin(&record, self.lease, lost).await.map_err(|failure| match failure {
            RecordFailure::Fenced(failure) | RecordFailure::Failed(failure) => failure,
        })?;
        // It committed last before that, so its lease ends when this time is over since then.
        if let Some(left) = left_of_lease(&before, begun) {
            tokio::time::sleep(left).await;
        }
        let position = before.holder.is_none().then_some(position);
        Ok(Taken { writer, position, checkpoint: before.checkpoint })
    }

    /// Joins the group and waits until it has the partition. Somebody else's is not waited for any longer than `wait`.
    async fn join(&self, holder: &Holder, protocol: Protocol, wait: Duration) -> Result<Member, LockFailure> {
        let mut member = Member::join(&self.client.access, &holder.apply_id, protocol).await?;
        let enough = Instant::now() + wait;
        let timeout = self.connection().timeout;
        let patience = timeout.max(protocol.longest_without_owner());
        let mut nobody_since = None;
        let mut look_at = Instant::now() + timeout;
        loop {
            match member.changed_within(ASK_AGAIN).await {
                Membership::Assigned => return Ok(member),
                Membership::Lost(failure) => {
                    member.leave().await;
                    return Err(failure.into());
                }
                Membership::Joining => {}
            }
            if Instant::now() < enough.min(look_at) {
                continue;
            }
            look_at = Instant::now() + timeout;
            let owner = owner::of_lock(self.client).await;
            let held = matches!(&owner, Ok(Some(owner)) if *owner != member.client_id);
            nobody_since = if held { None } else { nobody_since.or(Some(Instant::now())) };
            // The lock of a cluster that has gone away is not waited for, nor one that nobody has and nobody is given: the
            // coordinator is there, and cannot write down whose it is.
            let in_vain = owner.is_err() || nobody_since.is_some_and(|since: Instant| since.elapsed() >= patience);
            if !in_vain && (!held || Instant::now() < enough) {
                continue;
            }
            let trouble = member.trouble();
            member.leave().await;
            return Err(match owner {
                Ok(_) if held => LockFailure::Held(self.holder().await?),
                Ok(_) => LockFailure::Failed(never_assigned(self.connection(), trouble)),
                Err(failure) => failure.into(),
            });
        }
    }
}

impl Journal for KafkaJournal<'_> {
    type Held = KafkaHeldJournal;

    async fn holder(&self) -> Result<Option<Holder>, Failure> {
        Ok(lock_records(&self.readers).await?.holder.map(|record| record.holder))
    }

    async fn acquire(&self, holder: &Holder, wait: Duration) -> Result<KafkaHeldJournal, LockFailure> {
        // Who does not want to wait need not join to hear that it is held.
        if wait.is_zero() && owner::of_lock(self.client).await?.is_some() {
            return Err(LockFailure::Held(self.holder().await?));
        }
        let protocol = owner::protocol(self.client).await?;
        let member = match self.join(holder, protocol, wait).await {
            // The feature is there, but the brokers were told not to serve it.
            Err(LockFailure::Failed(failure)) if failure.kind == FailureKind::Unsupported => {
                self.join(holder, Protocol::Classic, wait).await?
            }
            joined => joined?,
        };
        match self.take_over(holder, member.lost()).await {
            Ok(taken) => Ok(KafkaHeldJournal::new(self.readers.clone(), taken, member, holder.apply_id.clone())),
            Err(failure) => {
                member.leave().await;
                Err(failure)
            }
        }
    }

    async fn events(&self, since: Option<Timestamp>) -> Result<Vec<Event>, Failure> {
        let start = since.map_or(Start::Beginning, |since| Start::Time(since.unix_millis().max(0)));
        let mut events = read_events(&self.readers, start).await?;
        events.retain(|event| since.is_none_or(|since| event.time >= since));
        Ok(events)
    }

    async fn position(&self) -> Result<i64, Failure> {
        let topic =
            LOCK_TOPIC.parse().map_err(|error| unreadable(self.connection(), LOCK_TOPIC, format!("{error}")))?;
        let end = OffsetQuery { topic, partition: 0, at: OffsetAt::Latest };
        match self.client.offsets(&[end]).await.remove(0) {
            Ok(end) => Ok(end.map_or(0, |end| end.offset)),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(0),
            Err(failure) => Err(failure),
        }
    }

    async fn open_intents(&self) -> Result<Vec<Event>, Failure> {
        let checkpoint = lock_records(&self.readers).await?.checkpoint;
        open_intents(&self.readers, checkpoint).await
    }

    async fn applied(&self) -> Result<BTreeMap<Address, Applied>, Failure> {
        in_background(&self.readers, APPLIED_TOPIC, Start::Beginning, BTreeMap::new(), |applied, record| {
            let address: Address = parse_key(record.key)?;
            match record.value {
                Some(value) => drop(applied.insert(address, parse(value)?)),
                None => drop(applied.remove(&address)),
            }
            Ok(())
        })
        .await
    }
}

/// Intents that nothing says the end of. Before the checkpoint there are none.
async fn open_intents(readers: &Arc<Readers>, checkpoint: Option<i64>) -> Result<Vec<Event>, Failure> {
    let start = checkpoint.map_or(Start::Beginning, Start::Offset);
    Ok(Event::open_intents(read_events(readers, start).await?))
}

/// Every event from somewhere on, oldest first.
async fn read_events(readers: &Arc<Readers>, start: Start) -> Result<Vec<Event>, Failure> {
    in_background(readers, AUDIT_TOPIC, start, Vec::new(), |events: &mut Vec<Event>, record| {
        // Nobody deletes an event; an operator who did so by hand has left nothing to read.
        if let Some(value) = record.value {
            events.push(parse(value)?);
        }
        Ok(())
    })
    .await
}

async fn lock_records(readers: &Arc<Readers>) -> Result<LockRecords, Failure> {
    let near = read_lock(readers, Start::BeforeEnd(TAIL)).await?;
    match (&near.appended, near.checkpoint) {
        (Some(_), Some(_)) => Ok(near),
        _ => read_lock(readers, Start::Beginning).await,
    }
}

async fn read_lock(readers: &Arc<Readers>, start: Start) -> Result<LockRecords, Failure> {
    in_background(readers, LOCK_TOPIC, start, LockRecords::default(), |records: &mut LockRecords, record| {
        if record.key == Some(HOLDER_KEY.as_bytes()) {
            records.holder = record.value.map(parse).transpose()?;
            records.appended = Some(record.appended.unwrap_or(i64::MAX));
        } else if record.key == Some(CHECKPOINT_KEY.as_bytes()) {
            let checkpoint: Option<Checkpoint> = record.value.map(parse).transpose()?;
            records.checkpoint = checkpoint.map(|checkpoint| checkpoint.audit_offset);
        }
        Ok(())
    })
    .await
}

/// Runs what blocks away from the runtime's threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}

/// Reads a topic away from the runtime's threads. A topic that is not there holds nothing.
async fn in_background<T: Send + 'static>(
    readers: &Arc<Readers>,
    topic: &'static str,
    start: Start,
    mut into: T,
    mut take: impl FnMut(&mut T, Record<'_>) -> Result<(), String> + Send + 'static,
) -> Result<T, Failure> {
    let readers = readers.clone();
    blocking(move || {
        let mut broken = None;
        let done = readers.read(topic, start, |record| {
            if broken.is_none() {
                broken = take(&mut into, record).err();
            }
        });
        match (done, broken) {
            (Err(failure), _) if failure.kind == FailureKind::NotFound => Ok(into),
            (Err(failure), _) => Err(failure),
            (Ok(()), None) => Ok(into),
            (Ok(()), Some(why)) => Err(unreadable(readers.connection(), topic, why)),
        }
    })
    .await
}

fn parse<T: DeserializeOwned>(value: &[u8]) -> Result<T, String> {
    serde_json::from_slice(value).map_err(|error| error.to_string())
}

fn parse_key(key: Option<&[u8]>) -> Result<Address, String> {
    let text = std::str::from_utf8(key.unwrap_or_default()).map_err(|error| error.to_string())?;
    text.parse().map_err(|error: crate::model::AddressError| error.to_string())
}

/// How long the lease of the one before may still hold, as the broker's clock tells: `begun` is when our first record
/// was taken, after the one before was fenced.
fn left_of_lease(before: &LockRecords, begun: Option<i64>) -> Option<Duration> {
    let lease = before.holder.as_ref()?.lease_ms;
    let passed = match (before.appended, begun) {
        (Some(appended), Some(begun)) => u64::try_from(begun.saturating_sub(appended)).unwrap_or(0),
        // The topic does not keep the broker's time.
        _ => 0,
    };
    lease.checked_sub(passed).filter(|left| *left > 0).map(Duration::from_millis)
}

fn unreadable(connection: &Connection, topic: &str, why: String) -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        tried: format!("read the topic {topic}"),
        server: connection.server(),
        answer: format!("it holds a record that this version cannot read: {why}"),
        hint: Some(
            "a newer busctl wrote it, or something else did: use the newer one, and let nobody else write".into(),
        ),
    }
}

fn never_assigned(connection: &Connection, trouble: Option<Failure>) -> Failure {
    // A broker that does not answer leaves others that do; what is refused of us, none takes.
    trouble.filter(|trouble| trouble.kind == FailureKind::Authentication).unwrap_or_else(|| Failure {
        kind: FailureKind::Timeout,
        tried: "take the lock".into(),
        server: connection.server(),
        answer: "nobody has it, and the group's coordinator did not give it to us in time".into(),
        hint: Some("see whether the brokers are overloaded, or give a longer --timeout".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::journal::{FORMAT_VERSION, Origin};

    fn records(appended: Option<i64>) -> LockRecords {
        let origin = Origin { who: "ada".into(), host: "ci-7".into(), pid: 42, commit: None, dirty: false };
        let since = Timestamp::of_unix_millis(0);
        let holder = Holder { format_version: FORMAT_VERSION, apply_id: "a1".into(), origin, since };
        LockRecords { holder: Some(HolderRecord { holder, lease_ms: 20_000 }), appended, checkpoint: None }
    }

    #[test]
    fn the_lease_of_the_one_before_is_waited_for() {
        assert_eq!(left_of_lease(&records(Some(1_000)), Some(6_000)), Some(Duration::from_secs(15)));
        assert_eq!(left_of_lease(&records(Some(1_000)), Some(21_000)), None);
        // Clocks that disagree, or do not tell, cost the whole time.
        assert_eq!(left_of_lease(&records(Some(9_000)), Some(6_000)), Some(Duration::from_secs(20)));
        assert_eq!(left_of_lease(&records(Some(i64::MAX)), Some(6_000)), Some(Duration::from_secs(20)));
        assert_eq!(left_of_lease(&records(Some(1_000)), None), Some(Duration::from_secs(20)));
        assert_eq!(left_of_lease(&LockRecords::default(), Some(6_000)), None);
    }

    #[test]
    fn the_holders_record_is_one_flat_document() {
        let record = records(None).holder.expect("a holder");
        let text = serde_json::to_string(&record).expect("JSON");
        assert!(text.contains(r#""apply_id":"a1""#) && text.contains(r#""lease_ms":20000"#), "{text}");
        let read: HolderRecord = serde_json::from_str(&text).expect("it is read back");
        assert_eq!(read.holder, record.holder);
    }
}
