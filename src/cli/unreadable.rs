//! Clusters whose manifests cannot be read: what is wrong with them is told, and not that they are not there.

use std::collections::BTreeSet;

use super::args::ClusterArg;
use super::context::{Context, today};
use super::error::CommandError;
use crate::diag::{Diagnostic, Level};
use crate::model::counted;
use crate::policy;
use crate::resources::cluster::ClusterSpec;
use crate::resources::head_of;
use crate::source::{Span, Spanned, parse_yaml};

impl Context {
    /// The names of all clusters that are declared, also where their manifest cannot be read.
    pub(super) fn cluster_names(&self) -> BTreeSet<&str> {
        let read = &self.workspace.clusters;
        // Manifests of other kinds may have a key of this name, by mistake.
        let is_lost = |name: &&str| !read.contains_key(*name) && !self.documents_of(name).is_empty();
        let broken = self.workspace.broken.iter().filter(|(kind, _)| *kind == "cluster").map(|(_, name)| name.as_str());
        read.keys().map(|name| name.as_str()).chain(broken.filter(is_lost)).collect()
    }

    /// Why there is no cluster of this name, where a manifest has one and cannot be read, or may have one: nobody knows what
    /// it declares.
    pub(super) fn unreadable_cluster(&self, name: &str) -> Option<CommandError> {
        let is_declared = self.cluster_names().contains(name);
        if !is_declared && !self.workspace.unread.contains("cluster") {
            return None;
        }
        let own = self.documents_of(name);
        let is_meant = |span: Span| match is_declared {
            true => own.iter().any(|own| own.file == span.file && own.start <= span.start && span.end <= own.end),
            false => true,
        };
        self.unreadable(&format!("the manifest of cluster `{name}` cannot be read"), is_meant)
    }

    /// Why a command cannot have all clusters, where the manifest of one cannot be read.
    pub(super) fn unreadable_clusters(&self) -> Option<CommandError> {
        let is_whole = self.cluster_names().len() == self.workspace.clusters.len();
        if is_whole && !self.workspace.unread.contains("cluster") {
            return None;
        }
        self.unreadable("the manifest of a cluster cannot be read", |_| true)
    }

    /// The cluster that is named, or else all, where each manifest of one can be read.
    pub(super) fn whole_clusters(&self, arg: &ClusterArg) -> Result<Vec<&ClusterSpec>, CommandError> {
        match self.unreadable_clusters().filter(|_| arg.cluster.is_none()) {
            Some(unreadable) => Err(unreadable),
            None => self.clusters(arg),
        }
    }

    /// The clusters whose findings are asked for: those of one whose manifest cannot be read are of no cluster.
    pub(super) fn checked_clusters(&self, arg: &ClusterArg) -> Result<Vec<&ClusterSpec>, CommandError> {
        let is_unreadable = |name: &String| {
            !self.workspace.clusters.contains_key(name.as_str()) && self.unreadable_cluster(name).is_some()
        };
        match arg.cluster.as_ref().is_some_and(is_unreadable) {
            true => Ok(Vec::new()),
            false => self.clusters(arg),
        }
    }

    /// What is wrong with those manifests of clusters that are meant.
    fn unreadable(&self, message: &str, is_meant: impl Fn(Span) -> bool) -> Option<CommandError> {
        let sources = &self.workspace.sources;
        let is_meant = |finding: &&Diagnostic| {
            let span = finding.span().filter(|span| sources.file(span.file).path.starts_with("clusters"));
            finding.level == Level::Error && span.is_some_and(&is_meant)
        };
        let found: Vec<Diagnostic> = self.loading.iter().filter(is_meant).cloned().collect();
        let first = found.first()?.span()?;
        let place = self.workspace.place(first);
        let told = match found.len() {
            1 => format!("{message}: see the error at {place}"),
            count => format!("{message}: see {}, the first at {place}", counted(count as u64, "error")),
        };
        let found = policy::apply_levels_beside(found, &self.workspace, &[], today());
        Some(CommandError::unreadable(told, found, sources.clone()))
    }

    /// The documents that declare a cluster.
    fn documents_of(&self, name: &str) -> Vec<Span> {
        let sources = &self.workspace.sources;
        let files = sources.iter().filter(|(_, file)| file.path.starts_with("clusters"));
        let documents = files.flat_map(|(id, file)| parse_yaml(id, &file.text).0);
        let is_meant = |head: (&str, Spanned<String>)| head.0 == "cluster" && head.1.value == name;
        documents.filter(|document| head_of(document).is_some_and(is_meant)).map(|document| document.span).collect()
    }
}
