use std::collections::HashSet;

use rayon::prelude::*;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::place_error;
use crate::schema::{ParsedSchema, SchemaError, SchemaField, SchemaFormat, looks_like, parse, undocumented};
use crate::source::{FileId, Span, merge_conflict};

use super::history::History;
use super::major::{self, majors};
use super::unit::{Unit, Units};
use super::versions;

const FILE: &str = "schemas/media/media.raw_ingest.v1.avsc";

/// BUS301.
pub static SCHEMA_TEXT: Rule = Rule {
    code: "BUS301",
    name: "schema-parses",
    summary: "A schema is valid in its format",
    explanation: "The file's extension says the format: `.avsc` Avro, `.json` JSON Schema, `.proto` Protobuf. A schema that \
is not valid would be refused by the registry when it is applied, or taken and refused by every client. Types of other \
subjects are known where `references` names them.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        FILE,
        Text(
            r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "strng", "doc": "The asset's id." }]
}
"#,
        ),
    )]),
    good: Example(&[(
        FILE,
        Text(
            r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The asset's id." }]
}
"#,
        ),
    )]),
    check: Check::Workspace(check),
};

/// BUS303.
pub static FIELD_DOCS: Rule = Rule {
    code: "BUS303",
    name: "field-docs",
    summary: "Every field of a schema says what it means",
    explanation: "A field's name and type do not say its unit, whether an empty text means unknown, or which of two times \
it is. The docs are the field tables of the event catalog: `doc` in Avro, `description` in JSON Schema, the comment above a \
field in Protobuf.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        FILE,
        Text(
            r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "received", "type": "long" }]
}
"#,
        ),
    )]),
    good: Example(&[(
        FILE,
        Text(
            r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "received", "type": "long", "doc": "When the last byte arrived, in Unix milliseconds." }]
}
"#,
        ),
    )]),
    check: Check::With("BUS301"),
};

/// Fields that one finding shows.
const MOST_FIELDS: usize = 3;

/// One pass over the schemas that are used does what their text, their docs and their history need: each is parsed once.
fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    versions::check_strays(workspace, findings);
    versions::check_manifests(workspace, findings);
    let units = Units::of(workspace);
    let majors = majors(workspace, &units);
    let kept: HashSet<usize> = majors.iter().flat_map(|majors| [majors.new, majors.old]).collect();
    let checked: Vec<Checked> = units
        .list
        .par_iter()
        .enumerate()
        .map(|(place, unit)| check_unit(workspace, unit, kept.contains(&place)))
        .collect();
    findings.par_extend(majors.par_iter().filter_map(|majors| {
        let schema = |place: usize| checked[place].schema.as_ref();
        major::compare(majors, &units.list, (schema(majors.new)?, schema(majors.old)?))
    }));
    findings.extend(checked.into_iter().flat_map(|checked| checked.findings));
}

/// What was found of a schema.
struct Checked {
    findings: Vec<Diagnostic>,
    /// The schema, where it is compared with others, and is one.
    schema: Option<ParsedSchema>,
}

fn check_unit(workspace: &Workspace, unit: &Unit<'_>, is_kept: bool) -> Checked {
    let history = History::of(workspace, unit);
    let mut findings = history.misnamed();
    if !super::reference::is_complete(workspace, unit.references) {
        return Checked { findings, schema: None };
    }
    let source = workspace.sources.file(unit.file.file);
    let references = workspace.resolve_references(unit.references);
    let schema = match parse(unit.file.format, &source.text, &references) {
        Ok(schema) => {
            findings.extend(undocumented_fields(unit, &undocumented(&schema)));
            findings.extend(super::names::look(unit, &schema, &source.text));
            history.compare(&schema, &references, &mut findings);
            is_kept.then_some(schema)
        }
        // The text of a reference is checked where it is declared. What is wrong with it only here is wrong with this schema.
        Err(SchemaError { reference: Some(name), .. }) if !is_good_alone(workspace, unit, &name) => None,
        Err(error @ SchemaError { reference: Some(_), .. }) => {
            let message = format!("not a valid {}: {}", unit.file.format.schema(), error.told());
            let files = workspace.reference_files(unit.references);
            let finding = place_error(SCHEMA_TEXT.finding(message), unit.file.file, &error, &files);
            let finding = finding.at(unit.span, "asked for here").resource(&unit.address);
            findings.push(error.help.into_iter().fold(finding, Diagnostic::help));
            None
        }
        Err(_) if let Some(conflict) = merge_conflict(unit.file.file, &source.text) => {
            findings.push(conflict.resource(&unit.address));
            None
        }
        Err(error) => {
            let place = place_of(unit.file.file, &error);
            let finding = SCHEMA_TEXT
                .finding(format!("not a valid {}: {}", unit.file.format.schema(), error.message))
                .at(place, "")
                .at(unit.span, "asked for here")
                .resource(&unit.address);
            let other = looks_like(&source.text).filter(|other| *other != unit.file.format && error.missing.is_none());
            let decides = other.map(|other| {
                let extension = SchemaFormat::EXTENSIONS.iter().find(|(_, format)| *format == other);
                let extension = extension.map_or_else(String::new, |(extension, _)| format!(": name it .{extension}"));
                format!("this looks like {other}, and the extension of the file decides{extension}")
            });
            findings.push(decides.or(error.help).into_iter().fold(finding, Diagnostic::help));
            None
        }
    };
    Checked { findings, schema }
}

/// Whether what a schema refers to by a name is a schema where nothing else is referred to.
fn is_good_alone(workspace: &Workspace, unit: &Unit<'_>, name: &str) -> bool {
    let referred = workspace.referred(unit.references);
    let Some(referred) = referred.iter().find(|referred| referred.name == name) else { return false };
    let Some((declared, further)) = workspace.schema_of_subject(referred.subject) else { return false };
    let text = &workspace.sources.file(referred.file).text;
    declared.format == unit.file.format && parse(declared.format, text, &workspace.resolve_references(further)).is_ok()
}

/// Where an error stands in its file.
pub(super) fn place_of(file: FileId, error: &SchemaError) -> Span {
    error.range.as_ref().map_or(Span::whole(file), |range| Span::new(file, range.start, range.end))
}

fn undocumented_fields(unit: &Unit<'_>, fields: &[SchemaField]) -> Option<Diagnostic> {
    let first = fields.first()?;
    let message = match fields {
        [_] => format!("the field `{}` has no doc", first.path),
        [_, others @ ..] => format!("the field `{}` and {} more have no doc", first.path, others.len()),
        [] => return None,
    };
    let mut finding = FIELD_DOCS.finding(message).resource(&unit.address);
    for field in fields.iter().take(MOST_FIELDS) {
        let span = field
            .range
            .clone()
            .map_or(Span::whole(unit.file.file), |range| Span::new(unit.file.file, range.start, range.end));
        finding = finding.at(span, "");
    }
    Some(finding.help("say what each means: its unit, and what it is where nothing is known"))
}
