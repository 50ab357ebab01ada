//! A workspace made of a bus that is there already: manifests of its topics, grants, schemas and owners, so that a plan of
//! them has nothing to do.
//!
//! What a bus has is [`Found`], wherever it was read: from a live cluster, a snapshot, or the files of another tool.
//! [`import`] makes files of it, beside a workspace or from nothing, and reads and writes none itself.

mod brokers;
mod catalog;
mod classes;
mod configs;
mod domains;
mod fixtures;
mod fold;
mod found;
pub mod from;
mod grants;
mod internal;
mod joining;
mod naming;
mod paths;
mod quotas;
mod schemas;
mod scram;
mod settings;
mod skeleton;
mod topics;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::model::{ClusterName, Pattern, Subject, TopicName, counted};
use crate::resources::{Desired, Workspace};

pub use found::{About, AboutCluster, Found, FoundNode, FoundRegistry, FoundSubject, FoundSuperUsers, FoundTopic};
pub use schemas::concerned;

use internal::{Adoption, Internals};
use paths::Paths;
use skeleton::Skeleton;

/// What is to be imported, and into what.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// The cluster's name in the workspace.
    pub cluster: &'r ClusterName,
    /// The workspace as it is; an empty one where there is none yet.
    pub workspace: &'r Workspace,
    /// How the cluster is reached, for a manifest of it that is not there yet.
    pub reach: &'r crate::resources::cluster::Reach,
    /// The topics that are adopted; all where it is empty.
    pub only: &'r [Pattern],
    /// How many samples of each topic are wanted. There may be more records, of which some are not of their schema.
    pub samples: usize,
}

/// What an import makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Files that are new, in the order of their paths.
    pub created: BTreeMap<PathBuf, String>,
    /// Files that are there and get a new text.
    pub changed: BTreeMap<PathBuf, String>,
    /// What nobody but people can answer. Where a file has the place for the answer, it is marked there too.
    pub questions: Vec<String>,
    /// What is there and could not be written down, and why.
    pub left: Vec<String>,
    /// How much was adopted, in words for people.
    pub counts: Counts,
}

/// How much was adopted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Topics.
    pub topics: usize,
    /// Those of them that an application makes for itself.
    pub internal: usize,
    /// Services with grants.
    pub services: usize,
    /// Their ACLs that became raw entries.
    pub raw: usize,
    /// Subjects of the registry.
    pub subjects: usize,
    /// Configs of brokers, of all or of single ones, that are set while they run.
    pub broker_configs: usize,
}

/// An import that is being made.
struct Import<'r> {
    found: &'r Found,
    request: Request<'r>,
    /// Topics that are adopted, with who creates and changes each.
    topics: BTreeMap<TopicName, Adoption>,
    paths: Paths,
    made: Imported,
}

/// Makes manifests of what was found. What the workspace declares already stays as it is, but for services that get what
/// they ask of a topic that is adopted, and for what a cluster that is new shares with others.
pub fn import(found: &Found, request: Request<'_>) -> Imported {
    let mut made = match joining::join(found, request) {
        Some(joined) => {
            let import = adopt(found, Request { workspace: &joined.workspace, ..request });
            joined.with(import)
        }
        None => adopt(found, request),
    };
    // What was looked at and has all of it already is not changed.
    made.changed.retain(|path, text| text_in(request.workspace, path) != Some(text.as_str()));
    made
}

/// The text of a file of a workspace.
fn text_in<'w>(workspace: &'w Workspace, path: &Path) -> Option<&'w str> {
    let sources = &workspace.sources;
    Some(&sources.file(sources.find(path)?).text)
}

fn adopt(found: &Found, request: Request<'_>) -> Imported {
    let mut import = Import {
        found,
        request,
        topics: BTreeMap::new(),
        paths: Paths::of(request.workspace),
        made: Imported::default(),
    };
    import.choose_topics();
    let skeleton = Skeleton::make(&mut import);
    let mut parties = catalog::Parties::default();
    let grants = grants::adopt(&mut import, &skeleton, &mut parties);
    brokers::write(&mut import, &skeleton);
    let schemas = schemas::adopt(&mut import, &skeleton);
    topics::write(&mut import, &skeleton, &grants, &schemas);
    catalog::write(&mut import, &skeleton, &parties);
    import.made
}

impl<'r> Import<'r> {
    /// The topics that no manifest declares and that are asked for.
    fn choose_topics(&mut self) {
        let Request { workspace, cluster, only, .. } = self.request;
        let spec = workspace.clusters.get(cluster);
        let asked = |name: &TopicName| only.is_empty() || only.iter().any(|pattern| pattern.matches(name.as_str()));
        let internals = Internals::of(self.found);
        let mut elsewhere = 0;
        for (name, topic) in self.found.topics.iter().filter(|(name, _)| asked(name)) {
            if topic.internal || name.is_reserved() || spec.is_some_and(|spec| !spec.manages_topic(name.as_str())) {
                continue;
            }
            if let Some(declared) = workspace.topics.get(name) {
                elsewhere += usize::from(spec.is_none_or(|spec| !workspace.selects(&declared.clusters, spec)));
                continue;
            }
            let adoption = internals.adoption(name);
            if let Some(key) = configs::unsayable(topic).filter(|_| adoption.is_ours()) {
                self.made.left.push(format!(
                    "{name} is not declared: no manifest can say its {key}, and what a declared topic has beside its manifest is \
                     set back"
                ));
                continue;
            }
            self.topics.insert(name.clone(), adoption);
        }
        if elsewhere > 0 {
            self.made.left.push(format!(
                "{} of it that other clusters alone have in their manifests: add `{cluster}` to `clusters` there",
                counted(elsewhere as u64, "topic")
            ));
        }
        self.made.counts.topics = self.topics.len();
        self.made.counts.internal = self.topics.values().filter(|adoption| adoption.is_internal()).count();
    }

    /// Whether other clusters have manifests too, so that each new one has to say which it is for.
    fn is_shared(&self) -> bool {
        self.request.workspace.clusters.keys().any(|name| name != self.request.cluster)
    }

    /// The line that says which cluster a manifest is for; none where there is one alone.
    fn clusters_line(&self) -> String {
        if self.is_shared() {
            format!("clusters: [{}]\n", crate::source::write::scalar(self.request.cluster.as_str()))
        } else {
            String::new()
        }
    }

    /// Adds a file that is new.
    fn create(&mut self, path: PathBuf, text: String) {
        self.made.created.insert(path, text);
    }

    /// The text that a file of the workspace has by now.
    fn text_of(&self, path: &Path) -> Option<String> {
        if let Some(text) = self.made.changed.get(path) {
            return Some(text.clone());
        }
        text_in(self.request.workspace, path).map(str::to_owned)
    }

    /// The subjects that the workspace declares for this cluster, or declares to be gone.
    fn declared_subjects(&self) -> BTreeSet<Subject> {
        let workspace = self.request.workspace;
        let mut declared: BTreeSet<_> = workspace.subjects.keys().cloned().collect();
        for cluster in workspace.clusters.values() {
            let (desired, _) = Desired::resolve(workspace, cluster);
            declared.extend(desired.subjects.into_keys());
        }
        declared
    }
}

#[cfg(test)]
mod tests;
