//! What was changed on a cluster, by whom, and what became of it.

use comfy_table::{ContentArrangement, Table, presets};

use super::json::to_json;
use super::markdown::{code, prose};
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::apply::{Audit, AuditEntry, AuditStatus};
use crate::plan::{Action, FieldChange, FieldValue};

/// The part of an error that a line of the table has.
const MOST_OF_AN_ERROR: usize = 80;

/// The record of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct AuditView<'a> {
    /// The record.
    pub audit: &'a Audit,
    /// Whether to show the fields of each change, and the whole of each error.
    pub verbose: bool,
}

impl View for AuditView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        if !self.audit.entries.is_empty() {
            let rows = self.table();
            if self.verbose {
                for (row, entry) in rows.lines().zip(&self.audit.entries) {
                    out.push_str(&format!("{row}\n{}", details(entry)));
                }
            } else {
                out.push_str(&format!("{rows}\n"));
            }
            out.push('\n');
        }
        out.push_str(&paint.bold(&plain::line(&summary(self.audit))));
        out.push('\n');
        if self.audit.entries.iter().any(|entry| entry.status == AuditStatus::Unknown) {
            out.push_str("What is unknown was begun by an apply that was interrupted; the next apply finds out.\n");
        }
        out
    }

    /// The document itself; `docs/schemas/audit.schema.json` describes it.
    fn json(&self) -> String {
        to_json(&self.audit.for_readers())
    }

    fn markdown(&self) -> String {
        let mut out = format!("### Changes of {}\n\n", code(&self.audit.cluster));
        if !self.audit.entries.is_empty() {
            out.push_str("| Time | Who | | Resource | Outcome | Apply |\n| --- | --- | --- | --- | --- | --- |\n");
            for entry in &self.audit.entries {
                out.push_str(&format!(
                    "| {} | {} | {} | {} | {} | {} |\n",
                    entry.time,
                    prose(&entry.origin.who),
                    action(entry),
                    code(&entry.address.to_string()),
                    prose(&outcome(entry, usize::MAX)),
                    code(&entry.apply_id),
                ));
            }
            out.push('\n');
        }
        out.push_str(&prose(&summary(self.audit)));
        out.push('\n');
        out
    }
}

impl AuditView<'_> {
    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        // One line an entry, so that it can be searched; an address that is broken over two could not be copied.
        table.set_content_arrangement(ContentArrangement::Disabled);
        for entry in &self.audit.entries {
            let cells = [
                entry.time.to_string(),
                format!("{}@{}", entry.origin.who, entry.origin.host),
                action(entry).to_owned(),
                entry.address.to_string(),
                outcome(entry, MOST_OF_AN_ERROR),
                entry.apply_id.clone(),
            ];
            table.add_row(cells.map(|cell| plain::line(&cell).into_owned()));
        }
        table.trim_fmt()
    }
}

fn action(entry: &AuditEntry) -> &'static str {
    if entry.unmasked.is_some() { "unmask" } else { entry.action.map_or("", Action::as_str) }
}

fn outcome(entry: &AuditEntry, most: usize) -> String {
    let word = match entry.status {
        AuditStatus::Unknown => return "unknown: interrupted".into(),
        AuditStatus::UnderWay => return "under way, or interrupted".into(),
        AuditStatus::NotTried => "not tried",
        AuditStatus::NotDone => "not done",
        status => status.as_str(),
    };
    match (&entry.error, &entry.resolved_by) {
        (Some(failure), _) => format!("{word}: {}", plain::clipped(&failure.answer, most)),
        (None, Some(by)) => format!("{word}, as apply {by} found"),
        (None, None) => word.into(),
    }
}

/// The fields, and what an error says beyond its answer.
fn details(entry: &AuditEntry) -> String {
    let mut lines: Vec<String> = entry.fields.iter().map(field).collect();
    if let Some(unmasked) = &entry.unmasked {
        lines.push(format!(
            "personal data was shown of {}: {}",
            counted(unmasked.count as usize, "record"),
            unmasked.records.join(", ")
        ));
        lines.extend((!unmasked.filter.is_empty()).then(|| format!("chosen by {}", unmasked.filter.join(" "))));
        lines.extend(unmasked.reason.as_ref().map(|reason| format!("because: {reason}")));
    }
    let commit = entry.origin.commit.as_deref().map(|commit| {
        let dirty = if entry.origin.dirty { ", with changes that were not committed" } else { "" };
        format!("from commit {commit}{dirty}")
    });
    lines.extend(commit);
    if let Some(failure) = &entry.error {
        lines.push(failure.to_string());
        lines.extend(failure.hint.as_ref().map(|hint| format!("help: {hint}")));
    }
    lines.iter().map(|line| format!("    {}\n", plain::line(line))).collect()
}

fn field(field: &FieldChange) -> String {
    let shown = |value: &Option<FieldValue>| match value {
        Some(value) => value.text().into_owned(),
        None => "not set".into(),
    };
    format!("{}: {} → {}", field.field, shown(&field.before), shown(&field.after))
}

fn summary(audit: &Audit) -> String {
    let count = counted(audit.entries.len(), "change");
    match audit.limited {
        true => format!("The last {count} of {}; --limit shows more.", audit.cluster),
        false => format!("{count} of {}.", audit.cluster),
    }
}
