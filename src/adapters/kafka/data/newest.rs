//! Reads the ends of many partitions with one reader.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::read::{is_about_the_group, may_pass};
use super::{Readers, failure};
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::kafka::StoredRecord;

/// A part of a partition: from its first offset up to the one behind its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::adapters::kafka) struct Stretch {
    pub(in crate::adapters::kafka) topic: TopicName,
    pub(in crate::adapters::kafka) partition: u32,
    pub(in crate::adapters::kafka) from: i64,
    pub(in crate::adapters::kafka) to: i64,
}

impl Readers {
    /// The committed records of stretches, in no order. It blocks, in a runtime.
    pub(in crate::adapters::kafka) fn stretches(
        &self,
        stretches: &[Stretch],
    ) -> Result<Vec<(TopicName, StoredRecord)>, Failure> {
        let consumer = self.take()?;
        let connection = self.connection();
        let failed = |error: KafkaError| failure("read records of topics", connection, &error, consumer.context());
        let mut assignment = TopicPartitionList::new();
        let mut open: HashMap<&str, HashMap<i32, &Stretch>> = HashMap::new();
        for stretch in stretches {
            let partition = stretch.partition as i32;
            assignment
                .add_partition_offset(stretch.topic.as_str(), partition, Offset::Offset(stretch.from))
                .map_err(failed)?;
            open.entry(stretch.topic.as_str()).or_default().insert(partition, stretch);
        }
        consumer.assign(&assignment).map_err(failed)?;
        let mut found = Vec::new();
        let mut ended = 0;
        let mut deadline = Instant::now() + connection.timeout;
        while !open.is_empty() && ended < stretches.len() {
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    deadline = Instant::now() + connection.timeout;
                    let Some(of_topic) = open.get_mut(message.topic()) else { continue };
                    // What was written since belongs to nothing that was asked for.
                    let Some(stretch) = of_topic.get(&message.partition()).copied() else { continue };
                    if message.offset() < stretch.to {
                        let record = StoredRecord {
                            partition: stretch.partition,
                            offset: message.offset(),
                            key: message.key().map(<[u8]>::to_vec),
                            value: message.payload().map(<[u8]>::to_vec),
                            timestamp: message.timestamp().to_millis(),
                            headers: message
                                .headers()
                                .into_iter()
                                .flat_map(|headers| headers.iter())
                                .map(|header| header.key.to_owned())
                                .collect(),
                        };
                        found.push((stretch.topic.clone(), record));
                    }
                    if message.offset() + 1 >= stretch.to {
                        of_topic.remove(&message.partition());
                        if of_topic.is_empty() {
                            open.remove(message.topic());
                        }
                    }
                }
                // Its topic is not told. A partition ends once, unless more is written to it meanwhile.
                Some(Err(KafkaError::PartitionEOF(_))) => ended += 1,
                Some(Err(error)) if is_about_the_group(&error) => {}
                Some(Err(error)) if may_pass(&error) && Instant::now() < deadline => {
                    consumer.context().keep(&error, "");
                }
                Some(Err(error)) => return Err(failed(error)),
                None if Instant::now() < deadline => {}
                None => return Err(failed(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut))),
            }
        }
        consumer.unassign().map_err(failed)?;
        self.keep(consumer);
        Ok(found)
    }
}
