//! `busctl.yaml`: the policy of a bus.

mod levels;
mod naming;
mod spec;

use std::collections::BTreeMap;

pub use levels::LevelsSpec;
pub use naming::NamePattern;
pub use spec::*;

use crate::model::Duration;
use crate::resources::client_config::ClientDefaultsSpec;
use crate::resources::vault::VaultSpec;
use crate::source::{Span, Spanned};

/// For how long from today a waiver may hold where the bus says nothing.
const LONGEST_WAIVER: Duration = Duration::of_days(365);

/// `busctl.yaml` with its defaults filled in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How topics are named.
    pub topic_pattern: NamePattern,
    /// Where that is written; `None` of the default.
    pub topic_pattern_span: Option<Span>,
    /// How dead-letter topics are named.
    pub dlq_pattern: NamePattern,
    /// Where that is written; `None` of the default.
    pub dlq_pattern_span: Option<Span>,
    /// How the topics are named in which records wait to be tried again.
    pub retry_pattern: NamePattern,
    /// Where that is written; `None` of the default.
    pub retry_pattern_span: Option<Span>,
    /// How the topics are named that take dead letters which came back too often.
    pub parking_pattern: NamePattern,
    /// Where that is written; `None` of the default.
    pub parking_pattern_span: Option<Span>,
    /// What topics have where nothing else says it.
    pub defaults: Option<DefaultsSpec>,
    /// Classes by name.
    pub classes: BTreeMap<String, Spanned<ClassSpec>>,
    /// Levels by rule code.
    pub rules: BTreeMap<Spanned<Box<str>>, LevelsSpec>,
    /// Waivers.
    pub waivers: Vec<Spanned<WaiverSpec>>,
    /// For how long from today a waiver may hold, where it is said.
    pub longest_waiver: Option<Spanned<Duration>>,
    /// Fingerprints of texts that look like secrets and are none.
    pub not_secrets: Vec<Spanned<String>>,
    /// Rules of the bus's own, by code.
    pub policy: BTreeMap<Spanned<Box<str>>, PolicySpec>,
    /// What clients are set to on every cluster.
    pub clients: Option<Spanned<ClientDefaultsSpec>>,
    /// The Vault that secrets are read from.
    pub vault: Option<Spanned<VaultSpec>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            topic_pattern: "<domain>.<event>.v<number>".parse().expect("a fixed pattern"),
            topic_pattern_span: None,
            dlq_pattern: "<topic>.<service>.dlq".parse().expect("a fixed pattern"),
            dlq_pattern_span: None,
            retry_pattern: "<topic>.<service>.retry".parse().expect("a fixed pattern"),
            retry_pattern_span: None,
            parking_pattern: "<topic>.<service>.parking".parse().expect("a fixed pattern"),
            parking_pattern_span: None,
            defaults: None,
            classes: BTreeMap::new(),
            rules: BTreeMap::new(),
            waivers: Vec::new(),
            longest_waiver: None,
            not_secrets: Vec::new(),
            policy: BTreeMap::new(),
            clients: None,
            vault: None,
        }
    }
}

impl Settings {
    /// For how long from today a waiver may hold; `None` where that is not limited.
    pub fn longest_waiver(&self) -> Option<Duration> {
        let longest = self.longest_waiver.map_or(LONGEST_WAIVER, |longest| longest.value);
        longest.days().is_some().then_some(longest)
    }
}

impl From<SettingsSpec> for Settings {
    fn from(spec: SettingsSpec) -> Self {
        let mut settings = Self {
            defaults: spec.defaults,
            rules: spec.rules,
            waivers: spec.waivers,
            longest_waiver: spec.longest_waiver,
            not_secrets: spec.not_secrets,
            policy: spec.policy,
            clients: spec.clients,
            vault: spec.vault,
            classes: spec
                .classes
                .into_iter()
                .map(|(name, class)| (name.value.into_string(), Spanned::new(class, name.span)))
                .collect(),
            ..Self::default()
        };
        if let Some(naming) = spec.naming {
            if let Some(topic) = naming.topic {
                settings.topic_pattern_span = Some(topic.span);
                settings.topic_pattern = topic.value;
            }
            if let Some(dlq) = naming.dlq {
                settings.dlq_pattern_span = Some(dlq.span);
                settings.dlq_pattern = dlq.value;
            }
            if let Some(retry) = naming.retry {
                settings.retry_pattern_span = Some(retry.span);
                settings.retry_pattern = retry.value;
            }
            if let Some(parking) = naming.parking {
                settings.parking_pattern_span = Some(parking.span);
                settings.parking_pattern = parking.value;
            }
        }
        settings
    }
}
