use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::{ConfigValue, decode_config};
use super::{ManagedBy, State, TopicOverrideSpec, TopicSpec};
use crate::model::TopicName;
use crate::resources::cluster::ClusterSpec;
use crate::resources::resolved::{Layer, Resolved};
use crate::resources::{Interner, Workspace};
use crate::source::{Decoder, Entries, Node, Span, Spanned};

/// Partitions of a topic where nothing says how many.
pub const BUILT_IN_PARTITIONS: u32 = 6;
/// Replicas where nothing says how many.
pub const BUILT_IN_REPLICATION_FACTOR: u32 = 3;

/// A topic as it should be on one cluster.
#[derive(Debug, Clone)]
pub struct DesiredTopic {
    /// Its name.
    pub name: TopicName,
    /// Where its manifest names it.
    pub span: Span,
    /// Who creates and changes it.
    pub managed_by: ManagedBy,
    /// Whether it is wanted at all.
    pub state: State,
    /// Whether its records have keys that clients rely on.
    pub keyed: bool,
    /// Number of partitions.
    pub partitions: Resolved<u32>,
    /// Number of replicas of each partition.
    pub replication_factor: Resolved<u32>,
    /// Configs that some layer sets.
    pub configs: BTreeMap<Arc<str>, Resolved<ConfigValue>>,
}

impl DesiredTopic {
    /// Whether the cleanup policy has a word; `delete` is Kafka's default.
    pub fn cleans_up_by(&self, word: &str) -> bool {
        match self.configs.get("cleanup.policy") {
            Some(policy) => policy.value.as_str().split(',').any(|policy| policy == word),
            None => word == "delete",
        }
    }

    /// Whether its cleanup policy is an empty list, under which every record stays, whatever its retention.
    pub fn keeps_everything(&self) -> bool {
        !self.cleans_up_by("compact") && !self.cleans_up_by("delete")
    }

    /// Whether it is the same as another one, wherever each is written.
    pub fn means(&self, other: &Self) -> bool {
        let words = |topic: &Self| (topic.managed_by, topic.state, topic.keyed);
        let numbers = |topic: &Self| (topic.partitions.value, topic.replication_factor.value);
        let values = |resolved: &Resolved<ConfigValue>, other: &Resolved<ConfigValue>| resolved.value == other.value;
        words(self) == words(other)
            && numbers(self) == numbers(other)
            && self.configs.len() == other.configs.len()
            && self.configs.iter().zip(&other.configs).all(|(own, other)| own.0 == other.0 && values(own.1, other.1))
    }
}

/// Resolves a topic for a cluster. What cannot be resolved gives a finding.
pub fn resolve_topic(
    workspace: &Workspace,
    cluster: &ClusterSpec,
    topic: &TopicSpec,
    keys: &mut Interner,
    decoder: &mut Decoder,
) -> DesiredTopic {
    let defaults = workspace.settings.defaults.as_ref();
    let cluster_defaults = cluster.defaults.as_ref();
    let overrides = overrides_for(topic, cluster);
    let layered = |bus: Option<Spanned<u32>>,
                   of_cluster: Option<Spanned<u32>>,
                   own: Option<Spanned<u32>>,
                   of_override: &dyn Fn(&TopicOverrideSpec) -> Option<Spanned<u32>>,
                   built_in: u32| {
        let base = [(Layer::BusDefaults, bus), (Layer::ClusterDefaults, of_cluster), (Layer::Topic, own)];
        let own_overrides = overrides.iter().map(|(layer, spec)| (*layer, of_override(spec)));
        Resolved::strongest(built_in, base.into_iter().chain(own_overrides))
    };
    let partitions = layered(
        defaults.and_then(|defaults| defaults.partitions),
        cluster_defaults.and_then(|defaults| defaults.partitions),
        topic.partitions,
        &|spec| spec.partitions,
        BUILT_IN_PARTITIONS,
    );
    let replication_factor = layered(
        defaults.and_then(|defaults| defaults.replication_factor),
        cluster_defaults.and_then(|defaults| defaults.replication_factor),
        topic.replication_factor,
        &|spec| spec.replication_factor,
        BUILT_IN_REPLICATION_FACTOR,
    );
    DesiredTopic {
        name: topic.topic.value.clone(),
        span: topic.topic.span,
        managed_by: topic.managed_by.map_or(ManagedBy::Busctl, |manager| manager.value),
        state: topic.state.map_or(State::Present, |state| state.value),
        keyed: topic.is_keyed(),
        partitions,
        replication_factor,
        configs: resolve_configs(workspace, cluster, topic, &overrides, keys, decoder),
    }
}

/// The overrides of a topic that hold on a cluster, from the weaker to the stronger.
fn overrides_for<'t>(topic: &'t TopicSpec, cluster: &ClusterSpec) -> Vec<(Layer, &'t TopicOverrideSpec)> {
    let find = |word: &str| topic.overrides.iter().find(|(key, _)| &*key.value == word).map(|(_, spec)| spec);
    let environment = cluster.environment.as_ref().and_then(|environment| find(environment.as_str()));
    let own = find(cluster.cluster.as_str());
    let environment = environment.map(|spec| (Layer::EnvironmentOverride, spec));
    environment.into_iter().chain(own.map(|spec| (Layer::ClusterOverride, spec))).collect()
}

fn resolve_configs(
    workspace: &Workspace,
    cluster: &ClusterSpec,
    topic: &TopicSpec,
    overrides: &[(Layer, &TopicOverrideSpec)],
    keys: &mut Interner,
    decoder: &mut Decoder,
) -> BTreeMap<Arc<str>, Resolved<ConfigValue>> {
    let mut configs = BTreeMap::new();
    let mut set = |layer: Layer, written: &Entries<Node>| {
        for (key, node) in written {
            if let Some(value) = decode_config(key, node, decoder) {
                configs.insert(keys.intern(&key.value), Resolved::written(value, node.span, layer));
            }
        }
    };
    if let Some(defaults) = &workspace.settings.defaults {
        set(Layer::BusDefaults, &defaults.config);
    }
    if let Some(defaults) = &cluster.defaults {
        set(Layer::ClusterDefaults, &defaults.config);
    }
    let class = topic.class.as_ref().and_then(|class| workspace.settings.classes.get(class.as_str()));
    if let Some(class) = class {
        set(Layer::Class, &class.config);
    }
    set(Layer::Topic, &topic.config);
    for (layer, spec) in overrides {
        set(*layer, &spec.config);
    }
    // What has a word of its own in the manifests counts in its layer as if it were written under `config`.
    let mut set_word = |key: &str, layer: Layer, span: Span, value: String| {
        let weaker = configs.get(key).is_none_or(|known: &Resolved<ConfigValue>| known.layer() < Some(layer));
        if weaker {
            configs.insert(keys.intern(key), Resolved::written(ConfigValue::of_kafka(key, &value), span, layer));
        }
    };
    if let Some(replicas) = cluster.defaults.as_ref().and_then(|defaults| defaults.min_insync_replicas) {
        set_word("min.insync.replicas", Layer::ClusterDefaults, replicas.span, replicas.value.to_string());
    }
    if let Some(class) = class {
        if let Some(first) = class.cleanup.first() {
            let policy: Vec<_> = class.cleanup.iter().map(|policy| policy.as_str()).collect();
            set_word("cleanup.policy", Layer::Class, first.span, policy.join(","));
        }
        if let Some(retention) = class.retention {
            set_word("retention.ms", Layer::Class, retention.span, retention.value.0.to_string());
        }
    }
    configs
}

impl Resolved<ConfigValue> {
    fn layer(&self) -> Option<Layer> {
        match self.origin {
            crate::resources::resolved::Origin::Written { layer, .. } => Some(layer),
            crate::resources::resolved::Origin::BuiltIn => None,
        }
    }
}

impl TopicSpec {
    /// Whether its records have keys that clients rely on.
    pub fn is_keyed(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.value != "none")
    }
}
