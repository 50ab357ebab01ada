//! Consumer groups: which there are, who is in them, what they have committed.
//!
//! A group is known to its coordinator alone. krafka's own types ask for one group a request; the requests that take many
//! (KIP-699, KIP-709) are written and read here, so that brokers older than Kafka 3.0 are told apart as unsupported.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use futures::{StreamExt, stream};
use krafka::__private::protocol::{
    ApiKey, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribeGroupsRequest, DescribeGroupsResponse,
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup, DescribeShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsResponseGroup, ListGroupsRequest, ListGroupsResponse, versions,
};
use krafka::KrafkaError;
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::answers::{self, Outcome, assigned, topics_of};
use super::brokers::{Api, host_and_port, negotiate, while_it_stands};
use super::wire::{WireError, Writer};
use crate::model::{GroupId, TopicName};
use crate::ports::Failure;
use crate::ports::kafka::{BrokerAnswer, CommittedOffsets, GroupInfo, GroupKind, GroupMember, ListedGroup};

/// Groups in one request. A coordinator answers them one after the other.
const GROUPS_PER_REQUEST: usize = 100;
const REQUESTS_AT_ONCE: usize = 8;
const KEY_OF_A_GROUP: i8 = 0;

const LIST: Api = Api { key: ApiKey::ListGroups, min: versions::LIST_GROUPS_MIN, max: versions::LIST_GROUPS_MAX };
const DESCRIBE_CLASSIC: Api =
    Api { key: ApiKey::DescribeGroups, min: versions::DESCRIBE_GROUPS_MIN, max: versions::DESCRIBE_GROUPS_MAX };
const DESCRIBE_CONSUMER: Api = Api {
    key: ApiKey::ConsumerGroupDescribe,
    min: versions::CONSUMER_GROUP_DESCRIBE_MIN,
    max: versions::CONSUMER_GROUP_DESCRIBE_MAX,
};
const SHARE_OFFSETS: Api = Api {
    key: ApiKey::DescribeShareGroupOffsets,
    min: versions::DESCRIBE_SHARE_GROUP_OFFSETS_MIN,
    max: versions::DESCRIBE_SHARE_GROUP_OFFSETS_MAX,
};
const FIND_COORDINATORS: Api = Api { key: ApiKey::FindCoordinator, min: 4, max: 6 };
const FETCH_OFFSETS: Api = Api { key: ApiKey::OffsetFetch, min: 8, max: 9 };

impl KafkaClient {
    pub(super) async fn listed_groups(&self) -> Result<Vec<BrokerAnswer<Vec<ListedGroup>>>, Failure> {
        let asked: Vec<_> = self
            .addresses()
            .await?
            .into_iter()
            .map(|(broker, address)| async move {
                let request = ListGroupsRequest { states_filter: Vec::new(), types_filter: Vec::new() };
                let answer: krafka::Result<ListGroupsResponse> = self.brokers.ask_at(&address, LIST, &request).await;
                let answer = answer.and_then(|answer| match answer.error_code {
                    ErrorCode::None => Ok(answer.groups.into_iter().filter_map(listed).collect()),
                    code => Err(KrafkaError::broker(code, "")),
                });
                let tried = format!("list the groups of broker {broker}");
                BrokerAnswer { broker, answer: answer.map_err(|error| self.failure(&tried, &error)) }
            })
            .collect();
        Ok(stream::iter(asked).buffered(REQUESTS_AT_ONCE).collect().await)
    }

    pub(super) async fn described_groups(&self, groups: &[ListedGroup]) -> Vec<Result<GroupInfo, Failure>> {
        let ids: Vec<&GroupId> = groups.iter().map(|group| &group.id).collect();
        let listed: HashMap<&str, &ListedGroup> = groups.iter().map(|group| (group.id.as_str(), group)).collect();
        let listed = &listed;
        self.of_coordinators(&ids, "describe the group", |address, ids| async move {
            let of_kind = |wanted: fn(GroupKind) -> bool| -> Vec<String> {
                let ids = ids.iter().filter(|id| listed.get(id.as_str()).is_some_and(|group| wanted(group.kind)));
                ids.map(|id| id.as_str().to_owned()).collect()
            };
            let consumer = of_kind(|kind| kind == GroupKind::Consumer);
            let classic = of_kind(|kind| matches!(kind, GroupKind::Classic | GroupKind::Unknown));
            let (consumer, classic) =
                tokio::join!(self.describe_consumer(&address, consumer), self.describe_classic(&address, classic));
            let mut answers: HashMap<String, krafka::Result<GroupInfo>> =
                consumer?.into_iter().chain(classic?).collect();
            // Groups of the other kinds have requests of their own; that they are there is known from the list.
            for id in of_kind(|kind| matches!(kind, GroupKind::Share | GroupKind::Streams)) {
                let state = listed.get(id.as_str()).and_then(|group| group.state.clone()).unwrap_or_default();
                answers.insert(id, Ok(GroupInfo { state, members: Vec::new() }));
            }
            Ok(answers)
        })
        .await
    }

    async fn describe_consumer(
        &self,
        address: &str,
        ids: Vec<String>,
    ) -> krafka::Result<Vec<(String, krafka::Result<GroupInfo>)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = ConsumerGroupDescribeRequest::new(ids);
        let answer: ConsumerGroupDescribeResponse = self.brokers.ask_at(address, DESCRIBE_CONSUMER, &request).await?;
        let group = |group: krafka::__private::protocol::ConsumerGroupDescribeGroup| {
            let members = group.members.into_iter().map(|member| GroupMember {
                client_id: member.client_id,
                host: host(&member.client_host),
                topics: topics_of(member.assignment.topic_partitions.iter().map(|topic| topic.topic_name.as_str())),
            });
            let info = match group.error_code {
                ErrorCode::None => Ok(GroupInfo { state: group.group_state, members: members.collect() }),
                code => Err(KrafkaError::broker(code, group.error_message.unwrap_or_default())),
            };
            (group.group_id, info)
        };
        Ok(answer.groups.into_iter().map(group).collect())
    }

    async fn describe_classic(
        &self,
        address: &str,
        ids: Vec<String>,
    ) -> krafka::Result<Vec<(String, krafka::Result<GroupInfo>)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = DescribeGroupsRequest { groups: ids, include_authorized_operations: false };
        let answer: DescribeGroupsResponse = self.brokers.ask_at(address, DESCRIBE_CLASSIC, &request).await?;
        let group = |group: krafka::__private::protocol::DescribedGroup| {
            let members = group.members.into_iter().map(|member| GroupMember {
                client_id: member.client_id,
                host: host(&member.client_host),
                topics: match group.protocol_type.as_str() {
                    "consumer" => assigned(&member.member_assignment).unwrap_or_default(),
                    _ => Vec::new(),
                },
            });
            let info = match group.error_code {
                ErrorCode::None => Ok(GroupInfo { state: group.group_state.clone(), members: members.collect() }),
                code => Err(KrafkaError::broker(code, group.error_message.clone().unwrap_or_default())),
            };
            (group.group_id, info)
        };
        Ok(answer.groups.into_iter().map(group).collect())
    }

    pub(super) async fn committed_by_group(
        &self,
        groups: &[GroupId],
        topics: Option<&[(TopicName, u32)]>,
    ) -> Vec<Result<CommittedOffsets, Failure>> {
        let ids: Vec<&GroupId> = groups.iter().collect();
        self.of_coordinators(&ids, "read the committed offsets of the group", |address, ids| async move {
            let ids = &ids;
            let (answer, version) = self
                .brokers
                .on(&address, |connection| async move {
                    let version = negotiate(&connection, FETCH_OFFSETS)?;
                    let body = fetch_request(version, ids, topics)?;
                    let asking = connection.send_request(FETCH_OFFSETS.key, version, |buffer| body.copy_to(buffer));
                    Ok((while_it_stands(&connection, asking).await?, version))
                })
                .await?;
            Ok(told(answers::committed(&answer, version)?))
        })
        .await
    }

    pub(super) async fn started_by_share_group(&self, groups: &[GroupId]) -> Vec<Result<CommittedOffsets, Failure>> {
        let ids: Vec<&GroupId> = groups.iter().collect();
        self.of_coordinators(&ids, "read the offsets of the share group", |address, ids| async move {
            let group = |id: &&GroupId| DescribeShareGroupOffsetsRequestGroup {
                group_id: id.as_str().to_owned(),
                topics: None,
            };
            let request = DescribeShareGroupOffsetsRequest { groups: ids.iter().map(group).collect() };
            let answer: DescribeShareGroupOffsetsResponse =
                self.brokers.ask_at(&address, SHARE_OFFSETS, &request).await?;
            Ok(answer.groups.into_iter().map(|group| (group.group_id.clone(), started(group))).collect())
        })
        .await
    }

    /// Asks the coordinator of each group, many at a time; answers in the order of the groups.
    async fn of_coordinators<'g, T, F, Fut>(&self, ids: &[&'g GroupId], tried: &str, ask: F) -> Vec<Result<T, Failure>>
    where
        F: Fn(String, Vec<&'g GroupId>) -> Fut,
        Fut: Future<Output = krafka::Result<HashMap<String, krafka::Result<T>>>>,
    {
        let mut answers: HashMap<&str, krafka::Result<T>> = HashMap::new();
        // Coordinators move; a group whose coordinator did is asked for once more.
        for _ in 0..2 {
            let open: Vec<&'g GroupId> =
                ids.iter().copied().filter(|id| answers.get(id.as_str()).is_none_or(has_moved)).collect();
            if open.is_empty() {
                break;
            }
            let mut by_address: BTreeMap<String, Vec<&'g GroupId>> = BTreeMap::new();
            for (id, coordinator) in self.coordinators(&open).await {
                match coordinator {
                    Ok(address) => by_address.entry(address).or_default().push(id),
                    Err(error) => drop(answers.insert(id.as_str(), Err(error))),
                }
            }
            let ask = &ask;
            let requests: Vec<_> = by_address
                .iter()
                .flat_map(|(address, ids)| ids.chunks(GROUPS_PER_REQUEST).map(move |chunk| (address, chunk)))
                .map(|(address, chunk)| async move { (chunk, ask(address.clone(), chunk.to_vec()).await) })
                .collect();
            let asked: Vec<_> = stream::iter(requests).buffer_unordered(REQUESTS_AT_ONCE).collect().await;
            for (chunk, answer) in asked {
                let (mut answer, missing) = match answer {
                    Ok(answer) => (answer, KrafkaError::illegal_state("the answer does not speak of it")),
                    Err(error) => (HashMap::new(), error),
                };
                for id in chunk {
                    let answer = answer.remove(id.as_str()).unwrap_or_else(|| Err(missing.clone()));
                    answers.insert(id.as_str(), answer);
                }
            }
        }
        let answer = |id: &&GroupId| {
            let answer = answers.remove(id.as_str());
            let answer = answer.unwrap_or_else(|| Err(KrafkaError::illegal_state("the answer does not speak of it")));
            answer.map_err(|error| self.failure(&format!("{tried} {id}"), &error))
        };
        ids.iter().map(answer).collect()
    }

    async fn coordinators<'g>(&self, ids: &[&'g GroupId]) -> Vec<(&'g GroupId, krafka::Result<String>)> {
        let chunks = ids.chunks(GROUPS_PER_REQUEST).enumerate();
        let requests: Vec<_> = chunks
            .map(|(turn, chunk)| async move {
                let answer = self.brokers.on_any(turn, |connection| async move {
                    let version = negotiate(&connection, FIND_COORDINATORS)?;
                    let mut body = Writer::new(version);
                    body.code(KEY_OF_A_GROUP);
                    body.length(chunk.len());
                    for id in chunk {
                        body.string(Some(id.as_str()))?;
                    }
                    body.end();
                    let key = FIND_COORDINATORS.key;
                    let asking = connection.send_request(key, version, |buffer| body.copy_to(buffer));
                    Ok((while_it_stands(&connection, asking).await?, version))
                });
                let found = answer.await.and_then(|(answer, version)| Ok(answers::coordinators(&answer, version)?));
                let mut found = match found.map(told) {
                    Ok(found) => found,
                    Err(error) => return chunk.iter().map(|id| (*id, Err(error.clone()))).collect(),
                };
                let missing = || Err(KrafkaError::illegal_state("the answer does not speak of it"));
                chunk
                    .iter()
                    .map(|id| (*id, address_of(found.remove(id.as_str()).unwrap_or_else(missing))))
                    .collect::<Vec<_>>()
            })
            .collect();
        let found: Vec<Vec<_>> = stream::iter(requests).buffered(self.brokers.lanes()).collect().await;
        found.into_iter().flatten().collect()
    }
}

fn listed(group: krafka::__private::protocol::ListedGroup) -> Option<ListedGroup> {
    let kind = match group.group_type.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "classic") => GroupKind::Classic,
        Some("consumer") => GroupKind::Consumer,
        Some("share") => GroupKind::Share,
        Some("streams") => GroupKind::Streams,
        Some(_) => GroupKind::Unknown,
    };
    // What has a name that cannot be asked for cannot be asked for.
    Some(ListedGroup { id: group.group_id.parse().ok()?, kind, state: group.group_state })
}

/// Java's brokers write the address behind a slash.
fn host(written: &str) -> String {
    written.trim_start_matches('/').to_owned()
}

fn fetch_request(version: i16, ids: &[&GroupId], topics: Option<&[(TopicName, u32)]>) -> Result<Writer, WireError> {
    let mut body = Writer::new(version);
    body.length(ids.len());
    for id in ids {
        body.string(Some(id.as_str()))?;
        if version >= 9 {
            // We are no member of the group.
            body.string(None)?;
            body.i32(-1);
        }
        match topics {
            None => body.null_array(),
            Some(topics) => {
                body.length(topics.len());
                for (name, partitions) in topics {
                    body.string(Some(name.as_str()))?;
                    body.length(*partitions as usize);
                    (0..*partitions).for_each(|number| body.i32(i32::try_from(number).unwrap_or(i32::MAX)));
                    body.end();
                }
            }
        }
        body.end();
    }
    // An offset that a transaction has not committed yet is none.
    body.code(0);
    body.end();
    Ok(body)
}

fn told<T>(outcomes: HashMap<String, Outcome<T>>) -> HashMap<String, krafka::Result<T>> {
    outcomes.into_iter().map(|(id, outcome)| (id, outcome.map_err(Into::into))).collect()
}

fn address_of(found: krafka::Result<(String, i32)>) -> krafka::Result<String> {
    found.map(|(host, port)| host_and_port(&host, port))
}

/// The offsets from which a share group goes on. Of a partition that it has not begun there is none, and its topic is one of the
/// group's all the same.
fn started(group: DescribeShareGroupOffsetsResponseGroup) -> krafka::Result<CommittedOffsets> {
    if !group.error_code.is_ok() {
        return Err(KrafkaError::broker(group.error_code, group.error_message.unwrap_or_default()));
    }
    let mut offsets = CommittedOffsets::new();
    for topic in group.topics {
        let Ok(name) = topic.topic_name.parse::<TopicName>() else { continue };
        // Of a topic that is gone there is nothing to know.
        let is_gone = |code: ErrorCode| code == ErrorCode::UnknownTopicOrPartition;
        let partitions = topic.partitions.into_iter().filter(|partition| !is_gone(partition.error_code));
        for partition in partitions {
            if !partition.error_code.is_ok() {
                let message = partition.error_message.unwrap_or_default();
                return Err(KrafkaError::broker(partition.error_code, message));
            }
            let begun = offsets.entry(name.clone()).or_default();
            if let (true, Ok(number)) = (partition.start_offset >= 0, u32::try_from(partition.partition_index)) {
                begun.insert(number, partition.start_offset);
            }
        }
    }
    Ok(offsets)
}

fn has_moved<T>(answer: &krafka::Result<T>) -> bool {
    use ErrorCode::{CoordinatorLoadInProgress, CoordinatorNotAvailable, NotCoordinator};
    matches!(
        answer,
        Err(KrafkaError::Broker { code: NotCoordinator | CoordinatorNotAvailable | CoordinatorLoadInProgress, .. })
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_group_reads_topics_also_where_it_has_not_begun() {
        use krafka::__private::protocol::{
            DescribeShareGroupOffsetsResponsePartition as Partition, DescribeShareGroupOffsetsResponseTopic as Topic,
        };
        let partition = |partition_index, start_offset, error_code| Partition {
            partition_index,
            start_offset,
            leader_epoch: 0,
            lag: -1,
            error_code,
            error_message: None,
        };
        let topic = |name: &str, partitions| Topic { topic_name: name.to_owned(), topic_id: [0; 16], partitions };
        let group = |topics| DescribeShareGroupOffsetsResponseGroup {
            group_id: "g".to_owned(),
            topics,
            error_code: ErrorCode::None,
            error_message: None,
        };
        let (fine, gone) = (ErrorCode::None, ErrorCode::UnknownTopicOrPartition);
        let found = started(group(vec![
            topic("begun", vec![partition(0, 3, fine), partition(1, -1, fine)]),
            topic("new", vec![partition(0, -1, fine)]),
            topic("gone", vec![partition(0, -1, gone)]),
        ]));
        let found: Vec<_> =
            found.expect("all are fine").into_iter().map(|(name, known)| (name.to_string(), known.len())).collect();
        assert_eq!(found, [("begun".to_owned(), 1), ("new".to_owned(), 0)]);
        let refused = vec![topic("a", vec![partition(0, -1, ErrorCode::TopicAuthorizationFailed)])];
        assert!(started(group(refused)).is_err());
    }

    #[test]
    fn an_address_is_written_as_people_do() {
        assert_eq!(host("/127.0.0.1"), "127.0.0.1");
    }
}
