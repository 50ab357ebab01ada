//! The versions of a schema that a workspace has.

use std::path::{Path, PathBuf};

use super::diff::Side;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::model::Subject;
use crate::resources::schema::{Part, SchemaFile, SchemaVersion, resolve_level, subject_of};
use crate::resources::topic::{ReferenceSpec, TopicSpec};
use crate::resources::{Resolved, Workspace};
use crate::schema::Compatibility;
use crate::source::{Decoder, closest};

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
        let name = ["topic/", "schema/"].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name);
        if let Some(topic) = workspace.topics.get(name) {
            // The value is what most people ask for; the key has a subject to ask by.
            let found = [Part::Value, Part::Key].iter().find_map(|part| of_topic(workspace, topic, *part));
            return found.map(Some).ok_or_else(|| {
                CommandError::usage(format!("the topic `{name}` has no schema"))
                    .hint(format!("its `topic:` at {}", workspace.sources.place(topic.topic.span)))
            });
        }
        if let Some(found) = of_subject(workspace, name).or_else(|| of_file(workspace, name)) {
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
            let folder = self.path.parent().unwrap_or(Path::new("")).join("versions");
            let stem = self.path.file_stem().unwrap_or_default();
            let extension = self.path.extension().unwrap_or_default();
            let file = folder.join(stem).join("1").with_extension(extension);
            CommandError::usage(format!("`{}` has no earlier version in the workspace", self.name))
                .hint(format!("earlier versions are kept as {} and so on", file.display()))
        })
    }
}

fn side(number: u32, schema: SchemaFile) -> Side {
    Side { file: schema.file, number: Some(number), format: schema.format }
}

fn of_topic(workspace: &'static Workspace, topic: &'static TopicSpec, part: Part) -> Option<History> {
    let schema = workspace.schemas_of(topic).into_iter().find(|schema| schema.part == part)?;
    let present = schema.file?;
    let spec = topic.schema.as_ref();
    // What is wrong with its name is told by `validate`.
    let mut decoder = Decoder::default();
    let subject = subject_of(workspace, topic, part.as_str(), present, schema.span, &mut decoder);
    Some(History {
        name: topic.topic.value.to_string(),
        subject,
        level: resolve_level(workspace, spec.and_then(|spec| spec.compatibility)),
        references: spec.map_or(&[], |spec| spec.references.as_slice()),
        earlier: workspace.schemas.earlier(&schema.path),
        path: schema.path.into_owned(),
        present,
    })
}

fn of_subject(workspace: &'static Workspace, name: &str) -> Option<History> {
    if let Some(spec) = workspace.subjects.get(name) {
        let path = spec.schema_path(workspace)?;
        return Some(History {
            name: name.to_owned(),
            subject: Some(spec.subject.value.clone()),
            level: resolve_level(workspace, spec.compatibility),
            references: &spec.references,
            present: workspace.schemas.get(&path)?,
            earlier: workspace.schemas.earlier(&path),
            path,
        });
    }
    let of_parts =
        |topic| [Part::Value, Part::Key].into_iter().filter_map(move |part| of_topic(workspace, topic, part));
    let found = workspace.topics.values().flat_map(of_parts);
    let is_meant = |history: &History| history.subject.as_ref().is_some_and(|subject| subject.as_str() == name);
    found.into_iter().find(is_meant).map(|history| History { name: name.to_owned(), ..history })
}

/// A schema by its path, which a topic or subject may have: then its references are known.
fn of_file(workspace: &'static Workspace, path: &str) -> Option<History> {
    let (path, present) = workspace.schemas.at(path)?;
    let topics = workspace.topics.values().flat_map(|topic| {
        [Part::Value, Part::Key].into_iter().filter_map(move |part| of_topic(workspace, topic, part))
    });
    let subjects = workspace.subjects.keys().filter_map(|subject| of_subject(workspace, subject.as_str()));
    let owner = topics.chain(subjects).find(|history| history.present == present);
    Some(History {
        name: path.display().to_string(),
        ..owner.unwrap_or_else(|| History {
            name: String::new(),
            subject: None,
            level: resolve_level(workspace, None),
            references: &[],
            path: path.to_owned(),
            present,
            earlier: workspace.schemas.earlier(path),
        })
    })
}
