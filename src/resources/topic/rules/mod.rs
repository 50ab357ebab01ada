//! What every topic of the bus keeps to.

pub(crate) mod change;
pub(crate) mod configs;
pub(crate) mod dead_letter;
pub(crate) mod decision;
pub(crate) mod deprecated;
pub(crate) mod documented;
pub(crate) mod naming;
pub(crate) mod partitions;
pub(crate) mod replication;
pub(crate) mod retention;
pub(crate) mod tombstone;

use super::{DEAD_LETTER_CLASS, DesiredTopic, ManagedBy, State, TopicSpec};
use crate::model::Address;
use crate::resources::{Desired, Layer, Origin, Workspace};
use crate::source::{Span, Spanned};

impl TopicSpec {
    /// Whether it is wanted: no tombstone.
    pub fn is_present(&self) -> bool {
        self.state.is_none_or(|state| state.value == State::Present)
    }

    /// Whether a Streams application or a Connect worker makes it for itself.
    pub fn is_internal(&self) -> bool {
        self.managed_by.is_some_and(|manager| matches!(manager.value, ManagedBy::Streams | ManagedBy::Connect))
    }

    /// Whether it is of the class of dead-letter topics.
    pub fn is_dead_letter(&self) -> bool {
        self.class.as_ref().is_some_and(|class| class.as_str() == DEAD_LETTER_CLASS)
    }
}

/// The topics that rules about names, people and reasons are for: those whose manifests people write.
fn governed(workspace: &Workspace) -> impl Iterator<Item = &TopicSpec> {
    workspace.written_topics().filter(|topic| topic.is_present() && !topic.is_internal())
}

fn address(topic: &TopicSpec) -> Address {
    Address::topic(&topic.topic.value)
}

/// Of whom a resolved value is said: of one topic, or of all that inherit it, so that a default is found fault with once
/// and where it is written.
struct Bearer {
    /// "`media.raw_ingest.v1` has", "topics of `production` have".
    has: String,
    /// Where the value is written, or what could write it.
    span: Span,
    /// Its address.
    resource: String,
}

fn bearer(desired: &Desired<'_>, topic: &DesiredTopic, origins: &[Origin]) -> Bearer {
    let written = origins.iter().filter_map(|origin| match origin {
        Origin::Written { span, layer } => Some((*layer, *span)),
        Origin::BuiltIn => None,
    });
    let cluster = &desired.cluster.cluster;
    let all = format!("cluster/{}", cluster.value);
    match written.max_by_key(|(layer, _)| *layer) {
        Some((layer, span)) if layer >= Layer::Topic => {
            Bearer { has: format!("`{}` has", topic.name), span, resource: Address::topic(&topic.name).to_string() }
        }
        Some((Layer::Class, span)) => {
            let spec = desired.workspace.topics.get(&topic.name);
            let class = spec.and_then(|spec| spec.class.as_ref()).map_or("", |class| class.as_str());
            Bearer { has: format!("topics of class `{class}` on `{}` have", cluster.value), span, resource: all }
        }
        weaker => {
            let span = weaker.map_or(cluster.span, |(_, span)| span);
            Bearer { has: format!("topics of `{}` have", cluster.value), span, resource: all }
        }
    }
}

/// The topics that this tool makes on a cluster.
fn applied<'d>(desired: &'d Desired<'_>) -> impl Iterator<Item = &'d DesiredTopic> {
    let ours = |topic: &&DesiredTopic| topic.state == State::Present && topic.managed_by == ManagedBy::Busctl;
    desired.topics.values().filter(ours)
}

fn is_blank(text: &Option<Spanned<String>>) -> bool {
    text.as_ref().is_none_or(|text| text.value.trim().is_empty())
}
