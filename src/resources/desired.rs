use std::collections::BTreeMap;

use super::acl::DesiredGrants;
use super::schema::DesiredSubject;
use super::topic::{DesiredTopic, resolve_topic};
use super::{Interner, Workspace};
use crate::diag::Diagnostic;
use crate::model::{Duration, Subject, TopicName};
use crate::resources::cluster::ClusterSpec;
use crate::source::{Decoder, Span};

/// The desired state of one cluster: defaults, classes and overrides applied.
#[derive(Debug, Clone)]
pub struct Desired<'w> {
    /// The workspace that it comes from.
    pub workspace: &'w Workspace,
    /// The cluster.
    pub cluster: &'w ClusterSpec,
    /// Topics.
    pub topics: BTreeMap<TopicName, DesiredTopic>,
    /// Grants and the services that ask for them.
    pub grants: DesiredGrants,
    /// Subjects of the registry, where the cluster names one.
    pub subjects: BTreeMap<Subject, DesiredSubject>,
    /// Subjects that are to be deleted, with the place that says so.
    pub removed_subjects: BTreeMap<Subject, Span>,
    /// The most that one run cuts from a `retention.ms`; the whole by default.
    pub retention_step: Option<Duration>,
}

impl<'w> Desired<'w> {
    /// Resolves the workspace for a cluster. What cannot be resolved gives findings.
    pub fn resolve(workspace: &'w Workspace, cluster: &'w ClusterSpec) -> (Self, Vec<Diagnostic>) {
        let mut decoder = Decoder::default();
        let mut keys = Interner::default();
        let topics: BTreeMap<_, _> = workspace
            .topics_of(cluster)
            .map(|spec| (spec.topic.value.clone(), resolve_topic(workspace, cluster, spec, &mut keys, &mut decoder)))
            .collect();
        let grants = DesiredGrants::compile(workspace, cluster);
        let subjects = super::schema::resolve_subjects(workspace, cluster, &mut decoder);
        let removed_subjects = super::schema::resolve_removed(workspace, cluster, &subjects, &mut decoder);
        let desired = Self { workspace, cluster, topics, grants, subjects, removed_subjects, retention_step: None };
        (desired, decoder.findings)
    }
}
