//! The next major version of a topic: its manifest, schemas and dead-letter topics as copies of what is there, the grants
//! that its services need, and a decision record. Texts are edited, never printed anew, so that comments and order stay.

mod edited;
mod grants;
mod manifest;
mod record;
mod restore;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Workspace;
use super::acl::GrantSpec;
use super::topic::{State, TopicSpec};
use crate::model::{Date, TopicName};
use crate::source::closest;
use crate::source::edit::renamed;
use grants::Holder;
pub use record::is_unfinished;
pub use restore::Committed;

/// What makes the next version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// Its name.
    pub topic: String,
    /// Files that are new, in the order of their paths.
    pub created: BTreeMap<PathBuf, String>,
    /// Files that are there and get a new text.
    pub changed: BTreeMap<PathBuf, String>,
    /// What only people can do.
    pub left: Vec<String>,
}

/// Why there is no next version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoSuccessor {
    /// One sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl NoSuccessor {
    fn new(message: String, help: impl Into<String>) -> Self {
        Self { message, help: help.into() }
    }
}

/// Makes the next major version of a topic. `why` is what breaks; `committed` is asked for schemas as they were before they
/// were edited.
///
/// # Errors
///
/// There is no such topic, its name has no version, or it is not the newest.
pub fn successor(
    workspace: &Workspace,
    name: &str,
    why: Option<&str>,
    today: Date,
    committed: Committed<'_>,
) -> Result<Successor, NoSuccessor> {
    let Some(topic) = workspace.topics.get(name) else {
        let message = format!("there is no topic `{name}`");
        let known = workspace.topics.keys().map(TopicName::as_str);
        return Err(match closest(name, known) {
            Some(meant) => NoSuccessor::new(message, format!("did you mean `{meant}`?")),
            None => NoSuccessor::new(message, "it is named as in its manifest"),
        });
    };
    let edited = restore::put_back(workspace, topic, committed);
    let next = next_name(workspace, topic, &edited)?;
    let adr = record::path(workspace, &next, why);
    let mut left: Vec<String> =
        edited.iter().map(|(_, way)| format!("put the old schema back, for `{name}` stays as it is: {way}")).collect();
    let edited: Vec<&Path> = edited.iter().map(|(path, _)| path.as_path()).collect();
    let created = manifest::files(workspace, topic, &next, &adr, &edited, &mut left);
    let mut created = created.ok_or_else(|| {
        NoSuccessor::new(
            format!("the manifest of `{name}` cannot be copied as it is written"),
            "write `topic`, `adr` and the files of `schema` as plain values in it, without anchors and aliases",
        )
    })?;
    let number = record::number(&adr);
    created.insert(adr.clone(), record::text(workspace, topic, &next, number, why, today));
    left.push(match why {
        None => format!("say in {} what breaks, and for whom", adr.display()),
        Some(_) => {
            format!("finish {}: why nothing less does it, what differs, and until when who moves", adr.display())
        }
    });
    let mut changed = BTreeMap::new();
    let names: Vec<(String, String)> = dead_letters(workspace, name)
        .into_iter()
        .map(|letters| (letters.topic.to_string(), renamed(letters.topic.as_str(), name, &next)))
        .chain([(name.to_owned(), next.clone())])
        .collect();
    let stays = |grant: &&GrantSpec| grant.state.is_none_or(|state| state.value == State::Present);
    for grant in workspace.grants.values().filter(stays) {
        let file = workspace.sources.file(grant.service.span.file);
        let text = changed.remove(&file.path).unwrap_or_else(|| file.text.to_string());
        let (edited, not_added) = grants::add(&Holder::of_grant(grant), file, text, &names);
        left.extend(not_added);
        if edited != *file.text {
            changed.insert(file.path.clone(), edited);
        }
    }
    for (role, spec) in &workspace.catalog.roles {
        let file = workspace.sources.file(spec.span.file);
        let text = changed.remove(&file.path).unwrap_or_else(|| file.text.to_string());
        let holder = Holder::of_role(role, spec);
        let (edited, not_added) = grants::add(&holder, file, text, &holder.named_after(name, &next));
        left.extend(not_added);
        if edited != *file.text {
            changed.insert(file.path.clone(), edited);
        }
    }
    match manifest::deprecated(workspace, topic, &next) {
        Some((path, text)) => drop(changed.insert(path, text)),
        None if topic.deprecated_by.is_some() => {}
        None => left.push(format!("write `deprecated_by: {next}` to the manifest of `{name}`")),
    }
    Ok(Successor { topic: next, created, changed, left })
}

/// The name of the next version, by the naming pattern.
fn next_name(workspace: &Workspace, topic: &TopicSpec, edited: &[(PathBuf, String)]) -> Result<String, NoSuccessor> {
    let (name, pattern) = (topic.topic.as_str(), &workspace.settings.topic_pattern);
    if topic.is_dead_letter() || workspace.is_derived(&topic.topic) {
        return Err(NoSuccessor::new(
            format!("`{name}` holds records of another topic"),
            "make a new version of the topic that they are of; theirs come with it",
        ));
    }
    let parts = pattern.parts(name).unwrap_or_default();
    let number = parts.iter().find(|(part, _)| *part == "number").and_then(|(_, number)| number.parse::<u32>().ok());
    let Some(number) = number else {
        return Err(NoSuccessor::new(
            format!("the name of `{name}` has no version, by the naming pattern `{pattern}`"),
            "give the new topic a name and a manifest by hand, or a `<number>` to `naming.topic` in busctl.yaml",
        ));
    };
    let with = |number: u32| {
        let number = number.to_string();
        let value = |part: &str, value| if part == "number" { number.as_str() } else { value };
        pattern.make(&parts.iter().map(|(part, known)| (*part, value(part, known))).collect::<Vec<_>>())
    };
    if !topic.is_present() {
        return Err(NoSuccessor::new(
            format!("`{name}` is to be deleted"),
            "bring it back first, or name another topic",
        ));
    }
    let next = with(number.saturating_add(1));
    match workspace.topics.get(next.as_str()) {
        None => Ok(next),
        Some(known) => {
            let path = workspace.sources.file(known.topic.span.file).path.display();
            let message = format!("`{next}` is there already, in {path}");
            let restore = edited.iter().map(|(_, way)| format!("put the old schema back: {way}; "));
            let help = format!(
                "{}make the change in the schema of `{next}`; `busctl schema test --checklist {next}` and `busctl validate` \
                 say what is left for it",
                restore.collect::<String>()
            );
            Err(NoSuccessor::new(message, help))
        }
    }
}

/// The dead-letter topics of a topic.
fn dead_letters<'w>(workspace: &'w Workspace, topic: &str) -> Vec<&'w TopicSpec> {
    let pattern = &workspace.settings.dlq_pattern;
    let is_of = |letters: &&TopicSpec| {
        letters.is_present() && letters.is_dead_letter() && pattern.part(letters.topic.as_str(), "topic") == Some(topic)
    };
    workspace.written_topics().filter(is_of).collect()
}

/// The path of a file that is called after a topic, called after another one; beside it where the name says nothing.
fn path_of(old: &Path, name: &str, next: &str) -> PathBuf {
    let file = old.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    match file.contains(name) {
        true => old.with_file_name(renamed(&file, name, next)),
        false => old.with_file_name(format!("{next}.yaml")),
    }
}

#[cfg(test)]
mod tests;
