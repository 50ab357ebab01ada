//! What a change takes out of governance, or points at something else.

use std::collections::BTreeSet;

use super::LOOSENED;
use crate::diag::Diagnostic;
use crate::model::{Address, Pattern};
use crate::policy::Base;
use crate::resources::Workspace;
use crate::resources::cluster::{ClusterSpec, ManagesSpec};
use crate::resources::settings::NamePattern;
use crate::resources::topic::{ManagedBy, State};
use crate::source::{Span, Spanned};

pub(super) fn check(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let mut telling = Telling { base, findings };
    topics(workspace, &mut telling);
    for (name, cluster) in &workspace.clusters {
        if let Some(before) = base.workspace.clusters.get(name) {
            of_cluster(cluster, before, &mut telling);
        }
    }
    registries(workspace, &mut telling);
    names(workspace, &mut telling);
}

struct Telling<'t, 'b> {
    base: &'t Base<'b>,
    findings: &'t mut Vec<Diagnostic>,
}

impl Telling<'_, '_> {
    fn tell(&mut self, message: String, now: Span, was: Option<Span>, resource: Option<String>, help: &str) {
        let finding = LOOSENED.finding(message).at(now, "").help(help);
        let label = format!("as {} has it", self.base.name);
        let finding = was.into_iter().fold(finding, |finding, was| finding.at(was, &*label));
        self.findings.push(match resource {
            Some(resource) => finding.resource(resource),
            None => finding,
        });
    }
}

/// Topics that somebody else manages from now on.
fn topics(workspace: &Workspace, telling: &mut Telling<'_, '_>) {
    for (name, topic) in &workspace.topics {
        let Some(before) = telling.base.workspace.topics.get(name) else { continue };
        let is_present = before.state.is_none_or(|state| state.value == State::Present);
        let was = before.managed_by.map_or(ManagedBy::Busctl, |manager| manager.value);
        let Some(now) = topic.managed_by.filter(|now| now.value != was && was == ManagedBy::Busctl) else { continue };
        if is_present {
            let message = format!(
                "topic `{name}` is no longer managed here: `managed_by` becomes {}; nothing of it is compared or applied any \
                 more",
                now.value.as_str()
            );
            let help = "see that its owner and whoever manages it from now on know it";
            let was = before.managed_by.map_or(before.topic.span, |manager| manager.span);
            telling.tell(message, now.span, Some(was), Some(Address::topic(name).to_string()), help);
        }
    }
}

fn of_cluster(cluster: &ClusterSpec, before: &ClusterSpec, telling: &mut Telling<'_, '_>) {
    let name = &cluster.cluster.value;
    let resource = || Some(format!("cluster/{name}"));
    let here = cluster.cluster.span;
    let other =
        "see that it is the same: what was governed there is not any more, and what is found instead is not ours";
    if let Some(was) = &before.schema_registry
        && cluster.schema_registry.as_ref().is_none_or(|now| now.value != was.value)
    {
        let (becomes, span) = match &cluster.schema_registry {
            Some(now) => (format!("becomes {}", now.value), now.span),
            None => ("is gone".to_owned(), here),
        };
        let message = format!("`{name}` has another registry: `schema_registry` {becomes}, it was {}", was.value);
        let help = "the subjects that are there stay, and nobody governs them: see that they are in the other one";
        telling.tell(message, span, Some(was.span), resource(), help);
    }
    if let Some(was) = &before.cluster_id
        && cluster.cluster_id.as_ref().is_none_or(|now| now.value != was.value)
    {
        let (becomes, span) = match &cluster.cluster_id {
            Some(now) => (format!("becomes {}", now.value), now.span),
            None => ("is gone: any cluster is taken for it".to_owned(), here),
        };
        let message = format!("`{name}` may be another cluster: `cluster_id` {becomes}; it was {}", was.value);
        telling.tell(message, span, Some(was.span), resource(), other);
    }
    if let Some((connection, was)) = cluster.connection.as_ref().zip(before.connection.as_ref()) {
        let known: BTreeSet<&str> = was.bootstrap.iter().map(|address| address.value.as_str()).collect();
        if let Some(new) = connection.bootstrap.iter().find(|address| !known.contains(address.value.as_str())) {
            let message = format!("`{name}` is reached elsewhere: `connection.bootstrap` names {}", new.value);
            let was = was.bootstrap.first().map_or(was.span, |first| first.span);
            telling.tell(message, new.span, Some(was), resource(), other);
        }
    }
    for (key, of) in MANAGED {
        let now = cluster.manages.as_ref().and_then(of);
        let was = before.manages.as_ref().and_then(of);
        scope(name.as_str(), key, (now, was), here, telling);
    }
}

type Scope = fn(&ManagesSpec) -> Option<&Vec<Spanned<Pattern>>>;

const MANAGED: [(&str, Scope); 3] = [
    ("topics", |manages| manages.topics.as_ref()),
    ("groups", |manages| manages.groups.as_ref()),
    ("principals", |manages| manages.principals.as_ref()),
];

/// The patterns of a scope, where it is written.
type Patterns<'p> = Option<&'p Vec<Spanned<Pattern>>>;

/// What of a cluster is no longer ours.
fn scope(name: &str, key: &str, (now, was): (Patterns<'_>, Patterns<'_>), here: Span, telling: &mut Telling<'_, '_>) {
    // Without a scope everything is ours.
    let Some(now) = now else { return };
    let span = now.first().map_or(here, |pattern| pattern.span);
    let (what, place) = match was {
        None => ("takes what it does not name out of what is managed".to_owned(), None),
        Some(was) => {
            let Some(gone) = was.iter().find(|was| now.iter().all(|now| now.value != was.value)) else { return };
            (format!("no longer has `{}`", gone.value), Some(gone.span))
        }
    };
    let message = format!("less of `{name}` is governed: `manages.{key}` {what}");
    let help = "what is outside is never looked at again: see that somebody else governs it";
    telling.tell(message, span, place, Some(format!("cluster/{name}")), help);
}

fn registries(workspace: &Workspace, telling: &mut Telling<'_, '_>) {
    for (name, registry) in &workspace.registries {
        let before = telling.base.workspace.registries.get(name);
        let Some(was) = before.and_then(|before| before.url.as_ref()) else { continue };
        let (becomes, span) = match &registry.url {
            Some(now) if now.value == was.value => continue,
            Some(now) => (format!("becomes {}", now.value), now.span),
            None => ("is gone".to_owned(), registry.registry.span),
        };
        let message = format!("registry `{name}` is somewhere else: `url` {becomes}, it was {}", was.value);
        let help = "see that it is the same: the subjects of another one were never compared with these schemas";
        telling.tell(message, span, Some(was.span), Some(format!("registry/{name}")), help);
    }
}

/// Patterns that let names pass which those before refused.
fn names(workspace: &Workspace, telling: &mut Telling<'_, '_>) {
    let (now, was) = (&workspace.settings, &telling.base.workspace.settings);
    let patterns = [
        ("topic", (&now.topic_pattern, now.topic_pattern_span), (&was.topic_pattern, was.topic_pattern_span)),
        ("dlq", (&now.dlq_pattern, now.dlq_pattern_span), (&was.dlq_pattern, was.dlq_pattern_span)),
        ("retry", (&now.retry_pattern, now.retry_pattern_span), (&was.retry_pattern, was.retry_pattern_span)),
        ("parking", (&now.parking_pattern, now.parking_pattern_span), (&was.parking_pattern, was.parking_pattern_span)),
    ];
    for (key, (now, span), (was, before)) in patterns {
        if lets_more_pass(now, was)
            && let Some(span) = span.or(before)
        {
            let message = format!("other names pass: `naming.{key}` becomes `{now}`, it was `{was}`");
            let before = before.filter(|before| *before != span);
            telling.tell(message, span, before, None, "see that names of the new form are wanted");
        }
    }
}

fn lets_more_pass(now: &NamePattern, was: &NamePattern) -> bool {
    was.parts(&now.example()).is_none()
}
