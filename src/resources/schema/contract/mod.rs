//! Contract tests: sample records, each read with every version that a consumer may have.

mod history;
mod name;
mod place;
mod review;
mod trial;
mod unit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

pub use history::invalid;
pub use review::{Review, ReviewItem};
pub use unit::{Unit, named, plain};

use crate::diag::Diagnostic;
use crate::model::{Date, Subject};
use crate::policy::LevelsBeside;
use crate::resources::Workspace;
use crate::schema::SchemaFormat;
use crate::source::{FileId, closest};

/// A version that a registry has.
#[derive(Debug, Clone)]
pub struct RegisteredVersion {
    /// Its number there.
    pub number: u32,
    /// Its text, among the sources of the workspace.
    pub file: FileId,
    /// Its format.
    pub format: SchemaFormat,
    /// What it refers to there, each behind those that it refers to itself.
    pub references: Vec<RegisteredReference>,
}

/// What a version in a registry refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredReference {
    /// The name that the version has for it.
    pub name: String,
    /// Its text, which many versions may share.
    pub text: Arc<str>,
}

/// The versions of subjects that a registry has, the oldest first.
pub type Registered = BTreeMap<Subject, Vec<RegisteredVersion>>;

/// What contract tests need to know that the workspace does not say.
#[derive(Debug, Clone)]
pub struct Beside {
    /// What a registry has.
    pub registered: Registered,
    /// Decision records that are not finished.
    pub unfinished: BTreeSet<PathBuf>,
    /// The day for which waivers must hold.
    pub today: Date,
}

/// What contract tests found.
#[derive(Debug, Clone, Default)]
pub struct Tested {
    /// What is wrong.
    pub findings: Vec<Diagnostic>,
    /// The checklist of each schema that changed and of each new major version.
    pub reviews: Vec<Review>,
    /// How many schemas were tested.
    pub schemas: usize,
    /// How many sample records they have.
    pub samples: usize,
    /// How often one was read.
    pub readings: usize,
}

/// A name that means no topic with a schema, no subject and no schema's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// The nearest one that there is.
    pub meant: Option<String>,
}

/// Tests the schemas of these topics and subjects; of all where none is named. Of a manifest that can be read in part only,
/// nobody knows how its schema is used: it is not among them.
///
/// # Errors
///
/// One of the names is none.
pub fn test(workspace: &Workspace, names: &[String], beside: &Beside) -> Result<Tested, UnknownName> {
    let wanted = wanted(workspace, names)?;
    let mut tested = Tested { schemas: wanted.len(), ..Tested::default() };
    // Of every cluster: samples are of none.
    let clusters: Vec<_> = workspace.clusters.values().collect();
    let levels = LevelsBeside::read(workspace, &clusters, beside.today);
    let trials: Vec<_> = wanted.par_iter().map(|unit| trial::run(workspace, unit, beside, &levels)).collect();
    // A topic is what is reviewed, with its keys and values, also where only one of them changed.
    let mut broken: BTreeMap<&str, String> = BTreeMap::new();
    for (unit, trial) in wanted.iter().zip(&trials) {
        if let Some(finding) = review::broken(&trial.findings) {
            broken.entry(&unit.name).or_insert_with(|| finding.message.clone());
        }
    }
    for (unit, trial) in wanted.iter().zip(trials) {
        tested.findings.extend(trial.findings);
        tested.reviews.extend(trial.review.map(|review| match broken.get(&*unit.name) {
            Some(why) => review.not_read(why),
            None => review,
        }));
        tested.samples += trial.samples;
        tested.readings += trial.readings;
    }
    let mut misplaced = place::of_no_part(workspace, &wanted);
    misplaced.extend(place::misnamed(workspace, &wanted));
    misplaced.extend(place::strays(workspace, &wanted, names.is_empty()));
    // A manifest that cannot be read may be the one that they are of.
    if names.is_empty() && workspace.has_whole("topic") && workspace.has_whole("subject") {
        misplaced.extend(place::of_nobody(workspace, &wanted));
    }
    tested.findings.extend(levels.apply(misplaced));
    Ok(tested)
}

/// The schemas that these names mean, each once; all where none is named.
fn wanted<'w>(workspace: &'w Workspace, names: &[String]) -> Result<Vec<Unit<'w>>, UnknownName> {
    if names.is_empty() {
        return Ok(unit::units(workspace).into_iter().filter(|unit| unit.is_known(workspace)).collect());
    }
    let mut wanted: Vec<Unit<'_>> = Vec::new();
    for name in names {
        let mut units = named(workspace, name);
        units.retain(|unit| unit.is_known(workspace));
        if units.is_empty() {
            return Err(unknown(workspace, name));
        }
        for unit in units {
            if !wanted.iter().any(|known| (&known.name, known.part) == (&unit.name, unit.part)) {
                wanted.push(unit);
            }
        }
    }
    Ok(wanted)
}

/// A name that means no schema, with the one that may have been meant.
pub fn unknown(workspace: &Workspace, name: &str) -> UnknownName {
    let units = unit::units(workspace);
    let known = units.iter().flat_map(|unit| [Some(unit.name.as_str()), unit.subject.as_ref().map(Subject::as_str)]);
    UnknownName { name: name.to_owned(), meant: closest(plain(name), known.flatten()).map(str::to_owned) }
}

/// What schemas are called: topics, and subjects that are no topic's; each once.
pub fn names(workspace: &Workspace) -> BTreeSet<String> {
    unit::units(workspace).into_iter().map(|unit| unit.name).collect()
}

/// The subjects whose versions a registry may have for these names; of all where none is named.
pub fn subjects(workspace: &Workspace, names: &[String]) -> Vec<Subject> {
    // A name that is none is told by the test itself.
    let wanted = wanted(workspace, names).unwrap_or_default();
    let subjects: BTreeSet<Subject> = wanted.into_iter().filter_map(|unit| unit.subject).collect();
    subjects.into_iter().collect()
}
