//! The versions of a schema that a workspace has.

use std::path::PathBuf;

use super::diff::Side;
use super::keep::version_path;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::model::Subject;
use crate::resources::schema::contract::{Unit, named, plain};
use crate::resources::schema::{SchemaFile, SchemaVersion, resolve_level};
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
    /// What it refers to now. Earlier versions are read with the same.
    pub references: &'static [ReferenceSpec],
    name: String,
    path: PathBuf,
    present: SchemaFile,
    earlier: &'static [SchemaVersion],
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
        let subjects = workspace.subjects.keys().map(|subject| subject.as_str());
        let known = workspace.topics.keys().map(|topic| topic.as_str()).chain(subjects);
        let error = CommandError::usage(format!("the workspace has no topic and no subject `{name}`"));
        Err(match closest(name, known) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint("two files are compared by --old FILE --new FILE"),
        })
    }

    /// The number of the present version: one more than the newest of the earlier ones.
    pub fn newest(&self) -> u32 {
        self.earlier.last().map_or(1, |version| version.number.saturating_add(1))
    }

    /// Every version, the oldest first and the present one last.
    pub fn versions(&self) -> impl Iterator<Item = Side> {
        let earlier = self.earlier.iter().map(|version| side(version.number, version.schema));
        earlier.chain([side(self.newest(), self.present)])
    }

    /// A version by its number; without one, the present.
    pub fn version(&self, number: Option<u32>) -> Result<Side, CommandError> {
        let number = number.unwrap_or_else(|| self.newest());
        self.versions().find(|version| version.number == Some(number)).ok_or_else(|| {
            let known: Vec<String> =
                self.versions().filter_map(|version| version.number).map(|number| format!("v{number}")).collect();
            CommandError::usage(format!("there is no v{number} of `{}` in the workspace", self.name))
                .hint(format!("its versions: {}; the last one is the present", known.join(", ")))
        })
    }

    /// The version before another one.
    pub fn before(&self, of: Side) -> Result<Side, CommandError> {
        let before = self.versions().take_while(|version| version.number < of.number).last();
        before.ok_or_else(|| {
            CommandError::usage(format!("`{}` has no earlier version in the workspace", self.name)).hint(format!(
                "`busctl schema keep {}` keeps what was committed, as {}",
                self.name,
                version_path(&self.path, 1).display()
            ))
        })
    }
}

fn side(number: u32, schema: SchemaFile) -> Side {
    Side { file: schema.file, number: Some(number), format: schema.format }
}

fn of_unit(workspace: &'static Workspace, unit: Unit<'static>, name: &str) -> History {
    History {
        name: name.to_owned(),
        subject: unit.subject,
        level: unit.level,
        references: unit.references,
        present: unit.file,
        earlier: workspace.schemas.earlier(&unit.path),
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
        path: path.to_owned(),
        present,
        earlier: workspace.schemas.earlier(path),
    })
}
