//! One schema with its samples.

use std::collections::{HashMap, HashSet};

use super::Beside;
use super::history::{Version, versions};
use super::name::{Mark, Told};
use super::place::folder_of;
use super::review::{Review, Reviewed, is_other, review};
use super::unit::Unit;
use crate::diag::{Diagnostic, Level};
use crate::policy::{LevelsBeside, Rule};
use crate::resources::Workspace;
use crate::resources::schema::rules::sample::{ALTERED, MISFIT, NO_SAMPLE, NOT_SHOWN, RENAMED, UNREADABLE};
use crate::resources::schema::{Part, Past, rules};
use crate::schema::Compatibility;
use crate::schema::sample::{Alteration, Codec, Encoded, Step, locate, shown};
use crate::schema::text::{Json, read};
use crate::source::{FileId, Span, merge_conflict};

/// Which writer told of a reader and a message first.
type ToldOf = HashMap<(usize, String), usize>;

/// Where each finding stands, and how many more samples show it.
type KnownOf = HashMap<Key, (usize, usize)>;

/// What was found with one schema.
#[derive(Default)]
pub struct Trial {
    pub findings: Vec<Diagnostic>,
    pub review: Option<Review>,
    pub samples: usize,
    pub readings: usize,
}

/// A version that records can be of.
pub struct Ready<'v> {
    pub version: &'v Version,
    pub codec: Codec<'v>,
}

/// A sample as it stands in its file.
struct Text<'s> {
    file: FileId,
    name: String,
    json: Json<'s>,
    text: &'s str,
}

/// A sample that fits a version.
struct Sample<'s> {
    text: Text<'s>,
    /// The versions that it may have been written with: those that it fits, the newest first.
    written: Vec<Written>,
}

/// A sample as a version writes it.
struct Written {
    /// The place of the version.
    place: usize,
    encoded: Encoded,
    /// The place in this list of the first one of which readers make the same.
    alike: usize,
}

impl Sample<'_> {
    fn newest(&self) -> Option<usize> {
        self.written.first().map(|written| written.place)
    }
}

pub fn run(workspace: &Workspace, unit: &Unit<'_>, beside: &Beside, levels: &LevelsBeside<'_>) -> Trial {
    let mut trial = Trial { samples: unit.samples.len(), ..Trial::default() };
    let registered =
        unit.subject.as_ref().and_then(|subject| beside.registered.get(subject)).map_or(&[][..], Vec::as_slice);
    let past = workspace.past(&unit.path, unit.file, unit.references);
    let (versions, findings) = versions(workspace, unit, &past, registered);
    trial.findings = findings;
    let mut ready = Vec::with_capacity(versions.len());
    for version in &versions {
        match Codec::new(&version.schema) {
            Ok(codec) => ready.push(Ready { version, codec }),
            Err(why) => {
                let message =
                    format!("{} of `{}` cannot be used for records: {}", version.name, unit.name, why.message);
                let place = why.range.map(|range| Span::new(version.file, range.start, range.end));
                let place = place.unwrap_or_else(|| Span::whole(version.file));
                trial.findings.push(MISFIT.finding(message).at(place, "").resource(&unit.address));
            }
        }
    }
    // Where a version is no schema, a sample may be of that one.
    let is_whole = trial.findings.is_empty();
    trial.findings.extend(misnamed(workspace, unit));
    let mut samples = Vec::new();
    for file in &unit.samples {
        match Text::of(workspace, *file) {
            Ok(text) => match fit(unit, &ready, text) {
                Ok(sample) => samples.push(sample),
                Err(finding) if is_whole => trial.findings.push((*finding).resource(&unit.address)),
                Err(_) => {}
            },
            Err(finding) => trial.findings.push((*finding).resource(&unit.address)),
        }
    }
    // One that is of no version may have been meant to show what is new.
    let has_misfits = samples.len() < unit.samples.len();
    let mut known = HashMap::new();
    for sample in &samples {
        let (mut read, mut told) = (HashSet::new(), HashMap::new());
        for written in &sample.written {
            for reader in readers(unit.level.value, written.place, &ready) {
                if read.insert((written.alike, reader)) {
                    trial.readings += 1;
                    let told = (&mut told, &mut known);
                    read_with(unit, (sample, written), &ready, reader, told, &mut trial.findings);
                }
            }
        }
    }
    add_counts(&mut trial.findings, &known);
    let is_shown = change_is_shown(workspace, unit, (&past, &ready), &samples);
    trial.findings.extend(unshown(unit, (&past, &ready), is_shown.filter(|_| !has_misfits)));
    // What is waived or switched off is no mark against a change.
    trial.findings = levels.apply(trial.findings);
    let history = Reviewed { past: &past, ready: &ready };
    trial.review = review(workspace, unit, beside, &history, is_shown, samples.len(), &trial.findings);
    trial
}

/// What is wrong with the names of earlier versions.
fn misnamed(workspace: &Workspace, unit: &Unit<'_>) -> Vec<Diagnostic> {
    let (unnumbered, earlier) = (workspace.schemas.unnumbered(&unit.path), workspace.schemas.earlier(&unit.path));
    let found = rules::versions::misnamed(unnumbered, earlier, workspace).into_iter();
    found.map(|finding| finding.resource(&unit.address)).collect()
}

impl<'s> Text<'s> {
    /// Reads it.
    fn of(workspace: &'s Workspace, file: FileId) -> Result<Self, Box<Diagnostic>> {
        let source = workspace.sources.file(file);
        let name = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = &*source.text;
        let json = read(text).map_err(|error| {
            if let Some(conflict) = merge_conflict(file, text) {
                return Box::new(conflict);
            }
            let range = error.range.unwrap_or_default();
            let finding = MISFIT.finding(format!("the sample is no JSON: {}", error.message));
            Box::new(finding.at(Span::new(file, range.start, range.end), ""))
        })?;
        Ok(Self { file, name, json, text })
    }
}

/// Finds the versions that a sample may have been written with.
fn fit<'s>(unit: &Unit<'_>, ready: &[Ready<'_>], text: Text<'s>) -> Result<Sample<'s>, Box<Diagnostic>> {
    let file = text.file;
    let fits = |place: usize| ready[place].codec.encode(text.text, &text.json);
    let in_git = || ready.iter().enumerate().filter(|(_, ready)| ready.version.place.is_some());
    let told = written_for(&text.name);
    let meant: Vec<usize> = match told {
        Some(Mark::NoVersion(_)) => Vec::new(),
        Some(Mark::Number(number)) => {
            in_git().rev().filter(|(_, ready)| ready.version.number == Some(number)).map(|(at, _)| at).collect()
        }
        None => in_git().map(|(at, _)| at).rev().collect(),
    };
    let Some(newest) = meant.first().copied() else {
        let message = match told {
            Some(Mark::Number(number)) => {
                format!("the sample's name says v{number}, and `{}` has no such version", unit.name)
            }
            Some(Mark::NoVersion(word)) => format!("the sample's name says {word}, and no version is called so"),
            None => format!("`{}` has no version that a sample could be of", unit.name),
        };
        let known: Vec<_> = in_git().map(|(_, ready)| ready.version.name.as_str()).collect();
        let help = format!("its versions are {}; see schemas/DOMAIN/versions/", known.join(", "));
        return Err(Box::new(MISFIT.finding(message).at(Span::whole(file), "").help(help)));
    };
    let mut first = None;
    let mut written: Vec<Written> = Vec::new();
    for place in meant {
        match fits(place) {
            Ok(encoded) => {
                let codec = |written: &Written| &ready[written.place].codec;
                let is_alike = |one: &Written| ready[place].codec.writes_alike(&encoded, (codec(one), &one.encoded));
                let alike = written.iter().position(is_alike).unwrap_or(written.len());
                written.push(Written { place, encoded, alike });
            }
            Err(misfit) => drop(first.get_or_insert(misfit)),
        }
    }
    if !written.is_empty() {
        return Ok(Sample { text, written });
    }
    let misfit = first.map(|misfit| (misfit.message, misfit.range)).unwrap_or_default();
    let version = &ready[newest].version;
    let message = match told {
        Some(_) => format!("the sample is not of {}, as its name says: {}", version.name, misfit.0),
        None if ready.len() > 1 => format!("the sample is of no version; not of {}: {}", version.name, misfit.0),
        None => format!("the sample is not of its schema: {}", misfit.0),
    };
    let finding = MISFIT.finding(message).at(Span::new(file, misfit.1.start, misfit.1.end), "");
    let of_another = in_git().map(|(at, _)| at).rev().find(|at| told.is_some() && fits(*at).is_ok());
    let help = match of_another {
        Some(at) => format!("it is of {}: say so in its name, or correct the record", ready[at].version.name),
        // The record may be right, and the schema have changed under it.
        None => format!(
            "correct the record if it is wrong. If it fitted before the schema changed, the change breaks what was written: \
             take it back, or keep the version that the record is of (`busctl schema keep {}` before the change is \
             committed; `--against git:REF` takes it from an earlier commit) and see whether it is still read",
            unit.name
        ),
    };
    Err(Box::new(finding.at(Span::whole(version.file), "the schema").help(help)))
}

/// The version that a sample was written for by its file's name.
fn written_for(name: &str) -> Option<Mark<'_>> {
    Told::by(name).and_then(|told| told.version)
}

/// The versions that a record is read with, by their places: its own, the later ones, and those before of which the level
/// speaks.
fn readers(level: Compatibility, written: usize, ready: &[Ready<'_>]) -> impl Iterator<Item = usize> + use<> {
    use Compatibility::{Forward, ForwardTransitive, Full, FullTransitive};
    let first = match level {
        ForwardTransitive | FullTransitive => 0,
        Forward | Full => written.saturating_sub(1),
        _ => written,
    };
    first..ready.len()
}

/// What makes two findings one: who reads, what was written, and what is said of it.
type Key = (usize, usize, String);

/// Reads a sample with one version. What another sample has shown already is counted only, and what it has shown itself,
/// as a later version wrote it, is not told again.
fn read_with(
    unit: &Unit<'_>,
    (sample, as_written): (&Sample<'_>, &Written),
    ready: &[Ready<'_>],
    reader: usize,
    (told, known): (&mut ToldOf, &mut KnownOf),
    findings: &mut Vec<Diagnostic>,
) {
    use Compatibility::{Forward, ForwardTransitive, None};
    let place = as_written.place;
    let (written, read) = (&ready[place], &ready[reader]);
    let (consumer, writer) = (&read.version.name, &written.version.name);
    let mut add = |what: &Rule, verb: &str, said: &str, path: &[Step], help: Option<String>, range| {
        let what_is_said = format!("{verb} {said} {}", general(path));
        if *told.entry((reader, what_is_said.clone())).or_insert(place) != place {
            return;
        }
        let key = (reader, place, what_is_said);
        if let Some((_, count)) = known.get_mut(&key) {
            *count += 1;
            return;
        }
        known.insert(key, (findings.len(), 0));
        let part = if unit.part == Part::Key { "key " } else { "" };
        let at = if path.is_empty() { String::new() } else { format!(" (at `{}`)", shown(path)) };
        let who = format!("a consumer on {consumer} {verb} the {part}sample `{}` of {writer}", sample.text.name);
        let mut finding = what.finding(format!("{who}: {said}{at}"));
        let at = locate(&sample.text.json, path);
        finding = finding.at(Span::new(sample.text.file, at.start, at.end), "as it was written");
        let range: Option<std::ops::Range<usize>> = range;
        let reader_place = match range {
            Some(range) => Span::new(read.version.file, range.start, range.end),
            Option::None => Span::whole(read.version.file),
        };
        finding = finding.at(reader_place, "read with this").resource(&unit.address);
        if let Some(help) = help {
            finding = finding.help(help);
        }
        if let Some(newest) = sample.newest().filter(|newest| *newest != place)
            && let (Some(number), Option::None) = (ready[newest].version.number, written_for(&sample.text.name))
        {
            let name = sample.text.name.trim_end_matches(".json");
            finding = finding.help(format!(
                "it fits {writer}, too: if nobody writes such records before v{number}, call it {name}.v{number}.json"
            ));
        }
        let is_promised = match unit.level.value {
            None => reader == place,
            Forward | ForwardTransitive => reader <= place,
            _ => true,
        };
        if !is_promised && finding.level == Level::Error {
            finding = finding.level(Level::Warn);
            finding.message += &format!("; the level {} does not promise it", unit.level.value.as_str());
        }
        findings.push(finding);
    };
    match read.codec.decode(&as_written.encoded, &written.codec) {
        Ok(surprises) => {
            for surprise in surprises {
                let (what, verb) = match surprise.what {
                    Alteration::Changed => (&ALTERED, "reads otherwise"),
                    Alteration::Renamed => (&RENAMED, "reads otherwise"),
                    Alteration::Lost => (&UNREADABLE, "loses a value of"),
                };
                let (said, help) = (surprise.message, Some(surprise.help));
                add(what, verb, &said, &surprise.path, help, surprise.reader);
            }
        }
        Err(why) => {
            // A topic of its own is the way out of everything.
            let major = unit.topic.filter(|topic| !topic.is_dead_letter());
            let major =
                major.map(|topic| format!("make a new major version: `busctl new version {}`", topic.topic.value));
            let help = match (why.help, major) {
                (Some(help), Some(major)) => Some(format!("{help}, or {major}")),
                (help, major) => help.or(major),
            };
            add(&UNREADABLE, "cannot read", &why.message, &why.path, help, why.reader);
        }
    }
}

/// A path without the places in arrays and maps: what is wrong with one element is most often wrong with all.
fn general(path: &[Step]) -> String {
    let fields = path.iter().map(|step| match step {
        Step::Field(name) => Step::Field(name.clone()),
        Step::Item(_) => Step::Item(0),
        Step::Key(_) => Step::Key(String::new()),
    });
    shown(&fields.collect::<Vec<_>>())
}

fn add_counts(findings: &mut [Diagnostic], known: &HashMap<Key, (usize, usize)>) {
    for (index, count) in known.values().filter(|(_, count)| *count > 0) {
        findings[*index].message += &format!(" (and {count} more like this)");
    }
}

/// Whether the samples show what the present version has beyond the one before; `None` where there is nothing to show.
fn change_is_shown(
    workspace: &Workspace,
    unit: &Unit<'_>,
    (past, ready): (&Past<'_>, &[Ready<'_>]),
    samples: &[Sample<'_>],
) -> Option<bool> {
    let present = ready.last().filter(|ready| ready.version.file == unit.file.file)?;
    let before = before(past, ready)?;
    // What is new in another schema is shown by the samples of that.
    if !past.kept.last().is_some_and(|newest| is_other(workspace, unit, newest.schema)) {
        return None;
    }
    if present.codec.only_narrows(&before.codec) {
        return None;
    }
    let newest = ready.len() - 1;
    let shows = |sample: &Sample<'_>| {
        sample.newest() == Some(newest) && present.codec.is_shown_by(&before.codec, sample.text.text, &sample.text.json)
    };
    Some(samples.iter().any(shows))
}

/// The version in Git before the present one that has a text of its own; none where that could not be read.
fn before<'r, 'v>(past: &Past<'_>, ready: &'r [Ready<'v>]) -> Option<&'r Ready<'v>> {
    let place = past.kept.len().checked_sub(1)?;
    ready.iter().find(|ready| ready.version.place == Some(place))
}

fn unshown(unit: &Unit<'_>, (past, ready): (&Past<'_>, &[Ready<'_>]), is_shown: Option<bool>) -> Option<Diagnostic> {
    let part = if unit.part == Part::Key { ".key" } else { "" };
    let file = format!("{}/NAME{part}.json", folder_of(&unit.folder));
    let present = Span::whole(unit.file.file);
    let finding = match is_shown {
        _ if unit.samples.is_empty() => {
            let message = match unit.part {
                Part::Key => format!("the keys of `{}` have a schema and no sample records", unit.name),
                Part::Value => format!("`{}` has a schema and no sample records", unit.name),
            };
            NO_SAMPLE.finding(message).at(present, "")
        }
        Some(false) => {
            let (present_name, before) = (&ready.last()?.version.name, before(past, ready)?);
            let message = format!(
                "`{}` changed from {} to {present_name}, and no sample shows what is new",
                unit.name, before.version.name
            );
            NOT_SHOWN.finding(message).at(present, "").at(Span::whole(before.version.file), "the version before")
        }
        _ => return None,
    };
    let what = if unit.samples.is_empty() { "a record" } else { "a record that only the new version takes" };
    Some(finding.help(format!("write {what} to {file}")).resource(&unit.address))
}
