//! What the manifests give one cluster and not another: selections, overrides, levels of rules; and the edits that give it.

mod lacks;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::Workspace;
use super::cluster::ClusterSpec;
use crate::plan::{FieldValue, PlanFinding};
use crate::source::Place;

/// What one cluster lacks of another, by the manifests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promotion {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster that has it.
    pub from: String,
    /// The cluster that lacks it.
    pub to: String,
    /// What it lacks, by the addresses.
    pub lacks: Vec<Lack>,
    /// What `validate` would say of the promoted manifests that it does not say now.
    pub findings: Vec<PlanFinding>,
    /// The files that the change is in, written or not.
    pub files: Vec<PathBuf>,
    /// Whether it was written.
    pub written: bool,
}

/// One thing that a cluster lacks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lack {
    /// Whose it is: its kind and a name, as in `topic/NAME` or `quota/user/NAME`.
    pub address: String,
    /// The field: `clusters`, `partitions`, `config.retention.ms`, `level` …
    pub field: String,
    /// What the first cluster has.
    pub before: FieldValue,
    /// What the other one has in its place, where it has something.
    pub present: Option<FieldValue>,
    /// Where the first one's is written.
    pub place: Place,
    /// Why it is not taken over; none where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// How it is written.
    #[serde(skip)]
    edit: Edit,
}

/// An addition to a manifest.
#[derive(Debug, Clone, PartialEq)]
struct Edit {
    /// The file, where it is another than the one that the first cluster's is written in.
    file: Option<PathBuf>,
    /// The document: a key and its value, or a key alone.
    document: (&'static str, Option<String>),
    /// Where in it.
    path: Vec<String>,
    /// What is added.
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    /// An item of a list.
    Item(String),
    /// An entry of a mapping, its value as YAML.
    Entry(String, String),
}

/// What `to` lacks of `from`.
pub fn promotion(workspace: &Workspace, from: &ClusterSpec, to: &ClusterSpec) -> Promotion {
    Promotion {
        format_version: 1,
        from: from.cluster.value.to_string(),
        to: to.cluster.value.to_string(),
        lacks: lacks::of(workspace, from, to),
        findings: Vec::new(),
        files: Vec::new(),
        written: false,
    }
}

impl Promotion {
    /// The files with what is taken over. What cannot be written without touching more is left, with the reason.
    pub fn texts(&mut self, workspace: &Workspace) -> BTreeMap<PathBuf, String> {
        let texts = write::texts(workspace, &mut self.lacks);
        self.files = texts.keys().cloned().collect();
        texts
    }

    /// How many are taken over.
    pub fn taken(&self) -> usize {
        self.lacks.iter().filter(|lack| lack.left.is_none()).count()
    }
}

#[cfg(test)]
mod tests;
