//! Transactions: one thread that owns the producer, writes what it is given, and renews the lease in between.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Message, Timestamp};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use tokio::sync::oneshot;

use super::{HOLDER_KEY, HolderRecord, blocking};
use crate::adapters::kafka::access::Access;
use crate::adapters::kafka::data::{Context, create, failure, is_fenced, producer, unusable};
use crate::ports::connection::Connection;
use crate::ports::journal::{AUDIT_TOPIC, LOCK_TOPIC, Lease, Moment, RecordFailure, TRANSACTIONAL_ID};
use crate::ports::{Failure, FailureKind};

const TRIED: &str = "write the record";

/// A record to write; without a value it says that the key is gone.
pub(super) struct Line {
    pub(super) topic: &'static str,
    pub(super) key: String,
    pub(super) value: Option<Vec<u8>>,
}

/// A producer that has fenced everybody who had its transactional id before.
pub(super) struct OpenWriter {
    producer: ThreadedProducer<Context<Heard>>,
    connection: Connection,
}

/// A writer that renews its lease. Dropping it stops that and leaves the lock as that of a holder that crashed.
pub(super) struct Writer {
    commands: mpsc::Sender<Command>,
    pub(super) lease: Lease,
    audit_end: Arc<AtomicI64>,
    thread: Option<JoinHandle<()>>,
}

enum Command {
    Write(Vec<Line>, oneshot::Sender<Result<(), RecordFailure>>),
    /// The last lines, with the holder's record taken away.
    End(Vec<Line>, oneshot::Sender<Result<(), RecordFailure>>),
}

impl Writer {
    pub(super) async fn open(access: &Arc<Access>) -> Result<OpenWriter, Failure> {
        let config = producer(&*access.now().await, TRANSACTIONAL_ID);
        let heard = Heard { appended: AtomicI64::new(-1), audit_end: Arc::new(AtomicI64::new(-1)) };
        let context = Context::new(access, heard);
        let connection = access.told().clone();
        blocking(move || {
            let producer: ThreadedProducer<Context<Heard>> =
                create(config, &connection, context).map_err(|error| unusable(TRIED, &connection, &error))?;
            // Without a connection the coordinator is asked for half a second later.
            let connected = producer.client().fetch_metadata(Some(AUDIT_TOPIC), connection.timeout);
            connected.map_err(|error| failure("take over the record", &connection, &error, producer.context()))?;
            let ready = producer.init_transactions(connection.timeout.max(Duration::from_secs(10)));
            ready.map_err(|error| failure("take over the record", &connection, &error, producer.context()))?;
            Ok(OpenWriter { producer, connection })
        })
        .await
    }

    /// Writes in one transaction.
    pub(super) async fn write(&self, lines: Vec<Line>) -> Result<(), RecordFailure> {
        self.send(|reply| Command::Write(lines, reply)).await
    }

    /// Writes the last lines, takes the holder's record away and ends the lease.
    pub(super) async fn end(mut self, lines: Vec<Line>) -> Result<(), RecordFailure> {
        let ended = self.send(|reply| Command::End(lines, reply)).await;
        if let Some(thread) = self.thread.take() {
            // A panic there is printed where it happens and takes nothing from us.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        ended
    }

    /// The offset behind the last event that was written, once there is one.
    pub(super) fn audit_end(&self) -> Option<i64> {
        Some(self.audit_end.load(Ordering::Acquire)).filter(|offset| *offset >= 0)
    }

    async fn send(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), RecordFailure>>) -> Command,
    ) -> Result<(), RecordFailure> {
        let (reply, answer) = oneshot::channel();
        let ended = || RecordFailure::Fenced(refusal(String::new(), "the record was closed"));
        self.commands.send(command(reply)).map_err(|_| ended())?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }
}

impl OpenWriter {
    /// Says who holds the lock, and begins to say so again and again. Answers with when the broker took it.
    pub(super) async fn begin(
        self,
        holder: &HolderRecord,
        lease_length: Duration,
        lost: Arc<OnceLock<Failure>>,
    ) -> Result<(Writer, Option<i64>), RecordFailure> {
        let Self { producer, connection } = self;
        let lease = Lease::new(Moment::now(), Duration::ZERO);
        let audit_end = producer.context().state.audit_end.clone();
        let holder = serde_json::to_vec(holder).map_err(|error| not_json(&connection, &error))?;
        let mut transactions = Transactions {
            producer,
            connection,
            lease: lease.clone(),
            lease_length,
            holder: Some(holder),
            ended: lost,
        };
        let (transactions, appended) = blocking(move || {
            transactions.commit(Vec::new())?;
            let appended = transactions.producer.context().state.appended.load(Ordering::Acquire);
            Ok::<_, RecordFailure>((transactions, Some(appended).filter(|millis| *millis >= 0)))
        })
        .await?;
        let (commands, inbox) = mpsc::channel();
        let thread = std::thread::spawn(move || transactions.serve(&inbox));
        Ok((Writer { commands, lease, audit_end, thread: Some(thread) }, appended))
    }
}

struct Transactions {
    producer: ThreadedProducer<Context<Heard>>,
    connection: Connection,
    lease: Lease,
    lease_length: Duration,
    /// Our record in the lock topic; `None` = it is to be taken away.
    holder: Option<Vec<u8>>,
    /// Why the lock is ours no more, be it the member or the record that failed: what fails behind that follows from it.
    ended: Arc<OnceLock<Failure>>,
}

impl Transactions {
    fn serve(mut self, inbox: &mpsc::Receiver<Command>) {
        let every = self.lease_length / 4;
        let mut renew_at = Instant::now() + every;
        loop {
            match inbox.recv_timeout(renew_at.saturating_duration_since(Instant::now())) {
                // One who no longer waits for the answer does not want it either.
                Ok(Command::Write(lines, reply)) => drop(reply.send(self.commit(lines))),
                Ok(Command::End(lines, reply)) => {
                    self.holder = None;
                    let ended = self.commit(lines);
                    self.lease.end();
                    drop(reply.send(ended));
                    return;
                }
                // A renewal that fails shortens the lease by not lengthening it; the next record tells why.
                Err(RecvTimeoutError::Timeout) => drop(self.commit(Vec::new())),
                Err(RecvTimeoutError::Disconnected) => {
                    self.lease.end();
                    return;
                }
            }
            renew_at = Instant::now() + every;
        }
    }

    /// Writes lines and the holder's record in one transaction, and prolongs the lease.
    fn commit(&mut self, lines: Vec<Line>) -> Result<(), RecordFailure> {
        if let Some(why) = self.ended.get() {
            self.lease.end();
            return Err(RecordFailure::Fenced(why.clone()));
        }
        // Whatever happens on the way, the lease counts from before it.
        let from = Moment::now();
        self.producer.begin_transaction().map_err(|error| self.failed(&error))?;
        if let Err(failure) = self.fill(&lines) {
            return Err(self.abort(failure));
        }
        self.wait_until_delivered();
        match self.producer.commit_transaction(self.patience()) {
            Ok(()) => {}
            Err(KafkaError::Transaction(error)) if error.is_retriable() => {
                // Whether it was committed is not known yet; the same call again finds out.
                self.producer.commit_transaction(self.patience()).map_err(|error| self.unknown(&error))?;
            }
            Err(error) => {
                let failure = self.failed(&error);
                return Err(self.abort(failure));
            }
        }
        self.lease.prolong(from, self.lease_length);
        Ok(())
    }

    /// The commit waits too, but looks every tenth of a second only, which is what a small transaction takes in all.
    fn wait_until_delivered(&self) {
        let deadline = Instant::now() + self.patience();
        while self.producer.in_flight_count() > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn patience(&self) -> Duration {
        self.connection.timeout.max(Duration::from_secs(10))
    }

    fn fill(&self, lines: &[Line]) -> Result<(), RecordFailure> {
        for line in lines {
            self.push(line.topic, &line.key, line.value.as_deref())?;
        }
        self.push(LOCK_TOPIC, HOLDER_KEY, self.holder.as_deref())
    }

    fn push(&self, topic: &'static str, key: &str, value: Option<&[u8]>) -> Result<(), RecordFailure> {
        let mut record = BaseRecord::with_opaque_to(topic, Box::new(topic)).key(key).partition(0);
        if let Some(value) = value {
            record = record.payload(value);
        }
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, back)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) => {
                    record = back;
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err((error, _)) => return Err(self.failed(&error)),
            }
        }
    }

    /// Takes back what was begun; the failure is that of the record, or of the taking back where that says more.
    fn abort(&self, failure: RecordFailure) -> RecordFailure {
        if matches!(failure, RecordFailure::Fenced(_)) {
            return failure;
        }
        match self.producer.abort_transaction(self.patience()) {
            Ok(()) => failure,
            Err(error) => self.unknown(&error),
        }
    }

    /// What a failure means: the brokers refuse us for ever, or this time.
    fn failed(&self, error: &KafkaError) -> RecordFailure {
        let failure = failure(TRIED, &self.connection, error, self.producer.context());
        if self.producer.client().fatal_error().is_some() || is_fenced(error) {
            return self.end(failure);
        }
        RecordFailure::Failed(failure)
    }

    /// It is not known what became of a transaction. Another cannot be begun: we are done.
    fn unknown(&self, error: &KafkaError) -> RecordFailure {
        self.end(failure(TRIED, &self.connection, error, self.producer.context()))
    }

    /// Gives the lock up for ever.
    fn end(&self, why: Failure) -> RecordFailure {
        self.lease.end();
        RecordFailure::Fenced(self.ended.get_or_init(|| why).clone())
    }
}

fn refusal(server: String, answer: &str) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        tried: TRIED.into(),
        server,
        answer: answer.into(),
        hint: Some("run apply again: what is done is not done twice".into()),
    }
}

fn not_json(connection: &Connection, error: &serde_json::Error) -> RecordFailure {
    RecordFailure::Failed(refusal(connection.server(), &error.to_string()))
}

/// What the producer hears of its records.
struct Heard {
    /// When the broker took the last record of the lock topic.
    appended: AtomicI64,
    audit_end: Arc<AtomicI64>,
}

impl ProducerContext for Context<Heard> {
    type DeliveryOpaque = Box<&'static str>;

    fn delivery(&self, result: &DeliveryResult<'_>, topic: Box<&'static str>) {
        // What was not delivered fails the transaction, which tells.
        let Ok(message) = result else { return };
        if *topic == AUDIT_TOPIC {
            self.state.audit_end.fetch_max(message.offset() + 1, Ordering::AcqRel);
        } else if *topic == LOCK_TOPIC
            && let Timestamp::LogAppendTime(millis) = message.timestamp()
        {
            self.state.appended.store(millis, Ordering::Release);
        }
    }
}
