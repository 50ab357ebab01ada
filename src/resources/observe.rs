use std::collections::BTreeSet;

use super::cluster::{BrokersAsked, observe_brokers};
use super::schema::LiveRegistry;
use super::{Desired, Live, schema, topic};
use crate::model::{Subject, TopicName};
use crate::ports::consul::Consul;
use crate::ports::kafka::KafkaAdmin;
use crate::ports::registry::Registry;
use crate::ports::{Failure, Observed};

/// How much of a live system is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What manifests declare and nothing else: a look again at a part of a plan.
    Named,
    /// What manifests declare, and the names of the rest.
    Declared,
    /// Everything: for a snapshot, from which plans of other workspaces' states can be made.
    Everything,
}

/// Reads the live state of a cluster, its registry and its Consul, concurrently, but for what the record of applies alone
/// tells and for identities.
/// Fails only where the cluster cannot be reached;
/// what else cannot be seen is in the answer, with the reason.
pub async fn observe(
    kafka: &impl KafkaAdmin,
    registry: Option<Result<&impl Registry, Failure>>,
    consul: Option<Result<&dyn Consul, Failure>>,
    desired: &Desired<'_>,
    scope: Scope,
) -> Result<Live, Failure> {
    let placed = desired.placements.keys().filter(|name| !desired.topics.contains_key(*name));
    let cancelled = desired.rebalance.iter().flat_map(|rebalance| &rebalance.cancels);
    let truncated = desired.truncation.iter().map(|truncation| &truncation.topic);
    let topics: Vec<TopicName> =
        desired.topics.keys().chain(placed).chain(cancelled).chain(truncated).cloned().collect();
    let read_registry = read_registry(registry, desired, scope);
    // The id first: where nobody answers, one error is enough.
    let cluster = kafka.cluster().await?;
    let nobody_asks = scope == Scope::Named && desired.grants.owners.is_empty();
    let read_acls = async { if nobody_asks { Ok(Vec::new()) } else { kafka.acls().await } };
    let nobody_is_held = scope == Scope::Named && desired.quotas.is_empty();
    let read_quotas = async { if nobody_is_held { Ok(Vec::new()) } else { kafka.quotas().await } };
    let nobody_logs_in = scope == Scope::Named && desired.scram_users.is_empty();
    let read_scram_users =
        async { if nobody_logs_in { None } else { Some(Observed::from(kafka.scram_users().await)) } };
    let is_compared = desired.cluster.kafka.is_some() && !desired.cluster.is_local();
    let asked = BrokersAsked {
        facts: match scope {
            Scope::Everything => true,
            Scope::Declared => is_compared,
            Scope::Named => desired.broker_configs.depend_on_features(),
        },
        groups: scope != Scope::Named,
        configs: scope == Scope::Everything || !desired.broker_configs.is_empty(),
    };
    let nothing_is_delivered = !desired.deliveries.is_declared;
    let read_delivered = async {
        match consul {
            _ if nothing_is_delivered => None,
            None => None,
            Some(Err(failure)) => Some(Observed::Hidden(failure)),
            Some(Ok(consul)) => Some(Observed::from(consul.keys().await)),
        }
    };
    let read_brokers = observe_brokers(kafka, &cluster.brokers, asked);
    // On the heap: whatever awaits them would be as large as all of them, at each of many levels, and without
    // optimization no stack is large enough for that.
    let (topics, acls, quotas, scram_users, (facts, broker_configs), registry, delivered) = tokio::join!(
        Box::pin(topic::observe(kafka, &topics, scope)),
        Box::pin(read_acls),
        Box::pin(read_quotas),
        Box::pin(read_scram_users),
        Box::pin(read_brokers),
        Box::pin(read_registry),
        Box::pin(read_delivered)
    );
    let (acls, quotas) = (acls.into(), quotas.into());
    let topics = topics?;
    Ok(Live {
        cluster,
        facts,
        topics,
        acls,
        quotas,
        scram_users,
        scram_passwords: None,
        broker_configs,
        delivered,
        identities: None,
        registry,
    })
}

/// Reads the registry of a cluster and, of the cluster, which one it is: all that there is to know about subjects. Fails only
/// where the cluster cannot be reached.
pub async fn observe_subjects(
    kafka: &impl KafkaAdmin,
    registry: Option<Result<&impl Registry, Failure>>,
    desired: &Desired<'_>,
) -> Result<Live, Failure> {
    let read_registry = async { Ok(read_registry(registry, desired, Scope::Declared).await) };
    let (cluster, registry) = tokio::try_join!(kafka.cluster(), read_registry)?;
    Ok(Live { cluster, registry, ..Live::unread() })
}

async fn read_registry(
    registry: Option<Result<&impl Registry, Failure>>,
    desired: &Desired<'_>,
    scope: Scope,
) -> Option<Observed<LiveRegistry>> {
    let subjects = subjects_to_ask(desired);
    match registry {
        _ if scope == Scope::Named && subjects.is_empty() => None,
        None => None,
        Some(Err(failure)) => Some(Observed::Hidden(failure)),
        Some(Ok(registry)) => {
            Some(Observed::from(schema::observe(registry, &desired.subjects, &subjects, scope).await))
        }
    }
}

/// Declared subjects, those to be deleted, and those that they refer to: a reference to `latest` needs its newest version.
fn subjects_to_ask(desired: &Desired<'_>) -> BTreeSet<Subject> {
    let referred = desired.subjects.values().flat_map(|subject| &subject.references);
    let referred = referred.map(|reference| reference.subject.value.clone());
    desired.subjects.keys().chain(desired.removed_subjects.keys()).cloned().chain(referred).collect()
}
