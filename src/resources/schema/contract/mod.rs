//! Contract tests: sample records, each read with every version that a consumer may have.

mod codes;
mod history;
mod name;
mod review;
mod trial;
mod unit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

pub use codes::{CODES, ContractCode, code};
pub use review::{Review, ReviewItem};

use crate::diag::Diagnostic;
use crate::model::Subject;
use crate::resources::Workspace;
use crate::resources::schema::SchemaFile;
use crate::schema::SchemaFormat;
use crate::source::{FileId, Span, closest};

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

/// A name that is neither a topic with a schema nor a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// The nearest one that there is.
    pub meant: Option<String>,
}

/// Tests the schemas of these topics and subjects; of all where none is named.
///
/// # Errors
///
/// One of the names is none.
pub fn test(workspace: &Workspace, names: &[String], registered: &Registered) -> Result<Tested, UnknownName> {
    let units = unit::units(workspace);
    let known: BTreeSet<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
        let meant = closest(name, known.iter().copied()).map(str::to_owned);
        return Err(UnknownName { name: name.clone(), meant });
    }
    let wanted: Vec<_> = units.iter().filter(|unit| names.is_empty() || names.contains(&unit.name)).collect();
    let mut tested = Tested { schemas: wanted.len(), ..Tested::default() };
    let trials: Vec<_> = wanted.par_iter().map(|unit| trial::run(workspace, unit, registered)).collect();
    for trial in trials {
        tested.findings.extend(trial.findings);
        tested.reviews.extend(trial.review);
        tested.samples += trial.samples;
        tested.readings += trial.readings;
    }
    if names.is_empty() {
        tested.findings.extend(of_nobody(workspace, &units));
    }
    Ok(tested)
}

/// The present schemas of a topic or subject, by their paths.
pub fn schemas_of(workspace: &Workspace, name: &str) -> Vec<(std::path::PathBuf, SchemaFile)> {
    let units = unit::units(workspace).into_iter().filter(|unit| unit.name == name);
    units.map(|unit| (unit.path, unit.file)).collect()
}

/// The subjects whose versions a registry may have for these names; of all where none is named.
pub fn subjects(workspace: &Workspace, names: &[String]) -> Vec<Subject> {
    let units = unit::units(workspace);
    let wanted = units.into_iter().filter(|unit| names.is_empty() || names.contains(&unit.name));
    let subjects: BTreeSet<Subject> = wanted.filter_map(|unit| unit.subject).collect();
    subjects.into_iter().collect()
}

/// Samples that no schema is tested with.
fn of_nobody(workspace: &Workspace, units: &[unit::Unit<'_>]) -> Vec<Diagnostic> {
    let used: BTreeSet<&str> = units.iter().map(|unit| unit.folder.as_str()).collect();
    let forgotten = workspace.schemas.fixture_folders().filter(|(folder, _)| !used.contains(folder));
    forgotten
        .filter_map(|(folder, files)| {
            let first = *files.first()?;
            let finding = codes::NO_SCHEMA
                .finding(format!("no topic with a schema and no subject is called after these samples, `{folder}`"))
                .at(Span::whole(first), "")
                .help("name the folder schemas/DOMAIN/fixtures/TOPIC, or remove it");
            Some(finding)
        })
        .collect()
}
