//! Dead letters one by one.

use serde::Serialize;

use super::unjudged::unjudged;
use crate::dlq::{Form, Queue, ShownPart, ShownRecord, ShownSchema, Unjudged};
use crate::model::{about_bytes, counted};
use crate::ports::Failure;
use crate::render::json::to_json;
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::paint::Paint;
use crate::render::{Style, View, plain};
use crate::schema::text::pretty;

/// Dead letters.
#[derive(Debug, Serialize)]
pub struct ShowDocument {
    format_version: u32,
    cluster: String,
    topic: String,
    /// Why the schema registry could not be asked.
    registry_failure: Option<String>,
    /// Of which records `--where` had no answer.
    unjudged: Unjudged,
    records: Vec<ShownRecord>,
}

impl ShowDocument {
    /// Of a queue on a cluster. `lost` is why its registry could not be asked.
    pub fn of(
        queue: &Queue,
        cluster: &str,
        records: Vec<ShownRecord>,
        unjudged: Unjudged,
        lost: Option<&Failure>,
    ) -> Self {
        Self {
            format_version: 1,
            cluster: cluster.to_owned(),
            topic: queue.topic.to_string(),
            registry_failure: lost.map(ToString::to_string),
            unjudged,
            records,
        }
    }

    fn summary(&self) -> String {
        format!("{} of {} on {} shown.", counted(self.records.len() as u64, "dead letter"), self.topic, self.cluster)
    }

    /// That schemas could not be had, and records not judged.
    fn warnings(&self) -> Vec<String> {
        let lost = self.registry_failure.as_ref().map(|failure| format!("Schemas could not be had: {failure}."));
        lost.into_iter().chain(unjudged(&self.unjudged).into_iter().map(|line| format!("{line}."))).collect()
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

/// The most of a value that stands in a text for people, in bytes.
const LONGEST: usize = 64 << 10;

/// What is said of a key or a value: a line about it, then what it holds.
fn part(part: Option<&ShownPart>) -> String {
    let Some(part) = part else { return "none".to_owned() };
    let mut about = vec![match part.bytes {
        0 => "empty".to_owned(),
        bytes => about_bytes(bytes as u64),
    }];
    about.extend(part.schema.as_ref().map(schema));
    about.extend(part.masked.then(|| "personal data is masked, --unmask shows it".to_owned()));
    about.extend(part.hidden.as_ref().map(|why| format!("not shown, for {why}; --unmask shows it")));
    let content = match &part.form {
        Form::Json(json) => {
            let mut text = pretty(json);
            if text.len() > LONGEST {
                text.truncate(text.floor_char_boundary(LONGEST));
                text.push('…');
            }
            text
        }
        Form::Text(text) | Form::Hex(text) => text.clone(),
        Form::Hidden => String::new(),
    };
    let tried = part.tried.iter().map(|tried| format!("tried {tried}"));
    let lines = std::iter::once(about.join(", ")).chain(tried).chain(Some(content.trim_end().to_owned()));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// `AVRO by schema 7`, `AVRO, taken for version 3 of orders-value, as nothing says which`.
fn schema(schema: &ShownSchema) -> String {
    let message = schema.message.as_ref().map(|message| format!(" message {message}")).unwrap_or_default();
    match &schema.taken_for {
        Some(taken) => format!("{}{message}, taken for {taken}, as nothing says which", schema.format),
        None => format!("{}{message} by schema {}", schema.format, schema.id),
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
        for warning in self.document.warnings() {
            out.push_str(&format!("{}\n", paint.doubtful(&plain::line(&warning))));
        }
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&self.document.summary()))));
        out
    }

    /// The document itself; `docs/schemas/dlq-show.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.document)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        for warning in self.document.warnings() {
            comment.push(&format!("{}\n\n", prose(&warning)), 300);
        }
        for record in &self.document.records {
            comment.push(&format!("### {}\n\n", prose(&place(record))), 300);
            let row = |(name, text): (String, String)| format!("| {} | {} |\n", code(&name), prose(&text));
            comment.section("| | |\n| --- | --- |\n", rows(record).into_iter().map(row), "\n", 300);
        }
        comment.finish()
    }
}
