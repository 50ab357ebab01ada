use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::opinion::rule_of;
use super::unit::Unit;
use super::versions;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::{Pair, SchemaVersion, cannot_read, versions_in_words, way_out};
use crate::schema::{
    Category, Compatibility, Conflict, Direction, Incompatibility, ParsedSchema, ResolvedReference, compared,
    conflicts, parse_registered, second_opinion,
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
is what the registry would refuse, or what it would take where its level is another one and consumers would then fail on. A \
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
struct Broken {
    /// Who cannot read.
    direction: Direction,
    /// The versions that it holds against, the newest first.
    versions: Vec<SchemaVersion>,
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
struct Earlier {
    version: SchemaVersion,
    schema: ParsedSchema,
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
        let opinion = self.unit.category.filter(|_| !self.earlier.is_empty());
        let looked_at = self.unit.levels.iter().map(|level| compared(*level, self.earlier.len())).max();
        let looked_at = looked_at.unwrap_or_default().max(usize::from(opinion.is_some()));
        let read = self.read(looked_at, references, findings);
        let mut told = HashSet::new();
        for level in &self.unit.levels {
            self.conflicts(*level, present, &read, (&mut told, findings));
        }
        if let (Some(category), Some(newest)) = (opinion, read.last())
            && self.earlier.last() == Some(&newest.version)
        {
            findings.extend(self.opinions(category, present, newest, &told));
        }
    }

    /// The newest versions, as far as they are schemas.
    fn read(&self, count: usize, references: &[ResolvedReference<'_>], findings: &mut Vec<Diagnostic>) -> Vec<Earlier> {
        let mut read = Vec::with_capacity(count);
        for version in &self.earlier[self.earlier.len() - count..] {
            let format = version.schema.format;
            let text = &self.workspace.sources.file(version.schema.file).text;
            // What a schema of another format referred to is not known any more.
            let references = if format == self.unit.file.format { references } else { &[] };
            match parse_registered(format, text, references) {
                Ok(schema) => read.push(Earlier { version: *version, schema }),
                Err(error) => {
                    let files = || self.workspace.reference_files(self.unit.references);
                    let conflict = merge_conflict(version.schema.file, text).filter(|_| error.reference.is_none());
                    let finding = conflict.unwrap_or_else(|| versions::invalid(version, &error, &files()));
                    findings.push(finding.resource(&self.unit.address));
                }
            }
        }
        read
    }

    fn conflicts(
        &self,
        level: Compatibility,
        present: &ParsedSchema,
        read: &[Earlier],
        (told, findings): (&mut HashSet<Span>, &mut Vec<Diagnostic>),
    ) {
        let looked_at = &self.earlier[self.earlier.len() - compared(level, self.earlier.len())..];
        // Where the newest one could not be read, a level that looks at it alone must not look at the one before.
        let read: Vec<&Earlier> = read.iter().filter(|earlier| looked_at.contains(&earlier.version)).collect();
        let schemas: Vec<&ParsedSchema> = read.iter().map(|earlier| &earlier.schema).collect();
        let mut broken: Vec<Broken> = Vec::new();
        let mut known = HashMap::new();
        for Conflict { version, direction, incompatibilities } in conflicts(level, present, &schemas) {
            let version = read[version].version;
            let pair = self.pair(version);
            for why in incompatibilities {
                told.extend(pair.spans(direction, &why));
                let key = (direction == Direction::Backward, why.code, why.path.clone(), why.message.clone());
                let place = *known.entry(key).or_insert(broken.len());
                match broken.get_mut(place) {
                    // One version may hold the same against the present one several times.
                    Some(same) if same.versions.last() != Some(&version) => same.versions.push(version),
                    Some(_) => {}
                    None => broken.push(Broken { direction, versions: vec![version], why }),
                }
            }
        }
        for direction in [Direction::Backward, Direction::Forward] {
            let broken: Vec<&Broken> = broken.iter().filter(|broken| broken.direction == direction).collect();
            findings.extend(broken.iter().take(MOST).map(|broken| self.incompatible(broken)));
            if let Some(more) = broken.get(MOST..).filter(|more| !more.is_empty()) {
                findings.push(self.more(direction, more));
            }
        }
    }

    /// What the registry lets pass in the change from the newest version, and BUS307 does not tell.
    fn opinions(
        &self,
        category: Category,
        present: &ParsedSchema,
        newest: &Earlier,
        told: &HashSet<Span>,
    ) -> Vec<Diagnostic> {
        let pair = Pair { new: self.unit.file.file, old: newest.version.schema.file };
        let change = format!("`{}`: v{} after v{}", self.unit.address.name, self.present(), newest.version.number);
        // What each of the levels refuses is in `told`.
        let mut opinions = second_opinion(present, &newest.schema, category, Compatibility::None);
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
            self.cut(finding, &[pair.old], &format!(" --opinion {category}"))
        }));
        findings
    }

    /// A finding that stands for others, which a comparison with these files tells.
    fn cut(&self, finding: Diagnostic, old: &[FileId], options: &str) -> Diagnostic {
        let path = |file: FileId| self.workspace.sources.file(file).path.display().to_string();
        let present = self.unit.file.file;
        let old: Vec<String> = old.iter().map(|file| format!("--old {}", path(*file))).collect();
        let command = format!("busctl schema check {} --new {}{options}", old.join(" "), path(present));
        let finding = finding.at(Span::whole(present), "").resource(&self.unit.address);
        finding.help(format!("`{command}` lists all of them"))
    }

    /// What breaks, with every version that it holds against.
    fn incompatible(&self, broken: &Broken) -> Diagnostic {
        let Broken { direction, versions, why } = broken;
        let who = self.who(*direction, versions);
        let finding = HISTORY.finding(format!("{who}: {} ({}, at {})", why.message, why.code, why.path));
        let finding =
            versions.first().map_or(finding.clone(), |newest| self.pair(*newest).place(finding, *direction, why));
        finding.help(self.way_out(broken)).resource(&self.unit.address)
    }

    /// A finding for what breaks besides.
    fn more(&self, direction: Direction, more: &[&Broken]) -> Diagnostic {
        let mut versions: Vec<SchemaVersion> = more.iter().flat_map(|broken| &broken.versions).copied().collect();
        versions.sort_unstable_by_key(|version| version.number);
        versions.dedup();
        let level = match (direction, versions.len()) {
            (Direction::Backward, 1) => "",
            (Direction::Backward, _) => " --level backward_transitive",
            (Direction::Forward, 1) => " --level forward",
            (Direction::Forward, _) => " --level forward_transitive",
        };
        let old: Vec<FileId> = versions.iter().map(|version| version.schema.file).collect();
        versions.reverse();
        let who = self.who(direction, &versions);
        self.cut(HISTORY.finding(format!("{who}: and {} more incompatibilities", more.len())), &old, level)
    }

    fn pair(&self, version: SchemaVersion) -> Pair {
        Pair { new: self.unit.file.file, old: version.schema.file }
    }

    /// Whose schema it is, and who cannot read it; the newest version comes first.
    fn who(&self, direction: Direction, versions: &[SchemaVersion]) -> String {
        let numbers: Vec<u32> = versions.iter().map(|version| version.number).collect();
        let who = cannot_read(direction, &format!("v{}", self.present()), &versions_in_words(&numbers));
        format!("`{}`: {who}", self.unit.address.name)
    }

    /// The number of the present schema.
    fn present(&self) -> u32 {
        self.earlier.last().map_or(1, |newest| newest.number.saturating_add(1))
    }

    fn way_out(&self, Broken { direction, why, .. }: &Broken) -> String {
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
