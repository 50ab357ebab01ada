//! Membership of the lock's group: one thread that keeps it up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::sync::watch;

use crate::adapters::kafka::access::Access;
use crate::adapters::kafka::data::{Context, create, failure, lately, reader, unusable};
use crate::ports::connection::{Connection, Sasl};
use crate::ports::journal::{LOCK_GROUP, LOCK_TOPIC};
use crate::ports::{Failure, FailureKind};

const TRIED: &str = "take the lock";
const KEEP: &str = "keep the lock";

/// How long a silent member keeps the lock with the classic protocol. With the newer one the brokers decide
/// (`group.consumer.session.timeout.ms`, 45 s).
const CLASSIC_SESSION: Duration = Duration::from_secs(30);

/// How long a member that leaves waits at most until it can say so.
const LONGEST_FAREWELL: Duration = Duration::from_secs(10);

/// How the group is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// By the brokers (KIP-848): members keep what they have, and joining takes milliseconds.
    Consumer,
    /// By its members. They keep what they have with the assignor `cooperative-sticky` alone.
    Classic,
}

impl Protocol {
    /// How long a group that works may be without one who has the lock.
    pub(super) fn longest_without_owner(self) -> Duration {
        match self {
            Protocol::Consumer => Duration::from_secs(10),
            // While members come to an agreement nobody has anything, and a dead one is waited for.
            Protocol::Classic => CLASSIC_SESSION + Duration::from_secs(15),
        }
    }
}

/// Where a member stands.
#[derive(Debug, Clone)]
pub(super) enum Membership {
    /// It has joined or is about to, and has not got the lock.
    Joining,
    /// It has the lock.
    Assigned,
    /// It had the lock or wanted it, and never will have it again: whoever lost it once starts anew.
    Lost(Failure),
}

/// A member of the group. Dropping it makes the thread leave, without waiting for that.
pub(super) struct Member {
    pub(super) client_id: String,
    state: watch::Receiver<Membership>,
    stop: Arc<AtomicBool>,
    lost: Arc<OnceLock<Failure>>,
    trouble: Arc<Mutex<Option<Failure>>>,
    thread: Option<JoinHandle<()>>,
}

impl Member {
    /// Joins. `name` tells the member from others.
    pub(super) async fn join(access: &Arc<Access>, name: &str, protocol: Protocol) -> Result<Self, Failure> {
        let connection = &*access.now().await;
        let client_id = format!("busctl-lock-{name}");
        let mut config = reader(connection, LOCK_GROUP);
        config.set("client.id", &client_id);
        match protocol {
            Protocol::Consumer => config.set("group.protocol", "consumer"),
            Protocol::Classic => config
                .set("group.protocol", "classic")
                .set("partition.assignment.strategy", "cooperative-sticky")
                .set("session.timeout.ms", CLASSIC_SESSION.as_millis().to_string()),
        };
        let (sender, state) = watch::channel(Membership::Joining);
        let lost = Arc::new(OnceLock::new());
        let trouble = Arc::default();
        let told = Told { membership: sender, lost: lost.clone(), trouble: Arc::clone(&trouble) };
        let context = Context::new(access, told);
        let created: Result<BaseConsumer<Context<Told>>, KafkaError> = create(config, connection, context);
        let subscribed = created.and_then(|consumer| consumer.subscribe(&[LOCK_TOPIC]).map(|()| consumer));
        let consumer = subscribed.map_err(|error| unusable(TRIED, connection, &error))?;
        let stop = Arc::new(AtomicBool::new(false));
        let (connection, stopped) = (connection.clone(), stop.clone());
        let thread = std::thread::spawn(move || keep_up(&consumer, &connection, &stopped));
        Ok(Self { client_id, state, stop, lost, trouble, thread: Some(thread) })
    }

    /// Where it stands, at the latest after this time.
    pub(super) async fn changed_within(&mut self, time: Duration) -> Membership {
        // Where nothing changes, the present state is the answer; so it is once the thread has ended.
        let _ = tokio::time::timeout(time, self.state.changed()).await;
        self.state.borrow_and_update().clone()
    }

    /// Why the lock was lost, once it was.
    pub(super) fn lost(&self) -> Arc<OnceLock<Failure>> {
        self.lost.clone()
    }

    /// What kept it from speaking to the brokers last.
    pub(super) fn trouble(&self) -> Option<Failure> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leaves and waits until the brokers know, so that the next one has the lock at once.
    pub(super) async fn leave(mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A panic there is printed where it happens and takes nothing from us.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

fn keep_up(consumer: &BaseConsumer<Context<Told>>, connection: &Connection, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        match consumer.poll(Duration::from_millis(50)) {
            Some(Err(error)) if is_final(&error) => {
                let context = consumer.context();
                let has_it = matches!(*context.state.membership.borrow(), Membership::Assigned);
                let tried = if has_it { KEEP } else { TRIED };
                context.state.lose(failure(tried, connection, &error, context));
            }
            // Other errors pass or come again.
            Some(Err(_)) => {
                let context = consumer.context();
                let trouble = lately(TRIED, context);
                *context.state.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
            }
            // The records are read elsewhere.
            Some(Ok(_)) | None => {}
        }
    }
    if matches!(connection.sasl, Some(Sasl::OauthBearer(_))) {
        meet_coordinator(consumer, connection.timeout.min(LONGEST_FAREWELL));
    }
    // It leaves the group when it is dropped, by the caller, on this thread.
}

/// Waits until the coordinator answers. Brokers end a session with its token, and a suspended process has had no next one: a member
/// that is dropped while it connects anew leaves without a word, and the group keeps its place until its session is over.
fn meet_coordinator(consumer: &BaseConsumer<Context<Told>>, within: Duration) {
    let mut asked = TopicPartitionList::with_capacity(1);
    asked.add_partition(LOCK_TOPIC, 0);
    let has_ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // That the coordinator answers is all that counts, and where it does not, nothing more can be done.
            drop(consumer.committed_offsets(asked, within));
            has_ended.store(true, Ordering::Release);
        });
        // The next token is fetched while polling alone.
        while !has_ended.load(Ordering::Acquire) {
            drop(consumer.poll(Duration::from_millis(20)));
        }
    });
}

/// Errors after which nothing comes any more.
fn is_final(error: &KafkaError) -> bool {
    matches!(error, KafkaError::MessageConsumptionFatal(_))
        || matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::GroupAuthorizationFailed
                    | RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::UnknownTopicOrPartition
                    | RDKafkaErrorCode::UnsupportedFeature
                    | RDKafkaErrorCode::UnsupportedVersion
            )
        )
}

/// What the member's client tells the others.
struct Told {
    membership: watch::Sender<Membership>,
    lost: Arc<OnceLock<Failure>>,
    trouble: Arc<Mutex<Option<Failure>>>,
}

impl Told {
    fn lose(&self, failure: Failure) {
        // What comes behind the first reason follows from it.
        self.lost.get_or_init(|| failure.clone());
        self.membership.send_replace(Membership::Lost(failure));
    }
}

impl ConsumerContext for Context<Told> {
    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(partitions) if partitions.count() > 0 => {
                // Only the membership counts here: nothing is fetched for it. That it cannot be paused costs some bytes.
                let _ = consumer.pause(partitions);
                self.state.membership.send_if_modified(|state| {
                    let joins = matches!(state, Membership::Joining);
                    if joins {
                        *state = Membership::Assigned;
                    }
                    joins
                });
            }
            Rebalance::Revoke(partitions) if partitions.count() > 0 => self.state.lose(taken_away(self)),
            _ => {}
        }
    }
}

/// Why the group gives up a member: it was silent, by itself or as it could speak to nobody. That says nothing of whether another one
/// has the lock by now.
fn taken_away(context: &Context<Told>) -> Failure {
    const AGAIN: &str = "run apply again: what is done is not done twice";
    let silent = "the group gave us up, as we were silent for too long";
    match lately(KEEP, context) {
        Some(failure) => {
            let hint = failure.hint.map_or_else(|| AGAIN.to_owned(), |hint| format!("{hint}; then {AGAIN}"));
            Failure { answer: format!("{silent}: {}", failure.answer), hint: Some(hint), ..failure }
        }
        None => Failure {
            kind: FailureKind::Refused,
            tried: KEEP.into(),
            server: context.access().told().server(),
            answer: silent.into(),
            hint: Some(AGAIN.into()),
        },
    }
}
