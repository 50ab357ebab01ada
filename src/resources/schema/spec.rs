use super::CompatibilitySpec;
use crate::model::{Label, Name, Subject};
use crate::resources::topic::{ReferenceSpec, State};
use crate::source::{Spanned, manifest};

manifest! {
    "a subject"
    /// A subject that is no topic's key or value: a type that other schemas refer to. In `schemas/**/*.yaml`.
    pub struct SubjectSpec {
        /// The subject.
        subject: Spanned<Subject>,
        /// The schema's file, beside this one. Only a tombstone is without.
        schema: Option<Spanned<String>>,
        /// `absent` asks for its deletion (a tombstone), whatever subject it is; needs `reason`.
        state: Option<Spanned<State>>,
        /// Why it is to be deleted.
        reason: Option<Spanned<String>>,
        /// What it is.
        description: Option<Spanned<String>>,
        /// The team that answers for it.
        owner: Option<Spanned<Name>>,
        /// The clusters it is for, by name, environment or label; all by default.
        clusters: Vec<Spanned<Label>>,
        /// Its compatibility level, the category of the second opinion, or a list of both.
        compatibility: Option<CompatibilitySpec>,
        /// Schemas of other subjects that it uses.
        references: Vec<ReferenceSpec>,
    }
}

manifest! {
    "a kept version"
    /// What an earlier version of a schema refers to. Beside its text, in `schemas/**/versions/NAME/NUMBER.yaml`.
    pub struct VersionSpec {
        /// The versions of other subjects that it uses, directly and through others, as this workspace numbers them.
        references: Vec<ReferenceSpec>,
    }
}
