use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::opinion::rule_of;
use super::unit::Unit;
use super::{kept, versions};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::{
    Pair, Past, PastVersion, SchemaVersion, cannot_read, files_of, versions_in_words, way_out,
};
use crate::schema::{
    Category, Compatibility, Conflict, Direction, Effort, Incompatibility, ParsedSchema, ResolvedReference, compared,
    conflicts_within, parse_registered, second_opinion,
};
use crate::source::{FileId, Span, merge_conflict};

const FILE: &str = "schemas/media/media.raw_ingest.v1.avsc";
const EARLIER: (&str, crate::policy::Content) = (
    "schemas/media/versions/media.raw_ingest.v1/1.avsc",
    Text(
        r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The asset's id." }]
}
"#,
    ),
);

/// BUS307.
pub static HISTORY: Rule = Rule {
    code: "BUS307",
    name: "schema-compatible",
    summary: "A schema is compatible with its earlier versions",
    explanation: "The earlier versions of `schemas/DOMAIN/NAME.EXT` are kept as `schemas/DOMAIN/versions/NAME/1.EXT`, \
`2.EXT` and so on; the file itself is the next one. They are compared at the `compatibility` of the subject, with the verdict \
of a registry: the newest of them alone, all of them where the level is transitive, none at level `none`. What is found here \
is what the registry would refuse, or what it would take where its level is another one and consumers would then fail on. Each \
version is compared with what it referred to, and the present text also with the earlier versions of what it refers to: a \
change of a shared schema can break all that refer to it. A \
change that has to break them is a new major version, a topic of its own: `busctl new version TOPIC`. Then the schema here is \
put back as its newest earlier version has it.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        EARLIER,
        (
            FILE,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "size", "type": "long", "doc": "Its bytes." }"#
            ),
        ),
    ]),
    good: Example(&[
        EARLIER,
        (
            FILE,
            record!(
                r#"{ "name": "asset_id", "type": "string", "doc": "The asset's id." }"#,
                r#"{ "name": "size", "type": "long", "default": -1, "doc": "Its bytes; -1 where nobody counted them." }"#
            ),
        ),
    ]),
    check: Check::Earlier("BUS301"),
};

/// Incompatibilities of two versions that are shown.
const MOST: usize = 5;

/// What breaks, against one earlier version or several.
struct Broken<'p, 'w> {
    /// Who cannot read.
    direction: Direction,
    /// The versions that it holds against, the newest first.
    versions: Vec<&'p PastVersion<'w>>,
    /// What it is, as it was found against the first of them.
    why: Incompatibility,
}

/// The earlier versions of a schema.
pub(super) struct History<'w> {
    workspace: &'w Workspace,
    unit: &'w Unit<'w>,
    path: &'w Path,
    /// The oldest first.
    earlier: &'w [SchemaVersion],
}

/// An earlier version that was read.
struct Earlier<'p, 'w> {
    version: &'p PastVersion<'w>,
    schema: ParsedSchema,
}

/// What was compared already: the places that were told, and what was found.
struct Told<'f> {
    spans: HashSet<Span>,
    findings: &'f mut Vec<Diagnostic>,
}

impl<'w> History<'w> {
    pub(super) fn of(workspace: &'w Workspace, unit: &'w Unit<'w>) -> Self {
        let path = &workspace.sources.file(unit.file.file).path;
        Self { workspace, unit, path, earlier: workspace.schemas.earlier(path) }
    }

    /// What is wrong with the names of the files.
    pub(super) fn misnamed(&self) -> Vec<Diagnostic> {
        let misnamed = versions::misnamed(self.workspace.schemas.unnumbered(self.path), self.earlier, self.workspace);
        misnamed.into_iter().map(|finding| finding.resource(&self.unit.address)).collect()
    }

    /// Compares the present schema with the earlier versions.
    pub(super) fn compare(
        &self,
        present: &ParsedSchema,
        references: &[ResolvedReference<'_>],
        findings: &mut Vec<Diagnostic>,
    ) {
        if self.earlier.is_empty() && self.unit.references.is_empty() {
            return;
        }
        let past = self.workspace.past(self.path, self.unit.file, self.unit.references);
        let opinion = self.unit.category.filter(|_| !self.earlier.is_empty());
        let looked_at = self.unit.levels.iter().map(|level| compared(*level, self.earlier.len())).max();
        let looked_at = looked_at.unwrap_or_default().max(usize::from(opinion.is_some()));
        let (unread, looked_at) = past.kept.split_at(past.kept.len() - looked_at);
        findings.extend(unread.iter().filter_map(|version| self.left_conflict(version)));
        let read = self.read(looked_at, findings);
        findings.extend(kept::unknown(self.workspace, self.unit, looked_at, &past.missing));
        let carried = self.carried(&past);
        let mut told = Told { spans: HashSet::new(), findings };
        for level in &self.unit.levels {
            self.conflicts(*level, present, (&read, &carried), &mut told);
        }
        if let (Some(category), Some(newest)) = (opinion, read.last())
            && past.kept.last().is_some_and(|last| std::ptr::eq(last, newest.version))
        {
            let opinions = self.opinions(category, present, newest, references, &told.spans);
            told.findings.extend(opinions);
        }
    }

    /// A merge conflict that was left in a version at which no level looks.
    fn left_conflict(&self, version: &PastVersion<'w>) -> Option<Diagnostic> {
        let file = version.schema.file;
        let conflict = merge_conflict(file, &self.workspace.sources.file(file).text)?;
        // The marks may be a line of a comment.
        version.read(self.workspace).0.is_err().then(|| conflict.resource(&self.unit.address))
    }

    /// Versions, as far as they are schemas.
    fn read<'p>(&self, versions: &'p [PastVersion<'w>], findings: &mut Vec<Diagnostic>) -> Vec<Earlier<'p, 'w>> {
        let mut read = Vec::with_capacity(versions.len());
        for version in versions {
            let (schema, references) = version.read(self.workspace);
            match schema {
                Ok(schema) => read.push(Earlier { version, schema }),
                Err(error) => {
                    let text = &self.workspace.sources.file(version.schema.file).text;
                    let conflict = merge_conflict(version.schema.file, text).filter(|_| error.reference.is_none());
                    let invalid = || versions::invalid((version.number, version.schema), &error, &files_of(references));
                    findings.push(conflict.unwrap_or_else(invalid).resource(&self.unit.address));
                }
            }
        }
        read
    }

    /// The present text with earlier versions of what it refers to, where a level looks at one. Where it is no schema with
    /// such a version, it was written for a later one.
    fn carried<'p>(&self, past: &'p Past<'w>) -> Vec<Earlier<'p, 'w>> {
        if self.unit.levels.iter().all(|level| *level == Compatibility::None) {
            return Vec::new();
        }
        let is_transitive = self.unit.levels.iter().any(|level| level.is_transitive());
        let is_newest = |at: usize| past.carried.get(at + 1).is_none_or(|next| !next.is_of_same(&past.carried[at]));
        let looked_at = past.carried.iter().enumerate().filter(|(at, _)| is_transitive || is_newest(*at));
        let read = looked_at.filter_map(|(_, version)| {
            let schema = version.read(self.workspace).0.ok()?;
            Some(Earlier { version, schema })
        });
        read.collect()
    }

    fn conflicts(
        &self,
        level: Compatibility,
        present: &ParsedSchema,
        (kept, carried): (&[Earlier<'_, 'w>], &[Earlier<'_, 'w>]),
        told: &mut Told<'_>,
    ) {
        let first = self.earlier.len() - compared(level, self.earlier.len());
        let looked_at: HashSet<u32> = self.earlier[first..].iter().map(|version| version.number).collect();
        // Where the newest one could not be read, a level that looks at it alone must not look at the one before.
        let kept: Vec<&Earlier<'_, '_>> =
            kept.iter().filter(|earlier| looked_at.contains(&earlier.version.number)).collect();
        let schemas: Vec<&ParsedSchema> = kept.iter().map(|earlier| &earlier.schema).collect();
        let mut found: Vec<(&PastVersion<'_>, Direction, Vec<Incompatibility>)> = Vec::new();
        let mut effort = Effort::default();
        for (at, earlier) in carried.iter().enumerate().rev() {
            let is_newest = carried.get(at + 1).is_none_or(|next| !next.version.is_of_same(earlier.version));
            if level.is_transitive() || is_newest {
                let conflicts = conflicts_within(level, present, &[&earlier.schema], &mut effort).into_iter();
                found.extend(conflicts.map(|found| (earlier.version, found.direction, found.incompatibilities)));
            }
        }
        for Conflict { version, direction, incompatibilities } in
            conflicts_within(level, present, &schemas, &mut effort)
        {
            found.push((kept[version].version, direction, incompatibilities));
        }
        let mut broken: Vec<Broken<'_, '_>> = Vec::new();
        let mut known = HashMap::new();
        for (version, direction, incompatibilities) in found {
            let pair = self.unit.pair(version);
            for why in incompatibilities {
                told.spans.extend(pair.spans(direction, &why));
                let key = (direction == Direction::Backward, why.code, why.path.clone(), why.message.clone());
                let place = *known.entry(key).or_insert(broken.len());
                match broken.get_mut(place) {
                    // One version may hold the same against the present one several times.
                    Some(same) if !same.versions.last().is_some_and(|last| std::ptr::eq(*last, version)) => {
                        same.versions.push(version);
                    }
                    Some(_) => {}
                    None => broken.push(Broken { direction, versions: vec![version], why }),
                }
            }
        }
        for direction in [Direction::Backward, Direction::Forward] {
            let broken: Vec<&Broken<'_, '_>> = broken.iter().filter(|broken| broken.direction == direction).collect();
            told.findings.extend(broken.iter().take(MOST).map(|broken| self.incompatible(broken)));
            if let Some(more) = broken.get(MOST..).filter(|more| !more.is_empty()) {
                told.findings.push(self.more(direction, more));
            }
        }
    }

    /// What the registry lets pass in the change from the newest version, and BUS307 does not tell. Of a change in what it
    /// refers to, it is told where that is declared.
    fn opinions(
        &self,
        category: Category,
        present: &ParsedSchema,
        newest: &Earlier<'_, 'w>,
        references: &[ResolvedReference<'_>],
        told: &HashSet<Span>,
    ) -> Vec<Diagnostic> {
        let pair = self.unit.pair(newest.version);
        let change = format!("`{}`: v{} after v{}", self.unit.address.name, self.present(), newest.version.number);
        let with_present = (!newest.version.with.is_empty()).then(|| {
            let schema = newest.version.schema;
            parse_registered(schema.format, &self.workspace.sources.file(schema.file).text, references)
        });
        let before = match &with_present {
            Some(Ok(schema)) => schema,
            _ => &newest.schema,
        };
        // What each of the levels refuses is in `told`.
        let mut opinions = second_opinion(present, before, category, Compatibility::None);
        opinions.retain(|opinion| {
            let spans = pair.spans(Direction::Backward, &opinion.incompatibility);
            !spans.into_iter().any(|span| told.contains(&span))
        });
        let more = opinions.len().saturating_sub(MOST);
        let shown = opinions.iter().take(MOST).map(|opinion| {
            let (found, category) = (&opinion.incompatibility, opinion.category());
            let message = format!("{change}: {} ({}, {category}, at {})", found.message, found.code, found.path);
            let finding = pair.place_change(rule_of(opinion.kind()).finding(message), found);
            found.help.iter().cloned().fold(finding, Diagnostic::help).resource(&self.unit.address)
        });
        let mut findings: Vec<Diagnostic> = shown.collect();
        findings.extend(opinions.get(MOST).map(|next| {
            let finding = rule_of(next.kind()).finding(format!("{change}: and {more} more such changes"));
            self.cut(finding, &[newest.version], &format!(" --opinion {category}"))
        }));
        findings
    }

    /// A finding that stands for others, which a comparison with these versions tells.
    fn cut(&self, finding: Diagnostic, old: &[&PastVersion<'_>], options: &str) -> Diagnostic {
        let path = |file: FileId| self.workspace.sources.file(file).path.display().to_string();
        let present = self.unit.file.file;
        let files: Vec<String> = old.iter().map(|old| format!("--old {}", path(old.schema.file))).collect();
        let refers = |option: &str, files: &[(&str, FileId)]| -> String {
            files.iter().map(|(name, file)| format!(" --{option} {name}={}", path(*file))).collect()
        };
        let now = self.workspace.reference_files(self.unit.references);
        // Files of several versions are read with one text of each reference.
        let had = old.first().map(|old| old.read_with()).unwrap_or_default();
        let differ: Vec<(&str, FileId)> = had.into_iter().filter(|had| !now.contains(had)).collect();
        let references = refers("reference", &now) + &refers("old-reference", &differ);
        let command = format!("busctl schema check {} --new {}{references}{options}", files.join(" "), path(present));
        let finding = finding.at(Span::whole(present), "").resource(&self.unit.address);
        finding.help(format!("`{command}` lists all of them"))
    }

    /// What breaks, with every version that it holds against.
    fn incompatible(&self, broken: &Broken<'_, '_>) -> Diagnostic {
        let Broken { direction, versions, why } = broken;
        let who = self.who(*direction, versions);
        let finding = HISTORY.finding(format!("{who}: {} ({}, at {})", why.message, why.code, why.path));
        let finding = match versions.first() {
            Some(newest) if newest.schema == self.unit.file => self.through(finding, newest, *direction, why),
            Some(newest) => {
                let finding = self.unit.pair(newest).place(finding, *direction, why);
                let files = (&*self.workspace.reference_files(self.unit.references), &*self.read_with(newest));
                Pair::place_in_references(finding, *direction, why, files)
            }
            None => finding,
        };
        finding.help(self.way_out(broken)).resource(&self.unit.address)
    }

    /// Adds the places of what breaks where the text stayed and what it refers to changed.
    fn through(
        &self,
        finding: Diagnostic,
        version: &PastVersion<'_>,
        direction: Direction,
        why: &Incompatibility,
    ) -> Diagnostic {
        let spans = self.unit.pair(version).spans(direction, why);
        let here = spans.first().copied().unwrap_or(Span::whole(self.unit.file.file));
        let mut finding = finding.at(here, "");
        let files = (&*self.workspace.reference_files(self.unit.references), &*self.read_with(version));
        let [now, had] = Pair::in_references(direction, why, files);
        let number = |file: FileId| {
            let had = version.references.iter().find(|had| had.file == file)?;
            version.with.iter().find(|(subject, _)| *subject == had.subject)
        };
        if let (Some((_, now)), Some((_, had))) = (now, had)
            && let Some((subject, number)) = number(had.file)
        {
            let finding = finding.at(now, format!("it refers to `{subject}`, which has this now"));
            return finding.at(had, format!("and had this in v{number}"));
        }
        for (subject, number) in &version.with {
            let now = self.workspace.schema_of_subject(subject).map(|(now, _)| now.file);
            let had = version.references.iter().find(|had| had.subject == *subject).map(|had| had.file);
            if let (Some(now), Some(had)) = (now, had) {
                finding = finding.at(Span::whole(now), format!("it refers to `{subject}`, which is this now"));
                finding = finding.at(Span::whole(had), format!("and was this in v{number}"));
            }
        }
        finding
    }

    /// The files of what a version was read with, by its names for them.
    fn read_with<'v>(&self, version: &'v PastVersion<'w>) -> Vec<(&'v str, FileId)> {
        match version.is_known() {
            true => version.read_with(),
            false => files_of(version.read(self.workspace).1),
        }
    }

    /// A finding for what breaks besides.
    fn more(&self, direction: Direction, more: &[&Broken<'_, '_>]) -> Diagnostic {
        let mut versions: Vec<&PastVersion<'_>> =
            more.iter().flat_map(|broken| broken.versions.iter().copied()).collect();
        versions.sort_by_key(|version| version.number);
        versions.dedup_by(|a, b| std::ptr::eq(*a, *b));
        let level = match (direction, versions.len()) {
            (Direction::Backward, 1) => "",
            (Direction::Backward, _) => " --level backward_transitive",
            (Direction::Forward, 1) => " --level forward",
            (Direction::Forward, _) => " --level forward_transitive",
        };
        let old = versions.clone();
        versions.reverse();
        let who = self.who(direction, &versions);
        self.cut(HISTORY.finding(format!("{who}: and {} more incompatibilities", more.len())), &old, level)
    }

    /// Whose schema it is, and who cannot read it; the newest version comes first.
    fn who(&self, direction: Direction, versions: &[&PastVersion<'_>]) -> String {
        let names: Vec<String> = versions.iter().map(|version| version.name()).collect();
        let who = cannot_read(direction, &format!("v{}", self.present()), &versions_in_words(&names));
        format!("`{}`: {who}", self.unit.address.name)
    }

    /// The number of the present schema.
    fn present(&self) -> u32 {
        self.earlier.last().map_or(1, |newest| newest.number.saturating_add(1))
    }

    fn way_out(&self, Broken { direction, versions, why }: &Broken<'_, '_>) -> String {
        // What broke is another schema, which is what can be mended.
        let carried = versions.first().filter(|newest| newest.schema == self.unit.file);
        if let Some((subject, number)) = carried.and_then(|newest| newest.with.last()) {
            let help = why.help.as_deref().map_or_else(String::new, |help| format!(" ({help})"));
            let is_direct = self.unit.references.iter().any(|to| to.subject.value == **subject);
            let stay =
                if is_direct { format!("; or write `version: {number}` to the reference") } else { String::new() };
            return format!("mend `{subject}`{help}{stay}; or make another subject for what has to differ");
        }
        let newest = self.earlier.last().map_or(1, |newest| newest.number);
        // The present file is copied to the new topic, and the old topic keeps what its consumers read.
        let major = self.unit.topic.map(|topic| format!("`busctl new version {topic}`, then put v{newest} back here"));
        let other = match &major {
            Some(major) => format!("make a new major version of the topic: {major}"),
            None => "make another subject for what has to differ".to_owned(),
        };
        way_out(*direction, why.help.as_deref(), "an earlier version", (major.as_deref(), &other))
    }
}
