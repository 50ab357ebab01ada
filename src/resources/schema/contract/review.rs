//! What a reviewer asks of a change.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::Beside;
use super::place::folder_of;
use super::trial::Ready;
use super::unit::Unit;
use crate::diag::{Diagnostic, Level};
use crate::model::counted;
use crate::resources::Workspace;
use crate::resources::schema::rules::sample::{MISFIT, UNREADABLE};
use crate::resources::schema::{Part, SchemaFile, SchemaVersion};
use crate::schema::{Compatibility, ParsedSchema, compared, conflicts, is_met_by};

/// The item that says whether consumers read the samples.
const CONTRACTS: &str = "contract tests";

/// The checklist of a schema that changed, or of a new major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The topic or subject.
    pub name: String,
    /// `key` or `value`.
    pub part: &'static str,
    /// From which version to which; of the first one, its own name.
    pub change: String,
    /// What is asked for.
    pub items: Vec<ReviewItem>,
}

/// Something that a reviewer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewItem {
    /// What it is: `compatibility`.
    pub what: &'static str,
    /// Whether it is done.
    pub is_done: bool,
    /// What shows it, or what to do. One sentence without a full stop.
    pub says: String,
}

impl Review {
    /// The same of a topic with a sample that is not read, in its keys or values, and why.
    pub(super) fn not_read(mut self, why: &str) -> Self {
        for item in self.items.iter_mut().filter(|item| item.what == CONTRACTS && item.is_done) {
            *item = ReviewItem { what: CONTRACTS, is_done: false, says: why.to_owned() };
        }
        self
    }

    /// Whether everything is done.
    pub fn is_done(&self) -> bool {
        self.items.iter().all(|item| item.is_done)
    }
}

pub(super) fn review(
    workspace: &Workspace,
    unit: &Unit<'_>,
    beside: &Beside,
    ready: &[Ready<'_>],
    is_shown: Option<bool>,
    samples: usize,
    findings: &[Diagnostic],
) -> Option<Review> {
    let present = ready.last().filter(|ready| ready.version.file == unit.file.file)?;
    let earlier = workspace.schemas.earlier(&unit.path);
    let before = earlier.last();
    let major = major(workspace, unit);
    let is_changed = before.is_some_and(|before| is_other(workspace, unit, before.schema));
    // A major version is new as long as there is no version before.
    let is_new_major = major.is_some() && before.is_none();
    if !(is_changed || is_new_major) {
        return None;
    }
    let change = match before {
        Some(before) => format!("v{} → {}", before.number, present.version.name),
        None => "new major version".to_owned(),
    };
    let shown = match before.filter(|before| !is_ready(ready, before)) {
        Some(before) => item("fixtures", false, format!("{}, so that nobody knows what is new", unread(&[before]))),
        None => shown(unit, is_shown, samples),
    };
    let mut items = vec![compatibility(unit, present, ready, earlier), shown, contracts(samples, findings)];
    items.extend(major.map(|number| decision(workspace, unit, &beside.unfinished, number)));
    Some(Review { name: unit.name.clone(), part: unit.part.as_str(), change, items })
}

fn is_other(workspace: &Workspace, unit: &Unit<'_>, before: SchemaFile) -> bool {
    let text = |file| &*workspace.sources.file(file).text;
    before.format != unit.file.format || !is_met_by(unit.file.format, text(unit.file.file), text(before.file))
}

/// Whether a version in Git could be read.
fn is_ready(ready: &[Ready<'_>], version: &SchemaVersion) -> bool {
    ready.iter().any(|ready| ready.version.number == Some(version.number))
}

fn unread(versions: &[&SchemaVersion]) -> String {
    let names: Vec<String> = versions.iter().map(|version| format!("v{}", version.number)).collect();
    format!("{} cannot be read", names.join(", "))
}

/// The number of the topic's major version, from the second on.
fn major(workspace: &Workspace, unit: &Unit<'_>) -> Option<u32> {
    let topic = unit.topic.filter(|topic| unit.part == Part::Value && !topic.is_dead_letter())?;
    let number = workspace.settings.topic_pattern.part(topic.topic.as_str(), "number")?.parse().ok()?;
    (number > 1).then_some(number)
}

fn item(what: &'static str, is_done: bool, says: String) -> ReviewItem {
    ReviewItem { what, is_done, says }
}

fn compatibility(unit: &Unit<'_>, present: &Ready<'_>, ready: &[Ready<'_>], earlier: &[SchemaVersion]) -> ReviewItem {
    let level = unit.level.value.as_str();
    if earlier.is_empty() {
        return item("compatibility", true, format!("the first version under {level}"));
    }
    // Where the newest one could not be read, a level that looks at it alone must not look at the one before.
    let looked_at = &earlier[earlier.len() - compared(unit.level.value, earlier.len())..];
    let (known, lost): (Vec<&SchemaVersion>, Vec<_>) = looked_at.iter().partition(|version| is_ready(ready, version));
    let is_known = |ready: &&Ready<'_>| known.iter().any(|version| ready.version.number == Some(version.number));
    let schemas: Vec<&ParsedSchema> = ready.iter().filter(is_known).map(|ready| &ready.version.schema).collect();
    let broken = conflicts(unit.level.value, &present.version.schema, &schemas);
    match broken.iter().flat_map(|conflict| conflict.incompatibilities.iter().map(move |why| (conflict, why))).next() {
        None if !lost.is_empty() => item("compatibility", false, unread(&lost)),
        None if unit.level.value == Compatibility::None => {
            item("compatibility", true, "level none compares nothing".to_owned())
        }
        None => item("compatibility", true, format!("nothing breaks {level} with the versions in Git")),
        Some((conflict, why)) => {
            let before = format!("v{}", known[conflict.version].number);
            let topic = unit.topic.map_or("TOPIC", |topic| topic.topic.as_str());
            let says = format!(
                "{level} is broken with {before}: {}; change the schema, or make a new major version with \
                 `busctl new version {topic}`",
                why.message
            );
            item("compatibility", false, says)
        }
    }
}

fn shown(unit: &Unit<'_>, is_shown: Option<bool>, samples: usize) -> ReviewItem {
    let says = match is_shown {
        _ if unit.samples.is_empty() => format!("write a record to {}/", folder_of(&unit.folder)),
        Some(false) => "write a record that only the new version takes".to_owned(),
        Some(true) => "a sample shows what is new".to_owned(),
        None => format!("{}; nothing new is to be shown", counted(samples as u64, "sample")),
    };
    item("fixtures", !unit.samples.is_empty() && is_shown != Some(false), says)
}

fn contracts(samples: usize, findings: &[Diagnostic]) -> ReviewItem {
    let broken = broken(findings);
    let says = match broken {
        Some(finding) => finding.message.clone(),
        None if samples == 0 => "there is no sample to test with".to_owned(),
        None => "consumers read every sample".to_owned(),
    };
    item(CONTRACTS, samples > 0 && broken.is_none(), says)
}

/// What shows that consumers do not read every sample.
pub(super) fn broken(findings: &[Diagnostic]) -> Option<&Diagnostic> {
    findings.iter().find(|finding| {
        finding.level == Level::Error && [MISFIT.code, UNREADABLE.code, "BUS301"].contains(&finding.code)
    })
}

fn decision(workspace: &Workspace, unit: &Unit<'_>, unfinished: &BTreeSet<PathBuf>, number: u32) -> ReviewItem {
    let path = |adr: &str| PathBuf::from(adr.trim_start_matches("./"));
    let adr = unit.topic.and_then(|topic| topic.adr.as_ref());
    let (is_done, says) = match adr {
        Some(adr) if unfinished.contains(&path(&adr.value)) => {
            (false, format!("finish {}: it still asks what the template asks (`Say …`)", adr.value))
        }
        Some(adr) if workspace.has_document(&adr.value) => (true, adr.value.clone()),
        Some(adr) => (false, format!("write {}, which `adr:` names", adr.value)),
        None => (false, format!("write why v{number} was needed to docs/adr/, and name it in the manifest: `adr:`")),
    };
    item("decision record", is_done, says)
}
