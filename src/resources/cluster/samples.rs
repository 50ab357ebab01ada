//! Clusters for tests.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::ClusterSpec;
use crate::ports::Observed;
use crate::ports::kafka::{ClusterFacts, Endpoint, Quorum};
use crate::resources::{Workspace, WorkspaceFiles, load};

/// A workspace with the cluster `c` that also has these lines.
pub fn workspace(lines: &str) -> Workspace {
    workspace_of(&[("busctl.yaml", "version: 1\n"), ("clusters/c.yaml", &format!("cluster: c\n{lines}\n"))])
}

/// A workspace of these files, which can be read.
pub fn workspace_of(files: &[(&str, &str)]) -> Workspace {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(*text)))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

/// The cluster of such a workspace.
pub fn cluster(lines: &str) -> ClusterSpec {
    workspace(lines).clusters.into_values().next().expect("a cluster")
}

/// What is known of a live cluster of which only these endpoints were looked at.
pub fn facts(endpoints: impl IntoIterator<Item = (&'static str, Observed<Endpoint>)>) -> ClusterFacts {
    ClusterFacts {
        quorum: Observed::Known(Quorum { leader: None, voters: Vec::new(), observers: Vec::new() }),
        finalized: BTreeMap::new(),
        brokers: BTreeMap::new(),
        groups: None,
        endpoints: endpoints.into_iter().map(|(address, endpoint)| (address.to_owned(), endpoint)).collect(),
    }
}
