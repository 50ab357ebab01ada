//! Writes records to another cluster, and what became of them to this one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::error::KafkaError;
use rdkafka::producer::{DeliveryResult, Producer, ProducerContext, ThreadedProducer};

use super::transactions::{Transactions, as_java_would, enqueue};
use super::{Context, Readers, create, failure, idempotent, unusable};
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::connection::Connection;
use crate::ports::records::{Outgoing, Position, RecordSink};

/// No transaction spans two clusters: what is written here is committed once the other one has acknowledged its records. A
/// writer that is killed in between has written those without a word of it here.
pub(in crate::adapters::kafka) struct Across {
    here: Transactions,
    /// The topics that are written here.
    stays: BTreeSet<TopicName>,
    there: ThreadedProducer<Context<Undelivered>>,
    connection: Arc<Connection>,
    tried: String,
}

/// Why a record was not delivered, the first one.
#[derive(Default)]
pub(super) struct Undelivered(Mutex<Option<KafkaError>>);

impl ProducerContext for Context<Undelivered> {
    type DeliveryOpaque = ();

    fn delivery(&self, delivered: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = delivered {
            self.state.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.clone());
        }
    }
}

impl Across {
    /// Records of the topics that stay go through `here`, all others to the cluster of these readers. It blocks, in a runtime.
    pub(in crate::adapters::kafka) fn new(
        there: &Readers,
        here: Transactions,
        stays: BTreeSet<TopicName>,
        tried: &str,
        most_bytes: Option<i64>,
    ) -> Result<Self, Failure> {
        let connection = there.now();
        let mut config = idempotent(&connection);
        as_java_would(&mut config, most_bytes);
        let producer: ThreadedProducer<Context<Undelivered>> =
            create(config, &connection, Context::new(there.access(), Undelivered::default()))
                .map_err(|error| unusable(tried, &connection, &error))?;
        Ok(Self { here, stays, there: producer, connection, tried: tried.to_owned() })
    }

    fn given_up(&self, error: &KafkaError) -> Failure {
        self.here.abort();
        failure(&self.tried, &self.connection, error, self.there.context())
    }

    fn undelivered(&self) -> Option<KafkaError> {
        self.there.context().state.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl RecordSink for Across {
    fn begin(&mut self) -> Result<(), Failure> {
        self.here.begin()
    }

    fn send(&mut self, record: &Outgoing<'_>) -> Result<(), Failure> {
        match self.stays.contains(record.topic) {
            true => self.here.send(record),
            false => enqueue(&self.there, record).map_err(|error| self.given_up(&error)),
        }
    }

    fn commit(&mut self, topic: &TopicName, positions: &[Position]) -> Result<(), Failure> {
        let patience = self.connection.timeout.max(Duration::from_secs(10));
        let flushed = self.there.flush(patience);
        if let Some(error) = self.undelivered() {
            return Err(self.given_up(&error));
        }
        flushed.map_err(|error| self.given_up(&error))?;
        self.here.commit(topic, positions)
    }
}
