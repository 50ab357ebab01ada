//! Offsets of partitions, which their leaders alone know.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::{StreamExt, stream};
use krafka::__private::protocol::{
    ApiKey, ListOffsetsRequest, ListOffsetsRequestPartition, ListOffsetsRequestTopic, ListOffsetsResponse,
    MetadataRequest, MetadataResponse, versions,
};
use krafka::KrafkaError;
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::brokers::{Api, host_and_port};
use super::topics::TOPICS_PER_REQUEST;
use crate::ports::Failure;
use crate::ports::kafka::{FoundOffset, OffsetAt, OffsetQuery};

/// Partitions in one request. A lookup by timestamp reads an index, and a broker answers them one after the other.
const PARTITIONS_PER_REQUEST: usize = 1_000;
const REQUESTS_AT_ONCE: usize = 8;

/// As a consumer asks: what no transaction has committed yet counts, for it takes room and is dropped too.
const READ_UNCOMMITTED: i8 = 0;
const NO_REPLICA: i32 = -1;

const LIST_OFFSETS: Api =
    Api { key: ApiKey::ListOffsets, min: versions::LIST_OFFSETS_MIN, max: versions::LIST_OFFSETS_MAX };
/// From the version on that knows the offset of the latest timestamp.
const LIST_MAX_TIMESTAMPS: Api = Api { min: 7, ..LIST_OFFSETS };

type Answer = krafka::Result<Option<FoundOffset>>;

/// What goes into one request: its broker, whether it asks for the newest timestamps, and which query of a partition it is.
type RequestKey<'q> = (&'q str, bool, usize);

/// Who leads which partition.
#[derive(Default)]
struct Leaders {
    /// Address and epoch, or why the partition has no leader.
    partitions: HashMap<(String, u32), krafka::Result<(String, i32)>>,
    /// Topics of which nothing is known, and why.
    topics: HashMap<String, KrafkaError>,
}

impl Leaders {
    fn of(&self, query: &OffsetQuery) -> krafka::Result<(&str, i32)> {
        let topic = query.topic.as_str();
        if let Some(error) = self.topics.get(topic) {
            return Err(error.clone());
        }
        match self.partitions.get(&(topic.to_owned(), query.partition)) {
            Some(Ok((address, epoch))) => Ok((address, *epoch)),
            Some(Err(error)) => Err(error.clone()),
            None => Err(KrafkaError::broker(ErrorCode::UnknownTopicOrPartition, "")),
        }
    }
}

impl KafkaClient {
    pub(super) async fn offsets_of_leaders(
        &self,
        queries: &[OffsetQuery],
    ) -> Vec<Result<Option<FoundOffset>, Failure>> {
        let mut answers: Vec<Option<Answer>> = vec![None; queries.len()];
        // Leaders move between the two requests; who is asked again gets the new one.
        for _ in 0..2 {
            let open: Vec<usize> =
                (0..queries.len()).filter(|index| answers[*index].as_ref().is_none_or(has_moved)).collect();
            if open.is_empty() {
                break;
            }
            for (index, answer) in self.ask_leaders(queries, &open).await {
                answers[index] = Some(answer);
            }
        }
        let answers = queries.iter().zip(answers);
        let failed = |query: &OffsetQuery, error: &KrafkaError| {
            self.failure(&format!("read offsets of partition {} of the topic {}", query.partition, query.topic), error)
        };
        answers
            .map(|(query, answer)| answer.unwrap_or_else(|| Err(unanswered())).map_err(|error| failed(query, &error)))
            .collect()
    }

    async fn ask_leaders(&self, queries: &[OffsetQuery], open: &[usize]) -> Vec<(usize, Answer)> {
        let topics: BTreeSet<&str> = open.iter().map(|index| queries[*index].topic.as_str()).collect();
        let leaders = self.leaders(&topics.into_iter().collect::<Vec<_>>()).await;
        let mut answers = Vec::with_capacity(open.len());
        // A broker refuses a request that names a partition twice: the second query of one goes into another request.
        let mut seen: HashMap<(&str, u32), usize> = HashMap::new();
        let mut requests: BTreeMap<RequestKey<'_>, Vec<(usize, i32)>> = BTreeMap::new();
        for &index in open {
            let query = &queries[index];
            match leaders.of(query) {
                Ok((address, epoch)) => {
                    let turn = seen.entry((query.topic.as_str(), query.partition)).or_default();
                    let newest = query.at == OffsetAt::MaxTimestamp;
                    requests.entry((address, newest, *turn)).or_default().push((index, epoch));
                    *turn += 1;
                }
                Err(error) => answers.push((index, Err(error))),
            }
        }
        let chunks = requests.iter().flat_map(|((address, newest, _), items)| {
            items.chunks(PARTITIONS_PER_REQUEST).map(move |chunk| (*address, *newest, chunk))
        });
        let asked: Vec<_> =
            chunks.map(|(address, newest, chunk)| self.ask_leader(queries, address, newest, chunk)).collect();
        let asked: Vec<Vec<_>> = stream::iter(asked).buffer_unordered(REQUESTS_AT_ONCE).collect().await;
        answers.extend(asked.into_iter().flatten());
        answers
    }

    async fn ask_leader(
        &self,
        queries: &[OffsetQuery],
        address: &str,
        newest: bool,
        items: &[(usize, i32)],
    ) -> Vec<(usize, Answer)> {
        let mut topics: BTreeMap<&str, Vec<ListOffsetsRequestPartition>> = BTreeMap::new();
        for (index, epoch) in items {
            let query = &queries[*index];
            topics.entry(query.topic.as_str()).or_default().push(ListOffsetsRequestPartition {
                partition_index: i32::try_from(query.partition).unwrap_or(i32::MAX),
                current_leader_epoch: *epoch,
                timestamp: wire_timestamp(query.at),
            });
        }
        let topics = topics.into_iter();
        let request = ListOffsetsRequest {
            replica_id: NO_REPLICA,
            isolation_level: READ_UNCOMMITTED,
            topics: topics
                .map(|(name, partitions)| ListOffsetsRequestTopic { name: name.to_owned(), partitions })
                .collect(),
            timeout_ms: i32::try_from(self.timeout.as_millis()).ok(),
        };
        let api = if newest { LIST_MAX_TIMESTAMPS } else { LIST_OFFSETS };
        let response: krafka::Result<ListOffsetsResponse> = self.brokers.ask_at(address, api, &request).await;
        let mut found: HashMap<(String, i32), Answer> = HashMap::new();
        let failed = match response {
            Ok(response) => {
                for topic in response.topics {
                    for partition in topic.partitions {
                        let answer = match partition.error_code {
                            ErrorCode::None => Ok(offset(partition.offset, partition.timestamp)),
                            code => Err(KrafkaError::broker(code, "")),
                        };
                        found.insert((topic.name.clone(), partition.partition_index), answer);
                    }
                }
                unanswered()
            }
            Err(error) => error,
        };
        let answer = |(index, _): &(usize, i32)| {
            let query = &queries[*index];
            let key = (query.topic.as_str().to_owned(), i32::try_from(query.partition).unwrap_or(i32::MAX));
            (*index, found.remove(&key).unwrap_or_else(|| Err(failed.clone())))
        };
        items.iter().map(answer).collect()
    }

    async fn leaders(&self, topics: &[&str]) -> Leaders {
        let chunks = topics.chunks(TOPICS_PER_REQUEST).enumerate();
        let requests: Vec<_> = chunks
            .map(|(turn, chunk)| async move {
                (chunk, self.metadata(turn, &MetadataRequest::for_topics(chunk.to_vec())).await)
            })
            .collect();
        let mut answers = stream::iter(requests).buffer_unordered(self.brokers.lanes());
        let mut leaders = Leaders::default();
        while let Some((chunk, answer)) = answers.next().await {
            add_leaders(&mut leaders, chunk, answer);
        }
        leaders
    }
}

fn add_leaders(leaders: &mut Leaders, asked: &[&str], answer: krafka::Result<MetadataResponse>) {
    let metadata = match answer {
        Ok(metadata) => metadata,
        Err(error) => {
            leaders.topics.extend(asked.iter().map(|name| ((*name).to_owned(), error.clone())));
            return;
        }
    };
    let brokers: HashMap<i32, String> =
        metadata.brokers.iter().map(|broker| (broker.node_id, host_and_port(&broker.host, broker.port))).collect();
    for topic in metadata.topics {
        let Some(name) = topic.name else { continue };
        if topic.partitions.is_empty() && !topic.error_code.is_ok() {
            leaders.topics.insert(name, KrafkaError::broker(topic.error_code, ""));
            continue;
        }
        for partition in topic.partitions {
            let leader = match brokers.get(&partition.leader_id) {
                Some(address) => Ok((address.clone(), partition.leader_epoch)),
                None => Err(KrafkaError::broker(ErrorCode::LeaderNotAvailable, "the partition has no leader")),
            };
            let number = u32::try_from(partition.partition_index).unwrap_or(u32::MAX);
            leaders.partitions.insert((name.clone(), number), leader);
        }
    }
}

fn wire_timestamp(at: OffsetAt) -> i64 {
    match at {
        OffsetAt::Latest => -1,
        OffsetAt::Earliest => -2,
        OffsetAt::MaxTimestamp => -3,
        // Negative ones are words of the protocol.
        OffsetAt::Timestamp(milliseconds) => milliseconds.max(0),
    }
}

fn offset(offset: i64, timestamp: i64) -> Option<FoundOffset> {
    (offset >= 0).then(|| FoundOffset { offset, timestamp: (timestamp >= 0).then_some(timestamp) })
}

fn has_moved(answer: &Answer) -> bool {
    use ErrorCode::{
        FencedLeaderEpoch, LeaderNotAvailable, NotLeaderForPartition, OffsetNotAvailable, UnknownLeaderEpoch,
    };
    matches!(
        answer,
        Err(KrafkaError::Broker {
            code: NotLeaderForPartition
                | FencedLeaderEpoch
                | UnknownLeaderEpoch
                | LeaderNotAvailable
                | OffsetNotAvailable,
            ..
        })
    )
}

fn unanswered() -> KrafkaError {
    KrafkaError::illegal_state("the answer does not speak of it")
}
