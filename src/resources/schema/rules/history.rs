use std::collections::HashSet;
use std::path::Path;

use super::opinion::rule_of;
use super::unit::Unit;
use super::versions;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::{Pair, SchemaVersion, cannot_read};
use crate::schema::{
    Category, Compatibility, Conflict, Direction, Incompatibility, ParsedSchema, ResolvedReference, compared,
    conflicts, parse_registered, second_opinion,
};
use crate::source::{FileId, Span};

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
change that has to break them is a new major version, a topic of its own: `busctl new version TOPIC`.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        EARLIER,
        (
            FILE,
            Text(
                r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [
    { "name": "asset_id", "type": "string", "doc": "The asset's id." },
    { "name": "size", "type": "long", "doc": "Its bytes." }
  ]
}
"#,
            ),
        ),
    ]),
    good: Example(&[
        EARLIER,
        (
            FILE,
            Text(
                r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [
    { "name": "asset_id", "type": "string", "doc": "The asset's id." },
    { "name": "size", "type": "long", "default": -1, "doc": "Its bytes; -1 where nobody counted them." }
  ]
}
"#,
            ),
        ),
    ]),
    check: Check::With("BUS301"),
};

/// Incompatibilities of two versions that are shown.
const MOST: usize = 5;

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
                Err(error) => findings.push(versions::invalid(version, &error).resource(&self.unit.address)),
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
        for conflict in conflicts(level, present, &schemas) {
            let version = read[conflict.version].version;
            let pair = Pair { new: self.unit.file.file, old: version.schema.file };
            told.extend(conflict.incompatibilities.iter().flat_map(|found| pair.spans(conflict.direction, found)));
            findings.extend(self.conflict(version, &conflict));
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
        let change = format!("v{} after v{}", self.present(), newest.version.number);
        let mut opinions = second_opinion(present, &newest.schema, category);
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
            self.cut(finding, pair, &format!(" --opinion {category}"))
        }));
        findings
    }

    /// A finding that stands for others.
    fn cut(&self, finding: Diagnostic, pair: Pair, options: &str) -> Diagnostic {
        let path = |file: FileId| self.workspace.sources.file(file).path.display();
        let command = format!("busctl schema check --old {} --new {}{options}", path(pair.old), path(pair.new));
        let finding = finding.at(Span::whole(pair.new), "").resource(&self.unit.address);
        finding.help(format!("`{command}` lists all of them"))
    }

    /// The findings of one earlier version and one direction.
    fn conflict(&self, version: SchemaVersion, conflict: &Conflict) -> Vec<Diagnostic> {
        let (new, old) = (format!("v{}", self.present()), format!("v{}", version.number));
        let who = cannot_read(conflict.direction, &new, &old);
        let pair = Pair { new: self.unit.file.file, old: version.schema.file };
        let shown = conflict.incompatibilities.iter().take(MOST);
        let mut findings: Vec<Diagnostic> = shown
            .map(|found| {
                let finding = HISTORY.finding(format!("{who}: {} ({}, at {})", found.message, found.code, found.path));
                pair.place(finding, conflict.direction, found).help(self.way_out(found)).resource(&self.unit.address)
            })
            .collect();
        let more = conflict.incompatibilities.len().saturating_sub(MOST);
        if more > 0 {
            let finding = HISTORY.finding(format!("{who}: and {more} more incompatibilities"));
            let level = match conflict.direction {
                Direction::Backward => "",
                Direction::Forward => " --level forward",
            };
            findings.push(self.cut(finding, pair, level));
        }
        findings
    }

    /// The number of the present schema.
    fn present(&self) -> u32 {
        self.earlier.last().map_or(1, |newest| newest.number.saturating_add(1))
    }

    fn way_out(&self, found: &Incompatibility) -> String {
        let major = self.unit.topic.map(|topic| format!("make a new major version: `busctl new version {topic}`"));
        match (&found.help, major) {
            (Some(own), Some(major)) => format!("{own}, or {major}"),
            (Some(own), None) => own.clone(),
            (None, Some(major)) => major,
            (None, None) => "make another subject for what has to differ".to_owned(),
        }
    }
}
