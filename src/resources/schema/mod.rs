//! Subjects of the schema registry.

pub mod contract;
mod delete;
mod desired;
mod diff;
mod files;
mod live;
mod locate;
mod observe;
mod references;
pub mod rules;
mod spec;

pub use desired::{DesiredSubject, resolve_removed, resolve_subjects, version_text};
pub(crate) use desired::{resolve_level, subject_of};
pub use diff::diff;
pub use files::{SchemaFile, SchemaFiles, SchemaVersion};
pub use live::{LiveRegistry, LiveSubject};
pub use locate::{Part, TopicSchema};
pub use observe::observe;
pub use spec::SubjectSpec;
