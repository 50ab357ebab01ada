use std::path::Path;

use super::unit::Unit;
use super::versions;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::{Pair, SchemaVersion, cannot_read};
use crate::schema::{
    Compatibility, Conflict, Incompatibility, ParsedSchema, ResolvedReference, compared, conflicts, parse_registered,
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
        let looked_at = self.unit.levels.iter().map(|level| compared(*level, self.earlier.len())).max();
        let read = self.read(looked_at.unwrap_or_default(), references, findings);
        for level in &self.unit.levels {
            findings.extend(self.conflicts(*level, present, &read));
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

    fn conflicts(&self, level: Compatibility, present: &ParsedSchema, read: &[Earlier]) -> Vec<Diagnostic> {
        let looked_at = &self.earlier[self.earlier.len() - compared(level, self.earlier.len())..];
        // Where the newest one could not be read, a level that looks at it alone must not look at the one before.
        let read: Vec<&Earlier> = read.iter().filter(|earlier| looked_at.contains(&earlier.version)).collect();
        let schemas: Vec<&ParsedSchema> = read.iter().map(|earlier| &earlier.schema).collect();
        let found = conflicts(level, present, &schemas);
        found.iter().flat_map(|conflict| self.conflict(read[conflict.version].version, conflict)).collect()
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
            let path = |file: FileId| self.workspace.sources.file(file).path.display().to_string();
            findings.push(
                HISTORY
                    .finding(format!("{who}: and {more} more incompatibilities"))
                    .at(Span::whole(pair.new), "")
                    .help(format!(
                        "`busctl schema check --old {} --new {}` lists all of them",
                        path(pair.old),
                        path(pair.new)
                    ))
                    .resource(&self.unit.address),
            );
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
