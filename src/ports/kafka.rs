//! What the core needs of Kafka's admin protocol.

mod acl;
mod cluster;
mod config;
mod facts;
mod group;
mod quota;
mod reassignment;
mod records;
mod scram;
mod topic;

use std::future::Future;

pub use acl::{Acl, AclOperation, AclPermission, AclResourceType};
pub use cluster::{BrokerAnswer, BrokerInfo, ClusterInfo};
pub use config::{BrokerConfig, BrokerConfigs, ConfigAlteration, ConfigSource, ConfigsOfBroker};
pub use facts::{BrokerFacts, ClusterFacts, Endpoint, Features, LogDir, Quorum, QuorumReplica, ShownCertificate};
pub use group::{CommittedOffsets, GroupInfo, GroupKind, GroupMember, ListedGroup};
pub use quota::{Quota, QuotaAlteration};
pub use reassignment::{Assignment, OngoingReassignment};
pub use records::{FoundOffset, OffsetAt, OffsetQuery, ReplicaSize, StoredRecord};
pub use scram::{SaltedPassword, ScramAlteration, ScramMechanism, ScramUser};
pub use topic::{NewTopic, PartitionInfo, TopicConfigs, TopicDefaults, TopicInfo};

use super::Failure;
use crate::model::{GroupId, TopicName};

/// What became of each item of a request, in the order of the items.
pub type Outcomes = Vec<Result<(), Failure>>;

/// Kafka's admin protocol. Requests of any size are cut into what brokers and controllers accept, and sent concurrently;
/// throttled ones are sent again. Every call ends within the connection's timeout.
pub trait KafkaAdmin: Send + Sync {
    /// The servers, for messages: the bootstrap addresses.
    fn server(&self) -> &str;

    /// Id, brokers and controller.
    fn cluster(&self) -> impl Future<Output = Result<ClusterInfo, Failure>> + Send;

    /// Every topic that the caller may see. Kafka leaves the others out without a word.
    fn topics(&self) -> impl Future<Output = Result<Vec<TopicInfo>, Failure>> + Send;

    /// Topics by name: `NotFound` where there is none, `Authorization` where the caller may not see it.
    fn describe_topics(
        &self,
        names: &[TopicName],
    ) -> impl Future<Output = Result<Vec<Result<TopicInfo, Failure>>, Failure>> + Send;

    /// The configs of topics.
    fn topic_configs(&self, names: &[TopicName]) -> impl Future<Output = Result<TopicConfigs, Failure>> + Send;

    /// All ACLs. `Unsupported` where the broker has no authorizer.
    fn acls(&self) -> impl Future<Output = Result<Vec<Acl>, Failure>> + Send;

    /// Whether the brokers serve exactly this ACL.
    fn has_acl(&self, acl: &Acl) -> impl Future<Output = Result<bool, Failure>> + Send {
        async move { Ok(self.acls().await?.contains(acl)) }
    }

    /// All client quotas.
    fn quotas(&self) -> impl Future<Output = Result<Vec<Quota>, Failure>> + Send;

    /// The metadata quorum. `Unsupported` where the brokers run without KRaft.
    fn quorum(&self) -> impl Future<Output = Result<Quorum, Failure>> + Send;

    /// The features of these brokers, in order. Each broker tells its own.
    fn features(&self, brokers: &[BrokerInfo]) -> impl Future<Output = Vec<Result<Features, Failure>>> + Send;

    /// The log dirs of these brokers, in order. Each broker tells its own.
    fn log_dirs(&self, brokers: &[BrokerInfo]) -> impl Future<Output = Vec<Result<Vec<LogDir>, Failure>>> + Send;

    /// What is shown at addresses where TLS is spoken (`HOST:PORT`), in order. Nothing is asked there and nobody logs in: what
    /// is shown counts also where it would not be trusted.
    fn endpoints(&self, addresses: &[String]) -> impl Future<Output = Vec<Result<Endpoint, Failure>>> + Send;

    /// Every user that can log in with SCRAM (KIP-554).
    fn scram_users(&self) -> impl Future<Output = Result<Vec<ScramUser>, Failure>> + Send;

    /// Creates topics; with `validate_only` the controller only says whether it would.
    fn create_topics(&self, topics: &[NewTopic], validate_only: bool) -> impl Future<Output = Outcomes> + Send;

    /// Raises numbers of partitions to those given.
    fn create_partitions(
        &self,
        topics: &[(TopicName, u32)],
        validate_only: bool,
    ) -> impl Future<Output = Outcomes> + Send;

    /// Sets and resets configs of topics; those that are not named stay as they are (KIP-339).
    fn alter_topic_configs(
        &self,
        topics: &[(TopicName, Vec<ConfigAlteration>)],
        validate_only: bool,
    ) -> impl Future<Output = Outcomes> + Send;

    /// Every config of these brokers, in order. Each broker tells its own.
    fn broker_configs(&self, brokers: &[i32]) -> impl Future<Output = Vec<Result<ConfigsOfBroker, Failure>>> + Send;

    /// Sets and resets configs of a broker, or of all that have none of their own; those that are not named stay as they
    /// are (KIP-226). Each broker takes its own, so that one that is gone holds up no other; for it the controller takes
    /// them, where it can be reached (KIP-919).
    fn alter_broker_configs(
        &self,
        brokers: &[(Option<i32>, Vec<ConfigAlteration>)],
        validate_only: bool,
    ) -> impl Future<Output = Outcomes> + Send;

    /// Creates ACLs. One that exists already is no error.
    fn create_acls(&self, acls: &[Acl]) -> impl Future<Output = Outcomes> + Send;

    /// Deletes exactly these ACLs. One that is gone already is no error.
    fn delete_acls(&self, acls: &[Acl]) -> impl Future<Output = Outcomes> + Send;

    /// Sets and takes away limits of client quotas (KIP-546).
    fn alter_quotas(&self, quotas: &[QuotaAlteration], validate_only: bool) -> impl Future<Output = Outcomes> + Send;

    /// Sets and takes away what users log in with by SCRAM. That it is gone already is no error.
    fn alter_scram_users(&self, alterations: &[ScramAlteration]) -> impl Future<Output = Outcomes> + Send;

    /// Deletes topics with their records. One that is gone already is no error.
    fn delete_topics(&self, names: &[TopicName]) -> impl Future<Output = Outcomes> + Send;

    /// Deletes the records of partitions that are before an offset; the leaders answer once no replica serves them any more.
    fn delete_records(&self, partitions: &[(TopicName, u32, i64)]) -> impl Future<Output = Outcomes> + Send;

    /// Offsets, in the order of the queries and asked of the partitions' leaders; `None` where there is no such record.
    fn offsets(
        &self,
        queries: &[OffsetQuery],
    ) -> impl Future<Output = Vec<Result<Option<FoundOffset>, Failure>>> + Send;

    /// The size of every replica of these partitions, as each broker answers.
    fn replica_sizes(
        &self,
        topics: &[(TopicName, Vec<u32>)],
    ) -> impl Future<Output = Result<Vec<BrokerAnswer<Vec<ReplicaSize>>>, Failure>> + Send;

    /// The groups that each broker coordinates. Kafka leaves out those that the caller may not see, unless it may
    /// describe the cluster.
    fn groups(&self) -> impl Future<Output = Result<Vec<BrokerAnswer<Vec<ListedGroup>>>, Failure>> + Send;

    /// Groups with their members, in order.
    fn describe_groups(&self, groups: &[ListedGroup]) -> impl Future<Output = Vec<Result<GroupInfo, Failure>>> + Send;

    /// The partitions whose replicas are being moved, whoever moves them.
    fn reassignments(&self) -> impl Future<Output = Result<Vec<OngoingReassignment>, Failure>> + Send;

    /// Begins to move replicas, or takes back what is under way. That nothing is under way any more is no error of the
    /// latter.
    fn reassign(&self, assignments: &[Assignment]) -> impl Future<Output = Outcomes> + Send;

    /// Has the preferred leaders of partitions lead them. Where they do so already nothing happens.
    fn elect_preferred(&self, partitions: &[(TopicName, u32)]) -> impl Future<Output = Outcomes> + Send;

    /// What each group has committed, in order: of these topics (with their numbers of partitions), or of every topic.
    fn committed_offsets(
        &self,
        groups: &[GroupId],
        topics: Option<&[(TopicName, u32)]>,
    ) -> impl Future<Output = Vec<Result<CommittedOffsets, Failure>>> + Send;

    /// The offsets before which each share group has done with everything (KIP-932), in order.
    fn share_offsets(&self, groups: &[GroupId]) -> impl Future<Output = Vec<Result<CommittedOffsets, Failure>>> + Send;
}
