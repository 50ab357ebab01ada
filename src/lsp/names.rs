use std::path::PathBuf;

use super::place::Place;
use crate::model::{ClusterName, TopicName};
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;
use crate::resources::manifests::ManifestKind;
use crate::resources::quota::{DesiredQuotas, QuotaEntity};
use crate::resources::scram::{DesiredScramUsers, user_of_address};
use crate::source::{FileId, Span};

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A resource's address, in a waiver.
    Address,
    /// A class of topics.
    Class,
    /// A cluster.
    Cluster,
    /// A file below `docs/`.
    Document,
    /// A domain.
    Domain,
    /// A registry.
    Registry,
    /// The code of a rule.
    Rule,
    /// A schema's file, beside the manifest or in the folder of the topic's domain.
    SchemaFile,
    /// A cluster, an environment or a label.
    Selector,
    /// A service, or a role.
    Service,
    /// A subject.
    Subject,
    /// A team.
    Team,
    /// A topic.
    Topic,
}

use ManifestKind as M;
use NameKind as N;

/// Where names stand: the path in a kind of manifest, with `*` for a key that the manifest chooses and `-` for an item.
pub(super) const PLACES: &[(ManifestKind, &[&str], NameKind)] = &[
    (M::Catalog, &["domains", "*"], N::Domain),
    (M::Catalog, &["domains", "*", "owner"], N::Team),
    (M::Catalog, &["roles", "*"], N::Service),
    (M::Catalog, &["roles", "*", "clusters", "-"], N::Selector),
    (M::Catalog, &["roles", "*", "dlq", "topics", "-"], N::Topic),
    (M::Catalog, &["roles", "*", "owner"], N::Team),
    (M::Catalog, &["roles", "*", "principals", "*"], N::Cluster),
    (M::Catalog, &["roles", "*", "reads", "-"], N::Topic),
    (M::Catalog, &["roles", "*", "writes", "-"], N::Topic),
    (M::Catalog, &["services", "*"], N::Service),
    (M::Catalog, &["services", "*", "domain"], N::Domain),
    (M::Catalog, &["services", "*", "owner"], N::Team),
    (M::Catalog, &["teams", "*"], N::Team),
    (M::Cluster, &["cluster"], N::Cluster),
    (M::Cluster, &["environment"], N::Selector),
    (M::Cluster, &["protect", "-"], N::Topic),
    (M::Cluster, &["schema_registry"], N::Registry),
    (M::Grants, &["clusters", "-"], N::Selector),
    (M::Grants, &["consumes", "-"], N::Topic),
    (M::Grants, &["consumes", "-", "topic"], N::Topic),
    (M::Grants, &["principals", "*"], N::Cluster),
    (M::Grants, &["produces", "-"], N::Topic),
    (M::Grants, &["produces", "-", "topic"], N::Topic),
    (M::Grants, &["scram", "overrides", "*"], N::Selector),
    (M::Grants, &["service"], N::Service),
    (M::Registry, &["registry"], N::Registry),
    (M::Settings, &["classes", "*"], N::Class),
    (M::Settings, &["rules", "*"], N::Rule),
    (M::Settings, &["waivers", "-", "code"], N::Rule),
    (M::Settings, &["waivers", "-", "owner"], N::Team),
    (M::Settings, &["waivers", "-", "resource"], N::Address),
    (M::Subject, &["clusters", "-"], N::Selector),
    (M::Subject, &["owner"], N::Team),
    (M::Subject, &["references", "-", "subject"], N::Subject),
    (M::Subject, &["schema"], N::SchemaFile),
    (M::Subject, &["subject"], N::Subject),
    (M::Topic, &["adr"], N::Document),
    (M::Topic, &["class"], N::Class),
    (M::Topic, &["clusters", "-"], N::Selector),
    (M::Topic, &["consumers", "-"], N::Service),
    (M::Topic, &["consumers", "-", "service"], N::Service),
    (M::Topic, &["deprecated_by"], N::Topic),
    (M::Topic, &["overrides", "*"], N::Selector),
    (M::Topic, &["owner"], N::Team),
    (M::Topic, &["producers", "-"], N::Service),
    (M::Topic, &["producers", "-", "service"], N::Service),
    (M::Topic, &["schema", "clusters", "-"], N::Selector),
    (M::Topic, &["schema", "key"], N::SchemaFile),
    (M::Topic, &["schema", "references", "-", "subject"], N::Subject),
    (M::Topic, &["schema", "value"], N::SchemaFile),
    (M::Topic, &["topic"], N::Topic),
    (M::Version, &["references", "-", "subject"], N::Subject),
];

impl Place {
    /// What a name that stands here is the name of.
    pub(super) fn names(&self) -> Option<NameKind> {
        let path = self.pattern();
        let matches = |pattern: &[&str]| {
            pattern.len() == path.len() && pattern.iter().zip(&path).all(|(known, step)| known == step || *known == "*")
        };
        PLACES.iter().find(|(kind, pattern, _)| *kind == self.kind && matches(pattern)).map(|(_, _, names)| *names)
    }

    /// Whether the name here is being given, and not used: what stands elsewhere is of no help.
    pub(super) fn is_declaration(&self) -> bool {
        matches!(
            (self.kind, self.pattern().as_slice()),
            (M::Catalog, ["domains" | "roles" | "services" | "teams", "*"])
                | (M::Cluster, ["cluster"])
                | (M::Registry, ["registry"])
                | (M::Settings, ["classes", "*"])
                | (M::Subject, ["subject"])
                | (M::Topic, ["topic"])
        )
    }
}

/// A place that an editor may go to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A place in a file that was read.
    Span(Span),
    /// The start of a file, from the workspace's root.
    File(PathBuf),
}

/// Where the name at a place is declared.
pub fn declarations(workspace: &Workspace, place: &Place, file: &std::path::Path) -> Vec<Target> {
    let Some(kind) = place.names() else { return Vec::new() };
    let name = place.word.as_str();
    let span = |span: Option<Span>| span.map(Target::Span);
    let whole = |file: FileId| Target::Span(Span::whole(file));
    let catalog = &workspace.catalog;
    let found: Vec<Option<Target>> = match kind {
        N::Topic => vec![span(workspace.topics.get(name).map(|topic| topic.topic.span))],
        N::Service => vec![
            span(catalog.services.get(name).map(|service| service.span)),
            span(catalog.roles.get(name).map(|role| role.span)),
            span(workspace.grants.get(name).map(|grants| grants.service.span)),
        ],
        N::Team => vec![span(catalog.teams.get(name).map(|team| team.span))],
        N::Domain => vec![span(catalog.domains.get(name).map(|domain| domain.span))],
        N::Class => vec![span(workspace.settings.classes.get(name).map(|class| class.span))],
        N::Registry => vec![span(workspace.registries.get(name).map(|registry| registry.registry.span))],
        N::Cluster => vec![span(workspace.clusters.get(name).map(|cluster| cluster.cluster.span))],
        N::Selector => {
            let answering = workspace.clusters.values().filter(|cluster| cluster.answers_to(name));
            answering.map(|cluster| Some(Target::Span(word_of(cluster, name)))).collect()
        }
        N::SchemaFile => {
            let path = schema_path(workspace, place, file);
            vec![path.and_then(|path| workspace.schemas.get(&path)).map(|schema| whole(schema.file))]
        }
        N::Subject => {
            let topic = ["-value", "-key"].iter().find_map(|part| workspace.topics.get(name.strip_suffix(part)?));
            let subject = workspace.subjects.get(name).map(|subject| subject.subject.span);
            vec![span(subject.or(topic.map(|topic| topic.topic.span)))]
        }
        N::Document => vec![workspace.has_document(name).then(|| Target::File(PathBuf::from(name)))],
        N::Address => vec![name.split_once('/').and_then(|(kind, name)| of_address(workspace, kind, name))],
        N::Rule => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

fn of_address(workspace: &Workspace, kind: &str, name: &str) -> Option<Target> {
    let first = name.split('/').next()?;
    let span = match kind {
        "topic" => workspace.topics.get(name)?.topic.span,
        "cluster" => workspace.clusters.get(name)?.cluster.span,
        "registry" => workspace.registries.get(name)?.registry.span,
        "service" | "grant" | "client-config" => workspace.grants.get(first)?.service.span,
        "quota" => of_quota(workspace, &QuotaEntity::of_address(name)?)?,
        "scram-user" => of_scram_user(workspace, &user_of_address(name)?)?,
        "role" => workspace.catalog.roles.get(name)?.span,
        "schema" => workspace.subjects.get(name)?.subject.span,
        _ => return None,
    };
    Some(Target::Span(span))
}

/// Where a quota is declared: in a cluster's `quotas`, or by the service whose user it is for.
fn of_quota(workspace: &Workspace, entity: &QuotaEntity) -> Option<Span> {
    workspace.clusters.values().find_map(|cluster| {
        let quotas = DesiredQuotas::compile(workspace, cluster);
        let wanted = quotas.wanted.get(entity).map(|quota| quota.span);
        wanted.or_else(|| quotas.holder_of(entity).map(|holder| holder.span))
    })
}

/// Where a SCRAM user is declared.
fn of_scram_user(workspace: &Workspace, user: &str) -> Option<Span> {
    let mut clusters = workspace.clusters.values();
    clusters.find_map(|cluster| Some(DesiredScramUsers::compile(workspace, cluster).wanted.get(user)?.span))
}

/// The word of a cluster that a selector means.
fn word_of(cluster: &ClusterSpec, selector: &str) -> Span {
    let words = cluster.environment.iter().chain(&cluster.labels);
    let labels = words.filter(|word| word.as_str() == selector).map(|word| word.span);
    let own = (ClusterName::as_str(&cluster.cluster) == selector).then_some(cluster.cluster.span);
    own.into_iter().chain(labels).next().unwrap_or(cluster.cluster.span)
}

/// The schema file that a manifest names, from the workspace's root.
pub(super) fn schema_path(workspace: &Workspace, place: &Place, file: &std::path::Path) -> Option<PathBuf> {
    Some(schema_folder(workspace, place, file)?.join(&place.word))
}

/// Where the schemas are that a manifest names: beside a subject, and of a topic in the folder of its domain.
pub(super) fn schema_folder(workspace: &Workspace, place: &Place, file: &std::path::Path) -> Option<PathBuf> {
    match place.kind {
        M::Subject => file.parent().map(PathBuf::from),
        _ => {
            let topic: TopicName = place.topic.as_ref()?.parse().ok()?;
            Some(PathBuf::from("schemas").join(workspace.domain_of(&topic)))
        }
    }
}

/// Every place where the name at a place is used.
pub fn references(workspace: &Workspace, place: &Place) -> Vec<Span> {
    let Some(kind) = place.names() else { return Vec::new() };
    let name = place.word.as_str();
    let mut found = Vec::new();
    let mut is = |text: &str, span: Span| {
        if text == name {
            found.push(span);
        }
    };
    let catalog = &workspace.catalog;
    match kind {
        N::Topic => {
            for grants in workspace.grants.values() {
                grants
                    .consumes
                    .iter()
                    .filter(|entry| !entry.is_derived)
                    .for_each(|entry| is(entry.topic.as_str(), entry.topic.span));
                grants
                    .produces
                    .iter()
                    .filter(|entry| !entry.is_derived)
                    .for_each(|entry| is(entry.topic.as_str(), entry.topic.span));
            }
        }
        N::Service => {
            for topic in workspace.written_topics() {
                topic.producers.iter().for_each(|entry| is(entry.service.as_str(), entry.service.span));
                topic.consumers.iter().for_each(|entry| is(entry.service.as_str(), entry.service.span));
            }
            workspace.grants.values().for_each(|grants| is(grants.service.as_str(), grants.service.span));
        }
        N::Team => {
            catalog.domains.values().for_each(|domain| is(domain.value.owner.as_str(), domain.value.owner.span));
            catalog.services.values().for_each(|service| is(service.value.owner.as_str(), service.value.owner.span));
            catalog.roles.values().for_each(|role| is(role.value.owner.as_str(), role.value.owner.span));
            let owners = workspace.written_topics().filter_map(|topic| topic.owner.as_ref());
            owners.for_each(|owner| is(owner.as_str(), owner.span));
            let owners = workspace.subjects.values().filter_map(|subject| subject.owner.as_ref());
            owners.for_each(|owner| is(owner.as_str(), owner.span));
            let owners = workspace.settings.waivers.iter().filter_map(|waiver| waiver.value.owner.as_ref());
            owners.for_each(|owner| is(owner.as_str(), owner.span));
        }
        N::Domain => {
            let domains = catalog.services.values().filter_map(|service| service.value.domain.as_ref());
            domains.for_each(|domain| is(domain.as_str(), domain.span));
        }
        N::Class => {
            let classes = workspace.written_topics().filter_map(|topic| topic.class.as_ref());
            classes.for_each(|class| is(class.as_str(), class.span));
        }
        N::Registry => {
            let registries = workspace.clusters.values().filter_map(|cluster| cluster.schema_registry.as_ref());
            registries.for_each(|registry| is(registry.as_str(), registry.span));
        }
        N::Cluster | N::Selector => {
            let of_topics = workspace.written_topics().map(|topic| &topic.clusters);
            let of_grants = workspace.grants.values().map(|grants| &grants.clusters);
            let of_schemas = workspace.written_topics().filter_map(|topic| Some(&topic.schema.as_ref()?.clusters));
            let of_roles = catalog.roles.values().map(|role| &role.clusters);
            let of_subjects = workspace.subjects.values().map(|subject| &subject.clusters);
            let selectors = of_topics.chain(of_grants).chain(of_schemas).chain(of_roles).chain(of_subjects).flatten();
            selectors.for_each(|selector| is(selector.as_str(), selector.span));
            let overrides = workspace.written_topics().flat_map(|topic| topic.overrides.keys());
            overrides.for_each(|key| is(&key.value, key.span));
            let scram = workspace.grants.values().filter_map(|grants| grants.scram.as_ref());
            scram.flat_map(|scram| scram.value.overrides.keys()).for_each(|key| is(&key.value, key.span));
        }
        N::Subject => {
            let of_topics = workspace.written_topics().filter_map(|topic| topic.schema.as_ref());
            let of_subjects = workspace.subjects.values().flat_map(|subject| &subject.references);
            let all = of_topics.flat_map(|schema| &schema.references).chain(of_subjects);
            all.for_each(|reference| is(reference.subject.as_str(), reference.subject.span));
        }
        N::Rule => {
            workspace.settings.rules.iter().for_each(|(code, _)| is(&code.value, code.span));
            workspace.settings.waivers.iter().for_each(|waiver| is(&waiver.value.code, waiver.value.code.span));
        }
        N::Address | N::Document | N::SchemaFile => {}
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::outline::{Role, Step};

    #[test]
    fn every_place_of_names_is_one_of_a_manifest() {
        for (kind, pattern, _) in PLACES {
            let is_key = pattern.last() == Some(&"*");
            let steps = pattern.iter().take(pattern.len() - usize::from(is_key));
            let path = steps.map(|step| if *step == "-" { Step::Item } else { Step::Key((*step).into()) });
            let role = if is_key { Role::Key } else { Role::Value };
            let place = Place {
                kind: *kind,
                topic: None,
                document: 0,
                path: path.collect(),
                role,
                span: 0..0,
                word: String::new(),
                in_flow: false,
                keys: Vec::new(),
            };
            assert!(!place.shapes().is_empty(), "{kind:?} has nothing at {pattern:?}");
        }
    }
}
