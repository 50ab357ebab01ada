use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::{LEASE, TRANSACTIONAL_ID};
use crate::adapters::kafka::data::{self, Context};
use crate::adapters::kafka::failure;
use crate::ports::connection::Connection;
use crate::ports::journal::{AUDIT_TOPIC, Lease};
use crate::ports::{Failure, FailureKind};

/// A record to write: topic, key, value; without a value a tombstone.
pub(super) type Record = (&'static str, String, Option<Vec<u8>>);

/// Writes under the transactional id of whoever holds the lock.
pub(super) struct Writer {
    producer: BaseProducer<Context>,
    context: Context,
    connection: Connection,
    pub(super) lease: Lease,
}

impl Writer {
    /// Takes the transactional id: from now on whoever had it fails.
    pub(super) fn take(connection: &Connection) -> Result<Self, Failure> {
        const TRIED: &str = "take the transactional id of apply";
        let context = Context::new(connection);
        let mut config = data::client(connection)?;
        let milliseconds = connection.timeout.as_millis().clamp(1_000, 300_000).to_string();
        config
            .set("transactional.id", TRANSACTIONAL_ID)
            .set("transaction.timeout.ms", &milliseconds)
            .set("message.timeout.ms", milliseconds)
            .set("acks", "all")
            .set("compression.type", "lz4")
            .set("linger.ms", "5")
            .set("queue.buffering.max.messages", "1000000");
        let failed = |error: KafkaError| data::describe(TRIED, connection, &context, &error);
        let producer = BaseProducer::from_config_and_context(&config, context.clone()).map_err(failed)?;
        // Asks for a token where the login takes one.
        producer.poll(Duration::ZERO);
        // Without a connection the coordinator is asked for half a second later.
        producer.client().fetch_metadata(Some(AUDIT_TOPIC), connection.timeout).map_err(failed)?;
        let begun = Instant::now();
        producer.init_transactions(connection.timeout).map_err(failed)?;
        let lease = Lease::new(Duration::ZERO);
        lease.prolong(begun, LEASE);
        Ok(Self { producer, context, connection: connection.clone(), lease })
    }

    /// Writes records, all or nothing, and prolongs the lease.
    pub(super) fn write(&self, records: &[Record]) -> Result<(), Failure> {
        let begun = Instant::now();
        match self.transaction(records) {
            Ok(()) => {
                self.lease.prolong(begun, LEASE);
                Ok(())
            }
            Err(error) => Err(self.failure(&error)),
        }
    }

    fn transaction(&self, records: &[Record]) -> Result<(), KafkaError> {
        self.producer.begin_transaction()?;
        let committed = self.send(records).and_then(|()| {
            self.wait_until_sent();
            self.producer.commit_transaction(self.connection.timeout)
        });
        if committed.is_err() && self.producer.client().fatal_error().is_none() {
            // Else the next transaction could not begin. Why the commit failed says more than that this fails too.
            self.producer.abort_transaction(self.connection.timeout).ok();
        }
        committed
    }

    fn send(&self, records: &[Record]) -> Result<(), KafkaError> {
        for (topic, key, value) in records {
            let mut record = BaseRecord::to(topic).key(key).partition(0);
            record.payload = value.as_ref();
            while let Err((error, unsent)) = self.producer.send(record) {
                if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                    return Err(error);
                }
                self.producer.poll(Duration::from_millis(10));
                record = unsent;
            }
        }
        Ok(())
    }

    /// The commit waits for it too, but looks only ten times a second.
    fn wait_until_sent(&self) {
        let begun = Instant::now();
        while self.producer.in_flight_count() > 0 && begun.elapsed() < self.connection.timeout {
            self.producer.poll(Duration::from_millis(1));
        }
    }

    fn failure(&self, error: &KafkaError) -> Failure {
        const TRIED: &str = "record what apply does";
        if is_fenced(error) || self.producer.client().fatal_error().is_some() {
            self.lease.lose();
            let answer = "another apply holds the lock by now: this one was away for too long".to_owned();
            let hint = "see what the other one does (`busctl audit`), then run it again".to_owned();
            return failure::build(FailureKind::Fenced, TRIED, &self.connection, answer, Some(hint));
        }
        data::describe(TRIED, &self.connection, &self.context, error)
    }
}

/// Whether somebody else has taken the transactional id.
fn is_fenced(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::Fenced
                | RDKafkaErrorCode::ProducerFenced
                | RDKafkaErrorCode::InvalidProducerEpoch
                | RDKafkaErrorCode::InvalidProducerIdMapping
        )
    )
}

/// Shared by whoever records and by the task that keeps the lease.
pub(super) type SharedWriter = Arc<std::sync::Mutex<Writer>>;
