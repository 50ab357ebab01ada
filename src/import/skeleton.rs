//! What everything else is written against: the policy, the cluster and the owners, as they are or as they will be. It is
//! loaded as a workspace is, so that there is one opinion of which value wins.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::configs::{Layers, effective, set_on};
use super::found::one_line;
use super::{FoundTopic, Import, domains, grants, settings};
use crate::model::Label;
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::DesiredTopic;
use crate::resources::{Desired, Workspace, WorkspaceFiles, load};
use crate::schema::Compatibility;
use crate::source::write::{mapping, scalar};

const SETTINGS: &str = "busctl.yaml";

/// The policy, the cluster and the owners.
pub struct Skeleton {
    /// What they say. It has no topics, services and schemas.
    pub workspace: Workspace,
    /// The cluster.
    pub cluster: ClusterSpec,
    /// The configs that topics of each class have.
    pub classes: BTreeMap<String, Layers>,
    /// What topics have without a class.
    pub without: DesiredTopic,
    /// The level of subjects that say nothing.
    pub level: Compatibility,
}

impl Skeleton {
    /// Makes what is not there, and loads all of it.
    pub fn make(import: &mut Import<'_>) -> Self {
        let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
        let is_of_it =
            |path: &Path| path == Path::new(SETTINGS) || path.starts_with("clusters") || path.starts_with("catalog");
        let there = import.request.workspace.sources.iter().filter(|(_, file)| is_of_it(&file.path));
        texts.extend(there.map(|(_, file)| (file.path.clone(), file.text.to_string())));
        let is_new_bus = !texts.contains_key(Path::new(SETTINGS));
        if is_new_bus {
            let text = settings::fresh(import);
            texts.insert(SETTINGS.into(), text.clone());
            import.create(SETTINGS.into(), text);
        } else if import.request.workspace.settings.classes.is_empty() {
            add_classes(import, &mut texts);
        }
        if !import.request.workspace.clusters.contains_key(import.request.cluster) {
            for (path, text) in new_cluster(import) {
                texts.insert(path.clone(), text.clone());
                import.create(path, text);
            }
        }
        let mut skeleton = Self::load(import, &texts);
        if is_new_bus {
            let pattern = skeleton.workspace.settings.topic_pattern.clone();
            skeleton.workspace.catalog.claims.extend(domains::claims(import, &pattern));
        }
        skeleton
    }

    /// Loads the texts with one topic of each class, of which the loader tells what it has.
    fn load(import: &Import<'_>, texts: &BTreeMap<PathBuf, String>) -> Self {
        let known: Vec<String> = names_of_classes(texts);
        let topic = |number: usize, class: &str| (probe(number), format!("topic: probe-{number}\n{class}"));
        let of_classes = known.iter().enumerate();
        let probes = of_classes.map(|(number, class)| topic(number, &format!("class: {}\n", scalar(class))));
        let probes = probes.chain([topic(known.len(), "")]);
        let all = texts.iter().map(|(path, text)| (path.clone(), text.clone())).chain(probes);
        let files = WorkspaceFiles {
            texts: all.map(|(path, text)| (path, Ok(Arc::from(text.as_str())))).collect(),
            ..WorkspaceFiles::default()
        };
        let (mut workspace, _) = load(files);
        let cluster = workspace.clusters.get(import.request.cluster).cloned();
        let cluster = cluster.expect("a cluster that is there, or was written a moment ago");
        let (desired, _) = Desired::resolve(&workspace, &cluster);
        let probe = |number: usize| desired.topics[format!("probe-{number}").as_str()].clone();
        let without = probe(known.len());
        let layers = known.iter().enumerate().map(|(number, class)| (class.clone(), probe(number).configs));
        let classes = layers.collect();
        let level = crate::resources::schema::resolve_level(&workspace, None).value;
        drop(desired);
        workspace.topics.clear();
        Self { workspace, cluster, classes, without, level }
    }
}

fn probe(number: usize) -> PathBuf {
    PathBuf::from(format!("topics/probe-{number}.yaml"))
}

fn names_of_classes(texts: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let texts = texts.iter().map(|(path, text)| (path.clone(), Ok(Arc::from(text.as_str()))));
    let (workspace, _) = load(WorkspaceFiles { texts: texts.collect(), ..WorkspaceFiles::default() });
    workspace.settings.classes.into_keys().collect()
}

/// Gives a bus its first classes, where the text of its policy takes them.
fn add_classes(import: &mut Import<'_>, texts: &mut BTreeMap<PathBuf, String>) {
    let Some(text) = texts.get(Path::new(SETTINGS)) else { return };
    let Some(edited) = settings::with_classes(import, text) else { return };
    let only = |text: &str| WorkspaceFiles {
        texts: [(PathBuf::from(SETTINGS), Ok(Arc::from(text)))].into(),
        ..WorkspaceFiles::default()
    };
    let (workspace, findings) = load(only(&edited));
    if findings.is_empty() && !workspace.settings.classes.is_empty() {
        texts.insert(SETTINGS.into(), edited.clone());
        import.made.changed.insert(SETTINGS.into(), edited);
    }
}

/// The manifests of a cluster that has none yet, and of its registry.
pub fn new_cluster(import: &mut Import<'_>) -> Vec<(PathBuf, String)> {
    let found = import.found;
    let (name, reach) = (import.request.cluster, import.request.reach);
    let mut files = Vec::new();
    let shown = scalar(name.as_str());
    let mut text = format!("cluster: {shown}\n");
    let environment = found.cluster.environment.as_deref().filter(|environment| environment.parse::<Label>().is_ok());
    text += &match environment {
        Some(environment) => format!("environment: {}\n", scalar(environment)),
        None => {
            let said = found.cluster.environment.as_deref();
            let said = said.map(|said| format!(" The files say \"{}\", which is no label;", one_line(said)));
            format!("# question: which environment is it?{} write `environment: …` here\n", said.unwrap_or_default())
        }
    };
    let (description, region) = found.cluster.keys();
    text += &description;
    if let Some(id) = &found.cluster_id {
        let _ = writeln!(text, "cluster_id: {}", scalar(id));
    }
    text += &region;
    match reach.connection() {
        connection if connection.is_empty() => {
            text += "# question: how is it reached? write `connection: { bootstrap: [HOST:PORT] }` here\n";
        }
        connection => text += &connection,
    }
    if found.registry.is_some() || reach.registry.is_some() {
        let level = found.registry.as_ref().and_then(|registry| registry.level.as_deref());
        let (known, file) = registry_of(import, level);
        let _ = writeln!(text, "schema_registry: {}", scalar(&known));
        files.extend(file);
    }
    text += "# Everything of it. Where others govern a part of the cluster, write which part is ours: topics: [\"orders.*\"]\n";
    text += "manages: { topics: [\"*\"], groups: [\"*\"], principals: [\"*\"] }\n";
    let template = grants::template_of(found);
    if template != "User:{service}" {
        let _ = writeln!(text, "principal: {}", scalar(&template));
    }
    text += &defaults(import);
    let path = import.paths.free("clusters", name.as_str(), "yaml");
    if environment.is_none() {
        import.made.questions.push(format!("which environment is `{name}`? ({})", path.display()));
    }
    files.push((path, text));
    files
}

/// The name of the registry, and its manifest where none has its address yet.
fn registry_of(import: &mut Import<'_>, level: Option<&str>) -> (String, Option<(PathBuf, String)>) {
    let workspace = import.request.workspace;
    let reach = import.request.reach.registry.as_ref();
    let same = |url: &str| reach.is_some_and(|reach| reach.url.trim_end_matches('/') == url.trim_end_matches('/'));
    let mut known = workspace.registries.iter();
    let known = known.find(|(_, spec)| spec.url.as_ref().is_some_and(|url| same(&url.value)));
    if let Some((name, _)) = known {
        return (name.clone(), None);
    }
    let name = match workspace.registries.contains_key(import.request.cluster.as_str()) {
        true => format!("{}-registry", import.request.cluster),
        false => import.request.cluster.to_string(),
    };
    let mut text = format!("registry: {}\n", scalar(&name));
    let (url, auth) = match reach {
        Some(reach) => reach.lines(),
        None => ("# question: where is it? write `url: https://…` here\n".to_owned(), String::new()),
    };
    text += &url;
    if let Some(level) = level.and_then(Compatibility::from_registry) {
        let _ = writeln!(text, "compatibility: {level}");
    }
    text += &auth;
    let path = import.paths.free("clusters", &format!("registry-{name}"), "yaml");
    (name, Some((path, text)))
}

/// What most topics have.
fn defaults(import: &Import<'_>) -> String {
    let found = import.found;
    let ours = || import.topics.iter().filter(|(_, adoption)| adoption.is_ours()).map(|(name, _)| &found.topics[name]);
    let mut entries = Vec::new();
    let mut add =
        |key: &str, value: Option<i64>| entries.extend(value.map(|value| (key.to_owned(), value.to_string())));
    // Nobody knows how many a topic has where it is 0.
    let known = |numbers: &dyn Fn(&FoundTopic) -> u32| {
        most_common(ours().map(|topic| i64::from(numbers(topic))).filter(|number| *number > 0))
    };
    add("partitions", known(&|topic| topic.partitions));
    add("replication_factor", known(&|topic| topic.replication_factor));
    const IN_SYNC: &str = "min.insync.replicas";
    let is_set = ours().any(|topic| topic.configs.contains_key(IN_SYNC));
    let in_sync = ours().filter_map(|topic| effective(found, &set_on(topic), IN_SYNC)?.as_i64());
    // A word of the manifests is a whole number from 0; what else somebody set stands under the topic's configs.
    let in_sync = most_common(in_sync).filter(|value| is_set && u32::try_from(*value).is_ok());
    // Where a topic's own is not known, it would be changed to it.
    let is_known = ours().all(|topic| effective(found, &set_on(topic), IN_SYNC).is_some());
    add("min_insync_replicas", in_sync.filter(|_| is_known));
    mapping("defaults", &entries, 0)
}

/// The value that most have, and of those the least.
fn most_common(values: impl Iterator<Item = i64>) -> Option<i64> {
    let mut counted: BTreeMap<i64, usize> = BTreeMap::new();
    values.for_each(|value| *counted.entry(value).or_default() += 1);
    counted.into_iter().max_by_key(|(value, count)| (*count, std::cmp::Reverse(*value))).map(|(value, _)| value)
}
