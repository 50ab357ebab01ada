use std::collections::{BTreeMap, BTreeSet};

use super::acl::{DesiredGrants, address_of};
use super::broker_config::{BrokerScope, DesiredBrokerConfigs};
use super::delivery::{self, DesiredDeliveries};
use super::quota::{DesiredQuotas, QuotaEntity};
use super::schema::DesiredSubject;
use super::scram::{self, DesiredScramUsers};
use super::topic::{DesiredTopic, Truncation, resolve_topic};
use super::{Interner, Workspace};
use crate::diag::Diagnostic;
use crate::model::{Address, Duration, Kind, Subject, TopicName};
use crate::plan::FieldValue;
use crate::resources::cluster::ClusterSpec;
use crate::source::{Decoder, Span};

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

/// The desired state of one cluster: defaults, classes and overrides applied.
#[derive(Debug, Clone)]
pub struct Desired<'w> {
    /// The workspace that it comes from.
    pub workspace: &'w Workspace,
    /// The cluster.
    pub cluster: &'w ClusterSpec,
    /// Topics.
    pub topics: BTreeMap<TopicName, DesiredTopic>,
    /// Grants and the services that ask for them.
    pub grants: DesiredGrants,
    /// Client quotas, and the users that they are complete for.
    pub quotas: DesiredQuotas,
    /// Users that log in with SCRAM.
    pub scram_users: DesiredScramUsers,
    /// Configs of brokers.
    pub broker_configs: DesiredBrokerConfigs,
    /// What is delivered to services, where the cluster says where to.
    pub deliveries: DesiredDeliveries,
    /// Subjects of the registry, where the cluster names one.
    pub subjects: BTreeMap<Subject, DesiredSubject>,
    /// Subjects that are to be deleted, with the place that says so.
    pub removed_subjects: BTreeMap<Subject, Span>,
    /// The most that one run cuts from a `retention.ms`; the whole by default.
    pub retention_step: Option<Duration>,
    /// Where a plan that cuts in steps is held to: what each `retention.ms` becomes in this run, however often it is run.
    pub reviewed_steps: BTreeMap<TopicName, FieldValue>,
    /// The brokers that were agreed on, by topic and partition: whoever looks again does not choose again.
    pub placements: BTreeMap<TopicName, BTreeMap<u32, Vec<i32>>>,
    /// Where it is about the brokers alone, and no manifest is asked what a topic is to be.
    pub rebalance: Option<Rebalance>,
    /// Records that are to be deleted, which no manifest declares.
    pub truncation: Option<Truncation>,
}

/// What is wanted of brokers, whatever manifests say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebalance {
    /// Whether the preferred leaders of the partitions that are placed are to lead them.
    pub elects: bool,
    /// Topics whose replicas are not to be moved any further.
    pub cancels: BTreeSet<TopicName>,
}

impl<'w> Desired<'w> {
    /// Resolves the workspace for a cluster. What cannot be resolved gives findings.
    pub fn resolve(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> (Self, Vec<Diagnostic>) {
        let mut decoder = Decoder::default();
        let mut keys = Interner::default();
        let topics: BTreeMap<_, _> = workspace
            .topics_of(cluster)
            .map(|spec| (spec.topic.value.clone(), resolve_topic(workspace, cluster, spec, &mut keys, &mut decoder)))
            .collect();
        let grants = DesiredGrants::compile(workspace, cluster);
        let quotas = DesiredQuotas::compile(workspace, cluster);
        let scram_users = DesiredScramUsers::compile(workspace, cluster);
        let broker_configs = DesiredBrokerConfigs::resolve(cluster, &mut decoder);
        let subjects = super::schema::resolve_subjects(workspace, cluster, &mut decoder);
        let removed_subjects = super::schema::resolve_removed(workspace, cluster, &subjects, &mut decoder);
        let mut desired = Self {
            topics,
            grants,
            quotas,
            scram_users,
            broker_configs,
            subjects,
            removed_subjects,
            ..Self::nothing(workspace, cluster)
        };
        desired.deliveries = DesiredDeliveries::of(&desired);
        (desired, decoder.findings)
    }

    /// A state that says nothing.
    fn nothing(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> Self {
        Self {
            workspace,
            cluster,
            topics: BTreeMap::new(),
            grants: DesiredGrants::default(),
            quotas: DesiredQuotas::default(),
            scram_users: DesiredScramUsers::default(),
            broker_configs: DesiredBrokerConfigs::default(),
            deliveries: DesiredDeliveries::default(),
            subjects: BTreeMap::new(),
            removed_subjects: BTreeMap::new(),
            retention_step: None,
            reviewed_steps: BTreeMap::new(),
            placements: BTreeMap::new(),
            rebalance: None,
            truncation: None,
        }
    }

    /// A state that says nothing but which brokers partitions are to be on.
    pub fn of_brokers(
        workspace: &'w Workspace,
        cluster: &'w ClusterSpec,
        placements: BTreeMap<TopicName, BTreeMap<u32, Vec<i32>>>,
        rebalance: Rebalance,
    ) -> Self {
        Self { placements, rebalance: Some(rebalance), ..Self::nothing(workspace, cluster) }
    }

    /// A state that says nothing but which records are to be gone.
    pub fn of_records(workspace: &'w Workspace, cluster: &'w ClusterSpec, truncation: Option<Truncation>) -> Self {
        Self { truncation, rebalance: Some(Rebalance::default()), ..Self::nothing(workspace, cluster) }
    }

    /// The address of every resource that is declared, or declared to be gone.
    pub fn addresses(&self) -> impl Iterator<Item = Address> {
        let topics = self.topics.keys().map(Address::topic);
        let subjects = self.subjects.keys().chain(self.removed_subjects.keys()).map(Address::schema);
        let acls = self.grants.acls.keys();
        let grants = acls.filter_map(|acl| Some(address_of(&self.grants.owners.get(&acl.principal)?.name, acl)));
        let quotas = self.quotas.wanted.keys().map(QuotaEntity::address);
        let scram_users = self.scram_users.wanted.keys().map(|user| scram::address_of(user));
        let brokers = self.broker_configs.wanted.keys().map(|scope| scope.address());
        let deliveries = self.deliveries.wanted.keys().map(|service| delivery::address_of(service));
        topics.chain(subjects).chain(grants).chain(quotas).chain(scram_users).chain(brokers).chain(deliveries)
    }

    /// Whether the manifests speak of a resource: it is declared, or declared to be gone, or a grant of a service that
    /// they have. Of the others of a cluster, which other workspaces may have, they say nothing.
    pub fn speaks_of(&self, address: &Address) -> bool {
        let name = address.name.as_str();
        match address.kind {
            Kind::Topic => self.topics.contains_key(name),
            Kind::Schema => self.subjects.contains_key(name) || self.removed_subjects.contains_key(name),
            Kind::Grant => {
                let service = name.split('/').next();
                self.grants.owners.values().any(|owner| Some(owner.name.as_str()) == service)
            }
            Kind::Records => false,
            Kind::ClientConfig => self.deliveries.wanted.contains_key(name),
            Kind::BrokerConfig => {
                // What is said of all brokers is said of each.
                BrokerScope::of_address(name).is_some() && !self.broker_configs.is_empty()
            }
            Kind::ScramUser => {
                scram::user_of_address(name).is_some_and(|user| self.scram_users.wanted.contains_key(&user))
            }
            Kind::Quota => QuotaEntity::of_address(name).is_some_and(|entity| self.quotas.speaks_of(&entity)),
        }
    }

    /// Whether what is not there means that it was not done: another workspace of the cluster may have another registry or
    /// another Consul, and what it wrote is not in this one.
    pub fn knows_where_it_is(&self, address: &Address) -> bool {
        !matches!(address.kind, Kind::Schema | Kind::ClientConfig) || self.speaks_of(address)
    }

    /// The part of it that these addresses are about, so that no more is read again than is needed.
    pub fn only<'a>(&self, addresses: impl IntoIterator<Item = &'a Address>) -> Self {
        let mut only = Self {
            retention_step: self.retention_step,
            rebalance: self
                .rebalance
                .as_ref()
                .map(|rebalance| Rebalance { elects: rebalance.elects, cancels: BTreeSet::new() }),
            ..Self::nothing(self.workspace, self.cluster)
        };
        for address in addresses {
            let name = address.name.as_str();
            match address.kind {
                Kind::Topic => {
                    only.topics.extend(self.topics.get_key_value(name).map(owned));
                    only.reviewed_steps.extend(self.reviewed_steps.get_key_value(name).map(owned));
                    only.placements.extend(self.placements.get_key_value(name).map(owned));
                    if let (Some(only), Some(all)) = (&mut only.rebalance, &self.rebalance) {
                        only.cancels.extend(all.cancels.get(name).cloned());
                    }
                }
                Kind::Schema => {
                    only.subjects.extend(self.subjects.get_key_value(name).map(owned));
                    only.removed_subjects.extend(self.removed_subjects.get_key_value(name).map(owned));
                }
                Kind::Grant if only.grants.owners.is_empty() => only.grants = self.grants.clone(),
                Kind::Quota if only.quotas.is_empty() => only.quotas = self.quotas.clone(),
                Kind::ScramUser if only.scram_users.is_empty() => only.scram_users = self.scram_users.clone(),
                Kind::ClientConfig => {
                    only.deliveries.is_declared = self.deliveries.is_declared;
                    only.deliveries.wanted.extend(self.deliveries.wanted.get_key_value(name).map(owned));
                }
                Kind::Records => {
                    only.truncation = self.truncation.clone().filter(|truncation| truncation.topic.as_str() == name);
                }
                Kind::BrokerConfig if only.broker_configs.is_empty() => {
                    only.broker_configs = self.broker_configs.clone();
                }
                Kind::Grant | Kind::Quota | Kind::ScramUser | Kind::BrokerConfig => {}
            }
        }
        only
    }
}
