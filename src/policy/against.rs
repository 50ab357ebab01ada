use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::check::{Asked, check_cluster, check_workspace, merge, on};
use super::custom::CustomRules;
use super::legible::{legible, tells_access};
use super::{Check, custom, rules};
use crate::diag::{Findings, Store};
use crate::model::{Address, Kind};
use crate::plan::Change;
use crate::resources::acl::DesiredGrants;
use crate::resources::broker_config::BrokerScope;
use crate::resources::cluster::ClusterSpec;
use crate::resources::delivery;
use crate::resources::quota::{DesiredQuota, QuotaEntity};
use crate::resources::scram::address_of;
use crate::resources::{Desired, Live, Workspace, difference};

/// The manifests that others are compared with.
#[derive(Debug, Clone, Copy)]
pub struct Base<'b> {
    /// What people call it: `main`.
    pub name: &'b str,
    /// What they say. Their files come behind those of the workspace that is compared with them, and among its sources.
    pub workspace: &'b Workspace,
}

/// What manifests are compared with.
#[derive(Debug, Clone, Copy)]
pub enum BaseState<'b> {
    /// Other manifests.
    Manifests(Base<'b>),
    /// The saved live state of one cluster.
    Live {
        /// What people call it.
        name: &'b str,
        /// The cluster.
        cluster: &'b ClusterSpec,
        /// Its state.
        live: &'b Live,
    },
}

/// What the manifests mean on one cluster, beside what they are compared with.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'c> {
    /// What they mean.
    pub desired: &'c Desired<'c>,
    /// What people call that with which they are compared.
    pub name: &'c str,
    /// What that means on the cluster; `None` of a live state.
    pub base: Option<&'c Desired<'c>>,
    /// The state that the changes start from.
    pub live: &'c Live,
    /// What differs.
    pub changes: &'c [Change],
}

impl BaseState<'_> {
    /// What people call it.
    pub fn name(&self) -> &str {
        match self {
            BaseState::Manifests(base) => base.name,
            BaseState::Live { name, .. } => name,
        }
    }
}

/// Everything that [`check`](super::check) finds, and behind it what the change from a base brings that is to be reviewed:
/// what is removed, cut, taken away. Levels and waivers are not applied yet; a finding is made once for all clusters.
/// What cannot be read is neither gone nor changed, and what depends on it is not told: [`untold`] says what that is.
pub fn check_against(
    workspace: &Workspace,
    clusters: &[&ClusterSpec],
    state: BaseState<'_>,
    store: &Store,
) -> Findings {
    let (own, unreadable) = custom::compile(workspace);
    let legible = legible(workspace, state);
    // Each cluster is resolved once for both, and while it is, on one processor, the other has the base's.
    let on_each = |cluster: &&ClusterSpec| {
        let ((desired, resolving), before) =
            rayon::join(|| Desired::resolve(workspace, cluster), || before(cluster, state));
        let broken = || check_cluster(&desired, resolving, before.as_ref(), (&own, &Asked::All), store);
        let brought = || match &legible {
            Some(Cow::Borrowed(_)) => on_cluster(&desired, before.as_ref(), state, &own, store),
            Some(Cow::Owned(legible)) => on_cluster_in_part(legible, cluster, before.as_ref(), state, (&own, store)),
            None => store.findings(),
        };
        rayon::join(broken, brought)
    };
    let (mut whole, on_clusters) = rayon::join(
        || check_workspace(workspace, &Asked::All, store),
        || clusters.par_iter().map(on_each).collect::<Vec<_>>(),
    );
    whole.extend(unreadable);
    let (broken, brought) = on_clusters.into_iter().unzip();
    let mut findings = merge(whole, clusters, broken);
    let mut whole = store.findings();
    legible.iter().for_each(|legible| on_whole(legible, state, &mut whole));
    findings.append(merge(whole, clusters, brought));
    findings
}

fn on_whole(workspace: &Workspace, state: BaseState<'_>, findings: &mut Findings) {
    let BaseState::Manifests(base) = state else { return };
    for rule in rules() {
        if let Check::Base(check) = rule.check {
            let mut found = Vec::new();
            check(workspace, &base, &mut found);
            findings.extend(found);
        }
    }
}

/// What the base means on a cluster, where it has manifests and the cluster. What resolving it finds is no finding of ours.
fn before<'b>(cluster: &ClusterSpec, state: BaseState<'b>) -> Option<Desired<'b>> {
    let BaseState::Manifests(base) = state else { return None };
    let before = base.workspace.clusters.get(cluster.cluster.as_str())?;
    Some(Desired::resolve(base.workspace, before).0)
}

fn on_cluster(
    desired: &Desired<'_>,
    before: Option<&Desired<'_>>,
    state: BaseState<'_>,
    own: &CustomRules<'_>,
    store: &Store,
) -> Findings {
    match (state, before) {
        (BaseState::Manifests(base), Some(before)) => {
            let differing = differing(desired, before);
            let live = Live::as_declared(&before.only(&differing));
            compare(desired, base.name, Some(before), (&desired.only(&differing), &live), (own, store))
        }
        (BaseState::Live { cluster, name, live }, _) if cluster.cluster == desired.cluster.cluster => {
            compare(desired, name, None, (desired, live), (own, store))
        }
        _ => store.findings(),
    }
}

/// The same where some manifests cannot be read.
fn on_cluster_in_part(
    legible: &Workspace,
    cluster: &ClusterSpec,
    before: Option<&Desired<'_>>,
    state: BaseState<'_>,
    (own, store): (&CustomRules<'_>, &Store),
) -> Findings {
    // A registry whose manifest cannot be read is as the base has it.
    let has_registry =
        cluster.schema_registry.as_ref().is_none_or(|name| legible.registries.contains_key(name.value.as_str()));
    if !has_registry || legible.broken.contains(&("cluster", cluster.cluster.to_string())) {
        return store.findings();
    }
    let (mut desired, _) = Desired::resolve(legible, cluster);
    if !tells_access(legible, state) {
        desired.grants = DesiredGrants::default();
    }
    on_cluster(&desired, before, state, own, store)
}

fn compare(
    desired: &Desired<'_>,
    name: &str,
    base: Option<&Desired<'_>>,
    (part, live): (&Desired<'_>, &Live),
    (own, store): (&CustomRules<'_>, &Store),
) -> Findings {
    let mut findings = store.findings();
    let mut add = |found| findings.extend(on(desired.cluster, found));
    let found = difference(part, live);
    add(found.findings);
    add(custom::check_changes(&found.changes, desired.workspace, desired.cluster, own));
    let comparison = Comparison { desired, name, base, live, changes: &found.changes };
    for rule in rules() {
        if let Check::Change(check) = rule.check {
            let mut found = Vec::new();
            check(&comparison, &mut found);
            add(found);
        }
    }
    findings
}

/// What is not the same on both sides, or on one of them only. Of an estate most things are the same, and what is need not
/// be compared as a plan compares.
fn differing(desired: &Desired<'_>, before: &Desired<'_>) -> Vec<Address> {
    let mut differing = Vec::new();
    for (name, topic) in &desired.topics {
        if before.topics.get(name).is_none_or(|before| !topic.means(before)) {
            differing.push(Address::topic(name));
        }
    }
    let gone = before.topics.keys().filter(|name| !desired.topics.contains_key(*name));
    differing.extend(gone.map(Address::topic));
    for (subject, schema) in &desired.subjects {
        if before.subjects.get(subject).is_none_or(|before| !schema.means(before)) {
            differing.push(Address::schema(subject));
        }
    }
    let gone = before.subjects.keys().filter(|subject| !desired.subjects.contains_key(*subject));
    differing.extend(gone.map(Address::schema));
    let quotas: BTreeSet<_> = desired.quotas.wanted.keys().chain(before.quotas.wanted.keys()).collect();
    let limits = |of: &Desired<'_>, entity: &QuotaEntity| of.quotas.wanted.get(entity).map(DesiredQuota::values);
    let differ = |entity: &&QuotaEntity| limits(desired, entity) != limits(before, entity);
    differing.extend(quotas.into_iter().filter(differ).map(QuotaEntity::address));
    let users: BTreeSet<_> = desired.scram_users.wanted.keys().chain(before.scram_users.wanted.keys()).collect();
    let differ = |user: &&String| {
        let [now, then] = [desired, before].map(|of| of.scram_users.wanted.get(*user));
        !matches!((now, then), (Some(now), Some(then)) if now.means(then))
    };
    differing.extend(users.into_iter().filter(differ).map(|user| address_of(user)));
    let scopes: BTreeSet<_> =
        desired.broker_configs.wanted.keys().chain(before.broker_configs.wanted.keys()).copied().collect();
    let settings = |of: &Desired<'_>, scope| -> BTreeMap<String, Option<String>> {
        let settings = of.broker_configs.wanted.get(&scope).into_iter().flatten();
        settings.map(|(key, setting)| (key.clone(), setting.value.clone())).collect()
    };
    let differ = |scope: &BrokerScope| settings(desired, *scope) != settings(before, *scope);
    differing.extend(scopes.into_iter().filter(differ).map(BrokerScope::address));
    let deliveries = |of: &Desired<'_>, service: &String| {
        let wanted = of.deliveries.wanted.get(service);
        wanted.map(|it| it.keys.clone()).unwrap_or_default()
    };
    let services: BTreeSet<_> = desired.deliveries.wanted.keys().chain(before.deliveries.wanted.keys()).collect();
    let differ = |service: &&String| deliveries(desired, service) != deliveries(before, service);
    differing.extend(services.into_iter().filter(differ).map(|service| delivery::address_of(service)));
    if !desired.grants.acls.keys().eq(before.grants.acls.keys()) {
        differing.push(Address { kind: Kind::Grant, name: "*".into() });
    }
    differing
}
