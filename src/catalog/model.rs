use std::collections::BTreeMap;

use rayon::prelude::*;

use super::party::Party;
use super::schema::{Schema, Schemas};
use super::topic::Topic;
use crate::model::TopicName;
use crate::resources::acl::GrantSpec;
use crate::resources::catalog::{DomainSpec, RoleSpec, TeamSpec};
use crate::resources::cluster::ClusterSpec;
use crate::resources::schema::SubjectSpec;
use crate::resources::settings::ClassSpec;
use crate::resources::topic::{DesiredTopic, State};
use crate::resources::{Desired, Workspace};
use crate::source::Spanned;

/// What the catalog shows of a bus.
pub struct Model<'w> {
    /// Clusters by name.
    pub clusters: Vec<&'w ClusterSpec>,
    /// Classes of topics by name.
    pub classes: &'w BTreeMap<String, Spanned<ClassSpec>>,
    /// Domains by name: those that are declared and those that topics are in.
    pub domains: Vec<Domain<'w>>,
    /// Subjects that are no topic's.
    pub shared: Vec<Shared<'w>>,
    /// Declared services by name.
    pub services: Vec<Service<'w>>,
    /// Teams by name.
    pub teams: &'w BTreeMap<String, Spanned<TeamSpec>>,
    /// Roles by name.
    pub roles: &'w BTreeMap<String, Spanned<RoleSpec>>,
}

/// A domain and its topics.
pub struct Domain<'w> {
    /// Its name.
    pub name: &'w str,
    /// Its declaration, where there is one.
    pub spec: Option<&'w DomainSpec>,
    /// Its topics by name.
    pub topics: Vec<Topic<'w>>,
}

/// A schema that other schemas use.
pub struct Shared<'w> {
    /// Its manifest.
    pub spec: &'w SubjectSpec,
    /// The schema.
    pub schema: Schema<'w>,
}

/// A service and what it does on the bus.
pub struct Service<'w> {
    /// Who it is.
    pub party: Party<'w>,
    /// The domain that it belongs to.
    pub domain: Option<&'w str>,
    /// What it asks for.
    pub grant: Option<&'w GrantSpec>,
    /// Topics that it may write, as their owners say.
    pub writes: Vec<&'w TopicName>,
    /// Topics that it may read, as their owners say.
    pub reads: Vec<&'w TopicName>,
}

impl<'w> Model<'w> {
    /// Collects what is shown of a workspace.
    pub fn of(workspace: &'w Workspace) -> Self {
        let mut resolved: BTreeMap<TopicName, Vec<(&ClusterSpec, DesiredTopic)>> = BTreeMap::new();
        for cluster in workspace.clusters.values() {
            let (desired, _) = Desired::resolve(workspace, cluster);
            for (name, topic) in desired.topics {
                resolved.entry(name).or_default().push((cluster, topic));
            }
        }
        let schemas = Schemas::of(workspace);
        let mut domains: BTreeMap<&str, Vec<Topic<'_>>> = BTreeMap::new();
        for name in workspace.catalog.domains.keys() {
            domains.entry(name).or_default();
        }
        let topics: Vec<_> = workspace
            .topics
            .values()
            .map(|spec| (spec, resolved.remove(&spec.topic.value).unwrap_or_default()))
            .collect();
        // Parsing schemas is most of the work.
        let topics: Vec<_> =
            topics.into_par_iter().map(|(spec, clusters)| Topic::of(workspace, spec, clusters, &schemas)).collect();
        for topic in topics {
            domains.entry(workspace.domain_of(topic.name())).or_default().push(topic);
        }
        let domains: Vec<_> = domains
            .into_iter()
            .map(|(name, topics)| {
                let spec = workspace.catalog.domains.get(name).map(|domain| &domain.value);
                Domain { name, spec, topics }
            })
            .collect();
        Self {
            clusters: workspace.clusters.values().collect(),
            classes: &workspace.settings.classes,
            shared: shared_of(workspace, &schemas),
            services: services_of(workspace, &domains),
            domains,
            teams: &workspace.catalog.teams,
            roles: &workspace.catalog.roles,
        }
    }

    /// Every topic, domain by domain.
    pub fn topics(&self) -> impl Iterator<Item = &Topic<'w>> {
        self.domains.iter().flat_map(|domain| &domain.topics)
    }
}

fn shared_of<'w>(workspace: &'w Workspace, schemas: &Schemas<'w>) -> Vec<Shared<'w>> {
    let wanted = |spec: &&SubjectSpec| spec.state.is_none_or(|state| state.value == State::Present);
    let shared = |spec: &'w SubjectSpec| Shared { spec, schema: schemas.of_subject(spec) };
    workspace.subjects.values().filter(wanted).map(shared).collect()
}

fn services_of<'w>(workspace: &'w Workspace, domains: &[Domain<'w>]) -> Vec<Service<'w>> {
    let mut writes: BTreeMap<&str, Vec<&TopicName>> = BTreeMap::new();
    let mut reads: BTreeMap<&str, Vec<&TopicName>> = BTreeMap::new();
    for topic in domains.iter().flat_map(|domain| &domain.topics) {
        for producer in &topic.producers {
            writes.entry(producer.party.name).or_default().push(topic.name());
        }
        for consumer in &topic.consumers {
            reads.entry(consumer.access.party.name).or_default().push(topic.name());
        }
    }
    let service = |name: &'w String| Service {
        party: Party::of(workspace, name),
        domain: workspace.catalog.services[name].domain.as_ref().map(|domain| domain.as_str()),
        grant: workspace.grants.get(name),
        writes: writes.remove(name.as_str()).unwrap_or_default(),
        reads: reads.remove(name.as_str()).unwrap_or_default(),
    };
    workspace.catalog.services.keys().map(service).collect()
}
