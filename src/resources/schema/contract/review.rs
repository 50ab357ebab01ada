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
use crate::resources::schema::{Part, Past, SchemaFile};
use crate::schema::{Compatibility, Conflict, ParsedSchema, compared, conflicts, is_met_by};

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

/// The versions that a change is reviewed beside.
pub(super) struct Reviewed<'h> {
    /// Those before the present one.
    pub past: &'h Past<'h>,
    /// All that could be read, the present one among them.
    pub ready: &'h [Ready<'h>],
}

impl<'h> Reviewed<'h> {
    /// The version at a place among those in Git, where it could be read.
    fn ready(&self, place: usize) -> Option<&'h Ready<'h>> {
        self.ready.iter().find(|ready| ready.version.place == Some(place))
    }

    /// The present text with earlier versions of what it refers to, the newest first: of each subject the newest, or all.
    fn carried(&self, all: bool) -> impl Iterator<Item = &'h Ready<'h>> {
        let (first, carried) = (self.past.kept.len(), &self.past.carried);
        let is_newest = |at: usize| carried.get(at + 1).is_none_or(|next| !next.is_of_same(&carried[at]));
        let places = (0..carried.len()).rev().filter(move |at| all || is_newest(*at));
        places.filter_map(move |at| self.ready(first + at))
    }

    /// The version before the present one, by its place and name.
    fn before(&self) -> Option<(usize, String)> {
        let carried =
            || self.carried(false).next().and_then(|ready| Some((ready.version.place?, ready.version.name.clone())));
        self.past.kept.last().map(|kept| (self.past.kept.len() - 1, kept.name())).or_else(carried)
    }
}

pub(super) fn review(
    workspace: &Workspace,
    unit: &Unit<'_>,
    beside: &Beside,
    history: &Reviewed<'_>,
    is_shown: Option<bool>,
    samples: usize,
    findings: &[Diagnostic],
) -> Option<Review> {
    let Reviewed { past, ready } = history;
    let present = ready.last().filter(|ready| ready.version.file == unit.file.file)?;
    let before = history.before();
    let major = major(workspace, unit);
    let is_changed = match past.kept.last() {
        Some(newest) => !newest.with.is_empty() || is_other(workspace, unit, newest.schema),
        None => before.is_some(),
    };
    // A major version is new as long as there is no version before.
    let is_new_major = major.is_some() && before.is_none();
    if !(is_changed || is_new_major) {
        return None;
    }
    let change = match &before {
        Some((_, before)) => format!("{before} → {}", present.version.name),
        None => "new major version".to_owned(),
    };
    let shown = match before.filter(|(place, _)| history.ready(*place).is_none()) {
        Some((_, before)) => {
            item("fixtures", false, format!("{before} cannot be read, so that nobody knows what is new"))
        }
        None => shown(unit, is_shown, samples),
    };
    let mut items = vec![compatibility(unit, present, history), shown, contracts(samples, findings)];
    items.extend(major.map(|number| decision(workspace, unit, &beside.unfinished, number)));
    Some(Review { name: unit.name.clone(), part: unit.part.as_str(), change, items })
}

/// Whether the present text says something else than another one.
pub(super) fn is_other(workspace: &Workspace, unit: &Unit<'_>, before: SchemaFile) -> bool {
    let text = |file| &*workspace.sources.file(file).text;
    before.format != unit.file.format || !is_met_by(unit.file.format, text(unit.file.file), text(before.file))
}

fn unread(past: &Past<'_>, places: &[usize]) -> String {
    let names: Vec<String> = places.iter().map(|place| format!("v{}", past.kept[*place].number)).collect();
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

fn compatibility(unit: &Unit<'_>, present: &Ready<'_>, history: &Reviewed<'_>) -> ReviewItem {
    let level = unit.level.value;
    let Reviewed { past, .. } = history;
    if past.kept.is_empty() && past.carried.is_empty() {
        return item("compatibility", true, format!("the first version under {}", level.as_str()));
    }
    // Where the newest one could not be read, a level that looks at it alone must not look at the one before.
    let first = past.kept.len() - compared(level, past.kept.len());
    let (known, lost): (Vec<usize>, Vec<_>) =
        (first..past.kept.len()).partition(|place| history.ready(*place).is_some());
    let kept: Vec<&Ready<'_>> = known.iter().filter_map(|place| history.ready(*place)).collect();
    let schemas: Vec<&ParsedSchema> = kept.iter().map(|ready| &ready.version.schema).collect();
    // The newest first, and before them what the present text was with what it referred to.
    let mut broken: Vec<(String, Conflict)> = Vec::new();
    for carried in history.carried(level.is_transitive()) {
        let found = conflicts(level, &present.version.schema, &[&carried.version.schema]).into_iter();
        broken.extend(found.map(|conflict| (carried.version.name.clone(), conflict)));
    }
    let found = conflicts(level, &present.version.schema, &schemas).into_iter();
    broken.extend(found.map(|conflict| (kept[conflict.version].version.name.clone(), conflict)));
    let level = level.as_str();
    match broken.iter().flat_map(|(before, found)| found.incompatibilities.iter().map(move |why| (before, why))).next()
    {
        None if !lost.is_empty() => item("compatibility", false, unread(past, &lost)),
        None if unit.level.value == Compatibility::None => {
            item("compatibility", true, "level none compares nothing".to_owned())
        }
        None => item("compatibility", true, format!("nothing breaks {level} with the versions in Git")),
        Some((before, why)) => {
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
