use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{FieldValue, PartitionMove};
use crate::model::{SecretRef, Subject, TopicName};
use crate::ports::consul::KeyWrite;
use crate::ports::kafka::{Acl, ConfigAlteration, NewTopic, QuotaAlteration, ScramMechanism};
use crate::ports::registry::Reference;
use crate::schema::{Compatibility, SchemaFormat};
use crate::source::is_secret_setting;

/// The stages of an apply, in order (design: additions before removals, what others refer to first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Compatibility levels, so that the first registration is already judged by them.
    Compatibility,
    /// Schemas; those that others refer to come first within the stage.
    Schemas,
    /// New topics.
    Topics,
    /// More replicas of partitions, or other brokers for them: before configs that ask for more of them in sync.
    Replicas,
    /// Topic configs.
    Configs,
    /// Configs of brokers.
    BrokerConfigs,
    /// Fewer replicas: behind configs that asked for more.
    FewerReplicas,
    /// Other leaders, once their replicas are there.
    Leaders,
    /// More partitions, which have as many replicas as the others by then.
    Partitions,
    /// Client quotas that limit something, before those whom they limit get access: an apply that ends in between has slowed
    /// down nobody.
    Quotas,
    /// Passwords of users that log in with SCRAM, before these get access.
    ScramPasswords,
    /// New ACLs.
    Grants,
    /// What clients are told, once it is there and they may use it.
    ClientConfigs,
    /// What clients are told no more, before it is taken away.
    ClientConfigRemovals,
    /// ACLs taken away, once nothing is added any more.
    Revocations,
    /// Passwords taken away, once what could be done with them is gone.
    ScramRemovals,
    /// Client quotas taken away, once nobody works any more whom they held back.
    QuotaRemovals,
    /// Records deleted.
    RecordDeletions,
    /// Topics deleted: nobody may use them any more.
    TopicDeletions,
    /// Subjects deleted, last: whoever read a topic until now could still decode it.
    SubjectDeletions,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Stage; 20] = [
        Stage::Compatibility,
        Stage::Schemas,
        Stage::Topics,
        Stage::Replicas,
        Stage::Configs,
        Stage::BrokerConfigs,
        Stage::FewerReplicas,
        Stage::Leaders,
        Stage::Partitions,
        Stage::Quotas,
        Stage::ScramPasswords,
        Stage::Grants,
        Stage::ClientConfigs,
        Stage::ClientConfigRemovals,
        Stage::Revocations,
        Stage::ScramRemovals,
        Stage::QuotaRemovals,
        Stage::RecordDeletions,
        Stage::TopicDeletions,
        Stage::SubjectDeletions,
    ];

    /// What is being done, for progress: "creating topics".
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Compatibility => "setting compatibility levels",
            Stage::Schemas => "registering schemas",
            Stage::Topics => "creating topics",
            Stage::Replicas => "moving replicas",
            Stage::FewerReplicas => "giving up replicas",
            Stage::Leaders => "electing leaders",
            Stage::Partitions => "adding partitions",
            Stage::Configs => "setting topic configs",
            Stage::BrokerConfigs => "setting broker configs",
            Stage::Quotas => "setting client quotas",
            Stage::ScramPasswords => "setting SCRAM passwords",
            Stage::Grants => "adding ACLs",
            Stage::ClientConfigs => "delivering client configuration",
            Stage::ClientConfigRemovals => "removing client configuration",
            Stage::Revocations => "removing ACLs",
            Stage::ScramRemovals => "removing SCRAM users",
            Stage::QuotaRemovals => "removing client quotas",
            Stage::RecordDeletions => "deleting records",
            Stage::TopicDeletions => "deleting topics",
            Stage::SubjectDeletions => "deleting subjects",
        }
    }
}

/// The version that a schema reference means when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedVersion {
    /// A version that is registered.
    Pinned(u32),
    /// The version that an earlier step of the same apply makes.
    AfterRegistering,
}

/// A reference of a schema that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedReference {
    /// How the schema names it.
    pub name: String,
    /// The subject.
    pub subject: Subject,
    /// Its version.
    pub version: PlannedVersion,
}

impl From<&Reference> for PlannedReference {
    fn from(held: &Reference) -> Self {
        let Reference { name, subject, version } = held.clone();
        Self { name, subject, version: PlannedVersion::Pinned(version) }
    }
}

impl fmt::Display for PlannedReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            PlannedVersion::Pinned(version) => write!(f, "{} → {} version {version}", self.name, self.subject),
            PlannedVersion::AfterRegistering => write!(f, "{} → {} new version", self.name, self.subject),
        }
    }
}

/// One thing that is sent to a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Sets a subject's level.
    SetCompatibility {
        /// The subject.
        subject: Subject,
        /// The level.
        level: Compatibility,
    },
    /// Registers a version.
    RegisterSchema {
        /// The subject.
        subject: Subject,
        /// Its format.
        format: SchemaFormat,
        /// Its text.
        text: Arc<str>,
        /// What it refers to.
        references: Vec<PlannedReference>,
    },
    /// Creates a topic.
    CreateTopic(NewTopic),
    /// Raises the number of partitions.
    CreatePartitions {
        /// The topic.
        topic: TopicName,
        /// The number that it will have.
        count: u32,
    },
    /// Moves replicas of partitions to other brokers.
    Reassign {
        /// The topic.
        topic: TopicName,
        /// Its partitions that are moved.
        moves: Vec<PartitionMove>,
    },
    /// Takes back moves of replicas that are under way.
    CancelReassignment {
        /// The topic.
        topic: TopicName,
        /// The partitions that are being moved.
        partitions: Vec<u32>,
    },
    /// Has the preferred leaders of partitions lead them.
    ElectLeaders {
        /// The topic.
        topic: TopicName,
        /// The partitions that others lead.
        partitions: Vec<u32>,
    },
    /// Sets and resets configs.
    AlterConfigs {
        /// The topic.
        topic: TopicName,
        /// What to set, and what to take away.
        alterations: Vec<ConfigAlteration>,
    },
    /// Sets and resets configs of brokers.
    AlterBrokerConfigs {
        /// The broker; none = all that have none of their own.
        broker: Option<i32>,
        /// What to set, and what to take away.
        alterations: Vec<ConfigAlteration>,
    },
    /// Adds ACLs.
    CreateAcls(Vec<Acl>),
    /// Takes ACLs away.
    DeleteAcls(Vec<Acl>),
    /// Sets and takes away limits of a client quota.
    AlterQuota(QuotaAlteration),
    /// Sets the password that a user logs in with by SCRAM. It is read from where it is kept when it is sent.
    SetScramPassword {
        /// The user.
        user: String,
        /// The mechanism.
        mechanism: ScramMechanism,
        /// How often the password is hashed.
        iterations: u32,
        /// Where it is kept.
        password: SecretRef,
    },
    /// Lets a user log in with a mechanism no more.
    RemoveScramPassword {
        /// The user.
        user: String,
        /// The mechanism.
        mechanism: ScramMechanism,
    },
    /// Writes keys of what is delivered to one service, each where it is as it was seen.
    WriteKeys(Vec<KeyWrite>),
    /// Deletes the records of partitions that are before an offset.
    DeleteRecords {
        /// The topic.
        topic: TopicName,
        /// By partition, the offset of the record that is to be the first.
        offsets: BTreeMap<u32, i64>,
    },
    /// Deletes a topic with its records.
    DeleteTopic(TopicName),
    /// Deletes a subject in the registry. Its versions can be brought back there (a soft deletion).
    DeleteSubject(Subject),
}

impl Step {
    /// Forgets the values that look like secrets. What is left is for people; it is never carried out.
    pub fn hide(&mut self) {
        let hide = |name: &str, value: &mut String| {
            if is_secret_setting(name, value) {
                FieldValue::HIDDEN.clone_into(value);
            }
        };
        match self {
            Step::CreateTopic(topic) => topic.configs.iter_mut().for_each(|(key, value)| hide(key, value)),
            Step::AlterConfigs { alterations, .. } | Step::AlterBrokerConfigs { alterations, .. } => {
                let set = alterations.iter_mut().filter_map(|(key, value)| Some((key, value.as_mut()?)));
                set.for_each(|(key, value)| hide(key, value));
            }
            Step::WriteKeys(writes) => {
                for write in writes {
                    write.value.iter_mut().for_each(|value| hide(&write.key, value));
                    write.key = write.told.take().unwrap_or_else(|| std::mem::take(&mut write.key));
                }
            }
            _ => {}
        }
    }

    /// When it is done.
    pub fn stage(&self) -> Stage {
        match self {
            Step::SetCompatibility { .. } => Stage::Compatibility,
            Step::RegisterSchema { .. } => Stage::Schemas,
            Step::CreateTopic(_) => Stage::Topics,
            Step::CreatePartitions { .. } => Stage::Partitions,
            Step::Reassign { moves, .. } if moves.iter().any(|one| one.after.len() >= one.before.len()) => {
                Stage::Replicas
            }
            Step::CancelReassignment { .. } => Stage::Replicas,
            Step::Reassign { .. } => Stage::FewerReplicas,
            Step::ElectLeaders { .. } => Stage::Leaders,
            Step::AlterConfigs { .. } => Stage::Configs,
            Step::AlterBrokerConfigs { .. } => Stage::BrokerConfigs,
            Step::CreateAcls(_) => Stage::Grants,
            Step::DeleteAcls(_) => Stage::Revocations,
            Step::AlterQuota(quota) if quota.values.values().all(Option::is_none) => Stage::QuotaRemovals,
            Step::AlterQuota(_) => Stage::Quotas,
            Step::SetScramPassword { .. } => Stage::ScramPasswords,
            Step::RemoveScramPassword { .. } => Stage::ScramRemovals,
            Step::WriteKeys(writes) if writes.iter().all(|write| write.value.is_none()) => Stage::ClientConfigRemovals,
            Step::WriteKeys(_) => Stage::ClientConfigs,
            Step::DeleteRecords { .. } => Stage::RecordDeletions,
            Step::DeleteTopic(_) => Stage::TopicDeletions,
            Step::DeleteSubject(_) => Stage::SubjectDeletions,
        }
    }
}
