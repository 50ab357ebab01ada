//! The kinds of manifests as editors know them: what each looks like, its JSON Schema, and the line that names that schema.

mod modeline;
mod schema;

use std::path::Path;
use std::sync::LazyLock;

pub use modeline::{SCHEMAS, modeline, with_modeline};
pub use schema::json_schema;

use super::acl::GrantSpec;
use super::catalog::CatalogSpec;
use super::cluster::ClusterSpec;
use super::registry::RegistrySpec;
use super::schema::{SubjectSpec, VersionSpec, is_version_manifest};
use super::settings::SettingsSpec;
use super::topic::TopicSpec;
use crate::source::{Decode, Field, Manifest, Shape};

/// A kind of manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManifestKind {
    /// Domains, services, teams and roles.
    Catalog,
    /// A cluster.
    Cluster,
    /// What a service asks for.
    Grants,
    /// A schema registry.
    Registry,
    /// `busctl.yaml`.
    Settings,
    /// A subject that is no topic's.
    Subject,
    /// A topic.
    Topic,
    /// What an earlier version of a schema refers to.
    Version,
}

impl ManifestKind {
    /// Every kind with its word, which its schema is called after.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("catalog", Self::Catalog),
        ("cluster", Self::Cluster),
        ("grants", Self::Grants),
        ("registry", Self::Registry),
        ("settings", Self::Settings),
        ("subject", Self::Subject),
        ("topic", Self::Topic),
        ("version", Self::Version),
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The kind of a document by the file that it stands in, and by whether it has a key. The loader decides alike.
    pub fn of(path: &Path, has: impl Fn(&str) -> bool) -> Self {
        match path.components().next().and_then(|first| first.as_os_str().to_str()).unwrap_or_default() {
            "clusters" if has("registry") && !has("cluster") => Self::Registry,
            "clusters" => Self::Cluster,
            "topics" => Self::Topic,
            "acls" => Self::Grants,
            "catalog" => Self::Catalog,
            "schemas" if is_version_manifest(path) => Self::Version,
            "schemas" => Self::Subject,
            _ => Self::Settings,
        }
    }

    /// Its keys, in the order of the reference.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Catalog => CatalogSpec::FIELDS,
            Self::Cluster => ClusterSpec::FIELDS,
            Self::Grants => GrantSpec::FIELDS,
            Self::Registry => RegistrySpec::FIELDS,
            Self::Settings => SettingsSpec::FIELDS,
            Self::Subject => SubjectSpec::FIELDS,
            Self::Topic => TopicSpec::FIELDS,
            Self::Version => VersionSpec::FIELDS,
        }
    }

    /// What it looks like.
    pub fn shape(self) -> &'static Shape {
        static SHAPES: LazyLock<[Shape; 8]> = LazyLock::new(|| {
            [
                CatalogSpec::shape(),
                ClusterSpec::shape(),
                GrantSpec::shape(),
                RegistrySpec::shape(),
                SettingsSpec::shape(),
                SubjectSpec::shape(),
                TopicSpec::shape(),
                VersionSpec::shape(),
            ]
        });
        &SHAPES[self as usize]
    }
}

#[cfg(test)]
mod tests;
