use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::watch;

use super::GROUP;
use super::read::{LOCK_TAIL, LockRecord};
use crate::adapters::kafka::data::{self, Context};
use crate::ports::Failure;
use crate::ports::connection::Connection;
use crate::ports::journal::LOCK_TOPIC;

/// How members of the group agree on who has the partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// KIP-848: the broker assigns, and never takes a partition from a member that lives.
    Consumer,
    /// The older one: the members assign. With cooperative-sticky a newcomer gets nothing that somebody has; with the
    /// default it would.
    Classic,
}

/// How long the poll of a member takes at most, and so how soon it notices that it is to leave.
const POLL: Duration = Duration::from_millis(20);

/// How far a member has come.
#[derive(Debug, Clone)]
enum State {
    Waiting,
    Assigned,
    Failed(Failure),
}

/// A member of the group. It polls in a thread of its own, because a member that does not poll is taken for dead.
pub(super) struct Group {
    consumer: Arc<BaseConsumer<Context>>,
    context: Context,
    connection: Connection,
    records: Mutex<mpsc::Receiver<Heard>>,
    state: watch::Receiver<State>,
    leave: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Group {
    /// Asks for the lock.
    pub(super) fn join(connection: &Connection, protocol: Protocol) -> Result<Self, Failure> {
        const TRIED: &str = "ask for the lock of the cluster";
        let context = Context::new(connection);
        let mut config = data::client(connection)?;
        config
            .set("group.id", GROUP)
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "latest")
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            // Nothing is fetched for long: see `last_lock_record`.
            .set("fetch.wait.max.ms", "10");
        match protocol {
            Protocol::Consumer => config.set("group.protocol", "consumer"),
            Protocol::Classic => config
                .set("group.protocol", "classic")
                .set("partition.assignment.strategy", "cooperative-sticky")
                // The shortest that brokers take by default (group.min.session.timeout.ms is 6 s).
                .set("session.timeout.ms", "6000")
                .set("heartbeat.interval.ms", "500"),
        };
        let failed = |error: &KafkaError| data::describe(TRIED, connection, &context, error);
        let consumer =
            BaseConsumer::from_config_and_context(&config, context.clone()).map_err(|error| failed(&error))?;
        consumer.subscribe(&[LOCK_TOPIC]).map_err(|error| failed(&error))?;
        let consumer = Arc::new(consumer);
        let (sender, state) = watch::channel(State::Waiting);
        let (records, heard) = mpsc::channel();
        let leave = Arc::new(AtomicBool::new(false));
        let (of_member, leaves) = (consumer.clone(), leave.clone());
        let connection = connection.clone();
        let member = Member {
            consumer: of_member,
            context: context.clone(),
            connection: connection.clone(),
            state: sender,
            records,
            leave: leaves,
        };
        let thread = std::thread::Builder::new().name("lock".to_owned()).spawn(move || member.live());
        let thread = thread.map_err(|error| {
            let kind = crate::ports::FailureKind::Server;
            crate::adapters::kafka::failure::build(kind, TRIED, &connection, error.to_string(), None)
        })?;
        Ok(Self { consumer, context, connection, state, records: Mutex::new(heard), leave, thread: Some(thread) })
    }

    /// What the last holder wrote, read by the member that has the lock now: it is connected already. Waits for the
    /// brokers.
    pub(super) fn last_lock_record(&self) -> Result<Option<LockRecord>, Failure> {
        let failed = |error: &KafkaError| {
            data::describe(&format!("read the topic {LOCK_TOPIC}"), &self.connection, &self.context, error)
        };
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        // What was heard before is older.
        while records.try_recv().is_ok() {}
        let tail = Offset::OffsetTail(LOCK_TAIL);
        self.consumer.seek(LOCK_TOPIC, 0, tail, self.connection.timeout).map_err(|error| failed(&error))?;
        let mut last = None;
        loop {
            match records.recv_timeout(self.connection.timeout) {
                Ok(Heard::Record(value)) => last = Some(value),
                Ok(Heard::End) => break,
                Err(_) => return Err(failed(&KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut))),
            }
        }
        if let Ok(assignment) = self.consumer.assignment() {
            // Nothing more is of interest while the lock is held.
            self.consumer.pause(&assignment).map_err(|error| failed(&error))?;
        }
        LockRecord::parse(last.as_deref(), &self.connection)
    }

    /// Whether the lock is ours before this much time has passed.
    pub(super) async fn is_assigned_within(&self, limit: Duration) -> Result<bool, Failure> {
        let mut state = self.state.clone();
        let decided = state.wait_for(|state| !matches!(state, State::Waiting));
        match tokio::time::timeout(limit, decided).await {
            Ok(Ok(state)) => match &*state {
                State::Failed(failure) => Err(failure.clone()),
                State::Waiting | State::Assigned => Ok(true),
            },
            Ok(Err(_)) | Err(_) => Ok(false),
        }
    }

    /// The offset behind the last record of a topic. Waits for the brokers.
    pub(super) fn end_of(&self, topic: &str) -> Result<i64, Failure> {
        let watermarks = self.consumer.fetch_watermarks(topic, 0, self.connection.timeout);
        watermarks.map(|(_, end)| end).map_err(|error| {
            data::describe(&format!("read the topic {topic}"), &self.connection, &self.context, &error)
        })
    }

    /// Leaves, so that the next one has the lock at once.
    pub(super) async fn leave(self) {
        tokio::task::spawn_blocking(|| drop(self)).await.ok();
    }
}

impl Drop for Group {
    /// Waits until the brokers know: a member that only vanishes keeps the lock until its session is over.
    fn drop(&mut self) {
        self.leave.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// What the member reads of the lock's topic.
enum Heard {
    /// The value of a record.
    Record(Vec<u8>),
    /// There is no more for now.
    End,
}

struct Member {
    consumer: Arc<BaseConsumer<Context>>,
    context: Context,
    connection: Connection,
    state: watch::Sender<State>,
    records: mpsc::Sender<Heard>,
    leave: Arc<AtomicBool>,
}

impl Member {
    /// Until it is to leave. When this ends the consumer is closed, which says good-bye to the group.
    fn live(self) {
        let mut failing_since: Option<Instant> = None;
        while !self.leave.load(Ordering::Relaxed) {
            match self.consumer.poll(POLL) {
                // Where nobody listens any more, the member is about to leave.
                Some(Ok(record)) => {
                    let value = record.payload().unwrap_or_default().to_vec();
                    self.records.send(Heard::Record(value)).ok();
                }
                Some(Err(KafkaError::PartitionEOF(_))) => drop(self.records.send(Heard::End)),
                Some(Err(error)) if is_final(&error) => self.fail(&error),
                Some(Err(error)) => {
                    let since = *failing_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > self.connection.timeout {
                        self.fail(&error);
                    }
                }
                None => {}
            }
            let assigned = self.consumer.assignment().is_ok_and(|assignment| assignment.count() > 0);
            self.state.send_if_modified(|state| match state {
                State::Waiting if assigned => {
                    *state = State::Assigned;
                    true
                }
                _ => false,
            });
        }
    }

    fn fail(&self, error: &KafkaError) {
        let failure = data::describe("ask for the lock of the cluster", &self.connection, &self.context, error);
        self.state.send_if_modified(|state| {
            let waits = matches!(state, State::Waiting);
            if waits {
                *state = State::Failed(failure);
            }
            waits
        });
    }
}

/// Whether trying on is of no use.
fn is_final(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::GroupAuthorizationFailed
                | RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::SaslAuthenticationFailed
                | RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::UnsupportedVersion
                | RDKafkaErrorCode::Fatal
        )
    )
}
