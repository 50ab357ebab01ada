use std::collections::{BTreeMap, BTreeSet};

use super::Histories;
use crate::model::Subject;
use crate::plan::{Plan, PlannedReference, PlannedVersion, Step};
use crate::ports::Observed;
use crate::ports::registry::{Reference, RegisteredSchema};
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

impl<'p> Registered<'p> {
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
    pub fn numbers(&self, subject: &Subject) -> Result<&'p [u32], String> {
        match self.histories.and_then(|histories| histories.numbers(subject)) {
            Some(Observed::Known(numbers)) => Ok(numbers),
            Some(Observed::Hidden(failure)) => Err(failure.to_string()),
            None => Err("the snapshot has its newest version alone".into()),
        }
    }

    /// A version of a subject; or why it is not known.
    pub fn version(&self, subject: &Subject, number: u32) -> Result<&'p RegisteredSchema, String> {
        let newest = self.live.subjects.get(subject).and_then(LiveSubject::newest);
        if let Some(newest) = newest.filter(|newest| newest.version == number) {
            return Ok(newest);
        }
        match self.histories.and_then(|histories| histories.version(subject, number)) {
            Some(Observed::Known(Some(version))) => Ok(version),
            Some(Observed::Known(None)) => Err(format!("the registry has no version {number} of `{subject}`")),
            Some(Observed::Hidden(failure)) => Err(failure.to_string()),
            None => Err(format!("the snapshot does not have version {number} of `{subject}`")),
        }
    }

    /// The texts of everything that a registered version refers to; or why one of them is not known.
    pub fn texts(&self, references: &'p [Reference]) -> Result<Texts<'p>, String> {
        let mut texts = Vec::new();
        self.follow(references, &mut BTreeSet::new(), &mut texts)?;
        Ok(texts)
    }

    /// The same for a version that the plan makes.
    pub fn planned_texts(&self, references: &'p [PlannedReference]) -> Result<Texts<'p>, String> {
        let mut texts = Vec::new();
        self.follow_planned(references, &mut BTreeSet::new(), &mut texts)?;
        Ok(texts)
    }

    fn follow(&self, references: &'p [Reference], seen: &mut Seen<'p>, texts: &mut Texts<'p>) -> Result<(), String> {
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
    ) -> Result<(), String> {
        for PlannedReference { name, subject, version } in references {
            match version {
                PlannedVersion::Pinned(number) => self.add_version(name, subject, *number, seen, texts)?,
                PlannedVersion::AfterRegistering if seen.insert((name, subject, None)) => {
                    let Some((text, further)) = self.planned.get(subject) else {
                        return Err(format!("the plan makes no version of `{subject}`"));
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
    ) -> Result<(), String> {
        if seen.insert((name, subject, Some(number))) {
            let version = self.version(subject, number)?;
            self.follow(&version.schema.references, seen, texts)?;
            texts.push(ResolvedReference { name, text: &version.schema.text });
        }
        Ok(())
    }
}
