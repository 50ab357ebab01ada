use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::acl::GrantSpec;
use super::catalog::{DomainSpec, RoleSpec, ServiceSpec, TeamSpec};
use super::cluster::ClusterSpec;
use super::registry::RegistrySpec;
use super::schema::{SchemaFiles, SubjectSpec};
use super::settings::Settings;
use super::topic::{Derived, TopicSpec};
use crate::model::{ClusterName, Label, Subject, TopicName};
use crate::source::{Place, Sources, Span, Spanned, closest};

/// Everything that the manifests of a workspace say, with the place of every value.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// The files.
    pub sources: Sources,
    /// `busctl.yaml`.
    pub settings: Settings,
    /// Clusters by name.
    pub clusters: BTreeMap<ClusterName, ClusterSpec>,
    /// Registries by name.
    pub registries: BTreeMap<String, RegistrySpec>,
    /// Topics by name.
    pub topics: BTreeMap<TopicName, TopicSpec>,
    /// Those of them that no manifest declares and that `dlq:` of a consumer asks for.
    pub derived: BTreeMap<TopicName, Derived>,
    /// Grants by service.
    pub grants: BTreeMap<String, GrantSpec>,
    /// Subjects that are no topic's.
    pub subjects: BTreeMap<Subject, SubjectSpec>,
    /// Domains, services, teams and roles.
    pub catalog: Catalog,
    /// Schema files by path.
    pub schemas: SchemaFiles,
    /// The files below `docs/`.
    pub documents: BTreeSet<PathBuf>,
    /// Names whose manifest is there but could not be decoded: a reference to one is no reference to nothing.
    pub broken: BTreeSet<(&'static str, String)>,
    /// Keys that are written in a manifest and whose value could not be decoded, by the place of the manifest's name: that
    /// such a key is not there is no mistake of its own.
    pub lost: BTreeSet<(Span, &'static str)>,
    /// Kinds of names of which some manifest could not be read at all: any name of such a kind may be declared in it.
    pub unread: BTreeSet<&'static str>,
}

/// What `catalog/` declares, merged from its files.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Domains by name.
    pub domains: BTreeMap<String, Spanned<DomainSpec>>,
    /// Services by name.
    pub services: BTreeMap<String, Spanned<ServiceSpec>>,
    /// Teams by name.
    pub teams: BTreeMap<String, Spanned<TeamSpec>>,
    /// Roles by name.
    pub roles: BTreeMap<String, Spanned<RoleSpec>>,
    /// The prefixes of names that domains claim, in their order.
    pub claims: Vec<Claim>,
}

/// A prefix of names that belongs to a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The prefix, and where it is claimed.
    pub prefix: Spanned<String>,
    /// The domain.
    pub domain: String,
}

impl Catalog {
    /// Gathers what domains claim. Of a prefix that two of them claim, the first has it.
    pub fn gather_claims(&mut self) {
        let claim = |(domain, spec): (&String, &Spanned<DomainSpec>)| {
            let claim = |prefix: &Spanned<String>| Claim { prefix: prefix.clone(), domain: domain.clone() };
            spec.prefixes.iter().filter(|prefix| !prefix.is_empty()).map(claim).collect::<Vec<_>>()
        };
        self.claims = self.domains.iter().flat_map(claim).collect();
        self.claims.sort_by(|a, b| (&a.prefix.value, a.prefix.span).cmp(&(&b.prefix.value, b.prefix.span)));
        self.claims.dedup_by(|again, first| again.prefix.value == first.prefix.value);
    }

    /// The claim that a name falls under: the longest prefix that it starts with.
    pub fn claim_of(&self, name: &str) -> Option<&Claim> {
        self.claims
            .iter()
            .filter(|claim| name.starts_with(claim.prefix.as_str()))
            .max_by_key(|claim| claim.prefix.len())
    }
}

impl Workspace {
    /// Whether there is such a file below `docs/`; `path` may begin with `./`.
    pub fn has_document(&self, path: &str) -> bool {
        let parts = Path::new(path).components().filter(|part| !matches!(part, Component::CurDir));
        self.documents.contains(&parts.collect::<PathBuf>())
    }

    /// What to do about the path of a document that is not there.
    pub fn document_meant_by(&self, path: &str) -> String {
        match closest(path, self.documents.iter().filter_map(|path| path.to_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write the path of a file below docs/, from the workspace's root".to_owned(),
        }
    }

    /// Whether the policy of the bus is known. Where busctl.yaml cannot be read, nobody knows which rules it switches off, what
    /// it excepts, how things are named and what classes and defaults give.
    pub fn knows_settings(&self) -> bool {
        !self.unread.contains("class")
    }

    /// Whether every manifest could be read that may declare names of this kind: none of them is missing or in part.
    pub fn has_whole(&self, kind: &'static str) -> bool {
        !self.unread.contains(kind) && !self.broken.iter().any(|(known, _)| *known == kind)
    }

    /// Whether all that busctl.yaml says is known.
    pub fn has_whole_settings(&self) -> bool {
        self.knows_settings() && self.has_whole("settings")
    }

    /// Whether a manifest, by the place of its name, has a key whose value could not be decoded.
    pub fn is_lost(&self, manifest: Span, key: &'static str) -> bool {
        self.lost.contains(&(manifest, key))
    }

    /// Line and column of a span.
    pub fn place(&self, span: Span) -> Place {
        self.sources.place(span)
    }

    /// The domain of a topic: the one whose prefix its name starts with, else the part that the naming pattern calls
    /// `<domain>`, else what stands before the first dot. What `dlq:` of a consumer asks for is where its topic is.
    pub fn domain_of<'t>(&'t self, topic: &'t TopicName) -> &'t str {
        let topic = self.derived.get(topic).map_or(topic, |derived| &derived.of);
        if let Some(claim) = self.catalog.claim_of(topic.as_str()) {
            return &claim.domain;
        }
        self.settings
            .topic_pattern
            .part(topic.as_str(), "domain")
            .unwrap_or_else(|| topic.as_str().split('.').next().unwrap_or_default())
    }

    /// Of a topic for dead letters, by its name: the topic that they come from, and the service that could not read them.
    pub fn dead_letters_of<'t>(&'t self, name: &'t str) -> Option<(&'t TopicName, &'t str)> {
        let pattern = &self.settings.dlq_pattern;
        let (topic, _) = self.topics.get_key_value(pattern.part(name, "topic")?)?;
        Some((topic, pattern.part(name, "service")?))
    }

    /// The team that answers for a topic: its own, or its domain's.
    pub fn owner_of<'w>(&'w self, topic: &'w TopicSpec) -> Option<&'w str> {
        topic.owner.as_ref().map(|owner| owner.as_str()).or_else(|| {
            let domain = self.catalog.domains.get(self.domain_of(&topic.topic))?;
            Some(domain.owner.as_str())
        })
    }

    /// Whether a manifest with these `clusters:` is for the cluster.
    pub fn selects(&self, selectors: &[Spanned<Label>], cluster: &ClusterSpec) -> bool {
        selectors.is_empty() || selectors.iter().any(|selector| cluster.answers_to(selector.as_str()))
    }

    /// The topics that are for a cluster.
    pub fn topics_of<'w>(&'w self, cluster: &'w ClusterSpec) -> impl Iterator<Item = &'w TopicSpec> {
        self.topics.values().filter(move |topic| self.selects(&topic.clusters, cluster))
    }

    /// The roles that are for a cluster, by name.
    pub fn roles_of<'w>(
        &'w self,
        cluster: &'w ClusterSpec,
    ) -> impl Iterator<Item = (&'w String, &'w Spanned<RoleSpec>)> {
        self.catalog.roles.iter().filter(move |(_, role)| self.selects(&role.clusters, cluster))
    }

    /// Whether a service or a role of this name is declared.
    pub fn declares_client(&self, name: &str) -> bool {
        self.declares("service", name) || self.declares("role", name)
    }

    /// Whether a client's name is a slip for `meant`: nothing declares it, and it is nearly the same. What else seems wrong
    /// because of the slip is no mistake of its own.
    pub fn is_slip_for(&self, name: &str, meant: &str) -> bool {
        !self.declares_client(name) && closest(name, std::iter::once(meant)).is_some()
    }

    /// Whether a name of this kind is declared, be it in a manifest that could not be decoded.
    pub fn declares(&self, kind: &'static str, name: &str) -> bool {
        let declared = match kind {
            "domain" => self.catalog.domains.contains_key(name),
            "service" => self.catalog.services.contains_key(name),
            "team" => self.catalog.teams.contains_key(name),
            "role" => self.catalog.roles.contains_key(name),
            "topic" => self.topics.contains_key(name),
            "registry" => self.registries.contains_key(name),
            "cluster" => self.clusters.contains_key(name),
            "class" => self.settings.classes.contains_key(name),
            "subject" => self.subjects.contains_key(name),
            _ => false,
        };
        declared || self.unread.contains(kind) || self.broken.contains(&(kind, name.to_owned()))
    }
}
