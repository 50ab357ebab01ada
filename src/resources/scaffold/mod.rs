//! Manifests that did not exist before: a topic, a service, a domain or a cluster with all that belongs to it. What is there
//! already is edited in its text, so that comments and order stay, and nothing is ever written over.

mod client;
mod cluster;
mod domain;
mod draft;
mod entry;
mod service;
mod skeleton;
mod topic;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Workspace;
use crate::source::closest;

pub use client::known_client;
pub use cluster::{NewCluster, broker_address, new_cluster};
pub use domain::{NewDomain, new_domain};
pub use service::{NewService, new_service};
pub use topic::{NewTopic, is_tended, new_topic, new_topic_name};

/// Files that are to be written, and what they leave to people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scaffold {
    /// Files that are new, in the order of their paths.
    pub created: BTreeMap<PathBuf, String>,
    /// Files that are there and get a new text.
    pub changed: BTreeMap<PathBuf, String>,
    /// What only people can do.
    pub left: Vec<String>,
}

/// Why nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoScaffold {
    /// One sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl NoScaffold {
    /// Says why, and what to do.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// Refuses a name that nothing declares: what would be written would refer to nothing.
fn known<'n>(
    kind: &'static str,
    name: &str,
    is_declared: bool,
    names: impl Iterator<Item = &'n str>,
    help: impl Into<String>,
) -> Result<(), NoScaffold> {
    if is_declared {
        return Ok(());
    }
    let help = match closest(name, names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => help.into(),
    };
    Err(NoScaffold::new(format!("the {kind} `{name}` is not declared"), help))
}

/// Refuses a topic that nothing declares.
///
/// # Errors
///
/// It is not declared.
pub fn known_topic(workspace: &Workspace, topic: &str) -> Result<(), NoScaffold> {
    let names = workspace.topics.keys().map(|name| name.as_str());
    let help = format!("declare it first: busctl new topic {topic}");
    known("topic", topic, workspace.topics.contains_key(topic), names, help)
}

/// Refuses a team that nothing declares.
fn known_team(workspace: &Workspace, team: &str) -> Result<(), NoScaffold> {
    let names = workspace.catalog.teams.keys().map(String::as_str);
    let help = format!("declare it in catalog/: teams: {{ {team}: {{ contacts: {{ email: … }} }} }}");
    known("team", team, workspace.declares("team", team), names, help)
}

/// Refuses labels that no cluster answers to.
fn known_clusters(workspace: &Workspace, labels: &[String]) -> Result<(), NoScaffold> {
    for label in labels {
        let answers = workspace.clusters.values().any(|cluster| cluster.answers_to(label));
        let names = workspace.clusters.keys().map(|name| name.as_str());
        let help = "name clusters, environments or labels of the workspace";
        known("cluster", label, answers || workspace.unread.contains("cluster"), names, help)?;
    }
    Ok(())
}
