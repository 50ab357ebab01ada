//! Clusters: how they are reached, what of them is ours, and what was decided about their brokers.

mod connection;
pub mod facts;
mod observe;
mod pattern;
mod principal;
mod reach;
pub mod rules;
#[cfg(test)]
mod samples;
pub mod security;
mod spec;
mod super_users;

pub(crate) use connection::{
    BearerFields, address_of_api, addresses_at, host_and_port, host_of, is_own_host, problem_of_text,
};
pub use connection::{
    ConnectionProblem, SecretPlace, WRITE_ADDRESS, connection, is_address, personal_login, read_bearer,
    read_login_secrets, read_password, read_secrets, read_tls_secrets, tls,
};
pub use observe::{BrokersAsked, observe_brokers, observe_endpoints};
pub use principal::{MAPPING_RULES, Mapped, SUBJECT_CLAIM, broken_mapping, map_subject};
pub use reach::{Reach, ReachRegistry, ReachSasl, ReachTls};
pub use spec::*;
pub use super_users::{SUPER_USERS, SuperUserSpec, SuperUsersSpec, UNKNOWN};

use std::borrow::Cow;

use crate::model::{Pattern, PrincipalTemplate};
use crate::resources::broker_config;
use crate::source::Span;

/// The config of brokers that opens whatever has no ACL to everybody.
const OPEN: &str = "allow.everyone.if.no.acl.found";

/// A config of brokers, as a manifest declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredConfig<'a> {
    /// Its name.
    pub key: &'a str,
    /// Its value as Kafka takes it.
    pub value: Cow<'a, str>,
    /// Where the value stands.
    pub span: Span,
}

impl KafkaSpec {
    /// Every declared config of brokers: those of one alone, which are before the others, then those of all.
    pub fn configs(&self) -> impl Iterator<Item = DeclaredConfig<'_>> {
        let all = self.nodes.iter().flat_map(|node| node.config.iter()).chain(self.config.iter());
        all.filter_map(|(key, node)| {
            Some(DeclaredConfig { key: &key.value, value: broker_config::text(key, node)?, span: node.span })
        })
    }

    /// Where it is declared that whatever has no ACL is open to everybody: by its own key, or by a config of brokers.
    pub fn open_without_acl(&self) -> Option<Span> {
        let own = self.allow_everyone_if_no_acl_found.filter(|open| open.value).map(|open| open.span);
        let mut set = self.configs().filter(|config| config.key == OPEN);
        own.or_else(|| set.find(|config| config.value.trim().eq_ignore_ascii_case("true")).map(|config| config.span))
    }
}

impl ClusterSpec {
    /// Whether `word` selects this cluster: its name, its environment or one of its labels.
    pub fn answers_to(&self, word: &str) -> bool {
        self.cluster.as_str() == word
            || self.environment.as_ref().is_some_and(|environment| environment.as_str() == word)
            || self.labels.iter().any(|label| label.as_str() == word)
    }

    /// How principals are made from services.
    pub fn template(&self) -> PrincipalTemplate {
        self.principal.as_ref().map(|template| template.value.clone()).unwrap_or_default()
    }

    /// Whether it is the bus of `busctl dev`.
    pub fn is_local(&self) -> bool {
        self.kafka
            .as_ref()
            .and_then(|kafka| kafka.deployment.as_ref())
            .is_some_and(|deployment| deployment.value == Deployment::Local)
    }

    /// Whether its brokers have an authorizer, as far as it is declared.
    pub fn has_authorizer(&self) -> bool {
        let authorizer = self.kafka.as_ref().and_then(|kafka| kafka.authorizer.as_ref());
        authorizer.is_none_or(|authorizer| authorizer.value != Authorizer::None)
    }

    /// Whether the topic is in the declared scope.
    pub fn manages_topic(&self, name: &str) -> bool {
        in_scope(self.manages.as_ref().and_then(|manages| manages.topics.as_deref()), name)
    }

    /// Whether the topic is never deleted here, whatever its manifest says.
    pub fn protects_topic(&self, name: &str) -> bool {
        self.protection_of(name).is_some()
    }

    /// The pattern that protects a topic from being deleted here.
    pub fn protection_of(&self, name: &str) -> Option<&crate::source::Spanned<Pattern>> {
        self.protect.iter().find(|pattern| pattern.matches(name))
    }

    /// Whether the group or transactional id is in the declared scope.
    pub fn manages_group(&self, name: &str) -> bool {
        in_scope(self.manages.as_ref().and_then(|manages| manages.groups.as_deref()), name)
    }

    /// Whether the principal is in the declared scope.
    pub fn manages_principal(&self, principal: &str) -> bool {
        in_scope(self.manages.as_ref().and_then(|manages| manages.principals.as_deref()), principal)
    }
}

fn in_scope(patterns: Option<&[crate::source::Spanned<Pattern>]>, name: &str) -> bool {
    patterns.is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(name)))
}
