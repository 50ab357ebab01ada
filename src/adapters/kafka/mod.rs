//! Kafka's admin protocol, spoken by krafka. None of its types leaves this folder.

mod acl_wire;
mod acls;
mod batch;
mod brokers;
mod configs;
mod failure;
mod groups;
mod handshake;
mod log_dirs;
mod offsets;
mod security;
mod topics;
mod wire;
mod write;

use std::time::Duration;

use krafka::__private::protocol::{
    ApiKey, DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribeClusterRequest, DescribeClusterResponse,
    versions,
};
use krafka::admin::AdminClient;
use krafka::{Kafka, KrafkaError};
use tokio::sync::OnceCell;

use self::brokers::{Api, Brokers};
use crate::model::{GroupId, TopicName};
use crate::ports::Failure;
use crate::ports::connection::Connection;
use crate::ports::kafka::{
    Acl, BrokerAnswer, BrokerInfo, ClusterInfo, CommittedOffsets, ConfigAlteration, FoundOffset, GroupInfo, KafkaAdmin,
    ListedGroup, NewTopic, OffsetQuery, Outcomes, Quota, ReplicaSize, TopicConfigs, TopicInfo,
};

/// What brokers know us by in their quotas and request logs.
const CLIENT_ID: &str = "busctl";

const DESCRIBE_CLUSTER: Api =
    Api { key: ApiKey::DescribeCluster, min: versions::DESCRIBE_CLUSTER_MIN, max: versions::DESCRIBE_CLUSTER_MAX };
const DESCRIBE_QUOTAS: Api = Api {
    key: ApiKey::DescribeClientQuotas,
    min: versions::DESCRIBE_CLIENT_QUOTAS_MIN,
    max: versions::DESCRIBE_CLIENT_QUOTAS_MAX,
};

/// A connection to the brokers of one cluster.
pub struct KafkaClient {
    connection: Connection,
    server: String,
    timeout: Duration,
    brokers: Brokers,
    /// krafka's own client, which finds the controller. Made when something is first written.
    admin: OnceCell<AdminClient>,
}

impl KafkaClient {
    /// Connects and authenticates, within the connection's timeout.
    pub async fn connect(connection: Connection) -> Result<Self, Failure> {
        let (server, timeout) = (connection.server(), connection.timeout);
        let brokers = Brokers::connect(&connection).await.map_err(|error| handshake::failure(&connection, &error))?;
        Ok(Self { connection, server, timeout, brokers, admin: OnceCell::new() })
    }

    async fn admin(&self) -> krafka::Result<&AdminClient> {
        let connecting = self.admin.get_or_try_init(|| async {
            let kafka = Kafka::builder(self.connection.bootstrap.join(","))
                .client_id(CLIENT_ID)
                .security(security::auth(&self.connection)?)
                .request_timeout(self.timeout)
                .connect_timeout(self.timeout)
                .connect()
                .await?;
            Ok(kafka.admin().default_api_timeout(self.timeout))
        });
        tokio::time::timeout(self.timeout, connecting).await.unwrap_or_else(|_| Err(self.timed_out()))
    }

    fn failure(&self, tried: &str, error: &KrafkaError) -> Failure {
        failure::failure(tried, &self.connection, error)
    }

    fn timed_out(&self) -> KrafkaError {
        KrafkaError::timeout(format!("no answer within {:?}", self.timeout))
    }
}

impl KafkaAdmin for KafkaClient {
    fn server(&self) -> &str {
        &self.server
    }

    async fn cluster(&self) -> Result<ClusterInfo, Failure> {
        const TRIED: &str = "describe the cluster";
        let answer: krafka::Result<DescribeClusterResponse> =
            self.brokers.ask(0, DESCRIBE_CLUSTER, &DescribeClusterRequest::default()).await;
        let description = answer.map_err(|error| self.failure(TRIED, &error))?;
        if !description.error_code.is_ok() {
            let message = description.error_message.unwrap_or_default();
            return Err(self.failure(TRIED, &KrafkaError::broker(description.error_code, message)));
        }
        let brokers = description.brokers.into_iter();
        let mut brokers: Vec<BrokerInfo> = brokers
            .map(|broker| BrokerInfo { id: broker.broker_id, host: broker.host, port: broker.port, rack: broker.rack })
            .collect();
        brokers.sort_by_key(|broker| broker.id);
        let controller = (description.controller_id >= 0).then_some(description.controller_id);
        Ok(ClusterInfo { id: description.cluster_id, brokers, controller })
    }

    async fn topics(&self) -> Result<Vec<TopicInfo>, Failure> {
        self.all_topics().await
    }

    async fn describe_topics(&self, names: &[TopicName]) -> Result<Vec<Result<TopicInfo, Failure>>, Failure> {
        self.topics_by_name(names).await
    }

    async fn topic_configs(&self, names: &[TopicName]) -> Result<TopicConfigs, Failure> {
        self.configs_by_topic(names).await
    }

    async fn acls(&self) -> Result<Vec<Acl>, Failure> {
        self.all_acls().await
    }

    async fn quotas(&self) -> Result<Vec<Quota>, Failure> {
        const TRIED: &str = "describe the client quotas";
        let everything = DescribeClientQuotasRequest { components: Vec::new(), strict: false };
        let answer: krafka::Result<DescribeClientQuotasResponse> =
            self.brokers.ask(0, DESCRIBE_QUOTAS, &everything).await;
        let answer = answer.map_err(|error| self.failure(TRIED, &error))?;
        if !answer.error_code.is_ok() {
            let message = answer.error_message.unwrap_or_default();
            return Err(self.failure(TRIED, &KrafkaError::broker(answer.error_code, message)));
        }
        let mut quotas: Vec<Quota> = answer
            .entries
            .unwrap_or_default()
            .into_iter()
            .map(|entry| Quota {
                entity: entry.entity.into_iter().map(|part| (part.entity_type, part.entity_name)).collect(),
                values: entry.values.into_iter().map(|value| (value.key, value.value)).collect(),
            })
            .collect();
        quotas.sort_by(|a, b| a.entity.cmp(&b.entity));
        Ok(quotas)
    }

    async fn create_topics(&self, topics: &[NewTopic], validate_only: bool) -> Outcomes {
        self.create_topics_in_batches(topics, validate_only).await
    }

    async fn create_partitions(&self, topics: &[(TopicName, u32)], validate_only: bool) -> Outcomes {
        self.create_partitions_in_batches(topics, validate_only).await
    }

    async fn alter_topic_configs(
        &self,
        topics: &[(TopicName, Vec<ConfigAlteration>)],
        validate_only: bool,
    ) -> Outcomes {
        self.alter_configs_in_batches(topics, validate_only).await
    }

    async fn create_acls(&self, acls: &[Acl]) -> Outcomes {
        self.create_acls_in_batches(acls).await
    }

    async fn delete_acls(&self, acls: &[Acl]) -> Outcomes {
        self.delete_acls_in_batches(acls).await
    }

    async fn delete_topics(&self, names: &[TopicName]) -> Outcomes {
        self.delete_topics_in_batches(names).await
    }

    async fn offsets(&self, queries: &[OffsetQuery]) -> Vec<Result<Option<FoundOffset>, Failure>> {
        self.offsets_of_leaders(queries).await
    }

    async fn replica_sizes(&self, topics: &[(TopicName, u32)]) -> Result<Vec<BrokerAnswer<Vec<ReplicaSize>>>, Failure> {
        self.log_dir_sizes(topics).await
    }

    async fn groups(&self) -> Result<Vec<BrokerAnswer<Vec<ListedGroup>>>, Failure> {
        self.listed_groups().await
    }

    async fn describe_groups(&self, groups: &[ListedGroup]) -> Vec<Result<GroupInfo, Failure>> {
        self.described_groups(groups).await
    }

    async fn committed_offsets(
        &self,
        groups: &[GroupId],
        topics: Option<&[(TopicName, u32)]>,
    ) -> Vec<Result<CommittedOffsets, Failure>> {
        self.committed_by_group(groups, topics).await
    }
}
