use std::collections::BTreeMap;

use crate::diag::Level;
use crate::resources::cluster::ClusterSpec;
use crate::source::{Decode, Decoder, Node, Shape, Spanned, Value};

/// The level of a rule: one word, or a word by cluster or environment with a `default` for the others.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelsSpec {
    /// What holds where nothing below says another; `None` leaves the rule as it is there.
    pub default: Option<Spanned<Level>>,
    /// By cluster or environment.
    pub clusters: BTreeMap<Spanned<Box<str>>, Spanned<Level>>,
}

impl LevelsSpec {
    /// The level on a cluster, where one is said: the cluster's own wins over its environment's.
    pub fn on(&self, cluster: &ClusterSpec) -> Option<Level> {
        let of = |word: &str| self.clusters.iter().find(|(key, _)| &*key.value == word).map(|(_, level)| level.value);
        let environment = || of(cluster.environment.as_ref()?.as_str());
        of(cluster.cluster.as_str()).or_else(environment).or(self.default.map(|level| level.value))
    }

    /// Every level that it says.
    pub fn all(&self) -> impl Iterator<Item = Spanned<Level>> {
        self.default.into_iter().chain(self.clusters.values().copied())
    }
}

impl Decode for LevelsSpec {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        let Value::Mapping(_) = &node.value else {
            let default = Some(Spanned::decode(node, decoder)?);
            return Some(Self { default, clusters: BTreeMap::new() });
        };
        let mut clusters: BTreeMap<Spanned<Box<str>>, Spanned<Level>> = BTreeMap::decode(node, decoder)?;
        let default = clusters.keys().find(|key| &*key.value == "default").cloned();
        Some(Self { default: default.and_then(|key| clusters.remove(&key)), clusters })
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Level::shape(), Level::shape().map()])
    }
}
