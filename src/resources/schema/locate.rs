use std::path::PathBuf;

use super::SchemaFile;
use crate::resources::Workspace;
use crate::resources::topic::TopicSpec;
use crate::schema::SchemaFormat;
use crate::source::Span;

/// The part of a record that a schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The key.
    Key,
    /// The value.
    Value,
}

impl Part {
    /// The suffix of its subject (TopicNameStrategy).
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Key => "key",
            Part::Value => "value",
        }
    }
}

/// A schema that a topic has, by its manifest or by convention.
#[derive(Debug, Clone)]
pub struct TopicSchema {
    /// Key or value.
    pub part: Part,
    /// The path, from the workspace's root.
    pub path: PathBuf,
    /// The file, where there is one of a known format.
    pub file: Option<SchemaFile>,
    /// Where the manifest names it; by convention, where it names the topic.
    pub span: Span,
}

impl Workspace {
    /// The schemas of a topic: those that its manifest names, and by convention `schemas/DOMAIN/TOPIC.avsc` (`.json`,
    /// `.proto`) for the value where such a file is there.
    pub fn schemas_of(&self, topic: &TopicSpec) -> Vec<TopicSchema> {
        let folder = PathBuf::from("schemas").join(self.domain_of(&topic.topic));
        let spec = topic.schema.as_ref();
        let mut schemas = Vec::new();
        if let Some(written) = spec.and_then(|spec| spec.key.as_ref()) {
            let path = folder.join(&written.value);
            schemas.push(TopicSchema { part: Part::Key, file: self.schemas.get(&path), path, span: written.span });
        }
        match spec.and_then(|spec| spec.value.as_ref()) {
            Some(written) => {
                let path = folder.join(&written.value);
                schemas.push(TopicSchema {
                    part: Part::Value,
                    file: self.schemas.get(&path),
                    path,
                    span: written.span,
                });
            }
            None => {
                let by_convention = SchemaFormat::EXTENSIONS.iter().find_map(|(extension, _)| {
                    let path = folder.join(format!("{}.{extension}", topic.topic.value));
                    self.schemas.get(&path).map(|file| (path, file))
                });
                if let Some((path, file)) = by_convention {
                    schemas.push(TopicSchema { part: Part::Value, path, file: Some(file), span: topic.topic.span });
                }
            }
        }
        schemas
    }
}
