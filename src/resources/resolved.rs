use crate::source::{Span, Spanned};

/// Where a resolved value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It is written in a manifest.
    Written {
        /// Where.
        span: Span,
        /// By whose authority: "the topic", "class raw", "defaults of cluster dev" …
        layer: Layer,
    },
    /// Nothing says it: the tool's own default.
    BuiltIn,
}

/// The layers of resolution, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// `defaults` of `busctl.yaml`.
    BusDefaults,
    /// `defaults` of the cluster.
    ClusterDefaults,
    /// The topic's class.
    Class,
    /// The topic itself.
    Topic,
    /// The topic's override for the cluster's environment.
    EnvironmentOverride,
    /// The topic's override for the cluster.
    ClusterOverride,
}

impl Layer {
    /// The layer in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::BusDefaults => "defaults of the bus",
            Layer::ClusterDefaults => "defaults of the cluster",
            Layer::Class => "class",
            Layer::Topic => "topic",
            Layer::EnvironmentOverride => "override of the environment",
            Layer::ClusterOverride => "override of the cluster",
        }
    }
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resolved<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Resolved<T> {
    /// A value that is written in a manifest.
    pub fn written(value: T, span: Span, layer: Layer) -> Self {
        Self { value, origin: Origin::Written { span, layer } }
    }

    /// A value that nothing says.
    pub fn built_in(value: T) -> Self {
        Self { value, origin: Origin::BuiltIn }
    }

    /// The strongest of the layers that say something, given from the weakest on.
    pub fn strongest(built_in: T, layers: impl IntoIterator<Item = (Layer, Option<Spanned<T>>)>) -> Self {
        layers.into_iter().fold(Self::built_in(built_in), |resolved, (layer, written)| match written {
            Some(written) => Self::written(written.value, written.span, layer),
            None => resolved,
        })
    }

    /// Where it is written.
    pub fn span(&self) -> Option<Span> {
        match self.origin {
            Origin::Written { span, .. } => Some(span),
            Origin::BuiltIn => None,
        }
    }
}
