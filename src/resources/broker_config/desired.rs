use std::collections::BTreeMap;

use super::elr::{MIN_IN_SYNC, refused_with_elr};
use super::{BrokerScope, decode, is_throttle};
use crate::resources::cluster::{ClusterSpec, Deployment, KafkaSpec};
use crate::source::{Decoder, Entries, Node, Span, Spanned};

/// The configs of brokers that a cluster's manifest declares.
#[derive(Debug, Clone, Default)]
pub struct DesiredBrokerConfigs {
    /// By the brokers that they are for.
    pub wanted: BTreeMap<BrokerScope, BTreeMap<String, Setting>>,
    /// Whether somebody else sets them: Strimzi's Cluster Operator, or the provider. Then they are compared alone.
    pub is_operated: bool,
}

/// A config that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its value as Kafka takes it; none where nothing is to be set while brokers run.
    pub value: Option<String>,
    /// Where it is written.
    pub span: Span,
}

impl DesiredBrokerConfigs {
    /// What a cluster's manifest says. What cannot be read, or is no state of a cluster, gives findings.
    pub fn resolve(cluster: &ClusterSpec, decoder: &mut Decoder) -> Self {
        let Some(kafka) = &cluster.kafka else { return Self::default() };
        let mut wanted = BTreeMap::new();
        let mut add = |scope, config: &Entries<Node>, reset: &[Spanned<String>], decoder: &mut Decoder| {
            let settings = settings(config, reset, decoder);
            if !settings.is_empty() {
                wanted.insert(scope, settings);
            }
        };
        add(BrokerScope::All, &kafka.config, &kafka.reset, decoder);
        for node in &kafka.nodes {
            add(BrokerScope::One(node.id.value), &node.config, &node.reset, decoder);
        }
        Self { wanted, is_operated: is_operated(kafka) }
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether what of them can be applied depends on the features of the cluster.
    pub fn depend_on_features(&self) -> bool {
        self.wanted.iter().any(|(scope, settings)| {
            settings.get(MIN_IN_SYNC).is_some_and(|setting| refused_with_elr(*scope, setting.value.as_deref()))
        })
    }

    /// What a broker is to have of a config: its own, or what is said of all.
    pub fn of(&self, broker: i32, key: &str) -> Option<&Setting> {
        let of = |scope| self.wanted.get(&scope).and_then(|settings| settings.get(key));
        of(BrokerScope::One(broker)).or_else(|| of(BrokerScope::All))
    }
}

fn settings(config: &Entries<Node>, reset: &[Spanned<String>], decoder: &mut Decoder) -> BTreeMap<String, Setting> {
    let mut settings = BTreeMap::new();
    for key in reset.iter().filter(|key| is_declarable(key, key.span, decoder)) {
        settings.insert(key.value.clone(), Setting { value: None, span: key.span });
    }
    for (key, node) in config.iter() {
        if !is_declarable(key, key.span, decoder) {
            continue;
        }
        if reset.iter().any(|reset| *reset.value == *key.value) {
            let message = format!("`{}` stands under `config` and under `reset`", key.value);
            decoder.not_meant(key.span, message, "take it out of one of them: it is set, or taken away", None);
        }
        if let Some(value) = decode(key, node, decoder) {
            settings.insert(key.value.to_string(), Setting { value: Some(value), span: node.span });
        }
    }
    settings
}

/// Refuses a limit of reassignments: whoever moves replicas would lose it, or never get rid of it.
fn is_declarable(key: &str, span: Span, decoder: &mut Decoder) -> bool {
    if is_throttle(key) {
        decoder.not_meant(
            span,
            format!("`{key}` is a limit of reassignments, which is no state of a cluster: whoever moves replicas sets it, and \
                     takes it away in the end"),
            "take it out; `--throttle RATE` of `apply` and `rebalance` holds moves back",
            None,
        );
    }
    !is_throttle(key)
}

fn is_operated(kafka: &KafkaSpec) -> bool {
    kafka.deployment.is_some_and(|deployment| matches!(deployment.value, Deployment::Strimzi | Deployment::Managed))
}
