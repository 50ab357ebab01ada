//! Kafka: its admin protocol, spoken by krafka, and its records, spoken by librdkafka. None of their types leaves this
//! folder.

mod access;
mod acl_wire;
mod acls;
mod answers;
mod batch;
mod broker_configs;
mod brokers;
mod configs;
mod controller;
mod data;
mod facts;
mod failure;
mod groups;
mod handshake;
mod journal;
mod log_dirs;
mod mutations;
mod offsets;
mod quotas;
mod reassignments;
mod records;
mod scram;
mod security;
mod topics;
mod walk;
mod wire;
mod write;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use self::journal::{KafkaHeldJournal, KafkaJournal};
pub use self::walk::{Target, walk};

use krafka::__private::protocol::{ApiKey, DescribeClusterRequest, DescribeClusterResponse, versions};
use krafka::admin::AdminClient;
use krafka::{Kafka, KrafkaError};
use tokio::sync::Mutex;

use self::access::Access;
use self::brokers::{Api, Brokers};
use self::data::Readers;
use crate::adapters::endpoint;
use crate::adapters::sent::Sent;
use crate::model::{GroupId, TopicName};
use crate::ports::connection::{Connection, Renew, Tls};
use crate::ports::journal::Lease;
use crate::ports::kafka::{
    Acl, Assignment, BrokerAnswer, BrokerInfo, ClusterInfo, CommittedOffsets, ConfigAlteration, ConfigsOfBroker,
    Endpoint, Features, FoundOffset, GroupInfo, KafkaAdmin, ListedGroup, LogDir, NewTopic, OffsetQuery,
    OngoingReassignment, Outcomes, Quorum, Quota, QuotaAlteration, ReplicaSize, ScramAlteration, ScramUser,
    TopicConfigs, TopicInfo,
};
use crate::ports::{Failure, FailureKind};

/// What brokers know us by in their quotas and request logs.
const CLIENT_ID: &str = "busctl";

const DESCRIBE_CLUSTER: Api =
    Api { key: ApiKey::DescribeCluster, min: versions::DESCRIBE_CLUSTER_MIN, max: versions::DESCRIBE_CLUSTER_MAX };
/// A connection to the brokers of one cluster.
pub struct KafkaClient {
    access: Arc<Access>,
    server: String,
    timeout: Duration,
    brokers: Brokers,
    /// krafka's own client, which finds the controller, with what it was made from. Made when something is first written,
    /// and again when that has changed.
    admin: Mutex<Option<(Arc<Connection>, Arc<AdminClient>)>>,
    /// Under which it writes, where it is to.
    lease: OnceLock<Lease>,
    readers: Arc<Readers>,
    /// Who hears what is being waited for.
    listener: OnceLock<Listener>,
}

/// Hears in a sentence what is being waited for.
type Listener = Box<dyn Fn(&str) + Send + Sync>;

impl KafkaClient {
    /// Connects and authenticates, within the connection's timeout.
    pub async fn connect(connection: Connection) -> Result<Self, Failure> {
        Self::with_access(Access::new(connection, None)).await
    }

    /// The same for a long run: each new connection to a broker is made with the secrets as they are then.
    pub async fn connect_renewing(connection: Connection, renew: Arc<dyn Renew<Connection>>) -> Result<Self, Failure> {
        Self::with_access(Access::new(connection, Some(renew))).await
    }

    /// What the brokers are sent that nobody may see.
    pub fn sent(&self) -> Sent {
        self.access.sent()
    }

    async fn with_access(access: Access) -> Result<Self, Failure> {
        let access = Arc::new(access);
        let (server, timeout) = (access.told().server(), access.told().timeout);
        let brokers = match Brokers::connect(&access).await {
            Ok(brokers) => brokers,
            Err(error) => {
                return Err(Box::pin(handshake::explained(&access, &access.told().bootstrap, &error)).await);
            }
        };
        let readers = Arc::new(Readers::new(access.clone()));
        Ok(Self {
            access,
            server,
            timeout,
            brokers,
            admin: Mutex::default(),
            lease: OnceLock::new(),
            readers,
            listener: OnceLock::new(),
        })
    }

    /// From now on requests that change something are sent under this lease alone.
    pub fn write_under(&self, lease: Lease) {
        // A second lease in the life of a client would mean a second lock, which nobody takes.
        self.lease.get_or_init(|| lease);
    }

    /// From now on what is being waited for is told.
    pub fn tell_waits(&self, listener: impl Fn(&str) + Send + Sync + 'static) {
        self.listener.get_or_init(|| Box::new(listener));
    }

    fn tell(&self, what: &str) {
        if let Some(listener) = self.listener.get() {
            listener(what);
        }
    }

    /// Whether something may be changed now. A lease that ran out because the brokers were slow is waited for.
    async fn permit(&self) -> Result<(), Failure> {
        match self.lease.get() {
            Some(lease) if !lease.holds_within(self.timeout).await => Err(failure::build(
                FailureKind::Fenced,
                "change something under the lock of the cluster",
                &self.access,
                "it cannot be proven any more that this apply still holds the lock".into(),
                Some("see what another one does (`busctl audit`), then run it again".into()),
            )),
            _ => Ok(()),
        }
    }

    async fn admin(&self) -> krafka::Result<Arc<AdminClient>> {
        // Where the secrets are kept has no part of the brokers' time.
        let now = self.access.now().await;
        let connecting = async {
            let mut admin = self.admin.lock().await;
            if let Some((_, client)) = admin.as_ref().filter(|(of, _)| *of == now) {
                return Ok(client.clone());
            }
            let kafka = Kafka::builder(now.bootstrap.join(","))
                .client_id(CLIENT_ID)
                .security(security::auth(&now, &self.access))
                .request_timeout(self.timeout)
                .connect_timeout(self.timeout)
                .connect()
                .await;
            match (kafka, &*admin) {
                (Ok(kafka), _) => {
                    let client = Arc::new(kafka.admin().default_api_timeout(self.timeout));
                    *admin = Some((now, client.clone()));
                    Ok(client)
                }
                // A certificate that was replaced before its key does not fit it for a moment.
                (Err(_), Some((_, client))) => Ok(client.clone()),
                (Err(error), None) => Err(error),
            }
        };
        tokio::time::timeout(self.timeout, connecting).await.unwrap_or_else(|_| Err(self.timed_out()))
    }

    fn failure(&self, tried: &str, error: &KrafkaError) -> Failure {
        failure::failure(tried, &self.access, error)
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

    async fn has_acl(&self, acl: &Acl) -> Result<bool, Failure> {
        self.serves_acl(acl).await
    }

    async fn quotas(&self) -> Result<Vec<Quota>, Failure> {
        self.all_quotas().await
    }

    async fn quorum(&self) -> Result<Quorum, Failure> {
        self.described_quorum().await
    }

    async fn features(&self, brokers: &[BrokerInfo]) -> Vec<Result<Features, Failure>> {
        self.features_of(brokers).await
    }

    async fn log_dirs(&self, brokers: &[BrokerInfo]) -> Vec<Result<Vec<LogDir>, Failure>> {
        self.log_dirs_of(brokers).await
    }

    async fn endpoints(&self, addresses: &[String]) -> Vec<Result<Endpoint, Failure>> {
        // Who shows a certificate of his own logs in.
        let tls = self.access.now().await.tls.as_ref().map(|tls| Tls { identity: None, ..tls.clone() });
        endpoint::look_at_all(addresses, tls.as_ref(), self.timeout).await
    }

    async fn scram_users(&self) -> Result<Vec<ScramUser>, Failure> {
        self.all_scram_users().await
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

    async fn broker_configs(&self, brokers: &[i32]) -> Vec<Result<ConfigsOfBroker, Failure>> {
        self.configs_by_broker(brokers).await
    }

    async fn alter_broker_configs(
        &self,
        brokers: &[(Option<i32>, Vec<ConfigAlteration>)],
        validate_only: bool,
    ) -> Outcomes {
        self.alter_configs_by_broker(brokers, validate_only).await
    }

    async fn create_acls(&self, acls: &[Acl]) -> Outcomes {
        self.create_acls_in_batches(acls).await
    }

    async fn delete_acls(&self, acls: &[Acl]) -> Outcomes {
        self.delete_acls_in_batches(acls).await
    }

    async fn alter_quotas(&self, quotas: &[QuotaAlteration], validate_only: bool) -> Outcomes {
        self.alter_quotas_in_batches(quotas, validate_only).await
    }

    async fn alter_scram_users(&self, alterations: &[ScramAlteration]) -> Outcomes {
        self.alter_scram_users_in_batches(alterations).await
    }

    async fn delete_topics(&self, names: &[TopicName]) -> Outcomes {
        self.delete_topics_in_batches(names).await
    }

    async fn delete_records(&self, partitions: &[(TopicName, u32, i64)]) -> Outcomes {
        self.delete_records_in_batches(partitions).await
    }

    async fn offsets(&self, queries: &[OffsetQuery]) -> Vec<Result<Option<FoundOffset>, Failure>> {
        self.offsets_of_leaders(queries).await
    }

    async fn replica_sizes(
        &self,
        topics: &[(TopicName, Vec<u32>)],
    ) -> Result<Vec<BrokerAnswer<Vec<ReplicaSize>>>, Failure> {
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

    async fn share_offsets(&self, groups: &[GroupId]) -> Vec<Result<CommittedOffsets, Failure>> {
        self.started_by_share_group(groups).await
    }

    async fn reassignments(&self) -> Result<Vec<OngoingReassignment>, Failure> {
        self.ongoing_reassignments().await
    }

    async fn reassign(&self, assignments: &[Assignment]) -> Outcomes {
        self.reassign_in_batches(assignments).await
    }

    async fn elect_preferred(&self, partitions: &[(TopicName, u32)]) -> Outcomes {
        self.elect_in_batches(partitions).await
    }
}
