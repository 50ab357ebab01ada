//! The versions of a schema that a workspace has.

use std::path::PathBuf;

use super::diff::Side;
use super::keep::version_path;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::model::Subject;
use crate::resources::schema::contract::{self, Unit, named, plain};
use crate::resources::schema::{Past, PastVersion, SchemaFile, files_of, resolve_level};
use crate::resources::topic::ReferenceSpec;
use crate::resources::{Resolved, Workspace};
use crate::schema::Compatibility;
use crate::source::closest;

/// The present schema of a topic, or of a subject of its own, with its earlier versions in Git.
pub(super) struct History {
    /// The subject that it is registered under, where one can be told.
    pub subject: Option<Subject>,
    /// The level that a new version must keep.
    pub level: Resolved<Compatibility>,
    /// What it refers to now.
    pub references: &'static [ReferenceSpec],
    /// Every version, the oldest first and the present one last.
    pub versions: Vec<Side>,
    name: String,
    path: PathBuf,
}

impl History {
    /// The history that a topic, a subject or a file of the workspace has. `None` where the manifest of this name could not
    /// be read: the findings of loading say why.
    pub fn find(context: &'static Context, name: &str) -> Result<Option<Self>, CommandError> {
        let workspace = &context.workspace;
        let name = plain(name);
        if let Some(unit) = named(workspace, name).into_iter().next() {
            // The value is what most people ask for; the key has a subject to ask by.
            return Ok(Some(of_unit(workspace, unit, name)));
        }
        if let Some(topic) = workspace.topics.get(name) {
            return Err(CommandError::usage(format!("the topic `{name}` has no schema"))
                .hint(format!("its `topic:` at {}", workspace.sources.place(topic.topic.span))));
        }
        if let Some(found) = of_file(workspace, name) {
            return Ok(Some(found));
        }
        if workspace.declares("topic", name) || workspace.declares("subject", name) {
            return Ok(None);
        }
        Err(unknown(workspace, name))
    }

    /// A version by its number; without one, the present. Where the present text was another version by what it referred
    /// to, that has the same number and stands before it.
    pub fn version(&self, number: Option<u32>) -> Result<&Side, CommandError> {
        let is_wanted = |version: &&Side| number.is_none() || version.number == number;
        self.versions.iter().rev().find(is_wanted).ok_or_else(|| {
            let mut known: Vec<String> =
                self.versions.iter().filter_map(|version| version.number).map(|number| format!("v{number}")).collect();
            known.dedup();
            CommandError::usage(format!("there is no v{} of `{}` in the workspace", number.unwrap_or(1), self.name))
                .hint(format!("its versions: {}; the last one is the present", known.join(", ")))
        })
    }

    /// The version before another one.
    pub fn before(&self, of: &Side) -> Result<&Side, CommandError> {
        let before = self.versions.iter().take_while(|version| *version != of).last();
        before.ok_or_else(|| {
            CommandError::usage(format!("`{}` has no earlier version in the workspace", self.name)).hint(format!(
                "`busctl schema keep {}` keeps what was committed, as {}",
                self.name,
                version_path(&self.path, 1).display()
            ))
        })
    }
}

/// There is nothing of this name.
fn unknown(workspace: &Workspace, name: &str) -> CommandError {
    const MOST: usize = 3;
    let error = CommandError::usage(format!("the workspace has no topic, no subject and no schema `{name}`"));
    let topics = workspace.topics.keys().map(|topic| topic.as_str());
    let meant = contract::unknown(workspace, name).meant.or_else(|| closest(name, topics).map(str::to_owned));
    if let Some(meant) = meant {
        return error.hint(format!("did you mean `{meant}`?"));
    }
    // Who remembers a part of a name knows the rest when it is there to be seen.
    let known = contract::names(workspace);
    let (name, mut near) = (name.to_lowercase(), Vec::new());
    near.extend(known.iter().filter(|known| name.len() > 2 && known.to_lowercase().contains(&name)));
    let (what, names) = if near.is_empty() { ("it has", known.iter().collect()) } else { ("there is", near) };
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST);
    match (shown.is_empty(), more) {
        (true, _) => error.hint("no topic or subject of it has a schema; a file is named with its extension"),
        (false, 0) => error.hint(format!("{what} {}", shown.join(", "))),
        (false, more) => error.hint(format!("{what} {} and {more} more", shown.join(", "))),
    }
}

/// The versions of a schema in the workspace. One that has no earlier text may have been another version by what it refers
/// to.
fn versions(workspace: &'static Workspace, past: &Past<'static>, present: SchemaFile) -> Vec<Side> {
    let side = |version: &PastVersion<'static>| {
        let (schema, referred) = version.read(workspace);
        let number = Some(version.number);
        let with = version.with.iter().map(|(subject, number)| (subject.to_string(), *number)).collect();
        let PastVersion { schema: SchemaFile { file, format }, .. } = *version;
        (schema.is_ok(), Side { file, number, format, references: files_of(referred), with })
    };
    let mut versions: Vec<Side> = past.kept.iter().map(|version| side(version).1).collect();
    if versions.is_empty() {
        let readable = past.carried.iter().rev().map(side).find(|(is_readable, _)| *is_readable);
        versions.extend(readable.map(|(_, side)| side));
    }
    let number = past.kept.last().map_or(1, |newest| newest.number.saturating_add(1));
    let SchemaFile { file, format } = present;
    let references = files_of(&past.references);
    versions.push(Side { file, number: Some(number), format, references, with: Vec::new() });
    versions
}

fn of_unit(workspace: &'static Workspace, unit: Unit<'static>, name: &str) -> History {
    let past = workspace.past(&unit.path, unit.file, unit.references);
    History {
        name: name.to_owned(),
        subject: unit.subject,
        level: unit.level,
        references: unit.references,
        versions: versions(workspace, &past, unit.file),
        path: unit.path,
    }
}

/// A schema that is of no topic and no subject, by its path.
fn of_file(workspace: &'static Workspace, path: &str) -> Option<History> {
    let (path, present) = workspace.schemas.at(path)?;
    Some(History {
        name: path.display().to_string(),
        subject: None,
        level: resolve_level(workspace, None),
        references: &[],
        versions: versions(workspace, &workspace.past(path, present, &[]), present),
        path: path.to_owned(),
    })
}
