//! Both sides of a consent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::draft::Draft;
use super::entry::let_role;
use super::words::list;
use super::{NoScaffold, known, known_topic};
use crate::resources::Workspace;
use crate::resources::manifests::ManifestKind;
use crate::source::write::scalar;

/// What a client does with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// It reads.
    Read,
    /// It writes.
    Write,
}

impl Use {
    /// The key of a topic's manifest.
    pub fn of_topic(self) -> &'static str {
        match self {
            Self::Read => "consumers",
            Self::Write => "producers",
        }
    }

    /// The key of a service's manifest.
    pub fn of_service(self) -> &'static str {
        match self {
            Self::Read => "consumes",
            Self::Write => "produces",
        }
    }

    fn of_role(self) -> &'static str {
        match self {
            Self::Read => "reads",
            Self::Write => "writes",
        }
    }
}

/// Refuses a service or role that nothing declares.
///
/// # Errors
///
/// It is not declared.
pub fn known_client(workspace: &Workspace, client: &str) -> Result<(), NoScaffold> {
    let catalog = &workspace.catalog;
    let names = catalog.services.keys().chain(catalog.roles.keys()).map(String::as_str);
    let help = format!("declare it first: busctl new service {client} --owner TEAM");
    known("service or role", client, workspace.declares_client(client), names, help)
}

/// What clients are to ask for, by their names.
pub(super) type Asks = BTreeMap<String, BTreeSet<(Use, String)>>;

/// Has services and roles ask for topics.
pub(super) fn ask_for(draft: &mut Draft<'_>, asks: &Asks) -> Result<(), NoScaffold> {
    let workspace = draft.workspace;
    for (client, topics) in asks {
        if let Some(role) = workspace.catalog.roles.get(client) {
            for (usage, topic) in topics {
                let patterns = if *usage == Use::Read { &role.reads } else { &role.writes };
                if !patterns.iter().any(|pattern| pattern.matches(topic)) {
                    let_role(draft, client, usage.of_role(), topic);
                }
            }
        } else if let Some(grant) = workspace.grants.get(client) {
            for (usage, topic) in topics {
                let has = match usage {
                    Use::Read => grant.consumes.iter().any(|consumes| consumes.topic.as_str() == topic),
                    Use::Write => grant.produces.iter().any(|produces| produces.topic.as_str() == topic),
                };
                if !has {
                    draft.add_item(grant.service.span.file, ("service", client), usage.of_service(), topic);
                }
            }
        } else {
            draft.create(ManifestKind::Grants, path_of(client), asking(client, topics))?;
        }
    }
    Ok(())
}

/// Where the manifest of a service's grants is, by custom.
pub(super) fn path_of(service: &str) -> PathBuf {
    PathBuf::from(format!("acls/{service}.yaml"))
}

/// The manifest of a service that asks for these topics and nothing else.
fn asking(service: &str, topics: &BTreeSet<(Use, String)>) -> String {
    let mut text = format!("service: {}\n", scalar(service));
    for usage in [Use::Read, Use::Write] {
        let names: Vec<&String> = topics.iter().filter(|(other, _)| *other == usage).map(|(_, topic)| topic).collect();
        if !names.is_empty() {
            text.push_str(&format!("{}: {}\n", usage.of_service(), list(names)));
        }
    }
    text
}

/// Has the owner of a topic that is there name a service.
pub(super) fn name_in(draft: &mut Draft<'_>, topic: &str, usage: Use, service: &str) -> Result<(), NoScaffold> {
    let workspace = draft.workspace;
    let Some(spec) = workspace.topics.get(topic) else { return known_topic(workspace, topic) };
    let names = match usage {
        Use::Read => spec.names_consumer(service),
        Use::Write => spec.names_producer(service),
    };
    if !names && workspace.is_derived(&spec.topic) {
        return Err(NoScaffold::new(
            format!("`{topic}` has no manifest that could name `{service}`: `dlq:` of another one asks for it"),
            format!("write topics/…/{topic}.yaml first, with all that `busctl show {topic}` tells"),
        ));
    }
    if !names {
        draft.add_item(spec.topic.span.file, ("topic", topic), usage.of_topic(), service);
    }
    Ok(())
}
