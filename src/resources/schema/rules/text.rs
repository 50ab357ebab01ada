use std::collections::HashSet;

use rayon::prelude::*;

use crate::diag::{Diagnostic, Level};
use crate::model::Address;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::SchemaFile;
use crate::resources::topic::ReferenceSpec;
use crate::schema::{SchemaError, SchemaField, parse, undocumented};
use crate::source::Span;

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

/// A schema file with what it refers to.
struct Unit<'w> {
    file: SchemaFile,
    references: &'w [ReferenceSpec],
    address: Address,
    /// Where a manifest asks for it.
    span: Span,
}

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let units = units(workspace);
    findings.par_extend(units.par_iter().flat_map_iter(|unit| check_unit(workspace, unit)));
}

/// Every schema file that is used, once.
fn units(workspace: &Workspace) -> Vec<Unit<'_>> {
    let mut seen = HashSet::new();
    let mut units = Vec::with_capacity(workspace.topics.len());
    for (subject, spec) in &workspace.subjects {
        let path = spec.schema_path(workspace).filter(|_| spec.is_present());
        let file = path.and_then(|path| workspace.schemas.get(&path)).filter(|file| seen.insert(file.file));
        units.extend(file.map(|file| Unit {
            file,
            references: &spec.references,
            address: Address::schema(subject),
            span: spec.schema.as_ref().map_or(spec.subject.span, |schema| schema.span),
        }));
    }
    for topic in workspace.topics.values().filter(|topic| topic.is_present()) {
        let references = topic.schema.as_ref().map_or(&[][..], |schema| schema.references.as_slice());
        for schema in workspace.schemas_of(topic) {
            let file = schema.file.filter(|file| seen.insert(file.file));
            units.extend(file.map(|file| Unit {
                file,
                references,
                address: Address::topic(&topic.topic.value),
                span: schema.span,
            }));
        }
    }
    units
}

fn check_unit(workspace: &Workspace, unit: &Unit<'_>) -> Option<Diagnostic> {
    if !super::reference::is_complete(workspace, unit.references) {
        return None;
    }
    let source = workspace.sources.file(unit.file.file);
    let references = workspace.resolve_references(unit.references);
    match parse(unit.file.format, &source.text, &references) {
        Ok(schema) => undocumented_fields(unit, &undocumented(&schema)),
        // The text of a reference is checked where it is declared.
        Err(SchemaError { reference: Some(_), .. }) => None,
        Err(error) => {
            let place = error
                .range
                .map_or(Span::whole(unit.file.file), |range| Span::new(unit.file.file, range.start, range.end));
            let finding = SCHEMA_TEXT
                .finding(format!("not a valid {} schema: {}", unit.file.format, error.message))
                .at(place, "")
                .at(unit.span, "asked for here")
                .resource(&unit.address);
            Some(match error.help {
                Some(help) => finding.help(help),
                None => finding,
            })
        }
    }
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
