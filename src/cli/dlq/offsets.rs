//! Where the partitions of queues and of their origins begin, end, and stood a while ago. All topics are asked for at once.

use std::collections::BTreeMap;

use crate::adapters::kafka::KafkaClient;
use crate::dlq::Settled;
use crate::model::{Timestamp, TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::journal::dlq_id;
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery, StoredRecord, TopicInfo};
use crate::ports::records::Stretch;

/// An hour, in milliseconds.
pub const HOUR: i64 = 3_600_000;

/// A day, in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// How often it is looked behind an offset that is no record for one that waits.
const LOOKS: u32 = 4;

/// The offsets of each partition at some moments; none where no record is as young.
pub type Offsets<const N: usize> = Vec<[Option<i64>; N]>;

/// What a topic is, or why it cannot be seen.
pub type Described = Result<TopicInfo, Failure>;

/// The offsets of each partition of topics at some moments.
pub async fn offsets<'d, const N: usize>(
    kafka: &KafkaClient,
    described: impl Iterator<Item = &'d Described> + Clone,
    moments: [OffsetAt; N],
) -> Vec<Result<Offsets<N>, Failure>> {
    let partitions = |info: &TopicInfo| 0..u32::try_from(info.partitions.len()).unwrap_or(u32::MAX);
    let places = described.clone().flatten().flat_map(|info| partitions(info).map(move |partition| (info, partition)));
    let queries: Vec<OffsetQuery> = places
        .flat_map(|(info, partition)| moments.map(|at| OffsetQuery { topic: info.name.clone(), partition, at }))
        .collect();
    let mut found = kafka.offsets(&queries).await.into_iter();
    let mut of_topic = |described: &Described| {
        let count = described.as_ref().map_err(Failure::clone)?.partitions.len();
        // Each is taken, also where one of them failed.
        let all: Vec<_> = found.by_ref().take(count * N).collect();
        let all: Vec<Option<i64>> =
            all.into_iter().map(|found| Ok(found?.map(|found| found.offset))).collect::<Result<_, Failure>>()?;
        let of_partition =
            |offsets: &[Option<i64>]| std::array::from_fn(|moment| offsets.get(moment).copied().flatten());
        Ok(all.chunks(N).map(of_partition).collect())
    };
    described.map(&mut of_topic).collect()
}

/// How many records each topic got in the last day, at most: which offsets are no records would have to be read. None where that
/// cannot be seen.
pub async fn last_day<'d>(
    kafka: &KafkaClient,
    described: impl Iterator<Item = &'d Described> + Clone,
    now: Timestamp,
) -> Vec<Option<u64>> {
    let found = offsets(kafka, described, [OffsetAt::Timestamp(now.unix_millis() - DAY), OffsetAt::Latest]).await;
    let count = |partitions: Offsets<2>| {
        let of = |[since, end]: [Option<i64>; 2]| since.zip(end).map_or(0, |(since, end)| end.saturating_sub(since));
        partitions.into_iter().map(|partition| u64::try_from(of(partition)).unwrap_or(0)).sum()
    };
    found.into_iter().map(|found| found.ok().map(count)).collect()
}

/// By partition, the offset before which nothing waits, as far as runs of before have said so with their marks. It blocks.
pub fn bounds(
    kafka: &KafkaClient,
    (topic, id): (&TopicName, TopicId),
    stretches: impl Iterator<Item = Stretch>,
    settled: &Settled,
) -> BTreeMap<i32, i64> {
    let starts: BTreeMap<i32, i64> = stretches.map(|stretch| (stretch.partition, stretch.from)).collect();
    let partitions: Vec<i32> = starts.keys().copied().collect();
    // Who may not see them reads all that was settled once more.
    let mut bounds = kafka.marked_positions(&dlq_id(topic), &mark(id), topic, &partitions).unwrap_or_default();
    // Where the ledger was lost, what they speak of is not known any more.
    bounds.retain(|partition, bound| {
        starts.get(partition).is_some_and(|start| settled.count(*partition, *start, *bound) > 0)
    });
    bounds
}

/// What is written beside the positions of a queue's group. Offsets of a topic that was created again mean other records, and what
/// somebody set by hand says nothing of what was settled.
pub fn mark(id: TopicId) -> String {
    format!("busctl {id}")
}

/// A part of a queue in which records may wait.
#[derive(Clone)]
pub struct Part<'a> {
    /// The queue's topic.
    pub topic: &'a TopicName,
    /// The part.
    pub stretch: Stretch,
    /// Whose fate is known.
    pub settled: &'a Settled,
}

/// The first record of each part that waits. Offsets that are no records lead to the next one, which may be settled: then it is
/// looked behind that, a few times, and what is found last is at least as old.
pub async fn first_waiting(
    kafka: &KafkaClient,
    mut parts: Vec<Part<'_>>,
) -> Result<Vec<(TopicName, StoredRecord)>, Failure> {
    let mut first = Vec::new();
    for look in 1..=LOOKS {
        let open = |part: &Part<'_>| {
            let Stretch { partition, from, to } = part.stretch;
            let offset = part.settled.first_open(partition, from, to)?;
            Some((part.topic.clone(), u32::try_from(partition).ok()?, offset))
        };
        let places: Vec<_> = parts.iter().filter_map(open).collect();
        if places.is_empty() {
            break;
        }
        let found = kafka.records_at(&places).await?.into_iter();
        let mut found: BTreeMap<(TopicName, u32), StoredRecord> =
            found.map(|(topic, record)| ((topic, record.partition), record)).collect();
        parts.retain_mut(|part| {
            let Ok(partition) = u32::try_from(part.stretch.partition) else { return false };
            let Some(record) = found.remove(&(part.topic.clone(), partition)) else { return false };
            if look < LOOKS && part.settled.contains(part.stretch.partition, record.offset) {
                part.stretch.from = record.offset.saturating_add(1);
                return true;
            }
            first.push((part.topic.clone(), record));
            false
        });
    }
    Ok(first)
}
