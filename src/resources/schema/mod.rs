//! Subjects of the schema registry.

pub mod compatibility;
pub mod contract;
mod declared;
mod delete;
mod desired;
mod diff;
mod files;
mod finding;
mod level;
mod live;
mod locate;
mod observe;
mod past;
mod references;
pub mod rules;
mod spec;

pub use declared::{DeclaredSchema, Owner};
pub(crate) use desired::subject_of;
pub use desired::{DesiredSubject, resolve_removed, resolve_subjects, version_text};
pub use diff::diff;
pub use files::{SchemaFile, SchemaFiles, SchemaVersion, is_fixture, is_in_fixtures, is_version_manifest};
pub use finding::{Pair, cannot_read, place_error, versions_in_words, way_out};
pub use level::CompatibilitySpec;
pub(crate) use level::{resolve_category, resolve_level};
pub use live::{LiveRegistry, LiveSubject};
pub use locate::{Part, TopicSchema};
pub use observe::observe;
pub use past::{Past, PastVersion};
pub use references::{Referred, files_of};
pub(crate) use rules::major::earlier_major;
pub use spec::{SubjectSpec, VersionSpec};
