//! The rules of clients' configurations.

use std::path::Path;

use super::{Check, rules};
use crate::diag::Diagnostic;
use crate::resources::client_config::ClientConfig;
use crate::resources::client_config::file::ClientFile;
use crate::resources::client_config::keys::Library;
use crate::resources::client_config::rules::{Checked, cluster_of, secret::secret_spans, service_of};
use crate::resources::{Desired, Workspace};
use crate::source::{FileId, Span};

/// What is known of a client's configuration beforehand; the rest is told by what is in it.
#[derive(Debug, Clone, Default)]
pub struct ClientQuestion {
    /// The name of the cluster that it is for.
    pub cluster: Option<String>,
    /// The service that it is of.
    pub service: Option<String>,
    /// The library that it is for.
    pub library: Option<Library>,
}

/// What was found in a client's configuration, and what that was taken for.
#[derive(Debug, Default)]
pub struct ClientFindings {
    /// What breaks a rule; levels and waivers are not applied yet.
    pub findings: Vec<Diagnostic>,
    /// The configuration, where it could be read.
    pub file: Option<ClientFile>,
    /// The service whose it is; `None` where nothing tells.
    pub service: Option<String>,
    /// The cluster that it is for; `None` where nothing tells.
    pub cluster: Option<String>,
}

/// Everything in a client's configuration that breaks a rule. It is taken into the sources of the workspace, where its
/// secrets are hidden.
pub fn check_client(workspace: &mut Workspace, path: &Path, text: &str, question: &ClientQuestion) -> ClientFindings {
    let id: FileId = workspace.sources.add_foreign(path, text);
    let file = match ClientFile::read(id, path, text, question.library) {
        Ok(file) => file,
        Err(findings) => {
            // What cannot be taken apart may hold a secret anywhere.
            workspace.sources.hide(id, &[Span::new(id, 0, text.len())]);
            return ClientFindings { findings, ..ClientFindings::default() };
        }
    };
    workspace.sources.hide(id, &secret_spans(&file));
    let workspace = &*workspace;
    let only = || workspace.clusters.values().next().filter(|_| workspace.clusters.len() == 1);
    let named = question.cluster.as_deref().and_then(|name| workspace.clusters.get(name));
    let cluster = named.or_else(|| cluster_of(workspace, &file)).or_else(only);
    let service = question.service.as_deref().or_else(|| service_of(workspace, &file));
    let desired = cluster.map(|cluster| Desired::resolve(workspace, cluster).0);
    let config = desired.as_ref().zip(service).and_then(|(desired, service)| ClientConfig::of(desired, service));
    let checked = Checked { file: &file, workspace, cluster, config: config.as_ref() };
    let mut findings = Vec::new();
    for rule in rules() {
        if let Check::Client(check) = rule.check {
            check(&checked, &mut findings);
        }
    }
    let cluster = cluster.map(|cluster| cluster.cluster.value.to_string());
    let service = service.map(str::to_owned);
    ClientFindings { findings, file: Some(file), service, cluster }
}
