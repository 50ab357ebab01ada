//! Writes a single record, for whoever has no transaction.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};

use super::{Context, Readers, appender, create, failure, unusable};
use crate::ports::Failure;

/// What became of the record.
#[derive(Default)]
struct Delivered(Mutex<Option<Result<(), KafkaError>>>);

impl ProducerContext for Context<Delivered> {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let result = result.as_ref().map(|_| ()).map_err(|(error, _)| error.clone());
        *self.state.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }
}

impl Readers {
    /// Writes a record to the one partition of a topic, and waits until all replicas in sync have it. `tried` says what for. It
    /// blocks, in a runtime.
    pub(in crate::adapters::kafka) fn append(
        &self,
        topic: &str,
        key: &str,
        value: &[u8],
        tried: &str,
    ) -> Result<(), Failure> {
        let connection = self.now();
        let context = Context::new(self.access(), Delivered::default());
        let producer: ThreadedProducer<Context<Delivered>> = create(appender(&connection), &connection, context)
            .map_err(|error| unusable(tried, &connection, &error))?;
        let failed = |error: KafkaError| failure(tried, &connection, &error, producer.context());
        // A topic that is not there would be waited for.
        let metadata = producer.client().fetch_metadata(Some(topic), connection.timeout).map_err(failed)?;
        if let Some(error) = metadata.topics().iter().find_map(|described| described.error()) {
            return Err(super::of_code(tried, &connection, error.into()));
        }
        let record = BaseRecord::<str, [u8]>::to(topic).key(key).payload(value).partition(0);
        producer.send(record).map_err(|(error, _)| failed(error))?;
        producer.flush(connection.timeout.max(Duration::from_secs(10)) + Duration::from_secs(1)).map_err(failed)?;
        let delivered = producer.context().state.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match delivered {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(failed(error)),
            None => Err(failed(KafkaError::Flush(rdkafka::error::RDKafkaErrorCode::OperationTimedOut))),
        }
    }
}
