use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::SchemaFile;
use crate::resources::Workspace;
use crate::resources::topic::{CompanionKind, TopicSpec};
use crate::schema::SchemaFormat;
use crate::source::{Span, Spanned};

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
pub struct TopicSchema<'w> {
    /// Key or value.
    pub part: Part,
    /// The path, from the workspace's root.
    pub path: Cow<'w, Path>,
    /// The file, where there is one of a known format.
    pub file: Option<SchemaFile>,
    /// Where the manifest names it; by convention, where it names the topic.
    pub span: Span,
}

impl Workspace {
    /// The schemas of a topic: those that its manifest names, and by convention `schemas/DOMAIN/TOPIC.avsc` (`.json`,
    /// `.proto`) for the value where such a file is there.
    ///
    /// What waits to be tried again is as it was: a retry topic that nobody declares has the schemas of its topic.
    pub fn schemas_of<'w>(&'w self, topic: &TopicSpec) -> Vec<TopicSchema<'w>> {
        let retries = self.derived.get(&topic.topic.value).filter(|derived| derived.kind == CompanionKind::Retry);
        if let Some(of) = retries.and_then(|derived| self.topics.get(&derived.of)) {
            let span = topic.topic.span;
            return self.schemas_of(of).into_iter().map(|schema| TopicSchema { span, ..schema }).collect();
        }
        let domain = self.domain_of(&topic.topic);
        let spec = topic.schema.as_ref();
        let written = |part: Part, name: &Spanned<String>| {
            let path = PathBuf::from("schemas").join(domain).join(&name.value);
            TopicSchema { part, file: self.schemas.get(&path), path: path.into(), span: name.span }
        };
        let mut schemas: Vec<_> =
            spec.and_then(|spec| spec.key.as_ref()).map(|name| written(Part::Key, name)).into_iter().collect();
        match spec.and_then(|spec| spec.value.as_ref()) {
            Some(name) => schemas.push(written(Part::Value, name)),
            None => schemas.extend(self.by_convention(topic, domain).map(|(path, file)| TopicSchema {
                part: Part::Value,
                path: path.into(),
                file: Some(file),
                span: topic.topic.span,
            })),
        }
        schemas
    }

    /// The file that is named after a topic. Each topic asks for it several times, so that no path is taken apart.
    fn by_convention(&self, topic: &TopicSpec, domain: &str) -> Option<(&Path, SchemaFile)> {
        let name = topic.topic.as_str();
        let mut path = String::with_capacity(domain.len() + name.len() + 16);
        path.push_str("schemas/");
        if !domain.is_empty() {
            path.push_str(domain);
            path.push('/');
        }
        path.push_str(name);
        path.push('.');
        let stem = path.len();
        SchemaFormat::EXTENSIONS.iter().find_map(|(extension, _)| {
            path.truncate(stem);
            path.push_str(extension);
            self.schemas.at(&path)
        })
    }
}
