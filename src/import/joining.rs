//! A cluster that comes to a workspace with manifests for others. A manifest without `clusters` is for every cluster, and so
//! for the new one too: what that has as well stays shared, with an override where it differs, and what it has not is from
//! now on for the clusters that it was for.

mod subjects;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::configs::{beside, overruled, set_on};
use super::internal::{Adoption, Internals};
use super::paths::Paths;
use super::quotas::Quotas;
use super::{Found, FoundTopic, Import, Imported, Request, skeleton};
use crate::model::{Label, Principal, TopicName};
use crate::ports::kafka::Acl;
use crate::resources::acl::{DesiredGrants, principals_of};
use crate::resources::additions::Addition;
use crate::resources::cluster::ClusterSpec;
use crate::resources::format::format_manifest;
use crate::resources::quota::DesiredQuotas;
use crate::resources::scram::{DesiredScramUsers, in_scope};
use crate::resources::topic::{DesiredTopic, ManagedBy, State};
use crate::resources::{Desired, Workspace, WorkspaceFiles, load};
use crate::source::write::scalar;
use crate::source::{Node, Span, Spanned};

/// A workspace that has the cluster.
pub struct Joined {
    /// The workspace with the cluster, and with what is no longer shared or is shared with it.
    pub workspace: Workspace,
    made: Imported,
}

impl Joined {
    /// What was made for the cluster to join, and what of the import into the joined workspace.
    pub fn with(self, import: Imported) -> Imported {
        let mut made = self.made;
        for (path, text) in import.changed {
            let files = if made.created.contains_key(&path) { &mut made.created } else { &mut made.changed };
            files.insert(path, text);
        }
        made.created.extend(import.created);
        made.questions.extend(import.questions);
        made.left.extend(import.left);
        Imported { counts: import.counts, ..made }
    }
}

/// Lets a cluster that has something already join a workspace of other clusters. `None` where it is there, or where it is
/// the first one.
pub fn join(found: &Found, request: Request<'_>) -> Option<Joined> {
    let Request { workspace, cluster, .. } = request;
    if workspace.clusters.is_empty() || workspace.clusters.contains_key(cluster) || is_new(found) {
        return None;
    }
    let mut joining = Joining { found, request, texts: texts_of(workspace), made: Imported::default() };
    joining.cluster();
    let alone = joining.made.created.iter().map(|(path, text)| (path.clone(), Ok(Arc::from(text.as_str()))));
    let (alone, _) = load(WorkspaceFiles { texts: alone.collect(), ..WorkspaceFiles::default() });
    joining.select_topics(alone.clusters.get(cluster)?);
    let shared = joining.load()?;
    joining.override_topics(&shared);
    joining.select_services(&shared);
    joining.select_roles(&shared);
    let workspace = joining.load()?;
    let workspace = joining.select_subjects(workspace)?;
    Some(Joined { workspace, made: joining.made })
}

/// Whether a cluster has no topics but those of applications and of the platform.
fn is_new(found: &Found) -> bool {
    let internals = Internals::of(found);
    let is_ours = |name: &TopicName| !name.is_reserved() && internals.adoption(name).is_ours();
    !found.topics.iter().any(|(name, topic)| !topic.internal && is_ours(name))
}

fn texts_of(workspace: &Workspace) -> BTreeMap<PathBuf, Arc<str>> {
    workspace.sources.iter().map(|(_, file)| (file.path.clone(), file.text.clone())).collect()
}

fn path_of(workspace: &Workspace, span: Span) -> PathBuf {
    workspace.sources.file(span.file).path.clone()
}

struct Joining<'r> {
    found: &'r Found,
    request: Request<'r>,
    /// Every file as it is by now.
    texts: BTreeMap<PathBuf, Arc<str>>,
    made: Imported,
}

impl Joining<'_> {
    /// The manifest of the cluster. What most of its topics have counts, whoever declares them.
    fn cluster(&mut self) {
        let internals = Internals::of(self.found);
        let asked = self.found.topics.iter().filter(|(name, topic)| self.is_asked(name, topic));
        let topics: BTreeMap<TopicName, Adoption> =
            asked.map(|(name, _)| (name.clone(), internals.adoption(name))).collect();
        let paths = Paths::of(self.request.workspace);
        let mut import = Import { found: self.found, request: self.request, topics, paths, made: Imported::default() };
        for (path, text) in skeleton::new_cluster(&mut import) {
            self.texts.insert(path.clone(), Arc::from(text.as_str()));
            import.made.created.insert(path, text);
        }
        self.made = import.made;
    }

    /// Loads what there is by now; nothing where an edit has broken it.
    fn load(&self) -> Option<Workspace> {
        let texts = self.texts.iter().map(|(path, text)| (path.clone(), Ok(text.clone())));
        let documents = self.request.workspace.documents.clone();
        let (workspace, findings) = load(WorkspaceFiles { texts: texts.collect(), documents });
        findings.is_empty().then_some(workspace)
    }

    fn is_asked(&self, name: &TopicName, topic: &FoundTopic) -> bool {
        let only = self.request.only;
        let is_named = only.is_empty() || only.iter().any(|pattern| pattern.matches(name.as_str()));
        is_named && !topic.internal && !name.is_reserved()
    }

    /// Says of each topic whether it is for the cluster.
    fn select_topics(&mut self, cluster: &ClusterSpec) {
        let workspace = self.request.workspace;
        for spec in workspace.written_topics() {
            let name = &spec.topic.value;
            let is_there = self.found.topics.get(name).is_some_and(|topic| self.is_asked(name, topic));
            let is_selected = workspace.selects(&spec.clusters, cluster);
            let document = Declared { kind: "topic", name: name.as_str() };
            match (is_there, spec.is_present()) {
                (true, true) if !is_selected => self.select(&path_of(workspace, spec.topic.span), document),
                (true, false) | (false, true) if is_selected => {
                    self.restrict(&path_of(workspace, spec.topic.span), document, &[], &spec.clusters);
                }
                _ => {}
            }
        }
    }

    /// Writes what topics that are shared have otherwise on the cluster.
    fn override_topics(&mut self, shared: &Workspace) {
        let Some(cluster) = shared.clusters.get(self.request.cluster) else { return };
        let (desired, _) = Desired::resolve(shared, cluster);
        let found = self.found;
        for (name, topic) in &desired.topics {
            let Some(there) = found.topics.get(name.as_str()) else { continue };
            if topic.managed_by != ManagedBy::Busctl || topic.state != State::Present {
                continue;
            }
            let differing = self.differing(topic, there);
            if let (Some(derived), false) = (shared.derived.get(name), differing.is_empty()) {
                self.made.left.push(format!(
                    "{name} has {} there, and follows from `dlq:` of {}: write a manifest for it",
                    differing.join(", "),
                    derived.of
                ));
            } else if !differing.is_empty() {
                let name_of_cluster = scalar(self.request.cluster.as_str());
                let written = format!("{{ {} }}", differing.join(", "));
                let what = format!("`overrides: {{ {name_of_cluster}: {written} }}`");
                let document = Declared { kind: "topic", name: name.as_str() };
                self.edit(&path_of(shared, topic.span), document, &what, |addition| {
                    addition.entry(&["overrides"], &name_of_cluster, &written)
                });
            }
        }
    }

    /// What the cluster has otherwise of a topic, as entries of an override.
    fn differing(&mut self, topic: &DesiredTopic, there: &FoundTopic) -> Vec<String> {
        let mut entries = Vec::new();
        let numbers = [
            ("partitions", there.partitions, topic.partitions.value),
            ("replication_factor", there.replication_factor, topic.replication_factor.value),
        ];
        for (key, has, asked) in numbers {
            // Nobody knows how many there are where it is 0.
            if has != asked && has > 0 {
                entries.push(format!("{key}: {has}"));
            }
        }
        let own = set_on(there);
        let overruled: Vec<&str> = overruled(self.found, &own, &topic.configs).collect();
        if !overruled.is_empty() {
            let (name, keys) = (&topic.name, overruled.join(", "));
            self.made.left.push(format!("{name} gets {keys} of its manifest, which it may not have now"));
        }
        let mut configs = Vec::new();
        for (key, value) in beside(self.found, &own, &topic.configs) {
            match value.to_manifest(&key) {
                Some(value) => configs.push(format!("{}: {value}", scalar(&key))),
                None => self.made.left.push(format!("{key} of {}: no manifest can say its value", topic.name)),
            }
        }
        if !configs.is_empty() {
            entries.push(format!("config: {{ {} }}", configs.join(", ")));
        }
        entries
    }

    /// Leaves those services to the other clusters that have not what they ask for on this one. Whether a password is the one
    /// that is declared nobody can tell, and one that is set anew locks out who has another.
    fn select_services(&mut self, shared: &Workspace) {
        let Some(cluster) = shared.clusters.get(self.request.cluster) else { return };
        let grants = DesiredGrants::compile(shared, cluster);
        let (asked, has) = (by_principal(grants.acls.keys()), by_principal(&self.found.acls));
        let (wanted, quotas) = (DesiredQuotas::compile(shared, cluster), Quotas::of(self.found));
        let users = DesiredScramUsers::compile(shared, cluster).wanted;
        let is_gone = |user: &str| !self.found.scram_users.iter().any(|found| found.name == user);
        let sets_passwords: BTreeSet<&str> = users
            .iter()
            .filter(|(name, user)| in_scope(cluster, name) && !(user.credentials.is_empty() && is_gone(name)))
            .filter_map(|(_, user)| user.service.as_deref())
            .collect();
        for (service, spec) in shared.grants.iter().filter(|(_, spec)| shared.selects(&spec.clusters, cluster)) {
            let stays = spec.state.is_none_or(|state| state.value == State::Present);
            let is_same = |principal: &Principal| match stays {
                true => asked.get(principal) == has.get(principal) && quotas.are_of(principal, &wanted),
                false => !has.contains_key(principal),
            };
            let is_same = principals_of(cluster, service, &spec.principals).iter().all(is_same);
            if !is_same || sets_passwords.contains(service.as_str()) {
                let document = Declared { kind: "service", name: service };
                self.restrict(&path_of(shared, spec.service.span), document, &[], &spec.clusters);
            }
        }
    }

    /// The same of roles.
    fn select_roles(&mut self, shared: &Workspace) {
        let Some(cluster) = shared.clusters.get(self.request.cluster) else { return };
        let grants = DesiredGrants::compile(shared, cluster);
        let (asked, has) = (by_principal(grants.acls.keys()), by_principal(&self.found.acls));
        for (role, spec) in shared.roles_of(cluster) {
            let is_same = |principal: &Principal| asked.get(principal) == has.get(principal);
            if !principals_of(cluster, role, &spec.principals).iter().all(is_same) {
                let document = Declared { kind: "role", name: role };
                self.restrict(&path_of(shared, spec.span), document, &[], &spec.clusters);
            }
        }
    }

    /// Adds the cluster to those that a manifest is for.
    fn select(&mut self, path: &Path, document: Declared<'_>) {
        let name = scalar(self.request.cluster.as_str());
        let what = format!("`{name}` in `clusters`");
        self.edit(path, document, &what, |addition| addition.item(&["clusters"], &name));
    }

    /// Leaves a manifest, or what stands `within` it, to the clusters that it was for before this one came; answers whether
    /// that could be written.
    fn restrict(&mut self, path: &Path, document: Declared<'_>, within: &[&str], selectors: &[Spanned<Label>]) -> bool {
        let Declared { kind, name } = document;
        if !selectors.is_empty() {
            let cluster = self.request.cluster;
            let what =
                "is not there as its manifest says, and `clusters` selects the cluster by its environment or a label";
            self.leave(format!("the {kind} {name} of `{cluster}` {what}"));
            return false;
        }
        let others = self.request.workspace.clusters.keys();
        let others: Vec<String> = others.map(|name| scalar(name.as_str())).collect();
        let written = format!("[{}]", others.join(", "));
        let place: Vec<&str> = document.path().into_iter().chain(within.iter().copied()).collect();
        let what = match within {
            [] => format!("`clusters: {written}`"),
            [within, ..] => format!("`{within}: {{ clusters: {written} }}`"),
        };
        self.edit(path, document, &what, |addition| addition.entry(&place, "clusters", &written))
    }

    /// Says what could not be written, once.
    fn leave(&mut self, what: String) {
        if !self.made.left.contains(&what) {
            self.made.left.push(what);
        }
    }

    /// Writes a comment above a document.
    fn comment(&mut self, path: &Path, document: Declared<'_>, comment: &str) {
        let Some(text) = self.texts.get(path) else { return };
        let commented = Addition::to(text, |node| document.is(node))
            .and_then(|addition| addition.comment(&[document.kind], comment));
        if let Some(commented) = commented {
            self.texts.insert(path.to_owned(), Arc::from(commented.as_str()));
            self.made.changed.insert(path.to_owned(), commented);
        }
    }

    /// Edits a document of a file, or says what people have to add; answers whether it was edited.
    fn edit(
        &mut self,
        path: &Path,
        document: Declared<'_>,
        what: &str,
        edited: impl Fn(&Addition<'_>) -> Option<String>,
    ) -> bool {
        let Some(text) = self.texts.get(path) else { return false };
        let Some(edited) = Addition::to(text, |node| document.is(node)).and_then(|addition| edited(&addition)) else {
            let Declared { kind, name } = document;
            self.leave(format!("add {what} to the {kind} {name} in {}", path.display()));
            return false;
        };
        // Who formats files has keys in their order; nobody else's are moved.
        let is_formatted = format_manifest(Some(path), text).is_ok_and(|formatted| formatted == **text);
        let formatted = is_formatted.then(|| format_manifest(Some(path), &edited).ok()).flatten();
        let edited = formatted.unwrap_or(edited);
        self.texts.insert(path.to_owned(), Arc::from(edited.as_str()));
        self.made.changed.insert(path.to_owned(), edited);
        true
    }
}

/// What has its place in a file: a document that its key names, or a role of a catalog.
#[derive(Debug, Clone, Copy)]
struct Declared<'n> {
    kind: &'n str,
    name: &'n str,
}

impl<'n> Declared<'n> {
    const ROLE: &'static str = "role";

    /// Whether a document is or holds it.
    fn is(self, document: &Node) -> bool {
        match self.kind {
            Self::ROLE => document.get("roles").and_then(|roles| roles.get(self.name)).is_some(),
            kind => document.get(kind).and_then(Node::scalar).is_some_and(|text| text == self.name),
        }
    }

    /// The keys below which its own stand.
    fn path(self) -> Vec<&'n str> {
        if self.kind == Self::ROLE { vec!["roles", self.name] } else { Vec::new() }
    }
}

fn by_principal<'a>(acls: impl IntoIterator<Item = &'a Acl>) -> BTreeMap<&'a Principal, BTreeSet<&'a Acl>> {
    let mut of: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for acl in acls {
        of.entry(&acl.principal).or_default().insert(acl);
    }
    of
}
