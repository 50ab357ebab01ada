//! Schemas by what records say of them. These calls block, like those that read records: they are made where that is allowed.

use std::fmt;

use uuid::Uuid;

use super::Failure;
use crate::model::Subject;
use crate::schema::{ResolvedReference, SchemaFormat};

/// By what a registry knows a schema, whatever subjects have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SchemaId {
    /// A number.
    Number(u64),
    /// A global id, which is the same in every registry.
    Guid(Uuid),
}

impl fmt::Display for SchemaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Guid(guid) => guid.fmt(f),
        }
    }
}

/// A schema with all that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSchema {
    /// Its format.
    pub format: SchemaFormat,
    /// Its text.
    pub text: String,
    /// Name and text of what it refers to, directly and through others, each behind those that it refers to itself.
    pub references: Vec<(String, String)>,
}

impl StoredSchema {
    /// What it refers to, as schemas are parsed with it.
    pub fn resolved(&self) -> Vec<ResolvedReference<'_>> {
        self.references.iter().map(|(name, text)| ResolvedReference { name, text }).collect()
    }
}

/// The newest version of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestSchema {
    /// Its version there.
    pub version: u32,
    /// Its id.
    pub id: u64,
    /// Its global id, where the registry has such.
    pub guid: Option<Uuid>,
    /// The schema.
    pub schema: StoredSchema,
}

/// Who has schemas.
pub trait SchemaSource: Send + Sync {
    /// The registry, for messages: its URL without credentials.
    fn server(&self) -> &str;

    /// A schema; `None` where there is none with this id.
    fn schema(&self, id: SchemaId) -> Result<Option<StoredSchema>, Failure>;

    /// The newest version of a subject; `None` where there is none.
    fn latest(&self, subject: &Subject) -> Result<Option<LatestSchema>, Failure>;

    /// The subjects that have a schema; none where nobody has it, or the registry does not tell.
    fn subjects(&self, id: SchemaId) -> Result<Vec<Subject>, Failure>;
}
