use crate::model::Subject;
use crate::plan::{Change, PlannedReference, Step};
use crate::ports::registry::RegisteredSchema;
use crate::resources::schema::LiveRegistry;
use crate::schema::{Compatibility, SchemaFormat};

/// A version that a plan registers behind others of its subject.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'p> {
    /// The subject.
    pub subject: &'p Subject,
    /// The format of the new version.
    pub format: SchemaFormat,
    /// Its text.
    pub text: &'p str,
    /// What it refers to.
    pub references: &'p [PlannedReference],
    /// The newest version that the registry has.
    pub latest: &'p RegisteredSchema,
    /// The level that the subject has now, in the registry's words, where it is known.
    pub present: Option<&'p str>,
    /// The level of the registry as a whole, in its words.
    pub global: Option<&'p str>,
    /// The level that the plan sets before it registers.
    pub sets: Option<Compatibility>,
    /// The property by which versions are compared with each other, where one counts.
    pub group: Option<&'p str>,
}

impl<'p> Registration<'p> {
    /// What a change registers, where the subject has versions already.
    pub fn of(change: &'p Change, live: &'p LiveRegistry) -> Option<Self> {
        let (subject, format, text, references) = change.steps.iter().find_map(|step| match step {
            Step::RegisterSchema { subject, format, text, references } => Some((subject, *format, text, references)),
            _ => None,
        })?;
        let found = live.subjects.get(subject)?;
        Some(Self {
            subject,
            format,
            text,
            references,
            latest: found.newest()?,
            present: live.level_of(found),
            global: live.info.compatibility.as_deref(),
            sets: level_set_by(change),
            group: live.group_of(found),
        })
    }

    /// The level that the subject has now; `None` where it is not known, or a word that this version does not know.
    pub fn present_level(&self) -> Option<Compatibility> {
        Compatibility::from_registry(self.present?)
    }

    /// The level at which the registry will judge the new version: levels are set before schemas are registered.
    pub fn level(&self) -> Option<Compatibility> {
        self.sets.or_else(|| self.present_level())
    }

    /// The value of the group's property that a version has.
    pub fn group_value<'v>(&self, version: &'v RegisteredSchema) -> Option<&'v str> {
        version.properties.get(self.group?).map(String::as_str)
    }

    /// The value that the new version will have. A version that is registered without metadata takes over those of the
    /// newest one, and busctl registers none.
    pub fn own_group_value(&self) -> Option<&'p str> {
        self.group_value(self.latest)
    }
}

/// The level that a change sets.
pub fn level_set_by(change: &Change) -> Option<Compatibility> {
    change.steps.iter().find_map(|step| match step {
        Step::SetCompatibility { level, .. } => Some(*level),
        _ => None,
    })
}
