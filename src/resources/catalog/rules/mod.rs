//! What domains may have, and what is theirs.

pub(crate) mod limits;
pub(crate) mod prefixes;
pub(crate) mod sums;

use super::LimitsSpec;
use crate::diag::Diagnostic;
use crate::resources::Desired;
use crate::resources::topic::{DesiredTopic, State};
use crate::source::Span;

/// The topics of a cluster that count for limits, each with its domain. What applications make for themselves does not.
fn counted<'d>(desired: &'d Desired<'_>) -> impl Iterator<Item = (&'d str, &'d DesiredTopic)> {
    desired.topics.values().filter(|topic| topic.state == State::Present).filter_map(|topic| {
        let spec = desired.workspace.topics.get(&topic.name).filter(|spec| !spec.is_internal())?;
        Some((desired.workspace.domain_of(&spec.topic.value), topic))
    })
}

fn limits_of<'d>(desired: &'d Desired<'_>, domain: &str) -> Option<&'d LimitsSpec> {
    desired.workspace.catalog.domains.get(domain)?.limits.as_ref()
}

/// Points at a topic's value: where the topic's own manifest writes it, else at the topic, and beside it at what gives it
/// to all topics of a class or a cluster.
fn at_value(finding: Diagnostic, topic: &DesiredTopic, value: Option<Span>) -> Diagnostic {
    match value {
        Some(value) if value.file == topic.span.file => finding.at(value, ""),
        Some(value) => finding.at(topic.span, "").at(value, "by this"),
        None => finding.at(topic.span, ""),
    }
}
