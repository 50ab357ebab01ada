//! Dead letters one by one.

use serde::Serialize;

use crate::dlq::{Queue, ShownPart, ShownRecord};
use crate::model::{about_bytes, counted};
use crate::render::json::to_json;
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::paint::Paint;
use crate::render::{Style, View, plain};

/// Dead letters.
#[derive(Debug, Serialize)]
pub struct ShowDocument {
    format_version: u32,
    cluster: String,
    topic: String,
    records: Vec<ShownRecord>,
}

impl ShowDocument {
    /// Of a queue on a cluster.
    pub fn of(queue: &Queue, cluster: &str, records: Vec<ShownRecord>) -> Self {
        Self { format_version: 1, cluster: cluster.to_owned(), topic: queue.topic.to_string(), records }
    }
}

/// Some of them.
#[derive(Debug, Clone, Copy)]
pub struct ShowView<'a> {
    /// Them.
    pub document: &'a ShowDocument,
}

/// `partition 3 offset 1204, 2026-11-25T02:10:00.000Z, settled`.
fn place(record: &ShownRecord) -> String {
    let mut place = format!("partition {} offset {}", record.partition, record.offset);
    if let Some(timestamp) = record.timestamp {
        place.push_str(&format!(", {timestamp}"));
    }
    if record.settled {
        place.push_str(", settled");
    }
    place
}

/// What is said of a key or a value.
fn part(part: Option<&ShownPart>) -> String {
    let Some(part) = part else { return "none".to_owned() };
    let schema = part.schema_id.map(|id| format!(", schema {id} of the registry")).unwrap_or_default();
    match &part.content {
        Some(content) => format!("{content} ({}{schema})", about_bytes(part.bytes as u64)),
        None => format!("{}{schema}; --unmask shows it", about_bytes(part.bytes as u64)),
    }
}

fn rows(record: &ShownRecord) -> Vec<(String, String)> {
    let convention = record.convention.map_or("none that is known", |convention| convention.as_str());
    let mut rows = vec![
        ("fingerprint".to_owned(), format!("{} ({})", record.fingerprint, record.verdict)),
        ("convention".to_owned(), convention.to_owned()),
        ("key".to_owned(), part(record.key.as_ref())),
        ("value".to_owned(), part(record.value.as_ref())),
    ];
    let shown = |(name, value): &(String, Option<String>)| {
        let odd = if record.unreadable.contains(name) { " (not written as the convention says)" } else { "" };
        (name.clone(), format!("{}{odd}", value.as_deref().unwrap_or("none")))
    };
    rows.extend(record.headers.iter().map(shown));
    rows
}

impl View for ShowView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        for record in &self.document.records {
            out.push_str(&format!("{}\n", paint.bold(&place(record))));
            let rows = rows(record);
            let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(40);
            for (name, text) in rows {
                let mut lines = text.lines();
                let first = plain::line(lines.next().unwrap_or_default()).into_owned();
                out.push_str(&format!("  {:<width$}  {first}\n", plain::line(&name)));
                for line in lines {
                    out.push_str(&format!("  {:<width$}  {}\n", "", plain::line(line)));
                }
            }
            out.push('\n');
        }
        let shown = counted(self.document.records.len() as u64, "dead letter");
        let summary = format!("{shown} of {} on {} shown.", self.document.topic, self.document.cluster);
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&summary))));
        out
    }

    /// The document itself; `docs/schemas/dlq-show.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        for record in &self.document.records {
            comment.push(&format!("### {}\n\n", prose(&place(record))), 300);
            let row = |(name, text): (String, String)| format!("| {} | {} |\n", code(&name), prose(&text));
            comment.section("| | |\n| --- | --- |\n", rows(record).into_iter().map(row), "\n", 300);
        }
        comment.finish()
    }
}
