//! What a cluster and its brokers are.

use futures::{StreamExt, stream};
use krafka::__private::network::BrokerFeatures;
use krafka::__private::protocol::{
    ApiKey, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeQuorumPartitionRequest,
    DescribeQuorumPartitionResponse, DescribeQuorumRequest, DescribeQuorumResponse, DescribeQuorumTopicRequest,
    QuorumReplicaState, versions,
};
use krafka::error::ErrorCode;
use krafka::{KrafkaError, ProtocolErrorKind};

use super::KafkaClient;
use super::brokers::{Api, host_and_port};
use super::log_dirs::{BROKERS_AT_ONCE, DESCRIBE_LOG_DIRS, no_log_dir};
use crate::ports::kafka::{BrokerInfo, Features, LogDir, Quorum, QuorumReplica};
use crate::ports::{Failure, FailureKind};

const DESCRIBE_QUORUM: Api =
    Api { key: ApiKey::DescribeQuorum, min: versions::DESCRIBE_QUORUM_MIN, max: versions::DESCRIBE_QUORUM_MAX };

/// The log of KRaft.
const METADATA_TOPIC: &str = "__cluster_metadata";

impl KafkaClient {
    /// What every answer to a handshake tells.
    pub(super) async fn features_of(&self, brokers: &[BrokerInfo]) -> Vec<Result<Features, Failure>> {
        let asked: Vec<_> = brokers
            .iter()
            .map(|broker| async move {
                let address = host_and_port(&broker.host, broker.port);
                let told =
                    self.brokers.on(&address, |connection| async move { Ok(connection.broker_features()) }).await;
                told.map(features).map_err(|error| self.failure("ask for the features of brokers", &error))
            })
            .collect();
        stream::iter(asked).buffered(BROKERS_AT_ONCE).collect().await
    }

    pub(super) async fn log_dirs_of(&self, brokers: &[BrokerInfo]) -> Vec<Result<Vec<LogDir>, Failure>> {
        let asked: Vec<_> = brokers
            .iter()
            .map(|broker| async move {
                let address = host_and_port(&broker.host, broker.port);
                let request = DescribeLogDirsRequest::for_topics(Vec::new());
                let answer: krafka::Result<DescribeLogDirsResponse> =
                    self.brokers.ask_at(&address, DESCRIBE_LOG_DIRS, &request).await;
                answer.and_then(log_dirs).map_err(|error| self.failure("describe the log dirs of brokers", &error))
            })
            .collect();
        stream::iter(asked).buffered(BROKERS_AT_ONCE).collect().await
    }

    /// What the controllers say of their quorum.
    pub(super) async fn describe_quorum(&self) -> krafka::Result<DescribeQuorumResponse> {
        let partitions = vec![DescribeQuorumPartitionRequest { partition_index: 0 }];
        let topic = DescribeQuorumTopicRequest { topic_name: METADATA_TOPIC.to_owned(), partitions };
        let request = DescribeQuorumRequest { topics: vec![topic] };
        self.brokers.ask(0, DESCRIBE_QUORUM, &request).await
    }

    pub(super) async fn described_quorum(&self) -> Result<Quorum, Failure> {
        self.describe_quorum().await.and_then(quorum).map_err(|error| {
            let failure = self.failure("describe the metadata quorum", &error);
            match error {
                // Brokers without KRaft do not know the request.
                KrafkaError::Protocol { kind: ProtocolErrorKind::UnknownApiVersion, .. } => {
                    Failure { kind: FailureKind::Unsupported, ..failure }
                }
                _ => failure,
            }
        })
    }
}

fn features(told: BrokerFeatures) -> Features {
    let finalized = told.finalized.into_iter().map(|feature| (feature.name, feature.max_version_level));
    let supported =
        told.supported.into_iter().map(|feature| (feature.name, (feature.min_version, feature.max_version)));
    Features { epoch: told.finalized_epoch, finalized: finalized.collect(), supported: supported.collect() }
}

fn log_dirs(answer: DescribeLogDirsResponse) -> krafka::Result<Vec<LogDir>> {
    if !answer.error_code.is_ok() {
        return Err(KrafkaError::broker(answer.error_code, ""));
    }
    if answer.results.is_empty() {
        return Err(no_log_dir());
    }
    let dir = |dir: krafka::__private::protocol::DescribeLogDirsResult| match dir.error_code {
        ErrorCode::ClusterAuthorizationFailed => Err(KrafkaError::broker(dir.error_code, "")),
        code => Ok(LogDir {
            path: dir.log_dir,
            total: u64::try_from(dir.total_bytes).ok(),
            usable: u64::try_from(dir.usable_bytes).ok(),
            offline: (!code.is_ok()).then(|| super::failure::code_name(code)),
        }),
    };
    answer.results.into_iter().map(dir).collect()
}

fn quorum(answer: DescribeQuorumResponse) -> krafka::Result<Quorum> {
    if !answer.error_code.is_ok() {
        return Err(KrafkaError::broker(answer.error_code, answer.error_message.unwrap_or_default()));
    }
    let partition = answer.topics.into_iter().flat_map(|topic| topic.partitions).next();
    let partition = partition.ok_or_else(|| KrafkaError::illegal_state("the answer speaks of no quorum"))?;
    if !partition.error_code.is_ok() {
        return Err(KrafkaError::broker(partition.error_code, partition.error_message.unwrap_or_default()));
    }
    Ok(as_leader_sees(&partition))
}

fn as_leader_sees(partition: &DescribeQuorumPartitionResponse) -> Quorum {
    let all = || partition.current_voters.iter().chain(&partition.observers);
    let leader = all().find(|replica| replica.replica_id == partition.leader_id);
    let end = leader.map_or(partition.high_watermark, |leader| leader.log_end_offset);
    // The leader's own entry has the time of the answer.
    let now = all().map(|replica| replica.last_fetch_timestamp).max().unwrap_or(-1);
    let replica = |state: &QuorumReplicaState| {
        let is_leader = state.replica_id == partition.leader_id;
        let since = |then: i64| match (is_leader, then > 0) {
            (true, _) => Some(0),
            (false, true) => Some(u64::try_from(now - then).unwrap_or(0)),
            (false, false) => None,
        };
        QuorumReplica {
            id: state.replica_id,
            lag: (state.log_end_offset >= 0).then(|| u64::try_from(end - state.log_end_offset).unwrap_or(0)),
            silent_ms: since(state.last_fetch_timestamp),
            behind_ms: since(state.last_caught_up_timestamp),
        }
    };
    let replicas = |states: &[QuorumReplicaState]| {
        let mut replicas: Vec<QuorumReplica> = states.iter().map(replica).collect();
        replicas.sort_by_key(|replica| replica.id);
        replicas
    };
    Quorum {
        leader: (partition.leader_id >= 0).then_some(partition.leader_id),
        voters: replicas(&partition.current_voters),
        observers: replicas(&partition.observers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(id: i32, end: i64, fetched: i64, caught_up: i64) -> QuorumReplicaState {
        QuorumReplicaState {
            replica_id: id,
            log_end_offset: end,
            last_fetch_timestamp: fetched,
            last_caught_up_timestamp: caught_up,
            replica_directory_id: None,
        }
    }

    #[test]
    fn how_far_a_voter_is_behind_is_told_by_the_clock_of_the_leader() {
        let partition = DescribeQuorumPartitionResponse {
            partition_index: 0,
            error_code: ErrorCode::None,
            error_message: None,
            leader_id: 2,
            leader_epoch: 7,
            high_watermark: 90,
            current_voters: vec![state(3, -1, -1, -1), state(2, 100, 50_000, 50_000), state(1, 60, 20_000, 15_000)],
            observers: Vec::new(),
        };
        let quorum = as_leader_sees(&partition);
        assert_eq!(quorum.leader, Some(2));
        let told = quorum.voters.iter().map(|it| (it.id, it.lag, it.silent_ms, it.behind_ms));
        let voters = [(1, Some(40), Some(30_000), Some(35_000)), (2, Some(0), Some(0), Some(0)), (3, None, None, None)];
        assert_eq!(told.collect::<Vec<_>>(), voters);
    }
}
