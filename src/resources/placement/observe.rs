use super::place::Sizes;
use crate::model::{Duration, Timestamp, TopicName};
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery};
use crate::resources::topic::LiveTopics;

/// Over which time traffic is measured: what was written in the last hour.
const LATELY: Duration = Duration(3_600_000);

/// Measures how large the replicas of all partitions are, and how much was written to them lately. What cannot be read
/// is not known.
pub async fn observe(kafka: &impl KafkaAdmin, live: &LiveTopics, now: Timestamp) -> Sizes {
    let topics: Vec<(TopicName, Vec<u32>)> =
        live.topics.iter().map(|(name, topic)| (name.clone(), (0..topic.partitions.len() as u32).collect())).collect();
    let partitions = || topics.iter().flat_map(|(name, numbers)| numbers.iter().map(move |number| (name, *number)));
    let moments = [OffsetAt::Earliest, OffsetAt::Timestamp(now.before(LATELY).unix_millis()), OffsetAt::Latest];
    let query =
        |(topic, partition): (&TopicName, u32)| moments.map(|at| OffsetQuery { topic: topic.clone(), partition, at });
    let queries: Vec<OffsetQuery> = partitions().flat_map(query).collect();
    let (sizes, offsets) = tokio::join!(kafka.replica_sizes(&topics), kafka.offsets(&queries));
    let mut sizes = Sizes::of(sizes);
    let offset = |answer: &Result<Option<crate::ports::kafka::FoundOffset>, crate::ports::Failure>| {
        answer.as_ref().ok().map(|found| found.map(|found| found.offset))
    };
    let traffic = partitions().zip(offsets.chunks(moments.len())).map(|((topic, number), answers)| {
        let records = match answers {
            [earliest, lately, latest] => {
                let (earliest, latest) = (offset(earliest).flatten(), offset(latest).flatten());
                // Where no record is that young, nothing was written.
                let since = offset(lately).map(|lately| lately.or(latest));
                earliest.zip(latest).zip(since.flatten()).map(|((earliest, latest), since)| {
                    let span = |from: i64| latest.saturating_sub(from).max(0).unsigned_abs();
                    (span(since), span(earliest))
                })
            }
            _ => None,
        };
        (topic.clone(), number, records)
    });
    sizes.add_traffic(traffic);
    sizes
}
