//! A schema with its versions and its fields.

use comfy_table::{ContentArrangement, Table, presets};
use serde::{Deserialize, Serialize};

use super::json::to_json;
use super::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use super::schema_diff::ShownWith;
use super::show::ShownOrigin;
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::schema::{SchemaField, SchemaFormat};

/// Longer values are cut in the text form.
const LONGEST: usize = 80;

/// Longer names and paths are cut in the middle in the text form, whose columns are as wide as the widest.
const LONGEST_NAME: usize = 200;

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownSchema {
    /// The version of this document: 1.
    pub format_version: u32,
    /// What it was asked for by.
    pub name: String,
    /// The subject that it is registered under; `None` for a file by itself.
    pub subject: Option<String>,
    /// Its format: `AVRO`, `JSON`, `PROTOBUF`.
    pub format: SchemaFormat,
    /// The full name of its record, title or first message.
    pub record: Option<String>,
    /// The file of the version that is shown.
    pub file: String,
    /// The number of that version.
    pub version: Option<u32>,
    /// The level that a new version must keep.
    pub compatibility: Option<ShownLevel>,
    /// What it refers to.
    pub references: Vec<ShownReference>,
    /// Every version in Git, the oldest first.
    pub versions: Vec<ShownStep>,
    /// The fields of the version that is shown.
    pub fields: Vec<ShownField>,
}

/// A compatibility level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownLevel {
    /// As the registry has it: `BACKWARD`.
    pub level: String,
    /// Where it comes from.
    pub origin: ShownOrigin,
}

/// A reference to another subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownReference {
    /// How the schema names it.
    pub name: String,
    /// The subject.
    pub subject: String,
    /// Its version: a number or `latest`.
    pub version: String,
}

/// A version in Git.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownStep {
    /// Its number.
    pub version: u32,
    /// Its file.
    pub file: String,
    /// The earlier versions of other subjects that it refers to, where the present version refers to later ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<ShownWith>,
    /// What changed since the version before it, in a line; `None` for the first one.
    pub summary: Option<String>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownField {
    /// Where it is: `address.street`. Empty for a schema that is no record.
    pub path: String,
    /// Its type.
    #[serde(rename = "type")]
    pub field_type: String,
    /// Its default as JSON.
    pub default: Option<String>,
    /// What it means.
    pub doc: Option<String>,
    /// Whether records must have it.
    pub required: bool,
}

impl From<SchemaField> for ShownField {
    fn from(field: SchemaField) -> Self {
        let SchemaField { path, field_type, default, doc, required, .. } = field;
        Self { path, field_type, default, doc, required }
    }
}

impl ShownSchema {
    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let Some(subject) = &self.subject {
            facts.push(("subject", subject.clone()));
        }
        facts.push(("format", self.format.to_string()));
        if let Some(record) = &self.record {
            facts.push(("record", record.clone()));
        }
        facts.push(match self.version {
            Some(number) => ("file", format!("{} (v{number})", self.file)),
            None => ("file", self.file.clone()),
        });
        if let Some(level) = &self.compatibility {
            facts.push(("compatibility", format!("{}, {}", level.level, level.origin.in_words())));
        }
        for reference in &self.references {
            facts.push(("reference", format!("{}: {} {}", reference.name, reference.subject, reference.version)));
        }
        facts
    }
}

impl View for ShownSchema {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = format!("{}\n\n", paint.bold(&named(&self.name)));
        let mut facts = table();
        for (name, value) in self.facts() {
            facts.add_row([name.to_owned(), named(&value)]);
        }
        out.push_str(&format!("{}\n", facts.trim_fmt()));
        if self.versions.len() > 1 {
            let mut versions = table();
            for step in &self.versions {
                versions.add_row([
                    format!("v{}{}", step.version, ShownWith::in_words(&step.with)),
                    named(&step.file),
                    named(step.summary.as_deref().unwrap_or_default()),
                ]);
            }
            out.push_str(&format!("\n{}\n{}\n", paint.bold("versions"), versions.trim_fmt()));
        }
        let mut fields = table();
        for field in &self.fields {
            let default = match (&field.default, field.required) {
                (Some(default), _) => format!("= {default}"),
                (None, true) => "required".to_owned(),
                (None, false) => String::new(),
            };
            let shown = |text: &str| plain::clipped(text, LONGEST).into_owned();
            let doc = shown(field.doc.as_deref().unwrap_or_default());
            fields.add_row([named(&field.path), shown(&field.field_type), shown(&default), doc]);
        }
        out.push_str(&format!("\n{}\n{}\n", paint.bold("fields"), fields.trim_fmt()));
        out
    }

    /// The document itself; `docs/schemas/schema-show.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self)
    }

    fn markdown(&self) -> String {
        let mut out = Bounded::new(COMMENT_LIMIT);
        let reserve = 100;
        out.push(&format!("### {}\n", code(&self.name)), reserve);
        let facts = self.facts().into_iter().map(|(name, value)| format!("| {name} | {} |\n", code(&value)));
        let mut left_out = out.section("\n| | |\n| --- | --- |\n", facts, "", reserve);
        if self.versions.len() > 1 {
            let rows = self.versions.iter().map(|step| {
                let summary = prose(step.summary.as_deref().unwrap_or_default());
                let with = prose(&ShownWith::in_words(&step.with));
                format!("| v{}{with} | {} | {summary} |\n", step.version, code(&step.file))
            });
            left_out += out.section("\n| Version | File | Change |\n| --- | --- | --- |\n", rows, "", reserve);
        }
        let rows = self.fields.iter().map(|field| {
            let default = field.default.as_deref().map(code).unwrap_or_default();
            let doc = prose(field.doc.as_deref().unwrap_or_default());
            format!("| {} | {} | {default} | {doc} |\n", code(&field.path), code(&field.field_type))
        });
        left_out +=
            out.section("\n| Field | Type | Default | Meaning |\n| --- | --- | --- | --- |\n", rows, "", reserve);
        if left_out > 0 {
            out.push(&format!("\n{} left out here\n", counted(left_out, "line")), 0);
        }
        out.finish()
    }
}

/// A name, path or summary in a column.
fn named(text: &str) -> String {
    plain::line(&plain::elided(text, LONGEST_NAME)).into_owned()
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // A place that is broken over two lines can neither be read nor clicked.
    table.set_content_arrangement(ContentArrangement::Disabled);
    table
}
