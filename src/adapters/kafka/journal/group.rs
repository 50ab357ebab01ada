use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::watch;

use super::GROUP;
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
const POLL: Duration = Duration::from_millis(100);

/// How far a member has come.
#[derive(Debug, Clone)]
enum State {
    Waiting,
    Assigned,
    Failed(Failure),
}

/// A member of the group. It polls in a thread of its own, because a member that does not poll is taken for dead.
pub(super) struct Group {
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
            // What is read while the lock is held is of no use.
            .set("fetch.wait.max.ms", "500")
            .set("queued.min.messages", "1")
            .set("queued.max.messages.kbytes", "1");
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
        let (sender, state) = watch::channel(State::Waiting);
        let leave = Arc::new(AtomicBool::new(false));
        let member = Member { consumer, context, connection: connection.clone(), state: sender, leave: leave.clone() };
        let thread = std::thread::Builder::new().name("lock".to_owned()).spawn(move || member.live());
        let thread = thread.map_err(|error| {
            let kind = crate::ports::FailureKind::Server;
            crate::adapters::kafka::failure::build(kind, TRIED, connection, error.to_string(), None)
        })?;
        Ok(Self { state, leave, thread: Some(thread) })
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

    /// Leaves, so that the next one has the lock at once.
    pub(super) async fn leave(mut self) {
        self.leave.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            tokio::task::spawn_blocking(|| thread.join()).await.ok();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.leave.store(true, Ordering::Relaxed);
    }
}

struct Member {
    consumer: BaseConsumer<Context>,
    context: Context,
    connection: Connection,
    state: watch::Sender<State>,
    leave: Arc<AtomicBool>,
}

impl Member {
    /// Until it is to leave. When this ends the consumer is closed, which says good-bye to the group.
    fn live(self) {
        let mut failing_since: Option<Instant> = None;
        while !self.leave.load(Ordering::Relaxed) {
            match self.consumer.poll(POLL) {
                Some(Err(error)) if is_final(&error) => self.fail(&error),
                Some(Err(error)) => {
                    let since = *failing_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > self.connection.timeout {
                        self.fail(&error);
                    }
                }
                Some(Ok(_)) | None => {}
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
