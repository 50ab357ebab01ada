//! What the core needs of Kafka's admin protocol.

mod facts;
mod reassignment;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use facts::{BrokerFacts, ClusterFacts, LogDir, Quorum, QuorumReplica};
pub use reassignment::{Assignment, OngoingReassignment};

use super::Failure;
use crate::model::{GroupId, PatternType, Principal, TopicId, TopicName};
use crate::source::word_enum;

/// The cluster as its brokers describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterInfo {
    /// The cluster's id.
    pub id: String,
    /// Its brokers, by id.
    pub brokers: Vec<BrokerInfo>,
    /// The broker that answers as controller, where one is known.
    pub controller: Option<i32>,
}

/// A broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerInfo {
    /// `node.id`.
    pub id: i32,
    /// The host that it advertises on our listener.
    pub host: String,
    /// The port that it advertises on our listener.
    pub port: i32,
    /// Its rack.
    pub rack: Option<String>,
}

/// A topic's partitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicInfo {
    /// Its name.
    pub name: TopicName,
    /// Whether Kafka itself owns it.
    pub internal: bool,
    /// What tells it from another topic of this name; `None` where the broker does not say it.
    pub id: Option<TopicId>,
    /// Its partitions in order of their numbers.
    pub partitions: Vec<PartitionInfo>,
}

/// A partition's replicas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionInfo {
    /// Brokers with a replica, the preferred leader first. While replicas are moved, old and new ones are among them.
    pub replicas: Vec<i32>,
    /// Brokers whose replica is in sync.
    pub isr: Vec<i32>,
    /// The broker that leads it; `None` where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leader: Option<i32>,
    /// Brokers that are getting a replica.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub adding: Vec<i32>,
    /// Brokers that lose theirs once those are in sync.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub removing: Vec<i32>,
}

impl PartitionInfo {
    /// A partition whose replicas are all in sync, and whose preferred leader leads.
    pub fn in_sync(replicas: Vec<i32>) -> Self {
        Self { isr: replicas.clone(), leader: replicas.first().copied(), replicas, ..Self::default() }
    }

    /// Whether its replicas are being moved.
    pub fn is_moving(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// The replicas that it has without what is being made.
    pub fn settled(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|broker| !self.adding.contains(broker)).collect()
    }

    /// The replicas that it will have once what is under way is done.
    pub fn target(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|broker| !self.removing.contains(broker)).collect()
    }
}

/// Where a config's value comes from (KIP-226).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigSource {
    /// Set on the topic.
    Topic,
    /// Set on one broker while it runs.
    DynamicBroker,
    /// Set on all brokers while they run.
    DynamicDefaultBroker,
    /// In the broker's file.
    StaticBroker,
    /// Kafka's own default.
    Default,
    /// One that this version does not know.
    Unknown,
}

/// The configs of the topics that were asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TopicConfigs {
    /// What is set on each topic itself. Values of sensitive configs are never told by brokers and are empty.
    pub overrides: BTreeMap<TopicName, Result<BTreeMap<Arc<str>, String>, Failure>>,
    /// What a topic has where it sets nothing, with where that comes from.
    pub defaults: BTreeMap<Arc<str>, (String, ConfigSource)>,
}

word_enum! {
    /// What an ACL is about.
    AclResourceType, "resource type", {
        /// A topic.
        Topic = "topic",
        /// A consumer group.
        Group = "group",
        /// The cluster.
        Cluster = "cluster",
        /// A transactional id.
        TransactionalId = "transactional_id",
        /// A delegation token.
        DelegationToken = "delegation_token",
        /// A user, for delegation tokens.
        User = "user",
    }
}

word_enum! {
    /// What an ACL allows or denies.
    AclOperation, "operation", {
        /// Everything.
        All = "all",
        /// Read.
        Read = "read",
        /// Write.
        Write = "write",
        /// Create.
        Create = "create",
        /// Delete.
        Delete = "delete",
        /// Alter.
        Alter = "alter",
        /// Describe.
        Describe = "describe",
        /// ClusterAction.
        ClusterAction = "cluster_action",
        /// DescribeConfigs.
        DescribeConfigs = "describe_configs",
        /// AlterConfigs.
        AlterConfigs = "alter_configs",
        /// IdempotentWrite.
        IdempotentWrite = "idempotent_write",
        /// CreateTokens.
        CreateTokens = "create_tokens",
        /// DescribeTokens.
        DescribeTokens = "describe_tokens",
        /// TwoPhaseCommit (KIP-939).
        TwoPhaseCommit = "two_phase_commit",
    }
}

word_enum! {
    /// Whether an ACL allows or denies.
    AclPermission, "permission", {
        /// It allows.
        Allow = "allow",
        /// It denies; a deny wins over every allow.
        Deny = "deny",
    }
}

/// One ACL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Acl {
    /// What it is about.
    pub resource: AclResourceType,
    /// The resource's name or prefix. Most resources have several ACLs, which share it.
    pub name: Arc<str>,
    /// How the name is meant.
    pub pattern: PatternType,
    /// Who.
    pub principal: Principal,
    /// From where; `*` = everywhere. An estate has tens of thousands of them, and that one is never allocated.
    pub host: Cow<'static, str>,
    /// What.
    pub operation: AclOperation,
    /// Allow or deny.
    pub permission: AclPermission,
}

/// A client quota: whom it is for, and its values by Kafka's own keys (`producer_byte_rate` …).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quota {
    /// Entity type (`user`, `client-id`, `ip`) to name; `None` = the default entity.
    pub entity: BTreeMap<String, Option<String>>,
    /// Values by key.
    pub values: BTreeMap<String, f64>,
}

/// A change of a client quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaAlteration {
    /// Whom it is for, as in [`Quota`].
    pub entity: BTreeMap<String, Option<String>>,
    /// Values to set by key; with `None` a key is taken away. The others stay as they are.
    pub values: BTreeMap<String, Option<f64>>,
}

/// A config of a broker, as the broker itself tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerConfig {
    /// Its values and where each comes from; the first one holds. What is not set has none, and neither has what is
    /// sensitive.
    pub values: Vec<(ConfigSource, String)>,
    /// Whether it is read when the broker starts, and then no more.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub read_only: bool,
    /// Whether brokers never tell it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub sensitive: bool,
}

/// The configs of brokers by id and key. Keys of JSON are texts, also those that are numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "ConfigsByText", try_from = "ConfigsByText")]
pub struct BrokerConfigs(pub BTreeMap<i32, BTreeMap<Arc<str>, BrokerConfig>>);

type ConfigsByText = BTreeMap<String, BTreeMap<Arc<str>, BrokerConfig>>;

impl From<BrokerConfigs> for ConfigsByText {
    fn from(configs: BrokerConfigs) -> Self {
        configs.0.into_iter().map(|(id, configs)| (id.to_string(), configs)).collect()
    }
}

impl TryFrom<ConfigsByText> for BrokerConfigs {
    type Error = std::num::ParseIntError;
    fn try_from(configs: ConfigsByText) -> Result<Self, Self::Error> {
        configs.into_iter().map(|(id, configs)| Ok((id.parse()?, configs))).collect()
    }
}

impl FromIterator<(i32, BTreeMap<Arc<str>, BrokerConfig>)> for BrokerConfigs {
    fn from_iter<I: IntoIterator<Item = (i32, BTreeMap<Arc<str>, BrokerConfig>)>>(configs: I) -> Self {
        Self(configs.into_iter().collect())
    }
}

impl Deref for BrokerConfigs {
    type Target = BTreeMap<i32, BTreeMap<Arc<str>, BrokerConfig>>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A topic to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTopic {
    /// Its name.
    pub name: TopicName,
    /// Number of partitions.
    pub partitions: u32,
    /// Number of replicas of each.
    pub replication_factor: u32,
    /// Its configs, as Kafka writes them.
    pub configs: BTreeMap<Arc<str>, String>,
}

/// A config to set, or with `None` to take away so that the default shows again.
pub type ConfigAlteration = (Arc<str>, Option<String>);

/// Which offset of a partition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OffsetAt {
    /// That of the first record that is there.
    Earliest,
    /// The one behind the last record: the high watermark.
    Latest,
    /// That of the first record whose timestamp, in milliseconds since 1970, is this or later.
    Timestamp(i64),
    /// That of the record with the latest timestamp (KIP-734).
    MaxTimestamp,
}

/// An offset that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetQuery {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: u32,
    /// Which offset.
    pub at: OffsetAt,
}

/// An offset with the timestamp of its record; earliest and latest offsets have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundOffset {
    /// The offset.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: Option<i64>,
}

/// A record as a broker stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The partition.
    pub partition: u32,
    /// Its offset there.
    pub offset: i64,
    /// Its key, where it has one.
    pub key: Option<Vec<u8>>,
    /// Its value; `None` where it says that the key is gone.
    pub value: Option<Vec<u8>>,
}

/// How much of a disk a replica takes: its segments, without what was moved to tiered storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSize {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: u32,
    /// Bytes, compressed as the records are.
    pub bytes: u64,
}

/// What one broker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerAnswer<T> {
    /// The broker's id.
    pub broker: i32,
    /// Its answer, or why there is none.
    pub answer: Result<T, Failure>,
}

word_enum! {
    /// The protocol by which the members of a group agree (`group.type`).
    GroupKind, "kind of group", {
        /// The classic consumer protocol, or one of other clients such as Connect workers.
        Classic = "classic",
        /// The consumer protocol of KIP-848.
        Consumer = "consumer",
        /// A share group (KIP-932).
        Share = "share",
        /// A Streams group (KIP-1071).
        Streams = "streams",
        /// One that this version does not know.
        Unknown = "unknown",
    }
}

/// A group as brokers list it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedGroup {
    /// Its id.
    pub id: GroupId,
    /// Its kind; `Classic` where the broker is too old to say.
    pub kind: GroupKind,
    /// Its state, where the broker lists it.
    pub state: Option<String>,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// In Kafka's words: Stable, Empty, PreparingRebalance …
    pub state: String,
    /// Its members. Of share and Streams groups they are not asked for.
    pub members: Vec<GroupMember>,
}

/// A member of a group. Which principal is behind it, brokers do not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// `client.id`.
    pub client_id: String,
    /// The host that it connects from.
    pub host: String,
    /// The topics of its assignment.
    pub topics: Vec<TopicName>,
}

/// The offsets that a group has committed, by topic and partition.
pub type CommittedOffsets = BTreeMap<TopicName, BTreeMap<u32, i64>>;

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

    /// What the cluster and these brokers are, each asked about itself.
    fn facts(&self, brokers: &[BrokerInfo]) -> impl Future<Output = ClusterFacts> + Send;

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

    /// Every config of these brokers, each asked of the broker itself.
    fn broker_configs(&self, brokers: &[i32]) -> impl Future<Output = Result<BrokerConfigs, Failure>> + Send;

    /// Sets and resets configs of a broker, or of all that have none of their own; those that are not named stay as they
    /// are (KIP-226).
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

    /// Deletes topics with their records. One that is gone already is no error.
    fn delete_topics(&self, names: &[TopicName]) -> impl Future<Output = Outcomes> + Send;

    /// Deletes the records of partitions that are before an offset; the leaders answer once no replica serves them any more.
    fn delete_records(&self, partitions: &[(TopicName, u32, i64)]) -> impl Future<Output = Outcomes> + Send;

    /// Offsets, in the order of the queries and asked of the partitions' leaders; `None` where there is no such record.
    fn offsets(
        &self,
        queries: &[OffsetQuery],
    ) -> impl Future<Output = Vec<Result<Option<FoundOffset>, Failure>>> + Send;

    /// The size of every replica of these partitions (topic and number of partitions), as each broker answers.
    fn replica_sizes(
        &self,
        topics: &[(TopicName, u32)],
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

    /// What is set on brokers themselves while they run, in order. Each broker tells its own.
    fn broker_overrides(
        &self,
        brokers: &[i32],
    ) -> impl Future<Output = Vec<Result<BTreeMap<Arc<str>, String>, Failure>>> + Send;

    /// Sets and resets configs of brokers; those that are not named stay as they are. Each broker takes its own;
    /// for one that is down the controller does, where it can be reached.
    fn alter_broker_overrides(&self, brokers: &[(i32, Vec<ConfigAlteration>)])
    -> impl Future<Output = Outcomes> + Send;

    /// What each group has committed, in order: of these topics (with their numbers of partitions), or of every topic.
    fn committed_offsets(
        &self,
        groups: &[GroupId],
        topics: Option<&[(TopicName, u32)]>,
    ) -> impl Future<Output = Vec<Result<CommittedOffsets, Failure>>> + Send;
}
