use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::entity::DEFAULT;
use super::{ClusterQuotaSpec, Limits, QuotaEntity, QuotaKey, Who};
use crate::model::Principal;
use crate::resources::Workspace;
use crate::resources::acl::principals_of;
use crate::resources::cluster::ClusterSpec;
use crate::source::{Span, Spanned};

/// The client quotas of one cluster, as manifests have them.
#[derive(Debug, Clone, Default)]
pub struct DesiredQuotas {
    /// Whose quota is declared, or declared to be gone.
    pub wanted: BTreeMap<QuotaEntity, DesiredQuota>,
    /// The users of services: what they have beside what is declared is taken away.
    pub users: BTreeMap<String, Holder>,
}

/// A quota that is declared.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredQuota {
    /// What it limits; nothing where it is to be gone.
    pub limits: BTreeMap<QuotaKey, Limit>,
    /// Where it is declared.
    pub span: Span,
}

/// A limit of a quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// As Kafka counts it.
    pub value: f64,
    /// Where it is written; nowhere where it is what a plan is to bring back.
    pub span: Option<Span>,
}

/// The service that a user belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its name.
    pub service: String,
    /// Where it is declared.
    pub span: Span,
    /// Whether it leaves (`state: absent`).
    pub leaving: bool,
}

impl DesiredQuotas {
    /// What the services and the manifest of a cluster ask for. What Kafka would not take, and what is said twice, is left
    /// out; a rule says so.
    pub fn compile(workspace: &Workspace, cluster: &ClusterSpec) -> Self {
        let mut quotas = Self::default();
        for (service, spec) in &workspace.grants {
            if !workspace.selects(&spec.clusters, cluster) {
                continue;
            }
            let leaving = spec.is_leaving();
            for principal in principals_of(cluster, service, &spec.principals) {
                let Some(user) = principal.user() else { continue };
                if quotas.users.contains_key(user) {
                    continue;
                }
                let holder = Holder { service: service.clone(), span: spec.service.span, leaving };
                quotas.users.insert(user.to_owned(), holder);
                if let Some(quota) = spec.quota.as_ref().filter(|_| !leaving) {
                    let entity = QuotaEntity::User(Who::Named(user.to_owned()));
                    quotas.wanted.insert(entity, DesiredQuota::of(&quota.limits(), quota.span));
                }
            }
        }
        let mut addresses = BTreeSet::new();
        for spec in &cluster.quotas {
            let Some(entity) = spec.entity().filter(|_| spec.misnamed().is_none()) else { continue };
            let is_again = spec.address().is_some_and(|address| !addresses.insert(address));
            if is_again || quotas.is_of_service(&entity) {
                continue;
            }
            let mut limits = if spec.is_absent() { Limits::new() } else { spec.limits() };
            limits.retain(|key, _| entity.takes(*key));
            if spec.is_absent() || !limits.is_empty() {
                quotas.wanted.entry(entity).or_insert_with(|| DesiredQuota::of(&limits, spec.span));
            }
        }
        quotas
    }

    /// Whether nothing is declared, and nobody's quotas are complete.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.users.is_empty()
    }

    /// Whether a service's own manifest says what this is: its `quota`, or that it has none any more.
    pub fn is_of_service(&self, entity: &QuotaEntity) -> bool {
        let holder = entity.user().and_then(Who::name).and_then(|user| self.users.get(user));
        holder.is_some_and(|holder| matches!(entity, QuotaEntity::User(_)) || holder.leaving)
    }

    /// The service whose user it is for.
    pub fn holder_of(&self, entity: &QuotaEntity) -> Option<&Holder> {
        self.users.get(entity.user()?.name()?)
    }

    /// Whether the manifests speak of it: it is declared, or a service's.
    pub fn speaks_of(&self, entity: &QuotaEntity) -> bool {
        self.wanted.contains_key(entity) || self.holder_of(entity).is_some()
    }
}

impl DesiredQuota {
    /// What it limits, by the numbers alone.
    pub fn values(&self) -> BTreeMap<QuotaKey, f64> {
        self.limits.iter().map(|(key, limit)| (*key, limit.value)).collect()
    }

    fn of(limits: &Limits, span: Span) -> Self {
        let taken = limits.iter().filter(|(key, limit)| key.refuses(limit.value).is_none());
        let limits = taken.map(|(key, limit)| (*key, Limit { value: limit.value, span: Some(limit.span) }));
        Self { limits: limits.collect(), span }
    }
}

/// Why a name in an entry means nobody, or somebody else than was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misnamed {
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The name.
    pub span: Span,
}

impl ClusterQuotaSpec {
    /// Which of its names is none. What is to be gone may have been named in any way.
    pub fn misnamed(&self) -> Option<Misnamed> {
        if self.is_absent() {
            return None;
        }
        let of_user = |user: &Spanned<String>| {
            let name = user.strip_prefix(Principal::USER)?;
            let message = format!("`{}` is a principal, and a quota is for the user by its name", user.value);
            Some(Misnamed { message, help: format!("write the name alone: `{name}`"), span: user.span })
        };
        let of_ip = |ip: &Spanned<String>| {
            if ip.value == DEFAULT || ip.is_empty() || ip_of(&ip.value).is_some() {
                return None;
            }
            let (message, help) = match ip.split_once('/').is_some_and(|(network, _)| ip_of(network).is_some()) {
                true => (
                    format!("`{}` is a network, and Kafka has quotas of single addresses", ip.value),
                    "write each address in an entry of its own, or `<default>` for each other one",
                ),
                false => (
                    format!("`{}` is no address", ip.value),
                    "write an IPv4 or IPv6 address in numbers: what a name stands for may change, and each node looks it up \
                     for itself",
                ),
            };
            Some(Misnamed { message, help: help.to_owned(), span: ip.span })
        };
        self.user.as_ref().and_then(of_user).or_else(|| self.ip.as_ref().and_then(of_ip))
    }

    /// The address whose connections it limits. One that is to be gone may be another spelling of it.
    pub fn address(&self) -> Option<IpAddr> {
        self.ip.as_ref().filter(|_| !self.is_absent()).and_then(|ip| ip_of(&ip.value))
    }

    /// Whom it is for; `None` where it does not say it, or says too much.
    pub fn entity(&self) -> Option<QuotaEntity> {
        let who = |name: &Spanned<String>| Who::of_manifest(&name.value);
        let named = [&self.user, &self.client_id, &self.ip].map(|name| name.as_ref().filter(|name| !name.is_empty()));
        let written = [&self.user, &self.client_id, &self.ip].iter().filter(|name| name.is_some()).count();
        if named.iter().flatten().count() != written {
            return None;
        }
        match named.map(|name| name.map(who)) {
            [Some(user), None, None] => Some(QuotaEntity::User(user)),
            [Some(user), Some(client), None] => Some(QuotaEntity::UserClient(user, client)),
            [None, Some(client), None] => Some(QuotaEntity::ClientId(client)),
            [None, None, Some(ip)] => Some(QuotaEntity::Ip(ip)),
            _ => None,
        }
    }
}

/// An address as it is meant: Kafka keeps the text, and looks up what it stands for.
pub(super) fn ip_of(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}
