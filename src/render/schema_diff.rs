//! What changed between two versions of a schema, and whom it breaks: the document. Its forms are in `forms`.

mod forms;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::words::counted;
use crate::schema::SchemaFormat;
use crate::schema::diff::{Break, SchemaChange, SchemaDiff, Spot};
use crate::source::{FileId, Place, Sources};

/// Changes that are put into words: more than the text lists or a comment takes.
const MOST_WORDED: usize = 5_000;

/// The difference of two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownDiff {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The format of both: `AVRO`, `JSON`, `PROTOBUF`.
    pub format: SchemaFormat,
    /// The old version.
    pub old: ShownVersion,
    /// The new version.
    pub new: ShownVersion,
    /// The strongest level that the new version keeps towards the old one: `FULL`, `BACKWARD`, `FORWARD`, `NONE`.
    pub level: String,
    /// What changed.
    pub changes: Vec<ShownChange>,
    /// What breaks by none of the changes.
    pub also_breaks: Vec<ShownBreak>,
    /// What changed in what the versions refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ShownReference>,
    /// Whether even the texts are equal, and those that they refer to.
    pub identical: bool,
    #[serde(skip)]
    verdict: String,
}

/// One of the two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownVersion {
    /// Its file.
    pub file: String,
    /// Its number, where it is one of a history.
    pub version: Option<u32>,
    /// The earlier versions of other subjects that it refers to, where the present version refers to later ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<ShownWith>,
}

/// An earlier version of another subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownWith {
    /// The subject.
    pub subject: String,
    /// The number of its version in Git.
    pub version: u32,
}

impl From<&(String, u32)> for ShownWith {
    fn from((subject, version): &(String, u32)) -> Self {
        Self { subject: subject.clone(), version: *version }
    }
}

impl ShownWith {
    /// What stands behind the number of a version: ` with v1 of money`.
    pub fn in_words(with: &[Self]) -> String {
        let with: Vec<String> = with.iter().map(|with| format!("v{} of {}", with.version, with.subject)).collect();
        if with.is_empty() { String::new() } else { format!(" with {}", with.join(" and ")) }
    }
}

impl ShownVersion {
    /// A version in a file.
    pub fn new(sources: &Sources, file: FileId, version: Option<u32>, with: &[(String, u32)]) -> Self {
        let file = sources.file(file).path.to_string_lossy().into_owned();
        Self { file, version, with: with.iter().map(ShownWith::from).collect() }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownChange {
    /// The kind of change: `added`, `type_changed` …
    pub kind: String,
    /// Where, as people name fields; empty for the schema itself.
    pub path: String,
    /// What changed: `field`, ``enum `Status` `` …
    pub part: String,
    /// Which of its attributes.
    pub attribute: Option<String>,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
    /// Where it stood.
    pub old: Option<Place>,
    /// Where it stands.
    pub new: Option<Place>,
    /// What breaks by it. Each symbol that an enum lacks is a change, and all of them break one thing.
    pub breaks: Vec<Arc<ShownBreak>>,
    #[serde(skip)]
    mark: String,
    #[serde(skip)]
    words: String,
}

/// An incompatibility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownBreak {
    /// `BACKWARD`: consumers with the new schema cannot read records of the old one. `FORWARD`: the other way round.
    pub direction: String,
    /// Its kind, as `schema check` tells it.
    pub code: String,
    /// Where in the reader's schema.
    pub path: String,
    /// What breaks.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

/// What changed in a schema that the versions refer to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownReference {
    /// The name that the versions have for it.
    pub name: String,
    /// Its file where the old version refers to it.
    pub old: Option<String>,
    /// Its file where the new version refers to it.
    pub new: Option<String>,
    /// What changed in its text; nothing where one version alone refers to it, or where that cannot be told.
    pub changes: Vec<ShownChange>,
}

/// A schema that two versions refer to by one name, or one of them.
pub struct ReferenceChange<'a> {
    /// The name.
    pub name: &'a str,
    /// Its file where the old version refers to it.
    pub old: Option<FileId>,
    /// Its file where the new version refers to it.
    pub new: Option<FileId>,
    /// What changed in its text.
    pub changes: Vec<SchemaChange>,
}

impl ShownReference {
    fn new(sources: &Sources, reference: ReferenceChange<'_>) -> Self {
        let ReferenceChange { name, old, new, changes } = reference;
        let path = |file: FileId| sources.file(file).path.to_string_lossy().into_owned();
        let changes = match (old, new) {
            (Some(old), Some(new)) => {
                let breaks = vec![Vec::new(); changes.len()];
                shown_changes(sources, old, new, changes, breaks)
            }
            _ => Vec::new(),
        };
        Self { name: name.to_owned(), old: old.map(path), new: new.map(path), changes }
    }

    fn mark(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, _) => "+",
            (_, None) => "-",
            _ => "~",
        }
    }

    /// Where it stood and stands.
    fn places(&self) -> String {
        let mut files: Vec<&str> = [&self.old, &self.new].into_iter().flatten().map(String::as_str).collect();
        files.dedup();
        files.join(" → ")
    }
}

/// Changes with their places in two files.
fn shown_changes(
    sources: &Sources,
    old: FileId,
    new: FileId,
    changes: Vec<SchemaChange>,
    breaks: Vec<Vec<Arc<ShownBreak>>>,
) -> Vec<ShownChange> {
    let spots = |of: fn(&SchemaChange) -> &Option<Spot>| {
        changes.iter().filter_map(move |change| Some(of(change).as_ref()?.place.start))
    };
    let (old_places, new_places) =
        (places(sources, old, spots(|change| &change.old)), places(sources, new, spots(|change| &change.new)));
    let path = |file: FileId| sources.file(file).path.to_string_lossy().into_owned();
    let place = |file: FileId, places: &HashMap<usize, Point>, spot: &Option<Spot>| {
        let (line, column) = *places.get(&spot.as_ref()?.place.start)?;
        Some(Place { file: path(file), line, column })
    };
    // An enum may have changed in each of its symbols: a change is moved, not copied.
    let shown = changes.into_iter().zip(breaks).enumerate().map(|(at, (change, breaks))| {
        let places = (place(old, &old_places, &change.old), place(new, &new_places, &change.new));
        ShownChange::new(change, at < MOST_WORDED, places, breaks)
    });
    shown.collect()
}

impl ShownDiff {
    /// The difference of two files, and of what they refer to.
    pub fn new(
        format: SchemaFormat,
        sources: &Sources,
        (old, old_version): (FileId, ShownVersion),
        (new, new_version): (FileId, ShownVersion),
        diff: SchemaDiff,
        references: Vec<ReferenceChange<'_>>,
    ) -> Self {
        let lists = [("BACKWARD", &diff.backward), ("FORWARD", &diff.forward)];
        let mut breaks = vec![Vec::new(); diff.changes.len()];
        let mut also_breaks = Vec::new();
        for (direction, list) in lists {
            for one in list {
                let shown = ShownBreak::new(direction, one);
                if one.causes.is_empty() {
                    also_breaks.push(shown);
                } else {
                    let shown = Arc::new(shown);
                    one.causes.iter().for_each(|at| breaks[*at].push(shown.clone()));
                }
            }
        }
        let (level, verdict) = (diff.level().to_registry(), diff.verdict().to_owned());
        let changes = shown_changes(sources, old, new, diff.changes, breaks);
        let references: Vec<_> = references.into_iter().map(|of| ShownReference::new(sources, of)).collect();
        Self {
            format_version: 1,
            format,
            old: old_version,
            new: new_version,
            level,
            changes,
            also_breaks,
            identical: references.is_empty() && sources.file(old).text == sources.file(new).text,
            references,
            verdict,
        }
    }

    fn title(&self) -> String {
        let (old, new) = (self.old.in_words(), self.new.in_words());
        format!("{old} → {new} ({})", self.format)
    }

    fn summary(&self) -> String {
        match (self.changes.is_empty(), self.also_breaks.is_empty()) {
            (true, true) if self.identical => "identical".to_owned(),
            (true, _) if !self.references.is_empty() => {
                let changed = counted(self.references.len(), "reference");
                format!("{changed} changed, and the text means the same; {}", self.verdict)
            }
            (true, true) => "the same meaning; only the spelling differs".to_owned(),
            _ => format!("{}; {}", counted(self.changes.len(), "change"), self.verdict),
        }
    }
}

/// A line and a column.
type Point = (u32, u32);

/// The places of a file by their bytes. They are found in one walk: a large text on one line may have thousands.
fn places(sources: &Sources, file: FileId, spots: impl Iterator<Item = usize>) -> HashMap<usize, Point> {
    let text = &*sources.file(file).text;
    let mut offsets: Vec<usize> = spots.collect();
    offsets.sort_unstable();
    offsets.dedup();
    let (mut at, mut line, mut column) = (0, 1, 1);
    let mut found = HashMap::with_capacity(offsets.len());
    for offset in offsets {
        for c in text[at..text.floor_char_boundary(offset)].chars() {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        at = text.floor_char_boundary(offset);
        found.insert(offset, (line, column));
    }
    found
}

impl ShownVersion {
    fn in_words(&self) -> String {
        match self.version {
            Some(number) => format!("v{number}{}, {}", ShownWith::in_words(&self.with), self.file),
            None => self.file.clone(),
        }
    }
}

impl ShownChange {
    fn new(
        change: SchemaChange,
        is_worded: bool,
        (old, new): (Option<Place>, Option<Place>),
        breaks: Vec<Arc<ShownBreak>>,
    ) -> Self {
        Self {
            kind: change.kind.as_str().to_owned(),
            old,
            new,
            breaks,
            mark: change.mark().to_string(),
            words: if is_worded { change.words() } else { String::new() },
            path: change.path,
            part: change.part,
            attribute: change.attribute,
            before: change.before,
            after: change.after,
        }
    }

    /// What it breaks, in a word: `BACKWARD`, `FORWARD` or both.
    fn directions(&self) -> Vec<&str> {
        let mut directions: Vec<&str> = self.breaks.iter().map(|one| one.direction.as_str()).collect();
        directions.sort_unstable();
        directions.dedup();
        directions
    }

    fn places(&self) -> String {
        let places: Vec<String> = [&self.old, &self.new]
            .into_iter()
            .flatten()
            .map(|place| format!("{}:{}", place.file, place.line))
            .collect();
        places.join(" → ")
    }
}

impl ShownBreak {
    fn new(direction: &str, one: &Break) -> Self {
        let found = &one.incompatibility;
        Self {
            direction: direction.to_owned(),
            code: found.code.to_owned(),
            path: found.path.clone(),
            message: found.message.clone(),
            help: found.help.clone(),
        }
    }

    fn in_words(&self) -> String {
        format!("{}: {}", self.direction, self.message)
    }
}
