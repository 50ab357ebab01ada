//! What the core needs of a schema registry with the Confluent API.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::model::Subject;
use crate::schema::{Compatibility, SchemaFormat};

/// A reference as the registry stores it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// How the schema names it.
    pub name: String,
    /// The subject it is registered under.
    pub subject: Subject,
    /// Its version there.
    pub version: u32,
}

/// A schema as it is sent to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSchema {
    /// Its format.
    pub format: SchemaFormat,
    /// Its text.
    pub text: String,
    /// What it refers to.
    pub references: Vec<Reference>,
}

/// A version of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenSchema")]
pub struct RegisteredSchema {
    /// Its version in the subject.
    pub version: u32,
    /// Its id in the registry. Confluent's fit into 32 bits, those of others need not.
    pub id: u64,
    /// The schema.
    #[serde(flatten)]
    pub schema: NewSchema,
    /// `metadata.properties`: what its owners noted on it. A compatibility group goes by one of them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
}

/// The same as it is written, key by key: what is gathered before it is read has no place that a mistake could be told at.
#[derive(Deserialize)]
struct WrittenSchema {
    version: u32,
    id: u64,
    format: SchemaFormat,
    text: String,
    references: Vec<Reference>,
    #[serde(default)]
    properties: BTreeMap<String, String>,
}

impl From<WrittenSchema> for RegisteredSchema {
    fn from(written: WrittenSchema) -> Self {
        let WrittenSchema { version, id, format, text, references, properties } = written;
        Self { version, id, schema: NewSchema { format, text, references }, properties }
    }
}

/// What is set about the compatibility of a subject, or of a registry as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompatibilityConfig {
    /// The level, in the registry's words; `None` where none is set, and where the registry does not say.
    pub level: Option<String>,
    /// `compatibilityGroup`: the property of versions whose value decides which of them are compared with each other.
    pub group: Option<String>,
}

/// A subject as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentSubject {
    /// Its newest version; `None` where there is none.
    pub latest: Result<Option<RegisteredSchema>, Failure>,
    /// What it itself has set about its compatibility.
    pub compatibility: Result<CompatibilityConfig, Failure>,
}

/// What registries can be told apart by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryInfo {
    /// The level of subjects without one of their own, in the registry's words; `None` where it does not say.
    pub compatibility: Option<String>,
    /// READWRITE, READONLY …; `None` where the registry has no modes.
    pub mode: Option<String>,
    /// The compatibility group of subjects without a config of their own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<String>,
}

/// Which versions a check is about. Asked for all, Apicurio compares with all of them at any level; asked for the newest,
/// everybody compares with that one alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The newest, at a level that looks at no other.
    Newest,
    /// All, at a transitive level, or where the registry has to find out which of them are in the schema's group.
    All,
}

/// The registry's answer to whether a schema may follow those that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may.
    pub compatible: bool,
    /// Why not, in the registry's words.
    pub messages: Vec<String>,
}

/// What a registry lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectList {
    /// Subjects that have a version.
    pub names: Vec<Subject>,
    /// Whether these are all. Registries cut their lists (Apicurio at `apicurio.ccompat.max-subjects`, a thousand unless
    /// it is configured; Confluent at `subject.search.default.limit`), and not every one can be asked for the rest.
    pub complete: bool,
}

/// A schema registry. Calls over many subjects go over keep-alive connections at a stated concurrency, or in bulk where
/// the registry's bulk answer names subject and version. Every request ends within the connection's timeout, and one that
/// nobody answered ends the others of its call.
pub trait Registry: Send + Sync {
    /// The registry, for messages: its URL without credentials.
    fn server(&self) -> &str;

    /// After which time without an answer a request is better sent once more, where it may be sent twice.
    fn patience(&self) -> Duration;

    /// Global compatibility and mode.
    fn info(&self) -> impl Future<Output = Result<RegistryInfo, Failure>> + Send;

    /// The subjects that have a version, as many as the registry lists.
    fn subjects(&self) -> impl Future<Output = Result<SubjectList, Failure>> + Send;

    /// The newest version of each subject, in order; `None` where there is none.
    fn latest(
        &self,
        subjects: &[Subject],
    ) -> impl Future<Output = Vec<Result<Option<RegisteredSchema>, Failure>>> + Send;

    /// What each subject itself has set about its compatibility, in order. A registry may answer the level NONE for both: a
    /// subject with that level and one without a level (Apicurio 2.6; Apicurio 3 where its global level is NONE too).
    fn compatibility(
        &self,
        subjects: &[Subject],
    ) -> impl Future<Output = Vec<Result<CompatibilityConfig, Failure>>> + Send;

    /// Both of each subject, in order. No subject may be named twice.
    fn current(&self, subjects: &[Subject]) -> impl Future<Output = Vec<CurrentSubject>> + Send;

    /// The numbers of the versions that each subject has, in order, each from the oldest on; none where it is not there.
    fn numbers(&self, subjects: &[Subject]) -> impl Future<Output = Vec<Result<Vec<u32>, Failure>>> + Send;

    /// Versions of subjects, in order; `None` where there is none.
    fn versions(
        &self,
        versions: &[(Subject, u32)],
    ) -> impl Future<Output = Vec<Result<Option<RegisteredSchema>, Failure>>> + Send;

    /// One version of a subject.
    fn version(
        &self,
        subject: &Subject,
        version: u32,
    ) -> impl Future<Output = Result<Option<RegisteredSchema>, Failure>> + Send;

    /// The version that the registry takes each schema for, in order: registering it would answer that one and make no
    /// other. [`FailureKind::Refused`](super::FailureKind::Refused) where it is no schema to the registry.
    fn taken_for(
        &self,
        schemas: &[(Subject, NewSchema)],
    ) -> impl Future<Output = Vec<Result<Option<u32>, Failure>>> + Send;

    /// Whether the schema may follow these versions, at the level that the subject has now.
    fn check(
        &self,
        subject: &Subject,
        schema: &NewSchema,
        against: Against,
    ) -> impl Future<Output = Result<Verdict, Failure>> + Send;

    /// Registers a version and answers which one it is now. The version of a text that an earlier version has already
    /// is that earlier one. A registry that takes the text for another one, and so drops what is new in it, has refused.
    fn register(&self, subject: &Subject, schema: &NewSchema) -> impl Future<Output = Result<u32, Failure>> + Send;

    /// Sets the subject's own level. [`FailureKind::NotFound`](super::FailureKind::NotFound) where the registry knows no
    /// level of a subject without a version.
    fn set_compatibility(
        &self,
        subject: &Subject,
        level: Compatibility,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Deletes every version of a subject, so that the registry can bring them back (a soft deletion). One that is gone
    /// already is no error; one that schemas refer to is refused.
    fn delete_subject(&self, subject: &Subject) -> impl Future<Output = Result<(), Failure>> + Send;
}
