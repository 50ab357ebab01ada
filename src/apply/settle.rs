use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::report::{Outcome, Status};
use crate::model::TopicName;
use crate::plan::{Plan, Step};
use crate::ports::kafka::{
    Acl, BrokerConfigs, ConfigAlteration, ConfigSource, KafkaAdmin, QuotaAlteration, ScramMechanism, TopicInfo,
};
use crate::ports::{Failure, FailureKind};
use crate::resources::broker_config::{BrokerScope, meaning};
use crate::resources::topic::ConfigValue;

/// How long after the first look the brokers are asked again; doubled up to the second. A look that finds nothing new
/// costs a broker next to nothing.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// What the brokers do not serve yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsettled {
    /// Topics whose creation, partitions or configs are not visible, or whose deletion is not.
    pub topics: Vec<TopicName>,
    /// ACLs that are not visible, or still are.
    pub acls: usize,
    /// Client quotas that are not held to yet.
    pub quotas: usize,
    /// SCRAM users that cannot log in yet as they are to, or still can.
    pub scram_users: usize,
    /// Brokers, or all of them, whose configs are not taken over yet.
    pub brokers: usize,
}

impl Unsettled {
    /// Whether everything is served.
    pub fn is_empty(&self) -> bool {
        let Self { topics, acls, quotas, scram_users, brokers } = self;
        topics.is_empty() && [acls, quotas, scram_users, brokers].iter().all(|count| **count == 0)
    }
}

/// Waits until the brokers serve what the controller accepted, or `limit` has passed.
///
/// A topic that the controller has created is not at once served by the brokers: whoever reads right after writing, be
/// it the next plan, sees an older state.
pub async fn settle(
    plan: &Plan,
    outcomes: &[Outcome],
    kafka: &impl KafkaAdmin,
    limit: Duration,
) -> Result<Unsettled, Failure> {
    let mut expected = Expected::of(plan, outcomes);
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        expected.look(kafka).await?;
        let unsettled = expected.unsettled();
        if unsettled.is_empty() || started.elapsed() >= limit {
            return Ok(unsettled);
        }
        tokio::time::sleep(pause.min(limit.saturating_sub(started.elapsed()))).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether a topic is served with fewer partitions than it has.
fn is_short(served: Result<TopicInfo, Failure>, count: u32) -> bool {
    served.map_or(0, |info| info.partitions.len() as u32) < count
}

#[derive(Default)]
struct Expected {
    partitions: BTreeMap<TopicName, u32>,
    configs: BTreeMap<TopicName, Vec<ConfigAlteration>>,
    added: Vec<Acl>,
    removed: Vec<Acl>,
    deleted: Vec<TopicName>,
    quotas: Vec<QuotaAlteration>,
    /// By user and mechanism, how often the password is hashed; none where it goes.
    scram_users: BTreeMap<(String, ScramMechanism), Option<u32>>,
    brokers: Vec<(BrokerScope, Vec<ConfigAlteration>)>,
}

impl Expected {
    fn of(plan: &Plan, outcomes: &[Outcome]) -> Self {
        let mut expected = Self::default();
        let done = plan.changes.iter().zip(outcomes).filter(|(_, outcome)| outcome.status == Status::Done);
        for step in done.flat_map(|(change, _)| &change.steps) {
            match step {
                Step::CreateTopic(topic) => drop(expected.partitions.insert(topic.name.clone(), topic.partitions)),
                Step::CreatePartitions { topic, count } => drop(expected.partitions.insert(topic.clone(), *count)),
                Step::AlterConfigs { topic, alterations } => {
                    expected.configs.insert(topic.clone(), alterations.clone());
                }
                Step::CreateAcls(acls) => expected.added.extend_from_slice(acls),
                Step::DeleteAcls(acls) => expected.removed.extend_from_slice(acls),
                Step::AlterBrokerConfigs { broker, alterations } => {
                    let scope = broker.map_or(BrokerScope::All, BrokerScope::One);
                    expected.brokers.push((scope, alterations.clone()));
                }
                Step::AlterQuota(quota) => expected.quotas.push(quota.clone()),
                Step::SetScramPassword { user, mechanism, iterations, .. } => {
                    expected.scram_users.insert((user.clone(), *mechanism), Some(*iterations));
                }
                Step::RemoveScramPassword { user, mechanism } => {
                    expected.scram_users.insert((user.clone(), *mechanism), None);
                }
                Step::DeleteTopic(topic) => expected.deleted.push(topic.clone()),
                // Leaders answer once nobody serves the records any more.
                Step::DeleteRecords { .. } => {}
                // Moves were waited for.
                Step::Reassign { .. } | Step::CancelReassignment { .. } | Step::ElectLeaders { .. } => {}
                // Consul answers once its leader has it.
                Step::WriteKeys(_) => {}
                Step::SetCompatibility { .. } | Step::RegisterSchema { .. } | Step::DeleteSubject(_) => {}
            }
        }
        expected
    }

    /// Asks for what was not served at the last look, and keeps what still is not.
    ///
    /// Brokers take over what the controller wrote in the order in which it was written: as long as one of the last items
    /// of a kind is missing, the others and the kinds behind it are not asked for.
    async fn look(&mut self, kafka: &impl KafkaAdmin) -> Result<(), Failure> {
        if let Some((last, count)) = self.partitions.last_key_value() {
            let served = kafka.describe_topics(std::slice::from_ref(last)).await?.into_iter().next();
            if served.is_none_or(|served| is_short(served, *count)) {
                return Ok(());
            }
            let names: Vec<_> = self.partitions.keys().cloned().collect();
            for (name, answer) in names.iter().zip(kafka.describe_topics(&names).await?) {
                if self.partitions.get(name).is_some_and(|count| !is_short(answer, *count)) {
                    self.partitions.remove(name);
                }
            }
            if !self.partitions.is_empty() {
                return Ok(());
            }
        }
        if !self.configs.is_empty() {
            let names: Vec<_> = self.configs.keys().cloned().collect();
            let served = kafka.topic_configs(&names).await?;
            self.configs.retain(|name, alterations| match served.overrides.get(name) {
                Some(Ok(overrides)) => !alterations.iter().all(|(key, value)| {
                    // Brokers spell some values in their own way: 1 is served as 1.0.
                    let meaning = |value: &String| ConfigValue::of_kafka(key, value);
                    overrides.get(key).map(meaning) == value.as_ref().map(meaning)
                }),
                _ => true,
            });
        }
        if !self.deleted.is_empty() {
            let served = kafka.describe_topics(&self.deleted).await?;
            let mut served = served.into_iter();
            self.deleted
                .retain(|_| !matches!(served.next(), Some(Err(failure)) if failure.kind == FailureKind::NotFound));
        }
        if !self.brokers.is_empty() {
            let ids: Vec<i32> = kafka.cluster().await?.brokers.iter().map(|broker| broker.id).collect();
            let served = BrokerConfigs::of(&ids, kafka.broker_configs(&ids).await)?;
            let on = |broker: i32, scope: BrokerScope, key: &str| {
                let source = match scope {
                    BrokerScope::All => ConfigSource::DynamicDefaultBroker,
                    BrokerScope::One(_) => ConfigSource::DynamicBroker,
                };
                served.get(&broker).and_then(|configs| configs.get(key)?.of(source)).map(meaning)
            };
            self.brokers.retain(|(scope, alterations)| {
                let asked = ids.iter().filter(|id| scope.broker().is_none_or(|broker| broker == **id));
                let is_served = |broker: i32, (key, value): &ConfigAlteration| {
                    !served.hidden.contains_key(&broker) && on(broker, *scope, key) == value.as_deref().map(meaning)
                };
                !asked.copied().all(|broker| alterations.iter().all(|alteration| is_served(broker, alteration)))
            });
        }
        if !self.quotas.is_empty() {
            let served = kafka.quotas().await?;
            let served: BTreeMap<_, _> = served.iter().map(|quota| (&quota.entity, &quota.values)).collect();
            self.quotas.retain(|altered| {
                let now = served.get(&altered.entity);
                altered.values.iter().any(|(key, value)| now.and_then(|now| now.get(key)) != value.as_ref())
            });
        }
        if !self.scram_users.is_empty() {
            let served = kafka.scram_users().await?;
            let served: BTreeMap<_, _> = served.iter().map(|user| (&user.name, &user.credentials)).collect();
            self.scram_users.retain(|(user, mechanism), wanted| {
                let now = served.get(user).and_then(|credentials| credentials.get(mechanism));
                now != wanted.as_ref()
            });
        }
        let missing = async |acl: Option<&Acl>, wanted| match acl {
            Some(acl) => Ok::<_, Failure>(kafka.has_acl(acl).await? != wanted),
            None => Ok(false),
        };
        if missing(self.added.last(), true).await? || missing(self.removed.last(), false).await? {
            return Ok(());
        }
        if !self.added.is_empty() || !self.removed.is_empty() {
            let served: std::collections::HashSet<Acl> = kafka.acls().await?.into_iter().collect();
            self.added.retain(|acl| !served.contains(acl));
            self.removed.retain(|acl| served.contains(acl));
        }
        Ok(())
    }

    fn unsettled(&self) -> Unsettled {
        let topics = self.partitions.keys().chain(self.configs.keys()).chain(&self.deleted).cloned().collect();
        Unsettled {
            topics,
            acls: self.added.len() + self.removed.len(),
            quotas: self.quotas.len(),
            scram_users: self.scram_users.len(),
            brokers: self.brokers.len(),
        }
    }
}
