use crate::adapters::kafka::KafkaClient;
use crate::cli::context::now;
use crate::model::TopicName;
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery};

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// How many records each topic got in the last day, at most; none where that cannot be seen. Each comes with the number of its
/// partitions. All are asked for at once.
pub async fn last_day(kafka: &KafkaClient, topics: &[(TopicName, u32)]) -> Vec<Option<u64>> {
    let since = OffsetAt::Timestamp(now().unix_millis() - DAY);
    let query = |topic: &TopicName, partition, at| OffsetQuery { topic: topic.clone(), partition, at };
    let queries: Vec<OffsetQuery> = topics
        .iter()
        .flat_map(|(topic, partitions)| (0..*partitions).map(move |partition| (topic, partition)))
        .flat_map(|(topic, partition)| [OffsetAt::Latest, since].map(|at| query(topic, partition, at)))
        .collect();
    let mut found = kafka.offsets(&queries).await.into_iter();
    let mut of_topic = |partitions: u32| {
        let mut sum = Some(0_u64);
        for _ in 0..partitions {
            // Each is taken, also where one of them failed.
            let (to, from) = (found.next(), found.next());
            let count = |to: i64, from: Option<i64>| from.map_or(0, |from| u64::try_from(to - from).unwrap_or(0));
            let of_partition = match (to, from) {
                (Some(Ok(Some(to))), Some(Ok(from))) => Some(count(to.offset, from.map(|from| from.offset))),
                _ => None,
            };
            sum = sum.zip(of_partition).map(|(sum, more)| sum.saturating_add(more));
        }
        sum
    };
    topics.iter().map(|(_, partitions)| of_topic(*partitions)).collect()
}
