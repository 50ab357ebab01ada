//! Records of topics: the newest, for people to look at, and the deletion of old ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use krafka::KrafkaError;
use krafka::admin::{DeleteRecordsOptions, DescribeTransactionsOptions, TopicPartition};
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::batch::{batches, send_all};
use super::data::{Across, Readers, Stretch};
use super::write::{RECORDS_PER_REQUEST, REQUESTS_AT_ONCE};
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::journal::{AUDIT_TOPIC, Event, json_lines};
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery, Outcomes, StoredRecord};
use crate::ports::records::{self, RecordSink, RecordSource};

/// Partitions that one reader is given at once.
const AT_ONCE: usize = 500;
/// How much further back is read than records are wanted: ends of transactions and what was compacted are no records.
const GAPS: i64 = 8;

impl KafkaClient {
    /// Up to `count` of the newest records of each topic (with its number of partitions), spread over its fullest
    /// partitions. No offset is committed anywhere.
    pub async fn newest_records(
        &self,
        topics: &[(TopicName, u32)],
        count: usize,
    ) -> BTreeMap<TopicName, Result<Vec<StoredRecord>, Failure>> {
        let mut found: BTreeMap<TopicName, Result<Vec<StoredRecord>, Failure>> =
            topics.iter().map(|(topic, _)| (topic.clone(), Ok(Vec::new()))).collect();
        let stretches = self.ends(topics, count, &mut found).await;
        for stretches in stretches.chunks(AT_ONCE) {
            match read(&self.readers, stretches.to_vec()).await {
                Ok(records) => add(records, &mut found),
                // One of them cannot be read: each by itself tells which.
                Err(_) => {
                    for of_topic in stretches.chunk_by(|one, other| one.topic == other.topic) {
                        match read(&self.readers, of_topic.to_vec()).await {
                            Ok(records) => add(records, &mut found),
                            Err(failure) => drop(found.insert(of_topic[0].topic.clone(), Err(failure))),
                        }
                    }
                }
            }
        }
        for records in found.values_mut().flatten() {
            *records = spread(std::mem::take(records), count);
        }
        found
    }

    /// The ends of the fullest partitions; a topic whose offsets cannot be told is said so.
    async fn ends(
        &self,
        topics: &[(TopicName, u32)],
        count: usize,
        found: &mut BTreeMap<TopicName, Result<Vec<StoredRecord>, Failure>>,
    ) -> Vec<Stretch> {
        let queries: Vec<OffsetQuery> = topics
            .iter()
            .flat_map(|(topic, partitions)| (0..*partitions).map(move |partition| (topic, partition)))
            .flat_map(|(topic, partition)| {
                [OffsetAt::Earliest, OffsetAt::Latest].map(|at| OffsetQuery { topic: topic.clone(), partition, at })
            })
            .collect();
        let answers = self.offsets(&queries).await;
        let mut of_topics: BTreeMap<TopicName, Vec<Stretch>> = BTreeMap::new();
        for (queries, answers) in queries.chunks(2).zip(answers.chunks(2)) {
            let OffsetQuery { topic, partition, .. } = &queries[0];
            match answers {
                [Ok(Some(from)), Ok(Some(to))] if from.offset < to.offset => {
                    let stretch =
                        Stretch { topic: topic.clone(), partition: *partition, from: from.offset, to: to.offset };
                    of_topics.entry(topic.clone()).or_default().push(stretch);
                }
                [Err(failure), _] | [_, Err(failure)] => drop(found.insert(topic.clone(), Err(failure.clone()))),
                _ => {}
            }
        }
        of_topics.retain(|topic, _| found.get(topic).is_some_and(Result::is_ok));
        let wanted = i64::try_from(count).unwrap_or(i64::MAX);
        let fullest = |mut stretches: Vec<Stretch>| {
            stretches.sort_by_key(|stretch| (stretch.from - stretch.to, stretch.partition));
            stretches.truncate(count);
            stretches
        };
        of_topics
            .into_values()
            .flat_map(fullest)
            .map(|stretch| Stretch {
                from: stretch.from.max(stretch.to.saturating_sub(wanted).saturating_sub(GAPS)),
                ..stretch
            })
            .collect()
    }
}

impl KafkaClient {
    /// Each leader is asked for its own by the client. What was deleted before is no error: its first record is further on.
    pub(super) async fn delete_records_in_batches(&self, partitions: &[(TopicName, u32, i64)]) -> Outcomes {
        let of = |(topic, partition, _): &(TopicName, u32, i64)| TopicPartition::new(topic.as_str(), *partition as i32);
        send_all(
            batches(partitions, RECORDS_PER_REQUEST, |_| 1),
            REQUESTS_AT_ONCE,
            || self.permit(),
            |batch| async move {
                let before = batch.iter().map(|partition| (of(partition), partition.2));
                let request =
                    async { self.admin().await?.delete_records(before, DeleteRecordsOptions::default()).await };
                let answers = request.await.map(|answers| {
                    answers.into_iter().map(|(of, answer)| (of, answer.map(drop))).collect::<HashMap<_, _>>()
                });
                self.outcomes(batch, answers, of, |(topic, partition, offset)| {
                    format!("delete the records of {topic}, partition {partition}, before offset {offset}")
                })
            },
        )
        .await
    }
}

async fn read(readers: &Arc<Readers>, stretches: Vec<Stretch>) -> Result<Vec<(TopicName, StoredRecord)>, Failure> {
    let readers = readers.clone();
    let read = tokio::task::spawn_blocking(move || readers.stretches(&stretches)).await;
    read.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}

fn add(records: Vec<(TopicName, StoredRecord)>, found: &mut BTreeMap<TopicName, Result<Vec<StoredRecord>, Failure>>) {
    for (topic, record) in records {
        if let Some(Ok(records)) = found.get_mut(&topic) {
            records.push(record);
        }
    }
}

/// The newest of each partition, then those before them, as many as are wanted.
fn spread(mut records: Vec<StoredRecord>, count: usize) -> Vec<StoredRecord> {
    records.sort_by_key(|record| (record.partition, -record.offset));
    let mut rounds: Vec<(usize, StoredRecord)> = Vec::with_capacity(records.len());
    for record in records {
        let round = match rounds.last() {
            Some((round, before)) if before.partition == record.partition => round + 1,
            _ => 0,
        };
        rounds.push((round, record));
    }
    rounds.sort_by_key(|(round, record)| (*round, record.partition));
    rounds.into_iter().map(|(_, record)| record).take(count).collect()
}

impl KafkaClient {
    /// The record at each of these places, or the next one shortly behind it. It is none where nothing is there any more.
    pub async fn records_at(
        &self,
        places: &[(TopicName, u32, i64)],
    ) -> Result<Vec<(TopicName, StoredRecord)>, Failure> {
        let stretch = |(topic, partition, offset): &(TopicName, u32, i64)| Stretch {
            topic: topic.clone(),
            partition: *partition,
            from: *offset,
            to: offset + 1 + GAPS,
        };
        let mut first: BTreeMap<(TopicName, u32), StoredRecord> = BTreeMap::new();
        for places in places.chunks(AT_ONCE) {
            for (topic, record) in read(&self.readers, places.iter().map(stretch).collect()).await? {
                let known = first.entry((topic, record.partition)).or_insert_with(|| record.clone());
                if record.offset < known.offset {
                    *known = record;
                }
            }
        }
        Ok(first.into_iter().map(|((topic, _), record)| (topic, record)).collect())
    }

    /// Begins to write with a transactional id, which is the name of the writer's group too. `mark` is written beside the positions
    /// that it commits, and `tried` says what it is for. No batch that it writes is larger than `most_bytes`, unless a record alone
    /// is. It waits for what another one with that id had begun, and ends it. It blocks, in a runtime.
    ///
    /// # Errors
    /// Fails where the brokers do not let it, or do not answer.
    pub fn transactions(
        &self,
        id: &str,
        mark: &str,
        tried: &str,
        most_bytes: Option<i64>,
    ) -> Result<impl RecordSink + use<>, Failure> {
        self.readers.transactions(id, mark, tried, most_bytes)
    }

    /// The same, but that records of all topics except for those that stay go to another cluster. They are acknowledged there
    /// before what is written here is committed, so that none is lost, and one may be there twice.
    ///
    /// # Errors
    /// Fails where the brokers of either do not let it, or do not answer.
    pub fn transactions_across(
        &self,
        id: &str,
        mark: &str,
        tried: &str,
        most_bytes: Option<i64>,
        (there, stays): (&Self, BTreeSet<TopicName>),
    ) -> Result<impl RecordSink + use<>, Failure> {
        let here = self.readers.transactions(id, mark, tried, most_bytes)?;
        Across::new(&there.readers, here, stays, tried, most_bytes)
    }

    /// Where a group stands in partitions of a topic, of what was committed with this mark alone. It blocks, in a runtime.
    ///
    /// # Errors
    /// Fails where the group may not be described.
    pub fn marked_positions(
        &self,
        group: &str,
        mark: &str,
        topic: &TopicName,
        partitions: &[i32],
    ) -> Result<BTreeMap<i32, i64>, Failure> {
        self.readers.marked_positions(group, mark, topic, partitions)
    }

    /// Since when a transaction of this id is open, in milliseconds since 1970; none where none is.
    ///
    /// # Errors
    /// Fails where the id may not be described.
    pub async fn open_transaction(&self, id: &str) -> Result<Option<i64>, Failure> {
        let options = DescribeTransactionsOptions::default();
        let answer = async { self.admin().await?.describe_transactions([id], options).await };
        let tried = format!("describe the transactional id {id}");
        let described = answer.await.map_err(|error| self.failure(&tried, &error))?.remove(id);
        match described {
            Some(Ok(transaction)) if transaction.state == "Ongoing" => Ok(Some(transaction.start_time_ms)),
            Some(Err(KrafkaError::Broker { code: ErrorCode::TransactionalIdNotFound, .. })) | Some(Ok(_)) | None => {
                Ok(None)
            }
            Some(Err(error)) => Err(self.failure(&tried, &error)),
        }
    }
}

impl KafkaClient {
    /// Adds an event to the audit outside of an apply, of something that changes nothing: neither the lock nor a transaction is
    /// needed for that. It blocks, in a runtime.
    ///
    /// # Errors
    /// Fails where it is not certain that the event is there for good.
    pub fn audit(&self, event: &Event, tried: &str) -> Result<(), Failure> {
        let value = json_lines(std::slice::from_ref(event));
        self.readers.append(AUDIT_TOPIC, &event.key(), value.trim_end().as_bytes(), tried)
    }
}

impl RecordSource for KafkaClient {
    fn partitions(&self, topic: &TopicName) -> Result<Vec<records::Stretch>, Failure> {
        self.readers.partitions(topic)
    }

    fn scan(
        &self,
        topic: &TopicName,
        stretches: &[records::Stretch],
        each: &mut dyn FnMut(&records::Record<'_>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        self.readers.scan(topic, stretches, each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_each_partition_come_first() {
        let record = |partition, offset| StoredRecord {
            partition,
            offset,
            key: None,
            value: None,
            timestamp: None,
            headers: Vec::new(),
        };
        let all = vec![record(1, 7), record(0, 1), record(1, 9), record(0, 3), record(1, 8)];
        let places: Vec<_> = spread(all, 4).iter().map(|record| (record.partition, record.offset)).collect();
        assert_eq!(places, [(0, 3), (1, 9), (0, 1), (1, 8)]);
    }
}
