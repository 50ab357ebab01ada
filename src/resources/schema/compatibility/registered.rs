use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Histories;
use super::read::MOST_VERSIONS;
use crate::model::Subject;
use crate::plan::{Plan, PlannedReference, PlannedVersion, Step};
use crate::ports::registry::{Reference, RegisteredSchema};
use crate::ports::{Failure, Observed};
use crate::resources::schema::{LiveRegistry, LiveSubject};
use crate::schema::ResolvedReference;

/// Every version that is known: those of the registry, and those that the plan makes.
pub struct Registered<'p> {
    live: &'p LiveRegistry,
    histories: Option<&'p Histories>,
    /// Text and references of what the plan registers.
    planned: BTreeMap<&'p Subject, (&'p str, &'p [PlannedReference])>,
}

/// The texts of references, each behind those that it refers to itself.
type Texts<'p> = Vec<ResolvedReference<'p>>;

/// References that were followed: how each is named, its subject, and its version unless the plan makes it.
type Seen<'p> = BTreeSet<(&'p str, &'p Subject, Option<u32>)>;

/// Why something of a registry is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// The registry did not tell it.
    Hidden(Failure),
    /// It is not there, or nobody asked for it.
    Missing(String),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::Hidden(failure) => failure.fmt(f),
            Unknown::Missing(why) => f.write_str(why),
        }
    }
}

/// All versions of a subject that were read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Versions<'p> {
    /// The oldest first.
    pub known: Vec<&'p RegisteredSchema>,
    /// How many earlier ones were left, because of a longer history the newest versions alone are read.
    pub left: usize,
}

impl<'p> Registered<'p> {
    /// What was read of a registry, where nothing is planned.
    pub fn read(live: &'p LiveRegistry, histories: Option<&'p Histories>) -> Self {
        Self { live, histories, planned: BTreeMap::new() }
    }

    /// What a plan can know.
    pub fn new(plan: &'p Plan, live: &'p LiveRegistry, histories: Option<&'p Histories>) -> Self {
        let steps = plan.changes.iter().flat_map(|change| &change.steps);
        let planned = steps.filter_map(|step| match step {
            Step::RegisterSchema { subject, text, references, .. } => Some((subject, (&**text, &**references))),
            _ => None,
        });
        Self { live, histories, planned: planned.collect() }
    }

    /// The numbers of a subject's versions, the oldest first; or why they are not known.
    pub fn numbers(&self, subject: &Subject) -> Result<&'p [u32], Unknown> {
        match self.histories.and_then(|histories| histories.numbers(subject)) {
            Some(Observed::Known(numbers)) => Ok(numbers),
            Some(Observed::Hidden(failure)) => Err(Unknown::Hidden(failure.clone())),
            None => Err(Unknown::Missing("the snapshot has its newest version alone".into())),
        }
    }

    /// The versions of a subject: all where its whole history was asked for, else the newest. One that was deleted
    /// meanwhile is not there.
    pub fn versions(&self, subject: &Subject) -> Result<Versions<'p>, Unknown> {
        let newest = match self.live.subjects.get(subject).map(|found| &found.latest) {
            Some(Observed::Known(newest)) => newest.as_ref(),
            Some(Observed::Hidden(failure)) => return Err(Unknown::Hidden(failure.clone())),
            None => None,
        };
        let newest = newest.map(|newest| (newest.version, newest));
        let numbers = match self.histories.and_then(|histories| histories.numbers(subject)) {
            Some(_) => self.numbers(subject)?,
            None => &[],
        };
        let left = numbers.len().saturating_sub(MOST_VERSIONS);
        let mut known: BTreeMap<u32, &RegisteredSchema> = newest.into_iter().collect();
        for number in &numbers[left..] {
            if let Some(version) = self.find(subject, *number)? {
                known.insert(*number, version);
            }
        }
        Ok(Versions { known: known.into_values().collect(), left })
    }

    /// A version of a subject; or why it is not known.
    pub fn version(&self, subject: &Subject, number: u32) -> Result<&'p RegisteredSchema, Unknown> {
        let absent = || Unknown::Missing(format!("the registry has no version {number} of `{subject}`"));
        self.find(subject, number)?.ok_or_else(absent)
    }

    /// A version, `None` where the registry does not have it.
    fn find(&self, subject: &Subject, number: u32) -> Result<Option<&'p RegisteredSchema>, Unknown> {
        let newest = self.live.subjects.get(subject).and_then(LiveSubject::newest);
        if let Some(newest) = newest.filter(|newest| newest.version == number) {
            return Ok(Some(newest));
        }
        match self.histories.and_then(|histories| histories.version(subject, number)) {
            Some(Observed::Known(version)) => Ok(version.as_ref()),
            Some(Observed::Hidden(failure)) => Err(Unknown::Hidden(failure.clone())),
            None => Err(Unknown::Missing(format!("the snapshot does not have version {number} of `{subject}`"))),
        }
    }

    /// The texts of everything that a registered version refers to; or why one of them is not known.
    pub fn texts(&self, references: &'p [Reference]) -> Result<Texts<'p>, Unknown> {
        let mut texts = Vec::new();
        self.follow(references, &mut BTreeSet::new(), &mut texts)?;
        Ok(texts)
    }

    /// The same for a version that the plan makes.
    pub fn planned_texts(&self, references: &'p [PlannedReference]) -> Result<Texts<'p>, Unknown> {
        let mut texts = Vec::new();
        self.follow_planned(references, &mut BTreeSet::new(), &mut texts)?;
        Ok(texts)
    }

    fn follow(&self, references: &'p [Reference], seen: &mut Seen<'p>, texts: &mut Texts<'p>) -> Result<(), Unknown> {
        for Reference { name, subject, version } in references {
            self.add_version(name, subject, *version, seen, texts)?;
        }
        Ok(())
    }

    fn follow_planned(
        &self,
        references: &'p [PlannedReference],
        seen: &mut Seen<'p>,
        texts: &mut Texts<'p>,
    ) -> Result<(), Unknown> {
        for PlannedReference { name, subject, version } in references {
            match version {
                PlannedVersion::Pinned(number) => self.add_version(name, subject, *number, seen, texts)?,
                PlannedVersion::AfterRegistering if seen.insert((name, subject, None)) => {
                    let Some((text, further)) = self.planned.get(subject) else {
                        return Err(Unknown::Missing(format!("the plan makes no version of `{subject}`")));
                    };
                    self.follow_planned(further, seen, texts)?;
                    texts.push(ResolvedReference { name, text });
                }
                PlannedVersion::AfterRegistering => {}
            }
        }
        Ok(())
    }

    fn add_version(
        &self,
        name: &'p str,
        subject: &'p Subject,
        number: u32,
        seen: &mut Seen<'p>,
        texts: &mut Texts<'p>,
    ) -> Result<(), Unknown> {
        if seen.insert((name, subject, Some(number))) {
            let version = self.version(subject, number)?;
            self.follow(&version.schema.references, seen, texts)?;
            texts.push(ResolvedReference { name, text: &version.schema.text });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::FailureKind;
    use crate::ports::registry::{CurrentSubject, NewSchema};
    use crate::schema::SchemaFormat;

    fn subject(name: &str) -> Subject {
        name.parse().expect("a subject")
    }

    fn registered(version: u32) -> RegisteredSchema {
        let schema = NewSchema { format: SchemaFormat::Avro, text: "\"int\"".into(), references: Vec::new() };
        RegisteredSchema { version, id: 1, schema, properties: BTreeMap::new() }
    }

    fn live_subject(latest: Result<Option<RegisteredSchema>, Failure>) -> LiveSubject {
        LiveSubject::new(CurrentSubject { latest, compatibility: Ok(Default::default()) })
    }

    /// The versions of a subject, and how many were left.
    fn seen(live: &LiveRegistry, histories: &Histories, name: &str) -> Result<(Vec<u32>, usize), Unknown> {
        let versions = Registered::read(live, Some(histories)).versions(&subject(name))?;
        Ok((versions.known.iter().map(|known| known.version).collect(), versions.left))
    }

    #[test]
    fn all_versions_are_those_that_were_read_the_newest_of_many() {
        let mut histories = Histories::default();
        histories.add_numbers(subject("short"), Ok(vec![1, 2, 3]));
        histories.add_version(subject("short"), 1, Ok(Some(registered(1))));
        // Deleted meanwhile.
        histories.add_version(subject("short"), 2, Ok(None));
        histories.add_version(subject("short"), 3, Ok(Some(registered(3))));
        histories.add_numbers(subject("long"), Ok((1..=502).collect()));
        for number in 3..=502 {
            histories.add_version(subject("long"), number, Ok(Some(registered(number))));
        }
        let mut live = LiveRegistry::default();
        assert_eq!(seen(&live, &histories, "short"), Ok((vec![1, 3], 0)));
        assert_eq!(seen(&live, &histories, "long"), Ok(((3..=502).collect(), 2)));
        assert_eq!(seen(&live, &histories, "other"), Ok((Vec::new(), 0)));
        // Where no history was asked for, the newest one is what is known.
        live.subjects.insert(subject("other"), live_subject(Ok(Some(registered(7)))));
        assert_eq!(seen(&live, &histories, "other"), Ok((vec![7], 0)));
    }

    #[test]
    fn what_is_hidden_or_was_not_read_is_not_taken_for_absent() {
        let failure = || Failure {
            kind: FailureKind::Authorization,
            tried: "read".into(),
            server: "http://r".into(),
            answer: "403".into(),
            hint: None,
        };
        let mut histories = Histories::default();
        histories.add_numbers(subject("numbers"), Err(failure()));
        histories.add_numbers(subject("version"), Ok(vec![1]));
        histories.add_version(subject("version"), 1, Err(failure()));
        histories.add_numbers(subject("unread"), Ok(vec![1]));
        let mut live = LiveRegistry::default();
        live.subjects.insert(subject("newest"), live_subject(Err(failure())));
        for name in ["numbers", "version", "newest"] {
            assert_eq!(seen(&live, &histories, name), Err(Unknown::Hidden(failure())), "{name}");
        }
        let missing = Unknown::Missing("the snapshot does not have version 1 of `unread`".into());
        assert_eq!(seen(&live, &histories, "unread"), Err(missing));
    }
}
