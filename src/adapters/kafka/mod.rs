//! Kafka's admin protocol, spoken by krafka. None of its types leaves this folder.

mod acls;
mod batch;
mod configs;
mod failure;
mod security;
mod topics;
mod write;

use krafka::admin::{AdminClient, ClientQuotaFilter, DescribeClientQuotasOptions, DescribeClusterOptions};
use krafka::{Kafka, KrafkaError};

use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::connection::Connection;
use crate::ports::kafka::{
    Acl, BrokerInfo, ClusterInfo, ConfigAlteration, KafkaAdmin, NewTopic, Outcomes, Quota, TopicConfigs, TopicInfo,
};

/// A connection to the brokers of one cluster.
pub struct KafkaClient {
    admin: AdminClient,
    server: String,
}

impl KafkaClient {
    /// Connects and authenticates, within the connection's timeout.
    pub async fn connect(connection: &Connection) -> Result<Self, Failure> {
        let server = connection.server();
        let timeout = connection.timeout;
        let connecting = async {
            Kafka::builder(connection.bootstrap.join(","))
                .client_id("busctl")
                .security(security::auth(connection)?)
                .request_timeout(timeout)
                .connect_timeout(timeout)
                .metadata_topic_cache_ttl(None)
                .connect()
                .await
        };
        let connected = match tokio::time::timeout(timeout, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(KrafkaError::timeout(format!("no answer within {timeout:?}"))),
        };
        let kafka = connected.map_err(|error| failure::failure("connect", &server, &error))?;
        Ok(Self { admin: kafka.admin().default_api_timeout(timeout), server })
    }

    fn failure(&self, tried: &str, error: &KrafkaError) -> Failure {
        failure::failure(tried, &self.server, error)
    }
}

impl KafkaAdmin for KafkaClient {
    fn server(&self) -> &str {
        &self.server
    }

    async fn cluster(&self) -> Result<ClusterInfo, Failure> {
        let description = self
            .admin
            .describe_cluster(DescribeClusterOptions::default())
            .await
            .map_err(|error| self.failure("describe the cluster", &error))?;
        let broker = |broker: krafka::admin::ClusterBroker| BrokerInfo {
            id: broker.id,
            host: broker.host,
            port: broker.port,
            rack: broker.rack,
        };
        let mut brokers: Vec<BrokerInfo> = description.brokers.into_iter().map(broker).collect();
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
        let quotas = self
            .admin
            .describe_client_quotas(ClientQuotaFilter::all(), DescribeClientQuotasOptions::default())
            .await
            .map_err(|error| self.failure("describe the client quotas", &error))?;
        let mut quotas: Vec<Quota> = quotas
            .into_iter()
            .map(|(entity, values)| Quota { entity: entity.0, values: values.into_iter().collect() })
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
}
